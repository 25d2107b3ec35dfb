"""Products of transposed matrices with narrow ones, which the CPU makes the other way round."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import products

RNG = np.random.RandomState(0)

#: rows, columns of the first and of the second, dtype, and whether the product is turned
CASES = {
    "narrow": (6, 40, 3, "float64", True),
    "single": (6, 40, 1, "float32", True),
    "wide": (6, 80, 33, "float64", False),
    "square": (6, 3, 3, "float64", False),
    "empty": (0, 40, 3, "float64", True),
    "no columns": (6, 40, 0, "float64", True),
    "integers": (6, 40, 3, "int64", False),
    "complex": (6, 40, 3, "complex128", False),
}


@pytest.fixture
def turned(monkeypatch):
    """The matrices that were turned."""
    found, turn = [], products._turned
    monkeypatch.setattr(products, "_turned", lambda y: found.append(y) or turn(y))
    return found


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere no product is turned")
@pytest.mark.parametrize("case", CASES)
def test_turned_products(case, turned):
    rows, m, n, dtype, turns = CASES[case]
    x, y = T.matrix("x", dtype=dtype), T.matrix("y", dtype=dtype)
    a, b = ((RNG.randn(rows, k) * 5).astype(dtype) for k in (m, n))
    found = tx.function([x, y], T.dot(x.T, y))(a, b)
    assert bool(turned) == turns and found.dtype == dtype
    np.testing.assert_allclose(found, a.T @ b, rtol=1e-5 if dtype == "float32" else 1e-12, atol=1e-12)


def test_shapes_are_still_checked(turned):
    x, y = T.dmatrices("x", "y")
    with pytest.raises(ValueError, match=r"Shape mismatch.*\(40, 6\).*\(5, 3\)"):
        tx.function([x, y], T.dot(x.T, y))(np.ones((6, 40)), np.ones((5, 3)))


def test_gradients_in_a_loop_and_of_second_order(turned):
    x, w = T.dmatrices("x", "w")
    cost = tx.scan(lambda k, s: s + (T.tanh(T.dot(x, w * k)) ** 2).sum(), T.arange(2) + 1.0, T.zeros(()))[0][-1]
    f = tx.function([x, w], [cost, T.grad(cost, w), T.grad((T.grad(cost, w) ** 2).sum(), w)])
    a, b, eps = RNG.randn(5, 7), RNG.randn(7, 2), 1e-6
    gradient, second = f(a, b)[1:]
    for i, j in ((0, 0), (3, 1)):
        step = np.zeros((7, 2))
        step[i, j] = eps
        up, down = f(a, b + step), f(a, b - step)
        np.testing.assert_allclose((up[0] - down[0]) / (2 * eps), gradient[i, j], rtol=1e-6)
        slope = ((up[1] ** 2).sum() - (down[1] ** 2).sum()) / (2 * eps)
        np.testing.assert_allclose(slope, second[i, j], rtol=1e-5)


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere no matrix is put in memory")
@pytest.mark.parametrize("dtype, columns, put", [("float64", 100, 1), ("float64", 99, 0), ("float32", 100, 0)])
def test_wide_products_of_64_bits_have_their_factor_in_memory(dtype, columns, put):
    x, y = T.matrix("x", dtype=dtype), T.matrix("y", dtype=dtype)
    f = tx.function([x, y], T.dot(x.T, y))
    a, b = RNG.randn(30, 20).astype(dtype), RNG.randn(30, columns).astype(dtype)
    np.testing.assert_allclose(f(a, b), a.T @ b, rtol=1e-3 if dtype == "float32" else 1e-12, atol=1e-3)
    stablehlo = tx.printing.stages(f).stablehlo
    assert stablehlo.count("optimization_barrier") == put


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere it is a product")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows, written_out", [(1, True), (7, True), (9, False), (0, False)])
def test_few_large_outer_products_are_written_out(rows, written_out, dtype, monkeypatch):
    monkeypatch.setattr(products, "_FEW", 8)
    monkeypatch.setattr(products, "_LARGE", 600)
    x, y = T.matrix("x", dtype=dtype), T.matrix("y", dtype=dtype)
    a, b, w = (RNG.randn(*s).astype(dtype) for s in ((rows, 20), (rows, 40), (20, 40)))
    expected, tolerance = a.T @ b, 1e-5 if dtype == "float32" else 1e-12
    weights, product = tx.shared(w), T.dot(x.T, y)
    cases = [  # outputs, their values, updates, and whether one elementwise Op alone reads the product
        ([product + 1], [expected + 1], [], True),
        ([], [], [(weights, weights - 2 * product)], True),
        ([product], [expected], [], False),
        ([product**2, product + 1], [expected**2, expected + 1], [], False),
        ([product + T.dot(x.T, y * 2)], [3 * expected], [], False),
    ]
    for outputs, values, updates, alone in cases:
        f = tx.function([x, y], outputs, updates=updates)
        for found, value in zip(f(a, b), values, strict=False):
            np.testing.assert_allclose(found, value, rtol=tolerance, atol=tolerance)
        assert ("dot_general" not in tx.printing.stages(f).stablehlo) == (written_out and alone)
    np.testing.assert_allclose(weights.get_value(), w - 2 * expected, rtol=tolerance, atol=tolerance)
    if rows > 1:
        c, d = a.copy(), b.copy()
        c[0], d[1] = np.nan, np.inf
        with np.errstate(invalid="ignore"):
            np.testing.assert_array_equal(np.isnan(tx.function([x, y], product + 1)(c, d)), np.isnan(c.T @ d))
