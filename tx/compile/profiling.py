"""Profiles: where the time of a function goes, compiling it and calling it."""

from __future__ import annotations

import atexit
import contextlib
import sys
import time
from collections.abc import Sequence
from typing import Any

from tx.compile import chrometrace, report
from tx.configuration import config
from tx.lowering import clock
from tx.lowering.calls import needs_host
from tx.lowering.device import wait
from tx.lowering.evaluate import Evaluator, Thunk, Watch
from tx.lowering.reasons import reasons

#: so many calls are kept for the timeline
_MOST_CALLS = 10_000
#: so often a node is run when it is measured; the fastest run counts
_RUNS = 3


class _Timed:
    """A program whose calls a profile measures. It keeps the arguments of the last one, to run its nodes on."""

    def __init__(self, program: Any, maker: Any, profile: ProfileStats):
        self.program, self.maker, self.profile = program, maker, profile
        self.arguments: list[Any] | None = None

    def __call__(self, values: Sequence[Any]) -> Any:
        compiled, start = clock.spent(), time.perf_counter()
        try:
            results = wait(self.program(values))
        finally:
            self.profile.vm_call_time += time.perf_counter() - start - (clock.spent() - compiled)
        self.arguments = list(values[: len(self.maker.arguments)])
        return results

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["program"], name)


class _Stopwatch(Watch):
    """Measures each node: what it takes without compiling, the fastest of a few runs. Host-only Ops run just once."""

    def __init__(self) -> None:
        self.seconds: dict[Any, float] = {}
        self.start = 0.0

    def before(self, fgraph: Any, i: int, node: Any, fn: Thunk) -> None:
        """The first run may compile."""
        if not needs_host(node.op):
            fn()
        self.start = time.perf_counter()

    def after(self, fgraph: Any, i: int, node: Any, fn: Thunk) -> None:
        """The Evaluator has run the node; others follow."""
        self.seconds[node] = time.perf_counter() - self.start
        for _ in range(0 if needs_host(node.op) else _RUNS - 1):
            start = time.perf_counter()
            fn()
            self.seconds[node] = min(self.seconds[node], time.perf_counter() - start)


class ProfileStats:
    """What compiling and calling one or several functions took, in seconds.

    - `fct_callcount`, `fct_call_time`: calls, and the time in them; `vm_call_time` is the part in executables. What was
      compiled during a call is not counted in it
    - `compile_time`, of which `optimizer_time` went into rewriting, and `linker_time` into tracing and XLA
      (`tracing_time`, `xla_time`)
    - `apply_time`, `apply_callcount`: by node; `op_time()`, `op_callcount()`, `op_nodes()` by Op, `class_time()`,
      `class_callcount()`, `class_nodes()` by class of Op. A function runs as a whole, in which XLA fuses nodes: for
      these, the nodes are run one by one on the arguments of the last call when the times are first asked for

    `message` heads the summary, which is printed at exit unless `atexit_print` is False.
    Source: theano.compile.profiling.ProfileStats.
    """

    def __init__(
        self, atexit_print: bool = True, flag_time_thunks: bool | None = None, gpu_checks: bool = True,
        message: str | None = None, **kwargs: Any,
    ):  # fmt: skip
        self.message = message
        self.flag_time_thunks = config.profiling.time_thunks if flag_time_thunks is None else flag_time_thunks
        self.reset()
        self.programs: list[_Timed] = []
        for name, value in kwargs.items():
            if not hasattr(type(self), name) and name not in vars(self):
                raise TypeError(f"a profile has no {name}")
            setattr(self, name, value)
        if atexit_print:
            _printed_at_exit.append(self)

    def reset(self) -> None:
        """Forget what was measured."""
        self.fct_callcount, self.fct_call_time, self.vm_call_time = 0, 0.0, 0.0
        self.callcount: dict[Any, int] = {}
        self.optimizer_time = 0.0
        #: (start, seconds, name) of calls and of rewritings, on the clock of `time.perf_counter`
        self.calls: list[tuple[float, float, str]] = []
        self.rewritings: list[tuple[float, float, str]] = []
        self._nodes: list[tuple[Any, Any, float]] | None = None

    # -- measuring ----------------------------------------------------------------------------------------------------

    def rewritten(self, name: str, start: float, seconds: float) -> None:
        """A graph was rewritten."""
        self.optimizer_time += seconds
        self.rewritings.append((start, seconds, name))

    def timed(self, program: Any, maker: Any) -> Any:
        """`program`, measured."""
        made = _Timed(program, maker, self)
        self.programs = [*(t for t in self.programs if t.maker is not maker), made]
        return made

    def measured_call(self, function: Any, arguments: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call `function`."""
        compiled, start = clock.spent(), time.perf_counter()
        result = function.call(arguments, kwargs)
        seconds = time.perf_counter() - start
        self.fct_callcount += 1
        self.fct_call_time += seconds - (clock.spent() - compiled)
        self.callcount[function.maker] = self.callcount.get(function.maker, 0) + 1
        if len(self.calls) < _MOST_CALLS:
            self.calls.append((start, seconds, function.name))
        self._nodes = None
        return result

    # -- compiling ----------------------------------------------------------------------------------------------------

    def specializations(self) -> list[tuple[str, Any, str]]:
        """Every executable: the function's name, the specialisation, and why it was made."""
        return [(t.maker.name, s, why) for t in self.programs for s, why in reasons(t.program)]

    @property
    def tracing_time(self) -> float:
        """Seconds of tracing, down to StableHLO."""
        return sum((s.times.tracing for _, s, _ in self.specializations()), 0.0)

    @property
    def xla_time(self) -> float:
        """Seconds of XLA's compiler (or of its cache)."""
        return sum((s.times.xla for _, s, _ in self.specializations()), 0.0)

    @property
    def linker_time(self) -> float:
        """Tracing and XLA."""
        return self.tracing_time + self.xla_time

    @property
    def compile_time(self) -> float:
        """Rewriting, tracing and XLA."""
        return self.optimizer_time + self.linker_time

    @property
    def nb_nodes(self) -> int:
        """The number of nodes of the rewritten graphs."""
        return sum(len(t.maker.fgraph.apply_nodes) for t in self.programs)

    # -- nodes --------------------------------------------------------------------------------------------------------

    def nodes(self) -> list[tuple[Any, Any, float]]:
        """(maker, node, seconds of one run) of each function that was called, run node by node."""
        if self._nodes is None:
            self._nodes = [row for timed in self.programs for row in self._measured(timed)]
        return self._nodes

    def _measured(self, timed: _Timed) -> list[tuple[Any, Any, float]]:
        if timed.arguments is None or not self.flag_time_thunks:
            return []
        maker, watch = timed.maker, _Stopwatch()
        evaluator = Evaluator(
            maker.arguments, maker.states, maker.outputs, maker.updates, maker.name, watch, inside=False
        )
        states = [c.value for c in maker.containers]
        with contextlib.suppress(Exception):  # what stops a run now, a failing Assert, must not stop a summary
            evaluator([*timed.arguments, *states])
        return [(maker, node, seconds) for node, seconds in watch.seconds.items()]

    @property
    def apply_time(self) -> dict[Any, float]:
        """Node -> seconds in all calls."""
        return {node: seconds * self.callcount[maker] for maker, node, seconds in self.nodes()}

    @property
    def apply_callcount(self) -> dict[Any, int]:
        """Node -> how often it was run."""
        return {node: self.callcount[maker] for maker, node, _ in self.nodes()}

    def _by(self, key: Any, values: dict[Any, Any]) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for node, value in values.items():
            found[key(node)] = found.get(key(node), 0) + value
        return found

    def op_time(self) -> dict[Any, float]:
        """Op -> seconds."""
        return self._by(lambda node: node.op, self.apply_time)

    def op_callcount(self) -> dict[Any, int]:
        """Op -> how often it was run."""
        return self._by(lambda node: node.op, self.apply_callcount)

    def op_nodes(self) -> dict[Any, int]:
        """Op -> how many nodes there are of it."""
        return self._by(lambda node: node.op, dict.fromkeys(self.apply_time, 1))

    def class_time(self) -> dict[type, float]:
        """Class of Op -> seconds."""
        return self._by(lambda node: type(node.op), self.apply_time)

    def class_callcount(self) -> dict[type, int]:
        """Class of Op -> how often Ops of it were run."""
        return self._by(lambda node: type(node.op), self.apply_callcount)

    def class_nodes(self) -> dict[type, int]:
        """Class of Op -> how many nodes there are of it."""
        return self._by(lambda node: type(node.op), dict.fromkeys(self.apply_time, 1))

    def compute_total_times(self) -> dict[Any, float]:
        """Node -> its time and that of all nodes that it needs, once each, per call."""
        own = {node: seconds for _, node, seconds in self.nodes()}
        needed: dict[Any, set[Any]] = {}
        for node in own:
            needed[node] = {node}.union(*(needed.get(v.owner, ()) for v in node.inputs if v.owner is not None))
        return {node: sum(own[n] for n in ancestors) for node, ancestors in needed.items()}

    # -- telling ------------------------------------------------------------------------------------------------------

    def summary(self, file: Any = None, n_ops_to_print: int | None = None, n_apply_to_print: int | None = None) -> None:
        """Write all of it as text (to stderr by default); so many Ops and nodes, the slowest first."""
        n_ops = config.profiling.n_ops if n_ops_to_print is None else n_ops_to_print
        n_apply = config.profiling.n_apply if n_apply_to_print is None else n_apply_to_print
        (file or sys.stderr).write(report.summary(self, n_ops, n_apply))

    def write_trace(self, path: str) -> None:
        """Write a timeline for Perfetto (ui.perfetto.dev) or chrome://tracing: what was compiled and called, and the
        nodes, run one by one, by name and with their lines."""
        chrometrace.write(self, path)


_printed_at_exit: list[ProfileStats] = []


def _print_all() -> None:
    used = [p for p in _printed_at_exit if p.fct_callcount]
    if not used:
        return
    destination = config.profiling.destination
    if destination in ("stderr", "stdout"):
        for profile in used:
            profile.summary(getattr(sys, destination))
        return
    with open(destination, "w", encoding="utf-8") as file:
        for profile in used:
            profile.summary(file)


atexit.register(_print_all)


def as_profile(profile: Any, name: str) -> Any:
    """The profile that `function` was asked for: True, a message, a ProfileStats, None (``config.profile``) or False.

    Raises TypeError for anything else.
    """
    if profile is None:
        return ProfileStats(message=name) if config.profile else None
    if profile is False or isinstance(profile, ProfileStats):
        return profile
    if isinstance(profile, str):
        return ProfileStats(message=profile)
    if profile is True:
        return ProfileStats(message=name)
    raise TypeError(f"profile must be True, False, None, a message or a ProfileStats, not {profile!r}")
