"""The shortest way through a call: it is taken, and whatever changes is noticed; what it returns is the caller's."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import device

SHAPE = (80, 70)  # large enough for its memory to be handed over
s = tx.shared(np.zeros(SHAPE))
x, v, c = T.dmatrix("x"), T.dvector("v"), T.constant(np.full(SHAPE, 3.0))


def _settled(inputs, outputs, *arguments, **kwargs):
    """A function that has found its shortcut."""
    f = tx.function(inputs, outputs, **kwargs)
    for _ in range(5):
        f(*arguments)
    assert f._shortcut is not None
    return f


def test_new_shapes_are_compiled():
    f = _settled([v], v * 2, np.ones(3))
    np.testing.assert_array_equal(f(np.arange(5.0)), 2 * np.arange(5.0))
    np.testing.assert_array_equal(f(np.arange(3.0)), 2 * np.arange(3.0))
    assert len(f.specializations) == 2


def test_several_shapes_are_looked_up():
    with tx.config.change_flags(length_buckets="off"):
        f = _settled([v], v * 2, np.ones(3))
        for n in (4, 3, 4, 3, 4, 3, 4, 3):
            np.testing.assert_array_equal(f(np.ones(n)), np.full(n, 2.0))
        assert f._shortcut is not None and len(f.program.single.plain) == 2
        np.testing.assert_array_equal(f(np.ones(5)), np.full(5, 2.0))
        assert len(f.specializations) == 3


def test_padded_calls():
    f = _settled([v], v.sum(), np.ones(3))
    for _ in range(3):
        for n in range(1, 20):
            assert f(np.ones(n)) == n
    assert f._shortcut is not None and len(f.specializations) < 10


def test_lengths_among_arguments():
    n, state = T.iscalar("n"), tx.shared(np.arange(50.0))
    f = tx.function([n], state[:n].sum(), updates=[(state, state + 1)])
    for k in range(40):
        given = [k, np.int32(k), np.array(k, "int32")][k % 3]
        assert f(given) == (np.arange(50.0) + k)[:k].sum()
    assert f._shortcut is not None and len(f.specializations) == 2  # for none, and for some
    state.set_value(np.arange(30.0))
    for k in (5, 40, 5, 40):
        state.set_value(np.arange(30.0))
        assert f(k) == np.arange(30.0)[:k].sum()


@pytest.mark.parametrize("given", [[1, 2, 3], np.arange(3, dtype="int8"), np.arange(6.0)[::2]], ids=repr)
def test_arguments_are_converted_as_ever(given):
    f = _settled([v], v * 2, np.ones(3))
    np.testing.assert_array_equal(f(given), 2 * np.asarray(given, "float64"))
    np.testing.assert_array_equal(f(v=given), 2 * np.asarray(given, "float64"))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64", "uint16", "bool", "complex64"])
def test_numpy_numbers(dtype):
    """Those of the dtype are taken as they are; others as ever."""
    n = T.scalar("n", dtype=dtype)
    f = _settled([n], [n, n + n], np.array(1, dtype))
    for given in (np.dtype(dtype).type(1), np.array(1, dtype), True):
        same, twice = f(given)
        assert (same, same.dtype, twice) == (1, dtype, np.add(same, same))
    assert f._shortcut is not None
    with pytest.raises(TypeError, match="Wrong number of dimensions"):
        f(np.ones(2, dtype))


def test_numpy_numbers_where_only_arrays_are_taken():
    n = T.dscalar("n")
    f = _settled([tx.In(n, strict=True)], n * 2, np.array(1.0))
    with pytest.raises(TypeError, match="expected a ndarray object"):
        f(np.float64(1.0))
    assert f(np.array(3.0)) == 6 and f._shortcut is not None


def test_wrong_arguments_raise_as_ever():
    f = _settled([v], v * 2, np.ones(3))
    with pytest.raises(TypeError, match="Bad input argument"):
        f(np.ones((2, 2)))
    with pytest.raises(TypeError, match="Too many parameter"):
        f(np.ones(3), np.ones(3))
    with pytest.raises(TypeError, match="Missing required input"):
        f()


def test_updates_are_made_and_new_values_are_seen():
    n = tx.shared(0.0)
    f = _settled([], n * 1, updates=[(n, n + 1)])
    assert (f(), n.get_value()) == (5.0, 6.0)
    n.set_value(20.0)
    assert (f(), f(), n.get_value()) == (20.0, 21.0, 22.0)


def test_several_outputs_and_a_dict():
    f = _settled([v], [v + 1, v.sum()], np.ones(3))
    np.testing.assert_array_equal(f(np.ones(3))[0], [2.0, 2.0, 2.0])
    g = _settled([v], {"a": v + 1, "b": v.sum()}, np.ones(3))
    assert g(np.ones(3))["b"] == 3.0


def test_a_scope_of_another_precision_changes_nothing():
    f = _settled([v], v / 3, np.ones(3))
    saved = device.swap_x64(False)
    try:
        assert f(np.ones(3)).dtype == "float64"
        assert not device.swap_x64(False)
    finally:
        device.restore_x64(saved)


def test_trust_input_is_heard_at_any_time():
    f = _settled([v], v * 2, np.ones(3))
    f.trust_input = True
    np.testing.assert_array_equal(f(np.ones(3)), [2.0, 2.0, 2.0])
    f.trust_input = False
    np.testing.assert_array_equal(f([1, 1, 1]), [2.0, 2.0, 2.0])


def test_a_call_that_fails_elsewhere():
    f = _settled([v], v[T.cast(v.sum(), "int64")], np.zeros(3))  # asked of the host before the call
    with pytest.raises(IndexError):
        f(np.ones(3))
    assert f(np.zeros(3)) == 0


def test_a_call_that_fails_on_the_device_changes_nothing():
    i, state = T.lvector("i"), tx.shared(np.zeros(3))
    f = _settled([v, i], v[i * 2 // 2], np.ones(3), np.array([0, 2]), updates=[(state, state + v)])
    for _ in range(3):
        with pytest.raises(IndexError, match="index 7 is out of bounds for axis 0 with size 3"):
            f(np.ones(3), np.array([0, 7]))
        np.testing.assert_array_equal(state.get_value(), np.full(3, 5.0))
    f(np.ones(3), np.array([0, 1]))
    np.testing.assert_array_equal(state.get_value(), np.full(3, 6.0))


@pytest.mark.parametrize("number", [3, True, 3.0, np.float32(3), np.int8(3)], ids=repr)
def test_numbers_are_converted(number):
    a = T.dscalar("a")
    f = _settled([a], a * 2, number)
    assert f(number) == 6.0 if number is not True else f(number) == 2.0


@pytest.mark.parametrize("number", [3.5, 2**40, float("nan"), float("inf"), -(2**70)], ids=repr)
def test_numbers_that_do_not_fit_raise(number):
    k = T.iscalar("k")
    f = _settled([k], k * 2, 1)
    with pytest.raises((TypeError, OverflowError, ValueError)) as told:
        f(number)
    with pytest.raises(told.type):
        tx.function([k], k)(number)


HANDED_OVER = {
    "an argument": ([x], [x]),
    "an argument, unchanged": ([x], [x * 1, x.T]),
    "an argument, reshaped": ([x], [x.flatten()]),
    "one value twice": ([x], [x * 2, x * 2]),
    "one value in two shapes": ([x], [x * 2, (x * 2).flatten()]),
    "a shared variable": ([], [s, s]),
    "a constant": ([], [c, c]),
    "data-dependent sizes": ([x], [x[(x > 0).nonzero()], x * 1, x]),
}


@pytest.mark.parametrize("inputs, outputs", HANDED_OVER.values(), ids=HANDED_OVER)
def test_results_are_the_callers_to_write_to(inputs, outputs):
    f, given = tx.function(inputs, outputs), np.ones(SHAPE)
    arguments = [given] if inputs else []
    expected = [r.copy() for r in f(*arguments)]
    for _ in range(6):
        results = f(*arguments)
        for r, value in zip(results, expected, strict=True):
            np.testing.assert_array_equal(r, value)
            r[...] = -7
    assert (given == 1).all() and (s.get_value() == 0).all()


def test_results_are_apart_from_states():
    state = tx.shared(np.zeros(SHAPE))
    f = tx.function([x], [state + x, state], updates=[(state, state + x)])
    for k in range(6):
        new, old = f(np.ones(SHAPE))
        assert (new == k + 1).all() and (old == k).all()
        new[...] = old[...] = -7
        assert (state.get_value() == k + 1).all()


def test_large_results_are_not_copied(by_xla):
    result = tx.function([x], x + 1)(np.ones(SHAPE))
    assert result.base is not None and result.flags.writeable
    assert tx.function([v], v + 1)(np.ones(3)).base is None


@pytest.mark.parametrize("tiny", ["numpy", "xla"])
@pytest.mark.parametrize("borrow", [False, True])
def test_values_that_are_set_are_taken_on_the_way(tiny, borrow):
    """Neither by numpy nor by XLA does a call need the general way for them; and nobody writes to the user's array."""
    with tx.config.change_flags(tiny=tiny):
        rate, total = tx.shared(np.float64(1.0)), tx.shared(np.zeros(3))
        f = _settled([v], total + v * rate, np.ones(3), updates=[(total, total + v * rate)])
    assert f.program.single.without_xla == (tiny == "numpy")
    way = f._shortcut
    for k in range(5):
        value = np.full(3, float(k))
        rate.set_value(k, borrow=borrow)
        total.set_value(value, borrow=borrow)
        np.testing.assert_array_equal(f(np.ones(3)), np.full(3, 2.0 * k))
        np.testing.assert_array_equal(total.get_value(), np.full(3, 2.0 * k))
        np.testing.assert_array_equal(value, np.full(3, float(k)))
        value[:] = -1
        np.testing.assert_array_equal(f(np.ones(3)), np.full(3, 3.0 * k))
    assert f._shortcut is way


def test_values_of_other_shapes_that_are_set():
    state = tx.shared(np.zeros(3))
    f = _settled([], state.sum(), updates=[(state, state + 1)])
    for n in (3, 5, 3, 4, 4):
        state.set_value(np.arange(float(n)))
        assert [f(), f()] == [np.arange(n).sum(), np.arange(n).sum() + n]
        np.testing.assert_array_equal(state.get_value(), np.arange(n) + 2.0)
