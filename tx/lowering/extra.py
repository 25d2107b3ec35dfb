"""Repeat."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.creation import length
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.extra import Repeat


@lowers(Repeat)
def repeat(trace: Trace, node: Any, x: Any, repeats: Any, _: Any) -> Any:
    """Numbers of times from the device; their sum is asked for."""
    axis = node.op.axis
    total = trace.ask(length, node.inputs[2])
    trace.check(repeats >= 0, lambda payload: ValueError("repeats may not contain negative values."))
    if repeats.ndim and repeats.shape[0] != x.shape[axis]:
        raise ValueError(
            f"operands could not be broadcast together with shape ({x.shape[axis]},) ({repeats.shape[0]},)"
        )
    if total == 0:
        return jnp.zeros((*x.shape[:axis], 0, *x.shape[axis + 1 :]), x.dtype)
    if not repeats.ndim:  # as often as the total says
        wide = (*x.shape[: axis + 1], total // x.shape[axis], *x.shape[axis + 1 :])
        stretched = lax.broadcast_in_dim(x, wide, [d for d in range(len(wide)) if d != axis + 1])
        return lax.reshape(stretched, (*x.shape[:axis], total, *x.shape[axis + 1 :]))
    return jnp.repeat(x, repeats, axis=axis, total_repeat_length=total)
