"""Running sums and products, differences, and counting. Source: theano.tensor.extra_ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.assertions import Assert
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.creation import arange, zeros
from tx.tensor.reduction import all as every
from tx.tensor.reduction import max as largest
from tx.tensor.shapes import patternbroadcast, shape
from tx.tensor.subtensor import flatnonzero, inc_subtensor, take
from tx.tensor.type import TensorType


class CumOp(Op):
    """The running sum (`mode` 'add') or product ('mul') along `axis`, of the flattened array where it is None."""

    __props__ = ("axis", "mode")

    def __init__(self, axis: int | None = None, mode: str = "add"):
        if mode not in ("add", "mul"):
            raise ValueError(f'{type(self).__name__}: Unknown mode "{mode}"')
        self.axis = axis
        self.mode = mode

    def make_node(self, x: Any) -> Apply:
        """Raises ValueError for an axis that `x` does not have."""
        x = as_tensor_variable(x)
        if self.axis is None:
            return Apply(self, [x], [TensorType(x.dtype, (False,))()])
        if not -x.ndim <= self.axis < x.ndim:
            raise ValueError(f"axis(={self.axis}) out of bounds: {x} has {x.ndim} dimensions")
        return Apply(self, [x], [x.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Of a sum, to each element that of all sums from it on; of a product, what jax derives, zeros included."""
        (x,), (gradient,) = inputs, gradients
        if self.mode == "mul" or dt.is_discrete(x.dtype):
            return [...]
        axis = (self.axis or 0) % gradient.ndim
        back = (*(slice(None),) * axis, slice(None, None, -1))
        found = CumOp(axis)(gradient[back])[back]
        if self.axis is None:
            found = found.reshape(shape(x), ndim=x.ndim)
        return [patternbroadcast(found, x.type.broadcastable)]


def CumsumOp(axis: int | None = None) -> CumOp:
    """The Op of `cumsum`."""
    return CumOp(axis, "add")


def CumprodOp(axis: int | None = None) -> CumOp:
    """The Op of `cumprod`."""
    return CumOp(axis, "mul")


def cumsum(x: Any, axis: int | None = None) -> Any:
    """The running sum along `axis` (of the flattened `x` where it is None), in the dtype of `x`."""
    return CumOp(axis, "add")(x)


def cumprod(x: Any, axis: int | None = None) -> Any:
    """The running product along `axis` (of the flattened `x` where it is None), in the dtype of `x`."""
    return CumOp(axis, "mul")(x)


def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """The differences of neighbours along `axis`, taken `n` times; of truth values, whether they differ."""
    x = as_tensor_variable(x)
    if n < 0:
        raise ValueError("order must be non-negative but got", n)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis {axis} is out of bounds for {x}, of dimension {x.ndim}")
    before = (slice(None),) * (axis % x.ndim)
    for _ in range(n):
        later, earlier = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = F.cast(F.neq(later, earlier), "bool") if x.dtype == "bool" else later - earlier
    return x


def DiffOp(n: int = 1, axis: int = -1) -> Any:
    """``DiffOp(n, axis)(x)`` is ``diff(x, n, axis)``."""
    return lambda x: diff(x, n, axis)


def bincount(x: Any, weights: Any = None, minlength: Any = None, assert_nonneg: bool = False) -> Any:
    """How often each of 0, 1, 2, ... occurs in the integer vector `x` (in its dtype), or the sums of their `weights`.

    At least `minlength` of them. Raises TypeError unless `x` is an integer vector; when run, IndexError for negative
    numbers (AssertionError with `assert_nonneg`), ValueError for an empty vector. Source: numpy.bincount.
    """
    x = as_tensor_variable(x)
    if x.ndim != 1:
        raise TypeError("Inputs must be of dimension 1.", x)
    if x.dtype not in dt.integer_dtypes:
        raise TypeError("index must be integers", x, x.dtype)
    if assert_nonneg:
        x = Assert("Input to bincount has negative values!")(x, every(F.ge(x, 0)))
    length = F.cast(largest(x), "int64") + 1
    if minlength is not None:
        length = F.maximum(length, minlength)
    weights = constant(1, dtype=x.dtype) if weights is None else as_tensor_variable(weights)
    empty = zeros([length], weights.dtype)
    return inc_subtensor(empty[F.cast(x, "int64")], weights)


def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The slices of `x` along `axis` (elements, where it is None) at which the vector `condition` is not 0.

    A variable's method takes the condition first, too: ``condition.compress(x, axis)``. Source: numpy.compress.
    """
    return take(x, flatnonzero(as_tensor_variable(condition)), axis=axis)


def bartlett(M: Any) -> Any:
    """The triangular window of M points, float64, 0 at its ends. Raises TypeError unless M is an integer scalar.

    Source: numpy.bartlett.
    """
    M = as_tensor_variable(M)
    if M.ndim:
        raise TypeError("Bartlett only works on scalar input", M)
    if not dt.is_discrete(M.dtype):
        raise TypeError("Bartlett only works on integer input", M)
    last = F.cast(M, "float64") - 1.0
    n = F.cast(arange(M), "float64")
    rising = 2.0 * n / F.maximum(last, 1.0)
    return F.switch(F.eq(last, 0.0), F.ones_like(n), F.switch(n <= last / 2.0, rising, 2.0 - rising))


def Bartlett() -> Any:
    """``Bartlett()(M)`` is ``bartlett(M)``."""
    return bartlett


def cpu_contiguous(x: Any) -> Any:
    """`x`: arrays have no strides here."""
    return as_tensor_variable(x)


def CpuContiguous() -> Any:
    """``CpuContiguous()(x)`` is `x`."""
    return cpu_contiguous


__all__ = [
    "Bartlett",
    "CpuContiguous",
    "CumOp",
    "CumprodOp",
    "CumsumOp",
    "DiffOp",
    "bartlett",
    "bincount",
    "compress",
    "cpu_contiguous",
    "cumprod",
    "cumsum",
    "diff",
]
