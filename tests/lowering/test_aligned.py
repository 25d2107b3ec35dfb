"""Large arguments that are copied before a call: only where XLA would not take them as they are, and to no effect."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.aligned import aligned, large
from tx.lowering.device import to_device
from tx.memory import ALIGNED

SHAPE = 300, 100
x = T.fmatrix("x")


def lying(offset):
    """An array that begins `offset` bytes behind a multiple of `ALIGNED`."""
    memory = np.empty(120_000 + 2 * ALIGNED, "uint8")
    start = -memory.ctypes.data % ALIGNED + offset
    array = memory[start : start + 120_000].view("float32").reshape(SHAPE)
    array[...] = np.random.RandomState(0).randn(*SHAPE)
    return array


@pytest.mark.parametrize("offset", [0, 4, 16, 60])
def test_arrays_are_copied_where_they_do_not_begin_as_they_should(offset):
    array = lying(offset)
    (given,) = aligned([array], [0])
    assert given.ctypes.data % ALIGNED == 0 and np.array_equal(given, array)
    assert (given is array) == (offset == 0)


@pytest.mark.parametrize(
    "other", [lying(4).T, lying(4)[:, 1:], lying(4)[::2], jax.numpy.ones(SHAPE), np.ma.array(lying(4))], ids=type
)
def test_what_is_not_an_array_in_rows_is_left_alone(other):
    assert aligned([other], [0])[0] is other


def test_only_some_sizes_are_looked_at():
    values = [np.empty(n, "uint8") for n in (1, 100_000, 102_400, 1 << 20, (1 << 20) + 1)]
    positions = range(len(values))
    assert large(values, positions) == ([2, 3] if jax.default_backend() == "cpu" else [])
    assert large(values, [0, 4]) == large([jax.numpy.ones(50_000)], [0]) == []


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere arguments are copied to the device")
@pytest.mark.parametrize("updated", [False, True])
def test_calls_with_arrays_anywhere(updated, monkeypatch):
    monkeypatch.setattr(tx.config, "tiny", "xla")
    total = tx.shared(np.zeros(SHAPE[1], "float32"))
    rows = T.tanh(x).sum(axis=0)
    f = tx.function([x], rows, updates=[(total, total + rows)] if updated else [])
    expected, calls = np.tanh(lying(0).astype("float64")).sum(axis=0), 0
    for _ in range(4):
        for array in (*map(lying, (16, 0, 60)), np.asfortranarray(lying(0))):
            array.flags.writeable = False
            np.testing.assert_allclose(f(array), expected, 1e-4, 1e-4)
            calls += 1
    assert f.program.single.specializations[-1].handover.large == (0,)
    if updated:
        np.testing.assert_allclose(total.get_value(), calls * expected, 1e-3, 1e-3)


@pytest.mark.parametrize("part", [np.s_[:, ::2], np.s_[:, ::-1], np.s_[::2, 1::3]])
def test_what_jax_would_copy_slowly_is_copied(part):
    array = lying(0)[part]
    (given,) = aligned([array], [0])
    assert given is not array and given.ctypes.data % ALIGNED == 0 and np.array_equal(given, array)
    np.testing.assert_array_equal(tx.function([x], x * 2)(array), array * 2)


def test_what_is_returned_is_the_callers_and_arguments_stay_theirs():
    f = tx.function([x], [x, x * 2])
    for _ in range(6):
        array = lying(16)
        kept = array.copy()
        same, twice = f(array)
        array[...] = 0
        same += 1
        assert np.array_equal(same, kept + 1) and np.array_equal(twice, kept * 2)


def test_a_state_that_is_given_for_a_call_is_not_an_argument():
    f = tx.function([tx.In(x, value=np.zeros(SHAPE, "float32"), update=x + 1, name="x")], x.sum())
    array = lying(16)
    for _ in range(3):
        np.testing.assert_allclose(f(x=array), array.sum(dtype="float64"), rtol=1e-4)
        assert np.array_equal(f["x"], array + 1)


@pytest.mark.parametrize("value", [np.arange(3), np.ones(SHAPE, "float32"), np.array(2.0), np.ones(2, bool)], ids=str)
def test_values_on_the_device_are_those_of_device_put(value):
    """Also where the user has said which device is the default: nothing is bound to it."""
    with jax.enable_x64(True):
        expected = jax.device_put(value)
    with jax.default_device(jax.devices()[0]):
        chosen = to_device(value)
    for found in (to_device(value), chosen, to_device(value, own=True)):
        assert found.aval == expected.aval and found.sharding == expected.sharding
        assert found.committed == expected.committed is False
        np.testing.assert_array_equal(found, value)
