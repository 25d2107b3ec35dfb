"""Types of Theano's for values of C, which tx does not have: they say so, and what to write instead."""

from __future__ import annotations

from typing import Any

_INSTEAD = (
    "tx compiles to XLA and runs no C code: give the Op a `perform` with numpy, or a lowering rule "
    "(docs/adding_an_op.md)"
)


def _refused(name: str, instead: str) -> type:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{name} holds values of C. {instead}")

    return type(name, (), {"__init__": __init__, "__doc__": f"Raises NotImplementedError: {instead}"})


CDataType = _refused("CDataType", f"{_INSTEAD}; `theano.generic` holds Python objects.")
CEnumType = _refused("CEnumType", "Its constants come from C headers: use EnumList or EnumType, with their values.")

__all__ = ["CDataType", "CEnumType"]
