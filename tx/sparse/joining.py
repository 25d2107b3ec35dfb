"""Matrices side by side, and one upon the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply
from tx.scalar import dtypes as dt
from tx.sparse.convert import as_sparse_variable
from tx.sparse.dense import cast_any, sp_zeros_like
from tx.sparse.indexing import getitem
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, sparse_output
from tx.sparse.parts import shape_of
from tx.sparse.type import SparseType


class HStack(SparseOp):
    """Matrices side by side, in `format` (csc unless given) and `dtype`. Source: theano.sparse.HStack."""

    __props__ = ("format", "dtype")
    axis = 1

    def __init__(self, format: str | None = None, dtype: Any = None):
        self.format = "csc" if format is None else format
        if dtype is None:
            raise ValueError("The output dtype must be specified.")
        self.dtype = dtype

    def make_node(self, *mat: Any) -> Apply:
        """Raises TypeError for none, and for what is not sparse."""
        if not mat:
            raise TypeError("Cannot join an empty list of sparses.")
        matrices = [as_sparse_variable(m) for m in mat]
        return Apply(self, matrices, [sparse_output(self.format, self.dtype)])

    def compute(self, *blocks: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        join = scipy_sparse.hstack if self.axis else scipy_sparse.vstack
        return join(blocks, format=self.format, dtype=self.dtype)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's blocks; nothing for what is discrete."""
        (g,) = gradients
        found, start = [], 0
        for x in inputs:
            end = start + shape_of(x)[self.axis]
            block = slice(start, end)
            key = (slice(None), block) if self.axis else (block, slice(None))
            if x.dtype in dt.discrete_dtypes:
                found.append(cast_any(sp_zeros_like(x), g.dtype))
            else:
                found.append(cast_any(getitem(g, key) if isinstance(g.type, SparseType) else g[key], x.dtype))
            start = end
        return found

    def __str__(self) -> str:
        return f"{type(self).__name__}({self.format},{self.dtype})"


class VStack(HStack):
    """Matrices one upon the other. Source: theano.sparse.VStack."""

    axis = 0


def _stack(kind: Any, blocks: Any, format: str | None, dtype: Any) -> Any:
    matrices = [as_sparse_variable(b) for b in blocks]
    if not matrices:
        raise TypeError("Cannot join an empty list of sparses.")
    if dtype is None:
        dtype = dt.upcast(*(m.dtype for m in matrices))
    return kind(format=format, dtype=dtype)(*matrices)


def hstack(blocks: Any, format: str | None = None, dtype: Any = None) -> Any:
    """The matrices side by side: in csc unless another format is given, in the smallest dtype that holds all."""
    return _stack(HStack, blocks, format, dtype)


def vstack(blocks: Any, format: str | None = None, dtype: Any = None) -> Any:
    """The matrices one upon the other: in csc unless another format is given, in the smallest dtype that holds all."""
    return _stack(VStack, blocks, format, dtype)


__all__ = [
    "HStack",
    "VStack",
    "hstack",
    "vstack",
]
