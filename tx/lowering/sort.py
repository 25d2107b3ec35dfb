"""Sorting."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.sort import ArgSort, Sort, TopK


@lowers(Sort)
def sort(trace: Trace, node: Any, x: Any) -> Any:
    """jax's stable sort."""
    return jnp.sort(x, axis=node.op.axis)


@lowers(ArgSort)
def argsort(trace: Trace, node: Any, x: Any) -> Any:
    """jax's stable sort of positions."""
    return jnp.argsort(x, axis=node.op.axis).astype("int64")


@lowers(TopK)
def topk(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """The end, or the beginning, of everything sorted."""
    op, k = node.op, trace.static(node.inputs[1])
    n = x.shape[op.axis]
    if k == 0:
        raise ValueError("topk: kth cannot be zero")
    if abs(k) > n:
        raise ValueError(f"topk: kth cannot be larger than the size of specified axis {op.axis}: {abs(k)} > {n}")
    start, stop = (n - k, n) if k > 0 else (0, -k)
    positions = lax.slice_in_dim(jnp.argsort(x, axis=op.axis), start, stop, axis=op.axis)
    if op.sorted and k > 0:
        positions = jnp.flip(positions, op.axis)
    values = jnp.take_along_axis(x, positions, axis=op.axis, mode="promise_in_bounds")
    return [values, positions.astype(op.idx_dtype)]
