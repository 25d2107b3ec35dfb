"""Derivatives of `prod` where there are zeros, of every order; recorded from Theano only as far as it has them."""

import itertools

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.tensor.reduction import ProdWithoutZeros

#: groups (rows, for axis 1) with 0, 1, 2 and 3 zeros
X = np.array([[1.0, 2, 3], [0, 2, 3], [0, 0, 3], [0, 0, 0]])
m, t = T.dmatrices("m", "t")


def mixed_differences(f, x, order):
    """The derivatives of a function that is linear in each element: its differences, exactly."""
    units = np.eye(x.size).reshape(-1, *x.shape)
    found = np.zeros((x.size,) * order)
    for places in itertools.permutations(range(x.size), order):
        subsets = itertools.chain.from_iterable(itertools.combinations(places, k) for k in range(order + 1))
        found[places] = sum((-1) ** (order - len(s)) * f(x + sum(units[list(s)])) for s in subsets)
    return found


@pytest.mark.parametrize("axis", [None, 0, 1, (0, 1)])
def test_three_orders(axis):
    weights = 1 + np.arange(np.prod(X, axis=axis).size).reshape(np.prod(X, axis=axis).shape)
    first = T.grad((T.prod(m, axis=axis) * weights).sum(), m)
    second = T.jacobian(first.flatten(), m).reshape((m.size, m.size))
    third = T.jacobian(second.flatten(), m).reshape((m.size, m.size, m.size))
    results = tx.function([m], [first.flatten(), second, third])(X)
    for order, result in enumerate(results, 1):
        expected = mixed_differences(lambda v: (np.prod(v, axis=axis) * weights).sum(), X, order)
        np.testing.assert_array_equal(result, expected)


def test_forward_of_reverse():
    first = T.grad((T.prod(m, axis=1) ** 2).sum(), m)
    forward, reverse = T.Rop(first, m, t), T.grad((first * t).sum(), m)
    a, b = tx.function([m, t], [forward, reverse])(X, X + 1)
    np.testing.assert_allclose(a, b, rtol=1e-13)
    assert a[1].tolist() == [2 * 36, 0, 0]


def test_no_division_overflows():
    v = T.dvector("v")
    first = tx.function([v], T.grad(v.prod(), v))
    assert first([1e-200, 1e-200, 3.0]).tolist() == [3e-200, 3e-200, 0]
    assert first([np.inf, 2.0, 3.0]).tolist() == [6, np.inf, np.inf]


@pytest.mark.parametrize("values", [X, np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 1))])
def test_without_optimizer_and_without_elements(values):
    first = T.grad(T.prod(m, axis=1).sum(), m)
    second = T.grad((first**2).sum(), m)
    plain = tx.function([m], [first, second], mode=tx.Mode(optimizer=None))(values)
    for a, b in zip(plain, tx.function([m], [first, second])(values), strict=True):
        assert a.shape == values.shape
        np.testing.assert_array_equal(a, b)
    # Theano says 0 for the only element of a group that is 0; it is 1.
    if values.shape == (2, 1):
        assert plain[0].tolist() == [[1], [1]]


def test_dtypes():
    i, f, z = T.imatrix("i"), T.fmatrix("f"), T.zvector("z")
    of_i, of_f = T.grad(T.prod(i, dtype="float64"), i), T.grad(T.prod(f), f)
    assert (of_i.dtype, of_f.dtype) == ("float64", "float32")
    assert of_i.eval({i: np.array([[2, 0]], "int32")}).tolist() == [[0, 2]]
    # The gradient by a complex number is conjugated: that of |z0 z1|**2 by z0 is 2 z0 |z1|**2.
    of_z = T.grad(T.sqr(abs(z.prod())), z)
    np.testing.assert_allclose(of_z.eval({z: [1 + 2j, 3 - 1j]}), [2 * (1 + 2j) * 10, 2 * (3 - 1j) * 5])


def test_product_without_zeros():
    kept = ProdWithoutZeros((1,))(m)
    first = T.grad(kept.sum(), m)
    second = T.grad(first.sum(), m)
    values, of_values, twice = tx.function([m], [kept, first, second])(X)
    assert values.tolist() == [6, 6, 3, 0]
    assert of_values.tolist() == [[6, 3, 2], [0, 3, 2], [0, 0, 1], [0, 0, 0]]
    assert twice.tolist() == [[5, 4, 3], [0, 1, 1], [0, 0, 0], [0, 0, 0]]
