"""Gradients of linear algebra under the names of Theano's Ops for them."""

from __future__ import annotations

from typing import Any

from tx.gradient import derived_pullback
from tx.tensor.nlinalg import Eigh
from tx.tensor.slinalg import Cholesky, Eigvalsh, Expm


def EighGrad(UPLO: str = "L") -> Any:
    """``EighGrad(UPLO)(x, w, v, gw, gv)``: the gradient of `eigh` by `x`, from those by values and vectors."""
    return lambda x, w, v, gw, gv: derived_pullback(Eigh(UPLO).make_node(x), [gw, gv])[0]


def CholeskyGrad(lower: bool = True) -> Any:
    """``CholeskyGrad(lower)(x, l, g)``: the gradient of `cholesky` by `x`, from that by its result."""
    return lambda x, _, g: derived_pullback(Cholesky(lower).make_node(x), [g])[0]


def EigvalshGrad(lower: bool = True) -> Any:
    """``EigvalshGrad(lower)(a, b, g)``: the gradients of `eigvalsh` by both matrices."""
    return lambda a, b, g: derived_pullback(Eigvalsh(lower).make_node(a, b), [g])


def ExpmGrad() -> Any:
    """``ExpmGrad()(A, g)``: the gradient of `expm`."""
    return lambda A, g: derived_pullback(Expm().make_node(A), [g])[0]


__all__ = ["CholeskyGrad", "EighGrad", "EigvalshGrad", "ExpmGrad"]
