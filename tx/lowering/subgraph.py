"""Parts of a graph as jax functions, to be given to `jax.vjp`, `jax.jvp`, `jax.vmap`, or a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp

from tx.graph import Apply, Variable, walk
from tx.lowering import registry
from tx.lowering.trace import Check, Trace


class Subgraph:
    """What computes `outputs` from `inputs`, as a jax function of values of `inputs`.

    Whatever else it reads must have been lowered already (or be constant): it is closed over. Sizes may be asked for
    in it, as far as they do not depend on what only the function knows.

    A call returns the outputs, and a list of (predicate, payload) pairs of the checks made on the way, as jax values
    for the transformation to hand out; give them to `demand` then.
    """

    def __init__(self, trace: Trace, inputs: Sequence[Variable], outputs: Sequence[Variable]):
        self.trace = trace
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.nodes = walk.toposort(outputs, {*inputs, *trace.values})
        self.checks: list[Check] = []

    def __call__(self, *values: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
        trace = self.trace
        with trace.inside() as found:
            trace.values.update(zip(self.inputs, values, strict=True))
            for node in self.nodes:
                trace.lower(node)
            results = [trace.value(v) for v in self.outputs]
        return results, self._noted(found)

    def _noted(self, found: Sequence[tuple[Check, Any, Any]]) -> list[tuple[Any, Any]]:
        self.checks = [check for check, _, _ in found]
        return [(predicate, payload) for _, predicate, payload in found]

    def demand(self, predicates: Sequence[tuple[Any, Any]]) -> None:
        """Make the checks of the last call part of the function's. Predicates may have become arrays: all must hold."""
        for check, (predicate, payload) in zip(self.checks, predicates, strict=True):
            holds, payloads = jnp.ravel(predicate), jnp.ravel(payload)
            self.trace.checks.append(check)
            self.trace.predicates.append((jnp.all(holds), payloads[jnp.argmin(holds)]))


class Application(Subgraph):
    """One Op, applied: a jax function of the values of *all* its inputs, by position, that gives those of its outputs.

    `varying` are the positions that the function takes; the others are as given in `values`.
    """

    def __init__(self, trace: Trace, node: Apply, values: Sequence[Any], varying: Sequence[int]):
        self.trace, self.node = trace, node
        self.values, self.varying = list(values), list(varying)
        self.checks: list[Check] = []
        rule = registry.rule_for(node.op)
        if rule is None:
            raise TypeError(f"{node.op} runs on the host only, and cannot be differentiated through its lowering")
        self.rule: Callable[..., Any] = rule

    def __call__(self, *values: Any) -> tuple[list[Any], list[tuple[Any, Any]]]:
        given = list(self.values)
        for i, value in zip(self.varying, values, strict=True):
            given[i] = value
        with self.trace.inside(varied=True) as found:
            self.trace.values.update(zip(self.node.inputs, given, strict=True))
            results = self.rule(self.trace, self.node, *given)
        return list(results) if isinstance(results, list | tuple) else [results], self._noted(found)
