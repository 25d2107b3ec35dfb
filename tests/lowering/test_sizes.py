"""Sizes that depend on arguments or data: numpy's results for every size from 0 up, and how often functions compile."""

import numpy as np
import pytest

import tx
import tx.tensor as T

SIZES = range(5)


def vector(n):
    return np.arange(n) - 1.5


@pytest.fixture(scope="module")
def compiled():
    """One function of each expression: (inputs, output), compiled once for the whole module."""
    x, v = T.dvector("x"), T.lvector("v")
    m = T.dmatrix("m")
    a, b, n, k = (T.lscalar(name) for name in "abnk")
    expressions = {
        "nonzero": ([x], x[(x > 0).nonzero()]),
        "nonzero of a matrix": ([m], T.nonzero(m, return_matrix=True)),
        "arange": ([n], T.arange(n)),
        "arange of three": ([a, b, k], T.arange(a, b, k)),
        "slice": ([x, a, b], x[a:b]),
        "step": ([x, k], x[::k]),
        "slice with step": ([x, a, b, k], x[a:b:k]),
        "zeros": ([n, k], T.zeros((n, k))),
        "reshape": ([x, v], x.reshape(v, ndim=2)),
        "repeat": ([x, n], T.repeat(x, n)),
        "repeat each": ([x, v], T.repeat(x, v)),
        "tile": ([x, n], T.tile(x, n)),
        "tile a matrix": ([m, n, k], T.tile(m, (n, k))),
        "computed": ([x], T.zeros(((x > 0).sum(), x.shape[0]))),
        "eye": ([n, k, a], T.eye(n, k, a)),
        "roll": ([x, a], T.roll(x, a)),
    }
    return {name: tx.function(inputs, out) for name, (inputs, out) in expressions.items()}


def same(result, expected):
    assert result.shape == np.shape(expected)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("n", SIZES)
def test_of_one_size(compiled, n):
    x = vector(n)
    same(compiled["nonzero"](x), x[(x > 0).nonzero()])
    same(compiled["arange"](n), np.arange(n))
    same(compiled["repeat"](x, n), np.repeat(x, n))
    same(compiled["repeat each"](x, np.arange(n)), np.repeat(x, np.arange(n)))
    same(compiled["tile"](x, n), np.tile(x, n))
    same(compiled["computed"](x), np.zeros(((x > 0).sum(), n)))
    for k in SIZES:
        same(compiled["zeros"](n, k), np.zeros((n, k)))
        same(compiled["eye"](n, k, k - 2), np.eye(n, k, k - 2))
        same(compiled["tile a matrix"](np.ones((2, 3)), n, k), np.tile(np.ones((2, 3)), (n, k)))
        same(compiled["nonzero of a matrix"](np.eye(n, k)), np.array(np.eye(n, k).nonzero()))
        same(compiled["roll"](x, k - 2), np.roll(x, k - 2))


@pytest.mark.parametrize("n", SIZES)
def test_slices(compiled, n):
    x = vector(n)
    for a in range(-6, 7, 2):
        for b in range(-5, 7, 3):
            same(compiled["slice"](x, a, b), x[a:b])
    for k in (-3, -2, -1, 1, 2, 3):
        same(compiled["step"](x, k), x[::k])
        same(compiled["slice with step"](x, -2, 3, k), x[-2:3:k])
        same(compiled["slice with step"](x, 3, -4, k), x[3:-4:k])


@pytest.mark.parametrize("arguments", [(0, 5, 1), (5, 0, -2), (2, 2, 1), (0, 7, 3), (3, 0, 1)])
def test_arange(compiled, arguments):
    same(compiled["arange of three"](*arguments), np.arange(*arguments))


def test_reshape(compiled):
    same(compiled["reshape"](vector(4), [2, 2]), vector(4).reshape(2, 2))
    same(compiled["reshape"](vector(4), [-1, 4]), vector(4).reshape(1, 4))
    same(compiled["reshape"](vector(0), [0, 3]), np.zeros((0, 3)))
    with pytest.raises(ValueError, match="cannot reshape array of size 4"):
        compiled["reshape"](vector(4), [3, -1])


@pytest.mark.parametrize(
    "name, arguments, error",
    [
        ("zeros", (-1, 2), "negative dimensions"),
        ("repeat", (vector(2), -1), "negative"),
        ("repeat each", (vector(2), [2, -1]), "negative"),
        ("repeat each", (vector(2), [1, 1, 1]), "could not be broadcast"),
        ("step", (vector(2), 0), "slice step cannot be zero"),
    ],
)
def test_bad_sizes(compiled, name, arguments, error):
    with pytest.raises(ValueError, match=error):
        compiled[name](*arguments)


def test_only_the_size_is_guarded():
    x, i = T.dvector("x"), T.lscalar("i")
    f = tx.function([x, i], x[i * 3 : (i + 1) * 3].sum())
    values = np.arange(10.0)
    assert [float(f(values, k)) for k in range(4)] == [3, 12, 21, 9]
    assert len(f.specializations) == 2


def test_shapes_alone_need_no_guard():
    x = T.dvector("x")
    f = tx.function([x], x[: x.shape[0] // 2])
    assert [f(np.arange(float(n))).tolist() for n in (0, 1, 4)] == [[], [], [0, 1]]
    assert len(f.specializations) == 3 and len(f.program.single.plain) == 3


@pytest.mark.parametrize("reduce", [T.sum, T.prod, T.max, T.min, T.all, T.any])
def test_reduced_sizes_need_no_stage(reduce):
    x = T.dmatrix("x")
    f = tx.function([x], T.arange(reduce(x.shape)))
    for shape in ((2, 3), (4, 0)):
        assert len(f(np.zeros(shape))) == int(reduce(T.constant(np.array(shape))).eval())
    assert len(f.program.stages) == 1


def test_small_integers_wrap_in_guards():
    n = T.bscalar("n")
    f = tx.function([n], T.arange(n + n + 120))
    with np.errstate(over="ignore"):
        assert len(f(np.int8(3))) == int(np.int8(126))
        expected = int((np.array([5], "int8") + np.array([5], "int8") + np.array([120], "int8"))[0])
    assert len(f(np.int8(5))) == max(0, expected)


def test_many_specialisations_warn():
    n = T.lscalar("n")
    with tx.config.change_flags(max_specializations=3, length_buckets="off"):
        f = tx.function([n], T.arange(n), name="many")
        with pytest.warns(UserWarning, match="many has been compiled 4 times"):
            for k in range(4):
                f(k)


def test_stages_nest():
    x = T.dvector("x")
    positive = x[(x > 0).nonzero()]
    large = positive[(positive > positive.mean()).nonzero()]
    f = tx.function([x], [large, positive.sum(), T.grad(large.sum(), x)])
    values = np.array([-1.0, 1, 2, 6, 7])
    large_values, total, gradient = f(values)
    same(large_values, [6, 7])
    assert total == 16
    same(gradient, [0, 0, 0, 1, 1])
    assert len(f.program.stages) == 3
    same(f(np.zeros(2))[0], np.zeros(0))


def test_shared_scalars_can_be_sizes():
    n = tx.shared(2, name="n")
    f = tx.function([], T.arange(n), updates=[(n, n + 1)])
    assert [f().tolist() for _ in range(3)] == [[0, 1], [0, 1, 2], [0, 1, 2, 3]]


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.filterwarnings("ignore:The function")
def test_of_many_executables_those_not_used_for_long_are_forgotten(guarded):
    x, n = T.dvector("x"), T.lscalar("n")
    f = tx.function([x, n], x[:n].sum() if guarded else x.sum() + n)
    with tx.config.change_flags(max_specializations=1, length_buckets="off"):
        for k in range(1, 20):
            for length in (3, k):  # the first is used all the time
                assert f(np.ones(length), 3) == (min(length, 3) if guarded else length + 3)
        made = [id(s) for s in f.specializations]
        assert len(made) <= 4
        f(np.ones(3), 3)
        assert [id(s) for s in f.specializations] == made
