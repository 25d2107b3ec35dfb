"""Functions of the stored elements: what is not stored stays zero, whatever the function makes of zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tx.sparse.convert import compressed
from tx.sparse.parts import csm_data, with_data
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.math import sigmoid


def _structured(function: Any, x: Any, *numbers: Any) -> Any:
    """Raises TypeError for what is not sparse, or a further argument that is no number."""
    x = compressed(x)
    scalars = [as_tensor_variable(n) for n in numbers]
    for s in scalars:
        if s.ndim:
            raise TypeError("Variable type field must be a Scalar.", s, s.type)
    return with_data(x, function(csm_data(x), *scalars))


def structured_monoid(tensor_op: Any) -> Callable[[Any], Any]:
    """Decorator: the function of this name applies `tensor_op` to the stored elements (and to numbers).

    What it decorates is never called.
    """

    def decorate(function: Any) -> Any:
        def apply(*args: Any) -> Any:
            return _structured(tensor_op, *args)

        apply.__name__ = getattr(function, "__name__", str(function))
        apply.__doc__ = f"`{getattr(tensor_op, '__name__', tensor_op)}` of the elements that `x` stores."
        return apply

    return decorate


def _of(tensor_op: Any, name: str) -> Any:
    made = structured_monoid(tensor_op)(tensor_op)
    made.__name__ = name
    return made


structured_sigmoid = _of(sigmoid, "structured_sigmoid")
structured_exp, structured_log = _of(F.exp, "structured_exp"), _of(F.log, "structured_log")
structured_pow, structured_add = _of(F.pow, "structured_pow"), _of(F.add, "structured_add")
structured_minimum, structured_maximum = _of(F.minimum, "structured_minimum"), _of(F.maximum, "structured_maximum")

sin, sinh, arcsin, arcsinh = _of(F.sin, "sin"), _of(F.sinh, "sinh"), _of(F.arcsin, "arcsin"), _of(F.arcsinh, "arcsinh")
tan, tanh, arctan, arctanh = _of(F.tan, "tan"), _of(F.tanh, "tanh"), _of(F.arctan, "arctan"), _of(F.arctanh, "arctanh")
rint, sgn, ceil, floor = (
    _of(F.round_half_to_even, "rint"),
    _of(F.sgn, "sgn"),
    _of(F.ceil, "ceil"),
    _of(F.floor, "floor"),
)
sqr, sqrt, log1p, expm1 = _of(F.sqr, "sqr"), _of(F.sqrt, "sqrt"), _of(F.log1p, "log1p"), _of(F.expm1, "expm1")
deg2rad, rad2deg, trunc, conj = _of(F.deg2rad, "deg2rad"), _of(F.rad2deg, "rad2deg"), _of(F.trunc, "trunc"), _of(
    F.conj, "conj")  # fmt: skip

__all__ = [
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "ceil",
    "conj",
    "deg2rad",
    "expm1",
    "floor",
    "log1p",
    "rad2deg",
    "rint",
    "sgn",
    "sin",
    "sinh",
    "sqr",
    "sqrt",
    "structured_add",
    "structured_exp",
    "structured_log",
    "structured_maximum",
    "structured_minimum",
    "structured_monoid",
    "structured_pow",
    "structured_sigmoid",
    "tan",
    "tanh",
    "trunc",
]
