"""The special functions of the table: the error function's family, the gamma function's, and Bessel's."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tx.scalar import dtypes as dt
from tx.scalar.basic import real_floating, row, scipy_special, table

_TWO_OVER_ROOT_PI = 2 / np.sqrt(np.pi)
_HALF_ROOT_PI = np.sqrt(np.pi) / 2


def _bell(F: Any, x: Any, y: Any) -> Any:
    """The derivative of `erf`."""
    return F.constant_like(_TWO_OVER_ROOT_PI, y) * F.exp(-F.sqr(x))


def _inverse_bell(F: Any, y: Any) -> Any:
    """The derivative of `erfinv`, by its value."""
    return F.constant_like(_HALF_ROOT_PI, y) * F.exp(F.sqr(y))


def _special(name: str, nin: int, function: Callable[..., Any] | str, derivative: Any = None) -> None:
    row(name, nin, real_floating, scipy_special(function) if isinstance(function, str) else function, derivative)


_special("erf", 1, "erf", lambda F, x, y, g: (g * _bell(F, x, y),))
_special("erfc", 1, "erfc", lambda F, x, y, g: (-g * _bell(F, x, y),))
_special("erfcx", 1, "erfcx", lambda F, x, y, g: (g * (2 * x * y - F.constant_like(_TWO_OVER_ROOT_PI, y)),))
_special("erfinv", 1, "erfinv", lambda F, x, y, g: (g * _inverse_bell(F, y),))
_special("erfcinv", 1, "erfcinv", lambda F, x, y, g: (-g * _inverse_bell(F, y),))

_special("gamma", 1, "gamma", lambda F, x, y, g: (g * y * F.psi(x),))
_special("gammaln", 1, "gammaln", lambda F, x, y, g: (g * F.psi(x),))
_special("psi", 1, "digamma", lambda F, x, y, g: (g * F.tri_gamma(x),))
_special("tri_gamma", 1, lambda x: import_module("scipy.special").polygamma(1, x))


def _density(F: Any, k: Any, x: Any) -> Any:
    """What `gammal` integrates: x^(k-1) exp(-x)."""
    return F.exp((k - 1) * F.log(x) - x)


def _times_gamma(name: str) -> Callable[..., Any]:
    return lambda k, x: scipy_special(name)(k, x) * scipy_special("gamma")(k)


# The incomplete gamma functions of order k, and what is left of them; times gamma(k) for l(ower) and u(pper).
_special("gammainc", 2, "gammainc", lambda F, k, x, y, g: (..., g * _density(F, k, x) / F.gamma(k)))
_special("gammaincc", 2, "gammaincc", lambda F, k, x, y, g: (..., -g * _density(F, k, x) / F.gamma(k)))
_special("gammal", 2, _times_gamma("gammainc"), lambda F, k, x, y, g: (..., g * _density(F, k, x)))
_special("gammau", 2, _times_gamma("gammaincc"), lambda F, k, x, y, g: (..., -g * _density(F, k, x)))
row(
    "chi2sf", 2, lambda *dtypes: dt.upcast("float64", real_floating(*dtypes)),
    lambda x, k: scipy_special("chdtrc")(k, x),
    lambda F, x, k, y, g: (-g * _density(F, k / 2.0, x / 2.0) / (2 * F.gamma(k / 2.0)), ...),
)  # fmt: skip

# Bessel functions: of the first kind (j), modified (i); of order 0, 1, and any real order v.
_special("j0", 1, "j0", lambda F, x, y, g: (-g * F.j1(x),))
_special("j1", 1, "j1", lambda F, x, y, g: (g * (F.j0(x) - F.jv(2, x)) / 2,))
_special("jv", 2, "jv", lambda F, v, x, y, g: (..., g * (F.jv(v - 1, x) - F.jv(v + 1, x)) / 2))
_special("i0", 1, "i0", lambda F, x, y, g: (g * F.i1(x),))
_special("i1", 1, "i1", lambda F, x, y, g: (g * (F.i0(x) + F.iv(2, x)) / 2,))
_special("iv", 2, "iv", lambda F, v, x, y, g: (..., g * (F.iv(v - 1, x) + F.iv(v + 1, x)) / 2))

_special("xlogx", 1, lambda x: scipy_special("xlogy")(x, x), lambda F, x, y, g: (g * (1 + F.log(x)),))
_special("xlogy0", 2, "xlogy", lambda F, x, y, z, g: (lambda: g * F.log(y), lambda: g * x / y))

__all__ = ["table"]
