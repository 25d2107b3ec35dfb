"""Shared variables with a scipy matrix for a value."""

from __future__ import annotations

import copy
from typing import Any

from tx.shared import SharedVariable, constructor_of_others
from tx.sparse.lazily import _is_sparse
from tx.sparse.type import SparseType
from tx.sparse.variable import _sparse_py_operators


class SparseTensorSharedVariable(_sparse_py_operators, SharedVariable):
    """A shared sparse matrix."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.name if self.name is not None else f"<{self.type}>"

    __repr__ = __str__


@constructor_of_others
def sparse_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    format: str | None = None,
) -> Any:
    """A shared variable of a scipy matrix, in its own format or in `format`; copied unless `borrow`.

    Raises TypeError for anything else, Unsupported for formats that there is no type for.
    """
    if not _is_sparse(value):
        raise TypeError("Expected a sparse matrix in the sparse shared variable constructor. Received: ", type(value))
    kind = SparseType(format or value.format, value.dtype)
    kept = value if borrow else copy.deepcopy(value)
    return SparseTensorSharedVariable(name=name, type=kind, value=kept, strict=strict, allow_downcast=allow_downcast)


shared = sparse_constructor

__all__ = [
    "SparseTensorSharedVariable",
    "shared",
    "sparse_constructor",
]
