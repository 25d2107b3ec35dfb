"""What loops cost: tx, hand-written `lax.scan`, real Theano, and PyTensor in each of its modes, as ratios.

A training step of an LSTM (50 steps, batch 32, 128 units), and a simple recurrent network of 1000 steps (batch 16,
64 units), forwards and its gradient; float32. And what 100 different sequence lengths cost tx.
Run it alone: ``python benchmarks/scan.py``.
"""

import argparse
import importlib
import os
import time

import numpy as np
import rounds

RATE = np.float32(0.001)
FLAGS = {"PYTENSOR_FLAGS": "blas__ldflags=-lopenblas," + os.environ.get("PYTENSOR_FLAGS", "")}


def lstm_numbers(steps=50, batch=32, hidden=128):
    """The two matrices at the start, and the sequences."""
    rng = np.random.RandomState(0)
    start = [(rng.randn(hidden, 4 * hidden) * 0.05).astype("float32") for _ in range(2)]
    return start, rng.randn(steps, batch, hidden).astype("float32")


def rnn_numbers(steps=1000, batch=16, hidden=64):
    """The matrix, and the sequences."""
    rng = np.random.RandomState(0)
    return (rng.randn(hidden, hidden) * 0.05).astype("float32"), rng.randn(steps, batch, hidden).astype("float32")


# -- in Theano's words: tx, Theano, PyTensor ---------------------------------------------------------------------------


def _library(name):
    """The library, in float32, its tensors, and its sigmoid."""
    library = importlib.import_module(name)
    T = importlib.import_module(name + ".tensor")
    library.config.floatX = "float32"
    return library, T, T.sigmoid if name == "pytensor" else T.nnet.sigmoid


def _sequences(T, data, mode):
    """The symbolic input. PyTensor's JAX mode has a gradient of a loop only where the type tells the lengths."""
    if mode == "JAX":
        return T.tensor("x", dtype="float32", shape=data.shape)
    return T.tensor3("x", dtype="float32")


def lstm(library, mode=None):
    """A training step."""
    theano, T, sigmoid = _library(library)
    start, data = lstm_numbers()
    hidden = len(start[0])
    W, U = (theano.shared(v) for v in start)
    x = _sequences(T, data, mode)

    def step(v, h, c):
        gates = T.dot(v, W) + T.dot(h, U)
        i, f, o, z = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
        c = sigmoid(f) * c + sigmoid(i) * T.tanh(z)
        return sigmoid(o) * T.tanh(c), c

    zeros = T.zeros((x.shape[1], hidden), dtype="float32")
    (h, _), _ = theano.scan(step, x, [zeros, zeros])
    cost = (h[-1] ** 2).sum()
    dW, dU = theano.grad(cost, [W, U])
    train = theano.function([x], cost, updates=[(W, W - RATE * dW), (U, U - RATE * dU)], mode=mode)
    return lambda: np.asarray(train(data))


def rnn(library, gradient, mode=None):
    """The last state's squares, summed; or the gradient of that."""
    theano, T, _ = _library(library)
    weights, data = rnn_numbers()
    x, W = _sequences(T, data, mode), T.matrix("W", dtype="float32")
    zeros = T.zeros((x.shape[1], W.shape[0]), dtype="float32")
    h, _ = theano.scan(lambda v, h: T.tanh(v + T.dot(h, W)), x, zeros)
    cost = (h[-1] ** 2).sum()
    run = theano.function([x, W], theano.grad(cost, W) if gradient else cost, mode=mode)
    return lambda: np.asarray(run(data, weights))


# -- by hand -----------------------------------------------------------------------------------------------------------


def lstm_by_hand():
    """A training step with `lax.scan`."""
    import jax
    import jax.numpy as jnp

    start, data = lstm_numbers()
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

    def update(parameters, x):
        value, (dW, dU) = jax.value_and_grad(loss)(parameters, x)
        W, U = parameters
        return value, (W - RATE * dW, U - RATE * dU)

    jitted, state = jax.jit(update, donate_argnums=0), tuple(jnp.asarray(v) for v in start)

    def call():
        nonlocal state
        value, state = jitted(state, data)
        return np.asarray(value)

    return call


def rnn_by_hand(gradient):
    """The same with `lax.scan`."""
    import jax
    import jax.numpy as jnp

    weights, data = rnn_numbers()

    def loss(W, x):
        step = lambda h, v: (jnp.tanh(v + h @ W), None)
        return (jax.lax.scan(step, jnp.zeros((x.shape[1], W.shape[0]), "float32"), x)[0] ** 2).sum()

    run = jax.jit(jax.grad(loss) if gradient else loss)
    return lambda: np.asarray(run(weights, data))


# -- lengths -----------------------------------------------------------------------------------------------------------


def lengths(buckets, count=100, batch=16, hidden=32):
    """How many executables, and how long, for training on `count` different sequence lengths in a row."""
    import tx
    import tx.tensor as T

    rng = np.random.RandomState(0)
    x, m = T.ftensor3("x"), T.fmatrix("m")
    W, U = (tx.shared((rng.randn(hidden, hidden) * 0.1).astype("float32")) for _ in range(2))
    zeros = T.zeros((x.shape[1], hidden), dtype="float32")
    h = tx.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U)), x, zeros)[0]
    cost = ((h**2).sum(axis=2) * m).sum() / m.sum()
    updates = [(p, p - np.float32(0.01) * g) for p, g in zip([W, U], T.grad(cost, [W, U]), strict=True)]
    train = tx.function([x, m], cost, updates=updates)
    data = [rng.randn(n, batch, hidden).astype("float32") for n in rng.permutation(512)[:count] + 1]
    times = []
    with tx.config.change_flags(max_specializations=count, length_buckets=buckets):
        for _ in range(2):
            start = time.perf_counter()
            for v in data:
                train(v, np.ones(v.shape[:2], "float32"))
            times.append(time.perf_counter() - start)
    return len(train.specializations), *times


def contestants(function, **keywords):
    """All that can run it."""
    libraries = [
        rounds.Contestant("tx", function, library="tx", **keywords),
        rounds.Contestant("lax.scan by hand", function + "_by_hand", **keywords),
        rounds.Contestant("real Theano, C", function, "theano", library="theano", **keywords),
    ]
    for mode in ("CVM", "NUMBA", "JAX"):
        name = "PyTensor, " + mode
        options = dict(keywords, library="pytensor", mode=mode)
        libraries.append(rounds.Contestant(name, function, "pytensor", environment=FLAGS, **options))
    return libraries


def main():
    """Print the ratios."""
    options = rounds.interpreters_from(argparse.ArgumentParser(description=__doc__))
    for title, function, keywords in [
        ("LSTM training step, T=50, batch 32, hidden 128", "lstm", {}),
        ("RNN forward, T=1000, batch 16, hidden 64", "rnn", {"gradient": False}),
        ("RNN gradient, T=1000, batch 16, hidden 64", "rnn", {"gradient": True}),
    ]:
        rounds.compare(title, contestants(function, **keywords), options.rounds, options.seconds, tolerance=1e-3)
    for buckets in ("auto", "off"):
        executables, first, again = lengths(buckets)
        print(
            f"RNN training steps, 100 lengths in 1..512, length_buckets={buckets}: {executables} executables, "
            f"{first:.1f} s, and {again:.1f} s when all are compiled"
        )


if __name__ == "__main__":
    main()
