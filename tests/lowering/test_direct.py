"""numpy's operations straight from lax: against numpy, for keys of all kinds."""

import jax
import numpy as np
import pytest
from jax import lax

from tx.lowering import direct
from tx.lowering.device import x64
from tx.lowering.gathering import gather, scatter

X = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
ALL = slice(None)
I, J = np.array([1, 0, 1]), np.array([2, 0, 1])

#: what picks from X, with indices in range that count from the start
KEYS = {
    "one array": (I, ALL, ALL, ALL),
    "a scalar": (np.array(1), ALL, ALL, ALL),
    "a later axis": (ALL, ALL, J, ALL),
    "a matrix": (ALL, np.array([[0, 2], [1, 1]]), ALL, ALL),
    "side by side": (ALL, J, J, ALL),
    "apart": (I, ALL, J, ALL),
    "broadcast": (ALL, J[:, None], I, ALL),
    "of several dtypes": (ALL, J.astype("int32"), I, ALL),
    "all axes": (I, J, J, J),
    "a new axis before": (None, I, ALL, ALL, ALL),
    "a new axis between": (ALL, J, None, J, ALL),
    "a new axis behind": (ALL, J, J, ALL, None),
    "nothing": (np.zeros(0, "int64"), ALL, ALL, ALL),
}


def jaxed(key):
    """A key with jax's arrays."""
    return [lax.full_like(k, 0) + k if isinstance(k, np.ndarray) else k for k in key]


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_gather(key):
    with x64():
        np.testing.assert_array_equal(lax.reshape(gather(X, jaxed(key)), X[key].shape), X[key])


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_scatter(key):
    values, expected = np.random.RandomState(0).rand(*X[key].shape), X.copy()
    np.add.at(expected, key, values)
    with x64():
        np.testing.assert_allclose(scatter(X, jaxed(key), values, lax.scatter_add), expected, rtol=1e-14)


def test_what_is_beyond_the_end_is_dropped():
    with x64():
        found = scatter(np.zeros(3), jaxed([np.array([3, 1])]), np.array([5.0, 7.0]), lax.scatter, drop=True)
    assert found.tolist() == [0, 7, 0]


ROWS = {
    "where": (lambda x: direct.where(direct.below(x, 3), x, 0), lambda x: np.where(x < 3, x, 0)),
    "where, the other way": (lambda x: direct.where(direct.above(x, 3), 1, x), lambda x: np.where(x > 3, 1, x)),
    "where, of a scalar": (lambda x: direct.where(np.bool_(True), x, 0), lambda x: x),
    "equal": (lambda x: direct.equal(x, 2), lambda x: x == 2),
    "differs": (lambda x: direct.differs(x, 2), lambda x: x != 2),
    "plus": (lambda x: direct.plus(x, -3), lambda x: x - 3),
    "times": (lambda x: direct.times(x, 3), lambda x: x * 3),
    "clip": (lambda x: direct.clip(x, 2, 4), lambda x: np.clip(x, 2, 4)),
    "kept": (
        lambda x: direct.kept(lax.reduce_sum(x, (1,)), (1,), x.shape),
        lambda x: np.broadcast_to(x.sum(1, keepdims=True), x.shape).astype(x.dtype),
    ),
    "stack": (lambda x: direct.stack([x[0, 0], x[1, 2]]), lambda x: x[[0, 1], [0, 2]]),
    "stretched": (lambda x: direct.stretched(x[0], (4, 3), x.dtype), lambda x: np.broadcast_to(x[0], (4, 3))),
}


@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "float64"])
@pytest.mark.parametrize("row, by_numpy", ROWS.values(), ids=ROWS)
def test_rows(row, by_numpy, dtype):
    x = np.arange(6).reshape(2, 3).astype(dtype)
    with x64():
        found, traced = row(x), jax.jit(row)(x)
    for value in (found, traced):
        assert np.asarray(value).dtype == by_numpy(x).dtype
        np.testing.assert_array_equal(value, by_numpy(x))
