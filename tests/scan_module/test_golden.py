"""Every loop that was recorded from real Theano: values, updates and gradients are the same."""

import numpy as np
import pytest
import recorded
from recorded import read

import tx
import tx.tensor as T

GOLDEN, scans = recorded.recording("scans"), recorded.table("scans")

#: rows in which tx does on purpose what Theano 1.0.5 does not
BETTER = {
    "empty sequence": "Theano's loop cannot make no step",
    "sequence too short for its taps": "Theano's loop cannot make no step",
    "no steps of a map": "Theano's loop cannot make no step",
    "until with sequence": "Theano puts the gradient of the sequence one place too late",
    "until never": "Theano's gradient of the sequence wants one more element than there are",
    "until at once": "Theano puts the gradient of the sequence one place too late",
    "until with two outputs": "Theano's gradient of the sequence wants one more element than there are",
    "second order": "Theano's second derivative disagrees with finite differences",
    "stable inside": "Theano only stabilises when it optimises, and this was recorded without",
    "checkpoints": "Theano computes a number of steps as a float",
}


def test_recording_is_complete():
    assert set(GOLDEN) == set(scans.ROWS)
    assert sum("error" not in g for g in GOLDEN.values()) > 100


@pytest.mark.parametrize("name", scans.ROWS)
def test_as_theano(name):
    with tx.config.change_flags(floatX="float64"):
        found = scans.evaluate(scans.ROWS[name], tx, T)
    golden = GOLDEN[name]
    if name in BETTER:
        check_gradients(scans.ROWS[name], found)
        assert "error" in golden or not all(map(agrees, found["values"], map(read, golden["values"])))
        return
    assert found.get("error") == golden.get("error")
    if "error" in golden:
        return
    assert found["gradients"] == golden["gradients"]
    for kind in ("values", "shared"):
        for value, expected in zip(found[kind], map(read, golden[kind]), strict=True):
            assert (value.dtype, value.shape) == (expected.dtype, expected.shape)
            np.testing.assert_allclose(value, expected, rtol=1e-11, atol=1e-12)


def agrees(value, expected):
    return np.allclose(value, expected, rtol=1e-11, atol=1e-12)


def check_gradients(source, found):
    """The gradients in `found` against central differences of the cost."""
    head, _, names = source.partition("; wrt = ")
    if not names:
        return
    outputs = len(found["values"]) - found["gradients"]
    names = names.strip("[]").split(", ")
    for name, gradient in zip(names, found["values"][outputs:], strict=True):
        inputs = [scans.values() for _ in range(2)]
        direction = np.random.RandomState(3).uniform(-1, 1, gradient.shape)
        costs = []
        for given, sign in zip(inputs, (1, -1), strict=True):
            given[name] = given[name] + sign * 1e-6 * direction
            values = scans.evaluate(head, tx, T, given)["values"]
            costs.append(sum(float((v**2).sum()) for v in values))
        np.testing.assert_allclose((gradient * direction).sum(), (costs[0] - costs[1]) / 2e-6, rtol=1e-6, atol=1e-8)
