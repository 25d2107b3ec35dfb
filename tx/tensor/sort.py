"""Sorting, and the largest or smallest few. Source: theano.tensor.sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, static_int
from tx.tensor.type import TensorType

KINDS = ("quicksort", "mergesort", "heapsort", "stable")


class Sort(Op):
    """The elements in ascending order along `axis`, NaN last."""

    __props__ = ("axis",)

    def __init__(self, axis: int):
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Of the same type."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return [shapes[0]]


class ArgSort(Op):
    """The positions that put the elements in ascending order along `axis`, int64; equal elements keep their order."""

    __props__ = ("axis",)

    def __init__(self, axis: int):
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Of the same shape."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [TensorType("int64", x.type.broadcastable)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Positions do not move."""
        return [F.zeros_like_float(inputs[0])]

    infer_shape = Sort.infer_shape


class TopK(Op):
    """The k largest elements along `axis` (for a negative k the smallest), and their positions.

    In descending order if `sorted` (the smallest ascending), else ascending. Raises ValueError when run with a k that
    is 0 or larger than the axis.
    """

    __props__ = ("axis", "sorted", "idx_dtype")

    def __init__(self, axis: int, sorted: bool, idx_dtype: str):
        self.axis = axis
        self.sorted = sorted
        self.idx_dtype = idx_dtype

    def make_node(self, x: Any, kth: Any) -> Apply:
        """Raises TypeError unless k is an integer scalar."""
        x, kth = as_tensor_variable(x), as_tensor_variable(kth)
        if kth.ndim or not dt.is_discrete(kth.dtype):
            raise TypeError("topk: k must be an integer scalar", kth)
        pattern = [b and d != self.axis for d, b in enumerate(x.type.broadcastable)]
        outputs = [TensorType(x.dtype, pattern)(), TensorType(self.idx_dtype, pattern)()]
        return Apply(self, [x, F.cast(kth, "int64")], outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The positions and the number have no influence that a derivative could see."""
        return [[True, False], [False, False]]


def _prepared(a: Any, axis: Any) -> tuple[Any, int]:
    """The tensor (flattened where `axis` is None) and a non-negative axis."""
    a = as_tensor_variable(a)
    if axis is None:
        return a.flatten(), 0
    number = static_int(axis)
    if number is None:
        raise TypeError("the axis to sort along must be known when the graph is built", axis)
    if not -a.ndim <= number < a.ndim:
        raise ValueError(f"axis {number} is out of bounds for {a}, of dimension {a.ndim}")
    return a, number % a.ndim


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"sort kind must be one of {', '.join(KINDS)} (got {kind!r})")


def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """The elements of `a` in ascending order along `axis` (of the flattened array where it is None), NaN last.

    `kind` and `order` are numpy's; every kind is stable here. Raises ValueError for an axis that `a` does not have.
    """
    _check_kind(kind)
    a, axis = _prepared(a, axis)
    return Sort(axis)(a)


def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """The positions (int64) that `sort` takes the elements from."""
    _check_kind(kind)
    a, axis = _prepared(a, axis)
    return ArgSort(axis)(a)


def topk_and_argtopk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Any:
    """The `kth` largest elements of `x` along `axis` (the -`kth` smallest for a negative one), and their positions.

    If `sorted` the first is the extreme one; else the order is not promised. Raises TypeError for an `idx_dtype` that
    is no integer's, ValueError for a scalar, IndexError for an axis that `x` does not have.
    """
    x = as_tensor_variable(x)
    if x.ndim == 0:
        raise ValueError("Cannot take scalar as input", x)
    dtype = dt.canonical(idx_dtype)
    if dtype not in dt.integer_dtypes:
        raise TypeError(f'"idx_dtype" parameter must be an integer dtype, got "{dtype}"')
    number = 0 if axis is None else static_int(axis)
    if number is None:
        raise TypeError(f'"axis" parameter must be integer, got "{type(axis)}"')
    if axis is not None and not -x.ndim <= number < x.ndim:
        raise IndexError(f'"axis" parameter {number} out of range, expected integer within [{-x.ndim}, {x.ndim - 1}]')
    x, number = _prepared(x, axis)
    return TopK(number, bool(sorted), dtype)(x, kth, return_list=True)


def topk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Any:
    """The first of what `topk_and_argtopk` gives."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[0]


def argtopk(x: Any, kth: Any, axis: Any = -1, sorted: bool = True, idx_dtype: Any = "int64") -> Any:
    """The second of what `topk_and_argtopk` gives."""
    return topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[1]


def SortOp(kind: str = "quicksort", order: Any = None) -> Any:
    """``SortOp(kind)(a, axis)`` is ``sort(a, axis, kind)``."""
    return lambda a, axis=-1: sort(a, axis, kind, order)


def ArgSortOp(kind: str = "quicksort", order: Any = None) -> Any:
    """``ArgSortOp(kind)(a, axis)`` is ``argsort(a, axis, kind)``."""
    return lambda a, axis=-1: argsort(a, axis, kind, order)


def TopKOp(
    axis: Any = -1,
    sorted: bool = True,
    idx_dtype: Any = "int64",
    return_values: bool = True,
    return_indices: bool = True,
) -> Any:
    """``TopKOp(axis)(x, k)``: the values, the positions, or both."""
    if not (return_values or return_indices):
        raise ValueError("Neither return_values nor return_indices is True, this isn't allowed")
    wanted = slice(None if return_values else 1, None if return_indices else 1)

    def apply(x: Any, kth: Any) -> Any:
        found = topk_and_argtopk(x, kth, axis, sorted, idx_dtype)[wanted]
        return found[0] if len(found) == 1 else found

    return apply


__all__ = ["ArgSortOp", "SortOp", "TopKOp", "argsort", "argtopk", "sort", "topk", "topk_and_argtopk"]
