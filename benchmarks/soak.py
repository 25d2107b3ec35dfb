"""Does memory stay flat? 100,000 calls and 1,000 compilations by tx, run by hand: ``python benchmarks/soak.py``.

Prints the resident memory along the way, and what the last quarter added to it.
"""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np

import tx
import tx.tensor as T

#: MB that the last quarter may add
FLAT = 2.0


def resident():
    """MB that this process holds, after a collection."""
    gc.collect()
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def calls():
    """A training step whose argument changes: how to do it once."""
    rng = np.random.RandomState(0)
    x, W = T.matrix("x"), tx.shared(rng.randn(20, 20))
    cost = (T.tanh(T.dot(x, W)) ** 2).sum()
    train = tx.function([x], [cost, x[:2]], updates=[(W, W - 0.001 * T.grad(cost, W))])
    data = rng.randn(10, 10, 20)
    return lambda k: train(data[k % 10])


def compilations():
    """A function that is different each time, compiled, called, and forgotten."""

    def compile_one(k):
        x = T.dvector("x")
        tx.function([x], T.grad((T.exp(x * (1.0 + k)) / (k + 2.0)).sum(), x))(np.arange(3.0))

    return compile_one


def soak(title, action, count, points):
    """Do it so often; print memory at so many points. Returns whether it was flat in the last quarter."""
    print(f"{title}, {count} times")
    seen = []
    for k in range(count):
        action(k)
        if (k + 1) % (count // points) == 0:
            seen.append(resident())
            print(f"  {k + 1:8} {seen[-1]:8.1f} MB", flush=True)
    before = seen[len(seen) * 3 // 4 - 1]
    grown = seen[-1] - before
    flat = grown <= FLAT
    print(f"  the last quarter added {grown:.1f} MB, of {before:.1f}: {'flat' if flat else 'not flat'}")
    return flat


def main():
    """Both; the status is 1 if one was not flat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--compilations", type=int, default=1_000)
    parser.add_argument("--points", type=int, default=12)
    options = parser.parse_args()
    flat = soak("calls", calls(), options.calls, options.points)
    return int(not (soak("compilations", compilations(), options.compilations, options.points) and flat))


if __name__ == "__main__":
    sys.exit(main())
