"""Running sums and products."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering import in_order
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.cumulative import CumOp

#: mode -> jax's own, and what a loop does
_MODES: dict[str, Any] = {"add": (jnp.cumsum, lax.add), "mul": (jnp.cumprod, lax.mul)}
#: along an axis that is shorter jax's own is no slower
_SHORT = 8


def cumulated(trace: Trace, mode: str, x: Any, axis: int) -> Any:
    """The running sum (`mode` "add") or product ("mul") along `axis`, in the dtype of `x`, which are numbers."""
    usual, combine = _MODES[mode]
    if in_order.suits(trace, x) and x.shape[axis] >= _SHORT:
        return in_order.running(combine, x, axis % x.ndim)
    return usual(x, axis=axis, dtype=x.dtype)


@lowers(CumOp)
def cumulative(trace: Trace, node: Any, x: Any) -> Any:
    """In the dtype of `x`; of truth values: whether any (all) so far."""
    axis = node.op.axis
    if axis is None:
        x, axis = x.reshape(-1), 0
    if x.dtype == bool:
        return cumulated(trace, node.op.mode, x.astype("int64"), axis) != 0
    return cumulated(trace, node.op.mode, x, axis)


__all__ = ["cumulated"]
