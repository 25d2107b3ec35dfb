"""Convolution, pooling and the rest of nnet and signal: values, types and gradients as real Theano gave them."""

import numpy as np
import pytest
import recorded
from recorded import read

import tx
import tx.tensor as T

MODULES = ("conv_expressions", "pool_expressions", "nnet_expressions", "corr_expressions")
GOLDEN = {name: recorded.recording(name) for name in MODULES}
expressions, *modules = map(recorded.table, ("expressions", *MODULES))
ROWS = [(m.__name__, row) for m in modules for row in m.ROWS]


def test_recording_is_complete():
    assert {(name, repr(row)) for name, row in ROWS} == {(name, row) for name in MODULES for row in GOLDEN[name]}
    numbers = {m.__name__: sum("error" not in GOLDEN[m.__name__][repr(row)] for row in m.ROWS) for m in modules}
    assert numbers["conv_expressions"] >= 150 and numbers["pool_expressions"] >= 90


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("module", "row"), ROWS, ids=[f"{row[0]}-{row[1][0]}" for _, row in ROWS])
def test_as_theano(module, row):
    found, golden = expressions.evaluate(row, tx, T), GOLDEN[module][repr(row)]
    if "exc_pad" in row[0] and "error" in golden:
        # Theano has no gradient of a mean that does not count its padding.
        assert len(found["results"]) == 2
        return
    if golden.get("error") == "NotImplementedError":
        assert found["error"] == "ValueError", "an unknown mode is a bad value"
        return
    assert found.get("error") == golden.get("error")
    if "error" in golden:
        return
    assert (found["dtype"], found["broadcastable"]) == (golden["dtype"], golden["broadcastable"])
    coarse = any("float32" in (r["dtype"], row[1][0][0]) for r in golden["results"])
    # What Theano cannot differentiate, tx may.
    for result, expected in zip(found["results"], map(read, golden["results"]), strict="no_gradient" not in golden):
        # Two of Theano's gradients of float32 are float64; some of mixed inputs have the dtype of another one.
        known = "normalization_test" in row[0] or "images2neibs" in row[0]
        assert result.dtype == expected.dtype or known or len({dtype for dtype, _ in row[1]}) > 1
        np.testing.assert_allclose(result, expected, rtol=2e-5 if coarse else 1e-11, atol=2e-5 if coarse else 1e-12)
