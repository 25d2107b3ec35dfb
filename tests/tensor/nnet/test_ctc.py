"""The cost of connectionist temporal classification, against the sum over all alignments."""

import itertools

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.tensor.nnet.ctc import ctc, ctc_available, ctc_present


def reference(activations, labels, lengths):
    """-log of the sum of the probabilities of all paths that collapse to the labelling."""
    p = np.exp(activations) / np.exp(activations).sum(axis=2, keepdims=True)
    costs = []
    for b, steps in enumerate(lengths):
        wanted, total = [n for n in labels[b] if n >= 0], 0.0
        for path in itertools.product(range(p.shape[2]), repeat=steps):
            collapsed = [n for k, n in enumerate(path) if n and (k == 0 or n != path[k - 1])]
            if collapsed == wanted:
                total += np.prod([p[t, b, n] for t, n in enumerate(path)])
        costs.append(-np.log(total) if total else np.inf)
    return np.array(costs)


LABELS = np.array([[1, 2], [1, 1], [2, -1], [-1, -1], [2, 1], [1, 1]], "int32")
LENGTHS = np.array([4, 4, 3, 4, 2, 2], "int32")


def compiled():
    a, labels, lengths = T.ftensor3(), T.imatrix(), T.ivector()
    cost = ctc(a, labels, lengths)
    return tx.function([a, labels, lengths], [cost, T.grad(cost[:5].sum(), a)])


def test_values_and_gradient():
    activations = np.random.RandomState(3).randn(4, 6, 3).astype("float32")
    cost, gradient = compiled()(activations, LABELS, LENGTHS)
    np.testing.assert_allclose(cost, reference(activations, LABELS, LENGTHS), rtol=1e-5)
    assert np.isinf(cost[5]) and cost.dtype == "float32"
    direction = np.random.RandomState(4).randn(4, 6, 3)
    up, down = (reference(activations + s * direction, LABELS, LENGTHS)[:5].sum() for s in (1e-5, -1e-5))
    np.testing.assert_allclose((gradient * direction)[:, :5].sum(), (up - down) / 2e-5, rtol=1e-4)


@pytest.mark.parametrize("labels, lengths", [([[3, 1]], [4]), ([[1, 1]], [5]), ([[1, 1]], [0])])
def test_what_does_not_fit_is_refused(labels, lengths):
    with pytest.raises(ValueError):
        compiled()(np.zeros((4, 1, 3), "float32"), np.array(labels, "int32"), np.array(lengths, "int32"))


def test_types_are_checked():
    with pytest.raises(TypeError, match="float32"):
        ctc(T.dtensor3(), T.imatrix(), T.ivector())
    assert ctc_present() and ctc_available()
