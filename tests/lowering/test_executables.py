"""Calls that are an executable behind guards which only refuse: they are made straight, and what is wrong is told."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.executables import Guarded
from tx.lowering.trace import Retrace

i, k, x = T.ivector("i"), T.iscalar("k"), T.dvector("x")
TABLE = np.arange(12.0).reshape(6, 2)


def _settled(inputs, outputs, *arguments, **kwargs):
    f = tx.function(inputs, outputs, **kwargs)
    for _ in range(6):
        f(*arguments)
    return f


def runs(f):
    return list(f.program.single.plain.values())


def test_indices_in_range_are_all_there_is_to_a_call():
    table = tx.shared(TABLE)
    f = _settled([i], table[i].sum(), [1, 2])
    (run,) = runs(f)
    assert isinstance(run, Guarded) and f._shortcut is not None
    assert f([5, -6]) == TABLE[[5, -6]].sum()
    for wrong in ([1, 6], [-7, 0]):
        with pytest.raises(IndexError, match=f"index {min(wrong, key=lambda n: -abs(n))} is out of bounds"):
            f(wrong)
    assert f([1, 2]) == TABLE[[1, 2]].sum()
    table.set_value(TABLE[:3])
    with pytest.raises(IndexError, match="index 4 is out of bounds"):
        f([4, 0])
    assert f([2, 0]) == TABLE[[2, 0]].sum()


def test_a_call_that_is_refused_changes_nothing():
    table, count = tx.shared(TABLE), tx.shared(0)
    f = _settled([i], [], [1, 2], updates=[(table, T.inc_subtensor(table[i], 1.0)), (count, count + 1)])
    before = table.get_value()
    with pytest.raises(IndexError):
        f([1, 6])
    assert np.array_equal(table.get_value(), before) and count.get_value() == 6


def test_answers_that_differ_are_asked_for():
    f = tx.function([x, k], x[k:].sum())
    with tx.config.change_flags(length_buckets="off"):
        for n in (1, 2, 1, 3, 2):
            assert f(np.arange(6.0), n) == np.arange(6.0)[n:].sum()
    assert not runs(f)


def test_other_answers_than_none():
    for closure in (lambda values: values[0], lambda values: values[1]):
        with pytest.raises(Retrace):
            Guarded([closure], lambda *values: values)(3)
    assert Guarded([lambda values: None], lambda *values: values)(3) == (3,)
