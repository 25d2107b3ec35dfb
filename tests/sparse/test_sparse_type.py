"""Sparse types and variables: what is a value of theirs, what they are called, when they are equal."""

import copy
import pickle

import numpy as np
import pytest
import scipy.sparse as sp

import tx
import tx.sparse as S
import tx.tensor as T
from tx.sparse.parts import coordinates, padded_length

A = sp.csr_matrix(np.array([[1.0, 0, 2], [0, 0, 3.5], [0, -1, 0], [4, 0, 0]]))
CSR = S.SparseType("csr", "float64")


@pytest.mark.parametrize(
    ("value", "options", "error"),
    [
        (A, {}, None),
        (A, {"strict": True}, None),
        (A.tocsc(), {}, None),
        (A.tocsc(), {"strict": True}, TypeError),
        (A.toarray(), {}, None),
        (A.toarray(), {"strict": True}, TypeError),
        (sp.csr_array(A), {}, None),
        (A.astype("float32"), {}, NotImplementedError),
        (A.astype("float32"), {"allow_downcast": True}, None),
        ([[1, 2], [3, 4]], {}, NotImplementedError),
        (3, {}, NotImplementedError),
        ("a", {}, TypeError),
        (S.csr_matrix(), {}, TypeError),
    ],
)
def test_filter(value, options, error):
    if error is not None:
        with pytest.raises(error):
            CSR.filter(value, **options)
        return
    found = CSR.filter(value, **options)
    assert type(found) is sp.csr_matrix and found.dtype == "float64" and (found != A).nnz == 0
    assert CSR.is_valid_value(found)


def test_types():
    assert CSR == S.csr_dmatrix == S.SparseType("csr", "float64") and hash(CSR) == hash(S.csr_dmatrix)
    assert not {S.csc_dmatrix, S.csr_fmatrix, T.dmatrix} & {CSR}
    assert str(CSR) == "Sparse[float64, csr]" and CSR.ndim == 2
    assert CSR.clone(format="csc") == S.csc_dmatrix and pickle.loads(pickle.dumps(CSR)) == CSR
    assert CSR.values_eq(A, A.tocsc()) and not CSR.values_eq(A, 2 * A) and not CSR.values_eq(A, A.toarray())
    assert CSR.values_eq_approx(A, A * (1 + 1e-9)) and not CSR.values_eq_approx(A, A.tocsc())
    assert CSR.may_share_memory(A, A.T) and not CSR.may_share_memory(A, A.copy())
    assert CSR.may_share_memory(A.data, A) and not CSR.may_share_memory(1, 2)
    assert CSR.get_size(CSR.get_shape_info(A)) == 5 * 8 + 4 * (5 + 5)


def test_texts():
    assert str(S.csr_matrix("x")) == repr(S.csr_matrix()) == "SparseVariable{csr,float64}"
    assert str(S.constant(A)) == "SparseConstant{csr,float64,shape=(4, 3),nnz=5}"
    assert str(tx.shared(A)) == "<Sparse[float64, csr]>" and str(tx.shared(A, "W")) == "W"


def test_equal_constants_are_one():
    a, b = S.constant(A), S.constant(A.copy())
    assert a.equals(b) and not a.equals(S.constant(2 * A)) and not a.equals(S.constant(A.tocsc()))
    assert S.hash_from_sparse(A) == S.hash_from_sparse(A.copy()) != S.hash_from_sparse(A.tocsc())
    f = tx.function([], [S.sp_sum(a), S.sp_sum(b)])
    assert f.maker.outputs[0] is f.maker.outputs[1]


def test_pickles_and_copies():
    x, d = S.csr_matrix("x"), T.dmatrix("d")
    shared = tx.shared(A, "A")
    for again in (copy.copy(shared), pickle.loads(pickle.dumps(shared))):
        assert (again.get_value() != A).nnz == 0 and again.type == CSR and again.name == "A"
    x2, d2, y2 = pickle.loads(pickle.dumps((x, d, S.dot(x * shared, d) + S.dot(S.constant(A), d))))
    expected = A.multiply(A) @ np.eye(3) + A
    np.testing.assert_allclose(tx.function([x2, d2], y2)(A, np.eye(3)), expected)
    f = pickle.loads(pickle.dumps(tx.function([d], S.dot(shared, d))))
    np.testing.assert_allclose(f(np.eye(3)), A.toarray())


def test_elements_are_padded_outside_of_the_matrix():
    assert [padded_length(n) for n in (0, 1, 8, 9, 100, 128, 129, 1000)] == [0, 8, 8, 16, 104, 128, 144, 1024]
    for matrix in (A, A.tocsc(), sp.bsr_matrix(A), sp.csr_matrix((4, 3))):
        data, rows, columns = coordinates(matrix)
        inside = rows < 4
        assert len(data) == padded_length(matrix.tocsr().nnz) and np.array_equal(inside, columns < 3)
        again = sp.coo_matrix((data[inside], (rows[inside], columns[inside])), shape=(4, 3))
        assert (again != matrix).nnz == 0 and not data[~inside].any()
