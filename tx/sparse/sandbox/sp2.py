"""Random matrices, drawn by numpy's global generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.gradient.rules import grad_undefined
from tx.graph import Apply
from tx.scalar import dtypes as dt
from tx.sparse.convert import as_sparse_variable
from tx.sparse.dense import Remove0, remove0
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, disconnected, sparse_output
from tx.tensor.convert import as_tensor_variable


class Poisson(SparseOp):
    """Draws from Poisson distributions with the stored elements for means.

    Source: theano.sparse.sandbox.sp2.Poisson.
    """

    def make_node(self, x: Any) -> Apply:
        """One sparse input."""
        x = as_sparse_variable(x)
        return Apply(self, [x], [x.type()])

    def compute(self, x: Any) -> Any:
        """Where `x` stores elements, the result does."""
        drawn = x.copy()
        drawn.data = np.random.poisson(x.data).astype(x.dtype, copy=False)
        drawn.eliminate_zeros()
        return drawn

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """There is none."""
        return [grad_undefined(self, 0, inputs[0], "No gradient exists for a draw by its mean")]


class Binomial(SparseOp):
    """Draws from a binomial distribution. Source: theano.sparse.sandbox.sp2.Binomial."""

    __props__ = ("format", "dtype")

    def __init__(self, format: str, dtype: str):
        self.format, self.dtype = format, dtype

    def make_node(self, n: Any, p: Any, shape: Any) -> Apply:
        """The number of trials, an integer; their probability, a float; a vector of integers. Raises AssertionError."""
        n, p, shape = as_tensor_variable(n), as_tensor_variable(p), as_tensor_variable(shape)
        if n.dtype not in dt.discrete_dtypes or p.dtype not in dt.float_dtypes or shape.dtype not in dt.discrete_dtypes:
            raise AssertionError("an integer, a float, and integers for the shape", n, p, shape)
        return Apply(self, [n, p, shape], [sparse_output(self.format, self.dtype)])

    def compute(self, n: Any, p: Any, shape: Any) -> Any:
        """Zeros are not stored."""
        return scipy_sparse.csr_matrix(np.random.binomial(n, p, size=tuple(shape)))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """The shape has no derivative."""
        return [[True], [True], [False]]

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """There is none."""
        why = "No gradient exists for a draw by the parameters of its distribution"
        return [grad_undefined(self, k, inputs[k], why) for k in (0, 1)] + disconnected()


csr_fbinomial, csc_fbinomial = Binomial("csr", "float32"), Binomial("csc", "float32")
csr_dbinomial, csc_dbinomial = Binomial("csr", "float64"), Binomial("csc", "float64")


class Multinomial(SparseOp):
    """Draws from multinomial distributions: `n` trials (one number, or one for each row), and the probabilities that a
    row (of compressed columns: a column) stores. Source: theano.sparse.sandbox.sp2.Multinomial.
    """

    def make_node(self, n: Any, p: Any) -> Apply:
        """A number or vector, and a sparse input."""
        n, p = as_tensor_variable(n), as_sparse_variable(p)
        return Apply(self, [n, p], [p.type()])

    def compute(self, n: Any, p: Any) -> Any:
        """Raises ValueError where there is not one number for each row."""
        if n.ndim and len(n) != len(p.indptr) - 1:
            raise ValueError("The number of element of n must be the same as the number of row of p.")
        counts = np.broadcast_to(n, len(p.indptr) - 1)
        drawn = p.copy()
        for i, (a, b) in enumerate(zip(p.indptr, p.indptr[1:], strict=False)):
            drawn.data[a:b] = np.random.multinomial(int(counts[i]), p.data[a:b])
        return drawn

    def grad(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """There is none."""
        why = "No gradient exists for a draw by the parameters of its distribution"
        return [grad_undefined(self, k, v, why) for k, v in enumerate(inputs)]


poisson, multinomial = Poisson(), Multinomial()
EliminateZeros, eliminate_zeros = Remove0, remove0

__all__ = [
    "Binomial",
    "EliminateZeros",
    "Multinomial",
    "Poisson",
    "csc_dbinomial",
    "csc_fbinomial",
    "csr_dbinomial",
    "csr_fbinomial",
    "eliminate_zeros",
    "multinomial",
    "poisson",
]
