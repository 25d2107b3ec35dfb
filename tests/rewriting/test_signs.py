"""Signs that meet go away; not a bit of the result changes."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.rewriting import rewrite_graph
from tx.tensor.elemwise import is_elemwise

a, b, c, v = T.dmatrix("a"), T.dmatrix("b"), T.dmatrix("c"), T.dvector("v")
AT = {k: np.random.RandomState(i).randn(3, 3) for i, k in enumerate((a, b, c))} | {v: np.array([0.0, -0.0, np.inf])}


def rows(expression):
    """The scalar operations of what it is rewritten to."""
    (found,) = rewrite_graph([expression])
    return sorted(n.op.scalar_op.row for n in tx.gof.graph.io_toposort([], [found]) if hasattr(n.op, "scalar_op"))


@pytest.mark.parametrize(
    "expression, expected",
    [
        (T.neg(-a), []),
        (-(a * -b), ["mul"]),
        (-(-a * b * c), ["mul", "mul"]),
        (-(-a / b), ["true_div"]),
        (-(a / (b * -c)), ["mul", "true_div"]),
        (a - b * -c, ["add", "mul"]),
        (a + b * -c, ["mul", "sub"]),
        (-b * c + a, ["mul", "sub"]),
        (a - (-v), ["add"]),
        (a + (-v).dimshuffle("x", 0), ["sub"]),
        (-a - b, ["neg", "sub"]),
        (-(a + b), ["add", "neg"]),
        (-a * b, ["mul", "neg"]),
        (-(a * T.exp(-b)), ["exp", "mul", "neg", "neg"]),
    ],
)
def test_what_is_left(expression, expected):
    assert rows(expression) == expected
    f, inputs = tx.function([a, b, c, v], expression, on_unused_input="ignore"), [AT[k] for k in (a, b, c, v)]
    plain = tx.function([a, b, c, v], expression, on_unused_input="ignore", mode=tx.Mode(optimizer=None))
    np.testing.assert_array_equal(f(*inputs), plain(*inputs))
    np.testing.assert_array_equal(np.signbit(f(*inputs)), np.signbit(plain(*inputs)))


def test_integers_keep_theirs():
    """The least has no opposite."""
    i, j = T.bvector("i"), T.bvector("j")
    assert rows(i - j * -i) == ["mul", "neg", "sub"]
    at = np.array([-128, 127, 5], "int8")
    np.testing.assert_array_equal(tx.function([i, j], i - j * -i)(at, at), at - at * -at)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64"])
def test_integers_among_factors_keep_theirs(dtype):
    """Where the sign of one overflows, the product has what comes of that."""
    i = T.vector("i", dtype=dtype)
    at = np.array([np.iinfo(dtype).min, 0, np.iinfo(dtype).max], dtype)
    for expression in (-(v * -i), v - v * -i, v + v * -i):
        f = tx.function([v, i], expression)
        plain = tx.function([v, i], expression, mode=tx.Mode(optimizer=None))
        np.testing.assert_array_equal(f(np.arange(1.0, 4), at), plain(np.arange(1.0, 4), at))


def test_the_gradient_of_a_difference_of_exponentials_has_one_sign_each():
    gradient = T.grad((a - T.exp(-b) * 2).sum(), b)
    (found,) = rewrite_graph([gradient])
    signs = [n for n in tx.gof.graph.io_toposort([], [found]) if is_elemwise(n.outputs[0], "neg")]
    assert len(signs) == 1
