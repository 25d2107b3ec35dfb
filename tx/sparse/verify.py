"""Gradients of sparse expressions, held against finite differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx.gradient.verify import verify_grad
from tx.graph import Variable
from tx.sparse.convert import constant
from tx.sparse.dense import DenseFromSparse, SparseFromDense
from tx.sparse.parts import CSM, csm_data
from tx.sparse.type import SparseType, _is_sparse


def _of_dense(matrix: Any, structured: bool) -> tuple[Any, Callable[[Any], Any]]:
    """An array of what may be varied in a matrix, and what makes the matrix of such an array."""
    if structured:
        whole = constant(matrix)
        parts = matrix.indices, matrix.indptr, np.asarray(matrix.shape, "int32")
        return matrix.data, lambda data: CSM(whole.format)(data, *parts)
    return matrix.toarray(), SparseFromDense(matrix.format)


def verify_grad_sparse(op: Callable[..., Any], pt: Any, structured: bool = False, **options: Any) -> None:
    """Compare the gradient of `op` at `pt`, a list of arrays and scipy matrices, with finite differences.

    The elements of matrices are varied: with `structured` those that are stored, otherwise all. `options` are those of
    `tx.gradient.verify_grad`; there is a generator of random numbers without one.
    Raises GradientError where they disagree. Source: theano.sparse.tests.test_basic.verify_grad_sparse.
    """
    made = [_of_dense(p, structured) if _is_sparse(p) else (p, lambda x: x) for p in pt]
    options.setdefault("rng", np.random.RandomState(0))

    def dense(*inputs: Variable) -> Any:
        result = op(*(make(x) for x, (_, make) in zip(inputs, made, strict=True)))
        if not isinstance(result.type, SparseType):
            return result
        return csm_data(result) if structured else DenseFromSparse(structured=False)(result)

    verify_grad(dense, [array for array, _ in made], **options)


__all__ = ["verify_grad_sparse"]
