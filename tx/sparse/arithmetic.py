"""Sums and products of elements: of two matrices, of a matrix and an array, a vector or a number."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tx.graph import Apply
from tx.scalar import dtypes as dt
from tx.sparse.convert import _is_sparse_variable, as_sparse_variable, compressed
from tx.sparse.dense import as_dense, neg, sp_ones_like, sp_zeros_like
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, sparse_output
from tx.sparse.operands import kinds, operand, require, same_shape, two_matrices
from tx.sparse.refusals import Unsupported
from tx.tensor.convert import as_tensor_variable


class _OfTwo(SparseOp):
    """What `combine` makes of two matrices of the same shape, in the format of the first."""

    combine: ClassVar[Any]

    def make_node(self, x: Any, y: Any) -> Apply:
        """Two sparse inputs, compressed."""
        x, y = two_matrices(x, y)
        return Apply(self, [x, y], [sparse_output(x.format, dt.upcast(x.dtype, y.dtype))])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError for different shapes."""
        same_shape(x, y)
        return self.combine(x, y)


class AddSS(_OfTwo):
    """The sum of two matrices. Source: theano.sparse.AddSS."""

    combine = staticmethod(operator.add)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient for both."""
        return [gradients[0], gradients[0]]


class AddSSData(SparseOp):
    """The sum of two matrices that store the same places. Source: theano.sparse.AddSSData."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """Raises Unsupported for different types."""
        x, y = two_matrices(x, y)
        if x.type != y.type:
            raise Unsupported("two matrices of the same type only", x.type, y.type)
        return Apply(self, [x, y], [x.type()])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError when they do not store the same number of elements."""
        same_shape(x, y)
        require(x.data.shape == y.data.shape, "Matrices that store the same places only", x.nnz, y.nnz)
        return type(x)((x.data + y.data, x.indices, x.indptr), shape=x.shape)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient for both; nothing where they are discrete."""
        if inputs[0].dtype in dt.discrete_dtypes:
            return [sp_zeros_like(i) for i in inputs]
        return [gradients[0], gradients[0]]


class AddSD(SparseOp):
    """The dense sum of a matrix and an array. Source: theano.sparse.AddSD."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """A sparse input and a dense matrix. Raises AssertionError for other ranks."""
        x, y = as_sparse_variable(x), as_tensor_variable(y)
        require(y.ndim == 2, "A matrix can only be added to a matrix", y)
        return Apply(self, [x, y], [dense_output(dt.upcast(x.dtype, y.dtype))])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises ValueError for different shapes."""
        if x.shape != y.shape:
            raise ValueError("Matrices of the same shape only", x.shape, y.shape)
        return np.asarray(x.toarray() + y)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's elements where the matrix has its own, and the gradient."""
        return [mul_s_d(sp_ones_like(inputs[0]), gradients[0]), gradients[0]]


class _WithVector(SparseOp):
    """What `combine` makes of each stored element and that of a vector for its column."""

    combine: ClassVar[Any]

    def make_node(self, x: Any, y: Any) -> Apply:
        """A sparse input and a vector. Raises AssertionError for other ranks."""
        x, y = compressed(x), as_tensor_variable(y)
        require(y.ndim == 1, "One of the two must be a vector", y)
        return Apply(self, [x, y], [sparse_output(x.format, dt.upcast(x.dtype, y.dtype))])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError for another length than that of rows."""
        require(x.shape[1] == y.shape[0], "One element for each column", x.shape, y.shape)
        coo = x.tocoo()
        return scipy_sparse.coo_matrix((self.combine(coo.data, y[coo.col]), (coo.row, coo.col)), shape=x.shape)


class StructuredAddSV(_WithVector):
    """A matrix to whose stored elements that of a vector for their column is added.

    Source: theano.sparse.StructuredAddSV.
    """

    combine = staticmethod(operator.add)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient, and its sums by column where the matrix stores elements."""
        from tx.sparse.sums import sp_sum

        (x, _), (g,) = inputs, gradients
        return [g, sp_sum(sp_ones_like(x) * g, axis=0, sparse_grad=True)]


class MulSS(_OfTwo):
    """The products of elements of two matrices. Source: theano.sparse.MulSS."""

    combine = staticmethod(lambda x, y: x.multiply(y))

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the other."""
        (x, y), (g,) = inputs, gradients
        return [mul(y, g), mul(x, g)]


class MulSD(SparseOp):
    """The products of stored elements with those of an array, or with a number. Source: theano.sparse.MulSD."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """A sparse input, and a number or a dense matrix. Raises AssertionError for other ranks."""
        x, y = compressed(x), as_tensor_variable(y)
        require(y.ndim in (0, 2), "A matrix is multiplied by a number or a matrix; by a vector with mul_s_v", y)
        return Apply(self, [x, y], [sparse_output(x.format, dt.upcast(x.dtype, y.dtype))])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError for different shapes."""
        coo = x.tocoo()
        if y.ndim == 0:
            factors = y
        else:
            same_shape(x, y)
            factors = y[coo.row, coo.col]
        return scipy_sparse.coo_matrix((coo.data * factors, (coo.row, coo.col)), shape=x.shape)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the other: dense for the array, their sum for a number."""
        (x, y), (g,) = inputs, gradients
        of_y = as_dense(mul(x, g))
        return [mul(g, y), of_y if y.ndim else of_y.sum()]


class MulSV(_WithVector):
    """The products of stored elements with that of a vector for their column. Source: theano.sparse.MulSV."""

    combine = staticmethod(operator.mul)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the vector, and with the matrix, summed by column."""
        from tx.sparse.sums import sp_sum

        (x, y), (g,) = inputs, gradients
        return [mul_s_v(g, y), sp_sum(mul(x, g), axis=0, sparse_grad=True)]


add_s_s, add_s_s_data, add_s_d, structured_add_s_v = AddSS(), AddSSData(), AddSD(), StructuredAddSV()
mul_s_s, mul_s_d, mul_s_v = MulSS(), MulSD(), MulSV()


def add(x: Any, y: Any) -> Any:
    """The sum: sparse of two matrices, dense of a matrix and an array.

    Raises AssertionError when none is sparse, or one is a number or a vector.
    """
    x, y, sparse_x, sparse_y = kinds(x, y)
    if sparse_x and sparse_y:
        return add_s_s(x, y)
    return add_s_d(x, y) if sparse_x else add_s_d(y, x)


def sub(x: Any, y: Any) -> Any:
    """The difference: sparse of two matrices, dense of a matrix and an array."""
    y = operand(y)
    return add(x, neg(y) if _is_sparse_variable(y) else -y)


def mul(x: Any, y: Any) -> Any:
    """The products of elements, sparse. Raises AssertionError when none is sparse, or one is a vector."""
    x, y, sparse_x, sparse_y = kinds(x, y)
    if sparse_x and sparse_y:
        return mul_s_s(x, y)
    return mul_s_d(x, y) if sparse_x else mul_s_d(y, x)


__all__ = [
    "AddSD",
    "AddSS",
    "AddSSData",
    "MulSD",
    "MulSS",
    "MulSV",
    "StructuredAddSV",
    "add",
    "add_s_d",
    "add_s_s",
    "add_s_s_data",
    "mul",
    "mul_s_d",
    "mul_s_s",
    "mul_s_v",
    "structured_add_s_v",
    "sub",
]
