"""MRG31k3p in 32-bit integers, all streams at once."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering.creation import length
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.mrg import M1, M2, NORM, mrg_uniform

_M1, _M2 = np.uint32(M1), np.uint32(M2)
#: up to so many steps are written out one after the other
FEW_STEPS = 8


def _rotate(x: Any, k: int) -> Any:
    """2**k times x, modulo 2**31 - 1."""
    return ((x << k) & _M1) | (x >> (31 - k))


def _shift(x: Any) -> Any:
    """2**15 times x, modulo 2**31 - 21069: what goes over 2**31 comes in again 21069 times."""
    return _reduce((x >> 16) * np.uint32(21069) + ((x & np.uint32(0xFFFF)) << 15), _M2)


def _reduce(x: Any, m: Any) -> Any:
    """x modulo m, for x below 2m: the difference of a smaller x wraps around to something large."""
    return jnp.minimum(x, x - m)


def _step(state: Any) -> tuple[Any, Any]:
    """The next state, and the next number: 1, 2, ..., 2**31 - 1."""
    x1, x2, x3, y1, y2, y3 = state
    x = _reduce(_reduce(_rotate(x2, 22) + _rotate(x3, 7), _M1) + x3, _M1)
    y = _reduce(_reduce(_shift(y1) + _shift(y3), _M2) + y3, _M2)
    return (x, x1, x2, y, y1, y2), jnp.where(x <= y, x - y + _M1, x - y)


def draw(state: Any, count: int) -> tuple[Any, Any]:
    """State (n, 6) -> its next one, and `count` numbers: stream after stream, step after step."""
    streams = state.shape[0]
    columns = tuple(lax.bitcast_convert_type(state.T, "uint32"))
    steps, rest = divmod(count, streams)
    numbers = []
    if steps > FEW_STEPS:
        columns, found = lax.scan(lambda c, _: _step(c), columns, None, length=steps)
        numbers.append(found.reshape(-1))
    else:
        for _ in range(steps):
            columns, found = _step(columns)
            numbers.append(found)
    if rest:
        first, found = _step(tuple(c[:rest] for c in columns))
        columns = tuple(jnp.concatenate([a, c[rest:]]) for a, c in zip(first, columns, strict=True))
        numbers.append(found)
    together = jnp.concatenate(numbers) if numbers else jnp.zeros(0, "uint32")
    return lax.bitcast_convert_type(jnp.stack(columns, 1), "int32"), together


def _as_floats(numbers: Any, dtype: str) -> Any:
    """The numbers over 2**31; in float32 over 2**31 / (1 - 2**-24), so that none becomes 1: this is the next float
    below, and found without a product, which XLA might fuse with a sum and not round. float16 is rounded from that.
    """
    if dtype == "float64":
        return numbers.astype("float64") * NORM
    bits = lax.bitcast_convert_type(numbers.astype("float32") * np.float32(NORM), "int32")
    return lax.bitcast_convert_type(bits - 1, "float32").astype(dtype)


def _shape(size: Any) -> tuple[int, ...]:
    return tuple(length(n) for n in size)


@lowers(mrg_uniform)
def uniform(trace: Trace, node: Any, state: Any, _: Any) -> Any:
    """As many numbers as the size, which is asked for, wants."""
    shape = trace.ask(_shape, node.inputs[1])
    kind = node.op.output_type
    if len(shape) != kind.ndim:
        raise ValueError(f"size must have length {kind.ndim} (not {len(shape)})")
    if any(b and n != 1 for b, n in zip(kind.broadcastable, shape, strict=True)):
        raise ValueError(f"a size of {shape} does not fit {kind}")
    if state.ndim != 2 or state.shape[1] != 6 or not state.shape[0]:
        raise ValueError(f"the state of MRG streams has a shape (n, 6), n > 0, and not {state.shape}")
    new, numbers = draw(state, math.prod(shape))
    return [new, _as_floats(numbers, kind.dtype).reshape(shape)]
