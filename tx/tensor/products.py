"""Products that sum over axes: dot, batched_dot, tensordot, outer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.shapes import dimshuffle, patternbroadcast, reshape, shape_i, transpose
from tx.tensor.type import tensor_type


class Dot(Op):
    """The product of vectors and matrices. Raises ValueError when run with lengths that do not fit."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Raises TypeError for ranks other than 1 and 2."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for i, operand in enumerate((x, y)):
            if operand.ndim not in (1, 2):
                raise TypeError(
                    f"theano.tensor.Dot: input {i} (0-indexed) must have ndim of 1 or 2, {operand.ndim} given. "
                    "Consider calling theano.tensor.dot instead."
                )
        pattern = x.type.broadcastable[:-1] + y.type.broadcastable[1:]
        return Apply(self, [x, y], [tensor_type(dt.upcast(x.dtype, y.dtype), pattern)()])

    def L_op(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        gradients: Sequence[Any],
        wanted: Collection[int] = (0, 1),
    ) -> list[Any]:
        """Products with the other operand, transposed."""
        (x, y), (g,) = inputs, gradients
        found: list[Any] = [None, None]
        for i in wanted:
            other = F.conj_if_complex(inputs[1 - i])
            if x.ndim == y.ndim == 1:
                product = g * other
            elif other.ndim == 1:
                product = outer(g, other) if i == 0 else outer(other, g)
            else:
                product = dot(g, transpose(other)) if i == 0 else dot(transpose(other), g)
            found[i] = patternbroadcast(product, inputs[i].type.broadcastable)
        return found

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """What is not summed over."""
        return [tuple(shapes[0][:-1]) + tuple(shapes[1][1:])]

    def __str__(self) -> str:
        return "dot"


class BatchedDot(Op):
    """The products of corresponding slices along the first axis; each has one or two further axes."""

    __props__ = ()

    def make_node(self, x: Any, y: Any) -> Apply:
        """Raises TypeError for ranks other than 2 and 3."""
        x, y = as_tensor_variable(x), as_tensor_variable(y)
        for i, operand in enumerate((x, y)):
            if operand.ndim not in (2, 3):
                raise TypeError(
                    f"theano.tensor.BatchedDot: input {i} (0-indexed) must have ndim of 2 or 3, {operand.ndim} given. "
                    "Consider calling theano.tensor.batched_dot instead."
                )
        first = x.type.broadcastable[0] or y.type.broadcastable[0]
        pattern = (first, *x.type.broadcastable[1:-1], *y.type.broadcastable[2:])
        return Apply(self, [x, y], [tensor_type(dt.upcast(x.dtype, y.dtype), pattern)()])


def dot(a: Any, b: Any) -> Any:
    """The product of `a` and `b`: scaling by scalars, inner and matrix products up to rank 2, and above that the sum
    over the last axis of `a` and the last but one of `b`, as numpy's ``dot``.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.ndim == 0 or b.ndim == 0:
        return F.mul(a, b)
    if a.ndim > 2 or b.ndim > 2:
        return tensordot(a, b, [[a.ndim - 1], [max(0, b.ndim - 2)]])
    return Dot()(a, b)


def dot_of_any(left: Any, right: Any) -> Any:
    """The product that the operands know: `dot` of tensors, of sparse Variables theirs. Source: theano.dot.

    What is no Variable is made a tensor. Raises TypeError when neither operand knows the other.
    """
    for operand, method, other in ((left, "__dot__", right), (right, "__rdot__", left)):
        found = getattr(operand, method, lambda _: NotImplemented)(other)
        if found is not NotImplemented:
            return found
    return dot(left, right)


def outer(x: Any, y: Any) -> Any:
    """All products of an element of `x` and one of `y`, both flattened: a matrix."""
    x, y = as_tensor_variable(x), as_tensor_variable(y)
    x = x if x.ndim == 1 else x.flatten()
    y = y if y.ndim == 1 else y.flatten()
    return F.mul(dimshuffle(x, 0, "x"), dimshuffle(y, "x", 0))


def batched_dot(a: Any, b: Any) -> Any:
    """The products of corresponding slices of `a` and `b` along the first axis. Raises TypeError for scalars."""
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.ndim == 0:
        raise TypeError("a must have at least one (batch) axis")
    if b.ndim == 0:
        raise TypeError("b must have at least one (batch) axis")
    if a.ndim == 1:
        return F.mul(dimshuffle(a, 0, *["x"] * (b.ndim - 1)), b)
    if b.ndim == 1:
        return F.mul(a, dimshuffle(b, 0, *["x"] * (a.ndim - 1)))
    if a.ndim > 3 or b.ndim > 3:
        return batched_tensordot(a, b, [[a.ndim - 1], [max(1, b.ndim - 2)]])
    return BatchedDot()(a, b)


def _axes(a: Any, b: Any, axes: Any, first: int) -> tuple[list[int], list[int]]:
    if not isinstance(axes, list | tuple) and np.ndim(axes) == 0:
        count = int(axes)
        if count < 0:
            raise ValueError(f"Axes should be a non-negative number of axes or two lists of them, got {axes}")
        if count > a.ndim - first or count > b.ndim - first:
            raise ValueError(f"Axes should not be larger than the number of dimensions: {axes}")
        return list(range(a.ndim - count, a.ndim)), list(range(first, first + count))
    if len(axes) != 2:
        raise ValueError("Axes should be an integer or a list/tuple of len 2")
    a_axes, b_axes = ([int(d) for d in np.ravel(side)] for side in axes)
    if len(a_axes) != len(b_axes):
        raise ValueError("The axes of both operands must be equally many", axes)
    for operand, chosen in ((a, a_axes), (b, b_axes)):
        if any(not -operand.ndim <= d < operand.ndim for d in chosen):
            raise ValueError(f"axes {chosen} are out of range for an operand with {operand.ndim} dimensions")
    return [d % a.ndim for d in a_axes], [d % b.ndim for d in b_axes]


def _product(lengths: Sequence[Any]) -> Any:
    total: Any = 1
    for n in lengths:
        total = n * total
    return total


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The sum of products over pairs of axes: the last and first `axes` of them, or two lists. See numpy."""
    return _tensordot(as_tensor_variable(a), as_tensor_variable(b), axes, batched=False)


def batched_tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """`tensordot` of corresponding slices along the first axis of both."""
    return _tensordot(as_tensor_variable(x), as_tensor_variable(y), axes, batched=True)


def _tensordot(a: Any, b: Any, axes: Any, batched: bool) -> Any:
    first = int(batched)
    a_axes, b_axes = _axes(a, b, axes, first)
    a_free = [d for d in range(first, a.ndim) if d not in a_axes]
    b_free = [d for d in range(first, b.ndim) if d not in b_axes]
    batch = [0] * first
    lengths = [shape_i(a, 0)] * first
    a_moved = transpose(a, batch + a_free + a_axes) if a.ndim else a
    b_moved = transpose(b, batch + b_axes + b_free) if b.ndim else b
    summed = _product([shape_i(a, d) for d in a_axes])
    left = reshape(a_moved, [*lengths, _product([shape_i(a, d) for d in a_free]), summed])
    right = reshape(b_moved, [*lengths, summed, _product([shape_i(b, d) for d in b_free])])
    product = BatchedDot()(left, right) if batched else Dot()(left, right)
    whole = lengths + [shape_i(a, d) for d in a_free] + [shape_i(b, d) for d in b_free]
    pattern = [a.type.broadcastable[0]] * first
    pattern += [a.type.broadcastable[d] for d in a_free] + [b.type.broadcastable[d] for d in b_free]
    return patternbroadcast(reshape(product, whole, len(whole)), pattern)


__all__ = ["BatchedDot", "Dot", "batched_dot", "batched_tensordot", "dot", "outer", "tensordot"]
