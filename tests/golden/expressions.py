"""Expressions whose values, dtypes, broadcast patterns and gradients were recorded from real Theano.

A row is (source of the expression, dtypes and shapes of its inputs). The source sees ``T`` and the inputs ``a``, ``b``,
``c``; the same text is evaluated with Theano's ``T`` and with tx's. Inputs are deterministic: see `values_of`.
"""

import zlib

import numpy as np

f8, f4, i8, i4, i1, u1, b1, z = "float64", "float32", "int64", "int32", "int8", "uint8", "bool", "complex128"

#: unary functions of floats, all on the same three kinds of input
UNARY = [
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "exp2",
    "expm1",
    "log2",
    "log10",
    "log1p",
    "ceil",
    "floor",
    "trunc",
    "sqr",
    "abs_",
    "sgn",
    "inv",
    "neg",
    "erf",
    "erfc",
    "deg2rad",
    "rad2deg",
    "nnet.sigmoid",
    "nnet.softplus",
]
BINARY = ["a+b", "a-b", "a*b", "a/b", "a//b", "a%b", "T.maximum(a,b)", "T.minimum(a,b)", "T.arctan2(a,b)"]
PAIRS = [(f8, f8), (f4, f8), (i4, f4), (i1, u1), (i8, i4), (u1, u1), (i1, i1), (b1, i1)]

ROWS = []
for _name in UNARY:
    for _dtype in (f8, f4, i4, i1):
        ROWS.append(("T.%s(a)" % _name, [(_dtype, (5,))]))
# At negative numbers Theano's C code gives 0 for psi, which scipy does not; at the poles scipy has changed.
for _name in ("gamma", "gammaln", "psi"):
    for _dtype in (f8, f4, i4, i1):
        ROWS.append(("T.%s(abs(a)+1)" % _name, [(_dtype, (5,))]))
for _source in BINARY:
    for _x, _y in PAIRS:
        if (_source == "a-b" and _x == _y == b1) or (_source == "a/b" and _x == b1):
            continue
        ROWS.append((_source, [(_x, (2, 3)), (_y, (3,))]))
ROWS += [
    (source, specs)
    for specs, sources in [
        (
            [(f8, (3, 4))],
            "a.sum() a.sum(axis=0) a.sum(axis=-1,keepdims=True) a.prod(axis=1) a.mean() a.mean(axis=0) a.var(axis=1) "
            "a.std() a.max(axis=0) a.min() a.argmax(axis=1) a.argmin() T.ptp(a,axis=0) a.norm(2) a.T a.flatten() "
            "a.reshape((4,3)) a.reshape((-1,2)) a.dimshuffle(1,'x',0) a[1] a[-1] a[1:] a[::-1] a[:,1:3] a[::2,::-2] "
            "a[[2,0,0]] a[[0,1],[3,2]] a[:,[1,1]] a[1:,[0,3]] a[[0,2],1:] T.set_subtensor(a[1],5.) "
            "T.set_subtensor(a[[0,2]],a[:2]) T.inc_subtensor(a[:,1],1.) T.inc_subtensor(a[[0,0]],a[1:]) "
            "T.nnet.softmax(a) T.nnet.relu(a) T.nnet.elu(a) T.nnet.hard_sigmoid(a) T.nnet.softsign(a) a**2 a**0.5 "
            "a**-1 2**a a*2 a*0.5 a+1j abs(a) -a a.clip(-0.5,0.5) T.switch(a>0,a,0) T.dot(a,a.T) T.dot(a,a[0]) "
            "T.dot(a[0],a[1]) T.outer(a[0],a[1]) T.tensordot(a,a,[[0],[0]]) T.concatenate([a,a],axis=1) "
            "T.stack([a,a],axis=1) T.stack([a[0],a[1]]) T.zeros_like(a) T.ones_like(a) T.alloc(a[0],3,4) a.repeat(2) "
            "a.repeat(2,axis=0) T.tile(a,(2,1)) T.tile(a,(1,2)) T.roll(a,1,axis=0) T.shape_padleft(a) "
            "T.shape_padright(a) a.shape a.size a.shape[0] T.extra_ops.to_one_hot(T.arange(3),4) a.zeros_like() "
            "T.nnet.softmax(a[0]) T.log(T.nnet.softmax(a)) T.log(T.nnet.sigmoid(a)) T.log(1-T.nnet.sigmoid(a)) "
            "T.log(1+T.exp(a)) T.nnet.binary_crossentropy(T.nnet.sigmoid(a),0.3) a.take([0,2],axis=1) "
            "a.swapaxes(0,1) a.diagonal() T.any(a>0) T.all(a>-9) T.cast(a,'int32') T.cast(a,'float32') "
            "T.nnet.categorical_crossentropy(T.nnet.softmax(a),[0,1,3]) T.eye(3) T.arange(3) T.arange(0,6,2) "
            "T.arange(2.5) a.nonzero()[0] T.nonzero_values(a) T.sqr(a).sum(axis=[0,1]) T.identity_like(a) "
            "T.batched_dot(a,a) T.join(0,a,a) T.max_and_argmax(a,axis=1)[0] T.unbroadcast(T.shape_padleft(a),0)",
        ),
        (
            [(f4, (2, 3, 4))],
            "a.sum() a.mean() a.mean(axis=(0,2)) a.var() a.sum(axis=1) a.max(axis=(0,1)) a.argmax(axis=1) "
            "a.transpose(2,0,1) a.flatten(2) a[...,0] a[0,...,1] a[:,None,1] a[[0,1],:,[1,3]] a[0,:,[1,3]] "
            "a[:,[0,2]] a[1:,:,::2] a*0.1 a*0.5 a/2 a//2 a**2 abs(a)**2.5 T.nnet.sigmoid(a) a+1 T.dot(a,a[0].T) "
            "T.tensordot(a,a,[[0,1],[0,1]]) T.inc_subtensor(a[:,[0,0]],1) T.set_subtensor(a[0,1:],0) a.prod(axis=0) "
            "a.astype('float64').sum() T.sum(a,dtype='float64') a.norm(1) T.shape_padaxis(a,1)",
        ),
        (
            [(i4, (6,))],
            "a.sum() a.prod() a.mean() a.max() a.min() a.argmax() a//2 a%3 a/2 a/2. a**2 -a abs(a) a>>1 a&3 a|1 a^2 ~a "
            "a+1 a+300 a*0.5 T.eq(a,1) a>0 T.sgn(a) a.clip(-1,1) a[::2] a[a.argmax()] a.var() T.sqrt(a) T.exp(a) "
            "T.cast(a,'uint8') a.any() a.all() a.astype('bool') T.switch(a,1,2) T.dot(a,a) a.cumsum() a.repeat(2)",
        ),
        (
            [(u1, (4,)), (i1, (4,))],
            "a+b a-b a*b a/b T.switch(b,a,b) T.maximum(a,b) T.join(0,a,b) T.stack([a,b]) a.sum() b.sum() -a T.eq(a,b)",
        ),
        (
            [(f8, (0, 3))],
            "a.sum() a.sum(axis=0) a.prod() a.mean(axis=1) a.flatten() a[:,1] a.T a*2 T.dot(a,a.T) a.shape",
        ),
        (
            [(f8, ())],
            "a+1 a*a T.exp(a) a.sum() a.dimshuffle('x') T.stack([a,a]) a.reshape((1,)) T.alloc(a,2) a%0.3 a//0.3",
        ),
        ([(f8, (1, 3)), (f8, (2, 3))], "b+T.addbroadcast(a,0) T.concatenate([a,b]) T.dot(a,b.T)"),
        ([(z, (3,))], "a.real a.imag abs(a) a*2 a*a a.sum() T.exp(a) a.conj() a/a"),
        (
            [(z, (2, 3))],
            "T.angle(a) a.T T.dot(a,a.T) a.mean() a.prod(axis=0) T.log(a) T.sqrt(a) T.sqr(a) T.sin(a) T.cosh(a) a+1 a-1j "
            "a**2 T.conj(a).imag T.eq(a,a) a[0] a[::-1] T.concatenate([a,a.conj()]) T.real(a)*2 a.sum(axis=1) -a T.tan(a) "
            "T.sum(abs(a)**2) T.zeros_like(a) T.tanh(a) T.inv(a) a.astype('complex64') T.expm1(a) T.log1p(a)",
        ),
        (
            [(f8, (6,)), (f8, (6,))],
            "T.complex(a,b) T.complex_from_polar(abs(a),b) T.real(T.complex(a,b)) T.angle(T.complex(a,b)) "
            "T.jv(1,abs(a)) T.jv(2,b) T.iv(1,abs(a)) T.iv(0,b) T.gammainc(abs(a)+1,abs(b)) T.gammaincc(abs(a)+1,abs(b)) "
            "T.gammal(abs(a)+1,abs(b)) T.gammau(abs(a)+1,abs(b)) T.chi2sf(abs(a),3.) T.chi2sf(abs(a),abs(b)+1) "
            "T.isclose(a,b) T.isclose(a,a+1e-9) T.allclose(a,b) T.allclose(a,a) T.isclose(a,b,rtol=0.5) T.outer(a,b) "
            "T.inverse_permutation(T.cast(a*0+T.arange(6)[::-1],'int64')) T.largest(a,b,0.2) T.smallest(a,b,0.2) "
            "T.choose(T.cast(a>0,'int8'),[a,b]) T.choose(T.cast(a*9,'int64'),[a,b],mode='wrap') "
            "T.choose(T.cast(a*9,'int64'),[a,b],mode='clip') T.switch(T.lt(a,b),a,b) T.where(a>b,a,b) T.clip(a,-0.5,b) "
            "T.stacklists([[a,b],[b,a]]) T.ceil_intdiv(T.cast(a*9,'int32'),4) a.dot(b) T.tensordot(a,b,1) "
            "T.tensordot(a,b,0) T.nnet.binary_crossentropy(T.nnet.sigmoid(a),T.nnet.sigmoid(b)) T.and_(a>0,b>0) "
            "T.or_(a>0,b>0) T.xor(a>0,b>0) ~(a>0) (a>0)&(b<0) T.maximum(a,0)*b T.minimum(a,b)/2",
        ),
        (
            [(f8, (5,))],
            "T.j0(a) T.j1(a) T.i0(a) T.i1(a) T.erfinv(a/2) T.erfcinv(abs(a)) T.erfcx(a) T.tri_gamma(abs(a)+0.1) "
            "T.xlogx.xlogx(abs(a)) T.round(a*3) T.round(a*3,mode='half_away_from_zero') T.iround(a*3) a.ceil() a.floor() "
            "a.trunc() a.exp() a.sin() a.arctan() T.isnan(T.log(a)) T.isinf(1/(a*0)) T.sqrt(-abs(a)) "
            "T.log(a)/T.log(a) T.max(T.log(a)) T.min(T.log(a)) T.argmax(T.log(a)) T.sum(T.log(a)) T.maximum(T.log(a),0) "
            "T.minimum(T.sqrt(a),0) T.sgn(T.log(a)) T.exp(a*1000) T.switch(T.isnan(T.log(a)),0,a) "
            "T.clip(T.log(a),-1,1) T.eq(T.log(a),T.log(a)) abs(T.log(a)) T.cast(a*3,'int8') T.cast(a*3,'uint8') "
            "T.cast(a,'float16') T.cast(a,'complex64') T.cast(a,'bool') a.norm(1) a.norm(3) a.norm(0) "
            "a.norm(float('inf')) a.norm(-float('inf')) a.var(ddof=1) a.std(ddof=1) T.var(a) T.std(a) T.ptp(a) "
            "a[T.arange(5)[::-1]] a[-1:-6:-2] a[3:-1] a[10:] a[:-10] a[-2] a[T.argmin(a)] a.take([0,-1]) "
            "a.take([7,-9],mode='wrap') a.take([7,-9],mode='clip') T.shape_padright(a,2) T.shape_padleft(a,2) "
            "T.set_subtensor(a[[0,0]],a[2:4]) T.inc_subtensor(a[[1,1,1]],a[:3]) T.set_subtensor(a[::-1],a) "
            "T.inc_subtensor(a[1:3],2) T.set_subtensor(a[-1],0) T.roll(a,2) T.roll(a,-7) T.tile(a,2) T.tile(a,(2,1)) "
            "T.tile(a,(2,2,2)) a.repeat(3) T.repeat(a,[0,1,2,0,1]) T.stack([a,a,a],axis=-1) T.alloc(a,3,5) T.alloc(0.5,2,3) "
            "T.fill(T.outer(a,a),1.) T.diag(a) T.outer(a,a) "
            "T.eye(5)*a T.tri(3) T.tri(3,5,1) T.tri(3,2,-1,dtype='int32') T.mgrid[0:3,0:4][1] T.ogrid[0:3,0:4][0] "
            "T.mgrid[0:2:1,0:2:0.5][0] T.arange(10,0,-3) T.arange(0.,1.,0.25) T.arange(5,dtype='float32') T.arange(0) "
            "T.eye(3,4,1) T.eye(4,3,-2,dtype='int8') T.zeros((2,3)) T.ones((2,0)) T.zeros(3,dtype='int16') a.zeros_like() "
            "a.ones_like() a.fill(2) a.copy() a.ravel() a.transpose() a.T a.size a.shape[0] T.cov(T.shape_padleft(a)) "
            "a.astype('int32') a.clip(0,1) a.round() a.any() a.all() T.max_and_argmax(a)[1]",
        ),
        (
            [(i8, (7,)), (i8, (7,))],
            "a//b a%b a//3 a//-3 a%-3 a%3 3//b -3%b a/b a&b a|b a^b ~a a**2 a*b-a T.maximum(a,b) T.sqr(a) abs(a) -a "
            "T.sgn(a) T.eq(a,b) T.neq(a,b) T.lt(a,b) T.ge(a,b) T.switch(a,b,a) a.sum() a.prod() a.mean() a.max() a.argmin() "
            "T.dot(a,b) T.outer(a,b) T.exp(a) T.log(b) T.cast(a,'uint8') T.cast(a,'float32')/b a*0.5 a+0.1 a*1e10 2**abs(a) "
            "T.true_div(a,b) T.int_div(a,b) T.mod(a,b) T.clip(a,b,b+2) a[b] a[abs(b)] a[[1,2]] T.inc_subtensor(a[b],1) "
            "T.set_subtensor(a[1:],0) T.bitwise_and(a,b) T.bitwise_not(a) T.join(0,a,b) T.stack([a,b],axis=1) a.std()",
        ),
        (
            [(f4, (2, 1, 3, 2))],
            "a.sum() a.sum(axis=(1,3)) a.sum(axis=-2) a.mean(axis=[0,-1]) a.max(axis=(0,2),keepdims=True) a.var(axis=2) "
            "a.min(axis=-1) a.argmax(axis=2) a.argmin(axis=-1) a.prod(axis=3) a.any(axis=1) a.all(axis=0) a.flatten(3) "
            "a.flatten(2) a.reshape((2,-1)) a.reshape((1,2,6)) a.transpose(3,2,1,0) a.dimshuffle(3,'x',0,2,1) a.swapaxes(0,3) "
            "T.addbroadcast(a,1).squeeze() T.addbroadcast(a,1).dimshuffle(0,2,3) T.patternbroadcast(a,(0,1,0,0)) "
            "T.addbroadcast(a,1)+a[:,0] a[0] a[...,0] a[:,:,::-1] a[1,0,:,1] a[:,0,[0,2]] a[[0,1],0,[1,2]] a[:,[0,0]] "
            "a[...,None] a[:,None] T.tensordot(a,a,[[2,3],[2,3]]) T.tensordot(a,a,2) T.dot(a,a[0,0].T) "
            "T.batched_tensordot(a,a,[[2],[2]]) T.concatenate([a,a],axis=-1) T.stack([a,a],axis=2) T.shape_padaxis(a,-1) "
            "T.set_subtensor(a[:,0,1],0.5) T.inc_subtensor(a[...,[0,0]],1.) T.tile(a,(1,2,1,1)) a.repeat(2,axis=2) "
            "T.roll(a,1,axis=2) T.sum(a,axis=0,dtype='float64') T.sum(a,acc_dtype='float32') a.norm(2,axis=3) T.ptp(a,axis=2)",
        ),
        (
            [(f8, (2, 1, 2, 1, 3))],
            "a.sum(axis=(0,2,4)) a.max(axis=-1) a.flatten() a.flatten(2) a.T a[1] a[...,-1] a[:,0,:,0] a.mean() "
            "a.transpose(4,3,2,1,0) a.reshape((4,3)) a*a[...,:1].sum() a.argmax(axis=-1) T.exp(a).sum(axis=[1,3])",
        ),
        (
            [(f8, (3, 0, 2))],
            "a.sum() a.sum(axis=1) a.prod(axis=1) a.mean(axis=0) a.any() a.all() a.flatten() a.T a*2 a[0] a[:,:,1] T.exp(a) "
            "T.concatenate([a,a],axis=1) a.reshape((0,6)) T.zeros_like(a) a.max(axis=0) a.argmax(axis=2) a.shape a.size "
            "T.stack([a,a]) a.repeat(2,axis=0) a.dimshuffle(1,0,2) T.tensordot(a,a,[[1],[1]]) a.sum(axis=(0,1)) a.norm(2)",
        ),
        (
            [(f8, (3, 3))],
            "T.diag(a) T.diag(a,1) a.diagonal() T.tril(a) T.triu(a) T.tril(a,-1) T.triu(a,1) T.tril(a,1) T.triu(a,-1) "
            "T.identity_like(a) T.cov(a) T.cov(a,rowvar=False) T.cov(a,bias=True) T.dot(a,a).T a.dot(a[0]) T.outer(a,a[0]) "
            "T.permute_row_elements(a,[2,0,1]) T.permute_row_elements(a,[2,0,1],inverse=1) T.batched_dot(a,a) a[a[0].argmax()] "
            "T.nonzero(a>0)[1] T.nonzero_values(a) T.flatnonzero(a>0) a[T.nonzero(a>0)] T.set_subtensor(a[T.nonzero(a>0)],0) "
            "T.choose([0,2,1],a) a.sum(axis=0)/a.sum() T.horizontal_stack(a,a) T.vertical_stack(a,a) T.split(a,[1,2],2,1)[1] "
            "T.specify_shape(a,(3,3)) T.reshape(a,[9]) T.max_and_argmax(a,axis=0)[0] a.take([2,0],axis=0) a.T[1:]",
        ),
        (
            [("float16", (4,))],
            "a+1 a*0.5 a*2 a.sum() a.mean() T.exp(a) a.max() a/3 a**2 T.cast(a,'float32') a.prod() T.sqrt(abs(a)) a.norm(2)",
        ),
        (
            [("uint16", (4,)), ("int16", (4,))],
            "a+b a-b a*b a/b a//(b*b+1) a%(b*b+1) a+1 b+1 a+40000 b-70000 a.sum() b.sum() T.maximum(a,b) a*1.5 b*1.5 a/2 "
            "T.exp(a) T.sqrt(b*b) a&b a^b ~a ~b T.cast(b,'uint16') T.join(0,a,b) a.mean() b.prod() -b T.sgn(b) abs(b)",
        ),
    ]
    for source in sources.split()
    if not any(word in source for word in (">>", "cumsum"))
]


def values_of(row):
    """The inputs of a row: numbers around 0 (integers: -3 to 3), from a generator seeded by the row's text."""
    source, specs = row
    rng = np.random.RandomState(zlib.crc32(repr(row).encode()) % 2**31)
    values = []
    for dtype, shape in specs:
        if dtype == z:
            values.append(rng.randn(*shape) + 1j * rng.randn(*shape))
        elif dtype.startswith("float"):
            values.append(np.asarray(rng.uniform(-1.4, 1.4, size=shape), dtype))
        elif dtype in (u1, b1, "uint16"):
            values.append(np.asarray(rng.randint(0, 2 if dtype == b1 else 5, size=shape), dtype))
        else:
            values.append(np.asarray(rng.randint(-3, 4, size=shape), dtype))
    return values


def evaluate(row, theano, T):
    """Value, dtype and broadcast pattern of a row, and the gradients by its float inputs; or the errors' names."""
    source, specs = row
    inputs = [T.TensorType(dtype, (False,) * len(shape))(name) for (dtype, shape), name in zip(specs, "abcdef")]
    names = dict(zip("abcdef", inputs), T=T)
    try:
        with np.errstate(all="ignore"):
            out = T.as_tensor_variable(eval(source, names))
            wrt = [v for v in inputs if v.dtype in (f8, f4)]
            outputs, refused = [out], None
            if wrt and out.dtype in (f8, f4):
                weights = 1 + T.arange(out.size).reshape(out.shape, out.ndim) % 3
                try:
                    outputs += T.grad((out * T.cast(weights, out.dtype)).sum(), wrt, disconnected_inputs="ignore")
                except Exception as error:
                    refused = type(error).__name__
            function = theano.function(inputs, outputs, on_unused_input="ignore")
            results = function(*values_of(row))
    except Exception as error:  # the name is what is recorded
        return {"error": type(error).__name__}
    pattern = [bool(b) for b in out.broadcastable]
    found = {"dtype": str(out.dtype), "broadcastable": pattern, "results": [np.asarray(r) for r in results]}
    return dict(found, no_gradient=refused) if refused else found
