"""All names of the package, as `theano.sparse.basic` has them."""

from __future__ import annotations

from typing import Any

from tx.sparse.arithmetic import *  # noqa: F403
from tx.sparse.convert import *  # noqa: F403
from tx.sparse.convert import _is_dense, _is_dense_variable, _is_sparse_variable
from tx.sparse.dense import *  # noqa: F403
from tx.sparse.elementwise import *  # noqa: F403
from tx.sparse.indexing import *  # noqa: F403
from tx.sparse.joining import *  # noqa: F403
from tx.sparse.parts import *  # noqa: F403
from tx.sparse.products import *  # noqa: F403
from tx.sparse.sums import *  # noqa: F403
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
