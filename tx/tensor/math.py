"""The elementwise functions of `tx.tensor`, made from the scalar table, and what derivatives need besides.

This module is the vocabulary in which the table's derivatives are written (``F`` in `tx.scalar.basic`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tx import scalar
from tx.configuration import config
from tx.scalar import dtypes as dt
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.elemwise import Elemwise, constant_value, elemwise
from tx.tensor.type import TensorType

_ONE_LINERS = {
    "add": "The elementwise sum of all arguments.",
    "sub": "x - y, elementwise.",
    "mul": "The elementwise product of all arguments.",
    "int_div": "The floor of x / y, elementwise.",
    "mod": "x - floor(x / y) * y, elementwise: the result has the sign of y, as in Python.",
    "pow": "x to the power y, elementwise.",
    "maximum": "The larger of x and y, elementwise; NaN if either is.",
    "minimum": "The smaller of x and y, elementwise; NaN if either is.",
    "inv": "1 / x, elementwise.",
    "sqr": "x * x, elementwise.",
    "abs_": "The magnitude of x, elementwise.",
    "sgn": "The sign of x, elementwise: -1, 0 or 1.",
    "sigmoid": "1 / (1 + exp(-x)), elementwise.",
    "softplus": "log(1 + exp(x)), elementwise, without overflow.",
    "switch": "x where the condition is not zero, y elsewhere.",
    "second": "The second argument, broadcast against the first.",
    "eq": "Whether a == b, elementwise.",
    "psi": "The derivative of `gammaln`, elementwise.",
    "tri_gamma": "The second derivative of `gammaln`, elementwise.",
}


def _function(name: str) -> Callable[..., Any]:
    op = elemwise(name)

    def function(*inputs: Any) -> Any:
        return op(*inputs)

    function.__name__ = function.__qualname__ = name.rstrip("_") if name == "complex" else name
    function.__doc__ = _ONE_LINERS.get(name, f"The elementwise {name.rstrip('_')} of the arguments.")
    function.op = op  # type: ignore[attr-defined]
    return function


_own = ("Cast", "clip", "true_div", "conj", "round_half_to_even", "round_half_away_from_zero")
for _name in scalar.table:
    if _name not in _own:
        globals()[_name] = _function(_name)

# Names that the type checker cannot see being made above.
_made: Any = globals()
add, sub, mul, neg, eq, switch, second, sqrt, mod = (
    _made[n] for n in ("add", "sub", "mul", "neg", "eq", "switch", "second", "sqrt", "mod")
)
int_div, abs_, real, isnan, isinf, invert, le = (
    _made[n] for n in ("int_div", "abs_", "real", "isnan", "isinf", "invert", "le")
)
_true_div, _clip, _conj = elemwise("true_div"), elemwise("clip"), elemwise("conj")


def true_div(a: Any, b: Any) -> Any:
    """a / b, elementwise: the quotient of integers is a floatX."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if dt.is_discrete(a.dtype) and dt.is_discrete(b.dtype):
        a = cast(a, config.floatX)
    return _true_div(a, b)


def clip(x: Any, min: Any, max: Any) -> Any:
    """`x` limited to between `min` and `max`, elementwise; where min > max the result is min."""
    return _clip(x, min, max)


def conj(x: Any) -> Any:
    """The complex conjugate; `x` itself when it is real."""
    x = as_tensor_variable(x)
    return _conj(x) if dt.is_complex(x.dtype) or x.dtype == "bool" else x


def cast(x: Any, dtype: Any) -> Any:
    """`x` converted to `dtype` (``'floatX'`` for the configured one). Raises TypeError for complex to real."""
    x = as_tensor_variable(x)
    name = dt.canonical(dtype)
    if x.dtype == name:
        return x
    if dt.is_complex(x.dtype) and not dt.is_complex(name):
        raise TypeError("Casting from complex to real is ambiguous: consider real(), imag(), angle() or abs()")
    return Elemwise(scalar.cast_to(name))(x)


def round(a: Any, mode: str | None = None) -> Any:
    """Round to the nearest integer: ``'half_away_from_zero'`` or ``'half_to_even'``.

    The default is the first as documented, the second where ``config.compatibility`` is '1.0'.
    Raises NameError, in ValueError's place as Theano does, for another mode; TypeError for what is no float.
    """
    mode = mode or ("half_to_even" if config.compatibility == "1.0" else "half_away_from_zero")
    if mode not in ("half_away_from_zero", "half_to_even"):
        raise Exception(f"round mode {mode} is not implemented.")
    return elemwise(f"round_{mode}")(a)


def iround(a: Any, mode: str | None = None) -> Any:
    """`round`, as int64."""
    return cast(round(a, mode), "int64")


def where(cond: Any, ift: Any, iff: Any) -> Any:
    """As `switch`."""
    return switch(cond, ift, iff)


def floor_div(a: Any, b: Any) -> Any:
    """As `int_div`."""
    return int_div(a, b)


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether ``|a - b| <= atol + rtol * |b|``, elementwise; infinities are close to themselves."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    logic = "bool" if config.compatibility == "1.0" else "int8"
    close = le(abs_(a - b), constant(atol) + constant(rtol) * abs_(b))
    infinite = _made["or_"](isinf(a), isinf(b))
    both = switch(infinite, eq(a, b), close)
    if equal_nan:
        both = _made["or_"](cast(both, logic), _made["and_"](isnan(a), isnan(b)))
    return cast(both, logic)


# -- aliases ----------------------------------------------------------------------------------------------------------

neq, lt, gt, ge = (_made[n] for n in ("neq", "lt", "gt", "ge"))
truediv, intdiv, divide, floordiv = true_div, int_div, true_div, floor_div
bitwise_and, bitwise_or, bitwise_xor = (_made[n] for n in ("and_", "or_", "xor"))
bitwise_not = invert
sign, square, absolute, remainder, power = (_made[n] for n in ("sgn", "sqr", "abs_", "mod", "pow"))
imag, identity = _made["imag"], _made["identity"]
and_, or_, xor, pow, exp, log = (_made[n] for n in ("and_", "or_", "xor", "pow", "exp", "log"))
fill = second
logical_not = invert


# -- what derivatives need --------------------------------------------------------------------------------------------


def zeros_like(model: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `model` (and its dtype, unless one is given)."""
    return _filled(model, 0, dtype)


def ones_like(model: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `model` (and its dtype, unless one is given)."""
    return _filled(model, 1, dtype)


def _filled(model: Any, value: int, dtype: Any) -> Any:
    model = as_tensor_variable(model)
    name = model.dtype if dtype is None else dt.canonical(dtype)
    filler = constant(value, dtype=name)
    return second(model, filler) if model.ndim else filler


def zeros_like_float(x: Any) -> Any:
    """Zeros of the shape of `x`, of floatX where `x` is discrete: the gradient of what is flat everywhere."""
    return zeros_like(x, config.floatX if dt.is_discrete(x.dtype) else x.dtype)


def zeros_floatx(x: Any) -> Any:
    """Zeros of the shape of `x`, of floatX whatever its dtype (for derivatives that Theano gives so)."""
    return zeros_like(x, config.floatX)


def constant_like(value: float, x: Any) -> Any:
    """The constant `value` in the dtype of `x`."""
    return constant(value, dtype=x.dtype)


def is_complex(x: Any) -> bool:
    """Whether `x` is complex."""
    return dt.is_complex(x.dtype)


def conj_if_complex(x: Any) -> Any:
    """The conjugate of a complex `x`, a real `x` itself."""
    return _conj(x) if is_complex(x) else x


def complex_of(re: Any, im: Any, like: Any) -> Any:
    """A complex number of `like`'s dtype, or the real part alone where `like` is real."""
    return cast(_made["complex"](re, im), like.dtype) if is_complex(like) else re


def cast_gradient(g: Any, x: Any) -> Any:
    """The gradient of a cast: `g` as it is, in the dtype that was cast to, as in Theano."""
    return real(g) if is_complex(g) and not is_complex(x) else g


def disconnected() -> Any:
    """The gradient of what has no influence."""
    from tx.tensor.type_other import DisconnectedType

    return DisconnectedType()()


def unbroadcast_gradient(g: Any, x: Any) -> Any:
    """`g`, of the output's shape, summed over the axes along which `x` was stretched, in the dtype that `x` needs."""
    from tx.tensor.reduction import sum as total

    g = as_tensor_variable(g)
    if x.ndim > g.ndim or g.ndim == 0:
        stretched = []
    else:
        stretched = [d for d in range(x.ndim) if x.type.broadcastable[d] and not g.type.broadcastable[d]]
    if g.ndim < x.ndim:
        g = second(x, g)
        stretched = []
    if stretched:
        g = total(g, axis=stretched, keepdims=True)
    if g.type.broadcastable != x.type.broadcastable:
        g = second(x, g)
    if is_complex(g) and not is_complex(x):
        g = real(g)
    return g


__all__ = [n for n in dir() if not n.startswith("_") and callable(globals()[n])]
__all__ = [
    n
    for n in __all__
    if getattr(globals()[n], "__module__", "") == __name__
    and n
    not in (
        "zeros_floatx",
        "constant_like",
        "conj_if_complex",
        "complex_of",
        "cast_gradient",
        "disconnected",
        "is_complex",
    )
]

Elemwise.vocabulary = sys.modules[__name__]
_ = (np, TensorType, constant_value)
