"""What XLA would clamp raises, with the names a user needs, and a call that fails changes nothing."""

import numpy as np
import pytest

import tx
import tx.tensor as T


@pytest.fixture
def state():
    return tx.shared(np.arange(6.0).reshape(3, 2), name="state")


def fails_without_trace(state, function, *arguments, match):
    before = state.get_value()
    with pytest.raises(IndexError, match=match):
        function(*arguments)
    np.testing.assert_array_equal(state.get_value(), before)


@pytest.mark.parametrize("bad", [3, -4, 100])
def test_scalar_index(state, bad):
    i = T.lscalar("i")
    f = tx.function([i], state[i], updates=[(state, state + 1)])
    np.testing.assert_array_equal(f(-3), [0, 1])
    fails_without_trace(state, f, bad, match=f"index {bad} is out of bounds for axis 0 with size 3")


@pytest.mark.parametrize("checks", ["on", "off"])
def test_index_array(state, checks):
    i = T.lvector("i")
    with tx.config.change_flags(checks=checks):
        f = tx.function([i], state[:, i])
        np.testing.assert_array_equal(f([1, -2]), [[1, 0], [3, 2], [5, 4]])
        if checks == "on":
            fails_without_trace(state, f, [0, 2], match="index 2 is out of bounds for axis 1 with size 2")
        else:
            assert f([0, 2]).shape == (3, 2)


@pytest.mark.parametrize("write", [T.set_subtensor, T.inc_subtensor])
def test_scatter_update_is_a_transaction(state, write):
    i = T.lvector("i")
    counter = tx.shared(0, name="counter")
    f = tx.function([i], state.sum(), updates=[(state, write(state[i], 1.0)), (counter, counter + 1)])
    f([0, 0])
    fails_without_trace(state, f, [1, -4], match="index -4 is out of bounds for axis 0 with size 3")
    assert counter.get_value() == 1
    f([2])
    assert counter.get_value() == 2


def test_failing_stage_and_growing_state(state):
    x = T.dvector("x")
    grown = tx.shared(np.zeros(1), name="grown")
    at = T.lvector("at")
    update = T.concatenate([grown, x[(x > 0).nonzero()]])
    f = tx.function([x, at], state[at], updates=[(grown, update), (state, state * 2)])
    f([1.0, -1.0], [0])
    assert grown.get_value().tolist() == [0, 1]
    fails_without_trace(state, f, [1.0], [9], match="index 9 is out of bounds for axis 0 with size 3")
    assert grown.get_value().tolist() == [0, 1]
    f([5.0], [0])
    assert grown.get_value().tolist() == [0, 1, 5]


def test_constant_index_out_of_range():
    x = T.dvector("x")
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0 with size 2"):
        tx.function([x], x[[0, 5]])(np.zeros(2))
    with pytest.raises(IndexError, match="index 7 is out of bounds for axis 0 with size 2"):
        tx.function([x], x[7])(np.zeros(2))


def test_errors_tell_where():
    x, i = T.dvector("x"), T.lscalar("i")
    picked = x[i]
    with pytest.raises(IndexError) as caught:
        tx.function([x, i], picked)(np.zeros(2), 2)
    message = str(caught.value)
    assert "Apply node that caused the error: Subtensor{int}(x, i)" in message
    assert f'File "{__file__}"' in message and "test_errors_tell_where" in message


@pytest.mark.parametrize(
    "build, error, match",
    [
        (lambda x, y: x + y, ValueError, "Input dimension mis-match"),
        (lambda x, y: T.dot(x, y), ValueError, "Shape mismatch"),
        (lambda x, y: T.join(0, T.stack([x, x]), T.stack([y, y])), ValueError, "must match exactly"),
        (lambda x, y: T.specify_shape(x, (2,)).sum() + y.sum(), AssertionError, "expected"),
        (lambda x, y: x[:0].max() + y.sum(), ValueError, "zero-size array"),
        (lambda x, y: T.set_subtensor(x[:2], y), ValueError, "could not broadcast"),
        (lambda x, y: T.addbroadcast(x, 0) * y, ValueError, "supposed to be 1"),
    ],
)
def test_shapes_that_do_not_fit(build, error, match):
    x, y = T.dvectors("x", "y")
    f = tx.function([x, y], build(x, y))
    with pytest.raises(error, match=match):
        f(np.zeros(3), np.zeros(4))


def test_duplicates_in_set_last_wins_and_in_inc_accumulate():
    x, i, v = T.dvector(), T.lvector(), T.dvector()
    put = tx.function([x, i, v], T.set_subtensor(x[i], v))
    add = tx.function([x, i, v], T.inc_subtensor(x[i], v))
    index, values = np.array([1, 0, 1, 3, 1]), np.arange(1.0, 6.0)
    expected = np.zeros(4)
    expected[index] = values
    np.testing.assert_array_equal(put(np.zeros(4), index, values), expected)
    expected = np.zeros(4)
    np.add.at(expected, index, values)
    np.testing.assert_array_equal(add(np.zeros(4), index, values), expected)
