"""Gradients of loops whose number of steps the device knows: as those of loops that are compiled for each number."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import scan_module
from tx.random import MRG_RandomStreams

rng = np.random.RandomState(0)
W, U = (tx.shared(rng.randn(3, 3) * 0.3, name) for name in "WU")
x, h, n = T.dmatrix("x"), T.dvector("h"), T.lscalar("n")
X, H = rng.randn(40, 3), rng.randn(3)


def plain():
    states, _ = tx.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U)), x, h)
    return (states**2).sum()


def last():
    states, _ = tx.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U)), x, h)
    return states[-1].sum()


def taps():
    start = T.stack([h, h * 2])
    states, _ = tx.scan(lambda v, a, b: T.sin(v + T.dot(a, U) * b), x, {"initial": start, "taps": [-2, -1]})
    return states.sum()


def several():
    def step(v, h, c, W):
        c = T.nnet.sigmoid(T.dot(v, W)) * c + h
        return T.tanh(c), c, (v * c).sum()

    (hs, cs, outs), _ = tx.scan(step, x, [h, h * 0, None], non_sequences=W)
    return hs.sum() + (cs * U[0]).sum() + outs.mean()


def counting():
    """A state of integers beside one of floats."""
    (ks, hs), _ = tx.scan(lambda v, k, h: (k + 1, h * T.cos(v) + k), x, [T.zeros((), "int64"), h])
    return (hs * ks[:, None]).sum()


def backwards():
    states, _ = tx.scan(lambda v, h: T.tanh(v + T.dot(h, U)), x, h, go_backwards=True)
    return (states * x).sum()


def checkpointed():
    step = lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U))
    step = type("Step", (), {"checkpoint": True, "__call__": lambda self, v, h, f=step: f(v, h)})()
    states, _ = tx.scan(step, x, h)
    return (states**2).sum()


def nested():
    def step(v, h):
        inner, _ = tx.scan(lambda a, b: T.tanh(a + b), [h], T.zeros(()))
        return T.dot(h, U) + v * inner[-1]

    states, _ = tx.scan(step, x, h)
    return states.sum()


def steps_alone():
    states, _ = tx.scan(lambda h: T.sin(T.dot(h, U)), outputs_info=h, n_steps=n)
    return (states**2).sum()


LOOPS = {f.__name__: f for f in (plain, last, taps, several, counting, backwards, checkpointed, nested, steps_alone)}


def gradients(cost):
    wrt = [v for v in (x, h, W, U) if v in tx.gof.graph.inputs([cost])]
    return T.grad(cost, wrt, disconnected_inputs="ignore")


def run(outputs, buckets, lengths=(3, 5, 2, 7, 1, 9, 6)):
    with tx.config.change_flags(length_buckets=buckets):
        f = tx.function([x, h, n], outputs, on_unused_input="ignore")
        found = [f(X[:k], H, k) for k in lengths]
        forms = [form for form in getattr(f._compute, "forms", {}).values() if form is not None]
    return found, forms


@pytest.fixture
def used(monkeypatch):
    """How often loops have been given this pullback."""
    made, bounded = [], scan_module.bounded
    monkeypatch.setattr(scan_module, "bounded", lambda *a: made.append(a) or bounded(*a))
    return made


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_gradients(loop, used):
    cost = loop()
    expected, _ = run([cost, *gradients(cost)], "off")
    assert not used
    found, forms = run([cost, *gradients(cost)], "auto")
    assert used and forms and not any(form.failures for form in forms)
    for a, b in zip(expected, found, strict=True):
        for u, v in zip(a, b, strict=True):
            np.testing.assert_allclose(v, u, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("loop", [plain, taps, steps_alone])
def test_second_derivatives_and_directions(loop):
    """What is differentiated more than once, or forwards, goes another way."""
    cost = loop()
    squared = sum((g**2).sum() for g in gradients(cost))
    outputs = [squared, *T.grad(squared, [U, h]), tx.gradient.Rop(cost, U, U * 0.5)]
    expected, _ = run(outputs, "off", (3, 5, 2, 6))
    found, _ = run(outputs, "auto", (3, 5, 2, 6))
    for a, b in zip(expected, found, strict=True):
        for u, v in zip(a, b, strict=True):
            np.testing.assert_allclose(v, u, rtol=1e-9, atol=1e-11)


def test_training():
    """Updates by gradients, with checks in the steps, and draws of random numbers."""
    index = T.lvector("index")
    streams = MRG_RandomStreams(3)
    noise = streams.uniform((3,), dtype="float64")
    states, _ = tx.scan(lambda i, h: T.tanh(h + W[i]) * noise, index, h)
    cost = (states**2).sum()
    results = []
    for buckets in ("off", "auto"):
        start = W.get_value()
        with tx.config.change_flags(length_buckets=buckets):
            f = tx.function([index, h], cost, updates=[(W, W - 0.1 * T.grad(cost, W))], no_default_updates=True)
            costs = [f(np.arange(k) % 3, H) for k in (3, 5, 2, 7, 9, 4)]
            with pytest.raises(IndexError, match="index 5 is out of bounds"):
                f(np.array([0, 1, 5, 0]), H)
        results.append([*costs, W.get_value()])
        W.set_value(start)
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10)
