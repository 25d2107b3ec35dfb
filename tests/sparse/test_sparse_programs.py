"""Programs that compute with sparse matrices give, step by step, the numbers that they gave under real Theano."""

import numpy as np
import pytest
import recorded

import tx
import tx.sparse as S
import tx.tensor as T

GOLDEN, programs = recorded.recording("sparse_programs"), recorded.table("sparse_programs")


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda program: program.__name__)
def test_program(program):
    found, expected = program(tx, S, T), GOLDEN[program.__name__]
    assert [len(f) for f in found] == [len(e) for e in expected]
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, rtol=1e-9, atol=1e-9)
