"""What is computed one element after the other, as a loop over the elements: running sums and products, and the
positions of what is true.

XLA on the CPU (jaxlib 0.10) makes one kernel of a loop whose step touches less than a kilobyte: the loop that one would
write in C. It runs in a half to a sixth of the time of what jax makes of these, compiles in a third, and rounds as
numpy does, which adds in order, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.apart import on_this_cpu
from tx.lowering.trace import Trace

#: elements that a step of the loop takes, which need not wait for each other's indices
_STEP = 8
#: of fewer elements numpy may make all, which has a name for what jax makes, and does not make loops
_FEW = 1 << 12


def suits(trace: Trace, x: Any) -> bool:
    """Whether a loop over the elements of `x` is how to compute something: on a CPU, where nobody differentiates it."""
    known = isinstance(x.size, int) and x.size >= _FEW
    return known and on_this_cpu(trace) and trace.plan is None and not trace.orders


def running(combine: Callable[[Any, Any], Any], x: Any, axis: int) -> Any:
    """``combine(... combine(x[0], x[1]) ..., x[i])`` for every i along `axis`, in the dtype of `x`."""
    n, outer, inner = x.shape[axis], math.prod(x.shape[:axis]), math.prod(x.shape[axis + 1 :])
    # XLA makes better code of fewer axes.
    before, after = [outer] if outer > 1 else [], [inner] if inner > 1 else []
    rows, d, step = lax.reshape(x, (*before, n, *after)), len(before), _STEP if inner == 1 else 1

    def steps(row: Any, first: Any, count: int, carry: tuple[Any, Any]) -> tuple[Any, Any]:
        last, made = carry
        place = [*(row for _ in before), first, *(np.zeros((), first.dtype) for _ in after)]
        shape = [*(1 for _ in before), count, *after]
        block, parts = lax.dynamic_slice(rows, place, shape, allow_negative_indices=False), []
        for k in range(count):
            element = lax.slice_in_dim(block, k, k + 1, axis=d)
            last = element if last is None else combine(last, element)
            parts.append(last)
        whole = lax.concatenate(parts, d) if count > 1 else last
        return last, lax.dynamic_update_slice(made, whole, place, allow_negative_indices=False)

    def along(row: Any, made: Any) -> Any:
        return _by_steps(x, n, step, partial(steps, row), (None, made))[1]

    made = direct.full(rows.shape, 0, x.dtype)
    return lax.reshape(_repeated(x, outer, along, made) if before else along(None, made), x.shape)


def true_positions(mask: Any, count: int) -> Any:
    """The first `count` positions in a vector of truth values that are true; 0 behind the last one.

    Every position is written, over the one before unless that was true.
    """
    ones = direct.cast(mask, _index(mask))

    def write(first: Any, length: int, carry: tuple[Any, Any]) -> tuple[Any, Any]:
        free, made = carry
        block = lax.dynamic_slice(ones, [first], [length], allow_negative_indices=False)
        for k in range(length):
            here = lax.reshape(direct.plus(first, k), (1,))
            made = lax.dynamic_update_slice(made, here, [free], allow_negative_indices=False)
            free = lax.add(free, lax.squeeze(lax.slice_in_dim(block, k, k + 1), [0]))
        return free, made

    # One more, for what is written behind the last.
    carry = np.zeros((), ones.dtype), direct.full([count + 1], 0, ones.dtype)
    free, made = _by_steps(mask, mask.size, _STEP, write, carry)
    made = lax.dynamic_update_slice(made, np.zeros(1, ones.dtype), [free], allow_negative_indices=False)
    return lax.slice(made, [0], [count])


def nonzero(x: Any, count: int) -> list[Any]:
    """What ``jnp.nonzero(x, size=count)`` gives."""
    places = true_positions(lax.reshape(x if x.dtype == bool else direct.differs(x, 0), (x.size,)), count)
    return list(jnp.unravel_index(places, x.shape)) if x.ndim > 1 else [places]


def _index(x: Any) -> str:
    return "int32" if x.size < 2**31 - _STEP else "int64"


def _by_steps(x: Any, n: int, step: int, body: Callable[[Any, int, Any], Any], carry: Any) -> Any:
    """``carry = body(first, count, carry)`` along `n` elements, `step` of them at once; the first time, which is before
    the loop, there may be fewer."""
    begin = n % step or step

    def turn(i: Any, carry: Any) -> Any:
        return body(direct.plus(direct.times(i, step), begin), step, carry)

    return _repeated(x, (n - begin) // step, turn, body(np.zeros((), _index(x)), begin, carry))


def _repeated(x: Any, times: int, body: Callable[[Any, Any], Any], carry: Any) -> Any:
    """``carry = body(i, carry)`` for i below `times`, an integer that can count the elements of `x`."""
    if not times:
        return carry
    zero, one, end = (np.asarray(k, _index(x)) for k in (0, 1, times))

    def turn(state: tuple[Any, Any]) -> tuple[Any, Any]:
        return lax.add(state[0], one), body(state[0], state[1])

    return lax.while_loop(lambda state: lax.lt(state[0], end), turn, (zero, carry))[1]


__all__ = ["nonzero", "running", "suits", "true_positions"]
