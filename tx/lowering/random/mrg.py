"""MRG31k3p in 32-bit integers, all streams at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.creation import length
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.mrg import M1, M2, NORM, NORM_16, mrg_uniform

#: so many steps are written out one after the other, or in a round of the loop: after 3, a state is all new, and no
#: column has to be copied into the place of another
ROUND = 3
#: up to so many steps no loop is made
FEW_STEPS = 6


def _rotate(x: Any, k: int) -> Any:
    """2**k times x, modulo 2**31 - 1."""
    up, down = (direct.full(x.shape, n, x.dtype) for n in (k, 31 - k))
    return lax.bitwise_or(_low(lax.shift_left(x, up), M1), lax.shift_right_logical(x, down))


def _low(x: Any, bits: Any) -> Any:
    return lax.bitwise_and(x, direct.full(x.shape, bits, x.dtype))


def _shift(x: Any) -> Any:
    """2**15 times x, modulo 2**31 - 21069: what goes over 2**31 comes in again 21069 times."""
    over, up = (direct.full(x.shape, n, x.dtype) for n in (16, 15))
    again = direct.times(lax.shift_right_logical(x, over), 21069)
    return _reduce(lax.add(again, lax.shift_left(_low(x, 0xFFFF), up)), M2)


def _reduce(x: Any, m: Any) -> Any:
    """x modulo m, for x below 2m: the difference of a smaller x wraps around to something large."""
    return lax.min(x, lax.sub(x, direct.full(x.shape, m, x.dtype)))


def _step(state: Any) -> Any:
    """The next state. Barriers keep XLA from computing it again for each later step."""
    x1, x2, x3, y1, y2, y3 = state
    x = _reduce(lax.add(_reduce(lax.add(_rotate(x2, 22), _rotate(x3, 7)), M1), x3), M1)
    y = _reduce(lax.add(_shift(_reduce(lax.add(y1, y3), M2)), y3), M2)
    x, y = lax.optimization_barrier((x, y))
    return x, x1, x2, y, y1, y2


def _number(state: Any) -> Any:
    """The difference modulo 2**31 - 1, but from 1 on: 1, 2, ..., 2**31 - 1, as int32."""
    difference = lax.sub(state[0], state[3])
    less = lax.sub(difference, direct.full(difference.shape, 1, "uint32"))
    return direct.plus(lax.bitcast_convert_type(lax.min(less, direct.plus(less, M1)), "int32"), 1)


def draw(state: Any, count: int, finish: Any) -> tuple[Any, Any]:
    """State (n, 6) -> its next one, and what `finish` makes of `count` numbers: all streams' first ones come first."""
    streams, nothing = state.shape[0], finish(direct.full([0], 0, "int32"))
    if not count:
        return state, nothing
    if count < streams:
        first, drawn = draw(state[:count], count, finish)
        return lax.dynamic_update_slice(state, first, (0, 0)), drawn
    unsigned = lax.bitcast_convert_type(state, "uint32")
    columns = tuple(lax.squeeze(lax.slice(unsigned, [0, i], [streams, i + 1]), [1]) for i in range(6))
    drawn = direct.full([count], 0, nothing.dtype)

    def step(columns: Any, drawn: Any, k: Any) -> tuple[Any, Any]:
        columns = _step(columns)
        numbers = finish(_number(columns))
        return columns, lax.dynamic_update_slice(drawn, numbers, (k,), allow_negative_indices=False)

    def turn(k: Any, carry: Any) -> Any:
        columns, drawn = carry
        for j in range(ROUND):
            columns, drawn = step(columns, drawn, direct.plus(direct.times(k, ROUND * streams), j * streams))
        return columns, drawn

    steps, rest = divmod(count, streams)
    turns = steps // ROUND if steps > FEW_STEPS else 0
    columns, drawn = lax.fori_loop(0, turns, turn, (columns, drawn)) if turns else (columns, drawn)
    for k in range(turns * ROUND, steps):
        columns, drawn = step(columns, drawn, np.int64(k * streams))
    table = lax.concatenate([lax.reshape(c, (streams, 1)) for c in columns], 1)
    state = lax.bitcast_convert_type(table, "int32")
    if rest:
        first, last = draw(state[:rest], rest, finish)
        state = lax.dynamic_update_slice(state, first, (0, 0))
        drawn = lax.dynamic_update_slice(drawn, last, (steps * streams,))
    return state, drawn


def _as_floats(numbers: Any, dtype: str) -> Any:
    """The numbers over 2**31; in float32 over 2**31 / (1 - 2**-24), so that none becomes 1: this is the next float
    below, and found without a product, which XLA might fuse with a sum and not round.

    float16 has the last 15 bits, from 1 to 2**15, times the float16 below 2**-15.
    """
    if dtype == "float64":
        return direct.times(numbers.astype("float64"), NORM)
    if dtype == "float16":
        last = direct.plus(_low(numbers, 0x7FFF), 1).astype("float32")
        return direct.times(last, NORM_16).astype("float16")
    bits = lax.bitcast_convert_type(direct.times(numbers.astype("float32"), NORM), "int32")
    return lax.bitcast_convert_type(direct.plus(bits, -1), "float32")


def _shape(size: Any) -> tuple[int, ...]:
    return tuple(length(n) for n in size)


def sample_shape(trace: Trace, node: Any) -> tuple[int, ...]:
    """The size of a draw, which is asked for. Raises ValueError unless it fits the draw's type."""
    shape: tuple[int, ...] = trace.ask(_shape, node.inputs[1])
    kind = node.op.output_type
    if len(shape) != kind.ndim:
        raise ValueError(f"size must have length {kind.ndim} (not {len(shape)})")
    if any(b and n != 1 for b, n in zip(kind.broadcastable, shape, strict=True)):
        raise ValueError(f"a size of {shape} does not fit {kind}")
    return shape


@lowers(mrg_uniform)
def uniform(trace: Trace, node: Any, state: Any, _: Any) -> Any:
    """As many numbers as the size wants."""
    shape, dtype = sample_shape(trace, node), node.op.output_type.dtype
    if state.ndim != 2 or state.shape[1] != 6 or not state.shape[0]:
        raise ValueError(f"the state of MRG streams has a shape (n, 6), n > 0, and not {state.shape}")
    new, numbers = draw(state, math.prod(shape), lambda n: _as_floats(n, dtype))
    return [new, numbers.reshape(shape)]
