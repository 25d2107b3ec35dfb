"""Parts of arrays at places that data decide: numpy takes and writes what XLA does, also out of range."""

import jax
import numpy as np
import pytest
from jax import lax

import tx
import tx.tensor as T
from tx.lowering.by_numpy import by_numpy
from tx.lowering.device import in_x64

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="numpy stands in for XLA on the CPU")

RNG = np.random.RandomState(0)
V, M, C = (RNG.randn(*shape).astype("float32") for shape in ((9,), (5, 7), (3, 4, 5)))
CLIP, PROMISED = lax.GatherScatterMode.CLIP, lax.GatherScatterMode.PROMISE_IN_BOUNDS


def gathered(shape, named, others, mode=PROMISED):
    """A gather of whole rows along the axes that are not `named`."""
    numbers = lax.GatherDimensionNumbers(others, named, named)
    sizes = [1 if d in named else n for d, n in enumerate(shape)]
    return lambda x, i: lax.gather(x, i, numbers, sizes, mode=mode)


ZERO, ONE = np.int32(0), np.int32(1)


def at(*places):
    return np.array(places, "int32")


def added(x, i, numbers):
    """`x` with numbers added at places that are there."""
    return lax.scatter_add(
        x, jax.numpy.expand_dims(i, 1), numbers, lax.ScatterDimensionNumbers((), (0,), (0,)), mode="promise_in_bounds"
    )


#: name -> (a function of arrays, arguments)
CASES = {
    "an element": (lambda x, i: lax.dynamic_slice(x, [i], [1]), V, 3),
    "an element as a number": (lambda x, i: lax.reshape(lax.dynamic_slice(x, [i], [1]), ()), V, 8),
    "beyond the end": (lambda x, i: lax.dynamic_slice(x, [i], [1]), V, 20),
    "before the start": (lambda x, i: lax.dynamic_slice(x, [i], [3], allow_negative_indices=False), V, -4),
    "a window": (lambda x, i: lax.dynamic_slice(x, [i], [4]), V, 2),
    "a window that does not fit": (lambda x, i: lax.dynamic_slice(x, [i], [4]), V, 7),
    "rows": (lambda x, i: lax.dynamic_slice(x, [i, ZERO], [2, 7]), M, 2),
    "a block": (lambda x, i, j: lax.dynamic_slice(x, [i, j], [2, 3]), M, 2, 6),
    "one of a matrix": (lambda x, i, j: lax.dynamic_slice(x, [i, j], [1, 1]), M, 2, 6),
    "all": (lambda x, i: lax.dynamic_slice(x, [i, ZERO], [5, 7]), M, 2),
    "of a constant": (lambda i: lax.dynamic_slice(jax.numpy.asarray(M), [i, ONE], [2, 3]), 1),
    "an element written": (lambda x, v, i: lax.dynamic_update_slice(x, v, [i]), V, V[:1], 5),
    "a number written": (lambda x, v, i: lax.dynamic_update_slice(x, lax.reshape(v, (1,)), [i]), V, V[0], 5),
    "an element of a block written": (lambda x, v, i: lax.dynamic_update_slice(x, v[:1, :1], [i, i]), M, M, 4),
    "a window written": (lambda x, v, i: lax.dynamic_update_slice(x, v, [i]), V, V[:4] * 2, 8),
    "a block written": (lambda x, v, i, j: lax.dynamic_update_slice(x, v, [i, j]), M, M[:2, :3] * 2, 1, 9),
    "rows written": (lambda x, v, i: lax.dynamic_update_slice(x, v, [i, ZERO]), M, M[:2] * 2, 1),
    "a stretched number": (lambda x, i: lax.dynamic_update_slice(x, lax.full((2, 3), np.float32(5)), [i, i]), M, 1),
    "written, and as before": (lambda x, i: (lax.dynamic_update_slice(x, x[:2] * 2, [i]), x), V, 3),
    "written twice": (
        lambda x, i: lax.dynamic_update_slice(lax.dynamic_update_slice(x, x[:2] * 2, [i]), x[:1], [i + 1]), V, 3
    ),
    "rows by indices": (gathered((5, 7), (0,), (1,)), M, at([4], [0], [4])),
    "rows by a block of indices": (gathered((5, 7), (0,), (2,)), M, at([[4], [0]], [[1], [1]])),
    "columns by indices": (gathered((5, 7), (1,), (0,)), M, at([6], [0])),
    "columns by a block of indices": (gathered((3, 4, 5), (1,), (0, 3)), C, at([[3], [0]], [[1], [1]])),
    "elements by indices": (gathered((9,), (0,), ()), V, at([8], [0], [3])),
    "elements of a matrix": (gathered((5, 7), (0, 1), ()), M, at([4, 6], [0, 2])),
    "elements of three axes": (gathered((3, 4, 5), (0, 1, 2), ()), C, at([2, 3, 4], [0, 1, 2])),
    "one element": (gathered((5, 7), (0, 1), ()), M, at(4, 6)),
    "numbers added at places": (added, V.astype("float64"), np.array([8, 0, 3, 0]), np.array([1.5, 2, -1, 0.25])),
    "of float32": (added, V.astype("float32"), np.array([8, 0, 3, 0]), np.array([1.5, 2, -1, 0.25], "float32")),
    "where there were none": (lambda i, u: added(np.zeros(9), i, u), np.array([8, 0, 3, 0]), np.array([1.5, 2, -1, 0])),
    "nothing added": (added, V.astype("float64"), np.zeros(0, int), np.zeros(0)),
    "no indices": (gathered((5, 7), (0,), (1,)), M, np.zeros((0, 1), "int32")),
    "rows out of range": (gathered((5, 7), (0,), (1,), CLIP), M, at([9], [-3])),
    "an element out of range": (gathered((9,), (0,), (), CLIP), V, at([12], [-3])),
}  # fmt: skip


def traced(function, *arguments):
    return jax.make_jaxpr(function)(*arguments)


@pytest.mark.parametrize("name", CASES)
def test_computes_what_xla_does(name):
    function, *arguments = CASES[name]
    arguments = [np.asarray(a, "int32") if isinstance(a, int) else np.asarray(a) for a in arguments]
    made = by_numpy(in_x64(traced, (function, *arguments)), 100)
    assert made is not None
    before = [a.copy() for a in arguments]
    found, expected = made(*arguments), jax.tree.leaves(in_x64(jax.jit(function), arguments))
    for f, e in zip(found, expected, strict=True):
        assert f.dtype == e.dtype and f.shape == e.shape
        np.testing.assert_array_equal(f, e)
        f[...] = 7  # what is returned is the caller's
    for a, b in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "function, x, i",
    [
        (gathered((5, 7), (0,), (0,)), M, at([1], [2])),  # the axes in another order
        (gathered((3, 4, 5), (0, 1), (1,)), C, at([1, 2])),
        (gathered((5, 7), (0,), (1,), lax.GatherScatterMode.FILL_OR_DROP), M, at([1])),
        (lambda x, i: lax.gather(x, i, lax.GatherDimensionNumbers((0, 1), (), (0,)), (2, 7)), M, at(1)),
    ],
)
def test_other_gathers_are_left_to_xla(function, x, i):
    assert by_numpy(in_x64(traced, (function, x, i)), 100) is None


def test_functions_of_places():
    """An element that an argument names, counted from either end; a counter of events; a step with labels."""
    i, state = T.iscalar("i"), tx.shared(np.arange(50.0), "state")
    element = tx.function([i], state[i])
    count = tx.function([i], [], updates=[(state, T.inc_subtensor(state[i], 1))])
    for k in (3, -1, 49, -50):
        assert element(k) == state.get_value()[k]
    for k in (3, 3, -1):
        count(k)
    expected = np.arange(50.0)
    np.add.at(expected, [3, 3, -1], 1)
    np.testing.assert_array_equal(state.get_value(), expected)
    for wrong in (50, -51):
        with pytest.raises(IndexError):
            element(wrong)
        with pytest.raises(IndexError):
            count(wrong)
    np.testing.assert_array_equal(state.get_value(), expected)
    assert element.program.single.without_xla and count.program.single.without_xla


def test_labels_that_are_out_of_range():
    x, labels = T.dmatrix("x"), T.ivector("labels")
    f = tx.function([x, labels], x[T.arange(labels.shape[0]), labels])
    at = RNG.randn(4, 3)
    for _ in range(8):
        np.testing.assert_array_equal(f(at, [0, 2, -1, 1]), at[range(4), [0, 2, -1, 1]])
        with pytest.raises(IndexError):
            f(at, [0, 3, 0, 0])
    assert f.program.single.without_xla


def test_groups():
    """A number of each group is taken for each observation, and its gradient added to it."""
    groups = tx.shared(np.array([2, 0, 1, 2, -1], "int32"))
    x, data = T.dvector("x"), np.arange(5.0)
    cost = ((data - x[groups]) ** 2).sum()
    f = tx.function([x], [cost, T.grad(cost, x)])
    at = np.array([0.5, -1.0, 2.0])
    for _ in range(6):
        found, by = f(at)
    difference = at[groups.get_value()] - data
    np.testing.assert_allclose(found, (difference**2).sum())
    expected = np.zeros(3)
    np.add.at(expected, groups.get_value(), 2 * difference)
    np.testing.assert_allclose(by, expected)
    assert f.program.single.without_xla
    groups.set_value(np.array([2, 0, 1, 2, 7], "int32"))
    with pytest.raises(IndexError):
        f(at)
    groups.set_value(np.array([0, 0, 0, 0, 0], "int32"))
    assert f(at)[1].tolist() == [2 * (at[0] - data).sum(), 0, 0]


@pytest.mark.parametrize("shape", [(11,), (5, 7), (2, 3, 4)])
@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_what_is_not_zero_is_found_along_each_axis(both_ways, shape, dtype):
    x = T.TensorType(dtype, (False,) * len(shape))("x")
    at = RNG.randint(-1, 2, shape).astype(dtype)
    found = tx.function([x], list(x.nonzero()))(at)
    for positions, wanted in zip(found, at.nonzero(), strict=True):
        assert positions.dtype == "int64" and positions.flags.c_contiguous and positions.flags.writeable
        np.testing.assert_array_equal(positions, wanted)
        positions[...] = 0  # it is nobody else's
    for found, wanted in both_ways([x], [x[x.nonzero()], x.nonzero()[-1] * 2, x.nonzero()[0]], at):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("shape", [(9,), (6, 4), (5, 2, 3)])
def test_of_rows_that_are_set_twice_the_last_stays(both_ways, shape):
    x, rows = T.TensorType("float32", (False,) * len(shape))("x"), T.ivector("rows")
    values = T.TensorType("float32", (False,) * len(shape))("values")
    at, places = RNG.randn(*shape).astype("float32"), np.array([3, 0, -2, 3], "int32")
    given = RNG.randn(4, *shape[1:]).astype("float32")
    wanted = at.copy()
    wanted[places] = given
    outputs = [T.set_subtensor(x[rows], values), T.set_subtensor(x[rows], 2) + x, x]
    results = list(both_ways([x, rows, values], outputs, at, places, given))
    np.testing.assert_array_equal(results[0][0], wanted)
    for found, wanted in results:
        np.testing.assert_array_equal(found, wanted)


def test_a_row_that_is_computed_and_out_of_range_is_an_error_as_elsewhere():
    calls, x, m = tx.shared(0), T.fvector("x"), T.fmatrix("m")
    f = tx.function([m, x], T.set_subtensor(m[T.cast(x * 2, "int32")], 7), updates=[(calls, calls + 1)])
    assert (f(M, np.float32([0.5, 1]))[1:3] == 7).all()
    assert [made.by_numpy for made in f.specializations] == [True]
    with pytest.raises(IndexError, match="out of bounds"):
        f(M, np.float32([0, 2.5]))
    assert calls.get_value() == 1


def test_of_a_batch_the_functions_are_others():
    """With the name of a function that numpy has a rule for, and more axes, it is computed as it is."""

    def rows_set_in_order_of_1(x, rows, values):
        return lax.sort(x)

    x, rows = np.float32([[2, 0, 1], [0, 3, -1]]), np.int32([[0], [1]])
    made = by_numpy(traced(jax.vmap(jax.jit(rows_set_in_order_of_1)), x, rows, x))
    np.testing.assert_array_equal(made(x, rows, x)[0], np.sort(x))


@pytest.mark.parametrize(
    "index",
    [
        np.s_[::-1], np.s_[:, ::-1], np.s_[::-2, 1::3], np.s_[3:0:-1, ::-1], np.s_[-1:-9:-3, 0], np.s_[0::-1],
        np.s_[:0:-5, 5:2:-2], np.s_[2:4:-1],
    ],
)  # fmt: skip
@pytest.mark.parametrize("tiny", ["numpy", "xla"])
def test_what_is_taken_from_the_end(index, tiny):
    x, at = T.fmatrix("x"), M.copy()
    with tx.config.change_flags(tiny=tiny):
        f = tx.function([x], [x[index], T.grad((x[index] ** 2).sum(), x)])
        found, gradient = f(at)
    np.testing.assert_array_equal(found, at[index])
    wanted = np.zeros_like(at)
    wanted[index] = 2 * at[index]
    np.testing.assert_array_equal(gradient, wanted)
    assert found.flags.c_contiguous and not np.shares_memory(found, at)
