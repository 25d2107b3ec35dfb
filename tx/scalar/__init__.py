"""Scalars: dtypes and their promotion, and the table of elementwise operations. Knows neither tensors nor jax."""

from typing import Any

from tx.scalar.basic import ComplexError, Row, cast_to, classes, get
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
from tx.scalar.op import BinaryScalarOp, ScalarOp, UnaryScalarOp
from tx.scalar.special import table


def __getattr__(name: str) -> Any:
    """The operations of the table are names of this module, too, and their classes: ``tx.scalar.add``, ``Add``."""
    found = table.get(name) or classes.get(name)
    if found is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found


__all__ = [
    "BinaryScalarOp",
    "ComplexError",
    "Row",
    "ScalarOp",
    "UnaryScalarOp",
    "all_dtypes",
    "cast_to",
    "classes",
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
