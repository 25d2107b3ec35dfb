"""Sparse matrices: scipy's as values; what is computed with them is computed with their parts, on the device.

The names are those of `theano.sparse`.
"""

from tx.sparse import (
    arithmetic,
    basic,
    comparisons,
    convert,
    dense,
    elementwise,
    indexing,
    joining,
    parts,
    products,
    sandbox,
    sharedvar,
    sums,
    type,
    variable,
)
from tx.sparse.arithmetic import *
from tx.sparse.comparisons import *
from tx.sparse.convert import *
from tx.sparse.dense import *
from tx.sparse.elementwise import *
from tx.sparse.indexing import *
from tx.sparse.joining import *
from tx.sparse.parts import *
from tx.sparse.products import *
from tx.sparse.sharedvar import shared
from tx.sparse.sums import *
from tx.sparse.type import SparseType
from tx.sparse.variable import *
from tx.sparse.verify import verify_grad_sparse

enable_sparse = True

__all__ = [
    *arithmetic.__all__,
    *comparisons.__all__,
    *convert.__all__,
    *dense.__all__,
    *elementwise.__all__,
    *indexing.__all__,
    *joining.__all__,
    *parts.__all__,
    *products.__all__,
    *sums.__all__,
    *variable.__all__,
    "SparseType",
    "basic",
    "enable_sparse",
    "sandbox",
    "shared",
    "sharedvar",
    "type",
    "verify_grad_sparse",
]
