"""Indexing, in two steps: a *window* (what the slices cut out), and a gather or scatter in it (what arrays pick).

A window has static lengths, which are asked of the trace, and starts that may be dynamic: one executable serves every
minibatch of a length. Integers are windows of length 1 unless there are arrays, which they join.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.export import is_symbolic_dim

from tx.lowering import direct, in_order, one_hot
from tx.lowering.gathering import gather, scatter
from tx.lowering.host import whole
from tx.lowering.numpy_rules import open_to_numpy
from tx.lowering.overlap import computed_before
from tx.lowering.ranges import are_places, check_range, from_start, place_dtype
from tx.lowering.registry import defers, lowers
from tx.lowering.trace import Trace
from tx.tensor.creation import ARange
from tx.tensor.elemwise import constant_value, unfilled
from tx.tensor.subtensor import IncSubtensor, Nonzero, Subtensor, array_position, distribute

# -- facts about slices, for the trace to ask -------------------------------------------------------------------------


def _slice(given: tuple[bool, bool, bool], values: Any) -> slice:
    rest = iter(values)
    return slice(*(whole(next(rest)) if g else None for g in given))


def _extent(s: slice, n: Any) -> tuple[Any, Any, int]:
    """Start, length and step of a slice of an axis of length `n`.

    Where lengths are symbols (see `tx.lowering.export`) the step must be 1, and the bounds known to lie on the axis.
    """
    if not any(map(is_symbolic_dim, (n, s.start, s.stop))):
        start, stop, step = s.indices(n)
        return start, len(range(start, stop, step)), step
    start, stop = (d if b is None else n + b if b < 0 else b for b, d in ((s.start, 0), (s.stop, n)))
    if s.step not in (None, 1) or start < 0 or stop > n or stop < start:
        raise ValueError(f"what {s} takes of {n} elements is not known for all lengths")
    return start, stop - start, 1


class SliceLength:
    """How many elements a slice takes from an axis of `n`. Raises ValueError for step 0."""

    def __init__(self, given: tuple[bool, bool, bool], n: int):
        self.given, self.n = given, n
        self.__qualname__ = f"slice_length{given}{n}"

    def __call__(self, *values: Any) -> Any:
        return _extent(_slice(self.given, values), self.n)[1]


class SliceStart:
    """The first element that a slice takes, and its step."""

    def __init__(self, given: tuple[bool, bool, bool], n: int):
        self.given, self.n = given, n
        self.__qualname__ = f"slice_start{given}{n}"

    def __call__(self, *values: Any) -> tuple[Any, int]:
        start, _, step = _extent(_slice(self.given, values), self.n)
        return start, step


class SliceFirst(SliceStart):
    """The first element that a slice takes."""

    def __call__(self, *values: Any) -> Any:
        return super().__call__(*values)[0]


class RowOf:
    """The row that an index names of `n`."""

    def __init__(self, n: int):
        self.n = n

    def __call__(self, index: Any) -> int:
        return int(index) % self.n


# -- windows ----------------------------------------------------------------------------------------------------------


@dataclass
class Axis:
    """What a window takes of one axis: `length` elements from `start` (an int, or a scalar of the device) by `step`."""

    start: Any
    length: int
    step: Any
    whole: bool = False

    @property
    def static(self) -> bool:
        """Whether start and step are Python ints."""
        return isinstance(self.start, int) and isinstance(self.step, int)


def _slice_axis(trace: Trace, entry: Any, given: Any, variables: Any, n: int) -> Axis:
    """The part of an axis of length `n` that a slice takes. `variables` and `given` hold what was written, as
    Variables and as jax values."""
    if not any(entry):
        return Axis(0, n, 1, whole=True)
    asked = [v for v in variables if v is not None]
    count = trace.ask(SliceLength(entry, n), *asked)
    if trace.knows(*asked) and not trace.depends_on_arguments(*asked):
        start, step = trace.ask(SliceStart(entry, n), *asked)
        return Axis(start, count, step, whole=count == n and step == 1)
    if count == n and variables[2] is None:
        return Axis(0, n, 1, whole=True)
    start, _, step = (None if g is None else direct.cast(g, "int64") for g in given)
    where = trace.once(("start", variables[0], variables[2], n), partial(_dynamic_start, start, step, n))
    return Axis(where, count, 1 if step is None else step)


def _dynamic_start(start: Any, step: Any, n: int) -> Any:
    """Where a slice with at least one element starts, as Python's ``slice.indices`` has it."""
    if isinstance(start, np.ndarray) and step is None and isinstance(n, int):
        return slice(int(start), None).indices(n)[0]
    if start is not None:
        start = direct.where(direct.below(start, 0), direct.plus(start, n), start)
    if step is None:
        return 0 if start is None else lax.max(start, direct.scalar(0, start.dtype))
    backwards = lax.convert_element_type(direct.below(step, 0), "int64")
    if start is None:
        return direct.times(backwards, n - 1)
    return lax.clamp(lax.neg(backwards), start, lax.sub(direct.scalar(n, "int64"), backwards))


def _int_axis(trace: Trace, index: Any, variable: Any, n: int) -> Axis:
    """One element."""
    if trace.knows(variable) and not trace.depends_on_arguments(variable):
        return Axis(trace.static(variable) % n, 1, 1)
    return Axis(from_start(index, n), 1, 1)


def _contiguous(axis: Axis) -> bool:
    return isinstance(axis.step, int) and axis.step == 1


def _positions(axis: Axis) -> Any:
    steps = lax.iota("int64", axis.length)
    start, step = (direct.stretched(v, steps.shape, "int64") for v in (axis.start, axis.step))
    return lax.add(lax.convert_element_type(start, "int64"), lax.mul(step, steps))


def _starts(axes: list[Axis], shape: Sequence[int]) -> list[Any]:
    dtype, starts = place_dtype(shape), [a.start for a in axes]
    return [lax.convert_element_type(s, dtype) if hasattr(s, "dtype") else direct.scalar(s, dtype) for s in starts]


def read_window(x: Any, axes: list[Axis]) -> Any:
    """The elements of the window, an array with the rank of `x`."""
    if all(a.whole for a in axes):
        return x
    if any(a.length == 0 for a in axes):
        return direct.full([a.length for a in axes], 0, x.dtype)
    if all(a.static for a in axes):
        ends = [(a.start, a.start + (a.length - 1) * a.step)[:: -1 if a.step < 0 else 1] for a in axes]
        x = lax.slice(x, [first for first, _ in ends], [last + 1 for _, last in ends], [abs(a.step) for a in axes])
        backwards = [d for d, a in enumerate(axes) if a.step < 0]
        return lax.rev(x, backwards) if backwards else x
    blocks = [a if _contiguous(a) else Axis(0, n, 1) for a, n in zip(axes, x.shape, strict=True)]
    x = lax.dynamic_slice(x, _starts(blocks, x.shape), [a.length for a in blocks], allow_negative_indices=False)
    for d, a in enumerate(axes):
        if not _contiguous(a):
            x = gather(x, [_positions(a) if k == d else slice(None) for k in range(x.ndim)])
    return x


def write_window(x: Any, axes: list[Axis], values: Any) -> Any:
    """`x` with `values`, of the window's shape, in the window."""
    if all(a.whole for a in axes):
        return values
    if any(a.length == 0 for a in axes):
        return x
    if all(map(_contiguous, axes)):
        return lax.dynamic_update_slice(x, values, _starts(axes, x.shape), allow_negative_indices=False)
    rank = len(axes)
    place = [lax.reshape(_positions(a), [a.length if k == d else 1 for k in range(rank)]) for d, a in enumerate(axes)]
    return scatter(x, place, values, lax.scatter)


# -- plans ------------------------------------------------------------------------------------------------------------


@dataclass
class Plan:
    """How to index: the window, and the key that picks from it (ints and arrays), or None when the window is all.

    `rows` says that the key picks from each row of the window its own part.
    """

    axes: list[Axis]
    key: tuple[Any, ...] | None
    shape: tuple[int, ...]
    rows: bool = False


def _counts_rows(pattern: Any, variables: Any, given: Any, n: int) -> bool:
    """Whether the first index is ``arange(n)`` for `n` rows, beside other arrays of that length."""
    arrays = [parts[0] for entry, parts in zip(pattern, given, strict=True) if entry == "array"]
    count = len(arrays)
    if count < 2 or pattern[:count] != ("array",) * count or not all(isinstance(e, tuple) for e in pattern[count:]):
        return False
    node = variables[0][0].owner
    if node is None or not isinstance(node.op, ARange) or any(a.shape != (n,) for a in arrays):
        return False
    start, _, step = (getattr(v, "data", None) for v in node.inputs)
    return bool(start == 0 and step == 1)


def plan(trace: Trace, node: Any, shape: tuple[int, ...], first: int, values: Any) -> Plan:
    """The plan for indexing an array of `shape`; `first` is the position of the first index among the inputs."""
    pattern = node.op.pattern
    variables = distribute(pattern, node.inputs[first:])
    given = distribute(pattern, values)
    advanced = "array" in pattern
    rows = _counts_rows(pattern, variables, given, shape[0] if shape else 0)
    axes: list[Axis] = []
    key: list[Any] = []
    lengths: list[int] = []
    for entry, names, parts in zip(pattern, variables, given, strict=True):
        if entry == "newaxis":
            key.append(None)
            lengths.append(1)
            continue
        d, n = len(axes), shape[len(axes)]
        if isinstance(entry, tuple):
            axes.append(_slice_axis(trace, entry, parts, names, n))
            key.append(slice(None))
            lengths.append(axes[-1].length)
            continue
        # what counts the rows, or tells where something is, is in range
        counts, known = rows and not d, are_places(trace, names[0], n)
        if not counts and not known:
            trace.once(("in range", names[0], n), partial(check_range, trace, names[0], parts[0], d, n))
        if advanced:
            axes.append(Axis(0, n, 1, whole=True))
            make = partial(lax.iota, place_dtype([n]), n) if counts else partial(from_start, parts[0], n, known)
            key.append(trace.once(("place", names[0], n), make))
        else:
            axes.append(_int_axis(trace, parts[0], names[0], n))
    if not advanced:
        return Plan(axes, None, tuple(lengths))
    picked = _broadcast_shape([k.shape for e, k in zip(pattern, key, strict=True) if e in ("array", "int")])
    position = array_position(pattern)
    lengths[position:position] = picked
    return Plan(axes, tuple(key), tuple(lengths), rows)


def _broadcast_shape(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    try:
        return tuple(lax.broadcast_shapes(*shapes))
    except ValueError:
        raise IndexError(
            "shape mismatch: indexing arrays could not be broadcast together with shapes " + " ".join(map(str, shapes))
        ) from None


@lowers(Subtensor, numbers=True)
def subtensor(trace: Trace, node: Any, x: Any, *index: Any) -> Any:
    """The window, and what the key picks from it."""
    p = plan(trace, node, x.shape, 1, index)
    seen = _seen(trace, node, x, p) if trace.windows is not None and p.key is None else None
    if seen is not None:
        return seen
    window = read_window(x, p.axes)
    if p.key is None or 0 in p.shape:
        return direct.full(p.shape, 0, x.dtype) if 0 in p.shape else lax.reshape(window, p.shape)
    if p.rows and trace.plan is not None:  # devices that have rows need no others
        return _by_row(p, lambda place: place.get(mode="promise_in_bounds"), window)
    return lax.reshape(gather(window, p.key), p.shape)


def _seen(trace: Trace, node: Any, x: Any, p: Plan) -> Any:
    """What is indexed, where the host has a look at it."""
    entry: Any = next(iter(node.op.pattern), "newaxis")
    if entry == "newaxis":
        return None
    names = distribute(node.op.pattern, node.inputs[1:])[0]
    find = RowOf(x.shape[0]) if entry == "int" else SliceFirst(entry, x.shape[0])
    return trace.windows.of(trace, node, x, p.axes, p.shape, (find, *(v for v in names if v is not None)))


def _by_row(p: Plan, do: Callable[..., Any], window: Any, *values: Any) -> Any:
    """``do(place in the row, value)`` for each row of the window."""
    assert p.key is not None
    arrays = [k for k in p.key[1:] if not isinstance(k, slice)]
    slices = [k for k in p.key[1:] if isinstance(k, slice)]
    return jax.vmap(lambda row, key, *value: do(row.at[(*key, *slices)], *value))(window, arrays, *values)


def _prepare(trace: Trace, node: Any, x: Any, y: Any, *index: Any) -> Callable[[], Any]:
    """All but the write."""
    op = node.op
    p = plan(trace, node, x.shape, 2, index)
    y = direct.cast(y, x.dtype)
    try:
        fits = lax.broadcast_shapes(y.shape, p.shape) == p.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"could not broadcast input array from shape {y.shape} into shape {p.shape}")
    if 0 in p.shape:
        return lambda: x
    if p.key is None:
        put = op.set_instead_of_inc or constant_value(unfilled(node.inputs[0])) == 0
        piece = computed_before(trace, node, y)
        return lambda: _write_window(x, p, direct.stretched(piece, p.shape, y.dtype), put)
    y = direct.stretched(y, p.shape, y.dtype)
    if p.rows and trace.plan is not None:
        return lambda: write_window(x, p.axes, _by_row(p, _writer(op, x), read_window(x, p.axes), y))
    if p.rows and one_hot.suits(node, x, y):
        place = p.key[1]
        return lambda: one_hot.written(trace, node, x, place, y)
    return lambda: _scatter(trace, op, x, p, y)


def _write_window(x: Any, p: Plan, y: Any, put: bool) -> Any:
    values = lax.reshape(y, tuple(a.length for a in p.axes))
    if not put:
        values = _add(read_window(x, p.axes), values)
    return write_window(x, p.axes, values)


def _add(x: Any, y: Any) -> Any:
    return lax.bitwise_or(x, y) if x.dtype == bool else lax.add(x, y)


def _scatter(trace: Trace, op: Any, x: Any, p: Plan, y: Any) -> Any:
    window = read_window(x, p.axes)
    assert p.key is not None
    if not op.set_instead_of_inc:
        add = lax.scatter_max if x.dtype == bool else lax.scatter_add
        return write_window(x, p.axes, scatter(window, p.key, y, add))
    return write_window(x, p.axes, _set_last(trace, window, p.key, y))


def _writer(op: Any, x: Any) -> Callable[[Any, Any], Any]:
    """What writes a value to a place that is named once."""
    name = "set" if op.set_instead_of_inc else "max" if x.dtype == bool else "add"
    return lambda place, value: getattr(place, name)(value, mode="promise_in_bounds")


def _set_last(trace: Trace, window: Any, key: tuple[Any, ...], y: Any) -> Any:
    """Set; where a place is named several times the last one wins, as in numpy (XLA leaves it open)."""
    axes = [(i, k) for i, k in enumerate(key) if k is not None]
    named = [(i, n) for (i, k), n in zip(axes, window.shape, strict=True) if not isinstance(k, slice)]
    shape = _broadcast_shape([key[i].shape for i, _ in named])
    if math.prod(shape) <= 1:
        return scatter(window, key, y, lax.scatter)

    def rows_set_in_order(window: Any, y: Any, *places: Any) -> Any:
        told = iter(places)
        return _in_order(window, [next(told) if hasattr(k, "shape") else k for k in key], y, named, shape)

    rows_set_in_order.__name__ += f"_of_{window.ndim}"
    places = [k for k in key if hasattr(k, "shape")]
    if len(key) == window.ndim and len(places) == 1 and places[0] is key[0] and places[0].ndim == 1:
        return open_to_numpy(trace, rows_set_in_order, window, y, *places)
    return rows_set_in_order(window, y, *places)


def _in_order(window: Any, key: Sequence[Any], y: Any, named: Sequence[tuple[int, int]], shape: tuple[int, ...]) -> Any:
    """The writes' numbers are scattered first, by maximum. A write that does not find its own number is beaten, and is
    sent out of range, where it is dropped."""
    count = math.prod(shape)
    place = direct.full(shape, 0, "int64")
    for i, n in named:
        index = direct.stretched(lax.convert_element_type(key[i], "int64"), shape, "int64")
        place = lax.add(direct.times(place, n), index)
    numbers = lax.reshape(lax.iota("int64", count), shape)
    unwritten = direct.full([math.prod(n for _, n in named)], -1, "int64")
    last = scatter(unwritten, [place], numbers, lax.scatter_max)
    i, n = named[0]
    beaten = lax.ne(gather(last, [place]), numbers)
    sent = direct.where(beaten, direct.scalar(n, key[i].dtype), key[i])
    return scatter(window, [*key[:i], sent, *key[i + 1 :]], y, lax.scatter, drop=True)


@lowers(IncSubtensor)
def inc_subtensor(trace: Trace, node: Any, *values: Any) -> Any:
    """Checks and write in one."""
    return _prepare(trace, node, *values)()


defers(IncSubtensor)(_prepare)


def _count(n: Any) -> int:
    return int(n)


@lowers(Nonzero)
def nonzero(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """The positions, as many as are asked for."""
    count = trace.ask(_count, node.inputs[1])
    if count == 0:
        return [direct.full([0], 0, "int64") for _ in range(x.ndim)]

    def positions_of_nonzero(x: Any) -> list[Any]:
        found = in_order.nonzero(x, count) if in_order.suits(trace, x) else jnp.nonzero(x, size=count)
        return [direct.cast(p, "int64") for p in found]

    return open_to_numpy(trace, positions_of_nonzero, x)
