"""SparseType: matrices of one format and dtype of which only some elements are stored. Their values are scipy's.

They lie on the host, where scipy looks after them. Functions that compute with one on a device are given its parts,
which are ordinary arrays (see `tx.sparse.parts` and `tx.rewriting.sparse`).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any, ClassVar

import numpy as np

from tx.graph import Type, Variable
from tx.scalar import dtypes as dt
from tx.sparse.lazily import _is_sparse, scipy_sparse
from tx.sparse.refusals import Unsupported

#: for each of them scipy has a class
FORMATS = ("csr", "csc", "bsr")
all_dtypes = {d for d in dt.all_dtypes if d not in ("bool", "float16")}


@cache
def matrix_class(format: str) -> Any:
    """scipy's class of matrices in this format."""
    return getattr(scipy_sparse, f"{format}_matrix")


def copied(matrix: Any) -> Any:
    """A matrix with arrays of its own. Its method would examine them again, which takes five times as long."""
    made = copy(matrix)
    made.data, made.indices, made.indptr = matrix.data.copy(), matrix.indices.copy(), matrix.indptr.copy()
    return made


class Kept:
    """A matrix as functions hand it on. Nobody changes it, so what was worked out about it stays true."""

    __slots__ = ("found", "matrix")

    def __init__(self, matrix: Any):
        self.matrix = matrix
        #: what Ops that take it apart have found
        self.found: dict[Any, Any] = {}

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return tuple(self.matrix.shape)


class SparseType(Type):
    """Matrices in `format` (``'csr'``, ``'csc'`` or ``'bsr'``) with elements of `dtype`.

    Raises Unsupported (a "not implemented" error, as in Theano) for other formats and dtypes.
    Source: theano.sparse.SparseType.
    """

    dtype_set = all_dtypes
    ndim: ClassVar[int] = 2
    broadcastable = (False, False)

    def __init__(self, format: str, dtype: Any):
        if not isinstance(format, str) or format not in FORMATS:
            raise Unsupported(f'unsupported format "{format}" not in list', list(FORMATS))
        try:
            self.dtype = dt.canonical(dtype)
        except TypeError:
            self.dtype = str(dtype)
        if self.dtype not in all_dtypes:
            raise Unsupported(f'unsupported dtype "{dtype}" not in list', sorted(all_dtypes))
        self.format = format

    _dtype = property(lambda self: np.dtype(self.dtype))

    def clone(self, format: str | None = None, dtype: Any = None) -> SparseType:
        """A type with another format or dtype."""
        return type(self)(format or self.format, dtype or self.dtype)

    # -- values -------------------------------------------------------------------------------------------------------

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """`data` as a scipy matrix of this format. Without `strict` other formats, and dense arrays, are converted;
        the dtype must be right, unless `allow_downcast`.

        Raises TypeError for what is no matrix, or under `strict` for any other one, Unsupported for another dtype.
        """
        if isinstance(data, Variable):
            raise TypeError("Expected a sparse matrix, but found a Variable", data)
        kind = matrix_class(self.format)
        if isinstance(data, kind) and data.dtype == self._dtype:
            return data
        if strict:
            raise TypeError(f"{data!r:.200} is not sparse, or not the right format and dtype (expected {self})")
        if not _is_sparse(data) and np.asarray(data).dtype.kind not in "biufc":
            raise TypeError(f"no sparse matrix can be made of {data!r:.200}")
        matrix = kind(data, dtype=self._dtype) if allow_downcast else kind(data)
        if matrix.dtype != self._dtype:
            raise Unsupported(f"Expected {self.dtype} dtype but got {matrix.dtype}")
        return matrix

    def pack(self, value: Any) -> Any:
        """A copy that nobody changes."""
        return value if isinstance(value, Kept) else Kept(copied(value))

    def lend(self, value: Any) -> Any:
        """The matrix, for an Op to read."""
        return value.matrix if isinstance(value, Kept) else value

    def unpack(self, value: Any) -> Any:
        """A matrix that is the caller's own, where functions have left one."""
        return copied(value.matrix) if isinstance(value, Kept) else value

    def apart(self, variable: Any) -> tuple[list[Any], Callable[..., Any]] | None:
        """The four parts of a matrix, and what makes it of them; None for blocks."""
        from tx.sparse.parts import CSM, csm_properties

        return (csm_properties(variable), CSM(self.format)) if self.format in ("csr", "csc") else None

    def is_valid_value(self, a: Any) -> bool:
        """Whether `a` is a matrix of this format and dtype."""
        return isinstance(a, matrix_class(self.format)) and a.dtype == self._dtype

    def values_eq(self, a: Any, b: Any) -> bool:  # type: ignore[override]
        """Whether two matrices have the same shape and elements, stored or not."""
        if not (_is_sparse(a) and _is_sparse(b)) or a.shape != b.shape:
            return False
        return bool(abs(a - b).sum() == 0)

    def values_eq_approx(self, a: Any, b: Any, eps: float = 1e-6) -> bool:  # type: ignore[override]
        """Whether two matrices have the same shape, format and elements, up to `eps`."""
        if not (_is_sparse(a) and _is_sparse(b)) or a.shape != b.shape or a.format != b.format:
            return False
        difference = abs(a - b)
        return bool(difference.nnz == 0 or difference.max() < eps)

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """Whether an array of the one matrix may be an array of the other, or `b` itself."""
        if not _is_sparse(a):
            return self.may_share_memory(b, a) if _is_sparse(b) else False
        parts = (b.data, b.indices, b.indptr) if _is_sparse(b) else (b,)
        mine = (a.data, a.indices, a.indptr)
        return any(np.may_share_memory(x, y) for x in mine for y in parts if isinstance(y, np.ndarray))

    def get_shape_info(self, obj: Any) -> tuple[Any, ...]:
        """The shape, the sizes of data, indices and indptr, and the number of stored elements."""
        return obj.shape, obj.data.size, obj.indices.size, obj.indptr.size, obj.nnz

    def get_size(self, shape_info: Any) -> int:
        """How many bytes such a matrix takes."""
        _, data, indices, indptr, _ = shape_info
        return int(data) * int(self._dtype.itemsize) + 4 * (int(indices) + int(indptr))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SparseType) and (self.format, self.dtype) == (other.format, other.dtype)

    def __hash__(self) -> int:
        return hash((SparseType, self.format, self.dtype))

    def __str__(self) -> str:
        return f"Sparse[{self.dtype}, {self.format}]"

    __repr__ = __str__


__all__ = ["FORMATS", "Kept", "SparseType", "_is_sparse", "all_dtypes", "matrix_class"]
