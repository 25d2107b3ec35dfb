"""The elementwise functions of `tx.tensor`, made from the scalar table, and what derivatives need besides.

This module is the vocabulary in which the table's derivatives are written (``F`` in `tx.scalar.basic`).
"""

from __future__ import annotations

import sys
import warnings
from typing import Any

from tx import scalar
from tx.configuration import config
from tx.graph.utils import Documented
from tx.scalar import dtypes as dt
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.elemwise import Elemwise, constant_value, elemwise
from tx.tensor.type_other import DisconnectedType

_ONE_LINERS = {
    "add": "The elementwise sum of all arguments.",
    "sub": "x - y, elementwise.",
    "mul": "The elementwise product of all arguments.",
    "true_div": "a / b, elementwise: the quotient of integers is a floatX.",
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
    "complex": "x + 1j * y, elementwise, of two real arguments.",
    "complex_from_polar": "The complex number with a magnitude and an angle (radians), elementwise.",
    "gammainc": "The lower incomplete gamma function of order k at x, divided by gamma(k), elementwise.",
    "gammaincc": "The upper incomplete gamma function of order k at x, divided by gamma(k), elementwise.",
    "gammal": "The lower incomplete gamma function of order k at x, elementwise.",
    "gammau": "The upper incomplete gamma function of order k at x, elementwise.",
    "chi2sf": "The probability that a chi-squared variable with df degrees of freedom exceeds x, in float64.",
    "j0": "The Bessel function of the first kind and order 0, elementwise.",
    "j1": "The Bessel function of the first kind and order 1, elementwise.",
    "jv": "The Bessel function of the first kind and real order v at x, elementwise.",
    "i0": "The modified Bessel function of the first kind and order 0, elementwise.",
    "i1": "The modified Bessel function of the first kind and order 1, elementwise.",
    "iv": "The modified Bessel function of the first kind and real order v at x, elementwise.",
    "xlogx": "x * log(x), elementwise; 0 where x is 0.",
    "xlogy0": "x * log(y), elementwise; 0 where x is 0.",
}


def _named(name: str) -> Elemwise:
    """The Elemwise of a row. It is the function itself: ``node.op == T.exp`` asks whether a node is one of `exp`."""
    op = elemwise(name)
    op.__name__ = name.rstrip("_") if name == "complex" else name
    op.__module__ = __name__
    op.__doc__ = _ONE_LINERS.get(name, f"The elementwise {name.rstrip('_')} of the arguments.")
    return op


add = _named("add")
sub = _named("sub")
mul = _named("mul")
int_div = _named("int_div")
mod = _named("mod")
pow = _named("pow")
neg = _named("neg")
inv = _named("inv")
sqr = _named("sqr")
abs_ = _named("abs_")
sgn = _named("sgn")
maximum = _named("maximum")
minimum = _named("minimum")
second = _named("second")
identity = _named("identity")
ceil = _named("ceil")
floor = _named("floor")
trunc = _named("trunc")
exp = _named("exp")
exp2 = _named("exp2")
expm1 = _named("expm1")
log = _named("log")
log2 = _named("log2")
log10 = _named("log10")
log1p = _named("log1p")
sqrt = _named("sqrt")
sigmoid = _named("sigmoid")
softplus = _named("softplus")
sin = _named("sin")
cos = _named("cos")
tan = _named("tan")
arcsin = _named("arcsin")
arccos = _named("arccos")
arctan = _named("arctan")
sinh = _named("sinh")
cosh = _named("cosh")
tanh = _named("tanh")
arcsinh = _named("arcsinh")
arccosh = _named("arccosh")
arctanh = _named("arctanh")
arctan2 = _named("arctan2")
deg2rad = _named("deg2rad")
rad2deg = _named("rad2deg")
erf = _named("erf")
erfc = _named("erfc")
erfcx = _named("erfcx")
erfinv = _named("erfinv")
erfcinv = _named("erfcinv")
gamma = _named("gamma")
gammaln = _named("gammaln")
psi = _named("psi")
tri_gamma = _named("tri_gamma")
lt = _named("lt")
gt = _named("gt")
le = _named("le")
ge = _named("ge")
eq = _named("eq")
neq = _named("neq")
isnan = _named("isnan")
isinf = _named("isinf")
and_ = _named("and_")
or_ = _named("or_")
xor = _named("xor")
invert = _named("invert")
switch = _named("switch")
real = _named("real")
imag = _named("imag")
angle = _named("angle")
complex = _named("complex")
complex_from_polar = _named("complex_from_polar")
gammainc = _named("gammainc")
gammaincc = _named("gammaincc")
gammal = _named("gammal")
gammau = _named("gammau")
chi2sf = _named("chi2sf")
j0 = _named("j0")
j1 = _named("j1")
jv = _named("jv")
i0 = _named("i0")
i1 = _named("i1")
iv = _named("iv")
xlogx = _named("xlogx")
xlogy0 = _named("xlogy0")
round_half_to_even = _named("round_half_to_even")
round_half_away_from_zero = _named("round_half_away_from_zero")

true_div = _named("true_div")
_clip, _conj = elemwise("clip"), elemwise("conj")


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
        raise TypeError(
            f"Casting from complex to real is ambiguous ({x.dtype} to {name}): "
            "consider real(), imag(), angle() or abs()"
        )
    return Elemwise(scalar.cast_to(name))(x)


def round(a: Any, mode: str | None = None) -> Any:
    """Round to the nearest integer: ``'half_away_from_zero'`` or ``'half_to_even'``.

    The default is the first as documented, the second where ``config.compatibility`` is '1.0'.
    Raises Exception for another mode (as Theano does), TypeError for what is no float.
    """
    mode = mode or ("half_to_even" if config.compatibility == "1.0" else "half_away_from_zero")
    if mode not in ("half_away_from_zero", "half_to_even"):
        raise Exception(f"round mode {mode} is not implemented.")
    return elemwise(f"round_{mode}")(a)


def iround(a: Any, mode: str | None = None) -> Any:
    """`round`, as int64."""
    return cast(round(a, mode), "int64")


def ceil_intdiv(a: Any, b: Any) -> Any:
    """The ceiling of a / b, elementwise, of integers."""
    quotient = int_div(a, b)
    return quotient + cast(neq(mod(a, b), 0), quotient.dtype)


class IntegerDivisionError(Documented):
    """A quotient by `div_proxy` of two integers, under ``config.int_division = 'raise'``."""

    page = "integer_division"


def div_proxy(a: Any, b: Any) -> Any:
    """a / b elementwise, as Python 2 wrote it: `true_div`, unless both are of integers (or bool).

    Of these ``config.int_division`` decides: ``'int'`` (the default) gives `int_div`, with a DeprecationWarning,
    ``'floatX'`` gives `true_div`, and ``'raise'`` raises IntegerDivisionError. Python 3's ``/`` of tensors is no
    matter of the flag, but always `true_div`.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if not (dt.is_discrete(a.dtype) and dt.is_discrete(b.dtype)) or config.int_division == "floatX":
        return true_div(a, b)
    if config.int_division == "raise":
        raise IntegerDivisionError(
            f"integers ({a.dtype} and {b.dtype}) are divided, and config.int_division is 'raise': write x // y for the "
            "floor of the quotient, true_div(x, y) for the quotient"
        )
    warnings.warn("integers are divided by x / y: write x // y, for that is what it gives", DeprecationWarning, 3)
    return int_div(a, b)


def divmod(a: Any, b: Any) -> tuple[Any, Any]:
    """`int_div` and `mod`."""
    return int_div(a, b), mod(a, b)


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether ``|a - b| <= atol + rtol * |b|``, elementwise; infinities are close to themselves."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    logic = dt.comparison_dtype()
    close = le(abs_(a - b), constant(atol) + constant(rtol) * abs_(b))
    infinite = or_(isinf(a), isinf(b))
    both = switch(infinite, eq(a, b), close)
    if equal_nan:
        both = or_(cast(both, logic), and_(isnan(a), isnan(b)))
    return cast(both, logic)


# -- aliases ----------------------------------------------------------------------------------------------------------

where = switch
truediv = divide = true_div
floor_div = intdiv = floordiv = int_div
bitwise_and, bitwise_or, bitwise_xor, bitwise_not = and_, or_, xor, invert
sign, square, absolute, remainder, power = sgn, sqr, abs_, mod, pow
fill = second

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
    return cast(complex(re, im), like.dtype) if is_complex(like) else re


def slope_of_power(x: Any, y: Any, g: Any) -> Any:
    """The gradient of ``x ** y`` by x; 0 where y is known to be 0, also at x = 0."""
    return zeros_like_float(x) if constant_value(y) == 0 else g * y * x ** (y - 1)


def cast_gradient(g: Any, x: Any) -> Any:
    """The gradient of a cast: `g` as it is, in the dtype that was cast to, as in Theano."""
    return real(g) if is_complex(g) and not is_complex(x) else g


def disconnected() -> Any:
    """The gradient of what has no influence."""
    return DisconnectedType()()


def unbroadcast_gradient(g: Any, x: Any) -> Any:
    """`g`, of the output's shape, summed over the axes along which `x` was stretched, in the dtype that `x` needs."""
    g = as_tensor_variable(g)
    if x.type == g.type:
        return g
    if x.ndim > g.ndim or g.ndim == 0:
        stretched = []
    else:
        stretched = [d for d in range(x.ndim) if x.type.broadcastable[d] and not g.type.broadcastable[d]]
    if g.ndim < x.ndim:
        g = second(x, g)
        stretched = []
    if stretched:
        from tx.tensor.reduction import sum as total

        g = total(g, axis=stretched, keepdims=True)
    if g.type.broadcastable != x.type.broadcastable:
        g = second(x, g)
    if is_complex(g) and not is_complex(x):
        g = real(g)
    return g


#: the part of the vocabulary that is for derivatives alone
_INTERNAL = (
    "cast_gradient",
    "complex_of",
    "conj_if_complex",
    "constant_like",
    "disconnected",
    "is_complex",
    "slope_of_power",
    "unbroadcast_gradient",
    "xlogx",
    "xlogy0",
    "zeros_floatx",
    "zeros_like_float",
)
__all__ = [
    n for n, f in globals().items() if getattr(f, "__module__", "") == __name__ and n[0] != "_" and n not in _INTERNAL
]

Elemwise.vocabulary = sys.modules[__name__]
