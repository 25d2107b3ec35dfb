"""Categories picked by uniform numbers. Probabilities are summed one after the other, as rounding depends on it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.creation import length
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.multinomial import ChoiceFromUniform, MultinomialFromUniform


def _summed(rows: Any, dtype: str) -> Any:
    """The sums of the first 1, 2, ... elements of each row, along a new first axis."""

    def step(total: Any, column: Any) -> tuple[Any, Any]:
        total = total + column.astype(dtype)
        return total, total

    return lax.scan(step, jnp.zeros(rows.shape[0], dtype), rows.T)[1]


def _pick(rows: Any, unis: Any) -> tuple[Any, Any]:
    """For numbers (..., rows): the first category whose sum exceeds the number, and whether there is one."""
    sums = _summed(rows, "float64")
    above = sums.reshape(sums.shape[0], *(1,) * (unis.ndim - 1), -1) > unis
    return jnp.argmax(above, 0), jnp.any(above, 0)


def _numbers(trace: Trace, node: Any, pvals: Any, unis: Any) -> Any:
    """The uniform numbers as (n, rows). Raises ValueError unless there are as many."""
    n = trace.ask(length, node.inputs[2])
    if unis.shape[0] != pvals.shape[0] * n:
        raise ValueError(f"unis.shape[0] != pvals.shape[0] * n ({unis.shape[0]} != {pvals.shape[0]} * {n})")
    return unis.reshape(n, pvals.shape[0])


@lowers(MultinomialFromUniform)
def multinomial(trace: Trace, node: Any, pvals: Any, unis: Any, _: Any) -> Any:
    """One scan for the sums, then all numbers at once."""
    dtype = node.outputs[0].type.dtype
    numbers = _numbers(trace, node, pvals, unis)
    if 0 in (*pvals.shape, *numbers.shape):
        return jnp.zeros(pvals.shape, dtype)
    picked, found = _pick(pvals, numbers)
    rows = jnp.broadcast_to(jnp.arange(pvals.shape[0]), picked.shape)
    return jnp.zeros(pvals.shape, "int64").at[rows, picked].add(found.astype("int64")).astype(dtype)


@lowers(ChoiceFromUniform)
def choice(trace: Trace, node: Any, pvals: Any, unis: Any, _: Any) -> Any:
    """One pick after the other; with replacement, all at once."""
    numbers = _numbers(trace, node, pvals, unis)
    (n, rows), dtype = numbers.shape, node.outputs[0].type.dtype
    if n > pvals.shape[1] and not node.op.replace:
        raise ValueError("Cannot sample without replacement n samples bigger than the size of the distribution.")
    if 0 in (*pvals.shape, n):
        return jnp.zeros((rows, n), dtype)

    def step(left: Any, unis: Any) -> Any:
        picked, found = _pick(left, unis)
        left = left.at[jnp.arange(rows), picked].set(0)
        return left / _summed(left, left.dtype)[-1][:, None], (picked, found)

    picked, found = _pick(pvals, numbers) if node.op.replace else lax.scan(step, pvals, numbers)[1]
    trace.check(found, lambda _: ValueError("no category is left to pick: too few have a probability"))
    return picked.T.astype(dtype)
