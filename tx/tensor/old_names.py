"""Names by which older programs know things: Op classes that tx expresses by functions, and helpers of their day.

Where Theano has an Op class, ``Name(parameters)(inputs)`` gives the expression that the Op stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Variable
from tx.scalar import dtypes as dt
from tx.tensor import creation, extra, joining, reduction, shapes, subtensor
from tx.tensor import math as F
from tx.tensor.convert import NotScalarConstantError, as_tensor_variable, constant
from tx.tensor.products import dot
from tx.tensor.type_other import NoneConst

Expression = Callable[..., Any]

# -- Op classes -------------------------------------------------------------------------------------------------------


def Flatten(outdim: int = 1) -> Expression:
    """``Flatten(outdim)(x)`` is ``flatten(x, outdim)``."""
    return lambda x: shapes.flatten(x, outdim)


def Tile(ndim: int) -> Expression:
    """``Tile(ndim)(x, reps)`` is ``tile(x, reps, ndim)``."""
    return lambda x, reps: extra.tile(x, reps, ndim)


def Tri(dtype: Any = None) -> Expression:
    """``Tri(dtype)(N, M, k)`` is ``tri(N, M, k, dtype)``."""
    return lambda N, M=None, k=0: creation.tri(N, M, k, dtype)


def Mean(axis: Any = None) -> Expression:
    """``Mean(axis)(x)`` is ``mean(x, axis)``."""
    return lambda x: reduction.mean(x, axis)


def MaxAndArgmax(axis: Any) -> Expression:
    """``MaxAndArgmax(axis)(x)`` is ``max_and_argmax(x, axis)``."""
    return lambda x: reduction.max_and_argmax(x, axis)


def AllocEmpty(dtype: Any) -> Expression:
    """``AllocEmpty(dtype)(*shape)``: a tensor to be overwritten; here it holds zeros."""
    return lambda *shape: creation.alloc(np.zeros((), dt.canonical(dtype)), *shape)


def ScalarFromTensor() -> Expression:
    """A 0-d tensor as a scalar: the same thing in tx."""
    return scalar_from_tensor


def TensorFromScalar() -> Expression:
    """A scalar as a 0-d tensor: the same thing in tx."""
    return tensor_from_scalar


def AdvancedSubtensor1(sparse_grad: bool = False) -> Expression:
    """``AdvancedSubtensor1()(x, i)`` is ``x[i]`` for an integer vector."""
    return advanced_subtensor1


def AdvancedSubtensor() -> Expression:
    """``AdvancedSubtensor()(x, *indices)`` is ``x[indices]``."""
    return advanced_subtensor


def AdvancedIncSubtensor1(inplace: bool = False, set_instead_of_inc: bool = False) -> Expression:
    """``AdvancedIncSubtensor1()(x, y, i)``: `x` with `y` added to (or put in place of) the rows `i`."""
    return advanced_set_subtensor1 if set_instead_of_inc else advanced_inc_subtensor1


def AdvancedIncSubtensor(inplace: bool = False, set_instead_of_inc: bool = False) -> Expression:
    """``AdvancedIncSubtensor()(x, y, *indices)``: `x` with `y` added to (or put in place of) ``x[indices]``."""
    return advanced_set_subtensor if set_instead_of_inc else advanced_inc_subtensor


def AdvancedBooleanSubtensor() -> Expression:
    """``AdvancedBooleanSubtensor()(x, mask)``: the elements of `x` where the mask is not 0."""
    return advanced_boolean_subtensor


def AdvancedBooleanIncSubtensor(inplace: bool = False, set_instead_of_inc: bool = False) -> Expression:
    """`x` with `y` added to (or put in place of) the elements where a mask is not 0."""
    return advanced_boolean_set_subtensor if set_instead_of_inc else advanced_boolean_inc_subtensor


# -- indexing by functions --------------------------------------------------------------------------------------------


def advanced_subtensor(x: Any, *indices: Any) -> Any:
    """``x[indices]``."""
    return as_tensor_variable(x)[tuple(indices)]


def advanced_set_subtensor(x: Any, y: Any, *indices: Any) -> Any:
    """`x` with `y` in place of ``x[indices]``."""
    return subtensor.set_subtensor(advanced_subtensor(x, *indices), y)


def advanced_inc_subtensor(x: Any, y: Any, *indices: Any) -> Any:
    """`x` with `y` added to ``x[indices]``."""
    return subtensor.inc_subtensor(advanced_subtensor(x, *indices), y)


advanced_subtensor1, advanced_set_subtensor1 = advanced_subtensor, advanced_set_subtensor
advanced_inc_subtensor1 = advanced_inc_subtensor


def _places(masks: Sequence[Any]) -> list[Any]:
    """The positions that masks stand for, between other indices."""
    expanded: list[Any] = []
    for m in masks:
        is_mask = not isinstance(m, slice) and m is not None and getattr(as_tensor_variable(m), "dtype", "") == "bool"
        is_mask |= isinstance(m, Variable) and getattr(m, "dtype", "") == "int8" and getattr(m, "ndim", 0) > 0
        expanded += list(subtensor.nonzero(m)) if is_mask else [m]
    return expanded


def advanced_boolean_subtensor(x: Any, *masks: Any) -> Any:
    """The elements of `x` where the mask is not 0, a vector."""
    return advanced_subtensor(x, *_places(masks))


def advanced_boolean_set_subtensor(x: Any, y: Any, *masks: Any) -> Any:
    """`x` with `y` where the mask is not 0."""
    return advanced_set_subtensor(x, y, *_places(masks))


def advanced_boolean_inc_subtensor(x: Any, y: Any, *masks: Any) -> Any:
    """`x` with `y` added where the mask is not 0."""
    return advanced_inc_subtensor(x, y, *_places(masks))


# -- small helpers ----------------------------------------------------------------------------------------------------


def scalar_from_tensor(x: Any) -> Any:
    """A 0-d tensor as it is. Raises AssertionError for other ranks."""
    x = as_tensor_variable(x)
    if x.ndim:
        raise AssertionError(f"scalar_from_tensor wants a 0-d tensor, got {x} of type {x.type}")
    return x


tensor_from_scalar = scalar_from_tensor


def tensor_copy(x: Any) -> Any:
    """A Variable equal to `x`."""
    return F.identity(x)


def default(x: Any, default: Any) -> Any:
    """`x`, or `default` where `x` is None. Raises TypeError when both are given and their types differ."""
    if x is None or x is NoneConst:
        return as_tensor_variable(default)
    x, other = as_tensor_variable(x), as_tensor_variable(default)
    if x.type != other.type:
        raise TypeError("Both arguments must have compatible types", x.type, other.type)
    return x


def as_index_variable(idx: Any) -> Any:
    """`idx`, None or an integer scalar, as a Variable. Raises TypeError for anything else."""
    if idx is None:
        return NoneConst
    value = as_tensor_variable(idx)
    if value.ndim or not dt.is_discrete(value.dtype):
        raise TypeError("index must be integers", idx)
    return value


def make_constant(args: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers in a sequence of indices as constants; slices part by part; None and Variables as they are."""

    def convert(a: Any) -> Any:
        if isinstance(a, slice):
            return slice(convert(a.start), convert(a.stop), convert(a.step))
        return constant(a) if isinstance(a, int | np.integer) else a

    return tuple(map(convert, args))


def alloc_validate_shape(shape: Sequence[Any]) -> tuple[list[Any], list[bool]]:
    """The lengths of a shape as Variables, and which of them are known to be 1."""
    node = creation.Alloc().make_node(0, *shape)
    return node.inputs[1:], list(node.outputs[0].type.broadcastable)


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """The covariance matrix of variables, each a row of `m` (a column, unless `rowvar`); see numpy.cov.

    Raises ValueError for more than two dimensions or a `ddof` that is no integer.
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    x = _observations(m, rowvar)
    if y is not None:
        x = joining.join(0, x, _observations(y, rowvar))
    ddof = int(not bias) if ddof is None else int(ddof)
    given = [F.cast(w, config.floatX) for w in (fweights, aweights) if w is not None]
    if not given:
        centred = x - reduction.mean(x, axis=1, keepdims=True)
        covariance = dot(centred, F.conj(centred.T)) / (x.shape[1] - ddof)
    else:
        weights = F.mul(*given) if len(given) > 1 else given[0]
        count = weights.sum()
        centred = x - (x * weights).sum(axis=1, keepdims=True) / count
        lost = ddof if aweights is None else ddof * (weights * given[-1]).sum() / count
        covariance = dot(centred, F.conj((centred * weights).T)) / (count - lost)
    return shapes.squeeze(covariance)


def _observations(m: Any, rowvar: bool) -> Any:
    m = as_tensor_variable(m, ndim=2) if as_tensor_variable(m).ndim < 2 else as_tensor_variable(m)
    if m.ndim > 2:
        raise ValueError("cov wants at most two dimensions", m)
    return m if rowvar else m.T


def hashtype(self: Any) -> int:
    """A hash by the class of `self`."""
    return hash(type(self))


#: Theano kept its constants here; tx merges them where a function is compiled
constant_cache: dict[Any, Any] = {}

mod_check, isnan_, isinf_ = F.mod, F.isnan, F.isinf

__all__ = [n for n in dir() if n[0] != "_" and getattr(globals()[n], "__module__", "") == __name__]
__all__ += [
    "NotScalarConstantError",
    "advanced_inc_subtensor1",
    "advanced_set_subtensor1",
    "advanced_subtensor1",
    "constant_cache",
    "isinf_",
    "isnan_",
    "mod_check",
]
