"""Tensors made from nothing but sizes: alloc, zeros, ones, arange, eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant, static_int
from tx.tensor.reduction import sum as total
from tx.tensor.shapes import (
    as_shape_vector,
    dimshuffle,
    shape_i,
    shape_padleft,
    shape_padright,
    static_lengths,
    uncast,
)
from tx.tensor.type import tensor_type


class Alloc(Op):
    """A tensor of the given lengths filled with a value, which is broadcast. Raises ValueError when it does not fit."""

    __props__ = ()

    def make_node(self, value: Any, *lengths: Any) -> Apply:
        """Raises TypeError when the value has more dimensions than there are lengths, or a length is no integer."""
        value = as_tensor_variable(value)
        sizes = [as_tensor_variable(n) for n in lengths]
        for n in sizes:
            if n.ndim or not dt.is_discrete(n.dtype):
                raise TypeError(f"Shape arguments to Alloc must be integers, but argument is not for apply node: {n}")
        if value.ndim > len(sizes):
            raise TypeError(
                "The Alloc value to use has more dimensions than the specified dimensions: "
                f"{value}, of {value.type}, for {len(sizes)} lengths"
            )
        pattern = [static_int(uncast(n)) == 1 for n in sizes]
        return Apply(self, [value, *(F.cast(n, "int64") for n in sizes)], [tensor_type(value.type.dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Lengths have no influence on the elements."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The sum over all that the value was stretched along."""
        value, (g,) = inputs[0], gradients
        added = g.ndim - value.ndim
        if added:
            g = total(g, axis=list(range(added)))
        stretched = [d for d, b in enumerate(value.type.broadcastable) if b and not g.type.broadcastable[d]]
        if stretched:
            g = total(g, axis=stretched, keepdims=True)
        return [g, *(F.disconnected() for _ in inputs[1:])]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The lengths."""
        return [tuple(node.inputs[1:])]


class ARange(Op):
    """start, start + step, ... up to, not including, stop. Raises ValueError (ZeroDivisionError) for step 0."""

    __props__ = ("dtype",)

    def __init__(self, dtype: str):
        self.dtype = dtype

    def make_node(self, start: Any, stop: Any, step: Any) -> Apply:
        """Three scalars."""
        inputs = [as_tensor_variable(i) for i in (start, stop, step)]
        if any(i.ndim for i in inputs):
            raise TypeError("arange takes scalars", inputs)
        return Apply(self, inputs, [tensor_type(self.dtype, (False,))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The stop only says how many there are."""
        return [[True], [False], [True]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Every element moves with the start; the k-th k times with the step."""
        (start, _, step), (g,) = inputs, gradients
        if dt.is_discrete(self.dtype):
            return [F.zeros_like_float(start), F.disconnected(), F.zeros_like_float(step)]
        counts = arange(shape_i(outputs[0], 0), dtype=self.dtype)
        return [g.sum(), F.disconnected(), (g * counts).sum()]


class Eye(Op):
    """Ones on the k-th diagonal of an n by m matrix, zeros elsewhere."""

    __props__ = ("dtype",)

    def __init__(self, dtype: str):
        self.dtype = dtype

    def make_node(self, n: Any, m: Any, k: Any) -> Apply:
        """Three integer scalars."""
        inputs = [as_tensor_variable(i) for i in (n, m, k)]
        if any(i.ndim or not dt.is_discrete(i.dtype) for i in inputs):
            raise TypeError("eye takes integer scalars", inputs)
        pattern = [static_int(i) == 1 for i in inputs[:2]]
        return Apply(self, inputs, [tensor_type(self.dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Constants all."""
        return [[False]] * 3

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """None."""
        return [F.disconnected() for _ in inputs]


def alloc(value: Any, *lengths: Any) -> Any:
    """A tensor of the given lengths (scalars, or one sequence of them) filled with `value`, which is broadcast."""
    if len(lengths) == 1 and isinstance(lengths[0], list | tuple):
        lengths = tuple(lengths[0])
    return Alloc()(value, *lengths)


def _lengths(shape: Any, ndim: int | None = None) -> list[Any]:
    if isinstance(shape, list | tuple):
        return list(shape)
    vector = as_shape_vector(shape)
    known = static_lengths(vector)
    count = len(known) if known is not None else ndim
    if count is None:
        raise TypeError("The number of dimensions cannot be known from this shape: give a tuple of scalars", shape)
    if known is not None and None not in known:
        return list(known)
    return [vector[i] for i in range(count)]


def zeros(shape: Any, dtype: Any = None) -> Any:
    """Zeros of that shape (floatX by default)."""
    return alloc(np.array(0, dt.canonical(dtype or config.floatX)), *_lengths(shape))


def ones(shape: Any, dtype: Any = None) -> Any:
    """Ones of that shape (floatX by default)."""
    return alloc(np.array(1, dt.canonical(dtype or config.floatX)), *_lengths(shape))


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """Evenly spaced values, as numpy's ``arange``.

    The dtype is that of the arguments' promotion (integers become int64); a floatX replaces a float64 that no
    argument had.
    """
    if stop is None:
        start, stop = 0, start
    inputs = [as_tensor_variable(i) for i in (start, stop, step)]
    if dtype is None:
        dtype = dt.upcast(*(i.dtype for i in inputs))
        if dt.is_discrete(dtype):
            dtype = "int64" if dtype not in dt.uint_dtypes else "uint64" if dtype == "uint64" else "int64"
        elif (
            config.cast_policy in ("numpy", "numpy+floatX")
            and config.floatX == "float32"
            and dtype == "float64"
            and all(i.dtype != "float64" for i in inputs)
        ):
            dtype = "float32"
    return ARange(dt.canonical(dtype))(*inputs)


def eye(n: Any, m: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """Ones on the k-th diagonal of an n by m matrix (n by n by default), zeros elsewhere."""
    return Eye(dt.canonical(dtype or config.floatX))(n, n if m is None else m, k)


def identity_like(x: Any) -> Any:
    """The identity matrix of the shape of `x`."""
    x = as_tensor_variable(x)
    return eye(shape_i(x, 0), shape_i(x, 1), dtype=x.dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Any:
    """Ones at and below the k-th diagonal of an N by M matrix (N by N by default), zeros above."""
    columns = arange(N if M is None else M)
    below = F.le(F.sub(_row(columns), k), _column(arange(N)))
    return F.cast(below, dtype or config.floatX)


def _row(vector: Any) -> Any:
    return shape_padleft(vector)


def _column(vector: Any) -> Any:
    return shape_padright(vector)


def tril(m: Any, k: Any = 0) -> Any:
    """The matrix `m` with zeros above the k-th diagonal."""
    m = as_tensor_variable(m)
    return m * tri(shape_i(m, 0), shape_i(m, 1), k=k, dtype=m.dtype)


def triu(m: Any, k: Any = 0) -> Any:
    """The matrix `m` with zeros below the k-th diagonal."""
    m = as_tensor_variable(m)
    return m * (constant(1) - tri(shape_i(m, 0), shape_i(m, 1), k=k - 1, dtype=m.dtype))


class _Grid:
    """What ``mgrid`` (dense) and ``ogrid`` (open) are: index it with slices, one for each dimension."""

    def __init__(self, name: str, dense: bool):
        self.name, self.dense = name, dense

    def __repr__(self) -> str:
        return f"tx.tensor.{self.name}"

    def __getitem__(self, slices: Any) -> Any:
        """A list with a tensor of coordinates for each slice; for one slice alone its vector.

        A slice's step says how far the coordinates are apart; if it is complex, its size says how many there are,
        both ends included. Source: numpy.mgrid.
        """
        if isinstance(slices, slice):
            return _coordinates(slices)
        ndim = len(slices)
        open_grid = [
            dimshuffle(_coordinates(s), *[0 if axis == d else "x" for axis in range(ndim)])
            for d, s in enumerate(slices)
        ]
        if not self.dense or ndim == 1:
            return open_grid
        others = [[F.ones_like(o) for o in open_grid[:d] + open_grid[d + 1 :]] for d in range(ndim)]
        return [F.mul(grid, *rest) for grid, rest in zip(open_grid, others, strict=True)]


def _coordinates(s: slice) -> Any:
    start = 0 if s.start is None else s.start
    if s.stop is None:
        raise TypeError("a grid's slices need an end", s)
    if not isinstance(s.step, complex):
        return arange(start, s.stop, 1 if s.step is None else s.step)
    count = int(abs(s.step))
    apart = F.true_div(as_tensor_variable(s.stop) - start, count - 1) if count > 1 else constant(0.0)
    return start + arange(count) * apart


mgrid = _Grid("mgrid", dense=True)
ogrid = _Grid("ogrid", dense=False)

__all__ = [
    "ARange",
    "Alloc",
    "Eye",
    "alloc",
    "arange",
    "eye",
    "identity_like",
    "mgrid",
    "ogrid",
    "ones",
    "tri",
    "tril",
    "triu",
    "zeros",
]
