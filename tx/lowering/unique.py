"""The order of rows."""

from __future__ import annotations

from typing import Any

from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.sort import order
from tx.lowering.trace import Trace
from tx.tensor.unique import LexicalOrder


@lowers(LexicalOrder)
def lexical_order(trace: Trace, node: Any, x: Any) -> Any:
    """By as many keys as there are columns; where there are none, all are equal."""
    if x.shape[1] == 1:
        return order(trace, x[:, 0], 0)
    places = lax.iota("int64", x.shape[0])
    keys = [x[:, k] for k in range(x.shape[1])]
    return lax.sort([*keys, places], num_keys=len(keys), is_stable=True)[-1] if keys else places
