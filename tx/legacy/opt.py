"""``theano.tensor.opt``: what of it is no rewrite, and stand-ins for the rewrites.

Theano's local rewrites are XLA's work in tx, or that of `tx.rewriting`. A program that names them, to include or
exclude them, keeps running: the names are here and change nothing, since a rewrite never changes what a function
computes. A rewrite of the program's own is registered here, and runs.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.navigators import in2out, out2in
from tx.rewriting.optimizers import LocalOptimizer, copy_stack_trace, local_optimizer
from tx.rewriting.pipeline import optdb, queries
from tx.tensor.assertions import Assert, assert_op
from tx.tensor.convert import NotScalarConstantError, get_scalar_constant_value
from tx.tensor.facts import ShapeError, get_vector_length
from tx.tensor.joining import MakeVector, make_vector
from tx.tensor.shapes import Shape_i, shape_i

assert_ = assert_op


class Rewrite(LocalOptimizer):
    """A rewrite by name, which leaves every graph as it is."""

    def __init__(self, name: str):
        self.name = self.__name__ = name

    def __repr__(self) -> str:
        return f"<rewrite {self.name}, left to XLA>"

    def tracks(self) -> list[Any]:
        """Nothing."""
        return []

    def transform(self, node: Any) -> bool:
        """False: nothing was changed."""
        return False

    def optimize(self, fgraph: Any, *args: Any, **kwargs: Any) -> None:
        """Leaves `fgraph` as it is."""

    __call__ = optimize


class ScanMerge(Rewrite):
    """Merged loops over the same sequences; equal ones are merged anyway."""

    def __init__(self) -> None:
        super().__init__("scan_merge")


inv_as_solve = Rewrite("inv_as_solve")
register_local_1msigmoid = False
OPT_FAST_RUN, OPT_FAST_RUN_STABLE = queries["fast_run"], queries["fast_run"].requiring("stable")


def _registrar(database: str) -> Any:
    def register(lopt: Any, *tags: str, **kwargs: Any) -> Any:
        if isinstance(lopt, str):
            return lambda inner: register(inner, lopt, *tags, **kwargs)
        name = kwargs.pop("name", None) or lopt.__name__
        optdb[database].register(name, lopt, "fast_run", *tags, **kwargs)
        return lopt

    register.__name__ = f"register_{database}"
    register.__doc__ = (
        f"Let a LocalOptimizer run among those of `{database}`. With a tag in its place: a decorator that does.\n\n"
        "Raises ValueError when one of its name is registered already."
    )
    return register


register_canonicalize = _registrar("canonicalize")
register_stabilize = _registrar("stabilize")
register_specialize = _registrar("specialize")
register_uncanonicalize = _registrar("uncanonicalize")
register_specialize_device = _registrar("specialize_device")
register_useless = register_canonicalize


class ShapeFeature:
    """The shapes of a graph's Variables, as expressions."""

    def shape_tuple(self, r: Any) -> tuple[Any, ...]:
        """An integer scalar for each axis of `r`."""
        return tuple(shape_i(r, i) for i in range(r.ndim))

    def get_shape(self, var: Any, idx: int) -> Any:
        """The length of axis `idx` of `var`."""
        return shape_i(var, idx)


def __getattr__(name: str) -> Rewrite:
    if name.startswith(("local_", "crossentropy_to_")) or name.endswith("_canonizer"):
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
    "copy_stack_trace",
    "get_scalar_constant_value",
    "get_vector_length",
    "in2out",
    "local_optimizer",
    "make_vector",
    "out2in",
    "register_canonicalize",
    "register_specialize",
    "register_specialize_device",
    "register_stabilize",
    "register_uncanonicalize",
    "register_useless",
]
