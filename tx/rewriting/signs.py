"""Rewrites that take signs away: of two, both; of one beside a sum, into the sum.

| written | computed |
| --- | --- |
| -(a * -b), -(a / -b) | a * b, a / b |
| a - b * -c, a + b * -c | a + b * c, a - b * c |

The gradients of differences and of exp(-x) have such. Signs are exact: not a bit of the result changes.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.rewriting.patterns import argument, is_real
from tx.tensor import math as F
from tx.tensor.elemwise import DimShuffle, is_elemwise

#: a sign is looked for through so many products
_DEEP = 8


def _opposite(v: Any, deep: int = _DEEP) -> Any:
    """-v with a sign less than `v`, of the same dtype, or None. Integers among the factors keep theirs."""
    if v.owner is None or not deep or not is_real(v):
        return None
    if is_elemwise(v, "neg"):
        return argument(v, "neg")
    if isinstance(v.owner.op, DimShuffle) or is_elemwise(v, "second"):
        through = [len(v.owner.inputs) - 1]
    elif is_elemwise(v, "mul") or is_elemwise(v, "true_div"):
        through = list(range(len(v.owner.inputs)))
    else:
        return None
    for i in through:
        found = _opposite(v.owner.inputs[i], deep - 1)
        if found is not None:
            inputs = list(v.owner.inputs)
            inputs[i] = found
            return v.owner.op(*inputs)
    return None


@rewrites("neg")
def opposite(node: Any) -> Any:
    """-(a * -b)."""
    return _opposite(node.inputs[0]) if _has_signs(node) else None


@rewrites("sub")
def minus_opposite(node: Any) -> Any:
    """a - b * -c."""
    a, b = node.inputs
    found = _opposite(b) if _has_signs(node) else None
    return None if found is None else F.add(a, found)


@rewrites("add")
def plus_opposite(node: Any) -> Any:
    """a + b * -c, b * -c + a."""
    if len(node.inputs) != 2 or not _has_signs(node):
        return None
    a, b = node.inputs
    for one, other in ((a, b), (b, a)):
        found = _opposite(other)
        if found is not None:
            return F.sub(one, found)
    return None


def _has_signs(node: Any) -> bool:
    """Whether numbers of this dtype have a sign of their own: of integers, the least has no opposite."""
    return is_real(node.outputs[0])
