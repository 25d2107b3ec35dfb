"""Models that real Theano has pickled (`record_pickles.py`), and what each is asked once it is loaded.

A row is a name, what makes the model (only Theano runs that), and what is asked of it: arrays or texts, which must be
Theano's. The classes stand for those of users' programs; the module is imported by both sides, and by the pickles.
"""

from collections import OrderedDict

import numpy as np
import theano
import theano.tensor as T
import theano.tensor.nlinalg
import theano.tensor.nnet.neighbours
import theano.tensor.slinalg
from theano.ifelse import ifelse
from theano.sandbox.rng_mrg import MRG_RandomStreams
from theano.tensor.nnet import conv2d
from theano.tensor.signal import pool

ROWS = []


def row(ask, protocol=2):
    """Register a model with what is asked of it."""

    def register(make):
        ROWS.append((make.__name__, make, ask, protocol))
        return make

    return register


def numbers(*shape):
    """Numbers that are the same everywhere, without a pattern."""
    n = int(np.prod(shape))
    return (((np.arange(n) * 7919 + 13) % 101) / 50.0 - 1.0).reshape(shape)


def param(name, *shape):
    return theano.shared(numbers(*shape), name=name)


def run(inputs, outputs, *values, **kwargs):
    """What a function of these Variables gives."""
    done = theano.function(inputs, outputs, on_unused_input="ignore", **kwargs)(*values)
    return list(done) if isinstance(done, list) else [done]


def of_graph(model):
    """`model`: inputs, values for them, outputs."""
    inputs, values, outputs = model
    return run(inputs, outputs, *values)


# -- shared variables and types ---------------------------------------------------------------------------------------


def values_of(parameters):
    return [[p.name, str(p.type.dtype), list(p.broadcastable), p.get_value()] for p in parameters]


@row(values_of)
def shared_list():
    return [
        param("W", 3, 2),
        theano.shared(np.arange(3, dtype="float32"), name="b"),
        theano.shared(np.int64(7), name="n"),
        theano.shared(np.array([[True, False]]), name="mask", broadcastable=(True, False)),
        theano.shared(np.array([1 + 2j]), name="z"),
    ]


@row(values_of, protocol=0)
def shared_list_as_text():
    return [param("W", 2, 2), theano.shared(np.float32(0.5), name="rate")]


@row(lambda d: [list(d), *values_of(d.values()), run([], d["W"].sum() + d["b"])], protocol=4)
def shared_dict():
    return OrderedDict((n, param(n, *s)) for n, s in [("W", (2, 3)), ("b", (3,)), ("alpha", ())])


@row(lambda types: [[str(t), t.dtype, list(t.broadcastable), t().ndim] for t in types] + [types[0] == T.dmatrix])
def types():
    return [T.dmatrix, T.TensorType("float32", (True, False, True)), T.iscalar, T.col().type, T.TensorType("bool", [])]


@row(lambda m: run([m["a"], m["b"]], [m["a"] + m["b"], m["k"] * m["a"]], [1.0, 2.0], [[3.0, 4.0]]))
def loose_variables():
    a, b = T.dvector("a"), T.drow("b")
    a.tag.test_value = np.ones(2)
    return {"a": a, "b": b, "k": T.constant(3.5)}


# -- users' classes -------------------------------------------------------------------------------------------------


class LogisticRegression(object):
    def __init__(self, x, n_in, n_out):
        self.W, self.b = param("W", n_in, n_out), param("b", n_out)
        self.x = x
        self.p_y_given_x = T.nnet.softmax(T.dot(x, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]

    def cost(self, y):
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])


def ask_regression(model):
    y = T.ivector()
    cost = model.cost(y)
    grads = T.grad(cost, model.params)
    return run([model.x, y], [model.p_y_given_x, model.y_pred, cost] + grads, numbers(4, 5), np.int32([0, 1, 2, 1]))


@row(ask_regression)
def logistic_regression():
    return LogisticRegression(T.dmatrix("x"), 5, 3)


class Layer(object):
    """A layer that keeps its function, as many libraries do."""

    def __init__(self, name, n_in, n_out, activation):
        self.W, self.b, self.activation = param("W_" + name, n_in, n_out), param("b_" + name, n_out), activation

    def __call__(self, x):
        return self.activation(T.dot(x, self.W) + self.b)


class Network(object):
    def __init__(self, layers):
        self.layers = layers

    def output(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def ask_network(net):
    x = T.dmatrix()
    return run([x], net.output(x), numbers(2, 4))


@row(ask_network, protocol=4)
def layers_with_functions():
    return Network(
        [
            Layer("1", 4, 3, T.tanh),
            Layer("2", 3, 4, T.nnet.sigmoid),
            Layer("3", 4, 3, T.nnet.relu),
            Layer("4", 3, 3, T.nnet.softplus),
            Layer("5", 3, 2, T.nnet.softmax),
        ]
    )


class MLP(object):
    def __init__(self):
        self.x, self.y = T.dmatrix("x"), T.ivector("y")
        self.hidden = Layer("hidden", 4, 5, T.tanh)
        self.top = LogisticRegression(self.hidden(self.x), 5, 3)
        self.params = [self.hidden.W, self.hidden.b] + self.top.params
        self.L1 = abs(self.hidden.W).sum() + abs(self.top.W).sum()
        self.L2 = (self.hidden.W**2).sum() + T.sqr(self.top.W).sum()
        self.negative_log_likelihood = self.top.cost(self.y)
        self.errors = T.mean(T.neq(self.top.y_pred, self.y))
        self.cost = self.negative_log_likelihood + 0.01 * self.L1 + 0.001 * self.L2


def ask_mlp(m):
    return run([m.x, m.y], [m.top.p_y_given_x, m.errors, m.cost, m.L1], numbers(3, 4), np.int32([0, 2, 1]))


@row(ask_mlp)
def mlp():
    return MLP()


def ask_updates(model):
    x, y, updates, parameters = model
    train = theano.function([x, y], [], updates=updates)
    for _ in range(3):
        train(numbers(3, 4), np.int32([0, 2, 1]))
    return [p.get_value() for p in parameters]


@row(ask_updates)
def updates_with_momentum():
    model = MLP()
    updates = OrderedDict()
    for p, g in zip(model.params, T.grad(model.cost, model.params)):
        velocity = theano.shared(p.get_value() * 0.0, broadcastable=p.broadcastable)
        updates[velocity] = 0.9 * velocity - 0.1 * g
        updates[p] = p + 0.9 * updates[velocity] - 0.1 * g
    return model.x, model.y, updates, model.params


class Adam(object):
    def __init__(self, parameters, cost):
        self.t = theano.shared(np.float64(0), "t")
        self.updates = [(self.t, self.t + 1)]
        for p, g in zip(parameters, T.grad(cost, parameters)):
            m, v = theano.shared(p.get_value() * 0.0), theano.shared(p.get_value() * 0.0)
            new_m, new_v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            step = T.sqrt(1 - 0.999 ** (self.t + 1)) / (1 - 0.9 ** (self.t + 1))
            self.updates += [(m, new_m), (v, new_v), (p, p - 0.01 * step * new_m / (T.sqrt(new_v) + 1e-8))]


class Tiny(object):
    def __init__(self):
        self.x, self.y, self.params = T.dmatrix("x"), T.ivector("y"), [param("W", 4)]
        self.cost = T.sqr(T.dot(self.x, self.params[0]) - self.y).mean()


def ask_adam(model):
    tiny, adam = model
    return ask_updates((tiny.x, tiny.y, adam.updates, tiny.params))


@row(ask_adam)
def adam():
    model = Tiny()
    return model, Adam(model.params, model.cost)


class ConvNet(object):
    def __init__(self):
        self.x = T.tensor4("x")
        self.W, self.b = param("W", 2, 1, 3, 3), param("b", 2)
        maps = conv2d(self.x, self.W, filter_shape=(2, 1, 3, 3), border_mode="half")
        pooled = pool.pool_2d(maps, (2, 2), ignore_border=True)
        self.hidden = T.nnet.relu(pooled + self.b.dimshuffle("x", 0, "x", "x"), 0.1)
        self.V = param("V", 18, 3)
        self.output = T.nnet.softmax(self.hidden.flatten(2).dot(self.V))


@row(lambda m: run([m.x], [m.hidden, m.output], numbers(2, 1, 6, 6).astype(theano.config.floatX)))
def convnet():
    return ConvNet()


@row(lambda m: run([m[0].x], m[1], numbers(2, 1, 6, 6).astype(theano.config.floatX)))
def convnet_gradients():
    m = ConvNet()
    return m, T.grad(T.log(m.output)[:, 0].sum(), [m.W, m.b, m.V])


# -- loops ------------------------------------------------------------------------------------------------------------


class LSTM(object):
    def __init__(self, n_in=2, n=3):
        self.x, self.n = T.dmatrix("x"), n
        self.W, self.U, self.b = param("W", n_in, 4 * n), param("U", n, 4 * n), param("b", 4 * n)
        zeros = T.zeros((n,), "float64")
        (self.h, self.c), _ = theano.scan(self.step, self.x, [zeros, zeros], [self.W, self.U, self.b])
        self.params = [self.W, self.U, self.b]

    def step(self, x, h, c, W, U, b):
        z = T.dot(x, W) + T.dot(h, U) + b
        i, f, o, g = [z[k * self.n : (k + 1) * self.n] for k in range(4)]
        c = T.nnet.sigmoid(f) * c + T.nnet.sigmoid(i) * T.tanh(g)
        return T.nnet.sigmoid(o) * T.tanh(c), c


@row(lambda m: run([m.x], [m.h, m.c, m.h[-1]], numbers(5, 2)))
def lstm():
    return LSTM()


@row(lambda m: run([m[0]], m[1], numbers(5, 2)))
def rnn_gradients():
    x, W, U = T.dmatrix("x"), param("W", 2, 3), param("U", 3, 3)
    h, _ = theano.scan(lambda a, h, W, U: T.tanh(T.dot(a, W) + T.dot(h, U)), x, T.zeros((3,), "float64"), [W, U])
    return x, T.grad((h**2).sum(), [x, W, U])


@row(of_graph)
def loops():
    x, k = T.dvector("x"), T.iscalar("k")
    powers, _ = theano.scan(lambda p, a: p * a, outputs_info=T.ones_like(x), non_sequences=x, n_steps=k)
    fibonacci, _ = theano.scan(
        lambda a, b: a + b, outputs_info=[{"initial": T.constant(np.array([0.0, 1.0])), "taps": [-2, -1]}], n_steps=6
    )
    pairs, _ = theano.scan(lambda a, b: a * b, sequences={"input": x, "taps": [-1, 1]})
    squares, _ = theano.map(lambda a: [a**2, a + 1], x)
    total, _ = theano.reduce(lambda a, s: a + s, x, T.zeros((), "float64"))
    backwards, _ = theano.scan(lambda a, s: 0.5 * s + a, x, T.zeros((), "float64"), go_backwards=True)
    outputs = [powers, powers[-1], fibonacci, pairs, total, backwards] + squares
    return [x, k], [np.array([1.0, 2.0, 4.0]), np.int32(3)], outputs


@row(of_graph)
def loop_until():
    x = T.dscalar("x")
    values, _ = theano.scan(lambda v: (v * 2, theano.scan_module.until(v > 20)), outputs_info=x, n_steps=50)
    return [x], [np.float64(1.5)], [values, values[-1], values.shape[0]]


def ask_counting(model):
    n, outputs, updates = model
    f = theano.function([], outputs, updates=updates)
    return [f(), f(), n.get_value()]


@row(ask_counting)
def loop_that_updates():
    n = theano.shared(np.float64(1), "n")
    outputs, updates = theano.scan(lambda: (n * 2, {n: n + 1}), n_steps=3)
    return n, outputs, updates


# -- random numbers ---------------------------------------------------------------------------------------------------


def ask_streams(streams):
    f = theano.function([], [streams.uniform((2, 2)), streams.normal((3,)), streams.binomial((4,), p=0.4)])
    return f() + f()


@row(ask_streams)
def mrg_streams():
    streams = MRG_RandomStreams(987)
    streams.uniform((3,))
    return streams


def ask_dropout(model):
    x, streams, output = model
    f = theano.function([x], output)
    first = [f(numbers(2, 4)), f(numbers(2, 4))]
    streams.seed(5)
    return first + [f(numbers(2, 4))]


@row(ask_dropout)
def dropout():
    x, streams = T.dmatrix("x"), MRG_RandomStreams(42)
    hidden = T.tanh(T.dot(x, param("W", 4, 6)))
    mask = streams.binomial(size=hidden.shape, n=1, p=0.5, dtype="float64", ndim=2, nstreams=6)
    return x, streams, hidden * mask + 0.1 * streams.normal((2, 6))


# -- functions --------------------------------------------------------------------------------------------------------


@row(lambda f: [f(numbers(2, 4)), f(numbers(1, 4))])
def function_predict():
    m = MLP()
    return theano.function([m.x], [m.top.y_pred, m.top.p_y_given_x])


def ask_training(model):
    f, parameters = model
    costs = [f(numbers(3, 4), np.int32([0, 2, 1])) for _ in range(3)]
    return costs + [p.get_value() for p in parameters]


@row(ask_training)
def function_train():
    m = MLP()
    updates = [(p, p - 0.1 * g) for p, g in zip(m.params, T.grad(m.cost, m.params))]
    return theano.function([m.x, m.y], m.cost, updates=updates, name="train"), m.params


@row(lambda f: [f(2.0), f(2.0, 5.0), f(x=1.0, scale=2.0), f(0.5)], protocol=4)
def function_with_defaults():
    x, scale = T.dscalar("x"), T.dscalar("scale")
    n = theano.shared(np.float64(10))
    z = T.dscalar()
    return theano.function(
        [x, theano.In(scale, value=3.0)], x * scale + z, givens={z: n * 2}, updates=[(n, n + 1)], name="scaled"
    )


@row(lambda f: [sorted(f(1.0).items()), f(3.0)["y"]])
def function_of_a_dict():
    x = T.dscalar("x")
    return theano.function([x], {"y": x**2, "z": T.exp(-x)})


@row(lambda fs: [fs[0](2.0), fs[1](), fs[0](3.0), fs[1]()])
def functions_that_share():
    s, x = theano.shared(np.float64(1), "s"), T.dscalar("x")
    return [theano.function([x], s, updates=[(s, s * x)]), theano.function([], s + 100)]


# -- what graphs are made of ------------------------------------------------------------------------------------------


@row(of_graph)
def indexing():
    x, i, v = T.dmatrix("x"), T.lscalar("i"), T.lvector("v")
    y = T.set_subtensor(x[1:, i], -1.0)
    outputs = [
        x[0], x[:, -1], x[::-1, 1:3], x[i], x[i : i + 2], x[v], x[v, v], x[:, v], x[x > 0], x[v, i], y,
        T.inc_subtensor(x[v], 10.0), T.inc_subtensor(x[v, v], 1.0), T.set_subtensor(x[:, v], 0.5),
        x[(x > 0.5).nonzero()], T.set_subtensor(x[(x > 0).nonzero()], 9.0), x.take([0, 1], axis=1), x.diagonal(),
        T.inc_subtensor(x[0, :2], x[1, :2]),
    ]  # fmt: skip
    return [x, i, v], [numbers(3, 4), np.int64(1), np.array([0, 2, 0])], outputs


@row(of_graph)
def shapes():
    x, n = T.dmatrix("x"), T.lscalar("n")
    y = T.concatenate([x, x * 2, T.ones((1, x.shape[1]))], axis=0)
    outputs = [
        y, T.stack([x, x + 1]), T.join(1, x, x), x.reshape((-1, 2)), x.flatten(), x.flatten(2), x.T, x.shape, x.size,
        x.dimshuffle(1, "x", 0), T.alloc(x[0, 0], n, 2), T.arange(n), T.arange(1.0, 3.0, 0.5), T.zeros_like(x),
        T.eye(3), T.repeat(x, 2, axis=1), T.tile(x, (2, 1)), T.shape_padright(x), T.addbroadcast(x[:1], 0),
        T.unbroadcast(x[:1], 0), T.fill(x, 3.0), T.stack([x.shape[0], n]), x.squeeze(), T.roll(x, 1, axis=0),
        T.specify_shape(x, (2, 4)), T.swapaxes(x, 0, 1), T.tril(x), T.extra_ops.to_one_hot(T.arange(2), 3),
    ] + T.split(x, [1, 3], 2, axis=1)  # fmt: skip
    return [x, n], [numbers(2, 4), np.int64(3)], outputs


@row(of_graph)
def elementwise():
    x, k = T.dvector("x"), T.ivector("k")
    u = T.clip(x, 0.1, 0.9)
    names = (
        "exp log sqrt tanh sin cos abs_ sgn floor ceil round sqr expm1 log1p arcsin arctan cosh sinh neg inv erf erfc "
        "gamma gammaln psi exp2 log2 log10 rad2deg deg2rad arccos arcsinh isnan isinf zeros_like ones_like trunc"
    ).split()
    outputs = [getattr(T, n)(u) for n in names] + [
        x + k, x - k, x * k, x / (k + 10), x // 0.3, x % 0.3, abs(x) ** k, -x, k / 3, k // 3, k % 3, k & 6, k | 1,
        k ^ 3, ~k, T.eq(k, 1), T.neq(k, 1), x > 0, x >= 0, x < 0, x <= 0, T.switch(x > 0, x, k), T.maximum(x, 0),
        T.minimum(x, k), T.cast(x, "int32"), T.cast(k, "float32"), T.nnet.sigmoid(x), T.nnet.softplus(x),
        T.nnet.hard_sigmoid(x), T.nnet.ultra_fast_sigmoid(x), T.nnet.elu(x), T.arctan2(x, u), T.xor(k, 1),
        T.nnet.relu(x), T.and_(x > 0, k > 0), T.invert(x > 0), T.second(x, k), T.hypot(x, u) if hasattr(T, "hypot") else x,
        T.nnet.binary_crossentropy(u, u), T.isclose(x, u), T.real(T.cast(x, "complex128") * 1j + k), T.erfinv(x * 0.5),
    ]  # fmt: skip
    return [x, k], [numbers(5), np.int32([3, -1, 1, 0, 4])], outputs


@row(of_graph)
def reductions():
    x = T.dmatrix("x")
    outputs = [
        x.sum(), x.sum(axis=0), x.sum(axis=1, keepdims=True), x.mean(), x.mean(axis=0), x.var(axis=1), x.std(),
        x.prod(axis=0), x.max(), x.max(axis=1), x.min(axis=0), x.argmax(), x.argmax(axis=1), x.argmin(axis=0),
        T.any(x > 0, axis=0), T.all(x < 5), x.norm(2), x.norm(1, axis=1), x.cumsum(axis=0), x.cumprod(axis=1),
        T.sort(x, axis=1), T.argsort(x, axis=0), x.trace(), T.ptp(x), (x > 0).sum(), T.prod(x, no_zeros_in_input=True),
        T.max_and_argmax(x, axis=0)[0], T.extra_ops.diff(x, axis=1), T.extra_ops.bincount(T.cast(abs(x) * 3, "int64").flatten()),
    ]  # fmt: skip
    return [x], [numbers(3, 4)], outputs


@row(of_graph)
def products():
    x, y, v, t = T.dmatrix("x"), T.dmatrix("y"), T.dvector("v"), T.dtensor3("t")
    spd = T.dot(x, x.T) + 4 * T.eye(3)
    outputs = [
        T.dot(x, y), T.dot(x, v[:2]), T.dot(v, v), T.outer(v, v), T.tensordot(t, y, axes=[[2], [0]]),
        T.batched_dot(t, t.dimshuffle(0, 2, 1)), T.nlinalg.det(spd), T.nlinalg.matrix_inverse(spd),
        T.slinalg.cholesky(spd), T.slinalg.solve(spd, v), T.nlinalg.trace(spd), T.diag(v), T.nlinalg.eigh(spd)[0],
        T.nlinalg.svd(x, compute_uv=False), T.grad(T.nlinalg.det(spd), x), T.dot(t, y),
        T.nlinalg.extract_diag(spd), T.tensordot(x, y, 1), T.nlinalg.matrix_dot(x, y),
        T.grad(T.log(T.nlinalg.det(spd)) + T.slinalg.cholesky(spd).sum(), x),
    ]  # fmt: skip
    return [x, y, v, t], [numbers(3, 2), numbers(2, 4), numbers(3), numbers(2, 3, 2)], outputs


@row(of_graph)
def nnet():
    x, y = T.dmatrix("x"), T.ivector("y")
    p = T.nnet.softmax(x)
    gamma, beta = param("gamma", 4), param("beta", 4)
    normal, mean, inv_std = T.nnet.bn.batch_normalization_train(x, gamma, beta, "per-activation")[:3]
    cost = T.nnet.categorical_crossentropy(p, y).mean()
    outputs = [
        p, T.nnet.logsoftmax(x), cost, T.grad(cost, x), normal, mean, inv_std,
        T.nnet.bn.batch_normalization_test(x, gamma, beta, mean, inv_std), T.nnet.categorical_crossentropy(p, p),
        T.nnet.batch_normalization(x, gamma, beta, x.mean(0), x.std(0)), T.log(T.nnet.sigmoid(x)),
        T.log(T.sum(T.exp(x), axis=1)), T.nnet.confusion_matrix(y, y)[0],
    ]  # fmt: skip
    return [x, y], [numbers(3, 4), np.int32([0, 3, 1])], outputs


@row(of_graph)
def convolutions():
    x, w, d = T.dtensor4("x"), T.dtensor4("w"), T.dtensor5("d")
    y = T.nnet.conv2d(x, w, border_mode=(1, 0), subsample=(2, 1), filter_dilation=(1, 2), filter_flip=False)
    outputs = [
        y, T.nnet.abstract_conv.conv2d_grad_wrt_inputs(T.ones((1, 3, 3, 3)), w, (1, 2, 5, 5)),
        T.nnet.conv3d(d, d[:, :, :2, :2, :2]), pool.pool_2d(x, (2, 2), ignore_border=False, mode="max"),
        pool.pool_2d(x, (3, 2), ignore_border=True, stride=(1, 2), mode="average_exc_pad", pad=(1, 0)),
        pool.pool_3d(d, (2, 2, 2), ignore_border=True, mode="sum"), T.nnet.abstract_conv.bilinear_upsampling(x, 2),
        T.nnet.neighbours.images2neibs(x, (2, 2), mode="ignore_borders"),
    ] + T.grad(y.sum() + (pool.pool_2d(x, (2, 2), ignore_border=True) ** 2).sum(), [x, w])  # fmt: skip
    return [x, w, d], [numbers(1, 2, 5, 5), numbers(3, 2, 3, 3), numbers(1, 1, 3, 3, 3)], outputs


@row(lambda m: run([m["i"], m["x"]], [m["out"], m["grad"]], np.array([[0, 3], [2, 2]]), numbers(2, 2)))
def embedding():
    W, i, x = param("W", 4, 2), T.lmatrix("i"), T.dmatrix("x")
    out = T.dot(W[i].mean(axis=1), x)
    return {"W": W, "i": i, "x": x, "out": out, "grad": T.grad(out.sum(), W)}


@row(of_graph)
def branches():
    x, c = T.dvector("x"), T.iscalar("c")
    a, b = ifelse(c, (x * 2, x + 1), (x - 1, x / 2))
    inner = theano.OpFromGraph([x], [x**3 + 1])
    checked = T.opt.Assert("positive")(x, T.all(x > -2))
    return [x, c], [numbers(3), np.int32(1)], [a, b, ifelse(T.eq(c, 0), x, -x), inner(x * 2), checked]


@row(of_graph)
def gradients_of_many():
    x = T.dmatrix("x")
    y = T.concatenate([T.maximum(x, 0.1), x[:, ::-1]], axis=1)
    cost = (T.sqrt(y**2 + 1).sum(axis=1) * T.nnet.sigmoid(y[:, 0])).sum() + y.max(axis=1).sum() + T.prod(abs(y[0]) + 1)
    cost = cost + T.erf(x).sum() + T.switch(x > 0, x, x**2).mean() + T.log1p(T.exp(x)).sum() + T.clip(x, 0, 1).sum()
    return [x], [numbers(2, 3)], [T.grad(cost, x), theano.gradient.jacobian(y.sum(axis=1), x)]
