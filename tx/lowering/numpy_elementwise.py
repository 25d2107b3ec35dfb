"""What is computed element by element, as lines of numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import numpy as np

from tx.lowering.numpy_costs import CALL, NUMBER, TURNED, cached, read, stretched
from tx.lowering.numpy_writer import Value, Writer

#: the shape of a vector of so many elements as a mask says
SOME = (-1,)
#: the number that changes nothing, and at which place
_NEUTRAL = {np.add: (0, (0, 1)), np.subtract: (0, (1,)), np.multiply: (1, (0, 1)), np.divide: (1, (1,))}
#: Of an array and a number numpy finds these one by one, in so many microseconds each; of two arrays by vectors. So the
#: number becomes an array, which stays in the caches and has no more bytes than this, of elements that are worth it.
_EXTREMES, _ONE_BY_ONE, _ENOUGH, _MOST = (np.maximum, np.minimum), 0.0005, 1 << 9, 1 << 20
#: what bounds an array by the number that each element is compared with, and which takes its place
_BOUNDING: dict[Any, Any] = {np.less: np.maximum, np.greater: np.minimum}
#: what Python writes for it between numbers, or before one
_OPERATORS = {
    np.add: " + ", np.subtract: " - ", np.multiply: " * ", np.divide: " / ", np.negative: "-", np.invert: "~",
    np.equal: " == ", np.not_equal: " != ", np.less: " < ", np.less_equal: " <= ", np.greater: " > ",
    np.greater_equal: " >= ", np.bitwise_and: " & ", np.bitwise_or: " | ", np.bitwise_xor: " ^ ",
}  # fmt: skip


def elementwise(writer: Writer, equation: Any, values: Sequence[Value], function: Any, element: float = 0) -> Value:
    """`function` of the elements, of which each takes `element` microseconds besides being read and written; of
    numbers by an operator, if there is one."""
    number, places = _NEUTRAL.get(function, (0, ()))
    for place in places:
        # Theano leaves these out as well.
        if values[place].constant is not None and (values[place].constant == number).all():
            other = values[1 - place]
            if np.broadcast_shapes(*(v.shape for v in values)) == other.shape:
                return other
    simpler = _simpler(writer, equation, values, function) if values[0].dtype.kind == "f" else None
    if simpler is not None:
        return simpler
    dtype, operator = equation.outvars[0].aval.dtype, _OPERATORS.get(function)
    shape, made = np.broadcast_shapes(*(v.shape for v in values)), (function, *values)
    if shape == () and operator:
        form = operator.join(["{}"] * len(values)) if len(values) > 1 else f"{operator}{{}}"
        return writer.put(form, values, shape, dtype, NUMBER, made=made)
    if function in _EXTREMES and () in [v.shape for v in values] and prod(shape) >= _ENOUGH:
        filled = _filled(values, shape)
        element, values = (0, filled) if filled else (_ONE_BY_ONE, values)
    form = f"{writer.call(function)}({', '.join(['{}'] * len(values))})"
    cost = CALL + element * abs(prod(shape)) + _otherwise(values, shape)
    reading = sum(read(v.shape, v.dtype) for v in {v.text: v for v in values if v.shape}.values())
    arrays = [_as_array(writer, v) for v in values] if shape else values
    value = writer.put(form, arrays, shape, dtype, cost, made=made, reading=reading)
    return of_chosen(writer, value, arrays, form, cost)


def _filled(values: Sequence[Value], shape: tuple[int, ...]) -> list[Value]:
    """`values`, of which numbers that are known fill arrays; none where these are too large, or are chosen from."""
    numbers = [_is_number(v) for v in values]
    nbytes = prod(shape) * values[0].dtype.itemsize
    if not any(numbers) or nbytes > min(cached(), _MOST) or any(v.chosen for v in values):
        return []
    pairs = zip(values, numbers, strict=True)
    return [Value("", shape, v.dtype, constant=np.full(shape, v.constant)) if n else v for v, n in pairs]


def bounded(writer: Writer, equation: Any, condition: Value, yes: Value, no: Value) -> Value | None:
    """What ``where(x < n, n, x)`` and ``where(x > n, n, x)`` are for a number: extremes, which take a tenth. Of both,
    one in the other, if the bounds are in order; None of anything else."""
    compared, x, number = condition.made if len(condition.made) == 3 else ("", yes, yes)
    function = _BOUNDING.get(compared)
    if function is None or x.constant is not None or not (_is_number(number) and _is_number(yes)):
        return None
    if number.constant != yes.constant or not (yes.constant or _is_plain(yes, x)):
        return None
    if no.text != x.text:
        inner, y, other = no.made if len(no.made) == 3 else ("", x, yes)
        low, high = (yes, other) if function is np.maximum else (other, yes)
        both = (function, inner) in (_EXTREMES, _EXTREMES[::-1]) and y.text == x.text and _is_number(other)
        if not both or not low.constant <= high.constant:
            return None
    return elementwise(writer, equation, [no, yes], function)


def _is_plain(zero: Value, x: Value) -> bool:
    """Whether there is one zero only, among the elements of `x` as well: which of two an extreme is, is left open."""
    if x.dtype.kind != "f":
        return True
    function, *of = x.made or ("",)
    moved = function is np.add and any(_is_number(v) and v.constant for v in of)
    return not np.signbit(zero.constant) and (moved or function in (np.absolute, np.exp))


def _otherwise(values: Sequence[Value], shape: tuple[int, ...]) -> float:
    """The microseconds that it takes more, where numpy does not go along all arrays in one way."""
    orders = {v.made[:1] == ("turned",) for v in values if v.shape == shape}
    return TURNED * abs(prod(shape)) if len(orders) > 1 else stretched([v.shape for v in values], shape)


def _as_array(writer: Writer, value: Value) -> Value:
    """A number as numpy takes it beside arrays: it makes an array of it anyway, in longer, and each time."""
    if value.shape or value.constant is not None:
        return value
    return writer.put(f"{writer.call(np.array)}({{}})", [value], (), value.dtype, 2 * NUMBER)


def _simpler(writer: Writer, equation: Any, values: Sequence[Value], function: Any) -> Value | None:
    """The same of floats, to the last bit, in fewer operations: signs and powers of two change no other bits."""
    again = partial(elementwise, writer, equation)
    opposites = [negated(v) for v in values]
    if function is np.negative:
        return opposites[0]
    if function is np.add and values[0] is values[1]:
        return _scaled(again, writer.constant(np.array(2, values[0].dtype)), values[0])
    if function in (np.add, np.subtract) and (opposite := opposites[1]) is not None:
        return again([values[0], opposite], np.subtract if function is np.add else np.add)
    if function is np.add and (opposite := opposites[0]) is not None:
        return again([values[1], opposite], np.subtract)
    for place in (0, 1) if function is np.multiply else ():
        number, other = values[place], values[1 - place]
        if _is_number(number) and number.constant == -1:
            return again([other], np.negative)
        if _is_number(number) and (scaled := _scaled(again, number, other)) is not None:
            return scaled
    for place, opposite in enumerate(opposites) if function in (np.multiply, np.divide) else ():
        other = values[1 - place]
        if opposite is not None and other.constant is not None:
            other = writer.constant(-other.constant)
            return again([other, opposite] if place else [opposite, other], function)
        if opposite is not None and opposite.shape == np.broadcast_shapes(*(v.shape for v in values)):
            return again([again([other, opposite] if place else [opposite, other], function)], np.negative)
    return None


def _is_number(value: Value) -> bool:
    return value.constant is not None and value.shape == ()


def negated(value: Value) -> Value | None:
    """What a value is the negative of."""
    return value.made[1] if value.made[:1] == (np.negative,) else None


def _scaled(again: Callable[..., Value], number: Value, value: Value) -> Value | None:
    """A number times a value that is a number times something: where one of them is a power of two."""
    pair = value.made[1:] if value.made[:1] == (np.multiply,) else ()
    for factor, other in (pair, pair[::-1]) if pair else ():
        if _is_number(factor) and any(np.frexp(abs(v.constant))[0] == 0.5 for v in (number, factor)):
            product = again([number, factor], np.multiply)
            return again([product, other], np.multiply) if 0 < abs(product.constant) < np.inf else None
    return None


def of_chosen(writer: Writer, value: Value, values: Sequence[Value], form: str, cost: float) -> Value:
    """The value of a form, elementwise; of what is chosen the same is computed: it may be all that is read."""
    masks = {v.chosen[0].text: v.chosen[0] for v in values if v.chosen is not None}
    if len(masks) != 1 or any(v.chosen is None and v.shape for v in values):
        return value
    (mask,) = masks.values()
    rest, others = ([(v.chosen or (v, v, v))[k] for v in values] for k in (1, 2))
    few = writer.put(form, rest, SOME, value.dtype, cost)
    return replace(value, chosen=(mask, few, writer.put(form, others, (), value.dtype, 0)))


__all__ = ["SOME", "bounded", "elementwise", "negated", "of_chosen"]
