"""Pullback: the gradient of any Op, by differentiating its lowering.

The forward pass stands in the trace twice, once for the Op and once in its `jax.vjp`; XLA finds them to be the same.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tx.gradient import Pullback
from tx.graph import Apply
from tx.lowering import registry
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace


@lowers(Pullback)
def pullback(trace: Trace, node: Any, *values: Any) -> Any:
    """The vjp of the Op's rule with respect to the inputs in `wrt`; outputs that are not connected get zeros."""
    op = node.op
    inputs, gradients = values[: op.nin], values[op.nin :]
    inner: Apply = op.op.make_node(*node.inputs[: op.nin])
    rule: Any = registry.rule_for(op.op)
    if rule is None:
        raise TypeError(f"{op.op} runs on the host only, and has no gradient")

    def forward(*differentiated: Any) -> Any:
        given = list(inputs)
        for i, value in zip(op.wrt, differentiated, strict=True):
            given[i] = value
        # The checks were made by the Op itself; a predicate from in here could not leave the vjp.
        kept = len(trace.checks)
        results = rule(trace, inner, *given)
        del trace.checks[kept:], trace.predicates[kept:]
        results = results if isinstance(results, list | tuple) else [results]
        return [results[i] for i in op.outputs]

    outputs, pull = jax.vjp(forward, *(inputs[i] for i in op.wrt))
    cotangents = [jnp.broadcast_to(g, y.shape).astype(y.dtype) for g, y in zip(gradients, outputs, strict=True)]
    return list(pull(cotangents))
