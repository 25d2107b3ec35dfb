"""Diagonals: taken out of a tensor, and put into one."""

from __future__ import annotations

from typing import Any

from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import arange, zeros
from tx.tensor.shapes import dimshuffle, shape_i
from tx.tensor.subtensor import set_subtensor


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements of `a` whose positions along two axes differ by `offset`, as a new last axis; see numpy.diagonal.

    Raises ValueError when `a` has fewer than two dimensions, or when the two axes are the same.
    """
    a = as_tensor_variable(a)
    if a.ndim < 2:
        raise ValueError("ExtractDiag needs an input with 2 or more dimensions", a)
    axis1, axis2 = axis1 % a.ndim, axis2 % a.ndim
    if axis1 == axis2:
        raise ValueError("axis1 and axis2 cannot be the same", axis1)
    rest = [d for d in range(a.ndim) if d not in (axis1, axis2)]
    moved = dimshuffle(a, *rest, axis1, axis2)
    rows, columns = max(-offset, 0), max(offset, 0)
    length = F.maximum(0, F.minimum(shape_i(a, axis1) - rows, shape_i(a, axis2) - columns))
    positions = arange(length)
    return moved[..., positions + rows, positions + columns]


def alloc_diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros, with the last axis of `x` on the diagonal `offset` of two new axes: the opposite of `diagonal`."""
    x = as_tensor_variable(x)
    if x.ndim == 0:
        raise ValueError("AllocDiag needs an input with 1 or more dimensions", x)
    n = shape_i(x, x.ndim - 1)
    size = n + abs(offset)
    empty = zeros([*(shape_i(x, d) for d in range(x.ndim - 1)), size, size], x.dtype)
    positions = arange(n)
    full = set_subtensor(empty[..., positions + max(-offset, 0), positions + max(offset, 0)], x)
    order: list[Any] = [None] * full.ndim
    order[axis1 % full.ndim], order[axis2 % full.ndim] = full.ndim - 2, full.ndim - 1
    others = iter(range(full.ndim - 2))
    return dimshuffle(full, *(next(others) if d is None else d for d in order))


class _OfDiagonal:
    """What is common to the two: an offset and two axes, as parameters."""

    def __init__(self, offset: int = 0, axis1: int = 0, axis2: int = 1, view: bool = False):
        self.offset, self.axis1, self.axis2 = offset, axis1, axis2


class ExtractDiag(_OfDiagonal):
    """``ExtractDiag(offset, axis1, axis2)(x)`` is ``diagonal(x, offset, axis1, axis2)``."""

    def __call__(self, x: Any) -> Any:
        """The diagonal of `x`."""
        return diagonal(x, self.offset, self.axis1, self.axis2)


class AllocDiag(_OfDiagonal):
    """``AllocDiag(offset, axis1, axis2)(x)``: a tensor with `x` on a diagonal, zeros elsewhere."""

    def __call__(self, x: Any) -> Any:
        """`x` on a diagonal."""
        return alloc_diagonal(x, self.offset, self.axis1, self.axis2)


__all__ = ["AllocDiag", "ExtractDiag", "diagonal"]
