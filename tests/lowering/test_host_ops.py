"""A user's Op that has only `perform` runs inside a larger graph."""

import numpy as np
import pytest

import tx
import tx.tensor as T


class Double(tx.Op):
    """Twice its input, by numpy."""

    __props__ = ()

    def make_node(self, x):
        x = T.as_tensor_variable(x)
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2


class DoubleWithShape(Double):
    def infer_shape(self, node, shapes):
        return shapes


class DoubleWithGrad(DoubleWithShape):
    def grad(self, inputs, gradients):
        return [gradients[0] * 2]


class DoubleWithLop(Double):
    def L_op(self, inputs, outputs, gradients):
        return [Double()(gradients[0])]


@pytest.mark.parametrize("op", [Double, DoubleWithShape, DoubleWithGrad, DoubleWithLop])
def test_inside_a_larger_graph(op):
    x = T.dvector("x")
    total = tx.shared(0.0, name="total")
    inner = op()(T.exp(x))
    out = (inner + x).sum()
    f = tx.function([x], [out, inner.shape], updates=[(total, total + out)])
    values = np.array([0.0, 1.0])
    expected = (2 * np.exp(values) + values).sum()
    for call in range(1, 3):
        result, shape = f(values)
        np.testing.assert_allclose(result, expected)
        assert shape.tolist() == [2]
        np.testing.assert_allclose(total.get_value(), call * expected)


@pytest.mark.parametrize("op", [DoubleWithGrad, DoubleWithLop])
def test_gradient(op):
    x = T.dvector("x")
    g = tx.function([x], T.grad((op()(T.exp(x)) ** 2).sum(), x))
    values = np.array([0.0, 1.0])
    np.testing.assert_allclose(g(values), 8 * np.exp(2 * values))


def test_without_gradient():
    x = T.dvector("x")
    with pytest.raises(tx.gradient.NullTypeGradError, match="not implemented"):
        T.grad(Double()(x).sum(), x)


def test_two_in_a_row_and_sizes_from_the_host():
    x = T.lvector("x")
    f = tx.function([x], T.zeros((Double()(Double()(x.sum())),)))
    assert f([1, 1]).shape == (8,)
    assert f([0]).shape == (0,)


def test_errors_and_wrong_results():
    class Fails(Double):
        def perform(self, node, inputs, output_storage):
            raise RuntimeError("no")

    class Wrong(Double):
        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = np.zeros((2, 2))

    x, s = T.dvector("x"), tx.shared(1.0)
    f = tx.function([x], Fails()(x), updates=[(s, s + 1)])
    with pytest.raises(RuntimeError, match="no\nApply node that caused the error: Fails"):
        f([1.0])
    assert s.get_value() == 1.0
    with pytest.raises(TypeError, match="Wrong number of dimensions"):
        tx.function([x], Wrong()(x))([1.0])


def test_op_with_neither():
    class Nothing(tx.Op):
        def make_node(self, x):
            return tx.Apply(self, [x], [x.type()])

    x = T.dvector("x")
    with pytest.raises(TypeError, match="neither a lowering nor perform"):
        tx.function([x], Nothing()(x))([1.0])
