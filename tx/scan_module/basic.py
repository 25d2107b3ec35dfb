"""`scan`: from a Python function of one step to a loop in the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tx.graph import Constant, MissingInputError, Variable, testvalues, walk
from tx.scalar import dtypes as dt
from tx.scan_module.draws import Ahead
from tx.scan_module.op import Form, Scan, Trajectory, span
from tx.scan_module.results import get_updates_and_outputs
from tx.shared import SharedVariable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant, static_int
from tx.tensor.shapes import shape_i, shape_padleft, unbroadcast
from tx.tensor.type import TensorType
from tx.updates import OrderedUpdates


@dataclass
class _Source:
    """A sequence, or the initial values of a state: the outer Variable, the taps, and the inner Variables."""

    outer: Any
    taps: tuple[int, ...]
    inner: list[Any] = field(default_factory=list)


def _listed(thing: Any) -> list[Any]:
    if thing is None:
        return []
    return list(thing) if isinstance(thing, list | tuple) else [thing]


def _taps(given: Any) -> tuple[int, ...]:
    return tuple(int(t) for t in (given if isinstance(given, list | tuple | np.ndarray) else [given]))


def _inner(source: _Source, kind: TensorType) -> _Source:
    """Make the inner Variables, named after the outer one and the tap."""
    name = getattr(source.outer, "name", None)
    for tap in source.taps:
        source.inner.append(kind(f"{name}[t{tap:+d}]" if name and tap else f"{name}[t]" if name else None))
        testvalues.lend(source.inner[-1], source.outer, tap - min(0, *source.taps))
    return source


def _sequence(given: Any) -> _Source:
    taps: tuple[int, ...] = (0,)
    if isinstance(given, dict):
        given, wanted = given["input"], given.get("taps")
        taps = (0,) if wanted is None else _taps(wanted)
    outer = as_tensor_variable(given)
    if outer.ndim == 0:
        raise IndexError(f"too many indices for array: {outer} is a scalar, and no sequence")
    return _inner(_Source(outer, taps), TensorType(outer.dtype, outer.type.broadcastable[1:]))


def _state(given: Any) -> _Source | None:
    """A state, or None for an output that is merely mapped."""
    info = given if isinstance(given, dict) else {"initial": given}
    initial, taps = info.get("initial"), info.get("taps")
    if initial is None:
        if taps is not None:
            raise ValueError("If you are using slices of an output you need to provide a initial state for it", given)
        return None
    taps = (-1,) if taps is None else _taps(taps)
    if any(t >= 0 for t in taps):
        raise ValueError("All the tap values must be smaller than 0.", given)
    initial = as_tensor_variable(initial)
    if taps == (-1,):
        source = _Source(unbroadcast(shape_padleft(initial), 0), taps)
        kind = initial.type
        source.inner.append(kind(f"{initial.name}[t-1]" if initial.name else None))
        testvalues.lend(source.inner[-1], initial)
        return source
    if initial.ndim == 0:
        raise IndexError(f"too many indices for array: several taps need several initial values, {initial} is a scalar")
    depth = -min(taps)
    source = _Source(unbroadcast(initial[:depth], 0), taps)
    return _inner(source, TensorType(initial.dtype, initial.type.broadcastable[1:]))


def _number_of_steps(n_steps: Any, sequences: Sequence[_Source]) -> tuple[Any, Any]:
    """How many steps there will be, and whether they go backwards: as many as asked for, or as the sequences allow."""
    lengths = []
    for s in sequences:
        back, ahead = span(s.taps)
        length = shape_i(s.outer, 0)
        lengths.append(F.maximum(length - (back + ahead), 0) if back + ahead else length)
    backwards: Any = constant(0, dtype="int8")
    if n_steps is not None:
        n = as_tensor_variable(n_steps)
        if not dt.is_discrete(n.dtype):
            raise ValueError(f" n_steps must be an int. dtype provided is {n.dtype}")
        if n.ndim:
            raise TypeError("n_steps must be a scalar", n_steps)
        known = static_int(n)
        n = constant(abs(known), dtype="int64") if known is not None else abs(F.cast(n, "int64"))
        if known is None:
            backwards = F.cast(F.lt(as_tensor_variable(n_steps), 0), "int8")
        elif known < 0:
            backwards = constant(1, dtype="int8")
        return F.cast(n, "int64"), backwards
    if not lengths:
        raise ValueError("No information about the number of steps provided. Either provide a value for n_steps "
                         "argument of scan or provide an input sequence")  # fmt: skip
    n = lengths[0]
    for other in lengths[1:]:
        n = F.minimum(n, other)
    return F.cast(n, "int64"), backwards


def _fit(state: _Source, output: Any, position: int) -> Any:
    """The new value of a state in the state's type. Raises ValueError, or TypeError for another broadcast pattern."""
    kind, where = state.inner[0].type, f"of variable {state.outer} (argument number {position})"
    start = "When compiling the inner function of scan the following error has been encountered: The initial state "
    start += f"(`outputs_info` in scan nomenclature) {where} has "
    if output.type.ndim != kind.ndim:
        raise ValueError(
            f"{start}{state.outer.ndim} dimension(s), while the result of the inner function (`fn`) has "
            f"{output.type.ndim} dimension(s) (it should be one less than the initial state)."
        )
    if output.type.dtype != kind.dtype:
        raise ValueError(
            f"{start}dtype {kind.dtype}, while the result of the inner function (`fn`) has dtype {output.type.dtype}. "
            "This can happen if the inner function of scan results in an upcast or downcast."
        )
    try:
        return kind.filter_variable(output)
    except TypeError:
        raise TypeError(
            f"Inconsistency in the inner graph of scan: an input and an output are associated with the same recurrent "
            f"state and should have the same type but have type '{kind}' and '{output.type}' respectively."
        ) from None


def _all_updates(outputs: Sequence[Any], given: OrderedUpdates, fixed: Sequence[Any]) -> OrderedUpdates:
    """`given`, and the default updates of shared variables that are used and have none there.

    What `fixed`, the non-sequences, are computed from is not used by the steps.
    """
    updates = OrderedUpdates(given)
    pending = [*outputs, *given.values()]
    while pending:
        leaves = [v for v in walk.inputs(pending, fixed) if isinstance(v, SharedVariable)]
        pending = []
        for variable in leaves:
            default = getattr(variable, "default_update", None)
            if default is not None and variable not in updates:
                updates[variable] = default
                pending.append(default)
    return updates


def _for_each(info: list[Any], outputs: Sequence[Any]) -> list[Any]:
    if info and len(info) != len(outputs):
        raise ValueError("Please provide None as outputs_info for any output that does not feed back into scan "
                         "(i.e. it behaves like a map) ")  # fmt: skip
    return info or [None] * len(outputs)


def _draw_ahead(
    outputs: list[Any],
    updates: Any,
    fixed: Sequence[Any],
    seqs: list[_Source],
    states: list[_Source],
    n: Any,
    backwards: Any,
    done: Any,
) -> tuple[list[Any], Any]:
    """Outputs and updates without the draws that can be made before the loop: these become sequences in `seqs`.

    What their states become is put into `done`.
    """
    elements = {v: source.outer for source in (*seqs, *states) for v in source.inner}
    ahead = Ahead([*outputs, *updates.values()], updates, elements, fixed, n, backwards)
    fresh = {sample: sample.type(sample.name) for _, sample in ahead.sequences}
    seqs += [_Source(samples, (0,), [fresh[sample]]) for samples, sample in ahead.sequences]
    done.update(ahead.states)
    left = {state: new for state, new in updates.items() if state not in ahead.states}
    rebuilt = walk.rebuild([*outputs, *left.values()], fresh)
    return rebuilt[: len(outputs)], dict(zip(left, rebuilt[len(outputs) :], strict=True))


def _fixed(outputs: Sequence[Any], changing: Sequence[Any], fixed: Sequence[Any]) -> list[Any]:
    """What does not change from step to step and the steps read: it is computed once, outside of the loop."""
    varying = set(changing)
    found: dict[Any, None] = {}
    inside = []
    for node in walk.toposort(outputs, [*changing, *fixed]):
        if any(v in varying for v in node.inputs):
            varying.update(node.outputs)
            inside.append(node)
    for v in [i for node in inside for i in node.inputs] + list(outputs):
        if v not in varying and not isinstance(v, Constant):
            found[v] = None
    return list(found)


def _inside(invariant: Sequence[Any]) -> tuple[list[Any], list[Any], dict[Any, Any]]:
    """What a loop is given of these Variables, Variables that stand for that inside, and what replaces them there.

    Arrays are given for what is made of arrays: the device can run such a loop.
    """
    outer: list[Any] = []
    inner: list[Any] = []
    replaced = {}
    for v in invariant:
        parts, whole = v.type.apart(v) or ([v], None)
        fresh = [p.type() for p in parts]
        replaced[v] = fresh[0] if whole is None else whole(*fresh)
        outer += parts
        inner += fresh
    return outer, inner, replaced


def _check_strict(outputs: Sequence[Any], allowed: Sequence[Any]) -> None:
    for leaf in walk.inputs(outputs, allowed):
        if isinstance(leaf, SharedVariable) and leaf not in allowed:
            raise MissingInputError(f"ScanOp is missing an input: {leaf}", variable=leaf)


def scan(
    fn: Callable[..., Any],
    sequences: Any = None,
    outputs_info: Any = None,
    non_sequences: Any = None,
    n_steps: Any = None,
    truncate_gradient: int = -1,
    go_backwards: bool = False,
    mode: Any = None,
    name: str | None = None,
    profile: Any = False,
    allow_gc: Any = None,
    strict: bool = False,
    return_list: bool = False,
) -> tuple[Any, OrderedUpdates]:
    """Apply `fn` step after step. Returns its outputs, each with one more axis for the steps, and the updates.

    - `fn` takes an element of each sequence for each tap, then the earlier values of each output that has an initial
      one, then the non-sequences. It returns outputs (a Variable or a list), updates of shared variables, both as a
      pair, and, last, `until(condition)`, if the loop is to stop early
    - `sequences`: tensors whose first axis is walked along, or dicts ``{'input': x, 'taps': [-1, 0, ...]}``
    - `outputs_info`: for each output its initial value, a dict ``{'initial': values, 'taps': [-2, -1]}`` (with as many
      values as the oldest tap reaches back), or None where earlier values are not wanted
    - `n_steps`: how many steps (an int or integer scalar), under `until` at most; negative: walk sequences from their
      end. Without it the shortest sequence counts
    - `truncate_gradient`: through how many of the last steps gradients flow; -1 means all
    - `go_backwards`: walk sequences from their end
    - `strict`: demand that shared variables which `fn` uses are among the non-sequences
    - `return_list`: return a list even of one output

    `mode`, `profile`, `allow_gc` are accepted. Raises ValueError when the number of steps cannot be known, or outputs
    do not fit `outputs_info`; MissingInputError under `strict`. Source: theano.scan.
    """
    seqs = [_sequence(s) for s in _listed(sequences)]
    info = [_state(o) for o in _listed(outputs_info)]
    states = [s for s in info if s is not None]
    n, backwards = _number_of_steps(n_steps, seqs)
    if go_backwards:
        backwards = 1 - backwards
    fixed = [v if isinstance(v, Variable) else as_tensor_variable(v) for v in _listed(non_sequences)]
    arguments = [v for source in (*seqs, *states) for v in source.inner]
    condition, outputs, updates = get_updates_and_outputs(fn(*arguments, *fixed))
    info = _for_each(info, outputs)
    recurrent = [i for i, s in enumerate(info) if s is not None]
    mapped = [i for i, s in enumerate(info) if s is None]
    updates = _all_updates([*outputs, *([] if condition is None else [condition])], updates, fixed)
    done = dict(updates)
    if condition is None:
        outputs, updates = _draw_ahead(outputs, updates, fixed, seqs, states, n, backwards, done)
        arguments = [v for source in (*seqs, *states) for v in source.inner]
    new = [_fit(s, outputs[i], k) for k, (s, i) in enumerate(zip(states, recurrent, strict=True))]
    shared = list(updates)
    ends = [*new, *(outputs[i] for i in mapped)]
    ends += [t.type.filter_variable(v, allow_convert=False) for t, v in updates.items()]
    ends += [] if condition is None else [condition]
    if strict:
        _check_strict(ends, [*arguments, *fixed, *shared])
    invariant = _fixed(ends, [*arguments, *shared], fixed)
    form = Form(
        tuple(s.taps for s in seqs), tuple(s.taps for s in states), len(mapped), len(shared), condition is not None,
        truncate_gradient, getattr(fn, "checkpoint", False),
    )  # fmt: skip
    # An inner input is a Variable of its own: what is outside may be replaced (by `givens`) without touching the loop.
    outer, inner, replaced = _inside([*shared, *invariant])
    inside = walk.clone_get_equiv(arguments, ends, copy_orphans=False, memo=replaced)
    op = Scan([*(inside[v] for v in arguments), *inner], [inside[v] for v in ends], form, name, own=True)
    results = op(n, backwards, *(s.outer for s in (*seqs, *states)), *outer, return_list=True)
    order = {i: k for k, i in enumerate([*recurrent, *mapped])}
    steps = results[-1] if form.until else n
    trajectory = Trajectory(form.until)
    values = [trajectory(results[order[i]], results[form.recorded + order[i]], steps) for i in range(len(outputs))]
    new_shared = results[2 * form.recorded : 2 * form.recorded + form.shared]
    done.update(zip(shared, new_shared, strict=True))
    single = len(values) < 2 and not return_list
    return (values or [None])[0] if single else values, OrderedUpdates(done)


__all__ = ["scan"]
