"""Bilinear upsampling of images, by whole and by fractional ratios."""

from __future__ import annotations

from math import gcd
from typing import Any

from tx.configuration import config
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.creation import arange
from tx.tensor.shapes import shape_i


def bilinear_kernel_1D(ratio: Any, normalize: bool = True) -> Any:
    """The vector 1, 2, ..., ratio, ..., 2, 1, divided by `ratio` where it is to be normalised."""
    ratio = as_tensor_variable(ratio)
    kernel = F.cast(ratio - abs(arange(1 - ratio, ratio)), config.floatX)
    return kernel / F.cast(ratio, config.floatX) if normalize else kernel


def bilinear_kernel_2D(ratio: Any, normalize: bool = True) -> Any:
    """The outer product of two of `bilinear_kernel_1D`: a matrix."""
    one = bilinear_kernel_1D(ratio, normalize)
    return one.dimshuffle(0, "x") * one.dimshuffle("x", 0)


def _stretch(x: Any, axis: int, up: Any, down: Any) -> Any:
    """`x` interpolated at every `down`-th of the places that divide the steps along `axis` into `up` parts."""
    n = shape_i(x, axis)
    last = (n - 1) * up
    place = arange((n * up + down - 1) // down) * down - (up - 1) // 2
    place = F.clip(F.cast(place, "int64"), constant(0, dtype="int64"), F.cast(last, "int64"))
    low = place // up
    part = F.cast(place - low * up, config.floatX) / F.cast(as_tensor_variable(up), config.floatX)
    part = part.dimshuffle(*(0 if d == axis else "x" for d in range(x.ndim)))
    before = (slice(None),) * axis
    return x[(*before, low)] * (1 - part) + x[(*before, F.minimum(low + 1, n - 1))] * part


def frac_bilinear_upsampling(input: Any, frac_ratio: Any) -> Any:
    """Images (batch, channels, rows, columns) enlarged by a fraction, (numerator, denominator), or one for each axis.

    The result has the dtype floatX, and its lengths are rounded up.
    Raises ValueError when `frac_ratio` is no pair.
    """
    input = as_tensor_variable(input)
    if not isinstance(frac_ratio, tuple):
        raise ValueError("frac_ratio should be a tuple")
    pairs = frac_ratio if isinstance(frac_ratio[0], tuple) else (frac_ratio, frac_ratio)
    if len(pairs) != 2 or any(len(pair) != 2 for pair in pairs):
        raise ValueError("frac_ratio should be a tuple of length 2 or a tuple of two such tuples")
    result = F.cast(input, config.floatX)
    for axis, (up, down) in zip((2, 3), pairs, strict=True):
        common = gcd(up, down) if isinstance(up, int) else 1
        result = _stretch(result, axis, up // common, down // common)
    return result


def bilinear_upsampling(
    input: Any,
    ratio: Any = None,
    frac_ratio: Any = None,
    batch_size: int | None = None,
    num_input_channels: int | None = None,
    use_1D_kernel: bool = True,
) -> Any:
    """Images (batch, channels, rows, columns) enlarged `ratio` times; for `frac_ratio` see there.

    `batch_size`, `num_input_channels` and `use_1D_kernel` are hints that tx needs none of; as in Theano, fractions
    are only taken with ``use_1D_kernel=False``. Raises ValueError unless exactly one ratio is given.
    """
    if ratio is not None and frac_ratio is not None:
        raise ValueError("can't use ratio and frac_ratio together")
    if ratio is None and frac_ratio is None:
        raise ValueError("No ratio (or frac_ratio) provided")
    if frac_ratio is not None:
        if use_1D_kernel:
            raise ValueError("For fractional ratios use_1D_kernel must be False")
        return frac_bilinear_upsampling(input, frac_ratio)
    return frac_bilinear_upsampling(input, (ratio, 1))


__all__ = ["bilinear_kernel_1D", "bilinear_kernel_2D", "bilinear_upsampling", "frac_bilinear_upsampling"]
