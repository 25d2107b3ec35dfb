"""`ifelse`: one of two branches, of which only the one that is taken is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, FunctionGraph, Op, Variable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type_other import DisconnectedType


class IfElse(Op):
    """The first `n_outs` Variables behind the condition where it is not 0, the others where it is.

    What nothing but one branch needs is computed only when that branch is taken.
    """

    __props__ = ("n_outs", "name")

    def __init__(self, n_outs: int, as_view: bool = False, gpu: bool = False, name: str | None = None):
        self.n_outs = n_outs
        self.name = name

    def make_node(self, condition: Any, *branches: Any) -> Apply:
        """Raises TypeError for a condition that is no scalar, and where the types of the branches differ."""
        condition = as_tensor_variable(condition)
        if condition.ndim:
            raise TypeError(
                "Condition given to the op has to be a scalar with 0 standing for False, anything else for True"
            )
        if len(branches) != 2 * self.n_outs:
            raise ValueError(f"{self} wants {2 * self.n_outs} Variables behind the condition, got {len(branches)}")
        return Apply(self, [condition, *branches], [v.type() for v in branches[: self.n_outs]])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Each output with its two inputs; with the condition only flatly."""
        n = self.n_outs
        return [[True] * n, *[[i == o for o in range(n)] for i in [*range(n), *range(n)]]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient to the branch that was taken, zeros to the other one."""
        condition, n = inputs[0], self.n_outs
        thens, elses = inputs[1 : n + 1], inputs[n + 1 :]
        of_then: list[Any] = [DisconnectedType()() for _ in thens]
        of_else: list[Any] = [DisconnectedType()() for _ in elses]
        for i, g in enumerate(gradients):
            if not isinstance(g.type, DisconnectedType):
                of_then[i] = _choose(condition, g, F.zeros_like(thens[i], g.dtype), self.name)
                of_else[i] = _choose(condition, F.zeros_like(elses[i], g.dtype), g, self.name)
        return [F.zeros_floatx(condition), *of_then, *of_else]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The tangent of the branch that was taken."""
        n = self.n_outs
        tangents: list[Any] = []
        for i in range(1, n + 1):
            pair = [eval_points[i], eval_points[i + n]]
            if pair == [None, None]:
                tangents.append(None)
                continue
            a, b = (F.zeros_like(v) if t is None else t for v, t in zip((inputs[i], inputs[i + n]), pair, strict=True))
            tangents.append(_choose(inputs[0], a, b, self.name))
        return tangents

    def __str__(self) -> str:
        return f"if{{{self.name or ''}}}"


def _choose(condition: Any, then: Any, other: Any, name: str | None) -> Any:
    return IfElse(1, name=name)(condition, then, other)


class Conditional(Op):
    """An `IfElse` with the graphs of its branches inside: what it is made into before it is lowered.

    Inputs of the node: the condition, what the first branch reads, what the second one reads.
    """

    def __init__(self, branches: tuple[FunctionGraph, FunctionGraph], name: str | None = None):
        self.bodies = branches
        self.name = name

    def make_node(self, *inputs: Any) -> Apply:
        """The outputs have the types of the branches'."""
        return Apply(self, inputs, [v.type() for v in self.bodies[0].outputs])

    def __str__(self) -> str:
        return f"if{{{self.name or ''}}}"


def ifelse(condition: Any, then_branch: Any, else_branch: Any, name: str | None = None) -> Any:
    """`then_branch` where `condition`, a scalar, is not 0, else `else_branch`: Variables, or lists of as many.

    Only the branch that is taken is computed. Returns a Variable, a list or a tuple, as the first branch is.
    Raises TypeError where types differ, ValueError where there are not as many. Source: theano.ifelse.ifelse.
    """
    both = [list(b) if isinstance(b, list | tuple) else [b] for b in (then_branch, else_branch)]
    if len(both[0]) != len(both[1]):
        raise ValueError(
            "The number of values on the `then` branch should have the same number of variables as the `else` branch : "
            f"(variables on `then` {len(both[0])}, variables on `else` {len(both[1])})"
        )
    thens, elses = ([v if isinstance(v, Variable) else as_tensor_variable(v) for v in b] for b in both)
    pairs = [_alike(a, b) for a, b in zip(thens, elses, strict=True)]
    op = IfElse(len(pairs), name=name)
    results = op(condition, *(a for a, _ in pairs), *(b for _, b in pairs), return_list=True)
    if isinstance(then_branch, tuple):
        return tuple(results)
    return results if isinstance(then_branch, list) else results[0]


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Both branches with one type. Raises TypeError where they have several."""
    if a.type != b.type:
        raise TypeError(
            f"The two branches should have identical types, but they are {a.type} and {b.type} respectively. This "
            "error could be raised if for example you provided a one element list on the `then` branch but a tensor on "
            "the `else` branch."
        )
    return a, b


__all__ = ["Conditional", "IfElse", "ifelse"]
