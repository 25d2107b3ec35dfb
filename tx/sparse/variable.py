"""Sparse Variables: operators and methods."""

from __future__ import annotations

from typing import Any

from tx.graph import Constant, Variable
from tx.sparse import arithmetic, comparisons, dense, indexing, parts, products
from tx.sparse.convert import hash_from_sparse
from tx.sparse.type import SparseType
from tx.tensor.variable import _tensor_py_operators


class _sparse_py_operators:
    """What one may do with a sparse Variable."""

    __slots__ = ()
    __hash__ = Variable.__hash__
    __array_priority__ = 1000  # numpy arrays and scipy matrices on the left leave the operator to us

    type: Any
    T = property(lambda self: dense.transpose(self), doc="The transpose: of csr it is csc, of csc csr.")
    ndim = property(lambda self: self.type.ndim, doc="2.")
    dtype = property(lambda self: self.type.dtype, doc="The dtype, a string.")
    format = property(lambda self: self.type.format, doc="'csr', 'csc' or 'bsr'.")
    shape = property(lambda self: parts.shape_of(self), doc="The shape, an int64 vector.")
    size = property(lambda self: parts.csm_properties(self)[0].shape[0], doc="The number of stored elements.")

    def __neg__(self) -> Any:
        return dense.neg(self)

    def __add__(self, other: Any) -> Any:
        return arithmetic.add(self, other)

    def __radd__(self, other: Any) -> Any:
        return arithmetic.add(other, self)

    def __sub__(self, other: Any) -> Any:
        return arithmetic.sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return arithmetic.sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return arithmetic.mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return arithmetic.mul(other, self)

    def __lt__(self, other: Any) -> Any:
        return comparisons.lt(self, other)

    def __le__(self, other: Any) -> Any:
        return comparisons.le(self, other)

    def __gt__(self, other: Any) -> Any:
        return comparisons.gt(self, other)

    def __ge__(self, other: Any) -> Any:
        return comparisons.ge(self, other)

    def __dot__(self, other: Any) -> Any:
        return products.structured_dot(self, other)

    def __rdot__(self, other: Any) -> Any:
        return products.structured_dot(other, self)

    def __getitem__(self, args: Any) -> Any:
        return indexing.getitem(self, args)

    def dot(self, other: Any) -> Any:
        """As `tx.sparse.structured_dot`."""
        return products.structured_dot(self, other)

    def transpose(self) -> Any:
        """The transpose."""
        return dense.transpose(self)

    def toarray(self) -> Any:
        """All elements, dense."""
        return dense.dense_from_sparse(self)

    def astype(self, dtype: str) -> Any:
        """Converted to `dtype`."""
        return dense.cast(self, dtype)

    def zeros_like(self) -> Any:
        """A matrix of this shape that stores nothing."""
        return dense.sp_zeros_like(self)

    eval = _tensor_py_operators.eval
    __getstate__ = _tensor_py_operators.__getstate__

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.format},{self.dtype}}}"

    __repr__ = __str__


class SparseVariable(_sparse_py_operators, Variable):
    """A symbolic matrix of which only some elements are stored."""

    __slots__ = ()


class SparseConstant(_sparse_py_operators, Constant):
    """A sparse matrix that is known when the graph is built."""

    __slots__ = ()

    def signature(self) -> Any:
        """The type, and a hash of the elements."""
        known = self.__dict__.get("_hash")
        if known is None:
            known = self.__dict__["_hash"] = hash_from_sparse(self.data)
        return self.type, known

    def __str__(self) -> str:
        return f"SparseConstant{{{self.format},{self.dtype},shape={tuple(self.data.shape)},nnz={self.data.nnz}}}"

    __repr__ = __str__


class SparseConstantSignature(tuple):  # type: ignore[type-arg]
    """Kept for programs that name it."""


SparseType.Variable = SparseVariable
SparseType.Constant = SparseConstant

__all__ = [
    "SparseConstant",
    "SparseConstantSignature",
    "SparseVariable",
]
