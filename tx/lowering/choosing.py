"""Choosing among several tensors."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from tx.lowering.registry import lowers
from tx.lowering.sort import order
from tx.lowering.trace import Trace
from tx.tensor.choosing import Choose, PermuteRowElements


def _invalid(index: int, count: int) -> ValueError:
    return ValueError(f"invalid entry in choice array: {index}, for {count} choices")


@lowers(Choose)
def choose(trace: Trace, node: Any, index: Any, *choices: Any) -> Any:
    """All choices along a new first axis, and a gather along it."""
    op, dtype = node.op, node.outputs[0].type.dtype
    count = choices[0].shape[0] if op.stacked else len(choices)
    shapes = [c.shape[int(op.stacked) :] for c in choices]
    shape = np.broadcast_shapes(index.shape, *shapes)
    index = index.astype("int64")
    if op.mode == "raise":
        flat = index.reshape(-1)
        trace.check_each((flat < 0) | (flat >= count), flat, lambda entry: _invalid(entry, count))
    index = index % count if op.mode == "wrap" else jnp.clip(index, 0, count - 1)
    if op.stacked:
        (c,) = choices
        padded = c.reshape((count,) + (1,) * (len(shape) - c.ndim + 1) + c.shape[1:])
        table = jnp.broadcast_to(padded, (count, *shape))
    else:
        table = jnp.stack([jnp.broadcast_to(c.astype(dtype), shape) for c in choices])
    return jnp.take_along_axis(table, jnp.broadcast_to(index, shape)[None], axis=0, mode="promise_in_bounds")[0]


@lowers(PermuteRowElements)
def permute_row_elements(trace: Trace, node: Any, x: Any, y: Any) -> Any:
    """A gather along the last axis; the inverse of a permutation is what sorts it."""
    rows = np.broadcast_shapes(x.shape[:-1], y.shape[:-1])
    places = order(trace, y, y.ndim - 1) if node.op.inverse else y.astype("int64")
    x, places = (jnp.broadcast_to(a, (*rows, a.shape[-1])) for a in (x, places))
    if x.shape[-1] != places.shape[-1]:
        raise ValueError(f"rows of length {x.shape[-1]} cannot be permuted by permutations of {places.shape[-1]}")
    return jnp.take_along_axis(x, places, axis=-1)
