"""Gradients of every Op against finite differences, by all elements and by those that are stored."""

import numpy as np
import pytest
import scipy.sparse as sp

import tx.sparse as S
import tx.tensor as T
from tx.gradient import GradientError, zero_grad

RNG = np.random.RandomState(0)
X = sp.csr_matrix(np.array([[1.0, 0, 2], [0, 0, 3.5], [0, -1, 0], [4, 0, 0]]))
C = X.tocsc()
D, E = RNG.randn(4, 3), RNG.randn(3, 2)
V, W = RNG.randn(3), RNG.randn(4)
Q = sp.csr_matrix(np.array([[1.0, 0, 2], [0, 5, 0], [0, 3, 4]]))

#: name -> function, point
BOTH = {
    "neg": (lambda x: -x, [X]),
    "transpose": (lambda x: x.T, [C]),
    "cast": (lambda x: S.cast(x, "float64"), [X]),
    "mul_s_d": (S.mul_s_d, [X, D]),
    "mul_s_number": (lambda x, s: x * s, [X, np.array(1.5)]),
    "mul_s_v": (S.mul_s_v, [X, V]),
    "row_scale": (S.row_scale, [X, W]),
    "col_scale": (S.col_scale, [C, V]),
    "clean": (S.ensure_sorted_indices, [X]),
    "csm": (lambda x: S.csm_data(x) ** 2, [X]),
    "sampling_dot": (lambda x, y: S.sampling_dot(x, y, S.constant(X)), [D, RNG.randn(3, 3)]),
    "square_diagonal": (S.square_diagonal, [V]),
}
STRUCTURED = {
    "structured_dot": (S.structured_dot, [X, E]),
    "structured_dot_csc": (S.structured_dot, [C, E]),
    "structured_dot_left": (S.structured_dot, [D.T, X]),
    "toarray": (lambda x: x.toarray() * T.constant(D), [X]),
    "add_s_d": (lambda x, d: x + d**2, [X, D]),
    "structured_exp": (S.structured_exp, [X]),
    "structured_add_s_v": (S.structured_add_s_v, [X, V]),
    "sp_sum": (lambda x: S.sp_sum(x, axis=1, sparse_grad=True), [X]),
    "diag": (S.diag, [Q]),
    "slice": (lambda x: x[1:, :2].toarray(), [X]),
    "element": (lambda x: x[1, 2], [X]),
    "places": (lambda x: S.get_item_2lists(x, T.constant([2, 0, 2]), T.constant([1, 2, 1])), [X]),
    "rows": (lambda x: x[[0, 2]].toarray(), [X]),
    "add_s_s_data": (lambda x: S.add_s_s_data(x, x), [X]),
    "second order": (lambda x, y: S.structured_dot(x, S.structured_dot(x.T, y)), [X, RNG.randn(4, 2)]),
}
UNSTRUCTURED = {
    "dot": (S.dot, [X, E]),
    "dot_left": (S.dot, [D.T, C]),
    "dot_vector": (S.dot, [X, V]),
    "vector_dot": (S.dot, [W, X]),
    "true_dot": (S.true_dot, [X, Q]),
    "true_dot_dense": (S.true_dot, [X, E]),
    "true_dot_vector": (lambda x, v: S.true_dot(x, v), [X, V]),
    "add": (S.add, [X, C]),
    "mul": (S.mul, [X, C]),
    "hstack": (lambda x, y: S.hstack([x, y]), [X, C]),
    "vstack": (lambda x, y: S.vstack([x, y], format="csr"), [X, Q]),
    "from_dense": (S.csr_from_dense, [D]),
    "sp_sum": (lambda x: S.sp_sum(x, axis=0), [X]),
    "usmm": (S.usmm, [np.array(0.5), X, E, RNG.randn(4, 2)]),
}


@pytest.mark.parametrize("name", BOTH | STRUCTURED)
def test_structured(name):
    S.verify_grad_sparse(*(BOTH | STRUCTURED)[name], structured=True, n_tests=1)


@pytest.mark.parametrize("name", UNSTRUCTURED)
def test_of_all_elements(name):
    S.verify_grad_sparse(*UNSTRUCTURED[name], n_tests=1)


def test_a_wrong_gradient_is_found():
    with pytest.raises(GradientError):
        S.verify_grad_sparse(lambda x: S.csm_data(x) * zero_grad(S.csm_data(x)), [X], structured=True)
