"""Gradients of slices are added to one array; what is no slice of zeros stays a term of the sum."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.rewriting import rewrite_graph
from tx.tensor.subtensor import IncSubtensor

x, m, i = T.dvector("x"), T.dmatrix("m"), T.lvector("i")
AT = np.linspace(-1, 1, 6)


def zeros(v):
    return T.zeros_like(v)


#: name -> (expression, numpy's value at AT, how many sums of whole arrays are left)
ROWS = {
    "and an array": (T.exp(x) + T.inc_subtensor(zeros(x)[1:3], x[:2]), np.exp(AT) + np.r_[0, AT[:2], 0, 0, 0], 0),
    "two of them": (
        T.inc_subtensor(zeros(x)[1:3], x[:2]) + T.inc_subtensor(zeros(x)[0], x[5]), np.r_[AT[5], AT[:2], 0, 0, 0], 0,
    ),
    "at the same place": (
        T.inc_subtensor(zeros(x)[1:3], x[:2]) + T.inc_subtensor(zeros(x)[2:4], x[:2]),
        np.r_[0, AT[0], AT[1] + AT[0], AT[1], 0, 0], 0,
    ),
    "two arrays": (x + T.exp(x) + T.inc_subtensor(zeros(x)[1:3], 2.0), AT + np.exp(AT) + np.r_[0, 2, 2, 0, 0, 0], 1),
    "a set one": (x + T.set_subtensor(zeros(x)[1:3], 2.0), AT + np.r_[0, 2, 2, 0, 0, 0], 1),
    "of ones": (x + T.inc_subtensor(T.ones_like(x)[1:3], 2.0), AT + 1 + np.r_[0, 2, 2, 0, 0, 0], 1),
    "of another's length": (x + T.inc_subtensor(T.zeros(6)[1:3], 2.0), AT + np.r_[0, 2, 2, 0, 0, 0], 1),
    "a gradient": (T.grad((x[0] * x[1:] ** 2).sum(), x), np.r_[(AT[1:] ** 2).sum(), 2 * AT[0] * AT[1:]], 0),
}  # fmt: skip


def sums(variable):
    """How many sums of vectors compute it."""
    (result,) = rewrite_graph([variable], [x])
    seen, stack = set(), [result]
    while stack:
        owner = stack.pop().owner
        if owner is not None and owner not in seen:
            seen.add(owner)
            stack += owner.inputs
    added = [n for n in seen if getattr(getattr(n.op, "scalar_op", None), "row", "") == "add"]
    return sum(n.outputs[0].ndim == 1 for n in added)


@pytest.mark.parametrize("tiny", ["numpy", "xla"])
@pytest.mark.parametrize("name", ROWS)
def test_values_and_sums(name, tiny):
    expression, expected, left = ROWS[name]
    assert sums(expression) == left
    with tx.config.change_flags(tiny=tiny):
        np.testing.assert_allclose(tx.function([x], expression)(AT), expected, rtol=1e-12)


@pytest.mark.parametrize("tiny", ["numpy", "xla"])
def test_lengths_that_differ_are_an_error_as_before(tiny):
    """What is added to may be longer than the zeros; unless it is known not to be, it stays a term."""
    y = T.dvector("y")
    piece = T.inc_subtensor(zeros(x)[1:3], 2.0)
    for expression in (y + piece, T.exp(y) * 2 + piece, T.inc_subtensor(zeros(y)[0], 1.0) + piece):
        f = tx.function([x, y], expression)
        with tx.config.change_flags(tiny=tiny), pytest.raises(ValueError, match="mis-match"):
            f(AT, np.ones(7))
        assert f(AT, np.ones(6)).shape == (6,)


def test_places_that_arrays_name_stay_a_term():
    """They may name a place twice, and rules for gradients of picks look for the zeros."""
    picked = x + T.inc_subtensor(zeros(x)[i], 1.0)
    (result,) = rewrite_graph([picked], [x, i])
    assert not isinstance(result.owner.op, IncSubtensor)
    assert tx.function([x, i], picked)(AT, [1, 1, 0]).tolist() == (AT + np.r_[1, 2, 0, 0, 0, 0]).tolist()
