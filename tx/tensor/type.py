"""TensorType: n-dimensional arrays of one dtype, with a broadcast pattern."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tx.configuration import config
from tx.graph import Type, Variable, pickling
from tx.scalar import dtypes as dt

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable


@lru_cache(maxsize=4096)
def _made(dtype: str, broadcastable: tuple[bool, ...]) -> TensorType:
    return TensorType(dtype, broadcastable)


def tensor_type(dtype: str, broadcastable: Sequence[bool]) -> TensorType:
    """The type of all results of this dtype and pattern: it is made once."""
    return _made(dtype, tuple(broadcastable))


class TensorType(Type):
    """Arrays of `dtype` with ``len(broadcastable)`` dimensions; where the pattern is True the length is 1.

    Two TensorTypes are equal when dtype and pattern are; the name does not count.
    Raises TypeError for a dtype that tx does not know.
    """

    filter_checks_isfinite = False
    on_host = False

    def __init__(self, dtype: Any, broadcastable: Sequence[Any], name: str | None = None, sparse_grad: bool = False):
        self.dtype = dt.canonical(dtype)
        self.broadcastable = tuple(map(bool, broadcastable))
        self.ndim = len(self.broadcastable)
        self.name = name
        self.sparse_grad = sparse_grad
        self.numpy_dtype = dt.OF_NUMPY[self.dtype]
        self._hash = hash((TensorType, self.dtype, self.broadcastable))

    def clone(self, dtype: Any = None, broadcastable: Sequence[Any] | None = None) -> TensorType:
        """A type with another dtype or another pattern."""
        return type(self)(
            self.dtype if dtype is None else dtype,
            self.broadcastable if broadcastable is None else broadcastable,
            name=self.name,
        )

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(self) is type(other) and self.dtype == other.dtype and self.broadcastable == other.broadcastable
        )

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> Any:
        return type(self), (self.dtype, self.broadcastable, self.name)

    def __setstate__(self, state: Any) -> None:
        pickling.set_foreign_state(self, state)

    # -- values -------------------------------------------------------------------------------------------------------

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Return `data` as an ndarray of this type.

        Without `strict`, what holds the value exactly is converted; `allow_downcast=True` converts whatever it is,
        and None (the default) lets a Python float into a floatX type besides.
        Raises TypeError for Variables, wrong dtypes, wrong numbers of dimensions, and lengths that break the pattern.
        """
        if type(data) is np.ndarray and data.dtype == self.numpy_dtype:
            value = data
        elif isinstance(data, Variable):
            raise TypeError(
                "Expected an array-like object, but found a Variable: maybe you are trying to call a function on a "
                "(possibly shared) variable instead of a numeric array?"
            )
        else:
            value = self._strict(data) if strict else self._convert(data, allow_downcast)
        if value.ndim != self.ndim:
            raise TypeError(
                f"Wrong number of dimensions: expected {self.ndim}, got {value.ndim} with shape {value.shape}."
            )
        if True in self.broadcastable and any(
            broadcastable and length != 1 for length, broadcastable in zip(value.shape, self.broadcastable, strict=True)
        ):
            raise TypeError("Non-unit value on shape on a broadcastable dimension.", value.shape, self.broadcastable)
        return value

    def _strict(self, data: Any) -> np.ndarray:
        if not isinstance(data, np.ndarray):
            raise TypeError(f"{self} expected a ndarray object.", data, type(data))
        if data.dtype != self.numpy_dtype:
            raise TypeError(f"{self} expected a ndarray object with dtype = {self.dtype} (got {data.dtype}).")
        return data

    def _convert(self, data: Any, allow_downcast: bool | None) -> np.ndarray:
        if type(data) in (int, float, bool) and (exact := self._exactly(data)) is not None:
            return exact
        given = np.asarray(data)
        if given.dtype == self.numpy_dtype:
            return given
        if allow_downcast or (allow_downcast is None and type(data) is float and self.dtype == config.floatX):
            return np.asarray(given, dtype=self.numpy_dtype)
        if isinstance(data, np.ndarray | np.generic):
            if given.dtype.name in dt.all_dtypes and dt.upcast(self.dtype, given.dtype) == self.dtype:
                return given.astype(self.numpy_dtype)
            raise TypeError(
                f"{self} cannot store a value of dtype {given.dtype} without risking loss of precision. If you do not "
                f"mind this loss, you can: 1) explicitly cast your data to {self.dtype}, or 2) set "
                f'"allow_input_downcast=True" when calling "function". Value: "{data!r:.200}"'
            )
        with np.errstate(all="ignore"):
            converted = given.astype(self.numpy_dtype) if given.dtype != object else np.asarray(data, self.numpy_dtype)
        if np.array_equal(given, converted):
            return converted
        if given.dtype.kind in "fc" and np.isnan(given).any():
            if self.numpy_dtype.kind not in "fc":
                raise ValueError(f"cannot convert float NaN to integer: {self}")
            return converted
        raise TypeError(
            f"{self} cannot store accurately value {data!r:.200}, it would be represented as "
            f"{converted!r:.200}. If you do not mind this precision loss, you can: 1) explicitly convert your data "
            f'to a numpy array of dtype {self.dtype}, or 2) set "allow_input_downcast=True" when calling "function".'
        )

    def _exactly(self, number: float) -> np.ndarray | None:
        """A number of Python's as a scalar of this dtype, if that holds it. It takes a fifth of asking arrays."""
        if self.numpy_dtype.kind not in "iuf":
            return None
        try:
            array = np.array(number, self.numpy_dtype)
        except (OverflowError, ValueError):
            return None
        return array if array.item() == number else None

    @staticmethod
    def values_eq(a: Any, b: Any, force_same_dtype: bool = True) -> bool:
        """Whether two arrays are equal in shape, dtype and every element (NaN equals NaN)."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or (force_same_dtype and a.dtype != b.dtype):
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc"))

    @staticmethod
    def values_eq_approx(a: Any, b: Any, rtol: float | None = None, atol: float | None = None) -> bool:
        """Whether two arrays are equal up to the rounding of their dtype."""
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        coarse = a.dtype.name in ("float16", "float32", "complex64")
        return bool(np.allclose(a, b, rtol or (1e-4 if coarse else 1e-5), atol or (1e-5 if coarse else 1e-8), True))

    def value_zeros(self, shape: Sequence[int]) -> np.ndarray:
        """Zeros of this dtype."""
        return np.zeros(shape, self.numpy_dtype)

    if TYPE_CHECKING:

        def __call__(self, name: str | None = None) -> TensorVariable: ...

    # -- variables ----------------------------------------------------------------------------------------------------

    def convert_variable(self, var: Any) -> Any:
        """A Variable whose pattern says more (a row, where a matrix is wanted) with this pattern; None for others."""
        other = var.type
        if type(self) is not type(other) or self.dtype != other.dtype or self.ndim != other.ndim:
            return None
        if any(b and not o for b, o in zip(self.broadcastable, other.broadcastable, strict=True)):
            return None
        from tx.tensor.shapes import patternbroadcast

        return patternbroadcast(var, self.broadcastable)

    def __str__(self) -> str:
        if self.name:
            return self.name
        shape: Any = self.broadcastable
        names = {
            (): "scalar",
            (False,): "vector",
            (False, True): "col",
            (True, False): "row",
            (False, False): "matrix",
        }
        if shape in names:
            return f"TensorType({self.dtype}, {names[shape]})"
        text = f"{self.ndim}D" if not any(shape) else str(shape)
        return f"TensorType({self.dtype}, {text})"

    __repr__ = __str__
