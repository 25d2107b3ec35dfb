"""The quotient as Python 2 wrote it: what Theano 1.0.5 gives for each flag (asked of it, on Python 3)."""

import operator

import pytest

import tx as theano
import tx.tensor as T

INTS, FLOATS, FLAGS = [T.ivector("i"), T.ivector("j")], [T.fvector("x"), T.ivector("j")], ["int", "raise", "floatX"]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize(
    "divide", [T.div_proxy, T.basic.div_proxy, lambda a, b: a.__div__(b), lambda a, b: b.__rdiv__(a)]
)
def test_integers_are_divided_as_the_flag_says(divide, flag):
    with theano.config.change_flags(int_division=flag):
        if flag == "floatX":
            assert divide(*INTS).dtype == "float64"
        elif flag == "raise":
            with pytest.raises(theano.scalar.IntegerDivisionError, match="int32 and int32"):
                divide(*INTS)
        else:
            with pytest.warns(DeprecationWarning, match="x // y"):
                quotient = divide(*INTS)
            assert quotient.type == T.ivector
            assert theano.function(INTS, quotient)([-7, 7], [2, 2]).tolist() == [-4, 3]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("divide", [operator.truediv, T.true_div, lambda a, b: 2 / b])
def test_what_python_3_writes_is_the_quotient(divide, flag):
    with theano.config.change_flags(int_division=flag):
        assert divide(*INTS).type == T.dvector


@pytest.mark.parametrize("flag", FLAGS)
def test_floats_are_divided_as_they_are(flag):
    with theano.config.change_flags(int_division=flag):
        quotient = T.div_proxy(*FLOATS)
    assert quotient.type == T.dvector
    assert theano.function(FLOATS, quotient)([7], [2]).tolist() == [3.5]


def test_scalars_of_integers_are_divided_as_the_flag_says():
    x, y = theano.scalar.ints("x", "y")
    with pytest.warns(DeprecationWarning, match="x // y"):
        assert (x / y).dtype == "int64"
    with theano.config.change_flags(int_division="floatX"):
        assert (x / y).dtype == "float64"
