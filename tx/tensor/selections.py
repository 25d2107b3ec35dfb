"""What is done to the elements that a mask selects, without moving them: for rewrites of ``x[mask.nonzero()]``.

A mask belongs to the leading axes of a tensor. As positions do, it may be shorter than they are, or longer where it is
false.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType


class AlongMask(Op):
    """`x`, its leading axes made as long as those of `mask`: cut, or filled up with zeros.

    Raises IndexError when run where the mask is true beyond the end of `x`.
    """

    __props__ = ()

    def make_node(self, x: Any, mask: Any) -> Apply:
        """The mask has no more dimensions than `x`."""
        x, mask = as_tensor_variable(x), as_tensor_variable(mask)
        pattern = [*mask.type.broadcastable, *x.type.broadcastable[mask.ndim :]]
        return Apply(self, [x, mask], [TensorType(x.dtype, pattern)()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The mask's, then the tensor's."""
        return [(*shapes[1], *shapes[0][len(shapes[1]) :])]


class MaskedUpdate(Op):
    """`x` with `y` added (or, with `set_instead_of_inc`, put in place) where `mask` is true.

    The leading axes of `y` are those of the mask; it broadcasts. Raises IndexError as AlongMask does.
    """

    __props__ = ("set_instead_of_inc",)

    def __init__(self, set_instead_of_inc: bool):
        self.set_instead_of_inc = set_instead_of_inc

    def make_node(self, x: Any, y: Any, mask: Any) -> Apply:
        """`y` has the dtype of `x` and as many dimensions."""
        x, y, mask = map(as_tensor_variable, (x, y, mask))
        return Apply(self, [x, F.cast(y, x.dtype), mask], [x.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of `x`."""
        return [shapes[0]]


class Selected(Op):
    """The value of a reduction over `count` selected elements. Raises ValueError when run with none of them: the
    reduction called `name` has no identity.
    """

    __props__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def make_node(self, value: Any, count: Any) -> Apply:
        """A tensor, and an integer scalar."""
        value = as_tensor_variable(value)
        return Apply(self, [value, as_tensor_variable(count)], [value.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the value."""
        return [shapes[0]]


__all__ = ["AlongMask", "MaskedUpdate", "Selected"]
