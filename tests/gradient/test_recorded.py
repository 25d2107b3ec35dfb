"""Derivatives that were recorded from real Theano: values, dtypes and broadcast patterns are the same."""

import numpy as np
import pytest
import recorded
from recorded import read

import tx
import tx.tensor as T

GOLDEN, derivatives = recorded.recording("derivatives"), recorded.table("derivatives")

COMPLEX = "Theano takes its own complex gradient for an integer"

#: rows in which tx does on purpose what Theano 1.0.5 does not, by source, or by kind and source
BETTER = {
    ("second", "T.prod(a)"): "Theano has no second derivative of prod (test_products.py)",
    "T.real(T.exp(1j*a))": COMPLEX,
    "T.imag(T.exp(1j*a))": COMPLEX,
    "abs(T.complex(a,b))": COMPLEX,
    "T.real(T.complex(a,b)*T.complex(b,a))": COMPLEX,
    "T.imag(T.complex(a,b)**2)": COMPLEX,
    "T.real(T.conj(T.complex(a,b))*T.complex(b,b))": COMPLEX,
    "T.real(T.complex(a,b)/T.complex(b,a))": COMPLEX,
}


def test_recording_is_complete():
    assert set(map(repr, derivatives.ROWS)) == set(GOLDEN)
    assert sum("results" in g for g in GOLDEN.values()) > 400


@pytest.mark.parametrize("row", derivatives.ROWS, ids=[f"{row[0]}-{row[1]}" for row in derivatives.ROWS])
def test_as_theano(row):
    golden = GOLDEN[repr(row)]
    with tx.config.change_flags(compatibility="1.0"):
        found = derivatives.evaluate(row, tx, T)
    if row[:2] in BETTER or row[1] in BETTER:
        assert "error" in golden and "error" not in found
        differentiable = lambda *inputs: eval(row[1], dict(zip("abc", inputs, strict=False), T=T))
        T.verify_grad(differentiable, derivatives.inputs_of(row), rng=np.random.RandomState(0))
        return
    assert found.get("error") == golden.get("error")
    if "error" in golden:
        return
    assert found["patterns"] == golden["patterns"]
    tolerance = 2e-5 if any(r["dtype"] == "float32" for r in golden["results"]) else 1e-10
    for result, expected in zip(found["results"], map(read, golden["results"]), strict=True):
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance / 10)
