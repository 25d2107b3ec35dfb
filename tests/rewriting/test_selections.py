"""Reductions over ``x[mask.nonzero()]`` need no executable for each number of elements, and compute the same."""

import numpy as np
import pytest

import tx
import tx.tensor as T

RNG = np.random.RandomState(0)
X, Y = RNG.randn(7), RNG.randn(7)
A, B = RNG.randn(4, 3), RNG.randn(4, 3)
x, y = T.dvectors("x", "y")
a, b = T.dmatrices("a", "b")
m, n = T.bvector("m"), T.bmatrix("n")


def masks(shape, count=4):
    """Different numbers of true elements, at least one."""
    found = [RNG.rand(*shape) < p for p in (0.3, 0.5, 0.8)] + [np.ones(shape, bool)]
    for mask in found:
        mask.flat[0] = True
    return [mask.astype("int8") for mask in found[:count]]


#: expression, and the same by numpy
VECTORS = {
    "sum": (lambda s, t: s.sum(), lambda s, t: s.sum()),
    "prod": (lambda s, t: s.prod(), lambda s, t: s.prod()),
    "mean": (lambda s, t: s.mean(), lambda s, t: s.mean()),
    "var": (lambda s, t: s.var(), lambda s, t: s.var()),
    "max": (lambda s, t: s.max(), lambda s, t: s.max()),
    "min": (lambda s, t: s.min(), lambda s, t: s.min()),
    "two": (lambda s, t: (s * T.exp(t) - 2).sum(), lambda s, t: (s * np.exp(t) - 2).sum()),
    "log of what would be negative": (lambda s, t: T.log(abs(s) + 1).mean(), lambda s, t: np.log(abs(s) + 1).mean()),
    "centred": (lambda s, t: ((s - s.mean()) ** 3).sum(), lambda s, t: ((s - s.mean()) ** 3).sum()),
    "any": (lambda s, t: T.any(s > 1), lambda s, t: np.any(s > 1)),
    "all": (lambda s, t: T.all(s > -1), lambda s, t: np.all(s > -1)),
    "length": (lambda s, t: s.shape[0], lambda s, t: s.shape[0]),
}


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name):
    ours, theirs = VECTORS[name]
    f = tx.function([x, y, m], ours(x[m.nonzero()], y[m.nonzero()]), on_unused_input="ignore")
    for mask in masks((7,)):
        picked = mask.nonzero()
        np.testing.assert_allclose(f(X, Y, mask), theirs(X[picked], Y[picked]), rtol=1e-12)
    assert len(f.specializations) == 1


@pytest.mark.parametrize("name", ["mean", "prod", "max", "two", "centred"])
def test_gradients_are_those_of_the_selection(name):
    cost = VECTORS[name][0](x[m.nonzero()], y[m.nonzero()])
    slow = tx.compile.Mode(optimizer=None)
    outputs = T.grad(cost, [x, y], disconnected_inputs="ignore")
    f, g = (tx.function([x, y, m], outputs, mode=mode, on_unused_input="ignore") for mode in (None, slow))
    for mask in masks((7,), 2):
        np.testing.assert_allclose(f(X, Y, mask), g(X, Y, mask), rtol=1e-9, atol=1e-12)
    assert len(f.specializations) == 1


MATRICES = {
    "rows, all": (lambda: a[m.nonzero()].sum(), lambda p: A[p].sum()),
    "rows, first axis": (lambda: a[m.nonzero()].mean(axis=0), lambda p: A[p].mean(axis=0)),
    "rows, last axis, then all": (lambda: T.exp(a[m.nonzero()].sum(axis=1)).max(), lambda p: np.exp(A[p].sum(1)).max()),
    "rows times a vector": (
        lambda: (a[m.nonzero()] * x[:4][m.nonzero()].dimshuffle(0, "x")).sum(axis=0),
        lambda p: (A[p] * X[:4][p][:, None]).sum(axis=0),
    ),
    "rows plus a row": (lambda: (a[m.nonzero()] + b[0]).min(axis=0), lambda p: (A[p] + B[0]).min(axis=0)),
}


@pytest.mark.parametrize("name", MATRICES)
def test_rows(name):
    ours, theirs = MATRICES[name]
    f = tx.function([a, b, x, m], ours(), on_unused_input="ignore")
    for mask in masks((4,)):
        np.testing.assert_allclose(f(A, B, X, mask), theirs(mask.nonzero()), rtol=1e-12)
    assert len(f.specializations) == 1


def test_elements_of_a_matrix():
    f = tx.function([a, b, n], [(a[n.nonzero()] * b[n.nonzero()]).sum(), a[(a > b).nonzero()].mean()])
    for mask in masks((4, 3)):
        found = f(A, B, mask)
        np.testing.assert_allclose(found, [(A * B)[mask.nonzero()].sum(), A[A > B].mean()], rtol=1e-12)
    assert len(f.specializations) == 1


@pytest.mark.parametrize("update", [T.set_subtensor, T.inc_subtensor])
def test_updates(update):
    places = x[m.nonzero()]
    f = tx.function([x, y, m], [update(places, y[m.nonzero()] * 2), update(places, 3.0)])
    for mask in masks((7,)):
        p = mask.nonzero()
        expected = [X.copy(), X.copy()]
        for e, new in zip(expected, (Y[p] * 2, 3.0), strict=True):
            e[p] = new if update is T.set_subtensor else e[p] + new
        np.testing.assert_allclose(f(X, Y, mask), expected)
    assert len(f.specializations) == 1


def test_nothing_of_what_is_not_selected_is_seen():
    f = tx.function([x], [T.log(x[(x > 0).nonzero()]).sum(), T.grad(T.sqrt(x[(x > 0).nonzero()]).sum(), x)])
    total, gradient = f([4.0, -1.0, 0.0, np.nan])
    assert total == np.log(4.0) and gradient.tolist() == [0.25, 0, 0, 0]


def test_an_empty_selection():
    f = tx.function([x, m], [x[m.nonzero()].sum(), x[m.nonzero()].prod()])
    assert [v.item() for v in f(X, np.zeros(7, "int8"))] == [0.0, 1.0]
    g = tx.function([x, m], x[m.nonzero()].max())
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum which has no identity"):
        g(X, np.zeros(7, "int8"))


def test_masks_of_another_length():
    f = tx.function([x, m], [x[m.nonzero()].sum(), T.inc_subtensor(x[m.nonzero()], 1)])
    for length in (4, 9):
        mask = np.zeros(length, "int8")
        mask[[0, 2]] = 1
        total, new = f(X, mask)
        np.testing.assert_allclose(total, X[0] + X[2])
        np.testing.assert_allclose(new, X + [1, 0, 1, 0, 0, 0, 0])
    with pytest.raises(IndexError, match="index 8 is out of bounds for axis 0 with size 7"):
        f(X, [0, 1, 0, 0, 0, 0, 0, 0, 1])


def test_a_selection_that_is_wanted_itself_stays():
    f = tx.function([x, m], [x[m.nonzero()], x[m.nonzero()].sum()])
    for mask in masks((7,), 2):
        found, total = f(X, mask)
        assert found.tolist() == X[mask.nonzero()].tolist() and np.isclose(total, found.sum())


def test_selections_by_different_masks_do_not_mix():
    f = tx.function([x, y, m], (x[m.nonzero()] * y[T.neq(m, 0).nonzero()]).sum())
    for mask in masks((7,), 2):
        np.testing.assert_allclose(f(X, Y, mask), (X * Y)[mask.nonzero()].sum())
