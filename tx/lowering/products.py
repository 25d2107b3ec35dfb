"""Products that sum over axes, in the highest precision that the device has for the dtype."""

from __future__ import annotations

from typing import Any

from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.products import BatchedDot, Dot

# Accelerators would round float32 operands to bfloat16 or TF32 otherwise: not what Theano computed.
_PRECISION = lax.Precision.HIGHEST


def _contract(node: Any, x: Any, y: Any, axes: tuple[int, int], batch: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    dtype = node.outputs[0].type.dtype
    if x.shape[axes[0]] != y.shape[axes[1]]:
        raise ValueError(
            f"Shape mismatch: shapes {x.shape} and {y.shape} do not fit: {x.shape[axes[0]]} != {y.shape[axes[1]]}"
        )
    numbers = (((axes[0],), (axes[1],)), batch)
    return lax.dot_general(x.astype(dtype), y.astype(dtype), numbers, precision=_PRECISION)


@lowers(Dot)
def dot(trace: Trace, node: Any, x: Any, y: Any) -> Any:
    """Sum over the last axis of the first and the first of the second."""
    return _contract(node, x, y, (x.ndim - 1, 0), ((), ()))


@lowers(BatchedDot)
def batched_dot(trace: Trace, node: Any, x: Any, y: Any) -> Any:
    """The same, slice by slice."""
    if x.shape[0] != y.shape[0]:
        raise ValueError(f"Shape mismatch: batch sizes unequal. x.shape is {x.shape}, y.shape is {y.shape}.")
    return _contract(node, x, y, (x.ndim - 1, 1), ((0,), (0,)))
