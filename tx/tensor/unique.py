"""The different elements of a tensor. Source: theano.tensor.extra_ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tx.graph import Apply, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import ones
from tx.tensor.cumulative import cumsum, diff
from tx.tensor.joining import join
from tx.tensor.reduction import any as some
from tx.tensor.reduction import prod
from tx.tensor.shapes import shape_i, shape_padleft
from tx.tensor.sort import argsort, sort
from tx.tensor.subtensor import flatnonzero, set_subtensor
from tx.tensor.type import TensorType


class LexicalOrder(Op):
    """The positions that put the rows of a matrix in ascending order, by their first elements first: an int64 vector.
    Equal rows keep their order."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Of a matrix."""
        return Apply(self, [x], [TensorType("int64", (False,))()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """As many as there are rows."""
        return [(shapes[0][0],)]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Positions do not move."""
        return [[False]]


@dataclass(frozen=True)
class Unique:
    """``Unique()(x)``: the different elements of `x` in ascending order, or slices along `axis`; and, if asked for,
    where each first was, which one each element of `x` is, and how often each occurs. Every NaN is another one.

    Source: numpy.unique.
    """

    return_index: bool = False
    return_inverse: bool = False
    return_counts: bool = False
    axis: int | None = None

    def __call__(self, x: Any) -> Any:
        """One Variable, or a list of those asked for. Raises RuntimeError for an axis that `x` does not have."""
        ascending, new, order = self._ascending(as_tensor_variable(x))
        count = shape_i(ascending, 0)
        new = join(0, ones(F.minimum(count, 1), "bool"), new)
        starts = flatnonzero(new)
        found = [_moved(ascending[starts], 0, self.axis or 0)]
        if self.return_index:
            found.append(order[starts])
        if self.return_inverse:
            which = cumsum(F.cast(new, "int64")) - 1
            found.append(set_subtensor(F.zeros_like(which)[order], which))
        if self.return_counts:
            found.append(diff(join(0, starts, shape_padleft(count))))
        return found[0] if len(found) == 1 else found

    def _ascending(self, x: Any) -> tuple[Any, Any, Any]:
        """The elements (slices) in order, which of them but the first differ from the one before, and where they were:
        None if nobody asks for that."""
        if self.axis is None:
            x = x.flatten()
            order = argsort(x) if self.return_index or self.return_inverse else None
            ascending = sort(x) if order is None else x[order]
            return ascending, F.neq(ascending[1:], ascending[:-1]), order
        if not -x.ndim <= self.axis < x.ndim:
            raise RuntimeError(f"Unique axis `{self.axis}` is outside of input ndim = {x.ndim}.")
        x = _moved(x, self.axis, 0)
        rows = x.reshape((shape_i(x, 0), prod(x.shape[1:])), ndim=2)
        order = LexicalOrder()(rows)
        return x[order], some(F.neq(rows[order[1:]], rows[order[:-1]]), axis=1), order


def _moved(x: Any, source: int, to: int) -> Any:
    """`x` with an axis at another place."""
    axes = [d for d in range(x.ndim) if d != source % x.ndim]
    axes.insert(to % x.ndim, source % x.ndim)
    return x.dimshuffle(axes)


__all__ = ["Unique"]
