"""What is written may be computed from other parts of what it is written into."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.overlap import reads_other_parts

x, m, i = T.dvector("x"), T.dmatrix("m"), T.lscalar("i")
#: an array that XLA has in memory when it is written into, and numpy's
MADE = T.cumsum(x) * 0.1


@pytest.fixture(autouse=True, params=["numpy", "xla"])
def either(request):
    with tx.config.change_flags(tiny=request.param):
        yield


def assigned(array, key, values):
    array = array.copy()
    array[key] = values
    return array


#: name -> (where it is written, what, in Theano and in numpy alike)
SHIFTED = {
    "up": (slice(1, None), lambda o, _: o[:-1]),
    "far": (slice(3, None), lambda o, _: o[:-3]),
    "down": (slice(0, -1), lambda o, _: o[1:]),
    "computed": (slice(1, None), lambda o, module: module.sin(o[:-1]) + 1),
    "backwards": (slice(0, 5), lambda o, _: o[:5][::-1]),
    "means": (slice(1, -1), lambda o, _: (o[:-2] + o[2:]) / 2),
    "of itself": (slice(1, 5), lambda o, _: o[1:5] * 2),
}


@pytest.mark.parametrize("n", [7, 40_000])
@pytest.mark.parametrize("name", SHIFTED)
def test_values(name, n):
    key, what = SHIFTED[name]
    f = tx.function([x], [T.set_subtensor(MADE[key], what(MADE, T)), T.inc_subtensor(MADE[key], what(MADE, T))])
    at = np.sin(np.arange(n) * 0.7)
    made = np.cumsum(at) * 0.1
    put, added = f(at)
    np.testing.assert_allclose(put, assigned(made, key, what(made, np)), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(added, assigned(made, key, made[key] + what(made, np)), rtol=1e-9, atol=1e-9)


def test_rows_columns_and_places_that_are_arguments():
    at = np.sin(np.arange(30.0)).reshape(6, 5)
    o = T.cumsum(m, 0) * 0.1
    moved = T.set_subtensor(o[i : i + 3], o[i - 1 : i + 2])
    f = tx.function([m, i], [T.set_subtensor(o[1:], o[:-1]), T.set_subtensor(o[:, 2:], o[:, :-2]), moved])
    made = np.cumsum(at, 0) * 0.1
    expected = [
        assigned(made, slice(1, None), made[:-1]),
        assigned(made, (slice(None), slice(2, None)), made[:, :-2]),
        assigned(made, slice(2, 5), made[1:4]),
    ]
    for found, wanted in zip(f(at, 2), expected, strict=True):
        np.testing.assert_allclose(found, wanted)


@pytest.mark.parametrize("n", [5, 20_000])
def test_a_delay_line(n):
    line, e = tx.shared(np.arange(float(n)), "line"), T.dscalar("e")
    f = tx.function([e], line[-1], updates=[(line, T.set_subtensor(T.set_subtensor(line[1:], line[:-1])[0], e))])
    expected = np.arange(float(n))
    for step in range(4):
        assert f(100.0 + step) == expected[-1]
        expected = np.r_[100.0 + step, expected[:-1]]
        np.testing.assert_array_equal(line.get_value(), expected)


@pytest.mark.parametrize(
    "written, others",
    [
        (T.set_subtensor(x[1:], x[:-1]), True),
        (T.set_subtensor(x[1:], T.exp(x[1:]) * 2), False),
        (T.set_subtensor(x[1:], x[1:][::-1]), True),
        (T.set_subtensor(x[1:], m[0]), False),
        (T.set_subtensor(x[1:3], T.dot(m, x)), False),
        (T.set_subtensor(T.zeros_like(x)[1:], x[:-1]), False),
        (T.inc_subtensor(x[i:], x[i:] + 1), False),
        (T.inc_subtensor(x[i:], x[i + 1 :]), True),
        (T.set_subtensor(x[1:], x.sum() + m[0]), True),
    ],
    ids=str,
)
def test_what_is_read(written, others):
    assert reads_other_parts(written.owner) == others
