"""What loops cost, tx and hand-written `lax.scan` side by side: ratios of the best of alternating rounds.

Run it alone: ``python benchmarks/scan.py``.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import tx
import tx.tensor as T

ROUNDS = 25


def best(*functions):
    """The shortest time of each function, over rounds that alternate."""
    times = [float("inf")] * len(functions)
    for function in functions:
        function()
    for _ in range(ROUNDS):
        for k, function in enumerate(functions):
            start = time.perf_counter()
            function()
            times[k] = min(times[k], time.perf_counter() - start)
    return times


def lstm(steps=50, batch=32, hidden=128):
    """One training step of an LSTM: tx, and jax."""
    rng = np.random.RandomState(0)
    start = [(rng.randn(hidden, 4 * hidden) * 0.05).astype("float32") for _ in range(2)]
    data = rng.randn(steps, batch, hidden).astype("float32")

    W, U = (tx.shared(v) for v in start)
    x = T.ftensor3("x")

    def step(v, h, c):
        gates = T.dot(v, W) + T.dot(h, U)
        i, f, o, z = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
        c = T.nnet.sigmoid(f) * c + T.nnet.sigmoid(i) * T.tanh(z)
        return T.nnet.sigmoid(o) * T.tanh(c), c

    zeros = T.zeros((x.shape[1], hidden), dtype="float32")
    cost = (tx.scan(step, x, [zeros, zeros])[0][0][-1] ** 2).sum()
    rate = np.float32(0.001)
    updates = [(p, p - rate * g) for p, g in zip([W, U], T.grad(cost, [W, U]), strict=True)]
    train = tx.function([x], cost, updates=updates)

    def loss(parameters, x):
        W, U = parameters

        def step(carry, v):
            h, c = carry
            gates = v @ W + h @ U
            i, f, o, z = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(z)
            return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

        zeros = jnp.zeros((x.shape[1], hidden), "float32")
        (h, _), _ = lax.scan(step, (zeros, zeros), x)
        return (h**2).sum()

    @jax.jit
    def update(parameters, x):
        value, gradients = jax.value_and_grad(loss)(parameters, x)
        return value, [p - rate * g for p, g in zip(parameters, gradients, strict=True)]

    state = [jnp.asarray(v) for v in start]

    def by_hand():
        value, state[:] = update(state, data)
        return np.asarray(value)

    return lambda: train(data), by_hand


def rnn(gradient, steps=1000, batch=16, hidden=64):
    """A simple recurrent network: its last state, or the gradient of that."""
    rng = np.random.RandomState(0)
    weights = (rng.randn(hidden, hidden) * 0.05).astype("float32")
    data = rng.randn(steps, batch, hidden).astype("float32")
    x, W = T.ftensor3("x"), T.fmatrix("W")
    zeros = T.zeros((x.shape[1], hidden), dtype="float32")
    cost = (tx.scan(lambda v, h: T.tanh(v + T.dot(h, W)), x, zeros)[0][-1] ** 2).sum()
    run = tx.function([x, W], T.grad(cost, W) if gradient else cost)

    def loss(W, x):
        step = lambda h, v: (jnp.tanh(v + h @ W), None)
        return (lax.scan(step, jnp.zeros((x.shape[1], hidden), "float32"), x)[0] ** 2).sum()

    by_hand = jax.jit(jax.grad(loss) if gradient else loss)
    return lambda: run(data, weights), lambda: np.asarray(by_hand(weights, data))


def lengths(buckets, count=100, batch=16, hidden=32):
    """How many executables, and how long, for training on `count` different sequence lengths in a row."""
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


def main():
    """Print the ratios."""
    for name, pair in [
        ("LSTM training step, T=50, batch 32, hidden 128", lstm()),
        ("RNN forward, T=1000", rnn(False)),
        ("RNN gradient, T=1000", rnn(True)),
    ]:
        ours, by_hand = best(*pair)
        print(f"{name}: {1000 * ours:.2f} ms, lax.scan by hand {1000 * by_hand:.2f} ms, ratio {ours / by_hand:.2f}")
    for buckets in ("auto", "off"):
        executables, first, again = lengths(buckets)
        print(
            f"RNN training steps, 100 lengths in 1..512, length_buckets={buckets}: {executables} executables, "
            f"{first:.1f} s, and {again:.1f} s when all are compiled"
        )


if __name__ == "__main__":
    main()
