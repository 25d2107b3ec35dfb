"""Tensors made from sizes, which are asked of the trace."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.host import whole
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.creation import Alloc, ARange, Eye
from tx.tensor.elemwise import constant_value


def length(n: Any) -> Any:
    """A length. Raises ValueError when it is negative."""
    if n < 0:
        raise ValueError(f"negative dimensions are not allowed: {int(n)}")
    return whole(n)


@lowers(Alloc)
def alloc(trace: Trace, node: Any, value: Any, *_: Any) -> Any:
    """A broadcast; lengths of the value that its type does not know to be 1 must be the result's."""
    shape = tuple(trace.ask(length, n) for n in node.inputs[1:])
    offset = len(shape) - value.ndim
    for d, n in enumerate(value.shape):
        if n != shape[offset + d] and n != 1:
            raise ValueError(f"could not broadcast input array from shape {value.shape} into shape {shape}")
    return lax.broadcast_in_dim(value, shape, tuple(range(offset, len(shape))))


def arange_length(start: Any, stop: Any, step: Any) -> Any:
    """How many values ``arange`` gives. Raises ZeroDivisionError for step 0."""
    if np.asarray(stop).dtype == object and start == 0 and step == 1:  # a symbolic length
        return whole(stop)
    if step == 0:
        raise ZeroDivisionError("arange: the step is 0")
    if all(isinstance(v, int) or np.asarray(v).dtype.kind in "iub" for v in (start, stop, step)):
        return len(range(int(start), int(stop), int(step)))
    return max(0, math.ceil((float(stop) - float(start)) / float(step)))


@lowers(ARange, numbers=True)
def arange(trace: Trace, node: Any, start: Any, stop: Any, step: Any) -> Any:
    """start + step * (0, 1, 2, ...), as many as are asked for."""
    count = trace.ask(arange_length, *node.inputs)
    dtype = node.op.dtype
    steps = lax.iota(dtype, count)
    if constant_value(node.inputs[0]) == 0 and constant_value(node.inputs[2]) == 1:
        return steps
    first, by = (direct.stretched(lax.convert_element_type(v, dtype), steps.shape, dtype) for v in (start, step))
    return lax.add(first, lax.mul(by, steps))


@lowers(Eye)
def eye(trace: Trace, node: Any, n: Any, m: Any, k: Any) -> Any:
    """Ones where column - row is k."""
    rows, columns = (trace.ask(length, v) for v in node.inputs[:2])
    difference = lax.broadcasted_iota("int64", (rows, columns), 1) - lax.broadcasted_iota("int64", (rows, columns), 0)
    return (difference == k.astype("int64")).astype(node.op.dtype)
