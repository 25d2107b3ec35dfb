"""How indexing is padded: reading and writing. See `padding`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tx.graph import Apply
from tx.rewriting.padded_shapes import number
from tx.rewriting.padding import Axis, Entry, Padding, Size, Unpaddable, common, mask, masked, pads
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.assertions import Assert
from tx.tensor.convert import constant
from tx.tensor.creation import arange
from tx.tensor.joining import make_vector
from tx.tensor.reduction import all as every
from tx.tensor.shapes import Shape_i
from tx.tensor.subtensor import IncSubtensor, Subtensor, array_position, distribute, getitem

_WHOLE = (False, False, False)

#: what a slice leaves of a padded axis (None: no padding), whether that spills, and the axis if it is to be reversed
_Left = tuple[Axis | None, bool, Axis | None]


@dataclass
class _Index:
    """An index into a padded tensor: pattern and inputs, the padded axes of the result, what must hold (`conditions`,
    or it is an error), and what must hold for it to be padded (`demands`).

    `spills` are the axes of the result whose padding is where true elements of the tensor are: `picked` of these by an
    index array. `flipped` are those along which the true elements are to be reversed.
    """

    pattern: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    axes: dict[int, Axis] = field(default_factory=dict)
    conditions: list[Any] = field(default_factory=list)
    demands: list[Any] = field(default_factory=list)
    spills: set[int] = field(default_factory=set)
    picked: set[int] = field(default_factory=set)
    flipped: dict[int, Axis] = field(default_factory=dict)

    def checked(self, p: Padding, x: Any) -> Any:
        """`x`, while all of these hold."""
        x = Assert("an index is beyond the true length")(x, *self.conditions) if self.conditions else x
        return p.demand(x, *self.demands) if self.demands else x


def _index(p: Padding, x: Entry, pattern: Sequence[Any], given: Sequence[Entry]) -> _Index:
    """How to index the padded tensor."""
    found = _Index()
    arrays: list[Entry] = []
    advanced = "array" in pattern
    result: list[_Left] = []
    d = 0
    for entry, parts in zip(pattern, distribute(tuple(pattern), given), strict=True):
        if entry == "newaxis":
            found.pattern.append(entry)
            result.append((None, False, None))
            continue
        axis = x.axes.get(d)
        d += 1
        if isinstance(entry, tuple):
            if axis is None and any(g is not None and not g.plain for g in parts):
                found.picked.add(len(result))
                result.append(_beginning(p, found, x.value, d - 1, pattern, parts))
            else:
                result.append(_slice(p, found, axis, entry, parts))
            continue
        found.pattern.append(entry)
        e = parts[0] if axis is None else _position(p, found, axis, parts[0])
        found.inputs.append(masked(e, 0))
        if advanced:
            arrays.append(e)
    if arrays:
        ndim = max(e.value.ndim for e in arrays)
        axes, place = common(arrays, ndim), array_position(tuple(pattern)) or 0
        result[place:place] = [(axes.get(k), k in axes, None) for k in range(ndim)]
        found.picked = set(range(place, place + ndim))
    for k, (axis, spills, flip) in enumerate(result):
        if axis is not None:
            found.axes[k] = axis
        if spills:
            found.spills.add(k)
        if flip is not None:
            found.flipped[k] = flip
    return found


def _position(p: Padding, found: _Index, axis: Axis, e: Entry) -> Entry:
    """Indices into a padded axis, counted from its front. They are demanded to be within the true length."""
    known, length = number(e), axis.length
    if known is not None and e.value.ndim == 0:
        p.need(length, known + 1 if known >= 0 else -known)
        return e if known >= 0 else Entry(F.add(axis.true, known))
    for inside in (e.within, e.size.length + 1 if e.size and not e.size.length.scaled else None):
        if inside is None or (inside.root, inside.scaled) != (length.root, length.scaled):
            continue
        if inside.offset <= length.offset:
            if e.size is not None:
                p.need(e.size.length, 0)
            return e
    value = F.cast(e.value, "int64") if e.value.dtype in dt.uint_dtypes else e.value
    from_front = replace(e, value=F.switch(F.lt(value, 0), F.add(value, axis.true), value))
    settled = masked(from_front, 0)
    found.conditions.append(every(F.and_(F.ge(settled, 0), F.lt(settled, axis.true))))
    return from_front


def _slice(p: Padding, found: _Index, axis: Axis | None, entry: Any, given: Any) -> _Left:
    """Append a slice."""
    parts = [g for g in given if g is not None]
    if axis is None:
        return _append(found, entry, [g.value for g in parts], None)
    if not parts:
        return _append(found, entry, [], axis)
    start, stop, step = given
    by = 1 if step is None else number(step)
    if by == -1 and start is None and stop is None:
        return *_append(found, _WHOLE, [], axis)[:2], axis
    if by != 1 or axis.length.scaled or (start is not None and start.size is not None):
        raise Unpaddable("a slice of an axis that varies")
    first = 0 if start is None else number(start)
    if stop is not None and stop.size is not None:
        return _up_to(p, found, axis, first, stop.value, stop.size)
    last = None if stop is None else number(stop)
    if first is None or (stop is not None and last is None):
        return _between(found, axis, entry, parts)
    if first < 0:
        return _from_the_end(p, found, axis, first, last)
    if last is None:
        rest = _shorter(p, axis, first, 0)
        return _append(found, (True, False, False), [first], rest) if first else _append(found, _WHOLE, [], axis)
    if last < 0:
        return *_append(found, (True, True, False), [first, last], _shorter(p, axis, first, -last))[:1], True, None
    p.need(axis.length, last)
    return _append(found, (True, True, False), [first, last], None)


def _beginning(p: Padding, found: _Index, x: Any, d: int, pattern: Sequence[Any], given: Any) -> _Left:
    """What an axis that does not vary has up to a length, which is demanded to be within it: as an index array, unless
    that length is known to have no larger bound."""
    start, stop, step = given
    plain = all(entry == "newaxis" or isinstance(entry, tuple) for entry in pattern) and "array" not in found.pattern
    if not plain or stop is None or stop.size is None or (start is not None and number(start) != 0):
        raise Unpaddable("a length that varies is cut from one that does not")
    if step is not None and number(step) != 1:
        raise Unpaddable("a slice in steps, up to a length")
    n = Shape_i(d)(x)
    found.demands.append(F.le(stop.value, n))
    length = stop.size.length
    if (length.root, x, d) in p.cut and length.offset <= 0 and not length.scaled:
        return *_append(found, (True, True, False), [0, stop.size.bound], p.axis(length, stop.value))[:1], True, None
    found.pattern.append("array")
    found.inputs.append(F.minimum(arange(stop.size.bound), F.sub(n, 1)))
    return p.axis(stop.size.length, stop.value), True, None


def _append(found: _Index, entry: Any, values: Sequence[Any], axis: Axis | None) -> _Left:
    found.pattern.append(entry)
    found.inputs += [constant(v, dtype="int64") if isinstance(v, int) else v for v in values]
    return axis, False, None


def _shorter(p: Padding, axis: Axis, front: int, back: int) -> Axis:
    return p.axis(axis.length + -(front + back), F.sub(axis.true, front + back))


def _up_to(p: Padding, found: _Index, axis: Axis, first: int | None, stop: Any, size: Size) -> _Left:
    """A slice that stops at a length."""
    length = size.length
    if first is None or first < 0 or length.scaled or length.root != axis.length.root:
        raise Unpaddable("a slice up to another length")
    if length.offset > axis.length.offset:
        raise Unpaddable("a slice beyond the end")
    left = p.axis(length + -first, F.sub(stop, first) if first else stop)
    _append(found, (True, True, False), [first, size.bound], left)
    return left, length != axis.length, None


def _between(found: _Index, axis: Axis, entry: Any, parts: Sequence[Entry]) -> _Left:
    """A slice whose ends are values: they are demanded to be within the true length."""
    if any(not g.plain or (number(g) or 0) < 0 for g in parts) or not entry[1]:
        raise Unpaddable("a slice whose length varies in an unknown way")
    values = [g.value for g in parts[:2]] if entry[0] else [constant(0, dtype="int64"), parts[0].value]
    found.demands += [F.ge(values[0], 0), F.ge(values[1], 0), F.le(values[1], axis.true)]
    return _append(found, (True, True, False), values, None)


def _from_the_end(p: Padding, found: _Index, axis: Axis, first: int, last: int | None) -> _Left:
    """As many elements as are counted from the end."""
    if last is not None and last >= 0:
        raise Unpaddable("a slice from the end to a place counted from the front")
    p.need(axis.length, -first)
    ends = [F.add(axis.true, first), axis.true if last is None else F.add(axis.true, last)]
    return _append(found, (True, True, False), ends, None)


def _reversed(x: Any, d: int, axis: Axis) -> Any:
    """`x` with the true elements along `d` in the other order."""
    n = Shape_i(d)(x)
    places = F.maximum(F.sub(F.sub(axis.true, 1), arange(n)), 0)
    return getitem(x, (*[slice(None)] * d, places))


@pads(Subtensor)
def subtensor(p: Padding, node: Apply, x: Entry, *given: Entry) -> Entry:
    """What is read is padded where a padded axis was left whole, or the index was padded."""
    op: Any = node.op
    if x.parts is not None:
        return _of_parts(x, op.pattern, given)
    if x.varies:
        return Entry(op(x.value, *[e.value for e in given]), varies=True)
    index = _index(p, x, op.pattern, given)
    value = Subtensor(tuple(index.pattern))(index.checked(p, x.value), *index.inputs)
    for d, axis in index.flipped.items():
        value = _reversed(value, d, axis)
    return Entry(value, index.axes)


def _of_parts(x: Entry, pattern: Any, given: Sequence[Entry]) -> Entry:
    """An element, or some, of a vector of lengths."""
    assert x.parts is not None
    numbers = [number(e) for e in given]
    if len(pattern) == 1 and None not in numbers:
        rest = iter(numbers)
        if pattern[0] == "int":
            return x.parts[next(rest)]  # type: ignore[index]
        if isinstance(pattern[0], tuple):
            parts = x.parts[slice(*(next(rest) if known else None for known in pattern[0]))]
            if parts:
                return Entry(make_vector(*[e.value for e in parts]), parts=parts)
    return Entry(Subtensor(pattern)(x.value, *[e.value for e in given]), varies=True)


@pads(IncSubtensor)
def inc_subtensor(p: Padding, node: Apply, x: Entry, y: Entry, *given: Entry) -> Entry:
    """Padding of what is written is nothing to add; put is what was there."""
    op: Any = node.op
    if x.parts is not None or x.varies or y.parts is not None:
        return Entry(op(x.value, y.value, *[e.value for e in given]), varies=True)
    index = _index(p, x, op.pattern, given)
    pattern = tuple(index.pattern)
    target = index.checked(p, x.value)
    place = Subtensor(pattern)(target, *index.inputs)
    # What is written must be as long as its place: the place stands for the axes that the true one has.
    joint = common([Entry(place, index.axes), y], place.ndim)
    if {d: a.length for d, a in joint.items()} != {d: a.length for d, a in index.axes.items()}:
        raise Unpaddable("a value is put into a place of another length")
    value = y.value
    for d, axis in index.flipped.items():
        k = d - place.ndim + value.ndim
        if k in y.axes:
            value = _reversed(value, k, axis)
    if op.set_instead_of_inc and index.spills & index.picked:
        raise Unpaddable("padded indices to put something at")
    for d in sorted(index.spills):
        other = place if op.set_instead_of_inc else constant(0, dtype=value.dtype)
        value = F.switch(mask(place, d, index.axes[d].true), value, other)
    return Entry(IncSubtensor(pattern, op.set_instead_of_inc)(target, value, *index.inputs), x.axes)


__all__: list[str] = []
