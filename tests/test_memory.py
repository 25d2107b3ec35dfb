"""Copies are the caller's own, and large ones begin where XLA takes them as they are."""

import numpy as np
import pytest

from tx.memory import ALIGNED, LARGE, aligned_copy, is_aligned, own_copy

DTYPES = ["bool", "int8", "float16", "float32", "int64", "complex128"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (7, 11), (40_000,), (0, 5)])
def test_aligned_copies(shape, dtype):
    array = np.random.RandomState(0).randint(0, 2, shape).astype(dtype)
    array.flags.writeable = False
    copied = aligned_copy(array)
    assert (is_aligned(copied) or not copied.size) and copied.flags.c_contiguous and copied.flags.writeable
    assert copied.dtype == array.dtype and copied.shape == shape and np.array_equal(copied, array)
    assert copied.size == 0 or not np.shares_memory(copied, array)


def test_where_an_array_begins():
    memory = np.empty(4 * ALIGNED, "uint8")
    start = -memory.ctypes.data % ALIGNED
    assert is_aligned(memory[start:]) and is_aligned(memory[start + ALIGNED :])
    assert not any(is_aligned(memory[start + k :]) for k in (1, 16, ALIGNED - 1))


@pytest.mark.parametrize("n", [3, LARGE])
def test_copies_of_arrays_keep_their_order(n):
    for array in (np.arange(2.0 * n).reshape(2, n), np.arange(2.0 * n).reshape(n, 2).T):
        copied = own_copy(array)
        assert np.array_equal(copied, array) and not np.shares_memory(copied, array)
        assert copied.flags.c_contiguous == array.flags.c_contiguous
        assert is_aligned(copied) or n < LARGE or not array.flags.c_contiguous


def test_copies_of_what_is_no_array_are_deep():
    within = [1, 2]
    for value in ({"a": within}, np.array([within, None], dtype=object)):
        copied = own_copy(value)
        assert copied is not value and type(copied) is type(value)
        inner = copied["a"] if isinstance(copied, dict) else copied[0]
        assert inner == within and inner is not within
    kind = type("Kind", (np.ndarray,), {})
    assert type(own_copy(np.arange(3).view(kind))) is kind
