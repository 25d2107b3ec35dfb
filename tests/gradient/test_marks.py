"""Marks: expressions whose gradient is not that of their value; parts of graphs; the small words of `tx.gradient`."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import gradient as G

x, y, v = T.dvectors("x", "y", "v")
X, W = np.array([1.0, 2, 3]), np.array([1.0, 0, 2])


def computed(expression):
    return tx.function([x, v], expression, on_unused_input="ignore")(X, W).tolist()


@pytest.mark.parametrize("name", ["consider_constant", "zero_grad", "disconnected_grad"])
def test_marks_that_stop_gradients(name):
    mark = getattr(G, name)
    assert computed(mark(x) * 2) == [2, 4, 6] and mark(x).type == x.type
    assert computed(T.grad((mark(x) * x).sum(), x)) == [1, 2, 3]
    assert computed(T.Rop(mark(x) * x, x, v)) == [1, 0, 6]
    if name == "disconnected_grad":
        for derivative in (lambda: T.grad(mark(x).sum(), x), lambda: T.Rop(mark(x), x, v)):
            with pytest.raises(G.DisconnectedInputError):
                derivative()
    else:
        assert computed(T.grad(mark(x).sum(), x)) == [0, 0, 0]
        assert computed(T.Rop(mark(x), x, v)) == [0, 0, 0]


def test_undefined_grad():
    assert computed(G.undefined_grad(x)) == [1, 2, 3]
    with pytest.raises(G.NullTypeGradError, match="undefined"):
        T.grad((G.undefined_grad(x) * x).sum(), x)


def test_grad_clip():
    assert computed(T.grad((G.grad_clip(x, -1, 5) ** 2).sum(), x)) == [2, 4, 5]
    assert computed(T.Rop(G.grad_clip(x, -1, 1) ** 2, x, v)) == [2, 0, 12]
    assert G.GradClip(-1, 1) == G.GradClip(-1, 1) and G.GradClip(-1, 1) != G.GradClip(-1, 2)
    with pytest.raises(AssertionError):
        G.grad_clip(x, 2, 1)


def test_grad_scale():
    assert computed(T.grad((G.grad_scale(x, -3) ** 2).sum(), x)) == [-6, -12, -18]
    assert computed(T.Rop(G.grad_scale(x, -3) ** 2, x, v)) == [-6, 0, -36]
    assert computed(T.grad(T.grad((G.grad_scale(x, -3) ** 3).sum(), x).sum(), x)) == [54, 108, 162]


def test_marks_do_not_hide_what_is_rewritten():
    f = tx.function([x], T.log(G.zero_grad(T.nnet.sigmoid(x))))
    assert f([-800.0]).tolist() == [-800]
    assert tx.function([x], G.zero_grad(x), mode=tx.Mode(optimizer=None))(X).tolist() == X.tolist()


def test_subgraph_grad():
    rng = np.random.RandomState(0)
    w1, w2 = tx.shared(rng.randn(3, 2)), tx.shared(rng.randn(2, 2))
    hidden = T.tanh(T.dot(x, w1))
    first_cost, cost = 0.1 * T.sqr(w1).sum(), T.sqr(T.dot(hidden, w2)).sum()
    of_w2, of_hidden = G.subgraph_grad([w2], [hidden], cost=cost)
    of_w1, of_x = G.subgraph_grad([w1], [x], start=dict(zip([hidden], of_hidden, strict=True)), cost=first_cost)
    found = tx.function([x], [*of_w2, *of_w1, *of_x])(X)
    expected = tx.function([x], T.grad(cost + first_cost, [w2, w1, x]))(X)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    parts = G.subgraph_grad([w2], [hidden], cost=cost, details=True)
    assert len(parts) == 4 and parts[2] is None and len(parts[3]) == 2
    for arguments in (([w2], [hidden]), (w2, [hidden], None, cost), ([w2], [hidden], [hidden])):
        with pytest.raises(AssertionError):
            G.subgraph_grad(*arguments)


def test_format_as():
    assert G.format_as(True, False, [1]) == [1] and G.format_as(False, True, [1]) == (1,)
    assert G.format_as(False, False, [1]) == 1 == G.format_as(False, False, 1)
    for wrong in ((True, True, [1]), (False, False, [1, 2])):
        with pytest.raises(AssertionError):
            G.format_as(*wrong)


def test_null_and_disconnected():
    null = G.grad_not_implemented("the Op", 2, x, "because")
    assert null.type.why_null.endswith("grad method for input 2 (x) of the the Op op is not implemented. because")
    assert "undefined" in G.grad_undefined("the Op", 2, x).type.why_null
    assert str(G.disconnected_type) == "DisconnectedType" and isinstance(G.disconnected_type, G.DisconnectedType)
    with pytest.raises(ValueError):
        null.type.filter(1)
