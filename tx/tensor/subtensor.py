"""Indexing: reading (Subtensor), and writing as a new tensor (IncSubtensor). One *pattern* describes both.

A pattern has an entry for each item between the brackets: ``'int'``, ``'array'``, ``'newaxis'``, or a triple of bools
that says which of a slice's start, stop and step are given. What is given follows as inputs of the node, in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Apply, Op, Variable
from tx.graph.utils import Documented
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant, one_axis, static_int
from tx.tensor.elemwise import DimShuffle, pad_left
from tx.tensor.joining import stack
from tx.tensor.reduction import sum as total
from tx.tensor.shapes import Reshape, reshape, shape
from tx.tensor.type import tensor_type
from tx.tensor.type_other import SliceType, slice_parts

Pattern = tuple[Any, ...]


class AdvancedIndexingError(Documented, TypeError):
    """Raised for an index that basic indexing does not understand."""

    page = "bad_index"


# -- from brackets to patterns ----------------------------------------------------------------------------------------


def _scalar(item: Any, what: str) -> Any:
    value = as_tensor_variable(item)
    if value.ndim or not dt.is_discrete(value.dtype):
        raise AdvancedIndexingError(f"{what} must be integer scalars, got {item} of type {value.type}")
    return value


def _array(item: Any) -> list[Any]:
    """The index arrays that `item` stands for: itself, or, for a mask, the positions where it is true."""
    value = as_tensor_variable(item) if isinstance(item, Variable) or np.size(item) else constant(np.zeros(0, "int64"))
    if value.dtype == "bool" or (value.dtype == "int8" and config.compatibility != "1.0"):
        if value.dtype == "bool" and config.compatibility == "1.0":
            return list(nonzero(value, return_matrix=False))
        raise TypeError(
            "TensorType does not support boolean mask for indexing such as tensor[x==0]. Instead you can use "
            "non_zeros() such as tensor[(x == 0).nonzeros()]. If you are indexing on purpose with an int8, please "
            "cast it to int16."
        )
    if not dt.is_discrete(value.dtype):
        raise TypeError(f"Indices must be integers, got {value} of type {value.type}")
    return [value]


def _is_newaxis(item: Any) -> bool:
    return item is None or getattr(getattr(item, "type", None), "__class__", type).__name__ == "NoneTypeT"


def _entries(item: Any) -> tuple[list[Any], list[Any]]:
    """The pattern entries and inputs of one item between the brackets."""
    if _is_newaxis(item):
        return ["newaxis"], []
    if isinstance(getattr(item, "type", None), SliceType):
        item = slice(*slice_parts(item))
    if isinstance(item, slice):
        parts = [None if _is_newaxis(p) else _scalar(p, "Slice bounds") for p in (item.start, item.stop, item.step)]
        return [tuple(p is not None for p in parts)], [p for p in parts if p is not None]
    if isinstance(item, bool | np.bool_):
        raise TypeError("A bool is no index: use an integer")
    if isinstance(item, list | tuple) or np.ndim(item) or getattr(item, "ndim", 0):
        arrays = _array(item)
        return ["array"] * len(arrays), arrays
    return ["int"], [_scalar(item, "Indices")]


def parse(x: Any, key: Any) -> tuple[Pattern, list[Any]]:
    """The pattern and inputs of ``x[key]``. Raises IndexError for too many indices or two ellipses."""
    items = list(key) if isinstance(key, tuple) else [key]
    ellipses = [i for i, item in enumerate(items) if item is Ellipsis]
    if len(ellipses) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    pattern: list[Any] = []
    inputs: list[Any] = []
    place = None
    for item in items:
        if item is Ellipsis:
            place = len(pattern)
            continue
        entries, values = _entries(item)
        pattern += entries
        inputs += values
    consumed = sum(e != "newaxis" for e in pattern)
    if consumed > x.ndim:
        raise IndexError(f"too many indices for array: {x} has {x.ndim} dimensions, but {consumed} were indexed")
    place = len(pattern) if place is None else place
    pattern[place:place] = [(False, False, False)] * (x.ndim - consumed)
    return tuple(pattern), inputs


def takes(entry: Any) -> int:
    """How many inputs an entry of a pattern has."""
    return sum(entry) if isinstance(entry, tuple) else int(entry != "newaxis")


def distribute(pattern: Pattern, inputs: Sequence[Any]) -> list[Any]:
    """For each entry of the pattern its inputs: a (start, stop, step) with Nones for slices, else a list."""
    rest = iter(inputs)
    return [
        tuple(next(rest) if given else None for given in entry)
        if isinstance(entry, tuple)
        else [next(rest) for _ in range(takes(entry))]
        for entry in pattern
    ]


def array_position(pattern: Pattern) -> int | None:
    """Where the axes of the index arrays go in the result: numpy's rule. None when there is no array."""
    if "array" not in pattern:
        return None
    advanced = [i for i, e in enumerate(pattern) if e in ("array", "int")]
    if advanced[-1] - advanced[0] + 1 != len(advanced):
        return 0
    return sum(e not in ("array", "int") for e in pattern[: advanced[0]])


def _pattern_of_slice(given: tuple[Any, ...], broadcastable: bool) -> bool:
    """An axis of length 1 stays one where the slice is seen to take it all."""
    start, stop, step = (0 if g is None else static_int(g) for g in given)
    if not broadcastable or start != 0 or step is None:
        return False
    return given[1] is None or (stop is not None and stop > 0 and step >= 0)


def result_pattern(x: Any, pattern: Pattern, inputs: Sequence[Any]) -> list[bool]:
    """The broadcast pattern of the indexed tensor. The axes of an index array are known to have length 1 only where
    it stands alone among full slices, as in Theano.
    """
    alone = sum(e != (False, False, False) for e in pattern) == 1
    result: list[bool] = []
    arrays: list[Any] = []
    axis = 0
    for entry, given in zip(pattern, distribute(pattern, inputs), strict=True):
        if entry == "newaxis":
            result.append(True)
            continue
        if entry == "array":
            arrays.append(given[0])
        elif isinstance(entry, tuple):
            result.append(_pattern_of_slice(given, x.type.broadcastable[axis]))
        axis += 1
    position = array_position(pattern)
    if position is not None:
        ndim = max(a.ndim for a in arrays)
        result[position:position] = arrays[0].type.broadcastable if alone else (False,) * ndim
    return result


# -- Ops --------------------------------------------------------------------------------------------------------------


class Subtensor(Op):
    """``x[...]`` for one pattern. Raises IndexError when run with an index that is out of range."""

    __props__ = ("pattern",)

    def __init__(self, pattern: Pattern):
        self.pattern = pattern

    def make_node(self, x: Any, *inputs: Any) -> Apply:
        """Raises IndexError when a constant index is out of what is known of the lengths."""
        x = as_tensor_variable(x)
        values = [as_tensor_variable(i) for i in inputs]
        return Apply(self, [x, *values], [tensor_type(x.type.dtype, result_pattern(x, self.pattern, values))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices have no influence that a derivative could see."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient put where the elements came from, zeros elsewhere."""
        x, *index = inputs
        if dt.is_discrete(x.dtype):
            return [F.zeros_like_float(x), *(F.disconnected() for _ in index)]
        grown = IncSubtensor(self.pattern)(F.zeros_like(x, gradients[0].dtype), gradients[0], *index)
        return [grown, *(F.disconnected() for _ in index)]

    def __str__(self) -> str:
        return f"Subtensor{{{describe(self.pattern)}}}"


def _adds_to(dtype: str, place: str) -> bool:
    """Whether values of this dtype may be added to what is of dtype `place`; integers wrap around."""
    integers = "ui"
    both_integers = np.dtype(dtype).kind in integers and np.dtype(place).kind in integers
    return both_integers or bool(np.can_cast(dtype, place, "same_kind"))


class IncSubtensor(Op):
    """`x` with `y` added to (or, with `set_instead_of_inc`, put in place of) ``x[...]``.

    Positions that an index array names several times are added to several times; setting, the last one wins.
    Raises IndexError when run with an index out of range, ValueError when `y` does not broadcast to the place.
    """

    __props__ = ("pattern", "set_instead_of_inc")

    def __init__(self, pattern: Pattern, set_instead_of_inc: bool = False):
        self.pattern = pattern
        self.set_instead_of_inc = set_instead_of_inc

    def make_node(self, x: Any, y: Any, *inputs: Any) -> Apply:
        """Raises TypeError when `y` is of another kind than `x` (a float to add to integers), ValueError when it has
        too many dimensions. Setting converts `y`, as numpy does.
        """
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        values = [as_tensor_variable(i) for i in inputs]
        place = result_pattern(x, self.pattern, values)
        if y.ndim > len(place):
            raise ValueError(
                f"Trying to increment a {len(place)}-dimensional subtensor with a {y.ndim}-dimensional value."
            )
        if not self.set_instead_of_inc and not _adds_to(y.dtype, x.dtype):
            raise TypeError(f"Trying to increment {x}, of {x.dtype}, with a {y.dtype} value: cast the value first")
        y = F.cast(y, x.dtype)
        return Apply(self, [x, y, *values], [x.type()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices have no influence that a derivative could see."""
        return [[True], [True], *([False] for _ in node.inputs[2:])]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """What was set over has no influence any more; `y` gets what stands in its place."""
        (x, y, *index), (g,) = inputs, gradients
        nothing = [F.disconnected() for _ in index]
        if dt.is_discrete(x.dtype):
            return [F.zeros_like_float(x), F.zeros_like_float(y), *nothing]
        of_x = g
        if self.set_instead_of_inc:
            of_x = IncSubtensor(self.pattern, True)(g, constant(0, dtype=g.dtype), *index)
        of_y = Subtensor(self.pattern)(g, *index)
        return [of_x, _shrink(of_y, y), *nothing]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of `x`."""
        return [shapes[0]]

    def __str__(self) -> str:
        return f"{'Set' if self.set_instead_of_inc else 'Inc'}Subtensor{{{describe(self.pattern)}}}"


def _shrink(g: Any, y: Any) -> Any:
    """`g` summed over what `y` was stretched along."""
    if g.ndim > y.ndim:
        g = g.sum(axis=list(range(g.ndim - y.ndim)))
    return F.unbroadcast_gradient(g, y)


def describe(pattern: Pattern) -> str:
    """A pattern as one would write it between brackets."""
    words = []
    for e in pattern:
        if isinstance(e, tuple):
            start, stop, step = ("int" if given else "" for given in e)
            words.append(f"{start}:{stop}:{step}" if step else f"{start}:{stop}")
        else:
            words.append("newaxis" if e == "newaxis" else e)
    return ", ".join(words)


class Nonzero(Op):
    """The positions of the elements of `x` that are not zero: an int64 vector an axis.

    `count`, their number, is an input, so that the size of the outputs is a value of the graph like any other.
    """

    __props__ = ()

    def make_node(self, x: Any, count: Any) -> Apply:
        """Raises ValueError for a scalar."""
        x = as_tensor_variable(x)
        if x.ndim == 0:
            raise ValueError("Nonzero only supports non-scalar arrays.")
        return Apply(self, [x, as_tensor_variable(count)], [tensor_type("int64", (False,))() for _ in range(x.ndim)])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Positions do not move."""
        return [F.zeros_like_float(inputs[0]), F.disconnected()]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """None that a derivative could see."""
        return [[False] * len(node.outputs)] * 2

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """As many as there are."""
        return [(node.inputs[1],)] * len(node.outputs)


# -- functions --------------------------------------------------------------------------------------------------------


def getitem(x: Any, key: Any) -> Any:
    """``x[key]``."""
    pattern, inputs = parse(x, key)
    return Subtensor(pattern)(x, *inputs)


def set_subtensor(x: Any, y: Any, inplace: bool = False, tolerate_inplace_aliasing: bool = False) -> Any:
    """The tensor that `x`, an indexed tensor, was read from, with `y` in the place that was indexed.

    Example: ``new = set_subtensor(a[10:], 5)``. Raises TypeError when `x` is not the result of indexing.
    """
    return _write(x, y, True)


def inc_subtensor(
    x: Any, y: Any, inplace: bool = False, set_instead_of_inc: bool = False, tolerate_inplace_aliasing: bool = False
) -> Any:
    """The tensor that `x`, an indexed tensor, was read from, with `y` added in the place that was indexed."""
    return _write(x, y, set_instead_of_inc)


def _write(x: Any, y: Any, put: bool) -> Any:
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    if y.ndim > x.ndim:
        raise TypeError(
            f"Trying to increment a {x.ndim}-dimensional subtensor with a {y.ndim}-dimensional value: "
            f"{x} of {x.type}, {y} of {y.type}"
        )
    node = x.owner
    if node is None:
        raise TypeError("x must be the result of a subtensor operation", x)
    if isinstance(node.op, Subtensor):
        return IncSubtensor(node.op.pattern, put)(node.inputs[0], y, *node.inputs[1:])
    if isinstance(node.op, DimShuffle):
        inner = node.inputs[0]
        back: list[Any] = ["x"] * inner.ndim
        for position, d in enumerate(node.op.new_order):
            if isinstance(d, int):
                back[d] = position
        padded = pad_left(y, x.ndim)
        dropped = [d for d in range(x.ndim) if d not in back]
        stretch = [d for d in dropped if not padded.type.broadcastable[d]]
        if stretch:
            raise ValueError("The value to put has an axis that the place does not have", y, x)
        return _write(inner, DimShuffle(padded.type.broadcastable, back)(padded), put)
    if isinstance(node.op, Reshape):
        inner = node.inputs[0]
        full = F.second(x, y)
        return _write(inner, reshape(full, shape(inner), inner.ndim), put)
    raise TypeError("x must be the result of a subtensor operation", x)


def nonzero(a: Any, return_matrix: bool = False) -> Any:
    """The positions of the elements of `a` that are not zero: a tuple of int64 vectors, one an axis, or one matrix.

    Raises ValueError for a scalar.
    """
    a = as_tensor_variable(a)
    positions = Nonzero()(a, total(F.neq(a, 0), dtype="int64"), return_list=True)
    return stack(positions) if return_matrix else tuple(positions)


def flatnonzero(a: Any) -> Any:
    """The positions of the elements of the flattened `a` that are not zero."""
    if a.ndim == 0:
        raise ValueError("Nonzero only supports non-scalar arrays.")
    return nonzero(a.flatten(), return_matrix=False)[0]


def nonzero_values(a: Any) -> Any:
    """The elements of `a` that are not zero, a vector."""
    return a.flatten()[flatnonzero(a)]


def take(a: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """The elements of `a` at `indices` along `axis` (of the flattened `a` where it is None).

    `mode` says what an index out of range means: ``'raise'`` IndexError, ``'wrap'``, ``'clip'``. Raises TypeError for
    indices that are no integers.
    """
    a, indices = as_tensor_variable(a), as_tensor_variable(indices)
    if indices.dtype not in dt.integer_dtypes:
        raise TypeError("index must be integers", indices, indices.dtype)
    if axis is None:
        return take(a.flatten(), indices, 0, mode)
    axis = one_axis(axis, a.ndim)
    if mode == "clip":
        indices = F.clip(indices, 0, a.shape[axis] - 1)
    elif mode == "wrap":
        indices = F.mod(indices, a.shape[axis])
    return a[(slice(None),) * axis + (indices,)]


__all__ = [
    "IncSubtensor",
    "Nonzero",
    "Subtensor",
    "flatnonzero",
    "inc_subtensor",
    "nonzero",
    "nonzero_values",
    "set_subtensor",
    "take",
]
