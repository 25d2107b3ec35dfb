"""Constructors of Variables: ``scalar``, ``vector``, ..., with a letter for the dtype in front and an s for several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tx.configuration import config
from tx.scalar import dtypes as dt
from tx.tensor.type import TensorType

_PATTERNS: dict[str, tuple[bool, ...]] = {
    "scalar": (),
    "vector": (False,),
    "row": (True, False),
    "col": (False, True),
    "matrix": (False, False),
    **{f"tensor{n}": (False,) * n for n in range(3, 8)},
}
_LETTERS = {
    "b": "int8",
    "w": "int16",
    "i": "int32",
    "l": "int64",
    "ub": "uint8",
    "uw": "uint16",
    "ui": "uint32",
    "ul": "uint64",
    "f": "float32",
    "d": "float64",
    "c": "complex64",
    "z": "complex128",
}
_PLURALS = {"matrix": "matrices"}


def _constructor(name: str, pattern: tuple[bool, ...]) -> Callable[..., Any]:
    def make(name: str | None = None, dtype: Any = None) -> Any:
        return TensorType(dt.canonical(dtype or config.floatX), pattern)(name)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"A new symbolic {name} (floatX by default)."
    return make


def _several(make: Callable[..., Any], name: str) -> Callable[..., Any]:
    def make_several(*names: Any, **kwargs: Any) -> Any:
        if len(names) == 1:
            # A number, a list of names, or a word, each letter of which is a name.
            names = (None,) * names[0] if isinstance(names[0], int) else tuple(names[0])
            if names and names != (None,) and len(names) == 1:
                return make(names[0], **kwargs)
        return [make(n, **kwargs) for n in names]

    make_several.__name__ = make_several.__qualname__ = name
    make_several.__doc__ = "Several new Variables: their number, or their names."
    return make_several


def tensor(*args: Any, **kwargs: Any) -> Any:
    """A new Variable of ``TensorType(*args)``; `name` names it."""
    name = kwargs.pop("name", None)
    return TensorType(*args, **kwargs)(name)


__all__ = ["tensor"]
for _name, _pattern in _PATTERNS.items():
    _plural = _PLURALS.get(_name, _name + "s")
    globals()[_name] = _constructor(_name, _pattern)
    globals()[_plural] = _several(globals()[_name], _plural)
    __all__ += [_name, _plural]
    for _letter, _dtype in _LETTERS.items():
        # A type is callable: it makes Variables of itself.
        globals()[_letter + _name] = TensorType(_dtype, _pattern)
        globals()[_letter + _plural] = _several(globals()[_letter + _name], _letter + _plural)
        __all__ += [_letter + _name, _letter + _plural]
