"""Each rule for products and tails: wrong without it, right with it, and the same as before elsewhere."""

import numpy as np
import pytest
from scipy import special

import tx
import tx.tensor as T
from tx.rewriting import rewrite_graph

LARGE = np.array([-800.0, -30.0, -1.0, 0.5, 1.0, 30.0, 800.0])
PLAIN = tx.Mode(optimizer=None)
HUGE = np.array([1e200, -1e200, 3.0])


def slope(build):
    return lambda x: T.grad(build(x).sum(), x)


def log_sum_exp(x):
    return T.log(T.exp(x).sum())


def by_hand(x):
    m = x.dimshuffle("x", 0)
    return T.exp(m) / T.exp(m).sum(axis=1, keepdims=True)


#: name -> (expression of a vector, where it is wrong without the rule, what is right there)
ROWS = {
    "log(sum(exp))": (log_sum_exp, LARGE, 800),
    "its gradient": (slope(log_sum_exp), LARGE, [0, 0, 0, 0, 0, 0, 1]),
    "its gradient, all small": (slope(log_sum_exp), np.array([-900.0, -900.0]), [0.5, 0.5]),
    "log(sum(exp)) of rows": (lambda x: T.log(T.exp(T.outer(x, [1.0, 1.0])).sum(axis=1)), LARGE, LARGE + np.log(2)),
    "its gradient by rows": (
        slope(lambda x: T.log(T.exp(T.outer(x, [1.0, 0.0])).sum(axis=1, keepdims=True))), LARGE, special.expit(LARGE),
    ),
    "of minus infinity": (lambda x: T.log(T.exp(x).sum()), np.array([-np.inf, 900.0]), 900),
    "softmax by hand": (by_hand, LARGE, [[0, 0, 0, 0, 0, 0, 1]]),
    "its logarithm": (lambda x: T.log(by_hand(x)), LARGE, [LARGE - 800]),
    "a*b/a": (lambda x: x * (x + 1) / x, HUGE, HUGE + 1),
    "a*b/a at 0": (lambda x: x * T.cos(x) / x, np.array([0.0, 1.0]), np.cos([0, 1])),
    "b/a*a": (lambda x: T.exp(x) / x * x, np.array([0.0, 1.0]), np.exp([0, 1])),
    "(a*b)/(c*a)": (lambda x: (x * T.sin(x)) / (x * T.cos(x)), np.array([0.0, 1.0]), np.tan([0, 1])),
    "1 - erf": (lambda x: 1 - T.erf(x), np.array([1.0, 10.0, 20.0]), special.erfc([1, 10, 20])),
    "erf - 1": (lambda x: T.erf(x) - 1, np.array([1.0, 10.0, 20.0]), -special.erfc([1, 10, 20])),
    "1 - erfc": (lambda x: 1 - T.erfc(x), np.array([1e-20, 1.0]), special.erf([1e-20, 1.0])),
    "log(erfc)": (
        lambda x: T.log(T.erfc(x)), np.array([-50.0, 0.0, 1.5, 40.0]),
        [np.log(2), 0, np.log(special.erfc(1.5)), np.log(special.erfcx(40)) - 1600],
    ),
    "the gradient of log(erfc)": (
        slope(lambda x: T.log(T.erfc(x))), np.array([-50.0, 0.5, 40.0]),
        [0, -2 / np.sqrt(np.pi) / special.erfcx(0.5), -2 / np.sqrt(np.pi) / special.erfcx(40)],
    ),
    "exp(x**2)*erfc": (lambda x: T.exp(x**2) * T.erfc(x), np.array([0.5, 40.0]), special.erfcx([0.5, 40])),
    "dead branch": (slope(lambda x: T.switch(x > 0, T.log(x), x)), np.array([0.0, -1, 2]), [1, 1, 0.5]),
    "dead other branch": (slope(lambda x: T.switch(T.eq(x, 0), 0, 1 / x)), np.array([0.0, 2.0]), [0, -0.25]),
    "dead square root": (slope(lambda x: T.switch(x > 0, T.sqrt(x), 0)), np.array([-1.0, 4.0]), [0, 0.25]),
    "log softmax, one-hot": (
        slope(lambda x: -(T.log(T.nnet.softmax(x)) * T.eye(1, 3, 1)).sum()), np.array([0.0, 900, 2000]), [0, -1, 1],
    ),
    "crossentropy of softmax": (
        slope(lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), np.array([1]))), np.array([0.0, 900, 2000]),
        [0, -1, 1],
    ),
    "crossentropy of softmax, one-hot": (
        slope(lambda x: T.nnet.categorical_crossentropy(T.nnet.softmax(x), T.eye(1, 3, 1))), np.array([0.0, 900, 2000]),
        [0, -1, 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_right_with_the_rule_and_wrong_without(name):
    build, values, expected = ROWS[name]
    x = T.dvector("x")
    out = build(x)
    np.testing.assert_allclose(tx.function([x], out)(values), expected, rtol=1e-12, atol=1e-300)
    without = tx.function([x], out, mode=PLAIN)(values)
    with np.errstate(all="ignore"):
        assert not np.allclose(without, expected, rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", ROWS)
def test_the_same_where_nothing_is_large(name):
    build, _, _ = ROWS[name]
    x = T.dvector("x")
    values = np.array([0.25, 0.5, 0.75])
    out = build(x)
    np.testing.assert_allclose(tx.function([x], out)(values), tx.function([x], out, mode=PLAIN)(values), rtol=1e-12)
    (rewritten,) = rewrite_graph([out])
    assert rewritten.type == out.type


#: what looks like a row and is none: left as it is
OTHERS = {
    "a/a": lambda x: T.log(x) / T.log(x),
    "0*a": lambda x: 0 * T.log(x),
    "log(sum(exp)) along another axis": lambda x: (
        T.exp(T.outer(x, x)) / T.exp(T.outer(x, x)).sum(axis=0).dimshuffle(0, "x")
    ),
    "sqrt(x*y)": lambda x: T.sqrt(x * (x + 1)),
    "log(erf)": lambda x: T.log(T.erf(x)),
    "2 - erf": lambda x: 2 - T.erf(x),
    "a switch without 0": lambda x: T.switch(x > 0, x, 1) * x,
    "exp(x)*erfc(x)": lambda x: T.exp(x) * T.erfc(x),
    "0.1*a*0.3": lambda x: 0.1 * x * 0.3,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_row_stays(name):
    x = T.dvector("x")
    values = np.array([-0.5, 0.0, 0.7])
    out = OTHERS[name](x)
    with_rules, without = (tx.function([x], out, mode=m)(values) for m in (None, PLAIN))
    np.testing.assert_array_equal(with_rules, without)


@pytest.mark.parametrize("square", [lambda x: x**2, T.sqr, lambda x: x * x])
def test_root_of_a_square(square):
    """XLA does this, too, but not everywhere."""
    x = T.dvector("x")
    (rewritten,) = rewrite_graph([T.sqrt(square(x))])
    assert tx.pp(rewritten) == "|x|"
    f = tx.function([x], [T.sqrt(square(x)), T.grad(T.sqrt(square(x)).sum(), x)])
    value, gradient = f(HUGE)
    assert value.tolist() == abs(HUGE).tolist() and gradient.tolist() == np.sign(HUGE).tolist()


def test_integers_and_complex_numbers_are_left_alone():
    i, z = T.lvector("i"), T.zvector("z")
    f = tx.function([i, z], [i * 2 // i, T.sqrt(z**2), z * 2 / z])
    a, b, c = f([2, -3], [1j, -2.0])
    assert a.tolist() == [2, 2]
    np.testing.assert_allclose(b, [1j, 2])
    np.testing.assert_allclose(c, [2, 2])


def test_types_stay():
    row = T.frow("row")
    for out in (row * 2 / row, T.sqrt(row**2), T.log(T.exp(row).sum(axis=1)), T.switch(row > 0, row, 0) / row):
        (rewritten,) = rewrite_graph([out])
        assert rewritten.type == out.type


def test_long_products_are_not_taken_apart():
    x = T.dscalar("x")
    out = x
    for k in range(2000):
        out = out * (x + k) if k % 2 else out / (x + k)
    assert np.isfinite(tx.function([x], out, mode="FAST_COMPILE")(1.5))
