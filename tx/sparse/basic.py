"""All names of the package, as `theano.sparse.basic` has them."""

from __future__ import annotations

from typing import Any

from tx.sparse.arithmetic import *
from tx.sparse.comparisons import *
from tx.sparse.convert import *
from tx.sparse.convert import _is_dense, _is_dense_variable, _is_sparse_variable
from tx.sparse.dense import *
from tx.sparse.elementwise import *
from tx.sparse.indexing import *
from tx.sparse.joining import *
from tx.sparse.parts import *
from tx.sparse.products import *
from tx.sparse.sums import *
from tx.sparse.type import FORMATS, SparseType, _is_sparse, all_dtypes, matrix_class
from tx.sparse.variable import SparseConstant, SparseConstantSignature, SparseVariable, _sparse_py_operators


def __getattr__(name: str) -> Any:
    """scipy's classes of matrices, which are imported when they are asked for."""
    if name == "_mtypes":
        return [matrix_class(f) for f in FORMATS]
    if name == "_mtype_to_str":
        return {matrix_class(f): f for f in FORMATS}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "SparseConstant",
    "SparseConstantSignature",
    "SparseType",
    "SparseVariable",
    "_is_dense",
    "_is_dense_variable",
    "_is_sparse",
    "_is_sparse_variable",
    "_sparse_py_operators",
    "all_dtypes",
]
