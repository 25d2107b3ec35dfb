"""Running sums and products and positions as loops over the elements: numpy's values, to the last bit."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import in_order

DRAWN = np.random.RandomState(0).randn(2, 10007)
#: shapes, and axes; all but the last are computed by loops
SHAPES = [
    ((8192,), 0), ((8191,), -1), ((4, 2005), 1), ((2005, 4), 0), ((3, 100, 20), 1), ((3, 100, 20), None),
    ((20, 1, 300), 2), ((1, 5000), 0), ((5000, 1), 0), ((500, 9), 1), ((40,), 0),
]  # fmt: skip


def _data(shape, dtype):
    data = DRAWN[0].repeat(2)[: np.prod(shape)].reshape(shape)
    if dtype == "complex64":
        return (data + 1j * data[::-1]).astype(dtype)
    return data > 0 if dtype == "bool" else (1 + data / 100 if dtype.startswith("float") else 9 * data).astype(dtype)


@pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_running(name, shape, axis):
    x = T.TensorType("float32", (False,) * len(shape))()
    data = _data(shape, "float32")
    found = tx.function([x], getattr(T, name)(x, axis=axis))(data)
    expected = getattr(np, name)(data, axis=axis)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(found, expected) if data.size >= 1 << 12 else np.allclose(found, expected, rtol=1e-5)


def test_the_first_element_is_not_touched():
    x = T.zvector()
    data = _data((5000,), "complex64").astype("complex128")
    data[0] = complex(np.inf, -0.0)
    for found in tx.function([x], [T.cumsum(x), T.cumprod(x)])(data):
        assert found[0].real == np.inf and np.signbit(found[0].imag)
    y = T.dvector()
    assert np.signbit(tx.function([y], T.cumsum(y))(np.full(5000, -0.0))).all()


@pytest.mark.parametrize("dtype", ["float64", "float16", "int8", "uint8", "int64", "complex64", "bool"])
def test_dtypes_of_running_sums(dtype):
    x = T.TensorType(dtype, (False,))()
    data = _data((5001,), dtype)
    found = tx.function([x], T.cumsum(x))(data)
    assert found.dtype == dtype
    assert np.array_equal(found, np.cumsum(data) > 0 if dtype == "bool" else np.cumsum(data, dtype=dtype))


def test_what_is_not_a_number_stays():
    data = _data((5000,), "float32")
    data[[100, 3000]] = np.inf, -np.inf
    x = T.fvector()
    found = tx.function([x], T.cumsum(x))(data)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(found, np.cumsum(data), equal_nan=True)
    assert np.isnan(found[-1])
    assert np.isfinite(found[99])


@pytest.mark.parametrize("shape", [(8193,), (70, 71), (5, 1, 999), (17, 17, 17)], ids=str)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_nonzero(shape, share):
    x = T.TensorType("float64", (False,) * len(shape))()
    data = np.where(np.random.RandomState(1).rand(*shape) < share, 2.0, 0.0)
    data.flat[1::999] *= np.nan
    found = tx.function([x], T.nonzero(x))(data)
    for one, expected in zip(found, np.nonzero(data), strict=True):
        assert one.dtype == "int64"
        assert np.array_equal(one, expected)


def test_positions_behind_the_last_are_zero():
    import jax

    mask = DRAWN[1] > 1
    count = int(mask.sum())
    found = np.asarray(jax.jit(lambda m: in_order.true_positions(m, count + 5))(mask))
    assert np.array_equal(found[:count], np.nonzero(mask)[0])
    assert not found[count:].any()


def test_unique_of_many():
    x = T.lvector()
    data = np.random.RandomState(2).randint(0, 700, 9001)
    outputs = T.extra_ops.Unique(True, True, True)(x)
    for found, expected in zip(tx.function([x], outputs)(data), np.unique(data, True, True, True), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("options", [{}, {"return_index": True}, {"axis": 0}, {"axis": 1}], ids=str)
def test_gradient_of_unique_elements(options):
    def elements(x):
        found = T.extra_ops.Unique(**options)(x**2)
        return found[0] if isinstance(found, list) else found

    tx.gradient.verify_grad(elements, [np.random.RandomState(0).permutation(12).reshape(3, 4) + 1.0], rng=np.random)


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_gradient_of_a_running_sum(axis):
    rng = np.random.RandomState(0)
    tx.gradient.verify_grad(lambda x: T.cumsum(x**2, axis=axis), [rng.rand(3, 4)], rng=rng)
    x, weights = T.dmatrix(), rng.rand(*((4800,) if axis is None else (60, 80)))
    found = tx.function([x], T.grad((T.cumsum(x, axis=axis) * weights).sum(), x))(rng.rand(60, 80))
    assert np.allclose(found, np.flip(np.flip(weights, axis).cumsum(axis or 0), axis).reshape(60, 80))


def test_gradient_of_a_row_keeps_its_pattern():
    x = T.row()
    gradient = T.grad(T.cumsum(x, axis=1)[0, -1], x)
    assert gradient.broadcastable == (True, False)
    assert np.array_equal(gradient.eval({x: np.ones((1, 3))}), np.ones((1, 3)))


def test_a_running_product_is_differentiated_through_zeros():
    x = T.dvector()
    data = np.where(np.arange(5000) % 1700 == 3, 0.0, 1.0)
    found = tx.function([x], T.grad(T.cumprod(x).sum(), x))(data)
    # Products before the first zero are ones, and one of them is in each sum; that zero is in the way of 1700 others.
    assert np.array_equal(found, [3, 2, 1, 1700] + [0] * 4996)


def test_many_products_of_others():
    x = T.dmatrix()
    data = 1 + DRAWN / 1e4
    found = tx.function([x], T.grad(T.prod(x, axis=1).sum(), x))(data)
    assert np.allclose(found, data.prod(1, keepdims=True) / data, rtol=1e-10)
