"""Convolution and pooling of images that lie flat in the rows of a matrix: their patches are gathered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.sparse import sums
from tx.sparse.dense import EnsureSortedIndices, Remove0, clean, ensure_sorted_indices, remove0
from tx.sparse.sums import *
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import zeros
from tx.tensor.joining import concatenate
from tx.tensor.products import dot


def _with_channels(shape: Sequence[int]) -> tuple[int, int, int]:
    channels, height, width = (1, *shape) if len(shape) == 2 else shape
    return int(channels), int(height), int(width)


def _patches(
    image: Sequence[int], window: Sequence[int], step: Sequence[int], full: bool
) -> tuple[np.ndarray, tuple[int, int]]:
    """For each output the pixels of its patch, as places in a flat image (behind its end: none), and the shape."""
    channels, height, width = _with_channels(image)
    pad = (window[0] - 1, window[1] - 1) if full else (0, 0)
    outside = channels * height * width
    places = np.full((channels, height + 2 * pad[0], width + 2 * pad[1]), outside)
    inside = places[:, pad[0] : pad[0] + height, pad[1] : pad[1] + width]
    inside[...] = np.arange(outside).reshape(channels, height, width)
    windows = np.lib.stride_tricks.sliding_window_view(places, tuple(window), axis=(1, 2))
    windows = windows[:, :: step[1], :: step[0]].transpose(1, 2, 0, 3, 4)
    rows, columns = windows.shape[:2]
    return windows.reshape(rows * columns, -1), (rows, columns)


def _gathered(images: Any, places: np.ndarray) -> Any:
    """The pixels at these places of every image, zeros where there are none: batch x outputs x pixels."""
    images = as_tensor_variable(images)
    extended = concatenate([images, zeros((images.shape[0], 1), images.dtype)], axis=1)
    return extended[:, places.ravel()].reshape((images.shape[0], *places.shape), ndim=3)


def convolve(
    kerns: Any,
    kshp: Sequence[int],
    nkern: int,
    images: Any,
    imgshp: Sequence[int],
    step: Sequence[int] = (1, 1),
    bias: Any = None,
    mode: str = "valid",
    flatten: bool = True,
) -> tuple[Any, np.ndarray]:
    """Images (a row each, of shape `imgshp`, channels first) correlated with kernels (a row each, of shape `kshp`).

    `step` is how far windows are apart, across and down. Returns the result, and the shape that a row of it has
    (kernels, height, width); without `flatten` the result is batch x kernels x outputs. `bias` is one for each kernel.
    Raises AssertionError for another mode than 'valid' and 'full'.
    """
    if mode not in ("valid", "full"):
        raise AssertionError("mode must be 'valid' or 'full'", mode)
    places, shape = _patches(imgshp, kshp, step, mode == "full")
    found = dot(_gathered(images, places), as_tensor_variable(kerns).T)
    if bias is not None:
        found = found + as_tensor_variable(bias).dimshuffle("x", "x", 0)
    found = found.dimshuffle(0, 2, 1)
    return found.flatten(2) if flatten else found, np.array([nkern, *shape])


def max_pool(images: Any, imgshp: Sequence[int], maxpoolshp: Sequence[int]) -> tuple[Any, np.ndarray]:
    """The largest pixel of each window of shape `maxpoolshp`, for images that lie flat in rows.

    Windows are as far apart, across and down, as they are high and wide: side by side, where they are square. What is
    left over at the borders is dropped. Returns the result, and the shape of one channel of it.
    """
    channels, height, width = _with_channels(imgshp)
    places, shape = _patches((1, height, width), maxpoolshp, maxpoolshp, False)
    everywhere = (np.arange(channels)[:, None, None] * height * width + places).reshape(-1, places.shape[1])
    return _gathered(images, everywhere).max(axis=2), np.array(shape)


__all__ = [
    *sums.__all__,
    "EnsureSortedIndices",
    "Remove0",
    "clean",
    "convolve",
    "ensure_sorted_indices",
    "max_pool",
    "remove0",
]
