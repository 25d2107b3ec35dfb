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
#: primitives that read a part of what they are given
_PARTS = {"dynamic_slice", "gather", "slice"}
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
    every = [_nbytes(v) for equation, _ in equations(jaxpr) for v in equation.outvars]
    return sum(n for n in every if n >= _MEGABYTE)


def handled(jaxpr: Any) -> int:
    """The bytes that come and go."""
    return sum(_read(jaxpr)) + sum(map(_nbytes, jaxpr.outvars))


def _read(jaxpr: Any) -> list[int]:
    """The bytes that are read of each input of a jaxpr: of one that only parts are taken of, those."""
    read = dict.fromkeys(jaxpr.invars, 0)
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        inner = equation.params.get(INLINE.get(name, ""))
        inside = _read(getattr(inner, "jaxpr", inner)) if inner is not None else None
        for i, v in enumerate(equation.invars):
            if not hasattr(v, "val") and v in read:
                part = name in _PARTS and i == 0
                more = inside[i] if inside is not None else _nbytes(equation.outvars[0] if part else v)
                read[v] = min(_nbytes(v), read[v] + more)
    return list(read.values())


def _nbytes(atom: Any) -> int:
    return getattr(atom.aval, "size", 0) * getattr(getattr(atom.aval, "dtype", None), "itemsize", 0)


__all__ = ["CALLS", "INLINE", "IN_PLACE", "computed", "equations", "handled", "large_bytes"]
