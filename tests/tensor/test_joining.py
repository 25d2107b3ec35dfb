"""Joining and splitting along an axis that a call determines."""

import numpy as np
import pytest

import tx
import tx.tensor as T

A = np.arange(6.0).reshape(2, 3)
x, k = T.dmatrix("x"), T.lscalar("k")


@pytest.fixture(scope="module")
def joined():
    y = T.join(k, x, x**2)
    assert y.broadcastable == (False, False) and T.join(k, T.drow(), T.drow()).broadcastable == (False, False)
    return tx.function([x, k], [y, T.grad((y**2).sum(), x)])


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_join(joined, axis):
    value, gradient = joined(A, axis)
    np.testing.assert_array_equal(value, np.concatenate([A, A**2], axis))
    np.testing.assert_allclose(gradient, 2 * A + 4 * A**3)


@pytest.mark.parametrize(("axis", "lengths"), [(0, [1, 1]), (1, [1, 2]), (-1, [3, 0])])
def test_split(axis, lengths):
    first, second = T.split(x, lengths, 2, axis=k)
    f = tx.function([x, k], [first, second, T.grad((first**2).sum() + second.sum(), x)])
    a, b, gradient = f(A, axis)
    expected = np.split(A, [lengths[0]], axis)
    np.testing.assert_array_equal(a, expected[0])
    np.testing.assert_array_equal(b, expected[1])
    np.testing.assert_allclose(gradient, np.concatenate([2 * expected[0], np.ones_like(expected[1])], axis))


def test_of_one_tensor():
    assert T.join(k, x) is x


def test_axis_out_of_range(joined):
    with pytest.raises(IndexError, match="axis 2 is out of bounds"):
        joined(A, 2)


@pytest.mark.parametrize("axis", [T.fscalar(), T.lvector()])
def test_axis_is_an_integer_scalar(axis):
    with pytest.raises(TypeError, match="Axis could not be cast"):
        T.join(axis, x, x)


def test_ranks_must_agree():
    with pytest.raises(TypeError, match="same number of dimensions"):
        T.join(k, x, x[0])


def test_shapes_on_the_host():
    zero = T.lscalar("zero")
    lengths = T.join(zero, x.shape[1:], x.shape[:1])
    f = tx.function([x, zero], T.zeros_like(x).reshape(lengths, ndim=2))
    assert f(A, 0).shape == (3, 2)
