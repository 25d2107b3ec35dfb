"""The page's section on the methods of variables, `_tensor_py_operators`. Each docstring is a statement of the page."""

import numpy as np
import pytest

import tx
import tx.tensor as T

A = np.array([[3.0, -1.0, 2.0], [0.0, 5.0, -4.0]])
x = T.dmatrix("x")


def check(expression, expected, dtype=None):
    """The expression of x at A has this value and dtype."""
    found = expression.eval({x: A} if x in tx.graph.inputs([expression]) else {})
    np.testing.assert_allclose(found, expected)
    assert found.shape == np.shape(expected) and found.dtype == (dtype or np.asarray(expected).dtype)


# -- the list ---------------------------------------------------------------------------------------------------------

METHODS = [
    ("T", lambda v: v.T),
    ("any", lambda v: v.any(axis=None, keepdims=False)),
    ("all", lambda v: v.all(axis=0, keepdims=True)),
    ("sum", lambda v: v.sum(axis=1, dtype=None, keepdims=False)),
    ("prod", lambda v: v.prod(axis=None, dtype=None, keepdims=True)),
    ("mean", lambda v: v.mean(axis=0, dtype=None, keepdims=False)),
    ("var", lambda v: v.var(axis=1, keepdims=True)),
    ("std", lambda v: v.std(axis=None, keepdims=False)),
    ("min", lambda v: v.min(axis=0, keepdims=False)),
    ("max", lambda v: v.max(axis=1, keepdims=True)),
    ("argmin", lambda v: v.argmin(axis=1, keepdims=False) if isinstance(v, T.TensorVariable) else v.argmin(axis=1)),
    ("argmax", lambda v: v.argmax(axis=0)),
    ("diagonal", lambda v: v.diagonal(1, 0, 1)),
    ("astype", lambda v: v.astype("float32")),
    ("take", lambda v: v.take([0, 2], axis=1)),
    ("take flat", lambda v: v.take([0, 5])),
    ("copy", lambda v: v.copy()),
    ("nonzero", lambda v: v.nonzero()[1]),
    ("argsort", lambda v: v.argsort(axis=-1)),
    ("clip", lambda v: v.clip(-1, 2)),
    ("conj", lambda v: v.conj()),
    ("repeat", lambda v: v.repeat(2, axis=0)),
    ("repeat flat", lambda v: v.repeat(3)),
    ("round", lambda v: v.round()),
    ("trace", lambda v: v.trace()),
    ("real", lambda v: v.real),
    ("imag", lambda v: v.imag),
    ("ndim", lambda v: np.int64(v.ndim)),
    ("size", lambda v: v.size),
    ("shape", lambda v: v.shape),
    ("dot", lambda v: v.dot(v.T)),
    ("cumsum", lambda v: v.cumsum(axis=1)),
    ("cumprod", lambda v: v.cumprod()),
    ("ptp", lambda v: v.ptp(axis=0) if isinstance(v, T.TensorVariable) else np.ptp(v, axis=0)),
    ("flatten", lambda v: v.flatten()),
    ("ravel", lambda v: v.ravel()),
    ("swapaxes", lambda v: v.swapaxes(0, 1)),
    ("transpose", lambda v: v.transpose(1, 0)),
    ("transpose of a tuple", lambda v: v.transpose((1, 0))),
    ("reshape", lambda v: v.reshape((3, 2))),
    ("searchsorted", lambda v: v[0].cumsum().searchsorted(2.5)),
]


@pytest.mark.parametrize(("name", "method"), METHODS, ids=[row[0] for row in METHODS])
def test_methods_are_numpys(name, method):
    """The method is there, and gives what numpy's of that name gives."""
    expected = method(A)
    found = T.as_tensor_variable(method(x)).eval({x: A} if name != "ndim" else {})
    np.testing.assert_allclose(found, expected)
    if name in ("any", "all"):
        assert found.dtype == "int8"
    else:
        assert found.dtype == np.asarray(expected).dtype


# -- attributes -------------------------------------------------------------------------------------------------------


def test_type():
    """type, ndim, dtype: those of the TensorType."""
    assert x.type == T.dmatrix and x.ndim == x.type.ndim == 2 and x.dtype == x.type.dtype == "float64"


def test_transpose_of_an_expression():
    """x = T.zmatrix(); y = 3+.2j * x.T."""
    z = T.zmatrix("z")
    y = 3 + 0.2j * z.T
    value = A + 1j
    np.testing.assert_allclose(y.eval({z: value}), 3 + 0.2j * value.T)
    assert y.dtype == "complex128"


def test_transpose_of_a_vector():
    """In numpy and in Theano, the transpose of a vector is exactly the same vector."""
    v = T.dvector("v")
    assert v.T.ndim == 1 and v.T.eval({v: [1, 2]}).tolist() == [1, 2]


@pytest.mark.parametrize(("pattern", "shape"), [((0, "x"), (3, 1)), (("x", 0), (1, 3))])
def test_use_dimshuffle_for_a_row_or_column(pattern, shape):
    """Use reshape or dimshuffle to turn your vector into a row or column matrix."""
    v = T.dvector("v")
    assert v.dimshuffle(*pattern).eval({v: np.ones(3)}).shape == shape
    assert v.reshape(shape).eval({v: np.ones(3)}).shape == shape


# -- dimshuffle -------------------------------------------------------------------------------------------------------

PATTERNS = [
    (("x",), (), "scalar to vector", (1,)),
    ((0, 1), (2, 3), "identity for matrices", (2, 3)),
    ((1, 0), (2, 3), "exchange the first and second dimension", (3, 2)),
    (("x", 0), (4,), "a row from a vector", (1, 4)),
    ((0, "x"), (4,), "a column from a vector", (4, 1)),
    ((2, 0, 1), (2, 3, 4), "AxBxC to CxAxB", (4, 2, 3)),
    ((0, "x", 1), (2, 3), "AxB to Ax1xB", (2, 1, 3)),
    ((1, "x", 0), (2, 3), "AxB to Bx1xA", (3, 1, 2)),
]


@pytest.mark.parametrize(("pattern", "shape", "meaning", "result"), PATTERNS, ids=[row[2] for row in PATTERNS])
def test_dimshuffle_patterns(pattern, shape, meaning, result):
    """A pattern has the integers 0, 1, ... ndim-1 and any number of 'x', where a dimension broadcasts."""
    a = T.TensorType("float64", (False,) * len(shape))("a")
    value = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype("float64")
    for y in (a.dimshuffle(*pattern), a.dimshuffle(pattern), a.dimshuffle(list(pattern))):
        kept = [p for p in pattern if p != "x"]
        expected = value.transpose(kept).reshape(result)
        np.testing.assert_array_equal(y.eval({a: value}), expected)
        assert y.broadcastable == tuple(p == "x" for p in pattern)


def test_dimshuffle_drops():
    """(1,) -> remove dimension 0. It must be a broadcastable dimension (1xA to A)."""
    row = T.drow("row")
    assert row.dimshuffle(1).eval({row: [[1, 2]]}).tolist() == [1, 2]
    with pytest.raises(ValueError):
        x.dimshuffle(1)


def test_dimshuffle_to_a_3D_view():
    """To create a 3D view of a 2D matrix, call dimshuffle([0, 'x', 1]); the middle dimension is broadcastable."""
    y = x.dimshuffle([0, "x", 1])
    assert y.broadcastable == (False, True, False)
    check(y, A[:, None, :])


def test_dimshuffle_to_a_3D_view_of_the_transpose():
    """To do the same for the transpose of the matrix, call dimshuffle([1, 'x', 0])."""
    check(x.dimshuffle([1, "x", 0]), A.T[:, None, :])


@pytest.mark.parametrize("pattern", [(0, 0), (2, 0), (0, 1, "y"), (-3, 0)])
def test_dimshuffle_refuses(pattern):
    """A pattern that is no arrangement of the dimensions raises ValueError."""
    with pytest.raises((ValueError, TypeError)):
        x.dimshuffle(pattern)


# -- further methods --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["any", "all"])
def test_any_all_keepdims(name):
    """any, all (axis=None, keepdims=False)."""
    found = getattr(x, name)(axis=0, keepdims=True)
    assert found.broadcastable == (True, False)
    np.testing.assert_array_equal(found.eval({x: A}), getattr(A, name)(axis=0, keepdims=True))


@pytest.mark.parametrize("name", ["sum", "prod", "mean"])
def test_sums_take_dtypes(name):
    """sum, prod, mean (axis=None, dtype=None, keepdims=False, acc_dtype=None)."""
    f = T.fmatrix("f")
    found = getattr(f, name)(axis=1, dtype="float64", keepdims=True, acc_dtype="float64")
    assert found.dtype == "float64" and found.broadcastable == (False, True)
    expected = getattr(A, name)(axis=1, keepdims=True)
    np.testing.assert_allclose(found.eval({f: A.astype("float32")}), expected)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_argmax_keepdims(name, axis):
    """argmax, argmin (axis=None, keepdims=False): see theano.tensor.argmax."""
    found = getattr(x, name)(axis=axis, keepdims=True)
    np.testing.assert_array_equal(found.eval({x: A}), getattr(A, name)(axis=axis, keepdims=True))
    assert found.dtype == "int64"


def test_argsort():
    """argsort(axis=-1, kind='quicksort', order=None): see theano.tensor.argsort."""
    check(x.argsort(), A.argsort())
    check(x.argsort(axis=0, kind="mergesort", order=None), A.argsort(axis=0))


def test_sort():
    """sort(axis=-1, kind='quicksort', order=None): see theano.tensor.sort."""
    check(x.sort(), np.sort(A))
    check(x.sort(axis=0, kind="heapsort", order=None), np.sort(A, axis=0))


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
def test_choose(mode):
    """choose(choices, out=None, mode='raise'): an array from an index array and arrays to choose from."""
    i = T.lvector("i")
    at = np.array([0, 1, 0]) if mode == "raise" else np.array([-1, 4, 1])
    choices = np.array([[1, 2, 3], [10, 20, 30]])
    np.testing.assert_array_equal(i.choose(choices, mode=mode).eval({i: at}), np.choose(at, choices, mode=mode))


def test_clip():
    """clip(a_min, a_max): clip (limit) the values in an array."""
    check(x.clip(-1, 2), A.clip(-1, 2))
    check(x.clip(x.min() + 1, T.constant(2.0)), A.clip(-3, 2))


@pytest.mark.parametrize(("axis", "keep"), [(0, [0, 1]), (1, [1, 0, 1]), (None, [0, 1, 1])])
def test_compress(axis, keep):
    """compress(a, axis=None): the slices of a that this condition selects (the condition is the variable)."""
    c = T.lvector("c")
    found = c.compress(x, axis=axis).eval({c: keep, x: A})
    np.testing.assert_array_equal(found, np.compress(keep, A, axis=axis))


@pytest.mark.parametrize("name", ["conj", "conjugate"])
def test_conj(name):
    """conj(), conjugate(): see theano.tensor.conj."""
    z = T.zvector("z")
    assert getattr(z, name)().eval({z: [1 + 2j]}).tolist() == [1 - 2j]


def test_copy():
    """copy(name=None): a symbolic copy with the same type. Does not copy the tag."""
    v = T.dvector("v")
    v.tag.note = 1
    w = v.copy(name="w")
    assert w.type == v.type and w is not v and w.name == "w" and not hasattr(w.tag, "note")
    assert w.eval({v: [1, 2]}).tolist() == [1, 2]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_norm(order):
    """norm(L, axis=None): the L-norm."""
    check(x.norm(order), (np.abs(A) ** order).sum() ** (1 / order))
    check(x.norm(order, axis=0), (np.abs(A) ** order).sum(axis=0) ** (1 / order))


def test_nonzero():
    """nonzero(return_matrix=False): see theano.tensor.nonzero."""
    rows, columns = x.nonzero()
    check(rows, A.nonzero()[0])
    check(columns, A.nonzero()[1])
    check(x.nonzero(return_matrix=True), np.array(A.nonzero()))


def test_nonzero_values():
    """nonzero_values(): see theano.tensor.nonzero_values."""
    check(x.nonzero_values(), A[A.nonzero()])


def test_ndim():
    """ndim: the rank of this tensor."""
    assert [T.dscalar().ndim, T.dvector().ndim, x.ndim, (x[0] + x.sum()).ndim] == [0, 1, 2, 1]


def test_real_and_imag():
    """real, imag: the components of complex-valued tensor z."""
    z = T.zvector("z")
    assert z.real.eval({z: [1 + 2j]}).tolist() == [1] and z.imag.eval({z: [1 + 2j]}).tolist() == [2]


@pytest.mark.parametrize(("repeats", "axis"), [(2, None), (2, 0), (3, 1), ([1, 2, 0], 1)])
def test_repeat(repeats, axis):
    """repeat(repeats, axis=None): see theano.tensor.repeat."""
    check(x.repeat(repeats, axis), np.repeat(A, repeats, axis))


def test_reshape_takes_a_tuple():
    """reshape(shape, ndim=None): in numpy you need not wrap the shape in a tuple, in Theano you do (in tx you may)."""
    check(x.reshape((3, 2)), A.reshape(3, 2))
    check(x.reshape([6]), A.reshape(6))
    check(x.reshape((6,), 1), A.reshape(6))
    check(x.reshape(3, 2), A.reshape(3, 2))


def test_reshape_to_a_symbolic_shape():
    """shape: something that can be converted to a symbolic vector of integers."""
    n = T.lscalar("n")
    assert x.reshape((n, -1)).eval({x: A, n: 3}).shape == (3, 2)
    assert x.reshape((x.shape[1], x.shape[0])).eval({x: A}).shape == (3, 2)


def test_reshape_ndim():
    """ndim: the length of the shape; None means for Theano to guess it."""
    shape = T.lvector("shape")
    assert x.reshape(shape, ndim=3).eval({x: A, shape: [1, 3, 2]}).shape == (1, 3, 2)
    with pytest.raises(ValueError):
        x.reshape(shape)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(None, [1, 2, 3, -1]), ("half_to_even", [0, 2, 2, 0]), ("half_away_from_zero", [1, 2, 3, -1])],
)
def test_round(mode, expected):
    """round(mode=None): see theano.tensor.round."""
    v = T.dvector("v")
    assert v.round(mode=mode).eval({v: [0.5, 1.5, 2.5, -0.5]}).tolist() == expected


def test_squeeze():
    """squeeze(): removes broadcastable dimensions from the shape of an array."""
    t = T.TensorType("float64", (True, False, True))("t")
    assert t.squeeze().broadcastable == (False,)
    assert t.squeeze().eval({t: np.ones((1, 3, 1))}).shape == (3,)
    assert x.squeeze().eval({x: np.ones((1, 2))}).shape == (1, 2)


def test_swapaxes():
    """swapaxes(axis1, axis2): of a matrix with the right axes the transpose is returned."""
    check(x.swapaxes(0, 1), A.T)
    t = T.dtensor3("t")
    assert t.swapaxes(0, 2).eval({t: np.zeros((2, 3, 4))}).shape == (4, 3, 2)


@pytest.mark.parametrize("mode", ["raise", "wrap", "clip"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_take(axis, mode):
    """take(indices, axis=None, mode='raise')."""
    at = [0, 1, -1] if mode == "raise" else [5, 7, -2]
    if mode != "raise" and axis is None:
        at = [6, 11, -2]
    check(x.take(at, axis=axis, mode=mode), A.take(at, axis=axis, mode=mode))


def test_transfer():
    """transfer(target): for 'cpu' this gives a TensorType, if it is not already one; other targets may be defined."""
    assert x.transfer("cpu").type == T.dmatrix
    check(x.transfer("cpu"), A)
    with pytest.raises(ValueError):
        x.transfer("nowhere")


def test_transpose_of_axes():
    """transpose(*axes): a single iterable argument is the entire tuple of axes."""
    t = T.dtensor3("t")
    value = np.zeros((2, 3, 4))
    for axes in ((2, 0, 1), ((2, 0, 1),), ([2, 0, 1],)):
        assert t.transpose(*axes).eval({t: value}).shape == (4, 2, 3)
    assert t.transpose().eval({t: value}).shape == (4, 3, 2)


def test_zeros_like():
    """zeros_like(model, dtype=None)."""
    check(x.zeros_like(), np.zeros((2, 3)))
    check(x.zeros_like(dtype="int8"), np.zeros((2, 3)), "int8")


def test_flatten():
    """flatten(ndim=1): see flatten()."""
    check(x.flatten(), A.ravel())
    t = T.dtensor3("t")
    assert t.flatten(2).eval({t: np.zeros((2, 3, 4))}).shape == (2, 12)


def test_eval():
    """eval(inputs_to_values): the value for the values of its inputs."""
    a, b = T.dscalars("a", "b")
    assert (a + b).eval({a: 16.3, b: 12.1}) == pytest.approx(28.4)
    with pytest.raises(tx.graph.MissingInputError if hasattr(tx.graph, "MissingInputError") else Exception):
        (a + b).eval({a: 1})


# -- what variables refuse --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", [bool, lambda v: v and 1, lambda v: 1 if v else 0], ids=["bool", "and", "if"])
def test_truth_value_is_refused(use):
    """A variable has no truth value while the graph is built: TypeError."""
    with pytest.raises(TypeError):
        use(x > 0)


def test_iteration():
    """A vector is iterated over if its length is known; a matrix is not."""
    a, b = T.dscalars("a", "b")
    first, second = T.stack([a, b])
    assert (first.eval({a: 1, b: 2}), second.eval({a: 1, b: 2})) == (1, 2)
    assert len(list(x.shape)) == 2 and len(list(x.shape[:1])) == 1
    with pytest.raises(TypeError, match="does not support iteration"):
        list(x)
    with pytest.raises(ValueError, match="length not known"):
        list(T.dvector())


def test_len():
    """len() is refused: the length is symbolic, x.shape[0]."""
    with pytest.raises(TypeError):
        len(x)


@pytest.mark.parametrize("operator", ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "&=", "|=", "^="])
def test_operators_in_place_rebind(operator):
    """Operators in place are not supported: x += y binds the name to a new variable, the old one is as it was."""
    a = T.lvector("a") if operator[0] in "&|^" else T.dvector("a")
    b = T.lvector("b") if operator[0] in "&|^" else T.dvector("b")
    names = {"a": a, "b": b}
    exec(f"a {operator} b", names)
    assert names["a"] is not a and a.owner is None
    left, right = np.array([5, 7]), np.array([2, 3])
    expected = eval(f"left {operator[:-1]} right")
    np.testing.assert_allclose(names["a"].eval({a: left, b: right}), expected)


def test_newaxis():
    """x[None] and x[:, None, 1] insert dimensions."""
    check(x[None], A[None])
    check(x[:, None, 1], A[:, None, 1])
    assert x[None].broadcastable == (True, False, False)
