"""`grad`: its arguments, and Ops that write no gradient."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.gradient import DisconnectedInputError, Pullback


def test_forms():
    x, y = T.dscalars("x", "y")
    cost = x * y
    assert isinstance(T.grad(cost, [x, y]), list) and isinstance(T.grad(cost, (x, y)), tuple)
    assert tx.function([x, y], T.grad(cost, x), on_unused_input="ignore")(2, 3) == 3
    assert tx.function([x], T.grad(T.grad(x**3, x), x))(2.0) == 12


def test_bad_input():
    x = T.dvector("x")
    with pytest.raises(TypeError, match="cost must be a scalar"):
        T.grad(x, x)
    with pytest.raises(TypeError, match="Expected Variable"):
        T.grad(x.sum(), 3)
    with pytest.raises(AssertionError, match="can't both be None"):
        T.grad(None, x)
    with pytest.raises(ValueError, match="disconnected_inputs"):
        T.grad(x.sum(), x, disconnected_inputs="maybe")
    with pytest.raises(TypeError, match="real"):
        T.grad(T.zscalar(), x)


def test_disconnected():
    x, y = T.dvectors("x", "y")
    with pytest.raises(DisconnectedInputError, match="y"):
        T.grad(x.sum(), y)
    with pytest.warns(UserWarning, match="not part of the"):
        T.grad(x.sum(), y, disconnected_inputs="warn")
    zero = T.grad(x.sum(), y, disconnected_inputs="ignore")
    assert tx.function([y], zero)([1, 2]).tolist() == [0, 0]
    options = {"disconnected_inputs": "ignore", "return_disconnected": "None"}
    assert T.grad(x.sum(), y, **options) is None
    with pytest.raises(DisconnectedInputError):
        T.grad(T.zeros((x.shape[0],)).sum(), x)


def test_consider_constant_and_known_grads():
    x = T.dscalar("x")
    y = x**2
    assert tx.function([x], T.grad(y * x, x, consider_constant=[y]))(3) == 9
    g = T.grad(None, x, known_grads={y: T.constant(5.0)})
    assert tx.function([x], g)(3) == 30
    # What is known holds, whatever the cost would say.
    assert tx.function([x], T.grad(y * 7, x, known_grads={y: T.constant(5.0)}))(3) == 30


def test_gradients_by_integers_are_as_if_they_were_real():
    i = T.lvector("i")
    g, h, zero = (
        T.grad((i * 1.5).sum(), i),
        T.grad((T.cast(i, "float64") ** 2).sum(), i),
        T.grad((i // 2 * 1.0).sum(), i),
    )
    results = tx.function([i], [g, h, zero], on_unused_input="ignore")([1, 2])
    assert [r.tolist() for r in results] == [[1.5, 1.5], [2, 4], [0, 0]] and g.dtype == "float64"


def test_dtype_of_gradients():
    f, d = T.fvector("f"), T.dvector("d")
    gf, gd = T.grad((f * d).sum(), [f, d])
    results = tx.function([f, d], [gf, gd])(np.ones(2, "float32"), np.full(2, 3.0))
    np.testing.assert_array_equal(results[0], [3, 3])
    np.testing.assert_array_equal(results[1], [1, 1])


@pytest.mark.parametrize("length", [0, 3])
def test_pullback_of_an_op_without_gradient(length):
    x, y = T.dtensor3("x"), T.dtensor3("y")
    out = T.batched_dot(x, y)
    cost = (out**2).sum()
    gx = T.grad(cost, x)
    assert any(isinstance(n.op, Pullback) for n in tx.graph.toposort([gx]))
    a, b = np.random.RandomState(0).randn(2, length, 4), np.random.RandomState(1).randn(2, 4, 3)
    np.testing.assert_allclose(tx.function([x, y], gx)(a, b), 2 * (a @ b) @ b.swapaxes(1, 2))
    second = T.grad((gx**2).sum(), y)
    assert tx.function([x, y], second)(a, b).shape == b.shape


def test_tri_gamma_is_differentiated_through_its_lowering():
    x = T.dvector("x")
    g = tx.function([x], T.grad(T.tri_gamma(x).sum(), x))
    from scipy.special import polygamma

    np.testing.assert_allclose(g([0.5, 2.0]), polygamma(2, [0.5, 2.0]))


# -- what is asked for ------------------------------------------------------------------------------------------------


class Recording(tx.Op):
    """x * y, which notes whose gradients it is asked for, and writes no others."""

    __props__ = ()

    def make_node(self, x, y):
        return tx.Apply(self, [x, y], [x.type()])

    def L_op(self, inputs, outputs, gradients, wanted=(0, 1)):
        type(self).asked = list(wanted)
        return [gradients[0] * inputs[1 - i] if i in wanted else "nothing" for i in range(2)]


def test_an_op_is_told_what_is_wanted():
    x, y = T.dvectors("x", "y")
    cost = Recording()(x, T.exp(y)).sum()
    for wrt, asked in ((x, [0]), (y, [1]), ([x, y], [0, 1])):
        T.grad(cost, wrt)
        assert Recording.asked == asked


def test_nothing_is_written_that_nobody_asked_for(monkeypatch):
    x, w = T.dvector("x"), T.dmatrix("w")
    made = []
    make_node = T.elemwise.Elemwise.make_node
    monkeypatch.setattr(
        T.elemwise.Elemwise, "make_node", lambda self, *v: made.append(self.scalar_op.row) or make_node(self, *v)
    )
    cost = ((T.dot(x, w) / 3) ** 2).sum()
    made.clear()
    T.grad(cost, w)
    assert "log" not in made and made.count("true_div") == 1


def test_an_elementwise_gradient_of_some_inputs():
    x, y, g = T.dvectors("x", "y", "g")
    z = x * y
    of_x, of_y = z.owner.op.L_op([x, y], [z], [g], wanted=[1])
    assert isinstance(of_x.type, tx.gradient.DisconnectedType)
    np.testing.assert_array_equal(tx.function([x, g], of_y)([2, 3], [5, 7]), [10, 21])
    everything = z.owner.op.L_op([x, y], [z], [g])
    assert [v.type for v in everything] == [x.type, y.type]


def test_the_gradient_by_a_constant_is_there_when_it_is_asked_for():
    x, number = T.dscalar("x"), T.constant(3.0)
    slope = T.grad(x**number, number)
    np.testing.assert_allclose(tx.function([x], slope)(2.0), 8 * np.log(2))


def test_an_op_that_is_not_told_is_checked_as_ever():
    class Flat(tx.Op):
        __props__ = ()

        def make_node(self, x, y):
            return tx.Apply(self, [x, y], [x.type()])

        def L_op(self, inputs, outputs, gradients):
            return [gradients[0], T.zeros_like(inputs[1], "int64")]

    x, y = T.dvectors("x", "y")
    with pytest.raises(TypeError, match="integer-valued"):
        T.grad(Flat()(x, y).sum(), x)
