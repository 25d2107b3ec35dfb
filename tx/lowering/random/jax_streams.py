"""Draws by `jax.random`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tx.lowering.apart import on_this_cpu
from tx.lowering.random.mrg import sample_shape
from tx.lowering.random.threefry import THREEFRY
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.jax_streams import KEYS, JaxDraw


def _uniform(key: Any, shape: tuple[int, ...], dtype: str) -> Any:
    return jax.random.uniform(key, shape, dtype, minval=jnp.finfo(dtype).tiny)


def _truncated_normal(key: Any, shape: tuple[int, ...], dtype: str) -> Any:
    return jax.random.truncated_normal(key, -2, 2, shape, dtype)


_DRAWS = {"uniform": _uniform, "normal": jax.random.normal, "truncated_normal": _truncated_normal}


@lowers(JaxDraw)
def jax_draw(trace: Trace, node: Any, state: Any, _: Any) -> Any:
    """One half of the key draws, the other is the new state."""
    shape, op = sample_shape(trace, node), node.op
    if state.shape != (KEYS[op.impl],):
        raise ValueError(f"a key of {op.impl} has {KEYS[op.impl]} elements, and not the shape {state.shape}")
    impl = THREEFRY if op.impl == "threefry2x32" and on_this_cpu(trace) else op.impl
    new, now = jax.random.split(jax.random.wrap_key_data(state, impl=impl))
    return [jax.random.key_data(new), _DRAWS[op.distribution](now, shape, op.output_type.dtype)]
