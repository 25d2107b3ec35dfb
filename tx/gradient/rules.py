"""What Ops say about their derivatives: their own gradient or a derived one, connection patterns, null gradients."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Container, Sequence
from functools import lru_cache
from itertools import compress
from typing import Any

from tx.gradient.derived import derived_pullback
from tx.graph import Apply, Op, Variable, walk
from tx.graph.core import defines
from tx.scalar import dtypes as dt
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type_other import DisconnectedType, NullType


def has_pullback(op: Op) -> bool:
    """Whether the Op writes its own gradient (`L_op` or `grad`)."""
    return (defines(op, "L_op") or defines(op, "grad")) and getattr(op, "has_gradient", True)


def _writes_L_op(op: Op) -> bool:
    """Whether `L_op` is what the Op says last about its gradient: a subclass may give another `grad`."""
    said = next(vars(kind) for kind in type(op).__mro__ if "L_op" in vars(kind) or "grad" in vars(kind))
    return "L_op" in said


def is_host_only(op: Op) -> bool:
    """Whether the Op, or one in the loop that it is, can do nothing but `perform`: a user's own, or a random draw."""
    body = getattr(op, "body", None)
    return defines(op, "perform") or (body is not None and any(is_host_only(node.op) for node in body.apply_nodes))


def _undefined(op: Any) -> dict[int, str]:
    """Positions of inputs of a loop with host-only Ops whose gradient does not exist -> why."""
    found: dict[int, str] = op.undefined_gradients() if is_host_only(op) else {}
    return found


def connection_pattern(node: Apply) -> list[list[bool]]:
    """For each input, which outputs it has an influence on that a derivative could see."""
    if defines(node.op, "connection_pattern"):
        return node.op.connection_pattern(node)  # type: ignore[attr-defined,no-any-return]
    return [[True] * len(node.outputs) for _ in node.inputs]


def outputs_influenced(node: Apply, pattern: Sequence[Sequence[bool]], sources: Container[Any]) -> list[bool]:
    """For each output of `node`, whether an input among `sources` has an influence on it."""
    rows = [row for v, row in zip(node.inputs, pattern, strict=True) if v in sources]
    return list(map(any, zip(*rows, strict=True))) if rows else [False] * len(node.outputs)


def inputs_of_influence(node: Apply, pattern: Sequence[Sequence[bool]], ends: Container[Any]) -> list[bool]:
    """For each input of `node`, whether it has an influence on an output among `ends`."""
    hit = [v in ends for v in node.outputs]
    return [any(compress(row, hit)) for row in pattern] if True in hit else [False] * len(node.inputs)


def graph_connection_pattern(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[list[bool]]:
    """For each input of a graph, which outputs it has an influence on that a derivative could see."""
    reaches: dict[Variable, int] = {v: 1 << i for i, v in enumerate(inputs)}
    for node in walk.toposort(outputs, inputs):
        pattern = connection_pattern(node)
        for o, output in enumerate(node.outputs):
            bits = 0
            for v, row in zip(node.inputs, pattern, strict=True):
                bits |= reaches.get(v, 0) if row[o] else 0
            reaches[output] = bits
    return [[bool(reaches.get(v, 0) >> i & 1) for v in outputs] for i in range(len(inputs))]


def grad_undefined(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """For an Op's `grad`: the gradient of this input does not exist mathematically."""
    return NullType(f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is "
                    f"mathematically undefined. {comment}")()  # fmt: skip


def grad_not_implemented(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """For an Op's `grad`: the gradient of this input was not written."""
    return NullType(f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is not "
                    f"implemented. {comment}")()  # fmt: skip


@lru_cache(maxsize=256)
def _takes_wanted(L_op: Any) -> bool:
    """Whether an `L_op` has the argument `wanted`: the numbers of the inputs whose gradients are asked for. What it
    gives for others is not looked at."""
    return "wanted" in inspect.signature(L_op).parameters


def pullback(node: Apply, gradients: list[Any], wanted: Collection[int] | None = None) -> list[Any]:
    """The gradients of the inputs of `node`, checked; of those that are `wanted`, if that is given: the others may be
    anything."""
    op: Any = node.op
    every = range(len(node.inputs))
    if not has_pullback(op):
        if defines(op, "perform"):
            return [
                grad_not_implemented(op, i, v)
                if getattr(v, "dtype", "") in dt.continuous_dtypes
                else DisconnectedType()()
                for i, v in enumerate(node.inputs)
            ]
        undefined = _undefined(op)
        derived = derived_pullback(node, gradients, [i for i in every if i not in undefined])
        return [NullType(undefined[i])() if i in undefined else d for i, d in enumerate(derived)]
    written: Collection[int] = every
    if not _writes_L_op(op):
        of_inputs = op.grad(node.inputs, gradients)
    elif wanted is not None and _takes_wanted(type(op).L_op):
        of_inputs, written = op.L_op(node.inputs, node.outputs, gradients, wanted=wanted), wanted
    else:
        of_inputs = op.L_op(node.inputs, node.outputs, gradients)
    if not isinstance(of_inputs, list | tuple):
        raise TypeError(f"{op}.grad returned {type(of_inputs)}, expected a sequence with a gradient for each input")
    if len(of_inputs) != len(node.inputs):
        raise ValueError(f"{op} returned the wrong number of gradient terms: {len(of_inputs)} for {len(node.inputs)}")
    missing = [i for i in written if of_inputs[i] is ...]
    if missing:
        derived = derived_pullback(node, gradients, missing)
        of_inputs = [d if g is ... else g for g, d in zip(of_inputs, derived, strict=True)]
    return [_checked(node, i, g) if i in written else g for i, g in enumerate(of_inputs)]


def _checked(node: Apply, i: int, g: Any) -> Any:
    if g is None:
        raise TypeError(
            f"{node.op}.grad returned None for input {i}, expected Variable instance: use grad_undefined, "
            "grad_not_implemented or DisconnectedType()()"
        )
    if isinstance(getattr(g, "type", None), DisconnectedType | NullType):
        return g
    g = g if isinstance(g, Variable) else as_tensor_variable(g)
    x = node.inputs[i]
    if g.ndim != x.ndim:
        raise ValueError(f"{node.op}.grad returned a term with {g.ndim} dimensions, but {x.ndim} are required.")
    if dt.is_discrete(g.dtype):
        raise TypeError(
            f"{node.op}.grad illegally returned an integer-valued variable. (Input index {i}, dtype {g.dtype})"
        )
    return g


__all__ = [
    "connection_pattern",
    "grad_not_implemented",
    "grad_undefined",
    "graph_connection_pattern",
    "has_pullback",
    "is_host_only",
    "pullback",
]
