"""Between sparse and dense, dtypes, and what keeps a matrix but for how it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply
from tx.sparse.convert import as_sparse_variable, compressed, is_discrete
from tx.sparse.op import SparseOp, dense_output, sparse_output
from tx.sparse.parts import CSM, Converted, csm_properties
from tx.sparse.type import SparseType, matrix_class
from tx.tensor import math as F
from tx.tensor import shapes
from tx.tensor.convert import as_tensor_variable, constant


def sp_ones_like(x: Any) -> Any:
    """Ones where `x` stores elements."""
    data, indices, indptr, shape = csm_properties(x)
    return CSM(as_sparse_variable(x).format)(F.ones_like(data), indices, indptr, shape)


def sp_zeros_like(x: Any) -> Any:
    """A matrix of the shape of `x` that stores nothing."""
    x = as_sparse_variable(x)
    _, _, indptr, shape = csm_properties(x)
    return CSM(x.format)(constant([], dtype=x.dtype), np.array([], "int32"), F.zeros_like(indptr), shape)


class DenseFromSparse(SparseOp):
    """The array of all elements. With `structured` only stored elements have a gradient.

    Source: theano.sparse.DenseFromSparse.
    """

    def __init__(self, structured: bool = True):
        self.sparse_grad = structured

    def make_node(self, x: Any) -> Apply:
        """One sparse input. Raises TypeError for others."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [dense_output(x.dtype)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return x.toarray()

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's elements where `x` has its own; all of them, when that is wanted."""
        (x,), (g,) = inputs, gradients
        if not self.sparse_grad:
            return [SparseFromDense(x.format)(g)]
        from tx.sparse.arithmetic import mul_s_d

        return [mul_s_d(sp_ones_like(x), g)]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.sparse_grad == other.sparse_grad

    def __hash__(self) -> int:
        return hash((type(self), self.sparse_grad))

    def __str__(self) -> str:
        return f"DenseFromSparse{{structured_grad={self.sparse_grad}}}"


dense_from_sparse = DenseFromSparse()


class SparseFromDense(SparseOp):
    """A matrix that stores what is not zero. A number, or a vector, is a matrix of one row.

    Source: theano.sparse.SparseFromDense.
    """

    makes_sparse = True

    def __init__(self, format: str):
        self.format = format

    def make_node(self, x: Any) -> Apply:
        """Raises TypeError for more than two dimensions, Unsupported for other formats."""
        x = as_tensor_variable(x)
        if x.ndim > 2:
            raise TypeError(
                f"Theano does not have sparse tensor types with more than 2 dimensions, but {x}.ndim = {x.ndim}"
            )
        return Apply(self, [x], [sparse_output(self.format, x.dtype)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return matrix_class(self.format)(np.atleast_2d(x))

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient, dense, of the rank and pattern of the input."""
        (x,), (g,) = inputs, gradients
        g = as_dense(g)
        pattern = x.type.broadcastable
        missing = 2 - len(pattern)
        if missing:
            g = g.reshape(shapes.shape(x), ndim=x.ndim)
        return [shapes.patternbroadcast(g, pattern)]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.format == other.format

    def __hash__(self) -> int:
        return hash((type(self), self.format))

    def __str__(self) -> str:
        return f"SparseFromDense{{{self.format}}}"


csr_from_dense, csc_from_dense = SparseFromDense("csr"), SparseFromDense("csc")


def as_dense(x: Any) -> Any:
    """A Variable, sparse or dense, as a tensor."""
    return dense_from_sparse(x) if isinstance(x.type, SparseType) else x


class Cast(SparseOp):
    """The matrix with elements of another dtype. Source: theano.sparse.Cast."""

    __props__ = ("out_type",)

    def __init__(self, out_type: str):
        self.out_type = out_type

    def make_node(self, x: Any) -> Apply:
        """One sparse input. Raises TypeError for others, Unsupported for a dtype that matrices cannot have."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [sparse_output(x.format, self.out_type)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return x.astype(self.out_type)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient in the input's dtype; as it is where that is discrete and the output's is not."""
        (x,), (g,) = inputs, gradients
        if is_discrete(self.out_type):
            return [sp_zeros_like(x) if not is_discrete(x.dtype) else cast(sp_zeros_like(x), "float64")]
        return [g if is_discrete(x.dtype) or g.dtype == x.dtype else cast_any(g, x.dtype)]

    def __str__(self) -> str:
        return f"Cast({self.out_type})"


def cast(variable: Any, dtype: str) -> Any:
    """A sparse Variable of another dtype."""
    return Cast(dtype)(variable)


def cast_any(x: Any, dtype: str) -> Any:
    """A Variable, sparse or dense, of another dtype."""
    return cast(x, dtype) if isinstance(x.type, SparseType) else F.cast(x, dtype)


bcast, wcast, icast, lcast = Cast("int8"), Cast("int16"), Cast("int32"), Cast("int64")
fcast, dcast, ccast, zcast = Cast("float32"), Cast("float64"), Cast("complex64"), Cast("complex128")


class Transpose(SparseOp):
    """Rows and columns exchanged: csr becomes csc, and csc csr. Source: theano.sparse.Transpose."""

    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        """One input, compressed."""
        x = compressed(x)
        return Apply(self, [x], [sparse_output("csc" if x.format == "csr" else "csr", x.dtype)])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return x.transpose()

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Transposed."""
        (x,), (g,) = inputs, gradients
        return [transpose(in_compressed(g, x)) if isinstance(g.type, SparseType) else g.T]

    def __str__(self) -> str:
        return "SparseTranspose"


def in_compressed(g: Any, x: Any) -> Any:
    """A gradient in a compressed format."""
    return g if g.format in ("csr", "csc") else Converted(x.format)(g)


transpose = Transpose()


class Neg(SparseOp):
    """Minus `x`. Source: theano.sparse.Neg."""

    def make_node(self, x: Any) -> Apply:
        """One input, compressed."""
        x = compressed(x)
        return Apply(self, [x], [x.type()])

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return -x

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Minus the gradient."""
        return [-gradients[0]]

    def __str__(self) -> str:
        return "SparseNeg"


neg = Neg()


class _StoredOtherwise(SparseOp):
    """The same matrix, stored in another way. It is always a new one, whatever `inplace` says."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = False

    def make_node(self, x: Any) -> Apply:
        """One input, compressed."""
        x = compressed(x)
        return Apply(self, [x], [x.type()])

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient as it is."""
        return list(gradients)


class EnsureSortedIndices(_StoredOtherwise):
    """The same matrix, stored in order. Source: theano.sparse.EnsureSortedIndices."""

    def __init__(self, inplace: bool):
        super().__init__(inplace)

    def compute(self, x: Any) -> Any:
        """By scipy."""
        return x.sorted_indices()

    def __str__(self) -> str:
        return "EnsureSortedIndices{no_inplace}"


class Remove0(_StoredOtherwise):
    """The same matrix without stored zeros. Source: theano.sparse.Remove0."""

    def compute(self, x: Any) -> Any:
        """By scipy."""
        kept = x.copy()
        kept.eliminate_zeros()
        return kept

    def __str__(self) -> str:
        return "Remove0{}"


ensure_sorted_indices, remove0 = EnsureSortedIndices(inplace=False), Remove0()


def clean(x: Any) -> Any:
    """The same matrix, without stored zeros and in order."""
    return ensure_sorted_indices(remove0(x))


__all__ = [
    "Cast",
    "DenseFromSparse",
    "EnsureSortedIndices",
    "Neg",
    "Remove0",
    "SparseFromDense",
    "Transpose",
    "bcast",
    "cast",
    "ccast",
    "clean",
    "csc_from_dense",
    "csr_from_dense",
    "dcast",
    "dense_from_sparse",
    "ensure_sorted_indices",
    "fcast",
    "icast",
    "lcast",
    "neg",
    "remove0",
    "sp_ones_like",
    "sp_zeros_like",
    "transpose",
    "wcast",
    "zcast",
]
