"""Jacobians and Hessians: Theano's tutorial on derivatives, arguments, sizes, and derivatives of them."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import DisconnectedInputError, MapRows
from tx.graph.walk import toposort

x, y, v = T.dvectors("x", "y", "v")
X = np.array([4.0, 4.0])


# -- the tutorial on derivatives --------------------------------------------------------------------------------------


def test_tutorial_gradient_and_its_text():
    s = T.dscalar("x")
    gradient = T.grad(s**2, s)
    two, one = "TensorConstant{2}", "TensorConstant{1}"
    assert tx.pp(gradient) == (f"((fill((x ** {two}), TensorConstant{{1.0}}) * {two}) * (x ** ({two} - {one})))")
    f = tx.function([s], gradient)
    assert f(4) == 8 and f(94.2) == 188.4
    assert tx.pp(f.maker.fgraph.outputs[0]) == "(TensorConstant{2.0} * x)"


def test_tutorial_logistic():
    m = T.dmatrix("x")
    f = tx.function([m], T.grad(T.sum(1 / (1 + T.exp(-m))), m))
    np.testing.assert_allclose(f([[0, 1], [-1, -2]]), [[0.25, 0.19661193], [0.19661193, 0.10499359]], rtol=1e-7)


def test_tutorial_jacobian():
    f = tx.function([x], T.jacobian(x**2, x))
    assert f(X).tolist() == [[8, 0], [0, 8]]


def test_tutorial_hessian():
    cost = (x**2).sum()
    by_rows = T.hessian(cost, x)
    of_gradient = T.jacobian(T.grad(cost, x), x)
    assert [h.tolist() for h in tx.function([x], [by_rows, of_gradient])(X)] == [[[2, 0], [0, 2]]] * 2


def test_tutorial_r_operator():
    W, V = T.dmatrix("W"), T.dmatrix("V")
    f = tx.function([W, V, x], T.Rop(T.dot(x, W), W, V), on_unused_input="ignore")
    assert f([[1, 1], [1, 1]], [[2, 2], [2, 2]], [0, 1]).tolist() == [2, 2]


def test_tutorial_l_operator():
    W = T.dmatrix("W")
    f = tx.function([v, x], T.Lop(T.dot(x, W), W, v))
    assert f([2, 2], [0, 1]).tolist() == [[0, 0], [2, 2]]


def test_tutorial_hessian_times_vector():
    cost = T.sum(x**2)
    gradient = T.grad(cost, x)
    both = [T.grad(T.sum(gradient * v), x), T.Rop(gradient, x, v)]
    assert [h.tolist() for h in tx.function([x, v], both)(X, [2, 2])] == [[4, 4], [4, 4]]


# -- arguments --------------------------------------------------------------------------------------------------------


def test_forms():
    assert isinstance(T.jacobian(x**2, [x]), list) and isinstance(T.jacobian(x**2, (x,)), tuple)
    assert isinstance(T.hessian((x**2).sum(), [x]), list) and isinstance(T.hessian((x**2).sum(), (x,)), tuple)
    assert T.jacobian(x, []) == []
    both = tx.function([x, y], T.jacobian(x * y**2, [x, y]))([1.0, 2], [3.0, 4])
    assert [j.tolist() for j in both] == [[[9, 0], [0, 16]], [[6, 0], [0, 16]]]


def test_ranks():
    s, m, row = T.dscalar("s"), T.dmatrix("m"), T.drow("row")
    assert T.jacobian(x.sum(), x).type == T.dvector
    assert T.jacobian(x * s, s).type == T.dvector
    assert T.jacobian(m.sum(axis=0), m).type == T.dtensor3
    assert T.jacobian(row.sum(axis=0), row).type.broadcastable == (False, True, False)
    assert T.jacobian(T.fvector("f") ** 2, T.fvector("g"), disconnected_inputs="ignore").dtype == "float32"
    f = tx.function([m], T.jacobian(T.dot(m, m.T).flatten(), m))
    assert f(np.ones((2, 3))).shape == (4, 2, 3) and f(np.ones((0, 3))).shape == (0, 0, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: T.jacobian(T.dmatrix("m"), x),
        lambda: T.jacobian(3, x),
        lambda: T.hessian(x, x),
        lambda: T.hessian(3, x),
        lambda: T.hessian(x.sum(), T.dmatrix("m")),
        lambda: T.hessian(x.sum(), [x, T.dscalar("s")]),
    ],
)
def test_bad_input(call):
    with pytest.raises(AssertionError, match="expects a"):
        call()


def test_disconnected():
    with pytest.raises(DisconnectedInputError):
        T.jacobian(x * 2, y)
    with pytest.raises(DisconnectedInputError):
        T.hessian(x.sum(), y)
    zeros = [
        T.jacobian(x * 2, y, disconnected_inputs="ignore"),
        T.hessian(x.sum(), y, disconnected_inputs="ignore"),
        T.hessian((x * y).sum(), y),
    ]
    results = tx.function([x, y], zeros, on_unused_input="ignore")([1.0, 2], [1.0, 2])
    assert [z.tolist() for z in results] == [[[0, 0], [0, 0]]] * 3


def test_consider_constant():
    square = x**2
    f = tx.function([x], T.jacobian(square * x, x, consider_constant=[square]))
    assert f([1.0, 2]).tolist() == [[1, 0], [0, 4]]


# -- how it is computed -----------------------------------------------------------------------------------------------


def test_one_vectorised_pullback_and_one_forward_pass():
    out = T.tanh(T.exp(x))
    j = T.jacobian(out, x)
    (node,) = [n for n in toposort([j]) if isinstance(n.op, MapRows)]
    inner = {str(n.op) for n in node.op.graph.toposort()}
    assert "Elemwise{exp}" not in inner and "Elemwise{tanh}" not in inner
    np.testing.assert_allclose(
        tx.function([x], j)([0.1, 0.2]), np.diag(np.exp([0.1, 0.2]) / np.cosh(np.exp([0.1, 0.2])) ** 2)
    )


def test_stable_in_rows():
    m = T.dmatrix("m")
    cost = -T.log(T.nnet.softmax(m))[0, 0]
    f = tx.function([m], T.jacobian(-T.log(T.nnet.softmax(m))[0], m))
    result = f([[0.0, 900.0, -900.0]])
    assert result[:, 0].tolist() == [[-1, 1, 0], [0, 0, 0], [0, 1, -1]]
    assert tx.function([m], T.grad(cost, m))([[0.0, 900.0, -900.0]]).tolist() == [[-1, 1, 0]]


def test_derivatives_of_a_hessian():
    cost = (x**3).sum() * y.sum()
    h = T.hessian(cost, x)
    values = np.array([1.0, 2, 3]), np.array([0.5, 1, 2]), np.array([1.0, 0, 2])
    expected = np.diag(6 * values[0]) * values[1].sum()
    of_x, of_y, push = tx.function([x, y, v], [*T.grad((h**2).sum(), [x, y]), T.Rop(h, [x, y], [v, v])])(*values)
    np.testing.assert_allclose(of_x, 2 * np.diag(expected) * 6 * values[1].sum())
    np.testing.assert_allclose(of_y, np.full(3, 2 * (expected * np.diag(6 * values[0])).sum()))
    np.testing.assert_allclose(
        push, np.diag(6 * values[2] * values[1].sum() + 6 * values[0] * values[2].sum()), rtol=1e-12
    )


def test_sizes_that_depend_on_arguments_and_on_data():
    n = T.lscalar("n")
    f = tx.function([x, n], T.jacobian(x[:n] ** 2, x))
    assert f([1.0, 2, 3], 2).tolist() == [[2, 0, 0], [0, 4, 0]] and f([1.0, 2, 3], 1).tolist() == [[2, 0, 0]]
    positive = tx.function([x], T.jacobian(x[(x > 0).nonzero()] ** 2, x))
    assert positive([1.0, -2, 3]).tolist() == [[2, 0, 0], [0, 0, 6]]
    assert positive([-1.0]).shape == (0, 1)


def test_with_shared_variables_and_without_optimizer():
    w = tx.shared(np.array([1.0, 2.0]), "w")
    j = T.jacobian(T.exp(w * x), [w, x])
    for mode in (None, tx.Mode(optimizer=None)):
        of_w, of_x = tx.function([x], j, mode=mode)([0.5, 1.0])
        np.testing.assert_allclose(of_w, np.diag(np.array([0.5, 1]) * np.exp([0.5, 2])))
        np.testing.assert_allclose(of_x, np.diag(np.array([1.0, 2]) * np.exp([0.5, 2])))


def test_checks_hold_in_rows():
    i = T.lvector("i")
    f = tx.function([x, i], T.jacobian(x[i] ** 2, x))
    assert f([1.0, 2], [1, 1]).tolist() == [[0, 4], [0, 4]]
    with pytest.raises(IndexError):
        f([1.0, 2], [5])


# -- the Hessian of a network -----------------------------------------------------------------------------------------


def test_hessian_times_vector_of_a_network():
    """Both forms are what `jax.jvp` of `jax.grad` says."""
    import jax
    import jax.numpy as jnp

    rng = np.random.RandomState(0)
    data, labels = rng.randn(5, 4), np.array([0, 2, 1, 1, 0])
    values = [rng.randn(4, 6), rng.randn(6), rng.randn(6, 3), rng.randn(3)]
    directions = [rng.randn(*p.shape) for p in values]
    parameters = [T.TensorType("float64", (False,) * p.ndim)() for p in values]
    tangents = [p.type() for p in parameters]
    w1, b1, w2, b2 = parameters
    p = T.nnet.softmax(T.dot(T.tanh(T.dot(data, w1) + b1), w2) + b2)
    cost = -T.mean(T.log(p)[T.arange(5), labels]) + 0.01 * (T.sqr(w1).sum() + T.sqr(w2).sum())
    slopes = T.grad(cost, parameters)
    forward = T.Rop(slopes, parameters, tangents)
    reverse = T.grad(sum((g * t).sum() for g, t in zip(slopes, tangents, strict=True)), parameters)
    results = tx.function([*parameters, *tangents], [*forward, *reverse])(*values, *directions)

    def loss(w1, b1, w2, b2):
        scores = jax.nn.log_softmax(jnp.tanh(data @ w1 + b1) @ w2 + b2)
        return -jnp.mean(scores[jnp.arange(5), labels]) + 0.01 * ((w1**2).sum() + (w2**2).sum())

    with jax.enable_x64(True):
        _, expected = jax.jvp(jax.grad(loss, argnums=(0, 1, 2, 3)), tuple(values), tuple(directions))
        expected = [np.asarray(e) for e in expected]
    for result, e in zip(results, expected * 2, strict=True):
        np.testing.assert_allclose(result, e, rtol=1e-9, atol=1e-12)


def test_jacobian_of_an_op_that_only_the_host_can_run():
    class Squares(tx.graph.Op):
        __props__ = ()

        def make_node(self, v):
            return tx.graph.Apply(self, [v], [v.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = inputs[0] ** 2

        def grad(self, inputs, gradients):
            return [Doubles()(inputs[0], gradients[0])]

    class Doubles(tx.graph.Op):
        __props__ = ()

        def make_node(self, v, g):
            return tx.graph.Apply(self, [v, g], [v.type()])

        def perform(self, node, inputs, outputs):
            outputs[0][0] = 2 * inputs[0] * inputs[1]

    v = T.dvector("v")
    f = tx.function([v], T.jacobian(Squares()(v) * v.sum(), v))
    value = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(f(value), np.diag(2 * value) * value.sum() + np.outer(value**2, np.ones(3)))
    assert f([]).shape == (0, 0)
