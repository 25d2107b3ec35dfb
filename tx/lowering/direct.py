"""What numpy calls ``where``, ``sum`` or ``x < 0``, straight from `lax`, for values of one dtype.

Each function of `jax.numpy`, and each operator between jax values, is traced by itself before it becomes a part of what
is traced: half a millisecond for each that a process has not met with these shapes. Rules that nearly every function
needs go without.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.export import is_symbolic_dim


def scalar(value: Any, dtype: Any) -> Any:
    """A number, or a length that an export leaves open, as an array."""
    return jnp.asarray(value, dtype) if is_symbolic_dim(value) else np.asarray(value, dtype)


def full(shape: Sequence[Any], value: Any, dtype: Any) -> Any:
    """An array of this shape, of a number."""
    return lax.broadcast(scalar(value, dtype), tuple(shape))


def stretched(value: Any, shape: tuple[Any, ...], dtype: Any) -> Any:
    """A number, or an array whose last axes broadcast, as an array of this shape."""
    if not hasattr(value, "dtype"):
        value = scalar(value, dtype)
    if value.shape == shape:
        return value
    return lax.broadcast_in_dim(value, shape, tuple(range(len(shape) - value.ndim, len(shape))))


def where(condition: Any, x: Any, y: Any) -> Any:
    """`x` where the condition holds, `y` elsewhere: arrays that broadcast, of which one may be a number."""
    dtype = (x if hasattr(x, "dtype") else y).dtype
    shape = lax.broadcast_shapes(*(np.shape(v) for v in (condition, x, y)))
    pick = condition if condition.ndim == 0 else stretched(condition, shape, "bool")
    return lax.select(pick, stretched(x, shape, dtype), stretched(y, shape, dtype))


def _with_number(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """``operation(x, number)``: what is elementwise takes numbers as they are, each half of what an array takes."""
    return lambda x, number: operation(x, scalar(number, x.dtype))


above, below, equal, differs, plus, times = map(_with_number, (lax.gt, lax.lt, lax.eq, lax.ne, lax.add, lax.mul))


def broadcasting(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`operation`, for two arrays of one dtype that broadcast."""

    def of_any(x: Any, y: Any) -> Any:
        shape = lax.broadcast_shapes(x.shape, y.shape)
        return operation(stretched(x, shape, x.dtype), stretched(y, shape, y.dtype))

    return of_any


def cast(x: Any, dtype: Any) -> Any:
    """`x` in another dtype: ``x.astype(dtype)``, which takes jax several times as long to trace."""
    if x.dtype == dtype:
        return x
    return x.astype(dtype) if isinstance(x, np.ndarray) else lax.convert_element_type(x, dtype)


def clip(x: Any, low: Any, high: Any) -> Any:
    """`x`, but from `low` to `high`: numbers."""
    return lax.min(lax.max(x, scalar(low, x.dtype)), scalar(high, x.dtype))


def greater(x: Any, y: Any) -> Any:
    """The greater of both, or the one that is NaN."""
    return lax.select(lax.bitwise_or(lax.gt(x, y), lax.ne(x, x)), x, y)


def less(x: Any, y: Any) -> Any:
    """The less of both, or the one that is NaN."""
    return lax.select(lax.bitwise_or(lax.lt(x, y), lax.ne(x, x)), x, y)


def greatest(x: Any, axes: Sequence[int]) -> Any:
    """The greatest element along axes; NaN where there is one.

    `lax.reduce_max` promises that, too, but the library that makes it for XLA on the CPU (jaxlib 0.10) leaves NaN out.
    """
    return lax.reduce(x, scalar(-np.inf, x.dtype), greater, axes) if _has_nan(x) else lax.reduce_max(x, axes)


def least(x: Any, axes: Sequence[int]) -> Any:
    """The least element along axes; NaN where there is one."""
    return lax.reduce(x, scalar(np.inf, x.dtype), less, axes) if _has_nan(x) else lax.reduce_min(x, axes)


def _has_nan(x: Any) -> bool:
    return bool(jnp.issubdtype(x.dtype, np.floating))


def kept(x: Any, axes: Sequence[int], shape: Sequence[Any]) -> Any:
    """A reduction over `axes` of an array of this shape, stretched over it again."""
    return lax.broadcast_in_dim(x, tuple(shape), tuple(d for d in range(len(shape)) if d not in axes))


def row(x: Any, i: Any) -> Any:
    """``x[i]``, for an `i` that is in range and counts from the start."""
    starts = [i, *[np.zeros((), i.dtype)] * (x.ndim - 1)]
    return lax.squeeze(lax.dynamic_slice(x, starts, (1, *x.shape[1:]), allow_negative_indices=False), [0])


def with_row(x: Any, values: Any, i: Any) -> Any:
    """`x` with `values` for ``x[i]``, in place where that can be."""
    starts = [i, *[np.zeros((), i.dtype)] * (x.ndim - 1)]
    return lax.dynamic_update_slice(x, lax.expand_dims(values, [0]), starts, allow_negative_indices=False)


def stack(scalars: Sequence[Any]) -> Any:
    """A vector of scalars."""
    return lax.concatenate([lax.reshape(v, (1,)) for v in scalars], 0)


__all__ = [
    "above", "below", "broadcasting", "cast", "clip", "differs", "equal", "full", "greater", "greatest", "kept",
    "least", "less", "plus", "row", "scalar", "stack", "stretched", "times", "where", "with_row",
]  # fmt: skip
