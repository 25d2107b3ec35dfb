"""From Python and numpy values to Variables: `as_tensor_variable`, `constant`, and the dtypes that numbers get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Apply, Constant, Variable
from tx.graph.utils import Documented
from tx.scalar import dtypes as dt
from tx.tensor.type import TensorType, tensor_type


class AsTensorError(Documented, TypeError):
    """Raised when something cannot be made a tensor Variable."""

    page = "as_tensor"


class _Autocast:
    """The dtypes that a Python number may become; the first that holds it exactly is taken.

    float16 is never chosen where floatX is another: a graph would lose digits wherever a number happens to be round.
    """

    def __init__(self, *dtypes: str):
        self.dtypes = tuple(dtypes)

    def __call__(self, number: Any) -> np.ndarray:
        for dtype in self.dtypes:
            if dtype == "float16":
                continue
            if dtype in dt.integer_dtypes:
                least, most = dt.BOUNDS[dtype]
                if least <= number <= most:
                    return np.asarray(number, dtype)
                continue
            with np.errstate(over="ignore"):
                candidate = np.asarray(number, dtype)
            # As Python numbers: numpy would round the Python float to the candidate's dtype before comparing.
            if candidate.item() == number or number != number:
                return candidate
        return np.asarray(number, self.dtypes[-1])


autocast_int = _Autocast("int8", "int16", "int32", "int64")
autocast_float = _Autocast("float16", "float32", "float64")


@contextmanager
def autocast_float_as(*dtypes: str) -> Iterator[None]:
    """Within the block Python floats become the first of `dtypes` that holds them."""
    saved, autocast_float.dtypes = autocast_float.dtypes, tuple(dtypes)
    try:
        yield
    finally:
        autocast_float.dtypes = saved


def _number(x: Any) -> np.ndarray:
    """A Python number as a 0-d array of the dtype that Theano gives it."""
    if isinstance(x, bool):
        raise AsTensorError(
            "Cannot cast True or False as a tensor variable. Please use np.array(True) or np.array(False) if you need "
            "these constants. This error might be caused by using the == operator on Variables. v == w does not do "
            "what you think it does, use theano.tensor.eq(v, w) instead."
        )
    if isinstance(x, int):
        if config.cast_policy == "numpy+floatX":
            return np.asarray(x)
        return autocast_int(x)
    if isinstance(x, float):
        if config.floatX != "float64" and config.floatX in autocast_float.dtypes:
            return np.asarray(x, config.floatX)
        return np.asarray(x, config.floatX) if config.cast_policy == "numpy+floatX" else autocast_float(x)
    return np.asarray(x, "complex128")


@lru_cache(maxsize=1024, typed=True)
def _shared_number(x: Any, dtype: Any, *flags: Any) -> np.ndarray:
    """A Python number as the array that all constants of it have; `flags` are those that its dtype depends on."""
    data = _number(x) if dtype is None else np.asarray(x, dt.canonical(dtype))
    data.flags.writeable = False
    return data


def constant(x: Any, name: str | None = None, ndim: int | None = None, dtype: Any = None) -> Any:
    """Return a TensorConstant of the value `x` (a number, ndarray or nested sequence of them).

    Lengths of 1 are broadcastable. `ndim` pads with axes on the left. The value is not copied: do not change it.
    Raises TypeError for what is no array of numbers, ValueError when there are more than `ndim` dimensions.
    """
    if isinstance(x, Variable):
        raise TypeError("constant takes numbers and arrays, not a Variable", x)
    try:
        if type(x) in (int, float) and x:  # 0.0 and -0.0 are equal
            flags = config.floatX, config.cast_policy, autocast_int.dtypes, autocast_float.dtypes
            data = _shared_number(x, dtype, *flags)
        elif dtype is not None:
            data = np.asarray(x, dt.canonical(dtype))
        elif isinstance(x, int | float | complex) and not isinstance(x, np.generic):
            data = _number(x)
        else:
            data = np.asarray(x)
    except AsTensorError:
        raise
    except (TypeError, ValueError) as error:
        raise TypeError(f"Could not convert {x!r:.200} to TensorType", type(x)) from error
    try:
        kind = dt.canonical(data.dtype)
    except TypeError:
        raise TypeError(
            f"Could not convert {x!r:.200} to TensorType: unsupported dtype {data.dtype}", type(x)
        ) from None
    if ndim is not None and data.ndim != ndim:
        if data.ndim > ndim:
            raise ValueError(f"ndarray could not be cast to constant with {ndim} dimensions: it has {data.ndim}")
        data = data.reshape((1,) * (ndim - data.ndim) + data.shape)
    return TensorType.Constant(tensor_type(kind, [n == 1 for n in data.shape]), data, name=name)


def as_tensor_variable(x: Any, name: str | None = None, ndim: int | None = None) -> Any:
    """Return `x` as a tensor Variable: a Variable as it is, a number or array as a constant, a sequence of Variables
    stacked.

    `ndim` asks for that many dimensions: missing ones are put on the left.
    Raises AsTensorError (a TypeError) for what is no tensor, ValueError when dimensions would have to go.
    """
    if ndim is None and isinstance(x, Variable) and type(x.type) is TensorType:
        return x  # nearly always
    if type(x) in (int, float):
        return constant(x, name, ndim)
    if hasattr(x, "_as_TensorVariable"):
        return x._as_TensorVariable()
    if isinstance(x, Apply):
        if len(x.outputs) != 1:
            raise ValueError("It is ambiguous which output of a multi-output Op has to be fetched.", x)
        x = x.outputs[0]
    if isinstance(x, Variable):
        return _variable(x, ndim)
    if isinstance(x, list | tuple) and _holds_variables(x):
        return _sequence(x, ndim)
    if isinstance(x, bool):
        _number(x)
    try:
        return constant(x, name=name, ndim=ndim)
    except AsTensorError:
        raise
    except TypeError as error:
        raise AsTensorError(f"Cannot convert {x!r:.200} to TensorType", type(x)) from error


def _variable(x: Variable, ndim: int | None) -> Any:
    if not isinstance(x.type, TensorType):
        raise AsTensorError("Variable type field must be a TensorType.", x, x.type)
    if ndim is None or ndim == x.type.ndim:
        return x
    from tx.tensor.elemwise import DimShuffle, pad_left

    if x.type.ndim < ndim:
        return pad_left(x, ndim)
    extra = x.type.ndim - ndim
    if not all(x.type.broadcastable[:extra]):
        raise ValueError(f"TensorType could not be cast to have {ndim} dimensions", x.type)
    return DimShuffle(x.type.broadcastable, list(range(extra, x.type.ndim)))(x)


def _holds_variables(xs: Sequence[Any]) -> bool:
    return any(isinstance(x, Variable | Apply) or (isinstance(x, list | tuple) and _holds_variables(x)) for x in xs)


def _sequence(xs: Sequence[Any], ndim: int | None) -> Any:
    from tx.tensor.joining import make_vector, stack

    tensors = [as_tensor_variable(x) for x in xs]
    if len({t.ndim for t in tensors}) > 1:
        raise AsTensorError(f"Cannot convert {xs!r:.200} to TensorType: not the same number of dimensions", type(xs))
    if all(t.ndim == 0 for t in tensors):
        return _variable(make_vector(*tensors), ndim)
    return _variable(stack(tensors), ndim)


def get_scalar_constant_value(v: Any) -> Any:
    """The number that `v` is known to be without computing. Raises NotScalarConstantError when it is not known."""
    from tx.tensor.known import known_number

    if isinstance(v, int | float | complex | np.generic):
        return np.asarray(v)
    if isinstance(v, np.ndarray):
        if v.ndim == 0:
            return v
        raise NotScalarConstantError
    value = known_number(v)
    if value is None and isinstance(v, Constant) and np.size(v.data) == 0:
        raise EmptyConstantError(f"{v} has no element")
    if value is None:
        raise NotScalarConstantError(f"{v} is not known before the function runs")
    return value


class NotScalarConstantError(Documented):
    """Raised by `get_scalar_constant_value` for a Variable whose value is not known."""

    page = "not_constant"


class EmptyConstantError(NotScalarConstantError):
    """Raised where a single number is looked for in an empty constant."""


def static_int(v: Any) -> int | None:
    """`v` as a Python int if it is an integer that is known when the graph is built, else None."""
    if isinstance(v, int | np.integer):
        return int(v)
    if isinstance(v, np.ndarray) and v.ndim == 0 and v.dtype.kind in "iu":
        return int(v)
    if isinstance(v, Constant) and np.ndim(v.data) == 0 and np.asarray(v.data).dtype.kind in "iu":
        return int(v.data)
    return None


def one_axis(axis: int, ndim: int) -> int:
    """`axis` as a number from 0. Raises IndexError when a tensor of `ndim` dimensions does not have it."""
    if not -ndim <= axis < ndim:
        raise IndexError(f"axis {axis} is out of bounds for a tensor of {ndim} dimensions")
    return axis % ndim


def check_axes(axis: Any, ndim: int, name: str = "axis") -> tuple[int, ...] | None:
    """`axis` (None, an int, a constant, or a sequence of them) as sorted non-negative ints.

    Raises TypeError for what is no integer, ValueError (numpy's AxisError) when out of range.
    """
    if axis is None:
        return None
    if isinstance(axis, np.ndarray) and axis.ndim:
        axis = axis.tolist()
    if isinstance(axis, Constant) and np.ndim(axis.data):
        axis = np.asarray(axis.data).tolist()
    chosen = list(axis) if isinstance(axis, list | tuple) else [axis]
    result = []
    for a in chosen:
        value = static_int(a)
        if isinstance(a, str):
            raise ValueError(f"{name} must be constant integers, got the text {a!r}")
        if value is None:
            raise TypeError(f"{name} must be constant integers, got {a} instead")
        if not -ndim <= value < ndim:
            raise ValueError(f"Not enough dimensions to reduce on axis {value} (the input has {ndim})")
        result.append(value % ndim)
    return tuple(sorted(set(result)))
