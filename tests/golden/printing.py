"""Graphs whose texts, by `debugprint` and `pp`, were recorded from real Theano.

A row is a name and the source of a function's body, which sees ``theano``, ``T`` and the inputs: scalars ``a``, ``b``,
vectors ``x``, ``y``, matrices ``m``, ``w``, float32 ``f``, integers ``i`` and ``j`` (scalars) and ``k`` (a vector), an
array ``t`` of rank 4, shared variables ``s`` (a vector) and ``u`` (a matrix), ``grad`` and ``scan``. It sets ``out``, what
is printed, and may set ``options``, those of `debugprint`. All graphs are as they were written: unoptimised.
"""

from collections import OrderedDict

import numpy as np

ROWS = OrderedDict()
for _block in """
# elementwise
square: out = x ** 2
polynomial: out = 3 * a ** 2 - b / 2 + 1
operators: out = [x + y, x - y, x * y, x / y, x // y, x % y, x ** y, -x, abs(x), k // 2, k & 1, k | 1, k ^ 1, ~k]
comparisons: out = [T.eq(x, y), T.neq(x, 0), x > y, x >= y, x < y, x <= y, T.and_(k, k), T.or_(k, k), T.isnan(x), T.isinf(x)]
unary: out = [T.exp(x), T.log(x), T.sqrt(x), T.sqr(x), T.sin(x), T.cos(x), T.tanh(x), T.sgn(x), T.floor(x), T.ceil(x), T.inv(x), T.expm1(x), T.log1p(x), T.log2(x), T.log10(x), T.erf(x), T.gammaln(x), T.arctan(x), T.deg2rad(x), T.trunc(x), T.round(x, 'half_away_from_zero')]
unary of integers: out = [T.exp(k), k / 2, T.sqrt(i), k.mean()]
binary: out = [T.maximum(x, y), T.minimum(x, y), T.arctan2(x, y), T.switch(x > 0, x, y), T.clip(x, -1, 1), T.add(x, y, x), T.mul(x, y, x)]
casts: out = [T.cast(x, 'float32'), T.cast(k, 'float64'), T.cast(x, 'int8'), T.cast(k, 'bool')]
mixed dtypes: out = f + k * x
broadcasting: out = m + x
broadcasting a scalar: out = (m * a + 1) ** b
broadcasting a column: out = m / m.sum(axis=1, keepdims=True)
several uses: z = x * y; out = z + z * T.exp(z)
named: z = x * y; z.name = 'product'; out = T.exp(z); out.name = 'result'
unnamed inputs: out = T.dvector() + T.dvector() * T.iscalar()
complex: out = [T.real(T.complex(a, b)), T.angle(T.complex(x, y)), T.conj(T.complex(x, y)), T.imag(T.complex(x, y))]
logistic: out = 1 / (1 + T.exp(-x))
# constants
constants: out = x + np.array([1., 2., 3.]) + 2.5 + T.constant(np.ones((2, 3))) + T.constant(np.arange(100.))
constant of a type: out = [T.constant(1), T.constant(1.5), T.constant(np.float32(2)), T.constant([1, 2, 3]), T.constant(np.zeros((2, 2))), T.constant(3, name='three'), T.constant(1.123456789012345678), T.constant(np.full((3, 3), 0.1234567890123))]
constant far: out = x[:1] + T.constant(np.arange(30).reshape(5, 6))
zeros and ones: out = [T.zeros_like(x), T.ones_like(m), T.zeros((2, 3)), T.ones((i, 2)), T.fill(x, a), T.eye(3), T.identity_like(m)]
# axes
transpose: out = T.dot(m.T, m)
shuffles: out = [x.dimshuffle('x', 0), x.dimshuffle(0, 'x'), m.dimshuffle(1, 'x', 0), a.dimshuffle('x', 'x'), T.addbroadcast(m, 0), T.unbroadcast(m, 0), m.swapaxes(0, 1), T.shape_padleft(x), T.shape_padright(x, 2), T.patternbroadcast(m, (True, False))]
reshapes: out = [m.reshape((6,)), m.reshape((-1, 2)), x.reshape((i, j)), m.flatten(), m.ravel(), x.reshape((2, 3), ndim=2)]
flattened: out = t.flatten(2)
shapes: out = [x.shape, x.shape[0], m.shape[1], m.size, T.shape(m), m.shape[0] * m.shape[1], T.specify_shape(x, (3,))]
joins: out = [T.join(0, x, y), T.concatenate([m, w], axis=1), T.stack([x, y]), T.stack([a, b]), T.vertical_stack(m, w), T.stack([x, y], axis=1)]
join of an axis: out = T.join(i, m, w)
splits: out = T.split(x, [1, 2], 2)
tiles: out = [T.tile(x, 2), T.repeat(x, 2)]
allocations: out = [T.alloc(a, 2, i), T.alloc(0., i, j), T.arange(i), T.arange(0, 10, 2), T.arange(i, j)]
# reductions
sums: out = [x.sum(), m.sum(0), m.sum(axis=1), t.sum(axis=(0, 2)), m.sum(axis=-1), f.sum(), k.sum(), m.sum(dtype='float32'), m.sum(acc_dtype='float64')]
products: out = [x.prod(), m.prod(0), T.prod(m, no_zeros_in_input=True)]
means: out = [m.mean(), m.mean(0), f.mean(), k.mean()]
variances: out = [m.var(), m.std(1)]
extremes: out = [x.max(), m.max(0), m.min(), m.min(1), m.argmax(), m.argmax(1), m.argmin(0), T.max_and_argmax(m, 1)[0], T.ptp(x)]
truths: out = [(x > 0).any(), (m > 0).all(0)]
norms: out = [x.norm(2), m.norm(1, axis=0)]
cumulative: out = [T.cumsum(x), T.cumprod(m, 1)]
differences: out = T.extra_ops.diff(x)
sorts: out = [T.sort(x), T.argsort(x), T.sort(m, 0)]
# products
dot: out = T.dot(m, x) + T.dot(x, y)
dots: out = [T.dot(m, w), T.dot(x, m), T.batched_dot(t[0], t[0]), T.dot(x, y), T.dot(x, a), T.dot(m, w.T)]
outer products: out = [T.outer(x, y), T.tensordot(m, w, axes=1)]
layer: out = T.tanh(T.dot(m, u) + s)
linear algebra: out = [T.nlinalg.matrix_inverse(m), T.nlinalg.det(m), T.nlinalg.svd(m)[1], T.slinalg.cholesky(m), T.slinalg.solve(m, x), T.nlinalg.qr(m)[0], T.nlinalg.eigh(m)[0], T.nlinalg.pinv(m)]
diagonals: out = [T.nlinalg.trace(m), T.diag(x), T.diag(m)]
# indexing
slices: out = [x[1:3], x[:i], x[i:], x[::-1], x[-1], x[0], m[1], m[:, 1], m[::2, 1:], m[1:3, i], x[i:j:2], x[i - 1], m[..., 0], x[None, :], m[:, None, 1]]
index of two integers: out = m[i, j]
slices of other integers: out = x[T.iscalar('n'):T.bscalar('o')]
advanced: out = [x[k], m[k], m[k, k], x[[0, 2]], m[:, k], x[(x > 0).nonzero()], m[T.arange(m.shape[0]), k], x.take(k), T.take(m, k, axis=1)]
nonzero: out = [T.nonzero(x)[0], x.nonzero_values(), T.flatnonzero(m)]
sets: out = [T.set_subtensor(x[1:3], 0), T.set_subtensor(x[i], a), T.inc_subtensor(m[0], x), T.inc_subtensor(m[:, 1], 1), T.set_subtensor(x[k], y), T.inc_subtensor(m[k], 1.), T.set_subtensor(m[k, k], 0), T.inc_subtensor(m[k, k], x)]
set in place: out = T.inc_subtensor(x[1:], y, inplace=True)
# neural networks
softmax: out = T.nnet.softmax(m)
nnet: out = [T.nnet.sigmoid(x), T.nnet.softplus(x), T.nnet.relu(x), T.nnet.relu(x, 0.1), T.nnet.softmax(x), T.nnet.elu(x), T.nnet.logsoftmax(m)]
quick sigmoids: out = [T.nnet.hard_sigmoid(x), T.nnet.ultra_fast_sigmoid(x)]
costs: out = [T.nnet.binary_crossentropy(x, y), T.nnet.categorical_crossentropy(m, w)]
costs of classes: out = [T.nnet.categorical_crossentropy(m, k), T.nnet.crossentropy_softmax_argmax_1hot_with_bias(m, x, k)[0]]
softmax regression: p = T.nnet.softmax(T.dot(m, u) + s); out = -T.mean(T.log(p)[T.arange(k.shape[0]), k])
convolution: out = T.nnet.conv2d(t, T.tensor4('filters'), border_mode='half', subsample=(2, 2))
convolution of known shapes: out = T.nnet.conv2d(t, T.tensor4('filters'), input_shape=(None, 3, 8, 8), filter_shape=(4, 3, 2, 2))
pooling: out = T.signal.pool.pool_2d(t, (2, 2), ignore_border=True)
batch normalisation: out = T.nnet.bn.batch_normalization(m, x, y, x, y)
# gradients
gradient of a square: out = grad(a ** 2, a)
gradient of a sum: out = grad((x ** 3).sum(), x)
gradient of a product: out = grad(T.dot(x, y), [x, y])
gradient of broadcasting: out = grad((m * x).sum(), x)
gradient of functions: out = [grad(T.log(a), a), grad(abs(a), a), grad(T.sin(a), a), grad(T.cos(a), a), grad(T.sqr(a), a), grad(T.log1p(a), a), grad(-a, a), grad(a * b + 2, a), grad(a - b, b), grad(a / b, a), grad(T.maximum(a, b), a), grad(T.nnet.softplus(a), a)]
gradient of a choice: out = [grad(T.switch(a > b, a, b), a), grad(T.clip(a, 0, 1), a), grad(T.minimum(a, b), b)]
gradient that needs the result: out = [grad(T.exp(a), a), grad(T.tanh(a), a), grad(T.sqrt(a), a), grad(T.nnet.sigmoid(a), a)]
gradients of another form: out = [grad(a / b, b), grad(T.erf(a), a), grad(T.inv(a), a)]
gradient with a name: c = (x ** 2).sum(); c.name = 'c'; out = grad(c, x)
gradient of a dot: out = grad(T.dot(m, w).sum(), [m, w])
gradient of a matrix and a vector: out = grad(T.dot(m, x).sum(), [m, x])
gradient of a power: out = [grad(a ** b, a), grad(a ** 2.5, a)]
gradient of a mean: out = grad(m.mean(), m)
gradient of axes: out = grad((m.sum(0) * x).sum(), m)
gradient of a maximum: out = grad(m.max(axis=0).sum(), m)
gradient of a slice: out = grad((x[1:] ** 2).sum(), x)
gradient of an index: out = grad(m[k].sum(), m)
gradient of a join: out = grad((T.join(0, x, y) ** 2).sum(), x)
gradient of a reshape: out = grad((m.reshape((6,)) ** 2).sum(), m)
gradient of a layer: out = grad(T.tanh(T.dot(m, u) + s).sum(), [u, s])
gradient of softmax: out = grad(T.nnet.softmax(m)[0, 0], m)
gradient of softmax regression: p = T.nnet.softmax(T.dot(m, u) + s); out = grad(-T.mean(T.log(p)[T.arange(k.shape[0]), k]), [u, s])
gradient of logistic regression: p = 1 / (1 + T.exp(-T.dot(m, x) - a)); c = (-k * T.log(p) - (1 - k) * T.log(1 - p)).mean() + 0.01 * (x ** 2).sum(); out = grad(c, [x, a])
second gradient: out = grad(grad(a ** 3, a), a)
consider constant: out = grad((x * theano.gradient.disconnected_grad(x)).sum(), x)
# Ops with graphs inside
branch: out = theano.ifelse.ifelse(T.gt(a, b), x, y)
loop: out = scan(lambda p, v: p * v, outputs_info=T.ones_like(x), non_sequences=x, n_steps=4)[0]
last step of a loop: out = scan(lambda p, v: p * v, outputs_info=T.ones_like(x), non_sequences=x, n_steps=i)[0][-1]
map: out = theano.map(lambda v: v ** 2, x)[0]
two loops: out = [scan(lambda v: v + 1, x)[0], scan(lambda v, p: v * p, y, a)[0]]
loop in a loop: out = scan(lambda r: scan(lambda v: v * 2, r)[0], m)[0]
until: out = scan(lambda p: (p * 2, theano.scan_module.until(p > b)), outputs_info=a, n_steps=9)[0]
jacobian: out = theano.gradient.jacobian(x ** 2, x)
graph Op: out = theano.OpFromGraph([a, b], [a + b, a * b])(x.sum(), b)
# others
shared: out = s + u.sum(0)
# options
types: out = T.exp(m + x) * a; options = dict(print_type=True)
types of shared: out = s + 1; options = dict(print_type=True)
ids as integers: out = [x + y, (x + y) * a]; options = dict(ids='int')
no ids: out = x * (y + x); options = dict(ids='')
depth: out = T.exp(m + x) * (a - b); options = dict(depth=2)
depth of one: out = T.exp(m + x) * (a - b); options = dict(depth=1)
depth in shared parts: z = T.exp(x); out = T.log(T.tanh(z)) + z; options = dict(depth=3)
stop on name: z = x * y; z.name = 'z'; out = T.exp(z) + 1; options = dict(stop_on_name=True)
several outputs: z = T.exp(x); out = [z, z + 1, z]
done: z = T.exp(x); options = dict(done=dict()); theano.printing.debugprint(z, file='str', **options); out = z + 1
many nodes: out = sum([x * v for v in range(30)], x)
node: out = (x + y).owner
a graph: out = FunctionGraph([x, y], [x + y, T.exp(x * y)])
clients in a graph: z = T.exp(x); out = FunctionGraph([x, y], [z + z * y, z - 1]); options = dict(print_clients=True)
a function: z = T.dot(m, x); out = theano.function([m, x], [T.exp(z), z[0]], mode=theano.Mode(linker='py', optimizer=None))
used ids: z = T.exp(x); options = dict(used_ids=dict()); theano.printing.debugprint(z, file='str', **options); out = z + y
clients: out = [T.exp(x), T.exp(x) + y]; options = dict(print_clients=True)
""".strip().splitlines():
    if not _block.startswith("#"):
        _name, _source = _block.split(": ", 1)
        ROWS[_name] = _source


def _inputs(theano, T):
    s = theano.shared(np.zeros(3), name="s")
    u = theano.shared(np.zeros((2, 3)), name="u")
    return {
        "FunctionGraph": getattr(theano, "gof", theano).FunctionGraph, "np": np, "theano": theano, "T": T, "grad": T.grad, "scan": theano.scan, "s": s, "u": u,
        "a": T.dscalar("a"), "b": T.dscalar("b"), "x": T.dvector("x"), "y": T.dvector("y"), "m": T.dmatrix("m"),
        "w": T.dmatrix("w"), "f": T.fvector("f"), "i": T.lscalar("i"), "j": T.lscalar("j"), "k": T.lvector("k"),
        "t": T.dtensor4("t"),
    }  # fmt: skip


def evaluate(source, theano, T):
    """What `debugprint` and, for Variables, `pp` print, and how the first Variable is described."""
    scope = _inputs(theano, T)
    exec(source, scope)
    out = scope["out"]
    found = {"debugprint": theano.printing.debugprint(out, file="str", **scope.get("options", {}))}
    variables = out if isinstance(out, list) else [out] if hasattr(out, "owner") else []
    if "options" not in scope:
        found["pp"] = [theano.pp(v) for v in variables]
        describe = theano.printing.min_informative_str, theano.printing.var_descriptor
        found["descriptions"] = [f(v) for v in variables[:1] for f in describe]
    return found
