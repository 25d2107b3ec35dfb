"""What XLA's CPU compiler is told of a stage by what was traced: which emitters to use, and whether threads pay."""

from __future__ import annotations

from typing import Any

from tx.lowering import emitters, threads


def tuned(options: dict[str, Any] | None, jaxpr: Any = None, settled: bool = False) -> dict[str, Any] | None:
    """The options with what suits a jaxpr; without one, with what suits most small ones. `settled` says that there will
    be many calls: then it counts more what they take than what compiling takes."""
    told = dict(options or {})
    if emitters.open_to(options) and (jaxpr is None or emitters.suits_the_older(jaxpr, settled)):
        told |= emitters.OLDER
    if threads.open_to_choice() and (jaxpr is None or threads.suits_one(jaxpr)):
        told = threads.unsplit(told)
    return told or None


__all__ = ["tuned"]
