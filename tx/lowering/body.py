"""The inside of a loop or a branch: a trace whose questions about sizes the trace around it answers.

A size may depend on what every step sees alike (the non-sequences), and is then an ordinary question about the outer
Variable. It may depend on elements of sequences, or on states that the host can follow: then it is asked for all steps
at once, and if the answers differ, the loop has to be unrolled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from tx.graph import Apply, Constant, Variable, walk
from tx.lowering.closing import prepare
from tx.lowering.host import OF_SHAPE, HostValues, Unknown
from tx.lowering.own_gradients import rule_with_own_gradient
from tx.lowering.trace import Check, NeedStage, Retrace, Trace
from tx.rewriting import rewrite_graph
from tx.scan_module.op import Form, Scan, span

NO_RULES: Mapping[Apply, Any] = {}


class Unroll(Retrace):
    """A size differs from step to step of the loop that `loop` stands for."""

    def __init__(self, loop: Inner):
        super().__init__(loop)
        self.loop = loop


class Inner:
    """An inner graph while it is lowered, and where its inputs come from: the position of an outer input, and a tap."""

    #: of loops: inputs that differ from step to step, what outer states become, and how long the loop is
    varying: frozenset[Variable] = frozenset()
    becomes: dict[int, Variable] = {}
    form = Form()
    n = 1
    backwards = False

    def __init__(
        self,
        trace: Trace,
        node: Apply,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        source: dict[Variable, tuple[int, int]],
    ):
        self.trace, self.node, self.source = trace, node, source
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.nodes = walk.toposort(outputs, inputs)
        self.checks: list[Check] = []

    def step(
        self, values: Sequence[Any], number: int | None = None, rules: Mapping[Apply, Any] = NO_RULES
    ) -> tuple[list[Any], list[tuple[Any, Any]]]:
        """The inner outputs for values of the inner inputs, and what the checks made on the way found. Some nodes may
        have `rules` of their own."""
        inside = Inside(self, number)
        inside.values.update(zip(self.inputs, values, strict=True))
        for node in self.nodes:
            inside.lower(node, rules.get(node) or (rule_with_own_gradient(node) if inside.pulled_back else None))
        self.checks = inside.checks
        return [inside.value(v) for v in self.outputs], inside.predicates

    def demand(self, found: Sequence[tuple[Any, Any]]) -> None:
        """Make the checks of the last call, of which arrays may have been collected, those of the function."""
        for check, (holds, payloads) in zip(self.checks, found, strict=True):
            self.trace.checks.append(check)
            self.trace.predicates.append((jnp.all(holds), jnp.ravel(payloads)[jnp.argmin(jnp.ravel(holds))]))


class Loop(Inner):
    """A Scan node while it is lowered: how many steps it makes, and in which direction."""

    def __init__(self, trace: Trace, node: Apply, n: int, backwards: bool):
        op: Scan = node.op  # type: ignore[assignment]
        inputs = op.body.inputs
        super().__init__(trace, node, inputs, rewritten(op), dict(zip(inputs, op.sources(), strict=True)))
        self.n, self.backwards, self.form = n, backwards, op.form
        first_state, first_shared = 2 + len(self.form.sequences), 2 + len(self.form.sequences) + len(self.form.states)
        self.becomes = {first_state + i: self.outputs[i] for i in range(len(self.form.states))}
        news = self.outputs[self.form.recorded : self.form.recorded + self.form.shared]
        self.becomes |= {first_shared + i: new for i, new in enumerate(news)}
        self.varying = frozenset(v for v, (p, _) in self.source.items() if p < first_shared + self.form.shared)


def rewritten(op: Scan) -> list[Variable]:
    """The outputs of the inner graph after rewriting. Worked out once: the loop and its gradient share it."""
    found: list[Variable] | None = op.__dict__.get("_rewritten")
    if found is None:
        outputs = rewrite_graph(op.body.outputs, op.body.inputs, final=False)
        found = op.__dict__["_rewritten"] = prepare(outputs, op.body.inputs)
    return found


class Inside(Trace):
    """The trace of an inner graph; of step `number` of it, if a loop is unrolled."""

    def __init__(self, loop: Inner, number: int | None):
        super().__init__({}, {}, nodes=loop.nodes, outputs=loop.outputs)
        self.loop, self.number = loop, number
        self.reports, self.pulled_back, self.orders = loop.trace.reports, loop.trace.pulled_back, loop.trace.orders

    def pays_later(self) -> bool:
        """As outside."""
        return self.loop.trace.pays_later()

    def ask(self, function: Callable[..., Any], *variables: Variable, key: Any = None) -> Any:
        """As outside. Raises Unroll when the answer differs from step to step."""
        needed = self._needed(variables)
        if not needed:
            try:
                return super().ask(function, *variables, key=key)
            except NeedStage as stop:
                raise self._unanswerable(stop.variables) from None
        memo = (getattr(function, "__qualname__", function), variables, key)
        if memo not in self._answers:
            question = _Question(self, function, variables, needed, key)
            outer = [self.loop.node.inputs[p] for p in question.positions]
            try:
                self._answers[memo] = self.loop.trace.ask(question, *outer, key=key)
            except Unknown as stop:
                raise self._unanswerable([stop.variable]) from None
        answers = self._answers[memo]
        if self.number is not None:
            return answers[min(self.number, len(answers) - 1)]
        if any(a != answers[0] for a in answers):
            raise Unroll(self.loop)
        return answers[0]

    def _unanswerable(self, variables: Sequence[Variable]) -> Exception:
        return TypeError(f"A size inside a loop depends on what the loop computes: {list(variables)}")

    def knows(self, *variables: Variable) -> bool:
        """Whether the host knows these values, and every step sees the same."""
        needed = self._needed(variables)
        if self.number is None and any(v in self.loop.varying for v in needed):
            return False
        if not needed:
            return super().knows(*variables)
        outer = [self.loop.node.inputs[p] for p in {self.loop.source[v][0] for v in needed}]
        if not self.loop.trace.knows(*outer):
            return False
        try:
            self.ask(_nothing, *variables)
        except (TypeError, Unknown):
            return False
        return True

    def depends_on_arguments(self, *variables: Variable) -> bool:
        """Whether any of these (known) values differs from call to call."""
        positions = {self.loop.source[v][0] for v in self._needed(variables)}
        return self.loop.trace.depends_on_arguments(*(self.loop.node.inputs[p] for p in positions))

    def _needed(self, variables: Sequence[Variable]) -> list[Variable]:
        """The inner inputs whose values the host needs for these Variables, those that states come from included."""
        pending, seen, needed = list(variables), set(), []
        while pending:
            variable = pending.pop()
            if variable in seen or isinstance(variable, Constant):
                continue
            seen.add(variable)
            if variable in self.loop.source:
                needed.append(variable)
                new = self.loop.becomes.get(self.loop.source[variable][0])
                pending += [new] if new is not None else []
            elif variable.owner is not None and not self._is_shape(variable):
                pending += variable.owner.inputs
        return needed

    def shapes(self, variables: Sequence[Variable]) -> dict[Variable, tuple[int, ...]]:
        """The shapes that these Variables depend on."""
        found: dict[Variable, tuple[int, ...]] = {}
        for variable in walk.ancestors([*variables, *self.loop.becomes.values()], self.loop.inputs):
            if variable.owner is not None and type(variable.owner.op) in OF_SHAPE:
                shape = self._shape(variable.owner.inputs[0])
                if shape is not None:
                    found[variable.owner.inputs[0]] = shape
        return found

    def _is_shape(self, variable: Variable) -> bool:
        assert variable.owner is not None
        return type(variable.owner.op) in OF_SHAPE and self._shape(variable.owner.inputs[0]) is not None


def _nothing(*_: Any) -> None:
    return None


class _Question:
    """What is asked of the outer trace: the answers for all steps (for one, where steps are alike), as a tuple."""

    def __init__(
        self, inside: Inside, function: Callable[..., Any], variables: Sequence[Variable], needed: Any, key: Any
    ):
        loop = inside.loop
        self.function, self.variables, self.needed = function, variables, needed
        self.positions = sorted({loop.source[v][0] for v in needed})
        self.source, self.becomes, self.form = loop.source, loop.becomes, loop.form
        self.backwards = loop.backwards
        self.steps = loop.n if any(v in loop.varying for v in needed) else min(1, loop.n)
        self.shapes = inside.shapes(variables)
        name = getattr(function, "__qualname__", function)
        self.__qualname__ = f"{name} of {list(map(id, variables))} where {list(self.shapes.values())}"

    def __call__(self, *values: Any) -> tuple[Any, ...]:
        given = {p: np.asarray(v) for p, v in zip(self.positions, values, strict=True)}
        first_state, end = 2 + len(self.form.sequences), 2 + len(self.form.sequences) + len(self.form.states)
        past = {p: list(v[: self.form.depth(p - first_state)]) for p, v in given.items() if first_state <= p < end}
        past |= {p: [given[p]] for p in self.becomes if p >= end and p in given}
        answers = []
        for step in range(max(self.steps, 1)):
            arguments = {v: self._value(v, step, given, past) for v in self.needed}
            host = HostValues(arguments, self.shapes.get)
            answers.append(self.function(*(host.value(v) for v in self.variables)))
            if step + 1 < self.steps:
                new = {p: host.value(self.becomes[p]) for p in past}
                for p, value in new.items():
                    past[p].append(value)
        return tuple(answers)

    def _value(self, variable: Variable, step: int, given: dict[int, Any], past: dict[int, list[Any]]) -> Any:
        position, tap = self.source[variable]
        if position in past:
            return past[position][tap if tap else -1]
        if not 2 <= position < 2 + len(self.form.sequences):
            return given[position]
        sequence = given[position][::-1] if self.backwards else given[position]
        back, ahead = span(self.form.sequences[position - 2])
        if len(sequence) <= back + ahead:
            raise ValueError("a size inside a loop depends on a sequence that has no element")
        return sequence[step + (ahead - tap if self.backwards else back + tap)]
