"""Shapes as values, and changes of shape."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.host import typed
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.shapes import Rebroadcast, Reshape, Shape, Shape_i, SpecifyShape


@lowers(Shape)
def shape(trace: Trace, node: Any, x: Any) -> Any:
    """A constant of the trace."""
    lengths = typed(x.shape, "int64")
    return jnp.stack([jnp.asarray(n, "int64") for n in x.shape]) if lengths.dtype == object else jnp.asarray(lengths)


@lowers(Shape_i)
def shape_i(trace: Trace, node: Any, x: Any) -> Any:
    """A constant of the trace."""
    return jnp.asarray(x.shape[node.op.i], "int64")


def resolve_shape(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """`shape` with its -1 worked out. Raises ValueError when it does not hold `size` elements."""
    unknown = [d for d, n in enumerate(shape) if n == -1]
    rest = math.prod(n for n in shape if n != -1)
    fits = (rest != 0 and size % rest == 0) if unknown else rest == size
    if len(unknown) > 1 or any(n < -1 for n in shape) or not fits:
        raise ValueError(f"cannot reshape array of size {size} into shape {tuple(shape)}")
    return tuple(size // rest if n == -1 else n for n in shape)


@lowers(Reshape)
def reshape(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """The lengths are asked for."""
    lengths = trace.static(node.inputs[1])
    if len(lengths) != node.op.ndim:
        raise ValueError(
            f"shape argument to Reshape.perform has incorrect length {len(lengths)}, should be {node.op.ndim}"
        )
    return lax.reshape(x, resolve_shape(lengths, x.size))


@lowers(Rebroadcast)
def rebroadcast(trace: Trace, node: Any, x: Any) -> Any:
    """The same array, if its lengths keep what the pattern says."""
    for d, broadcastable in enumerate(node.op.pattern):
        if broadcastable and x.shape[d] != 1:
            raise ValueError(f"Dimension {d} in Rebroadcast's input was supposed to be 1 (got {x.shape[d]} instead)")
    return x


@lowers(SpecifyShape)
def specify_shape(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """The same array, if its shape is the promised one."""
    promised = trace.static(node.inputs[1])
    if tuple(promised) != x.shape:
        raise AssertionError(f"SpecifyShape: got shape {x.shape}, expected {tuple(promised)}")
    return x
