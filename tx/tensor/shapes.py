"""Shapes as values, and the Ops that change a shape without touching an element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, check_axes, constant, one_axis, static_int
from tx.tensor.elemwise import dim_shuffle, pad_left
from tx.tensor.type import TensorType, tensor_type

int64_scalar = TensorType("int64", ())


class Shape(Op):
    """The shape of a tensor, as an int64 vector."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """One input, of any rank."""
        return Apply(self, [as_tensor_variable(x)], [tensor_type("int64", (False,))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The elements have no influence on the shape."""
        return [[False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """None."""
        return [F.disconnected()]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The rank."""
        return [(node.inputs[0].ndim,)]


class Shape_i(Op):
    """The length of axis `i`, an int64 scalar."""

    __props__ = ("i",)

    def __init__(self, i: int):
        self.i = i

    def make_node(self, x: Any) -> Apply:
        """Raises TypeError when there is no such axis."""
        x = as_tensor_variable(x)
        if not 0 <= self.i < x.ndim:
            raise TypeError(f"{x} has no axis {self.i}: it has {x.ndim} dimensions")
        return Apply(self, [x], [int64_scalar()])

    connection_pattern = Shape.connection_pattern
    L_op = Shape.L_op

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """A scalar."""
        return [()]


class Reshape(Op):
    """Give the elements another shape of `ndim` dimensions; one length may be -1.

    Raises ValueError when run with a shape of another size.
    """

    __props__ = ("ndim",)

    def __init__(self, ndim: int, name: str | None = None):
        self.ndim = ndim

    def make_node(self, x: Any, shape: Any) -> Apply:
        """Raises TypeError unless `shape` is a vector of integers of length `ndim`, as far as is known."""
        x, shape = as_tensor_variable(x), as_tensor_variable(shape)
        if shape.ndim != 1 or not (dt.is_discrete(shape.dtype) or _is_empty(shape)):
            raise TypeError(f"Expected a vector of integers as the new shape, got {shape} of type {shape.type}")
        lengths = static_lengths(shape)
        if lengths is not None and len(lengths) != self.ndim:
            raise TypeError(f"Reshape to {self.ndim} dimensions was given a shape of length {len(lengths)}")
        pattern = [False] * self.ndim if lengths is None else [n == 1 for n in lengths]
        return Apply(self, [x, F.cast(shape, "int64")], [tensor_type(x.type.dtype, pattern)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The shape has no influence on the elements."""
        return [[True], [False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Reshape back."""
        x = inputs[0]
        back = reshape(gradients[0], shape(x), ndim=x.ndim)
        return [patternbroadcast(back, x.type.broadcastable), F.disconnected()]

    def __str__(self) -> str:
        return f"Reshape{{{self.ndim}}}"


class Rebroadcast(Op):
    """Change which axes the type says to be broadcastable. Raises ValueError when run on a length that is not 1."""

    __props__ = ("pattern",)

    def __init__(self, pattern: Sequence[bool]):
        self.pattern = tuple(pattern)

    def make_node(self, x: Any) -> Apply:
        """The same elements, the new pattern."""
        return Apply(self, [x], [tensor_type(x.type.dtype, self.pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The pattern changed back."""
        return [patternbroadcast(gradients[0], inputs[0].type.broadcastable)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return [shapes[0]]


class SpecifyShape(Op):
    """The input, which is promised to have a given shape. Raises AssertionError when run on another one."""

    __props__ = ()

    def make_node(self, x: Any, shape: Any) -> Apply:
        """Raises TypeError unless `shape` is a vector of integers."""
        x, shape = as_tensor_variable(x), as_tensor_variable(shape)
        if shape.ndim != 1 or not dt.is_discrete(shape.dtype):
            raise TypeError(f"specify_shape wants a vector of integers, got {shape.type}")
        lengths = static_lengths(shape) or [None] * x.ndim
        if len(lengths) != x.ndim:
            raise ValueError(f"specify_shape: {x} has {x.ndim} dimensions, the shape {len(lengths)}")
        pattern = [b or n == 1 for b, n in zip(x.type.broadcastable, lengths, strict=True)]
        return Apply(self, [x, F.cast(shape, "int64")], [tensor_type(x.type.dtype, pattern)()])

    connection_pattern = Reshape.connection_pattern

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return [patternbroadcast(gradients[0], inputs[0].type.broadcastable), F.disconnected()]


def _is_empty(shape: Any) -> bool:
    return isinstance(shape, Constant) and np.size(shape.data) == 0


def static_lengths(vector: Any) -> list[int | None] | None:
    """The elements of an integer vector, None for those not known; None when not even their number is known."""
    from tx.tensor.joining import MakeVector

    if isinstance(vector, Constant):
        return [int(n) for n in np.asarray(vector.data).ravel()]
    owner = vector.owner
    while owner is not None and getattr(owner.op, "scalar_op", None) is not None and owner.op.scalar_op.row == "Cast":
        vector = owner.inputs[0]
        owner = vector.owner
    if owner is not None and isinstance(owner.op, MakeVector):
        return [static_int(uncast(i)) for i in owner.inputs]
    if owner is not None and isinstance(owner.op, Shape):
        return [1 if b else None for b in owner.inputs[0].type.broadcastable]
    return [int(n) for n in vector.data] if isinstance(vector, Constant) else None


def uncast(x: Any) -> Any:
    """`x` without the casts around it."""
    while x.owner is not None and getattr(getattr(x.owner.op, "scalar_op", None), "row", "") == "Cast":
        x = x.owner.inputs[0]
    if x.owner is not None and isinstance(x.owner.op, Shape_i) and x.owner.inputs[0].type.broadcastable[x.owner.op.i]:
        return constant(1)
    return x


# -- functions --------------------------------------------------------------------------------------------------------


def shape(x: Any) -> Any:
    """The shape of `x`, an int64 vector."""
    return Shape()(x)


def shape_i(x: Any, i: int) -> Any:
    """The length of axis `i` of `x`, an int64 scalar."""
    x = as_tensor_variable(x)
    return constant(1, dtype="int64") if x.type.broadcastable[i] else Shape_i(i)(x)


def as_shape_vector(lengths: Any) -> Any:
    """A shape, given as an int, a scalar, a vector or a sequence of these, as an integer vector."""
    from tx.tensor.joining import make_vector

    if isinstance(lengths, list | tuple):
        if not lengths:
            return constant(np.zeros(0, "int64"))
        entries = [as_tensor_variable(n) for n in lengths]
        for n in entries:
            if not dt.is_discrete(n.dtype) or n.ndim:
                raise TypeError(f"Shapes are made of integer scalars, got {n} of type {n.type}")
        if all(isinstance(n, Constant) for n in entries):
            return constant(np.array([int(n.data) for n in entries], "int64"))
        return make_vector(*[F.cast(n, "int64") for n in entries])
    vector = as_tensor_variable(lengths)
    if not dt.is_discrete(vector.dtype) and not _is_empty(vector):
        raise TypeError(f"Shapes are made of integers, got {vector} of type {vector.type}")
    return as_shape_vector([vector]) if vector.ndim == 0 else vector


def reshape(x: Any, newshape: Any, ndim: int | None = None) -> Any:
    """The elements of `x` in another shape; one length may be -1.

    `newshape` is a sequence of ints and scalars, or an integer vector; then, unless its length is known, `ndim` says
    how many dimensions there will be. Raises ValueError when it cannot be known.
    """
    x = as_tensor_variable(x)
    vector = as_shape_vector(newshape)
    if vector.ndim != 1:
        raise TypeError(f"New shape in reshape must be a vector or a list/tuple of scalar. Got {newshape}")
    if ndim is None:
        lengths = static_lengths(vector)
        if lengths is None:
            raise ValueError(
                f"The length of the provided shape ({newshape}) cannot be automatically determined, so Theano is not "
                "able to know what the number of dimensions of the reshaped variable will be. You can provide the "
                "'ndim' keyword argument to 'reshape' to avoid this problem."
            )
        ndim = len(lengths)
    return Reshape(ndim)(x, vector)


def specify_shape(x: Any, shape: Any) -> Any:
    """`x`, with the promise that it has this shape; AssertionError when it is run with another."""
    return SpecifyShape()(x, as_shape_vector(shape))


def patternbroadcast(x: Any, broadcastable: Sequence[bool]) -> Any:
    """`x` with this broadcast pattern. Raises ValueError when the ranks differ."""
    x = as_tensor_variable(x)
    pattern = tuple(bool(b) for b in broadcastable)
    if len(pattern) != x.ndim:
        raise ValueError(f"The pattern {pattern} does not fit {x}, which has {x.ndim} dimensions")
    return x if pattern == x.type.broadcastable else Rebroadcast(pattern)(x)


def _change_pattern(x: Any, axes: Sequence[int], value: bool) -> Any:
    x = as_tensor_variable(x)
    for axis in axes:
        if not -x.ndim <= axis < x.ndim:
            raise ValueError("Trying to change the broadcast pattern of non-existent dimension", axis)
    changed = {axis % x.ndim for axis in axes}
    return patternbroadcast(x, [value if d in changed else b for d, b in enumerate(x.type.broadcastable)])


def addbroadcast(x: Any, *axes: int) -> Any:
    """`x` with `axes` made broadcastable: their length must turn out to be 1."""
    return _change_pattern(x, axes, True)


def unbroadcast(x: Any, *axes: int) -> Any:
    """`x` with `axes` made not broadcastable."""
    return _change_pattern(x, axes, False)


def dimshuffle(x: Any, *pattern: Any) -> Any:
    """`x` with its axes in the order of `pattern`, in which ``'x'`` inserts an axis of length 1."""
    order = pattern[0] if len(pattern) == 1 and isinstance(pattern[0], list | tuple) else pattern
    x = as_tensor_variable(x)
    places = [d if d == "x" else d % x.ndim if -x.ndim <= d < 0 else d for d in order]
    return dim_shuffle(x.type.broadcastable, places)(x)


def transpose(x: Any, axes: Any = None) -> Any:
    """`x` with its axes in the order `axes` (reversed by default)."""
    x = as_tensor_variable(x)
    order = list(range(x.ndim))[::-1] if axes is None else [d % x.ndim if x.ndim else d for d in axes]
    if sorted(order) != list(range(x.ndim)):
        raise ValueError(f"axes {axes} are no permutation of the {x.ndim} axes of {x}")
    result = dim_shuffle(x.type.broadcastable, order)(x)
    if axes is None and x.name:
        result.name = x.name + ".T"
    return result


def flatten(x: Any, ndim: int = 1, outdim: int | None = None) -> Any:
    """`x` with its last axes merged into one, so that `ndim` are left. Raises ValueError for an impossible `ndim`."""
    x = as_tensor_variable(x)
    ndim = outdim if outdim is not None else ndim
    if not 1 <= ndim <= max(x.ndim, 1):
        raise ValueError(f"ndim {ndim} out of bound [1, {x.ndim + 1})")
    lengths = [shape_i(x, d) for d in range(ndim - 1)] + [-1]
    flat = reshape(x, lengths, ndim)
    pattern = x.type.broadcastable[: ndim - 1] + (all(x.type.broadcastable[ndim - 1 :]),)
    return patternbroadcast(flat, pattern)


def shape_padleft(x: Any, n_ones: int = 1) -> Any:
    """`x` with `n_ones` axes of length 1 in front."""
    x = as_tensor_variable(x)
    return pad_left(x, x.ndim + n_ones)


def shape_padright(x: Any, n_ones: int = 1) -> Any:
    """`x` with `n_ones` axes of length 1 behind."""
    x = as_tensor_variable(x)
    return dimshuffle(x, list(range(x.ndim)) + ["x"] * n_ones)


def shape_padaxis(x: Any, axis: int) -> Any:
    """`x` with an axis of length 1 at `axis`. Raises IndexError when that is out of range."""
    x = as_tensor_variable(x)
    if not -x.ndim - 1 <= axis <= x.ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{x.ndim + 1}, {x.ndim + 1})")
    order: list[Any] = list(range(x.ndim))
    order.insert(axis % (x.ndim + 1), "x")
    return dimshuffle(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """`x` with two axes exchanged."""
    x = as_tensor_variable(x)
    axis1, axis2 = one_axis(axis1, x.ndim), one_axis(axis2, x.ndim)
    order = list(range(x.ndim))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return dimshuffle(x, order)


def squeeze(x: Any, axis: Any = None) -> Any:
    """`x` without its broadcastable axes, or without those in `axis`. Raises ValueError if one may not be dropped."""
    x = as_tensor_variable(x)
    gone = check_axes(axis, x.ndim)
    if gone is None:
        gone = tuple(d for d, b in enumerate(x.type.broadcastable) if b)
    return dimshuffle(x, [d for d in range(x.ndim) if d not in gone])


__all__ = [
    "Rebroadcast",
    "Reshape",
    "Shape",
    "Shape_i",
    "SpecifyShape",
    "addbroadcast",
    "dimshuffle",
    "flatten",
    "patternbroadcast",
    "reshape",
    "shape",
    "shape_padaxis",
    "shape_padleft",
    "shape_padright",
    "specify_shape",
    "squeeze",
    "swapaxes",
    "transpose",
    "unbroadcast",
]
