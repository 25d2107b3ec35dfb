"""Functions made of other Ops, and Repeat."""

from __future__ import annotations

from typing import Any

import numpy as np

from tx.graph import Apply, Op, Variable
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor import reduction
from tx.tensor.convert import as_tensor_variable, constant, one_axis
from tx.tensor.creation import alloc, arange, zeros
from tx.tensor.joining import join
from tx.tensor.shapes import dimshuffle, reshape, shape_i
from tx.tensor.subtensor import set_subtensor
from tx.tensor.type import TensorType


class Repeat(Op):
    """Each slice along `axis` repeated: a scalar number of times, or a number of times of its own.

    `total`, how long the axis will be, is an input, so that it is a value of the graph like any other.
    Raises ValueError when run with negative numbers, or with as many as there are no slices.
    """

    __props__ = ("axis",)

    def __init__(self, axis: int):
        self.axis = axis

    def make_node(self, x: Any, repeats: Any, total: Any) -> Apply:
        """Raises TypeError unless the repeats are integers, a scalar or a vector."""
        x, repeats = as_tensor_variable(x), as_tensor_variable(repeats)
        if not dt.is_discrete(repeats.dtype) or repeats.ndim > 1:
            raise TypeError("repeats must be integers, a scalar or a vector", repeats.type)
        pattern = [b and d != self.axis for d, b in enumerate(x.type.broadcastable)]
        return Apply(
            self, [x, F.cast(repeats, "int64"), as_tensor_variable(total)], [TensorType(x.type.dtype, pattern)()]
        )

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Numbers of times have no influence that a derivative could see."""
        return [[True], [False], [False]]


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element (slice along `axis`; of the flattened `x` where it is None) repeated as numpy's ``repeat`` does."""
    x, repeats = as_tensor_variable(x), as_tensor_variable(repeats)
    if repeats.ndim > 1:
        raise ValueError("The dimension of repeats should not exceed 1", repeats)
    if dt.upcast(repeats.dtype, "int64") != "int64":
        raise TypeError("dtypes uint64 and floats are not supported for repeats", repeats.type)
    if axis is None:
        x, axis = x.flatten(), 0
    axis = one_axis(axis, x.ndim)
    length = shape_i(x, axis)
    if repeats.ndim == 1 and not repeats.type.broadcastable[0]:
        return Repeat(axis)(x, repeats, reduction.sum(repeats, dtype="int64"))
    count = repeats[0] if repeats.ndim else repeats
    return Repeat(axis)(x, count, F.mul(length, F.cast(count, "int64")))


def tile(x: Any, reps: Any, ndim: int | None = None) -> Any:
    """`x` put side by side `reps` times along each axis (the last ones where there are fewer of them).

    Raises ValueError for more axes than `ndim`, or a vector of `reps` whose length is not known.
    """
    x = as_tensor_variable(x)
    counts = _counts(reps, ndim)
    ndim = max(len(counts), x.ndim) if ndim is None else ndim
    if ndim < max(len(counts), x.ndim):
        raise ValueError("if ndim is given, it must be at least the rank of x and the number of reps", ndim, x, reps)
    counts = [constant(1, dtype="int64")] * (ndim - len(counts)) + counts
    x = as_tensor_variable(x, ndim=ndim) if x.ndim < ndim else x
    # Along each axis: one more axis in front, stretched, and both merged.
    lengths = [shape_i(x, d) for d in range(ndim)]
    doubled = [entry for pair in zip(counts, lengths, strict=True) for entry in pair]
    order = [o for d in range(ndim) for o in ("x", d)]
    stretched = alloc(dimshuffle(x, order), *doubled)
    return reshape(stretched, [F.mul(c, n) for c, n in zip(counts, lengths, strict=True)], ndim)


def _counts(reps: Any, ndim: int | None) -> list[Any]:
    if isinstance(reps, list | tuple):
        entries = [as_tensor_variable(r) for r in reps]
    else:
        vector = as_tensor_variable(reps)
        if vector.ndim == 0:
            entries = [vector]
        elif vector.ndim > 1:
            raise ValueError("reps must be a scalar, a vector or a sequence of scalars", reps)
        elif isinstance(reps, Variable) and not hasattr(vector, "data"):
            if ndim is None:
                raise ValueError("if reps is tensor.vector, you should specify the ndim")
            entries = [vector[i] for i in range(ndim)]
        else:
            entries = [constant(int(n)) for n in np.asarray(vector.data)]
    if any(e.ndim or not dt.is_discrete(e.dtype) for e in entries):
        raise ValueError("elements of reps must be scalars of integer dtype", reps)
    return [F.cast(e, "int64") for e in entries]


def roll(x: Any, shift: Any, axis: int | None = None) -> Any:
    """`x` shifted along `axis` (flattened, where it is None); what falls off comes in at the other end."""
    x = as_tensor_variable(x)
    if axis is None:
        return reshape(roll(x.flatten(), shift, 0), x.shape, x.ndim) if x.ndim != 1 else roll(x, shift, 0)
    axis = one_axis(axis, x.ndim)
    length = shape_i(x, axis)
    # A zero length has nothing to shift, and nothing to divide by.
    cut = F.mod(-as_tensor_variable(shift), F.maximum(length, 1))
    before = (slice(None),) * axis
    return join(axis, x[(*before, slice(cut, None))], x[(*before, slice(None, cut))])


def diag(v: Any, k: int = 0) -> Any:
    """The matrix with the vector `v` on its k-th diagonal, or the k-th diagonal of the matrix `v`."""
    v = as_tensor_variable(v)
    if v.ndim == 1:
        n = shape_i(v, 0)
        positions = arange(n)
        square = zeros((n + abs(k), n + abs(k)), v.dtype)
        return set_subtensor(square[positions + max(-k, 0), positions + max(k, 0)], v)
    if v.ndim < 2:
        raise ValueError("Input must be 1- or 2-d.")
    length = F.maximum(0, F.minimum(shape_i(v, 0) - max(-k, 0), shape_i(v, 1) - max(k, 0)))
    positions = arange(length)
    return v[positions + max(-k, 0), positions + max(k, 0)]


def to_one_hot(y: Any, nb_class: Any, dtype: Any = None) -> Any:
    """A matrix with a row for each class number in the vector `y`: 1 at that column, 0 elsewhere."""
    y = as_tensor_variable(y)
    empty = zeros((shape_i(y, 0), nb_class), dtype)
    return set_subtensor(empty[arange(shape_i(y, 0)), y], constant(1, dtype=empty.dtype))


__all__ = ["Repeat", "diag", "repeat", "roll", "tile", "to_one_hot"]
