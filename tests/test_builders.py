"""OpFromGraph and as_op: types, derivatives and what overrides them, sizes and host Ops inside, pickles."""

import pickle

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import OpFromGraph, as_op
from tx.gradient import DisconnectedInputError, DisconnectedType, NullType, NullTypeGradError
from tx.legacy.finder import targets_of

a, b, c, d = T.dvectors("a", "b", "c", "d")
x, y, v = T.dvectors("x", "y", "v")
X, Y, W = np.array([1.0, 2, 3]), np.array([0.5, 1, 2]), np.array([1.0, 0, 2])


def computed(expression):
    result = tx.function([x, y, v], expression, on_unused_input="ignore")(X, Y, W)
    return [r.tolist() for r in result] if isinstance(result, list) else result.tolist()


def slopes(op):
    out = op(x, y)
    return computed(T.grad(out.sum(), [x, y]))


@pytest.mark.parametrize("inline", [False, True])
def test_values_and_derivatives(inline):
    op = OpFromGraph([a, b], [a * b + b, T.exp(a)], inline=inline)
    first, second = op(x, y)
    np.testing.assert_allclose(computed([first, second]), [X * Y + Y, np.exp(X)])
    assert computed(T.grad(first.sum(), [x, y])) == [Y.tolist(), (X + 1).tolist()]
    np.testing.assert_allclose(computed(T.grad((first * second).sum(), x)), (Y + X * Y + Y) * np.exp(X))
    np.testing.assert_allclose(computed(T.Rop([first, second], x, v)), [Y * W, np.exp(X) * W])
    np.testing.assert_allclose(computed(T.grad(T.grad(second.sum(), x).sum(), x)), np.exp(X))
    assert computed(T.hessian((first**2).sum(), x)) == np.diag(2 * Y**2).tolist()
    assert op.connection_pattern(first.owner) == [[True, True], [True, False]]
    with pytest.raises(DisconnectedInputError):
        T.grad(second.sum(), y)
    assert str(op) == f"OpFromGraph{{inline={inline}}}"


def test_compiled_functions_contain_the_graph():
    op = OpFromGraph([a], [T.log(a)])
    f = tx.function([x], op(T.nnet.sigmoid(x)))
    assert f([-800.0]).tolist() == [-800]
    assert not any(isinstance(n.op, OpFromGraph) for n in f.maker.fgraph.apply_nodes)
    n = T.lscalar("n")
    sizes = tx.function([n], OpFromGraph([n], [T.arange(n) * 2])(n))
    assert sizes(3).tolist() == [0, 2, 4] and sizes(1).tolist() == [0]
    unrewritten = tx.function([x], OpFromGraph([a], [OpFromGraph([b], [b**2])(a) * a])(x), mode=tx.Mode(optimizer=None))
    assert unrewritten(X).tolist() == (X**3).tolist()


def test_shared_variables_inside():
    w = tx.shared(2.0, "w")
    op = OpFromGraph([a], [a * w])
    assert op.shared_inputs == [w]
    assert computed(T.grad(op(x).sum(), [x, w])) == [[2, 2, 2], 6]
    f = tx.function([x], op(x), updates=[(w, w + 1)])
    assert f(X).tolist() == (2 * X).tolist() and f(X).tolist() == (3 * X).tolist()
    assert (
        tx.function([x], tx.graph.walk.rebuild([op(x)], {w: T.constant(np.array(5.0))}))(X)[0].tolist()
        == (5 * X).tolist()
    )


def test_nested():
    op = OpFromGraph([b], [OpFromGraph([a], [a**2])(b) * b])
    assert computed(T.grad(op(x).sum(), x)) == (3 * X**2).tolist()


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda: OpFromGraph(a, [a]), TypeError),
        (lambda: OpFromGraph([a], a), TypeError),
        (lambda: OpFromGraph([3], [a]), TypeError),
        (lambda: OpFromGraph([a], [a], updates={}), TypeError),
        (lambda: OpFromGraph([a], [a], givens={}), TypeError),
        (lambda: OpFromGraph([a], [a + b]), tx.MissingInputError),
        (lambda: OpFromGraph([a], [a], grad_overrides=lambda i, g: g, lop_overrides=lambda i, o, g: g), ValueError),
        (lambda: OpFromGraph([a, b], [a * b])(x), ValueError),
        (lambda: OpFromGraph([a, b], [a * b])(x, T.dmatrix()), TypeError),
        (lambda: OpFromGraph([a], [a])(T.fvector()), TypeError),
    ],
)
def test_bad_input(call, error):
    with pytest.raises(error):
        call()


#: overrides of the gradients of a * b -> the gradients of the sum
OVERRIDES = [
    ({"grad_overrides": lambda i, g: [g[0] * 10, i[0] * 20]}, [[10, 10, 10], (20 * X).tolist()]),
    ({"lop_overrides": lambda i, o, g: [g[0] * 10, o[0] * 20]}, [[10, 10, 10], (20 * X * Y).tolist()]),
    ({"grad_overrides": [lambda i, g: g[0] * 5, "default"]}, [[5, 5, 5], X.tolist()]),
    ({"grad_overrides": OpFromGraph([a, b, c], [c * 100, a * 200])}, [[100] * 3, (200 * X).tolist()]),
    ({"lop_overrides": OpFromGraph([a, b, c, d], [d * 100, c * 200])}, [[100] * 3, (200 * X * Y).tolist()]),
    ({"lop_overrides": ["default", OpFromGraph([a, b, c, d], [d * 7])]}, [Y.tolist(), [7, 7, 7]]),
]


@pytest.mark.parametrize(("overrides", "expected"), OVERRIDES, ids=range(len(OVERRIDES)))
def test_overrides_of_the_gradient(overrides, expected):
    assert slopes(OpFromGraph([a, b], [a * b], **overrides)) == expected


@pytest.mark.parametrize(
    "override, error",
    [
        (NullType("no")(), NullTypeGradError),
        (DisconnectedType()(), DisconnectedInputError),
        (3, TypeError),
        (["default", None], TypeError),
        ([lambda i, g: g[0]], ValueError),
        (lambda i, g: [g[0]], ValueError),
        (lambda i, g: g[0], TypeError),
    ],
)
def test_overrides_that_give_no_gradient(override, error):
    with pytest.raises(error):
        slopes(OpFromGraph([a, b], [a * b], grad_overrides=override))


@pytest.mark.parametrize(
    "override, expected",
    [
        (lambda i, t: [t[0] * 10 + t[1]], 11 * W),
        ([lambda i, t: t[0] * i[1]], W * Y),
        (OpFromGraph([a, b, c, d], [d * 100 + c]), 101 * W),
        (["default"], W * Y + X * W),
        (None, 0 * W),
        ([0], 0 * W),
        (DisconnectedType()(), 0 * W),
    ],
)
def test_overrides_of_the_r_operator(override, expected):
    op = OpFromGraph([a, b], [a * b], rop_overrides=override)
    assert computed(T.Rop(op(x, y), [x, y], [v, v])) == expected.tolist()


def test_an_r_operator_gets_zeros_for_what_has_no_tangent():
    op = OpFromGraph([a, b], [a * b], rop_overrides=lambda i, t: [t[0] * 10 + t[1]])
    assert computed(T.Rop(op(x, y), x, v)) == (10 * W).tolist()
    with pytest.raises(TypeError, match="R_op override"):
        T.Rop(OpFromGraph([a, b], [a * b], rop_overrides=3)(x, y), x, v)


def test_overrides_are_set_later_and_see_zeros_for_disconnected_outputs():
    op = OpFromGraph([a, b], [a * b, a + b])
    op.set_grad_overrides(lambda i, g: [g[0] + g[1] * 3, g[1]])
    assert computed(T.grad(op(x, y)[0].sum(), [x, y])) == [[1, 1, 1], [0, 0, 0]]
    op.set_rop_overrides(["default", None])
    assert computed(T.Rop(op(x, y), x, v)) == [(W * Y).tolist(), [0, 0, 0]]


def test_connection_pattern():
    op = OpFromGraph([a, b], [a * b], connection_pattern=[[True], [False]])
    assert computed(T.grad(op(x, y).sum(), x)) == Y.tolist()
    with pytest.raises(DisconnectedInputError):
        T.grad(op(x, y).sum(), y)


def test_pickles():
    op = OpFromGraph([a, b], [a * b])
    f = pickle.loads(pickle.dumps(tx.function([x, y], T.grad(op(x, y).sum(), x))))
    assert f(X, Y).tolist() == Y.tolist()


# -- functions --------------------------------------------------------------------------------------------------------


@as_op(itypes=[T.dvector, T.dvector], otypes=[T.dvector])
def product(p, q):
    """Elementwise, by numpy."""
    return p * q


def test_as_op():
    assert computed(product(x, y) + 1) == (X * Y + 1).tolist() and str(product) == "FromFunctionOp{product}"
    assert pickle.loads(pickle.dumps(product)) is product
    single = as_op(T.dvector, T.dscalar)(lambda p: p.sum())
    assert computed(single(x)) == 6
    several = as_op([T.dvector], [T.dvector, T.dscalar], infer_shape=lambda node, shapes: [shapes[0], ()])(
        lambda p: (p + 1, p.sum())
    )
    assert computed(several(x)) == [[2, 3, 4], 6] and computed(several(x)[0].shape) == [3]
    assert several == several and several != single
    inside = OpFromGraph([a], [single(a) * a])
    assert computed(inside(x)) == (6 * X).tolist()


@pytest.mark.parametrize(
    "call, error",
    [
        (lambda: as_op([3], [T.dvector]), TypeError),
        (lambda: as_op([T.dvector], 3), TypeError),
        (lambda: as_op([T.dvector], [T.dvector], infer_shape=3), TypeError),
        (lambda: product(x), ValueError),
        (lambda: product(x, T.dmatrix()), TypeError),
        (lambda: T.grad(product(x, y).sum(), x), NullTypeGradError),
        (lambda: as_op([T.dvector], [T.dvector, T.dvector])(lambda p: (p,))(x)[0].eval({x: X}), AssertionError),
    ],
)
def test_as_op_refuses(call, error):
    with pytest.raises(error):
        call()


def test_paths_of_theano():
    assert "tx.builders" in targets_of("theano.compile.builders")
    assert "tx.compile.ops" in targets_of("theano.compile.ops")
    assert tx.compile.OpFromGraph is OpFromGraph and tx.compile.as_op is as_op
