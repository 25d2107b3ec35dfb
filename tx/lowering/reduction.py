"""Reductions and arg-reductions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.scalar import dtypes as dt
from tx.tensor.reduction import Argmax, CAReduce


def _no_identity(x: Any, axes: tuple[int, ...], what: str) -> None:
    for d in axes:
        if x.shape[d] == 0:
            raise ValueError(f"zero-size array to reduction operation {what} which has no identity (axis {d})")


@lowers(CAReduce)
def careduce(trace: Trace, node: Any, x: Any) -> Any:
    """jax's reduction, in the accumulator's dtype."""
    op, target = node.op, node.outputs[0].type.dtype
    axes = op.axes(x.ndim)
    if op.operation in ("all", "any"):
        return getattr(jnp, op.operation)(x != 0, axis=axes).astype(target)
    if op.operation in ("max", "min"):
        _no_identity(x, axes, f"{op.operation}imum")
        return getattr(jnp, op.operation)(x, axis=axes)
    accumulator = op.acc_dtype or ("float32" if target == "float16" else target)
    accumulator = dt.upcast(accumulator, target) if dt.is_complex(target) else accumulator
    return getattr(jnp, op.operation)(x.astype(accumulator), axis=axes).astype(target)


@lowers(Argmax)
def argmax(trace: Trace, node: Any, x: Any) -> Any:
    """The first of the largest; several axes are flattened in their order."""
    axes = tuple(range(x.ndim)) if node.op.axis is None else node.op.axis
    _no_identity(x, axes, "argmax")
    kept = [d for d in range(x.ndim) if d not in axes]
    moved = jnp.transpose(x, [*kept, *axes]).reshape([x.shape[d] for d in kept] + [-1])
    return jnp.argmax(moved, axis=-1).astype("int64")
