"""The page's sections on shaping and shuffling. Each docstring is a statement of the page; its test proves it."""

import numpy as np
import pytest

import tx
import tx.tensor as T

x = T.dmatrix("x")
t4 = T.dtensor4("t4")
A = np.arange(6.0).reshape(2, 3)


# -- shape and reshape ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3, 4)])
def test_shape(shape):
    """shape(x): returns an lvector representing the shape of x."""
    v = T.TensorType("float32", (False,) * len(shape))("v")
    assert T.shape(v).type == T.lvector
    assert tuple(T.shape(v).eval({v: np.zeros(shape, "float32")})) == shape


@pytest.mark.parametrize("new", [(3, 2), (6,), (1, 6), (-1,), (2, -1), (3, 1, 2)])
def test_reshape(new):
    """reshape(x, newshape, ndim=None): newshape is an lvector, or compatible with it."""
    np.testing.assert_array_equal(T.reshape(x, new).eval({x: A}), A.reshape(new))
    np.testing.assert_array_equal(T.reshape(x, np.array(new)).eval({x: A}), A.reshape(new))
    assert T.reshape(x, new).ndim == len(new)


def test_reshape_to_a_variable():
    """ndim: the length that the value of newshape will have; if it is None, it is inferred from newshape."""
    new = T.lvector("new")
    assert T.reshape(x, new, ndim=3).eval({x: A, new: [1, 2, 3]}).shape == (1, 2, 3)
    assert T.reshape(x, T.shape(x)[::-1], ndim=2).eval({x: A}).shape == (3, 2)
    with pytest.raises(ValueError, match="ndim"):
        T.reshape(x, new)


def test_reshape_of_another_length():
    """A newshape whose value has not length ndim raises."""
    new = T.lvector("new")
    with pytest.raises(ValueError):
        T.reshape(x, new, ndim=3).eval({x: A, new: [2, 3]})


def test_reshape_of_another_size():
    """A shape of another number of elements raises ValueError."""
    with pytest.raises(ValueError):
        T.reshape(x, (4, 2)).eval({x: A})


# -- padding the shape ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_ones", [1, 2])
def test_shape_padleft(n_ones):
    """shape_padleft(x, n_ones=1): left padding the shape with n_ones 1s, all of them broadcastable."""
    y = T.shape_padleft(x, n_ones)
    assert y.broadcastable == (True,) * n_ones + (False, False)
    assert y.eval({x: A}).shape == (1,) * n_ones + (2, 3)
    assert T.shape_padleft(x).ndim == 3


@pytest.mark.parametrize("n_ones", [1, 2])
def test_shape_padright(n_ones):
    """shape_padright(x, n_ones=1): right padding the shape with n_ones 1s, all of them broadcastable."""
    y = T.shape_padright(x, n_ones)
    assert y.broadcastable == (False, False) + (True,) * n_ones
    assert y.eval({x: A}).shape == (2, 3) + (1,) * n_ones
    assert T.shape_padright(x).ndim == 3


@pytest.mark.parametrize("pad", [T.shape_padleft, T.shape_padright, lambda v: T.shape_padaxis(v, 0)])
def test_padding_is_made_non_broadcastable(pad):
    """To make them non-broadcastable see unbroadcast()."""
    y = pad(x)
    (axis,) = (d for d in range(3) if y.broadcastable[d])
    assert T.unbroadcast(y, axis).broadcastable == (False, False, False)


@pytest.mark.parametrize(("axis", "position"), [(0, 0), (1, 1), (3, 3), (-1, 3), (-2, 2)])
def test_shape_padaxis(axis, position):
    """shape_padaxis(t, axis): inserting 1 at the dimension axis: axis = 0, 1, 3 and -1 of a tensor3."""
    tensor = T.tensor3("tensor", "float64")
    y = T.shape_padaxis(tensor, axis)
    assert y.broadcastable == tuple(d == position for d in range(4))
    assert y.eval({tensor: np.zeros((2, 3, 4))}).shape == np.expand_dims(np.zeros((2, 3, 4)), position).shape


def test_shape_padaxis_out_of_range():
    """An axis that the result has not raises IndexError."""
    with pytest.raises(IndexError):
        T.shape_padaxis(x, 4)


# -- broadcast patterns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [(0,), (0, 2)])
def test_unbroadcast(axes):
    """unbroadcast(x, *axes): x is impossible to broadcast along these axes."""
    t = T.TensorType("float64", (True, False, True))("t")
    y = T.unbroadcast(t, *axes)
    assert y.broadcastable == tuple(b and d not in axes for d, b in enumerate(t.broadcastable))
    assert y.eval({t: np.ones((1, 2, 1))}).shape == (1, 2, 1)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_addbroadcast(axes):
    """addbroadcast(x, 0) will make the first dimension of x broadcastable."""
    y = T.addbroadcast(x, *axes)
    assert y.broadcastable == tuple(d in axes for d in range(2))
    shape = [1 if d in axes else 3 for d in range(2)]
    assert y.eval({x: np.ones(shape)}).shape == tuple(shape)


@pytest.mark.parametrize("make", [lambda: T.addbroadcast(x, 0), lambda: T.patternbroadcast(x, (True, False))])
def test_length_must_be_one(make):
    """When performing the function, if the length of x along that dimension is not 1, a ValueError will be raised."""
    with pytest.raises(ValueError):
        make().eval({x: A})


@pytest.mark.parametrize("pattern", [(True, False), [False, True], (True, True), np.array([False, False])])
def test_patternbroadcast(pattern):
    """patternbroadcast(x, (True, False)): the first dimension broadcastable, the second not, so x is now a row."""
    y = T.patternbroadcast(x, pattern)
    assert y.broadcastable == tuple(bool(b) for b in pattern)
    shape = [1 if b else 2 for b in pattern]
    assert y.eval({x: np.ones(shape)}).shape == tuple(shape)


def test_broadcastable_must_be_iterable():
    """broadcastable must be iterable."""
    with pytest.raises(TypeError):
        T.patternbroadcast(x, 1)


def test_patternbroadcast_can_remove():
    """A dimension that was broadcastable is no longer."""
    row = T.drow("row")
    assert T.patternbroadcast(row, (False, False)).broadcastable == (False, False)


# -- flatten, tile, roll ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outdim", "shape"), [(1, (120,)), (2, (2, 60)), (3, (2, 3, 20)), (4, (2, 3, 4, 5))])
def test_flatten(outdim, shape):
    """flatten(x, outdim): the leading outdim-1 dimensions as in x, the remaining ones collapsed into the last."""
    value = np.arange(120.0).reshape(2, 3, 4, 5)
    np.testing.assert_array_equal(T.flatten(t4, outdim).eval({t4: value}), value.reshape(shape))
    assert T.flatten(t4, outdim).ndim == outdim


def test_flatten_by_default():
    """flatten(x, outdim=1)."""
    assert T.flatten(t4).ndim == 1


def test_flatten_example():
    """If we flatten a tensor of shape (2, 3, 4, 5) with flatten(x, outdim=2), the output has shape (2, 60)."""
    assert T.flatten(t4, outdim=2).eval({t4: np.zeros((2, 3, 4, 5))}).shape == (2, 60)


@pytest.mark.parametrize("outdim", [0, 5, -1])
def test_flatten_to_an_impossible_rank(outdim):
    """outdim: the number of dimensions in the returned variable; more than x has, or fewer than 1, raise ValueError."""
    with pytest.raises(ValueError):
        T.flatten(t4, outdim)


@pytest.mark.parametrize("reps", [(2, 1), (1, 3), (2, 2), (0, 1)])
def test_tile(reps):
    """tile(x, reps): repeating the input according to reps, for each dimension how many times; see numpy.tile."""
    np.testing.assert_array_equal(T.tile(x, reps).eval({x: A}), np.tile(A, reps))
    np.testing.assert_array_equal(T.tile(x, reps, ndim=2).eval({x: A}), np.tile(A, reps))


def test_tile_of_another_rank():
    """x.ndim and len(reps) need not be equal in tx: as in numpy, the shorter one is padded on the left."""
    np.testing.assert_array_equal(T.tile(x, (2, 1, 2)).eval({x: A}), np.tile(A, (2, 1, 2)))
    np.testing.assert_array_equal(T.tile(x, 2).eval({x: A}), np.tile(A, 2))
    np.testing.assert_array_equal(T.tile(x, (2, 1), ndim=3).eval({x: A}), np.tile(A, (1, 2, 1)))


@pytest.mark.parametrize("shift", [0, 1, -1, 4])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_roll(shift, axis):
    """roll(x, shift, axis=None): syntax and result are those of numpy.roll."""
    np.testing.assert_array_equal(T.roll(x, shift, axis).eval({x: A}), np.roll(A, shift, axis))


def test_roll_by_a_variable():
    """shift: int (symbolic or literal), the number of places by which elements are shifted."""
    n = T.lscalar("n")
    f = tx.function([x, n], T.roll(x, n, axis=1))
    for shift in (-2, 0, 1, 5):
        np.testing.assert_array_equal(f(A, shift), np.roll(A, shift, axis=1))


def test_roll_flattens_by_default():
    """By default, the array is flattened before shifting, after which the original shape is restored."""
    assert T.roll(x, 1).eval({x: A}).tolist() == [[5, 0, 1], [2, 3, 4]]
