"""`numeric_grad` and `verify_grad`: what they find, what they let pass, and what they refuse."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import GradientError, numeric_grad


def rng():
    return np.random.RandomState(0)


class WrongSquare(tx.Op):
    """The square, with half its gradient."""

    __props__ = ()

    def make_node(self, x):
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] ** 2

    def L_op(self, inputs, outputs, gradients):
        return [gradients[0] * inputs[0]]


def test_a_right_gradient_passes():
    T.verify_grad(lambda a, b: T.dot(a, b), [rng().randn(2, 3), rng().randn(3)], rng=rng())
    T.verify_grad(lambda a: T.exp(a), [np.ones(2, "float32")], rng=rng())
    T.verify_grad(lambda a: a**2, [np.ones(2, "float16")], n_tests=1, rng=rng())
    T.verify_grad(lambda a: T.cast(a, "float32") ** 2, [np.ones(2)], rng=rng(), out_type="float32")
    T.verify_grad(lambda a: a * 2, [np.zeros((0, 3))], rng=rng(), mode="FAST_COMPILE")


def test_a_wrong_gradient_is_found():
    with pytest.raises(GradientError) as caught:
        T.verify_grad(WrongSquare(), [np.array([0.0, 1.0])], rng=rng())
    error = caught.value
    assert (error.arg, error.err_pos, error.shape) == (0, 1, (2,)) and error.val2 == pytest.approx(2 * error.val1)
    for word in ("position 1 of argument 0", "abs. tolerance = 0.000100", "following inputs"):
        assert word in str(error)


def test_tolerances():
    # Wrong by a half: let through where that is allowed, absolutely or relatively.
    T.verify_grad(WrongSquare(), [np.array([1.0])], rng=rng(), rel_tol=0.5)
    T.verify_grad(WrongSquare(), [np.array([1e-5])], rng=rng())
    with pytest.raises(GradientError):
        T.verify_grad(WrongSquare(), [np.array([1e-5])], rng=rng(), abs_tol=1e-6, eps=1e-9)


@pytest.mark.parametrize(
    "function, points, options, error",
    [
        (lambda a: a**2, [np.arange(3)], {"rng": rng()}, TypeError),
        (lambda a: a**2, [np.ones(2)], {}, TypeError),
        (lambda a: a**2, np.ones(2), {"rng": rng()}, AssertionError),
        (lambda a: [a, a], [np.ones(2)], {"rng": rng()}, ValueError),
        (lambda a: T.log(a), [np.zeros(2)], {"rng": rng()}, ValueError),
    ],
)
def test_bad_input(function, points, options, error):
    with pytest.raises(error), np.errstate(all="ignore"):
        T.verify_grad(function, points, **options)


def test_numeric_grad():
    points = [np.array([[1.0, 2.0]]), np.array(3.0)]
    found = numeric_grad(lambda a, b: (a**2).sum() * b, points)
    np.testing.assert_allclose(found.gf[0], [[6, 12]], rtol=1e-6)
    np.testing.assert_allclose(found.gf[1], 5, rtol=1e-6)
    assert points[0].tolist() == [[1, 2]]
    alone = numeric_grad(lambda a: (a**2).sum(), np.ones(2, "float32"))
    assert alone.gf.dtype == "float32" and alone.gf.shape == (2,)
    columns_first = numeric_grad(lambda a: (a**2).sum(), np.array([[1.0, 2.0], [3.0, 4.0]]).T)
    np.testing.assert_allclose(columns_first.gf, [[2, 6], [4, 8]], rtol=1e-6)
    assert found.max_err([np.array([[6.0, 13.0]]), np.array(5.0)], 1e-4, 1e-4)[:2] == (0, 1)
    with pytest.raises(ValueError, match="number of elements"):
        found.abs_rel_errors([np.ones(2)])
    with pytest.raises(ValueError, match="wrong shape"):
        found.abs_rel_errors([np.ones(2), np.ones(())])
    with pytest.raises(TypeError, match="int64"):
        numeric_grad(lambda a: a.sum(), np.arange(3))
