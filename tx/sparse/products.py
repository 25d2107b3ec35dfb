"""Products: with a structured gradient, which keeps to what is stored, and with the true one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.gradient.rules import grad_not_implemented
from tx.graph import Apply, Op, Variable
from tx.scalar import dtypes as dt
from tx.sparse.arithmetic import mul
from tx.sparse.convert import _is_sparse_variable, as_sparse_or_tensor_variable, as_sparse_variable
from tx.sparse.dense import as_dense, csr_from_dense, dense_from_sparse, sp_ones_like, transpose
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, disconnected, sparse_output
from tx.sparse.operands import require
from tx.sparse.parts import CSM, coordinates, csm_properties
from tx.sparse.refusals import Unsupported
from tx.sparse.type import SparseType, _is_sparse
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.joining import make_vector
from tx.tensor.products import dot as dense_dot
from tx.tensor.products import outer
from tx.tensor.type import TensorType


def _check_inner(x: Any, y: Any) -> None:
    if x.shape[-1] != y.shape[0]:
        raise ValueError("dimension mismatch", x.shape, y.shape)


class Dot(SparseOp):
    """The dense product of two operands of which one at least is sparse. Source: theano.sparse.Dot."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """Vectors and matrices. Raises TypeError when none is sparse, and for other ranks."""
        x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
        if not _is_sparse_variable(x) and not _is_sparse_variable(y):
            raise TypeError("At least one of the two must be sparse", x, y)
        for v in (x, y):
            if v.ndim not in (1, 2):
                raise TypeError(f"vectors and matrices only, not {v.ndim} dimensions", v)
        pattern = x.type.broadcastable[:-1] + y.type.broadcastable[1:]
        return Apply(self, [x, y], [TensorType(dt.upcast(x.dtype, y.dtype), pattern)()])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        _check_inner(x, y)
        product = x @ y
        return product.toarray() if _is_sparse(product) else np.asarray(product)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the other, transposed: dense also for what is sparse."""
        (x, y), (g,) = inputs, gradients
        if x.ndim == 2 and y.ndim == 1:
            return [outer(g, y), dot(transpose(x), g)]
        if x.ndim == 1:
            return [dot(g, transpose(y)), outer(x, g)]
        return [_product(g, _transposed(y)), _product(_transposed(x), g)]

    def __str__(self) -> str:
        return "SparseDot"


def _transposed(x: Any) -> Any:
    return transpose(x) if _is_sparse_variable(x) else x.T


def _product(x: Any, y: Any) -> Any:
    """Dense, whether an operand is sparse or not."""
    return dot(x, y) if _is_sparse_variable(x) or _is_sparse_variable(y) else dense_dot(x, y)


_dot = Dot()


class StoredDot(SparseOp):
    """The dense product of a matrix as it is stored, or its transpose, and a dense operand, which may stand on the
    `left`. Rewrites put it where scipy makes products sooner than the device.
    """

    __props__ = ("transposed", "left")
    only_reads = True

    def __init__(self, transposed: bool = False, left: bool = False):
        self.transposed = transposed
        self.left = left

    def make_node(self, x: Any, y: Any) -> Apply:
        """The sparse one, and the dense one, of one dimension or two."""
        pattern = (*y.type.broadcastable[:-1], False) if self.left else (False, *y.type.broadcastable[1:])
        return Apply(self, [x, y], [TensorType(dt.upcast(x.dtype, y.dtype), pattern)()])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        x, y = x.T if self.transposed else x, np.asarray(y, dt.upcast(x.dtype, y.dtype))
        first, second = (y, x) if self.left else (x, y)
        _check_inner(first, second)
        return np.ascontiguousarray(first @ second)


class TransposedDot(Op):
    """``dot(x.T, y)`` in one of two forms, to be added to a matrix: made, and no elements, where `x` stores more of
    them than the result has rows; or without its columns, and the elements of ``x.T``, their rows and columns.
    """

    __props__ = ()
    only_reads = True

    def make_node(self, x: Any, y: Any) -> Apply:
        """A sparse matrix and a dense one."""
        vectors = [dense_output(x.dtype, 1), dense_output("int32", 1), dense_output("int32", 1)]
        return Apply(self, [x, y], [dense_output(dt.upcast(x.dtype, y.dtype)), *vectors])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Raises ValueError for lengths that do not fit."""
        x, y = inputs
        if x.shape[0] != y.shape[0]:
            raise ValueError("dimension mismatch", x.shape[::-1], y.shape)
        if len(x.data) > x.shape[1]:
            none = np.zeros(0, "int32")
            found = np.asarray(x.T @ y), x.data[:0], none, none
        else:
            data, columns, rows = coordinates(x)
            found = np.zeros((x.shape[1], 0), y.dtype), data, rows, columns
        for cell, value in zip(output_storage, found, strict=True):
            cell[0] = value


def dot(x: Any, y: Any) -> Any:
    """The dense product of two operands of which one at least is sparse. Raises TypeError when none is."""
    if isinstance(x, Variable) and isinstance(y, Variable) and not (
        isinstance(x.type, SparseType) or isinstance(y.type, SparseType)
    ):  # fmt: skip
        raise TypeError("At least one of the two must be sparse", x, y)
    x, y = (as_sparse_variable(v) if _is_sparse(v) else v for v in (x, y))
    return _dot(x, y)


class StructuredDot(SparseOp):
    """The product of a matrix and a dense matrix, dense; of two matrices, sparse in the format of the first.

    The gradient of what is sparse is stored where that is. Source: theano.sparse.StructuredDot.
    """

    def make_node(self, a: Any, b: Any) -> Apply:
        """Raises TypeError unless the first is sparse, Unsupported unless the second has two dimensions."""
        a, b = as_sparse_or_tensor_variable(a), as_sparse_or_tensor_variable(b)
        if not _is_sparse_variable(a):
            raise TypeError("First argument must be of type SparseVariable", a, a.type)
        dtype = dt.upcast(a.dtype, b.dtype)
        if b.ndim != 2:
            raise Unsupported("non-matrix b")
        if _is_sparse_variable(b):
            return Apply(self, [a, b], [sparse_output(a.format, dtype)])
        return Apply(self, [a, b], [TensorType(dtype, (False, b.type.broadcastable[1]))()])

    def compute(self, a: Any, b: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        if a.shape[1] != b.shape[0]:
            raise ValueError("shape mismatch in StructuredDot.perform", (a.shape, b.shape))
        product = a @ b
        return product if _is_sparse(product) else np.asarray(product)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Structured by the first, and the product with it, transposed."""
        (a, b), (g,) = inputs, gradients
        if _is_sparse_variable(b):
            if not _is_sparse_variable(g):
                return [structured_dot_grad(a, as_dense(b), g), dense_dot(as_dense(transpose(a)), g)]
            of_b = structured_dot(transpose(a), g)
            return [mul(sp_ones_like(a), structured_dot(g, transpose(b))), of_b]
        return [structured_dot_grad(a, b, as_dense(g)), structured_dot(transpose(a), g)]


_structured_dot = StructuredDot()


def structured_dot(x: Any, y: Any) -> Any:
    """The product, with the gradient of what is sparse stored where that is.

    Dense when one operand is, else sparse. Raises TypeError when none is sparse.
    """
    x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    if not _is_sparse_variable(x) and not _is_sparse_variable(y):
        raise TypeError("structured_dot requires at least one sparse argument")
    if _is_sparse_variable(x):
        return _structured_dot(x, y)
    if y.format not in ("csr", "csc"):
        raise AssertionError("Only matrices in the formats csr and csc", y)
    return _structured_dot(transpose(y), x.T).T


class _StructuredDotGrad(SparseOp):
    """For the places of a compressed matrix: the inner products of rows of `g_ab` and of `b`."""

    format: str

    def make_node(self, a_indices: Any, a_indptr: Any, b: Any, g_ab: Any) -> Apply:
        """Where the elements are, and two dense matrices."""
        given = [as_tensor_variable(v) for v in (a_indices, a_indptr, b, g_ab)]
        return Apply(self, given, [dense_output(dt.upcast(given[2].dtype, given[3].dtype), 1)])

    def compute(self, indices: Any, indptr: Any, b: Any, g: Any) -> Any:
        """By numpy."""
        majors = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
        rows, columns = (majors, indices) if self.format == "csr" else (indices, majors)
        return np.einsum("ij,ij->i", g[rows], b[columns])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The places have no derivative."""
        return [[False], [False], [True], [True]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the matrix that the gradient makes."""
        (indices, indptr, b, g_ab), (g,) = inputs, gradients
        shape = F.cast(_pair(g_ab.shape[0], b.shape[0]), "int32")
        matrix = CSM(self.format)(g, indices, indptr, shape)
        return [*disconnected(2), structured_dot(transpose(matrix), g_ab), structured_dot(matrix, b)]


def _pair(m: Any, n: Any) -> Any:
    return make_vector(m, n)


class StructuredDotGradCSR(_StructuredDotGrad):
    """For compressed rows. Source: theano.sparse.StructuredDotGradCSR."""

    format = "csr"


class StructuredDotGradCSC(_StructuredDotGrad):
    """For compressed columns. Source: theano.sparse.StructuredDotGradCSC."""

    format = "csc"


sdg_csr, sdg_csc = StructuredDotGradCSR(), StructuredDotGradCSC()


def structured_dot_grad(sparse_A: Any, dense_B: Any, ga: Any) -> Any:
    """The gradient of ``structured_dot(sparse_A, dense_B)`` by its first operand, stored where that is.

    Raises Unsupported for blocks.
    """
    if sparse_A.format not in ("csr", "csc"):
        raise Unsupported("only the formats csr and csc have this gradient", sparse_A)
    _, indices, indptr, shape = csm_properties(sparse_A)
    data = (sdg_csr if sparse_A.format == "csr" else sdg_csc)(indices, indptr, dense_B, ga)
    return CSM(sparse_A.format)(data, indices, indptr, shape)


class TrueDot(SparseOp):
    """The product, sparse, in the format of what is sparse. Source: theano.sparse.TrueDot.

    With `grad_preserves_dense` the gradient of a dense operand is dense.
    """

    def __init__(self, grad_preserves_dense: bool = True):
        self.grad_preserves_dense = grad_preserves_dense

    def make_node(self, x: Any, y: Any) -> Apply:
        """Raises TypeError unless the first is sparse."""
        x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
        if not _is_sparse_variable(x):
            raise TypeError(x)
        return Apply(self, [x, y], [sparse_output(x.format, dt.upcast(x.dtype, y.dtype))])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises ValueError for lengths that do not fit. A vector's product is a row."""
        _check_inner(x, y)
        product = x @ y
        return product if _is_sparse(product) else scipy_sparse.csr_matrix(np.atleast_2d(product))

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the other, transposed."""
        (x, y), (g,) = inputs, gradients
        of_y = true_dot(transpose(x), g)
        if y.ndim == 1:
            g, y = _flat(as_dense(g)), y
            return [true_dot(_as_column(g), _as_row(y)), dot(transpose(x), g)]
        if not _is_sparse_variable(y) and self.grad_preserves_dense:
            of_y = dense_from_sparse(of_y)
        return [true_dot(g, _transposed(y)), of_y]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.grad_preserves_dense == other.grad_preserves_dense

    def __hash__(self) -> int:
        return hash((TrueDot, self.grad_preserves_dense))


def _flat(x: Any) -> Any:
    return x.flatten()


def _as_column(x: Any) -> Any:
    return csr_from_dense(x.dimshuffle(0, "x"))


def _as_row(x: Any) -> Any:
    return x.dimshuffle("x", 0)


def true_dot(x: Any, y: Any, grad_preserves_dense: bool = True) -> Any:
    """The product, sparse. Raises TypeError when no operand is, Unsupported for blocks."""
    x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
    if not _is_sparse_variable(x) and not _is_sparse_variable(y):
        raise TypeError("At least one of the two must be sparse", x, y)
    if any(_is_sparse_variable(v) and v.format not in ("csr", "csc") for v in (x, y)):
        raise Unsupported("only the formats csr and csc", x, y)
    if _is_sparse_variable(x):
        return TrueDot(grad_preserves_dense)(x, y)
    return transpose(TrueDot(grad_preserves_dense)(transpose(y), x.T))


class Usmm(SparseOp):
    """``alpha * dot(x, y) + z``, dense, where one of `x` and `y` is sparse. Source: theano.sparse.Usmm."""

    def make_node(self, alpha: Any, x: Any, y: Any, z: Any) -> Apply:
        """Raises TypeError when none is sparse, AssertionError for other ranks."""
        x, y = as_sparse_or_tensor_variable(x), as_sparse_or_tensor_variable(y)
        alpha, z = as_tensor_variable(alpha), as_tensor_variable(z)
        if not _is_sparse_variable(x) and not _is_sparse_variable(y):
            raise TypeError(x)
        require(alpha.type.ndim in (0, 2) and all(alpha.type.broadcastable), "alpha must be one number", alpha)
        require(x.ndim == 2 and y.ndim == 2 and z.ndim == 2, "Matrices only", x, y, z)
        dtype = dt.upcast(alpha.dtype, x.dtype, y.dtype, z.dtype)
        return Apply(self, [alpha, x, y, z], [dense_output(dtype)])

    def compute(self, alpha: Any, x: Any, y: Any, z: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        return np.asarray(_dot.compute(x, y)) * np.ravel(alpha)[0] + z

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Those of its parts."""
        (alpha, x, y, _), (g,) = inputs, gradients
        of_x, of_y = _dot.grad([x, y], [g * alpha.sum()])
        return [F.second(alpha, (g * dot(x, y)).sum()), of_x, of_y, g]

    def __str__(self) -> str:
        return "Usmm{no_inplace}"


usmm = Usmm()


class SamplingDot(SparseOp):
    """``p * dot(x, y.T)``, computed only where `p` stores elements. Source: theano.sparse.SamplingDot."""

    def make_node(self, x: Any, y: Any, p: Any) -> Apply:
        """Two dense matrices and a sparse one."""
        x, y, p = as_tensor_variable(x), as_tensor_variable(y), as_sparse_variable(p)
        return Apply(self, [x, y, p], [sparse_output(p.format, dt.upcast(x.dtype, y.dtype, p.dtype))])

    def compute(self, x: Any, y: Any, p: Any) -> Any:
        """Raises ValueError for lengths that do not fit."""
        if p.shape != (x.shape[0], y.shape[0]) or x.shape[1:] != y.shape[1:]:
            raise ValueError("The dimension of the pattern and the output must match", x.shape, y.shape, p.shape)
        coo = p.tocoo()
        data = coo.data * np.einsum("ij,ij->i", x[coo.row], y[coo.col])
        return scipy_sparse.coo_matrix((data, (coo.row, coo.col)), shape=p.shape)

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Products with the sampled gradient; none for the pattern."""
        (x, y, p), (g,) = inputs, gradients
        sampled = mul(p, g)
        return [dot(sampled, y), dot(transpose(sampled), x), grad_not_implemented(self, 2, p)]


sampling_dot = SamplingDot()

__all__ = [
    "Dot",
    "SamplingDot",
    "StructuredDot",
    "StructuredDotGradCSC",
    "StructuredDotGradCSR",
    "TrueDot",
    "Usmm",
    "dot",
    "sampling_dot",
    "sdg_csc",
    "sdg_csr",
    "structured_dot",
    "structured_dot_grad",
    "true_dot",
    "usmm",
]
