"""dtypes and their promotion, as Theano promotes (and neither numpy 2 nor jax).

Promotion is numpy's between *arrays*: ``int32 + float32 -> float64``. Python numbers become the smallest constant
that holds them first (`tx.tensor.convert`), so that ``int8_vector + 1`` stays int8.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from tx.configuration import config

bool_dtypes = ("bool",)
int_dtypes = ("int8", "int16", "int32", "int64")
uint_dtypes = ("uint8", "uint16", "uint32", "uint64")
integer_dtypes = int_dtypes + uint_dtypes
float_dtypes = ("float16", "float32", "float64")
complex_dtypes = ("complex64", "complex128")
continuous_dtypes = float_dtypes + complex_dtypes
discrete_dtypes = bool_dtypes + integer_dtypes
all_dtypes = discrete_dtypes + continuous_dtypes
#: a dtype's name -> numpy's dtype; numpy takes several microseconds to find the name of one
OF_NUMPY = {name: np.dtype(name) for name in all_dtypes}
#: the least and the greatest integer of each dtype of integers
BOUNDS = {name: (int(np.iinfo(name).min), int(np.iinfo(name).max)) for name in integer_dtypes}
_NAMES = {dtype: name for name, dtype in OF_NUMPY.items()}


def canonical(dtype: object) -> str:
    """The name of `dtype` (a name, numpy dtype, type, or ``'floatX'``). Raises TypeError for none of Theano's."""
    if type(dtype) is str and dtype in OF_NUMPY:
        return dtype
    if isinstance(dtype, np.dtype) and dtype in _NAMES:
        return _NAMES[dtype]
    if dtype == "floatX":
        return str(config.floatX)
    try:
        # numpy takes None for float64.
        name = "" if dtype is None else np.dtype(dtype).name  # type: ignore[call-overload]
    except TypeError:
        name = ""
    if name not in all_dtypes:
        raise TypeError(f"Unsupported dtype for TensorType: {dtype}")
    return str(name)


@cache
def _promote(dtypes: tuple[str, ...]) -> str:
    return str(np.result_type(*(np.dtype(d) for d in dtypes)).name)


def upcast(*dtypes: object) -> str:
    """The smallest dtype that all of `dtypes` convert to."""
    return _promote(tuple(map(canonical, dtypes)))


def upgrade_to_float(dtype: str) -> str:
    """`dtype` if it is continuous; otherwise the float that numpy computes with: float32 up to 16 bits, or float64."""
    return dtype if dtype in continuous_dtypes else _promote((dtype, "float32"))


def comparison_dtype() -> str:
    """The dtype of truth: int8 as the documentation has it, bool as in Theano 1.0."""
    return "bool" if config.compatibility == "1.0" else "int8"


def is_discrete(dtype: str) -> bool:
    """Whether `dtype` is bool or an integer."""
    return dtype in discrete_dtypes


def is_complex(dtype: str) -> bool:
    """Whether `dtype` is complex."""
    return dtype in complex_dtypes
