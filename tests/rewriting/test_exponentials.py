"""Sums of exponentials written by hand, differentiated as they were written: wrong without the rules, right with."""

import numpy as np
import pytest
from scipy import special

import tx
import tx.tensor as T
from tx.graph.walk import toposort
from tx.rewriting import rewrite_graph

PLAIN = tx.Mode(optimizer=None)
X = np.array([[0.0, 1000, 3], [1000, 0, -1000], [-1000, -1000, -1001], [1, 2, 3]])
CALM = np.array([[0.25, 1, -0.5], [0.0, 2, 1], [-1, -1, 0.5], [1, 2, 3]])
PICK = np.array([1, 0, 2, 0])
HOT = np.eye(3)[PICK]
WEIGHTS = np.array([[1.0, 2, 3], [0, 1, 0], [3, 1, 1], [1, -1, 2]])


def softmax(v, axis=1):
    return special.softmax(v, axis=axis)


def weighted(v):
    """The gradient of the sum of the weighted log-softmax."""
    return WEIGHTS - softmax(v) * WEIGHTS.sum(axis=1, keepdims=True)


def pull(v):
    """The gradient of the sum of the weighted softmax, and the Hessian of log-sum-exp times the weights."""
    return softmax(v) * (WEIGHTS - (softmax(v) * WEIGHTS).sum(axis=1, keepdims=True))


def entropy(v):
    p, logs = softmax(v), special.log_softmax(v, axis=1)
    return -p * (logs - (p * logs).sum(axis=1, keepdims=True))


def slope(cost):
    return lambda x: T.grad(cost(x).sum(), x)


def along_slope(cost):
    return lambda x: T.grad((T.grad(cost(x).sum(), x) * WEIGHTS).sum(), x)


#: the softmax by hand
BY_HAND = {
    "keepdims": lambda e: e / e.sum(axis=1, keepdims=True),
    "last axis": lambda e: e / e.sum(axis=-1, keepdims=True),
    "dimshuffle": lambda e: e / e.sum(axis=1).dimshuffle(0, "x"),
    "newaxis": lambda e: e / e.sum(axis=1)[:, None],
    "reciprocal": lambda e: e * (1 / e.sum(axis=1, keepdims=True)),
    "transposed": lambda e: (e.T / e.sum(axis=1)).T,
    "transposed first": lambda e: (e.T / e.T.sum(axis=0)).T,
}
#: what is made of it -> (cost of p, gradient by x)
COSTS = {
    "log": (lambda p: T.log(p) * WEIGHTS, weighted),
    "log, then pick": (lambda p: -T.log(p)[T.arange(4), PICK], lambda v: softmax(v) - HOT),
    "pick, then log": (lambda p: -T.log(p[T.arange(4), PICK]), lambda v: softmax(v) - HOT),
    "mean": (lambda p: -T.log(p)[T.arange(4), PICK].mean(), lambda v: (softmax(v) - HOT) / 4),
    "one-hot": (lambda p: -(HOT * T.log(p)).sum(axis=1), lambda v: softmax(v) - HOT),
    "one-hot, then log": (lambda p: -T.log((HOT * p).sum(axis=1)), lambda v: softmax(v) - HOT),
    "crossentropy": (lambda p: T.nnet.categorical_crossentropy(p, PICK), lambda v: softmax(v) - HOT),
    "crossentropy, one-hot": (lambda p: T.nnet.categorical_crossentropy(p, HOT), lambda v: softmax(v) - HOT),
    "no log": (lambda p: p * WEIGHTS, pull),
    "entropy": (lambda p: -p * T.log(p), entropy),
}
ROWS = {
    f"softmax by hand ({hand}): {name}": (slope(lambda x, p=p, c=c: c(p(T.exp(x)))), expected)
    for hand, p in BY_HAND.items()
    for name, (c, expected) in COSTS.items()
    if hand == "keepdims" or name in ("log", "log, then pick", "one-hot")
}
ROWS |= {
    "log(e) - log(s)": (
        slope(lambda x: (T.log(T.exp(x)) - T.log(T.exp(x).sum(axis=1, keepdims=True))) * WEIGHTS), weighted,
    ),
    "log-sum-exp": (slope(lambda x: T.log(T.exp(x).sum(axis=1))), softmax),
    "log-sum-exp of columns": (slope(lambda x: T.log(T.exp(x).sum(axis=0))), lambda v: softmax(v, 0)),
    "log-sum-exp of all": (slope(lambda x: T.log(T.exp(x).sum())), lambda v: softmax(v, None)),
    "log-mean-exp": (lambda x: T.log(T.exp(x).mean(axis=1)), lambda v: special.logsumexp(v, axis=1) - np.log(3)),
    "its gradient": (slope(lambda x: T.log(T.exp(x).mean(axis=1))), softmax),
    "Hessian of log-sum-exp": (along_slope(lambda x: T.log(T.exp(x).sum(axis=1))), pull),
    "log of a sum of two": (lambda x: T.log(T.exp(x) + T.exp(-x)), lambda v: np.logaddexp(v, -v)),
    "log of a sum of two: gradient": (slope(lambda x: T.log(T.exp(x) + T.exp(-x))), np.tanh),
    "sigmoid by hand: gradient": (slope(lambda x: 1 / (1 + T.exp(-x))), lambda v: special.expit(v) * special.expit(-v)),
    "falling sigmoid: gradient": (slope(lambda x: 1 / (1 + T.exp(x))), lambda v: -special.expit(v) * special.expit(-v)),
    "exp/(1 + exp)": (lambda x: T.exp(x) / (1 + T.exp(x)), special.expit),
    "swish: gradient": (
        slope(lambda x: x / (1 + T.exp(-x))), lambda v: special.expit(v) * (1 + v * special.expit(-v)),
    ),
    "1 - sigmoid by hand": (lambda x: T.log(1 - 1 / (1 + T.exp(-x))), lambda v: -np.logaddexp(0, v)),
    "1 - sigmoid by hand: gradient": (slope(lambda x: T.log(1 - 1 / (1 + T.exp(-x)))), lambda v: -special.expit(v)),
    "log of the sigmoid by hand": (slope(lambda x: T.log(1 / (1 + T.exp(-x)))), lambda v: special.expit(-v)),
    "log(1 + exp): gradient": (slope(lambda x: T.log(1 + T.exp(x))), special.expit),
    "log1p(exp): gradient": (slope(lambda x: T.log1p(T.exp(x))), special.expit),
    "sigmoid crossentropy by hand: gradient": (
        slope(lambda x: T.nnet.binary_crossentropy(1 / (1 + T.exp(-x)), 0.25)), lambda v: special.expit(v) - 0.25,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_right_with_the_rules_and_wrong_without(name):
    build, expected = ROWS[name]
    x = T.dmatrix("x")
    out = build(x)
    result = tx.function([x], out)(X)
    np.testing.assert_allclose(result, expected(X), rtol=1e-9, atol=1e-12)
    # What is right where nothing is large is so with and without the rules, and the type stays.
    plain = tx.function([x], out, mode=PLAIN)
    with np.errstate(all="ignore"):
        assert not np.allclose(plain(X), expected(X), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(plain(CALM), expected(CALM), rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(tx.function([x], out)(CALM), expected(CALM), rtol=1e-11, atol=1e-13)
    assert rewrite_graph([out])[0].type == out.type


#: what looks like a row and is none
OTHERS = {
    "another axis": lambda e, x: e / e.sum(axis=0, keepdims=True).T[:3].T,
    "another exponent": lambda e, x: T.exp(x) / T.exp(2 * x).sum(axis=1, keepdims=True),
    "the rows of another sum": lambda e, x: e[:3] / e[:3].sum(axis=1),
    "no sum of all terms": lambda e, x: e / (2 + e),
    "sum of products": lambda e, x: e / (e * WEIGHTS).sum(axis=1, keepdims=True),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_row_stays(name):
    x = T.dmatrix("x")
    out = OTHERS[name](T.exp(x), x)
    both = [out, T.grad(out.sum(), x)]
    with_rules, without = (tx.function([x], both, mode=mode)(CALM) for mode in (None, PLAIN))
    for a, b in zip(with_rules, without, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_infinities_and_integers():
    x, y, i = T.dvector("x"), T.dvector("y"), T.lvector("i")
    two = tx.function([x, y], T.log(T.exp(x) + T.exp(y)))
    assert two([np.inf, -np.inf, -np.inf], [0.0, -np.inf, 2.0]).tolist() == [np.inf, -np.inf, 2]
    np.testing.assert_allclose(tx.function([i], T.exp(i) / (1 + T.exp(i)))([-800, 0, 800]), [0, 0.5, 1], atol=1e-300)


def test_new_axes_are_shuffles():
    v, m = T.dvector("v"), T.dmatrix("m")
    (rewritten,) = rewrite_graph([v[:, None]])
    assert tx.pp(rewritten) == tx.pp(v.dimshuffle(0, "x"))
    out = m * v[:, None] + v[None]
    kinds = {type(n.op).__name__ for n in toposort(rewrite_graph([T.grad(out.sum(), v)]))}
    assert not {"Subtensor", "IncSubtensor"} & kinds
    value, gradient, written = tx.function(
        [v, m], [out, T.grad((out**2).sum(), v), T.inc_subtensor(v[:, None], np.ones((2, 1)))]
    )([1.0, 2], np.eye(2))
    assert value.tolist() == [[2, 2], [1, 4]] and gradient.tolist() == [10, 20] and written.tolist() == [2, 3]
