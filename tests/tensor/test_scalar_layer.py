"""Programs' own scalar operations. What Theano says of them is in golden/scalar_programs.py; here is what is tx's."""

import pickle

import numpy as np
import pytest

import tx
import tx.scalar as s
import tx.tensor as T
from tx.tensor.scalar_layer import HostElemwise, Scalar

X = np.array([0.25, 0.75, 1.5])


class Cube(s.UnaryScalarOp):
    """Its impl works on Python's numbers alone."""

    def impl(self, x):
        return float(x) ** 3

    def grad(self, inputs, gradients):
        return [3 * s.sqr(inputs[0]) * gradients[0]]


# Called as a row is: nothing may take it for that.
cube = T.Elemwise(Cube(s.upgrade_to_float, name="exp"))
v, m = T.dvector("v"), T.dmatrix("m")


def test_a_name_makes_no_row():
    f = tx.function([v], T.log(cube(v)))
    np.testing.assert_allclose(f(X), np.log(X**3))


def test_derivatives_of_all_kinds():
    total = cube(v).sum()
    f = tx.function([v], [tx.gradient.hessian(total, v), tx.gradient.jacobian(cube(v), v), tx.Rop(cube(v), v, v)])
    hessian, jacobian, pushed = f(X)
    np.testing.assert_allclose(hessian, np.diag(6 * X))
    np.testing.assert_allclose(jacobian, np.diag(3 * X**2))
    np.testing.assert_allclose(pushed, 3 * X**3)


def test_inside_of_a_loop():
    out, _ = tx.scan(lambda x, p: cube(x) + p, sequences=[m], outputs_info=T.zeros_like(v))
    f = tx.function([m, v], [out[-1], T.grad(out[-1].sum(), m)])
    value, gradient = f(np.stack([X, 2 * X]), X)
    np.testing.assert_allclose(value, X**3 + (2 * X) ** 3)
    np.testing.assert_allclose(gradient, [3 * X**2, 3 * (2 * X) ** 2])


def test_it_is_one_op_for_equal_operations():
    again = T.Elemwise(Cube(s.upgrade_to_float))
    assert isinstance(cube, HostElemwise) and cube == again and hash(cube) == hash(again)
    assert cube != T.Elemwise(Cube(s.same_out))
    assert pickle.loads(pickle.dumps(cube)) == cube


@pytest.mark.parametrize("shape", [(0,), (1,), (3,)])
def test_sizes(shape):
    x = np.ones(shape)
    assert tx.function([v], cube(v))(x).tolist() == x.tolist()


def test_debug_mode_runs_it():
    assert tx.function([v], cube(v) + 1, mode="DebugMode")(X).tolist() == (X**3 + 1).tolist()


def test_by_numpys_function():
    hypot = T.Elemwise(s.BinaryScalarOp(s.upcast_out, name="hypot"), nfunc_spec=("hypot", 2, 1))
    assert tx.function([v], hypot(v, 2 * v))(X).tolist() == np.hypot(X, 2 * X).tolist()


def test_composite_is_compiled_and_differentiated():
    x, y = s.floats("xy")
    op = T.Elemwise(s.Composite([x, y], [s.exp(x) * y, x - 1]))
    a, b = op(v, m)
    assert a.type == b.type == m.type
    f = tx.function([v, m], [a, b, T.grad(a.sum(), v), tx.gradient.hessian(a.sum(), v), tx.Rop(a, v, v)])
    M = np.stack([X, X + 1])
    value, other, gradient, hessian, pushed = f(X, M)
    expected = np.exp(X) * M
    np.testing.assert_allclose(value, expected)
    np.testing.assert_allclose(other, np.broadcast_to(X - 1, M.shape))
    np.testing.assert_allclose(gradient, expected.sum(0))
    np.testing.assert_allclose(hessian, np.diag(expected.sum(0)))
    np.testing.assert_allclose(pushed, expected * X)
    assert not any(isinstance(node.op, HostElemwise) for node in f.maker.fgraph.toposort())


def test_in_range():
    inside = T.Elemwise(s.basic.InRange(True, False))
    assert tx.function([v], inside(v, 0.25, 1.5))(X).tolist() == [0, 1, 1]
    assert s.basic.InRange(False, True).impl(0, 0, 1) and not s.basic.InRange(True, True).impl(0, 0, 1)


def test_scalars_are_tensors_without_dimensions():
    x = s.float64("x")
    assert x.type == T.dscalar and T.dscalar == x.type and hash(x.type) == hash(T.dscalar)
    assert isinstance((x + 1).type, Scalar) and not isinstance((x + T.dvector()).type, Scalar)
    f = tx.function([x, v], [x * v, x / 2], givens={})
    product, half = f(3.0, X)
    assert product.tolist() == (3 * X).tolist() and half == 1.5
    assert pickle.loads(pickle.dumps(s.int8)) == s.int8


def test_rows_have_classes():
    for name, row in s.table.items():
        kind = type(row)
        assert s.classes[kind.__name__] is kind and kind() == row and pickle.loads(pickle.dumps(row)) == row, name
    assert s.Cast(s.float32) == s.cast_to("float32") and isinstance(T.exp(v).owner.op.scalar_op, s.Exp)


def test_what_has_no_type_is_refused():
    with pytest.raises(TypeError, match="Cannot calculate the output types"):
        T.Elemwise(Cube())(v)
    with pytest.raises(TypeError, match="Not the right number of outputs"):
        T.Elemwise(Cube(s.specific_out(s.int8, s.int8)))(v)
    with pytest.raises(TypeError, match="should return a list"):
        T.Elemwise(Cube(lambda x: x))(v)
