"""The page's section on elementwise operations. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest
import scipy.special

import tx
import tx.tensor as T

x, y = T.dvectors("x", "y")
i, j = T.ivectors("i", "j")
f = T.fvector("f")
z = T.zvector("z")

X = np.array([-2.5, -1.5, -0.3, 0.0, 0.7, 1.5, 2.5])
Y = np.array([-2.5, 2.0, -0.4, 0.0, 0.7, 1.25, 3.0])
I, J = np.array([12, -7, 0, 255], "int32"), np.array([10, 3, -1, 15], "int32")
Z = np.array([3 + 4j, -1, 1j, -2 - 2j])
NAN, INF = float("nan"), float("inf")
SPECIAL = np.array([1.0, NAN, INF, -INF, 0.0])


def computed(expression, *pairs):
    """The value of an expression, which has the dtype that its type promises."""
    value = expression.eval({pairs[k]: pairs[k + 1] for k in range(0, len(pairs), 2)})
    assert value.dtype == expression.dtype and value.ndim == expression.ndim
    return value


def is_logical(expression, expected, *pairs):
    """The expression is an int8 tensor with these truth values."""
    value = computed(expression, *pairs)
    assert value.dtype == "int8"
    np.testing.assert_array_equal(value, expected)


def is_function(function, reference, values, rtol=1e-13):
    """The elementwise function has the reference's values, in double and in single precision."""
    np.testing.assert_allclose(computed(function(x), x, values), reference(np.array(values)), rtol=rtol, atol=1e-15)
    single = np.array(values, "float32")
    np.testing.assert_allclose(computed(function(f), f, single), reference(single), rtol=2e-5, atol=1e-6)
    assert function(f).dtype == "float32"


# -- casting ----------------------------------------------------------------------------------------------------------


def test_cast_has_the_same_shape_and_another_dtype():
    """cast: cast any tensor x to a tensor of the same shape, but with a different numerical type dtype."""
    row = T.cast(T.drow(), "int8")
    assert row.dtype == "int8" and row.broadcastable == (True, False)
    assert computed(T.cast(x, "float32"), x, X).shape == X.shape


def test_cast_is_no_reinterpretation():
    """This is not a reinterpret cast, but a coersion cast, similar to numpy.asarray(x, dtype=dtype)."""
    np.testing.assert_array_equal(computed(T.cast(x, "int64"), x, X), np.asarray(X, dtype="int64"))
    np.testing.assert_array_equal(computed(T.cast(i, "int8"), i, I), np.asarray(I).astype("int8"))


def test_cast_example():
    """x = T.matrix(); x_as_int = T.cast(x, 'int32')."""
    m = T.matrix()
    m_as_int = T.cast(m, "int32")
    value = computed(m_as_int, m, [[1.9, -1.9]])
    assert value.tolist() == [[1, -1]] and value.dtype == "int32"


def test_cast_from_complex_to_real_is_ambiguous():
    """Attempting to cast a complex value to a real value is ambiguous and will raise an exception."""
    with pytest.raises(TypeError, match="ambiguous"):
        T.cast(z, "float64")


def test_what_to_use_in_place_of_a_cast_to_real():
    """... Use real(), imag(), abs() or angle()."""
    parts = tx.function([z], [T.real(z), T.imag(z), abs(z), T.angle(z)])(Z)
    for part, expected in zip(parts, [Z.real, Z.imag, np.abs(Z), np.angle(Z)], strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-15)
        assert part.dtype == "float64"


def test_real_of_complex():
    """real: return the real (not imaginary) components of Tensor x."""
    np.testing.assert_array_equal(computed(T.real(z), z, Z), Z.real)
    assert T.real(z).dtype == "float64" and T.real(T.cvector()).dtype == "float32"


def test_real_of_what_is_not_complex():
    """real: for non-complex x this function returns x."""
    np.testing.assert_array_equal(computed(T.real(i), i, I), I)
    assert T.real(x).dtype == "float64" and T.real(i).dtype == "int32"


def test_imag_of_complex():
    """imag: return the imaginary components of Tensor x."""
    np.testing.assert_array_equal(computed(T.imag(z), z, Z), Z.imag)
    assert T.imag(z).dtype == "float64" and T.imag(T.cvector()).dtype == "float32"


def test_imag_of_what_is_not_complex():
    """imag: for non-complex x this function returns zeros_like(x)."""
    np.testing.assert_array_equal(computed(T.imag(i), i, I), np.zeros_like(I))
    assert T.imag(i).dtype == T.zeros_like(i).dtype == "int32"


# -- comparisons ------------------------------------------------------------------------------------------------------


def test_the_six_comparisons_share_their_interface():
    """The six usual equality and inequality operators share the same interface."""
    six = [T.lt, T.gt, T.le, T.ge, T.eq, T.neq]
    values = tx.function([x, y], [compare(x, y) for compare in six])(X, Y)
    references = [np.less, np.greater, np.less_equal, np.greater_equal, np.equal, np.not_equal]
    for value, reference in zip(values, references, strict=True):
        np.testing.assert_array_equal(value, reference(X, Y))


def test_comparisons_take_symbolic_tensors_or_compatible():
    """Comparisons: a, b - symbolic Tensor (or compatible)."""
    is_logical(T.lt([1, 2, 3], 2.5), [1, 1, 0])
    is_logical(T.eq(np.arange(3), i), [1, 0, 1], i, np.array([0, 2, 2], "int32"))


def test_comparisons_return_a_symbolic_tensor():
    """Comparisons: return type: symbolic Tensor (broadcast, as any elementwise operation)."""
    compared = T.lt(T.dcol(), T.drow())
    assert isinstance(compared, T.TensorVariable) and compared.ndim == 2


def test_booleans_are_int8():
    """Theano has no boolean dtype. Instead, all boolean tensors are represented in 'int8'."""
    for compare in (T.lt, T.gt, T.le, T.ge, T.eq, T.neq):
        assert compare(x, y).dtype == compare(i, 3).dtype == compare(f, i).dtype == "int8"


def test_comparison_example():
    """x, y = T.dmatrices('x', 'y'); z = T.le(x, y)."""
    a, b = T.dmatrices("x", "y")
    is_logical(T.le(a, b), [[1, 1], [0, 0]], a, [[1, 2], [3, NAN]], b, [[1, 3], [2, 1]])


def test_lt():
    """lt: returns a symbolic 'int8' tensor representing the result of logical less-than (a<b)."""
    is_logical(T.lt(x, y), X < Y, x, X, y, Y)


def test_lt_syntax():
    """lt: also available using syntax a < b."""
    is_logical(x < y, X < Y, x, X, y, Y)
    assert (x < y).owner.op == T.lt(x, y).owner.op


def test_gt():
    """gt: returns a symbolic 'int8' tensor representing the result of logical greater-than (a>b)."""
    is_logical(T.gt(x, y), X > Y, x, X, y, Y)


def test_gt_syntax():
    """gt: also available using syntax a > b."""
    is_logical(x > y, X > Y, x, X, y, Y)
    assert (x > y).owner.op == T.gt(x, y).owner.op


def test_le():
    """le: returns a variable representing the result of logical less than or equal (a<=b)."""
    is_logical(T.le(x, y), X <= Y, x, X, y, Y)


def test_le_syntax():
    """le: also available using syntax a <= b."""
    is_logical(x <= y, X <= Y, x, X, y, Y)
    assert (x <= y).owner.op == T.le(x, y).owner.op


def test_ge():
    """ge: returns a variable representing the result of logical greater or equal than (a>=b)."""
    is_logical(T.ge(x, y), X >= Y, x, X, y, Y)


def test_ge_syntax():
    """ge: also available using syntax a >= b."""
    is_logical(x >= y, X >= Y, x, X, y, Y)
    assert (x >= y).owner.op == T.ge(x, y).owner.op


def test_eq():
    """eq: returns a variable representing the result of logical equality (a==b)."""
    is_logical(T.eq(x, y), X == Y, x, X, y, Y)


def test_eq_has_no_syntax():
    """eq: (no syntax is named: == compares variables, not their values)."""
    assert (x == x) is True and (x == y) is False


def test_neq():
    """neq: returns a variable representing the result of logical inequality (a!=b)."""
    is_logical(T.neq(x, y), X != Y, x, X, y, Y)


def test_isnan():
    """isnan: returns a variable representing the comparison of a elements with nan."""
    is_logical(T.isnan(x), [0, 1, 0, 0, 0], x, SPECIAL)


def test_isnan_is_numpys():
    """isnan: this is equivalent to numpy.isnan."""
    is_logical(T.isnan(z), np.isnan(SPECIAL + 1j), z, SPECIAL + 1j)
    is_logical(T.isnan(i), np.isnan(I), i, I)


def test_isinf():
    """isinf: returns a variable representing the comparison of a elements with inf or -inf."""
    is_logical(T.isinf(x), [0, 0, 1, 1, 0], x, SPECIAL)


def test_isinf_is_numpys():
    """isinf: this is equivalent to numpy.isinf."""
    is_logical(T.isinf(f), np.isinf(SPECIAL), f, SPECIAL.astype("float32"))
    is_logical(T.isinf(i), np.isinf(I), i, I)


#: pairs that are equal, close, not close, infinite and undefined
NEAR_A = np.array([1.0, 1, 1, 0, 0, INF, INF, INF, NAN, NAN])
NEAR_B = np.array([1.0, 1 + 1e-6, 1 + 1e-3, 1e-9, 1e-7, INF, -INF, 1, NAN, 1])


def test_isclose():
    """isclose: returns a symbolic 'int8' tensor representing where two tensors are equal within a tolerance."""
    is_logical(T.isclose(x, y), [1, 1, 0, 1, 0, 1, 0, 0, 0, 0], x, NEAR_A, y, NEAR_B)


def test_isclose_tolerances_are_small_numbers():
    """isclose: the tolerance values are positive, typically very small numbers (rtol=1e-05, atol=1e-08)."""
    is_logical(T.isclose(x, y), [1, 0], x, [0.0, 0.0], y, [0.9e-8, 1.1e-8])
    is_logical(T.isclose(x, y), [1, 0], x, [1.0, 1.0], y, [1 + 0.9e-5, 1 + 1.1e-5])


def test_isclose_adds_both_differences():
    """isclose: rtol * abs(b) and atol are added together to compare against the absolute difference of a and b."""
    is_logical(T.isclose(x, y, rtol=0.1, atol=1.0), [1, 1, 0], x, [0.0, 11.9, 12.1], y, [1.0, 10.0, 10.0])


def test_isclose_uses_an_equation():
    """isclose: for finite values: |a - b| <= (atol + rtol * |b|)."""
    expected = np.abs(X - Y) <= 0.1 + 0.1 * np.abs(Y)
    is_logical(T.isclose(x, y, rtol=0.1, atol=0.1), expected, x, X, y, Y)
    # It is b that is multiplied.
    is_logical(T.isclose(x, y, rtol=0.5, atol=0.0), [1, 0], x, [1.0, 2.0], y, [2.0, 1.0])


def test_isclose_of_infinite_values():
    """isclose: for infinite values, isclose checks if both values are the same signed inf value."""
    is_logical(T.isclose(x, y), [1, 1, 0, 0], x, [INF, -INF, INF, INF], y, [INF, -INF, -INF, 1e300])


def test_isclose_equal_nan():
    """isclose: if equal_nan is True, isclose considers NaN values in the same position to be close."""
    is_logical(T.isclose(x, y, equal_nan=True), [1, 0, 0], x, [NAN, NAN, 1.0], y, [NAN, 1.0, NAN])


def test_isclose_nan_is_not_close_by_default():
    """isclose: otherwise, NaN values are not considered close."""
    is_logical(T.isclose(x, y), [0, 0, 0], x, [NAN, NAN, 1.0], y, [NAN, 1.0, NAN])


def test_isclose_is_numpys():
    """isclose: this is equivalent to numpy.isclose."""
    for equal_nan in (False, True):
        expected = np.isclose(NEAR_A, NEAR_B, equal_nan=equal_nan)
        is_logical(T.isclose(x, y, equal_nan=equal_nan), expected, x, NEAR_A, y, NEAR_B)


def test_allclose():
    """allclose: returns a symbolic 'int8' value representing if all elements are equal within a tolerance."""
    assert T.allclose(x, y).ndim == 0
    is_logical(T.allclose(x, y), 1, x, [1.0, 2.0], y, [1.0, 2 + 1e-6])
    is_logical(T.allclose(x, y), 0, x, [1.0, 2.0], y, [1.0, 2.1])


def test_allclose_follows_isclose():
    """allclose: see notes in isclose for determining values equal within a tolerance."""
    options = {"rtol": 0.1, "atol": 0.5, "equal_nan": True}
    values = x, [1.0, INF, NAN, 10.0], y, [1.5, INF, NAN, 11.0]
    is_logical(T.allclose(x, y, **options), 1, *values)
    is_logical(T.isclose(x, y, **options), [1, 1, 1, 1], *values)
    is_logical(T.allclose(x, y, rtol=0.1, atol=0.5), 0, *values)


def test_allclose_is_numpys():
    """allclose: this is equivalent to numpy.allclose."""
    for n in (2, 5, 6):
        is_logical(T.allclose(x, y), np.allclose(NEAR_A[:n], NEAR_B[:n]), x, NEAR_A[:n], y, NEAR_B[:n])


# -- condition --------------------------------------------------------------------------------------------------------


def test_switch():
    """switch: returns a variable representing a switch between ift (iftrue) and iff (iffalse) based on cond."""
    np.testing.assert_array_equal(computed(T.switch(x > 0, y, -1.0), x, X, y, Y), np.where(X > 0, Y, -1))


def test_switch_is_numpys_where():
    """switch: this is the theano equivalent of numpy.where."""
    condition = np.array([2, 0, -1, 0], "int32")
    np.testing.assert_array_equal(computed(T.switch(i, j, 0), i, condition, j, J), np.where(condition, J, 0))


def test_switch_takes_symbolic_tensors_or_compatible():
    """switch: cond, ift, iff - symbolic Tensor (or compatible)."""
    assert computed(T.switch([1, 0, 1], [1, 2, 3], 9)).tolist() == [1, 9, 3]
    assert T.switch(T.dcol(), T.drow(), 0).ndim == 2


def test_switch_returns_a_symbolic_tensor():
    """switch: return type: symbolic Tensor (of the dtype that holds both)."""
    assert T.switch(x, i, f).dtype == "float64" and T.switch(x, i, 1).dtype == "int32"


def test_switch_example():
    """a, b = T.dmatrices('a', 'b'); x, y = T.dmatrices('x', 'y'); z = T.switch(T.lt(a, b), x, y)."""
    a, b = T.dmatrices("a", "b")
    p, q = T.dmatrices("x", "y")
    chosen = T.switch(T.lt(a, b), p, q)
    values = a, [[1, 5]], b, [[2, 4]], p, [[10, 11]], q, [[20, 21]]
    assert computed(chosen, *values).tolist() == [[10, 21]]


def test_where_is_an_alias_for_switch():
    """where: alias for switch. where is the numpy name."""
    assert T.where(x, y, 0).owner.op == T.switch(x, y, 0).owner.op
    np.testing.assert_array_equal(computed(T.where(x > 0, y, 0.0), x, X, y, Y), np.where(X > 0, Y, 0))


def test_clip():
    """clip: x, but with all elements greater than max clipped to max and all elements less than min clipped to min."""
    np.testing.assert_array_equal(computed(T.clip(x, -1, 1), x, X), np.clip(X, -1, 1))


def test_clip_broadcasts():
    """clip: normal broadcasting rules apply to each of x, min, and max."""
    m, low = T.dmatrix("m"), T.dvector("low")
    values = m, [[0, 5, 9], [3, 3, 3]], low, [1, 2, 4]
    assert computed(T.clip(m, low, 6), *values).tolist() == [[1, 5, 6], [3, 3, 4]]
    assert T.clip(low, m, 6).ndim == 2


# -- bitwise ----------------------------------------------------------------------------------------------------------


def test_bitwise_operators_share_their_interface():
    """The bitwise operators possess this interface: a, b - symbolic Tensor of integer type."""
    values = tx.function([i, j], [T.and_(i, j), T.or_(i, j), T.xor(i, j)])(I, J)
    for value, expected in zip(values, [I & J, I | J, I ^ J], strict=True):
        np.testing.assert_array_equal(value, expected)


def test_bitwise_operators_need_integers():
    """The bitwise operators must have an integer type as input."""
    for operator in (T.and_, T.or_, T.xor):
        with pytest.raises(TypeError, match="BitOp"):
            operator(i, x)
    with pytest.raises(TypeError, match="BitOp"):
        T.invert(f)


def test_bitwise_not_takes_one_parameter():
    """The bit-wise not (invert) takes only one parameter."""
    assert T.invert(i).owner.inputs == [i]
    with pytest.raises(TypeError):
        T.invert(i, j)


def test_bitwise_operators_return_the_corresponding_dtype():
    """Bitwise: return type: symbolic Tensor with corresponding dtype."""
    byte, unsigned = T.bvector(), T.TensorType("uint8", (False,))()
    assert T.and_(i, byte).dtype == "int32" and T.or_(byte, byte).dtype == "int8"
    assert T.invert(unsigned).dtype == "uint8" and T.xor(unsigned, byte).dtype == "int16"


def test_and():
    """and_: returns a variable representing the result of the bitwise and."""
    np.testing.assert_array_equal(computed(T.and_(i, j), i, I, j, J), I & J)


def test_or():
    """or_: returns a variable representing the result of the bitwise or."""
    np.testing.assert_array_equal(computed(T.or_(i, j), i, I, j, J), I | J)


def test_xor():
    """xor: returns a variable representing the result of the bitwise xor."""
    np.testing.assert_array_equal(computed(T.xor(i, j), i, I, j, J), I ^ J)


def test_invert():
    """invert: returns a variable representing the result of the bitwise not."""
    np.testing.assert_array_equal(computed(T.invert(i), i, I), ~I)
    byte = T.TensorType("uint8", (False,))()
    assert computed(T.invert(byte), byte, np.array([0, 1, 255], "uint8")).tolist() == [255, 254, 0]


def test_bitwise_and_is_an_alias():
    """bitwise_and: alias for and_. bitwise_and is the numpy name."""
    assert T.bitwise_and is T.and_
    np.testing.assert_array_equal(computed(T.bitwise_and(i, j), i, I, j, J), np.bitwise_and(I, J))


def test_bitwise_or_is_an_alias():
    """bitwise_or: alias for or_. bitwise_or is the numpy name."""
    assert T.bitwise_or is T.or_
    np.testing.assert_array_equal(computed(T.bitwise_or(i, j), i, I, j, J), np.bitwise_or(I, J))


def test_bitwise_xor_is_an_alias():
    """bitwise_xor: alias for xor_. bitwise_xor is the numpy name."""
    assert T.bitwise_xor is T.xor
    np.testing.assert_array_equal(computed(T.bitwise_xor(i, j), i, I, j, J), np.bitwise_xor(I, J))


def test_bitwise_not_is_an_alias():
    """bitwise_not: alias for invert. invert is the numpy name."""
    assert T.bitwise_not is T.invert
    np.testing.assert_array_equal(computed(T.bitwise_not(i), i, I), np.invert(I))


def test_bitwise_example():
    """x, y = T.imatrices('x', 'y'); z = x & y."""
    a, b = T.imatrices("x", "y")
    both = a & b
    assert both.dtype == "int32" and both.owner.op == T.and_(a, b).owner.op
    values = a, np.array([[6, 5]], "int32"), b, np.array([[3, 4]], "int32")
    assert computed(both, *values).tolist() == [[2, 4]]


# -- mathematical -----------------------------------------------------------------------------------------------------


def test_abs():
    """abs_: returns a variable representing the absolute of a, ie |a|."""
    is_function(T.abs_, np.abs, X)
    np.testing.assert_array_equal(computed(T.abs_(i), i, I), np.abs(I))


def test_abs_of_complex():
    """abs_: ... ie |a| (of complex numbers the magnitude, which is real)."""
    np.testing.assert_allclose(computed(T.abs_(z), z, Z), np.abs(Z), rtol=1e-15)
    assert T.abs_(z).dtype == "float64"


def test_abs_by_python():
    """abs_: can also be accessed with abs(a)."""
    assert abs(x).owner.op == T.abs_(x).owner.op
    np.testing.assert_array_equal(computed(abs(x), x, X), abs(X))


def test_angle():
    """angle: returns a variable representing angular component of complex-valued Tensor a."""
    np.testing.assert_allclose(computed(T.angle(z), z, Z), np.angle(Z), rtol=1e-15)
    assert T.angle(z).dtype == "float64"


def test_exp():
    """exp: returns a variable representing the exponential of a, ie e^a."""
    is_function(T.exp, np.exp, X)


def test_maximum():
    """maximum: returns a variable representing the maximum element by element of a and b."""
    np.testing.assert_array_equal(computed(T.maximum(x, y), x, X, y, Y), np.maximum(X, Y))


def test_maximum_with_nan():
    """maximum: element by element (as in numpy, nan wins)."""
    values = x, [NAN, 1.0, INF], y, [1.0, NAN, 2.0]
    np.testing.assert_array_equal(computed(T.maximum(x, y), *values), [NAN, NAN, INF])


def test_minimum():
    """minimum: returns a variable representing the minimum element by element of a and b."""
    np.testing.assert_array_equal(computed(T.minimum(x, y), x, X, y, Y), np.minimum(X, Y))
    assert T.minimum(i, f).dtype == "float64"


def test_neg():
    """neg: returns a variable representing the negation of a ..."""
    is_function(T.neg, np.negative, X)
    np.testing.assert_array_equal(computed(T.neg(i), i, I), -I)


def test_neg_syntax():
    """neg: (also -a)."""
    assert (-x).owner.op == T.neg(x).owner.op
    np.testing.assert_array_equal(computed(-x, x, X), -X)


def test_inv():
    """inv: returns a variable representing the inverse of a, ie 1.0/a. Also called reciprocal."""
    is_function(T.inv, np.reciprocal, [-2.0, 0.5, 4.0])
    assert T.inv(i).dtype == "float64"
    assert computed(T.inv(i), i, np.array([4, -2], "int32")).tolist() == [0.25, -0.5]


def test_log():
    """log: returns a variable representing the base e ... logarithm of a."""
    is_function(T.log, np.log, [0.1, 1.0, np.e, 1e10])


def test_log2():
    """log2: returns a variable representing the base ... 2 ... logarithm of a."""
    is_function(T.log2, np.log2, [0.125, 1.0, 8.0, 1e10])


def test_log10():
    """log10: returns a variable representing the base ... 10 logarithm of a."""
    is_function(T.log10, np.log10, [0.001, 1.0, 1000.0, 5.0])


def test_logarithms_at_the_edge():
    """log, log2, log10: the logarithm of a (that of zero is -inf, that of a negative number nan)."""
    for logarithm in (T.log, T.log2, T.log10):
        np.testing.assert_array_equal(computed(logarithm(x), x, [0.0, -1.0, INF]), [-INF, NAN, INF])


def test_sgn():
    """sgn: returns a variable representing the sign of a."""
    is_function(T.sgn, np.sign, X)
    assert computed(T.sgn(i), i, I).tolist() == [1, -1, 0, 1]


def test_ceil():
    """ceil: returns a variable representing the ceiling of a (for example ceil(2.1) is 3)."""
    is_function(T.ceil, np.ceil, X)
    assert computed(T.ceil(2.1)) == 3


def test_floor():
    """floor: returns a variable representing the floor of a (for example floor(2.9) is 2)."""
    is_function(T.floor, np.floor, X)
    assert computed(T.floor(2.9)) == 2


HALVES = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, -2.6])


def test_round_has_the_same_dtype():
    """round: returns a variable representing the rounding of a in the same dtype as a."""
    assert T.round(x).dtype == "float64" and T.round(f).dtype == "float32"
    assert computed(T.round(f), f, np.array([1.4, 1.6], "float32")).tolist() == [1, 2]


def test_round_half_away_from_zero():
    """round: implemented rounding modes are half_away_from_zero ..."""
    rounded = T.round(x, mode="half_away_from_zero")
    assert computed(rounded, x, HALVES).tolist() == [-3, -2, -1, 1, 2, 3, 2, -3]


def test_round_half_to_even():
    """round: ... and half_to_even."""
    rounded = T.round(x, mode="half_to_even")
    assert computed(rounded, x, HALVES).tolist() == [-2, -2, 0, 0, 2, 2, 2, -3]


def test_round_default_is_half_away_from_zero():
    """round(a, mode="half_away_from_zero")."""
    assert computed(T.round(x), x, HALVES).tolist() == [-3, -2, -1, 1, 2, 3, 2, -3]


def test_round_has_no_other_mode():
    """round: implemented rounding modes are half_away_from_zero and half_to_even (another raises)."""
    with pytest.raises(Exception, match="half_up"):
        T.round(x, mode="half_up")


def test_iround_is_a_short_hand():
    """iround: short hand for cast(round(a, mode), 'int64')."""
    for mode in ("half_away_from_zero", "half_to_even"):
        short, long = T.iround(x, mode), T.cast(T.round(x, mode), "int64")
        assert short.dtype == long.dtype == "int64"
        np.testing.assert_array_equal(computed(short, x, HALVES), computed(long, x, HALVES))


def test_iround_default_is_half_away_from_zero():
    """iround(a, mode="half_away_from_zero")."""
    assert computed(T.iround(x), x, HALVES).tolist() == [-3, -2, -1, 1, 2, 3, 2, -3]


def test_sqr():
    """sqr: returns a variable representing the square of a, ie a^2."""
    is_function(T.sqr, np.square, X)
    assert T.sqr(i).dtype == "int32"


def test_sqrt():
    """sqrt: returns a variable representing the square root of a, ie a^0.5."""
    is_function(T.sqrt, np.sqrt, [0.0, 0.25, 2.0, 1e10])
    assert computed(T.sqrt(i), i, np.array([9, 16], "int32")).tolist() == [3.0, 4.0]


ANGLES = [-3.0, -1.0, 0.0, 0.5, 1.2, 3.1]


def test_cos():
    """cos: returns a variable representing the trigonometric functions of a (cosine ...)."""
    is_function(T.cos, np.cos, ANGLES)


def test_sin():
    """sin: returns a variable representing the trigonometric functions of a (... sine ...)."""
    is_function(T.sin, np.sin, ANGLES)


def test_tan():
    """tan: returns a variable representing the trigonometric functions of a (... and tangent)."""
    is_function(T.tan, np.tan, ANGLES)


def test_cosh():
    """cosh: returns a variable representing the hyperbolic functions of a (hyperbolic cosine ...)."""
    is_function(T.cosh, np.cosh, ANGLES)


def test_sinh():
    """sinh: returns a variable representing the hyperbolic functions of a (... sine ...)."""
    is_function(T.sinh, np.sinh, ANGLES)


def test_tanh():
    """tanh: returns a variable representing the hyperbolic functions of a (... and tangent)."""
    is_function(T.tanh, np.tanh, ANGLES)


# -- special functions ------------------------------------------------------------------------------------------------


def test_erf():
    """erf: returns a variable representing the error function ..."""
    is_function(T.erf, scipy.special.erf, X)


def test_erfc():
    """erfc: ... or the complementary error function."""
    is_function(T.erfc, scipy.special.erfc, [*X, 5.0])


def test_erfinv():
    """erfinv: returns a variable representing the inverse error function ..."""
    is_function(T.erfinv, scipy.special.erfinv, [-0.99, -0.3, 0.0, 1e-6, 0.5, 0.9])
    np.testing.assert_allclose(computed(T.erf(T.erfinv(x)), x, [-0.5, 0.1, 0.9]), [-0.5, 0.1, 0.9], rtol=1e-14)


def test_erfcinv():
    """erfcinv: ... or the inverse complementary error function."""
    is_function(T.erfcinv, scipy.special.erfcinv, [1e-10, 0.01, 0.5, 1.2, 1.9])


def test_gamma():
    """gamma: returns a variable representing the gamma function."""
    is_function(T.gamma, scipy.special.gamma, [0.1, 0.5, 1.0, 4.0, 7.5], rtol=1e-12)
    assert computed(T.gamma(x), x, [5.0]) == pytest.approx(24)


def test_gammaln():
    """gammaln: returns a variable representing the logarithm of the gamma function."""
    is_function(T.gammaln, scipy.special.gammaln, [0.1, 0.5, 3.0, 40.0, 1e5], rtol=1e-12)


def test_psi():
    """psi: the derivative of the logarithm of the gamma function (also called the digamma function)."""
    is_function(T.psi, scipy.special.digamma, [0.1, 0.5, 1.0, 4.0, 100.0], rtol=1e-12)


def test_psi_is_the_derivative_of_gammaln():
    """psi: the derivative of the logarithm of the gamma function ... (grad finds it)."""
    points = [0.3, 1.0, 2.5]
    slope = T.grad(T.gammaln(x).sum(), x)
    np.testing.assert_allclose(computed(slope, x, points), scipy.special.digamma(points), rtol=1e-12)


def test_chi2sf():
    """chi2sf: returns a variable representing the survival function (1-cdf - sometimes more accurate)."""
    points = np.array([0.1, 1.0, 5.0, 30.0])
    expected = scipy.special.chdtrc(3, points)
    np.testing.assert_allclose(computed(T.chi2sf(x, 3), x, points), expected, rtol=1e-12)
    assert T.chi2sf(x, y).dtype == "float64"


def test_chi2sf_is_more_accurate_than_one_minus_cdf():
    """chi2sf: ... (1-cdf - sometimes more accurate)."""
    # One minus the cdf is zero here.
    np.testing.assert_allclose(computed(T.chi2sf(x, 3), x, [200.0]), scipy.special.chdtrc(3, 200.0), rtol=1e-9)
    assert 1 - scipy.special.chdtr(3, 200.0) == 0


def test_chi2sf_is_compiled():
    """chi2sf: C code is provided. This makes it faster (here it is compiled, with the graph around it)."""
    survival = tx.function([x], T.log(T.chi2sf(x * 2, 3)))
    np.testing.assert_allclose(survival([0.5, 2.0]), np.log(scipy.special.chdtrc(3, [1.0, 4.0])), rtol=1e-12)
    assert len(survival.specializations) == 1
