"""Running sums and products."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.cumulative import CumOp


@lowers(CumOp)
def cumulative(trace: Trace, node: Any, x: Any) -> Any:
    """In the dtype of `x`; of truth values: whether any (all) so far."""
    axis = node.op.axis
    if axis is None:
        x, axis = x.reshape(-1), 0
    run = jnp.cumsum if node.op.mode == "add" else jnp.cumprod
    if x.dtype == bool:
        return run(x.astype("int64"), axis=axis) != 0
    return run(x, axis=axis, dtype=x.dtype)
