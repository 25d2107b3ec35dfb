"""Which of its emitters XLA's CPU compiler is to use for a function: the newer, which are its default, or the older.

The newer make LLVM's code by way of MLIR. The older make it at once: a kernel takes half as long to compile, and
computes the same. But where an array takes the place of one that it is computed from, the older do not vectorise; and
of kernels that are equal but for where they read and write they make each, the newer one for all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from tx.lowering.flags import MEASURED
from tx.lowering.jaxprs import CALLS, computed, equations

_KEY = "xla_cpu_use_fusion_emitters"
#: told to XLA, it is the older
OLDER: dict[str, Any] = {_KEY: False}
#: Who leaves out passes of XLA's may not have the older: without fusion they drop changes of layout (jaxlib 0.10).
_PASSES = "xla_disable_hlo_passes"
#: Nanoseconds that are lost for each element where a kernel is not vectorised, by what it computes (measured, float32);
#: so many otherwise. So many may be lost in all that is done as often, and in all steps of loops; no more elements may
#: be made than these. Until there have been many calls what is not in the table does not count.
_LOST = {
    "exp": 1.0, "exp2": 1.0, "tanh": 1.0, "logistic": 1.5, "log": 3.0, "expm1": 3.0, "log1p": 4.0, "erf": 4.0,
    "erfc": 4.0, "erf_inv": 4.0, "lgamma": 4.0, "digamma": 4.0, "div": 0.3, "sqrt": 0.3, "rsqrt": 0.3,
}  # fmt: skip
_OTHERWISE, _MOST, _MOST_IN_LOOPS, _MUCH = 0.1, 2000, 20_000, 1 << 22
#: so many kernels for each that is not equal to another, and the newer are sooner done
_EQUAL = 2
#: Primitives that no kernel of the emitters computes: calls, whose equations are looked at, and products, which
#: libraries make; and those that are no work: what is computed where it is read, or copied.
_APART = CALLS | {"dot_general"}
_FREE = _APART | {"broadcast_in_dim", "dynamic_slice", "iota", "reshape", "slice", "squeeze"}


def open_to(options: dict[str, Any] | None) -> bool:
    """Whether it is open which emitters are to be used, where XLA is told these options."""
    told = (*(options or {}), os.environ.get("XLA_FLAGS", ""))
    return MEASURED and jax.default_backend() == "cpu" and not any(k in t for t in told for k in (_KEY, _PASSES))


def suits_the_older(jaxpr: Any, settled: bool = False) -> bool:
    """Whether the older make it sooner, and what they make is as fast; or nearly so, where it is not `settled` that
    there will be many calls."""
    return _small(jaxpr, settled) and not _repetitive(jaxpr)


def _small(jaxpr: Any, settled: bool = False) -> bool:
    """Whether all that is computed in a jaxpr is small: then compiling it is what takes time."""
    work, lost = 0, dict[int, float]()
    for equation, times in equations(jaxpr):
        name = equation.primitive.name
        if name not in _FREE:
            elements = computed(equation)
            work += elements * times
            loses = elements * _LOST.get(name, _OTHERWISE)
            lost[times] = lost.get(times, 0) + (loses if settled or name in _LOST else 0)
            if max(loses, lost[times]) > _MOST or work > _MUCH:
                return False
    return sum(times * each for times, each in lost.items()) <= (_MOST if settled else _MOST_IN_LOOPS)


def _repetitive(jaxpr: Any) -> bool:
    """Whether many kernels are equal, as far as a jaxpr tells."""
    found = kernels(jaxpr)
    return len(found) > _EQUAL * len(set(found))


def kernels(jaxpr: Any) -> list[int]:
    """What XLA may make a kernel of, in a jaxpr without what is inside of it: equal numbers for equal expressions.

    An expression is what a result is computed by, from inputs and from what is computed by other means than a kernel's.
    """
    numbers: dict[Any, int] = {}
    forms: dict[Any, int] = {}
    found = []

    def form(atom: Any) -> int:
        if hasattr(atom, "val"):
            value = np.asarray(atom.val)
            return numbers.setdefault((atom.aval, None if value.ndim else value.item()), len(numbers))
        told = None if atom in stored else forms.get(atom)
        return numbers.setdefault(atom.aval, len(numbers)) if told is None else told

    jaxpr = getattr(jaxpr, "jaxpr", jaxpr)
    stored = _stored(jaxpr.eqns)
    for equation in jaxpr.eqns:
        name = equation.primitive.name
        if name in _APART:
            found += [forms[v] for v in equation.invars if not hasattr(v, "val") and v in forms]
            continue
        read = tuple(map(form, equation.invars))
        for i, v in enumerate(equation.outvars):
            number = numbers.setdefault((name, i, v.aval, read), len(numbers))
            if name.startswith("reduce"):
                found.append(number)
            else:
                forms[v] = number
    return found + [forms[v] for v in jaxpr.outvars if not hasattr(v, "val") and v in forms]


def _stored(equations: Sequence[Any]) -> set[Any]:
    """What is in memory for all that reads it: what no kernel reads alone, and what is not computed twice."""
    readers: dict[Any, int] = {}
    stored = set()
    for equation in equations:
        for v in equation.invars:
            if not hasattr(v, "val"):
                readers[v] = readers.get(v, 0) + 1
                if equation.primitive.name in _APART:
                    stored.add(v)
    dear = [e for e in equations if _LOST.get(e.primitive.name, 0) >= 1]
    return stored.union(v for e in dear for v in e.outvars if readers.get(v, 0) > 1)


__all__ = ["OLDER", "kernels", "open_to", "suits_the_older"]
