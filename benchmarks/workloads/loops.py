"""Loops: an LSTM's training step, a long recurrent network, and training on sequences of many lengths."""

import numpy as np

from benchmarks.plans import Graph, Hand, Workload

RATE = np.float32(0.001)


def lstm_numbers(steps=50, batch=32, hidden=128):
    """The two matrices at the start, and the sequences."""
    rng = np.random.RandomState(0)
    start = [(rng.randn(hidden, 4 * hidden) * 0.05).astype("float32") for _ in range(2)]
    return start, rng.randn(steps, batch, hidden).astype("float32")


def lstm(L, start, data):
    """A training step."""
    T, sigmoid = L.T, L.nnet("sigmoid")
    hidden = len(start[0])
    W, U = (L.shared(v) for v in start)
    x = L.sequence(data, "x")

    def step(v, h, c):
        gates = T.dot(v, W) + T.dot(h, U)
        i, f, o, z = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * T.tanh(z)
        return sigmoid(o) * T.tanh(c), c

    zeros = T.zeros((x.shape[1], hidden), dtype="float32")
    h, _ = L.scan(step, x, [zeros, zeros])
    cost = (h[-1] ** 2).sum()
    dW, dU = L.grad(cost, [W, U])
    return Graph([x], cost, [(data,)], [(W, W - RATE * dW), (U, U - RATE * dU)])


def lstm_by_hand(start, data):
    """The same with `lax.scan`."""
    import jax
    import jax.numpy as jnp

    hidden = len(start[0])

    def loss(parameters, x):
        W, U = parameters

        def step(carry, v):
            h, c = carry
            gates = v @ W + h @ U
            i, f, o, z = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(z)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        zeros = jnp.zeros((x.shape[1], hidden), "float32")
        (h, _), _ = jax.lax.scan(step, (zeros, zeros), x)
        return (h**2).sum()

    return Hand(_descent(loss), [(data,)], start)


def _descent(loss):
    import jax

    def update(parameters, *arguments):
        value, gradients = jax.value_and_grad(loss)(parameters, *arguments)
        return value, [p - RATE * g for p, g in zip(parameters, gradients)]

    return update


def rnn_numbers(gradient, steps=1000, batch=16, hidden=64):
    """Whether to differentiate, the matrix, and the sequences."""
    rng = np.random.RandomState(0)
    weights = (rng.randn(hidden, hidden) * 0.05).astype("float32")
    return gradient, weights, rng.randn(steps, batch, hidden).astype("float32")


def rnn(L, gradient, weights, data):
    """The last state's squares, summed; or the gradient of that."""
    T = L.T
    x, W = L.sequence(data, "x"), L.shared(weights)
    zeros = T.zeros((x.shape[1], W.shape[0]), dtype="float32")
    h = L.scan(lambda v, h: T.tanh(v + T.dot(h, W)), x, zeros)
    cost = (h[-1] ** 2).sum()
    return Graph([x], L.grad(cost, W) if gradient else cost, [(data,)])


def rnn_by_hand(gradient, weights, data):
    """The same with `lax.scan`."""
    import jax
    import jax.numpy as jnp

    def loss(W, x):
        step = lambda h, v: (jnp.tanh(v + h @ W), None)
        return (jax.lax.scan(step, jnp.zeros((x.shape[1], W.shape[0]), "float32"), x)[0] ** 2).sum()

    return Hand(jax.grad(loss) if gradient else loss, [(data,)], held=(weights,))


def lengths_numbers(count=30, longest=256, batch=16, hidden=32):
    """Two matrices, and sequences with a mask each, no two of the same length."""
    rng = np.random.RandomState(0)
    start = [(rng.randn(hidden, hidden) * 0.1).astype("float32") for _ in range(2)]
    lengths = rng.permutation(longest)[:count] + 1
    data = [(rng.randn(n, batch, hidden).astype("float32"), np.ones((n, batch), "float32")) for n in lengths]
    return start, data, longest


def lengths(L, start, data, longest):
    """A training step with a cost at each step of time."""
    T = L.T
    x, m = T.tensor3("x", dtype="float32"), T.fmatrix("m")
    W, U = (L.shared(v) for v in start)
    zeros = T.zeros((x.shape[1], W.shape[1]), dtype="float32")
    h = L.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U)), x, zeros)
    cost = ((h**2).sum(axis=2) * m).sum() / m.sum()
    return Graph([x, m], cost, data, [(p, p - RATE * g) for p, g in zip([W, U], L.grad(cost, [W, U]))])


def lengths_by_hand(start, data, longest):
    """The same; sequences and masks are padded to powers of two with zeros, which cost nothing and add nothing."""
    import jax
    import jax.numpy as jnp

    def loss(parameters, x, m):
        W, U = parameters

        def step(h, v):
            h = jnp.tanh(v @ W + h @ U)
            return h, h

        h = jax.lax.scan(step, jnp.zeros((x.shape[1], W.shape[1]), "float32"), x)[1]
        return ((h**2).sum(axis=2) * m).sum() / m.sum()

    jitted = jax.jit(_descent(loss), donate_argnums=0)

    def update(parameters, x, m):
        fill = (1 << (len(x) - 1).bit_length()) - len(x)
        padded = [np.concatenate([v, np.zeros((fill, *v.shape[1:]), v.dtype)]) for v in (x, m)]
        return jitted(parameters, *padded)

    return Hand(update, data, start, jit=False)


SMALL = {"steps": 5, "batch": 3, "hidden": 4}

TABLE = [
    Workload(
        "lstm", "LSTM training step, T=50, batch 32, 128 units", lstm_numbers, lstm, lstm_by_hand,
        tiny=SMALL, tolerance=1e-3,
    ),
    Workload(
        "rnn", "RNN, T=1000, batch 16, 64 units", rnn_numbers, rnn, rnn_by_hand,
        {"gradient": False}, {"gradient": False, **SMALL}, tolerance=1e-3,
    ),
    Workload(
        "rnn-gradient", "RNN, gradient, T=1000, batch 16, 64 units", rnn_numbers, rnn, rnn_by_hand,
        {"gradient": True}, {"gradient": True, **SMALL}, tolerance=1e-3,
    ),
    Workload(
        "rnn-lengths", "RNN training steps, 30 lengths", lengths_numbers, lengths, lengths_by_hand,
        tiny={"count": 2, "longest": 9, "batch": 3, "hidden": 4}, tolerance=1e-3,
    ),
]  # fmt: skip
