"""Gradients through loops are those that the Ops of the step define. Expected values were asked of Theano 1.0.5."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import consider_constant, disconnected_grad, grad_clip, grad_scale, zero_grad

x, w = T.dmatrix("x"), T.dvector("w")
X, W = np.array([[1.0, -2.0], [3.0, 4.0], [-1.0, 0.5]]), np.array([0.5, 1.5])


def total(step):
    history, _ = tx.scan(step, sequences=[x], outputs_info=[T.zeros_like(w)], non_sequences=[w])
    return history.sum()


def unrolled(step):
    h, cost = T.zeros_like(w), 0
    for i in range(3):
        h = step(x[i], h, w)
        cost = cost + h.sum()
    return cost


STEPS = {
    "clip": (lambda a, h, v: grad_clip(h * v, -0.7, 0.7) + a * v, [5.975, 3.55]),
    "clip_tanh": (lambda a, h, v: grad_clip(T.tanh(h * v + a), -0.1, 0.1), [0.078731, 0.004923]),
    "zero": (lambda a, h, v: zero_grad(h * v) + a * v, [3.0, 2.5]),
    "constant": (lambda a, h, v: consider_constant(h * v) + a * v, [3.0, 2.5]),
    "disconnected": (lambda a, h, v: disconnected_grad(h * v) + a * v, [3.0, 2.5]),
    "maximum": (lambda a, h, v: T.maximum(0, h * v) + T.maximum(0, a) * v, [8.75, 16.5]),
    "ties": (lambda a, h, v: T.maximum(h * 0, v * 0) + T.minimum(a, a) * v, None),
    "scaled": (lambda a, h, v: grad_scale(h * v, -0.5) + a * v, None),
    "max_of_all": (lambda a, h, v: T.tanh(h * v + a) * T.max(T.stack([v * 0, v * 0]), axis=0) + v, None),
    "overridden": (
        lambda a, h, v: (
            tx.compile.OpFromGraph([p := T.dvector()], [p * 3], lop_overrides=[lambda i, o, g: g[0] * 5])(h) + a * v
        ),
        None,
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_gradients_in_loops(name):
    step, expected = STEPS[name]
    costs = [total(step), unrolled(step)]
    (looped, by_hand) = tx.function([x, w], [T.grad(c, [w, x], disconnected_inputs="ignore")[0] for c in costs])(X, W)
    np.testing.assert_allclose(looped, by_hand, rtol=1e-12)
    if expected is not None:
        np.testing.assert_allclose(looped, expected, atol=5e-7)


def test_a_users_gradient_in_a_nested_loop():
    """The inner loop's gradient is asked of jax within that of the outer one."""

    def step(a, h, v):
        inner, _ = tx.scan(lambda k: grad_clip(k * v, -0.3, 0.3), outputs_info=[h + a], n_steps=2)
        return inner[-1]

    def by_hand(a, h, v):
        return grad_clip(grad_clip((h + a) * v, -0.3, 0.3) * v, -0.3, 0.3)

    f = tx.function([x, w], [T.grad(total(step), w), T.grad(unrolled(by_hand), w)])
    np.testing.assert_allclose(*f(X, W), rtol=1e-12)


@pytest.mark.parametrize("name", ["maximum", "clip"])
def test_second_derivatives(name):
    step, _ = STEPS[name]
    vector = np.array([0.3, -1.0])
    results = []
    for cost in (total(step), unrolled(step)):
        g = T.grad(cost, w)
        results += [T.grad((g * vector).sum(), w), T.Rop(g, w, T.constant(vector))]
    first, *rest = tx.function([x, w], results)(X, W)
    for other in rest:
        np.testing.assert_allclose(other, first, rtol=1e-12)


def test_truncated_loops_and_loops_with_a_condition():
    clipped = STEPS["clip"][0]
    history, _ = tx.scan(clipped, sequences=[x], outputs_info=[T.zeros_like(w)], non_sequences=[w], truncate_gradient=3)
    ended, _ = tx.scan(
        lambda a, h, v: (clipped(a, h, v), tx.scan_module.until(a.sum() > 100)),
        sequences=[x],
        outputs_info=[T.zeros_like(w)],
        non_sequences=[w],
    )
    results = tx.function([x, w], [T.grad(history.sum(), w), T.grad(ended.sum(), w)])(X, W)
    for found in results:
        np.testing.assert_allclose(found, STEPS["clip"][1], atol=5e-7)


def test_tangents_pass_marks_that_are_for_gradients():
    clipped = total(STEPS["clip"][0])
    plain = total(lambda a, h, v: h * v + a * v)
    tangent = T.constant([1.0, 0.5])
    np.testing.assert_allclose(*tx.function([x, w], [T.Rop(clipped, w, tangent), T.Rop(plain, w, tangent)])(X, W))
