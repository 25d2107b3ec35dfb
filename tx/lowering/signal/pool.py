"""Pooling, and its gradients, by windows that are cut out with slices: an axis becomes two.

A small window is a few strided slices, which XLA fuses; `lax.reduce_window` takes over where windows are large. Its
gradient would be `select_and_scatter`, which on CPUs takes ten times as long as comparing, and knows only one of
several elements that are largest.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering import direct, layout
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.signal import pool as ops

#: the largest windows that are made of slices
_SMALL = 9


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

    @property
    def last(self) -> int:
        """Where the last window starts, in what is padded."""
        return (self.count - 1) * self.stride

    def elements(self, padding: bool) -> np.ndarray:
        """How many elements each window has, inside the image or inside its padding."""
        more = self.pad if padding else 0
        start = np.arange(self.count) * self.stride - self.pad
        return np.minimum(start + self.size, self.n + more) - np.maximum(start, -more)


def _pooled_axes(trace: Trace, node: Any, shape: tuple[int, ...]) -> list[_Axis]:
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


def _in_layout(trace: Trace, node: Any, values: Sequence[Any], function: Callable[..., Any]) -> Any:
    """``function(axes, *values)``: with channels last, if an array is known so; `axes` has all axes of the first."""
    pooled = _pooled_axes(trace, node, values[0].shape)
    shape = values[0].shape
    axes = [_Axis(n, 1, 1, 0, n) for n in shape[: len(shape) - len(pooled)]] + pooled
    if len(axes) != len(pooled) + 2 or not layout.is_kept(trace, *values):
        return function(axes, *values)
    moved = [layout.channels_last(trace, x) for x in values]
    return layout.keep(trace, function([axes[0], *pooled, axes[1]], *moved))


def _least(dtype: Any) -> Any:
    return np.array(-np.inf if jnp.issubdtype(dtype, jnp.floating) else np.iinfo(dtype).min, dtype)


def _padded(x: Any, axes: Sequence[_Axis], fill: Any) -> Any:
    """`x` from the start of the first window to the end of the last, along all axes."""
    return lax.pad(x, fill, [(a.pad, a.end, 0) for a in axes])


def _reduce(x: Any, axes: Sequence[_Axis], start: Any, operation: Any) -> Any:
    """`operation` over each window."""
    shape = tuple(a.count for a in axes)
    if 0 in (*x.shape, *shape):
        return jnp.zeros(shape, x.dtype)
    sizes, strides = [a.size for a in axes], [a.stride for a in axes]
    x = _padded(x, axes, start)
    if math.prod(sizes) > _SMALL:
        return lax.reduce_window(x, start, operation, sizes, strides, "VALID")
    corners = itertools.product(*map(range, sizes))
    ends = [a.last + 1 for a in axes]
    slices = (lax.slice(x, corner, np.add(corner, ends), strides) for corner in corners)
    return reduce(operation, slices)


def _mean(x: Any, axes: Sequence[_Axis], mode: str) -> Any:
    """The sum over each window, divided by the number of its elements if that is the mode."""
    total = _reduce(x, axes, np.zeros((), x.dtype), lax.add)
    if mode == "sum" or not total.size:
        return total
    # Axes that are not pooled have windows of one element.
    along = [a.elements(mode == "average_inc_pad") if a.size > 1 else np.ones(1, int) for a in axes]
    numbers = reduce(np.multiply.outer, along)
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.trunc(total / numbers).astype(x.dtype)
    return total / direct.cast(numbers, x.dtype)


def _windows(x: Any, axes: Sequence[_Axis], fill: Any) -> Any:
    """All windows: each axis with windows of more than one element becomes two, (count, size)."""
    x = _padded(x, axes, fill)
    for k, a in reversed(list(enumerate(axes))):
        if a.size == 1:
            x = lax.slice_in_dim(x, 0, a.last + 1, a.stride, k)
        elif a.stride == a.size:
            x = lax.reshape(x, (*x.shape[:k], a.count, a.size, *x.shape[k + 1 :]))
        else:
            x = jnp.stack([lax.slice_in_dim(x, i, i + a.last + 1, a.stride, k) for i in range(a.size)], k + 1)
    return x


def _inside(axes: Sequence[_Axis]) -> list[int]:
    """Which axes of `_windows` are inside windows."""
    wide = [k for k, a in enumerate(axes) if a.size > 1]
    return [k + i + 1 for i, k in enumerate(wide)]


def _per_window(y: Any, axes: Sequence[_Axis]) -> Any:
    """One number for each window in the form of `_windows`."""
    return lax.expand_dims(y, _inside(axes))


_same = direct.broadcasting(lax.eq)


def _at_largest(axes: Sequence[_Axis], x: Any, largest: Any, direction: Any) -> Any:
    """The sum of `direction` over the elements of each window of `x` that are its largest."""
    if 0 in (x.size, largest.size):
        return jnp.zeros(largest.shape, x.dtype)
    here = _same(_windows(x, axes, _least(x.dtype)), _per_window(largest, axes))
    parts = direct.where(here, _windows(direction, axes, np.zeros((), direction.dtype)), 0)
    return lax.reduce_sum(parts, _inside(axes))


@lowers(ops.Pool)
def pool(trace: Trace, node: Any, x: Any, *_: Any) -> Any:
    """The largest of each window, or its mean."""

    def function(axes: Sequence[_Axis], x: Any) -> Any:
        if node.op.mode == "max":
            return _reduce(x, axes, _least(x.dtype), lax.max)
        return _mean(x, axes, node.op.mode)

    return _in_layout(trace, node, [x], function)


@lowers(ops.MaxPoolGrad)
def max_pool_gradient(trace: Trace, node: Any, x: Any, largest: Any, g: Any, *_: Any) -> Any:
    """The windows' gradients, put back where the windows were cut out."""

    def function(axes: Sequence[_Axis], x: Any, largest: Any, g: Any) -> Any:
        if 0 in (x.size, largest.size):
            return jnp.zeros(x.shape, x.dtype)
        here = _same(_windows(x, axes, _least(x.dtype)), _per_window(largest, axes))
        parts = direct.where(here, _per_window(direct.cast(g, x.dtype), axes), 0)
        zero, like = np.zeros((), x.dtype), jax.ShapeDtypeStruct(x.shape, x.dtype)
        return jax.linear_transpose(lambda v: _windows(v, axes, zero), like)(parts)[0]

    return _in_layout(trace, node, [x, largest, g], function)


@lowers(ops.AveragePoolGrad)
def average_pool_gradient(trace: Trace, node: Any, x: Any, g: Any, *_: Any) -> Any:
    """The transpose of the mean."""

    def function(axes: Sequence[_Axis], x: Any, g: Any) -> Any:
        if 0 in (x.size, g.size):
            return jnp.zeros(x.shape, x.dtype)
        like = jax.ShapeDtypeStruct(x.shape, x.dtype)
        return jax.linear_transpose(lambda v: _mean(v, axes, node.op.mode), like)(direct.cast(g, x.dtype))[0]

    return _in_layout(trace, node, [x, g], function)


@lowers(ops.DownsampleFactorMaxGradGrad)
def max_pool_gradient_gradient(trace: Trace, node: Any, x: Any, largest: Any, direction: Any, *_: Any) -> Any:
    """Windows of both."""
    return _in_layout(trace, node, [x, largest, direction], _at_largest)


@lowers(ops.MaxPoolRop)
def max_pool_pushforward(trace: Trace, node: Any, x: Any, direction: Any, *_: Any) -> Any:
    """Windows of both."""

    def function(axes: Sequence[_Axis], x: Any, direction: Any) -> Any:
        return _at_largest(axes, x, _reduce(x, axes, _least(x.dtype), lax.max), direction)

    return _in_layout(trace, node, [x, direction], function)
