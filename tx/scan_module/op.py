"""The Ops of loops: `Scan`, which applies an inner graph step after step, and what is read off its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tx.gradient import grad, graph_connection_pattern
from tx.gradient.derived import is_continuous
from tx.graph import Apply, FunctionGraph, Op, Variable
from tx.tensor import math as F
from tx.tensor import reduction
from tx.tensor.convert import constant
from tx.tensor.elemwise import constant_value, is_elemwise, unfilled
from tx.tensor.subtensor import IncSubtensor, Subtensor
from tx.tensor.type import TensorType, tensor_type
from tx.tensor.type_other import DisconnectedType, NullType

_WHOLE = (False, False, False)


@dataclass(frozen=True)
class Form:
    """What goes into a step and comes out of it.

    Inner inputs: for each sequence an element for each of its taps; for each state the value at each of its taps
    (negative); the shared variables that are updated; the non-sequences (the rest). Of a `bounded` loop the last
    non-sequence says how many steps are made, of as many as the node has: a value that only the device need know.
    Inner outputs: the new states, what is merely mapped (`mapped` of them), the new shared values, and under `until`
    the condition that stops the loop.
    """

    sequences: tuple[tuple[int, ...], ...] = ()
    states: tuple[tuple[int, ...], ...] = ()
    mapped: int = 0
    shared: int = 0
    until: bool = False
    truncate: int = -1
    checkpoint: bool = False
    bounded: bool = False

    @property
    def recorded(self) -> int:
        """How many outputs have a history."""
        return len(self.states) + self.mapped

    @property
    def ending(self) -> bool:
        """Whether the loop may make fewer steps than the node has."""
        return self.until or self.bounded

    def depth(self, state: int) -> int:
        """How many steps back a state is read."""
        return -min(self.states[state])


def span(taps: Sequence[int]) -> tuple[int, int]:
    """How far the taps of a sequence reach back, and ahead."""
    return -min(0, *taps), max(0, *taps)


@dataclass
class StepPullback:
    """The gradients of a step, as expressions of the inner inputs and of `cotangents`, by position of inner output.

    `gradients` by position of inner input; `null` says why others do not exist. The rest is not connected.
    """

    cotangents: dict[int, Any]
    gradients: dict[int, Any]
    null: dict[int, str]


class Scan(Op):
    """A loop over the inner graph `body`.

    Inputs of the node: the number of steps, whether sequences are read from their end (an int), the sequences, for
    each state its initial values along a first axis, oldest first, the shared variables, the non-sequences.
    Outputs: the histories of states and mapped outputs along a new first axis, the last value of each of these, the
    last shared values, and, under `until`, how many steps were made. Histories are filled with zeros beyond.

    A loop is only equal to itself. Its inner graph is a copy of what it is given, unless that is nobody else's (`own`).
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        form: Form,
        name: str | None = None,
        own: bool = False,
    ):
        self.body = FunctionGraph(inputs, outputs, clone=not own)
        self.form = form
        self.name = name or "scan_fn"
        self._pullback: StepPullback | None = None

    # Theano's names of the inner graph
    inputs = property(lambda self: list(self.body.inputs), doc="The inner inputs.")
    outputs = property(lambda self: list(self.body.outputs), doc="The inner outputs.")

    def make_node(self, *inputs: Any) -> Apply:
        """Raises TypeError when an input has another dtype or rank than the inner graph was written for."""
        expected = self._ranks()
        for given, (dtype, ndim) in zip(inputs[2:], expected, strict=True):
            if dtype is not None and (given.type.dtype, given.type.ndim) != (dtype, ndim):
                raise TypeError(f"{self} wants {ndim} dimensions of {dtype}, not {given} of type {given.type}")
        form, types = self.form, [v.type for v in self.body.outputs]
        recorded, shared = types[: form.recorded], types[form.recorded : form.recorded + form.shared]
        histories = [tensor_type(t.dtype, (False, *t.broadcastable)) for t in recorded]
        steps = [tensor_type("int64", ())] if form.until else []
        return Apply(self, inputs, [kind() for kind in (*histories, *recorded, *shared, *steps)])

    def _ranks(self) -> list[Any]:
        """(dtype, number of dimensions) of each outer input behind the first two; (None, 0) for other types."""
        inner = iter(self.body.inputs)
        ranks: list[Any] = []
        for taps in (*self.form.sequences, *self.form.states):
            first, *_ = [next(inner).type for _ in taps]
            ranks.append((first.dtype, first.ndim + 1))
        ranks += [(getattr(v.type, "dtype", None), getattr(v.type, "ndim", 0)) for v in inner]
        return ranks

    def sources(self) -> list[tuple[int, int]]:
        """For each inner input the outer one (its position) that it comes from, and its tap (0 where it has none)."""
        found = []
        position = 2
        for taps in (*self.form.sequences, *self.form.states):
            found += [(position, tap) for tap in taps]
            position += 1
        rest = len(self.body.inputs) - len(found)
        return [*found, *((position + i, 0) for i in range(rest))]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """What the inner graph connects, in any number of steps. The number of steps made has no gradient."""
        form, body = self.form, self.body
        carried = [*range(len(form.states)), *range(form.recorded, form.recorded + form.shared)]
        first_state = 2 + len(form.sequences)
        reaches: dict[int, set[int]] = {i: set() for i in range(len(node.inputs))}
        direct = graph_connection_pattern(body.inputs, body.outputs[: form.recorded + form.shared])
        for (outer, _), row in zip(self.sources(), direct, strict=True):
            reaches[outer].update(o for o, connected in enumerate(row) if connected)
        for k, output in enumerate(carried):
            reaches[first_state + k].add(output)
        changed = True
        while changed:
            before = sum(map(len, reaches.values()))
            for outputs in reaches.values():
                for k, output in enumerate(carried):
                    if output in outputs:
                        outputs |= reaches[first_state + k]
            changed = sum(map(len, reaches.values())) != before
        return [self._row(reaches[i]) for i in range(len(node.inputs))]

    def _row(self, outputs: set[int]) -> list[bool]:
        form = self.form
        recorded = [o in outputs for o in range(form.recorded)]
        shared = [form.recorded + o in outputs for o in range(form.shared)]
        return [*recorded, *recorded, *shared, *[False] * form.until]

    def step_pullback(self) -> StepPullback:
        """The gradients of a step. Worked out once."""
        if self._pullback is None:
            form, body = self.form, self.body
            outputs = {i: v for i, v in enumerate(body.outputs[: form.recorded + form.shared]) if is_continuous(v)}
            cotangents = {i: v.type() for i, v in outputs.items()}
            cost = F.add(constant(0.0), *[reduction.sum(v * cotangents[i]) for i, v in outputs.items()])
            wrt = [i for i, v in enumerate(body.inputs) if is_continuous(v)]
            words: Any = {"disconnected_inputs": "ignore", "return_disconnected": "disconnected"}
            found = grad(cost, [body.inputs[i] for i in wrt], null_gradients="return", **words)
            defined = {i: g for i, g in zip(wrt, found, strict=True) if isinstance(g.type, TensorType)}
            null = {i: g.type.why_null for i, g in zip(wrt, found, strict=True) if isinstance(g.type, NullType)}
            self._pullback = StepPullback(cotangents, defined, null)
        return self._pullback

    def undefined_gradients(self) -> dict[int, str]:
        """Positions of inputs of the node whose gradient does not exist -> why.

        It exists for none where that of a state does not: whatever has an influence on the state meets it.
        """
        form, sources = self.form, self.sources()
        null = {sources[i][0]: why for i, why in self.step_pullback().null.items()}
        first = 2 + len(form.sequences)
        carried = [why for i, why in null.items() if first <= i < first + len(form.states) + form.shared]
        if not carried:
            return null
        return {o: carried[0] for (o, _), v in zip(sources, self.body.inputs, strict=True) if is_continuous(v)}

    def __str__(self) -> str:
        return f"{'do_while' if self.form.until else 'for'}{{cpu,{self.name}}}"


class Trajectory(Op):
    """An output of a loop as it is handed to the user: its history, as long as there were steps.

    Inputs: history and last value from `Scan`, and the number of steps. That a graph which only takes the last step
    needs no history is known from the second input: the gradient goes there, and `tx.rewriting.loops` reads it.
    """

    __props__ = ("until",)

    def __init__(self, until: bool):
        self.until = until

    def make_node(self, history: Any, last: Any, steps: Any) -> Apply:
        """The history's type."""
        return Apply(self, [history, last, steps], [history.type()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The number of steps has no gradient."""
        return [[True], [True], [False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """To the last value, where nothing else was read; to the history otherwise."""
        history, last, steps = inputs
        (g,) = gradients
        of_last = of_last_step(g, last)
        if of_last is not None:
            return [DisconnectedType()(), of_last, DisconnectedType()()]
        if self.until:
            pattern = ((False, True, False), *[_WHOLE] * last.ndim)
            g = IncSubtensor(pattern)(F.zeros_like(history, g.dtype), g, steps)
        return [g, DisconnectedType()(), DisconnectedType()()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The trajectory of the tangents."""
        if eval_points[0] is None and eval_points[1] is None:
            return [None]
        given = [F.zeros_like(v) if t is None else t for v, t in zip(inputs[:2], eval_points[:2], strict=True)]
        return [self(*given, inputs[2])]


class LastStep(Op):
    """The last value of a loop that makes at most `n` steps. Raises IndexError when run with `n` 0."""

    __props__ = ()

    def make_node(self, last: Any, n: Any) -> Apply:
        """The value's type."""
        return Apply(self, [last, n], [last.type()])


def last_step_pattern(pattern: Sequence[Any], index: Sequence[Any]) -> tuple[Any, ...] | None:
    """What is taken of the last step by an index that takes nothing but the last step; None for another one."""
    plain = all(entry == "int" or isinstance(entry, tuple) for entry in pattern)
    if not pattern or pattern[0] != "int" or not plain or constant_value(index[0]) != -1:
        return None
    return tuple(pattern[1:])


def of_last_step(g: Any, last: Any) -> Any:
    """The gradient of the last step, where that of the trajectory is zero for all others; None where it may not be."""
    if is_elemwise(g, "Cast"):
        g = g.owner.inputs[0]
    owner = g.owner
    if owner is None or not isinstance(owner.op, IncSubtensor):
        return None
    zeros, y, *index = owner.inputs
    rest = last_step_pattern(owner.op.pattern, index)
    if rest is None or constant_value(unfilled(zeros)) != 0:
        return None
    if all(entry == _WHOLE for entry in rest):
        return y if y.ndim == last.ndim else F.second(F.zeros_like(last, y.dtype), y)
    return IncSubtensor(rest, owner.op.set_instead_of_inc)(F.zeros_like(last, y.dtype), y, *index[1:])


def read_last_step(variable: Any, rest: tuple[Any, ...], index: Sequence[Any]) -> Any:
    """``variable[rest]``."""
    return variable if all(entry == _WHOLE for entry in rest) else Subtensor(rest)(variable, *index)


__all__ = ["Form", "LastStep", "Scan", "Trajectory"]
