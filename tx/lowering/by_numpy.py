"""Functions of a few small arrays, computed by numpy: what takes less time than starting an executable of XLA's.

Starting one and reading what it leaves takes jax 6 us, and more for each further array; numpy adds two vectors in 0.3,
two numbers in 0.04. Here a jaxpr that is worth less than that becomes a Python function of calls of numpy. It is
compiled in no time. A jaxpr with anything in it whose values numpy would not compute as `lax` does is left to XLA.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import jax
import numpy as np

from tx.lowering import numpy_costs as costs
from tx.lowering import numpy_indexing, numpy_reductions  # noqa: F401 - rules
from tx.lowering.jaxprs import INLINE
from tx.lowering.numpy_rules import RULES, form_for_numpy
from tx.lowering.numpy_writer import DTYPES, UnsuitedError, Value, Writer
from tx.lowering.trace import Retrace
from tx.memory import LARGE


def viewed(array: Any, dtype: Any, kept: list[Any]) -> Any:
    """What the host sees of an array on the device: kept, since shared variables come again. But who updates one would
    have to copy what somebody sees: that of a large one is kept when it comes a second time."""
    known, view = kept[0]
    if known is array and view is not None:
        return view
    if not isinstance(array, jax.Array):
        return np.asarray(array, dtype)
    large = array.nbytes >= LARGE and array.dtype == dtype
    view = np.from_dlpack(array) if large else np.asarray(array, dtype)
    kept[0] = array, view if known is array or not large else None
    return view


#: primitives whose results may be large: products, and looks at what is there in another way
_UNCOUNTED = {
    "broadcast_in_dim", "dot_general", "dynamic_slice", "expand_dims", "optimization_barrier", "reshape", "slice",
    "squeeze", "transpose",
}  # fmt: skip
#: of no larger arrays numpy may take longer than XLA, where it is to begin all the same
_SMALL = 1 << 14
_SCOPE: dict[str, Any] = {
    f.__name__: f for f in (np.array, np.ascontiguousarray, np.errstate, np.ndarray, viewed, Retrace)
}
try:  # four times cheaper than the context manager, but private
    from numpy._core.umath import _extobj_contextvar, _make_extobj

    _SCOPE |= {
        "quieten": _extobj_contextvar.set,
        "unquieten": _extobj_contextvar.reset,
        "IGNORE": _make_extobj(all="ignore"),
    }
    _QUIET = ["told = quieten(IGNORE)", "try:"], ["finally:", "    unquieten(told)"]
except ImportError:  # pragma: no cover - depends on numpy's version
    _QUIET = ['with errstate(all="ignore"):'], []


def quiet(lines: Sequence[str]) -> list[str]:
    """Lines within which numpy warns of nothing, as XLA does."""
    begin, end = _QUIET
    return [*begin, *(f"    {line}" for line in lines), *end]


@dataclass
class ByNumpy:
    """A jaxpr as a Python function: `run` takes arrays of the right shapes, `checked` raises Retrace for others.

    One that is `slow` takes longer than XLA would when many calls are expected, but for compiling.
    """

    shapes: list[tuple[int, ...]]
    #: lines of the function: those that take each argument, and those that compute; what it returns, and its names
    taking: list[list[str]]
    lines: list[str]
    returned: list[str]
    scope: dict[str, Any] = field(repr=False)
    slow: bool

    @property
    def source(self) -> str:
        """The function as it is written."""
        arrays = [line for lines in self.taking for line in lines]
        body = [*arrays, *quiet([*self.lines, f"return [{', '.join(self.returned)}]"])]
        return "\n".join([f"def run({self._names}):", *(f"    {line}" for line in body)])

    @property
    def refusing(self) -> str:
        """A line that raises Retrace where a shape of the arguments is another."""
        other = [f"x{i}.shape != {shape}" for i, shape in enumerate(self.shapes)]
        return f"if {' or '.join(other) or 'False'}: raise Retrace"

    @property
    def _names(self) -> str:
        return ", ".join(f"x{i}" for i in range(len(self.shapes)))

    def __post_init__(self) -> None:
        checked = f"def checked({self._names}):\n    {self.refusing}\n    return run({self._names})"
        exec(compile(f"{self.source}\n\n\n{checked}", "<numpy>", "exec"), self.scope)
        self.run, self.checked = self.scope["run"], self.scope["checked"]

    def __call__(self, *values: Any) -> Any:
        return self.checked(*values)

    def each(self, values: Sequence[Any]) -> Any:
        """As a call with all the values."""
        return self.checked(*values)


def _written(writer: Writer, jaxpr: Any, consts: Sequence[Any], values: Sequence[Value]) -> list[Value]:
    """The values of what a jaxpr returns."""
    known: dict[Any, Value] = dict(zip(jaxpr.invars, values, strict=True))
    known.update((v, writer.constant(c)) for v, c in zip(jaxpr.constvars, consts, strict=True))

    def read(atom: Any) -> Value:
        return writer.constant(np.asarray(atom.val, atom.aval.dtype)) if hasattr(atom, "val") else known[atom]

    for equation in jaxpr.eqns:
        given = list(map(read, equation.invars))
        name = equation.primitive.name
        inner = equation.params.get(INLINE.get(name, ""))
        if inner is not None:
            rule = RULES.get(f"{name}:{equation.params.get('name')}")
            fits = all(_fits(v.aval, costs.SMALL) for v in equation.outvars)
            found = rule(writer, equation, given) if rule is not None and fits else None
        else:
            rule, most = RULES.get(name), costs.LARGE if name in _UNCOUNTED else costs.SMALL
            if rule is None or not all(_fits(v.aval, most) for v in equation.outvars):
                raise UnsuitedError(equation.primitive)
            found = rule(writer, equation, given)
        if found is not None:
            results = found if isinstance(found, list) else [found]
        else:
            instead = form_for_numpy(equation)
            if instead is not None:
                inner = jax.make_jaxpr(instead)(*(v.aval for v in equation.invars))
            results = _written(writer, getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), given)
        known.update(zip(equation.outvars, results, strict=True))
    return list(map(read, jaxpr.outvars))


def _fits(aval: Any, most: int) -> bool:
    return getattr(aval, "dtype", None) in DTYPES and aval.size <= most


def by_numpy(closed: Any, patience: float = 1.0) -> ByNumpy | None:
    """What computes a closed jaxpr by numpy, where that takes at most `patience` times as long as by XLA; None
    elsewhere."""
    jaxpr = closed.jaxpr
    given, wanted = ([v.aval for v in atoms] for atoms in (jaxpr.invars, jaxpr.outvars))
    fits = all(_fits(a, costs.LARGE) for a in (*given, *wanted))
    if jax.default_backend() != "cpu" or jaxpr.effects or not fits:
        return None
    if not all(_fits(a, _SMALL) for a in (*given, *wanted)):
        patience = min(patience, 1.0)
    budget = costs.by_xla(jaxpr)
    writer = Writer(dict(_SCOPE), 4 * budget * patience)
    try:
        values = [Value(f"x{i}", a.shape, a.dtype) for i, a in enumerate(given)]
        results = _written(writer, jaxpr, closed.consts, values)
        results = [writer.full(v, a.shape) if a.shape else _before(v) for v, a in zip(results, wanted, strict=True)]
    except UnsuitedError:
        return None
    lines, cost = writer.needed(results)
    cost += costs.crowded(jaxpr, len(lines)) + sum(map(_returning, results))
    cost += costs.HANDED * (len(given) + len(wanted))
    if cost > budget * patience:
        return None
    slow = cost > costs.by_xla(jaxpr, settled=True)
    shapes = [tuple(map(int, a.shape)) for a in given]
    taking = [_taking(writer, i, a) for i, a in enumerate(given)]
    return ByNumpy(shapes, taking, lines, _returned(writer, results, wanted), writer.scope, slow)


def _returning(value: Value) -> float:
    """The microseconds for an array of its own, in the order of its axes."""
    other = costs.TURNED * prod(value.shape) if value.made[:1] == ("turned",) else 0
    return other + (0 if value.fresh or not value.shape else costs.written(value.shape, value.dtype))


def _before(value: Value) -> Value:
    """A number as it was before it got its dtype: the array that it becomes has that."""
    return value.made[1] if value.made[:1] == ("number",) else value


def _returned(writer: Writer, results: Sequence[Value], wanted: Sequence[Any]) -> list[str]:
    """How each result is returned: as an array of its own, in the order of its axes."""
    returned, taken = [], set[str]()
    for value, aval in zip(results, wanted, strict=True):
        name = writer.name(value)
        if value.shape == ():
            returned.append(
                f"array({name}, {writer.dtype(aval.dtype)})" if value.dtype != aval.dtype else f"array({name})"
            )
        elif not value.fresh or name in taken:
            returned.append(f"{name}.copy()")
        else:
            returned.append(f"ascontiguousarray({name})" if len(value.shape) > 1 else name)
        taken.add(name)
    return returned


def _taking(writer: Writer, i: int, aval: Any) -> list[str]:
    """Lines that make what numpy computes with of an argument: what has no axes is a number."""
    dtype, kept = writer.dtype(aval.dtype), f"kept{i}"
    writer.scope[kept] = [(None, None)]
    array = f"x{i} if type(x{i}) is ndarray and x{i}.dtype is {dtype} else viewed(x{i}, {dtype}, {kept})"
    return [f"x{i} = {array}", *([] if aval.shape else [f"x{i} = x{i}[()]"])]


__all__ = ["ByNumpy", "by_numpy", "quiet"]
