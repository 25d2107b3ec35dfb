"""The page's sections on creating, joining and choosing tensors. Each docstring is a statement of the page."""

import itertools

import numpy as np
import pytest

import tx
import tx.tensor as T

x = T.fmatrix("x")
A = np.arange(6, dtype="float32").reshape(2, 3)
LIKE = [(T.zeros_like, np.zeros_like), (T.ones_like, np.ones_like)]
NEW = [(T.zeros, np.zeros), (T.ones, np.ones)]


# -- creation ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("like", "numpys"), LIKE)
def test_like(like, numpys):
    """zeros_like(x, dtype=None), ones_like(x, dtype=None): a tensor with the shape of x; the dtype is x.dtype."""
    found = like(x).eval({x: A})
    np.testing.assert_array_equal(found, numpys(A))
    assert found.dtype == "float32" and like(x).broadcastable == x.broadcastable


@pytest.mark.parametrize(("like", "numpys"), LIKE)
@pytest.mark.parametrize("dtype", ["int8", "float64", "complex64"])
def test_like_of_a_dtype(like, numpys, dtype):
    """dtype: data-type, optional; by default x.dtype."""
    found = like(x, dtype=dtype).eval({x: A})
    np.testing.assert_array_equal(found, numpys(A))
    assert found.dtype == like(x, dtype).dtype == dtype


@pytest.mark.parametrize(("new", "numpys"), NEW)
@pytest.mark.parametrize("shape", [(2, 3), [4], (), (0, 2), 3])
def test_of_a_shape(new, numpys, shape):
    """zeros(shape, dtype=None), ones(shape, dtype=None): filled with 0s (1s) of the provided shape."""
    np.testing.assert_array_equal(new(shape).eval(), numpys(shape))


@pytest.mark.parametrize(("new", "numpys"), NEW)
def test_of_symbolic_lengths(new, numpys):
    """shape: a tuple/list of scalar with the shape information."""
    n = T.lscalar("n")
    f = tx.function([n, x], new((n, x.shape[1], 2)))
    np.testing.assert_array_equal(f(3, A), numpys((3, 3, 2)))


@pytest.mark.parametrize("new", [T.zeros, T.ones])
def test_of_floatX(new):
    """dtype: the dtype of the new tensor. If None, will use floatX."""
    with tx.config.change_flags(floatX="float32"):
        assert new((2,)).dtype == "float32"
    with tx.config.change_flags(floatX="float64"):
        assert new((2,)).dtype == "float64"
    assert new((2,), dtype="int16").eval().dtype == "int16"


@pytest.mark.parametrize("value", [2.5, T.constant(3.0)], ids=["value", "scalar"])
def test_fill(value):
    """fill(a, b): create a matrix by filling the shape of a with b."""
    found = T.fill(x, value).eval({x: A})
    np.testing.assert_array_equal(found, np.full((2, 3), 2.5 if value == 2.5 else 3.0))


def test_alloc():
    """alloc(value, *shape): value with which to fill, and the dimensions of the returned array."""
    n = T.lscalar("n")
    assert T.alloc(2.5, n, 3).eval({n: 2}).tolist() == [[2.5] * 3] * 2
    assert T.alloc(np.float32(1), 2).dtype == "float32"
    v = T.dvector("v")
    assert T.alloc(v, 2, 3).eval({v: [1, 2, 3]}).tolist() == [[1, 2, 3]] * 2


@pytest.mark.parametrize(("n", "m", "k"), [(3, None, 0), (2, 4, 1), (4, 2, -1), (3, 3, 5), (0, 2, 0)])
def test_eye(n, m, k):
    """eye(n, m=None, k=0, dtype=floatX): zeros, except for the k-th diagonal, whose values are equal to one."""
    np.testing.assert_array_equal(T.eye(n, m, k).eval(), np.eye(n, m, k))
    assert T.eye(n, m, k, dtype="int32").eval().dtype == "int32"


def test_eye_of_scalars():
    """n, m and k can be Theano scalars: k > 0 refers to an upper diagonal, k < 0 to a lower one."""
    n, m, k = T.lscalars("n", "m", "k")
    f = tx.function([n, m, k], T.eye(n, m, k))
    for values in itertools.product((2, 3), (2, 4), (-1, 0, 2)):
        np.testing.assert_array_equal(f(*values), np.eye(*values))


def test_identity_like():
    """identity_like(x): of the shape of x, 0s everywhere except for the main diagonal; the dtype of x."""
    found = T.identity_like(x).eval({x: A})
    assert found.tolist() == [[1, 0, 0], [0, 1, 0]] and found.dtype == "float32"


# -- stack ------------------------------------------------------------------------------------------------------------


def test_stack_scalars():
    """x = theano.tensor.stack([a, b, c]) of scalars: x.ndim is 1, x is a vector of length 3."""
    a, b, c = T.scalars("abc")
    s = T.stack([a, b, c])
    assert s.ndim == 1 and s.eval({a: 1, b: 2, c: 3}).tolist() == [1, 2, 3]


@pytest.mark.parametrize(("axis", "shape"), [(0, (3, 2, 2, 2, 2)), (3, (2, 2, 2, 3, 2)), (-2, (2, 2, 2, 3, 2))])
def test_stack_examples(axis, shape):
    """Of tensor4s x is a 5d tensor; 3 tensors are stacked on axis 0, 3 and -2."""
    a, b, c = (T.tensor4(n) for n in "abc")
    s = T.stack([a, b, c], axis=axis)
    assert s.ndim == 5
    assert s.eval({t: np.zeros((2, 2, 2, 2)) for t in (a, b, c)}).shape == shape


@pytest.mark.parametrize("axis", range(-3, 3))
def test_stack_on_every_axis(axis):
    """Stack tensors in sequence on given axis (default is 0)."""
    y = T.fmatrix("y")
    for given in ([x, y], (x, y)):
        np.testing.assert_array_equal(T.stack(given, axis=axis).eval({x: A, y: A + 1}), np.stack([A, A + 1], axis))
    np.testing.assert_array_equal(T.stack([x, y]).eval({x: A, y: A + 1}), np.stack([A, A + 1]))


def test_stack_is_indexed():
    """A tensor such that rval[0] == tensors[0], rval[1] == tensors[1], etc."""
    y = T.fmatrix("y")
    s = T.stack([x, y])
    np.testing.assert_array_equal(s[0].eval({x: A, y: A + 1}), A)
    np.testing.assert_array_equal(s[1].eval({x: A, y: A + 1}), A + 1)


def test_stack_length():
    """The size in dimension axis of the result will be equal to the number of tensors passed."""
    for count in (1, 2, 4):
        assert T.stack([x] * count, axis=1).eval({x: A}).shape == (2, count, 3)


def test_stack_of_several_ranks_is_refused():
    """tensors: a list or a tuple of one or more tensors of the same rank."""
    with pytest.raises((TypeError, ValueError)):
        T.stack([x, T.fvector()])
    with pytest.raises(ValueError):
        T.stack([])


@pytest.mark.parametrize("axis", [3, -4])
def test_stack_axis_out_of_range(axis):
    """An axis that the result has not is refused."""
    with pytest.raises(IndexError):
        T.stack([x, x], axis=axis)


def test_stack_deprecated():
    """The interface stack(*tensors) is deprecated: x = T.stack(x0, x1, x2) is a vector of length 3."""
    x0, x1, x2 = T.scalars("x0", "x1", "x2")
    with pytest.warns(DeprecationWarning, match="stack"):
        s = T.stack(x0, x1, x2)
    assert s.ndim == 1 and s.eval({x0: 1, x1: 2, x2: 3}).tolist() == [1, 2, 3]


# -- concatenate and stacklists ---------------------------------------------------------------------------------------


def test_concatenate_example():
    """x = T.concatenate([x0, x1[0], T.shape_padright(x2)], axis=1) of fmatrix, ftensor3, fvector: x.ndim is 2."""
    x0, x1, x2 = T.fmatrix("x0"), T.ftensor3("x1"), T.fvector("x2")
    found = T.concatenate([x0, x1[0], T.shape_padright(x2)], axis=1)
    assert found.ndim == 2
    value = found.eval({x0: A, x1: A[None], x2: A[:, 0]})
    np.testing.assert_array_equal(value, np.concatenate([A, A, A[:, :1]], axis=1))


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concatenate(axis):
    """concatenate(tensor_list, axis=0): joined along this axis, so they may have different shape[axis]."""
    y = T.fmatrix("y")
    other = np.ones((1, 3), "float32") if axis == 0 else np.ones((2, 4), "float32")
    for given in ([x, y], (x, y)):
        found = T.concatenate(given, axis=axis).eval({x: A, y: other})
        np.testing.assert_array_equal(found, np.concatenate([A, other], axis))


def test_concatenate_on_a_symbolic_axis():
    """axis: literal or symbolic integer."""
    axis = T.lscalar("axis")
    f = tx.function([x, axis], T.concatenate([x, x], axis=axis))
    for a in (0, 1, -1):
        np.testing.assert_array_equal(f(A, a), np.concatenate([A, A], a))


def test_concatenate_shapes_must_agree():
    """The tensors all have the same shape in the axes not specified by the axis argument."""
    y = T.fmatrix("y")
    with pytest.raises(ValueError):
        T.concatenate([x, y], axis=0).eval({x: A, y: np.ones((2, 2), "float32")})


def test_stacklists_of_scalars():
    """stacklists([[a, b], [c, d]]) of scalars: f(1, 2, 3, 4) is array([[1., 2.], [3., 4.]])."""
    a, b, c, d = T.scalars("abcd")
    f = tx.function([a, b, c, d], T.stacklists([[a, b], [c, d]]))
    assert f(1, 2, 3, 4).tolist() == [[1, 2], [3, 4]]


def test_stacklists_of_matrices():
    """We can also stack arbitrarily shaped tensors: matrices into a 2 by 2 grid give (2, 2, 4, 4)."""
    a, b, c, d = T.matrices("abcd")
    f = tx.function([a, b, c, d], T.stacklists([[a, b], [c, d]]))
    ones = np.ones((4, 4), "float32")
    assert f(ones, ones, ones, ones).shape == (2, 2, 4, 4)


def test_stacklists_is_recursive():
    """Recursively stack lists of tensors to maintain similar structure: a tree whose leaves are tensors."""
    a = T.dscalar("a")
    assert T.stacklists(a) is a
    assert T.stacklists([[[a, a]], [[a, a]]]).eval({a: 1}).shape == (2, 1, 2)


# -- choose -----------------------------------------------------------------------------------------------------------

CHOICES = np.array([[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]])
i = T.lvector("i")


def test_choose():
    """np.choose(a, c) == np.array([c[a[I]][I] for I in ndindex(a.shape)])."""
    at = np.array([2, 0, 1, 0])
    found = T.choose(i, CHOICES).eval({i: at})
    assert found.tolist() == [CHOICES[at[k]][k] for k in range(4)] == np.choose(at, CHOICES).tolist()


def test_choose_broadcasts():
    """a and each choice array are first broadcast, as necessary, to arrays of a common shape."""
    at = np.array([[0], [1]])
    j = T.lmatrix("j")
    found = T.choose(T.addbroadcast(j, 1), [np.array([1, 2, 3]), np.array([10, 20, 30])]).eval({j: at})
    assert found.tolist() == [[1, 2, 3], [10, 20, 30]]


@pytest.mark.parametrize("at", [[0, 3, 0, 0], [0, 0, -1, 0]])
def test_choose_raises(at):
    """mode=raise (the default): each element of a must be in the range [0, n-1]."""
    with pytest.raises(ValueError):
        T.choose(i, CHOICES).eval({i: at})
    with pytest.raises(ValueError):
        T.choose(i, CHOICES, mode="raise").eval({i: at})


def test_choose_wraps():
    """mode=wrap: modular arithmetic maps integers outside the range [0, n-1] back into that range."""
    at = [3, -1, 7, 2]
    assert T.choose(i, CHOICES, mode="wrap").eval({i: at}).tolist() == np.choose(at, CHOICES, mode="wrap").tolist()


def test_choose_clips():
    """mode=clip: negative integers are mapped to 0, values greater than n-1 to n-1."""
    at = [3, -1, 7, 1]
    assert T.choose(i, CHOICES, mode="clip").eval({i: at}).tolist() == np.choose(at, CHOICES, mode="clip").tolist()


def test_choose_from_a_sequence():
    """choices: a sequence of arrays; of an array the outermost dimension is taken as defining the sequence."""
    at = [1, 0, 2, 1]
    a, b, c = (T.lvector(n) for n in "abc")
    values = dict(zip((a, b, c), CHOICES, strict=True))
    expected = np.choose(at, CHOICES).tolist()
    assert T.choose(i, [a, b, c]).eval({i: at, **values}).tolist() == expected
    assert T.choose(i, T.constant(CHOICES)).eval({i: at}).tolist() == expected


def test_choose_shape_mismatch():
    """ValueError, shape mismatch: if a and each choice array are not all broadcastable to the same shape."""
    with pytest.raises(ValueError):
        T.choose(i, CHOICES).eval({i: [0, 1, 2]})


def test_choose_is_in_the_namespaces():
    """theano.tensor.basic.choose(a, choices, out=None, mode='raise')."""
    assert T.basic.choose is T.choose
    assert T.choose(i, CHOICES, out=None, mode="raise").dtype == "int64"
