"""All names of the package, as `theano.sparse.basic` has them."""

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
from tx.sparse.type import FORMATS, SparseType, _is_sparse, all_dtypes
from tx.sparse.variable import SparseConstant, SparseConstantSignature, SparseVariable, _sparse_py_operators

_mtypes = list(FORMATS.values())
_mtype_to_str = {kind: name for name, kind in FORMATS.items()}

__all__ = [
    "SparseConstant",
    "SparseConstantSignature",
    "SparseType",
    "SparseVariable",
    "_is_dense",
    "_is_dense_variable",
    "_is_sparse",
    "_is_sparse_variable",
    "_mtype_to_str",
    "_mtypes",
    "_sparse_py_operators",
    "all_dtypes",
]
