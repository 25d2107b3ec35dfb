"""What there is in a jaxpr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jax.extend import core

#: primitives that run the jaxpr inside of them once, and the name that it has there
INLINE = {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr", "jit": "jaxpr", "remat": "jaxpr"}
#: primitives that run jaxprs that are inside of them, and do nothing else
CALLS = {"cond", "scan", "while", *INLINE}
#: the name of a function that takes out what is read where it is, which takes nothing
IN_PLACE = "read_in_place"
_MEGABYTE = 1 << 20


def equations(jaxpr: Any, times: int = 1) -> Iterator[tuple[Any, int]]:
    """The equations of a jaxpr, and of those inside of it, each with how often it is run.

    Of a `while`, of which that is not known, the equations count once; what is called `IN_PLACE` does not count.
    """
    for equation in getattr(jaxpr, "jaxpr", jaxpr).eqns:
        if equation.params.get("name") == IN_PLACE:
            continue
        yield equation, times
        for inner in core.jaxprs_in_params(equation.params):
            yield from equations(inner, times * equation.params.get("length", 1))


def computed(equation: Any) -> int:
    """The most elements that an equation computes in one array; of one that is written to, those written."""
    name = equation.primitive.name
    if name == "dynamic_update_slice":
        arrays = equation.invars[1:2]
    elif name.startswith("scatter"):
        arrays = equation.invars[2:3]
    else:
        arrays = equation.outvars
    return max((getattr(a.aval, "size", 0) for a in arrays), default=0)


def large_bytes(jaxpr: Any) -> int:
    """The bytes of all that is computed in arrays of a megabyte or more, as if each were in memory."""
    arrays = [v.aval for equation, _ in equations(jaxpr) for v in equation.outvars if hasattr(v.aval, "dtype")]
    return sum(n for n in (a.size * a.dtype.itemsize for a in arrays) if n >= _MEGABYTE)


__all__ = ["CALLS", "INLINE", "IN_PLACE", "computed", "equations", "large_bytes"]
