"""``theano.tensor.opt``: what of it is no rewrite, and stand-ins for the rewrites.

Theano's local rewrites are XLA's work in tx, or that of `tx.rewriting`. A program that names them, to include or
exclude them or to register its own, keeps running: the names are here and change nothing, since a rewrite never
changes what a function computes.
"""

from __future__ import annotations

from typing import Any

from tx.tensor.assertions import Assert, assert_op
from tx.tensor.convert import NotScalarConstantError, get_scalar_constant_value
from tx.tensor.facts import ShapeError, get_vector_length
from tx.tensor.joining import MakeVector, make_vector
from tx.tensor.shapes import Shape_i, shape_i

assert_ = assert_op


class Rewrite:
    """A rewrite by name, which leaves every graph as it is."""

    def __init__(self, name: str):
        self.name = self.__name__ = name

    def __repr__(self) -> str:
        return f"<rewrite {self.name}, left to XLA>"

    def transform(self, node: Any) -> bool:
        """False: nothing was changed."""
        return False

    def optimize(self, fgraph: Any, *args: Any, **kwargs: Any) -> None:
        """Leaves `fgraph` as it is."""

    __call__ = optimize


def _register(*rewrites: Any, **kwargs: Any) -> Any:
    """Accept a rewrite, or be a decorator that does, with or without a name for it."""
    if len(rewrites) == 1 and not isinstance(rewrites[0], str):
        return rewrites[0]
    return lambda rewrite: rewrite


register_canonicalize = register_specialize = register_stabilize = register_useless = _register
register_specialize_device = register_uncanonicalize = register_canonicalize


class ShapeFeature:
    """The shapes of a graph's Variables, as expressions."""

    def shape_tuple(self, r: Any) -> tuple[Any, ...]:
        """An integer scalar for each axis of `r`."""
        return tuple(shape_i(r, i) for i in range(r.ndim))

    def get_shape(self, var: Any, idx: int) -> Any:
        """The length of axis `idx` of `var`."""
        return shape_i(var, idx)


def __getattr__(name: str) -> Rewrite:
    if name.startswith("local_") or name.endswith("_canonizer"):
        return Rewrite(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Assert",
    "MakeVector",
    "NotScalarConstantError",
    "Rewrite",
    "ShapeError",
    "ShapeFeature",
    "Shape_i",
    "assert_",
    "assert_op",
    "get_scalar_constant_value",
    "get_vector_length",
    "make_vector",
    "register_canonicalize",
    "register_specialize",
    "register_specialize_device",
    "register_stabilize",
    "register_uncanonicalize",
    "register_useless",
]
