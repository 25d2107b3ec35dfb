"""What numpy does for each primitive of jax's, where it computes the same: as lines of a `Writer`.

A rule takes an equation, and the values that it reads. It raises UnsuitedError where numpy computes something else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any, TypeVar

import jax
import numpy as np

from tx.lowering.apart import on_this_cpu
from tx.lowering.numpy_elementwise import CALL, ELEMENT, NUMBER, SOME, elementwise, negated, of_chosen
from tx.lowering.numpy_writer import COPY, SMALL, VIEW, UnsuitedError, Value, Writer
from tx.lowering.trace import Trace

#: microseconds for a reduction
_REDUCTION = 0.8
#: products of matrices with more multiplications are XLA's
_PRODUCT = 1 << 15
#: and for an element of a choice, of functions like exp, of others like sin
_CHOSEN, _HARD, _HARDER = 0.001, 0.002, 0.01
#: and of sorting; of finding the order
_SORTED, _ORDERED = 0.005, 0.02

Rule = Callable[[Writer, Any, list[Value]], Value | list[Value]]
_Given = TypeVar("_Given", bound=Rule)
#: by primitive: from the values that an equation reads to the one that it gives, or those
RULES: dict[str, Rule] = {}


def computes(*names: str) -> Callable[[_Given], _Given]:
    """Decorator: the rule for primitives of these names."""

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
    inputs = [trace.values.get(v) for v in trace.positions]
    return bool(inputs) and all(getattr(a, "size", 0) <= SMALL for a in (*inputs, *values)) and on_this_cpu(trace)


def open_to_numpy(trace: Trace, function: Callable[..., Any], *values: Any) -> Any:
    """``function(*values)``, so that what numpy computes instead is found, where it might."""
    ranks, _ = INSTEAD[function.__name__]
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
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor, "not": np.invert, "sign": np.sign,
}  # fmt: skip
#: the same, for floats only
_FLOATS: dict[str, Any] = {
    "div": np.divide, "sqrt": np.sqrt, "floor": np.floor, "ceil": np.ceil, "is_finite": np.isfinite,
}  # fmt: skip
#: the same, with what an element takes
_FUNCTIONS: dict[str, tuple[Any, float]] = {
    **{name: (getattr(np, name), _HARD) for name in ("exp", "exp2", "expm1", "log", "log1p", "sinh", "cosh", "tanh")},
    **{name: (getattr(np, name), _HARDER) for name in ("sin", "cos", "tan", "cbrt")},
    **{
        f"a{name}": (getattr(np, f"arc{name}"), _HARDER)
        for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")
    },
    "rem": (np.fmod, _HARDER),
}


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
    function, element = _FUNCTIONS[equation.primitive.name]
    return elementwise(writer, equation, values, function, element=element)


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
        shrunk = elementwise(writer, equation, [_neg(writer, equation, [x])], np.exp, element=_HARD)
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
    return elementwise(writer, equation, values, np.power, element=_HARDER)


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
        return writer.put("{} if {} else {}", [yes, condition, no], shape, no.dtype, NUMBER)
    cost = 0.8 + _CHOSEN * prod(shape)
    value = writer.put(f"{writer.call(np.where)}({{}}, {{}}, {{}})", [condition, yes, no], shape, no.dtype, cost)
    vectors = condition.shape == yes.shape == shape_of(equation) and len(shape) == 1
    if no.shape or not vectors or condition.constant is not None:
        return value
    function, *of = condition.made or ("",)
    if function is np.less and of[0].made[:1] == ("iota",) and of[1].shape == ():
        rest = _prefix(writer, yes, of[1])
    else:
        rest = writer.put(f"{writer.call(np.compress)}({{}}, {{}})", [condition, yes], SOME, yes.dtype, cost)
    return replace(value, chosen=(condition, rest, no))


def _prefix(writer: Writer, x: Value, n: Value) -> Value:
    """The first elements of a vector; of what it was computed from, that they are computed from."""
    function, *of = x.made or ("",)
    if not isinstance(function, np.ufunc) or any(v.shape not in ((), x.shape) for v in of):
        return writer.put("{}[:max({}, 0)]", [x, n], SOME, x.dtype, 2 * VIEW, fresh=False)
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
    made = ("truth", x) if x.dtype == bool else ()
    if x.dtype.kind == "f" and dtype.kind in "iu":
        if x.shape:
            raise UnsuitedError("numbers that may not fit")
        low, high = (writer.constant(np.array(n, dtype)) for n in (np.iinfo(dtype).min, np.iinfo(dtype).max))
        return writer.put(f"{writer.call(whole)}({{}}, {{}}, {{}})", [x, low, high], (), dtype, 3 * NUMBER)
    if x.shape == () and (dtype.kind == "f" or np.can_cast(x.dtype, dtype)):
        return writer.put(f"{writer.call(dtype.type)}({{}})", [x], (), dtype, NUMBER, made=made or ("number", x))
    form, cost = f"{{}}.astype({writer.dtype(dtype)})", COPY + ELEMENT * prod(x.shape)
    return of_chosen(writer, writer.put(form, [x], x.shape, dtype, cost, made=made), [x], form, cost)


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
        return writer.put(f"{{}}[{', '.join('0' * len(x.shape))}]", [x], (), x.dtype, NUMBER)
    return writer.view(x, f"{{}}.reshape({shape})", shape)


@computes("transpose")
def _transpose(writer: Writer, equation: Any, values: list[Value]) -> Value:
    (x,), order = values, ints(equation.params["permutation"])
    if x.shape == ():
        return x
    shape = tuple(x.shape[d] for d in order)
    return writer.view(x, "{}.T" if order == (1, 0) else f"{{}}.transpose({order})", shape)


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
        return writer.put(form, values, shape_of(equation), values[0].dtype, COPY + VIEW * len(values))
    parts = [writer.full(x, v.aval.shape) for x, v in zip(values, equation.invars, strict=True)]
    form = f"{writer.call(np.concatenate)}(({', '.join(['{}'] * len(parts))},), {int(equation.params['dimension'])})"
    return writer.put(form, parts, shape_of(equation), parts[0].dtype, 0.7)


# -- rules: reductions and products


@computes("reduce_sum")
def _sum(writer: Writer, equation: Any, values: list[Value]) -> Value:
    axes, shape = ints(equation.params["axes"]), shape_of(equation)
    if (opposite := negated(values[0])) is not None:
        return elementwise(writer, equation, [_sum(writer, equation, [opposite])], np.negative)
    if values[0].made[:1] == ("truth",) and shape == ():
        form = f"{writer.call(equation.outvars[0].aval.dtype.type)}({writer.call(np.count_nonzero)}({{}}))"
        mask = writer.full(values[0].made[1], equation.invars[0].aval.shape)
        return writer.put(form, [mask], (), values[0].dtype, COPY)
    if (few := _few(values[0], equation, 0)) is not None:
        return _reduced(writer, few, np.add, axes, equation)
    x = writer.full(values[0], equation.invars[0].aval.shape)
    if x.dtype.kind == "f" and len(axes) == 1 and len(x.shape) <= 2:
        # A product with ones is the same, and sooner made; or with what is there to be multiplied.
        factors = list(x.made[1:]) if x.made[:1] == (np.multiply,) and len(x.shape) == 1 else []
        if any(f.shape != x.shape for f in factors) or not factors:
            factors = [x, Value("", (x.shape[axes[0]],), x.dtype, constant=np.ones(x.shape[axes[0]], x.dtype))]
        return _dot(writer, factors[::-1] if axes == (0,) and len(x.shape) == 2 else factors, shape)
    return _reduced(writer, x, np.add, axes, equation)


def _dot(writer: Writer, factors: Sequence[Value], shape: tuple[int, ...]) -> Value:
    cost = CALL + ELEMENT * max(prod(f.shape) for f in factors)
    return writer.put("{}.dot({})", factors, shape, factors[0].dtype, cost)


def _few(x: Value, equation: Any, number: Any) -> Value | None:
    """The elements of a vector that are to be reduced, where all others are this number, which changes nothing."""
    complete = x.shape == equation.invars[0].aval.shape
    return x.chosen[1] if complete and x.chosen is not None and x.chosen[2].constant == number else None


def _reduced(writer: Writer, x: Value, function: Any, axes: Sequence[int], equation: Any) -> Value:
    # numpy would make sums of 64 bits of others
    dtype = equation.outvars[0].aval.dtype
    axis = axes[0] if len(axes) == 1 else tuple(axes)
    told = f", {writer.dtype(dtype)}" if dtype.kind in "iu" else ""
    form = f"{writer.call(function)}.reduce({{}}, {axis}{told})"
    return writer.put(form, [x], shape_of(equation), dtype, _REDUCTION + ELEMENT * abs(prod(x.shape)))


_REDUCTIONS = {
    "reduce_prod": np.multiply, "reduce_max": np.maximum, "reduce_min": np.minimum,
    "reduce_and": np.bitwise_and, "reduce_or": np.bitwise_or,
}  # fmt: skip
#: of which nothing is no error if they begin with this infinity
_LEAST = {"reduce_max": -1, "reduce_min": 1}


@computes(*_REDUCTIONS)
def _reduction(writer: Writer, equation: Any, values: list[Value]) -> Value:
    name, dtype = equation.primitive.name, values[0].dtype
    if name in _LEAST and (few := _few(values[0], equation, _LEAST[name] * np.inf)) is not None:
        form = f"{writer.call(_REDUCTIONS[name])}.reduce({{}}, 0, None, None, False, {{}})"
        start = writer.constant(np.array(_LEAST[name] * np.inf, dtype))
        return writer.put(form, [few, start], (), dtype, _REDUCTION + VIEW)
    x = writer.full(values[0], equation.invars[0].aval.shape)
    if 0 in x.shape:
        raise UnsuitedError("nothing to reduce")
    return _reduced(writer, x, _REDUCTIONS[name], ints(equation.params["axes"]), equation)


@computes("cumsum")
def _cumsum(writer: Writer, equation: Any, values: list[Value]) -> Value:
    if equation.params["reverse"]:
        raise UnsuitedError("from the end")
    x, shape = values[0], shape_of(equation)
    form = f"{writer.call(np.add)}.accumulate({{}}, {int(equation.params['axis'])}, {writer.dtype(x.dtype)})"
    return writer.put(form, [writer.full(x, shape)], shape, x.dtype, _REDUCTION + ELEMENT * prod(shape))


@computes("sort")
def _sorted(writer: Writer, equation: Any, values: list[Value]) -> list[Value]:
    """In order, nan last, as XLA has it; and the places of a vector's elements, equal ones as they were."""
    x, *places = (writer.full(v, a.aval.shape) for v, a in zip(values, equation.invars, strict=True))
    axis, one_by_one = int(equation.params["dimension"]), [v.made[:1] == ("iota",) for v in values[1:]]
    if equation.params["num_keys"] != 1 or one_by_one not in ([], [True]):
        raise UnsuitedError(equation.primitive)
    if not places:
        form = f"{writer.call(np.sort)}({{}}, {axis})"
        return [writer.put(form, [x], x.shape, x.dtype, _REDUCTION + _SORTED * prod(x.shape))]
    cost = CALL + (_SORTED if x.dtype == bool else _ORDERED) * prod(x.shape)
    dtype = places[0].dtype
    found = writer.put(f"{{}}.argsort({axis}, 'stable')", [x], x.shape, np.dtype("int64"), cost)
    if dtype != "int64":
        found = writer.put(f"{{}}.astype({writer.dtype(dtype)})", [found], x.shape, dtype, COPY)
    return [writer.put("{}[{}]", [x, found], x.shape, x.dtype, COPY), found]


@computes("dot_general")
def _product(writer: Writer, equation: Any, values: list[Value]) -> Value:
    _floats(values)
    (summed, batched), dtype = equation.params["dimension_numbers"], equation.outvars[0].aval.dtype
    avals = [v.aval for v in equation.invars]
    if any(batched) or any(a.ndim > 2 or a.dtype != dtype for a in avals) or [len(s) for s in summed] != [1, 1]:
        raise UnsuitedError(equation.primitive)
    a, b = (writer.full(x, v.shape) for x, v in zip(values, avals, strict=True))
    if len(a.shape) == 2 and summed[0] == (0,):
        a = writer.view(a, "{}.T", a.shape[::-1])
    if len(b.shape) == 2 and summed[1] == (1,):
        b = writer.view(b, "{}.T", b.shape[::-1])
    # an element is a sum
    wide = avals[0].shape[summed[0][0]] * prod(shape_of(equation))
    value = _dot(writer, [a, b], shape_of(equation))
    if wide > _PRODUCT:
        raise UnsuitedError("a large product")
    return value


__all__ = ["RULES", "computes", "form_for_numpy", "instead_of", "ints", "is_open_to_numpy", "open_to_numpy", "shape_of"]
