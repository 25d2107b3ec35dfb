"""Reductions: one Op over axes, for a table of operations; arg-reductions; and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tx import scalar
from tx.configuration import config
from tx.graph import Apply, Op
from tx.scalar import ScalarOp
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, check_axes, constant
from tx.tensor.elemwise import Elemwise, dim_shuffle
from tx.tensor.shapes import shape, shape_i
from tx.tensor.type import tensor_type


def _wide(dtype: str) -> str:
    """Sums and products of narrow integers are kept in 64 bits."""
    if dtype in ("bool", *dt.int_dtypes):
        return "int64"
    return "uint64" if dtype in dt.uint_dtypes else dtype


#: name -> (numpy's reduction, dtype of the result by default)
REDUCTIONS = {
    "sum": (np.sum, _wide),
    "prod": (np.prod, _wide),
    "max": (np.max, lambda dtype: dtype),
    "min": (np.min, lambda dtype: dtype),
    "all": (np.all, lambda dtype: dt.comparison_dtype()),
    "any": (np.any, lambda dtype: dt.comparison_dtype()),
}


def neutral(operation: str, dtype: str) -> Any:
    """What makes no difference to a reduction of such elements; None where there is nothing (max of complex ones)."""
    if operation not in ("max", "min"):
        return 1 if operation in ("prod", "all") else 0
    low = operation == "max"
    if dt.is_complex(dtype):
        return None
    if dtype == "bool":
        return not low
    if dt.is_discrete(dtype):
        return np.iinfo(dtype).min if low else np.iinfo(dtype).max
    return -np.inf if low else np.inf


def _loses(dtype: str, accumulator: str) -> bool:
    """Whether sums of `dtype` would lose precision in `accumulator`; integers may always be summed as floats."""
    if dt.is_discrete(dtype) and not dt.is_discrete(accumulator):
        return False
    return dt.upcast(accumulator, dtype) != accumulator


class CAReduce(Op):
    """Reduce over `axis` (None: all) by a commutative, associative operation named in `REDUCTIONS`.

    `dtype` is the result's, `acc_dtype` the one that is computed in.
    Raises ValueError when run on a zero-length axis for which the operation has no identity (max, min).
    """

    __props__ = ("operation", "axis", "dtype", "acc_dtype", "no_zeros_in_input")

    def __init__(
        self,
        operation: str | ScalarOp,
        axis: Any = None,
        dtype: str | None = None,
        acc_dtype: str | None = None,
        no_zeros_in_input: bool = False,
    ):
        self.operation = operation if isinstance(operation, str) else _REDUCTION_BY[operation.row]
        self.axis = None if axis is None else tuple(axis) if isinstance(axis, list | tuple) else (int(axis),)
        self.dtype = dtype
        self.acc_dtype = acc_dtype
        self.no_zeros_in_input = no_zeros_in_input

    def over(self, axis: Sequence[int]) -> CAReduce:
        """The same reduction over other axes."""
        return CAReduce(self.operation, axis, self.dtype, self.acc_dtype, self.no_zeros_in_input)

    def axes(self, ndim: int) -> tuple[int, ...]:
        """The axes that go, for an input of `ndim` dimensions."""
        return tuple(range(ndim)) if self.axis is None else self.axis

    def make_node(self, x: Any) -> Apply:
        """Raises TypeError when the accumulator would lose precision or the dtype cannot be reached."""
        x = as_tensor_variable(x)
        dtype = self.dtype or REDUCTIONS[self.operation][1](x.dtype)
        if self.acc_dtype and _loses(x.dtype, self.acc_dtype):
            raise TypeError(
                f"Cannot build {self} node with input dtype {x.dtype} and acc_dtype {self.acc_dtype}, as precision "
                "would be lost: give none, or a wider one, or cast the input"
            )
        if self.operation == "min" and dt.is_complex(x.dtype):
            raise TypeError("complex numbers have no smallest one", x, x.dtype)
        gone = self.axes(x.ndim)
        pattern = [b for d, b in enumerate(x.type.broadcastable) if d not in gone]
        return Apply(self, [x], [tensor_type(dtype, pattern)("max" if self.operation == "max" else None)])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Each operation's own rule."""
        (x,), (y,), (g,) = inputs, outputs, gradients
        if dt.is_discrete(y.dtype) or self.operation in ("all", "any"):
            return [F.zeros_like_float(x)]
        back = self._keep(x)
        if self.operation == "sum":
            return [Elemwise(scalar.get("second"))(x, back(g))]
        if self.operation in ("max", "min"):
            # Every position that attains the extremum gets the full gradient, as in Theano.
            return [F.eq(back(y), x) * back(g)]
        return [self._product_gradient(x, y, g, back)]

    def _keep(self, x: Any) -> Any:
        """What puts the reduced axes back with length 1."""
        order: list[int | str] = []
        position = 0
        for d in range(x.ndim):
            order.append("x" if d in self.axes(x.ndim) else position)
            position += order[-1] != "x"

        def back(y: Any) -> Any:
            return dim_shuffle(y.type.broadcastable, order)(y)

        return back

    def _product_gradient(self, x: Any, y: Any, g: Any, back: Any) -> Any:
        others = back(y) / x if self.no_zeros_in_input else ProductOfOthers(self.axis)(F.cast(x, y.dtype))
        return back(g) * F.conj_if_complex(others)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """What is left of the shape."""
        gone = self.axes(node.inputs[0].ndim)
        return [tuple(n for d, n in enumerate(shapes[0]) if d not in gone)]

    def __str__(self) -> str:
        name = self.operation.capitalize()
        return name if self.axis is None else f"{name}{{axis={list(self.axis)}}}"


#: the reduction that a binary operation of the scalar table makes
_REDUCTION_BY = {"add": "sum", "mul": "prod", "maximum": "max", "minimum": "min", "and_": "all", "or_": "any"}


class _Named(CAReduce):
    """The reductions of one operation, with Theano's arguments: ``Sum(axis=0)(x)``."""

    OPERATION: ClassVar[str]

    def __init__(self, axis: Any = None, dtype: Any = None, acc_dtype: Any = None, no_zeros_in_input: bool = False):
        super().__init__(self.OPERATION, axis, dtype, acc_dtype, no_zeros_in_input)


class Sum(_Named):
    """Sums over `axis`."""

    OPERATION = "sum"


class Prod(_Named):
    """Products over `axis`."""

    OPERATION = "prod"


class ProdWithoutZeros(_Named):
    """Products over `axis` of what is not 0; 0 where there is nothing else, as in Theano."""

    OPERATION = "prod"

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """That of the product with ones in place of the zeros, which get none."""
        (x,) = inputs
        zero = F.eq(x, 0)
        of_others = super().L_op([F.switch(zero, F.ones_like(x), x)], outputs, gradients)[0]
        return [F.switch(zero, F.zeros_like(of_others), of_others)]


class ProductOfOthers(Op):
    """For each element the product of all others along `axis` (None: of all): the derivative of `prod`.

    Nothing is divided by, so that zeros need no cases, and it can be differentiated as often as one likes.
    """

    __props__ = ("axis",)

    def __init__(self, axis: tuple[int, ...] | None):
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """The type of `x`."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes)


class Argmax(Op):
    """The first position of the largest element along `axis` (None: of the flattened array), int64."""

    __props__ = ("axis",)

    def __init__(self, axis: tuple[int, ...] | None):
        self.axis = axis

    def make_node(self, x: Any) -> Apply:
        """Raises TypeError when `x` is complex."""
        x = as_tensor_variable(x)
        gone = range(x.ndim) if self.axis is None else self.axis
        pattern = [b for d, b in enumerate(x.type.broadcastable) if d not in gone]
        return Apply(self, [x], [tensor_type("int64", pattern)("argmax")])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """A position does not move."""
        return [F.zeros_like_float(inputs[0])]


# -- functions --------------------------------------------------------------------------------------------------------


def makeKeepDims(x: Any, y: Any, axis: Any) -> Any:
    """`y`, a reduction of `x` over `axis`, with the reduced axes put back with length 1."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    return Sum(check_axes(axis, x.ndim))._keep(x)(y)


def _reduce(
    operation: str, x: Any, axis: Any, keepdims: bool, dtype: Any = None, acc_dtype: Any = None, **options: Any
) -> Any:
    x = as_tensor_variable(x)
    chosen = check_axes(axis, x.ndim)
    result, accumulator = (None if d is None else dt.canonical(d) for d in (dtype, acc_dtype))
    named = {"sum": Sum, "prod": Prod}.get(operation)
    op = named(chosen, result, accumulator, **options) if named else CAReduce(operation, chosen)
    y = op(x)
    return makeKeepDims(x, y, axis) if keepdims else y


def sum(input: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, acc_dtype: Any = None) -> Any:
    """The sum over `axis` (None, an int or several). Integers are summed in 64 bits."""
    return _reduce("sum", input, axis, keepdims, dtype, acc_dtype)


def prod(
    input: Any,
    axis: Any = None,
    dtype: Any = None,
    keepdims: bool = False,
    acc_dtype: Any = None,
    no_zeros_in_input: bool = False,
) -> Any:
    """The product over `axis`. `no_zeros_in_input` promises that there are none, which makes the gradient simpler."""
    return _reduce("prod", input, axis, keepdims, dtype, acc_dtype, no_zeros_in_input=no_zeros_in_input)


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest element along `axis`; NaN if there is one. Raises ValueError on a zero-length axis."""
    return _reduce("max", x, axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest element along `axis`; NaN if there is one. Raises ValueError on a zero-length axis."""
    return _reduce("min", x, axis, keepdims)


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether every element along `axis` is true."""
    return _reduce("all", x, axis, keepdims)


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether some element along `axis` is true."""
    return _reduce("any", x, axis, keepdims)


def argmax(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The position of the (first) largest element along `axis`; of the flattened array where `axis` is None."""
    x = as_tensor_variable(x)
    y = Argmax(check_axes(axis, x.ndim))(x)
    return makeKeepDims(x, y, axis) if keepdims else y


def argmin(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The position of the (first) smallest element along `axis`."""
    x = as_tensor_variable(x)
    if dt.is_complex(x.dtype):
        raise TypeError("complex numbers have no smallest one", x, x.dtype)
    return argmax(F.invert(x) if dt.is_discrete(x.dtype) else -x, axis, keepdims)


def max_and_argmax(a: Any, axis: Any = None, keepdims: bool = False) -> list[Any]:
    """`max` and `argmax`."""
    return [max(a, axis, keepdims), argmax(a, axis, keepdims)]


def mean(
    input: Any, axis: Any = None, dtype: Any = None, op: bool = False, keepdims: bool = False, acc_dtype: Any = None
) -> Any:
    """The mean over `axis`; of integers in float64. `dtype` is the inner sum's, which may be an integer's."""
    x = as_tensor_variable(input)
    if dtype is None and dt.is_discrete(x.dtype):
        dtype = "float64"
    quotient = sum(x, axis, dtype, keepdims, acc_dtype)
    result = "float64" if dt.is_discrete(quotient.dtype) else quotient.dtype
    lengths = F.cast(shape(x), "float32" if result == "float16" else result)
    axes = check_axes(axis, x.ndim)
    for d in range(x.ndim) if axes is None else axes:
        quotient = F.true_div(quotient, lengths[d])
    quotient = F.cast(quotient, result)
    quotient.name = "mean"
    return quotient


def _count(x: Any, axes: tuple[int, ...] | None) -> Any:
    count = constant(1, dtype="int64")
    for d in range(x.ndim) if axes is None else axes:
        count = F.mul(count, shape_i(x, d)) if not x.type.broadcastable[d] else count
    return count


def var(input: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
    """The variance over `axis`: the squared deviation from the mean, summed, divided by (count - ddof)."""
    x = as_tensor_variable(input)
    axes = check_axes(axis, x.ndim)
    centred = x - mean(x, axis, keepdims=True)
    if ddof == 0:
        result = mean(F.sqr(centred), axis, keepdims=keepdims)
    else:
        total = sum(F.sqr(centred), axis, keepdims=keepdims)
        result = total / F.cast(_count(x, axes) - ddof, total.dtype)
    result.name = "var"
    return result


def std(input: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False, corrected: bool = False) -> Any:
    """The square root of `var`."""
    result = F.sqrt(var(input, axis, ddof, keepdims, corrected))
    result.name = "std"
    return result


def ptp(a: Any, axis: Any = None) -> Any:
    """The largest minus the smallest element along `axis`."""
    return max(a, axis) - min(a, axis)


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether all elements are close (`isclose`)."""
    return all(F.isclose(a, b, rtol, atol, equal_nan))


def norm(x: Any, ord: Any, axis: Any = None) -> Any:
    """The vector norm of order `ord` (a number, 2, numpy.inf, -numpy.inf) along `axis`."""
    x = F.abs_(as_tensor_variable(x))
    if ord is not None and np.isinf(ord):
        return max(x, axis) if ord > 0 else min(x, axis)
    if ord == 0:
        return sum(F.neq(x, 0), axis, dtype=config.floatX)
    return sum(x**ord, axis) ** (1.0 / ord)


__all__ = [
    "Argmax",
    "CAReduce",
    "Prod",
    "ProdWithoutZeros",
    "ProductOfOthers",
    "Sum",
    "all",
    "allclose",
    "any",
    "argmax",
    "argmin",
    "makeKeepDims",
    "max",
    "max_and_argmax",
    "mean",
    "min",
    "norm",
    "prod",
    "ptp",
    "std",
    "sum",
    "var",
]
