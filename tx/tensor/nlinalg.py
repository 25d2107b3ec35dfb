"""Linear algebra as numpy has it: inverse, determinant, decompositions, norms. Source: theano.tensor.nlinalg.

Where numpy reads one triangle of a symmetric matrix, so do the Ops, and the gradient is that of this triangle. Integer
matrices are computed with in float64 (Theano converts the results back, which leaves nothing of an inverse).
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import eye
from tx.tensor.diagonals import AllocDiag, ExtractDiag, diagonal
from tx.tensor.extra import diag as _diag
from tx.tensor.products import dot
from tx.tensor.reduction import max as largest
from tx.tensor.reduction import min as smallest
from tx.tensor.reduction import prod as product
from tx.tensor.reduction import sum as total
from tx.tensor.shapes import reshape, shape_i
from tx.tensor.type import TensorType


def as_matrix(x: Any, op: Any) -> Any:
    """`x` as a matrix of floats or complex numbers. Raises AssertionError (as Theano does) for another rank."""
    x = as_tensor_variable(x)
    if x.ndim != 2:
        raise AssertionError(f"{op} wants a matrix, got {x}, which has {x.ndim} dimensions")
    return F.cast(x, "float64") if dt.is_discrete(x.dtype) else x


class OfMatrix(Op):
    """An Op of one matrix. `results` says what comes out: matrices, vectors or scalars, real ones or of its dtype."""

    __props__: tuple[str, ...] = ()
    results: ClassVar[tuple[str, ...]] = ("matrix",)

    def make_node(self, x: Any) -> Apply:
        """Raises AssertionError unless `x` is a matrix."""
        x = as_matrix(x, self)
        ranks = {"matrix": 2, "vector": 1, "scalar": 0}
        outputs = []
        for word in self.kinds():
            kind, _, what = word.rpartition(" ")
            dtype = {"complex64": "float32", "complex128": "float64"}.get(x.dtype, x.dtype) if kind else x.dtype
            outputs.append(TensorType(dtype, (False,) * ranks[what])())
        return Apply(self, [x], outputs)

    def kinds(self) -> tuple[str, ...]:
        """What comes out, for the parameters of this Op."""
        return self.results


class MatrixInverse(OfMatrix):
    """The inverse of a square matrix. Raises LinAlgError when run on a singular one."""

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """-inverse' g inverse', where ' transposes."""
        (inverse,), (g,) = outputs, gradients
        flipped = F.conj_if_complex(inverse).T
        return [-dot(dot(flipped, g), flipped)]


class MatrixPinv(OfMatrix):
    """The Moore-Penrose pseudo-inverse of any matrix."""


class Det(OfMatrix):
    """The determinant of a square matrix."""

    results = ("scalar",)


class Eig(OfMatrix):
    """Eigenvalues and right eigenvectors of a square matrix, in its own dtype: of complex ones of a real matrix only
    the real parts. Runs on CPUs only (there is no such routine on accelerators).
    """

    results = ("vector", "matrix")

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """For distinct eigenvalues, and eigenvectors of length 1. Source: Boeddeker et al. 2017, arXiv:1701.00392."""
        values, vectors = outputs
        of_values, of_vectors = _zero_disconnected(outputs, gradients)
        n = shape_i(values, 0)
        adjoint = F.conj_if_complex(vectors).T
        along = dot(adjoint, of_vectors)
        turned = along - dot(adjoint, vectors) * F.real(diagonal(along))
        apart = F.conj_if_complex(values.dimshuffle("x", 0) - values.dimshuffle(0, "x"))
        same = F.eq(eye(n, dtype="int8"), 1)
        inner = F.switch(same, of_values.dimshuffle("x", 0), turned / F.switch(same, F.ones_like(apart), apart))
        return [dot(matrix_inverse(adjoint), dot(inner, adjoint))]


class Eigh(OfMatrix):
    """Eigenvalues, ascending, and eigenvectors of a symmetric (Hermitian) matrix, of which one triangle is read."""

    __props__ = ("UPLO",)
    results = ("real vector", "matrix")

    def __init__(self, UPLO: str = "L"):
        if UPLO not in ("L", "U"):
            raise AssertionError(f"UPLO must be 'L' or 'U', not {UPLO!r}")
        self.UPLO = UPLO


class QRFull(OfMatrix):
    """Q and R, with Q orthonormal and R upper triangular: ``mode`` 'reduced' or 'complete' ('full' is 'reduced')."""

    __props__ = ("mode",)
    results = ("matrix", "matrix")

    def __init__(self, mode: str):
        self.mode = mode


class QRIncomplete(OfMatrix):
    """R alone."""

    __props__ = ("mode",)

    def __init__(self, mode: str = "r"):
        self.mode = mode


class SVD(OfMatrix):
    """The singular values, descending, between U and V transposed."""

    __props__ = ("full_matrices", "compute_uv")

    def __init__(self, full_matrices: Any = True, compute_uv: Any = True):
        self.full_matrices = bool(full_matrices)
        self.compute_uv = bool(compute_uv)

    def kinds(self) -> tuple[str, ...]:
        """The values alone, unless vectors were asked for."""
        return ("matrix", "real vector", "matrix") if self.compute_uv else ("real vector",)


class lstsq(Op):
    """The least-squares solution of ``x @ solution = y``: ``lstsq()(x, y, rcond)`` gives the solution, the residuals,
    the rank of `x` and its singular values. Runs on the host: how many residuals there are depends on the rank.

    Source: numpy.linalg.lstsq.
    """

    __props__ = ()

    def make_node(self, x: Any, y: Any, rcond: Any) -> Apply:
        """Raises AssertionError unless `x` is a matrix, TypeError unless `y` is a vector or a matrix."""
        x, y = as_matrix(x, self), as_tensor_variable(y)
        if y.ndim not in (1, 2):
            raise TypeError("lstsq wants a vector or a matrix of right sides", y.type)
        dtype = dt.upcast(x.dtype, dt.upgrade_to_float(y.dtype))
        real = {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)
        types = [(dtype, y.ndim), (real, 1), ("int64", 0), (real, 1)]
        return Apply(self, [x, y, as_tensor_variable(rcond)], [TensorType(d, (False,) * n)() for d, n in types])

    def perform(self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[Any], params: Any = None) -> None:
        """numpy's."""
        x, y, rcond = inputs
        # Theano's program may say -1, as numpy once did, for the precision of the machine.
        results = np.linalg.lstsq(x, y, rcond=-1 if rcond < 0 else float(rcond))
        for storage, result, output in zip(output_storage, results, node.outputs, strict=True):
            storage[0] = np.asarray(result, output.type.dtype)


matrix_inverse, pinv, det, eig = MatrixInverse(), MatrixPinv(), Det(), Eig()
alloc_diag, extract_diag = AllocDiag(), ExtractDiag()


def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors of a symmetric matrix, of which the triangle `UPLO` is read."""
    return Eigh(UPLO)(a)


def qr(a: Any, mode: str = "reduced") -> Any:
    """The QR factors of `a`: ``'reduced'`` (or 'full', 'economic'), ``'complete'``, or ``'r'``, which gives R alone.

    Raises ValueError for another mode.
    """
    modes = {"full": "reduced", "reduced": "reduced", "economic": "reduced", "complete": "complete"}
    if mode == "r":
        return QRIncomplete()(a)
    if mode not in modes:
        raise ValueError(f"Unrecognized mode {mode!r}")
    return QRFull(modes[mode])(a)


def svd(a: Any, full_matrices: Any = 1, compute_uv: Any = 1) -> Any:
    """U, the singular values (descending) and V transposed; or, unless `compute_uv`, the values alone."""
    return SVD(full_matrices, compute_uv)(a)


def matrix_dot(*args: Any) -> Any:
    """The product of several matrices, from left to right."""
    result = args[0]
    for other in args[1:]:
        result = dot(result, other)
    return result


def diag(x: Any) -> Any:
    """The matrix with a vector on its diagonal, or the diagonal of a matrix. Raises TypeError for other ranks."""
    x = as_tensor_variable(x)
    if x.ndim not in (1, 2):
        raise TypeError("diag requires vector or matrix argument", x)
    return _diag(x)


def trace(X: Any) -> Any:
    """The sum of the diagonal."""
    return total(diagonal(X))


def matrix_power(M: Any, n: int) -> Any:
    """`M` multiplied by itself, by repeated squaring; the inverse's power for a negative `n`, the identity for 0."""
    M, n = as_tensor_variable(M), operator.index(n)
    if n < 0:
        return matrix_power(matrix_inverse(M), -n)
    if n == 0:
        return eye(shape_i(M, 0), dtype=M.dtype)
    result, square = None, M
    while n:
        if n % 2:
            result = square if result is None else dot(result, square)
        n //= 2
        square = dot(square, square) if n else square
    return result


def norm(x: Any, ord: Any) -> Any:
    """The norm of a vector or of a matrix, as numpy.linalg.norm has it: `ord` None, 'fro', 'nuc', a number, 'inf'.

    Raises ValueError for an order that does not exist, or for more than two dimensions.
    """
    x = as_tensor_variable(x)
    if ord in ("inf", "-inf"):
        ord = float(ord)
    if x.ndim not in (1, 2):
        raise ValueError("norm is of vectors and matrices", x)
    if ord is None:
        return total(F.abs_(x**2)) ** 0.5
    return _vector_norm(x, ord) if x.ndim == 1 else _matrix_norm(x, ord)


def _vector_norm(x: Any, ord: Any) -> Any:
    if isinstance(ord, str):
        raise ValueError("Invalid norm order for vectors.", ord)
    if np.isinf(ord):
        return largest(F.abs_(x)) if ord > 0 else smallest(F.abs_(x))
    if ord == 0:
        return total(F.cast(F.neq(x, 0), "int64"))
    return total(F.abs_(x) ** ord) ** (1.0 / ord)


def _matrix_norm(x: Any, ord: Any) -> Any:
    if ord == "fro":
        return total(F.abs_(x**2)) ** 0.5
    if ord == "nuc":
        return total(svd(x, compute_uv=0))
    if isinstance(ord, str) or (abs(ord) not in (1, 2) and not np.isinf(ord)):
        raise ValueError("Invalid norm order for matrices.", ord)
    sizes = svd(x, compute_uv=0) if abs(ord) == 2 else total(F.abs_(x), axis=0 if abs(ord) == 1 else 1)
    return largest(sizes) if ord > 0 else smallest(sizes)


def _shape(x: Any) -> list[Any]:
    return [shape_i(x, d) for d in range(x.ndim)]


def _size(lengths: Sequence[Any]) -> Any:
    return product(as_tensor_variable(list(lengths))) if lengths else as_tensor_variable(1)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of `a` as a map from its last axes to its first `ind`. Source: numpy.linalg.tensorinv."""
    a = as_tensor_variable(a)
    if ind <= 0:
        raise ValueError("Invalid ind argument.", ind)
    rows, columns = _shape(a)[:ind], _shape(a)[ind:]
    inverse = matrix_inverse(reshape(a, [_size(rows), _size(columns)], 2))
    return reshape(inverse, [*columns, *rows], a.ndim)


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    """The `x` for which ``tensordot(a, x, x.ndim)`` is `b`; `axes` of `a` are moved to its end first.

    Source: numpy.linalg.tensorsolve.
    """
    from tx.tensor.slinalg import solve

    a, b = as_tensor_variable(a), as_tensor_variable(b)
    last = [d % a.ndim for d in axes or ()]
    a = a.dimshuffle(*(d for d in range(a.ndim) if d not in last), *last)
    wanted = _shape(a)[b.ndim :]
    solution = solve(reshape(a, [_size(wanted), _size(wanted)], 2), b.flatten())
    return reshape(solution, wanted, len(wanted))


def TensorInv(ind: int = 2) -> Any:
    """``TensorInv(ind)(a)`` is ``tensorinv(a, ind)``."""
    return lambda a: tensorinv(a, ind)


def TensorSolve(axes: Sequence[int] | None = None) -> Any:
    """``TensorSolve(axes)(a, b)`` is ``tensorsolve(a, b, axes)``."""
    return lambda a, b: tensorsolve(a, b, axes)


def _zero_disconnected(outputs: Sequence[Any], grads: Sequence[Any]) -> list[Any]:
    """The gradients, with zeros of the output's shape for those that are disconnected."""
    return [
        F.zeros_like(o) if type(g.type).__name__ == "DisconnectedType" else g
        for o, g in zip(outputs, grads, strict=True)
    ]


__all__ = [
    "SVD", "AllocDiag", "Det", "Eig", "Eigh", "ExtractDiag", "MatrixInverse", "MatrixPinv", "QRFull",
    "QRIncomplete", "TensorInv", "TensorSolve", "alloc_diag", "det", "diag", "eig", "eigh", "extract_diag", "lstsq",
    "matrix_dot", "matrix_inverse", "matrix_power", "norm", "pinv", "qr", "svd", "tensorinv", "tensorsolve", "trace",
]  # fmt: skip
