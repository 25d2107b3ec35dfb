"""Arithmetic of arrays at listed places: what is computed of a sparse matrix when it is taken apart.

A place is a row and a column. Places outside (rows or columns past the end) count as zeros, and are not written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.sparse.op import dense_output, disconnected
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import zeros
from tx.tensor.type import TensorType


class _Places(Op):
    """The common part: which inputs have derivatives."""

    __props__: tuple[str, ...] | None = ()
    #: positions of the inputs that derivatives see; the others are whole numbers
    continuous: tuple[int, ...] = (0,)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Places and lengths have none."""
        return [[i in self.continuous] for i in range(len(node.inputs))]


class Majors(_Places):
    """The line (row of csr, column of csc) of each stored element, from where the lines begin."""

    continuous = ()

    def make_node(self, indptr: Any, indices: Any) -> Apply:
        """Two vectors of integers; the second one only says how many elements there are."""
        return Apply(self, [indptr, indices], [dense_output("int32", 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """None."""
        return disconnected(2)


class SegmentSum(_Places):
    """For each of `length` numbers the sum of those elements of a vector that bear it."""

    def make_node(self, x: Any, numbers: Any, length: Any) -> Apply:
        """A vector, a vector of integers, and an integer."""
        return Apply(self, [x, numbers, as_tensor_variable(length)], [dense_output(x.dtype, 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The sum's gradient for each element."""
        return [Take()(gradients[0], inputs[1], inputs[2]), *disconnected(2)]


class Take(_Places):
    """The elements of a vector of `length` at these numbers. Raises AssertionError when it has another length."""

    def make_node(self, x: Any, numbers: Any, length: Any) -> Apply:
        """A vector, a vector of integers, and an integer."""
        return Apply(self, [x, numbers, as_tensor_variable(length)], [dense_output(x.dtype, 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Sums."""
        return [SegmentSum()(gradients[0], inputs[1], inputs[2]), *disconnected(2)]


class AddAt(_Places):
    """A matrix with `data` added at places. Raises ValueError unless it is of this shape."""

    continuous = (0, 1)

    def make_node(self, x: Any, data: Any, rows: Any, columns: Any, shape: Any) -> Apply:
        """A matrix, and vectors."""
        dtype = dt.upcast(x.dtype, data.dtype)
        return Apply(self, [x, data, rows, columns, shape], [dense_output(dtype)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient, and what it is at the places."""
        (g,), (_, _, rows, columns, shape) = gradients, inputs
        return [g, TakeAt()(g, rows, columns, shape), *disconnected(3)]


class TakeAt(_Places):
    """The elements of a matrix at places. Raises AssertionError unless it is of this shape."""

    def make_node(self, x: Any, rows: Any, columns: Any, shape: Any) -> Apply:
        """A matrix, and vectors."""
        return Apply(self, [x, rows, columns, shape], [dense_output(x.dtype, 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient, put back at the places."""
        (g,), (_, rows, columns, shape) = gradients, inputs
        return [AddAt()(zeros_of(shape, g.dtype), g, rows, columns, shape), *disconnected(3)]


class PlacesDot(_Places):
    """The product of a matrix that is given by its elements, and a dense vector or matrix: ``sum(data * y[columns])``
    over the elements of each row. Raises ValueError when lengths do not fit.
    """

    continuous = (0, 3)

    def make_node(self, data: Any, rows: Any, columns: Any, y: Any, shape: Any) -> Apply:
        """Three vectors, a dense operand, and the matrix's shape."""
        dtype = dt.upcast(data.dtype, y.dtype)
        pattern = (False, *y.type.broadcastable[1:])
        return Apply(self, [data, rows, columns, y, shape], [TensorType(dtype, pattern)()])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products of rows of `y` and of the gradient for the data; the product with the transpose for `y`."""
        (g,), (data, rows, columns, y, shape) = gradients, inputs
        of_data = RowProducts()(g, y, rows, columns, shape)
        return [of_data, *disconnected(2), PlacesDot()(data, columns, rows, g, shape[::-1]), *disconnected()]


class AddProduct(_Places):
    """A matrix `z` with a number times a product added, in the form that `tx.sparse.products.TransposedDot` has chosen;
    `y` is the dense operand. A rewrite puts it where gradients have been taken. Raises ValueError when lengths do not
    fit.
    """

    continuous = (0, 1, 2, 3, 6)

    def make_node(self, z: Any, number: Any, product: Any, data: Any, rows: Any, columns: Any, y: Any) -> Apply:
        """Everything continuous is of one dtype."""
        return Apply(self, [z, number, product, data, rows, columns, y], [z.type()])


class RowProducts(_Places):
    """At each place the inner product of that row of `x` and that row of `y`: ``dot(x, y.T)`` there.

    Vectors count as columns. Raises ValueError when lengths do not fit.
    """

    continuous = (0, 1)

    def make_node(self, x: Any, y: Any, rows: Any, columns: Any, shape: Any) -> Apply:
        """Two matrices, or two vectors; places, and the shape of the product."""
        if x.ndim != y.ndim:
            raise TypeError("two matrices or two vectors", x, y)
        return Apply(self, [x, y, rows, columns, shape], [dense_output(dt.upcast(x.dtype, y.dtype), 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the sparse matrix that the gradient makes."""
        (g,), (x, y, rows, columns, shape) = gradients, inputs
        of_x = PlacesDot()(g, rows, columns, y, shape)
        return [of_x, PlacesDot()(g, columns, rows, x, shape[::-1]), *disconnected(3)]


class Diagonal(_Places):
    """The sums of the elements on the diagonal of a square matrix. Raises ValueError when it is not square."""

    def make_node(self, data: Any, rows: Any, columns: Any, shape: Any) -> Apply:
        """Four vectors."""
        return Apply(self, [data, rows, columns, shape], [dense_output(data.dtype, 1)])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient for the elements that are on it."""
        _, rows, columns, shape = inputs
        taken = Take()(gradients[0], rows, shape[0])
        return [F.switch(F.eq(rows, columns), taken, F.zeros_like(taken)), *disconnected(3)]


def zeros_of(shape: Any, dtype: str) -> Any:
    """A matrix of zeros of the shape that a vector says."""
    return zeros((F.cast(shape[0], "int64"), F.cast(shape[1], "int64")), dtype)


__all__ = ["AddAt", "AddProduct", "Diagonal", "Majors", "PlacesDot", "RowProducts", "SegmentSum", "Take", "TakeAt"]
