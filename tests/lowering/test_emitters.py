"""XLA's older emitters make what is small: they are quicker to compile, and give the same."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import emitters
from tx.lowering.emitters import OLDER, open_to
from tx.lowering.options import UNFUSED, UNOPTIMISED

pytestmark = [
    pytest.mark.skipif(jax.default_backend() != "cpu", reason="the emitters are those of XLA on the CPU"),
    pytest.mark.usefixtures("by_xla"),
]
x, m = T.dvector("x"), T.dtensor3("m")


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    """As if jaxlib were the one that was measured, whichever it is."""
    monkeypatch.setattr(emitters, "MEASURED", True)


@pytest.fixture
def older(told):
    """Whether XLA is told to use the older, at each compilation from now on."""
    return lambda: [OLDER.items() <= (options or {}).items() for options in told()]


@pytest.mark.parametrize(
    "options, is_open",
    [(None, True), ({}, True), (UNOPTIMISED, True), (UNFUSED, False), ({"xla_cpu_use_fusion_emitters": True}, False)],
)
def test_where_it_is_open(options, is_open):
    assert open_to(options) == is_open


def test_flags_of_the_environment_hold(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_disable_hlo_passes=fusion")
    assert not open_to(None)


@pytest.mark.parametrize(
    "expression, inputs, at, small",
    [
        (T.tanh(x) * 2, [x], [np.arange(3.0)], True),
        (T.tanh(x) * 2, [x], [np.arange(3000.0)], False),
        (abs(x) * 2, [x], [np.arange(3000.0)], True),
        (abs(x) * 2, [x], [np.arange(40_000.0)], False),
        (x[:5].sum(), [x], [np.arange(40_000.0)], True),
        (T.outer(x, x).sum(), [x], [np.arange(200.0)], False),
        (tx.scan(lambda e, s: s * 0.5 + e, x, T.zeros((8,)))[0][-1], [x], [np.arange(600.0)], True),
        (tx.scan(lambda e, s: s * 0.5 + T.exp(e), x, T.zeros((900,)))[0][-1], [x], [np.arange(3000.0)], False),
    ],
)
def test_what_is_small_is_for_the_older(older, expression, inputs, at, small):
    f = tx.function(inputs, expression)
    f(*at)
    assert older() == ([True] if small else [True, False])
    assert len(f.specializations) == 1, "traced once"


@pytest.mark.parametrize(
    "function, same",
    [
        (lambda *vs: [jnp.tanh(v) + 1 for v in vs], True),
        (lambda *vs: [jnp.tanh(v) + k for k, v in enumerate(vs)], False),
        (lambda *vs: [jnp.tanh(vs[0] @ v) for v in vs], True),
        (lambda *vs: [jnp.tanh(vs[0] @ v)[k:] for k, v in enumerate(vs)], False),
        (lambda *vs: [v.sum(0) for v in vs], True),
        (lambda *vs: [v.sum() if k % 2 else v.max() for k, v in enumerate(vs)], False),
    ],
)
def test_kernels_that_are_equal(function, same):
    found = emitters.kernels(jax.make_jaxpr(function)(*np.ones((4, 3, 3))))
    assert len(found) == 4 and (len(set(found)) == 1) == same


def test_equal_kernels_are_for_the_newer(older):
    vectors = T.dvectors("abcdef")
    f = tx.function(vectors, [T.tanh(v) for v in vectors])
    assert np.array_equal(f(*np.ones((6, 3))), np.tanh(np.ones((6, 3))))
    assert older() == [True, False] and len(f.specializations) == 1


@pytest.mark.parametrize("length, better", [(3000, False), (30_000, True)])
def test_many_calls_are_worth_the_newer_where_much_is_lost(older, monkeypatch, length, better):
    from tx.lowering import specialize

    monkeypatch.setattr(specialize, "_HASTY", 3)
    counter, at = tx.shared(0), np.linspace(-1, 1, length)
    f = tx.function([x], abs(x) * 2, updates=[(counter, counter + 1)])
    for _ in range(6):
        np.testing.assert_array_equal(f(at), abs(at) * 2)
    assert older() == [True, False][: 1 + better] and counter.get_value() == 6 and len(f.specializations) == 1


@pytest.mark.parametrize("depth, small", [(2, True), (30, False)])
def test_what_is_lost_adds_up(older, depth, small):
    """A vector of a few hundred elements, with a product and a tanh in each layer."""
    h, w = x, tx.shared(np.eye(200))
    for k in range(depth):
        h = T.tanh(T.dot(h, w) * (0.9 + k))
    tx.function([x], h)(np.arange(200.0))
    assert older()[-1] == small


def test_what_a_product_reads_is_in_memory():
    """So the layers have kernels that are equal."""

    def layers(h, w):
        for _ in range(6):
            h = jnp.tanh(h @ w * 0.9)
        return h

    found = emitters.kernels(jax.make_jaxpr(layers)(np.ones((3, 3)), np.ones((3, 3))))
    assert len(found) >= 6 and len(set(found)) <= 2


def test_what_a_mode_asks_for_is_left_alone(told):
    mode = tx.Mode(compiler_options={"xla_cpu_use_fusion_emitters": True})
    tx.function([x], x + 1, mode=mode)([1.0])
    assert [mode.compiler_options.items() <= options.items() for options in told()] == [True]


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)])
@pytest.mark.parametrize("passes", [None, UNFUSED])
def test_changes_of_layout(order, passes):
    mode = tx.Mode(compiler_options=passes)
    value = np.arange(40.0).reshape(2, 5, 4)
    found = tx.function([m], m.dimshuffle(order).flatten(), mode=mode)(value)
    assert found.tolist() == value.transpose(order).ravel().tolist()


def test_packed_arrays_as_well(older, monkeypatch):
    from tx.lowering import specialize

    monkeypatch.setattr(specialize, "_UNPACKED", 2)
    inputs = T.dvectors("abcdefgh")
    f = tx.function(inputs, [abs(a) + k for k, a in enumerate(inputs)])
    values = np.arange(24.0).reshape(8, 3)
    for _ in range(4):
        np.testing.assert_array_equal(f(*values), values + np.arange(8)[:, None])
    assert f.specializations[-1].packed is not None and older()[0] and older()[-1]
