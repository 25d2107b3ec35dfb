"""Large arguments are looked at where they lie: whatever begins wherever, nothing is lost or read elsewhere."""

import mmap

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import aligned, views
from tx.lowering.views import _around, with_views
from tx.memory import ALIGNED

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere arguments are sent")

x, y, i = T.fmatrix("x"), T.fmatrix("y"), T.iscalar("i")


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    """Arrays of more than 4 KB are large."""
    monkeypatch.setattr(views, "_IN_PLACE", 4096)
    monkeypatch.setattr(views, "_LEAST", 64 << 10)
    with tx.config.change_flags(tiny="xla"):
        yield


def placed(array, shift, at_end=False):
    """The same elements, `shift` bytes behind a multiple of 64, or where a page ends."""
    memory = np.frombuffer(mmap.mmap(-1, array.nbytes + 3 * mmap.PAGESIZE), "uint8")
    start = (memory.size - array.nbytes - shift) if at_end else -memory.ctypes.data % ALIGNED + ALIGNED + shift
    found = memory[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    found[...] = array
    return found


def numbers(*shape, dtype="float32", shift=16):
    """An array of which a view is worth it."""
    return placed(np.random.RandomState(0).uniform(-9, 9, shape).astype(dtype), shift)


def shown(f):
    """The positions that are looked at."""
    return [view.position for made in f.program.stages[0].specializations for view in made.handover.views]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int16", "complex128", "bool"])
@pytest.mark.parametrize("size", [2048, 2049, 8191])
def test_whatever_begins_wherever(dtype, size):
    a = numbers(size, dtype=dtype)
    (view,) = views.views([x], [], [a if a.nbytes > 4096 else numbers(9000, dtype=dtype)], [0])
    view = view._replace(shape=a.shape, length=(-(-a.size // (64 // a.itemsize)) + 1) * (64 // a.itemsize))
    for shift in range(0, 64, 8):
        for at_end in (False, True):
            b = placed(a, shift // a.itemsize * a.itemsize, at_end)
            memory, first = _around(b, view)
            assert len(memory) == view.length
            np.testing.assert_array_equal(memory[first : first + a.size], a)
            if np.shares_memory(memory, b):
                assert not memory.ctypes.data % ALIGNED
    strided = np.repeat(a, 2)[::2]
    memory, first = _around(strided, view)
    np.testing.assert_array_equal(memory[first : first + a.size], a)


def test_memory_is_shared_and_stays_inside_of_pages():
    a = numbers(5000)
    (view,) = views.views([x, x], [], [np.zeros(0), a], [1])
    (_, memory, first) = with_views([None, a], [view])
    assert np.shares_memory(memory, a) and not memory.flags.writeable and first.tolist() == [4]
    whole = np.frombuffer(mmap.mmap(-1, 5 * mmap.PAGESIZE), "float32")  # there may be nothing around it
    (view,) = views.views([x], [], [whole[4:]], [0])
    memory, first = _around(whole, view._replace(shape=whole.shape, length=len(whole) + 16))
    assert not np.shares_memory(memory, whole) and first == 0


@pytest.mark.parametrize(
    "inputs, output, positions",
    [
        ([x, y], x * 2 + y, [0, 1]),
        ([x], x.T + 1, [0]),
        ([x, i], x[i : i + 3], [0]),
        ([x], x.flatten()[5:], [0]),
        ([x], T.set_subtensor(x[1:3], 0.0), [0]),
        ([x], T.argmax(x, axis=1), [0]),
        ([x], T.diag(x), [0]),
        ([x, y], T.concatenate([x, y], axis=1), [0, 1]),
        ([x], x.sum(axis=0), []),
        ([x], T.isnan(x).sum(), [0]),
        ([x], (x.T * 2).dimshuffle(0, "x", 1).sum(axis=0), []),
        ([x, y], T.dot(x.T, y) + y, []),
    ],
)
def test_who_is_looked_at(inputs, output, positions):
    f, plain = (tx.function(inputs, output, mode=mode) for mode in (None, tx.Mode("py", None)))
    for shift in (16, 32, 4, 0, 48):
        values = {x: numbers(40, 40, shift=shift), y: placed(numbers(40, 40) + 1, 48 if shift else 16), i: 2}
        given = [values[v] for v in inputs]
        np.testing.assert_allclose(f(*given), plain(*given), rtol=1e-4, atol=1e-3)
    assert shown(f) == positions


def test_the_largest_are_looked_at_whatever_reads_them():
    f = tx.function([x], [T.dot(x, x.T), x.sum()])
    a = numbers(130, 130)
    product, total = f(a)
    np.testing.assert_allclose(product, a @ a.T, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(total, a.sum(dtype="float64"), rtol=1e-6)
    assert shown(f) == [0]


def test_what_is_looked_at_is_not_aligned_first(monkeypatch):
    monkeypatch.setattr(aligned, "_LEAST", 4096)
    f = tx.function([x, y], [x * 2, y.sum(axis=0)])
    for shift in (0, 16, 0):  # the first begins where it is to, by chance
        a, b = numbers(40, 60, shift=shift), numbers(40, 60)
        twice, total = f(a, b)
        np.testing.assert_array_equal(twice, a * 2)
        np.testing.assert_allclose(total, b.sum(axis=0), rtol=1e-5, atol=1e-3)
    assert shown(f) == [0]
    assert f.program.single.specializations[-1].handover.large == (1,)


def test_other_shapes_values_and_orders():
    f = tx.function([x], x * 2)
    a = numbers(40, 60)
    np.testing.assert_array_equal(f(a), a * 2)
    for other in (numbers(60, 40), numbers(2, 3), a[::2], np.asfortranarray(a), numbers(40, 60, shift=0), a.tolist()):
        expected = np.asarray(other, "float32") * 2
        for _ in range(6):  # the shortest way is found after some
            np.testing.assert_array_equal(f(other), expected)
    a[:] = 1
    assert (f(a) == 2).all()
    given = numbers(40, 60)
    result = f(given)
    given[:] = 0
    assert not (result == 0).any()  # nothing of it is kept


def test_a_function_that_returns_its_argument_gives_a_copy():
    f, a = tx.function([x], [x, x.T]), numbers(40, 60)
    for _ in range(6):
        whole, turned = f(a)
        whole[:], turned[:] = 0, 1
    assert (a != 0).all()


def test_with_updates_givens_and_checks():
    w, k = tx.shared(np.zeros((40, 60), "float32")), T.iscalar("k")
    f = tx.function([x, k], (x * w)[k], updates=[(w, w + x)])
    a = numbers(40, 60)
    for step in range(8):
        np.testing.assert_allclose(f(a, 39), a[39] * (a * step)[39], rtol=1e-5)
    with pytest.raises(IndexError):
        f(a, 40)
    np.testing.assert_allclose(w.get_value(), a * 8, rtol=1e-5)
    with pytest.raises(ValueError):
        f(numbers(60, 40), 3)
    np.testing.assert_allclose(w.get_value(), a * 8, rtol=1e-5)
    assert shown(f)[:1] == [0]


def test_what_numpy_computes_takes_arguments_as_they_are():
    a = numbers(40, 60)
    with tx.config.change_flags(tiny="numpy"):
        f = tx.function([x, i], x[i, 0])
        assert [f(a, k) for k in range(5)] == a[:5, 0].tolist()
    (made,) = f.program.stages[0].specializations
    assert made.by_numpy and not made.handover.views


def test_asynchronous_calls_are_left_alone():
    name = "jax_cpu_enable_async_dispatch"
    before = jax.config.values[name]
    jax.config.update(name, True)
    try:
        assert views.views([x], [], [numbers(5000)], [0]) == []
    finally:
        jax.config.update(name, before)
