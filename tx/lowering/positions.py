"""Positions and values."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor import positions as ops


@lowers(ops.FillDiagonal)
def fill_diagonal(trace: Trace, node: Any, a: Any, value: Any) -> Any:
    """Where the positions along all axes are the same."""
    if a.ndim > 2 and len(set(a.shape)) != 1:
        raise ValueError(f"All dimensions of input must be of equal length, not {a.shape}")
    first = lax.broadcasted_iota("int64", a.shape, 0)
    here = [lax.broadcasted_iota("int64", a.shape, d) == first for d in range(1, a.ndim)]
    return jnp.where(np.prod(here, axis=0) if len(here) > 1 else here[0], value, a)


@lowers(ops.FillDiagonalOffset)
def fill_diagonal_offset(trace: Trace, node: Any, a: Any, value: Any, offset: Any) -> Any:
    """Where the column is `offset` more than the row."""
    rows, columns = (lax.broadcasted_iota("int64", a.shape, d) for d in (0, 1))
    return jnp.where(columns - rows == offset, value, a)


def _strides(dims: Any, order: str) -> Any:
    if order == "C":
        return jnp.concatenate([jnp.cumprod(dims[:0:-1])[::-1], jnp.ones(1, dims.dtype)])
    return jnp.concatenate([jnp.ones(1, dims.dtype), jnp.cumprod(dims[:-1])])


@lowers(ops.UnravelIndex)
def unravel_index(trace: Trace, node: Any, indices: Any, dims: Any) -> Any:
    """Divided by the strides."""
    if dims.shape[0] != node.op.ndim:
        raise ValueError(f"unravel_index was made for {node.op.ndim} dimensions, and got {dims.shape[0]}")
    indices, size = indices.astype("int64"), jnp.prod(dims)
    flat = indices.reshape(-1)
    wrong = (flat < 0) | (flat >= size)
    trace.check_each(wrong, flat, lambda index: ValueError(f"index {index} is out of bounds for the array"))
    strides = _strides(dims, node.op.order)
    return [indices // strides[d] % jnp.maximum(dims[d], 1) for d in range(node.op.ndim)]


@lowers(ops.RavelMultiIndex)
def ravel_multi_index(trace: Trace, node: Any, *inputs: Any) -> Any:
    """Multiplied by the strides."""
    *positions, dims = inputs
    if dims.shape[0] != len(positions):
        raise ValueError(f"parameter multi_index must be a sequence of length {dims.shape[0]}, not {len(positions)}")
    strides, total = _strides(dims, node.op.order), jnp.zeros((), "int64")
    for d, raw in enumerate(positions):
        p, n = raw.astype("int64"), dims[d]
        if node.op.mode == "raise":
            trace.check((p >= 0) & (p < n), lambda _: ValueError("invalid entry in coordinates array"))
        p = p % jnp.maximum(n, 1) if node.op.mode == "wrap" else jnp.clip(p, 0, n - 1)
        total = total + p * strides[d]
    return total


@lowers(ops.SearchsortedOp)
def searchsorted(trace: Trace, node: Any, x: Any, v: Any, *sorter: Any) -> Any:
    """By bisection."""
    if sorter and sorter[0].shape != x.shape:
        raise ValueError(f"sorter.size must equal a.size: {sorter[0].shape} and {x.shape}")
    return jnp.searchsorted(x[sorter[0]] if sorter else x, v, side=node.op.side).astype("int64")
