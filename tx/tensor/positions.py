"""Positions and values: diagonals filled, flat and multi-dimensional indices, searching.

Source: theano.tensor.extra_ops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.shapes import as_shape_vector, static_lengths
from tx.tensor.type import TensorType


class FillDiagonal(Op):
    """A tensor with one value all along its main diagonal. Raises ValueError when run on three or more dimensions of
    different lengths.
    """

    __props__ = ()
    ranks = "at least two"

    def make_node(self, a: Any, val: Any, *offset: Any) -> Apply:
        """Raises TypeError for too few dimensions, a value that is no scalar or needs another dtype."""
        name = type(self).__name__
        a, val = as_tensor_variable(a), as_tensor_variable(val)
        if a.ndim < 2 or (a.ndim > 2 and offset):
            raise TypeError(f"{name}: first parameter must have {self.ranks} dimensions", a)
        if val.ndim:
            raise TypeError(f"{name}: second parameter must be a scalar", val)
        if dt.upcast(a.dtype, val.dtype) != a.dtype:
            raise TypeError(f"{name}: type of second parameter must be the same as the first's", a.dtype, val.dtype)
        return Apply(self, [a, F.cast(val, a.dtype), *offset], [a.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return [shapes[0]]


class FillDiagonalOffset(FillDiagonal):
    """A matrix with one value along the diagonal that is `offset` above the main one."""

    ranks = "exactly two"

    def make_node(self, a: Any, val: Any, *offset: Any) -> Apply:
        """Raises TypeError as `FillDiagonal`, and unless the offset is an integer scalar."""
        (k,) = map(as_tensor_variable, offset)
        node = super().make_node(a, val, k)
        if k.ndim or not dt.is_discrete(k.dtype):
            raise TypeError(
                "FillDiagonalOffset: type of third parameter must be as integer use theano.tensor.cast( input, "
                "'int32/int64')",
                k,
            )
        return node

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The offset has no influence that a derivative could see."""
        return [[True], [True], [False]]


class UnravelIndex(Op):
    """Positions in a flat array of a shape, as positions along each axis. Raises ValueError when run out of range."""

    __props__ = ("ndim", "order")

    def __init__(self, ndim: int, order: str = "C"):
        if order not in ("C", "F"):
            raise AssertionError(f"order must be 'C' or 'F', not {order!r}")
        self.ndim = ndim
        self.order = order

    def make_node(self, indices: Any, dims: Any) -> Apply:
        """Raises TypeError unless both are integers, and the shape a vector."""
        indices, dims = _integers(indices), _integers(dims)
        if dims.ndim != 1:
            raise TypeError("dims must be a 1D array", dims)
        outputs = [TensorType("int64", indices.type.broadcastable)() for _ in range(self.ndim)]
        return Apply(self, [indices, F.cast(dims, "int64")], outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Integers all."""
        return [[False] * len(node.outputs) for _ in node.inputs]


class RavelMultiIndex(Op):
    """Positions along each axis of a shape, as positions in the flat array.

    What is out of range raises ValueError when run (`mode` 'raise'), is taken modulo the length ('wrap'), or becomes
    the nearest ('clip').
    """

    __props__ = ("mode", "order")

    def __init__(self, mode: str = "raise", order: str = "C"):
        if mode not in ("raise", "wrap", "clip") or order not in ("C", "F"):
            raise AssertionError(f"mode must be 'raise', 'wrap' or 'clip', order 'C' or 'F': got {mode!r}, {order!r}")
        self.mode = mode
        self.order = order

    def make_node(self, *inputs: Any) -> Apply:
        """One tensor of positions for each axis, and the shape. Raises TypeError unless all are integers."""
        *positions, dims = map(_integers, inputs)
        if dims.ndim != 1:
            raise TypeError("dims must be a 1D array", dims)
        ndim = max(p.ndim for p in positions)
        patterns = [(True,) * (ndim - p.ndim) + p.type.broadcastable for p in positions]
        pattern = [all(bits) for bits in zip(*patterns, strict=True)]
        return Apply(self, [*positions, F.cast(dims, "int64")], [TensorType("int64", pattern)()])

    connection_pattern = UnravelIndex.connection_pattern


class SearchsortedOp(Op):
    """Where to put values into a sorted vector: before ('left') or after ('right') what is equal."""

    __props__ = ("side",)

    def __init__(self, side: str = "left"):
        if side not in ("left", "right"):
            raise ValueError(f"{side!r} is an invalid value for keyword 'side'")
        self.side = side

    def make_node(self, x: Any, v: Any, sorter: Any = None) -> Apply:
        """Raises ValueError unless `x` is a vector, TypeError unless the sorter is an integer vector."""
        x, v = as_tensor_variable(x, ndim=1), as_tensor_variable(v)
        inputs = [x, v]
        if sorter is not None:
            sorter = as_tensor_variable(sorter)
            if sorter.ndim != 1 or not dt.is_discrete(sorter.dtype):
                raise TypeError("sorter must be an integer vector", sorter.type)
            inputs.append(sorter)
        return Apply(self, inputs, [TensorType("int64", v.type.broadcastable)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Positions do not move."""
        return [*map(F.zeros_like_float, inputs[:2]), *(F.disconnected() for _ in inputs[2:])]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The sorter has no influence that a derivative could see."""
        return [[True], [True], [False]][: len(node.inputs)]


def _integers(x: Any) -> Any:
    x = as_shape_vector(x) if isinstance(x, list | tuple) else as_tensor_variable(x)
    if not dt.is_discrete(x.dtype) or x.dtype == "bool":
        raise TypeError(f"'{x.dtype}' object cannot be interpreted as an index", x)
    return x


fill_diagonal_, fill_diagonal_offset_ = FillDiagonal(), FillDiagonalOffset()


def fill_diagonal(a: Any, val: Any) -> Any:
    """`a`, of two or more dimensions, with the scalar `val` along its main diagonal. Source: numpy.fill_diagonal."""
    return fill_diagonal_(a, val)


def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> Any:
    """The matrix `a` with the scalar `val` along the diagonal `offset` above (below, if negative) the main one."""
    return fill_diagonal_offset_(a, val, offset)


def unravel_index(indices: Any, dims: Any, order: str = "C", ndim: int | None = None) -> Any:
    """Positions in a flat array of shape `dims`, as a tuple of positions along each axis. Source: numpy.unravel_index.

    Raises ValueError when the number of axes is not known: give `ndim` then.
    """
    vector = as_shape_vector(dims) if isinstance(dims, list | tuple) else as_tensor_variable(dims)
    if ndim is None:
        lengths = static_lengths(vector) if vector.ndim == 1 else None
        if lengths is None:
            raise ValueError(f"The length of the provided dimension list ({dims}) is not known: give ndim")
        ndim = len(lengths)
    return tuple(UnravelIndex(ndim, order)(indices, vector, return_list=True))


def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "raise", order: str = "C") -> Any:
    """A tuple of positions along each axis of the shape `dims`, as positions in the flat array.

    Source: numpy.ravel_multi_index.
    """
    if not isinstance(multi_index, list | tuple):
        raise TypeError("multi_index must be a tuple or a list.", multi_index)
    return RavelMultiIndex(mode, order)(*multi_index, dims)


def searchsorted(x: Any, v: Any, side: str = "left", sorter: Any = None) -> Any:
    """Where the elements of `v` would have to be put into the sorted vector `x` (sorted by `sorter`, if given).

    Source: numpy.searchsorted.
    """
    return SearchsortedOp(side)(x, v) if sorter is None else SearchsortedOp(side)(x, v, sorter)


__all__ = [
    "FillDiagonal",
    "FillDiagonalOffset",
    "RavelMultiIndex",
    "SearchsortedOp",
    "UnravelIndex",
    "fill_diagonal",
    "fill_diagonal_offset",
    "ravel_multi_index",
    "searchsorted",
    "unravel_index",
]
