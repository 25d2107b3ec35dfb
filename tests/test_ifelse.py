"""ifelse: values, types, gradients; and that only one branch is run, whatever is in it."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.ifelse import ifelse

X, Y = np.arange(3.0), np.arange(4.0)


class Counting(tx.Op):
    """The identity, on the host; counts its calls."""

    __props__ = ("name",)
    calls = {}

    def __init__(self, name):
        self.name = name

    def make_node(self, x):
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        self.calls[self.name] = self.calls.get(self.name, 0) + 1
        output_storage[0][0] = inputs[0].copy()


@pytest.fixture
def calls():
    Counting.calls.clear()
    return Counting.calls


@pytest.fixture
def variables():
    return T.iscalar("c"), T.dvector("x"), T.dvector("y")


@pytest.mark.parametrize("condition", [0, 1, -3])
def test_branches_of_different_shapes(variables, condition):
    c, x, y = variables
    f = tx.function([c, x, y], ifelse(c, x * 2, y + 1))
    assert f(condition, X, Y).tolist() == (X * 2 if condition else Y + 1).tolist()


def test_one_executable_where_shapes_agree(variables):
    c, x, y = variables
    f = tx.function([c, x, y], ifelse(c, x * 2, y + 1))
    assert [f(k, X, X).tolist() for k in (0, 1, 0, 5)] == [[1, 2, 3], [0, 2, 4], [1, 2, 3], [0, 2, 4]]
    assert len(f.specializations) == 1


def test_a_condition_from_data_is_a_stage_where_shapes_differ(variables):
    _, x, y = variables
    f = tx.function([x, y], ifelse(x.sum() > 1, x, y))
    assert [len(f(k * X, Y)) for k in (0, 1)] == [4, 3]
    assert len(f.program.stages) == 2


@pytest.mark.parametrize("value", [0.0, 0.5])
def test_conditions_may_be_floats(variables, value):
    s, (_, x, y) = T.dscalar("s"), variables
    assert len(tx.function([s, x, y], ifelse(s, x, y))(value, X, Y)) == (3 if value else 4)


def test_lists_and_tuples(variables):
    c, x, y = variables
    assert type(ifelse(c, [x], [y])) is list and type(ifelse(c, (x, y), (y, x))) is tuple
    f = tx.function([c, x, y], ifelse(c, [x, y * 2], [y, x + 1]))
    assert [v.tolist() for v in f(1, X, Y)] == [X.tolist(), (2 * Y).tolist()]
    assert [v.tolist() for v in f(0, X, Y)] == [Y.tolist(), (X + 1).tolist()]


@pytest.mark.parametrize(
    "make, error, match",
    [
        (lambda c, x, y: ifelse(c, [x, y], [y]), ValueError, "same number of variables"),
        (lambda c, x, y: ifelse(c, x, T.fvector()), TypeError, "identical types"),
        (lambda c, x, y: ifelse(c, x, T.dmatrix()), TypeError, "identical types"),
        (lambda c, x, y: ifelse(x, x, y), TypeError, "Condition given to the op has to be a scalar"),
    ],
)
def test_bad_input(variables, make, error, match):
    with pytest.raises(error, match=match):
        make(*variables)


def test_the_branch_not_taken_does_not_run_on_the_host(variables, calls):
    c, x, y = variables
    f = tx.function([c, x, y], ifelse(c, Counting("then")(x * 2) + 1, Counting("else")(T.exp(y))))
    assert f(1, X, Y).tolist() == [1, 3, 5]
    assert calls == {"then": 1}
    np.testing.assert_allclose(f(0, X, Y), np.exp(Y))
    assert calls == {"then": 1, "else": 1}


def test_what_both_branches_share_runs_once(variables, calls):
    c, x, _ = variables
    shared = Counting("shared")(x)
    f = tx.function([c, x], ifelse(c, shared + 1, shared * Counting("else")(x)))
    assert f(1, X).tolist() == [1, 2, 3]
    assert f(0, X).tolist() == [0, 1, 4]
    assert calls == {"shared": 2, "else": 1}


def test_the_branch_not_taken_checks_nothing(variables):
    c, x, _ = variables
    i = T.lscalar("i")
    f = tx.function([c, x, i], ifelse(c, x[T.stack([i, i])].sum(), x.sum()))
    assert f(0, X, 7) == 3
    with pytest.raises(IndexError, match="index 7 is out of bounds"):
        f(1, X, 7)


def test_sizes_are_asked_inside_a_branch(variables):
    c, x, _ = variables
    n = T.lscalar("n")
    f = tx.function([c, x, n], ifelse(c, x[:n].sum(), T.arange(n).sum() * 1.0))
    assert [f(k, X, m) for k in (0, 1) for m in (1, 3)] == [0, 3, 0, 3]


def test_nested(variables, calls):
    c, x, y = variables
    inner = ifelse(x.sum() > 2, Counting("a")(x), Counting("b")(-x))
    f = tx.function([c, x, y], ifelse(c, inner * 10, y))
    assert f(0, X, Y).tolist() == Y.tolist() and calls == {}
    assert f(1, X, Y).tolist() == [0, 10, 20] and calls == {"a": 1}
    assert f(1, X / 9, Y).tolist() == (-X / 9 * 10).tolist() and calls == {"a": 1, "b": 1}


@pytest.mark.parametrize("condition", [0, 1])
def test_gradient(variables, condition):
    c, x, y = variables
    of_x, of_y = tx.function([c, x, y], T.grad(ifelse(c, (x**2).sum(), (y**3).sum()), [x, y]))(condition, X, Y)
    assert of_x.tolist() == (2 * X * condition).tolist()
    assert of_y.tolist() == (3 * Y**2 * (1 - condition)).tolist()


def test_gradient_to_different_shapes(variables):
    c, x, y = variables
    f = tx.function([c, x, y], T.grad((ifelse(c, x * 3, y) ** 2).sum(), [x, y]))
    assert [g.tolist() for g in f(1, X, Y)] == [(18 * X).tolist(), [0] * 4]
    assert [g.tolist() for g in f(0, X, Y)] == [[0] * 3, (2 * Y).tolist()]


def test_gradient_of_the_condition_is_flat():
    s = T.dscalar("s")
    f = tx.function([s], T.grad(ifelse(s, s * 2, s * 3), s))
    assert f(1.0) == 2 and f(0.0) == 3


def test_inside_a_loop():
    x = T.dvector("x")
    out, _ = tx.scan(lambda v, s: ifelse(v > 1, s + v, s * 2), x, T.constant(np.float64(1)))
    f = tx.function([x], [out, T.grad(out[-1], x)])
    values, gradient = f(np.array([3.0, 0.0, 2.0]))
    assert values.tolist() == [4, 8, 10] and gradient.tolist() == [2, 0, 1]


def test_updates_are_kept_where_a_branch_fails(variables):
    c, x, _ = variables
    state = tx.shared(np.zeros(3))
    i = T.lvector("i")
    f = tx.function([c, x, i], [], updates=[(state, state + ifelse(c, x[i], x))])
    f(1, X, [0, 1, 2])
    with pytest.raises(IndexError):
        f(1, X, [0, 1, 9])
    assert state.get_value().tolist() == X.tolist()
