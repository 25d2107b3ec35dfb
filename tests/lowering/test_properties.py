"""Laws: indexing is numpy's for every slice, writing and reading are inverse, stages change no value."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tx
import tx.tensor as T

BOUNDS = st.integers(-7, 7)
STEPS = st.integers(-3, 3).filter(bool)
SIZES = st.integers(0, 4)
ONCE = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


@pytest.fixture(scope="module")
def functions():
    x, y = T.dvector("x"), T.dscalar("y")
    a, b, k = T.lscalars("a", "b", "k")
    i = T.lvector("i")
    with tx.config.change_flags(max_specializations=1000):
        yield {
            "read": tx.function([x, a, b, k], x[a:b:k]),
            "set": tx.function([x, y, a, b, k], T.set_subtensor(x[a:b:k], y)),
            "inc": tx.function([x, y, a, b, k], T.inc_subtensor(x[a:b:k], y)),
            "set array": tx.function([x, i], T.set_subtensor(x[i], T.cast(T.arange(i.shape[0]), "float64"))),
            "select": tx.function([x, y], [x[(x > y).nonzero()], T.switch(x > y, x, 0).sum()]),
        }


@ONCE
@given(SIZES, BOUNDS, BOUNDS, STEPS)
def test_slices_read_and_write_as_numpys(functions, n, a, b, k):
    x = np.arange(float(n))
    np.testing.assert_array_equal(functions["read"](x, a, b, k), x[a:b:k])
    expected = x.copy()
    expected[a:b:k] = 9
    np.testing.assert_array_equal(functions["set"](x, 9.0, a, b, k), expected)
    expected = x.copy()
    expected[a:b:k] += 9
    np.testing.assert_array_equal(functions["inc"](x, 9.0, a, b, k), expected)


@ONCE
@given(st.lists(st.integers(-4, 3), max_size=4))
def test_the_last_write_wins(functions, index):
    expected = np.full(4, -1.0)
    expected[np.array(index, int)] = np.arange(len(index))
    np.testing.assert_array_equal(functions["set array"](np.full(4, -1.0), np.array(index, "int64")), expected)


@ONCE
@given(st.lists(st.integers(-3, 3), max_size=4), st.integers(-3, 3))
def test_selection_by_stages(functions, values, bound):
    x = np.array(values, float)
    selected, total = functions["select"](x, float(bound))
    np.testing.assert_array_equal(selected, x[x > bound])
    assert total == x[x > bound].sum()
