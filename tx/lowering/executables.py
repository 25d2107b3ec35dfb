"""The executables of a stage, and how the one for a call is found: by the shapes of its inputs, then by answers.

Under the shapes there is a tree: a `_Question` is a guard's closure with a subtree for each answer it has given, a leaf
is a `Specialization`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tx.graph import Variable, walk
from tx.lowering.by_numpy import ByNumpy
from tx.lowering.clock import Times
from tx.lowering.device import in_x64
from tx.lowering.errors import annotate
from tx.lowering.handover import PLAIN, Handover
from tx.lowering.kept import MISMATCH, Loaded
from tx.lowering.packing import Packed
from tx.lowering.trace import Check, Guard, Retrace


@dataclass
class Specialization:
    """One executable: its jitted function, the shapes it was traced for, and the answers it relies on."""

    jitted: Any
    shapes: tuple[tuple[int, ...], ...]
    guards: list[Guard]
    checks: list[Check]
    has_verdict: bool
    #: what it took to make it, and when that began (on the clock of `time.perf_counter`)
    times: Times
    started: float
    #: values of inputs that it was traced for, where it depends on them
    known: dict[int, Any] = field(default_factory=dict, kw_only=True)
    #: what calls it, if not its jitted function by itself
    packed: Packed | None = None
    #: what runs in place of the jitted function: what an earlier process has compiled, or numpy
    instead: Loaded | ByNumpy | None = None
    #: how it is given its inputs
    handover: Handover = PLAIN
    #: whether many calls would be worth another trace
    hasty: bool = False
    #: calls until another one takes its place; 0 where none will. Whether that one packs
    countdown: int = 0
    packs: bool = False
    #: the number of the call that used it last, once its stage is crowded
    used: int = 0

    def __call__(self, values: Sequence[Any]) -> Any:
        values = self.handover(values)
        return in_x64(self.instead or self.jitted, values) if self.packed is None else self.packed(values)

    @property
    def run(self) -> Callable[..., Any]:
        """What runs it, if its arrays are not packed."""
        return self.handover.before(self.instead or self.jitted)

    @property
    def by_numpy(self) -> bool:
        """Whether numpy computes it, and XLA has not been asked."""
        return isinstance(self.instead, ByNumpy)

    @cached_property
    def asked(self) -> set[Variable]:
        """The inputs that decide what its guards ask."""
        return set(walk.inputs([v for guard in self.guards for v in guard.variables]))

    @property
    def more(self) -> bool:
        """Whether there is more to its calls than `plain`: answers, a verdict, arrays to pack or to look at, calls to
        count."""
        answers = any(guard.answer is not None for guard in self.guards)
        verdict = self.has_verdict and not self.by_numpy
        return answers or verdict or self.packed is not None or bool(self.handover.windows) or self.countdown > 0

    @property
    def plain(self) -> Callable[..., Any]:
        """What runs it, if its guards find nothing wrong, and raises Retrace otherwise."""
        run = self.run
        if isinstance(self.instead, ByNumpy):
            run = judged(self.instead.run) if self.has_verdict else self.instead.run
        return Guarded([guard.closure for guard in self.guards], run) if self.guards else run


def judged(run: Callable[..., Any]) -> Callable[..., Any]:
    """What numpy computes with a verdict behind it, without. Raises Retrace for a bad one, when nothing has changed
    yet: who makes the call anew finds out."""

    def call(*values: Any) -> Any:
        *results, verdict = run(*values)
        if verdict[0]:
            raise Retrace
        return results

    return call


class Guarded:
    """An executable behind guards that answer None. Where one answers otherwise, or raises, this raises Retrace."""

    def __init__(self, closures: Sequence[Callable[[Sequence[Any]], Any]], run: Callable[..., Any]):
        self.closures = closures
        # what it is behind its method, which a call has found out by now
        self.run: Callable[..., Any] = run.call if isinstance(run, Loaded) else run
        self.mismatch: tuple[type[Exception], ...] = MISMATCH if isinstance(run, Loaded) else ()

    def __call__(self, *values: Any) -> Any:
        for closure in self.closures:
            try:
                answer = closure(values)
            except Exception:  # who runs the call then, meets it again
                raise Retrace from None
            if answer is not None:
                raise Retrace
        try:
            return self.run(*values)
        except self.mismatch:
            raise Retrace from None


@dataclass
class _Question:
    """A guard of the tree: what to compute from the arguments, and where each answer leads."""

    closure: Callable[[Sequence[Any]], Any]
    guard: Guard
    answers: dict[Any, Any] = field(default_factory=dict)

    def failed(self, error: Exception) -> Exception:
        """What the closure raised, with the node that it was raised for."""
        return error if self.guard.node is None else annotate(error, self.guard.node, self.guard.shapes)


class Tree:
    """Executables by shapes and answers."""

    def __init__(self) -> None:
        self._roots: dict[Any, Any] = {}

    def find(self, shapes: Any, values: Sequence[Any]) -> Specialization | None:
        """The one for `values` of these shapes. Raises what a guard finds wrong with them."""
        branch = self._roots.get(shapes)
        while type(branch) is _Question:
            try:
                answer = branch.closure(values)
            except Exception as error:
                raise branch.failed(error) from error
            branch = branch.answers.get(answer)
        return branch

    def plant(self, shapes: Any, made: Specialization) -> None:
        """Put it behind the questions that its trace asked."""
        table, key = self._roots, shapes
        for guard in made.guards:
            question = table.get(key)
            if question is None:
                question = table[key] = _Question(guard.closure, guard)
            table, key = question.answers, guard.answer
        table[key] = made

    def keep(self, executables: Sequence[Specialization]) -> None:
        """Forget all but these."""
        self._roots.clear()
        for made in executables:
            self.plant(made.shapes, made)


__all__ = ["Guarded", "Specialization", "Tree"]
