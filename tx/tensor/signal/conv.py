"""Convolution of images without channels."""

from __future__ import annotations

from typing import Any

from tx.tensor.convert import as_tensor_variable
from tx.tensor.nnet.conv import conv2d as with_channels


def conv2d(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> Any:
    """Each image (a matrix, or a stack of them) convolved with each filter (a matrix, or a stack of them).

    The result has an axis for the images, if there is a stack of them, and one for the filters, if there is a stack.
    Raises ValueError when `input` or `filters` has another rank than 2 or 3.
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    if input.ndim not in (2, 3) or filters.ndim not in (2, 3):
        raise ValueError("signal.conv2d takes matrices and tensors of rank 3")
    images = input.dimshuffle("x", "x", 0, 1) if input.ndim == 2 else input.dimshuffle(0, "x", 1, 2)
    stack = filters.dimshuffle("x", "x", 0, 1) if filters.ndim == 2 else filters.dimshuffle(0, "x", 1, 2)
    image_shape, filter_shape = (
        s and ((1, 1, *s) if len(s) == 2 else (s[0], 1, *s[1:])) for s in (image_shape, filter_shape)
    )
    result = with_channels(images, stack, image_shape, filter_shape, border_mode, subsample, **kargs)
    if input.ndim == 2 and filters.ndim == 2:
        return result[0, 0]
    if input.ndim == 2:
        return result[0]
    return result[:, 0] if filters.ndim == 2 else result


__all__ = ["conv2d"]
