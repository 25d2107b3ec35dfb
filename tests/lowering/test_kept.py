"""Executables that are found by what was traced: what the digest tells apart, and calls of what was found."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental.xla_metadata import set_xla_metadata

import tx
import tx.tensor as T
from tx.lowering import cache, kept, specialize
from tx.lowering.device import x64
from tx.lowering.kept import Loaded


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where executables are kept in a test, which none has been yet."""
    cache.prepare()
    (tmp_path / "jax").mkdir()
    monkeypatch.setattr(cache, "_stages", cache.Folder(tmp_path, cache._TRACED))
    monkeypatch.setattr(cache, "_executables", cache.Folder(tmp_path / "jax"))
    monkeypatch.setattr(cache._jax_cache, "_cache", cache._executables)
    return tmp_path


pytestmark = pytest.mark.usefixtures("by_xla")


def files(folder):
    return sorted(path.name for path in folder.glob(f"*{cache._TRACED}"))


def loaded(f):
    return [isinstance(made.instead, Loaded) for made in f.specializations]


def digest(function, *arguments, options=None, **kwargs):
    with x64():
        return kept._key(jax.jit(function, **kwargs).trace(*arguments), options)


def body(x):
    return jnp.exp(x) * 2 + 1


VECTOR = np.arange(3.0)
SAME = digest(body, VECTOR)

#: what differs from `body` of a vector in one thing
OTHERS = {
    "operation": lambda: digest(name(lambda x: jnp.log(x) * 2 + 1), VECTOR),
    "number": lambda: digest(name(lambda x: jnp.exp(x) * 3 + 1), VECTOR),
    "order": lambda: digest(name(lambda x: jnp.exp(x) * 2 + x), VECTOR),
    "output": lambda: digest(name(lambda x: jnp.exp(x) * 2), VECTOR),
    "shape": lambda: digest(body, np.arange(4.0)),
    "rank": lambda: digest(body, np.ones((3, 1))),
    "dtype": lambda: digest(body, VECTOR.astype("float32")),
    "name": lambda: digest(lambda x: jnp.exp(x) * 2 + 1, VECTOR),
    "donation": lambda: digest(body, VECTOR, donate_argnums=0),
    "attribute": lambda: digest(name(set_xla_metadata(inlineable="false")(lambda x: jnp.exp(x) * 2 + 1)), VECTOR),
    "option": lambda: digest(body, VECTOR, options={"xla_disable_hlo_passes": "fusion"}),
}


def name(function):
    function.__name__ = "body"
    return function


def test_the_same_has_the_same_digest():
    assert SAME == digest(body, VECTOR + 1) == digest(name(lambda v: jnp.exp(v) * 2 + 1), VECTOR)


@pytest.mark.parametrize("what", OTHERS)
def test_what_differs_has_another_digest(what):
    other = OTHERS[what]()
    assert other is not None and other != SAME


def test_constants_count():
    def holding(values):
        return digest(name(lambda x: x + values), VECTOR)

    a = holding(np.array([1.0, 2.0, 3.0]))
    assert a == holding(np.array([1.0, 2.0, 3.0]))
    assert len({a, holding(np.array([1.0, 2.0, 4.0])), holding(np.array([1, 2, 3])), holding(np.zeros((2, 3)))}) == 4


def test_zeros_are_told_apart_by_their_sign():
    assert digest(name(lambda x: x + 0.0), VECTOR) != digest(name(lambda x: x + -0.0), VECTOR)


def test_inner_jaxprs_count():
    def loop(step):
        return digest(name(lambda x: jax.lax.fori_loop(0, 3, lambda i, v: v + step, x)), VECTOR)

    assert loop(1.0) == loop(1.0) != loop(2.0)


def test_derivatives_do_not_count():
    def twice(slope):
        @jax.custom_jvp
        def function(x):
            return 2 * x

        function.defjvps(lambda t, ans, x: slope * t)
        return digest(name(lambda x: function(x)), VECTOR)

    assert twice(2.0) == twice(3.0) is not None


@pytest.mark.parametrize(
    "function",
    [
        lambda x: jax.pure_callback(np.sin, jax.ShapeDtypeStruct((3,), "float64"), x),
        lambda x: (jax.debug.callback(print, x), x)[1],
    ],
    ids=["pure_callback", "debug.callback"],
)
def test_what_calls_the_host_has_no_digest(function):
    assert digest(function, VECTOR) is None


def made(factor=2.0):
    x, s = T.dvector("x"), tx.shared(np.arange(3.0), "s")
    return tx.function([x], [T.tanh(x * factor), s.sum()], updates=[(s, s + 1)]), s


def test_a_function_of_the_same_graph_finds_it(folder):
    first, _ = made()
    expected = first(np.ones(3))
    assert len(files(folder)) == 1 and loaded(first) == [False]
    second, s = made()
    for k in range(12):
        values, total = second(np.full(3, k / 10))
        np.testing.assert_allclose(values, np.tanh(np.full(3, k / 10) * 2), rtol=1e-14)
        assert total == 3 + 3 * k
    assert loaded(second) == [True] and second._shortcut is not None
    np.testing.assert_array_equal(second(np.ones(3))[0], expected[0])
    np.testing.assert_array_equal(s.get_value(), np.arange(3.0) + 13)
    assert len(files(folder)) == 1
    third, _ = made(3.0)
    third(np.ones(3))
    assert loaded(third) == [False] and len(files(folder)) == 2


@pytest.mark.parametrize("calls", [1, 12])
@tx.config.change_flags(length_buckets="off")
def test_other_shapes_after_it(folder, calls):
    made()[0](np.ones(3))
    f, s = made()
    for _ in range(calls):
        f(np.ones(3))
    for n in (5, 3, 5, 7, 3):
        np.testing.assert_array_equal(f(np.ones(n))[0], np.tanh(np.full(n, 2.0)))
    assert loaded(f) == [True, False, False]
    np.testing.assert_array_equal(s.get_value(), np.arange(3.0) + calls + 5)
    g, s = made()
    for n in (7, 5, 3, 7, 5, 3, 7, 5, 3):
        np.testing.assert_array_equal(g(np.ones(n))[0], np.tanh(np.full(n, 2.0)))
    assert loaded(g) == [True, True, True] and g._shortcut is not None
    np.testing.assert_array_equal(s.get_value(), np.arange(3.0) + 9)


def test_a_file_that_is_not_whole_is_replaced_by_nothing(folder):
    made()[0](np.ones(3))
    path = folder / files(folder)[0]
    path.write_bytes(path.read_bytes()[:100])
    f, _ = made()
    np.testing.assert_array_equal(f(np.ones(3))[0], np.tanh(np.full(3, 2.0)))
    assert loaded(f) == [False]


def test_lengths_that_are_asked_of_arguments(folder):
    x, n = T.dvector("x"), T.iscalar("n")
    f, g = (tx.function([x, n], (x[:n] ** 2).sum(), name="prefix") for _ in range(2))
    assert f(np.arange(5.0), 3) == 5 and f(np.arange(5.0), 4) == 14
    assert g(np.arange(5.0), 3) == 5 and g(np.arange(5.0), 3) == 5 and g(np.arange(5.0), 2) == 1
    assert loaded(g)[0]


def test_checks_and_states(folder):
    def indexing():
        x, i, s = T.dvector("x"), T.lscalar("i"), tx.shared(np.zeros(3))
        return tx.function([x, i], (x * 2)[i // 1], updates=[(s, s + x)], name="indexing"), s

    indexing()[0](np.arange(3.0), 1)
    f, s = indexing()
    for _ in range(7):
        assert f(np.arange(3.0), 1) == 2
    with pytest.raises(IndexError, match="index 7 is out of bounds"):
        f(np.arange(3.0), 7)
    np.testing.assert_array_equal(s.get_value(), np.arange(3.0) * 7)


def test_packed(folder, monkeypatch):
    monkeypatch.setattr(specialize, "_UNPACKED", 1)

    def eight():
        vectors = [T.dvector(f"v{i}") for i in range(8)]
        return tx.function(vectors, [v + i for i, v in enumerate(vectors)], name="eight")

    values = [np.full(3, float(i)) for i in range(8)]
    for f in (eight(), eight()):
        for _ in range(3):
            np.testing.assert_array_equal(f(*values), [np.full(3, 2.0 * i) for i in range(8)])
    assert isinstance(f.specializations[0].packed._call, kept.Loaded)
    assert len(files(folder)) == 2


def test_nothing_is_kept_without_the_cache(folder):
    with tx.config.change_flags(compile_cache=False):
        made()[0](np.ones(3))
    assert files(folder) == []


def test_what_jax_has_found_is_not_kept(folder):
    """XLA's code on the CPU cannot be read any more when it is written a second time."""
    made()[0](np.ones(3))
    (folder / files(folder)[0]).unlink()
    np.testing.assert_array_equal(made()[0](np.ones(3))[0], np.tanh(np.full(3, 2.0)))
    assert files(folder) == [] and cache.found() == 1


def test_libraries_are_there_in_a_second_process(tmp_path):
    # LAPACK's routines are looked up when a call of one is lowered, which a second process does not do.
    program = Path(__file__).with_name("second_process.py")
    environment = {**os.environ, "TX_FLAGS": f"base_compiledir={tmp_path}"}

    def lines():
        done = subprocess.run([sys.executable, program], env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [line.split() for line in done.stdout.splitlines()]

    first, second = lines(), lines()
    assert {found for _, _, found in first} == {"False"}
    assert second == [[name, result, "True"] for name, result, _ in first]
