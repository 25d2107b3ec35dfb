"""Images with channels last: what XLA's convolutions compute in on CPUs, while Theano's have channels second.

A rule that computes with channels last says so by `keep`: the trace notes that array beside its transpose, which
is the rule's result. The next rule gets the array back by `channels_last`. Transposes that nobody reads cost nothing,
and where all rules between two convolutions know of this (those of elementwise Ops, pooling, normalisation), nobody
reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax import lax

from tx.lowering.trace import Trace


def shape_with_channels_last(shape: Sequence[int]) -> tuple[int, ...]:
    """(images, channels, *lengths) -> (images, *lengths, channels)"""
    return (shape[0], *shape[2:], shape[1])


def shape_with_channels_second(shape: Sequence[int]) -> tuple[int, ...]:
    """(images, *lengths, channels) -> (images, channels, *lengths)"""
    return (shape[0], shape[-1], *shape[1:-1])


def channels_last(trace: Trace, x: Any) -> Any:
    """`x`, which has channels second, with channels last."""
    kept = trace.layouts.get(id(x))
    return lax.transpose(x, shape_with_channels_last(range(x.ndim))) if kept is None else kept[1]


def keep(trace: Trace, x: Any) -> Any:
    """`x`, which has channels last, with channels second, as a rule has to return it; and note both."""
    result = lax.transpose(x, shape_with_channels_second(range(x.ndim)))
    trace.layouts[id(result)] = result, x
    return result


def is_kept(trace: Trace, *values: Any) -> bool:
    """Whether any of these arrays is known with channels last."""
    return any(id(x) in trace.layouts for x in values)


def reduced_axes(trace: Trace, x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """`x` and the `axes` that a reduction takes away: with channels last, if known so and the rest stays in order."""
    order = shape_with_channels_last(range(x.ndim)) if is_kept(trace, x) else ()
    rest = [d for d in order if d not in axes]
    if not order or rest != sorted(rest):
        return x, axes
    return channels_last(trace, x), tuple(sorted(order.index(d) for d in axes))


def elementwise(trace: Trace, values: Sequence[Any], shape: tuple[int, ...], function: Callable[..., Any]) -> Any:
    """``function(shape, *values)``, elementwise with a result of `shape`; with channels last if a value is."""
    if not is_kept(trace, *values):
        return function(shape, *values)
    moved = (x if isinstance(x, np.ndarray) else channels_last(trace, x) for x in values)  # numbers stay as they are
    return keep(trace, function(shape_with_channels_last(shape), *moved))
