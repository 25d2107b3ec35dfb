"""Sums of arrays that are zero but for a piece, as gradients of slices are: the pieces are added to one array.

| written | computed |
| --- | --- |
| a + inc(zeros[i:j], g) | inc(a[i:j], g) |
| inc(zeros[i:j], g) + inc(zeros[k], h) | inc(inc(zeros[i:j], g)[k], h) |

Written out, each array of zeros is filled, and each sum goes over all of it.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.elemwise import Elemwise, constant_value, is_elemwise, unfilled
from tx.tensor.subtensor import IncSubtensor

#: so many elementwise operations deep it is looked for what an array has its shape from
_DEEP = 8


def _model(variable: Any, out: Any) -> Any:
    """What `variable` has its shape from, if it is a slice added to zeros like that, and has the type of `out`."""
    owner = variable.owner
    if owner is None or not isinstance(owner.op, IncSubtensor) or variable.type != out.type:
        return None
    zeros = owner.inputs[0]
    if owner.op.set_instead_of_inc or "array" in owner.op.pattern or not is_elemwise(zeros, "second"):
        return None
    return zeros.owner.inputs[0] if constant_value(unfilled(zeros)) == 0 else None


def _has_shape_of(variable: Any, model: Any, deep: int = _DEEP) -> bool:
    """Whether `variable` is known to have the shape of `model`: what is elementwise raises for another one."""
    if variable is model:
        return True
    owner = variable.owner
    if owner is None or not deep or variable.broadcastable != model.broadcastable:
        return False
    if isinstance(owner.op, IncSubtensor):
        return _has_shape_of(owner.inputs[0], model, deep - 1)
    return isinstance(owner.op, Elemwise) and any(_has_shape_of(v, model, deep - 1) for v in owner.inputs)


@rewrites("add")
def sums_of_pieces(node: Any) -> Any:
    """A sum with pieces in it, as the table says, where a term is known to be as long as what they are added to."""
    (out,) = node.outputs
    if out.dtype not in dt.float_dtypes:
        return None
    models = [_model(v, out) for v in node.inputs]
    for model in (m for m in models if m is not None):
        pieces = [v for v, m in zip(node.inputs, models, strict=True) if m is model]
        rest = [v for v, m in zip(node.inputs, models, strict=True) if m is not model]
        if not any(_has_shape_of(v, model) for v in rest):
            rest.append(pieces.pop(0))
        total = F.add(*rest) if len(rest) > 1 else rest[0]
        if pieces and total.type == out.type:
            for piece in pieces:
                total = piece.owner.op(total, *piece.owner.inputs[1:])
            return total
    return None


__all__ = ["sums_of_pieces"]
