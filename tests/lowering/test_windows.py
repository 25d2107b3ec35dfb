"""Parts of large inputs that the host looks at: the values are those of the part, in the memory of the whole."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import specialize

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere the host cannot look")

DATA = np.random.RandomState(0).randn(64, 100, 64).astype("float32")
i = T.lscalar("i")


@pytest.fixture(autouse=True)
def by_xla(monkeypatch):
    """numpy needs none."""
    monkeypatch.setattr(tx.config, "tiny", "xla")


def windows(f):
    """The windows of the executable that was made last."""
    return f.program.stages[-1].specializations[-1].handover.windows


def batches(data, n=16):
    """The sum over rows of some that follow each other, times what XLA does not compute while it cuts them out."""
    return data[i * n : (i + 1) * n].reshape((-1, data.size // data.shape[0])).sum(axis=0)


@pytest.mark.parametrize(
    "part, expected, seen",
    [
        (lambda x: x[i * 16 : (i + 1) * 16], lambda x, k: x[k * 16 : (k + 1) * 16], True),
        (lambda x: x[i - 16 : i], lambda x, k: x[k - 16 : k], False),
        (lambda x: x[-16 * (i + 1) : 64 - 16 * i], lambda x, k: x[-16 * (k + 1) : 64 - 16 * k], True),
        (lambda x: x.reshape((4, 1600, 64))[i], lambda x, k: x.reshape(4, 1600, 64)[k], False),
        (lambda x: x[i : i + 1], lambda x, k: x[k : k + 1], False),
        (lambda x: x[:, i * 16 : (i + 1) * 16], lambda x, k: x[:, k * 16 : (k + 1) * 16], False),
        (lambda x: x[i * 16 : (i + 1) * 16, 3:], lambda x, k: x[k * 16 : (k + 1) * 16, 3:], False),
        (lambda x: x[i : i + 32 : 2], lambda x, k: x[k : k + 32 : 2], False),
        (lambda x: x[0:16], lambda x, k: x[:16], False),
    ],
)
def test_what_is_seen(part, expected, seen):
    data = tx.shared(DATA)
    f = tx.function([i], part(data) * 2, on_unused_input="ignore")
    for k in (0, 1, 3, 2):
        np.testing.assert_array_equal(f(k), expected(DATA, k) * 2)
    assert [w.shape for w in windows(f)] == ([(16, 100, 64)] if seen else [])


@pytest.mark.parametrize("dtype", ["float64", "int32", "int8", "bool", "complex64"])
def test_one_row_of_any_dtype(dtype):
    values = (np.random.RandomState(1).randn(3, 1 << 18) * 9).astype(dtype)
    data = tx.shared(values)
    f = tx.function([i], T.switch(T.neq(data[i], 0), data[i], 0))
    for k in (0, 2, -1, -3):
        np.testing.assert_array_equal(f(k), values[k])
    assert [w.shape for w in windows(f)] == [(1 << 18,)]
    with pytest.raises(IndexError):
        f(3)


@pytest.mark.parametrize(
    "values, n",
    [(DATA[:, :4], 16), (DATA.reshape(64, -1)[:, :6391], 15), (DATA.reshape(64, -1)[:16], 16)],
    ids=["small", "rows that begin anywhere", "all of it"],
)
def test_what_is_cut_out(values, n):
    f = tx.function([i], batches(tx.shared(values), n))
    for k in range(len(values) // n):
        np.testing.assert_allclose(f(k), values[k * n : (k + 1) * n].reshape(n, -1).sum(0), rtol=1e-4, atol=1e-4)
    assert not windows(f)


def test_the_last_rows_are_fewer():
    f = tx.function([i], batches(tx.shared(DATA), 24))
    for k in (0, 1, 2, 0):
        np.testing.assert_allclose(f(k), DATA[k * 24 : (k + 1) * 24].reshape(-1, 6400).sum(0), rtol=1e-4, atol=1e-4)
    assert sorted(w.rows for made in f.specializations for w in made.handover.windows) == [16, 24]


def test_values_that_change_are_seen_where_they_are():
    data = tx.shared(DATA)
    f, g = tx.function([i], batches(data)), tx.function([], updates=[(data, data + 1)])
    f(0)
    g()
    held = data.container.held.unsafe_buffer_pointer()
    for k in range(4):
        np.testing.assert_allclose(f(k), (DATA + 1 + k)[k * 16 : (k + 1) * 16].reshape(16, -1).sum(0), rtol=1e-4)
        g()
        # nobody holds on to what was seen: the update is made in place
        assert data.container.held.unsafe_buffer_pointer() == held
    data.set_value(DATA[:32])
    np.testing.assert_allclose(f(1), DATA[16:32].reshape(16, -1).sum(0), rtol=1e-4, atol=1e-4)
    assert windows(f)


def test_what_the_function_updates_is_cut_out():
    data = tx.shared(DATA)
    f = tx.function([i], batches(data), updates=[(data, data + 1)])
    for k in range(3):
        np.testing.assert_allclose(f(k), (DATA + k)[k * 16 : (k + 1) * 16].reshape(16, -1).sum(0), rtol=1e-4, atol=1e-3)
    assert not windows(f)


def test_an_argument():
    x = T.ftensor3("x")
    f = tx.function([x, i], batches(x))
    for values in (DATA, DATA[1:], DATA[:, :, ::-1]):
        np.testing.assert_allclose(f(values, 1), values[16:32].reshape(16, -1).sum(0), rtol=1e-4, atol=1e-4)
    assert windows(f)


def test_a_gradient_and_updates_of_something_else():
    data, w = tx.shared(DATA.reshape(64, -1)), tx.shared(np.zeros((6400, 2), "float32"))
    x, y = T.fmatrix("x"), T.fmatrix("y")
    cost = T.sqr(T.dot(x, w) - y).mean()
    f = tx.function(
        [i],
        cost,
        updates=[(w, w - np.float32(0.1) * T.grad(cost, w))],
        givens={x: data[i * 16 : (i + 1) * 16], y: data[i : i + 16, :2]},
    )
    held = np.zeros((6400, 2))
    for k in (0, 2, 1):
        at, target = DATA.reshape(64, -1)[k * 16 : (k + 1) * 16].astype("float64"), DATA.reshape(64, -1)[k : k + 16, :2]
        error = at @ held - target
        np.testing.assert_allclose(f(k), (error**2).mean(), rtol=1e-3)
        held = held - 0.1 * at.T @ error / 16
    np.testing.assert_allclose(w.get_value(), held, rtol=1e-3, atol=1e-3)
    assert [v.shape for v in windows(f)] == [(16, 6400)]


def test_in_a_loop_the_same_variable_is_another_value():
    data = tx.shared(DATA.reshape(2, 32, 6400))
    looped, _ = tx.scan(lambda x, k: x[k * 16 : (k + 1) * 16].sum(), sequences=data, non_sequences=i)
    f = tx.function([i], looped)
    expected = DATA.reshape(2, 32, 6400)[:, 16:].sum((1, 2))
    np.testing.assert_allclose(f(1), expected, rtol=1e-3)
    assert not windows(f)


def test_it_can_be_looked_at():
    f = tx.function([i], batches(tx.shared(DATA, "data")))
    f(1)
    (part,) = f.program.parts()
    assert "f32[16,100,64]" in part.hlo and "16x100x64" in part.stablehlo and part.costs["flops"] > 0
    assert [s[0] for s in part.shapes] == ["i", "data"]
    (other,) = f.program.parts("cuda")
    assert "dynamic_slice" in other.stablehlo


def test_arrays_that_are_packed_as_well(monkeypatch):
    monkeypatch.setattr(specialize, "_UNPACKED", 3)
    small = [T.fvector(f"v{k}") for k in range(8)]
    f = tx.function([i, *small], [batches(tx.shared(DATA)), *(v + k for k, v in enumerate(small))])
    at = np.arange(3, dtype="float32")
    for k in (0, 1, 2, 3, 0, 1, 2):
        found, *others = f(k, *[at] * 8)
        np.testing.assert_allclose(found, DATA[k * 16 : (k + 1) * 16].reshape(16, -1).sum(0), rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(others, [at + j for j in range(8)])
    assert windows(f) and f.program.stages[0].specializations[-1].packed is not None
