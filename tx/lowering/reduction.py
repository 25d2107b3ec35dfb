"""Reductions and arg-reductions."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering import direct, layout, one_hot, sums
from tx.lowering.apart import on_this_cpu
from tx.lowering.cumulative import cumulated
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.scalar import dtypes as dt
from tx.tensor.elemwise import Elemwise
from tx.tensor.reduction import Argmax, CAReduce, ProductOfOthers, ProdWithoutZeros

_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "neq")
#: up to so many ones are counted exactly in float32, for which XLA on the CPU has a library, and not for integers
_COUNTED = 1 << 24


def _no_identity(x: Any, axes: tuple[int, ...], what: str) -> None:
    for d in axes:
        if x.shape[d] == 0:
            raise ValueError(f"zero-size array to reduction operation {what} which has no identity (axis {d})")


@lowers(CAReduce)
def careduce(trace: Trace, node: Any, x: Any) -> Any:
    """jax's reduction, in the accumulator's dtype."""
    op, target = node.op, node.outputs[0].type.dtype
    found = _otherwise(trace, node, x, op.axes(x.ndim))
    if found is not None:
        return direct.cast(found, target)
    x, axes = layout.reduced_axes(trace, x, op.axes(x.ndim))
    reduce = _REDUCTIONS[op.operation]
    if op.operation in ("all", "any"):
        return direct.cast(reduce(x if x.dtype == bool else direct.differs(x, 0), axes), target)
    if op.operation in ("max", "min"):
        _no_identity(x, axes, f"{op.operation}imum")
        return reduce(x, axes)

    def within(dtype: str) -> Any:
        return lambda x: _narrow(reduce(direct.cast(x, dtype), axes), target)

    if op.acc_dtype:
        return within(op.acc_dtype)(x)
    given = str(x.dtype)
    if op.operation == "sum" and _is_truth(node.inputs[0]) and on_this_cpu(trace) and x.size <= _COUNTED:
        return _narrow(direct.cast(reduce(direct.cast(x, "float32"), axes), "int64"), target)
    if dt.is_discrete(given):
        return within("uint64" if given in dt.uint_dtypes else "int64")(x)
    # As documented, floats are summed in double precision; a TPU, which only emulates it, keeps to single.
    double = dt.upcast(given, "float64")
    single = {"float16": "float32"}.get(given, given)
    if trace.portable:
        return lax.platform_dependent(x, tpu=within(single), default=within(double))
    return within(single if jax.default_backend() == "tpu" else double)(x)


def _otherwise(trace: Trace, node: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """What is sooner computed in another way than by XLA's reduction; None for what is not."""
    op, (variable,) = node.op, node.inputs
    found = one_hot.sums(trace, x, axes) if op.operation == "sum" else None
    dtype = _FOLDED_IN.get((op.operation, op.acc_dtype, str(x.dtype)))
    for way in (sums.folded, sums.in_parts):
        if found is None and dtype is not None:
            found = way(trace, variable, x, axes, op.operation, dtype)
    return found


def _is_truth(x: Any) -> bool:
    """Whether the elements can only be 0 and 1."""
    owner = x.owner
    compared = owner is not None and isinstance(owner.op, Elemwise) and owner.op.scalar_op.row in _COMPARISONS
    return compared or x.type.dtype == "bool"


_ADDING = ("sum", "prod")
#: (operation, dtype of the accumulator that was asked for, dtype of the elements) -> what is computed in
_FOLDED_IN: dict[tuple[str, str | None, str], str] = {
    **{(o, acc, d): "float64" for o in _ADDING for acc in (None, "float64") for d in ("float32", "float64")},
    **{(o, None, d): "int64" for o in _ADDING for d in dt.int_dtypes},
    **{(o, None, d): "uint64" for o in _ADDING for d in dt.uint_dtypes},
    **{(operation, None, d): d for operation in ("max", "min") for d in ("float32", "float64", *dt.integer_dtypes)},
}

_REDUCTIONS: dict[str, Any] = {
    "sum": lax.reduce_sum,
    "prod": lax.reduce_prod,
    "max": direct.greatest,
    "min": direct.least,
    "all": lax.reduce_and,
    "any": lax.reduce_or,
}


def _narrow(x: Any, dtype: str) -> Any:
    return direct.cast(lax.real(x) if dt.is_complex(str(x.dtype)) and not dt.is_complex(dtype) else x, dtype)


@lowers(ProdWithoutZeros)
def prod_without_zeros(trace: Trace, node: Any, x: Any) -> Any:
    """The product, with ones in place of the zeros; 0 where nothing is left."""
    left = careduce(trace, node, jnp.where(x == 0, jnp.ones_like(x), x))
    return jnp.where(jnp.any(x != 0, axis=node.op.axes(x.ndim)), left, jnp.zeros_like(left))


@lowers(ProductOfOthers)
def product_of_others(trace: Trace, node: Any, x: Any) -> Any:
    """The product of all before times that of all after, along the axes flattened into one."""
    if not x.size:
        return x
    gone = range(x.ndim) if node.op.axis is None else node.op.axis
    order = [*(d for d in range(x.ndim) if d not in gone), *gone]
    moved = jnp.transpose(x, order)
    rows = moved.reshape(*moved.shape[: x.ndim - len(gone)], -1)
    start = jnp.ones_like(rows[..., :1])
    before = jnp.concatenate([start, cumulated(trace, "mul", rows[..., :-1], -1)], axis=-1)
    after = jnp.flip(cumulated(trace, "mul", jnp.flip(rows[..., 1:], -1), -1), -1)
    others = before * jnp.concatenate([after, start], axis=-1)
    return jnp.transpose(others.reshape(moved.shape), np.argsort(order).tolist())


@lowers(Argmax)
def argmax(trace: Trace, node: Any, x: Any) -> Any:
    """The first of the largest, or the first NaN; several axes are flattened in their order."""
    axes = tuple(range(x.ndim)) if node.op.axis is None else node.op.axis
    _no_identity(x, axes, "argmax")
    if len(axes) > 1:
        kept = [d for d in range(x.ndim) if d not in axes]
        x = lax.transpose(x, (*kept, *axes)) if kept else x
        x, axes = lax.reshape(x, (*x.shape[: len(kept)], math.prod(x.shape[len(kept) :]))), (len(kept),)
    (axis,) = axes
    columns = on_this_cpu(trace) and axis < x.ndim - 1 and x.shape[axis] > _SHORT and x.size >= _MANY
    if columns or dt.is_complex(str(x.dtype)):
        return _in_two(x, axis)
    # Values and places go through one loop, which is not vectorised: what computes the values is to be another.
    return lax.argmax(lax.optimization_barrier(x), axis, "int64")


#: columns of more elements, among so many, are gone through by rows
_SHORT, _MANY = 64, 1 << 16


def _in_two(x: Any, axis: int) -> Any:
    """The places of the greatest by two reductions, which XLA on the CPU makes by rows, vectorised: it does not do that
    with one of values and places; and `lax` has none of complex numbers."""
    found = lax.eq(x, direct.kept(direct.greatest(x, (axis,)), (axis,), x.shape))
    if not dt.is_discrete(str(x.dtype)):
        found = lax.bitwise_or(found, lax.ne(x, x))
    places = direct.where(found, lax.broadcasted_iota("int32", x.shape, axis), np.iinfo("int32").max)
    return direct.cast(lax.reduce_min(places, (axis,)), "int64")
