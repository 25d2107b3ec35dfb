"""Elementwise operations: one row each, from the name in the scalar table to a function of jax values.

A row also says in which dtype to compute: that of the result, unless `INPUT` (the inputs' own promotion).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering import direct, layout, special
from tx.lowering.numpy_rules import open_to_numpy
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.scalar import dtypes as dt
from tx.tensor.elemwise import DimShuffle, Elemwise, constant_value


def _fold(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda *values: reduce(function, values)


def _is_int(x: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.integer) or x.dtype == bool


def _six_bits(power: Any) -> Any:
    """jax reads so many bits of whole powers. Of greater ones all but 0, 1 and -1 overflow; for these this is equal."""
    return jnp.where(power > 63, 62 + power % 2, power)


def quotient_rounded_down(x: Any, y: Any) -> Any:
    """``x // y``."""
    if _is_int(x):
        # As numpy and C on Theano's machines: nothing is a good quotient by 0, and 0 is it.
        return _unless_zero(_floor_quotient, x, y)
    return jnp.floor(x / y) if jnp.issubdtype(x.dtype, jnp.complexfloating) else jnp.floor_divide(x, y)


def rest_rounded_down(x: Any, y: Any) -> Any:
    """``x % y``."""
    if _is_int(x):
        return _unless_zero(_floor_remainder, x, y)
    return jnp.remainder(x, y)


def _unless_zero(function: Callable[[Any, Any], Any], x: Any, y: Any) -> Any:
    zero = direct.equal(y, 0)
    return direct.where(zero, 0, function(x, direct.where(zero, 1, y)))


def _floor_quotient(x: Any, y: Any) -> Any:
    quotient = lax.div(x, y)
    if _unsigned(x):
        return quotient
    return direct.where(_other_sign(lax.rem(x, y), y), direct.plus(quotient, -1), quotient)


def _floor_remainder(x: Any, y: Any) -> Any:
    rest = lax.rem(x, y)
    return rest if _unsigned(x) else direct.where(_other_sign(rest, y), lax.add(rest, y), rest)


def _unsigned(x: Any) -> bool:
    return x.dtype == bool or jnp.issubdtype(x.dtype, jnp.unsignedinteger)


def _other_sign(rest: Any, y: Any) -> Any:
    """Whether a remainder is not 0 and has another sign than the divisor: then the quotient is not rounded down yet."""
    differ = lax.ne(direct.below(rest, 0), direct.below(y, 0))
    return lax.bitwise_and(differ, direct.differs(rest, 0))


def _clip(x: Any, low: Any, high: Any) -> Any:
    return lax.select(lax.lt(x, low), low, lax.select(lax.gt(x, high), high, x))


def _bits(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return _fold(function)


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A comparison; complex numbers are ordered by their real parts, then by their imaginary parts, as in numpy."""

    def function(x: Any, y: Any) -> Any:
        if not jnp.issubdtype(x.dtype, jnp.complexfloating):
            return compare(x, y)
        same = lax.eq(lax.real(x), lax.real(y))
        return lax.select(same, compare(lax.imag(x), lax.imag(y)), compare(lax.real(x), lax.real(y)))

    return function


INPUT = "input"

#: name -> function, or (function, dtype to compute in)
ROWS: dict[str, Any] = {
    "add": _fold(lax.add),
    "sub": lax.sub,
    "mul": _fold(lax.mul),
    "true_div": lax.div,
    "int_div": quotient_rounded_down,
    "mod": rest_rounded_down,
    "pow": lambda x, y: jnp.power(x, _six_bits(y)) if _is_int(x) else lax.pow(x, y),
    "neg": lax.neg,
    "inv": lambda x: lax.div(direct.scalar(1, x.dtype), x),
    "sqr": lambda x: x & x if x.dtype == bool else lax.mul(x, x),
    "abs_": (lambda x: x if _unsigned(x) else lax.abs(x), INPUT),
    "sgn": lambda x: jnp.sign(x) if jnp.issubdtype(x.dtype, jnp.complexfloating) else lax.sign(x),
    "maximum": lax.max,
    "minimum": lax.min,
    "clip": _clip,
    "identity": lambda x: x,
    "ceil": lax.ceil,
    "floor": lax.floor,
    "trunc": jnp.trunc,
    "round_half_to_even": lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN),
    "round_half_away_from_zero": lambda x: lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO),
    "exp": lax.exp,
    "exp2": jnp.exp2,
    "expm1": lax.expm1,
    "log": lax.log,
    "log2": jnp.log2,
    "log10": jnp.log10,
    "log1p": lax.log1p,
    "sqrt": lax.sqrt,
    "sigmoid": lax.logistic,
    "softplus": lambda x: lax.add(lax.max(x, direct.scalar(0, x.dtype)), lax.log1p(lax.exp(lax.neg(lax.abs(x))))),
    "sin": lax.sin,
    "cos": lax.cos,
    "tan": lax.tan,
    "arcsin": lax.asin,
    "arccos": lax.acos,
    "arctan": lax.atan,
    "sinh": lax.sinh,
    "cosh": lax.cosh,
    "tanh": lax.tanh,
    "arcsinh": lax.asinh,
    "arccosh": lax.acosh,
    "arctanh": lax.atanh,
    "arctan2": jnp.arctan2,
    "deg2rad": jnp.deg2rad,
    "rad2deg": jnp.rad2deg,
    "lt": (_ordered(lax.lt), INPUT),
    "gt": (_ordered(lax.gt), INPUT),
    "le": (_ordered(lax.le), INPUT),
    "ge": (_ordered(lax.ge), INPUT),
    "eq": (lax.eq, INPUT),
    "neq": (lax.ne, INPUT),
    "isnan": (lambda x: lax.ne(x, x), INPUT),
    "isinf": (jnp.isinf, INPUT),
    "and_": _bits(lax.bitwise_and),
    "or_": _bits(lax.bitwise_or),
    "xor": _bits(lax.bitwise_xor),
    "invert": lax.bitwise_not,
    "real": (jnp.real, INPUT),
    "imag": (jnp.imag, INPUT),
    "conj": jnp.conj,
    "angle": (jnp.angle, INPUT),
    "complex": (lax.complex, INPUT),
    "complex_from_polar": (lambda r, angle: lax.complex(r * lax.cos(angle), r * lax.sin(angle)), INPUT),
    **special.ROWS,
}

#: x to a constant power, as Theano computes it
_POWERS: dict[float, Callable[[Any], Any]] = {
    2: lambda x: lax.mul(x, x),
    1: lambda x: x,
    0.5: lax.sqrt,
    -0.5: lambda x: lax.div(direct.scalar(1, x.dtype), lax.sqrt(x)),
    -1: lambda x: lax.div(direct.scalar(1, x.dtype), x),
    -2: lambda x: lax.div(direct.scalar(1, x.dtype), lax.mul(x, x)),
    0: jnp.ones_like,
}
#: whole powers up to this are products, as Theano has them (``local_pow_specialize_device``)
_LARGEST_POWER = 512


def _special_power(power: Any, dtype: str) -> Callable[[Any], Any] | None:
    """What computes x to the power, if that is known, and not left to XLA's function: of products of squares."""
    if power is None or isinstance(power, complex) or dt.is_complex(dtype):
        return None
    discrete = dt.is_discrete(dtype)
    if 2 < abs(power) <= _LARGEST_POWER and power == int(power) and (power > 0 or not discrete):
        return partial(_multiplied, int(power))
    return None if discrete else _POWERS.get(power)


def _multiplied(power: int, x: Any) -> Any:
    """The squares of squares that the power is made of, the highest first."""
    squares = [x]
    while len(squares) < abs(power).bit_length():
        squares.append(lax.mul(squares[-1], squares[-1]))
    found = reduce(lax.mul, [s for i, s in reversed(list(enumerate(squares))) if abs(power) >> i & 1])
    return found if power > 0 else lax.div(direct.scalar(1, x.dtype), found)


def broadcast_shape(node: Any, values: Any) -> tuple[int, ...]:
    """The shape of an Elemwise's output. Raises ValueError where lengths differ that the types keep apart."""
    shape = [1] * node.outputs[0].ndim
    chosen: list[int | None] = [None] * len(shape)
    for i, (variable, value) in enumerate(zip(node.inputs, values, strict=True)):
        pattern = variable.type.broadcastable
        for d, n in enumerate(value.shape):
            if pattern[d]:
                continue
            first = chosen[d]
            if first is None:
                chosen[d], shape[d] = i, n
            elif shape[d] != n:
                raise ValueError(
                    f"Input dimension mis-match. (input[{first}].shape[{d}] = {shape[d]}, input[{i}].shape[{d}] = {n})"
                )
    return tuple(shape)


#: what is elementwise in lax, and takes numbers beside arrays; complex ones it does not all take
_WITH_NUMBERS = {
    "add", "sub", "mul", "true_div", "maximum", "minimum", "lt", "gt", "le", "ge", "eq", "neq", "and_", "or_", "xor",
}  # fmt: skip


def _operand(trace: Trace, value: Any, dtype: str, shape: tuple[int, ...], numbers: bool = False) -> Any:
    """A value in the dtype and the shape that are computed in; one with a single element as it is, for `numbers`."""
    if isinstance(value, np.ndarray) and not (value.dtype.kind in "fc" and dtype in dt.discrete_dtypes):
        with np.errstate(all="ignore"):
            number = value.reshape(()).astype(dtype)
        if numbers:
            return number
        return direct.full(shape, number, dtype) if shape else jnp.asarray(number)
    truth = trace.truths.get(id(value)) if dtype == "bool" else None
    if truth is not None:
        value = truth[1]
    else:
        value = _cast(trace, jnp.asarray(value) if isinstance(value, np.ndarray) else value, dtype)
    # A constant or a parameter that is not stretched costs nothing here.
    if value.shape == shape or (numbers and value.shape == ()):
        return value
    return lax.broadcast_in_dim(value, shape, tuple(range(len(shape))))


def _cast(trace: Trace, value: Any, dtype: str) -> Any:
    if value.dtype == dtype:
        return value
    if dtype == "bool":
        return lax.ne(value, jnp.zeros((), value.dtype))
    if jnp.issubdtype(value.dtype, jnp.floating) and jnp.issubdtype(dtype, jnp.integer):

        def integers_that_wrap(value: Any) -> Any:
            return _truncate(value, jnp.dtype(dtype))

        return open_to_numpy(trace, integers_that_wrap, value)
    return lax.convert_element_type(value, dtype)


def _truncate(value: Any, dtype: Any) -> Any:
    """A float as an integer. Where it does not fit it wraps, as in compiled C; `lax` alone would clip it."""
    if dtype == "uint64":
        negative = lax.lt(value, jnp.zeros_like(value))
        wrapped = lax.convert_element_type(lax.convert_element_type(value, "int64"), dtype)
        return lax.select(negative, wrapped, lax.convert_element_type(value, dtype))
    # The instructions that convert give a signed integer of 32 or 64 bits, its least one for what does not fit.
    wide = "int64" if dtype in ("int64", "uint32") else "int32"
    value = lax.convert_element_type(value, "float32") if value.dtype.itemsize < 4 else value
    least = np.iinfo(wide).min
    low, high = jnp.full_like(value, least), jnp.full_like(value, -float(least))
    fits = lax.bitwise_and(lax.ge(value, low), lax.lt(value, high))
    return lax.convert_element_type(lax.convert_element_type(lax.select(fits, value, low), wide), dtype)


@lowers(Elemwise, numbers=True)
def elemwise(trace: Trace, node: Any, *values: Any) -> Any:
    """The row, in the layout that the arrays are in."""
    return layout.elementwise(trace, values, broadcast_shape(node, values), partial(row, trace, node))


def row(trace: Trace, node: Any, shape: tuple[int, ...], *values: Any) -> Any:
    """Broadcast, cast to the dtype that is computed in, apply the row, cast to the result's dtype."""
    name, target, operand = node.op.scalar_op.row, node.outputs[0].type.dtype, partial(_operand, trace)
    if name in ("Cast", "second"):
        return operand(values[-1], target, shape)
    if name == "switch":
        return lax.select(*(operand(v, d, shape) for v, d in zip(values, ("bool", target, target), strict=True)))
    if name == "pow":
        power = values[1].item() if isinstance(values[1], np.ndarray) else constant_value(node.inputs[1])
        special_case = _special_power(power, target)
        if special_case is not None:
            return special_case(operand(values[0], target, shape))
    found = ROWS[name]
    function, dtype = found if isinstance(found, tuple) else (found, target)
    if dtype == INPUT:
        dtype = dt.upcast(*(i.type.dtype for i in node.inputs))
        if name in ("complex", "complex_from_polar", "angle") and dtype not in ("complex64", "complex128"):
            dtype = "float32" if target == "complex64" else "float64"
    if name in ("int_div", "mod") and dt.is_discrete(dtype):
        function = partial(open_to_numpy, trace, function)
        if not constant_value(node.inputs[1]):
            # As Theano's C code; XLA would give something.
            trace.check(direct.differs(values[1], 0), lambda _: ZeroDivisionError("integer division by zero"))
    if dtype == "bool" and name in _LOGICAL:
        function = _LOGICAL[name]
    numbers = name in _WITH_NUMBERS and not dtype.startswith("complex")
    if numbers:  # what a number was given axes for, it may do without
        values = tuple(trace.numbers.get(id(v), (v, v))[1] for v in values)
    found = function(*(operand(v, dtype, shape, numbers) for v in values))
    if found.shape != shape:
        found = direct.stretched(found, shape, found.dtype)
    result = _cast(trace, found, target)
    if found.dtype == bool and result is not found:
        trace.truths[id(result)] = result, found
    return result


#: arithmetic of truth values
_LOGICAL: dict[str, Callable[..., Any]] = {
    "add": _fold(lax.bitwise_or),
    "mul": _fold(lax.bitwise_and),
    "lt": lambda x, y: lax.bitwise_and(lax.bitwise_not(x), y),
    "gt": lambda x, y: lax.bitwise_and(x, lax.bitwise_not(y)),
    "le": lambda x, y: lax.bitwise_or(lax.bitwise_not(x), y),
    "ge": lambda x, y: lax.bitwise_or(x, lax.bitwise_not(y)),
    "int_div": lax.bitwise_and,
    "mod": lambda x, y: lax.bitwise_and(x, lax.bitwise_not(y)),
}


@lowers(DimShuffle)
def dimshuffle(trace: Trace, node: Any, x: Any) -> Any:
    """A transpose, where axes change places, and a reshape, where they come and go."""
    op = node.op
    for d in op.drop:
        if x.shape[d] != 1:
            raise ValueError(f"DimShuffle: axis {d} has length {x.shape[d]}, and cannot be dropped")
    lengths = [x.shape[d] for d in op.shuffle]
    order = [*op.shuffle, *op.drop]
    if order != sorted(order):
        x = lax.transpose(x, order)
    for position in op.augment:
        lengths.insert(position, 1)
    result = lax.reshape(x, tuple(lengths))
    if not x.ndim and result is not x:
        trace.numbers[id(result)] = result, x
    return result
