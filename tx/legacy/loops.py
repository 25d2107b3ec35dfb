"""Theano's Scan in tx's words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tx.graph import walk
from tx.scan_module.op import Form, Scan, Trajectory
from tx.tensor.convert import constant
from tx.tensor.creation import arange
from tx.tensor.joining import join
from tx.tensor.math import cast
from tx.tensor.shapes import unbroadcast
from tx.tensor.subtensor import set_subtensor
from tx.tensor.type import TensorType


def _take(things: Iterator[Any], count: int) -> list[Any]:
    return list(islice(things, count))


def _carried(taps: Any, written: Any, elements: Any, new: Iterator[Any], buffer: Any, step: Any) -> tuple[Any, Any]:
    """A state that is read and written at several places: what its elements are, and the buffer after a step.

    It is how Theano adds up gradients: the whole buffer goes from step to step.
    """
    start = step - min(taps)
    read = {v: v.type.filter_variable(buffer[start + tap]) for tap, v in zip(taps, elements, strict=True)}
    after = buffer
    for place in written:
        after = set_subtensor(after[start + place], next(new))
    return read, after


def scan_outputs(s: Any, *inputs: Any) -> list[Any]:
    """The outputs of a node of Theano's Scan, whose attributes are those of `s`.

    A state's output is a buffer that begins with the initial values, as many as its oldest tap reaches back.
    """
    outer, inner, ends = iter(inputs), iter(s.inputs), iter(s.outputs)
    taps = [tuple(int(t) for t in row) for row in s.tap_array]
    buffer_taps, state_taps = taps[: s.n_mit_mot], taps[s.n_mit_mot :]

    (n,), sequences, buffers = _take(outer, 1), _take(outer, s.n_seqs), _take(outer, s.n_mit_mot)
    states, shared, _ = _take(outer, len(state_taps)), _take(outer, s.n_shared_outs), _take(outer, s.n_nit_sot)
    n, others = cast(n, "int64"), list(outer)

    elements, buffered = _take(inner, s.n_seqs), [_take(inner, len(t)) for t in buffer_taps]
    earlier, kept = _take(inner, sum(map(len, state_taps))), _take(inner, s.n_shared_outs)
    fixed = list(inner)
    writes = iter(_take(ends, s.n_mit_mot_outs))
    new, mapped, new_kept = _take(ends, len(states)), _take(ends, s.n_nit_sot), _take(ends, s.n_shared_outs)
    condition = list(ends)

    step = TensorType("int64", ())()
    whole = [b.type() for b in buffers]
    replaced, after = {}, []
    rows = zip(buffer_taps, s.mit_mot_out_slices, buffered, whole, strict=True)
    for reads, places, variables, buffer in rows:
        read, written = _carried(reads, places, variables, writes, buffer, step)
        replaced.update(read)
        after.append(written)
    ends_of_step = walk.rebuild([*new, *mapped, *after, *new_kept, *condition], replaced)

    if buffers:
        sequences, elements = [*sequences, arange(n)], [*elements, step]
    form = Form(
        ((0,),) * len(sequences), tuple(state_taps), len(mapped), len(buffers) + len(shared), bool(s.as_while),
        s.truncate_gradient,
    )  # fmt: skip
    op = Scan([*elements, *earlier, *whole, *kept, *fixed], ends_of_step, form, s.name)
    first = [unbroadcast(b[: -min(t)], 0) for b, t in zip(states, state_taps, strict=True)]
    backwards = constant(0, dtype="int8")
    results = op.make_node(n, backwards, *sequences, *first, *buffers, *shared, *others).outputs

    steps = results[-1] if form.until else n
    histories, lasts = results[: form.recorded], results[form.recorded : 2 * form.recorded]
    walked = [Trajectory(form.until)(h, last, steps) for h, last in zip(histories, lasts, strict=True)]
    rest = results[2 * form.recorded : 2 * form.recorded + form.shared]
    filled = [join(0, values, history) for values, history in zip(first, walked, strict=False)]
    return [*rest[: len(buffers)], *filled, *walked[len(states) :], *rest[len(buffers) :]]


__all__ = ["scan_outputs"]
