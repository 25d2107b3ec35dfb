"""What there is in a jaxpr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jax.extend import core


def equations(jaxpr: Any, times: int = 1) -> Iterator[tuple[Any, int]]:
    """The equations of a jaxpr, and of those inside of it, each with how often it is run.

    Of a `while`, of which that is not known, the equations count once.
    """
    for equation in getattr(jaxpr, "jaxpr", jaxpr).eqns:
        yield equation, times
        for inner in core.jaxprs_in_params(equation.params):
            yield from equations(inner, times * equation.params.get("length", 1))


__all__ = ["equations"]
