"""The page's sections on shared variables and on what is wrapped. Each docstring is a statement of the page."""

import numpy as np
import pytest

import tx
import tx.tensor as T

# -- shared -----------------------------------------------------------------------------------------------------------


def test_shared():
    """x = shared(numpy.random.randn(3, 4)): a shared variable whose .value is a numpy ndarray."""
    given = np.random.RandomState(0).randn(3, 4)
    x = tx.shared(given)
    assert isinstance(x, T.TensorSharedVariable) and type(x.value) is np.ndarray
    np.testing.assert_array_equal(x.value, given)


def test_shared_value_is_assigned():
    """.value can be assigned."""
    x = tx.shared(np.zeros(2))
    x.value = np.ones(3)
    assert x.get_value().tolist() == [1, 1, 1]


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint16", "float32", "float64", "complex64", "bool"])
@pytest.mark.parametrize("rank", [0, 1, 3])
def test_shared_infers_rank_and_dtype(dtype, rank):
    """The number of dimensions and the dtype are inferred from the ndarray."""
    x = tx.shared(np.zeros((1,) * rank, dtype))
    assert (x.ndim, x.dtype, x.broadcastable) == (rank, dtype, (False,) * rank)


def test_shared_copies_unless_it_borrows():
    """The argument is copied, unless borrow=True (the page says it never is)."""
    given = np.zeros(2)
    copied = tx.shared(given)
    given[0] = 5
    assert copied.get_value().tolist() == [0, 0]


def test_shared_in_expressions():
    """A shared variable is a variable: it is part of expressions, without being an input."""
    x = tx.shared(np.arange(3.0), name="x")
    assert tx.function([], x * 2)().tolist() == [0, 2, 4] and str(x) == "x"


# -- arrays and numbers are wrapped -----------------------------------------------------------------------------------


def constant_of(expression):
    """The constant in a sum with a variable."""
    nodes = [expression.owner, *(i.owner for i in expression.owner.inputs if i.owner)]
    (found,) = {i for n in nodes for i in n.inputs if isinstance(i, T.TensorConstant)}
    return found


@pytest.mark.parametrize("other", [1, 2.5, np.ones(3), np.float32(2)], ids=["int", "float", "ndarray", "numpy scalar"])
def test_arithmetic_gives_a_variable(other):
    """ndarrays and Python numbers in arithmetic with a TensorVariable: the result is a TensorVariable."""
    x = T.dvector("x")
    for result in (x + other, other + x, x * other, other - x):
        assert isinstance(result, T.TensorVariable)
    np.testing.assert_array_equal((other - x).eval({x: np.arange(3.0)}), other - np.arange(3.0))


def test_wrapped_in_a_constant():
    """Theano wraps them in a TensorConstant."""
    assert constant_of(T.dvector() + 3).data == 3
    assert isinstance(constant_of(T.dvector() + np.ones(3)), T.TensorConstant)


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint8", "float32", "float64", "complex128"])
def test_array_keeps_its_dtype(dtype):
    """For numpy ndarrays the dtype is given: the constant's type has it."""
    assert T.as_tensor_variable(np.zeros(2, dtype)).dtype == dtype


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 3), (3, 1), (1, 1), (0, 1), (2, 1, 3)])
def test_pattern_of_an_array(shape):
    """The broadcastable pattern is True in each dimension of length 1."""
    assert T.as_tensor_variable(np.zeros(shape)).broadcastable == tuple(n == 1 for n in shape)


@pytest.mark.parametrize("number", [1, -3, 2.5, 1j])
def test_pattern_of_a_number(number):
    """For Python numbers the broadcastable pattern is ()."""
    assert T.as_tensor_variable(number).broadcastable == ()


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (1, "int8"),
        (0, "int8"),
        (-128, "int8"),
        (127, "int8"),
        (128, "int16"),
        (-129, "int16"),
        (32767, "int16"),
        (32768, "int32"),
        (-(2**31), "int32"),
        (2**31, "int64"),
        (2**63 - 1, "int64"),
    ],
)
def test_integers_take_the_smallest_dtype(number, dtype):
    """Python integers are stored in the smallest dtype that can hold them: 1 is a bscalar."""
    constant = T.as_tensor_variable(number)
    assert constant.dtype == dtype and constant.eval() == number


@pytest.mark.parametrize(
    ("number", "dtype"), [(0.5, "float32"), (1.0, "float32"), (0.1, "float64"), (1e300, "float64")]
)
def test_floats(number, dtype):
    """Python floats are stored in an fscalar if it holds them exactly, otherwise in a dscalar."""
    with tx.config.change_flags(floatX="float64"):
        assert T.as_tensor_variable(number).dtype == dtype


@pytest.mark.parametrize("number", [0.1, 0.5, 1e-8])
def test_floats_under_floatX(number):
    """When floatX is float32, Python floats are stored as single-precision floats instead."""
    with tx.config.change_flags(floatX="float32"):
        constant = T.as_tensor_variable(number)
        assert constant.dtype == "float32" and constant.data == np.float32(number)
        assert (T.fvector() * number).dtype == "float32"


def test_autocast_float():
    """For fine control of this rounding policy, see theano.tensor.basic.autocast_float."""
    with T.basic.autocast_float_as("float32"):
        assert T.as_tensor_variable(0.1).dtype == "float32"
        assert (T.fvector() * 0.1).dtype == "float32"
    with T.basic.autocast_float_as("float64"):
        assert (T.fvector() * 0.5).dtype == "float64"
    assert T.basic.autocast_float.dtypes


# -- as_tensor_variable -----------------------------------------------------------------------------------------------


def test_as_tensor_variable_of_a_variable():
    """A TensorVariable comes back as it is."""
    x = T.dmatrix("x")
    assert T.as_tensor_variable(x) is x


def test_as_tensor_variable_of_an_array():
    """A numpy ndarray becomes a TensorConstant."""
    constant = T.as_tensor_variable(np.eye(2))
    assert isinstance(constant, T.TensorConstant)
    np.testing.assert_array_equal(constant.data, np.eye(2))


@pytest.mark.parametrize("number", [3, 2.5, 1 + 2j])
def test_as_tensor_variable_of_a_number(number):
    """A Python number becomes a TensorConstant, its dtype inferred as described above."""
    constant = T.as_tensor_variable(number)
    assert isinstance(constant, T.TensorConstant) and constant.eval() == number


def test_as_tensor_variable_of_variables():
    """A list of scalars becomes a vector."""
    a, b = T.dscalars("a", "b")
    v = T.as_tensor_variable([a, b, 1])
    assert v.ndim == 1 and v.eval({a: 2, b: 3}).tolist() == [2, 3, 1]


def test_as_tensor_variable_of_lists():
    """Nested lists of numbers become a constant."""
    assert T.as_tensor_variable([[1, 2], [3, 4]]).eval().tolist() == [[1, 2], [3, 4]]


def test_as_tensor_variable_gives_a_name():
    """name: a name for the resulting variable."""
    assert T.as_tensor_variable(np.zeros(2), name="zeros").name == "zeros"


@pytest.mark.parametrize(("ndim", "pattern"), [(1, (False,)), (2, (True, False)), (3, (True, True, False))])
def test_as_tensor_variable_pads(ndim, pattern):
    """ndim: the rank of the result; a lower rank is padded with broadcastable dimensions on the left."""
    for given in (np.zeros(3), T.dvector()):
        assert T.as_tensor_variable(given, ndim=ndim).broadcastable == pattern


def test_as_tensor_variable_drops_broadcastable_dimensions():
    """A higher rank is cut down, if the leading dimensions are broadcastable."""
    assert T.as_tensor_variable(T.drow(), ndim=1).broadcastable == (False,)
    with pytest.raises(ValueError):
        T.as_tensor_variable(T.dmatrix(), ndim=1)


@pytest.mark.parametrize("wrong", ["text", object(), {}, True], ids=["text", "object", "dict", "truth value"])
def test_as_tensor_variable_refuses(wrong):
    """Raises for what cannot be converted."""
    with pytest.raises((TypeError, tx.tensor.basic.AsTensorError)):
        T.as_tensor_variable(wrong)
