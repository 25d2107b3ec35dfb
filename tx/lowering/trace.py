"""The trace: what a lowering rule may ask of the function that is being traced, and what it may demand of it.

- `ask`: a fact about sizes, as a Python value. Known from shapes and constants, or from this call's arguments (then the
  trace holds only for calls that give the same answer: a guard), or not known yet (then `NeedStage`).
- `check`: something that the device must find true, or an exception is raised and nothing is updated.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Collection, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.configuration import config
from tx.graph import Apply, Constant, Variable, walk
from tx.lowering import direct, registry
from tx.lowering.errors import annotate
from tx.lowering.host import HostValues, Unknown, compile_closure, whole

#: what a trace holds of the inside of a transformation or a loop does not stay
_SCOPED = ("values", "layouts", "truths", "numbers", "singles")
#: elements that a length which is longer than need be must not make
MANY = 1 << 17


class Retrace(Exception):
    """Tracing has to start again, under other assumptions."""


class CheckFailed(Exception):
    """A check failed. The states were donated: `results` hold them, unchanged, where the new ones would have been."""

    def __init__(self, error: Exception, results: Sequence[Any]):
        super().__init__(error)
        self.error = error
        self.results = results


class Undonatable(Exception):
    """An update has another shape than its state: the state's buffer cannot take it."""

    def __init__(self, position: int):
        super().__init__(position)
        self.position = position


class TooLarge(Retrace):
    """Something has many elements that would have few if a length were not longer than need be."""


class NeedStage(Retrace):
    """The function must be cut: these Variables have to be known before what follows can be traced."""

    def __init__(self, variables: Sequence[Variable]):
        super().__init__(variables)
        self.variables = list(variables)


@dataclass
class Guard:
    """A closure over the arguments, and the answer that this trace was made for. `node` asked for it, whose inputs
    have these `shapes`."""

    closure: Callable[[Sequence[Any]], Any]
    answer: Any
    variables: tuple[Variable, ...]
    node: Apply | None
    shapes: list[Any]


@dataclass
class Check:
    """What to raise when a predicate turns out false: called with the payload that the device reports."""

    make: Callable[[int], Exception]
    #: None for the check that no call before this one has failed
    node: Apply | None
    shapes: list[Any]


@dataclass
class Reports:
    """What an executable tells the host while it runs: whether it does, and what went wrong on hearing it."""

    used: bool = False
    failures: list[Exception] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until all is told. Raises what the hearer raised first."""
        jax.effects_barrier()
        if self.failures:
            error = self.failures[0]
            self.failures.clear()
            raise error


@dataclass
class Trace:
    """One tracing of one stage of a function."""

    positions: dict[Variable, int]
    arguments: dict[Variable, Any]
    values: MutableMapping[Variable, Any] = field(default_factory=dict)
    guards: list[Guard] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    predicates: list[tuple[Any, Any]] = field(default_factory=list)
    #: Op and inputs -> outputs and pullback, of what was linearised when it was lowered
    pulls: MutableMapping[Any, tuple[list[Any], Any]] = field(default_factory=dict)
    #: id of an array of images -> that array, and the same with channels last (see `layout`)
    layouts: MutableMapping[int, tuple[Any, Any]] = field(default_factory=dict)
    #: id of an array of integers -> that array, and the truth values that it holds
    truths: MutableMapping[int, tuple[Any, Any]] = field(default_factory=dict)
    #: id of an array with one element -> that array, and the number that was given axes
    numbers: MutableMapping[int, tuple[Any, Any]] = field(default_factory=dict)
    #: id of a matrix -> that matrix, and a vector of the only elements of its rows that are not zero
    singles: MutableMapping[int, tuple[Any, Any]] = field(default_factory=dict)
    #: what need not be made twice (see `once`)
    made: MutableMapping[Any, Any] = field(default_factory=dict)
    #: all that is lowered, and what is wanted of it: so that a rule may see which outputs of a node are read
    nodes: Sequence[Apply] = ()
    outputs: Sequence[Variable] = ()
    reports: Reports = field(default_factory=Reports)
    #: whether the host may check arguments before each call
    host_checks: bool = True
    #: where values lie on a mesh of devices; None on a single one
    plan: Any = None
    #: whether it may be lowered for another platform than this
    portable: bool = False
    #: the parts of inputs that the host looks at (`tx.lowering.windows.Windows`); None where it does not
    windows: Any = None
    #: lengths that are longer than need be: nothing with `MANY` elements may be made of them
    roomy: Collection[int] = ()
    #: whether what is lowered now will be differentiated backwards by jax, and how often it will be differentiated
    pulled_back: bool = False
    orders: int = 0
    #: whether there will be many calls; and whether these would be worth another trace
    settled: bool = False
    hasty: bool = False
    _answers: dict[Any, Any] = field(default_factory=dict)
    _node: Apply | None = None

    def __post_init__(self) -> None:
        self.host = HostValues(self.arguments, self._shape)

    def _shape(self, variable: Variable) -> tuple[int, ...] | None:
        if isinstance(variable, Constant):
            return tuple(variable.data.shape)
        value = self.values.get(variable)
        return None if value is None else tuple(value.shape)

    # -- asking -------------------------------------------------------------------------------------------------------

    def ask(self, function: Callable[..., Any], *variables: Variable, key: Any = None) -> Any:
        """``function(*variables)``, for host values of the Variables. Equal (function name, key) are asked once.

        Raises what `function` raises, and `NeedStage` when the device has to compute a Variable first.
        """
        memo = (getattr(function, "__qualname__", function), variables, key)
        if memo in self._answers:
            return self._answers[memo]
        values, unknown = [], []
        for variable in variables:
            try:
                values.append(self.host.value(variable))
            except Unknown as stop:
                unknown.append(self._boundary(variable, stop.variable))
        if unknown:
            raise NeedStage(unknown)
        answer = function(*values)
        if any(v in self.host.tainted for v in variables):
            closure = compile_closure(function, variables, self.host, self.positions)
            self.guards.append(Guard(closure, answer, variables, self._node, self._shapes_of_inputs()))
        self._answers[memo] = answer
        return answer

    def _boundary(self, asked: Variable, missing: Variable) -> Variable:
        """Where to cut: at the asked value if the device can compute it now, else at what it lacks."""
        return asked if not isinstance(asked, Constant) else missing

    def static(self, variable: Variable) -> Any:
        """The value of an integer Variable: an int for a scalar, a tuple for a vector."""
        return self.ask(_plain, variable)

    def knows(self, *variables: Variable) -> bool:
        """Whether the host knows these values (from shapes, constants, or arguments)."""
        try:
            for variable in variables:
                self.host.value(variable)
        except Unknown:
            return False
        return True

    def depends_on_arguments(self, *variables: Variable) -> bool:
        """Whether any of these (known) values differs from call to call."""
        return any(v in self.host.tainted for v in variables)

    def _shapes_of_inputs(self) -> list[Any]:
        """Of the node that is lowered now."""
        inputs = self._node.inputs if self._node is not None else []
        return [getattr(self.values.get(v), "shape", None) for v in inputs]

    def pays_later(self) -> bool:
        """Whether something may be done now that takes long to compile, and pays where there are many calls."""
        self.hasty = self.hasty or not self.settled
        return self.settled

    # -- demanding ----------------------------------------------------------------------------------------------------

    def check(self, predicate: Any, make: Callable[[int], Exception], payload: Any = 0) -> None:
        """Demand that `predicate` (a boolean, any shape: all of it) holds. `make(payload)` is raised when not."""
        if config.checks == "off":
            return
        assert self._node is not None
        self.checks.append(Check(make, self._node, self._shapes_of_inputs()))
        holds = lax.reduce_and(predicate, tuple(range(predicate.ndim))) if predicate.ndim else predicate
        self.predicates.append((holds, jnp.asarray(payload, "int64")))

    def check_each(self, wrong: Any, values: Any, make: Callable[[int], Exception]) -> None:
        """Demand that none of the `values` (integers in a vector) is `wrong`. ``make(the first that is)`` is raised."""
        if config.checks == "off" or not values.size:
            return
        count = values.size
        dtype = "int32" if isinstance(count, int) and count < 2**31 else "int64"
        places = self.once(("iota", dtype, count), lambda: lax.iota(dtype, count))
        first = lax.reduce_min(direct.where(wrong, places, count), (0,))
        if self.plan is None:
            found = lax.reshape(lax.dynamic_slice(values, [first], [1], allow_negative_indices=False), ())
        else:  # by sums, for which the devices of a mesh exchange a number each
            here = lax.eq(places, direct.stretched(first, (count,), first.dtype))
            found = lax.reduce_sum(direct.where(here, values, 0), (0,))
        self.check(direct.equal(first, count), make, found)

    def inherit(self, verdict: Any) -> None:
        """Demand that the calls before this one, which have this verdict, have not failed."""
        self.checks.append(Check(AssertionError, None, []))
        self.predicates.append((direct.equal(verdict[0], 0), verdict[1]))

    def report(self, hear: Callable[..., Any], *values: Any) -> None:
        """Call ``hear(*arrays)`` on the host whenever the executable gets here, in the order of the nodes."""
        reports, node = self.reports, self._node
        assert node is not None
        reports.used = True

        def told(*arrays: Any) -> None:
            try:
                hear(*map(np.asarray, arrays))
            except Exception as error:
                reports.failures.append(annotate(error, node, [a.shape for a in arrays]))

        # jax keeps an order on a single device only
        jax.debug.callback(told, *values, ordered=self.plan is None)

    def verdict(self) -> tuple[Any, Any] | None:
        """All checks as two integers: the number (from 1) of the first that failed, or 0, and its payload."""
        if not self.predicates:
            return None
        number = payload = np.int64(0)
        for i, (holds, told) in reversed(list(enumerate(self.predicates, 1))):
            number, payload = direct.where(holds, number, np.int64(i)), direct.where(holds, payload, told)
        return number, payload

    @contextmanager
    def differentiating(self, backwards: bool) -> Iterator[None]:
        """For what is lowered in order to be differentiated by jax: backwards, or forwards."""
        before, self.pulled_back = self.pulled_back, backwards
        self.orders += 1
        try:
            yield
        finally:
            self.pulled_back, self.orders = before, self.orders - 1

    @contextmanager
    def inside(self, varied: bool = False) -> Iterator[list[tuple[Check, Any, Any]]]:
        """For what is lowered inside of a transformation or a loop: values and checks from there do not stay.

        `varied` says that Variables from outside have other values there: what was made of them cannot be used.
        Gives a list that holds, after the block, the checks that were made in it, each with predicate and payload.
        """
        found: list[tuple[Check, Any, Any]] = []
        kept, pulls, made, node = len(self.checks), self.pulls, self.made, self._node
        scoped = {name: getattr(self, name) for name in _SCOPED}
        for name, outer in scoped.items():
            setattr(self, name, ChainMap({}, outer))
        self.pulls, self.made = ({}, {}) if varied else (ChainMap({}, pulls), ChainMap({}, made))
        try:
            yield found
        finally:
            found += [(c, p, m) for c, (p, m) in zip(self.checks[kept:], self.predicates[kept:], strict=True)]
            del self.checks[kept:], self.predicates[kept:]
            self.pulls, self.made, self._node = pulls, made, node
            for name, outer in scoped.items():
                setattr(self, name, outer)

    # -- lowering -----------------------------------------------------------------------------------------------------

    def value(self, variable: Variable) -> Any:
        """The jax value of a Variable that has been lowered, or is a constant."""
        known = self.known(variable)
        if known is None:
            return self.values[variable]
        return self.once(variable, lambda: jnp.asarray(known, variable.type.dtype))

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, or gave for the same key before."""
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    @property
    def clients(self) -> dict[Variable, list[tuple[Apply, int]]]:
        """For each Variable of what is lowered, the (Apply, input position) pairs that read it."""
        found: dict[Variable, list[tuple[Apply, int]]]
        found = self.once("clients", lambda: walk.clients(self.outputs, self.positions))
        return found

    def known(self, variable: Variable) -> np.ndarray | None:
        """What a Variable is, if that is a constant of the trace; None for others."""
        found = self.values.get(variable)
        if found is None:
            assert isinstance(variable, Constant), variable
            return np.asarray(variable.data)
        return found if isinstance(found, np.ndarray) else None

    def operand(self, variable: Variable) -> Any:
        """As `value`; but a constant of the trace with one element is an ndarray, and costs nothing."""
        known = self.known(variable)
        return self.value(variable) if known is None or known.size != 1 else known.astype(variable.type.dtype)

    def lower(self, node: Apply, rule: Any = None) -> None:
        """Lower one Apply (by `rule`). Exceptions come out with the node and its user's line in their message."""
        settled = self.host.settled(node, self.known) if rule is None and self.plan is None else None
        if settled is not None:
            self.values.update(zip(node.outputs, settled, strict=True))
        else:
            self._run(node, rule or registry.rule_for(node.op))

    def _run(self, node: Apply, rule: Any) -> Any:
        if rule is None:
            raise TypeError(f"{node.op} has neither a lowering nor perform (C code does not run here)")
        read = self.operand if registry.takes_numbers(rule) else self.value
        values = [read(v) if hasattr(v.type, "dtype") else None for v in node.inputs]
        self._node = node
        try:
            results = rule(self, node, *values)
        except Retrace:
            raise
        except Exception as error:
            raise annotate(error, node, [getattr(v, "shape", None) for v in values]) from error
        if callable(results):
            return results
        outputs = results if isinstance(results, list | tuple) else [results]
        self.values.update(zip(node.outputs, outputs, strict=True))
        for size in self.roomy:
            if any(np.size(v) > MANY and np.size(v) % size == 0 for v in outputs):
                raise TooLarge
        return None

    def prepare(self, node: Apply) -> Callable[[], Any] | None:
        """Lower all of one Apply but its write, which comes back as a thunk; None when its Op knows no such thing."""
        rule = registry.deferred_rule_for(node.op)
        return None if rule is None else self._run(node, rule)

    def transact(self, old: Any, write: Callable[[], Any], holds: Any) -> Any:
        """``write()`` where all checks hold, `old` where not: without copying what is written into."""
        return write() if holds is None else lax.cond(holds, write, lambda: old)


def _plain(value: Any) -> Any:
    return whole(value) if np.ndim(value) == 0 else tuple(whole(n) for n in value)
