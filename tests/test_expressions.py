"""Every expression that was recorded from real Theano: values, dtype, broadcast pattern and gradients are the same."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T

HERE = Path(__file__).parent / "golden"
GOLDEN = json.loads((HERE / "expressions.json").read_text())
_spec = importlib.util.spec_from_file_location("expressions", HERE / "expressions.py")
expressions = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(expressions)

#: rows in which tx does on purpose what Theano 1.0.5 does not
BETTER = {
    "a[:,None,1]": "newaxis and an integer in one index",
    "T.nnet.categorical_crossentropy(T.nnet.softmax(a),[0,1,3])": "class numbers as a list",
}


def read(plain):
    values = [complex(v) if "j" in v else eval(v, {"nan": np.nan, "inf": np.inf}) for v in plain["data"]]
    return np.array(values, plain["dtype"]).reshape(plain["shape"])


def test_recording_is_complete():
    assert {repr(row) for row in expressions.ROWS} == set(GOLDEN)


@pytest.mark.parametrize("row", expressions.ROWS, ids=lambda row: f"{row[0]}-{row[1][0][0]}")
def test_as_theano(row):
    with tx.config.change_flags(compatibility="1.0"):
        found, golden = expressions.evaluate(row, tx, T), GOLDEN[repr(row)]
    if row[0] in BETTER:
        assert "error" in golden and "error" not in found
        return
    assert found.get("error") == golden.get("error")
    assert (found["dtype"], found["broadcastable"]) == (golden["dtype"], golden["broadcastable"])
    coarse = any("float32" in (r["dtype"], row[1][0][0]) for r in golden["results"])
    for result, expected in zip(found["results"], map(read, golden["results"]), strict=True):
        assert result.dtype == expected.dtype
        if row[0] in ("T.gamma(a)", "T.psi(a)"):
            # At their poles Theano gives what its scipy gave, which newer ones do not.
            result, expected = result[np.isfinite(expected)], expected[np.isfinite(expected)]
        np.testing.assert_allclose(result, expected, rtol=2e-5 if coarse else 1e-11, atol=1e-5 if coarse else 1e-12)
