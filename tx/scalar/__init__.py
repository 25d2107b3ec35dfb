"""Scalars: dtypes and their promotion, and the table of elementwise operations. Knows neither tensors nor jax."""

from tx.scalar.basic import ScalarOp, cast_to, get
from tx.scalar.dtypes import (
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    uint_dtypes,
    upcast,
)
from tx.scalar.special import table

__all__ = [
    "ScalarOp",
    "all_dtypes",
    "cast_to",
    "complex_dtypes",
    "continuous_dtypes",
    "discrete_dtypes",
    "float_dtypes",
    "get",
    "int_dtypes",
    "integer_dtypes",
    "table",
    "uint_dtypes",
    "upcast",
]
