"""Branches: `lax.cond`, or only the one that is taken."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from tx.graph import Apply, FunctionGraph
from tx.ifelse import Conditional
from tx.lowering.body import Inner
from tx.lowering.closing import prepare
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace


class Branch(Inner):
    """One branch of a Conditional while it is lowered."""

    def __init__(self, trace: Trace, node: Apply, side: int):
        graphs = node.op.bodies  # type: ignore[attr-defined]
        graph: FunctionGraph = graphs[side]
        first = 1 + side * len(graphs[0].inputs)
        source = {v: (first + i, 0) for i, v in enumerate(graph.inputs)}
        super().__init__(trace, node, graph.inputs, prepare(graph.outputs, graph.inputs), source)


def _truth(condition: Any) -> bool:
    return bool(condition != 0)


@lowers(Conditional)
def conditional(trace: Trace, node: Any, condition: Any, *values: Any) -> Any:
    """A cond; where the branches' shapes differ, the condition is asked for, and one branch is lowered."""
    first = len(node.op.bodies[0].inputs)
    given = [list(values[:first]), list(values[first:])]
    branches = [Branch(trace, node, side) for side in (0, 1)]

    def shapes(side: int) -> Any:
        return jax.eval_shape(lambda *v: branches[side].step(v)[0], *given[side])

    if [s.shape for s in shapes(0)] != [s.shape for s in shapes(1)]:
        side = 0 if trace.ask(_truth, node.inputs[0]) else 1
        outputs, found = branches[side].step(given[side])
        branches[side].demand(found)
        return outputs

    def run(side: int) -> Any:
        outputs, found = branches[side].step(given[side])
        # The checks of the branch that is not taken hold.
        checks: list[list[Any]] = [[], []]
        checks[side] = found
        checks[1 - side] = [(jnp.ones((), bool), jnp.zeros((), "int64")) for _ in branches[1 - side].checks]
        kinds = [v.type.dtype for v in node.outputs]
        return [lax.convert_element_type(x, k) for x, k in zip(outputs, kinds, strict=True)], checks

    outputs, checks = lax.cond(condition != 0, lambda: run(0), lambda: run(1))
    for branch, found in zip(branches, checks, strict=True):
        branch.demand(found)
    return outputs
