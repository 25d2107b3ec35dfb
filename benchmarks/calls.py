"""The cost of one call: tx against hand-written ``jax.jit`` with the same conversions, in alternating rounds.

Both take ndarrays and return ndarrays that the caller may write to, in 64 bits. Prints microseconds (the best of the
rounds) and their ratio.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import tx
import tx.tensor as T


def by_hand(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """``jax.jit`` in the scope of 64 bits, arguments checked to be what they should, result copied to an ndarray."""
    jitted = jax.jit(function, **options)

    def call(*arguments: Any) -> Any:
        for a in arguments:
            if type(a) is not np.ndarray:
                raise TypeError(a)
        with jax.enable_x64(True):
            return np.array(jitted(*arguments))

    return call


def vector_pair() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A vector of 3 in, a vector of 3 out."""
    x, value = T.dvector("x"), np.arange(3.0)
    ours = tx.function([x], T.exp(x) * 2)
    hand = by_hand(lambda v: jax.numpy.exp(v) * 2)
    return lambda: ours(value), lambda: hand(value)


def scalar_pair() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """A scalar in, a scalar out."""
    x, value = T.dscalar("x"), np.array(2.0)
    ours = tx.function([x], x * x + 1)
    hand = by_hand(lambda v: v * v + 1)
    return lambda: ours(value), lambda: hand(value)


def counter_pair() -> tuple[Callable[[], Any], Callable[[], Any]]:
    """An update: a counter goes up, its old value comes out."""
    n = tx.shared(0)
    ours = tx.function([], n, updates=[(n, n + 1)])
    step = jax.jit(lambda v: (v, v + 1), donate_argnums=0)
    with jax.enable_x64(True):
        state = [jax.numpy.array(0)]

    def hand() -> Any:
        with jax.enable_x64(True):
            old, state[0] = step(state[0])
            return np.array(old)

    return ours, hand


PAIRS = {"vector in, vector out": vector_pair, "scalar in, scalar out": scalar_pair, "update a counter": counter_pair}


def best(functions: tuple[Callable[[], Any], ...], rounds: int, calls: int) -> list[float]:
    """Microseconds a call, the best round of each function, the rounds alternating."""
    least = [float("inf")] * len(functions)
    for _ in range(rounds):
        for k, function in enumerate(functions):
            start = time.perf_counter()
            for _ in range(calls):
                function()
            least[k] = min(least[k], (time.perf_counter() - start) / calls * 1e6)
    return least


def main() -> None:
    """Measure all pairs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    for name, make in PAIRS.items():
        ours, hand = make()
        ours(), hand()
        tx_time, jax_time = best((ours, hand), options.rounds, options.calls)
        print(f"{name:24} tx {tx_time:6.1f} us, jax.jit by hand {jax_time:6.1f} us, ratio {tx_time / jax_time:.2f}")


if __name__ == "__main__":
    main()
