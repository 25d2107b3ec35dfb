"""What `get_scalar_constant_value` knows of an expression: the answers are Theano's."""

import numpy as np
import pytest

import tx.tensor as T
from tx.tensor.assertions import Assert

C = T.constant
X, M, COLUMN = T.dvector("x"), T.dmatrix("m"), T.dcol("c")

KNOWN = [
    (C(2) + 1, 3, "int8"),
    (C(2) * 3, 6, "int8"),
    (C(2) - 5, -3, "int8"),
    ((C(2) + 1) * 2, 6, "int8"),
    (T.cast(C(2.5), "int64"), 2, "int64"),
    (C(7) // 2, 3, "int8"),
    (C(7) / 2, 3.5, "float64"),
    (C(7) % 4, 3, "int8"),
    (T.minimum(C(2), C(3)), 2, "int8"),
    (T.switch(C(1), C(2), C(3)), 2, "int8"),
    (C([1, 1, 1]), 1, "int64"),
    (C(3.0).dimshuffle("x"), 3.0, "float32"),
    (T.alloc(C(3.0), 2, 2), 3.0, "float32"),
    (T.zeros((2,)), 0.0, "float64"),
    (T.ones_like(M), 1.0, "float64"),
    (Assert()(C(2), X.sum() > 0), 2, "int8"),
    (T.stack([C(1), C(5)])[1], 5, "int8"),
    (C([4, 5, 6])[1], 5, "int64"),
    (COLUMN.shape[1], 1, "int64"),
    (T.addbroadcast(M, 0).shape[0], 1, "int64"),
]
UNKNOWN = [
    X, X.sum(), X.shape[0], C([1, 2]), C([1, 2])[X.size], C([4, 4])[1:], -C(2), C(2) ** 2, T.exp(C(0.0)),
    T.sum(C([1, 2])), C(1) // 0, C(np.zeros(0)), M.shape[5 - 5],
]  # fmt: skip


@pytest.mark.parametrize("expression, value, dtype", KNOWN, ids=lambda p: str(p) if isinstance(p, str) else None)
def test_known(expression, value, dtype):
    found = T.get_scalar_constant_value(expression)
    assert found == value and found.dtype == dtype and found.shape == ()
    assert T.extract_constant(expression) == value


@pytest.mark.parametrize("expression", UNKNOWN, ids=str)
def test_unknown(expression):
    with pytest.raises(T.NotScalarConstantError):
        T.get_scalar_constant_value(expression)
    assert T.extract_constant(expression) is expression


def test_long_chains_are_not_followed():
    x = C(1)
    for _ in range(5000):
        x = x + 1
    with pytest.raises(T.NotScalarConstantError):
        T.get_scalar_constant_value(x)
