"""Elementwise operations as one table. A row says all that there is to know about an operation:

name, number of inputs, rule for the result's dtype, numpy's function, and the derivative: a function of the tensor
vocabulary ``F`` (handed in, so that this room needs to know nothing of tensors), the inputs, the output and the
gradient with respect to the output. It returns one gradient an input, or a function that writes it, called where that
gradient is asked for (the exponents of powers are mostly constants); None says that an input has no influence worth
differentiating (integers, conditions), ... that the gradient is to be found by differentiating the lowering, which is
done for all inputs of a row without derivative. `tx.scalar.special` has further rows.

Derivatives agree with Theano 1.0.5 at the points where there is a choice: at a tie `maximum` gives the first input
the gradient, `abs_` has derivative 0 at 0.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph.utils import Documented
from tx.scalar import dtypes as dt
from tx.scalar.op import ScalarOp

Rule = Callable[..., str]


class Row(ScalarOp):
    """An operation of the table. Equal when name and parameters are. Each has a class, named as in Theano."""

    elemwise_class = None

    def __init__(
        self,
        name: str,
        nin: int,
        output_dtype: Rule,
        numpy: Callable[..., Any] | None = None,
        derivative: Callable[..., Any] | None = None,
        parameters: tuple[Any, ...] = (),
    ):
        self.name, self.nin, self.output_dtype = name, nin, output_dtype
        self.numpy, self.derivative, self.parameters = numpy, derivative, parameters  # type: ignore[method-assign,assignment]

    @property
    def row(self) -> str:  # type: ignore[override]
        """The name of the row."""
        assert self.name is not None
        return self.name

    def output_dtypes(self, *dtypes: str) -> list[str]:
        """The dtype of the output, by the row's rule."""
        return [self.output_dtype(*dtypes)]

    def impl(self, *values: Any) -> Any:
        """What numpy gives."""
        assert self.numpy is not None
        return self.numpy(*values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and (self.name, self.parameters) == (other.name, other.parameters)

    def __hash__(self) -> int:
        return hash((self.name, self.parameters))

    def __str__(self) -> str:
        shown = _SHOWN.get(self.row, self.row)
        return f"{shown}{{{', '.join(map(str, self.parameters))}}}" if self.parameters else shown

    __repr__ = __str__

    def __reduce__(self) -> Any:
        return get, (self.name, *self.parameters)

    def __setstate__(self, state: Any) -> None:
        """From a pickle of Theano's, whose class of the operation this is."""
        self.__init__(*([state["o_type"]] if "o_type" in state else []))  # type: ignore[misc]


#: rows -> the classes that operations have in Theano, where that is not the name with a capital
CLASS_NAMES = {
    **{name: name.upper() for name in ("eq", "neq", "lt", "le", "gt", "ge", "xor")},
    **{"and_": "AND", "or_": "OR", "abs_": "Abs", "true_div": "TrueDiv", "int_div": "IntDiv", "isnan": "IsNan"},
    **{"isinf": "IsInf", "sigmoid": "ScalarSigmoid", "softplus": "ScalarSoftplus", "tri_gamma": "TriGamma"},
    **{"round_half_to_even": "RoundHalfToEven", "round_half_away_from_zero": "RoundHalfAwayFromZero"},
    **{"complex_from_polar": "ComplexFromPolar", "deg2rad": "Deg2Rad", "rad2deg": "Rad2Deg", "chi2sf": "Chi2SF"},
    **{"gammaln": "GammaLn", "gammainc": "GammaInc", "gammaincc": "GammaIncC", "gammau": "GammaU", "gammal": "GammaL"},
    **{f"arc{f}": f"Arc{f.capitalize()}" for f in ("cos", "sin", "tan", "tan2", "cosh", "sinh", "tanh")},
}
#: what Theano prints for an operation where that is not its name
_SHOWN = {
    **{name: name.upper() for name in ("eq", "neq", "lt", "le", "gt", "ge", "xor")},
    **{"and_": "AND", "or_": "OR", "invert": "Invert", "abs_": "Abs", "switch": "Switch"},
    **{"isnan": "IsNan", "isinf": "IsInf", "sigmoid": "scalar_sigmoid", "softplus": "scalar_softplus"},
    **{"round_half_to_even": "RoundHalfToEven", "round_half_away_from_zero": "RoundHalfAwayFromZero"},
}

table: dict[str, Row] = {}
#: Theano's names of classes -> the classes of the rows
classes: dict[str, type[Row]] = {}


def _made(name: str, make: Callable[..., Row], *fields: Any) -> Row:
    """A Row of the class that is its own. Another instance of that class is, in all that it says, what `make` gives."""
    shown = CLASS_NAMES.get(name, name.capitalize())
    if shown not in classes:

        def __init__(self: Row, *arguments: Any, **options: Any) -> None:
            vars(self).update(vars(make(*arguments, **options)))

        classes[shown] = type(shown, (Row,), {"__init__": __init__, "__module__": Row.__module__})
    made: Row = object.__new__(classes[shown])
    Row.__init__(made, name, *fields)
    return made


def get(name: str, *parameters: Any) -> Row:
    """The operation called `name`. Raises KeyError when there is none."""
    return cast_to(*parameters) if name == "Cast" else table[name]


def row(name: str, nin: int, rule: Rule, function: Any, derivative: Callable[..., Any] | None = None) -> None:
    """Put an operation into the table."""
    table[name] = _made(name, lambda *unused, **options: table[name], nin, rule, function, derivative)


# -- rules for the result's dtype -------------------------------------------------------------------------------------

same = dt.upcast


def no_bool(*dtypes: str) -> str:
    result = dt.upcast(*dtypes)
    if result == "bool":
        raise TypeError("bool output not supported: cast to an integer dtype first, or use logical operators")
    return result


def real_no_bool(*dtypes: str) -> str:
    return no_bool(_no_complex(*dtypes))


def at_least_int8(*dtypes: str) -> str:
    return dt.upcast("int8", *dtypes) if dt.upcast(*dtypes) == "bool" else dt.upcast(*dtypes)


def floating(*dtypes: str) -> str:
    return dt.upcast(*map(dt.upgrade_to_float, dtypes))


class ComplexError(Documented, TypeError):
    """An operation that complex numbers do not have."""

    page = "complex"


def _no_complex(*dtypes: str) -> str:
    if any(map(dt.is_complex, dtypes)):
        raise ComplexError(f"complex argument not supported: the arguments have dtypes {', '.join(dtypes)}")
    return dt.upcast(*dtypes)


def real_floating(*dtypes: str) -> str:
    _no_complex(*dtypes)
    return floating(*dtypes)


def only_float(dtype: str) -> str:
    if dtype not in dt.float_dtypes:
        raise TypeError("only float type are supported", dtype)
    return dtype


def magnitude(dtype: str) -> str:
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def quotient(x: str, y: str) -> str:
    return config.floatX if dt.is_discrete(x) and dt.is_discrete(y) else dt.upcast(x, y)


def bits(*dtypes: str) -> str:
    integers = all(d in dt.integer_dtypes for d in dtypes)
    if not integers and any(d != "bool" for d in dtypes):
        raise TypeError(
            "input to a BitOp must have type (u)int8, (u)int16, (u)int32 or (u)int64 or be all bools not "
            + ", ".join(dtypes)
        )
    return dt.upcast(*dtypes)


def truth(*dtypes: str) -> str:
    return dt.comparison_dtype()


def always(dtype: str) -> Rule:
    return lambda *dtypes: dtype


def complex_of_parts(*dtypes: str) -> str:
    return "complex128" if dt.upgrade_to_float(_no_complex(*dtypes)) == "float64" else "complex64"


def real(*dtypes: str) -> str:
    return _no_complex(*dtypes)


def second(_: str, y: str) -> str:
    return y


def branches(_: str, x: str, y: str) -> str:
    return dt.upcast(x, y)


# -- numpy functions that numpy lacks ---------------------------------------------------------------------------------


def scipy_special(name: str) -> Callable[..., Any]:
    """scipy's function of that name, imported when it is first called: host evaluation needs it, and it takes long."""
    return lambda *x: getattr(import_module("scipy.special"), name)(*x)


def round_half_away_from_zero(x: Any) -> Any:
    """Round to the nearest integer, halves away from zero (C's ``round``)."""
    whole = np.trunc(x)
    return whole + np.where(np.abs(x - whole) >= 0.5, np.sign(x), 0).astype(np.asarray(x).dtype)


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, np.zeros((), np.asarray(x).dtype))


def _fold(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def of_many(first: Any, *rest: Any) -> Any:
        for other in rest:
            first = function(first, other)
        return first

    return of_many


# -- arithmetic -------------------------------------------------------------------------------------------------------

row("add", -1, same, _fold(np.add), lambda F, *a: (a[-1],) * (len(a) - 2))
row("sub", 2, no_bool, np.subtract, lambda F, x, y, z, g: (g, lambda: -g))
row(
    "mul", -1, same, _fold(np.multiply),
    lambda F, *a: tuple(
        lambda i=i: F.mul(a[-1], *(F.conj_if_complex(y) for j, y in enumerate(a[:-2]) if j != i))
        for i in range(len(a) - 2)
    ),
)  # fmt: skip
row(
    "true_div", 2, quotient, np.true_divide,
    lambda F, x, y, z, g: (
        lambda: g / F.conj_if_complex(y),
        lambda: -(g * F.conj_if_complex(x / (y * y))),
    ),
)  # fmt: skip
row("int_div", 2, same, np.floor_divide, lambda F, x, y, z, g: (F.zeros_floatx(x), F.zeros_floatx(y)))
row("mod", 2, real, np.mod, lambda F, x, y, z, g: (g, lambda: -(F.int_div(x, y) * g)))
row(
    "pow", 2, at_least_int8, np.power,
    lambda F, x, y, z, g: (
        lambda: F.slope_of_power(x, y, g),
        lambda: F.switch(F.eq(x, 0), 0, g * F.log(x) * z),
    ),
)  # fmt: skip
row("neg", 1, no_bool, np.negative, lambda F, x, y, g: (-g,))
row("inv", 1, floating, lambda x: 1 / np.asarray(x), lambda F, x, y, g: (-g * y * y,))
row("sqr", 1, same, np.square, lambda F, x, y, g: (g * x * 2,))
row("abs_", 1, magnitude, np.abs, lambda F, x, y, g: (g * (F.sgn(x) if not F.is_complex(x) else x / y),))
row("sgn", 1, real_no_bool, np.sign, lambda F, x, y, g: (F.zeros_like_float(x),))
row("maximum", 2, same, np.maximum, lambda F, x, y, z, g: (lambda: F.eq(z, x) * g, lambda: F.neq(z, x) * g))
row("minimum", 2, same, np.minimum, lambda F, x, y, z, g: (lambda: F.eq(z, x) * g, lambda: F.neq(z, x) * g))
row(
    "clip", 3, real, lambda x, low, high: np.where(x < low, low, np.where(x > high, high, x)),
    lambda F, x, low, high, z, g: (
        lambda: F.switch(F.and_(F.ge(x, low), F.le(x, high)), g, 0),
        lambda: F.switch(F.lt(x, low), g, 0),
        lambda: F.switch(F.gt(x, high), g, 0),
    ),
)  # fmt: skip
row("second", 2, second, lambda x, y: np.broadcast_arrays(x, y)[1], lambda F, x, y, z, g: (None, g))
row("identity", 1, same, lambda x: x, lambda F, x, y, g: (g,))

# -- rounding ---------------------------------------------------------------------------------------------------------

_function: Any
for _name, _function, _rule in (
    ("ceil", np.ceil, real_floating),
    ("floor", np.floor, real_floating),
    ("round_half_to_even", np.rint, only_float),
    ("round_half_away_from_zero", round_half_away_from_zero, only_float),
):
    row(_name, 1, _rule, _function, lambda F, x, y, g: (F.zeros_like_float(x),))

row("trunc", 1, real_floating, np.trunc, lambda F, x, y, g: (F.zeros_floatx(x),))

# -- exponentials, powers, logarithms ---------------------------------------------------------------------------------

row("exp", 1, floating, np.exp, lambda F, x, y, g: (g * y,))
row("exp2", 1, floating, np.exp2, lambda F, x, y, g: (g * y * F.constant_like(np.log(2.0), y),))
row("expm1", 1, floating, np.expm1, lambda F, x, y, g: (g * F.exp(x),))
row("log", 1, floating, np.log, lambda F, x, y, g: (g / x,))
row("log2", 1, floating, np.log2, lambda F, x, y, g: (g / (x * F.constant_like(np.log(2.0), y)),))
row("log10", 1, floating, np.log10, lambda F, x, y, g: (g / (x * np.log(10.0)),))
row("log1p", 1, floating, np.log1p, lambda F, x, y, g: (g / (1 + x),))
row("sqrt", 1, floating, np.sqrt, lambda F, x, y, g: (g * F.constant_like(0.5, y) / y,))
row("sigmoid", 1, floating, scipy_special("expit"), lambda F, x, y, g: (g * y * (1 - y),))
row("softplus", 1, floating, _softplus, lambda F, x, y, g: (g * F.sigmoid(x),))

# -- trigonometry -----------------------------------------------------------------------------------------------------

row("sin", 1, floating, np.sin, lambda F, x, y, g: (g * F.cos(x),))
row("cos", 1, floating, np.cos, lambda F, x, y, g: (-g * F.sin(x),))
row("tan", 1, floating, np.tan, lambda F, x, y, g: (g / F.sqr(F.cos(x)),))
row("arcsin", 1, floating, np.arcsin, lambda F, x, y, g: (g / F.sqrt(1 - F.sqr(x)),))
row("arccos", 1, floating, np.arccos, lambda F, x, y, g: (-g / F.sqrt(1 - F.sqr(x)),))
row("arctan", 1, floating, np.arctan, lambda F, x, y, g: (g / (1 + F.sqr(x)),))
row("sinh", 1, floating, np.sinh, lambda F, x, y, g: (g * F.cosh(x),))
row("cosh", 1, floating, np.cosh, lambda F, x, y, g: (g * F.sinh(x),))
row("tanh", 1, floating, np.tanh, lambda F, x, y, g: (g * (1 - F.sqr(y)),))
row("arcsinh", 1, floating, np.arcsinh, lambda F, x, y, g: (g / F.sqrt(F.sqr(x) + 1),))
row("arccosh", 1, floating, np.arccosh, lambda F, x, y, g: (g / F.sqrt(F.sqr(x) - 1),))
row("arctanh", 1, floating, np.arctanh, lambda F, x, y, g: (g / (1 - F.sqr(x)),))
row(
    "arctan2", 2, floating, np.arctan2,
    lambda F, x, y, z, g: (
        lambda: g * y / (F.sqr(x) + F.sqr(y)),
        lambda: -g * x / (F.sqr(x) + F.sqr(y)),
    ),
)  # fmt: skip
_degree = np.pi / 180
row("deg2rad", 1, floating, np.deg2rad, lambda F, x, y, g: (g * F.constant_like(_degree, y),))
row("rad2deg", 1, floating, np.rad2deg, lambda F, x, y, g: (g / F.constant_like(_degree, y),))

# -- comparison and logic ---------------------------------------------------------------------------------------------

for _name, _function in (
    ("lt", np.less),
    ("gt", np.greater),
    ("le", np.less_equal),
    ("ge", np.greater_equal),
    ("eq", np.equal),
    ("neq", np.not_equal),
):
    row(_name, 2, truth, _function, lambda F, x, y, z, g: (F.zeros_like_float(x), F.zeros_like_float(y)))
for _name, _function in (("isnan", np.isnan), ("isinf", np.isinf)):
    row(_name, 1, truth, _function, lambda F, x, y, g: (F.zeros_like_float(x),))
for _name, _function in (("and_", np.bitwise_and), ("or_", np.bitwise_or), ("xor", np.bitwise_xor)):
    row(_name, -1, bits, _fold(_function), lambda F, *a: tuple(F.zeros_like_float(x) for x in a[:-2]))
row("invert", 1, bits, np.invert, lambda F, x, y, g: (F.zeros_like_float(x),))
row(
    "switch", 3, branches, np.where,
    lambda F, c, x, y, z, g: (None, lambda: F.switch(c, g, 0), lambda: F.switch(c, 0, g)),
)  # fmt: skip

# -- complex numbers --------------------------------------------------------------------------------------------------

row("real", 1, magnitude, np.real, lambda F, x, y, g: (F.complex_of(g, F.zeros_like(g), x),))
row("imag", 1, magnitude, np.imag, lambda F, x, y, g: (F.complex_of(F.zeros_like(g), g, x),))
row("conj", 1, at_least_int8, np.conj, lambda F, x, y, g: (F.conj_if_complex(g),))
row("angle", 1, always("float64"), np.angle)
row("complex", 2, complex_of_parts, lambda x, y: x + 1j * np.asarray(y), lambda F, x, y, z, g: (F.real(g), F.imag(g)))
row(
    "complex_from_polar", 2, complex_of_parts, lambda r, angle: r * np.exp(1j * np.asarray(angle)),
    lambda F, r, angle, z, g: (
        F.real(g) * F.cos(angle) + F.imag(g) * F.sin(angle),
        r * (F.imag(g) * F.cos(angle) - F.real(g) * F.sin(angle)),
    ),
)  # fmt: skip

# -- casts ------------------------------------------------------------------------------------------------------------


def cast_to(dtype: object, unused: object = None) -> Row:
    """The operation that converts to `dtype`, which may be a type that has one."""
    name = dt.canonical(getattr(dtype, "dtype", dtype))
    return _made(
        "Cast",
        cast_to,
        1,
        always(name),
        lambda x: np.asarray(x).astype(name),
        lambda F, x, y, g: (F.cast_gradient(g, x),),
        (name,),
    )


cast_to("float32")  # its class is there from the start
