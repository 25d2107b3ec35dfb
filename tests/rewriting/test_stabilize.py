"""Values and gradients where the naive formula overflows, underflows or cancels."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.rewriting import rewrite_graph

LARGE = np.array([-800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0])


def softplus(x):
    return np.logaddexp(0, x)


def sigmoid(x):
    return np.exp(-softplus(-x))


#: name -> (expression, value, derivative)
ROWS = {
    "log(sigmoid)": (lambda x: T.log(T.nnet.sigmoid(x)), lambda x: -softplus(-x), lambda x: sigmoid(-x)),
    "log(1 - sigmoid)": (lambda x: T.log(1 - T.nnet.sigmoid(x)), lambda x: -softplus(x), lambda x: -sigmoid(x)),
    "log1p(-sigmoid)": (lambda x: T.log1p(-T.nnet.sigmoid(x)), lambda x: -softplus(x), lambda x: -sigmoid(x)),
    "log(1 + exp)": (lambda x: T.log(1 + T.exp(x)), softplus, sigmoid),
    "log1p(exp)": (lambda x: T.log1p(T.exp(x)), softplus, sigmoid),
    "softplus": (T.nnet.softplus, softplus, sigmoid),
    "1 - sigmoid": (lambda x: 1 - T.nnet.sigmoid(x), lambda x: sigmoid(-x), lambda x: -sigmoid(x) * sigmoid(-x)),
}


@pytest.mark.parametrize("name", ROWS)
def test_value(name):
    build, value, _ = ROWS[name]
    x = T.dvector("x")
    np.testing.assert_allclose(tx.function([x], build(x))(LARGE), value(LARGE), rtol=1e-12)


@pytest.mark.parametrize("name", [n for n in ROWS if "exp)" not in n])
def test_gradient(name):
    build, _, derivative = ROWS[name]
    x = T.dvector("x")
    result = tx.function([x], T.grad(build(x).sum(), x))(LARGE)
    np.testing.assert_allclose(result, derivative(LARGE), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("picked_first", [True, False])
def test_log_softmax(picked_first):
    x = T.dmatrix("x")
    p = T.nnet.softmax(x)
    labels = np.array([0, 1])
    at = T.arange(2), labels
    cost = -(T.log(p[at]) if picked_first else T.log(p)[at]).sum()
    values = np.array([[0.0, 900.0, 3.0], [0.0, 900.0, -900.0]])
    result, gradient = tx.function([x], [cost, T.grad(cost, x)])(values)
    assert result == 900
    np.testing.assert_allclose(gradient, [[-1, 1, 0], [0, 0, 0]], atol=1e-300)


def test_small_arguments():
    x = T.dvector("x")
    tiny = np.array([1e-20, -1e-18])
    np.testing.assert_array_equal(tx.function([x], T.log(1 + x))(tiny), tiny)
    np.testing.assert_array_equal(tx.function([x], T.exp(x) - 1)(tiny), tiny)


def test_binary_crossentropy_of_sigmoid():
    x, t = T.dvector("x"), T.dvector("t")
    cost = T.nnet.binary_crossentropy(T.nnet.sigmoid(x), t).sum()
    value, gradient = tx.function([x, t], [cost, T.grad(cost, x)])([800.0, -800.0], [0.0, 1.0])
    assert value == 1600 and gradient.tolist() == [1, -1]


def test_types_stay():
    x = T.frow("x")
    for expression in (T.log(T.nnet.sigmoid(x)), T.exp(x) - np.float32(1), T.log(T.nnet.softmax(x))):
        (rewritten,) = rewrite_graph([expression])
        assert rewritten.type == expression.type and rewritten is not expression


def test_equal_computations_are_merged():
    x = T.dvector("x")
    (out,) = rewrite_graph([T.exp(x + 1) * T.exp(x + 1)])
    a, b = out.owner.inputs
    assert a is b


def test_in_every_mode():
    x = T.dvector("x")
    for mode in ("FAST_RUN", "FAST_COMPILE"):
        assert tx.function([x], T.log(T.nnet.sigmoid(x)), mode=mode)([-800.0]).tolist() == [-800]


@pytest.mark.parametrize("dtype", ["uint8", "bool"])
def test_integers_are_not_negated_as_such(dtype):
    x = T.vector(dtype=dtype)
    values = np.array([0, 1, 1] if dtype == "bool" else [0, 3, 200], dtype)
    sigmoid = T.nnet.sigmoid(x)
    outputs = [1 - sigmoid, T.log(sigmoid), T.log(1 - sigmoid)]
    found = tx.function([x], outputs)(values)
    v = values.astype("float64")
    expected = [1 / (1 + np.exp(v)), -np.log1p(np.exp(-v)), -np.logaddexp(0, v)]
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, rtol=2e-3 if f.dtype == "float16" else 1e-5, atol=1e-7)


def test_a_product_of_truth_values_keeps_its_sign():
    x = T.dvector("x")
    gradient = tx.function([x], T.grad(T.ptp(x), x))
    assert gradient([1.0, 2.0, 3.0]).tolist() == [-1, 0, 1]
