"""Inside loops: gradients as Ops define them, where differentiating their lowering would give others.

A loop is differentiated as a whole, by jax. What its steps do is told jax Op by Op: an Op that writes its gradient gets
it as a `custom_vjp`. That is needed where the two differ (marks such as `grad_clip`, a user's own gradient, ties of
`maximum`) and left out where they agree: there jax keeps less for the way back.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tx.gradient.derived import is_continuous
from tx.gradient.rules import has_pullback, pullback
from tx.graph import Apply, Variable, walk
from tx.lowering import direct
from tx.lowering.subgraph import Application, Subgraph
from tx.lowering.trace import Trace
from tx.rewriting import rewrite_graph
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import Join, MakeVector, Split
from tx.tensor.nnet.basic import LogSoftmax, Softmax
from tx.tensor.products import Dot
from tx.tensor.reduction import Sum
from tx.tensor.shapes import Rebroadcast, Reshape
from tx.tensor.sharding import Shard
from tx.tensor.subtensor import Subtensor
from tx.tensor.type_other import DisconnectedType, NullType

#: Ops whose lowering has, as jax differentiates it, the gradient that they define
_AGREEING = (
    *(DimShuffle, Dot, Join, LogSoftmax, MakeVector),
    *(Rebroadcast, Reshape, Shard, Softmax, Split, Subtensor, Sum),
)
#: and rows of the scalar table, for real numbers
_AGREEING_ROWS = frozenset(
    (
        *("Cast", "add", "arccosh", "arcsinh", "arctan", "cos", "cosh", "eq", "erf", "erfc", "exp", "exp2", "expm1"),
        *("ge", "gt", "identity", "inv", "le", "log", "log10", "log1p", "log2", "lt", "mul", "neg", "neq", "second"),
        *("sigmoid", "sin", "sinh", "softplus", "sqr", "sub", "switch", "tan", "tanh", "true_div"),
    )
)


def _agrees(node: Apply) -> bool:
    op = node.op
    if isinstance(op, Elemwise):
        return op.scalar_op.row in _AGREEING_ROWS and not any(
            v.dtype.startswith("complex") for v in (*node.inputs, *node.outputs)
        )
    return type(op) in _AGREEING


def rule_with_own_gradient(node: Apply) -> Any:
    """A rule that lowers `node` with the gradient that its Op defines; None where there is none, or no need of one."""
    if not has_pullback(node.op) or _agrees(node) or not any(is_continuous(v) for v in node.outputs):
        return None
    return _lower


def _lower(trace: Trace, node: Apply, *values: Any) -> list[Any]:
    application = Application(trace, node, values, range(len(values)))
    known: Any = node.__dict__
    if "own_gradient" not in known:  # a step is traced several times
        known["own_gradient"] = _gradient_graph(node)
    variables, kept, wanted = known["own_gradient"]

    def forward(*given: Any) -> Any:
        outputs, predicates = application(*given)
        known = dict(zip((*node.inputs, *node.outputs), (*given, *outputs), strict=True))
        return (outputs, predicates), [known[v] for v in kept]

    def backward(residuals: Any, cotangents: Any) -> tuple[Any, ...]:
        gs = [_conjugate(g) for g, v in zip(cotangents[0], node.outputs, strict=True) if is_continuous(v)]
        graph = Subgraph(trace, [*kept, *variables], [w for w in wanted if w is not None])
        found = iter(graph(*residuals, *gs)[0])
        return tuple(None if w is None else _fit(next(found), v) for w, v in zip(wanted, values, strict=True))

    apply = jax.custom_vjp(lambda *given: application(*given))
    apply.defvjp(forward, backward)
    outputs, predicates = apply(*values)
    application.demand(predicates)
    return list(outputs)


def _gradient_graph(node: Apply) -> tuple[list[Variable], list[Variable], list[Any]]:
    """The Variables of the outputs' gradients, those of the node that the gradients need, and the gradient of each
    input: None where there is none (what is undefined is NaN)."""
    variables = [v.type() if is_continuous(v) else DisconnectedType()() for v in node.outputs]
    gradients: list[Any] = []
    for g, v in zip(pullback(node, list(variables)), node.inputs, strict=True):
        if not is_continuous(v) or isinstance(g.type, DisconnectedType):
            gradients.append(None)
        elif isinstance(g.type, NullType):
            gradients.append(v * float("nan"))
        else:
            gradients.append(g)
    present = [g for g in gradients if g is not None]
    boundary = [*node.inputs, *node.outputs, *variables]
    rewritten = iter(rewrite_graph(present, boundary))
    wanted = [None if g is None else next(rewritten) for g in gradients]
    leaves = set(walk.inputs([w for w in wanted if w is not None], boundary))
    kept = [v for v in dict.fromkeys((*node.inputs, *node.outputs)) if v in leaves]
    continuous = [v for v in variables if not isinstance(v.type, DisconnectedType)]
    return continuous, kept, wanted


def _fit(g: Any, value: Any) -> Any:
    return _conjugate(direct.cast(jnp.broadcast_to(g, value.shape), value.dtype))


def _conjugate(x: Any) -> Any:
    return jnp.conj(x) if jnp.iscomplexobj(x) else x
