"""What is done to the elements that a mask selects, as masked computations of static shapes."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.ranges import out_of_range
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.selections import AlongMask, MaskedUpdate, Selected


def _fitting(trace: Trace, shape: tuple[int, ...], mask: Any) -> tuple[slice, ...]:
    """The part of the leading axes that tensor and mask share. What the mask says beyond it is demanded to be false."""
    for d, (n, m) in enumerate(zip(shape, mask.shape, strict=False)):
        if m > n:
            true = jnp.any(mask, axis=tuple(i for i in range(mask.ndim) if i != d))[n:]
            beyond = lax.iota("int64", m - n) + n
            trace.check_each(true, beyond, partial(out_of_range, axis=d, n=n))
    return tuple(slice(min(n, m)) for n, m in zip(shape, mask.shape, strict=False))


@lowers(AlongMask)
def along_mask(trace: Trace, node: Any, x: Any, mask: Any) -> Any:
    """Nothing, where the shapes are those of the mask."""
    if x.shape[: mask.ndim] == mask.shape:
        return x
    part = _fitting(trace, x.shape, mask != 0)
    return jnp.zeros((*mask.shape, *x.shape[mask.ndim :]), x.dtype).at[part].set(x[part])


@lowers(MaskedUpdate)
def masked_update(trace: Trace, node: Any, x: Any, y: Any, mask: Any) -> Any:
    """A choice between old and new."""
    true = mask != 0
    part = (...,) if x.shape[: mask.ndim] == mask.shape else _fitting(trace, x.shape, true)
    y = jnp.broadcast_to(y, (*mask.shape, *x.shape[mask.ndim :]))
    old, new, here = x[part], y[part], true[part]
    here = here.reshape(here.shape + (1,) * (x.ndim - here.ndim))
    chosen = jnp.where(here, new if node.op.set_instead_of_inc else old + new, old)
    return chosen if part == (...,) else x.at[part].set(chosen)


@lowers(Selected)
def selected(trace: Trace, node: Any, value: Any, count: Any) -> Any:
    """The value, on a condition."""
    name = node.op.name
    message = f"zero-size array to reduction operation {name} which has no identity (axis 0)"
    trace.check(count > 0, lambda _: ValueError(message))
    return value
