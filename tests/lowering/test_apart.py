"""Parts of a function that XLA compiles as they are."""

import re

import jax
import numpy as np
import pytest
from jax import lax

from tx.lowering.apart import apart
from tx.lowering.trace import Trace

X = np.arange(12.0, dtype="float32").reshape(3, 4)


def kernels(function):
    """The computations that the compiled function starts with, and what it gives."""
    compiled = jax.jit(function).lower(X).compile()
    entry = compiled.as_text().split("ENTRY")[1]
    return re.findall(r"(\w+)\(", entry), np.asarray(compiled(X))


def total(values):
    return lax.reshape(lax.exp(lax.transpose(values, (1, 0))), (12,))


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere nothing is apart")
def test_is_not_fused():
    trace = Trace(None, None)
    found, result = kernels(lambda x: lax.neg(apart(trace, total)(lax.sin(x))))
    assert "call" in found
    np.testing.assert_allclose(result, -np.exp(np.sin(X)).T.ravel(), rtol=1e-6)


def test_not_where_the_place_is_open():
    trace = Trace(None, None)
    trace.portable = True
    assert apart(trace, total) is total
