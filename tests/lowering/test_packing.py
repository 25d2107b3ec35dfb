"""Many small inputs and outputs go through one buffer; nothing else changes."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import specialize


def packed(f):
    """What calls the executables of a function."""
    return [s.packed for s in f.specializations]


@pytest.fixture(autouse=True, scope="module")
def at_once():
    """What packs does so from the second call on, for the lengths of the call."""
    with pytest.MonkeyPatch.context() as patch, tx.config.change_flags(length_buckets="off", tiny="xla"):
        patch.setattr(specialize, "_UNPACKED", 1)
        yield


@pytest.fixture(scope="module")
def eight():
    """Eight scalars and vectors of two dtypes in, and out."""
    xs = [T.dscalar() if i % 2 else T.dvector() for i in range(6)] + [T.lscalar(), T.lvector()]
    return tx.function(xs, [x + 1 for x in xs])


def arguments(length):
    floats = [np.array(0.5 + i) if i % 2 else np.full(length, float(i)) for i in range(6)]
    return [*floats, np.array(2**62), np.arange(length) - 2**61]


@pytest.mark.parametrize("length", [0, 1, 3, 40, 200])
def test_values_dtypes_and_shapes(eight, length):
    given = arguments(length)
    for _ in range(3):
        for x, y in zip(given, eight(*given), strict=True):
            assert type(y) is np.ndarray and y.flags.writeable and (y.dtype, y.shape) == (x.dtype, x.shape)
            assert (y == x + 1).all()


def test_there_is_one_buffer_for_each_dtype(eight):
    for _ in range(2):
        eight(*arguments(3))
    one = next(p for p in packed(eight) if p._shapes[0] == (3,))
    assert [np.dtype(dtype) for _, _, dtype in one._inputs] == ["float64", "int64"] and one._buffers == 2


def test_outputs_share_no_memory(eight):
    first, second = eight(*arguments(3)), eight(*arguments(3))
    for y in first:
        y[...] = 7
    assert all((y == x + 1).all() for x, y in zip(arguments(3), second, strict=True))


def test_packing_begins_after_many_calls(monkeypatch):
    monkeypatch.setattr(specialize, "_UNPACKED", 5)
    xs = T.dvectors("a", "b", "c", "d")
    f = tx.function(xs, [x * 2 for x in xs])
    made = []
    for k in range(8):
        assert [y.tolist() for y in f(*[[i + k] for i in range(4)])] == [[2.0 * (i + k)] for i in range(4)]
        made.append(packed(f))
    assert [len(p) for p in made] == [1] * 8
    assert [p is not None for (p,) in made] == [False] * 5 + [True] * 3


def test_few_arrays_are_not_packed():
    x, y = T.dvectors("x", "y")
    f = tx.function([x, y], [x + y, x - y])
    f(np.ones(2), np.ones(2))
    assert packed(f) == [None]


def test_states_stay_on_the_device_and_checks_hold():
    x, y, z = T.dvectors("x", "y", "z")
    w = tx.shared(np.zeros(2))
    f = tx.function([x, y, z], [x + y, x + z, x.sum(), y.sum(), w], updates=[(w, w + x)])
    assert [r.tolist() for r in f([1, 2], [3, 4], [5, 6])] == [[4, 6], [6, 8], 3, 7, [0, 0]]
    assert packed(f) == [None]
    assert [r.tolist() for r in f([1, 2], [3, 4], [5, 6])] == [[4, 6], [6, 8], 3, 7, [1, 2]]
    assert len(packed(f)) == 1 and packed(f)[0] is not None
    with pytest.raises(ValueError):
        f([1, 2], [1, 2, 3], [1, 2])
    assert w.get_value().tolist() == [2, 4]
    f([1, 2], [3, 4], [5, 6])
    assert w.get_value().tolist() == [3, 6]


def test_values_that_decide_sizes_are_read():
    n, m, k = T.lscalars("n", "m", "k")
    x = T.dvector("x")
    f = tx.function([n, m, k, x], [x[:n], x[:m], x[:k], n + m, m + k])
    for a, b, c in [(1, 2, 3), (3, 0, 1), (1, 2, 3)]:
        found = f(a, b, c, np.arange(4.0))
        assert [len(v) for v in found[:3]] == [a, b, c] and [int(v) for v in found[3:]] == [a + b, b + c]


def test_stages_of_a_packed_function_can_be_looked_at(eight):
    eight(*arguments(3))
    assert "stablehlo.add" in str(tx.printing.stages(eight))
