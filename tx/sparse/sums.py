"""Sums, diagonals, and rows and columns scaled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply
from tx.scalar import dtypes as dt
from tx.sparse.arithmetic import mul, mul_s_d
from tx.sparse.convert import as_sparse_variable, compressed
from tx.sparse.dense import SparseFromDense, as_dense, cast, sp_ones_like, sp_zeros_like, transpose
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, sparse_output
from tx.sparse.operands import require
from tx.sparse.parts import shape_of
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import alloc
from tx.tensor.reduction import Sum


class SpSum(SparseOp):
    """The sum of all elements, or those of the columns (axis 0) or rows (axis 1), dense.

    With `sparse_grad` only stored elements have a gradient. Source: theano.sparse.SpSum.
    Raises ValueError for another axis.
    """

    __props__ = ("axis",)

    def __init__(self, axis: int | None = None, sparse_grad: bool = True):
        if axis not in (None, 0, 1):
            raise ValueError("Illegal value for self.axis.")
        self.axis = axis
        self.structured = sparse_grad

    def make_node(self, x: Any) -> Apply:
        """One sparse input. Small integers are summed in int64, as tensors are."""
        x = as_sparse_variable(x)
        dtype = Sum()(dense_output(x.dtype, 1)).dtype
        return Apply(self, [x], [dense_output(dtype, 0 if self.axis is None else 1)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        total = x.sum(dtype="int64") if x.dtype.kind in "iu" and self.axis is None else x.sum(self.axis)
        return np.asarray(total).ravel() if self.axis is not None else np.asarray(total)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The sum's gradient: for every element, or for those that are stored."""
        (x,), (g,) = inputs, gradients
        if x.dtype in dt.discrete_dtypes:
            return [cast(sp_zeros_like(x), g.dtype)]
        if self.structured:
            ones = sp_ones_like(x)
            return [mul_s_d(ones, g) if self.axis is None else (col_scale if self.axis == 0 else row_scale)(ones, g)]
        m, n = (F.cast(shape_of(x)[k], "int64") for k in (0, 1))
        spread = g if self.axis is None else g.dimshuffle("x", 0) if self.axis == 0 else g.dimshuffle(0, "x")
        return [SparseFromDense(x.format)(alloc(spread, m, n))]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and (self.axis, self.structured) == (other.axis, other.structured)

    def __hash__(self) -> int:
        return hash((SpSum, self.axis, self.structured))

    def __str__(self) -> str:
        return f"SpSum{{axis={self.axis}}}"


def sp_sum(x: Any, axis: int | None = None, sparse_grad: bool = False) -> Any:
    """The sum of all elements, or those of the columns (axis 0) or rows (axis 1).

    With `sparse_grad` only stored elements have a gradient; without, all have, and the gradient stores all of them.
    """
    return SpSum(axis, sparse_grad)(x)


class _ScaleCSC(SparseOp):
    """A matrix in compressed columns, its rows or columns multiplied by the elements of a vector."""

    by: int

    def make_node(self, x: Any, s: Any) -> Apply:
        """A sparse input and a vector."""
        x, s = compressed(x), as_tensor_variable(s)
        require(x.format == "csc", "Only matrices in compressed columns", x)
        return Apply(self, [x, s], [sparse_output(x.format, dt.upcast(x.dtype, s.dtype))])

    def compute(self, x: Any, s: Any) -> Any:
        """Raises AssertionError for another length."""
        require(s.shape == (x.shape[self.by],), "One element for each row or column", x.shape, s.shape)
        lines = np.repeat(np.arange(x.shape[1]), np.diff(x.indptr)) if self.by else x.indices
        return scipy_sparse.csc_matrix((x.data * s[lines], x.indices, x.indptr), shape=x.shape)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Scaled, and the products with the matrix, summed."""
        (x, s), (g,) = inputs, gradients
        scaled = (col_scale if self.by else row_scale)(g, s)
        return [scaled, sp_sum(mul(x, g), axis=1 - self.by, sparse_grad=True)]


class ColScaleCSC(_ScaleCSC):
    """Each column multiplied by its element of a vector. Source: theano.sparse.ColScaleCSC."""

    by = 1


class RowScaleCSC(_ScaleCSC):
    """Each row multiplied by its element of a vector. Source: theano.sparse.RowScaleCSC."""

    by = 0


def col_scale(x: Any, s: Any) -> Any:
    """Each column of a sparse matrix multiplied by its element of a vector.

    Raises AssertionError for blocks, and when run, for another length.
    """
    x = compressed(x)
    return ColScaleCSC()(x, s) if x.format == "csc" else transpose(RowScaleCSC()(transpose(x), s))


def row_scale(x: Any, s: Any) -> Any:
    """Each row of a sparse matrix multiplied by its element of a vector."""
    return transpose(col_scale(transpose(compressed(x)), s))


class Diag(SparseOp):
    """The diagonal of a square matrix, dense. Source: theano.sparse.Diag."""

    def make_node(self, x: Any) -> Apply:
        """One sparse input."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [dense_output(x.dtype, 1)])

    def compute(self, x: Any) -> Any:
        """Raises ValueError unless it is square."""
        if x.shape[0] != x.shape[1]:
            raise ValueError("Diag only apply on square matrix")
        return x.diagonal()

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """A matrix with the gradient on its diagonal."""
        return [square_diagonal(gradients[0])]


class SquareDiagonal(SparseOp):
    """A square matrix in compressed columns with this diagonal. Source: theano.sparse.SquareDiagonal."""

    def make_node(self, diag: Any) -> Apply:
        """A vector. Raises TypeError for other ranks."""
        diag = as_tensor_variable(diag)
        if diag.ndim != 1:
            raise TypeError("data argument must be a vector", diag.type)
        return Apply(self, [diag], [sparse_output("csc", diag.dtype)])

    def compute(self, x: Any) -> Any:
        """Every element of the diagonal is stored."""
        n = len(x)
        return scipy_sparse.csc_matrix((x, np.arange(n), np.arange(n + 1)), shape=(n, n))

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's diagonal."""
        (g,) = gradients
        return [diag(g) if g.type.__class__ is not inputs[0].type.__class__ else as_dense(g).diagonal()]


diag, square_diagonal = Diag(), SquareDiagonal()

__all__ = [
    "ColScaleCSC",
    "Diag",
    "RowScaleCSC",
    "SpSum",
    "SquareDiagonal",
    "col_scale",
    "diag",
    "row_scale",
    "sp_sum",
    "square_diagonal",
]
