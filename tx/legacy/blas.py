"""``theano.tensor.blas``: products by the names of BLAS. XLA chooses the routine; these say what is computed."""

from __future__ import annotations

from typing import Any

from tx.tensor.convert import as_tensor_variable
from tx.tensor.products import BatchedDot, Dot, batched_dot, dot, outer

Dot22 = Dot
_dot22, _dot22scalar = Dot(), lambda x, y, a: a * dot(x, y)


def gemm(z: Any, a: Any, x: Any, y: Any, b: Any) -> Any:
    """``b * z + a * dot(x, y)`` of matrices."""
    return b * as_tensor_variable(z) + a * dot(x, y)


def gemv(y: Any, alpha: Any, A: Any, x: Any, beta: Any) -> Any:
    """``beta * y + alpha * dot(A, x)`` of a matrix and vectors."""
    return beta * as_tensor_variable(y) + alpha * dot(A, x)


def ger(A: Any, alpha: Any, x: Any, y: Any) -> Any:
    """``A + alpha * outer(x, y)``."""
    return as_tensor_variable(A) + alpha * outer(x, y)


def _op(function: Any) -> Any:
    return lambda inplace=False: function


Gemm, Gemv, Ger = _op(gemm), _op(gemv), _op(ger)
CGemv, CGer = Gemv, Ger
gemm_inplace = gemm_no_inplace = gemm
gemv_inplace = gemv_no_inplace = gemv

__all__ = [
    "BatchedDot", "CGemv", "CGer", "Dot22", "Gemm", "Gemv", "Ger", "_dot22", "_dot22scalar", "batched_dot", "gemm",
    "gemm_inplace", "gemm_no_inplace", "gemv", "gemv_inplace", "gemv_no_inplace", "ger",
]  # fmt: skip
