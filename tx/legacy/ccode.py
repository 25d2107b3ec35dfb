"""Classes of Theano's for C code, which tx does not compile: they say so, and what to write instead."""

from __future__ import annotations

from typing import Any

from tx.graph import Op
from tx.graph.core import defines

_INSTEAD = (
    "tx compiles to XLA and runs no C code: give the Op a `perform` with numpy, or a lowering rule "
    "(docs/adding_an_op.md)"
)


class COp(Op):
    """An Op whose code is in C files. One that has a `perform` runs by it; the files are not read.

    Raises NotImplementedError when there is no `perform`.
    """

    def __init__(self, func_files: Any = (), func_name: str | None = None):
        if not defines(self, "perform"):
            raise NotImplementedError(f"{type(self).__name__} is a COp. {_INSTEAD}.")
        self.func_files = [func_files] if isinstance(func_files, str) else list(func_files)
        self.func_name = func_name


class OpenMPOp(Op):
    """An Op whose C code uses OpenMP. XLA decides what runs in parallel; `openmp` is kept."""

    def __init__(self, openmp: bool | None = None):
        self.openmp = bool(openmp)


def _refused(name: str, instead: str) -> type:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{name} holds values of C. {instead}")

    return type(name, (), {"__init__": __init__, "__doc__": f"Raises NotImplementedError: {instead}"})


CDataType = _refused("CDataType", f"{_INSTEAD}; `theano.generic` holds Python objects.")
CEnumType = _refused("CEnumType", "Its constants come from C headers: use EnumList or EnumType, with their values.")

__all__ = ["CDataType", "CEnumType", "COp", "OpenMPOp"]
