"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

from jax import lax

from tx.lowering import direct
from tx.lowering.registry import lowers
from tx.lowering.sums import of_short_rows
from tx.lowering.trace import Trace
from tx.tensor.nnet.basic import LogSoftmax, Softmax


def _parts(trace: Trace, x: Any) -> Any:
    """`x` shifted by the largest element of each row, so that nothing overflows, its powers, and their sums: made once
    for softmax, its logarithm, and their gradients."""

    def make() -> tuple[Any, ...]:
        # A row without elements has no largest one.
        shifted = lax.sub(x, direct.kept(_of_rows(trace, x, "max"), (1,), x.shape)) if x.shape[1] else x
        powers = lax.exp(shifted)
        return x, shifted, powers, _of_rows(trace, powers, "sum")

    # Of the array, not of the Variable, which has another array where jax differentiates; it is kept, so is its id.
    return trace.once(("softmax", id(x)), make)[1:]


def _of_rows(trace: Trace, x: Any, operation: str) -> Any:
    """What each row is reduced to."""
    found = of_short_rows(trace, x, operation)
    return found if found is not None else (lax.reduce_max if operation == "max" else lax.reduce_sum)(x, (1,))


@lowers(Softmax)
def softmax(trace: Trace, node: Any, x: Any) -> Any:
    """Powers, by their sums."""
    _, powers, total = _parts(trace, x)
    return lax.div(powers, direct.kept(total, (1,), x.shape))


@lowers(LogSoftmax)
def log_softmax(trace: Trace, node: Any, x: Any) -> Any:
    """The same, in logarithms."""
    shifted, _, total = _parts(trace, x)
    return lax.sub(shifted, direct.kept(lax.log(total), (1,), x.shape))
