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


def __getattr__(name: str) -> ScalarOp:
    """The operations of the table are names of this module, too: ``tx.scalar.add``."""
    try:
        return table[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


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
