"""Fewer operations of numpy's for the same: to the last bit, but for the sigmoid of minus x."""

import platform
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import tx
import tx.tensor as T
from tx.lowering import numpy_elementwise, numpy_rules
from tx.lowering.by_numpy import by_numpy

X = np.array([0.5, -1.25, 0.0, 2.0, np.nan, np.inf, -np.inf, -0.0, 1e-300, 3e5])
Y = np.array([-0.0, 0.75, 3.0, -2.0, 1.0, -np.inf, np.inf, 0.0, -7.0, 1e-5])
C = np.linspace(-2, 3, 10)

#: name -> (function, how many operations are left)
FEWER = {
    "times minus one": (lambda x, y: x * -1.0, 1),
    "minus minus": (lambda x, y: 0.0 - -(x * -1.0), 1),
    "plus minus": (lambda x, y: x + -y, 1),
    "minus and plus": (lambda x, y: -x + y, 1),
    "minus minus y": (lambda x, y: x - -y, 1),
    "minus times": (lambda x, y: -(-x * y), 1),
    "minus by": (lambda x, y: -(x / -y), 1),
    "minus by a constant": (lambda x, y: -x / C, 1),
    "minus times a constant": (lambda x, y: C * -x, 1),
    "sum of minus": (lambda x, y: -(-x).sum(), 1),
    "twice a half": (lambda x, y: (lambda h: h + h)(x * 0.5) + y, 1),
    "powers of two": (lambda x, y: 4.0 * (0.25 * x), 0),
    "half of a third": (lambda x, y: 0.5 * (x * 0.3), 1),
    "a third of a half": (lambda x, y: 0.3 * (x * 0.5), 1),
    "minus a third": (lambda x, y: -1.0 * (x * 0.3), 2),
    "a third of a third": (lambda x, y: 0.3 * (x * 0.3), 2),
    "too large for one": (lambda x, y: 2.0**1000 * (2.0**1000 * x), 2),
    "twice a product": (lambda x, y: (lambda p: p + p)(x * y), 2),
    "of numbers": (lambda x, y: x[0] * -1.0 + -(-y[0] * x[1]), 3 + 2),
}


def operations(made):
    """How many lines compute something: a number that is taken from an array, and an assignment, count as well."""
    return len(re.findall(r"^ +v\d+ = ", made.source, re.MULTILINE))


@pytest.fixture(autouse=True)
def sixty_four_bits():
    with jax.enable_x64(True):
        yield


def made_of(function, *arguments):
    return by_numpy(jax.jit(function).trace(*arguments).jaxpr)


@pytest.mark.parametrize("name", FEWER)
def test_the_same_to_the_last_bit(name):
    function, left = FEWER[name]
    made = made_of(function, X, Y)
    (found,) = made(X, Y)
    with np.errstate(all="ignore"):
        wanted = np.asarray(function(X, Y))  # XLA multiplies constants with one another
    np.testing.assert_array_equal(found, wanted)
    assert (np.signbit(found) == np.signbit(wanted))[~np.isnan(wanted)].all()
    assert operations(made) == left


def test_both_sigmoids():
    at = np.r_[np.linspace(-800, 800, 101), np.inf, -np.inf, np.nan]
    made = made_of(lambda x: (lax.logistic(-x), lax.logistic(x)), at)
    assert made.source.count("exp(") == 1
    for found, wanted in zip(made(at), (jax.nn.sigmoid(-at), jax.nn.sigmoid(at)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-14, atol=1e-300)


def test_memory_is_written_to_again():
    """But not what is still read, what is returned, or what is the caller's."""
    made = made_of(lambda x, y: (jnp.exp(jnp.sin(x) * y) - y, jnp.sin(x)), X, Y)
    assert re.search(r"exp\((v\d+), \1\)", made.source) and not re.search(r"(sin|multiply)\(.*, [xv]\d+, ", made.source)
    kept = X.copy(), Y.copy()
    first, second = made(X, Y)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(second, np.sin(kept[0]))
        np.testing.assert_allclose(first, np.exp(np.sin(kept[0]) * kept[1]) - kept[1])
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(Y, kept[1])


def test_memory_that_is_looked_at_otherwise_is_kept():
    def function(x, y):
        doubled = x * 2.0
        turned = doubled[::-1]
        return jnp.abs(doubled) + y, turned * y

    found = made_of(function, X, C)(X, C)
    np.testing.assert_array_equal(found[0], abs(X * 2) + C)
    np.testing.assert_array_equal(found[1], (X * 2)[::-1] * C)


def test_other_shapes_and_dtypes_have_memory_of_their_own():
    def function(x, y):
        table = jnp.exp(x)[:, None] * y
        return table.sum(0), (table > 0).astype("float32") * 0.5, jnp.maximum(jnp.sin(x), y)

    for found, wanted in zip(made_of(function, X, Y)(X, Y), jax.jit(function)(X, Y), strict=True):
        assert found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


def put(x, place, *piece):
    return lax.dynamic_update_slice(x, np.array(piece), (place,))


@pytest.mark.parametrize(
    "function, beside",
    [
        (lambda x: put(x, 1, 7.0, 7.0)[0], True),
        (lambda x: put(x, 1, 7.0, 7.0)[2], False),
        (lambda x: put(put(x, 0, 1.0), 4, 2.0)[1:3], True),
        (lambda x: put(put(x, 0, 1.0), 4, 2.0)[3:5], False),
        (lambda x: put(x, 0, 1.0, 2.0)[::4], False),
    ],
)
def test_what_is_beside_a_change_is_read_from_before(function, beside):
    made = made_of(function, X)
    np.testing.assert_array_equal(made(X)[0], np.asarray(jax.jit(function)(X)))
    assert ("x0.copy()" not in made.source) == beside


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint32"])
@pytest.mark.parametrize("length", [21, 700])
def test_quotients_and_rests_of_integers_are_rounded_down(both_ways, dtype, length):
    info = np.iinfo(dtype)
    x, y = T.vector("x", dtype=dtype), T.vector("y", dtype=dtype)
    given = np.resize([0, 1, 2, 6, 7, 20, info.max, info.min, info.max - 1, info.min + 1, *range(40)], length).astype(
        dtype
    )
    by = np.resize([3, 7, 1, info.max, info.min or 2, 100, *([-1, -3] if info.min else [])], length).astype(dtype)
    numbers = [3, 7, 1, *([-1, -3] if info.min else [])]
    outputs = [o for n in numbers for o in (x // np.array(n, dtype), x % np.array(n, dtype))]
    for found, wanted in [*both_ways([x], outputs, given), *both_ways([x, y], [x // y, x % y], given, by)]:
        assert found.dtype == wanted.dtype == dtype
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("given", ["float32", "float64"])
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"])
def test_floats_become_integers_as_in_c(both_ways, given, dtype):
    x = T.vector("x", dtype=given)
    at = np.resize(
        [0.9, -0.9, 3.5, -3.5, 1e30, -1e30, np.nan, np.inf, -np.inf, 300.7, -129.5, 7e4, 3e9, -3e9, 9.3e18], 100
    )
    numpy_can = numpy_rules._wraps(np.dtype(given), np.dtype(dtype))
    assert numpy_can or dtype == "uint32" or platform.machine() != "x86_64"
    for found, wanted in both_ways([x], [T.cast(x, dtype)], at.astype(given), numpy_can=numpy_can):
        assert found.dtype == dtype
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8"])
def test_a_float_becomes_an_integer_as_in_c(both_ways, dtype):
    """Of a number, and of one that stands for many."""
    x, y = T.dscalar("x"), T.dvector("y")
    for at in (3.7, -3.7, 300.7, 1e30, np.nan):
        outputs = [T.cast(x, dtype), T.cast(x + 0 * y.shape[0], dtype) + T.zeros_like(y, dtype)]
        for found, wanted in both_ways([x, y], outputs, at, np.ones(3)):
            np.testing.assert_array_equal(found, wanted)


def test_where_numpy_makes_something_else_of_what_does_not_fit_it_is_not_asked(monkeypatch):
    monkeypatch.setattr(numpy_rules, "_wraps", lambda *_: False)
    x = T.fvector("x")
    f = tx.function([x], T.cast(x, "int32"))
    assert f(np.array([1.5, np.nan], "float32")).tolist() == [1, -(2**31)]
    assert [made.by_numpy for made in f.specializations] == [False]


#: name -> (function, whether extremes of numpy's are all that is left)
BOUNDED = {
    "between": (lambda x: T.clip(x, -1, 2), True),
    "from below": (lambda x: T.switch(x < -1, -1, x), True),
    "from above": (lambda x: T.switch(x > 2, 2, x), True),
    "above first": (lambda x: T.switch(x > 2, 2, T.switch(x < -1, -1, x)), True),
    "in no order": (lambda x: T.clip(x, 2, -1), False),
    "to zero": (lambda x: T.clip(x, 0, 2), False),
    "from zero": (lambda x: T.clip(x, -2, 0), False),
    "to another number": (lambda x: T.switch(x < -1, -2, x), False),
    "another array": (lambda x: T.switch(x < 1, 1, x * x), False),
    "at most": (lambda x: T.switch(x <= -1, -1, x), False),
    "what has one zero": (lambda x: T.clip(x + 1, 0, 2), True),
    "what has no sign": (lambda x: T.clip(abs(x), 0, 2), True),
    "what may be minus zero": (lambda x: T.clip(x * 3, 0, 2), False),
}


@pytest.mark.parametrize("length", [20, 2100])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BOUNDED)
def test_bounds_are_extremes_where_they_are_the_same(both_ways, name, dtype, length):
    function, extremes = BOUNDED[name]
    x = T.vector("x", dtype=dtype)
    at = np.resize([-0.0, 0.0, -1, 1, 2, -1.5, 2.5, 1e-30, np.nan, np.inf, -np.inf, -0.5], length).astype(dtype)
    for found, wanted in both_ways([x], [function(x)], at):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(np.signbit(found[~np.isnan(at)]), np.signbit(wanted[~np.isnan(at)]))
    f = tx.function([x], function(x))
    f(at)
    (made,) = f.program.stages[0].specializations
    assert (re.search("where|by_their_bits", made.instead.source) is None) == extremes


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16"])
def test_integers_are_bounded_by_zero_as_well(both_ways, dtype):
    x = T.vector("x", dtype=dtype)
    at = np.resize(np.arange(-5, 12), 3000).astype(dtype)
    for found, wanted in both_ways([x], [T.clip(x, 0, 7), T.maximum(x, 3), T.minimum(3, x)], at):
        assert found.dtype == wanted.dtype
        np.testing.assert_array_equal(found, wanted)


def test_a_number_fills_an_array_beside_which_it_is_compared(both_ways, monkeypatch):
    """But of what leaves the caches, and of what a mask chooses."""
    x, mask = T.fvector("x"), T.bvector("mask")
    at = np.resize(np.array([-1.5, -0.5, 0.5, 1.5, np.nan, 7], "float32"), 1200)
    outputs = [T.maximum(x, 1), T.minimum(x[mask.nonzero()], 1).sum()]
    for most in (numpy_elementwise._MOST, 0):
        monkeypatch.setattr(numpy_elementwise, "_MOST", most)
        for found, wanted in both_ways([x, mask], outputs, at, np.resize(np.array([1, 0, 0, 1, 0, 1], "int8"), 1200)):
            np.testing.assert_array_equal(found, wanted)
