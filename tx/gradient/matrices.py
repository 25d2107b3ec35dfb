"""Jacobians and Hessians: a pullback, applied to all rows of a matrix at once.

`MapRows` is the Op for that: an inner graph over the first axis of some of its inputs. What the inner graph reads
besides, values of the forward pass for example, are further inputs, computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from tx.configuration import config
from tx.gradient.derived import is_continuous
from tx.gradient.forward import Rop
from tx.gradient.reverse import Lop, as_list, grad, like
from tx.gradient.rules import graph_connection_pattern
from tx.graph import Apply, Constant, FunctionGraph, Op, Variable, testvalues, walk
from tx.scalar import dtypes as dt
from tx.tensor.creation import eye
from tx.tensor.reduction import Sum
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable
    from tx.tensor.variable import _tensor_py_operators as _Tensor


class MapRows(Op):
    """The inner `graph`, applied to each row of the first `mapped` inputs; the rest is the same for all rows.

    The rows of its outputs are put together along a new first axis.
    """

    __props__ = ("graph", "mapped")

    def __init__(self, graph: FunctionGraph, mapped: int):
        self.graph = graph
        self.mapped = mapped

    def make_node(self, *inputs: Any) -> Apply:
        """Each output has one more axis, in front, than that of the graph."""
        outputs = [TensorType(v.type.dtype, (False, *v.type.broadcastable))() for v in self.graph.outputs]
        return Apply(self, inputs, outputs)

    def opened(self, node: Apply) -> tuple[list[Any], list[Any]]:
        """The inner inputs that stand for rows, and the inner outputs in terms of these and of the node's inputs."""
        rows = [v.type() for v in self.graph.inputs[: self.mapped]]
        given = dict(zip(self.graph.inputs, [*rows, *node.inputs[self.mapped :]], strict=True))
        return rows, walk.rebuild(self.graph.outputs, given)

    def rewritten(self, node: Apply, rewrite: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
        """What takes the place of the outputs of `node` in a compiled function: the same, of a rewritten graph."""
        rows, outputs = self.opened(node)
        return map_rows(rewrite(outputs), dict(zip(rows, node.inputs[: self.mapped], strict=True)))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """That of the inner graph."""
        return graph_connection_pattern(self.graph.inputs, self.graph.outputs)

    @testvalues.aside
    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The pullback of the inner graph, row by row; what is the same for all rows gets the sum of theirs."""
        inner, (k, rest) = self.graph, self._split(inputs)
        chosen = [i for i, g in enumerate(gradients) if not isinstance(g.type, DisconnectedType)]
        seeds = {inner.outputs[i].type(): gradients[i] for i in chosen}
        wrt = [v for v in inner.inputs if is_continuous(v)]
        pulled = Lop([inner.outputs[i] for i in chosen], wrt, list(seeds), disconnected_inputs="ignore")
        mapped = map_rows(pulled, {**dict(zip(inner.inputs[:k], inputs[:k], strict=True)), **seeds}, rest)
        found = dict(zip(wrt, mapped, strict=True))
        return [
            DisconnectedType()() if v not in found else found[v] if i < k else Sum((0,))(found[v])
            for i, v in enumerate(inner.inputs)
        ]

    @testvalues.aside
    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The pushforward of the inner graph, row by row."""
        inner, (k, rest) = self.graph, self._split(inputs)
        wrt = [i for i, t in enumerate(eval_points) if t is not None and is_continuous(inner.inputs[i])]
        seeds = {i: inner.inputs[i].type() for i in wrt}
        pushed = Rop(inner.outputs, [inner.inputs[i] for i in wrt], list(seeds.values()), disconnected_outputs="ignore")
        rows = dict(zip(inner.inputs[:k], inputs[:k], strict=True))
        rows.update({seeds[i]: eval_points[i] for i in wrt if i < k})
        rest.update({seeds[i]: eval_points[i] for i in wrt if i >= k})
        return map_rows(pushed, rows, rest)

    def _split(self, inputs: Sequence[Any]) -> tuple[int, dict[Variable, Any]]:
        """How many inputs are mapped, and what stands for the others."""
        k = self.mapped
        return k, dict(zip(self.graph.inputs[k:], inputs[k:], strict=True))

    def __str__(self) -> str:
        return "MapRows"


def map_rows(
    outputs: Sequence[Any], rows: Mapping[Variable, Any], given: Mapping[Variable, Any] | None = None
) -> list[Any]:
    """`outputs` for each row of the values of `rows`, put together along a new first axis.

    `rows` maps each Variable that stands for a row to the tensor that it is a row of; `given` maps other Variables
    to what takes their place. Only what depends on a row is computed for each of them.
    """
    dependent = set(rows)
    captured: dict[Variable, None] = {}
    for node in walk.toposort(outputs, list(rows)):
        if not any(v in dependent for v in node.inputs):
            continue
        dependent.update(node.outputs)
        captured.update((v, None) for v in node.inputs if v not in dependent and not isinstance(v, Constant))
    captured.update((v, None) for v in outputs if v not in dependent and not isinstance(v, Constant))
    graph = FunctionGraph([*rows, *captured], outputs)
    rest = walk.rebuild(list(captured), given) if given else list(captured)
    return list(MapRows(graph, len(rows))(*rows.values(), *rest, return_list=True))


@overload
def jacobian(
    expression: Any, wrt: _Tensor, consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> TensorVariable: ...
@overload
def jacobian(
    expression: Any, wrt: list[Any], consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> list[TensorVariable]: ...
@overload
def jacobian(
    expression: Any, wrt: Any, consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> Any: ...
@testvalues.aside
def jacobian(
    expression: Any, wrt: Any, consider_constant: Sequence[Any] | None = None, disconnected_inputs: str = "raise"
) -> Any:
    """The Jacobian of the vector `expression` with respect to `wrt` (a Variable, or a list or tuple of them).

    It has one more dimension than the Variable: the first is that of the expression. For a scalar expression it is the
    gradient. The other arguments are those of `grad`. All rows are computed at once, by one vectorised pullback.
    Raises AssertionError for an expression that is no Variable or has more than one dimension.
    Source: theano.gradient.jacobian.
    """
    if not isinstance(expression, Variable):
        raise AssertionError("tensor.jacobian expects a Variable as `expression`", expression)
    if expression.type.ndim > 1:
        raise AssertionError(
            "tensor.jacobian expects a 1 dimensional variable as `expression`. If not use flatten to make it a vector"
        )
    wanted = as_list(wrt)
    options: dict[str, Any] = {"consider_constant": consider_constant, "disconnected_inputs": disconnected_inputs}
    if not wanted:
        return like(wrt, [])
    if expression.type.ndim == 0:
        return like(wrt, grad(expression, wanted, **options))
    dtype = config.floatX if dt.is_discrete(expression.type.dtype) else expression.type.dtype
    row = TensorType(dtype, expression.type.broadcastable)()
    length = expression.shape[0]  # type: ignore[attr-defined]
    pulled = Lop(expression, wanted, row, **options)
    return like(wrt, map_rows(pulled, {row: eye(length, dtype=dtype)}))


@overload
def hessian(
    cost: Any, wrt: _Tensor, consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> TensorVariable: ...
@overload
def hessian(
    cost: Any, wrt: list[Any], consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> list[TensorVariable]: ...
@overload
def hessian(
    cost: Any, wrt: Any, consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> Any: ...
def hessian(
    cost: Any, wrt: Any, consider_constant: Sequence[Any] | None = None, disconnected_inputs: str = "raise"
) -> Any:
    """The Hessian of the scalar `cost` with respect to the vector `wrt`, or each of a list or tuple of vectors.

    The other arguments are those of `grad`. All rows are computed at once.
    Raises AssertionError for a cost that is no scalar Variable, and for what is no vector.
    Source: theano.gradient.hessian.
    """
    if not isinstance(cost, Variable):
        raise AssertionError("tensor.hessian expects a Variable as `cost`", cost)
    if cost.type.ndim != 0:
        raise AssertionError("tensor.hessian expects a 0 dimensional variable as `cost`", cost)
    found = []
    for variable in as_list(wrt):
        if not isinstance(variable, Variable) or variable.type.ndim != 1:
            raise AssertionError("tensor.hessian expects a (list of) 1 dimensional variable as `wrt`", variable)
        slope = grad(cost, variable, consider_constant=consider_constant, disconnected_inputs=disconnected_inputs)
        found.append(jacobian(slope, variable, consider_constant=consider_constant, disconnected_inputs="ignore"))
    return like(wrt, found)


__all__ = ["MapRows", "hessian", "jacobian", "map_rows"]
