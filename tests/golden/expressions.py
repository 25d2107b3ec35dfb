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
    "gamma",
    "gammaln",
    "psi",
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
        elif dtype in (f8, f4):
            values.append(np.asarray(rng.uniform(-1.4, 1.4, size=shape), dtype))
        elif dtype in (u1, b1):
            values.append(np.asarray(rng.randint(0, 5 if dtype == u1 else 2, size=shape), dtype))
        else:
            values.append(np.asarray(rng.randint(-3, 4, size=shape), dtype))
    return values


def evaluate(row, theano, T):
    """Value, dtype and broadcast pattern of a row, and the gradients by its float inputs; or the error's name."""
    source, specs = row
    inputs = [T.TensorType(dtype, (False,) * len(shape))(name) for (dtype, shape), name in zip(specs, "abc")]
    names = dict(zip("abc", inputs), T=T)
    try:
        with np.errstate(all="ignore"):
            out = T.as_tensor_variable(eval(source, names))
            wrt = [v for v in inputs if v.dtype in (f8, f4)]
            outputs = [out]
            if wrt and out.dtype in (f8, f4):
                weights = 1 + T.arange(out.size).reshape(out.shape, out.ndim) % 3
                outputs += T.grad((out * T.cast(weights, out.dtype)).sum(), wrt, disconnected_inputs="ignore")
            function = theano.function(inputs, outputs, on_unused_input="ignore")
            results = function(*values_of(row))
    except Exception as error:  # the name is what is recorded
        return {"error": type(error).__name__}
    pattern = [bool(b) for b in out.broadcastable]
    return {"dtype": str(out.dtype), "broadcastable": pattern, "results": [np.asarray(r) for r in results]}
