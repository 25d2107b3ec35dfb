"""Cholesky, solving, generalised eigenvalues, the exponential."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import jax.scipy.linalg
import numpy as np
from jax import lax

from tx.lowering.nlinalg import lu, require_square, singular, solve_by_lu, triangle
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor import slinalg as ops


def _not_definite(_: int) -> np.linalg.LinAlgError:
    return np.linalg.LinAlgError("the matrix is not positive definite")


def _cholesky(x: Any, lower: bool) -> Any:
    factor = lax.linalg.cholesky(triangle(x, lower), symmetrize_input=False)
    return factor if lower else factor.T.conj()


@lowers(ops.Cholesky)
def cholesky(trace: Trace, node: Any, x: Any) -> Any:
    """NaNs say that there is no factor."""
    require_square(x)
    if not x.size:
        return x
    factor = _cholesky(x, node.op.lower)
    failed = jnp.isnan(factor)
    if node.op.on_error == "raise":
        trace.check(~failed, _not_definite)
    return jnp.where(jnp.any(failed), jnp.full_like(factor, jnp.nan), factor)


@lowers(ops.Solve)
def solve(trace: Trace, node: Any, A: Any, b: Any) -> Any:
    """By substitution where A is triangular, by LU otherwise."""
    require_square(A)
    if A.shape[0] != b.shape[0]:
        raise ValueError(f"Input b has to have same number of rows as input a: {b.shape} does not fit {A.shape}")
    dtype = node.outputs[0].type.dtype
    A, b = A.astype(dtype), b.astype(dtype)
    if not b.size:
        return b
    columns = b if b.ndim == 2 else b[:, None]
    if node.op.A_structure.endswith("triangular"):
        trace.check(jnp.diagonal(A) != 0, singular)
        lower = node.op.A_structure == "lower_triangular"
        x = lax.linalg.triangular_solve(A, columns, left_side=True, lower=lower)
    else:
        x = solve_by_lu(*lu(trace, A), columns)
    return x.reshape(b.shape)


@lowers(ops.Eigvalsh)
def eigvalsh(trace: Trace, node: Any, a: Any, b: Any) -> Any:
    """With b = L L', the eigenvalues of a are those of L^-1 a L'^-1."""
    require_square(a)
    require_square(b)
    lower = node.op.lower
    dtype = jnp.promote_types(a.dtype, b.dtype)
    a, b = triangle(a, lower).astype(dtype), b.astype(dtype)
    factor = _cholesky(b, lower)
    factor = factor if lower else factor.T.conj()
    trace.check(~jnp.isnan(factor), _not_definite)
    half = lax.linalg.triangular_solve(factor, a, left_side=True, lower=True)
    whole = lax.linalg.triangular_solve(factor, half.T.conj(), left_side=True, lower=True)
    return jnp.linalg.eigvalsh((whole + whole.T.conj()) / 2, symmetrize_input=False)


@lowers(ops.Expm)
def expm(trace: Trace, node: Any, x: Any) -> Any:
    """By scaling, squaring and Padé's approximation."""
    require_square(x)
    return jax.scipy.linalg.expm(x) if x.size else x
