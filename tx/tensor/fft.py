"""Fourier transforms. Real ones keep complex numbers as pairs (real, imaginary) along a last axis of length 2.

Source: theano.tensor.fft, theano.tensor.fourier.
"""

from __future__ import annotations

from typing import Any

from tx.configuration import config
from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, static_int
from tx.tensor.reduction import prod
from tx.tensor.shapes import as_shape_vector, shape_i
from tx.tensor.type import TensorType


class RFFT(Op):
    """The transform of real data over all axes but the first, which counts batches; the last axis keeps one half."""

    __props__ = ()

    def make_node(self, x: Any, lengths: Any) -> Apply:
        """Raises TypeError unless there is a batch axis and another one, and the data are real."""
        x = _real(x)
        if x.ndim < 2:
            raise TypeError("RFFTOp: input must have dimension >= 2, with first dimension batches", x)
        return Apply(self, [x, as_shape_vector(lengths)], [TensorType(x.dtype, (False,) * (x.ndim + 1))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Lengths have no influence that a derivative could see."""
        return [[True], [False]]


class IRFFT(Op):
    """The inverse of `RFFT`, not divided by the number of elements, for data of the given lengths."""

    __props__ = ()

    def make_node(self, x: Any, lengths: Any) -> Apply:
        """Raises TypeError unless there is a batch axis, another one, and one for the pairs."""
        x = _real(x)
        if x.ndim < 3:
            raise TypeError(
                "IRFFTOp: input must have dimension >= 3, with first dimension batches and last real/imag parts", x
            )
        return Apply(self, [x, as_shape_vector(lengths)], [TensorType(x.dtype, (False,) * (x.ndim - 1))()])

    connection_pattern = RFFT.connection_pattern


class Fourier(Op):
    """The complex transform along one axis, of `n` elements: padded with zeros, or cut."""

    __props__ = ("axis",)

    def __init__(self, axis: int = -1):
        self.axis = axis

    def make_node(self, a: Any, n: Any) -> Apply:
        """Raises TypeError unless `n` is an integer scalar and `a` has the axis."""
        a, n = as_tensor_variable(a), as_tensor_variable(n)
        if not -a.ndim <= self.axis < a.ndim:
            raise TypeError(f"Fourier: {a} has no axis {self.axis}")
        if n.ndim or not dt.is_discrete(n.dtype):
            raise TypeError("Fourier: the length of the transformed axis must be an integer scalar", n)
        pattern = [b and d != self.axis % a.ndim for d, b in enumerate(a.type.broadcastable)]
        return Apply(self, [a, n], [TensorType("complex128", pattern)()])

    connection_pattern = RFFT.connection_pattern


def _real(x: Any) -> Any:
    x = as_tensor_variable(x)
    if dt.is_complex(x.dtype):
        raise TypeError("real Fourier transforms are of real data", x)
    return F.cast(x, config.floatX) if dt.is_discrete(x.dtype) else x


def _norm(norm: Any) -> Any:
    if norm not in (None, "ortho", "no_norm"):
        raise ValueError(f"Invalid value {norm} for norm, must be None, 'ortho' or 'no norm'")
    return norm


def _count(lengths: list[Any], dtype: str) -> Any:
    return F.cast(prod(as_shape_vector(lengths)), dtype)


def rfft(inp: Any, norm: Any = None) -> Any:
    """The Fourier transform of real data ``(batch, ..., n)``: ``(batch, ..., n // 2 + 1, 2)``.

    `norm` is None or 'no_norm' (nothing is divided) or 'ortho' (by the square root of the number of elements).
    Raises ValueError for another, TypeError for data without a batch axis.
    """
    x = as_tensor_variable(inp)
    lengths = [shape_i(x, d) for d in range(1, x.ndim)]
    result = RFFT()(x, lengths or [1])
    return result / F.sqrt(_count(lengths, result.dtype)) if _norm(norm) == "ortho" else result


def irfft(inp: Any, norm: Any = None, is_odd: bool = False) -> Any:
    """The inverse of `rfft`, for data of which the last axis is even, or `is_odd`.

    `norm` is None (the sum is divided by the number of elements), 'ortho' (by its root) or 'no_norm'.
    Raises ValueError for another, or an `is_odd` that is no bool.
    """
    if is_odd not in (True, False):
        raise ValueError(f"Invalid value {is_odd} for id_odd, must be True or False")
    x = as_tensor_variable(inp)
    lengths = [shape_i(x, d) for d in range(1, x.ndim - 1)]
    if lengths:
        lengths[-1] = (lengths[-1] - 1) * 2 + int(is_odd)
    result = IRFFT()(x, lengths or [1])
    if _norm(norm) == "no_norm":
        return result
    count = _count(lengths, result.dtype)
    return result / (F.sqrt(count) if norm == "ortho" else count)


def fft(a: Any, n: Any = None, axis: Any = -1) -> Any:
    """The complex Fourier transform along `axis`, of its whole length or of `n` elements. Source: numpy.fft.fft."""
    a = as_tensor_variable(a)
    number = static_int(axis)
    if number is None:
        raise TypeError("fft: the axis must be known when the graph is built", axis)
    return Fourier(number)(a, shape_i(a, number % max(a.ndim, 1)) if n is None else n)


rfft_op, irfft_op = RFFT(), IRFFT()
RFFTOp, IRFFTOp = RFFT, IRFFT

__all__ = ["IRFFT", "RFFT", "Fourier", "IRFFTOp", "RFFTOp", "irfft", "irfft_op", "rfft", "rfft_op"]
