"""Loops: `lax.scan`; `lax.while_loop` where a condition may end them early; unrolled where sizes differ by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, tree_util
from jax.export import is_symbolic_dim

from tx.gradient import Pullback
from tx.graph import Apply, Constant, FunctionGraph
from tx.lowering import direct
from tx.lowering.body import NO_RULES, Loop, Unroll
from tx.lowering.bounded_loops import bounded, given_to_a_step
from tx.lowering.hoisting import hoisted
from tx.lowering.host import whole
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.scan_module.op import LastStep, Scan, Trajectory, span


def _count(n: Any) -> Any:
    steps = whole(n)
    return 0 if steps < 0 else steps


def _flag(value: Any) -> bool:
    return bool(value)


# -- what is wanted ---------------------------------------------------------------------------------------------------


def _key(op: Any, inputs: Any) -> Any:
    return op, tuple(v.signature() if isinstance(v, Constant) else v for v in inputs)


def _derives(node: Any, key: Any) -> bool:
    """Whether `node` is a derivative of the Op and inputs that `key` stands for."""
    op = node.op
    return getattr(op, "op", None) is key[0] and _key(op.op, node.inputs[: op.nin]) == key


def _hides(nodes: Iterable[Apply], op: Any) -> bool:
    """Whether a derivative of `op` stands in a graph inside of one of the nodes, where its readers are not seen."""
    graphs = [n.op.graph for n in nodes if isinstance(getattr(n.op, "graph", None), FunctionGraph)]  # type: ignore
    inner = [n for graph in graphs for n in graph.apply_nodes]
    return any(getattr(n.op, "op", None) is op for n in inner) or (bool(inner) and _hides(inner, op))


def wanted(trace: Trace, node: Apply) -> set[int]:
    """The outputs of `node` that something reads, or takes the gradient of.

    All of them, where that cannot be seen: for a node that stands for another one, in a derived Op.
    """
    read = {v for v in trace.outputs if v.owner is node}
    for reader in trace.nodes:
        # A trajectory has its last value for the sake of rewrites.
        inputs = reader.inputs[:1] if isinstance(reader.op, Trajectory) else reader.inputs
        read.update(v for v in inputs if v.owner is node)
    found: set[Any] = {v.index for v in read}
    key = _key(node.op, node.inputs)
    derived: list[Any] = [n.op for n in trace.nodes if _derives(n, key)]
    seen = node in trace.nodes or (derived and all(isinstance(op, Pullback) for op in derived))
    if not seen or _hides(trace.nodes, node.op):
        return set(range(len(node.outputs)))
    for op in derived:
        found.update(op.outputs if isinstance(op, Pullback) else ())
    return found


# -- steps ------------------------------------------------------------------------------------------------------------


class _Steps:
    """The step of a loop as a jax function: (fixed values, carry, elements) -> (carry, what is recorded).

    The carry holds, for each state, its last values, oldest first; the shared values; the last values of the mapped
    outputs that are wanted. Recorded are the outputs of which the history is wanted, and what the checks found.
    """

    def __init__(self, loop: Loop, want: set[int]):
        self.loop, self.form = loop, loop.form
        form = self.form
        self.histories = [i for i in range(form.recorded) if i in want]
        self.lasts = [i for i in range(len(form.states), form.recorded) if form.recorded + i in want]

    def limit(self, fixed: Any) -> Any:
        """How many steps are made, unless a condition stops the loop."""
        return fixed[-1] if self.form.bounded else self.loop.n

    def __call__(self, fixed: Any, carry: Any, elements: Any, number: int | None = None, rules: Any = NO_RULES) -> Any:
        form = self.form
        pasts, shared, lasts = carry
        states = [p[tap] for p, taps in zip(pasts, form.states, strict=True) for tap in taps]
        outputs, found = self.loop.step([*elements, *states, *shared, *fixed], number, rules)
        new = [self._settled(p[-1], x) for p, x in zip(pasts, outputs, strict=False)]
        news = outputs[form.recorded : form.recorded + form.shared]
        carried = (
            tuple((*p[1:], x) for p, x in zip(pasts, new, strict=True)),
            tuple(self._settled(old, x) for old, x in zip(shared, news, strict=True)),
            tuple(self._settled(old, outputs[i]) for old, i in zip(lasts, self.lasts, strict=False)),
        )
        recorded = [new[i] if i < len(new) else outputs[i] for i in self.histories]
        stop = outputs[-1] != 0 if form.until else jnp.zeros((), bool)
        return carried, (recorded, found), stop

    def _settled(self, old: Any, new: Any) -> Any:
        if old.shape != new.shape:
            raise ValueError(
                f"could not broadcast input array from shape {new.shape} into shape {old.shape}: a state of a loop "
                "must keep its shape from step to step"
            )
        return lax.convert_element_type(new, old.dtype)


def _zeros(shapes: Any) -> Any:
    return tree_util.tree_map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)


def _smooth(primal: Callable[..., Any], other: Callable[..., Any]) -> Callable[..., Any]:
    """A function computed as `primal`, but differentiated as `other`, which gives the same values."""
    both: Callable[..., Any] = jax.custom_jvp(primal)
    both.defjvp(  # type: ignore[attr-defined]
        lambda primals, tangents: jax.jvp(other, primals, tangents)
    )
    return both


def _plain(steps: Any, n: int) -> Callable[..., Any]:
    def run(fixed: Any, carry: Any, xs: Any) -> Any:
        known = None if is_symbolic_dim(n) else n
        return lax.scan(lambda c, x: steps(fixed, c, x)[:2], carry, xs, length=known)

    return run


def _truncated(steps: Any, n: int, kept: int) -> Callable[..., Any]:
    """The loop as derivatives see it: they reach the last `kept` steps, and initial values that those read."""
    first = n - kept

    def run(fixed: Any, carry: Any, xs: Any) -> Any:
        early = tree_util.tree_map(lambda x: x[:first], xs)
        blind = tree_util.tree_map(lax.stop_gradient, (fixed, carry, early))
        (pasts, shared, lasts), before = _plain(steps, first)(*blind)
        pasts = tuple(
            tuple(old[first + j] if first + j < len(old) else new[j] for j in range(len(old)))
            for old, new in zip(carry[0], pasts, strict=True)
        )
        late = tree_util.tree_map(lambda x: x[first:], xs)
        end, after = _plain(steps, kept)(fixed, (pasts, shared, lasts), late)
        return end, tree_util.tree_map(lambda a, b: jnp.concatenate([a, b]), before, after)

    return run


def _ending(steps: Any, n: int, shapes: Any) -> Callable[..., Any]:
    """(steps made, carry, recorded) of a loop that may end before its `n` steps: at a condition, or at a number that
    the device knows."""

    def looped(fixed: Any, carry: Any, xs: Any) -> Any:
        def body(state: Any) -> Any:
            i, _, carry, buffers = state
            x = tree_util.tree_map(lambda s: direct.row(s, i), xs)
            carry, recorded, stop = steps(fixed, carry, x)
            put = lambda b, y: direct.with_row(b, y, i)
            return direct.plus(i, 1), stop, carry, tree_util.tree_map(put, buffers, recorded)

        buffers = tree_util.tree_map(lambda s: jnp.zeros((n, *s.shape), s.dtype), shapes)
        buffers = (buffers[0], [(jnp.ones(n, bool), m) for _, m in buffers[1]])
        start = jnp.zeros((), "int64"), jnp.zeros((), bool), carry, buffers
        limit = steps.limit(fixed)
        i, _, carry, buffers = lax.while_loop(lambda s: (s[0] < limit) & ~s[1], body, start)
        return i, carry, buffers

    def scanned(fixed: Any, carry: Any, xs: Any) -> Any:
        start = jnp.zeros((), "int64"), jnp.zeros((), bool), carry
        first: Any = None
        if steps.form.truncate >= 0:
            blind = tree_util.tree_map(lax.stop_gradient, (fixed, carry, xs))
            made = looped(*blind)[0] if steps.form.until else steps.limit(fixed)
            first = made - steps.form.truncate
        (i, _, carry), recorded = lax.scan(
            lambda s, x: _unless_ended(steps, shapes, fixed, s, x, first), start, xs, length=n
        )
        return i, carry, recorded

    if steps.form.until or steps.form.truncate >= 0:
        return _smooth(looped, scanned)
    trace = steps.loop.trace
    if trace.pulled_back and trace.orders == 1:
        return bounded(looped, jax.checkpoint(steps) if steps.form.checkpoint else steps, steps.limit, n, shapes)
    return _smooth(looped, _masked(steps, n))


def _masked(steps: Any, n: int) -> Callable[..., Any]:
    """A loop that ends at a number of steps, as derivatives see it: later steps compute the first one again, so that
    nothing in them overflows that does not anyway, and what they compute is dropped."""
    step: Any = jax.checkpoint(steps) if steps.form.checkpoint else steps

    def run(fixed: Any, carry: Any, xs: Any) -> Any:
        limit = direct.stretched(lax.convert_element_type(steps.limit(fixed), "int64"), (n,), "int64")
        active = lax.lt(lax.iota("int64", n), limit)
        start, first = tree_util.tree_map(lax.stop_gradient, (carry, [x[:1] for x in xs]))
        here = [lax.broadcast_in_dim(active, x.shape, (0,)) for x in xs]
        settled = [direct.where(a, x, y) for a, x, y in zip(here, xs, first, strict=True)]

        def body(carry: Any, row: Any) -> Any:
            here, x = row
            pick: Callable[..., Any] = lambda a, b: tree_util.tree_map(lambda u, v: direct.where(here, u, v), a, b)
            new, (recorded, found), _ = step(fixed, pick(carry, start), x)
            recorded = [direct.where(here, y, 0) for y in recorded]
            return pick(new, carry), (recorded, [(holds | ~here, m) for holds, m in found])

        carry, recorded = lax.scan(body, carry, (active, settled), length=n)
        return steps.limit(fixed), carry, recorded

    return run


def _unless_ended(
    steps: Any, shapes: Any, fixed: Any, state: Any, x: Any, first: Any = None, number: int | None = None
) -> Any:
    """A step, or, once the loop is over, nothing. No derivative flows through what steps before `first` compute."""
    i, stopped, carry = state

    def step() -> Any:
        new, recorded, stop = steps(fixed, carry, x, number)
        return (i + 1, stop, new), recorded

    def blind() -> Any:
        (pasts, *rest), recorded, stop = tree_util.tree_map(lax.stop_gradient, steps(fixed, carry, x, number))
        pasts = tuple((*old[1:], new[-1]) for old, new in zip(carry[0], pasts, strict=True))
        return (i + 1, stop, (pasts, *rest)), recorded

    def skip() -> Any:
        recorded, found = _zeros(shapes)
        return state, (recorded, [(jnp.ones((), bool), m) for _, m in found])

    some = step if first is None else lambda: lax.cond(i < first, blind, step)
    return lax.cond(stopped | (i >= steps.limit(fixed)), skip, some) if steps.form.ending else some()


def _unrolled(steps: Any, n: int, shapes: Any) -> Callable[..., Any]:
    """As `_ending`, step by step."""
    form = steps.form

    def advance(fixed: Any, carry: Any, xs: Any, first: Any = None) -> Any:
        state: Any = jnp.zeros((), "int64"), jnp.zeros((), bool), carry
        rows = []
        for k in range(n):
            x = tree_util.tree_map(lambda s: s[k], xs)  # noqa: B023
            state, (recorded, found) = _unless_ended(steps, shapes, fixed, state, x, first, k)
            if not form.ending:
                steps.loop.demand(found)  # now: which checks there are may differ from step to step
            rows.append((recorded, found if form.ending else []))
        for recorded, _ in rows:
            if [r.shape for r in recorded] != [r.shape for r in rows[0][0]]:
                raise ValueError("An output of the scan has changed shape from step to step")
        return state, tree_util.tree_map(lambda *ys: jnp.stack(ys), *rows)

    def run(fixed: Any, carry: Any, xs: Any) -> Any:
        first: Any = None
        if form.truncate >= 0:
            blind = tree_util.tree_map(lax.stop_gradient, (fixed, carry, xs))
            first = (advance(*blind)[0][0] if form.until else steps.limit(fixed)) - form.truncate
        (i, _, carry), recorded = advance(fixed, carry, xs, first)
        return i, carry, recorded

    return run


# -- the rule ---------------------------------------------------------------------------------------------------------


def _elements(loop: Loop, sequences: Any, limit: Any) -> list[Any]:
    """For each tap of each sequence what the steps see of it, one row a step."""
    rows = []
    for x, taps in zip(sequences, loop.form.sequences, strict=True):
        back, ahead = span(taps)
        length = max(x.shape[0] - back - ahead, 0)
        if length < loop.n:
            raise ValueError(
                f"Sequence is shorter than the required number of steps: {length} elements, {loop.n} steps"
            )
        for tap in taps:
            window = lax.slice_in_dim(x, back + tap, back + tap + length) if length else x[:0]
            if loop.backwards:
                # In a bounded loop the last of the steps that are made has the last element.
                window = lax.rev(window, (0,))
                window = window if limit is None else jnp.roll(window, limit - loop.n, 0)
            rows.append(window[: loop.n])
    return rows


def _start(loop: Loop, initials: Any, shared: Any, lasts: Any) -> Any:
    pasts = []
    for i, x in enumerate(initials):
        depth = loop.form.depth(i)
        if x.shape[0] < depth:
            raise ValueError(f"a state with tap {-depth} needs {depth} initial values, got {x.shape[0]}")
        pasts.append(tuple(x[j] for j in range(depth)))
    return tuple(pasts), tuple(shared), tuple(lasts)


@lowers(Scan)
def scan(trace: Trace, node: Any, _n: Any, _backwards: Any, *values: Any) -> list[Any]:
    """The loop, of as many steps as the trace says."""
    loop = Loop(trace, node, trace.ask(_count, node.inputs[0]), trace.ask(_flag, node.inputs[1]))
    form, want = loop.form, wanted(trace, node)
    a = len(form.sequences)
    b = a + len(form.states)
    c = b + form.shared
    steps = _Steps(loop, want)
    fixed = list(values[c:])
    xs = _elements(loop, values[:a], fixed[-1] if form.bounded else None)
    carry = _start(loop, values[a:b], values[b:c], ())
    count: Any = loop.n
    try:
        if steps.lasts or form.ending or loop.n == 0:
            shapes = _shapes(steps, fixed, carry, xs)
            carry = _start(loop, values[a:b], values[b:c], _zeros(shapes[1]))
            shapes = shapes[0]
        if loop.n == 0:
            recorded = tree_util.tree_map(lambda s: jnp.zeros((0, *s.shape), s.dtype), shapes[0])
            return _outputs(steps, want, node, 0, carry, recorded)
        if form.ending:
            count, carry, (recorded, found) = _ending(steps, loop.n, shapes)(fixed, carry, xs)
        else:
            step = jax.checkpoint(steps) if form.checkpoint else steps
            run = _plain(step, loop.n)
            if 0 <= form.truncate < loop.n:
                run = _smooth(run, _truncated(step, loop.n, form.truncate))
            elif trace.pulled_back and trace.orders == 1 and step is steps and not is_symbolic_dim(loop.n):
                run = hoisted(loop, steps, run, fixed, carry, xs)
            carry, (recorded, found) = run(fixed, carry, xs)
        loop.demand(found)
    except Unroll as stop:
        if stop.loop is not loop:
            raise
        count, carry, recorded = _by_steps(loop, steps, want, values, xs, fixed)
    return _outputs(steps, want, node, count, carry, recorded)


def _by_steps(loop: Loop, steps: _Steps, want: set[int], values: Any, xs: Any, fixed: Any) -> Any:
    """The loop, unrolled: (steps made, carry, recorded)."""
    form = loop.form
    a, b = len(form.sequences), len(form.sequences) + len(form.states)
    carry = _start(loop, values[a:b], values[b : b + form.shared], ())
    shapes, lasts = _shapes(steps, fixed, carry, xs, 0)
    carry = _start(loop, values[a:b], values[b : b + form.shared], _zeros(lasts))
    count, carry, (recorded, found) = _unrolled(steps, loop.n, shapes)(fixed, carry, xs)
    loop.demand(found)
    return count, carry, recorded


def _shapes(steps: _Steps, fixed: Any, carry: Any, xs: Any, number: int | None = None) -> Any:
    """The shapes of what a step records, and of the last values of mapped outputs."""
    loop, form = steps.loop, steps.form

    def once(fixed: Any, carry: Any, x: Any) -> Any:
        _, recorded, _ = steps(fixed, carry, x, number)
        return recorded

    def lasts(fixed: Any, carry: Any, x: Any) -> Any:
        states = [p[tap] for p, taps in zip(carry[0], form.states, strict=True) for tap in taps]
        outputs, _ = loop.step([*x, *states, *carry[1], *fixed], number)
        return [outputs[i] for i in steps.lasts]

    given = given_to_a_step(fixed, carry, xs)
    return jax.eval_shape(once, *given), jax.eval_shape(lasts, *given) if steps.lasts else []


def _outputs(steps: _Steps, want: set[int], node: Any, count: Any, carry: Any, recorded: Any) -> list[Any]:
    """All outputs of the node; what nobody wants is a zero."""
    form = steps.form
    pasts, shared, lasts = carry
    found = dict(zip(steps.histories, recorded, strict=True))
    found |= {form.recorded + i: past[-1] for i, past in enumerate(pasts)}
    found |= {form.recorded + i: last for i, last in zip(steps.lasts, lasts, strict=True)}
    found |= {2 * form.recorded + i: value for i, value in enumerate(shared)}
    if form.until:
        found[len(node.outputs) - 1] = jnp.asarray(count, "int64")
    return [found[i] if i in found else jnp.zeros((), v.type.dtype) for i, v in enumerate(node.outputs)]


@lowers(Trajectory)
def trajectory(trace: Trace, node: Any, history: Any, _last: Any, _steps: Any) -> Any:
    """The history; as much of it as there were steps, which is asked for where a condition decides."""
    return lax.slice_in_dim(history, 0, trace.ask(_count, node.inputs[2])) if node.op.until else history


@lowers(LastStep)
def last_step(trace: Trace, node: Any, last: Any, _n: Any) -> Any:
    """The value, if there was a step."""
    if trace.ask(_count, node.inputs[1]) == 0:
        raise IndexError("index -1 is out of bounds for axis 0 with size 0")
    return last
