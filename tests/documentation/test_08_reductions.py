"""The page's section on reductions. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

#: each value once, far from the order of positions
C = np.random.RandomState(8).permutation(24).reshape(2, 3, 4) - 7.5
c = T.dtensor3("c")
#: zeros and ones, so that `all` and `any` have something to say
B = np.array([[[1, 1], [1, 0]], [[0, 0], [1, 1]]], "int8")
b = T.TensorType("int8", (False,) * 3)("b")

#: what float32 cannot hold on the way, but float64 can
CANCELLING = [2.0**25, 1, -(2.0**25)]


def has_value(expression, expected, variable=c, values=C):
    """The expression has this value, of the shape and the dtype that its type promises."""
    value = expression.eval({variable: values})
    assert value.dtype == expression.dtype and value.ndim == expression.ndim
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert value.shape == np.shape(expected)


def pattern_is(expression, pattern):
    """``"10"``: the first of two dimensions broadcasts, the second does not."""
    assert expression.broadcastable == tuple(bit == "1" for bit in pattern)


def of(dtype, ndim=1):
    """A variable of that dtype."""
    return T.TensorType(dtype, (False,) * ndim)()


def reduced(function, values, given, **options):
    """A reduction of values of that dtype, computed."""
    x = of(given)
    return function(x, **options).eval({x: np.array(values, given)})


# -- max --------------------------------------------------------------------------------------------------------------


def test_max_takes_a_symbolic_tensor_or_compatible():
    """max: x - symbolic Tensor (or compatible)."""
    has_value(T.max(c), 15.5)
    assert T.max([[1, 5], [3, 4]]).eval() == T.max(np.array([[1, 5], [3, 4]])).eval() == 5


def test_max_axis_is_axis_or_axes():
    """max: axis - axis or axes along which to compute the maximum."""
    has_value(T.max(c, axis=-1), C.max(axis=-1))
    has_value(T.max(c, axis=(0, -1)), C.max(axis=(0, 2)))


def test_max_keepdims_leaves_dimensions_of_size_one():
    """max: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.max(c, axis=1, keepdims=True)
    has_value(y, C.max(axis=1, keepdims=True))
    pattern_is(y, "010")


def test_max_keepdims_broadcasts_against_the_original():
    """max: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c - T.max(c, axis=1, keepdims=True), C - C.max(axis=1, keepdims=True))


def test_max_returns_the_maximum():
    """Returns: maximum of x along axis."""
    y = T.max(c, axis=0)
    has_value(y, np.maximum(C[0], C[1]))
    assert y.dtype == c.dtype


def test_max_axis_none():
    """max: axis None - in which case the maximum is computed along all axes (like numpy)."""
    y = T.max(c, axis=None)
    has_value(y, np.max(C))
    assert y.ndim == 0


def test_max_axis_int():
    """max: axis an int - computed along this axis."""
    has_value(T.max(c, axis=1), np.max(C, axis=1))


def test_max_axis_list():
    """max: axis a list of ints - computed along these axes."""
    has_value(T.max(c, axis=[0, 2]), np.max(C, axis=(0, 2)))


# -- argmax -----------------------------------------------------------------------------------------------------------


def test_argmax_takes_a_symbolic_tensor_or_compatible():
    """argmax: x - symbolic tensor (or compatible)."""
    has_value(T.argmax(c, axis=2), C.argmax(axis=2))
    assert T.argmax([3, 9, 1]).eval() == 1


def test_argmax_axis():
    """argmax: axis - the axis along which to compute the index of the maximum."""
    has_value(T.argmax(c, axis=-2), C.argmax(axis=1))


def test_argmax_keepdims_leaves_dimensions_of_size_one():
    """argmax: keepdims - if set to True, the reduced axes will be left as dimensions of size one."""
    y = T.argmax(c, axis=2, keepdims=True)
    has_value(y, np.expand_dims(C.argmax(axis=2), 2))
    pattern_is(y, "001")


def test_argmax_keepdims_broadcasts_against_the_original():
    """argmax: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c + T.argmax(c, axis=2, keepdims=True), C + np.expand_dims(C.argmax(axis=2), 2))


def test_argmax_returns_the_index():
    """Returns: the index of the maximum value along a given axis."""
    y = T.argmax(c, axis=0)
    has_value(y, (C[1] > C[0]).astype(int))
    assert y.dtype == "int64"


def test_argmax_of_equal_elements_is_the_first():
    """Returns: the index of the maximum value (the first one, as in numpy, where it is attained several times)."""
    has_value(T.argmax(c), 1, values=np.array([[[0.0, 3, 3, 1]]]))


def test_argmax_axis_none_is_over_the_flattened_tensor():
    """argmax: if axis=None, it is computed over the flattened tensor (like numpy)."""
    has_value(T.argmax(c, axis=None), C.argmax())


# -- max_and_argmax ---------------------------------------------------------------------------------------------------


def test_max_and_argmax_takes_a_symbolic_tensor_or_compatible():
    """max_and_argmax: x - symbolic Tensor (or compatible)."""
    largest, index = T.max_and_argmax([3, 9, 1])
    assert largest.eval() == 9 and index.eval() == 1


def test_max_and_argmax_axis():
    """max_and_argmax: axis - axis along which to compute the maximum and its index."""
    largest, index = T.max_and_argmax(c, axis=1)
    has_value(largest, C.max(axis=1))
    has_value(index, C.argmax(axis=1))


def test_max_and_argmax_keepdims_leaves_a_dimension_of_size_one():
    """max_and_argmax: keepdims - if set to True, the reduced axis is left in the result with size one."""
    for y in T.max_and_argmax(c, axis=1, keepdims=True):
        pattern_is(y, "010")
        assert y.eval({c: C}).shape == (2, 1, 4)


def test_max_and_argmax_keepdims_broadcasts_against_the_original():
    """max_and_argmax: with this option, the result will broadcast correctly against the original tensor."""
    largest, _ = T.max_and_argmax(c, axis=1, keepdims=True)
    has_value(T.ge(c, largest).sum(axis=1), np.ones((2, 4)))


def test_max_and_argmax_returns_both():
    """Returns: the maximum value along a given axis and its index."""
    largest, index = T.max_and_argmax(c, axis=0)
    assert (largest.dtype, index.dtype) == ("float64", "int64")
    both = tx.function([c], [largest, index])(C)
    np.testing.assert_array_equal(both[0], C.max(axis=0))
    np.testing.assert_array_equal(both[1], C.argmax(axis=0))


def test_max_and_argmax_axis_none_is_over_the_flattened_tensor():
    """max_and_argmax: if axis=None: over the flattened tensor (like numpy)."""
    largest, index = T.max_and_argmax(c, axis=None)
    has_value(largest, C.max())
    has_value(index, C.argmax())


def test_max_and_argmax_does_not_assume_the_last_axis():
    """max_and_argmax: older: then axis is assumed to be ndim(x)-1 (no longer: to get that, say so)."""
    assert T.max_and_argmax(c)[0].ndim == 0
    has_value(T.max_and_argmax(c, axis=c.ndim - 1)[1], C.argmax(axis=2))


# -- min --------------------------------------------------------------------------------------------------------------


def test_min_takes_a_symbolic_tensor_or_compatible():
    """min: x - symbolic Tensor (or compatible)."""
    has_value(T.min(c), -7.5)
    assert T.min([[4, 2], [3, 7]]).eval() == 2


def test_min_axis_is_axis_or_axes():
    """min: axis - axis or axes along which to compute the minimum."""
    has_value(T.min(c, axis=-1), C.min(axis=-1))
    has_value(T.min(c, axis=(1, 2)), C.min(axis=(1, 2)))


def test_min_keepdims_leaves_dimensions_of_size_one():
    """min: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.min(c, axis=[0, 1], keepdims=True)
    has_value(y, C.min(axis=(0, 1), keepdims=True))
    pattern_is(y, "110")


def test_min_keepdims_broadcasts_against_the_original():
    """min: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c - T.min(c, axis=0, keepdims=True), C - C.min(axis=0, keepdims=True))


def test_min_returns_the_minimum():
    """Returns: minimum of x along axis."""
    y = T.min(c, axis=0)
    has_value(y, np.minimum(C[0], C[1]))
    assert y.dtype == c.dtype


def test_min_axis_none():
    """min: axis None - in which case the minimum is computed along all axes (like numpy)."""
    has_value(T.min(c, axis=None), np.min(C))


def test_min_axis_int():
    """min: axis an int - computed along this axis."""
    has_value(T.min(c, axis=2), np.min(C, axis=2))


def test_min_axis_list():
    """min: axis a list of ints - computed along these axes."""
    has_value(T.min(c, axis=[0, 2]), np.min(C, axis=(0, 2)))


# -- argmin -----------------------------------------------------------------------------------------------------------


def test_argmin_takes_a_symbolic_tensor_or_compatible():
    """argmin: x - symbolic Tensor (or compatible)."""
    has_value(T.argmin(c), C.argmin())
    assert T.argmin([3, 9, 1]).eval() == 2


def test_argmin_axis():
    """argmin: axis - axis along which to compute the index of the minimum."""
    has_value(T.argmin(c, axis=1), C.argmin(axis=1))


def test_argmin_keepdims_leaves_dimensions_of_size_one():
    """argmin: keepdims - if this is set to True, the reduced axes are left as dimensions with size one."""
    y = T.argmin(c, axis=0, keepdims=True)
    has_value(y, np.expand_dims(C.argmin(axis=0), 0))
    pattern_is(y, "100")


def test_argmin_keepdims_broadcasts_against_the_original():
    """argmin: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c * T.argmin(c, axis=0, keepdims=True), C * np.expand_dims(C.argmin(axis=0), 0))


def test_argmin_returns_the_index():
    """Returns: the index of the minimum value along a given axis."""
    y = T.argmin(c, axis=0)
    has_value(y, (C[1] < C[0]).astype(int))
    assert y.dtype == "int64"


def test_argmin_of_unsigned_integers():
    """Returns: the index of the minimum value (of unsigned integers, too, whose negation wraps around)."""
    assert reduced(T.argmin, [3, 0, 200], "uint8") == 1


def test_argmin_axis_none_is_over_the_flattened_tensor():
    """argmin: if axis=None: over the flattened tensor (like numpy)."""
    has_value(T.argmin(c, axis=None), C.argmin())


def test_argmin_does_not_assume_the_last_axis():
    """argmin: older: then axis is assumed to be ndim(x)-1 (no longer: to get that, say so)."""
    assert T.argmin(c).ndim == 0
    has_value(T.argmin(c, axis=c.ndim - 1), C.argmin(axis=2))


# -- sum --------------------------------------------------------------------------------------------------------------


def test_sum_takes_a_symbolic_tensor_or_compatible():
    """sum: x - symbolic Tensor (or compatible)."""
    has_value(T.sum(c), C.sum())
    assert T.sum([[1, 2], [3, 4]]).eval() == 10


def test_sum_axis_is_one_axis_or_several():
    """sum: axis - one axis or several along which to compute the sum."""
    has_value(T.sum(c, axis=-1), C.sum(axis=-1))
    has_value(T.sum(c, axis=(0, -1)), C.sum(axis=(0, 2)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128", "int64", "uint64"])
def test_sum_default_dtype_is_the_input_dtype(dtype):
    """sum: dtype - the dtype of the returned tensor. If None, it is that of the input tensor, except when: ..."""
    assert T.sum(of(dtype), dtype=None).dtype == dtype
    assert reduced(T.sum, [1, 2], dtype).dtype == dtype


def test_sum_of_signed_integers_is_int64():
    """sum: ... the input dtype is a signed integer of precision < 64 bit, in which case we use int64."""
    assert [T.sum(of(dtype)).dtype for dtype in ("int8", "int16", "int32")] == ["int64"] * 3
    assert reduced(T.sum, [127, 127], "int8") == 254


def test_sum_of_unsigned_integers_is_uint64():
    """sum: ... the input dtype is an unsigned integer of precision < 64 bit, in which case we use uint64."""
    assert [T.sum(of(dtype)).dtype for dtype in ("uint8", "uint16", "uint32")] == ["uint64"] * 3
    assert reduced(T.sum, [255, 255], "uint8") == 510


@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "float64", "complex128"])
def test_sum_dtype_is_that_of_the_returned_tensor(dtype):
    """sum: dtype - the dtype of the returned tensor."""
    assert T.sum(of("int32"), dtype=dtype).dtype == dtype
    result = reduced(T.sum, [20, 30], "int32", dtype=dtype)
    assert result.dtype == dtype and result == 50


def test_sum_default_dtype_does_not_depend_on_acc_dtype():
    """sum: this default dtype does _not_ depend on the value of "acc_dtype"."""
    assert T.sum(of("float32"), acc_dtype="float64").dtype == "float32"
    assert T.sum(of("int8"), acc_dtype="float64").dtype == "int64"


def test_sum_keepdims_leaves_dimensions_of_size_one():
    """sum: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.sum(c, axis=[0, 2], keepdims=True)
    has_value(y, C.sum(axis=(0, 2), keepdims=True))
    pattern_is(y, "101")


def test_sum_keepdims_broadcasts_against_the_original():
    """sum: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c / T.sum(c, axis=1, keepdims=True), C / C.sum(axis=1, keepdims=True))


def test_sum_acc_dtype_is_the_accumulators():
    """sum: acc_dtype - the dtype of the internal accumulator."""
    # 2**24 + 1 is no float32.
    assert reduced(T.sum, [2**24, 1], "int64", acc_dtype="float32") == 2**24
    assert reduced(T.sum, [2**24, 1], "int64", acc_dtype="float64") == 2**24 + 1


def test_sum_acc_dtype_of_integers_is_at_least_int64():
    """sum: acc_dtype None: for int dtypes, we use at least int64."""
    # Accumulated as float32, the ones would be lost.
    assert reduced(T.sum, [2**24, 1, 1], "int32", dtype="float32") == 2**24 + 2
    assert reduced(T.sum, [2**31 - 1] * 3, "int32") == 3 * (2**31 - 1)


def test_sum_acc_dtype_of_unsigned_integers_is_at_least_uint64():
    """sum: acc_dtype None: for uint dtypes, we use at least uint64."""
    assert reduced(T.sum, [2**32 - 1] * 3, "uint32") == 3 * (2**32 - 1)
    assert reduced(T.sum, [2**63, 5], "uint64") == 2**63 + 5


def test_sum_acc_dtype_of_floats_is_at_least_float64():
    """sum: acc_dtype None: for float dtypes, we use at least float64."""
    result = reduced(T.sum, CANCELLING, "float32")
    assert result == 1 and result.dtype == "float32"


def test_sum_acc_dtype_of_complex_numbers_is_at_least_complex128():
    """sum: acc_dtype None: for complex dtypes, we use at least complex128."""
    result = reduced(T.sum, np.array(CANCELLING) * (1 + 1j), "complex64")
    assert result == 1 + 1j and result.dtype == "complex64"


def test_sum_in_float32_with_acc_dtype_float64():
    """sum: acc_dtype - the dtype of the internal accumulator (a float32 is summed in the float64 that is asked for)."""
    result = reduced(T.sum, CANCELLING, "float32", acc_dtype="float64")
    assert result == 1 and result.dtype == "float32"
    many = np.full(100_000, 0.1, "float32")
    assert reduced(T.sum, many, "float32", acc_dtype="float64") == np.float32(many.astype("float64").sum())


def test_sum_refuses_an_accumulator_that_loses():
    """sum: acc_dtype - ... or the input dtype if its precision is higher (a narrower one is refused)."""
    with pytest.raises(TypeError, match="acc_dtype float32"):
        T.sum(of("float64"), acc_dtype="float32")


def test_sum_axis_none():
    """sum: axis None - in which case the sum is computed along all axes (like numpy)."""
    has_value(T.sum(c, axis=None), np.sum(C))


def test_sum_axis_int():
    """sum: axis an int - computed along this axis."""
    has_value(T.sum(c, axis=1), np.sum(C, axis=1))


def test_sum_axis_list():
    """sum: axis a list of ints - computed along these axes."""
    has_value(T.sum(c, axis=[2, 0]), np.sum(C, axis=(0, 2)))


# -- prod -------------------------------------------------------------------------------------------------------------


def test_prod_takes_a_symbolic_tensor_or_compatible():
    """prod: x - symbolic Tensor (or compatible)."""
    has_value(T.prod(c), C.prod())
    assert T.prod([[1, 2], [3, 4]]).eval() == 24


def test_prod_axis_is_axis_or_axes():
    """prod: axis - axis or axes along which to compute the product."""
    has_value(T.prod(c, axis=-1), C.prod(axis=-1))
    has_value(T.prod(c, axis=(0, 1)), C.prod(axis=(0, 1)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "complex128", "int64", "uint64"])
def test_prod_default_dtype_is_the_input_dtype(dtype):
    """prod: dtype - the dtype of the returned tensor. If None, it is that of the input tensor, except when: ..."""
    assert T.prod(of(dtype), dtype=None).dtype == dtype
    assert reduced(T.prod, [3, 2], dtype).dtype == dtype


def test_prod_of_signed_integers_is_int64():
    """prod: ... the input dtype is a signed integer of precision < 64 bit, in which case we use int64."""
    assert [T.prod(of(dtype)).dtype for dtype in ("int8", "int16", "int32")] == ["int64"] * 3
    assert reduced(T.prod, [100, 100], "int8") == 10_000


def test_prod_of_unsigned_integers_is_uint64():
    """prod: ... the input dtype is an unsigned integer of precision < 64 bit, in which case we use uint64."""
    assert [T.prod(of(dtype)).dtype for dtype in ("uint8", "uint16", "uint32")] == ["uint64"] * 3
    assert reduced(T.prod, [200, 200], "uint8") == 40_000


@pytest.mark.parametrize("dtype", ["int8", "int64", "float32", "complex64"])
def test_prod_dtype_is_that_of_the_returned_tensor(dtype):
    """prod: dtype - the dtype of the returned tensor."""
    result = reduced(T.prod, [5, 7], "int32", dtype=dtype)
    assert T.prod(of("int32"), dtype=dtype).dtype == result.dtype == dtype and result == 35


def test_prod_default_dtype_does_not_depend_on_acc_dtype():
    """prod: this default dtype does _not_ depend on the value of "acc_dtype"."""
    assert T.prod(of("float32"), acc_dtype="float64").dtype == "float32"
    assert T.prod(of("uint8"), acc_dtype="float64").dtype == "uint64"


def test_prod_keepdims_leaves_dimensions_of_size_one():
    """prod: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.prod(c, axis=2, keepdims=True)
    has_value(y, C.prod(axis=2, keepdims=True))
    pattern_is(y, "001")


def test_prod_keepdims_broadcasts_against_the_original():
    """prod: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c + T.prod(c, axis=2, keepdims=True), C + C.prod(axis=2, keepdims=True))


def test_prod_acc_dtype_is_the_accumulators():
    """prod: acc_dtype - the dtype of the internal accumulator."""
    # 4097 squared is no float32.
    assert reduced(T.prod, [4097, 4097], "int64", acc_dtype="float32") == 4097**2 - 1
    assert reduced(T.prod, [4097, 4097], "int64", acc_dtype="float64") == 4097**2


def test_prod_acc_dtype_of_integers_is_at_least_int64():
    """prod: acc_dtype None: for int dtypes, we use at least int64."""
    assert reduced(T.prod, [2**31 - 1, 2**31 - 1], "int32") == (2**31 - 1) ** 2


def test_prod_acc_dtype_of_unsigned_integers_is_at_least_uint64():
    """prod: acc_dtype None: for uint dtypes, we use at least uint64."""
    assert reduced(T.prod, [2**32 - 1, 2**32 - 1], "uint32") == (2**32 - 1) ** 2


def test_prod_acc_dtype_of_floats_is_at_least_float64():
    """prod: acc_dtype None: for float dtypes, we use at least float64."""
    # In float32 this would be infinite on the way.
    result = reduced(T.prod, [1e30, 1e30, 1e-30, 1e-30], "float32")
    assert result == np.float32(1) and result.dtype == "float32"


def test_prod_acc_dtype_of_complex_numbers_is_at_least_complex128():
    """prod: acc_dtype None: for complex dtypes, we use at least complex128."""
    result = reduced(T.prod, [1e30j, 1e30j, 1e-30, 1e-30], "complex64")
    assert result == np.complex64(-1) and result.dtype == "complex64"


M = np.array([[2.0, 3, 4], [2, 0, 4], [0, 0, 4]])
m = T.dmatrix("m")


def test_grad_of_prod_without_zeros():
    """no_zeros_in_input: the grad of prod needs to handle 3 different cases: without zeros in the reduced group, ..."""
    has_value(T.grad(T.prod(m, axis=1).sum(), m)[0], [12, 8, 6], m, M)


def test_grad_of_prod_with_one_zero():
    """... with 1 zero ... (only the zero itself makes a difference) ..."""
    has_value(T.grad(T.prod(m, axis=1).sum(), m)[1], [0, 8, 0], m, M)


def test_grad_of_prod_with_more_zeros():
    """... or with more zeros (nothing makes a difference)."""
    has_value(T.grad(T.prod(m, axis=1).sum(), m)[2], [0, 0, 0], m, M)


def test_grad_of_prod_handles_each_group_by_itself():
    """... zeros in the input reduced group: each group along the axis is one of the 3 cases by itself."""
    has_value(T.grad(T.prod(m, axis=0).sum(), m), [[0, 0, 16], [0, 0, 16], [4, 0, 16]], m, M)
    has_value(T.grad(T.prod(m), m), np.zeros((3, 3)), m, M)


def test_prod_has_a_second_derivative_by_default():
    """So you cannot take the second derivative of the default prod(). (Here one can: it is right with zeros, too.)"""
    first = T.grad(T.prod(m, axis=1).sum(), m)
    has_value(T.grad(first[:, 0].sum(), m), [[0, 4, 3], [0, 4, 0], [0, 4, 0]], m, M)


def test_no_zeros_in_input_allows_the_second_derivative():
    """To remove the handling of the special cases of 0 and allow second derivative set no_zeros_in_inputs to True."""
    first = T.grad(T.prod(m, no_zeros_in_input=True), m)
    # For x y z the row of the second derivatives of x is (0, z, y).
    has_value(T.grad(first[0, 0], m), [[0, 4, 3]], m, M[:1])


def test_no_zeros_in_input_gives_the_same_gradient():
    """... remove the handling of the special cases of 0 (where there are none, nothing else changes)."""
    has_value(T.grad(T.prod(m, no_zeros_in_input=True), m), [[12, 8, 6]], m, M[:1])


def test_no_zeros_in_input_defaults_to_false():
    """It defaults to False."""
    for y in (T.prod(m), T.prod(m, no_zeros_in_input=False), m.prod()):
        has_value(T.grad(y, m), [[0, 8, 0]], m, M[1:2])


def test_no_zeros_in_input_is_the_users_responsibility():
    """It is the user responsibility to make sure there are no zeros in the inputs. If so, the grad will be wrong."""
    wrong = T.grad(T.prod(m, no_zeros_in_input=True), m).eval({m: M[1:2]})
    assert not np.array_equal(wrong, [[0, 8, 0]])


def test_prod_returns_the_product():
    """Returns: product of every term in x along axis."""
    has_value(T.prod(c, axis=0), C[0] * C[1])


def test_prod_axis_none():
    """prod: axis None - computed along all axes (like numpy)."""
    has_value(T.prod(c, axis=None), np.prod(C))


def test_prod_axis_int():
    """prod: axis an int - computed along this axis."""
    has_value(T.prod(c, axis=1), np.prod(C, axis=1))


def test_prod_axis_list():
    """prod: axis a list of ints - computed along these axes."""
    has_value(T.prod(c, axis=[1, 2]), np.prod(C, axis=(1, 2)))


# -- mean -------------------------------------------------------------------------------------------------------------


def test_mean_takes_a_symbolic_tensor_or_compatible():
    """mean: x - symbolic Tensor (or compatible)."""
    has_value(T.mean(c), C.mean())
    assert T.mean([[1, 2], [3, 4]]).eval() == 2.5


def test_mean_axis_is_axis_or_axes():
    """mean: axis - axis or axes along which to compute the mean."""
    has_value(T.mean(c, axis=-2), C.mean(axis=1))
    has_value(T.mean(c, axis=(0, 1)), C.mean(axis=(0, 1)))


def test_mean_dtype_is_what_the_inner_sum_is_cast_to():
    """mean: dtype - the dtype to cast the result of the inner summation into."""
    assert T.mean(of("float32"), dtype="float64").dtype == "float64"
    # The sum, 1.2, becomes 1.
    assert reduced(T.mean, [0.6, 0.6], "float32", dtype="int64") == 0.5


def test_mean_of_float32_is_summed_in_float64():
    """mean: by default, a sum of a float32 tensor will be done in float64, but casted back in float32."""
    result = reduced(T.mean, CANCELLING, "float32")
    assert result.dtype == "float32" and result == np.float32(1) / np.float32(3)


def test_mean_keepdims_leaves_dimensions_of_size_one():
    """mean: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.mean(c, axis=[0, 1], keepdims=True)
    has_value(y, C.mean(axis=(0, 1), keepdims=True))
    pattern_is(y, "110")


def test_mean_keepdims_broadcasts_against_the_original():
    """mean: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c - T.mean(c, axis=1, keepdims=True), C - C.mean(axis=1, keepdims=True))


def test_mean_acc_dtype_is_that_of_the_inner_sum():
    """mean: acc_dtype - the dtype of the internal accumulator of the inner summation."""
    assert reduced(T.mean, [2**24, 1], "int64", acc_dtype="float32") == 2.0**23
    assert reduced(T.mean, [2**24, 1], "int64", acc_dtype="float64") == 2.0**23 + 0.5


def test_mean_acc_dtype_is_not_necessarily_the_outputs():
    """mean: this will not necessarily be the dtype of the output (if discrete, the output will be in a float type)."""
    assert T.mean(of("int8"), acc_dtype="int64").dtype == "float64"
    assert T.mean(of("float32"), acc_dtype="float64").dtype == "float32"


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8", "uint64"])
def test_mean_of_integers_is_a_float(dtype):
    """mean: in particular if it is a discrete (int/uint) dtype, the output will be in a float type."""
    result = reduced(T.mean, [1, 2], dtype)
    assert T.mean(of(dtype)).dtype == result.dtype == "float64" and result == 1.5


def test_mean_acc_dtype_none_follows_sum():
    """mean: acc_dtype - if None, then we use the same rules as sum()."""
    assert reduced(T.mean, [2**32 - 1] * 4, "uint32") == 2**32 - 1
    assert reduced(T.mean, np.array(CANCELLING) * 3j, "complex64") == np.complex64(1j)


def test_mean_returns_the_mean():
    """Returns: mean value of x along axis."""
    has_value(T.mean(c, axis=0), (C[0] + C[1]) / 2)


def test_mean_axis_none():
    """mean: axis None - in which case the mean is computed along all axes (like numpy)."""
    has_value(T.mean(c, axis=None), np.mean(C))


def test_mean_axis_int():
    """mean: axis an int - computed along this axis."""
    has_value(T.mean(c, axis=2), np.mean(C, axis=2))


def test_mean_axis_list():
    """mean: axis a list of ints - computed along these axes."""
    has_value(T.mean(c, axis=[0, 2]), np.mean(C, axis=(0, 2)))


# -- var --------------------------------------------------------------------------------------------------------------


def test_var_takes_a_symbolic_tensor_or_compatible():
    """var: x - symbolic Tensor (or compatible)."""
    has_value(T.var(c), C.var())
    assert T.var([1, 3]).eval() == 1


def test_var_axis_is_axis_or_axes():
    """var: axis - axis or axes along which to compute the variance."""
    has_value(T.var(c, axis=-1), C.var(axis=-1))
    has_value(T.var(c, axis=(0, 1)), C.var(axis=(0, 1)))


def test_var_keepdims_leaves_dimensions_of_size_one():
    """var: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.var(c, axis=1, keepdims=True)
    has_value(y, C.var(axis=1, keepdims=True))
    pattern_is(y, "010")


def test_var_keepdims_broadcasts_against_the_original():
    """var: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c / T.var(c, axis=1, keepdims=True), C / C.var(axis=1, keepdims=True))


def test_var_returns_the_variance():
    """Returns: variance of x along axis."""
    has_value(T.var(c, axis=0), ((C[0] - C[1]) / 2) ** 2)


def test_var_axis_none():
    """var: axis None - in which case the variance is computed along all axes (like numpy)."""
    has_value(T.var(c, axis=None), np.var(C))


def test_var_axis_int():
    """var: axis an int - computed along this axis."""
    has_value(T.var(c, axis=2), np.var(C, axis=2))


def test_var_axis_list():
    """var: axis a list of ints - computed along these axes."""
    has_value(T.var(c, axis=[0, 2]), np.var(C, axis=(0, 2)))


# -- std --------------------------------------------------------------------------------------------------------------


def test_std_takes_a_symbolic_tensor_or_compatible():
    """std: x - symbolic Tensor (or compatible)."""
    has_value(T.std(c), C.std())
    assert T.std([2, 6]).eval() == 2


def test_std_axis_is_axis_or_axes():
    """std: axis - axis or axes along which to compute the standard deviation."""
    has_value(T.std(c, axis=-1), C.std(axis=-1))
    has_value(T.std(c, axis=(0, 1)), C.std(axis=(0, 1)))


def test_std_keepdims_leaves_dimensions_of_size_one():
    """std: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.std(c, axis=[1, 2], keepdims=True)
    has_value(y, C.std(axis=(1, 2), keepdims=True))
    pattern_is(y, "011")


def test_std_keepdims_broadcasts_against_the_original():
    """std: with this option, the result will broadcast correctly against the original tensor."""
    has_value(c / T.std(c, axis=1, keepdims=True), C / C.std(axis=1, keepdims=True))


def test_std_returns_the_root_of_the_variance():
    """Returns: variance of x along axis (its square root: the standard deviation)."""
    has_value(T.std(c, axis=0), abs(C[0] - C[1]) / 2)


def test_std_axis_none():
    """std: axis None - in which case the standard deviation is computed along all axes (like numpy)."""
    has_value(T.std(c, axis=None), np.std(C))


def test_std_axis_int():
    """std: axis an int - computed along this axis."""
    has_value(T.std(c, axis=2), np.std(C, axis=2))


def test_std_axis_list():
    """std: axis a list of ints - computed along these axes."""
    has_value(T.std(c, axis=[0, 2]), np.std(C, axis=(0, 2)))


# -- all --------------------------------------------------------------------------------------------------------------


def test_all_takes_a_symbolic_tensor_or_compatible():
    """all: x - symbolic Tensor (or compatible)."""
    has_value(T.all(b), 0, b, B)
    assert T.all([1, 1]).eval() == 1 and T.all(np.array([1, 0])).eval() == 0


def test_all_axis_is_axis_or_axes():
    """all: axis - axis or axes along which to apply 'bitwise and'."""
    has_value(T.all(b, axis=-1), B.all(axis=-1), b, B)
    has_value(T.all(b, axis=(0, -1)), B.all(axis=(0, 2)), b, B)


def test_all_keepdims_leaves_dimensions_of_size_one():
    """all: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.all(b, axis=1, keepdims=True)
    has_value(y, B.all(axis=1, keepdims=True), b, B)
    pattern_is(y, "010")


def test_all_keepdims_broadcasts_against_the_original():
    """all: with this option, the result will broadcast correctly against the original tensor."""
    has_value(b * T.all(b, axis=2, keepdims=True), B * B.all(axis=2, keepdims=True), b, B)


def test_all_returns_bitwise_and():
    """Returns: bitwise and of x along axis."""
    y = T.all(b, axis=0)
    has_value(y, np.bitwise_and.reduce(B, axis=0), b, B)
    assert y.dtype == "int8"


def test_all_axis_none():
    """all: axis None - in which case the 'bitwise and' is computed along all axes (like numpy)."""
    has_value(T.all(b, axis=None), 1, b, np.ones_like(B))


def test_all_axis_int():
    """all: axis an int - computed along this axis."""
    has_value(T.all(b, axis=1), B.all(axis=1), b, B)


def test_all_axis_list():
    """all: axis a list of ints - computed along these axes."""
    has_value(T.all(b, axis=[1, 2]), B.all(axis=(1, 2)), b, B)


# -- any --------------------------------------------------------------------------------------------------------------


def test_any_takes_a_symbolic_tensor_or_compatible():
    """any: x - symbolic Tensor (or compatible)."""
    has_value(T.any(b), 1, b, B)
    assert T.any([0, 0]).eval() == 0 and T.any(np.array([1, 0])).eval() == 1


def test_any_axis_is_axis_or_axes():
    """any: axis - axis or axes along which to apply bitwise or."""
    has_value(T.any(b, axis=-1), B.any(axis=-1), b, B)
    has_value(T.any(b, axis=(0, -1)), B.any(axis=(0, 2)), b, B)


def test_any_keepdims_leaves_dimensions_of_size_one():
    """any: keepdims - if this is set to True, the axes which are reduced are left as dimensions with size one."""
    y = T.any(b, axis=2, keepdims=True)
    has_value(y, B.any(axis=2, keepdims=True), b, B)
    pattern_is(y, "001")


def test_any_keepdims_broadcasts_against_the_original():
    """any: with this option, the result will broadcast correctly against the original tensor."""
    has_value(b + T.any(b, axis=2, keepdims=True), B + B.any(axis=2, keepdims=True), b, B)


def test_any_returns_bitwise_or():
    """Returns: bitwise or of x along axis."""
    y = T.any(b, axis=2)
    has_value(y, np.bitwise_or.reduce(B, axis=2), b, B)
    assert y.dtype == "int8"


def test_any_axis_none():
    """any: axis None - in which case the 'bitwise or' is computed along all axes (like numpy)."""
    has_value(T.any(b, axis=None), 0, b, np.zeros_like(B))


def test_any_axis_int():
    """any: axis an int - computed along this axis."""
    has_value(T.any(b, axis=2), B.any(axis=2), b, B)


def test_any_axis_list():
    """any: axis a list of ints - computed along these axes."""
    has_value(T.any(b, axis=[1, 2]), B.any(axis=(1, 2)), b, B)


# -- ptp --------------------------------------------------------------------------------------------------------------


def test_ptp_is_maximum_minus_minimum():
    """ptp: range of values (maximum - minimum) along an axis (peak to peak)."""
    has_value(T.ptp(c, axis=0), C.max(axis=0) - C.min(axis=0))


def test_ptp_takes_a_tensor():
    """ptp: x - input tensor."""
    assert T.ptp([4, 9, 1]).eval() == 8
    assert T.ptp(of("float32", 2), axis=1).dtype == "float32"


def test_ptp_axis():
    """ptp: axis - axis along which to find the peaks."""
    has_value(T.ptp(c, axis=1), np.ptp(C, axis=1))
    has_value(T.ptp(c, axis=-1), np.ptp(C, axis=-1))


def test_ptp_flattens_by_default():
    """ptp: by default, flatten the array."""
    y = T.ptp(c)
    has_value(y, 23)
    assert y.ndim == 0


def test_ptp_returns_a_new_array():
    """ptp: Returns: a new array holding the result."""
    given = C.copy()
    result = T.ptp(c, axis=0).eval({c: given})
    assert not np.shares_memory(result, given)
    np.testing.assert_array_equal(given, C)
