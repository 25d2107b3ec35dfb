"""MRG31k3p: many steps of all streams at once.

The recurrences are linear: what they give in the k-th step is a sum of three products of the state as it is now, modulo
m. So a draw is not a loop over steps but one sum, with coefficients that are found beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, reduce
from typing import Any

import jax
import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.apart import apart
from tx.lowering.creation import length
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.mrg import A1, A2, M1, M2, NORM, NORM_16, mrg_uniform

#: steps made at once: a draw of more is a loop
MOST_STEPS = 1024
_M = np.array([M1, M2], "uint64")
#: of both recurrences: the remainders of 2**32 and 2**31, and the modulus
_MODULI = np.array([2**32 % _M, 2**31 % _M, _M])


@cache
def _coefficients(steps: int) -> Any:
    """(2, 3 + steps, 3): what the three values of a state, newest first, are multiplied by for the values of both
    recurrences; the first three of these are the state's own, oldest first."""
    tables = []
    for matrix, m in ((A1, M1), (A2, M2)):
        rows = list(np.eye(3, dtype=object)[::-1])
        for _ in range(steps):
            rows.append(matrix[0].dot(rows[:-4:-1]) % int(m))
        tables.append(rows)
    return np.array(tables, "uint64")


def _combined(terms: Sequence[tuple[Any, Any]], moduli: Sequence[Any]) -> Any:
    """A sum of three products of integers below 2**31, modulo m: uint64 -> uint32.

    What goes over 2**32, and then over 2**31, comes in again, as often as `moduli` say. That is below 2m, and from m on
    the difference is smaller: else it wraps around.
    """
    total = reduce(lax.add, [lax.mul(a, b) for a, b in terms])
    for bits, again in zip((32, 31), moduli, strict=False):
        low = lax.bitwise_and(total, np.uint64(2**bits - 1))
        high = lax.shift_right_logical(total, np.uint64(bits))
        total = lax.add(low, lax.mul(high, again))
    total, m = (lax.convert_element_type(v, "uint32") for v in (total, moduli[2]))
    return lax.min(total, lax.sub(total, m))


def _along(x: Any, shape: Sequence[int], *axes: int) -> Any:
    return lax.broadcast_in_dim(lax.convert_element_type(x, "uint64"), shape, axes)


def _values(columns: Any, steps: int) -> list[Any]:
    """What both recurrences give in the next steps of states (6, n): twice (steps, n)."""
    shape = steps, columns.shape[1]
    values = []
    for k, table in enumerate(_coefficients(steps)[:, 3:]):
        own = [lax.index_in_dim(columns, 3 * k + c, 0, keepdims=False) for c in range(3)]
        terms = [(_along(factors, shape, 0), _along(x, shape, 1)) for factors, x in zip(table.T, own, strict=True)]
        values.append(_combined(terms, list(map(np.uint64, _MODULI[:, k]))))
    return values


def _after(state: Any, steps: int, ahead: int) -> Any:
    """State (n, 6) after so many steps, of which only the first streams, `ahead` of them, make the last one."""
    shape = state.shape[0], 2, 3
    halves, table = lax.reshape(state, shape), _coefficients(steps)
    now, before = table[:, :-4:-1], table[:, -2:-5:-1]
    terms = []
    for c in range(3):
        factor = _along(now[:, :, c], shape, 1, 2)
        if ahead < shape[0]:
            first = direct.below(lax.broadcasted_iota("int64", shape, 0), ahead)
            factor = lax.select(first, factor, _along(before[:, :, c], shape, 1, 2))
        terms.append((factor, _along(lax.index_in_dim(halves, c, 2, keepdims=False), shape, 0, 1)))
    new = _combined(terms, [_along(m, shape, 1) for m in _MODULI])
    return lax.reshape(new, state.shape)


def _number(x: Any, y: Any) -> Any:
    """The difference modulo 2**31 - 1, but from 1 on: 1, 2, ..., 2**31 - 1, as int32."""
    less = direct.plus(lax.sub(x, y), np.uint32(2**32 - 1))
    return direct.plus(lax.bitcast_convert_type(lax.min(less, direct.plus(less, M1)), "int32"), 1)


def draw(trace: Trace, state: Any, count: int, finish: Callable[[Any], Any]) -> tuple[Any, Any]:
    """State (n, 6) -> its next one, and what `finish` makes of `count` numbers: all streams' first ones come first."""
    streams = state.shape[0]
    if not count:
        return state, finish(direct.full([0], 0, "int32"))
    if count < streams:
        first, drawn = draw(trace, state[:count], count, finish)
        return lax.dynamic_update_slice(state, first, (0, 0)), drawn

    def numbers(state: Any, steps: int) -> Any:
        columns = lax.transpose(state, (1, 0))
        return apart(trace, lambda columns: finish(_number(*_values(columns, steps))))(columns)

    def turn(k: Any, carry: Any) -> Any:
        state, drawn = carry
        drawn = lax.dynamic_update_slice(drawn, numbers(state, MOST_STEPS), (k * MOST_STEPS, np.int64(0)))
        return _after(state, MOST_STEPS, streams), drawn

    state, steps = lax.bitcast_convert_type(state, "uint32"), -(-count // streams)
    turns = (steps - 1) // MOST_STEPS
    rest = steps - turns * MOST_STEPS
    if turns:
        kind = jax.eval_shape(finish, jax.ShapeDtypeStruct((steps, streams), "int32"))
        state, drawn = lax.fori_loop(0, turns, turn, (state, direct.full(kind.shape, 0, kind.dtype)))
        drawn = lax.dynamic_update_slice(drawn, numbers(state, rest), (steps - rest, 0))
    else:
        drawn = numbers(state, rest)
    state = _after(state, rest, (count - 1) % streams + 1)
    return lax.bitcast_convert_type(state, "int32"), lax.slice(lax.reshape(drawn, (drawn.size,)), [0], [count])


def _as_floats(numbers: Any, dtype: str) -> Any:
    """The numbers over 2**31; in float32 over 2**31 / (1 - 2**-24), so that none becomes 1: this is the next float
    below, and found without a product, which XLA might fuse with a sum and not round.

    float16 has the last 15 bits, from 1 to 2**15, times the float16 below 2**-15.
    """
    if dtype == "float64":
        return direct.times(direct.cast(numbers, "float64"), NORM)
    if dtype == "float16":
        last = direct.plus(lax.bitwise_and(numbers, np.int32(0x7FFF)), 1).astype("float32")
        return direct.times(last, NORM_16).astype("float16")
    bits = lax.bitcast_convert_type(direct.times(direct.cast(numbers, "float32"), NORM), "int32")
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
    new, numbers = draw(trace, state, math.prod(shape), lambda n: _as_floats(n, dtype))
    return [new, numbers.reshape(shape)]
