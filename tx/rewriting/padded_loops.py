"""How loops are padded, with what is read off them and their derivatives. See `padding`.

A loop of as many steps as there are true elements becomes a bounded one: the number of steps is a value that the device
knows, and steps beyond are not made. What is padded along other axes is padded inside of the steps. The histories of a
loop that a condition ends are padded, too: the number of steps that were made is a length that the loop computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tx.gradient import Pullback, Pushforward
from tx.graph import Apply, Constant, Variable, walk
from tx.rewriting.engine import rewrite_graph
from tx.rewriting.padded_ops import pullback
from tx.rewriting.padded_shapes import number
from tx.rewriting.padding import Axis, Entry, Padding, Size, Unpaddable, masked, pads, safe
from tx.scan_module.op import LastStep, Scan, Trajectory, span
from tx.tensor.shapes import Shape_i
from tx.tensor.subtensor import getitem


@dataclass
class _Loop:
    """A padded loop: its Op, its inputs and outputs, and the padded axes of each of these."""

    op: Scan
    inputs: list[Any]
    outputs: list[Any]
    axes: list[dict[int, Axis]]
    size: Size | None = None


class _Inside:
    """What the steps of a loop are given besides: true lengths and bounds, by their outer Variables."""

    def __init__(self) -> None:
        self.inner: dict[Variable, Variable] = {}

    def variable(self, outer: Any) -> Any:
        """The inner Variable of an outer scalar."""
        if isinstance(outer, Constant):
            return outer
        return self.inner.setdefault(outer, outer.type())

    def entry(self, outer: Entry, inner: Any, drop: int) -> Entry:
        """The entry of an inner input, for an outer one whose first `drop` axes the steps do not see."""
        e = Entry(inner, varies=outer.varies, within=outer.within)
        e.axes = {d - drop: Axis(a.length, self.variable(a.true)) for d, a in outer.axes.items() if d >= drop}
        if outer.size is not None:
            e.size = Size(outer.size.length, self.variable(outer.size.bound))
        if outer.parts is not None:
            e.parts = [self.entry(part, getitem(inner, i), 0) for i, part in enumerate(outer.parts)]
        return e

    def outer_axes(self, axes: dict[int, Axis], added: int) -> dict[int, Axis]:
        """Padded axes of an inner Variable as those of an outer one, which has `added` axes before them."""
        back = {inner: outer for outer, inner in self.inner.items()}
        found = {}
        for d, axis in axes.items():
            if any(v not in back and not isinstance(v, Constant) for v in walk.inputs([axis.true])):
                raise Unpaddable("a length that the steps of a loop compute")
            found[d + added] = Axis(axis.length, walk.rebuild([axis.true], back)[0])
        return found


def _loop(p: Padding, op: Scan, given: Sequence[Entry], written: Sequence[Variable]) -> _Loop:
    """The padded loop. It is the same one for the loop and its derivatives, by the inputs as they were written."""
    key = op, tuple(v.signature() if isinstance(v, Constant) else v for v in written)
    if key not in p.loops:
        p.loops[key] = _padded(p, op, given)
    found: _Loop = p.loops[key]
    return found


def _padded(p: Padding, op: Scan, given: Sequence[Entry]) -> _Loop:
    form, (n, backwards, *outer) = op.form, given
    if n.varies or not backwards.plain:
        raise Unpaddable("a loop whose number of steps varies in an unknown way")
    a = len(form.sequences)
    b, c = a + len(form.states), a + len(form.states) + form.shared
    for e, taps in zip(outer[:a], form.sequences, strict=True):
        _check_sequence(p, e, taps, n, number(backwards) == 0)
    if any(0 in e.axes for e in outer[a:b]) or any(not e.plain for e in outer[b:c]):
        raise Unpaddable("initial values, or shared variables, of a length that varies")
    inside = _Inside()
    entries: dict[Variable, Entry] = {}
    for v, (position, _) in zip(op.body.inputs, op.sources(), strict=True):
        entries[v] = inside.entry(given[position], v, int(position - 2 < b))
    written = rewrite_graph(op.body.outputs, op.body.inputs, final=False)
    ends = Padding(entries, p.terms).run(written)
    _check_ends(op, entries, ends)
    bounded = n.size is not None
    extra = list(inside.inner)
    inner = [*op.body.inputs, *inside.inner.values()]
    values = [safe(e, [d for d in e.axes if d > 0 or i >= b]) for i, e in enumerate(outer)]
    inputs = [n.bound, backwards.value, *values, *extra]
    first: dict[int, Axis] = {}
    if n.size is not None:
        inner.append(n.value.type())
        inputs.append(n.value)
        first[0] = p.axis(n.size.length, n.value)
    made = Scan(inner, [e.value for e in ends], replace(form, bounded=bounded), op.name)
    outputs = made.make_node(*inputs).outputs
    size = None
    if form.until and p.found is not None and form.recorded:
        bound = Shape_i(0)(outputs[0])
        size = Size(p.computed(outputs[-1], bound), bound)
        first[0] = Axis(size.length, outputs[-1])
    recorded = ends[: form.recorded]
    axes = [first | inside.outer_axes(e.axes, 1) for e in recorded]
    axes += [inside.outer_axes(e.axes, 0) for e in recorded]
    axes += [{}] * (form.shared + form.until)
    return _Loop(made, inputs, outputs, axes, size)


def _check_sequence(p: Padding, e: Entry, taps: Sequence[int], n: Entry, forwards: bool) -> None:
    """Raise Unpaddable unless there is an element for each step, and the last step has the right one."""
    reach = sum(span(taps))
    if n.size is None:
        if 0 not in e.axes:
            return
        steps = number(n)
        if steps is None or not forwards:
            raise Unpaddable("a loop over the beginning of a sequence")
        p.need(e.axes[0].length, steps + reach)
        return
    if 0 not in e.axes:
        raise Unpaddable("a loop over a sequence that does not vary, of steps that do")
    length, steps_ = e.axes[0].length + -reach, n.size.length
    if (length.root, length.scaled) != (steps_.root, steps_.scaled) or length.offset < steps_.offset:
        raise Unpaddable("a loop over a sequence of another length")
    if not forwards and length != steps_:
        raise Unpaddable("a loop over the end of a sequence")


def _check_ends(op: Scan, entries: dict[Variable, Entry], ends: Sequence[Entry]) -> None:
    """Raise Unpaddable unless states stay padded as they are, and nothing else but outputs is padded."""
    form = op.form
    states = iter(op.body.inputs[sum(map(len, form.sequences)) :])
    for taps, end in zip(form.states, ends, strict=False):
        if any(entries[v].lengths() != end.lengths() for v in [next(states) for _ in taps]):
            raise Unpaddable("a state of a loop whose length varies")
    if any(e.axes for e in ends[form.recorded :]):
        raise Unpaddable("a shared variable of a length that varies")


@pads(Scan)
def scan(p: Padding, node: Apply, *given: Entry) -> list[Entry]:
    """The bounded loop, or the same one with padded steps."""
    op: Any = node.op
    loop = _loop(p, op, given, node.inputs)
    found = [Entry(v, axes) for v, axes in zip(loop.outputs, loop.axes, strict=True)]
    if op.form.until:
        found[-1].size = loop.size
    return found


@pads(Trajectory)
def trajectory(p: Padding, node: Apply, history: Entry, last: Entry, steps: Entry) -> Entry:
    """Padded as the history is; unless how many steps a condition has left is asked for."""
    op: Any = node.op
    axes = {d: axis for d, axis in history.axes.items() if d or not op.until}
    if steps.size is not None and op.until:
        return Entry(history.value, history.axes)
    return Entry(op(history.value, last.value, steps.value), axes)


@pads(LastStep)
def last_step(p: Padding, node: Apply, last: Entry, n: Entry) -> Entry:
    """The last one made. There is one."""
    return Entry(node.op(last.value, n.bound), last.axes)


@pads(Pullback)
def of_loop(p: Padding, node: Apply, *given: Entry) -> list[Entry]:
    """The pullback of the padded loop. Steps that are not made have no gradient."""
    op: Any = node.op
    if not isinstance(op.op, Scan):
        return pullback(p, node, *given)
    loop = _loop(p, op.op, given[: op.nin], node.inputs[: op.nin])
    gradients = []
    for o, g in zip(op.outputs, given[op.nin :], strict=True):
        axes = loop.axes[o]
        if g.lengths() != {d: axis.length for d, axis in axes.items()}:
            raise Unpaddable("a gradient of another length")
        over_steps = loop.op.form.ending and o < loop.op.form.recorded
        gradients.append(masked(g, 0, [d for d in g.axes if d or not over_steps]))
    made = Pullback(loop.op, len(loop.inputs), op.outputs, op.wrt).make_node(*loop.inputs, *gradients)
    return [Entry(v, given[i].axes) for v, i in zip(made.outputs, op.wrt, strict=True)]


@pads(Pushforward)
def tangent_of_loop(p: Padding, node: Apply, *given: Entry) -> list[Entry]:
    """The pushforward of the padded loop."""
    op: Any = node.op
    if not isinstance(op.op, Scan):
        raise Unpaddable(f"the tangent of {op.op}")
    loop = _loop(p, op.op, given[: op.nin], node.inputs[: op.nin])
    tangents = given[op.nin :]
    if any(t.lengths() != given[i].lengths() for t, i in zip(tangents, op.wrt, strict=True)):
        raise Unpaddable("a tangent of another length")
    made = Pushforward(loop.op, len(loop.inputs), op.wrt, op.outputs)
    values = made.make_node(*loop.inputs, *(t.value for t in tangents)).outputs
    return [Entry(v, loop.axes[o]) for v, o in zip(values, op.outputs, strict=True)]


__all__: list[str] = []
