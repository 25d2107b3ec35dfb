"""Linear algebra as scipy has it: Cholesky, solve, eigenvalues, kron, expm. Source: theano.tensor.slinalg."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor.convert import as_tensor_variable
from tx.tensor.nlinalg import OfMatrix, as_matrix, eigh
from tx.tensor.products import outer
from tx.tensor.shapes import dimshuffle, reshape, shape_i
from tx.tensor.type import TensorType

STRUCTURES = ("general", "lower_triangular", "upper_triangular", "symmetric")


class Cholesky(OfMatrix):
    """The triangular L with ``L @ L.T`` (or, unless `lower`, U with ``U.T @ U``) equal to a positive definite matrix.

    One triangle of the matrix is read. For one that is not positive definite LinAlgError is raised (`on_error`
    'raise') or NaNs come out ('nan').
    """

    __props__ = ("lower", "on_error")

    def __init__(self, lower: bool = True, on_error: str = "raise"):
        if on_error not in ("raise", "nan"):
            raise ValueError('on_error must be one of "raise" or "nan"', on_error)
        self.lower = lower
        self.on_error = on_error


class Solve(Op):
    """The `x` with ``A @ x = b``, for a vector or matrix `b`; `A_structure` says what is known of A.

    Of a triangular A only that triangle is read. Raises LinAlgError when run on a singular A, ValueError when the
    lengths do not fit.
    """

    __props__ = ("A_structure", "lower")

    def __init__(
        self, A_structure: str = "general", lower: bool = False, overwrite_A: bool = False, overwrite_b: bool = False
    ):
        if A_structure not in STRUCTURES:
            raise ValueError("Invalid matrix structure argument", A_structure)
        self.A_structure = A_structure
        self.lower = lower

    def make_node(self, A: Any, b: Any) -> Apply:
        """Raises AssertionError unless A is a matrix and b a vector or a matrix."""
        A, b = as_matrix(A, self), as_tensor_variable(b)
        if b.ndim not in (1, 2):
            raise AssertionError(f"{self} wants a vector or a matrix of right sides, got {b}")
        dtype = dt.upcast(A.dtype, dt.upgrade_to_float(b.dtype) if not dt.is_discrete(b.dtype) else "float64")
        return Apply(self, [A, b], [TensorType(dtype, b.type.broadcastable)()])


class Eigvalsh(Op):
    """The eigenvalues w, ascending, of ``A v = w B v`` for a symmetric A and a positive definite B.

    The triangle that `lower` names is read of both.
    """

    __props__ = ("lower",)

    def __init__(self, lower: bool = True):
        if lower not in (True, False):
            raise AssertionError(f"lower must be True or False, not {lower!r}")
        self.lower = lower

    def make_node(self, a: Any, b: Any) -> Apply:
        """Raises AssertionError unless both are matrices."""
        a, b = as_matrix(a, self), as_matrix(b, self)
        dtype = dt.upcast(a.dtype, b.dtype)
        real = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
        return Apply(self, [a, b], [TensorType(real, (False,))()])


class Expm(OfMatrix):
    """The exponential of a square matrix."""


cholesky, solve, expm = Cholesky(), Solve(), Expm()
solve_lower_triangular = Solve("lower_triangular", lower=True)
solve_upper_triangular = Solve("upper_triangular", lower=False)
solve_symmetric = Solve("symmetric")


def eigvalsh(a: Any, b: Any = None, lower: bool = True) -> Any:
    """The eigenvalues, ascending, of ``a v = w b v`` (of `a` alone where `b` is None)."""
    return eigh(a, "L" if lower else "U")[0] if b is None else Eigvalsh(lower)(a, b)


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: for matrices the block matrix with blocks ``a[i, j] * b``.

    Raises TypeError when the ranks add up to less than 3. Source: numpy.kron, theano.tensor.slinalg.kron.
    """
    a, b = as_tensor_variable(a), as_tensor_variable(b)
    if a.ndim + b.ndim <= 2:
        raise TypeError(f"kron: inputs dimensions must sum to 3 or more. You passed {a.ndim} and {b.ndim}.")
    lengths = [shape_i(x, d) for x in (a, b) for d in range(x.ndim)]
    products = reshape(outer(a, b), lengths, len(lengths))
    if len(lengths) == 3:
        return dimshuffle(products, 1, 0, 2).flatten()
    swapped = dimshuffle(products, 0, 2, 1, *range(3, len(lengths)))
    n = [lengths[0], lengths[2], lengths[1], *lengths[3:]]
    return reshape(swapped, [n[0] * n[1], n[2] * n[3], *n[4:]], len(n) - 2)


__all__ = [
    "Cholesky", "Eigvalsh", "Expm", "Solve", "cholesky", "eigvalsh",
    "expm", "kron", "solve", "solve_lower_triangular", "solve_symmetric", "solve_upper_triangular",
]  # fmt: skip
