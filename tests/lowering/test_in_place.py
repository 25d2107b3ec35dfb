"""New values of states take the memory of the old ones, whatever else reads those."""

import re

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import in_place

X = np.random.RandomState(0).randn(4, 30).astype("float32")
WIDE, NARROW = (np.random.RandomState(k).randn(*s).astype("float32") / 6 for k, s in enumerate([(30, 40), (40, 50)]))
x = T.fmatrix("x")


pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere nothing is ordered")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """A few elements are many."""
    monkeypatch.setattr(in_place, "_MANY", 1000)


def weights():
    return [tx.shared(v.copy()) for v in (WIDE, NARROW)]


def copies(f, *arguments):
    """What the executable copies, as shapes."""
    entry = tx.printing.stages(f, *arguments).hlo.split("ENTRY")[1]
    return re.findall(r"\[([\d,]+)\]\{[\d,]+\} copy\(", entry)


def loss(first, second, decay=0.0):
    return T.tanh(T.dot(T.tanh(T.dot(x, first)), second)).sum() + decay * ((first**2).sum() + (second**2).sum())


def descend(cost, parameters):
    return [(p, p - np.float32(0.1) * g) for p, g in zip(parameters, T.grad(cost, parameters), strict=True)]


def momentum(cost, parameters):
    speeds = [tx.shared(np.zeros_like(p.get_value())) for p in parameters]
    updates = []
    for p, speed, g in zip(parameters, speeds, T.grad(cost, parameters), strict=True):
        new = np.float32(0.9) * speed - np.float32(0.1) * g
        updates += [(speed, new), (p, p + new)]
    return updates


@pytest.mark.parametrize("decay", [0.0, np.float32(0.01)])
@pytest.mark.parametrize("rule", [descend, momentum])
def test_training(rule, decay, monkeypatch):
    found = []
    for most in (1000, 10**9):
        monkeypatch.setattr(in_place, "_MANY", most)
        parameters = weights()
        cost = loss(*parameters, decay)
        f = tx.function([x], cost, updates=rule(cost, parameters))
        assert most > 1000 or copies(f, X) == []
        found.append([f(X), f(X), *(p.get_value() for p in parameters)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_with_a_check():
    """A call that fails leaves all as it was."""
    (first, second), k = weights(), T.ivector("k")
    cost = loss(first, second) + first[k].sum()
    f = tx.function([x, k], cost, updates=descend(cost, [first, second]))
    f(X, [3, 4])
    before = [first.get_value(), second.get_value()]
    with pytest.raises(IndexError):
        f(X, [3, 40])
    for p, old in zip((first, second), before, strict=True):
        np.testing.assert_array_equal(p.get_value(), old)
    f(X, [3, 4])
    assert (first.get_value() != before[0]).any()


@pytest.mark.parametrize("read", [T.sum, T.argmax, lambda w: T.cast(w, "complex64").sum(), lambda w: (w > 0).any()])
@pytest.mark.parametrize("special", [0.5, -0.5, np.nan, np.inf])
def test_it_is_written_whatever_is_read(read, special):
    state = tx.shared(np.full((40, 50), special, "float32"))
    f = tx.function([], read(state), updates=[(state, state * 2)])
    assert copies(f) == []
    f()
    np.testing.assert_array_equal(state.get_value(), np.full((40, 50), special * 2, "float32"))


def test_what_is_read_element_by_element_is_what_was_there():
    state, step = tx.shared(WIDE.copy()), T.fscalar("step")
    f = tx.function([step], [state * 2, state.T, T.dot(state, state.T)], updates=[(state, state + step)])
    for k in range(3):
        doubled, turned, product = f(1)
        old = WIDE + np.float32(k)
        np.testing.assert_allclose(doubled, old * 2, rtol=1e-5)
        np.testing.assert_allclose(turned, old.T, rtol=1e-5)
        np.testing.assert_allclose(product, old @ old.T, rtol=1e-4)


def test_states_that_exchange_their_values():
    a, b = tx.shared(WIDE.copy()), tx.shared(-WIDE)
    f = tx.function([], [a.sum(), b.sum()], updates=[(a, b + 1), (b, a + 1)])
    f()
    np.testing.assert_array_equal(a.get_value(), 1 - WIDE)
    np.testing.assert_array_equal(b.get_value(), WIDE + 1)


def test_what_is_not_computed_from_the_old_value():
    state, new = tx.shared(WIDE.copy()), T.dot(x.T, x).sum(axis=1, keepdims=True) * T.ones((30, 40), "float32")
    f = tx.function([x], [state.sum(), T.dot(x, state)], updates=[(state, new)])
    total, _ = f(X)
    np.testing.assert_allclose(total, WIDE.sum(), rtol=1e-4)
    np.testing.assert_allclose(state.get_value(), np.repeat((X.T @ X).sum(1, keepdims=True), 40, 1), rtol=1e-4)
