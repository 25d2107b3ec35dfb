"""Convolution of films, with time in front of the channels."""

from __future__ import annotations

from typing import Any

from tx.tensor.convert import as_tensor_variable
from tx.tensor.nnet import convolution
from tx.tensor.shapes import dimshuffle

_ORDER = (0, 2, 1, 3, 4)


def conv3d(
    signals: Any, filters: Any, signals_shape: Any = None, filters_shape: Any = None, border_mode: Any = "valid"
) -> Any:
    """Films (batch, time, channels, rows, columns) convolved with filters of the same order of axes.

    `border_mode` is 'valid', 'full' or 'half', or one of these for each of time, rows and columns.
    Raises ValueError for others.
    """
    signals, filters = as_tensor_variable(signals), as_tensor_variable(filters)
    modes = (border_mode,) * 3 if isinstance(border_mode, str) else tuple(border_mode)
    if len(modes) != 3 or not set(modes) <= {"valid", "full", "half"}:
        raise ValueError(f"border_mode is 'valid', 'full', 'half' or three of them, not {border_mode}")
    alike = len(set(modes)) == 1
    images, kernels = dimshuffle(signals, *_ORDER), dimshuffle(filters, *_ORDER)
    image_shape, kernel_shape = (s and tuple(s[i] for i in _ORDER) for s in (signals_shape, filters_shape))
    result = convolution.conv3d(images, kernels, image_shape, kernel_shape, modes[0] if alike else "full")
    if not alike:
        result = result[
            (
                slice(None),
                slice(None),
                *(_part(mode, images.shape[d], kernels.shape[d]) for d, mode in enumerate(modes, 2)),
            )
        ]
    return dimshuffle(result, *_ORDER)


def _part(mode: str, image: Any, kernel: Any) -> slice:
    """The part of a full convolution along an axis that `mode` gives."""
    if mode == "full":
        return slice(None)
    over = kernel // 2 if mode == "half" else 0
    return slice(kernel - 1 - over, image + over)


__all__ = ["conv3d"]
