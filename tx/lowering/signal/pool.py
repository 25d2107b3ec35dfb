"""Pooling by `lax.reduce_window`; its gradients by windows that are cut out with strided slices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.signal import pool as ops


@dataclass(frozen=True)
class _Axis:
    """Where the windows are along one axis: `count` of them, of `size`, `stride` apart, `pad` before the first."""

    n: int
    size: int
    stride: int
    pad: int
    count: int

    @property
    def end(self) -> int:
        """What has to be added behind (or, when negative, cut off) so that the last window ends there."""
        return (self.count - 1) * self.stride + self.size - self.n - self.pad

    def elements(self, padding: bool) -> np.ndarray:
        """How many elements each window has, inside the image or inside its padding."""
        more = self.pad if padding else 0
        start = np.arange(self.count) * self.stride - self.pad
        return np.minimum(start + self.size, self.n + more) - np.maximum(start, -more)


def _axes(trace: Trace, node: Any, shape: tuple[int, ...]) -> list[_Axis]:
    """The windows along the last axes. Raises ValueError for sizes that make no sense."""
    op = node.op
    ws, stride, pad = (trace.static(v) for v in node.inputs[-3:])
    if not len(ws) == len(stride) == len(pad) == op.ndim:
        raise ValueError(f"pooling over {op.ndim} axes got ws={ws}, stride={stride}, pad={pad}")
    if min(*ws, *stride) < 1:
        raise ValueError(f"windows and their steps must be at least 1: ws={ws}, stride={stride}")
    if any(pad) and not op.ignore_border:
        raise ValueError("padding works only with ignore_border=True")
    if min(pad) < 0 or any(p >= w for p, w in zip(pad, ws, strict=True)):
        raise ValueError(f"padding must be smaller than the windows: ws={ws}, pad={pad}")
    rows = zip(shape[-op.ndim :], ws, stride, pad, strict=True)
    return [_Axis(*row, ops.pooled_length(*row, op.ignore_border)) for row in rows]


def _least(dtype: Any) -> Any:
    return np.array(-np.inf if jnp.issubdtype(dtype, jnp.floating) else np.iinfo(dtype).min, dtype)


def _reduce(x: Any, axes: list[_Axis], start: Any, operation: Any) -> Any:
    """`operation` over each window."""
    lead = x.ndim - len(axes)
    shape = (*x.shape[:lead], *(a.count for a in axes))
    if 0 in (*x.shape, *shape):
        return jnp.zeros(shape, x.dtype)
    x = x[(..., *(slice(None, a.n + min(a.end, 0)) for a in axes))]
    return lax.reduce_window(
        x,
        start,
        operation,
        (*[1] * lead, *(a.size for a in axes)),
        (*[1] * lead, *(a.stride for a in axes)),
        [*[(0, 0)] * lead, *((a.pad, max(a.end, 0)) for a in axes)],
    )


def _mean(x: Any, axes: list[_Axis], mode: str) -> Any:
    """The sum over each window, divided by the number of its elements if that is the mode."""
    total = _reduce(x, axes, np.zeros((), x.dtype), lax.add)
    if mode == "sum" or not total.size:
        return total
    numbers = reduce(np.multiply.outer, [a.elements(mode == "average_inc_pad") for a in axes])
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.trunc(total / numbers).astype(x.dtype)
    return total / numbers.astype(x.dtype)


def _windows(x: Any, axes: list[_Axis], fill: Any) -> Any:
    """All windows: each of the last axes becomes two, (count, size)."""
    lead = x.ndim - len(axes)
    x = lax.pad(x, fill, [*[(0, 0, 0)] * lead, *((a.pad, a.end, 0) for a in axes)])
    for k, a in reversed(list(enumerate(axes, lead))):
        if a.stride == a.size:
            x = x.reshape(*x.shape[:k], a.count, a.size, *x.shape[k + 1 :])
            continue
        last = (a.count - 1) * a.stride + 1
        x = jnp.stack([lax.slice_in_dim(x, i, i + last, a.stride, k) for i in range(a.size)], k + 1)
    return x


def _per_window(y: Any, axes: list[_Axis]) -> Any:
    """One number for each window in the form of `_windows`."""
    lead = y.ndim - len(axes)
    return lax.expand_dims(y, [lead + 2 * k + 1 for k in range(len(axes))])


def _at_largest(x: Any, largest: Any, direction: Any, axes: list[_Axis]) -> Any:
    """The sum of `direction` over the elements of each window of `x` that are its largest."""
    if 0 in (x.size, largest.size):
        return jnp.zeros(largest.shape, x.dtype)
    here = _windows(x, axes, _least(x.dtype)) == _per_window(largest, axes)
    parts = jnp.where(here, _windows(direction, axes, np.zeros((), direction.dtype)), 0)
    lead = x.ndim - len(axes)
    return jnp.sum(parts, [lead + 2 * k + 1 for k in range(len(axes))])


@lowers(ops.Pool)
def pool(trace: Trace, node: Any, x: Any, *_: Any) -> Any:
    """The largest of each window, or its mean."""
    axes = _axes(trace, node, x.shape)
    if node.op.mode == "max":
        return _reduce(x, axes, _least(x.dtype), lax.max)
    return _mean(x, axes, node.op.mode)


@lowers(ops.MaxPoolGrad)
def max_pool_gradient(trace: Trace, node: Any, x: Any, largest: Any, g: Any, *_: Any) -> Any:
    """The windows' gradients, put back where the windows were cut out."""
    axes = _axes(trace, node, x.shape)
    if 0 in (x.size, largest.size):
        return jnp.zeros(x.shape, x.dtype)
    here = _windows(x, axes, _least(x.dtype)) == _per_window(largest, axes)
    parts = jnp.where(here, _per_window(g.astype(x.dtype), axes), 0)
    zero = np.zeros((), x.dtype)
    return jax.linear_transpose(lambda v: _windows(v, axes, zero), jax.ShapeDtypeStruct(x.shape, x.dtype))(parts)[0]


@lowers(ops.AveragePoolGrad)
def average_pool_gradient(trace: Trace, node: Any, x: Any, g: Any, *_: Any) -> Any:
    """The transpose of the mean."""
    axes = _axes(trace, node, x.shape)
    if 0 in (x.size, g.size):
        return jnp.zeros(x.shape, x.dtype)
    like = jax.ShapeDtypeStruct(x.shape, x.dtype)
    return jax.linear_transpose(lambda v: _mean(v, axes, node.op.mode), like)(g.astype(x.dtype))[0]


@lowers(ops.DownsampleFactorMaxGradGrad)
def max_pool_gradient_gradient(trace: Trace, node: Any, x: Any, largest: Any, direction: Any, *_: Any) -> Any:
    """Windows of both."""
    return _at_largest(x, largest, direction, _axes(trace, node, x.shape))


@lowers(ops.MaxPoolRop)
def max_pool_pushforward(trace: Trace, node: Any, x: Any, direction: Any, *_: Any) -> Any:
    """Windows of both."""
    axes = _axes(trace, node, x.shape)
    return _at_largest(x, _reduce(x, axes, _least(x.dtype), lax.max), direction, axes)
