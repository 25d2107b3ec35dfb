"""The page's section on indexing. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

C = np.arange(24.0).reshape(2, 3, 4)
c = T.dtensor3("c")
R = np.arange(12, dtype="int32")


def nine():
    """The page's example: the numbers below nine, 3 x 3."""
    return T.arange(9).reshape((3, 3))


# -- reading ----------------------------------------------------------------------------------------------------------


def test_basic_and_advanced_indexing_are_distinguished():
    """Like NumPy, Theano distinguishes between basic and advanced indexing."""
    # Slices make a grid, index arrays are walked in step.
    assert c[0:2, 0:2, 0].ndim == 2 and c[[0, 1], [0, 1], 0].ndim == 1
    np.testing.assert_array_equal(c[0:2, 0:2, 0].eval({c: C}), C[0:2, 0:2, 0])
    np.testing.assert_array_equal(c[[0, 1], [0, 1], 0].eval({c: C}), [C[0, 0, 0], C[1, 1, 0]])


@pytest.mark.parametrize(
    "key",
    [
        1,
        -1,
        (0, -2, 3),
        slice(1, None),
        (slice(None), slice(None, None, -1)),
        (slice(None), slice(None), slice(-1, 0, -2)),
        (Ellipsis, 1),
        (0, Ellipsis),
        (None, 1),
        (slice(None), None, 1),
        (slice(5, 1), 0),
    ],
    ids=["int", "negative", "ints", "start", "reversed", "steps", "ellipsis", "first", "newaxis", "inside", "empty"],
)
def test_basic_indexing_is_fully_supported(key):
    """Theano fully supports basic indexing (see NumPy's indexing)."""
    value = c[key].eval({c: C})
    np.testing.assert_array_equal(value, C[key])
    assert c[key].ndim == C[key].ndim and value.shape == C[key].shape


def test_basic_indexing_with_symbolic_bounds():
    """Theano fully supports basic indexing (the numbers may be symbolic)."""
    i, j = T.lscalars("i", "j")
    f = tx.function([c, i, j], [c[i, j], c[:, i:j, ::-1], c[i:, -j]])
    for start, stop in ((0, 2), (1, 2), (-1, 1)):
        element, span, rest = f(C, start, stop)
        np.testing.assert_array_equal(element, C[start, stop])
        np.testing.assert_array_equal(span, C[:, start:stop, ::-1])
        np.testing.assert_array_equal(rest, C[start:, -stop])


@pytest.mark.parametrize(
    "key",
    [
        ([1, 0, 1],),
        ([1, 0], [2, -1]),
        (slice(None), [2, 0], slice(1, 3)),
        ([0, 1], slice(None), [3, 0]),
        (1, [0, 2]),
        (np.array([[0, 1], [1, 1]]),),
        ([[1], [0]], [0, 2]),
        (slice(None), None, [2, 0]),
    ],
    ids=["vector", "pair", "with slices", "apart", "with int", "matrix", "broadcast", "with newaxis"],
)
def test_integer_advanced_indexing_is_supported(key):
    """Theano fully supports ... integer advanced indexing."""
    value = c[key].eval({c: C})
    np.testing.assert_array_equal(value, C[key])
    assert value.shape == C[key].shape


def test_integer_advanced_indexing_with_a_symbolic_array():
    """Theano fully supports ... integer advanced indexing (the array may be symbolic)."""
    index = T.lvector("index")
    np.testing.assert_array_equal(c[:, index].eval({c: C, index: [2, 2, 0]}), C[:, [2, 2, 0]])


def test_boolean_masks_are_not_supported():
    """We do not support boolean masks, as Theano does not have a boolean type ..."""
    with pytest.raises(TypeError, match="boolean mask"):
        c[np.array([True, False])]


def test_logic_operators_give_int8():
    """... (we use int8 for the output of logic operators)."""
    assert (c > 4).dtype == T.eq(c, 4).dtype == "int8"
    assert (nine() > 4).eval().dtype == "int8"


def test_numpy_with_a_mask():
    """NumPy with a mask: n[n > 4] is array([5, 6, 7, 8])."""
    n = np.arange(9).reshape(3, 3)
    assert n[n > 4].tolist() == [5, 6, 7, 8]


def test_theano_with_a_mask_raises_type_error():
    """Theano indexing with a "mask" (incorrect approach): t[t > 4].eval() raises TypeError."""
    t = nine()
    with pytest.raises(TypeError) as raised:
        t[t > 4].eval()
    assert " ".join(str(raised.value).split()) == (
        "TensorType does not support boolean mask for indexing such as tensor[x==0]. "
        "Instead you can use non_zeros() such as tensor[(x == 0).nonzeros()]. "
        "If you are indexing on purpose with an int8, please cast it to int16."
    )


def test_int8_index_is_refused():
    """(The same message:) if you are indexing on purpose with an int8 ... (it is refused) ..."""
    with pytest.raises(TypeError, match="int8"):
        nine()[T.bvector()]


def test_int8_index_cast_to_int16_is_taken():
    """... please cast it to int16."""
    t = nine()
    index = T.bvector("index")
    chosen = t[T.cast(index, "int16")].eval({index: np.array([2, 0], "int8")})
    assert chosen.tolist() == [[6, 7, 8], [0, 1, 2]]
    # The numbers of a mask are then indices: that is why it is the incorrect approach.
    assert t[T.cast(t > 4, "int16")].eval().shape == (3, 3, 3)


def test_theano_with_nonzero():
    """t[(t > 4).nonzero()].eval() is array([5, 6, 7, 8])."""
    t = nine()
    value = t[(t > 4).nonzero()].eval()
    assert value.tolist() == [5, 6, 7, 8] and value.dtype == "int64"


# -- writing ----------------------------------------------------------------------------------------------------------


def test_index_assignment_is_not_supported():
    """Index-assignment is not supported: a[5] = b and a[5] += b ..."""
    a, y = T.dvector("a"), T.dscalar("y")
    with pytest.raises(TypeError, match="does not support item assignment"):
        a[5] = y
    with pytest.raises(TypeError, match="does not support item assignment"):
        a[5] += y


def test_what_to_use_in_place_of_index_assignment():
    """... if you want to do something like a[5] = b or a[5] += b, see set_subtensor() and inc_subtensor()."""
    a, y = T.dvector("a"), T.dscalar("y")
    f = tx.function([a, y], [T.set_subtensor(a[5], y), T.inc_subtensor(a[5], y)])
    put, added = f(np.arange(7.0), 10)
    assert put.tolist() == [0, 1, 2, 3, 4, 10, 6] and added.tolist() == [0, 1, 2, 3, 4, 15, 6]


def test_set_subtensor_returns_x_with_the_subtensor_overwritten():
    """set_subtensor: return x with the given subtensor overwritten by y."""
    y = T.set_subtensor(c[:, 1], -1.0)
    expected = C.copy()
    expected[:, 1] = -1
    given = C.copy()
    np.testing.assert_array_equal(y.eval({c: given}), expected)
    np.testing.assert_array_equal(given, C)
    assert y.type == c.type


def test_set_subtensor_x_is_the_lvalue():
    """set_subtensor: x - symbolic variable for the lvalue of the = operation (the result of indexing)."""
    with pytest.raises(TypeError, match="x must be the result of a subtensor operation"):
        T.set_subtensor(c, 5)


def test_set_subtensor_y_is_the_rvalue():
    """set_subtensor: y - symbolic variable for the rvalue of the = operation (broadcast and cast as there)."""
    y = T.fvector("y")
    expected = C.copy()
    expected[0, 1:] = [1, 2, 3, 4]
    value = T.set_subtensor(c[0, 1:], y).eval({c: C, y: np.array([1, 2, 3, 4], "float32")})
    np.testing.assert_array_equal(value, expected)
    with pytest.raises(TypeError, match="Trying to increment a 1-dimensional subtensor with a 3-dimensional value"):
        T.set_subtensor(c[0, 1], c)


def test_set_subtensor_tolerate_inplace_aliasing():
    """set_subtensor: tolerate_inplace_aliasing - see inc_subtensor for documentation."""
    y = T.set_subtensor(c[0], c[1], tolerate_inplace_aliasing=True)
    np.testing.assert_array_equal(y.eval({c: C}), C[[1, 1]])


def test_set_subtensor_example():
    """To replicate the numpy expression "r[10:] = 5", type: r = ivector(); new_r = set_subtensor(r[10:], 5)."""
    r = T.ivector()
    new_r = T.set_subtensor(r[10:], 5)
    expected = R.copy()
    expected[10:] = 5
    value = new_r.eval({r: R})
    np.testing.assert_array_equal(value, expected)
    assert new_r.dtype == value.dtype == "int32"


def test_inc_subtensor_returns_x_with_the_subtensor_incremented():
    """inc_subtensor: return x with the given subtensor incremented by y."""
    expected = C.copy()
    expected[:, 1, ::2] += 2
    np.testing.assert_array_equal(T.inc_subtensor(c[:, 1, ::2], 2.0).eval({c: C}), expected)


def test_inc_subtensor_x_is_the_symbolic_result_of_a_subtensor_operation():
    """inc_subtensor: x - the symbolic result of a Subtensor operation."""
    with pytest.raises(TypeError, match="x must be the result of a subtensor operation"):
        T.inc_subtensor(c + 1, 5)
    np.testing.assert_array_equal(T.inc_subtensor(c[[0, 0]], 1.0).eval({c: C}), C + np.array([2, 0])[:, None, None])


def test_inc_subtensor_y_is_the_amount():
    """inc_subtensor: y - the amount by which to increment the subtensor in question."""
    y = T.dvector("y")
    expected = C.copy()
    expected[1] += [1, 2, 3, 4]
    np.testing.assert_array_equal(T.inc_subtensor(c[1], y).eval({c: C, y: [1, 2, 3, 4]}), expected)


def test_inc_subtensor_inplace_is_not_for_users():
    """inc_subtensor: inplace - don't use. Theano will do it when possible."""
    state = tx.shared(np.zeros(4), name="state")
    f = tx.function([], [], updates=[(state, T.inc_subtensor(state[1:3], 1.0))])
    for _ in range(2):
        f()
    assert state.get_value().tolist() == [0, 2, 2, 0]


def test_inc_subtensor_set_instead_of_inc():
    """inc_subtensor: set_instead_of_inc - if True, do a set_subtensor instead."""
    y = T.inc_subtensor(c[0, 0], 7.0, set_instead_of_inc=True)
    assert y.owner.op == T.set_subtensor(c[0, 0], 7.0).owner.op
    expected = C.copy()
    expected[0, 0] = 7
    np.testing.assert_array_equal(y.eval({c: C}), expected)


def test_inc_subtensor_tolerate_inplace_aliasing():
    """tolerate_inplace_aliasing: allow x and y to be views of a single underlying array ..."""
    y = T.inc_subtensor(c[0], c[1], tolerate_inplace_aliasing=True)
    np.testing.assert_array_equal(y.eval({c: C}), np.stack([C[0] + C[1], C[1]]))


def test_aliasing_has_no_effect_when_not_inplace():
    """... if inplace=False, this value has no effect (then overlapping views give the correct result)."""
    for tolerate in (False, True):
        y = T.inc_subtensor(c[:, 1:], c[:, :-1], inplace=False, tolerate_inplace_aliasing=tolerate)
        expected = C.copy()
        expected[:, 1:] += C[:, :-1]
        np.testing.assert_array_equal(y.eval({c: C}), expected)


def test_inc_subtensor_example():
    """To replicate the numpy expression "r[10:] += 5", type: r = ivector(); new_r = inc_subtensor(r[10:], 5)."""
    r = T.ivector()
    new_r = T.inc_subtensor(r[10:], 5)
    expected = R.copy()
    expected[10:] += 5
    value = new_r.eval({r: R})
    np.testing.assert_array_equal(value, expected)
    assert new_r.dtype == value.dtype == "int32"
