"""What numpy does for jax's primitives that take parts out of arrays, or write them: where the trace says, or data."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from jax import lax

from tx.lowering.numpy_costs import COPY, NUMBER, TAKEN, VIEW, read
from tx.lowering.numpy_rules import computes, ints, shape_of
from tx.lowering.numpy_writer import UnsuitedError, Value, Writer

#: microseconds for a place that data decide, for a choice of elements, and for each of them; for numbers that are added
#: at places, and for each of them, and where there were none
_PLACE, _CHOICE, _CHOSEN = 0.15, 1.0, 0.0025
_ADDING, _ADDED, _SUMMED = 4.0, 0.008, 0.003
#: for each row that is chosen, and each byte of it
_ROW, _BYTE = 0.006, 0.00004


# -- where the trace says ---------------------------------------------------------------------------------------------


@computes("slice")
def _slice(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), p = values, equation.params
    if x.shape == ():
        return x
    strides = p["strides"] or (1,) * len(shape_of(equation))
    ranges = list(zip(*map(ints, (p["start_indices"], p["limit_indices"], strides)), strict=True))
    x = _unchanged(writer.full(x, equation.invars[0].aval.shape), ranges)
    if x.shape == ():
        return x
    if prod(shape_of(equation)) == 1:
        return writer.put(f"{{}}[{', '.join(str(a) for a, _, _ in ranges)}]", [x], (), x.dtype, NUMBER)
    return writer.view(x, f"{{}}[{_ranges(ranges)}]", shape_of(equation))


def _unchanged(x: Value, ranges: Sequence[tuple[int, int, int]]) -> Value:
    """What has the same elements as `x` in these ranges: before what was written beside them."""
    while x.made[:1] == ("changed",):
        _, before, places = x.made
        if all(a < last and first < b for (a, b, _), (first, last, _) in zip(ranges, places, strict=True)):
            break
        x = before
    return x


def _ranges(ranges: Sequence[tuple[int, int, int]]) -> str:
    return ", ".join(f"{a}:{b}" + (f":{c}" if c != 1 else "") for a, b, c in ranges)


# -- where data say ---------------------------------------------------------------------------------------------------


def place(start: Any, most: int) -> int:
    """Where something begins that may begin at `most`: as `lax` moves it there."""
    return min(max(int(start), 0), most)


def part(start: Any, most: int, length: int) -> slice:
    """So many elements from there on."""
    first = place(start, most)
    return slice(first, first + length)


def picked(x: np.ndarray, indices: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Elements of `x`, at the places that are in the last axis of `indices`; `steps` are those of the axes."""
    found: np.ndarray = x.ravel().take(indices.dot(steps), None, None, "clip")
    return found


def _window(
    writer: Writer, shape: Sequence[int], sizes: Sequence[int], starts: Sequence[Value]
) -> tuple[str, list[Value]]:
    """An index as it is written, with ``{}`` where starts are read, and these."""
    if prod(sizes) == 1:
        return ", ".join(f"{writer.call(place)}({{}}, {n - 1})" for n in shape), list(starts)
    chosen = [n > k for n, k in zip(shape, sizes, strict=True)]
    entries = [
        f"{writer.call(part)}({{}}, {n - k}, {k})" if c else ":" for n, k, c in zip(shape, sizes, chosen, strict=True)
    ]
    return ", ".join(entries), [s for s, c in zip(starts, chosen, strict=True) if c]


@computes("dynamic_slice")
def _dynamic_slice(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, *starts = values
    sizes = ints(equation.params["slice_sizes"])
    if x.shape == () or not starts:
        return x
    x = writer.full(x, equation.invars[0].aval.shape)
    index, read = _window(writer, x.shape, sizes, starts)
    one, cost = prod(sizes) == 1, VIEW + NUMBER + _PLACE * len(read)
    return writer.put(f"{{}}[{index}]", [x, *read], () if one else sizes, x.dtype, cost, fresh=False)


@computes("dynamic_update_slice")
def _update(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, piece, *starts = values
    if not starts:
        return piece
    x, sizes = writer.full(x, shape_of(equation)), ints(equation.invars[1].aval.shape)
    if prod(sizes) == 1 and piece.shape:
        piece = writer.put(f"{{}}[{', '.join('0' * len(sizes))}]", [piece], (), x.dtype, NUMBER)
    if any(s.constant is None for s in starts):
        index, read = _window(writer, x.shape, sizes, starts)
        return writer.changed(x, piece, index, read)
    firsts = [place(s.constant, n - k) for s, n, k in zip(starts, x.shape, sizes, strict=True)]
    ranges = [(a, a + k, 1) for a, k in zip(firsts, sizes, strict=True)]
    one = piece.shape == () and prod(sizes) == 1
    value = writer.changed(x, piece, ", ".join(map(str, firsts)) if one else _ranges(ranges))
    return replace(value, made=("changed", x, ranges))


@computes("gather")
def _gather(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """Rows along an axis, or single elements. What is out of range is moved into it, as XLA does."""
    (x, indices), p, shape = values, equation.params, shape_of(equation)
    numbers, sizes, shapes = p["dimension_numbers"], ints(p["slice_sizes"]), [v.aval.shape for v in equation.invars]
    named, modes = ints(numbers.start_index_map), lax.GatherScatterMode
    others = [d for d in range(len(shapes[0])) if d not in named]
    whole = all(sizes[d] == (1 if d in named else n) for d, n in enumerate(shapes[0]))
    plain = not numbers.operand_batching_dims and ints(numbers.collapsed_slice_dims) == named and whole
    if not plain or p["mode"] not in (modes.PROMISE_IN_BOUNDS, modes.CLIP) or 0 in shapes[0]:
        raise UnsuitedError(equation.primitive)
    x, indices = writer.full(x, shapes[0]), writer.full(indices, shapes[1])
    cost = _CHOICE + _CHOSEN * prod(shape)
    if len(named) > 1 and not others:
        steps = [prod(shapes[0][d + 1 :]) for d in named]
        name = "_".join(map(str, ("steps", *steps)))
        writer.scope[name] = np.array(steps)
        form = f"{writer.call(picked)}({{}}, {{}}, {name})"
        return writer.put(form, [x, indices], shape, x.dtype, 2 * cost, reading=0)
    axis, rank = named[0], len(shapes[1]) - 1
    if len(named) > 1 or ints(numbers.offset_dims) != tuple(d for d in range(len(shape)) if not 0 <= d - axis < rank):
        raise UnsuitedError(equation.primitive)
    form, rows = f"{{}}.take({{}}[..., 0], {axis}, None, 'clip')", prod(shapes[1][:-1])
    if axis == 0:
        cost = _CHOICE + rows * (_ROW if others else _CHOSEN) + _BYTE * prod(shape) * x.dtype.itemsize
    return writer.put(form, [x, indices], shape, x.dtype, cost, reading=0)


def summed_at(indices: np.ndarray, numbers: np.ndarray, n: int) -> np.ndarray:
    """Sums of float64 numbers, of those at each of `n` places; they are in the last axis of `indices`."""
    return np.bincount(np.minimum(np.maximum(indices[:, 0], 0), n - 1), numbers, n)


def added_at(x: np.ndarray, indices: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """A vector to which numbers are added at places."""
    total = x.copy()
    np.add.at(total, np.minimum(np.maximum(indices[:, 0], 0), len(x) - 1), numbers)
    return total


@computes("scatter-add")
def _scatter_add(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """Numbers that are added to those of a vector. What is out of range is moved into it: nobody reads the result."""
    (x, indices, numbers), shapes = values, [v.aval.shape for v in equation.invars]
    promised = equation.params["mode"] == lax.GatherScatterMode.PROMISE_IN_BOUNDS
    if not promised or list(map(len, shapes)) != [1, 2, 1] or shapes[1] != (*shapes[2], 1) or 0 in shapes[0]:
        raise UnsuitedError(equation.primitive)
    indices, numbers = (writer.full(v, shape) for v, shape in ((indices, shapes[1]), (numbers, shapes[2])))
    count, dtype = prod(shapes[2]), equation.outvars[0].aval.dtype
    if dtype == "float64" and x.constant is not None and not x.constant.any():
        form, cost = f"{writer.call(summed_at)}({{}}, {{}}, {shapes[0][0]})", _ADDING + _SUMMED * count
        return writer.put(form, [indices, numbers], shapes[0], dtype, cost, reading=0)
    form, cost = f"{writer.call(added_at)}({{}}, {{}}, {{}})", _ADDING + _ADDED * count
    return writer.put(form, [writer.full(x, shapes[0]), indices, numbers], shapes[0], dtype, cost, reading=0)


def rows_set(x: np.ndarray, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`x` with values for some of its rows, one after the other. Where one is out of range nobody reads it."""
    changed = x.copy()
    with suppress(IndexError):
        changed[rows] = values
    return changed


@computes(*(f"jit:rows_set_in_order_of_{rank}" for rank in range(1, 5)))
def _rows_set(writer: Writer, equation: Any, values: list[Value]) -> Value | None:
    shapes = [v.aval.shape for v in equation.invars]
    rank = int(equation.params["name"][-1])
    if [*map(len, shapes)] != [rank, rank, 1] or len(shape_of(equation)) != rank:
        return None
    x, rows = (writer.full(values[i], shapes[i]) for i in (0, 2))
    cost = COPY + read(x.shape, x.dtype) + _CHOICE + _ROW * shapes[2][0] + _BYTE * prod(shapes[1]) * x.dtype.itemsize
    form = f"{writer.call(rows_set)}({{}}, {{}}, {{}})"
    return writer.put(form, [x, rows, values[1]], x.shape, x.dtype, cost, reading=0)


@computes("jit:positions_of_nonzero")
def _nonzero(writer: Writer, equation: Any, values: list[Value]) -> list[Value] | None:
    """As many as there are; of several axes they lie beside one another."""
    shape, integer = equation.invars[0].aval.shape, np.dtype("int64")
    if len(shape) != len(equation.outvars) or len(shape_of(equation)) != 1:
        return None
    given, count = writer.full(values[0], shape), shape_of(equation)
    cost = _CHOICE + TAKEN * (prod(shape) + 3 * len(shape) * prod(count))
    found = writer.put("{}.nonzero()", [given], count, integer, cost, fresh=False)
    return [writer.put(f"{{}}[{d}]", [found], count, integer, VIEW, fresh=len(shape) == 1) for d in range(len(shape))]
