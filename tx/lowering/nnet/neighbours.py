"""Pieces of images: gathered at places that are known when the function is traced."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.neighbours import Images2Neibs


def _places(mode: str, n: int, size: int, step: int) -> tuple[np.ndarray, int]:
    """The positions of the elements of each piece along an axis of length `n`, and how many zeros go around it."""
    if min(size, step) < 1:
        raise ValueError(f"pieces and their steps must be at least 1, not {size} and {step}")
    pad = {"half": size // 2, "full": size - 1}.get(mode, 0)
    if mode == "wrap_centered":
        if size % 2 == 0 or size > n:
            raise TypeError(f"Images2Neibs: wrap_centered takes pieces of odd length up to {n}, not {size}")
        starts = np.arange(0, n, step) - size // 2
        return (starts[:, None] + np.arange(size)) % n, 0
    room = n + 2 * pad - size
    if mode != "ignore_borders" and (room < 0 or room % step):
        raise TypeError(f"neib_shape={size}, neib_step={step} and a length of {n} are not consistent")
    return np.arange(0, room + 1, step)[:, None] + np.arange(size), pad


@lowers(Images2Neibs)
def images_to_neighbours(trace: Trace, node: Any, x: Any, *_: Any) -> Any:
    """Rows and columns, each gathered."""
    sizes, steps = (trace.static(v) for v in node.inputs[1:])
    if len(sizes) != 2 or len(steps) != 2:
        raise ValueError("neib_shape and neib_step have two elements")
    pairs = [_places(node.op.mode, x.shape[2 + d], sizes[d], steps[d]) for d in range(2)]
    (rows, up), (columns, left) = pairs
    if 0 in (*x.shape, rows.size, columns.size):
        return jnp.zeros((x.shape[0] * x.shape[1] * len(rows) * len(columns), sizes[0] * sizes[1]), x.dtype)
    x = jnp.pad(x, [(0, 0), (0, 0), (up, up), (left, left)])
    pieces = x[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return pieces.reshape(-1, sizes[0] * sizes[1])
