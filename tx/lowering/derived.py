"""The Ops of `tx.gradient`: derivatives of any Op, by differentiating its lowering, graphs over rows, and marks.

Where a function needs an Op and its `Pullback`, the Op is linearised when it is lowered (`lower_linearized`), and the
pullback uses that: the forward pass, which may be a long loop, is run once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from tx.gradient import MapRows, Mark, Pullback, Pushforward
from tx.gradient.derived import is_continuous
from tx.gradient.marks import DisconnectedGrad, ZeroGrad
from tx.graph import Apply, Constant
from tx.lowering import direct
from tx.lowering.registry import lowers
from tx.lowering.subgraph import Application, Subgraph
from tx.lowering.trace import Trace


def _key(op: Any, inputs: Sequence[Any]) -> Any:
    return op, tuple(v.signature() if isinstance(v, Constant) else v for v in inputs)


def differentiated(nodes: Sequence[Apply]) -> dict[Any, tuple[int, ...]]:
    """What `nodes` need the pullback of, for rows of a matrix as well: keys of Applies, and positions of inputs."""
    keys = {_key(n.op.op, n.inputs[: n.op.nin]): n.op.wrt for n in nodes if isinstance(n.op, Pullback)}
    for node in nodes:
        if isinstance(node.op, MapRows):
            inner = node.op.graph
            outer = dict(zip(inner.inputs, node.inputs, strict=True))
            for n in inner.toposort():
                if isinstance(n.op, Pullback):
                    keys.setdefault(_key(n.op.op, [outer.get(v, v) for v in n.inputs[: n.op.nin]]), n.op.wrt)
    return keys


def lower_linearized(trace: Trace, node: Apply, keys: dict[Any, tuple[int, ...]]) -> bool:
    """Lower `node`, and keep its pullback for later, if its key is in `keys`. Returns whether it was."""
    wrt = keys.get(_key(node.op, node.inputs)) if keys else None
    if wrt is None:
        return False

    def rule(trace: Trace, node: Any, *values: Any) -> Any:
        outputs, pull = _linearized(trace, node, values, wrt)
        trace.pulls[_key(node.op, node.inputs), wrt] = outputs, pull
        return outputs

    trace.lower(node, rule)
    return True


def _linearized(trace: Trace, node: Any, values: Sequence[Any], wrt: Sequence[int]) -> tuple[list[Any], Any]:
    """All outputs of an Op, and the pullback of its continuous outputs to the inputs at the positions `wrt`."""
    application = Application(trace, node, values, wrt)

    def forward(*given: Any) -> Any:
        outputs, predicates = application(*given)
        continuous = [y for y, v in zip(outputs, node.outputs, strict=True) if is_continuous(v)]
        return continuous, (outputs, predicates)

    with trace.differentiating(backwards=True):
        _, pull, (outputs, predicates) = jax.vjp(forward, *(values[i] for i in wrt), has_aux=True)
    application.demand(predicates)
    return outputs, pull


@lowers(Pullback)
def pullback(trace: Trace, node: Any, *values: Any) -> Any:
    """The vjp of the Op's rule with respect to the inputs in `wrt`; outputs that are not connected get zeros.

    Gradients by complex numbers are the conjugates of what jax calls cotangents.
    """
    op = node.op
    given = dict(zip(op.outputs, values[op.nin :], strict=True))
    inner: Apply = op.op.make_node(*node.inputs[: op.nin])
    key = _key(op.op, node.inputs[: op.nin]), op.wrt
    if key not in trace.pulls:
        trace.pulls[key] = _linearized(trace, inner, values[: op.nin], op.wrt)
    outputs, pull = trace.pulls[key]
    cotangents = []
    for i, (y, v) in enumerate(zip(outputs, inner.outputs, strict=True)):
        if is_continuous(v):
            g = given.get(i)
            g = jnp.zeros_like(y) if g is None else direct.cast(jnp.broadcast_to(g, y.shape), y.dtype)
            cotangents.append(_conjugate(g))
    return [_conjugate(g) for g in pull(cotangents)]


def _conjugate(x: Any) -> Any:
    return jnp.conj(x) if jnp.iscomplexobj(x) else x


@lowers(Pushforward)
def pushforward(trace: Trace, node: Any, *values: Any) -> Any:
    """The jvp of the Op's rule, from tangents of the inputs in `wrt` to those of the outputs."""
    op = node.op
    inner: Apply = op.op.make_node(*node.inputs[: op.nin])
    application = Application(trace, inner, values[: op.nin], op.wrt)

    def forward(*given: Any) -> Any:
        outputs, predicates = application(*given)
        return [outputs[i] for i in op.outputs], predicates

    primals = [values[i] for i in op.wrt]
    given = zip(values[op.nin :], primals, strict=True)
    tangents = [direct.cast(jnp.broadcast_to(t, x.shape), x.dtype) for t, x in given]
    with trace.differentiating(backwards=False):
        _, of_outputs, predicates = jax.jvp(forward, primals, tangents, has_aux=True)
    application.demand(predicates)
    return of_outputs


@lowers(MapRows)
def map_rows(trace: Trace, node: Any, *values: Any) -> Any:
    """The vmap of the inner graph."""
    k = node.op.mapped
    rows, outputs = node.op.opened(node)
    graph = Subgraph(trace, rows, outputs)
    if not rows or len({v.shape[0] for v in values[:k]}) != 1:
        raise ValueError(f"MapRows needs as many rows of each input, got {[v.shape for v in values[:k]]}")
    results, predicates = jax.vmap(graph)(*values[:k])
    graph.demand(predicates)
    return results


@lowers(Mark)
def mark(trace: Trace, node: Any, x: Any) -> Any:
    """Nothing to be done."""
    return x


@lowers(ZeroGrad, DisconnectedGrad)
def stopped(trace: Trace, node: Any, x: Any) -> Any:
    """No derivative comes through, in loops either."""
    return lax.stop_gradient(x)
