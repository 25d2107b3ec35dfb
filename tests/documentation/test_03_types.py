"""The page's sections on TensorType and the classes of variables. Each docstring is a statement of the page."""

import numpy as np
import pytest

import tx
import tx.tensor as T

# -- TensorType: broadcastable ----------------------------------------------------------------------------------------

INTERPRETATIONS = [
    ([], "scalar", ()),
    ([True], "vector of length 1", (1,)),
    ([True, True], "1x1 matrix", (1, 1)),
    ([False], "vector", (4,)),
    ([False, False], "matrix", (2, 3)),
    ([False] * 4, "tensor of rank n", (2, 3, 4, 5)),
    ([True, False], "row, 1xN", (1, 4)),
    ([False, True], "column, Mx1", (4, 1)),
    ([False, True, False], "Mx1xP tensor (a)", (2, 1, 4)),
    ([True, False, False], "1xNxP tensor (b)", (1, 3, 4)),
    ([False, False, False], "MxNxP tensor (pattern of a + b)", (2, 3, 4)),
]


@pytest.mark.parametrize(("pattern", "meaning", "shape"), INTERPRETATIONS, ids=[row[1] for row in INTERPRETATIONS])
def test_pattern_interpretation(pattern, meaning, shape):
    """A tuple of True/False, one for each dimension: what a pattern means."""
    kind = T.TensorType("float64", pattern)
    assert kind.broadcastable == tuple(pattern) and kind.ndim == len(pattern)
    assert kind.filter(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("dimension", [0, 1])
def test_true_means_length_one(dimension):
    """True in position i: the ndarray has size 1 in dimension i when computed."""
    kind = T.TensorType("float64", [d == dimension for d in range(2)])
    shape = [2, 2]
    with pytest.raises(TypeError):
        kind.filter(np.zeros(shape))
    shape[dimension] = 1
    assert kind.filter(np.zeros(shape)).shape == tuple(shape)


def test_sum_of_two_patterns():
    """The pattern of a + b for a of (False, True, False) and b of (True, False, False) is (False, False, False)."""
    a = T.TensorType("float64", [False, True, False])("a")
    b = T.TensorType("float64", [True, False, False])("b")
    assert (a + b).broadcastable == (False, False, False)
    assert (a + b).eval({a: np.ones((2, 1, 4)), b: np.ones((1, 3, 4))}).shape == (2, 3, 4)


def test_shorter_patterns_extend_to_the_left():
    """Of two arguments of different rank the shorter pattern is extended on the left with True."""
    m, v = T.dmatrix("m"), T.dvector("v")
    total = m + v
    assert {i.broadcastable for i in total.owner.inputs} == {(False, False), (True, False)}


def test_vector_behaves_like_a_row():
    """[False] extends to [True, False], and behaves like a row (a 1xN matrix)."""
    m, v = T.dmatrix("m"), T.dvector("v")
    found = (m * v).eval({m: np.ones((2, 3)), v: np.arange(3.0)})
    assert found.tolist() == [[0, 1, 2]] * 2


def test_matrix_behaves_like_a_1xNxP_tensor():
    """[False, False] behaves like a 1xNxP tensor, [True, False, False]."""
    t, m = T.dtensor3("t"), T.dmatrix("m")
    total = t + m
    assert {i.broadcastable for i in total.owner.inputs} == {(False,) * 3, (True, False, False)}
    assert total.eval({t: np.ones((2, 3, 4)), m: np.ones((3, 4))}).shape == (2, 3, 4)


def test_middle_broadcaster():
    """middle_broadcaster = TensorType('complex64', [False, True, False])."""
    middle_broadcaster = T.TensorType("complex64", [False, True, False])
    assert middle_broadcaster().broadcastable == (False, True, False)
    assert middle_broadcaster().dtype == "complex64"


# -- ndim and dtype ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rank", range(6))
def test_ndim_is_known_while_building(rank):
    """ndim: the number of dimensions that the value will have; it is known while the graph is built."""
    kind = T.TensorType("int8", (False,) * rank)
    assert kind.ndim == kind().ndim == rank


DTYPES = [
    ("int8", "signed integer", 8),
    ("int16", "signed integer", 16),
    ("int32", "signed integer", 32),
    ("int64", "signed integer", 64),
    ("uint8", "unsigned integer", 8),
    ("uint16", "unsigned integer", 16),
    ("uint32", "unsigned integer", 32),
    ("uint64", "unsigned integer", 64),
    ("float32", "floating point", 32),
    ("float64", "floating point", 64),
    ("complex64", "complex", 64),
    ("complex128", "complex", 128),
]
DOMAIN = {"i": "signed integer", "u": "unsigned integer", "f": "floating point", "c": "complex"}


@pytest.mark.parametrize(("dtype", "domain", "bits"), DTYPES, ids=[row[0] for row in DTYPES])
def test_dtypes(dtype, domain, bits):
    """The dtype of a TensorType can be any of these strings: domain and bits."""
    x = T.TensorType(dtype, (False,))("x")
    value = tx.function([x], x)(np.ones(2, dtype))
    assert (x.dtype, value.dtype, value.dtype.itemsize * 8, DOMAIN[value.dtype.kind]) == (dtype, dtype, bits, domain)


def test_constructor_of_TensorType():
    """TensorType(dtype, broadcastable)."""
    assert T.TensorType("int32", (True,)) == T.TensorType(dtype="int32", broadcastable=[True])
    with pytest.raises(TypeError):
        T.TensorType("no dtype", ())


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (T.TensorType("float64", (False, False)), True),
        (T.TensorType("float32", (False, False)), False),
        (T.TensorType("float64", (False,)), False),
        (T.TensorType("float64", (True, False)), False),
    ],
)
def test_equality_of_types(other, same):
    """Two types are equal if dtype and pattern are."""
    assert (other == T.dmatrix) is same and (other != T.dmatrix) is not same


# -- what a type lets through -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "value", "downcast", "allowed"),
    [
        ("float64", np.zeros(2, "float64"), None, True),
        ("float64", np.zeros(2, "float32"), None, True),
        ("float64", np.zeros(2, "int64"), None, True),
        ("float32", np.zeros(2, "float64"), None, False),
        ("float32", np.zeros(2, "float64"), True, True),
        ("float32", np.zeros(2, "float64"), False, False),
        ("int32", np.zeros(2, "int64"), None, False),
        ("int32", np.zeros(2, "float32"), None, False),
        ("int8", [1, 2], None, True),
        ("int8", [1, 300], None, False),
        ("float32", [1.5, 2.5], None, True),
        ("float32", [0.1, 2.5], None, False),
    ],
)
def test_filter(dtype, value, downcast, allowed):
    """A value is taken if nothing is lost by converting it, or allow_downcast says so."""
    kind = T.TensorType(dtype, (False,))
    if allowed:
        found = kind.filter(value, allow_downcast=downcast)
        assert found.dtype == dtype and found.tolist() == np.asarray(value).tolist()
    else:
        with pytest.raises(TypeError):
            kind.filter(value, allow_downcast=downcast)


def test_strict_filter():
    """A strict filter takes only arrays of exactly the type."""
    assert T.dvector.filter(np.zeros(2), strict=True).shape == (2,)
    for wrong in (np.zeros(2, "float32"), [0.0, 1.0]):
        with pytest.raises(TypeError):
            T.dvector.filter(wrong, strict=True)


@pytest.mark.parametrize("value", [np.zeros((2, 2)), np.zeros(()), "text"], ids=["rank 2", "rank 0", "text"])
def test_filter_refuses(value):
    """A value of another rank, or that is no array, raises TypeError."""
    with pytest.raises((TypeError, ValueError)):
        T.dvector.filter(value)


# -- the classes of variables -----------------------------------------------------------------------------------------


def test_TensorVariable():
    """The result of symbolic operations typically is a TensorVariable."""
    x = T.dmatrix("x")
    for result in (x + 1, x.T, x[0], x.sum(), T.dot(x, x), T.exp(x)):
        assert type(result) is T.TensorVariable


def test_TensorConstant():
    """Python numbers and numpy arrays are wrapped in this type."""
    assert type(T.constant(3)) is T.TensorConstant
    assert type(T.as_tensor_variable(np.ones(2))) is T.TensorConstant


def test_TensorSharedVariable():
    """shared() returns this type when the value to share is a numpy ndarray."""
    assert type(tx.shared(np.ones(2))) is T.TensorSharedVariable


@pytest.mark.parametrize("kind", ["TensorVariable", "TensorConstant", "TensorSharedVariable"])
def test_all_have_the_operators(kind):
    """Each of them is a Variable with _tensor_py_operators."""
    assert issubclass(getattr(T, kind), T._tensor_py_operators)
    assert issubclass(getattr(T, kind), tx.Variable)


@pytest.mark.parametrize(
    "make",
    [
        lambda a: T.as_tensor_variable(a),
        lambda a: tx.shared(a),
        lambda a: T.dvector().type.filter_variable(tx.shared(a)),
    ],
    ids=["constant", "shared", "filtered"],
)
def test_operators_of_every_class(make):
    """Operators and methods of constants and shared variables are those of variables."""
    x = make(np.array([1.0, 2.0]))
    assert (x + 1).eval().tolist() == [2, 3]
    assert (2**x).sum().eval() == 6
    assert x.reshape((2, 1)).eval().shape == (2, 1)
