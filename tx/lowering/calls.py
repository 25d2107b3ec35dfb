"""What a program runs on the host between stages: an Op that only numpy can run, a branch or loop with one in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tx.gradient import MapRows, Pullback
from tx.graph import Apply, Variable, walk
from tx.ifelse import Conditional
from tx.lowering.body import rewritten
from tx.lowering.closing import prepare
from tx.lowering.device import to_device, to_host
from tx.lowering.errors import annotate, shapes_of
from tx.lowering.registry import rule_for
from tx.lowering.trace import CheckFailed
from tx.random.raw_random import Draw
from tx.rewriting import rewrite_graph
from tx.scan_module.op import Scan, span

#: arrays of so few elements are read by the host rather than by the device
SMALL = 16
#: (inputs, outputs) -> a program that computes them
MakeProgram = Callable[[Sequence[Variable], Sequence[Variable]], Any]


def needs_host(op: Any) -> bool:
    """Whether only the host can run this Op: it has no rule, or an Op inside of it has none."""
    if isinstance(op, Pullback):
        return needs_host(op.op)
    if rule_for(op) is None:
        return True
    if not any(needs_host(node.op) for graph in inner_graphs(op) for node in graph.apply_nodes):
        return False
    # What the steps of a loop are rewritten to may do without.
    return not isinstance(op, Scan) or any(needs_host(node.op) for node in walk.toposort(rewritten(op), op.body.inputs))


def inner_graphs(op: Any) -> list[Any]:
    """The graphs that an Op runs: of a loop's step, of branches, of a row."""
    if isinstance(op, Conditional):
        return list(op.bodies)
    return [op.body] if isinstance(op, Scan) else [op.graph] if isinstance(op, MapRows) else []


def host_call(node: Apply, make_program: MakeProgram) -> Any:
    """What runs `node`: a function from values of its inputs to values of its outputs."""
    kinds: Any = {Conditional: BranchCall, Scan: LoopCall, Pullback: LoopPullbackCall, MapRows: RowsCall}
    if type(node.op) in kinds:
        return kinds[type(node.op)](node, make_program)
    if getattr(node.op, "remembered", False):
        return RememberedCall(node)
    return DrawCall(node) if isinstance(node.op, Draw) else HostCall(node)


def _run(program: Any, values: Sequence[Any]) -> list[Any]:
    try:
        return [to_host(v) for v in program([to_host(v) for v in values])]
    except CheckFailed as stop:
        raise stop.error from None


class HostCall:
    """An Op that only numpy can run: its inputs are fetched, `perform` is called, its outputs are checked.

    Arrays are copied, for an Op may change its inputs, or return them, unless it is known not to (`only_reads`).
    """

    def __init__(self, node: Apply):
        self.node = node
        self.fetched: Any = to_host if getattr(node.op, "only_reads", False) else lambda value: np.array(to_host(value))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        node: Any = self.node
        arrays = [
            i.type.lend(v) if i.type.on_host else self.fetched(v) for v, i in zip(values, node.inputs, strict=True)
        ]
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            node.op.perform(node, arrays, storage)
            return [o.type.pack(o.type.filter(cell[0])) for o, cell in zip(node.outputs, storage, strict=True)]
        except Exception as error:
            raise annotate(error, node, shapes_of(arrays), arrays) from error


class RememberedCall(HostCall):
    """An Op that takes a value apart which never changes (`Type.pack` made it): what it found is kept with the value.

    From the second call on, with a shared variable for example, that lies on the device, where it is wanted.
    """

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        known: dict[Any, Any] = getattr(values[0], "found", {})
        calls, results = known.get(self.node.op, (0, []))
        if calls == 0:
            results = super().__call__(values)
        elif calls == 1:
            results = [to_device(r) if r.size > SMALL else r for r in results]
        if calls < 2:
            known[self.node.op] = calls + 1, results
        return list(results)


class DrawCall:
    """A draw of random numbers by numpy: its inputs are fetched."""

    def __init__(self, node: Apply):
        self.node = node

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        state, *arrays = map(to_host, values)
        try:
            after, sample = self.node.op.draw(state, *arrays)  # type: ignore[attr-defined]
        except Exception as error:
            raise annotate(error, self.node, [None, *map(np.shape, arrays)]) from error
        sample.flags.writeable = False  # the device may read it for longer than the call lasts
        return after, sample


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


class RowsCall:
    """A MapRows: its inner graph is run row by row."""

    def __init__(self, node: Apply, make_program: MakeProgram):
        op: Any = node.op
        self.types, self.mapped = [v.type for v in node.outputs], op.mapped
        inputs = op.graph.inputs
        self.program = make_program(inputs, prepare(rewrite_graph(op.graph.outputs, inputs), inputs))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        arrays = list(map(to_host, values))
        mapped, rest = arrays[: self.mapped], arrays[self.mapped :]
        rows = [_run(self.program, [*row, *rest]) for row in zip(*mapped, strict=True)]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(self.types)
        return [_stacked(list(c), t, len(rows)) for c, t in zip(columns, self.types, strict=True)]


class LoopCall:
    """A Scan: a program for a step, which is run step after step."""

    def __init__(self, node: Apply, make_program: MakeProgram):
        op: Any = node.op
        self.types, self.op = [v.type for v in node.outputs], op
        self.program = make_program(op.body.inputs, rewritten(op))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        form, types, n = self.op.form, self.types, int(values[0])
        _, histories, shared = _forwards(self.op, self.program, values)
        made = len(histories[0]) if histories else n
        stacked = [_stacked(h, t, n if form.ending else made) for h, t in zip(histories, types, strict=False)]
        lasts = [h[-1] if h else np.zeros((0,) * t.ndim, t.dtype) if t.ndim else np.zeros((), t.dtype)
                 for h, t in zip(histories, types[form.recorded :], strict=False)]  # fmt: skip
        return [*stacked, *lasts, *shared, *([np.int64(made)] if form.until else [])]


def _forwards(op: Any, program: Any, values: Sequence[Any]) -> tuple[list[Any], list[list[Any]], list[Any]]:
    """What each step was given, the values of each recorded output, and the last shared values."""
    form = op.form
    n, backwards, *outer = map(to_host, values)
    a, b = len(form.sequences), len(form.sequences) + len(form.states)
    limit = int(outer[-1] if form.bounded else n)
    windows = _windows(form, outer[:a], limit, bool(backwards))
    pasts = [list(x[: form.depth(i)]) for i, x in enumerate(outer[a:b])]
    shared, fixed = outer[b : b + form.shared], outer[b + form.shared :]
    given: list[Any] = []
    histories: list[list[Any]] = [[] for _ in range(form.recorded)]
    for step in range(limit):
        states = [p[tap] for p, taps in zip(pasts, form.states, strict=True) for tap in taps]
        given.append([*(w[step] for w in windows), *states, *shared, *fixed])
        results = _run(program, given[-1])
        for past, new in zip(pasts, results, strict=False):
            past.append(new)
        for history, new in zip(histories, results, strict=False):
            history.append(new)
        shared = results[form.recorded : form.recorded + form.shared]
        if form.until and results[-1]:
            break
    return given, histories, list(shared)


def _places(length: int, taps: Sequence[int], limit: int, backwards: bool, bounded: bool) -> list[Any]:
    """For each tap of a sequence of that length the places of its elements, by step."""
    back, ahead = span(taps)
    count = max(length - back - ahead, 0)
    if count < limit:
        raise ValueError(f"Sequence is shorter than the required number of steps: {count} elements, {limit} steps")
    steps = np.arange(limit if bounded else count)
    return [back + tap + (steps[::-1] if backwards else steps) for tap in taps]


def _windows(form: Any, sequences: Sequence[Any], limit: int, backwards: bool) -> list[Any]:
    return [
        x[places]
        for x, taps in zip(sequences, form.sequences, strict=True)
        for places in _places(len(x), taps, limit, backwards, form.bounded)
    ]


def _stacked(history: Sequence[Any], kind: Any, length: int) -> Any:
    """The history as one array, with zeros where it is shorter."""
    if len({h.shape for h in history}) > 1:
        raise ValueError("An output of the scan has changed shape from step to step")
    if not history:
        return np.zeros((0,) * kind.ndim, kind.dtype)
    return np.stack([*history, *[np.zeros_like(history[0])] * (length - len(history))])


class LoopPullbackCall:
    """The Pullback of a Scan: the loop is run, then a program for the gradient of a step, from the last to the first.

    The gradient of a step is symbolic, so that Ops on the host are asked for theirs. It makes the step's draws anew:
    from the same state they are the same.
    """

    def __init__(self, node: Apply, make_program: MakeProgram):
        pullback: Any = node.op
        op: Any = pullback.op
        self.op, self.nin, self.outputs, self.wrt = op, pullback.nin, pullback.outputs, pullback.wrt
        self.program = make_program(op.body.inputs, rewritten(op))
        inputs = op.body.inputs
        pull = op.step_pullback()
        self.given, self.asked = list(pull.cotangents), list(pull.gradients)
        arguments = [*inputs, *pull.cotangents.values()]
        forwards = set(op.body.apply_nodes)
        for made in walk.toposort(pull.gradients.values(), arguments):
            if made not in forwards:
                made.line = node.line  # the user's line that asked for the gradient
        found = rewrite_graph(list(pull.gradients.values()), arguments)
        self.step = make_program(arguments, prepare(found, arguments))

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        form, arrays = self.op.form, list(map(to_host, values))
        given, histories, shared = _forwards(self.op, self.program, arrays[: self.nin])
        adjoints = self._start(arrays, histories, shared)
        totals = {p: np.zeros_like(arrays[p]) for p in range(2, self.nin) if hasattr(arrays[p], "dtype")}
        n, kept = len(given), form.truncate if form.truncate >= 0 else len(given)
        for t in reversed(range(max(n - kept, 0), n)):
            points = [adjoints[i][t] if i < form.recorded else adjoints[i] for i in self.given]
            found = dict(zip(self.asked, _run(self.step, [*given[t], *points]), strict=True))
            self._collect(arrays, t, found, adjoints, totals)
        first_state, first_shared = 2 + len(form.sequences), 2 + len(form.sequences) + len(form.states)
        for i in range(len(form.states)):
            for j in range(form.depth(i)):
                totals[first_state + i][j] += adjoints[i].get(j - form.depth(i), 0)
        for i in range(form.shared if n <= kept else 0):
            if first_shared + i not in totals:
                continue  # no array: the state of a generator
            totals[first_shared + i] = totals[first_shared + i] + adjoints[form.recorded + i]
        return [totals[p] for p in self.wrt]

    def _start(self, arrays: Sequence[Any], histories: Any, shared: Any) -> list[Any]:
        """The gradients that come from outside: by step, for each recorded output, and for each shared value."""
        form = self.op.form
        outside = dict(zip(self.outputs, arrays[self.nin :], strict=True))
        adjoints: list[Any] = []
        for o, history in enumerate(histories):
            g = outside.get(o)
            rows = {t: np.zeros_like(h) if g is None else np.array(g[t]) for t, h in enumerate(history)}
            if rows and form.recorded + o in outside:
                rows[len(rows) - 1] = rows[len(rows) - 1] + outside[form.recorded + o]
            adjoints.append(rows)
        carried = [np.zeros_like(v) if hasattr(v, "dtype") else None for v in shared]
        return adjoints + [np.array(outside.get(2 * form.recorded + i, v)) for i, v in enumerate(carried)]

    def _collect(self, arrays: Sequence[Any], t: int, found: dict[int, Any], adjoints: Any, totals: Any) -> None:
        """Add the gradients of the inputs of step `t` to where they came from."""
        form = self.op.form
        a, b = 2 + len(form.sequences), 2 + len(form.sequences) + len(form.states)
        limit = int(arrays[self.nin - 1] if form.bounded else arrays[0])
        for k, (position, tap) in enumerate(self.op.sources()):
            if k not in found:
                continue
            if position < a:
                taps = form.sequences[position - 2]
                places = _places(len(arrays[position]), taps, limit, bool(arrays[1]), form.bounded)
                totals[position][places[taps.index(tap)][t]] += found[k]
            elif position < b:
                rows = adjoints[position - a]
                rows[t + tap] = rows.get(t + tap, 0) + found[k]
            elif position < b + form.shared:
                adjoints[form.recorded + position - b] = found[k]
            else:
                totals[position] = totals[position] + found[k]
