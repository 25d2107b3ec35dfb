"""Gather and scatter for a key of numpy's: an array of indices, a full slice or None for each axis.

All indices are in range, and count from the start.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jax import lax

from tx.lowering import direct

Key = Sequence[Any]


class _Places(NamedTuple):
    """Where a key leads: vectors of indices in the axes that are `named`, and where the axes of the others go."""

    indices: Any
    named: tuple[int, ...]
    others: tuple[int, ...]


def _places(key: Key) -> _Places:
    arrays = [i for i, k in enumerate(key) if hasattr(k, "dtype")]
    axes = [k for k in key if k is not None]
    named = tuple(d for d, k in enumerate(axes) if hasattr(k, "dtype"))
    picked = lax.broadcast_shapes(*(axes[d].shape for d in named))
    dtype = max((axes[d].dtype for d in named), key=lambda t: t.itemsize)
    columns = [direct.stretched(lax.convert_element_type(axes[d], dtype), picked, dtype) for d in named]
    columns = [lax.reshape(c, (*picked, 1)) for c in columns]
    indices = columns[0] if len(columns) == 1 else lax.concatenate(columns, len(picked))
    # numpy: the picked axes replace the named ones where these stand side by side, and come first elsewhere
    together = arrays[-1] - arrays[0] + 1 == len(arrays)
    first = sum(isinstance(k, slice) for k in key[: arrays[0]]) if together else 0
    rank = len(picked) + len(axes) - len(named)
    others = tuple(d for d in range(rank) if not first <= d < first + len(picked))
    return _Places(indices, named, others)


def gather(x: Any, key: Key) -> Any:
    """``x[key]``, without the axes of None."""
    indices, named, others = _places(key)
    sizes = [1 if d in named else n for d, n in enumerate(x.shape)]
    numbers = lax.GatherDimensionNumbers(others, named, named)
    return lax.gather(x, indices, numbers, sizes, mode=lax.GatherScatterMode.PROMISE_IN_BOUNDS)


def scatter(x: Any, key: Key, values: Any, write: Callable[..., Any], drop: bool = False) -> Any:
    """`x` with `values`, of the shape of ``x[key]``, written there by `write`: `lax.scatter`, `lax.scatter_add`, ...

    With `drop` indices may be beyond the end: there nothing is written.
    """
    indices, named, others = _places(key)
    shape = lax.broadcast_shapes(*(k.shape for k in key if hasattr(k, "dtype")))
    lengths, picked = iter(n for d, n in enumerate(x.shape) if d not in named), iter(shape)
    rank = len(shape) + len(others)
    values = lax.reshape(values, [next(lengths) if d in others else next(picked) for d in range(rank)])
    numbers = lax.ScatterDimensionNumbers(others, named, named)
    mode = lax.GatherScatterMode.FILL_OR_DROP if drop else lax.GatherScatterMode.PROMISE_IN_BOUNDS
    return write(x, indices, values, numbers, mode=mode)


__all__ = ["gather", "scatter"]
