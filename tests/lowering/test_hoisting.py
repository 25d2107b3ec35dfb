"""Gradients of matrices by products behind the loop are those that the loop would add up."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import hoisting

N, B, I, H = 5, 3, 4, 6
DRAW = np.random.RandomState(0)
X, W, U, BIAS = DRAW.randn(N, B, I), DRAW.randn(I, H) * 0.3, DRAW.randn(H, H) * 0.3, DRAW.randn(H)
VECTORS = DRAW.randn(N, H)


def recurrent(x, W, U, bias):
    """Two matrices, a bias, and all states in the cost."""
    return tx.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U) + bias), x, T.zeros((x.shape[1], H)))[0]


def transposed(x, W, U, bias):
    return tx.scan(lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U.T) + bias), x, T.zeros((x.shape[1], H)))[0]


def twice(x, W, U, bias):
    step = lambda v, h: T.tanh(T.dot(T.tanh(T.dot(v, W) + T.dot(h, U)), U) + bias)
    return tx.scan(step, x, T.zeros((x.shape[1], H)))[0]


def both_ways(x, W, U, bias):
    step = lambda v, h: T.tanh(T.dot(T.dot(v, W) + T.dot(h, U), U.T) + bias)
    return tx.scan(step, x, T.zeros((x.shape[1], H)))[0]


def read_elsewhere(x, W, U, bias):
    step = lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U) + bias) + 0.1 * (U * h.sum()).sum()
    return tx.scan(step, x, T.zeros((x.shape[1], H)))[0]


def from_the_left(x, W, U, bias):
    """Matrices by vectors, and by matrices."""
    step = lambda v, h, m: (T.tanh(T.dot(U, h) + v + bias), T.tanh(T.dot(U, m)))
    h, m = tx.scan(step, x[:, 0, 0].dimshuffle(0, "x") * bias, [T.zeros(H), T.dot(U, W.T)])[0]
    return h.sum() + (m**2).sum()


def vectors_by_matrices(x, W, U, bias):
    return tx.scan(lambda v, h: T.tanh(T.dot(h, U) + T.dot(v[0], W)), x, bias)[0]


def mapped(x, W, U, bias):
    """No state; what is recorded is all that there is."""
    return tx.map(lambda v: T.exp(T.dot(v, W)) * bias, x)[0]


def backwards(x, W, U, bias):
    step = lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U))
    return tx.scan(step, x, T.zeros((x.shape[1], H)), go_backwards=True)[0]


def truncated(x, W, U, bias):
    step = lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U))
    return tx.scan(step, x, T.zeros((x.shape[1], H)), truncate_gradient=2)[0]


def last_only(x, W, U, bias):
    return recurrent(x, W, U, bias)[-1]


def indexed(x, W, U, bias):
    """With a check in each step."""
    step = lambda i, h: T.tanh(T.dot(h, U) + W[i])
    return tx.scan(step, T.cast(T.abs_(x[:, 0, 0]), "int64") % I, bias)[0]


#: and how many products there are behind each
LOOPS = {
    recurrent: 2, transposed: 2, twice: 3, both_ways: 3, read_elsewhere: 1, from_the_left: 2, vectors_by_matrices: 2,
    mapped: 1, backwards: 2, truncated: 0, last_only: 2, indexed: 0,
}  # fmt: skip


def hoist(monkeypatch, everything=True):
    """Take all matrices for large ones, or for small ones."""
    monkeypatch.setattr(hoisting, "_LARGE", 0 if everything else 1 << 62)
    monkeypatch.setattr(hoisting, "_RATIO", 0)


def derivatives(loop):
    """A function of the arrays: the gradient by all, by the matrices alone, by them twice, and that pushed forwards."""
    arguments = [T.TensorType("float64", (False,) * v.ndim)() for v in (X, W, U, BIAS)]
    matrices = arguments[1:3]
    cost = (loop(*arguments) ** 2).sum()
    options = {"disconnected_inputs": "ignore"}
    whole = T.grad(cost, arguments, **options)
    some = T.grad(cost, matrices, **options)
    twice = T.grad(sum((g**2).sum() for g in some), matrices, **options)
    pushed = T.Rop(some, matrices, [T.ones_like(m) for m in matrices], disconnected_outputs="ignore")
    return tx.function(arguments, [*whole, *some, *twice, *pushed], on_unused_input="ignore")


@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_the_same_gradients(loop, monkeypatch):
    found = []
    for everything in (True, False):
        hoist(monkeypatch, everything)
        found.append(derivatives(loop)(X, W, U, BIAS))
    for ours, others in zip(*found, strict=True):
        np.testing.assert_allclose(ours, others, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize(("loop", "products"), LOOPS.items(), ids=lambda f: getattr(f, "__name__", ""))
def test_how_many_products_are_behind(loop, products, monkeypatch):
    hoist(monkeypatch)
    made = []
    gradient = hoisting._Product.gradient
    monkeypatch.setattr(hoisting._Product, "gradient", lambda *given: made.append(given) or gradient(*given))
    arguments = [T.TensorType("float64", (False,) * v.ndim)() for v in (X, W, U, BIAS)]
    found = T.grad((loop(*arguments) ** 2).sum(), arguments[1:3], disconnected_inputs="ignore")
    tx.function(arguments, found, on_unused_input="ignore")(X, W, U, BIAS)
    assert len(made) == products


@pytest.mark.parametrize("loop", [recurrent, from_the_left, transposed], ids=lambda f: f.__name__)
def test_they_are_derivatives(loop, monkeypatch):
    hoist(monkeypatch)
    T.verify_grad(lambda *given: T.sum(loop(*given) ** 2), [X, W, U, BIAS], rng=np.random.RandomState(0))


def test_a_matrix_of_another_dtype(monkeypatch):
    hoist(monkeypatch)
    x, U_ = T.dmatrix(), T.fmatrix()
    cost = (tx.scan(lambda v, h: T.tanh(v + T.dot(h, U_)), x, T.zeros(H, "float64"))[0] ** 2).sum()
    found = tx.function([x, U_], T.grad(cost, U_))(VECTORS, U.astype("float32"))
    assert found.dtype == "float32" and np.isfinite(found).all()


def test_a_row_of_each_example(monkeypatch):
    """Under jax's vmap."""
    hoist(monkeypatch)
    U_ = T.dmatrix()
    last = tx.scan(lambda v, h: T.tanh(v + T.dot(h, U_)), T.constant(VECTORS), T.zeros(H))[0][-1]
    rows = tx.function([U_], tx.gradient.jacobian(last, U_))(U)
    one = tx.function([U_], T.grad(last[2], U_))(U)
    np.testing.assert_allclose(rows[2], one)


def test_it_is_one_product():
    """There is none in the loop whose result is as large as the matrix."""
    U_, x = T.fmatrix(), T.ftensor3()
    state = tx.scan(lambda v, h: T.tanh(v + T.dot(h, U_)), x, T.zeros((x.shape[1], 200), "float32"))[0][-1]
    f = tx.function([x, U_], T.grad((state**2).sum(), U_))
    f(np.ones((3, 2, 200), "float32"), np.eye(200, dtype="float32") * 0.1)
    text = tx.printing.stages(f).jaxpr
    assert text.count("f32[200,200] = dot_general") == 1 and text.count("f32[2,200] = dot_general") == 2
