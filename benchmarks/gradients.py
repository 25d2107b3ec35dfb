"""What gradients cost to build and to lower: a graph of 1000 nodes, against tracing `jax.grad` written by hand.

python benchmarks/gradients.py [REPEATS]
"""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

import tx
import tx.tensor as T

NODES = 1000
VALUE = np.linspace(0.1, 0.9, 8)


def chain(x, tanh, exp):
    """A function of about `NODES` elementwise operations."""
    y = x
    for k in range(NODES // 5):
        y = tanh(y * 0.9 + x) - exp(-y) * (0.001 * (k % 3 + 1))
    return y.sum()


def by_tx():
    """Seconds to build the graph and its gradient and rewrite it, and to lower it."""
    start = time.perf_counter()
    x = T.dvector("x")
    f = tx.function([x], T.grad(chain(x, T.tanh, T.exp), x))
    built = time.perf_counter()
    stage = f.program.single
    with jax.enable_x64(True), stage.tracing([VALUE]):
        stage.jitted.lower(VALUE)
    return built - start, time.perf_counter() - built


def by_hand():
    """Seconds to trace and lower the same function and its `jax.grad`."""
    start = time.perf_counter()
    with jax.enable_x64(True):
        jax.jit(jax.grad(lambda x: chain(x, jnp.tanh, jnp.exp))).lower(VALUE)
    return time.perf_counter() - start


def main(repeats=5):
    """Print medians and ratios."""
    by_tx(), by_hand()
    ours = np.median([by_tx() for _ in range(repeats)], axis=0)
    theirs = np.median([by_hand() for _ in range(repeats)])
    print(f"tx: build {ours[0] * 1e3:.0f} ms, lower {ours[1] * 1e3:.0f} ms; jax.grad by hand: {theirs * 1e3:.0f} ms")
    print(f"ratio: {ours.sum() / theirs:.2f} (lowering alone {ours[1] / theirs:.2f})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
