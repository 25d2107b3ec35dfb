"""The operands of sums, products and comparisons: as Variables, and what must hold for them."""

from __future__ import annotations

from typing import Any

from tx.sparse.convert import _is_sparse_variable, as_sparse_or_tensor_variable, compressed
from tx.sparse.lazily import _is_sparse


def require(holds: Any, message: str, *what: Any) -> None:
    """Raises AssertionError with `message`, and what it is about, unless it `holds`."""
    if not holds:
        raise AssertionError(message, *what)


def same_shape(x: Any, y: Any) -> None:
    """Raises AssertionError for two values of different shapes."""
    require(x.shape == y.shape, "Matrices of the same shape only", x.shape, y.shape)


def two_matrices(x: Any, y: Any) -> tuple[Any, Any]:
    """Both as compressed sparse Variables."""
    return compressed(x), compressed(y)


def operand(x: Any) -> Any:
    """`x` as a Variable, sparse or dense."""
    return as_sparse_or_tensor_variable(x.tocsr() if _is_sparse(x) and x.format == "coo" else x)


def kinds(x: Any, y: Any) -> tuple[Any, Any, bool, bool]:
    """Both as Variables, and whether they are sparse. Raises AssertionError when none is."""
    x, y = operand(x), operand(y)
    sparse_x, sparse_y = _is_sparse_variable(x), _is_sparse_variable(y)
    require(sparse_x or sparse_y, "At least one of the two must be sparse", x, y)
    return x, y, sparse_x, sparse_y


__all__ = ["kinds", "operand", "require", "same_shape", "two_matrices"]
