"""What rewrites look for: questions about how a Variable is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Constant
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.elemwise import DimShuffle, constant_value, is_elemwise
from tx.tensor.subtensor import Subtensor

#: how many pairs of nodes `same` compares
_MOST_PAIRS = 64


def same(a: Any, b: Any) -> bool:
    """Whether two Variables are computed alike. (What a rewrite has just made is not merged with its equals yet.)"""
    pairs, left = [(a, b)], _MOST_PAIRS
    while pairs:
        a, b = pairs.pop()
        if a is b or (isinstance(a, Constant) and isinstance(b, Constant) and a.equals(b)):
            continue
        left -= 1
        if left < 0 or a.owner is None or b.owner is None or a.index != b.index or a.owner.op != b.owner.op:
            return False
        if len(a.owner.inputs) != len(b.owner.inputs):
            return False
        pairs.extend(zip(a.owner.inputs, b.owner.inputs, strict=True))
    return True


def is_read(variable: Any, y: Any, pattern: Any, index: Sequence[Any]) -> bool:
    """Whether `variable` is ``y[index]``."""
    owner = variable.owner
    if owner is None or not isinstance(owner.op, Subtensor) or owner.op.pattern != pattern:
        return False
    return all(same(a, b) for a, b in zip(owner.inputs, (y, *index), strict=True))


def is_real(variable: Any) -> bool:
    """Whether `variable` is a tensor of real floating point numbers."""
    return variable.dtype in dt.float_dtypes


def argument(variable: Any, name: str) -> Any:
    """The input of `variable` if it is computed by that elementwise operation of one input, else None.

    An integer comes in the dtype of `variable`: it may be negated, which unsigned integers and truth values may not.
    """
    if not is_elemwise(variable, name):
        return None
    (x,) = variable.owner.inputs
    return F.cast(x, variable.dtype) if dt.is_discrete(x.dtype) else x


def negated(variable: Any) -> Any:
    """-x; y, where x is -y."""
    inner = argument(variable, "neg")
    return F.neg(variable) if inner is None else inner


def one_plus(variable: Any) -> Any:
    """x, where `variable` is 1 + x or x + 1, else None."""
    if is_elemwise(variable, "add") and len(variable.owner.inputs) == 2:
        a, b = variable.owner.inputs
        if constant_value(a) == 1:
            return b
        if constant_value(b) == 1:
            return a
    return None


def one_minus(variable: Any) -> Any:
    """x, where `variable` is 1 - x, else None."""
    if is_elemwise(variable, "sub"):
        a, b = variable.owner.inputs
        return b if constant_value(a) == 1 else None
    return None


def square_of(variable: Any) -> Any:
    """x, where `variable` is sqr(x), x * x or x**2, else None."""
    if is_elemwise(variable, "pow") and constant_value(variable.owner.inputs[1]) == 2:
        return variable.owner.inputs[0]
    if is_elemwise(variable, "mul") and len(variable.owner.inputs) == 2:
        a, b = variable.owner.inputs
        return a if a is b else None
    return argument(variable, "sqr")


def unshuffled(variable: Any) -> tuple[list[Any], Any]:
    """The order of axes and the tensor that `variable` is a DimShuffle of: itself, if it is none."""
    if variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        return list(variable.owner.op.new_order), variable.owner.inputs[0]
    return list(range(variable.ndim)), variable


def shuffled(variable: Any, order: Sequence[Any]) -> Any:
    """`variable` with its axes in this order, by one DimShuffle, or none."""
    inner, source = unshuffled(variable)
    order = ["x" if d == "x" else inner[d] for d in order]
    pattern = source.type.broadcastable
    if len(order) == len(pattern) and all(
        d == i or (d == "x" and b) for i, (d, b) in enumerate(zip(order, pattern, strict=True))
    ):
        return source
    return DimShuffle(pattern, order)(source)


__all__ = [
    "argument",
    "is_real",
    "negated",
    "one_minus",
    "one_plus",
    "same",
    "shuffled",
    "square_of",
    "unshuffled",
]
