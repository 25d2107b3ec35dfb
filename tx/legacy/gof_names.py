"""Names of ``theano.gof`` that are about C code or linkers, for programs that import them or derive Ops from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Op
from tx.shared import Container

PureOp = Op


class OpenMPOp(Op):
    """An Op that might have run its C code in several threads. It needs `perform` or a lowering here."""

    def __init__(self, openmp: bool | None = None):
        self.openmp = openmp


class COp(Op):
    """An Op whose C code is in files, which are not read. It needs `perform` or a lowering here."""

    def __init__(self, func_files: str | Sequence[str], func_name: str | None = None):
        self.func_files = [func_files] if isinstance(func_files, str) else list(func_files)
        self.func_name = func_name


def hashtype(self: Any) -> int:
    """A hash of the class of an object: what ``__hash__`` of Types was."""
    return hash((type(self).__name__, type(self).__module__))


__all__ = ["COp", "Container", "OpenMPOp", "PureOp", "hashtype"]
