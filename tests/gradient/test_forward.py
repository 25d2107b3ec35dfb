"""Forward mode: `Rop` through every kind of Op, its arguments and what is disconnected; `Lop`; user Ops."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import DisconnectedInputError, DisconnectedType, NullTypeGradError, Pushforward, disconnected_grad
from tx.graph.walk import toposort

x, y, v = T.dvectors("x", "y", "v")
m = T.dmatrix("m")
X, Y, W = np.array([1.0, 2, 3]), np.array([0.5, 1, 2]), np.array([1.0, 0, 2])


def computed(expression):
    return tx.function([x, y, v], expression, on_unused_input="ignore")(X, Y, W)


def test_forms():
    assert computed(T.Rop(x**2, x, v)).tolist() == [2, 0, 12]
    assert isinstance(T.Rop([x**2, x], [x], [v]), list) and isinstance(T.Rop((x**2, x), x, v), tuple)
    assert isinstance(T.Rop(x**2, (x,), (v,)), tx.Variable)
    assert computed(T.Rop(x, x, v)).tolist() == W.tolist()
    assert computed(T.Rop(x * y, [x, y], [v, v])).tolist() == (W * Y + X * W).tolist()
    assert T.Rop is tx.Rop and T.Lop is tx.Lop


def test_forms_of_lop():
    assert computed(T.Lop(x**2, x, v)).tolist() == [2, 0, 12]
    assert isinstance(T.Lop([x**2], [x], [v]), list) and isinstance(T.Lop(x**2, (x,), v), tuple)
    with pytest.raises(AssertionError):
        T.Lop([x**2, x], x, [v])
    with pytest.raises(TypeError, match="dimensions"):
        T.Lop(x**2, x, m)
    with pytest.raises(DisconnectedInputError):
        T.Lop(x**2, y, v)
    assert computed(T.Lop(x**2, y, v, disconnected_inputs="ignore")).tolist() == [0, 0, 0]
    square = x**2
    assert computed(T.Lop(square * x, x, v, consider_constant=[square])).tolist() == (X**2 * W).tolist()


def test_lop_of_functions_of_each_other():
    # Theano forgets that the second depends on the first.
    first = x**2
    both = computed(T.Lop([first, first * 3], x, [v, v]))
    assert both.tolist() == (4 * 2 * X * W).tolist()


@pytest.mark.parametrize(
    "arguments, error",
    [
        ((x**2, [x, y], [v]), AssertionError),
        ((x**2, x, m), ValueError),
        ((x**2, x, v, "maybe"), ValueError),
        ((x**2, x, v, "ignore", "nothing"), ValueError),
    ],
)
def test_bad_input(arguments, error):
    with pytest.raises(error):
        T.Rop(*arguments)


def test_disconnected():
    for function in (y, T.constant([1.0, 2.0]), y.shape, y.shape[0], T.arange(y.shape[0]), disconnected_grad(x)):
        with pytest.raises(DisconnectedInputError, match="influence"):
            T.Rop(function, x, v)
    with pytest.warns(UserWarning, match="influence"):
        zero = T.Rop(y, x, v, disconnected_outputs="warn")
    assert computed(zero).tolist() == [0, 0, 0]
    options = {"disconnected_outputs": "ignore"}
    assert T.Rop(y, x, v, return_disconnected="None", **options) is None
    assert isinstance(T.Rop(y, x, v, return_disconnected="disconnected", **options).type, DisconnectedType)
    ignored = T.Rop([y, x * y], x, v, **options)
    assert [t.tolist() for t in computed(ignored)] == [[0, 0, 0], (W * Y).tolist()]


def test_functions_of_other_variables_have_the_tangent_zero():
    """As in Theano, whatever is said of disconnected outputs."""
    others = [y**2, T.dot(m, y), y[0], y.sum(), x.shape[0] * 1.0, disconnected_grad(x) ** 2, T.eq(y, 2)]
    for function, t in zip(others, T.Rop(others, x, v), strict=True):
        given = {x: X, y: Y, m: np.ones((2, 3))}
        value = tx.function(list(given), t, on_unused_input="ignore")(*given.values())
        assert not np.any(value) and value.ndim == function.ndim


def test_what_is_flat_has_the_tangent_zero():
    functions = [T.gt(x, 1), T.argmax(x), T.cast(x, "int64"), T.cast(x, "int64") * 1.0, T.floor(x), T.zeros_like(x) * x]
    for function, t in zip(functions, T.Rop(functions, x, v), strict=True):
        assert t.ndim == function.ndim and not np.any(computed(t))


def test_tangents_have_the_type_of_what_they_belong_to():
    f, row = T.fvector("f"), T.drow("row")
    assert T.Rop(f**2, f, f).dtype == "float32"
    assert T.Rop(f**2 * 1.5, f, f).dtype == "float32"
    assert T.Rop(row * 2, row, m).type == row.type
    i = T.lvector("i")
    assert T.Rop(i * 0.5, i, v).type == T.dvector


def test_of_several_largest_elements_the_first_counts():
    values = np.array([[1.0, 3, 3], [2, 2, 0]])
    tangent = np.array([[1.0, 10, 100], [1, 10, 100]])
    t = T.dmatrix("t")
    f = tx.function([m, t], [T.Rop(m.max(axis=1), m, t), T.Rop(m.min(axis=0), m, t), T.Rop(m.max(), m, t)])
    assert [r.tolist() for r in f(values, tangent)] == [[10, 1], [1, 10, 100], 10]


@pytest.mark.parametrize("values", [[2.0, 3, 4], [0.0, 3, 4], [0.0, 0, 4]])
def test_of_a_product_with_zeros(values):
    values = np.array(values)
    expected = sum(W[k] * np.prod(np.delete(values, k)) for k in range(3))
    assert tx.function([x, v], T.Rop(x.prod(), x, v))(values, W) == expected


def test_an_op_that_writes_nothing_is_pushed_forward_through_its_lowering():
    out = T.sort(x * y)
    t = T.Rop(out, [x, y], [v, v])
    assert any(isinstance(node.op, Pushforward) for node in toposort([t]))
    order = np.argsort(X * Y)
    np.testing.assert_allclose(computed(t), (W * Y + X * W)[order])
    # A pushforward has derivatives, too.
    np.testing.assert_allclose(computed(T.grad((t**2).sum(), v)), 2 * (W * Y + X * W) * (X + Y))
    np.testing.assert_allclose(computed(T.Rop(t, x, v)), (W * W)[order])


# -- Ops of users -----------------------------------------------------------------------------------------------------


class Cube(tx.Op):
    """x**3, by numpy."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = np.asarray(inputs[0] ** 3)


class CubeWithGrad(Cube):
    def grad(self, inputs, gradients):
        return [gradients[0] * 3 * inputs[0] ** 2]


class CubeWithLop(Cube):
    def L_op(self, inputs, outputs, gradients):
        return [gradients[0] * 3 * outputs[0] / inputs[0]]


class CubeWithRop(Cube):
    def R_op(self, inputs, eval_points):
        if eval_points[0] is None:
            return [None]
        return [eval_points[0] * 3 * inputs[0] ** 2]


@pytest.mark.parametrize("op", [CubeWithGrad, CubeWithLop, CubeWithRop])
def test_users_ops(op):
    t = T.Rop(op()(x) + x, x, v)
    np.testing.assert_allclose(computed(t), (3 * X**2 + 1) * W)
    assert computed(T.Rop([op()(y), x], x, v, disconnected_outputs="ignore"))[0].tolist() == [0, 0, 0]


def test_users_ops_without_derivatives():
    with pytest.raises(NullTypeGradError, match="neither R_op nor a gradient"):
        T.Rop(Cube()(x), x, v)
    with pytest.raises(NullTypeGradError, match="not implemented"):
        T.grad(Cube()(x).sum(), x)


def test_nothing_is_pushed_through_what_no_result_depends_on():
    cost = (Cube()(x) ** 2).sum()
    with pytest.raises(NullTypeGradError):
        T.Rop(cost, x, v)
    np.testing.assert_allclose(computed(T.Rop(T.second(cost, 1.0) * 3 * x, x, v)), 3 * W)


@pytest.mark.parametrize(
    "returned, error",
    [(lambda t: t, TypeError), (lambda t: [t, t], ValueError), (lambda t: [t.sum()], ValueError)],
)
def test_wrong_results_of_a_users_op(returned, error):
    class Wrong(Cube):
        def R_op(self, inputs, eval_points):
            return returned(eval_points[0])

    with pytest.raises(error, match="R_op"):
        T.Rop(Wrong()(x), x, v)


def test_connection_patterns():
    class Scaled(tx.Op):
        """A vector, as often as another one is long: to derivatives the latter is not connected."""

        __props__ = ()

        def make_node(self, a, b):
            return tx.Apply(self, [a, b], [a.type(), b.type()])

        def connection_pattern(self, node):
            return [[True, False], [False, True]]

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] * len(inputs[1])
            output_storage[1][0] = inputs[1] * 2

        def L_op(self, inputs, outputs, gradients):
            disconnected = [isinstance(g.type, DisconnectedType) for g in gradients]
            return [
                DisconnectedType()() if disconnected[0] else gradients[0] * inputs[1].shape[0],
                DisconnectedType()() if disconnected[1] else gradients[1] * 2,
            ]

    first, second = Scaled()(x, y)
    assert computed(T.grad(first.sum(), x)).tolist() == [3, 3, 3]
    with pytest.raises(DisconnectedInputError):
        T.grad(first.sum(), y)
    with pytest.raises(DisconnectedInputError):
        T.Rop(first, y, v)
    assert computed(T.Rop(second, y, v)).tolist() == (2 * W).tolist()
    assert computed(T.Rop(first, x, v)).tolist() == (3 * W).tolist()
