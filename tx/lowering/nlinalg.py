"""Decompositions and inverses: jax's, with numpy's exceptions.

jax symmetrises what it decomposes as symmetric; LAPACK, and with it numpy, reads one triangle. Reading that triangle
here makes values and gradients those of numpy and Theano.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor import nlinalg as ops


def singular(_: int) -> np.linalg.LinAlgError:
    """The exception for a matrix that has no inverse."""
    return np.linalg.LinAlgError("Singular matrix")


def require_square(x: Any) -> None:
    """Raises LinAlgError unless `x` is square."""
    if x.shape[-1] != x.shape[-2]:
        raise np.linalg.LinAlgError(f"Last 2 dimensions of the array must be square, not {x.shape}")


def triangle(x: Any, lower: bool) -> Any:
    """The Hermitian matrix of which `x` holds one triangle."""
    half, strict = (jnp.tril(x), jnp.tril(x, -1)) if lower else (jnp.triu(x), jnp.triu(x, 1))
    return half + strict.T.conj()


def lu(trace: Trace, x: Any) -> tuple[Any, Any]:
    """The LU factors and the permutation; a pivot that is 0 raises LinAlgError."""
    factors, _, permutation = lax.linalg.lu(x)
    trace.check(jnp.diagonal(factors) != 0, singular)
    return factors, permutation


def solve_by_lu(factors: Any, permutation: Any, b: Any) -> Any:
    """The solution for a matrix `b` of right sides."""
    y = lax.linalg.triangular_solve(factors, b[permutation], left_side=True, lower=True, unit_diagonal=True)
    return lax.linalg.triangular_solve(factors, y, left_side=True, lower=False)


@lowers(ops.MatrixInverse)
def matrix_inverse(trace: Trace, node: Any, x: Any) -> Any:
    """The solutions for the columns of the identity."""
    require_square(x)
    return solve_by_lu(*lu(trace, x), jnp.eye(x.shape[0], dtype=x.dtype)) if x.size else x


@lowers(ops.MatrixPinv)
def pinv(trace: Trace, node: Any, x: Any) -> Any:
    """By the singular values, of which those below 1e-15 of the largest count as 0, as in numpy."""
    return jnp.linalg.pinv(x, rtol=1e-15) if x.size else x.T


@lowers(ops.Det)
def det(trace: Trace, node: Any, x: Any) -> Any:
    """The product of the pivots, with the sign of the permutation."""
    require_square(x)
    return jnp.linalg.det(x) if x.size else jnp.ones((), x.dtype)


@lowers(ops.Eig)
def eig(trace: Trace, node: Any, x: Any) -> Any:
    """LAPACK's; of complex results for a real matrix the real parts."""
    require_square(x)
    values, vectors = jnp.linalg.eig(x)
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return values, vectors
    return values.real.astype(x.dtype), vectors.real.astype(x.dtype)


@lowers(ops.Eigh)
def eigh(trace: Trace, node: Any, x: Any) -> Any:
    """Of the triangle that the Op names."""
    require_square(x)
    if not x.size:
        return jnp.zeros(0, node.outputs[0].type.dtype), x
    values, vectors = jnp.linalg.eigh(triangle(x, node.op.UPLO == "L"), symmetrize_input=False)
    return values, vectors


@lowers(ops.QRFull)
def qr(trace: Trace, node: Any, x: Any) -> Any:
    """Householder's."""
    return jnp.linalg.qr(x, mode=node.op.mode)


@lowers(ops.QRIncomplete)
def qr_r(trace: Trace, node: Any, x: Any) -> Any:
    """R alone."""
    return jnp.linalg.qr(x, mode="reduced")[1]


@lowers(ops.SVD)
def svd(trace: Trace, node: Any, x: Any) -> Any:
    """The values, and the vectors where they are wanted."""
    if not node.op.compute_uv:
        return jnp.linalg.svd(x, compute_uv=False)
    return jnp.linalg.svd(x, full_matrices=node.op.full_matrices)
