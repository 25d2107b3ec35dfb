"""Specialisation: one stage of a function, traced as often as its sizes demand, and found again by its guards.

A `Stage` makes an executable for each combination of shapes of its inputs, and of answers where a trace depends on
*values*, and finds it again: see `tx.lowering.executables`. Each has a `jax.jit` of its own, which is traced once.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.configuration import config
from tx.graph import Apply, Variable
from tx.graph.utils import Documented
from tx.lowering import allocator, clock, direct, in_place
from tx.lowering.apart import on_this_cpu
from tx.lowering.by_numpy import ByNumpy
from tx.lowering.clock import Times
from tx.lowering.deferral import Deferral
from tx.lowering.derived import differentiated, lower_linearized
from tx.lowering.device import in_x64
from tx.lowering.errors import annotate
from tx.lowering.executables import Specialization, Tree
from tx.lowering.handover import PLAIN, Handover
from tx.lowering.kept import Started, start
from tx.lowering.once import Once, recomputes
from tx.lowering.packing import Packed, pays, worthwhile
from tx.lowering.placement import moved
from tx.lowering.trace import Check, CheckFailed, Reports, Retrace, Trace, Undonatable
from tx.lowering.views import looked_at, views
from tx.lowering.windows import NeedWindows, Window, Windows

#: outputs of so many elements are put into buffers of their own
_OWN = 1024
#: an executable is called so often before it is thought worth another compilation to pack its inputs and outputs
_UNPACKED = 1000
#: so often before XLA is asked, where numpy makes the first calls; it may take so many times as long
_UNTIERED, _TIERED = 200, 50
#: and so often before what runs faster, but takes long to begin with, is thought worth one; or what runs a bit faster
_UNSETTLED, _HASTY = 50, 1000
#: states of no more elements are numpy's to update, likely enough for it to be asked before windows are made
_LIGHT = 1 << 17
#: a stage keeps this many times ``config.max_specializations`` executables
_KEPT = 4


class SpecializationWarning(Documented, UserWarning):
    """A function has been compiled for many different sizes."""

    page = "many_sizes"


@dataclass
class Layout:
    """What a stage computes: nodes, in order, from `inputs` to `outputs`.

    `updates` maps the position of an output to that of the input (a state) that it replaces. `host` are the positions
    of inputs whose values are at hand when the function is called. `given` are the positions of inputs that come from
    the host, `read` those of outputs that only the host reads.
    """

    inputs: list[Variable]
    outputs: list[Variable]
    nodes: list[Apply]
    updates: dict[int, int]
    host: frozenset[int]
    given: Sequence[int] = ()
    read: Sequence[int] = ()


class Stage:
    """A part of a function that one executable computes. Called with input values, it returns output values."""

    def __init__(
        self,
        layout: Layout,
        name: str,
        compiler_options: dict[str, Any] | None = None,
        plan: Any = None,
        advice: Callable[[int, bool], dict[str, Any]] | None = None,
    ):
        self.layout = layout
        self.name = name
        self.compiler_options, self.plan = compiler_options, plan
        self.specializations: list[Specialization] = []
        #: whether there may be small arrays to pack; on a mesh each has its place
        self.packs = plan is None and worthwhile(layout.given, layout.read, len(layout.inputs))
        #: what XLA is told besides, by the elements of the largest input, and whether many calls have been made
        self.advice = advice
        #: whether XLA would compute some values again and again
        self.recomputes = plan is None and recomputes(layout.nodes)
        #: seconds that rewriting the graph took; they belong to the first executable
        self.rewriting = 0.0
        #: where it runs, in a program that has several devices
        self.device: Any = None
        self.keep: frozenset[int] = frozenset()
        self.reports = Reports()
        #: called with the values of a call before an executable is made that only its answers demand
        self.missed: Callable[[Sequence[Any]], None] | None = None
        #: lengths that are longer than need be: of them nothing large may be made
        self.roomy: Collection[int] = ()
        #: whether the host may check arguments before each call
        self.host_checks = True
        #: set where calls do not wait for the verdict: then it also is an input, behind those of the layout
        self.deferral: Deferral | None = None
        self._positions = {v: i for i, v in enumerate(layout.inputs)}
        self._tree = Tree()
        #: counts calls once there are many executables, of which some may have to go; 0 before
        self.crowded = 0
        self._current: Sequence[Any] = ()
        self._handover = PLAIN
        self._settled = False
        #: windows that a trace went without, for numpy; None where it asks for them at once
        self._missed: list[Window] | None = None
        #: whether what is traced may be lowered for another platform than this; that of a mesh may not be here
        self._portable = plan is not None
        #: whether there may be a trace now: one at another time would not know the values of the call
        self._making = False
        #: what calls are, by the shapes of the inputs, as long as they are nothing else; each raises Retrace for others
        self.plain: dict[Any, Callable[..., Any]] = {}
        #: whether numpy makes all of them: then results are ndarrays that nobody else has
        self.without_xla = False

    # -- calling ------------------------------------------------------------------------------------------------------

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """The outputs. Raises CheckFailed where a check failed: it carries the states as they were."""
        shapes = tuple([v.shape for v in values])
        found = self._tree.find(shapes, values)
        if found is None:
            if self.missed is not None and self.specializations:
                self.missed(values)
            return self._specialize(shapes, values)
        if self.crowded:
            found.used = self.crowded = self.crowded + 1
        if found.countdown:
            found.countdown -= 1
            if not found.countdown:
                return self._specialize(shapes, values, former=found)
        try:
            results = found(self._sent(values))
        except Retrace:  # a value lies elsewhere than at the call for which this was made
            return self._specialize(shapes, values)
        return self._judge(found, results)

    def _start(self, given: Sequence[Any], options: Any, settled: bool) -> Started:
        """The first run."""
        make = self._make()
        if self.plan is not None or self.device is not None:
            jitted = make(options)
            return Started(jitted, None, in_x64(jitted, given))
        return start(make, given, options, 0 if settled else self._patience, settled, self._refused)

    def _refused(self) -> None:
        """What was traced as numpy would have it is to be traced as XLA would."""
        if self._missed:
            self._forget()
            raise NeedWindows(*self._missed)

    def _forget(self) -> None:
        """Forget the last trace, which will be made again."""
        self.rewriting = self.specializations.pop().times.rewriting

    @property
    def _patience(self) -> float:
        """How many times as long as XLA numpy may take."""
        return 0 if self.deferral is not None or config.tiny == "xla" else _TIERED if config.tiered else 1

    def _settle_reports(self, results: Sequence[Any]) -> None:
        """Raise what went wrong on hearing what the executable told; its updates are made by then."""
        try:
            self.reports.settle()
        except Exception as error:
            raise CheckFailed(error, results if self.layout.updates else ()) from error

    def keep_state(self, position: int) -> None:
        """Donate the state at this position of the inputs no more; what was traced is forgotten."""
        self.keep |= {position}
        self._tree, self.plain = Tree(), {}
        self.specializations.clear()

    def _sent(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the executable is called with."""
        if self.device is not None:
            return moved(values, self.device)
        return values if self.deferral is None else self.deferral.sent(values)

    def _specialize(self, shapes: Any, values: Sequence[Any], former: Specialization | None = None) -> Sequence[Any]:
        """Make an executable and run it: a better one in the place of a `former` one, where there is such."""
        arguments = [i for i in self.layout.given if i not in self._donated] if self._here else []
        shown = views(self.layout.inputs, self.layout.nodes, values, arguments)
        handover = Handover(former.handover.windows if former is not None else (), tuple(shown))
        packs, settled, again = former is not None and former.packs, former is not None, False
        light = not settled and all(values[i].size <= _LIGHT for i in self._donated)
        self._missed = [] if light and self._patience else None
        while True:
            try:
                with self._tracing(values, handover, settled):
                    packed, run = self._first_run(values, packs, settled)
                if again or handover == PLAIN or not isinstance(run.instead, ByNumpy):
                    break
                handover, self._missed, again = PLAIN, [], True  # numpy takes them as they are
                self._forget()
            except NeedWindows as stop:
                handover, self._missed = handover._replace(windows=(*handover.windows, *stop.windows)), None
            except Undonatable as stop:
                self.keep_state(stop.position)
                return self(values)
        made = self.specializations[-1]
        made.jitted, made.instead, made.packed, made.used = run.jitted, run.instead, packed, self.crowded
        made.handover = handover if made.by_numpy else handover.with_large(values, arguments)
        if made.times.xla > allocator.LONG:
            allocator.give_back()
        if former is None:
            made.countdown, made.packs = self._later(made, values, run)
        else:
            self.specializations[:] = [s for s in self.specializations if s is not former]
        self._tree.plant(shapes, made)
        if len(self.specializations) > _KEPT * config.max_specializations:
            self._evict()
        self._find_plain()
        return self._judge(made, run.results)

    def _first_run(self, values: Sequence[Any], packs: bool, settled: bool) -> tuple[Packed | None, Started]:
        """What packs, and the run."""
        given = self._handover(self._sent(values))
        if not packs:
            return None, self._start(given, self.options_for(values, settled), settled)
        packed = self._new_packed(given)
        return packed, Started(self.new_jit(values, settled), None, packed(given))

    def _later(self, made: Specialization, values: Sequence[Any], run: Started) -> tuple[int, bool]:
        """After how many calls a better executable pays, and whether that packs; 0 where there is none."""
        if isinstance(made.instead, ByNumpy):
            return ((_UNTIERED if config.tiered else _UNSETTLED) if made.instead.slow else 0), False
        # On a device of its own, or when nobody waits, packing would fetch what is there.
        if self.packs and self.device is None and self.deferral is None and pays(self.layout, values, run.results):
            return _UNPACKED, True
        if self.options_for(values) != self.options_for(values, settled=True):
            return _UNSETTLED, False
        return (_HASTY if run.hasty or made.hasty else 0), False

    def _find_plain(self) -> None:
        """Note what calls are, if they are nothing else."""
        more = self.crowded or self.reports.used or self.device is not None or self.deferral is not None
        if more or any(made.more for made in self.specializations):
            self.plain = {}
            return
        without_xla = all(made.by_numpy for made in self.specializations)
        if without_xla != self.without_xla:  # who has found out how to call one kind finds out again
            self.plain, self.without_xla = {}, without_xla
        self.plain.update((made.shapes, made.plain) for made in self.specializations)

    def defer(self, deferral: Deferral | None) -> None:
        """Leave verdicts to `deferral` from now on."""
        self.deferral = deferral
        self._find_plain()

    def serving(self, values: Sequence[Any], known: Container[int]) -> Specialization | None:
        """The executable for all calls with the shapes of `values`, and the same values at the positions `known`."""
        made = self._tree.find(tuple([v.shape for v in values]), values)
        if made is None or made.countdown or self.crowded:
            return None
        asked = {self._positions[v] for v in made.asked if v in self._positions} & self.layout.host
        return made if all(i in known for i in asked) else None

    def straight(self, made: Specialization) -> Any:
        """What `made` makes of values, where calls that it serves are nothing else. It raises Retrace for other
        shapes."""
        more = made.has_verdict or made.packed is not None or made.handover.windows
        if more or self.reports.used or self.deferral is not None or self.device is not None:
            return None
        return made.instead.each if isinstance(made.instead, ByNumpy) else partial(in_x64, made.run)

    def inline(self, run: Any) -> ByNumpy | None:
        """What numpy computes in a call of `run`, one of `plain`, if that is all."""
        found = [made.instead for made in self.specializations if isinstance(made.instead, ByNumpy)]
        return next((made for made in found if made.run is run), None)

    def again(self, made: Specialization, values: Sequence[Any]) -> Sequence[Any]:
        """As calling it, for values that `made` serves. Raises Retrace where it does not any more."""
        if self.crowded:
            raise Retrace
        return self._judge(made, made(self._sent(values)))

    def _evict(self) -> None:
        """Forget half of the executables, those that were used least recently: they are memory."""
        kept = sorted(self.specializations, key=lambda s: s.used)[len(self.specializations) // 2 :]
        self.specializations[:] = [s for s in self.specializations if any(s is k for k in kept)]
        self._tree.keep(self.specializations)

    def _judge(self, made: Specialization, results: Sequence[Any]) -> Sequence[Any]:
        """Raise CheckFailed when a check failed; otherwise the outputs without the verdict."""
        if self.reports.used:
            self._settle_reports(results[:-1] if made.has_verdict else results)
        if not made.has_verdict:
            return results
        # A state that grows is not selected, and what was reported is known already.
        if self.deferral is not None and not self.keep and not self.reports.used:
            self.deferral.note(results[-1], made.checks)
            return results[:-1]
        code, payload = np.asarray(results[-1]).tolist()
        if code:
            raise CheckFailed(self._error(made.checks[code - 1], payload), results[:-1] if self.layout.updates else ())
        return results[:-1]

    def _error(self, check: Check, payload: int) -> Exception:
        if check.node is not None:
            return annotate(check.make(payload), check.node, check.shapes)
        try:
            assert self.deferral is not None
            self.deferral.settle()
        except Exception as error:
            return error
        raise AssertionError("an earlier call has failed, and none says so")

    @contextmanager
    def _tracing(self, values: Sequence[Any], handover: Handover, settled: bool = False) -> Iterator[None]:
        """Within the block there may be a trace, which takes `values` for those of the call, as they are handed over;
        it is for many calls, if it is `settled` that there will be."""
        self._current, self._handover, self._making, self._settled = values, handover, True, settled
        try:
            yield
        finally:
            self._current, self._handover, self._making = (), PLAIN, False

    @contextmanager
    def tracing(self, values: Sequence[Any], handover: Handover = PLAIN) -> Iterator[None]:
        """Within the block a trace takes `values` for those of the call, and may be lowered for another platform."""
        self._portable = True
        try:
            with self._tracing(values, handover):
                yield
        finally:
            self._portable = self.plan is not None

    # -- tracing ------------------------------------------------------------------------------------------------------

    @property
    def _here(self) -> bool:
        """Whether it runs where functions run by default, and calls wait for it."""
        return self.plan is None and self.device is None and self.deferral is None

    @property
    def _donated(self) -> list[int]:
        return sorted(set(self.layout.updates.values()) - self.keep)

    def _traceable(self) -> Callable[..., Any]:
        def traced(*tracers: Any) -> Any:
            return self._trace(tracers)

        # A part of the key under which the executable is kept: a function that moves to another line stays the same.
        name, _, line = self.name.rpartition(":")
        name = name.replace("\\", "/").rpartition("/")[2] if name and line.isdecimal() else self.name
        traced.__name__ = "".join(c if c.isalnum() else "_" for c in name) or "function"
        return traced

    def options_for(self, values: Sequence[Any], settled: bool = False) -> dict[str, Any] | None:
        """What XLA is told, where inputs are like these; and where that is `settled`, by many calls."""
        found = self.advice(max((v.size for v in values), default=0), settled) if self.advice else {}
        return {**found, **(self.compiler_options or {})} if found else self.compiler_options

    def new_jit(self, values: Sequence[Any] = (), settled: bool = False) -> Any:
        """A jitted function that has not been traced yet, for inputs like these."""
        return self._make()(self.options_for(values, settled))

    def _make(self) -> Callable[[Any], Any]:
        """What jits the stage, for options of XLA."""
        traced, plan = self._traceable(), self.plan
        if plan is not None:
            return lambda options: plan.jit(traced, self.layout, self._donated, options)
        return lambda options: jax.jit(traced, donate_argnums=self._donated, compiler_options=options)

    def _new_packed(self, values: Sequence[Any]) -> Packed:
        layout, options = self.layout, self.options_for(values, settled=True)
        return Packed(self._traceable(), values, layout.given, layout.read, self._donated, options)

    def _trace(self, tracers: Sequence[Any]) -> list[Any]:
        """Trace all nodes, and note the specialisation and how long it took."""
        start = time.perf_counter()
        if not self._making:
            raise Retrace
        try:
            results = self._lowered(tracers, start)
        except BaseException:
            clock.lost(time.perf_counter() - start)
            raise
        clock.traced(self.specializations[-1].times, time.perf_counter() - start)
        return results

    def _lowered(self, tracers: Sequence[Any], start: float) -> list[Any]:
        layout = self.layout
        tracers, more = tracers[: len(layout.inputs)], tracers[len(layout.inputs) :]
        tracers, more = looked_at(tracers, more, self._handover.views)
        arguments = {layout.inputs[i]: self._current[i] for i in layout.host} if self._current else {}
        trace = Trace(self._positions, arguments, nodes=layout.nodes, outputs=layout.outputs)
        trace.values.update(zip(layout.inputs, tracers, strict=True))
        trace.reports, trace.plan, trace.host_checks = self.reports, self.plan, self.host_checks
        trace.portable, trace.roomy, trace.settled = self._portable, self.roomy, self._settled
        if self.deferral is not None:
            trace.inherit(*more)
        elif self._here:
            kept = [i for i in range(len(tracers)) if i not in self._donated]
            seen = dict(zip([window.node for window in self._handover.windows], more, strict=True))
            trace.windows = Windows({layout.inputs[i]: tracers[i] for i in kept}, seen, self._missed)
        deferred = self._lower_all(trace)
        verdict = trace.verdict()
        results = self._settle(trace, tracers, deferred, verdict)
        shapes = tuple(t.shape for t in tracers)
        times = Times(self.name, self.rewriting)
        self.rewriting = 0.0
        made = Specialization(None, shapes, trace.guards, trace.checks, verdict is not None, times, start)
        made.hasty = trace.hasty
        self._note(made)
        return results if verdict is None else [*results, direct.stack(verdict)]

    def _lower_all(self, trace: Trace) -> dict[Variable, Callable[[], Any]]:
        """Lower every node; the writes of in-place updates come back as thunks, to be made when all is checked."""
        deferred: dict[Variable, Callable[[], Any]] = {}
        writes = {} if config.checks == "off" else in_place.writes(self.layout)
        keys = differentiated(self.layout.nodes)
        once = Once(trace) if self.recomputes and on_this_cpu(trace) else None
        for node in self.layout.nodes:
            thunk = trace.prepare(node) if node in writes else None
            if thunk is None and node not in writes and not lower_linearized(trace, node, keys):
                trace.lower(node)
                if once is not None:
                    once.settle(node)
            elif thunk is not None:
                deferred[node.outputs[0]] = thunk
        return deferred

    def _settle(self, trace: Trace, tracers: Sequence[Any], deferred: dict[Variable, Any], verdict: Any) -> list[Any]:
        """The outputs; new states only where all checks hold, each in a buffer of its own."""
        layout = self.layout
        results: list[Any] = []
        taken = [id(t) for t in tracers]
        holds = None if verdict is None else direct.equal(verdict[0], 0)
        states = {layout.outputs[i]: layout.inputs[s] for i, s in layout.updates.items() if s not in self.keep}
        computed = in_place.conditions(trace, states)
        for i, variable in enumerate(layout.outputs):
            state = layout.updates.get(i)
            if state is None:
                results.append(self._apart(i, trace.value(variable), taken))
                continue
            old = tracers[state]
            if variable in deferred:
                new = trace.transact(old, deferred[variable], holds)
            else:
                new = trace.value(variable)
                if new.shape != old.shape and state not in self.keep:
                    raise Undonatable(state)
                given = [c for c in (holds, computed.get(variable)) if c is not None]
                if given and new.shape == old.shape and new is not old:
                    new = direct.where(reduce(lax.bitwise_and, given), new, old)
            if id(new) in taken:
                new = jnp.array(new, copy=True)
            taken.append(id(new))
            results.append(new)
        return results

    def _apart(self, i: int, value: Any, taken: list[int]) -> Any:
        """A large output that the host reads, in a buffer of its own: what comes back is the caller's to write to."""
        symbolic = not isinstance(value.size, int)  # a length that an export leaves open
        if i not in self.layout.read or symbolic or value.size < _OWN:
            return value
        if id(value) in taken or not isinstance(value, jax.core.Tracer):
            value = jnp.array(value, copy=True)
        taken.append(id(value))
        return value

    def _note(self, made: Specialization) -> None:
        if made.guards and self._current:
            made.known = {i: np.array(self._current[i]) for i in self.layout.host}
        self.specializations.append(made)
        count, most = len(self.specializations), config.max_specializations
        self.crowded = self.crowded or int(count > most)
        if count > most and count % most == 1:
            asked = {str(v) for s in self.specializations for g in s.guards for v in g.variables}
            causes = f"the sizes that depend on {', '.join(sorted(asked))}" if asked else "the shapes of its inputs"
            warnings.warn(
                f"The function {self.name} has been compiled {count} times, for {causes}. Each new size costs a "
                "compilation: pad or bucket the sizes, or raise config.max_specializations.",
                SpecializationWarning,
                stacklevel=2,
            )
