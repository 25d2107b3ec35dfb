"""The bits of `tx.lowering.random.threefry` are jax's."""

import jax
import numpy as np
import pytest

import tx
from tx.lowering.random.threefry import THREEFRY
from tx.random import JaxRandomStreams

KEY = np.array([123456, 987654321], "uint32")


def both(draw, key=KEY):
    """What `draw` makes of a key of each generator."""
    with jax.enable_x64(True):
        return [np.asarray(draw(jax.random.wrap_key_data(key, impl=impl))) for impl in ("threefry2x32", THREEFRY)]


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 0, 3), (7, 5, 3)])
def test_bits(shape, dtype):
    expected, found = both(lambda key: jax.random.bits(key, shape, dtype))
    assert found.dtype == dtype and found.shape == shape
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("key", [(0, 0), (2**32 - 1, 2**32 - 1), (0, 1)])
def test_any_key(key):
    expected, found = both(lambda k: jax.random.bits(k, (100,)), np.array(key, "uint32"))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "draw",
    [
        lambda key: jax.random.normal(key, (5,)),
        lambda key: jax.random.truncated_normal(key, -2, 2, (3, 3), "float64"),
        lambda key: jax.random.permutation(key, 20),
        lambda key: jax.random.key_data(jax.random.fold_in(key, 3)),
        lambda key: jax.random.key_data(jax.random.split(key, (2, 3))),
    ],
)
def test_what_is_made_of_them(draw):
    expected, found = both(draw)
    np.testing.assert_array_equal(found, expected)


def test_many_keys():
    expected, found = both(lambda key: jax.vmap(lambda k: jax.random.uniform(k, (4,)))(jax.random.split(key, 3)))
    np.testing.assert_array_equal(found, expected)


def test_the_older_numbers_of_jax():
    with jax.threefry_partitionable(False):
        old, found = both(lambda key: jax.random.bits(key, (6,)))
    np.testing.assert_array_equal(found, old)
    assert (old != both(lambda key: jax.random.bits(key, (6,)))[0]).any()


def test_streams_draw_by_it():
    f = tx.function([], JaxRandomStreams(3).uniform((10,)))
    f()
    part = tx.printing.stages(f)
    assert "unrolled" in part.jaxpr and "while" not in part.stablehlo
