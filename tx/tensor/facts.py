"""What is known of an expression before it runs, and how values are compared."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tx.graph.utils import Documented
from tx.tensor import math as F
from tx.tensor.convert import (
    EmptyConstantError,
    NotScalarConstantError,
    as_tensor_variable,
    check_axes,
    get_scalar_constant_value,
    static_int,
)
from tx.tensor.joining import concatenate
from tx.tensor.shapes import shape, static_lengths
from tx.tensor.subtensor import Subtensor, distribute
from tx.tensor.type import TensorType


class ShapeError(Documented):
    """Raised when a shape cannot be inferred."""

    page = "never_raised"


#: how far apart numbers of a dtype may be that count as equal: absolutely and relatively
float16_atol, float16_rtol = 1e-3, 1e-3
float32_atol, float32_rtol = 1e-5, 1e-5
float64_atol, float64_rtol = 1e-8, 1e-5


def numpy_scalar(data: Any) -> Any:
    """The number in an array. Raises EmptyConstantError for an empty one, NotScalarConstantError for several."""
    array = np.asarray(data)
    if array.size == 0:
        raise EmptyConstantError("an empty array holds no number")
    if array.ndim or array.dtype.kind not in "biufc":
        raise NotScalarConstantError("v.data is non-numeric, non-scalar, or has more than one unique value", data)
    return array.item()


def extract_constant(x: Any, elemwise: bool = True, only_process_constants: bool = False) -> Any:
    """The number that `x` is known to be, or `x` itself when it is not known."""
    try:
        return get_scalar_constant_value(x)
    except NotScalarConstantError:
        return x


def get_vector_length(v: Any) -> int:
    """The length of a vector, where it is known before the function runs.

    Raises TypeError for what is no vector, ValueError when its length is not known.
    """
    v = as_tensor_variable(v)
    if v.ndim != 1:
        raise TypeError(f"argument must be symbolic vector, got '{v}'")
    if v.type.broadcastable[0]:
        return 1
    lengths = static_lengths(v)
    if lengths is None and v.owner is not None and isinstance(v.owner.op, Subtensor):
        lengths = _sliced(v)
    if lengths is None:
        raise ValueError(f"length not known: {v}")
    return len(lengths)


def _sliced(v: Any) -> list[Any] | None:
    """The entries that a slice with known bounds takes of a vector of known length."""
    op, (x, *index) = v.owner.op, v.owner.inputs
    if len(op.pattern) != 1 or not isinstance(op.pattern[0], tuple):
        return None
    lengths = static_lengths(x)
    bounds = [None if g is None else static_int(g) for g in distribute(op.pattern, index)[0]]
    given = [g is not None for g in distribute(op.pattern, index)[0]]
    if lengths is None or any(g and b is None for g, b in zip(given, bounds, strict=True)):
        return None
    return lengths[slice(*bounds)]


def is_flat(var: Any, ndim: int | None = None, outdim: int | None = None) -> bool:
    """Whether `var` has `ndim` dimensions (1 by default)."""
    return bool(var.ndim == (outdim if outdim is not None else 1 if ndim is None else ndim))


def check_and_normalize_axes(x: Any, axis: Any) -> list[int]:
    """`axis` (None, an int or several) as a list of non-negative ints. Raises as reductions do."""
    return list(check_axes(axis, as_tensor_variable(x).ndim) or ())


def hash_from_ndarray(data: np.ndarray) -> str:
    """A text that tells arrays of different elements, shape, strides or dtype apart."""
    described = [
        np.ascontiguousarray(data).tobytes(),
        *(str(p).encode() for p in (data.shape, data.strides, data.dtype)),
    ]
    parts = [hashlib.sha256(part).hexdigest() for part in described]
    return "m" + hashlib.sha256("".join(parts).encode()).hexdigest()


def shape_of_variables(fgraph: Any, input_shapes: Mapping[Any, Any]) -> dict[Any, tuple[int, ...]]:
    """The shape of every Variable of a FunctionGraph, for shapes of its inputs.

    `input_shapes` may name the Variables from which the graph was made, as well as its own inputs.
    """
    given = dict(zip(fgraph.inputs, fgraph.inputs, strict=True))
    given.update(zip(getattr(fgraph, "original_inputs", ()), fgraph.inputs, strict=False))
    values = {given[v]: np.zeros(s, v.dtype) for v, s in input_shapes.items()}
    variables = [v for v in fgraph.variables if isinstance(v.type, TensorType)]
    flat = concatenate([shape(v) for v in variables if v.ndim] or [np.zeros(0, "int64")]).eval(values).tolist()
    return {v: tuple(flat.pop(0) for _ in range(v.ndim)) for v in variables}


# -- comparing values -------------------------------------------------------------------------------------------------


def _ignoring(ignored: Callable[[np.ndarray], np.ndarray]) -> Callable[..., bool]:
    def equal(a: Any, b: Any) -> bool:
        a, b = np.array(a), np.array(b)
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        where = ignored(a) | ignored(b)
        a[where] = b[where] = 0
        return TensorType.values_eq_approx(a, b)

    return equal


values_eq_approx = TensorType.values_eq_approx
values_eq_approx_remove_nan = _ignoring(np.isnan)
values_eq_approx_remove_inf = _ignoring(np.isinf)
values_eq_approx_remove_inf_nan = _ignoring(lambda a: ~np.isfinite(a))
values_eq_approx_remove_nan.__doc__ = "Whether two arrays are about equal where neither is NaN."
values_eq_approx_remove_inf.__doc__ = "Whether two arrays are about equal where neither is infinite."
values_eq_approx_remove_inf_nan.__doc__ = "Whether two arrays are about equal where both are finite."


def values_eq_approx_always_true(a: Any, b: Any) -> bool:
    """True: for results that may be anything."""
    return True


def get_canonical_form_slice(theslice: Any, length: Any) -> tuple[Any, int]:
    """A slice (or an index) of an axis of a length as a slice with step 1 (or a non-negative index) and a direction.

    Taking ``x[slice][::direction]`` is the same as taking the given slice; bounds are within 0 and the length. A step
    other than 1 and -1 stays in the slice.
    """
    if not isinstance(theslice, slice):
        index = as_tensor_variable(theslice)
        return F.switch(F.lt(index, 0), index + length, index), 1
    step = 1 if theslice.step is None else static_int(theslice.step)
    if step is None:
        raise NotScalarConstantError("the step of the slice is not known", theslice)
    start, stop = (None if b is None else _clipped(b, length, step) for b in (theslice.start, theslice.stop))
    if step > 0:
        start = as_tensor_variable(0) if start is None else start
        stop = as_tensor_variable(length) if stop is None else stop
        return slice(start, F.maximum(start, stop), step), 1
    first = as_tensor_variable(length) - 1 if start is None else start
    last = as_tensor_variable(-1) if stop is None else stop
    count = F.maximum(F.int_div(first - last - step - 1, -step), 0)
    lowest = first - (count - 1) * -step
    return slice(F.switch(F.gt(count, 0), lowest, 0), F.switch(F.gt(count, 0), first + 1, 0), -step), -1


def _clipped(bound: Any, length: Any, step: int) -> Any:
    b = as_tensor_variable(bound)
    b = F.switch(F.lt(b, 0), b + length, b)
    low, high = (0, as_tensor_variable(length)) if step > 0 else (-1, as_tensor_variable(length) - 1)
    return F.minimum(F.maximum(b, low), high)


__all__ = [
    "EmptyConstantError",
    "ShapeError",
    "check_and_normalize_axes",
    "extract_constant",
    "float16_atol",
    "float16_rtol",
    "float32_atol",
    "float32_rtol",
    "float64_atol",
    "float64_rtol",
    "get_canonical_form_slice",
    "get_vector_length",
    "hash_from_ndarray",
    "is_flat",
    "numpy_scalar",
    "shape_of_variables",
    "values_eq_approx",
    "values_eq_approx_always_true",
    "values_eq_approx_remove_inf",
    "values_eq_approx_remove_inf_nan",
    "values_eq_approx_remove_nan",
]
