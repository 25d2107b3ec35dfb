"""Putting together and taking apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering import direct
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.joining import Join, JoinAt, MakeVector, Split, SplitAt


@lowers(MakeVector)
def make_vector(trace: Trace, node: Any, *values: Any) -> Any:
    """The scalars, one behind the other."""
    if not values:
        return jnp.zeros(0, node.op.dtype)
    return lax.concatenate([lax.reshape(v, (1,)) for v in values], 0)


@lowers(Join)
def join(trace: Trace, node: Any, *values: Any) -> Any:
    """The tensors in the common dtype. Raises ValueError when other lengths than the axis's differ."""
    return _join(node, node.op.axis, values)


@lowers(JoinAt)
def join_at(trace: Trace, node: Any, _: Any, *values: Any) -> Any:
    """As `join`; the axis is asked for. Raises IndexError for an axis out of range."""
    return _join(node, _axis(trace, node.inputs[0], node.inputs[1].ndim), values)


@lowers(Split)
def split(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """Slices of the lengths asked for."""
    return _split(trace, node, node.op.axis, x)


@lowers(SplitAt)
def split_at(trace: Trace, node: Any, x: Any, *_: Any) -> Any:
    """As `split`; the axis is asked for. Raises IndexError for an axis out of range."""
    return _split(trace, node, _axis(trace, node.inputs[2], x.ndim), x)


def _axis(trace: Trace, variable: Any, ndim: int) -> int:
    axis = trace.static(variable)
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of bounds for array of dimension {ndim}")
    return int(axis % ndim)


def _join(node: Any, axis: int, values: Sequence[Any]) -> Any:
    dtype = node.outputs[0].type.dtype
    rest = {tuple(n for d, n in enumerate(v.shape) if d != axis) for v in values}
    if len(rest) > 1:
        raise ValueError("all the input array dimensions except for the concatenation axis must match exactly: "
                         f"{[v.shape for v in values]} along axis {axis}")  # fmt: skip
    return lax.concatenate([direct.cast(v, dtype) for v in values], axis)


def _split(trace: Trace, node: Any, axis: int, x: Any) -> Any:
    lengths = trace.static(node.inputs[1])
    if len(lengths) != node.op.len_splits:
        raise ValueError(f"In Split.perform(), len(splits) != len_splits. ({len(lengths)}, {node.op.len_splits})")
    if sum(lengths) != x.shape[axis]:
        raise ValueError(f"The splits sum to {sum(lengths)}, expected {x.shape[axis]}")
    if any(n < 0 for n in lengths):
        raise ValueError("Split: you tried to make an ndarray with a negative number of elements.")
    parts, start = [], 0
    for n in lengths:
        parts.append(lax.slice_in_dim(x, start, start + n, axis=axis))
        start += n
    return parts
