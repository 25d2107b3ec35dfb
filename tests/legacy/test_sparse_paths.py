"""``theano.sparse`` and what is below it: the old names lead to tx, and graphs that Theano has pickled load."""

import importlib
import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

import tx
import tx.sparse as S

PICKLE = Path(__file__).parent.parent / "golden" / "pickles" / "sparse.pkl"


@pytest.fixture(scope="module", autouse=True)
def theano():
    tx.install()


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("theano.sparse", "structured_dot", S.structured_dot),
        ("theano.sparse.basic", "_is_sparse_variable", S.basic._is_sparse_variable),
        ("theano.sparse.basic", "SparseFromDense", S.SparseFromDense),
        ("theano.sparse.type", "SparseType", S.SparseType),
        ("theano.sparse.type", "_is_sparse", S.basic._is_sparse),
        ("theano.sparse.sharedvar", "sparse_constructor", S.shared),
        ("theano.sparse.utils", "hash_from_sparse", S.hash_from_sparse),
        ("theano.sparse.opt", "StructuredDotCSC", S.StructuredDot),
        ("theano.sparse.sandbox.sp", "sp_sum", S.sp_sum),
        ("theano.sparse.sandbox.sp2", "sampling_dot", S.sampling_dot),
        ("theano.sparse.sandbox.truedot", "TrueDot", S.TrueDot),
    ],
)
def test_path(path, name, expected):
    assert getattr(importlib.import_module(path), name) is expected


def test_names_of_rewrites_and_classes():
    opt = importlib.import_module("theano.sparse.opt")
    assert "local_csm_grad_c" in str(opt.local_csm_grad_c)
    with pytest.raises(AttributeError):
        opt.no_such_name
    assert S.basic._mtypes == [sp.csr_matrix, sp.csc_matrix, sp.bsr_matrix]
    assert S.basic._mtype_to_str[sp.csc_matrix] == "csc"
    with pytest.raises(AttributeError):
        S.basic.no_such_name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # scipy's, about the module that its class lay in
def test_theanos_pickles_load():
    weights, x, d, outputs = pickle.loads(PICKLE.read_bytes())
    value = weights.get_value()
    assert value.toarray().tolist() == [[1, 0, 2], [0, 0, 3.5]] and weights.type == S.csr_dmatrix
    product, structured, exp = tx.function([x, d], outputs)(value, np.eye(3))
    np.testing.assert_allclose(product, value.toarray() ** 2)
    np.testing.assert_allclose(structured, value.toarray())
    np.testing.assert_allclose(exp.data, np.exp(value.data))
