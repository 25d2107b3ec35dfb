"""Derivatives recorded from real Theano: gradients at awkward points, R- and L-operators, Jacobians and Hessians.

A row is (what is computed, source of the expression, inputs). An input is (dtype, shape), and then filled as the rows of
``expressions.py`` are, or a list of numbers: float64. The source sees ``T``, ``G`` (theano.gradient) and ``a``, ``b``, ``c``.

- ``grad``: of the sum of all elements, each weighted
- ``second``: the gradient of the sum of the squared elements of that gradient
- ``Rop``: with a tangent for each float input
- ``Lop``: with a gradient for each element
- ``jacobian``: of the flattened expression
- ``hessian``: of the sum of its weighted elements
"""

import numpy as np
from expressions import UNARY, f4, f8, values_of, z  # noqa: F401

V, V2, M, M2 = [(f8, (4,))], [(f8, (4,)), (f8, (4,))], [(f8, (2, 3))], [(f8, (2, 3)), (f8, (2, 3))]

#: expressions that Theano has R-operators for
LINEAR = (
    "a a+b a-b a*b a*2 a/(b*b+1) b/(a*a+1) -a a**2 a**3 (a*a+1)**b T.sum(a) T.sum(a*b) T.mean(a) T.dot(a,b) T.outer(a,b) a[1:] "
    "a[::-1] a[[0,2,2]] T.concatenate([a,b]) T.stack([a,b*2]) T.inc_subtensor(a[1:],b[:3]) T.set_subtensor(a[:2],b[2:]) "
    "a.reshape((2,2)) a.dimshuffle('x',0) T.alloc(a[0],3) T.switch(a>0,a*b,b) T.maximum(a,b) T.minimum(a,b) T.clip(a,-0.5,0.5) "
    "abs(a) T.nnet.softmax(a) T.exp(a*b).sum() T.zeros_like(a)*b a.norm(2) T.var(a) T.sqr(a).sum()*b a.dot(a)*a T.tile(a,2)"
).split()
MATRICES = (
    "a a*b T.dot(a,b.T) T.dot(a.T,b) a.T a.sum(axis=0) a.sum(axis=1) a.mean(axis=0) a.max(axis=1) a.min(axis=0) a.flatten() "
    "T.nnet.softmax(a) T.log(T.nnet.softmax(a)) a[0] a[:,1] a[1,::2] a[[0,1],[2,0]] T.dot(a,b[0]) T.dot(b[:,0],a) "
    "T.tensordot(a,b,[[0],[0]]) T.concatenate([a,b],axis=1) a.dimshuffle(1,'x',0) a+b[0] a*T.addbroadcast(b[:,:1],1) T.sqr(a).sum(axis=0) "
    "T.nnet.sigmoid(T.dot(a,b.T)) T.tanh(a)*T.exp(b) a.reshape((3,2)) T.nnet.softplus(a*b) T.inc_subtensor(a[:,0],b[:,1]) "
    "a.std(axis=1) T.dot(a.T,T.nnet.relu(b)) a.norm(2,axis=0)"
).split()
#: and such as it has none for: gradients only
OTHERS = (
    "T.prod(a) T.sort(a) T.cumsum(a) T.cumprod(a) T.diag(a) T.extra_ops.diff(a) T.repeat(a,2) T.batched_dot(a.reshape((2,2)),"
    "b.reshape((2,2))) T.roll(a,1) T.slinalg.kron(T.outer(a,b),T.outer(b,a)) T.triu(T.outer(a,b))"
).split()

#: what was recorded at points where a derivative jumps, is infinite, or is multiplied by zero
AWKWARD = [
    ("abs(a)", [[0.0, -1.0, 2.0, -0.0]]),
    ("T.sqrt(abs(a))", [[0.0, 1.0, 4.0]]),
    ("T.sqrt(a)", [[0.0, 1.0, 4.0]]),
    ("T.sqrt(a**2)", [[0.0, -2.0, 3.0]]),
    ("T.sqr(a)", [[0.0, -2.0]]),
    ("T.sgn(a)", [[0.0, -2.0]]),
    ("a**b", [[0.0, 0.0, 2.0, 2.0], [1.0, 2.0, 0.0, -1.0]]),
    ("a**0", [[0.0, 1.0]]),
    ("a**1", [[0.0, 1.0]]),
    ("a**2", [[0.0, 1.0]]),
    ("a**0.5", [[0.0, 4.0]]),
    ("a**-1", [[1.0, -2.0]]),
    ("2**a", [[0.0, -1.0]]),
    ("0**abs(a)", [[0.0, 2.0]]),
    ("(-2)**a", [[2.0, 3.0]]),
    ("T.max(a)", [[1.0, 3.0, 3.0]]),
    ("T.min(a)", [[1.0, 1.0, 3.0]]),
    ("T.max(a,axis=1)", [[[1.0, 1.0], [2.0, 3.0]]]),
    ("T.max(a,axis=0)", [[[1.0, 1.0], [1.0, 3.0]]]),
    ("T.max(a)-T.min(a)", [[2.0, 2.0]]),
    ("T.ptp(a)", [[2.0, 2.0, 1.0]]),
    ("T.prod(a)", [[1.0, 2.0, 3.0]]),
    ("T.prod(a)", [[0.0, 2.0, 3.0]]),
    ("T.prod(a)", [[0.0, 0.0, 3.0]]),
    ("T.prod(a,axis=1)", [[[1.0, 2.0], [0.0, 2.0], [0.0, 0.0]]]),
    ("T.prod(a,axis=0)", [[[1.0, 0.0], [2.0, 2.0]]]),
    ("T.prod(a,no_zeros_in_input=True)", [[1.0, 2.0, 3.0]]),
    ("T.switch(a>0,T.log(a),0)", [[0.0, -1.0, 2.0]]),
    ("T.switch(a>0,T.sqrt(a),a)", [[0.0, -1.0, 4.0]]),
    ("T.switch(T.eq(a,0),0,1/a)", [[0.0, 2.0]]),
    ("T.clip(a,-1,1)", [[-1.0, 1.0, 0.0, 2.0, -3.0]]),
    ("T.clip(a,b,2*b)", [[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]),
    ("T.maximum(a,a)", [[1.0, 2.0]]),
    ("T.minimum(a,a)", [[1.0, 2.0]]),
    ("T.maximum(a,b)", [[1.0, 2.0, 0.0], [1.0, 1.0, 3.0]]),
    ("T.minimum(a,b)", [[1.0, 2.0, 0.0], [1.0, 1.0, 3.0]]),
    ("T.maximum(a,0)", [[0.0, 1.0, -1.0]]),
    ("T.nnet.relu(a)", [[0.0, 1.0, -1.0]]),
    ("T.nnet.relu(a,0.1)", [[0.0, 1.0, -1.0]]),
    ("T.nnet.elu(a)", [[0.0, 1.0, -1.0]]),
    ("T.nnet.hard_sigmoid(a)", [[0.0, 2.0, -2.0, 9.0]]),
    ("a.norm(2)", [[3.0, 4.0]]),
    ("a.norm(2)", [[0.0, 0.0]]),
    ("a.norm(1)", [[0.0, -2.0]]),
    ("a.std()", [[1.0, 1.0]]),
    ("a.var()", [[1.0, 1.0]]),
    ("a/b", [[1.0, 0.0], [2.0, 1.0]]),
    ("a/a", [[1.0, 3.0]]),
    ("a*b/a", [[1.0, 3.0], [2.0, 0.0]]),
    ("a%b", [[5.0, -5.0, 4.0], [3.0, 3.0, 2.0]]),
    ("a//b", [[5.0, -5.0, 4.0], [3.0, 3.0, 2.0]]),
    ("T.floor(a)", [[1.0, 1.5]]),
    ("T.ceil(a)", [[1.0, 1.5]]),
    ("T.round(a)", [[0.5, 1.5]]),
    ("T.trunc(a)", [[1.0, -1.5]]),
    ("T.arctan2(a,b)", [[0.0, 1.0], [1.0, 0.0]]),
    ("T.log1p(a)", [[0.0, 1e-20]]),
    ("T.expm1(a)", [[0.0, 1e-20]]),
    ("T.nnet.sigmoid(a)", [[-800.0, 0.0, 800.0]]),
    ("T.nnet.softplus(a)", [[-40.0, 0.0, 40.0]]),
    ("T.log(T.nnet.sigmoid(a))", [[-800.0, 0.0, 800.0]]),
    ("T.log(1-T.nnet.sigmoid(a))", [[-800.0, 0.0, 800.0]]),
    ("T.tanh(a)", [[-800.0, 0.0, 800.0]]),
    ("T.nnet.softmax(a)", [[[0.0, 900.0, 3.0]]]),
    ("T.log(T.nnet.softmax(a))", [[[0.0, 900.0, 3.0]]]),
    ("T.nnet.categorical_crossentropy(T.nnet.softmax(a),T.arange(2))", [[[0.0, 900.0], [3.0, 4.0]]]),
    ("T.nnet.categorical_crossentropy(T.nnet.softmax(a),T.eye(2))", [[[0.0, 30.0], [3.0, 4.0]]]),
    ("T.nnet.binary_crossentropy(T.nnet.sigmoid(a),b)", [[-50.0, 0.0, 50.0], [0.0, 1.0, 0.5]]),
    ("T.eq(a,b)*a", [[1.0, 2.0], [1.0, 3.0]]),
    ("T.isnan(a)*a", [[1.0, 2.0]]),
    ("(a>0)*a", [[0.0, 2.0]]),
    ("a[[0,0,1]]", [[1.0, 2.0]]),
    ("T.inc_subtensor(a[[0,0]],b)", [[1.0, 2.0], [3.0, 4.0]]),
    ("T.set_subtensor(a[[0]],b[:1])", [[1.0, 2.0], [3.0, 4.0]]),
    ("T.sort(a)", [[2.0, 1.0, 2.0]]),
    ("T.erf(a)", [[0.0, 30.0]]),
    ("T.erfc(a)", [[0.0, 5.0]]),
    ("T.real(T.exp(1j*a))", [[0.0, 2.0]]),
    ("T.imag(T.exp(1j*a))", [[0.0, 2.0]]),
    ("abs(T.complex(a,b))", [[3.0, 1.0], [4.0, -1.0]]),
    ("T.real(T.complex(a,b)*T.complex(b,a))", [[3.0, 1.0], [4.0, -1.0]]),
    ("T.imag(T.complex(a,b)**2)", [[3.0, 1.0], [4.0, -1.0]]),
    ("T.real(T.conj(T.complex(a,b))*T.complex(b,b))", [[3.0, 1.0], [4.0, -1.0]]),
    ("T.real(T.complex(a,b)/T.complex(b,a))", [[3.0, 1.0], [4.0, -1.0]]),
    ("T.cast(a,'float32')", [[1.0, 2.0]]),
    ("T.cast(a,'int32')*a", [[1.5, 2.0]]),
    ("G.grad_clip(a,-0.5,0.5)*b", [[1.0, 2.0], [3.0, 0.25]]),
    ("G.grad_scale(a,-3)*b", [[1.0, 2.0], [3.0, 0.25]]),
    ("G.zero_grad(a)*a", [[1.0, 2.0]]),
    ("G.consider_constant(a)*a", [[1.0, 2.0]]),
    ("G.disconnected_grad(a)*a", [[1.0, 2.0]]),
    ("G.zero_grad(a)", [[1.0, 2.0]]),
    ("G.disconnected_grad(a)", [[1.0, 2.0]]),
    ("G.undefined_grad(a)", [[1.0, 2.0]]),
    ("T.argmax(a)*a", [[1.0, 2.0]]),
    ("a.shape[0]*a", [[1.0, 2.0]]),
    ("T.gammaln(a)", [[1.0, 2.5]]),
    ("T.gamma(a)", [[1.0, 2.5]]),
    ("T.psi(a)", [[1.0, 2.5]]),
    ("T.xlogx.xlogx(a)", [[0.0, 1.0]]),
    ("T.inv(a)", [[1.0, -2.0]]),
]

ROWS = [("grad", source, values) for source, values in AWKWARD]
ROWS += [(kind, "T.%s(abs(a)+0.3)" % name, V) for name in UNARY for kind in ("Rop", "second")
         if not name.startswith("arc") and name != "arctanh"]  # fmt: skip
ROWS += [
    (kind, source, V2 if "b" in source.replace("abs", "") else V)
    for source in LINEAR
    for kind in ("Rop", "Lop", "jacobian")
]
ROWS += [(kind, source, M2 if "b" in source.replace("abs", "").replace("reshape", "") else M)
         for source in MATRICES for kind in ("Rop", "Lop", "jacobian")]  # fmt: skip
ROWS += [(kind, source, V2 if "b" in source.replace("abs", "") else V)
         for source in OTHERS for kind in ("Lop", "jacobian", "second")]  # fmt: skip
ROWS += [
    ("hessian", source, V2 if "b" in source.replace("abs", "") else V)
    for source in (
        "a**2 a**3 T.exp(a) T.sin(a)*a T.sqr(a).sum() a.dot(a)**2 T.log(1+T.exp(a)) T.nnet.sigmoid(a) T.tanh(a)*b T.exp(a*b) "
        "(a*b)**2 T.outer(a,a) T.outer(a,b) a.norm(2) T.sum(a) T.nnet.softmax(a) T.log(T.nnet.softmax(a)) a[1:]*a[:-1] a[0]*a a**4/12 "
        "T.nnet.softplus(a) a.var() T.prod(a,no_zeros_in_input=True) T.sqrt(1+a*a) T.cos(a).sum()*a"
    ).split()
]
ROWS += [(kind, "T.dot(a,a.T)*2", [(f4, (2, 3))]) for kind in ("grad", "Rop", "Lop", "second")]


def inputs_of(row):
    """The values of the inputs."""
    kind, source, inputs = row
    if isinstance(inputs[0], list):
        return [np.array(v) for v in inputs]
    return values_of((source, inputs))


def points_of(values):
    """Tangents for all inputs: simple fractions, all different."""
    return [
        np.asarray(np.arange(1, v.size + 1).reshape(v.shape) % 5 - 1.75, v.dtype) / (k + 1)
        for k, v in enumerate(values)
    ]


def evaluate(row, theano, T):
    """Values of what a row asks for, with dtypes and broadcast patterns; or the name of the error."""
    kind, source, _ = row
    values = inputs_of(row)
    inputs = [T.TensorType(str(v.dtype), (False,) * v.ndim)(name) for v, name in zip(values, "abc")]
    given, variables = list(values), list(inputs)
    try:
        with np.errstate(all="ignore"):
            out = T.as_tensor_variable(eval(source, dict(zip("abc", inputs), T=T, G=theano.gradient)))
            weights = T.cast(1 + T.arange(out.size).reshape(out.shape, out.ndim) % 3, out.dtype)
            cost = (out * weights).sum()
            if kind == "Rop":
                given += points_of(values)
                variables += [v.type() for v in inputs]
                found = [T.Rop(out, inputs, variables[len(inputs) :])]
            elif kind == "Lop":
                found = T.Lop(out, inputs, weights, disconnected_inputs="ignore")
            elif kind == "jacobian":
                found = T.jacobian(out.flatten() if out.ndim else out, inputs, disconnected_inputs="ignore")
            elif kind == "hessian":
                found = T.hessian(cost, inputs, disconnected_inputs="ignore")
            else:
                found = T.grad(cost, inputs)
                if kind == "second":
                    total = sum((g * g).sum() for g in found)
                    found = T.grad(total, inputs, disconnected_inputs="ignore")
            function = theano.function(variables, found, on_unused_input="ignore")
            results = function(*given)
    except Exception as error:  # the name is what is recorded
        return {"error": type(error).__name__}
    patterns = [[bool(b) for b in v.broadcastable] for v in found]
    return {"patterns": patterns, "results": [np.asarray(r) for r in results]}
