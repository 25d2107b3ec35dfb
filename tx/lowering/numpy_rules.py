"""What numpy does for each primitive of jax's, where it computes the same: as lines of a `Writer`.

A rule takes an equation, and the values that it reads. It raises UnsuitedError where numpy computes something else.
That of a jitted function may return None for one that only has its name, which is computed as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from math import prod
from typing import Any, TypeVar

import jax
import numpy as np

from tx.lowering import numpy_costs as costs
from tx.lowering.apart import on_this_cpu
from tx.lowering.numpy_elementwise import SOME, bounded, elementwise, of_chosen
from tx.lowering.numpy_writer import UnsuitedError, Value, Writer
from tx.lowering.trace import Trace

Rule = Callable[[Writer, Any, list[Value]], Value | list[Value] | None]
_Given = TypeVar("_Given", bound=Rule)
#: by primitive, or ``jit:`` and the name of a jitted function: from the values that an equation reads to the one that
#: it gives, or those
RULES: dict[str, Rule] = {}


def computes(*names: str) -> Callable[[_Given], _Given]:
    """Decorator: the rule for primitives of these names, or for jitted functions. Transformed (by vmap) a function
    keeps its name."""

    def note(rule: _Given) -> _Given:
        RULES.update(dict.fromkeys(names, rule))
        return rule

    return note


#: by the name of a function that is jitted: the ranks of its arguments, if they are fixed, and what numpy computes
#: instead, of the avals that it gives and of the same arguments. Transformed (by jvp, vmap) it keeps its name.
INSTEAD: dict[str, tuple[Sequence[int] | None, Callable[..., Any]]] = {}


def instead_of(name: str, ranks: Sequence[int] | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: as the jitted function of this name, in a way that suits numpy; it may raise UnsuitedError."""

    def note(function: Callable[..., Any]) -> Callable[..., Any]:
        INSTEAD[name] = ranks, function
        return function

    return note


def form_for_numpy(equation: Any) -> Callable[..., Any] | None:
    """What numpy computes instead of the jitted function that an equation calls, of the same arguments; None where that
    is what the function is."""
    ranks, function = INSTEAD.get(equation.params.get("name"), (None, None))
    if function is None or (ranks is not None and [v.aval.ndim for v in equation.invars] != [*ranks]):
        return None
    return partial(function, [v.aval for v in equation.outvars])


def is_open_to_numpy(trace: Trace, *values: Any) -> bool:
    """Whether numpy might compute what is traced: it is not the body of a loop, and its inputs and `values` small."""
    if not on_this_cpu(trace):
        return False
    inputs = [trace.values.get(v) for v in trace.positions]
    fit = [(inputs, costs.LARGE), (values, costs.SMALL)]
    return bool(inputs) and all(getattr(a, "size", 0) <= most for arrays, most in fit for a in arrays)


def open_to_numpy(trace: Trace, function: Callable[..., Any], *values: Any) -> Any:
    """``function(*values)``, so that what numpy computes instead is found, where it might."""
    ranks, _ = INSTEAD.get(function.__name__, (None, None))
    fits = ranks is None or [v.ndim for v in values] == [*ranks]
    return jax.jit(function)(*values) if fits and is_open_to_numpy(trace, *values) else function(*values)


def shape_of(equation: Any) -> tuple[int, ...]:
    """The shape of what an equation gives."""
    return ints(equation.outvars[0].aval.shape)


def ints(numbers: Any) -> tuple[int, ...]:
    """Numbers as they are written; jax has some of numpy's among its own."""
    return tuple(map(int, numbers))


#: what numpy computes as `lax` does
_SIMPLE: dict[str, Any] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "max": np.maximum, "min": np.minimum, "abs": np.abs,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert,
}  # fmt: skip
#: the same, for floats only
_FLOATS: dict[str, Any] = {
    "div": np.divide, "sqrt": np.sqrt, "floor": np.floor, "ceil": np.ceil, "is_finite": np.isfinite,
}  # fmt: skip
#: the same, of which numpy has functions
_FUNCTIONS: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("exp", "exp2", "expm1", "log", "log1p", "sinh", "cosh", "tanh")},
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "cbrt")},
    **{f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    "rem": np.fmod,
}
#: and those of which scipy has them, which is loaded by the first function that has one
_SPECIAL = {
    "lgamma": "gammaln", "digamma": "psi", "erf": "erf", "erfc": "erfc", "erf_inv": "erfinv", "bessel_i0e": "i0e",
    "bessel_i1e": "i1e",
}  # fmt: skip


def _floats(values: Sequence[Value]) -> None:
    if any(v.dtype.kind != "f" for v in values):
        raise UnsuitedError(values[0].dtype)


@computes(*_SIMPLE)
def _simple(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, y = values[0], values[-1]
    if equation.primitive.name == "ne" and x.made[:1] == ("truth",) and y.constant is not None and not y.constant.any():
        return x.made[1]  # type: ignore[no-any-return]
    return elementwise(writer, equation, values, _SIMPLE[equation.primitive.name])


def _rest(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """Of integers divided by positive ones that are known: numpy and XLA differ in what they make of 0."""
    divisor = values[1].constant
    if divisor is None or not (divisor > 0).all():
        raise UnsuitedError("integers divided by what may be 0")
    return elementwise(writer, equation, values, np.fmod)


@computes("jit:quotient_rounded_down")
def _quotient(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """Of integers; by 0 that is 0. By a number it is vectorised."""
    slowly = 0 if values[1].shape == () else _DIVIDED
    return elementwise(writer, equation, values, np.floor_divide, element=slowly)


@computes("jit:rest_rounded_down")
def _remainder(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, divisor = values
    if divisor.constant is None or divisor.shape or not divisor.constant or prod(x.shape) < _DIVISIONS:
        return elementwise(writer, equation, values, np.remainder, element=_DIVIDED)
    multiple = elementwise(writer, equation, [_quotient(writer, equation, values), divisor], np.multiply)
    return elementwise(writer, equation, [x, multiple], np.subtract)


#: microseconds for an integer that is divided, and how many are sooner divided, multiplied and subtracted
_DIVIDED, _DIVISIONS = 0.002, 1 << 9


@computes(*_FLOATS)
def _of_floats(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if equation.primitive.name == "div" and values[0].dtype.kind in "iu":  # towards zero
        multiple = elementwise(writer, equation, [values[0], _rest(writer, equation, values)], np.subtract)
        return elementwise(writer, equation, [multiple, values[1]], np.floor_divide)
    _floats(values)
    return elementwise(writer, equation, values, _FLOATS[equation.primitive.name])


@computes(*_FUNCTIONS)
def _function(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if equation.primitive.name == "rem" and values[0].dtype.kind in "iu":
        return _rest(writer, equation, values)
    _floats(values)
    function, element = _FUNCTIONS[equation.primitive.name], costs.function(equation, 1)
    return elementwise(writer, equation, values, function, element=element)


@computes(*_SPECIAL)
def _special(writer: Writer, equation: Any, values: list[Value]) -> Value:
    from scipy import special

    _floats(values)
    if equation.primitive.name == "lgamma":  # of minus infinity scipy makes that
        lowest = writer.constant(np.array(np.finfo(values[0].dtype).min, values[0].dtype))
        values = [elementwise(writer, equation, [values[0], lowest], np.maximum)]
    function = getattr(special, _SPECIAL[equation.primitive.name])
    return elementwise(writer, equation, values, function, element=costs.function(equation, 1))


@computes("neg")
def _neg(writer: Writer, equation: Any, values: list[Value]) -> Value:
    return elementwise(writer, equation, values, np.negative)


@computes("square")
def _square(writer: Writer, equation: Any, values: list[Value]) -> Value:
    return elementwise(writer, equation, values * 2, np.multiply)


def _one_by(writer: Writer, equation: Any, value: Value) -> Value:
    one = writer.constant(np.ones((), value.dtype))
    return elementwise(writer, equation, [one, value], np.divide)


@computes("rsqrt")
def _rsqrt(writer: Writer, equation: Any, values: list[Value]) -> Value:
    return _one_by(writer, equation, elementwise(writer, equation, values, np.sqrt))


@computes("logistic")
def _logistic(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, one = values[0], writer.constant(np.ones((), values[0].dtype))
    known = writer.known(np.exp, x)
    if known is not None:  # where it is none, or infinite, so is the other infinite, or none
        shrunk = _one_by(writer, equation, known)
    else:
        shrunk = elementwise(
            writer, equation, [_neg(writer, equation, [x])], np.exp, element=costs.function(equation, 1)
        )
    return _one_by(writer, equation, elementwise(writer, equation, [one, shrunk], np.add))


@computes("round")
def _round(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if equation.params["rounding_method"] != jax.lax.RoundingMethod.TO_NEAREST_EVEN:
        raise UnsuitedError("halves away from zero")
    return elementwise(writer, equation, values, np.rint)


@computes("pow")
def _pow(writer: Writer, equation: Any, values: list[Value]) -> Value:
    _floats(values)
    x, y = values
    if y.constant is not None and (y.constant == 1).all():
        return x
    if y.constant is not None and (y.constant == 2).all():
        return elementwise(writer, equation, [x, x], np.multiply)
    return elementwise(writer, equation, values, np.power, element=costs.function(equation, 1))


@computes("integer_pow")
def _integer_pow(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), y = values, equation.params["y"]
    if not 0 < abs(y) <= 8 or (y < 0 and x.dtype.kind != "f"):
        raise UnsuitedError(y)
    power = x
    for digit in bin(abs(y))[3:]:
        power = elementwise(writer, equation, [power, power], np.multiply)
        if digit == "1":
            power = elementwise(writer, equation, [power, x], np.multiply)
    if y > 0:
        return power
    return _one_by(writer, equation, power)


@computes("sign")
def _sign(writer: Writer, equation: Any, values: list[Value]) -> Value:
    """Of many numbers by what is vectorised: made as large as can be, and cut at one. numpy looks at each."""
    (x,) = values
    if x.dtype.name not in ("float32", "float64") or prod(x.shape) < _SIGNS:
        return elementwise(writer, equation, values, np.sign)
    large, least, most = (
        writer.constant(np.array(number, x.dtype)) for number in (2.0 ** (np.finfo(x.dtype).maxexp - 1), -1, 1)
    )
    for number, function in ((large, np.multiply), (large, np.multiply), (least, np.maximum), (most, np.minimum)):
        x = elementwise(writer, equation, [x, number], function)
    return x


#: of fewer numbers signs are looked at one by one
_SIGNS = 1 << 9


@computes("clamp")
def _clamp(writer: Writer, equation: Any, values: list[Value]) -> Value:
    low, x, high = values
    return elementwise(writer, equation, [elementwise(writer, equation, [x, low], np.maximum), high], np.minimum)


@computes("select_n")
def _select(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if len(values) != 3 or values[0].dtype != bool:
        raise UnsuitedError("cases")
    condition, no, yes = values
    shape = np.broadcast_shapes(*(v.shape for v in values))
    if shape == ():
        return writer.put("{} if {} else {}", [yes, condition, no], shape, no.dtype, costs.NUMBER)
    if condition.shape == () and yes.shape == no.shape == shape_of(equation) and not writer.changes(no):
        return writer.put("{} if {} else {}", [yes, condition, no], shape, no.dtype, costs.VIEW, fresh=False)
    if (extreme := bounded(writer, equation, condition, yes, no)) is not None:
        return extreme
    by_bits = abs(prod(shape)) > costs.LEARNT and no.dtype.itemsize >= 4
    cost = costs.WHERE + abs(prod(shape)) * (_BY_BITS * no.dtype.itemsize if by_bits else costs.CHOSEN)
    form = f"{writer.call(by_their_bits if by_bits else np.where)}({{}}, {{}}, {{}})"
    value = writer.put(form, [condition, yes, no], shape, no.dtype, cost)
    vectors = condition.shape == yes.shape == shape_of(equation) and len(shape) == 1
    if no.shape or not vectors or condition.constant is not None:
        return value
    function, *of = condition.made or ("",)
    if function is np.less and of[0].made[:1] == ("iota",) and of[1].shape == ():
        rest = _prefix(writer, yes, of[1])
    else:
        cost = costs.WHERE + costs.TAKEN * prod(shape)
        rest = writer.put(f"{writer.call(np.compress)}({{}}, {{}})", [condition, yes], SOME, yes.dtype, cost)
    return replace(value, chosen=(condition, rest, no))


#: microseconds for each byte of what is chosen so
_BY_BITS = 0.0002


def by_their_bits(condition: Any, yes: Any, no: Any) -> np.ndarray:
    """``where(condition, yes, no)``: numpy branches for each element, which of many it cannot tell takes five times as
    long."""
    bits = _INTEGERS[yes.dtype.itemsize]
    given = no.view(bits)
    differ = np.bitwise_and(np.bitwise_xor(yes.view(bits), given), np.negative(condition.astype(bits)))
    chosen: np.ndarray = np.bitwise_xor(differ, given).view(yes.dtype)
    return chosen


_INTEGERS = {n: np.dtype(f"i{n}") for n in (4, 8)}


def _prefix(writer: Writer, x: Value, n: Value) -> Value:
    """The first elements of a vector; of what it was computed from, that they are computed from."""
    function, *of = x.made or ("",)
    if not isinstance(function, np.ufunc) or any(v.shape not in ((), x.shape) for v in of):
        return writer.put("{}[:max({}, 0)]", [x, n], SOME, x.dtype, 2 * costs.VIEW, fresh=False)
    parts = [v if v.shape == () else _prefix(writer, v, n) for v in of]
    form = f"{writer.call(function)}({', '.join(['{}'] * len(of))})"
    return writer.put(form, parts, SOME, x.dtype, writer.cost(x))


@computes("convert_element_type")
def _convert(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), dtype = values, np.dtype(equation.params["new_dtype"])
    if x.made[:1] == ("truth",):  # truth values that have been numbers since
        x = x.made[1]
    if x.dtype == dtype:
        return x
    made = ("truth", x) if x.dtype == bool else ("widened", x) if x.dtype == "float32" and dtype == "float64" else ()
    if x.dtype.kind == "f" and dtype.kind in "iu":
        if x.shape:
            raise UnsuitedError("numbers that may not fit")
        low, high = (writer.constant(np.array(n, dtype)) for n in (np.iinfo(dtype).min, np.iinfo(dtype).max))
        return writer.put(f"{writer.call(whole)}({{}}, {{}}, {{}})", [x, low, high], (), dtype, 3 * costs.NUMBER)
    if x.shape == () and (dtype.kind == "f" or np.can_cast(x.dtype, dtype)):
        return writer.put(f"{writer.call(dtype.type)}({{}})", [x], (), dtype, costs.NUMBER, made=made or ("number", x))
    form, cost = f"{{}}.astype({writer.dtype(dtype)})", costs.COPY
    return of_chosen(writer, writer.put(form, [x], x.shape, dtype, cost, made=made), [x], form, cost)


@computes("jit:integers_that_wrap")
def _wrapped(writer: Writer, equation: Any, values: list[Value]) -> Value | None:
    """Of arrays: numbers are looked at one by one."""
    (x,), dtype = values, equation.outvars[0].aval.dtype
    if not x.shape or not _wraps(x.dtype, dtype):
        return None
    return writer.put(f"{{}}.astype({writer.dtype(dtype)})", [x], x.shape, dtype, costs.COPY)


@cache
def _wraps(given: Any, dtype: Any) -> bool:
    """Whether numpy makes of floats that do not fit the least integer of 32 or 64 bits, as it does where it is compiled
    to the instructions that do so, and of that one of fewer bits."""
    bits = 64 if dtype.name in ("int64", "uint32") else 32
    if dtype.name == "uint64":
        return False
    numbers = np.array([np.nan, np.inf, -np.inf, 1e30, -1e30, 3e9, -3e9, 2.0**31, -(2.0**31), 300.7, -1.5], given)
    inside = [abs(n) < 2.0 ** (bits - 1) for n in numbers.tolist()]
    known = [int(n) if fits else -(1 << bits - 1) for n, fits in zip(numbers.tolist(), inside, strict=True)]
    with np.errstate(all="ignore"):
        found = np.tile(numbers, 9).astype(dtype)  # more than a vector of the processor's has
    return bool((found == np.tile(np.array(known, "int64").astype(dtype), 9)).all())


def whole(x: Any, low: Any, high: Any) -> Any:
    """A float as an integer: what does not fit is the next that does, and nan is 0."""
    return high if x >= high else low if x <= low else type(low)(0 if x != x else x)


# -- rules: shapes


@computes("copy", "copy_p", "stop_gradient", "optimization_barrier")
def _same(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if len(values) != 1:
        raise UnsuitedError(equation.primitive)
    return values[0]


@computes("broadcast_in_dim")
def _broadcast(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x, *_), rank = values, len(shape_of(equation))
    if x.shape == ():
        return x
    places = dict(zip(equation.params["broadcast_dimensions"], x.shape, strict=True))
    shape = tuple(places.get(d, 1) for d in range(rank))
    return x if shape == x.shape else writer.view(x, f"{{}}.reshape({shape})", shape)


@computes("reshape", "squeeze", "expand_dims")
def _reshape(writer: Writer, equation: Any, values: list[Value]) -> Value:
    x, shape = values[0], shape_of(equation)
    if x.shape == shape or x.shape == ():
        return x
    x = writer.full(x, equation.invars[0].aval.shape)
    if shape == ():
        return writer.put(f"{{}}[{', '.join('0' * len(x.shape))}]", [x], (), x.dtype, costs.NUMBER)
    cost = costs.VIEW + (costs.TURNED * prod(shape) if x.made[:1] == ("turned",) else 0)
    return writer.put(f"{{}}.reshape({shape})", [x], shape, x.dtype, cost, fresh=False)


def dot(writer: Writer, factors: Sequence[Value], shape: tuple[int, ...], cost: float = costs.CALL) -> Value:
    """A product of vectors and matrices, which takes as long as `cost` says, and reading the larger factor."""
    made = ("product", *factors, cost) if len(shape) == 2 else ()
    if made and _is_long_by_itself(*factors):
        x = factors[1]
        factors = [factors[0], writer.put("{}.copy()", [x], x.shape, x.dtype, costs.COPY)]
    reading = costs.BLAS * max(prod(f.shape) * f.dtype.itemsize for f in factors)
    return writer.put("{}.dot({})", factors, shape, factors[0].dtype, cost, made=made, reading=reading)


def _is_long_by_itself(a: Value, b: Value) -> bool:
    """Whether factors are one matrix, as it is and transposed, and the product is much larger: numpy asks BLAS for half
    of that then, and fills the rest element by element."""
    other = next((v.made[2] for v in (a, b) if v.made[:2] == ("turned", (1, 0))), None)
    same = other is not None and other.constant is None and other.text in (a.text, b.text)
    return same and a.shape[0] >= a.dtype.itemsize * a.shape[1]


def turned(writer: Writer, x: Value, order: tuple[int, ...] = (1, 0)) -> Value:
    """Axes in another order; a product of matrices becomes one of transposed ones, which is as quickly made."""
    if order == tuple(range(len(order))):
        return x
    if x.made[:1] == ("product",) and len(order) == 2:
        _, a, b, cost = x.made
        return dot(writer, [turned(writer, b), turned(writer, a)], x.shape[::-1], cost)
    if x.made[:2] == ("turned", (1, 0)):
        return x.made[2]  # type: ignore[no-any-return]
    shape = tuple(x.shape[d] for d in order)
    form = "{}.T" if order == (1, 0) else f"{{}}.transpose({order})"
    return writer.full(writer.view(x, form, shape, made=("turned", order, x)), shape)


@computes("transpose")
def _transpose(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), order = values, ints(equation.params["permutation"])
    if x.shape == ():
        return x
    return turned(writer, x, order)


@computes("rev")
def _rev(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), shape = values, shape_of(equation)
    if x.shape == ():
        return x
    turned = ", ".join("::-1" if d in equation.params["dimensions"] else ":" for d in range(len(shape)))
    return writer.view(writer.full(x, shape), f"{{}}[{turned}]", shape)


@computes("iota")
def _iota(writer: Writer, equation: Any, values: list[Value]) -> Value:
    shape, d = shape_of(equation), equation.params["dimension"]
    places = np.arange(shape[d], dtype=equation.params["dtype"])
    value = writer.constant(np.broadcast_to(places.reshape([-1 if k == d else 1 for k in range(len(shape))]), shape))
    return replace(value, made=("iota",)) if len(shape) == 1 else value


@computes("concatenate")
def _concatenate(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if all(x.shape == () and v.aval.shape == (1,) for x, v in zip(values, equation.invars, strict=True)):
        form = f"{writer.call(np.array)}([{', '.join(['{}'] * len(values))}], {writer.dtype(values[0].dtype)})"
        return writer.put(form, values, shape_of(equation), values[0].dtype, costs.COPY + costs.VIEW * len(values))
    parts = [writer.full(x, v.aval.shape) for x, v in zip(values, equation.invars, strict=True)]
    form = f"{writer.call(np.concatenate)}(({', '.join(['{}'] * len(parts))},), {int(equation.params['dimension'])})"
    return writer.put(form, parts, shape_of(equation), parts[0].dtype, 0.7)


__all__ = [
    "RULES", "computes", "dot", "form_for_numpy", "instead_of", "ints", "is_open_to_numpy", "open_to_numpy", "shape_of",
    "turned",
]  # fmt: skip
