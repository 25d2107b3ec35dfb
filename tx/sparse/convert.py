"""What becomes a sparse Variable, and the constructors of Variables: `csr_matrix` and the like."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Apply, Variable
from tx.scalar import dtypes as dt
from tx.sparse.refusals import Unsupported
from tx.sparse.type import SparseType, _is_sparse, all_dtypes
from tx.tensor.convert import as_tensor_variable

sparse_formats = ["csc", "csr"]
float_dtypes = ["float64", "float32"]
complex_dtypes = ["complex64", "complex128"]
int_dtypes = ["int64", "int32", "int16", "int8"]
uint_dtypes = ["uint8", "uint16", "uint32", "uint64"]
integer_dtypes = discrete_dtypes = int_dtypes + uint_dtypes
continuous_dtypes = float_dtypes + complex_dtypes


def _is_sparse_variable(x: Any) -> bool:
    """Whether `x` is a sparse Variable. Raises Unsupported unless it is one, or a tensor."""
    if not isinstance(x, Variable):
        raise Unsupported("this is no Variable: use as_sparse_or_tensor_variable first", type(x))
    return isinstance(x.type, SparseType)


def _is_dense_variable(x: Any) -> bool:
    """Whether `x` is a Variable of a tensor."""
    return not _is_sparse_variable(x)


def _is_dense(x: Any) -> bool:
    """Whether `x` is an array. Raises Unsupported unless it is one, or a scipy matrix."""
    if not _is_sparse(x) and not isinstance(x, np.ndarray):
        raise Unsupported("this function should only be called on sparse matrices and ndarrays, not on", x)
    return isinstance(x, np.ndarray)


def constant(x: Any, name: str | None = None) -> Any:
    """A SparseConstant of a scipy matrix. Raises TypeError for anything else, Unsupported for other formats."""
    if not _is_sparse(x):
        raise TypeError("sparse.constant must be called on a scipy.sparse.spmatrix")
    kind = SparseType(x.format, x.dtype)
    return kind.make_constant(kind.filter(x).copy(), name)


def as_sparse_variable(x: Any, name: str | None = None) -> Any:
    """`x`, a sparse Variable or a scipy matrix, as a sparse Variable. Raises TypeError for anything else."""
    if isinstance(x, Apply):
        if len(x.outputs) != 1:
            raise ValueError("It is ambiguous which output of a multi-output Op has to be fetched.", x)
        x = x.outputs[0]
    if isinstance(x, Variable):
        if not isinstance(x.type, SparseType):
            raise TypeError("Variable type field must be a SparseType.", x, x.type)
        return x
    try:
        return constant(x, name=name)
    except TypeError:
        raise TypeError(f"Cannot convert {x!r:.200} to SparseType", type(x)) from None


as_sparse = as_sparse_variable


def as_sparse_or_tensor_variable(x: Any, name: str | None = None) -> Any:
    """`x` as a sparse Variable if it is one or a scipy matrix, else as a tensor."""
    if _is_sparse(x) or (isinstance(x, Variable) and isinstance(x.type, SparseType)):
        return as_sparse_variable(x, name)
    return as_tensor_variable(x, name)


def matrix(format: str, name: str | None = None, dtype: Any = None) -> Any:
    """A new sparse Variable; the dtype is floatX unless given."""
    return SparseType(format, config.floatX if dtype is None else dtype)(name)


def csc_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new Variable of a matrix in compressed columns."""
    return matrix("csc", name, dtype)


def csr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new Variable of a matrix in compressed rows."""
    return matrix("csr", name, dtype)


def bsr_matrix(name: str | None = None, dtype: Any = None) -> Any:
    """A new Variable of a matrix in compressed rows of blocks."""
    return matrix("bsr", name, dtype)


csc_dmatrix, csr_dmatrix, bsr_dmatrix = (SparseType(f, "float64") for f in ("csc", "csr", "bsr"))
csc_fmatrix, csr_fmatrix, bsr_fmatrix = (SparseType(f, "float32") for f in ("csc", "csr", "bsr"))


def compressed(x: Any) -> Any:
    """`x` as a sparse Variable of compressed rows or columns. Raises AssertionError for blocks."""
    x = as_sparse_variable(x)
    if x.format not in sparse_formats:
        raise AssertionError(f"Only matrices in the formats csr and csc, not {x.format}", x)
    return x


def hash_from_sparse(data: Any) -> str:
    """A text that is the same for equal matrices: of the same dtype, shape and arrays, stored in the same order."""
    digest = hashlib.sha256()
    for part in (data.data, data.indices, data.indptr):
        digest.update(f"{part.dtype.str}{part.shape}".encode())
        digest.update(part.tobytes())
    digest.update(f"{data.format}{tuple(map(int, data.shape))}{data.dtype}".encode())
    return "m" + digest.hexdigest()


def is_discrete(dtype: str) -> bool:
    """Whether a gradient does not exist for this dtype."""
    return dt.is_discrete(dtype)


__all__ = [
    "all_dtypes",
    "as_sparse",
    "as_sparse_or_tensor_variable",
    "as_sparse_variable",
    "bsr_dmatrix",
    "bsr_fmatrix",
    "bsr_matrix",
    "complex_dtypes",
    "constant",
    "continuous_dtypes",
    "csc_dmatrix",
    "csc_fmatrix",
    "csc_matrix",
    "csr_dmatrix",
    "csr_fmatrix",
    "csr_matrix",
    "discrete_dtypes",
    "float_dtypes",
    "hash_from_sparse",
    "int_dtypes",
    "integer_dtypes",
    "matrix",
    "sparse_formats",
    "uint_dtypes",
]
