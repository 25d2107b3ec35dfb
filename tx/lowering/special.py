"""Special functions that jax does not have, for real arguments: each in terms of `lax`, so that it runs everywhere.

Bessel functions are computed in one of three ways, chosen element by element, none of which loses digits where it is
used: the power series (small x), the integral over one period (Abramowitz & Stegun 9.1.22 and 9.6.20), and Hankel's
expansion (large x, 9.2.5 and 9.7.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

_ROOT_PI = np.sqrt(np.pi)


def _like(value: float, x: Any) -> Any:
    return jnp.asarray(value, x.dtype)


# -- the error function's family --------------------------------------------------------------------------------------


def erfcx(x: Any) -> Any:
    """exp(x^2) erfc(x): directly where erfc does not vanish, by its continued fraction further out."""
    near = jnp.exp(jnp.minimum(x, 5.0) ** 2) * lax.erfc(jnp.minimum(x, 5.0))
    far = jnp.maximum(x, 5.0)
    tail: Any = far
    for k in range(40, 0, -1):
        tail = far + (k / 2) / tail
    return jnp.where(x < 5, near, 1 / (tail * _like(_ROOT_PI, x)))


def erfinv(y: Any) -> Any:
    """The inverse of erf: lax's, and one step of Newton's method, on erfc where erf is close to 1."""
    x = lax.erf_inv(y)
    size, target = jnp.abs(x), jnp.abs(y)
    excess = jnp.where(target < 0.5, lax.erf(size) - target, (1 - target) - lax.erfc(size))
    step = excess * lax.exp(size * size) * _like(_ROOT_PI / 2, y)
    return jnp.where(jnp.isfinite(step), jnp.sign(x) * (size - step), x)


def erfcinv(y: Any) -> Any:
    """The inverse of erfc: that of erf in the middle, Newton's method on log(erfc) near 0 and 2."""
    tail = jnp.minimum(y, 2 - y)
    far = (tail < 0.5) & (tail > 0)
    safe = jnp.where(far, tail, 0.25)
    log_tail = lax.log(safe)
    x = lax.sqrt(-log_tail - 0.5 * lax.log(1 - _like(np.pi, y) * log_tail))
    for _ in range(6):
        scaled = erfcx(x)
        # log(erfc(x)) = log(erfcx(x)) - x^2; its derivative is -2 / (sqrt(pi) erfcx(x)).
        x = x + (lax.log(scaled) - x * x - log_tail) * scaled * _like(_ROOT_PI / 2, y)
    return jnp.where(far, jnp.where(y < 1, x, -x), erfinv(1 - y))


# -- the gamma function's family --------------------------------------------------------------------------------------


def gammal(k: Any, x: Any) -> Any:
    """The lower incomplete gamma function, not divided by gamma(k)."""
    return special.gammainc(k, x) * special.gamma(k)


def gammau(k: Any, x: Any) -> Any:
    """The upper incomplete gamma function, not divided by gamma(k)."""
    return special.gammaincc(k, x) * special.gamma(k)


def chi2sf(x: Any, k: Any) -> Any:
    """The probability that a chi-squared variable with k degrees of freedom exceeds x."""
    return special.gammaincc(k / 2, x / 2)


def tri_gamma(x: Any) -> Any:
    """The second derivative of log(gamma(x)); negative x by reflection."""
    value = special.polygamma(1, jnp.where(x > 0, x, 1 - x))
    reflected = jnp.where(x > 0, _like(0.5, x), x)
    sine = jnp.sin(_like(np.pi, x) * (reflected - jnp.round(reflected)))
    return jnp.where(x > 0, value, _like(np.pi**2, x) / (sine * sine) - value)


# -- Bessel functions -------------------------------------------------------------------------------------------------

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
#: Hankel's expansion is used beyond this x (further out for large orders)
_FAR = 25.0
#: enough for (x/2)^2 up to that of I's, whose terms are all positive, at _FAR
_SERIES_TERMS = 80


def _quadrature(integrand: Callable[[Any], Any], upper: float, like: Any) -> Any:
    """The integral of a smooth function from 0 to `upper`, by Gauss and Legendre's rule along a new first axis."""
    along, dtype = (-1, *[1] * like.ndim), like.dtype
    nodes = jnp.asarray((_NODES + 1) * upper / 2, dtype).reshape(along)
    weights = jnp.asarray(_WEIGHTS * upper / 2, dtype).reshape(along)
    return jnp.sum(weights * integrand(nodes), axis=0)


def _series(v: Any, x: Any, sign: int) -> Any:
    """(x/2)^v / gamma(v + 1) * sum of (sign x^2/4)^k / (k! (v+1)...(v+k))."""
    quarter = x * x / 4 * sign
    term = total = jnp.ones_like(x)
    for k in range(1, _SERIES_TERMS):
        below = (v + k) * k
        term = term * quarter / jnp.where(below == 0, jnp.ones_like(below), below)
        total = total + term
    log_factor = v * lax.log(jnp.where(x > 0, x / 2, jnp.ones_like(x))) - lax.lgamma(v + 1)
    sign_of_gamma = jnp.where((v + 1 < 0) & (jnp.floor(v + 1) % 2 != 0), -1.0, 1.0).astype(x.dtype)
    at_zero = jnp.where(v == 0, 1.0, jnp.where(v > 0, 0.0, jnp.inf)).astype(x.dtype)
    return jnp.where(x > 0, total * lax.exp(log_factor) * sign_of_gamma, at_zero)


def _hankel(v: Any, x: Any) -> tuple[Any, Any]:
    """The sums of a_k(v) / x^k over even and odd k, with the signs of 9.2.9 left to the caller."""
    mu = 4 * v * v
    term = jnp.ones_like(x)
    even: list[Any] = [term]
    odd: list[Any] = []
    for k in range(1, 24):
        term = term * (mu - (2 * k - 1) ** 2) / (k * 8 * x)
        (odd if k % 2 else even).append(term)
    return even, odd


def _alternating(terms: list[Any]) -> Any:
    return sum(t if i % 2 == 0 else -t for i, t in enumerate(terms))


def _bessel(v: Any, x: Any, sign: int, middle: Callable[..., Any], far: Callable[..., Any]) -> Any:
    """J_v (sign -1) or I_v (sign 1) for real v; NaN for negative x unless v is whole."""
    whole = v == jnp.round(v)
    # Orders -n are those of n: for J up to the sign.
    order = jnp.where(whole, jnp.abs(v), v)
    size = jnp.abs(x)
    near = size < _FAR if sign > 0 else size * size < jnp.where(order > -1, 4 * (order + 1), 4)
    beyond = ~near & (size > jnp.maximum(_FAR, order * order / 8))
    between = jnp.clip(size, 1e-3, None)
    value = jnp.where(
        near,
        _series(order, jnp.where(near, size, jnp.ones_like(x)), sign),
        jnp.where(beyond, far(order, jnp.where(beyond, size, _FAR)), middle(order, jnp.where(beyond, 1.0, between))),
    )
    odd = jnp.round(order) % 2 != 0
    flip = (odd & (x < 0)) ^ (odd & (v < 0)) if sign < 0 else odd & (x < 0)
    value = jnp.where(whole & flip, -value, value)
    return jnp.where((x < 0) & ~whole, jnp.nan, value)


def _tail(v: Any, x: Any, growth: Callable[[Any], Any]) -> Any:
    """sin(v pi)/pi times the integral of exp(-x growth(t) - v t) over all t > 0: zero for whole orders."""
    sine = jnp.where(v == jnp.round(v), 0.0, jnp.sin(_like(np.pi, x) * v) / np.pi)
    upper = 12.0
    return sine * _quadrature(lambda t: lax.exp(-x * growth(t) - v * t), upper, x)


def _j_middle(v: Any, x: Any) -> Any:
    wave = _quadrature(lambda t: lax.cos(v * t - x * lax.sin(t)), np.pi, x) / np.pi
    return wave - _tail(v, x, lax.sinh)


def _j_far(v: Any, x: Any) -> Any:
    even, odd = _hankel(v, x)
    phase = x - (v / 2 + 0.25) * _like(np.pi, x)
    wave = lax.cos(phase) * _alternating(even) - lax.sin(phase) * _alternating(odd)
    return lax.sqrt(2 / (_like(np.pi, x) * x)) * wave


def _i_middle(v: Any, x: Any) -> Any:
    growth = _quadrature(lambda t: lax.exp(x * lax.cos(t)) * lax.cos(v * t), np.pi, x) / np.pi
    return growth - _tail(v, x, lax.cosh)


def _i_far(v: Any, x: Any) -> Any:
    even, odd = _hankel(v, x)
    return lax.exp(x) / lax.sqrt(2 * _like(np.pi, x) * x) * (sum(even) - sum(odd))


def jv(v: Any, x: Any) -> Any:
    """The Bessel function of the first kind and real order v."""
    return _bessel(v, x, -1, _j_middle, _j_far)


def iv(v: Any, x: Any) -> Any:
    """The modified Bessel function of the first kind and real order v."""
    return _bessel(v, x, 1, _i_middle, _i_far)


#: rows for `tx.lowering.elemwise`
ROWS: dict[str, Any] = {
    "erf": lax.erf,
    "erfc": lax.erfc,
    "erfcx": erfcx,
    "erfinv": erfinv,
    "erfcinv": erfcinv,
    "gamma": special.gamma,
    "gammaln": lax.lgamma,
    "psi": lax.digamma,
    "tri_gamma": tri_gamma,
    "gammainc": special.gammainc,
    "gammaincc": special.gammaincc,
    "gammal": gammal,
    "gammau": gammau,
    "chi2sf": chi2sf,
    "j0": lambda x: jv(jnp.zeros_like(x), x),
    "j1": lambda x: jv(jnp.ones_like(x), x),
    "jv": jv,
    "i0": special.i0,
    "i1": special.i1,
    "iv": iv,
    "xlogx": lambda x: special.xlogy(x, x),
    "xlogy0": special.xlogy,
}
