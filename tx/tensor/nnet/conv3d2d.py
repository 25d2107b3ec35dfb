"""Convolution of films, with time in front of the channels, and the diagonals that it was once made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from tx.tensor.assertions import Assert
from tx.tensor.convert import as_tensor_variable, get_scalar_constant_value
from tx.tensor.creation import arange
from tx.tensor.math import ge
from tx.tensor.nnet import convolution
from tx.tensor.shapes import dimshuffle
from tx.tensor.subtensor import inc_subtensor

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


# -- diagonals --------------------------------------------------------------------------------------------------------


def get_diagonal_subtensor_view(x: np.ndarray, i0: int, i1: int) -> np.ndarray:
    """The view v of an array with ``v[i, j] = x[i + n - 1 - j, j]``, where i and j count along `i0` and `i1`.

    n is the length of `i1`. The axis `i0`, of length m, has m - n + 1 elements in the view. Raises ValueError when it
    is shorter than `i1`.
    """
    m, n = x.shape[i0], x.shape[i1]
    if m < n:
        raise ValueError(f"axis {i0} of length {m} has no diagonals as long as axis {i1}, {n}")
    start = [slice(None)] * x.ndim
    start[i0] = slice(max(n - 1, 0), None)
    shape, strides = list(x.shape), list(x.strides)
    shape[i0] = m - n + 1
    strides[i1] -= strides[i0]
    return np.lib.stride_tricks.as_strided(x[tuple(start)], shape, strides)


def _diagonals(x: Any, i0: Any, i1: Any) -> tuple[Any, tuple[int, ...]]:
    """What `get_diagonal_subtensor_view` gives, with `i0` and `i1` in front, and the order of axes that undoes this."""
    x = as_tensor_variable(x)
    axes = [int(get_scalar_constant_value(i)) for i in (i0, i1)]
    if axes[0] == axes[1] or not all(0 <= a < x.ndim for a in axes):
        raise ValueError(f"diagonals run along two different axes of {x.ndim}, not {axes[0]} and {axes[1]}")
    order = (*axes, *(a for a in range(x.ndim) if a not in axes))
    front = dimshuffle(x, *order)
    m, n = front.shape[0], front.shape[1]
    m = Assert("the first axis of diagonals must not be shorter than the second")(m, ge(m, n))
    columns = arange(n)
    rows = arange(m - n + 1).dimshuffle(0, "x") + (n - 1 - columns)
    return front[rows, columns], tuple(map(order.index, range(x.ndim)))


class DiagonalSubtensor:
    """``DiagonalSubtensor()(x, i0, i1)`` is what `get_diagonal_subtensor_view` gives of an array.

    The axes must be constants. Raises ValueError unless they are two of those that `x` has, and AssertionError, when
    it is computed, if `i0` is shorter than `i1`.
    """

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def __call__(self, x: Any, i0: Any, i1: Any) -> Any:
        diagonals, back = _diagonals(x, i0, i1)
        return dimshuffle(diagonals, *back)


class IncDiagonalSubtensor(DiagonalSubtensor):
    """``IncDiagonalSubtensor()(x, i0, i1, amt)``: `x` with `amt` added to ``DiagonalSubtensor()(x, i0, i1)``."""

    def __call__(self, x: Any, i0: Any, i1: Any, amt: Any) -> Any:  # type: ignore[override]
        diagonals, back = _diagonals(x, i0, i1)
        amt = as_tensor_variable(amt)
        if amt.ndim > len(back):
            raise ValueError(f"amt has {amt.ndim} dimensions, x has {len(back)}")
        order = [back.index(i) for i in range(len(back))]
        amt = dimshuffle(amt, *["x"] * (len(back) - amt.ndim), *range(amt.ndim))
        changed = inc_subtensor(diagonals, dimshuffle(amt, *order))
        return dimshuffle(changed, *back)


diagonal_subtensor, inc_diagonal_subtensor = DiagonalSubtensor(), IncDiagonalSubtensor()

__all__ = [
    "DiagonalSubtensor",
    "IncDiagonalSubtensor",
    "conv3d",
    "diagonal_subtensor",
    "get_diagonal_subtensor_view",
    "inc_diagonal_subtensor",
]
