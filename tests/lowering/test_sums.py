"""Sums of very many float32 are added in parts; nobody can tell."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import specialize, sums

m, v, s = T.fmatrix("m"), T.fvector("v"), T.fscalar("s")
RNG = np.random.RandomState(0)
W = RNG.randn(30, 40).astype("float32")

#: name -> (a sum in Theano, the same of numpy's arrays, whether it is one of parts)
SUMS = {
    "squares": (lambda m, s: (m**2).sum(), True),
    "itself": (lambda m, s: m.sum(), True),
    "absolute": (lambda m, s: abs(m).sum(), True),
    "of numbers and arrays": (lambda m, s: ((m - s) / 3 + m * m).sum(), True),
    "a chain": (lambda m, s: (-(m * s - m) * (m * s - m)).sum(), True),
    "all axes": (lambda m, s: (m * m).sum(axis=(0, 1)), True),
    "a mean": (lambda m, s: m.mean(), True),
    "an axis": (lambda m, s: (m * m).sum(axis=0), False),
    "stretched": (lambda m, s: (m * m.sum(axis=0, keepdims=True)).sum(), True),
}


pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="elsewhere XLA sums all")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """A few elements are many."""
    monkeypatch.setattr(sums, "_MANY", 64)
    monkeypatch.setattr(sums, "_LARGE_SUM", 64)


def is_in_parts(f, *arguments):
    return "name=added" in tx.printing.stages(f, *arguments).jaxpr


@pytest.mark.parametrize("shape", [(30, 40), (7, 11), (64, 64), (97, 101), (2, 8192)])
@pytest.mark.parametrize("name", SUMS)
def test_values(name, shape):
    make, in_parts = SUMS[name]
    at, number = RNG.randn(*shape).astype("float32"), np.float32(0.3)
    f = tx.function([m, s], make(m, s), on_unused_input="ignore", name="f")
    found = f(at, number)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, make(at.astype("float64"), 0.3), rtol=1e-5, atol=1e-4)
    assert is_in_parts(f, at, number) == in_parts


@pytest.mark.parametrize(
    "make, in_parts",
    [
        (lambda x: x.sum(dtype="float64"), True),
        (lambda x: x.sum(acc_dtype="float32"), False),
        (lambda x: T.exp(x).sum(), True),
        (lambda x: T.dot(x, x.T).sum(), True),
        (lambda x: T.prod(x), False),
        (lambda x: x[1:].sum(), True),
        (lambda x: T.cast(x, "float64").sum(), False),
    ],
)
def test_where(make, in_parts):
    f = tx.function([m], make(m))
    assert is_in_parts(f, W) == in_parts
    np.testing.assert_allclose(f(W), tx.function([m], make(m), mode="DebugMode")(W), rtol=1e-5)


def test_is_as_exact_as_double_precision():
    """In float32 the ones would be lost."""
    ones = np.ones(100_000, "float32")
    ones[0] = 2.0**24
    assert tx.function([v], v.sum())(ones) == np.float32(2.0**24 + 99_999)
    assert tx.function([v], v.sum(dtype="float64"))(ones) == 2.0**24 + 99_999


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite(special):
    at = np.ones(1000, "float32")
    at[999] = special
    np.testing.assert_equal(tx.function([v], v.sum())(at), np.float32(special))


def test_beside_what_else_is_asked_of_the_same():
    f = tx.function([m, s], [(m * s).sum(), m * s, T.grad((m * s).sum(), m), T.grad((m * s).sum(), s)])
    total, product, by_m, by_s = f(W, 2)
    np.testing.assert_allclose(total, W.sum(dtype="float64") * 2, rtol=1e-5)
    np.testing.assert_array_equal(product, W * 2)
    np.testing.assert_array_equal(by_m, np.full_like(W, 2))
    np.testing.assert_allclose(by_s, W.sum(dtype="float64"), rtol=1e-5)


def test_in_a_loop():
    steps, start = T.arange(3.0, dtype="float32"), T.constant(0.0, dtype="float32")
    totals, _ = tx.scan(lambda k, total, m: total + ((m - k) ** 2).sum(), steps, start, m)
    found = tx.function([m], [totals, T.grad(totals[-1], m)])(W)
    np.testing.assert_allclose(found[0], np.cumsum([((W - k) ** 2).sum(dtype="float64") for k in range(3)]), rtol=1e-5)
    np.testing.assert_allclose(found[1], sum(2 * (W - k) for k in range(3)), rtol=1e-4, atol=1e-4)


class Twice(tx.Op):
    """Known to the host alone, so that a function with it is cut into executables."""

    __props__ = ()

    def make_node(self, x):
        """Of the type of `x`."""
        return tx.Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        """Doubled."""
        output_storage[0][0] = 2 * inputs[0]


def test_of_what_another_executable_has_computed():
    difference = Twice()(m) - 1
    f = tx.function([m], [(difference**2).sum(), Twice()(difference)])
    square, doubled = f(W)
    np.testing.assert_allclose(square, ((2 * W - 1).astype("float64") ** 2).sum(), rtol=1e-6)
    np.testing.assert_allclose(doubled, 4 * W - 2, rtol=1e-6)


@pytest.mark.parametrize("make", [lambda x: x.sum(), lambda x: ((x - 1) ** 2).sum(), lambda x: (x[1:] - x[:-1]).sum()])
def test_numpy_computes_small_ones_as_they_are(make):
    f = tx.function([m], make(m))
    found = f(W)
    assert f.program.single.without_xla and is_in_parts(f, W)
    np.testing.assert_allclose(found, make(W.astype("float64")), rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("read_elsewhere", [False, True])
def test_rows_of_a_table(read_elsewhere):
    """What is read elsewhere as well is in memory, here the differences; and what is no arithmetic, the rows."""
    table, words = tx.shared(W), T.ivector("words")
    rows = table[words]
    difference = rows - m
    cost = (difference**2).sum()
    updates = [(table, T.inc_subtensor(rows, -difference))] if read_elsewhere else []
    f = tx.function([words, m], cost, updates=updates)
    at, target = np.array([3, 0, 3], "int32"), W[:3] * 2
    assert is_in_parts(f, at, target)
    table.set_value(W)
    np.testing.assert_allclose(f(at, target), ((W[at] - target) ** 2).sum(dtype="float64"), rtol=1e-5)
    expected = W.copy()
    np.add.at(expected, at, target - W[at])
    np.testing.assert_allclose(table.get_value(), expected if read_elsewhere else W, rtol=1e-5)


def test_arithmetic_that_is_long_is_in_memory():
    x = m
    for _ in range(20):
        x = x * 0.5 + m
    f = tx.function([m], x.sum())
    assert is_in_parts(f, W) and tx.printing.stages(f, W).jaxpr.count("slice[") == sums._PARTS
    np.testing.assert_allclose(f(W), tx.function([m], x.sum(), mode="DebugMode")(W), rtol=1e-5)


@pytest.mark.parametrize("length, waits", [(200, True), (1 << 9, False)])
def test_sums_of_all_wait_for_calls_unless_they_are_large(monkeypatch, length, waits):
    """The library computes the first ones, for it is compiled sooner."""
    monkeypatch.setattr(sums, "_LARGE_SUM", 1 << 9)
    monkeypatch.setattr(specialize, "_HASTY", 3)
    at = RNG.randn(length).astype("float32")
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([v], (v**2).sum())
        f(at)
    (made,) = f.program.stages[0].specializations
    assert ("added" in f.program.parts()[0].hlo) is not waits and bool(made.hasty) == waits
    for _ in range(5):
        np.testing.assert_allclose(f(at), (at.astype("float64") ** 2).sum(), rtol=1e-6)
    (made,) = f.program.stages[0].specializations
    assert "added" in f.program.parts()[0].hlo and not made.hasty


@pytest.mark.parametrize(
    "shape, axes", [((64, 50), 0), ((64, 50), 1), ((7, 99), 1), ((33, 3), 0), ((20, 3, 50), (0, 2))]
)
@pytest.mark.parametrize("make", [lambda x, a: x.sum(a), lambda x, a: x.std(a), lambda x, a: (T.exp(x) * 2).sum(a)])
def test_sums_along_axes_once_there_have_been_many_calls(monkeypatch, make, shape, axes):
    monkeypatch.setattr(sums, "_BY_NUMPY", 0)
    monkeypatch.setattr(specialize, "_HASTY", 3)
    x = T.TensorType("float32", (False,) * len(shape))()
    at = RNG.randn(*shape).astype("float32")
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([x], make(x, axes))
        first = f(at)
    expected = make(T.constant(at.astype("float64")), axes).eval()
    assert first.dtype == "float32" and f.program.stages[0].specializations[0].countdown
    for _ in range(5):
        np.testing.assert_allclose(f(at), expected, rtol=1e-5, atol=1e-5)
    (made,) = f.program.stages[0].specializations
    assert not made.countdown and made.hasty is False


def test_sums_along_axes_in_a_loop_wait_for_calls_as_well(monkeypatch):
    monkeypatch.setattr(sums, "_BY_NUMPY", 0)
    monkeypatch.setattr(specialize, "_HASTY", 3)
    totals, _ = tx.scan(lambda row, total: total + T.tanh(m * row).sum(axis=0), T.arange(3.0, dtype="float32"), m[0])
    f = tx.function([m], totals[-1])
    at = RNG.randn(64, 50).astype("float32")
    expected = at[0] + sum(np.tanh(at.astype("float64") * k).sum(axis=0) for k in range(3))
    for _ in range(6):
        np.testing.assert_allclose(f(at), expected, rtol=1e-4, atol=1e-4)
    (made,) = f.program.stages[0].specializations
    assert " reduce(" not in f.program.parts()[0].hlo and not made.hasty


@pytest.mark.parametrize("dtype, shape", [("float32", (40, 2)), ("float32", (30, 10)), ("float64", (33, 3))])
@pytest.mark.parametrize("function", [T.nnet.softmax, T.nnet.logsoftmax])
def test_softmax_of_many_short_rows(monkeypatch, function, dtype, shape):
    """Is made of loops over all rows, after many calls."""
    monkeypatch.setattr(specialize, "_HASTY", 3)
    x, weights = T.matrix(dtype=dtype), T.constant(RNG.randn(*shape).astype(dtype))
    at = (RNG.randn(*shape) * 5).astype(dtype)
    at[0, 0], at[1, 1], at[2, :], at[3, 1] = np.nan, np.inf, -np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        powers = np.exp(at.astype("float64") - at.max(1, keepdims=True))
    wanted = powers / powers.sum(1, keepdims=True)
    by_row = wanted * (weights.data - (wanted * weights.data).sum(1, keepdims=True))
    if function is T.nnet.logsoftmax:
        with np.errstate(divide="ignore"):
            wanted = np.log(wanted)
        by_row = weights.data - np.exp(wanted) * weights.data.sum(1, keepdims=True)
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([x], [function(x), T.grad((function(x) * weights).sum(), x)])
        for _ in range(6):
            value, gradient = f(at)
            assert value.dtype == gradient.dtype == dtype
            np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(gradient[4:], by_row[4:], rtol=1e-4, atol=1e-5)
    (made,) = f.program.stages[0].specializations
    assert made.hasty is False and f.program.parts()[0].hlo.count("%combined") >= 2


@pytest.mark.parametrize("shape", [(40, 11), (40, 1), (7, 3)])
def test_other_softmaxes_are_xlas(monkeypatch, shape):
    """Those of longer rows, of one column, and of few rows."""
    monkeypatch.setattr(specialize, "_HASTY", 3)
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([m], T.nnet.softmax(m))
        at = RNG.randn(*shape).astype("float32")
        for _ in range(6):
            np.testing.assert_allclose(f(at).sum(1), np.ones(shape[0]), rtol=1e-5)
    assert "%combined" not in f.program.parts()[0].hlo


#: operation -> (the same in Theano, in numpy)
FOLDED = {
    "sum": (lambda x, a: x.sum(a), np.sum),
    "mean": (lambda x, a: x.mean(a), np.mean),
    "squares": (lambda x, a: ((x - 2) ** 2).sum(a), lambda x, a: np.sum((x - 2) ** 2, a)),
    "tanh": (lambda x, a: T.tanh(x).sum(a), lambda x, a: np.sum(np.tanh(x), a)),
    "prod": (lambda x, a: (x / 16).prod(a), lambda x, a: np.prod(x / 16, a)),
    "max": (lambda x, a: x.max(a), np.max),
    "min": (lambda x, a: (3 - x).min(a), lambda x, a: np.min(3 - x, a)),
    "kept": (lambda x, a: x.sum(a, keepdims=True) + x, lambda x, a: np.sum(x, a, keepdims=True) + x),
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int8", "uint16"])
@pytest.mark.parametrize(
    "shape, axes",
    [((2, 40, 3), 0), ((3, 5, 11), 1), ((50, 4), 1), ((70, 9), 0), ((200, 3), 0), ((4, 3, 3, 9), (1, 2)), ((6, 17), 1)],
)
def test_parts_along_axes_are_combined(monkeypatch, dtype, shape, axes):
    monkeypatch.setattr(sums, "_LARGE", 64)
    x = T.TensorType(dtype, (False,) * len(shape))()
    at = (RNG.randn(*shape) * 5).astype(dtype)
    names = [n for n in FOLDED if dtype.startswith("float") or n in ("sum", "mean", "max", "kept")]
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([x], [FOLDED[n][0](x, axes) for n in names])
    assert "reduce_" not in tx.printing.stages(f, at).jaxpr
    exact = tx.function([x], [FOLDED[n][0](x, axes) for n in names], mode="DebugMode")(at)
    for name, value, same in zip(names, f(at), exact, strict=True):
        expected = FOLDED[name][1](at if at.dtype.kind in "iu" else at.astype("float64"), axes)
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5)
        assert value.dtype == same.dtype and value.shape == same.shape


def test_what_is_not_finite_stays_so_in_parts(monkeypatch):
    monkeypatch.setattr(sums, "_LARGE", 64)
    at = np.zeros((3, 40), "float32")
    at[0, 0], at[1, 1], at[2, 2], at[:2, 3] = np.nan, np.inf, -np.inf, [np.inf, -np.inf]
    f = tx.function([m], [m.sum(axis=0), m.max(axis=0), m.min(axis=0)], mode=tx.Mode())
    total, most, least = f(at)
    assert np.array_equal(total[:4], [np.nan, np.inf, -np.inf, np.nan], equal_nan=True) and not total[4:].any()
    assert np.array_equal(most[:4], [np.nan, np.inf, 0, np.inf], equal_nan=True)
    assert np.array_equal(least[:4], [np.nan, 0, -np.inf, -np.inf], equal_nan=True)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_is_stacked_is_combined(monkeypatch, axis):
    monkeypatch.setattr(sums, "_LARGE", 64)
    parts = [RNG.randn(12, 10).astype("float32") for _ in range(3)]
    given = T.fmatrices(3)
    stacked = T.stack(given, axis=axis)
    f = tx.function(given, [stacked.mean(axis=axis), stacked.max(axis=axis)])
    mean, most = f(*parts)
    np.testing.assert_allclose(mean, np.mean(parts, 0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(most, np.max(parts, 0))


def test_numpy_reduces_at_once_what_xla_would_in_parts(monkeypatch):
    monkeypatch.setattr(sums, "_LARGE", 64)
    f = tx.function([m], [m.sum(axis=0), m.max(axis=1)])
    total, most = f(W)
    np.testing.assert_allclose(total, W.sum(axis=0, dtype="float64"), rtol=1e-5)
    assert np.array_equal(most, W.max(axis=1))
    assert f.program.stages[0].without_xla and "reduce" in tx.printing.stages(f, W).source


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "uint8"])
@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
def test_other_reductions_in_parts(name, dtype, axis, settled, by_xla, monkeypatch):
    """Of many elements at once, of fewer when there have been many calls."""
    monkeypatch.setattr(sums, "_LARGE", 1 << 30 if settled else 64)
    monkeypatch.setattr(sums, "SMALL", 1 << 30 if settled else 64)
    monkeypatch.setattr(sums, "_BY_NUMPY", 64)
    monkeypatch.setattr(sums, "_LONGEST", 0)
    monkeypatch.setattr(sums, "_ROW", 0)
    monkeypatch.setattr(specialize, "_HASTY", 3)
    x, at = T.TensorType(dtype, (False, False))(), np.ones((97, 101), dtype)
    at.flat[::500] = 3
    f = tx.function([x], getattr(T, name)(x, axis=axis))
    for _ in range(6):
        found = f(at)
    expected = getattr(np, name)(at.astype("float64") if dtype.startswith("float") else at, axis=axis)
    np.testing.assert_array_equal(found, expected.astype(found.dtype))
    if (name, dtype) not in [("sum", "float32"), ("sum", "float64")]:
        assert is_in_parts(f, at) != settled, "the printed one is that of the first calls"


def test_numpy_computes_other_reductions_as_they_are():
    x, data = T.fmatrix(), RNG.uniform(0.9, 1.1, (200, 100)).astype("float32")
    f = tx.function([x], [T.prod(x), T.max(x), T.min(x), T.sum(T.cast(x, "int32"))])
    for found, expected in zip(
        f(data), (data.astype("float64").prod(), data.max(), data.min(), (data >= 1).sum()), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-5)
    g = tx.function([x], T.max(x))
    assert g(data) == data.max() and g.program.single.without_xla
