"""A matrix of which one element in each row is written: ``zeros[arange(n), y] += v``, the gradient of a pick by labels.

Written by comparing the number of each column with `y`, it is elementwise: XLA fuses it with what reads it, and there
is no scatter. The sum of each row is what was written.
"""

from __future__ import annotations

from typing import Any

from jax import lax

from tx.lowering.trace import Trace
from tx.scalar import dtypes as dt
from tx.tensor.creation import Alloc
from tx.tensor.elemwise import constant_value, unfilled


def _filling(variable: Any) -> Any:
    """The number that a Variable is filled with, or None."""
    owner = variable.owner
    return constant_value(owner.inputs[0] if owner is not None and isinstance(owner.op, Alloc) else unfilled(variable))


def suits(node: Any, x: Any, y: Any) -> bool:
    """Whether it pays for a node that writes so: its matrix is of floats, and has to be made anyway."""
    return x.ndim == 2 and y.ndim == 1 and str(x.dtype) in dt.float_dtypes and _filling(node.inputs[0]) is not None


def written(trace: Trace, node: Any, x: Any, places: Any, y: Any) -> Any:
    """`x` with the elements of a vector `y` set, or added, in the column of each row that `places` says."""
    columns = lax.broadcasted_iota(places.dtype, x.shape, 1)
    here, values = (lax.broadcast_in_dim(v, x.shape, (0,)) for v in (places, y))
    new = values if node.op.set_instead_of_inc or _filling(node.inputs[0]) == 0 else lax.add(x, values)
    result = lax.select(lax.eq(columns, here), new, x)
    if _filling(node.inputs[0]) == 0:
        trace.singles[id(result)] = result, y
    return result


def sums(trace: Trace, x: Any, axes: tuple[int, ...]) -> Any:
    """The sums of the rows of `x`, if it is such a matrix of zeros otherwise, and they are asked for; None if not."""
    found = trace.singles.get(id(x))
    return found[1] if found is not None and axes == (1,) else None


__all__ = ["suits", "sums", "written"]
