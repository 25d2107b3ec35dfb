"""Sorting by integers, as on the CPU, is sorting: numpy's stable order, whatever the dtype."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.scalar import dtypes as dt

SHAPES = [((50,), 0), ((7, 9), 0), ((7, 9), 1), ((4, 5, 6), 1), ((3, 0), 1)]


def drawn(dtype, shape):
    """Elements with ties, and with all that is special: the ends of integers; zeros of both signs, nan and infinity."""
    draw = np.random.RandomState(0)
    if dtype == "bool":
        return draw.rand(*shape) > 0.5
    if dtype in dt.BOUNDS:
        least, most = dt.BOUNDS[dtype]
        special = np.array([least, least + 1, most, most - 1, 0, 1, least // 2, most // 2], dtype)
        return draw.choice(special, shape)
    ordinary = (draw.randn(*shape) * 3).round(1).astype(dtype)
    special = np.array([np.nan, -np.nan, 0.0, -0.0, np.inf, -np.inf, np.finfo(dtype).tiny], dtype)
    return np.where(draw.rand(*shape) < 0.5, ordinary, draw.choice(special, shape))


@pytest.mark.parametrize(("shape", "axis"), SHAPES)
@pytest.mark.parametrize("dtype", [d for d in dt.all_dtypes if d not in dt.complex_dtypes])
def test_order(dtype, shape, axis):
    x = T.TensorType(dtype, [False] * len(shape))()
    value = drawn(dtype, shape)
    ascending, places = tx.function([x], [T.sort(x, axis=axis), T.argsort(x, axis=axis)])(value)
    assert ascending.dtype == dtype and places.dtype == "int64"
    np.testing.assert_array_equal(ascending, np.sort(value, axis=axis))
    np.testing.assert_array_equal(places, np.argsort(value, axis=axis, kind="stable"))


def test_complex_numbers():
    x = T.zmatrix()
    value = np.random.RandomState(0).randint(0, 3, (4, 9)) + 1j * np.random.RandomState(1).randint(0, 3, (4, 9))
    places = tx.function([x], T.argsort(x, axis=1))(value)
    np.testing.assert_array_equal(places, np.argsort(value, axis=1, kind="stable"))


@pytest.mark.parametrize("k", [1, 4, -3])
@pytest.mark.parametrize("dtype", ["int64", "float32", "float64"])
def test_the_largest_of_equal_ones(dtype, k):
    x = T.TensorType(dtype, (False, False))()
    value = drawn(dtype, (6, 8))
    found = tx.function([x], T.topk_and_argtopk(x, k, axis=1))(value)
    places = np.argsort(value, axis=1, kind="stable")
    expected = places[:, -k:][:, ::-1] if k > 0 else places[:, :-k]
    np.testing.assert_array_equal(found[1], expected)
    np.testing.assert_array_equal(found[0], np.take_along_axis(value, expected, 1))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_derivatives_go_where_the_elements_came_from(dtype):
    x, v = T.TensorType(dtype, (False, False))(), T.TensorType(dtype, (False, False))()
    weights = np.arange(20, dtype=dtype).reshape(4, 5)
    value = np.random.RandomState(0).permutation(20).reshape(4, 5).astype(dtype)
    cost = (T.sort(x, axis=1) * weights).sum()
    gradient, pushed, second = tx.function(
        [x, v],
        [T.grad(cost, x), T.Rop(T.sort(x, axis=1), x, v), T.grad((T.grad((T.sort(x, axis=1) ** 3).sum(), x)).sum(), x)],
    )(value, weights)
    places = np.argsort(value, axis=1)
    expected = np.empty_like(value)
    np.put_along_axis(expected, places, weights, 1)
    np.testing.assert_array_equal(gradient, expected)
    np.testing.assert_array_equal(pushed, np.take_along_axis(weights, places, 1))
    np.testing.assert_allclose(second, 6 * value)


@pytest.mark.parametrize("dtype", ["uint32", "int64", "float64"])
def test_unique(dtype):
    x = T.TensorType(dtype, (False,))()
    value = drawn(dtype, (40,))
    value = value[value == value]
    found = tx.function([x], T.extra_ops.Unique(True, True, True)(x))(value)
    for ours, numpys in zip(found, np.unique(value, True, True, True), strict=True):
        np.testing.assert_array_equal(ours, numpys)


@pytest.mark.parametrize("axis", [0, 1, None])
def test_a_number_of_repeats(axis):
    x, n = T.dmatrix(), T.lscalar()
    f = tx.function([x, n], [T.repeat(x, n, axis=axis), T.grad((T.repeat(x, n, axis=axis) ** 2).sum(), x)])
    value = np.arange(6.0).reshape(2, 3)
    for count in (0, 1, 3):
        repeated, gradient = f(value, count)
        np.testing.assert_array_equal(repeated, np.repeat(value, count, axis=axis))
        np.testing.assert_array_equal(gradient, 2 * count * value)
    assert f(np.zeros((2, 0)), 2)[0].shape == np.repeat(np.zeros((2, 0)), 2, axis=axis).shape
    with pytest.raises(ValueError, match="negative"):
        f(value, -1)


@pytest.mark.parametrize("k", [1, -1, 7, -5, 60])
@pytest.mark.parametrize("shape, axis", [((4111,), 0), ((2, 3001), 1), ((2500, 3), 0)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64", "uint64", "bool"])
def test_the_ends_of_long_axes(dtype, shape, axis, k):
    x, value = T.TensorType(dtype, [False] * len(shape))(), drawn(dtype, shape)
    outputs = [*T.topk_and_argtopk(x, k, axis=axis, sorted=False), T.argsort(x, axis=axis)]
    found, places, order = tx.function([x], outputs)(value)
    ends = np.take(order, np.arange(-k, 0) if k > 0 else np.arange(-k), axis=axis)
    np.testing.assert_array_equal(places, ends)
    np.testing.assert_array_equal(found, np.take_along_axis(value, ends, axis))


def test_the_gradient_of_the_ends_of_a_long_axis():
    x, value = T.dvector("x"), np.random.RandomState(0).permutation(3000) * 1.0
    gradient = tx.function([x], T.grad((T.topk(x, 3, sorted=False) ** 2).sum(), x))(value)
    np.testing.assert_array_equal(gradient, np.where(value >= 2997, 2 * value, 0))
