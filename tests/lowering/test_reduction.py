"""Truth values are counted in another dtype than integers are added in; nobody can tell."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import reduction

x = T.dmatrix("x")
X = np.random.RandomState(0).randn(70, 60)

#: a sum of truth values, and what numpy makes of X
COUNTS = {
    "all": ((x > 0).sum(), lambda: (X > 0).sum()),
    "along an axis": (T.neq(x, 0).sum(axis=1), lambda: np.full(70, 60)),
    "in a small dtype": (T.sum(x > -9, dtype="int8"), lambda: np.array(70 * 60).astype("int8")),
    "accumulated there": (T.sum(x > -9, axis=0, acc_dtype="int8", dtype="int32"), lambda: np.full(60, 70)),
    "as floats": (T.sum(T.le(x, 0), dtype="float64"), lambda: np.float64((X <= 0).sum())),
    "a mean": (T.mean(x >= 0), lambda: (X >= 0).mean()),
    "nothing": (T.lt(x[:0], 0).sum(axis=0), lambda: np.zeros(60)),
    "bool": (T.cast(x, "bool").sum(), lambda: 70 * 60),
    "not only 0 and 1": (T.cast(x > 0, "int8") * 100, lambda: (X > 0) * 100),
}


@pytest.mark.parametrize("most", [reduction._COUNTED, 0])
@pytest.mark.parametrize("what", COUNTS)
def test_counts(what, most, monkeypatch):
    monkeypatch.setattr(reduction, "_COUNTED", most)
    count, expected = COUNTS[what]
    found = tx.function([x], count)(X)
    assert found.dtype == count.dtype
    np.testing.assert_allclose(found, expected(), rtol=1e-12)


RNG = np.random.RandomState(1)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "bool", "complex64"])
@pytest.mark.parametrize(
    "shape, axis",
    [
        ((300, 300), 0),
        ((300, 300), 1),
        ((300, 300), None),
        ((2, 300, 200), 1),
        ((3, 70, 5), (0, 2)),
        ((3, 70, 5), (0, 1)),
    ],
)
def test_places_of_the_greatest(shape, axis, dtype, by_xla):
    """In one loop, or along many long columns in two: the first of those that are equal."""
    data = RNG.randint(0, 2 if dtype == "bool" else 50, shape).astype(dtype)
    if dtype.startswith("float"):
        data.flat[:: 1 + data.size // 7] = np.nan
    v = T.TensorType(dtype, [False] * len(shape))()
    rest = [d for d in range(len(shape)) if isinstance(axis, tuple) and d not in axis]
    flat = data.transpose(*rest, *axis).reshape(*(shape[d] for d in rest), -1) if rest else data
    expected = np.argmax(flat, -1 if rest else axis)
    np.testing.assert_array_equal(tx.function([v], T.argmax(v, axis=axis))(data), expected)
    np.testing.assert_array_equal(
        tx.function([v], T.argmax(v * 1 if dtype != "bool" else v, axis=axis))(data), expected
    )


@pytest.mark.parametrize("shape", [(3, 4), (64, 64), (8, 70, 50), (40_000,)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_are_nan_where_there_is_one(name, dtype, shape, by_xla):
    """XLA's library leaves it out."""
    data = RNG.randn(*shape).astype(dtype)
    data.flat[[1, data.size // 2]] = np.nan
    v = T.TensorType(dtype, [False] * len(shape))()
    axes = [None, *range(len(shape))]
    for of in (v, T.exp(v)):
        found = tx.function([v], [getattr(T, name)(of, axis=axis) for axis in axes])(data)
        for got, axis in zip(found, axes, strict=True):
            expected = getattr(np, name)(data if of is v else np.exp(data), axis=axis)
            np.testing.assert_allclose(got, expected, rtol=1e-3 if dtype == "float16" else 1e-5)
            assert np.isnan(got).any()
    infinite = np.full(shape, -np.inf if name == "max" else np.inf, dtype)
    np.testing.assert_array_equal(tx.function([v], getattr(T, name)(v, axis=0))(infinite), infinite[0])
