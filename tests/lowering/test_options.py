"""XLA's fusion pass is left out for graphs that it makes worse; large batches of products are Eigen's."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import specialize
from tx.lowering.options import EIGEN, UNFUSED, UNOPTIMISED, too_many

x = T.dvector("x")


def chain(steps):
    """An elementwise graph in which each value is read twice."""
    y = x
    for k in range(steps):
        y = T.tanh(y * 0.9 + x) - T.exp(-y) * (0.001 * (k % 3 + 1))
    return y.sum()


def stage(expression, *others, mode=None):
    """The stage that computes these."""
    return tx.function([x], [expression, *others], mode=mode).program.stages[0]


def test_a_large_elementwise_graph_and_its_gradient():
    gradient = T.grad(chain(200), x)
    f, cost = tx.function([x], gradient), tx.function([x], chain(200))
    at, eps = np.linspace(0.1, 0.9, 3), 1e-6
    for k, found in enumerate(f(at)):
        step = eps * np.eye(3)[k]
        np.testing.assert_allclose(found, (cost(at + step) - cost(at - step)) / (2 * eps), rtol=1e-5)
    assert f.program.stages[0].options_for([at]) == UNFUSED


def recurrent(steps):
    """An elementwise graph with a product in each step."""
    w = T.dmatrix("w")
    y = T.outer(x, x)
    for _ in range(steps):
        y = T.tanh(T.dot(y, w)) * T.exp(-y) + T.sqr(y) - T.sin(y)
    return w, y.sum()


@pytest.mark.parametrize("steps, length, unfused", [(3, 3, 0), (60, 3, 0), (400, 3, 1), (400, 1 << 17, 1)])
def test_long_chains(steps, length, unfused):
    assert stage(chain(steps)).options_for([np.zeros(length)]) == (UNFUSED if unfused else None)


@pytest.mark.parametrize("steps", [3, 400])
def test_operations_among_products(steps):
    w, expression = recurrent(steps)
    found = tx.function([x, w], expression).program.stages[0]
    assert found.options_for([np.zeros(3)]) is None


def test_what_a_mode_asks_for_holds():
    found = stage(chain(400), mode="FAST_COMPILE").options_for([np.zeros(3)])
    assert found == {**UNFUSED, **UNOPTIMISED}


@pytest.mark.parametrize("dtype", ["uint8", "float32", "complex64", "float16"])
def test_products_that_go_wrong_without_fusion_keep_it(dtype):
    a, b = T.matrix("a", dtype=dtype), T.matrix("b", dtype=dtype)
    looped, _ = tx.scan(lambda row: T.dot(row, b), a)
    for product in (T.dot(a, b), looped):
        f = tx.function([x, a, b], [chain(400), product])
        assert not too_many(f.program.stages[0].layout.nodes)


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="the libraries are the CPU's")
def test_large_batches_of_products(monkeypatch):
    monkeypatch.setattr(specialize, "_UNSETTLED", 3)
    a, b, c = T.ftensor3("a"), T.ftensor3("b"), T.dtensor3("c")
    f = tx.function([a, b], T.batched_dot(a, b))
    x, y = np.random.RandomState(0).randn(2, 70, 64, 64).astype("float32")
    doubled = tx.function([c], T.batched_dot(c, c)).program.stages[0]
    assert doubled.options_for([x], True) is None
    found = f.program.stages[0]
    assert (found.options_for([x[:3], y[:3]], True), found.options_for([x, y], True)) == (None, EIGEN)
    assert found.options_for([x, y]) is None
    for n in (70, 3, 70, 70, 70, 70, 70, 70):
        np.testing.assert_allclose(f(x[:n], y[:n]), x[:n] @ y[:n], rtol=1e-4, atol=1e-4)
    assert [made.countdown for made in f.specializations][-1] == 0 and len(f.specializations) == 2
