"""Choosing among several tensors, element by element, and putting rows in another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import arange
from tx.tensor.elemwise import pad_left
from tx.tensor.shapes import shape_i
from tx.tensor.type import TensorType


class Choose(Op):
    """``choices[index]`` for each element of an index tensor, all broadcast together as numpy's ``choose`` does.

    The choices are inputs of their own, or, if `stacked`, the slices of one tensor along its first axis.
    Raises ValueError when run with mode 'raise' and an index that is none of the choices'.
    """

    __props__ = ("mode", "stacked")

    def __init__(self, mode: str, stacked: bool = False):
        if mode not in ("raise", "wrap", "clip"):
            raise ValueError(f"mode must be 'raise', 'wrap' or 'clip', not {mode!r}")
        self.mode = mode
        self.stacked = stacked

    def make_node(self, index: Any, *choices: Any) -> Apply:
        """Raises TypeError unless the index is of integers and there is something to choose from."""
        index = as_tensor_variable(index)
        if not dt.is_discrete(index.dtype):
            raise TypeError(f"choose first argument must have an [u]int* dtype. Got {index.dtype}.", index)
        tensors = [as_tensor_variable(c) for c in choices]
        if not tensors or (self.stacked and tensors[0].ndim == 0):
            raise TypeError("choose needs a sequence of choices, or a tensor of them", choices)
        patterns = [t.type.broadcastable[int(self.stacked) :] for t in tensors] + [index.type.broadcastable]
        ndim = max(map(len, patterns))
        padded = [(True,) * (ndim - len(p)) + tuple(p) for p in patterns]
        pattern = [all(bits) for bits in zip(*padded, strict=True)]
        return Apply(self, [index, *tensors], [TensorType(dt.upcast(*(t.dtype for t in tensors)), pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The index has no influence that a derivative could see."""
        return [[False], *([True] for _ in node.inputs[1:])]


def choose(a: Any, choices: Any, out: Any = None, mode: str = "raise") -> Any:
    """For each element of the integer tensor `a` the element at its place in ``choices[a]``.

    `choices` is a sequence of tensors, or one tensor whose first axis counts them; all are broadcast together.
    `mode` says what an index that is none of theirs means: ``'raise'`` (ValueError), ``'wrap'`` (modulo their number),
    ``'clip'`` (the nearest). `out` must be None: a graph has no arrays to write into. Source: numpy.choose.
    """
    if out is not None:
        raise AssertionError("choose has no out: its result is a new Variable")
    if isinstance(choices, list | tuple):
        return Choose(mode)(a, *choices)
    return Choose(mode, stacked=True)(a, choices)


class PermuteRowElements(Op):
    """Each row (along the last axis) of `x` in the order that the row of `y` gives; with `inverse`, put back."""

    __props__ = ("inverse",)

    def __init__(self, inverse: bool = False):
        self.inverse = bool(inverse)

    def make_node(self, x: Any, y: Any) -> Apply:
        """Raises TypeError unless `y` is of integers, ValueError when neither has a row."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        if not dt.is_discrete(y.dtype):
            raise TypeError("permutations must be integers", y.type)
        ndim = max(x.ndim, y.ndim)
        if ndim == 0:
            raise ValueError("permute_row_elements needs rows", x, y)
        x, y = pad_left(x, ndim), pad_left(y, ndim)
        pattern = [bx and by for bx, by in zip(x.type.broadcastable, y.type.broadcastable, strict=True)]
        return Apply(self, [x, y], [TensorType(x.type.dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The order has no influence that a derivative could see."""
        return [[True], [False]]


def permute_row_elements(x: Any, y: Any, inverse: int = 0) -> Any:
    """The elements of each row (along the last axis) of `x` in the order that the integer rows of `y` give.

    Rows are broadcast against each other. With `inverse` the permutations are undone.
    """
    return PermuteRowElements(bool(inverse))(x, y)


def inverse_permutation(perm: Any) -> Any:
    """The permutation that undoes `perm`, for each row."""
    perm = as_tensor_variable(perm)
    return permute_row_elements(arange(shape_i(perm, perm.ndim - 1), dtype=perm.dtype), perm, inverse=True)


def largest(*args: Any) -> Any:
    """The largest of several tensors, elementwise."""
    return _extreme(F.maximum, args)


def smallest(*args: Any) -> Any:
    """The smallest of several tensors, elementwise."""
    return _extreme(F.minimum, args)


def _extreme(function: Any, args: Sequence[Any]) -> Any:
    if not args:
        raise ValueError("largest and smallest need at least one argument")
    result = as_tensor_variable(args[0])
    for other in args[1:]:
        result = function(result, other)
    return result


__all__ = [
    "Choose",
    "PermuteRowElements",
    "choose",
    "inverse_permutation",
    "largest",
    "permute_row_elements",
    "smallest",
]
