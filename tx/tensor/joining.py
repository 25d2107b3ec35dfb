"""Putting tensors together and taking them apart: MakeVector, Join, Split, stack."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, static_int
from tx.tensor.shapes import as_shape_vector, patternbroadcast, shape, shape_i, shape_padaxis
from tx.tensor.type import tensor_type


class MakeVector(Op):
    """Scalars, made a vector."""

    __props__ = ("dtype",)

    def __init__(self, dtype: str = "int64"):
        self.dtype = dtype

    def make_node(self, *inputs: Any) -> Apply:
        """Raises TypeError for an input that is no scalar."""
        scalars = [as_tensor_variable(i) for i in inputs]
        if any(s.ndim for s in scalars):
            raise TypeError("MakeVector takes scalars", scalars)
        scalars = [F.cast(s, self.dtype) for s in scalars]
        return Apply(self, scalars, [tensor_type(self.dtype, (len(scalars) == 1,))()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Each scalar's own element."""
        if dt.is_discrete(self.dtype):
            return [F.zeros_like_float(i) for i in inputs]
        return [gradients[0][i] for i in range(len(inputs))]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The number of scalars."""
        return [(len(node.inputs),)]


class Join(Op):
    """Tensors put one after the other along `axis`. Raises ValueError when the other lengths differ."""

    __props__ = ("axis",)

    def __init__(self, axis: int):
        self.axis = axis

    def make_node(self, *tensors: Any) -> Apply:
        """Raises TypeError when the ranks differ."""
        inputs = [as_tensor_variable(t) for t in tensors]
        if len({t.ndim for t in inputs}) != 1:
            raise TypeError("Join() can only join tensors with the same number of dimensions.", inputs)
        dtype = dt.upcast(*(t.dtype for t in inputs))
        pattern = [any(bits) for bits in zip(*(t.type.broadcastable for t in inputs), strict=True)]
        pattern[self.axis] = inputs[0].type.broadcastable[self.axis] if len(inputs) == 1 else False
        return Apply(self, inputs, [tensor_type(dtype, pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Each tensor's own part."""
        lengths = [shape_i(t, self.axis) for t in inputs]
        parts = Split(len(inputs), self.axis)(gradients[0], as_shape_vector(lengths), return_list=True)
        return [patternbroadcast(p, t.type.broadcastable) for p, t in zip(parts, inputs, strict=True)]


class Split(Op):
    """A tensor cut along `axis` into `len_splits` parts of given lengths.

    Raises ValueError when run with lengths that do not add up, are negative, or are another number.
    """

    __props__ = ("len_splits", "axis")

    def __init__(self, len_splits: int, axis: int):
        self.len_splits = len_splits
        self.axis = axis

    def make_node(self, x: Any, lengths: Any) -> Apply:
        """Raises TypeError unless the lengths are an integer vector."""
        x, lengths = as_tensor_variable(x), as_tensor_variable(lengths)
        if lengths.ndim != 1 or not dt.is_discrete(lengths.dtype):
            raise TypeError("splits_size must have type tensor.lvector", lengths.type)
        pattern = list(x.type.broadcastable)
        pattern[self.axis] = False
        outputs = [tensor_type(x.type.dtype, pattern)() for _ in range(self.len_splits)]
        return Apply(self, [x, F.cast(lengths, "int64")], outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Lengths have no influence on the elements."""
        return [[True] * self.len_splits, [False] * self.len_splits]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The parts put together again."""
        parts = [
            F.zeros_like(o) if g.type.__class__.__name__ == "DisconnectedType" else g
            for o, g in zip(outputs, gradients, strict=True)
        ]
        return [patternbroadcast(Join(self.axis)(*parts), inputs[0].type.broadcastable), F.disconnected()]


class JoinAt(Op):
    """Tensors put one after the other along an axis that a call determines, the first input."""

    __props__ = ()

    def make_node(self, axis: Any, *tensors: Any) -> Apply:
        """Raises TypeError when the ranks differ, or the axis is no integer scalar."""
        axis, inputs = _axis_variable(axis), [as_tensor_variable(t) for t in tensors]
        if len({t.ndim for t in inputs}) != 1:
            raise TypeError("Join() can only join tensors with the same number of dimensions.", inputs)
        dtype = dt.upcast(*(t.dtype for t in inputs))
        return Apply(self, [axis, *inputs], [tensor_type(dtype, (False,) * inputs[0].ndim)()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The axis has no influence on the elements."""
        return [[i > 0] for i in range(len(node.inputs))]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Each tensor's own part."""
        axis, *tensors = inputs
        lengths = as_shape_vector([shape(t)[axis] for t in tensors])
        parts = SplitAt(len(tensors))(gradients[0], lengths, axis, return_list=True)
        return [F.disconnected(), *(patternbroadcast(p, t.broadcastable) for p, t in zip(parts, tensors, strict=True))]


class SplitAt(Op):
    """A tensor cut into parts of given lengths along an axis that a call determines, the last input."""

    __props__ = ("len_splits",)

    def __init__(self, len_splits: int):
        self.len_splits = len_splits

    def make_node(self, x: Any, lengths: Any, axis: Any) -> Apply:
        """Raises TypeError unless the lengths are an integer vector and the axis is an integer scalar."""
        x, lengths = as_tensor_variable(x), as_tensor_variable(lengths)
        if lengths.ndim != 1 or not dt.is_discrete(lengths.dtype):
            raise TypeError("splits_size must have type tensor.lvector", lengths.type)
        outputs = [tensor_type(x.dtype, (False,) * x.ndim)() for _ in range(self.len_splits)]
        return Apply(self, [x, F.cast(lengths, "int64"), _axis_variable(axis)], outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Neither lengths nor axis have influence on the elements."""
        return [[i == 0] * self.len_splits for i in range(3)]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The parts put together again."""
        x, _, axis = inputs
        parts = [
            F.zeros_like(o) if g.type.__class__.__name__ == "DisconnectedType" else g
            for o, g in zip(outputs, gradients, strict=True)
        ]
        joined = patternbroadcast(JoinAt()(axis, *parts), x.broadcastable)
        return [joined, F.disconnected(), F.disconnected()]


def _axis_variable(axis: Any) -> Any:
    axis = as_tensor_variable(axis)
    if axis.ndim or not dt.is_discrete(axis.dtype):
        raise TypeError("Axis could not be cast to an integer type", axis, axis.type)
    return F.cast(axis, "int64")


def make_vector(*scalars: Any) -> Any:
    """A vector of scalars, in the dtype that holds them all."""
    tensors = [as_tensor_variable(s) for s in scalars]
    return MakeVector(dt.upcast(*(t.dtype for t in tensors)))(*tensors)


def join(axis: Any, *tensors: Any) -> Any:
    """The tensors one after the other along `axis`. Raises TypeError/ValueError for bad ranks or axes."""
    inputs = [as_tensor_variable(t) for t in tensors]
    if not inputs:
        raise ValueError("Cannot join an empty list of tensors")
    number = static_int(axis)
    ndim = inputs[0].ndim
    if ndim == 0:
        raise TypeError("Join cannot handle scalar arguments: use stack")
    if number is None:
        return inputs[0] if len(inputs) == 1 else JoinAt()(axis, *inputs)
    if not -ndim <= number < ndim:
        # Theano has two errors for this; programs may catch either.
        kind = IndexError if number < 0 else ValueError
        raise kind(f"Join axis {number} is out of range for inputs of {ndim} dimensions")
    return inputs[0] if len(inputs) == 1 else Join(number % ndim)(*inputs)


def concatenate(tensor_list: Any, axis: Any = 0) -> Any:
    """The tensors of a list, one after the other along `axis`."""
    if not isinstance(tensor_list, list | tuple):
        raise TypeError("The 'tensors' argument must be either a tuple or a list, make sure you did not forget () or "
                        "[] around arguments of concatenate.", tensor_list)  # fmt: skip
    return join(axis, *tensor_list)


def stack(*tensors: Any, **kwargs: Any) -> Any:
    """Tensors of one shape put along a new axis: ``stack([a, b], axis=0)``, or the old form ``stack(a, b)``."""
    axis = kwargs.pop("axis", 0)
    if "tensors" in kwargs:
        tensors = (kwargs.pop("tensors"), *tensors)
    if kwargs:
        raise TypeError(f"stack got unexpected arguments {sorted(kwargs)}")
    if tensors and isinstance(tensors[0], list | tuple):
        if len(tensors) > 1:
            axis = tensors[1]
        tensors = tuple(tensors[0])
    else:
        warnings.warn("stack(*tensors) is deprecated: use stack(tensors, axis=0)", DeprecationWarning, stacklevel=2)
    if not tensors:
        raise ValueError("No tensor arguments provided to stack")
    inputs = [as_tensor_variable(t) for t in tensors]
    if not -inputs[0].ndim - 1 <= axis <= inputs[0].ndim:
        raise IndexError(f"axis {axis} is out of bounds [-{inputs[0].ndim + 1}, {inputs[0].ndim + 1})")
    if all(t.ndim == 0 for t in inputs):
        return make_vector(*inputs)
    padded = [shape_padaxis(t, axis) for t in inputs]
    return join(axis % (inputs[0].ndim + 1), *padded)


def split(x: Any, splits_size: Any, n_splits: int, axis: Any = 0) -> list[Any]:
    """`x` cut along `axis` into `n_splits` parts of the lengths in the vector `splits_size`."""
    x, lengths, number = as_tensor_variable(x), as_shape_vector(splits_size), static_int(axis)
    parts: list[Any]
    if number is None:
        parts = SplitAt(n_splits)(x, lengths, axis, return_list=True)
    else:
        parts = Split(n_splits, number % x.ndim)(x, lengths, return_list=True)
    return parts


def stacklists(arg: Any) -> Any:
    """Nested lists of tensors, each level an axis of the result."""
    if isinstance(arg, list | tuple):
        return stack([stacklists(a) for a in arg])
    return as_tensor_variable(arg)


def horizontal_stack(*args: Any) -> Any:
    """Matrices side by side."""
    return concatenate(list(args), axis=1)


def vertical_stack(*args: Any) -> Any:
    """Matrices one above the other."""
    return concatenate(list(args), axis=0)


__all__ = [
    "Join",
    "JoinAt",
    "MakeVector",
    "Split",
    "SplitAt",
    "concatenate",
    "horizontal_stack",
    "join",
    "make_vector",
    "split",
    "stack",
    "stacklists",
    "vertical_stack",
]
