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
from tx.tensor.elemwise import constant_value, unfilled
from tx.tensor.subtensor import IncSubtensor


def _piece(variable: Any, out: Any) -> Any:
    """The Apply that made `variable` of zeros, by adding to a slice of them, if it has the type of `out`."""
    owner = variable.owner
    if owner is None or not isinstance(owner.op, IncSubtensor) or variable.type != out.type:
        return None
    if owner.op.set_instead_of_inc or "array" in owner.op.pattern:
        return None
    return owner if constant_value(unfilled(owner.inputs[0])) == 0 else None


@rewrites("add")
def sums_of_pieces(node: Any) -> Any:
    """A sum with pieces in it, as the table says."""
    (out,) = node.outputs
    if out.dtype not in dt.float_dtypes:
        return None
    made = [_piece(v, out) for v in node.inputs]
    rest = [v for v, piece in zip(node.inputs, made, strict=True) if piece is None]
    pieces = [piece for piece in made if piece is not None]
    if not pieces:
        return None
    if not rest:
        rest = [pieces.pop(0).outputs[0]]
    total = F.add(*rest) if len(rest) > 1 else rest[0]
    if total.type != out.type:
        return None
    for piece in pieces:
        total = piece.op(total, *piece.inputs[1:])
    return total


__all__ = ["sums_of_pieces"]
