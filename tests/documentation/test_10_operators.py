"""The page's section on operator support. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

A = np.array([[[1, -2], [3, 4]]], "int32")
B = np.array([[[5, 3], [-7, 2]]], "int32")
a, b = T.itensor3("a"), T.itensor3("b")


def is_same(by_operator, by_function):
    """The operator applies the function's Op, to the same values."""
    assert by_operator.type == by_function.type
    assert by_operator.owner.op == by_function.owner.op
    given = ((a, A), (b, B))
    inputs = {v: values for v, values in given if v in by_operator.owner.inputs}
    value = by_operator.eval(inputs)
    np.testing.assert_array_equal(value, by_function.eval(inputs))
    assert value.dtype == by_operator.dtype
    return value


# -- Python operators -------------------------------------------------------------------------------------------------


def test_example_inputs():
    """Many Python operators are supported: a, b = T.itensor3(), T.itensor3()  # example inputs."""
    first, second = T.itensor3(), T.itensor3()
    assert first.dtype == "int32" and first.broadcastable == (False,) * 3 and first is not second


# -- arithmetic -------------------------------------------------------------------------------------------------------


def test_addition():
    """a + 3 is T.add(a, 3) -> itensor3."""
    np.testing.assert_array_equal(is_same(a + 3, T.add(a, 3)), A + 3)
    assert (a + 3).type == T.itensor3


def test_subtraction():
    """3 - a is T.sub(3, a)."""
    np.testing.assert_array_equal(is_same(3 - a, T.sub(3, a)), 3 - A)
    assert (3 - a).type == T.itensor3


def test_multiplication():
    """a * 3.5 is T.mul(a, 3.5) ..."""
    np.testing.assert_array_equal(is_same(a * 3.5, T.mul(a, 3.5)), A * 3.5)


def test_multiplication_depends_on_casting():
    """a * 3.5 ... -> ftensor3 or dtensor3 (depending on casting)."""
    narrow = T.TensorType("int16", (False,) * 3)()
    assert (a * 3.5).type == T.dtensor3
    assert (narrow * 3.5).type == T.ftensor3
    # 3.1 is no float32: floatX is taken.
    assert (narrow * 3.1).type == T.dtensor3


def test_true_division():
    """2.2 / a is T.truediv(2.2, a)."""
    np.testing.assert_allclose(is_same(2.2 / a, T.truediv(2.2, a)), 2.2 / A, rtol=1e-15)


def test_integer_division():
    """2.2 // a is T.intdiv(2.2, a)."""
    np.testing.assert_array_equal(is_same(2.2 // a, T.intdiv(2.2, a)), 2.2 // A)


def test_power():
    """2.2**a is T.pow(2.2, a)."""
    np.testing.assert_allclose(is_same(2.2**a, T.pow(2.2, a)), 2.2**A, rtol=1e-15)


def test_modulo():
    """b % a is T.mod(b, a)."""
    value = is_same(b % a, T.mod(b, a))
    np.testing.assert_array_equal(value, B % A)
    assert value.dtype == "int32"


# -- bitwise ----------------------------------------------------------------------------------------------------------


def test_bitwise_and():
    """a & b is T.and_(a, b): bitwise and."""
    np.testing.assert_array_equal(is_same(a & b, T.and_(a, b)), A & B)


def test_bitwise_and_alias():
    """T.and_ has the alias T.bitwise_and."""
    is_same(T.bitwise_and(a, b), T.and_(a, b))


def test_bitwise_xor():
    """a ^ 1 is T.xor(a, 1): bitwise xor."""
    np.testing.assert_array_equal(is_same(a ^ 1, T.xor(a, 1)), A ^ 1)


def test_bitwise_xor_alias():
    """T.xor has the alias T.bitwise_xor."""
    is_same(T.bitwise_xor(a, 1), T.xor(a, 1))


def test_bitwise_or():
    """a | b is T.or_(a, b): bitwise or."""
    np.testing.assert_array_equal(is_same(a | b, T.or_(a, b)), A | B)


def test_bitwise_or_alias():
    """T.or_ has the alias T.bitwise_or."""
    is_same(T.bitwise_or(a, b), T.or_(a, b))


def test_bitwise_invert():
    """~a is T.invert(a): bitwise invert."""
    np.testing.assert_array_equal(is_same(~a, T.invert(a)), ~A)


def test_bitwise_invert_alias():
    """T.invert has the alias T.bitwise_not."""
    is_same(T.bitwise_not(a), T.invert(a))


# -- in place ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"])
def test_inplace_operators_are_not_supported(operator):
    """In-place operators are not supported."""
    assert not hasattr(a, f"__i{operator}__")


def test_inplace_operators_bind_the_name_again():
    """In-place operators are not supported (Python makes a new variable, and the old one stays what it was)."""
    x = a
    x += 3
    assert x is not a
    np.testing.assert_array_equal(x.eval({a: A}), A + 3)
    np.testing.assert_array_equal(a.eval({a: A}), A)


def test_intermediate_values_are_computed_in_place_by_optimisation():
    """Theano's graph optimizations will determine which intermediate values to use for in-place computations."""
    x = T.dvector("x")
    given = np.ones(3)
    value = tx.function([x], T.exp((x + 1) * 2) - 1)(given)
    # Whatever is computed in place, an argument is not overwritten.
    np.testing.assert_array_equal(given, 1)
    np.testing.assert_allclose(value, np.exp(4.0) - 1)


def test_shared_variables_are_updated_by_function():
    """To update the value of a shared variable, consider using the updates argument to theano.function()."""
    state = tx.shared(np.zeros(2), name="state")
    f = tx.function([], state, updates=[(state, state + 1)])
    assert f().tolist() == [0, 0] and state.get_value().tolist() == [1, 1]
