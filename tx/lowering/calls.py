"""What a program runs on the host between stages: an Op that only numpy can run, a branch or loop with one in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Variable
from tx.ifelse import Conditional
from tx.lowering.body import rewritten
from tx.lowering.closing import prepare
from tx.lowering.device import to_host
from tx.lowering.errors import annotate, shapes_of
from tx.lowering.registry import rule_for
from tx.lowering.specialize import CheckFailed
from tx.scan_module.op import Scan, span

#: (inputs, outputs) -> a program that computes them
MakeProgram = Callable[[Sequence[Variable], Sequence[Variable]], Any]


def needs_host(op: Any) -> bool:
    """Whether only the host can run this Op: it has no rule, or an Op inside of it has none."""
    if rule_for(op) is None:
        return True
    graphs = op.bodies if isinstance(op, Conditional) else [op.body] if isinstance(op, Scan) else []
    return any(needs_host(node.op) for graph in graphs for node in graph.apply_nodes)


def host_call(node: Apply, make_program: MakeProgram) -> Any:
    """What runs `node`: a function from values of its inputs to values of its outputs."""
    kinds = {Conditional: BranchCall, Scan: LoopCall}
    kind: Any = kinds.get(type(node.op))
    return HostCall(node) if kind is None else kind(node, make_program)


def _run(program: Any, values: Sequence[Any]) -> list[Any]:
    try:
        return [np.asarray(v) for v in program([np.asarray(v) for v in values])]
    except CheckFailed as stop:
        raise stop.error from None


class HostCall:
    """An Op that only numpy can run: its inputs are fetched, `perform` is called, its outputs are checked."""

    def __init__(self, node: Apply):
        self.node = node

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        node: Any = self.node
        arrays = [
            np.array(to_host(v)) if hasattr(i.type, "dtype") else v for v, i in zip(values, node.inputs, strict=True)
        ]
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            node.op.perform(node, arrays, storage)
            return [output.type.filter(cell[0]) for output, cell in zip(node.outputs, storage, strict=True)]
        except Exception as error:
            raise annotate(error, node, shapes_of(arrays), arrays) from error


class BranchCall:
    """A Conditional: a program for each branch, of which one is run."""

    def __init__(self, node: Apply, make_program: MakeProgram):
        graphs = node.op.bodies  # type: ignore[attr-defined]
        self.programs = [make_program(g.inputs, prepare(g.outputs, g.inputs)) for g in graphs]
        self.first = 1 + len(graphs[0].inputs)

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        if np.asarray(values[0]) != 0:
            return _run(self.programs[0], values[1 : self.first])
        return _run(self.programs[1], values[self.first :])


class LoopCall:
    """A Scan: a program for a step, which is run step after step."""

    def __init__(self, node: Apply, make_program: MakeProgram):
        op: Any = node.op
        self.node, self.op = node, op
        self.program = make_program(op.body.inputs, rewritten(op))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        form, types = self.op.form, [v.type for v in self.node.outputs]
        n, backwards, *outer = [np.asarray(v) for v in values]
        a, b = len(form.sequences), len(form.sequences) + len(form.states)
        windows = self._windows(outer[:a], int(n), bool(backwards))
        pasts = [list(x[: form.depth(i)]) for i, x in enumerate(outer[a:b])]
        shared, fixed = outer[b : b + form.shared], outer[b + form.shared :]
        histories: list[list[Any]] = [[] for _ in range(form.recorded)]
        for step in range(int(n)):
            states = [p[tap] for p, taps in zip(pasts, form.states, strict=True) for tap in taps]
            results = _run(self.program, [*(w[step] for w in windows), *states, *shared, *fixed])
            for past, new in zip(pasts, results, strict=False):
                past.append(new)
            for history, new in zip(histories, results, strict=False):
                history.append(new)
            shared = results[form.recorded : form.recorded + form.shared]
            if form.until and results[-1]:
                break
        stacked = [self._stacked(h, t) for h, t in zip(histories, types, strict=False)]
        lasts = [h[-1] if h else np.zeros((0,) * t.ndim, t.dtype) if t.ndim else np.zeros((), t.dtype)
                 for h, t in zip(histories, types[form.recorded :], strict=False)]  # fmt: skip
        return [*stacked, *lasts, *shared, *([np.int64(len(histories[0]) if histories else n)] if form.until else [])]

    def _windows(self, sequences: Sequence[Any], n: int, backwards: bool) -> list[Any]:
        windows = []
        for x, taps in zip(sequences, self.op.form.sequences, strict=True):
            back, ahead = span(taps)
            length = max(len(x) - back - ahead, 0)
            if length < n:
                raise ValueError(f"Sequence is shorter than the required number of steps: {length} elements, {n} steps")
            for tap in taps:
                window = x[back + tap : back + tap + length]
                windows.append(window[::-1] if backwards else window)
        return windows

    def _stacked(self, history: Sequence[Any], kind: Any) -> Any:
        if len({h.shape for h in history}) > 1:
            raise ValueError("An output of the scan has changed shape from step to step")
        return np.stack(history) if history else np.zeros((0,) * kind.ndim, kind.dtype)
