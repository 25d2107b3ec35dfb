"""What numpy does for jax's primitives that make one number of several: sums, extremes, products; and for orders."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from tx.lowering import direct
from tx.lowering import numpy_costs as costs
from tx.lowering.numpy_elementwise import SOME, elementwise, negated
from tx.lowering.numpy_rules import computes, dot, ints, shape_of, turned
from tx.lowering.numpy_writer import UnsuitedError, Value, Writer

#: sums of more float32 are sooner made in float64 than those of as many float64; and so many ones are kept for sums
_BUFFERED = 1 << 17


@computes("reduce_sum")
def _sum(writer: Writer, equation: Any, values: list[Value]) -> Value:
    axes, shape = ints(equation.params["axes"]), shape_of(equation)
    if (opposite := negated(values[0])) is not None:
        return elementwise(writer, equation, [_sum(writer, equation, [opposite])], np.negative)
    if values[0].made[:1] == ("truth",) and shape == ():
        form = f"{writer.call(equation.outvars[0].aval.dtype.type)}({writer.call(np.count_nonzero)}({{}}))"
        mask = writer.full(values[0].made[1], equation.invars[0].aval.shape)
        return writer.put(form, [mask], (), values[0].dtype, costs.COPY)
    if (few := _few(values[0], equation, 0)) is not None:
        return _reduced(writer, few, np.add, axes, equation)
    x = writer.full(values[0], equation.invars[0].aval.shape)
    first = len(x.shape) - len(axes)
    last = axes == tuple(range(first, len(x.shape)))
    widened = x.made[:1] == ("widened",) and x.shape == x.made[1].shape
    if widened and (prod(x.shape) > _BUFFERED or (not last and len(axes) > 1)):
        form = f"{writer.call(np.add)}.reduce({{}}, {tuple(axes)}, {writer.dtype(x.dtype)})"
        cost = costs.REDUCTION + costs.WIDENED * prod(x.shape) + costs.ROW * (prod(x.shape) // _run(x.shape, axes))
        return writer.put(form, [x.made[1]], shape, x.dtype, cost)
    length = prod(x.shape[first:])
    if x.dtype.kind == "f" and last and x.fresh and (len(axes) > 1 or len(x.shape) > 2) and length <= _BUFFERED:
        flat = (*((prod(shape),) if shape else ()), length)
        total = _by_ones(writer, writer.view(x, f"{{}}.reshape({flat})", flat), 1 if shape else 0)
        return writer.view(total, f"{{}}.reshape({shape})", shape) if len(shape) > 1 else total
    if x.dtype.kind == "f" and len(axes) == 1 and len(x.shape) <= 2:
        return _by_ones(writer, x, axes[0])
    return _reduced(writer, x, np.add, axes, equation)


def _by_ones(writer: Writer, x: Value, axis: int) -> Value:
    """Sums of a vector or a matrix: a product with ones is the same, and sooner made; or with what is there to be
    multiplied."""
    factors = list(x.made[1:]) if x.made[:1] == (np.multiply,) and len(x.shape) == 1 else []
    if any(f.shape != x.shape for f in factors) or not factors:
        factors = [x, Value("", (x.shape[axis],), x.dtype, constant=np.ones(x.shape[axis], x.dtype))]
    columns = axis == 0 and len(x.shape) == 2
    return dot(writer, factors[::-1] if columns else factors, x.shape[:axis] + x.shape[axis + 1 :])


def _run(shape: Sequence[int], axes: Sequence[int]) -> int:
    """How many elements, side by side, numpy takes at once: those of the last axes, which all go, or all stay."""
    gone = [d in axes for d in range(len(shape))]
    first = next((d + 1 for d in range(len(shape) - 2, -1, -1) if gone[d] != gone[-1]), 0)
    return max(prod(shape[first:]), 1)


def _few(x: Value, equation: Any, number: Any) -> Value | None:
    """The elements of a vector that are to be reduced, where all others are this number, which changes nothing."""
    complete = x.shape == equation.invars[0].aval.shape
    return x.chosen[1] if complete and x.chosen is not None and x.chosen[2].constant == number else None


def _reduced(writer: Writer, x: Value, function: Any, axes: Sequence[int], equation: Any) -> Value:
    # numpy would make sums of 64 bits of others
    dtype, shape = equation.outvars[0].aval.dtype, shape_of(equation)
    axis = axes[0] if len(axes) == 1 else tuple(axes)
    told = f", {writer.dtype(dtype)}" if dtype.kind in "iu" else ""
    cost = costs.REDUCTION
    if len(x.shape) == 2 and axis == 1 and x.shape[0] > 8 * _SHORT and x.shape[1] <= _SHORT:
        x, axis = writer.put("ascontiguousarray({}.T)", [x], x.shape[::-1], x.dtype, costs.TURNED * prod(x.shape)), 0
    elif x.shape != SOME and prod(x.shape) > 0:
        cost += costs.ROW * (prod(x.shape) // _run(x.shape, axes))
    if function is np.multiply and axis == len(x.shape) - 1:  # each waits for the one before
        cost += costs.MULTIPLIED * abs(prod(x.shape))
    if x.shape == SOME:  # as many as there can be
        cost += costs.read(equation.invars[0].aval.shape, dtype)
    return writer.put(f"{writer.call(function)}.reduce({{}}, {axis}{told})", [x], shape, dtype, cost)


#: numpy reduces rows of so few elements sooner when they are columns
_SHORT = 32
_REDUCTIONS = {
    "reduce_prod": np.multiply, "reduce_max": np.maximum, "reduce_min": np.minimum,
    "reduce_and": np.bitwise_and, "reduce_or": np.bitwise_or,
}  # fmt: skip
#: of which nothing is no error if they begin with this infinity
_LEAST = {"reduce_max": -1, "reduce_min": 1}
#: and what a reduction is that combines by one of these
_COMPUTED = {direct.greater: "reduce_max", direct.less: "reduce_min"}


@computes("reduce", *_REDUCTIONS)
def _reduction(writer: Writer, equation: Any, values: list[Value]) -> Value:
    name, dtype = equation.primitive.name, values[0].dtype
    if name == "reduce":
        name = _COMPUTED.get(equation.params["computation"], "")
    if name in _LEAST and (few := _few(values[0], equation, _LEAST[name] * np.inf)) is not None:
        form = f"{writer.call(_REDUCTIONS[name])}.reduce({{}}, 0, None, None, False, {{}})"
        start = writer.constant(np.array(_LEAST[name] * np.inf, dtype))
        return writer.put(form, [few, start], (), dtype, costs.REDUCTION + costs.VIEW)
    x = writer.full(values[0], equation.invars[0].aval.shape)
    if 0 in x.shape or not name:
        raise UnsuitedError("nothing to reduce, or in a way of its own")
    axes = equation.params["axes" if "axes" in equation.params else "dimensions"]
    return _reduced(writer, x, _REDUCTIONS[name], ints(axes), equation)


@computes("argmax")
def _argmax(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """The place of the first that is greatest, or nan."""
    (axis,), shape = ints(equation.params["axes"]), equation.invars[0].aval.shape
    if equation.params["index_dtype"] != "int64" or 0 in shape:
        raise UnsuitedError(equation.primitive)
    x, size = writer.full(values[0], shape), prod(shape)
    along_rows = costs.ALONG * size + costs.EACH_ROW * (size // shape[axis])
    cost = costs.REDUCTION + (along_rows if axis == len(shape) - 1 else costs.ACROSS * size)
    return writer.put(f"{{}}.argmax({axis})", [x], shape_of(equation), np.dtype("int64"), cost, reading=0)


@computes("cumsum")
def _cumsum(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if equation.params["reverse"]:
        raise UnsuitedError("from the end")
    x, shape = values[0], shape_of(equation)
    form = f"{writer.call(np.add)}.accumulate({{}}, {int(equation.params['axis'])}, {writer.dtype(x.dtype)})"
    return writer.put(form, [writer.full(x, shape)], shape, x.dtype, costs.REDUCTION + costs.ADDED * prod(shape))


@computes("sort")
def _sorted(writer: Writer, equation: Any, values: list[Value]) -> list[Value]:
    """In order, nan last, as XLA has it; and the places of a vector's elements, equal ones as they were."""
    x, *places = (writer.full(v, a.aval.shape) for v, a in zip(values, equation.invars, strict=True))
    axis, one_by_one = int(equation.params["dimension"]), [v.made[:1] == ("iota",) for v in values[1:]]
    if equation.params["num_keys"] != 1 or one_by_one not in ([], [True]):
        raise UnsuitedError(equation.primitive)
    if not places:
        form = f"{writer.call(np.sort)}({{}}, {axis})"
        return [writer.put(form, [x], x.shape, x.dtype, costs.REDUCTION + costs.SORTED * prod(x.shape))]
    cost = costs.CALL + (costs.SORTED * prod(x.shape) if x.dtype == bool else costs.ordered(prod(x.shape)))
    dtype = places[0].dtype
    found = writer.put(f"{{}}.argsort({axis}, 'stable')", [x], x.shape, np.dtype("int64"), cost)
    if dtype != "int64":
        found = writer.put(f"{{}}.astype({writer.dtype(dtype)})", [found], x.shape, dtype, costs.COPY)
    return [writer.put("{}[{}]", [x, found], x.shape, x.dtype, costs.COPY), found]


@computes("dot_general")
def _product(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if values[0].dtype.kind != "f":
        raise UnsuitedError(values[0].dtype)
    (summed, batched), dtype = equation.params["dimension_numbers"], equation.outvars[0].aval.dtype
    avals, count = [v.aval for v in equation.invars], len(batched[0])
    if any(a.ndim > 2 + count or a.dtype != dtype for a in avals) or [len(s) for s in summed] != [1, 1]:
        raise UnsuitedError(equation.primitive)
    a, b = (writer.full(x, v.shape) for x, v in zip(values, avals, strict=True))
    cost, shape = costs.products(equation), shape_of(equation)
    if not count:
        a = turned(writer, a) if len(a.shape) == 2 and summed[0] == (0,) else a
        b = turned(writer, b) if len(b.shape) == 2 and summed[1] == (1,) else b
        return dot(writer, [a, b], shape, cost)
    a, b = (_matrices(writer, *v) for v in ((a, batched[0], summed[0], False), (b, batched[1], summed[1], True)))
    whole = (*shape[:count], a.shape[-2], b.shape[-1])
    value = writer.put(f"{writer.call(np.matmul)}({{}}, {{}})", [a, b], whole, dtype, cost)
    return value if whole == shape else writer.view(value, f"{{}}.reshape({shape})", shape)


def _matrices(writer: Writer, x: Value, batched: Sequence[int], summed: Sequence[int], first: bool) -> Value:
    """An array as matrices: axes that there are many of them along, and two, of which it is summed over the `first`, or
    the last. A vector is one row, or column."""
    batched, summed = ints(batched), ints(summed)
    if len(x.shape) - 1 in batched:
        raise UnsuitedError("matrices that are no rows or columns")
    free = tuple(d for d in range(len(x.shape)) if d not in (*batched, *summed))
    x = turned(writer, x, (*batched, *summed, *free) if first else (*batched, *free, *summed))
    if free:
        return x
    shape = (*x.shape, 1) if first else (*x.shape[:-1], 1, x.shape[-1])
    return writer.full(writer.view(x, f"{{}}.reshape({shape})", shape), shape)
