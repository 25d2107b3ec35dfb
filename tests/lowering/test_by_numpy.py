"""Functions of a few small arrays, which numpy computes: as XLA does, each operation, and as any function otherwise."""

import threading
import warnings
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import tx
import tx.tensor as T
from tx.lowering import direct, numpy_costs, numpy_rules, specialize
from tx.lowering.by_numpy import by_numpy
from tx.random.box_muller import BoxMuller

RNG = np.random.default_rng(0)
VECTOR = np.array([0.5, -1.25, 0.0, 2.0, np.nan, np.inf, -np.inf, -0.0])
INSIDE = np.array([0.5, -0.25, 0.0, 0.75, np.nan, 0.125, -0.0, 1.0])
MATRIX = RNG.normal(size=(3, 4))
COLUMN = RNG.normal(size=(3, 1))
WHOLE = np.array([3, -7, 0, 100], "int8")
NUMBER = np.array(1.5)
SIGNED = RNG.normal(size=(60, 60)) * 9
SIGNED[:3, :3] = np.diag([np.nan, np.inf, -0.0])
INDEX = np.array(2)

UNARY = [
    "abs", "acosh", "asinh", "atan", "cbrt", "ceil", "cos", "cosh", "exp", "exp2", "expm1", "floor",
    "is_finite", "log", "log1p", "logistic", "neg", "rsqrt", "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh",
]  # fmt: skip
BINARY = ["add", "atan2", "div", "eq", "ge", "gt", "le", "lt", "max", "min", "mul", "ne", "pow", "rem", "sub"]


def put(x, place, piece):
    return lax.dynamic_update_slice(x, piece, (place,))


#: name -> (function, arguments)
ROWS = {
    **{name: (getattr(lax, name), [VECTOR]) for name in UNARY},
    **{f"{name} of a number": (getattr(lax, name), [NUMBER]) for name in UNARY},
    **{name: (getattr(lax, name), [INSIDE]) for name in ("acos", "asin", "atanh")},
    **{name: (getattr(lax, name), [VECTOR, VECTOR[::-1].copy()]) for name in BINARY},
    **{f"{name} of numbers": (getattr(lax, name), [NUMBER, np.array(-0.5)]) for name in BINARY},
    **{f"{name} of integers": (getattr(lax, name), [WHOLE, WHOLE + 1]) for name in ("add", "mul", "max", "lt")},
    "add of integers that do not fit": (lambda x, y: x + y, [np.array(100, "int8"), np.array(100, "int8")]),
    "truth": (lambda x: (x > 0) & ~(x > 1) | (x < -1) ^ (x > 5), [VECTOR]),
    "truth of numbers": (lambda x: (x > 0) & ~(x > 1) | (x < -1), [NUMBER]),
    "a constant": (lambda x: x * 2 + np.arange(8.0), [VECTOR]),
    "by one": (lambda x: x * 1 + x / 1, [VECTOR]),
    "one by, of another shape": (lambda x: jnp.ones((3, 4)) * x, [NUMBER]),
    "a power": (lambda x: x**3 + x**-2 + x**1.0 + x**2.0, [VECTOR[:4]]),
    "powers that are not whole": (lambda x: lax.pow(x, np.float64(0.3)), [np.abs(VECTOR)]),
    "round": (lambda x: lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN), [VECTOR]),
    "clamp": (lambda x: lax.clamp(-1.0, x, 1.0), [VECTOR]),
    "where": (lambda x: jnp.where(x > 0, x, 7.0), [VECTOR]),
    "where, of many": (
        lambda x, y: [jnp.where(y > 0, a, b) for a, b in ((x, y), (x, 7.0), (x[:1, 0], x), (x[0, 0], 0.0))],
        [SIGNED, SIGNED[::-1].copy()]),
    "where, of many integers": (lambda x: jnp.where(x.T > 0, x, x.T), [RNG.integers(-9, 9, (60, 60)).astype("int32")]),
    "where, a number": (lambda x: jnp.where(x > 0, x, 7.0), [NUMBER]),
    "where, by a number": (lambda x, y: jnp.where(y > 0, x, -x), [VECTOR, NUMBER]),
    "floats": (lambda x: x.astype("float32") + 1, [VECTOR]),
    "a float of a number": (lambda x: x.astype("float32") * 3, [NUMBER]),
    "floats of integers": (lambda x: x.astype("float32") / 2, [WHOLE]),
    "integers by one that is known": (
        lambda x, y: [f(v, v.dtype.type(n)) for v in (x, y) for n in (1, 3, 100) for f in (lax.div, lax.rem)],
        [np.array([7, -7, 0, 2**31 - 1, -(2**31), 100], "int32"), np.arange(240, 256, dtype="uint8")]),
    "an integer by one that is known": (lambda n: [lax.div(n, 3), lax.rem(n, 3)], [np.array(-7)]),
    "integers by several that are known": (
        lambda x: [f(x, np.arange(1, 5, dtype="int8")) for f in (lax.div, lax.rem)], [WHOLE]),
    "fewer bits": (lambda x: x.astype("int8"), [np.arange(250, 260)]),
    "fewer bits of a number": (lambda x: x.astype("int8") + np.int8(1), [np.array(300)]),
    "numbers of truth": (lambda x: (x > 0).astype("float64"), [VECTOR]),
    "truth of floats": (lambda x: x.astype(bool), [VECTOR]),
    "a column": (lambda x, y: x + y, [MATRIX, COLUMN]),
    "a column, returned": (lambda y: jnp.broadcast_to(y, (3, 4)), [COLUMN]),
    "short rows of one number each, returned": (lambda y: jnp.broadcast_to(y, (150, 3)), [RNG.normal(size=(150, 1))]),
    "a number, returned": (lambda y: (jnp.broadcast_to(y, (3, 4)), y, y), [NUMBER]),
    "an outer product": (lambda x: x[:, None] * x, [VECTOR[:3]]),
    "turned": (lambda x: x.T + 1, [MATRIX]),
    "turned, returned": (lambda x: x.T, [MATRIX]),
    "axes in another order": (lambda x: jnp.transpose(x[None], (2, 0, 1)) * 2, [MATRIX]),
    "a slice": (lambda x: x[1:5:2], [VECTOR]),
    "backwards": (lambda x: x[:, ::-1] - x, [MATRIX]),
    "an element": (lambda x: x[1, 2] + x[0, 0], [MATRIX]),
    "a row": (lambda x: x[1] * x[0], [MATRIX]),
    "a shape": (lambda x: x.reshape(2, 6) + 1, [MATRIX]),
    "the shape of what is turned": (lambda x: x.T.reshape(12), [MATRIX]),
    "one element as a number": (lambda x: x[:1].reshape(()) + x, [VECTOR]),
    "one element of a matrix": (lambda x: x[:1, :1].reshape(()), [MATRIX]),
    "a prefix": (lambda x, n: jnp.where(jnp.arange(8) < n, x * x, 0.0).astype("float32").sum(), [INSIDE * 3, INDEX]),
    "a prefix of nothing": (lambda x, n: jnp.where(jnp.arange(8) < n, x, 0.0).sum(), [VECTOR, np.array(-2)]),
    "a prefix of all": (lambda x, n: jnp.where(jnp.arange(8) < n, x, 0.0).sum(), [VECTOR, np.array(20)]),
    "a prefix of what is computed": (
        lambda x, n: jnp.where(jnp.arange(8) < n, jnp.exp(x) * 2 + x[0], 0.0).sum(), [INSIDE[:4].repeat(2) * 3, INDEX]),
    "what is chosen": (
        lambda x: [jnp.where(x > 0, f, e) for f in (x, 2.0) for e in (0.0, 1.0)], [INSIDE]),
    "sums of what is chosen": (lambda x: jnp.where(x > 0, x * 3, 0.0).astype("float32").sum(), [INSIDE]),
    "and of the others": (lambda x: (-jnp.where(x > 0, x, 1.0) + 1).sum() + jnp.where(x > 0, x, 2.0).sum(), [INSIDE]),
    "sums of squares of what is chosen": (lambda x: (lambda c: (c * c).sum())(jnp.where(x > 0, x, 0.0)), [INSIDE]),
    "of what two masks choose": (
        lambda x: (jnp.where(x > 0, x, 0.0) * jnp.where(x > 0.2, x, 0.0)).sum(), [INSIDE]),
    "extremes of what is chosen": (
        lambda x: [jnp.where(x > 0, x, -jnp.inf).max(), jnp.where(x > 0, x, jnp.inf).min()], [INSIDE]),
    "sums of one that is chosen, stretched": (
        lambda x: (lambda c: jnp.broadcast_to(jnp.where(c > 0, c, 0.0), (5,)).sum())(x[:1]), [INSIDE]),
    "extremes of nothing": (lambda x: jnp.where(x > 100, x, -jnp.inf).max(), [INSIDE]),
    "extremes that something else bounds": (lambda x: jnp.where(x > 0.3, x, 7.0).max(), [INSIDE]),
    "numbers with a dtype of their own": (lambda x: [x.astype("float32"), x.astype("float32").reshape(1)], [NUMBER]),
    "how many of what is stretched": (
        lambda x, n: [(jnp.broadcast_to(v, (3, 4)) > 0).astype("int64").sum() for v in (x, n)], [COLUMN, NUMBER]),
    "how many": (lambda x: [(x > 0).astype("float32").sum(), (x > 0).astype("int8").astype("int64").sum()], [VECTOR]),
    "how many, by rows": (lambda x: (x > 0).astype("float64").sum(1), [MATRIX]),
    "truth from numbers": (lambda x: jnp.where((x > 0).astype("int8") != 0, x, -x), [VECTOR]),
    "a number as an integer": (lambda x: [(x * s).astype("int32") for s in (1, -2.5, 1e300, -1e300, np.nan)], [NUMBER]),
    "numbers put together": (lambda x: direct.stack([x, x * 2, x + 1]), [NUMBER]),
    "minus minus": (lambda x: lax.neg(-x) + jax.nn.sigmoid(-x), [VECTOR]),
    "iota": (lambda x: x + lax.broadcasted_iota("float64", (3, 4), 1), [MATRIX]),
    "joined": (lambda x: jnp.concatenate([x, 2 * x, jnp.zeros((1, 4))]), [MATRIX]),
    "an updated piece": (lambda x: lax.dynamic_update_slice(x, x[:2] * 2, (6,)), [VECTOR]),
    "pieces after pieces": (lambda x: put(put(x * 2, 1, x[:2]), 0, jnp.full(1, 5.0)), [VECTOR[:4]]),
    "a piece, and what was there": (lambda x: (lambda y: (y, put(y, 1, x[:1]), y[0:3] + 1))(x * 2), [VECTOR[:4]]),
    "a piece, and a view of what was there": (lambda x: (lambda y: put(y, 1, x[:1])[1:3] + y[:2])(x * 2), [VECTOR]),
    "a piece of itself": (lambda x: (lambda y: put(y, 1, y[:3]))(x * 2), [VECTOR]),
    "a piece of zeros": (lambda x: put(jnp.zeros(4), 1, x[:2]), [VECTOR]),
    "a piece of a matrix": (lambda x: lax.dynamic_update_slice(x, x[:1, :2] * 2, (1, 2)), [MATRIX]),
    "a sum": (jnp.sum, [MATRIX]),
    "a sum by rows": (lambda x: x.sum(1), [MATRIX]),
    "a sum by columns": (lambda x: x.sum(0), [MATRIX]),
    "a sum of three axes": (lambda x: x.sum((0, 2)), [MATRIX[None]]),
    "a sum of squares": (lambda x: (x * x).sum(), [VECTOR[:4]]),
    "a sum of what is stretched": (lambda x: jnp.broadcast_to(x, (3, 4)).sum(1), [COLUMN]),
    "a sum with something infinite": (jnp.sum, [VECTOR[:7]]),
    "a sum of integers": (lambda x: lax.reduce_sum(x, (0,)), [WHOLE]),
    "a sum of nothing": (lambda x: x[:0].sum(), [VECTOR]),
    "a product": (jnp.prod, [MATRIX]),
    "the greatest": (lambda x: x.max(1), [MATRIX]),
    "the least, with nan": (jnp.min, [VECTOR]),
    "all and any": (lambda x: ((x > 0).all(), (x > 0).any(0)), [MATRIX]),
    "sums up to here": (lambda x: jnp.cumsum(x, 1), [MATRIX]),
    "rows in order": (lambda x: lax.sort(x, dimension=0), [MATRIX]),
    "integers in order": (lambda x: lax.sort(x), [WHOLE]),
    "an order": (lambda x: lax.sort((x, lax.iota("int64", len(x))), num_keys=1), [VECTOR]),
    "an order of truth values": (lambda x: lax.sort((x > 0, lax.iota("int32", len(x))), num_keys=1)[1], [VECTOR]),
    "vector by vector": (lambda x: x[0] @ x[1], [MATRIX]),
    "matrix by vector": (lambda x: x @ x[0], [MATRIX]),
    "vector by matrix": (lambda x, y: y[:, 0] @ x, [MATRIX, COLUMN]),
    "matrix by matrix": (lambda x: x @ x.T, [MATRIX]),
    "turned matrix by matrix": (lambda x: x.T @ x, [MATRIX]),
    "a product, turned": (lambda x: (x @ x.T).T - 1, [MATRIX]),
    "a product of what is turned, turned": (lambda x: (x.T @ x[:, :2]).T.copy(), [MATRIX]),
    "turned twice": (lambda x: (x * 2).T.T + x, [MATRIX]),
    "the places of the greatest": (
        lambda x, y: [lax.argmax(v, d, "int64") for v, d in ((x, 0), (x, 1), (y, 0))], [MATRIX, VECTOR]),
    "a large product": (lambda x: x @ x.T, [RNG.uniform(size=(60, 200))]),
    "of float32": (lambda x: x.T @ x, [RNG.normal(size=(200, 30)).astype("float32")]),
    "of nothing": (lambda x: x[:0].T @ x[:0], [MATRIX]),
    "a batch of products": (lambda x: jnp.einsum("bij,bjk->bik", x, x[:, :, :2]), [RNG.normal(size=(2, 3, 3))]),
    "a batch, turned": (
        lambda x: (jnp.einsum("bji,bjk->bik", x, x), jnp.einsum("bij,bkj->bik", x, x)), [RNG.normal(size=(2, 3, 4))]),
    "a batch of vectors": (
        lambda x: (jnp.einsum("bi,bi->b", x, x), jnp.einsum("bi,bij->bj", x, jnp.ones((3, 4, 2)))), [MATRIX]),
    "a batch along another axis": (lambda x: jnp.einsum("ibj,jbk->bik", x, jnp.ones((4, 3, 2))), [
        RNG.normal(size=(2, 3, 4))]),
    "large": (lambda x: x + 1, [np.arange(100_000.0)]),
    "sums of what is large": (lambda x: [x.sum(), x.sum(0), x.sum(1), x.max(1)], [RNG.uniform(size=(300, 500))]),
    "sums in float64": (
        lambda x: x.astype("float64").sum(), [RNG.uniform(size=(300, 500)).astype("float32")]),
    "rows of several axes": (
        lambda x: [(x * 2).sum((2, 3)), (x + 1).sum(3), (x - 1).sum(), x.sum((1, 2, 3))],
        [RNG.normal(size=(2, 3, 4, 5))]),
    "rows in float64": (
        lambda x: x.astype("float64").sum(1), [RNG.uniform(size=(300, 500)).astype("float32")]),
    "signs of many": (
        jnp.sign, [np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 2.3e-308, -1e308, *RNG.normal(size=600)])]),
    "signs of float32": (
        jnp.sign, [np.array([0, -0.0, np.nan, 1.2e-38, -1e38, *RNG.normal(size=600)], "float32")]),
    "extremes of many short rows": (lambda x: [x.max(1), x.min(1)], [RNG.normal(size=(600, 10))]),
    "rows of what is large": (lambda x, n: lax.dynamic_slice(x, (n, 0), (7, 9)) * 2, [np.ones((90_000, 9)), INDEX]),
    "all or nothing": (lambda x, n: jnp.where(n > 1, x * 2, x), [MATRIX, INDEX]),
    "nothing or all": (lambda x, n: jnp.where(n > 2, x * 2, x), [MATRIX, INDEX]),
    "one of two that are computed": (lambda x, n: jnp.where(n > 2, x * 2, x * 3) + x, [MATRIX, INDEX]),
    "both turned": (lambda x: lax.dot_general(x, x[:, :3], (((0,), (1,)), ((), ()))), [MATRIX]),
    "nothing of it": (lambda x: x[:0] * 2, [VECTOR]),
    "a call": (lambda x: jax.jit(lambda y: y * 3)(x) + jax.nn.relu(x) + jax.nn.sigmoid(x), [VECTOR]),
    "a constant only": (lambda x: jnp.ones(3), [VECTOR]),
    "what was given": (lambda x: (x, x), [VECTOR]),
    "twice the same": (lambda x: (x + 1, x + 1), [VECTOR]),
}  # fmt: skip

#: name -> (function, arguments)
LEFT = {
    "large": (lambda x: x + 1, [np.ones((1 << 20) + 1)]),
    "large in between": (lambda x: jnp.outer(x, x).sum(), [np.ones(1200)]),
    "what takes long": (lax.erf_inv, [np.ones(5000)]),
    "more operations than XLA needs kernels": (lambda x: (x * 2 + x / 3 - x) * x + x * x, [np.ones(100_000)]),
    "a row, stretched to many short ones": (lambda x, y: x - y, [np.ones((10_000, 2)), np.ones((1, 2))]),
    "few products, and much else": (lambda x, y: lax.erf_inv(x @ y), [np.ones((300, 9)), np.ones((9, 300))]),
    "products over two axes": (lambda x: jnp.einsum("bij,bij->b", x, x), [RNG.normal(size=(2, 3, 4))]),
    "matrices with their rows and columns outside": (lambda x: lax.dot_general(x, x, (((0,), (0,)), ((2,), (2,)))),
        [RNG.normal(size=(3, 2, 4))]),
    "division of integers": (lambda x: lax.div(x, x), [WHOLE]),
    "rests of integers": (lambda x: lax.rem(x, x), [WHOLE]),
    "integers by 0": (lambda x: lax.div(x, np.int8(0)), [WHOLE]),
    "integers by one below 0": (lambda x: lax.div(x, np.int8(-1)), [WHOLE]),
    "a float as an integer": (lambda x: x.astype("int32"), [VECTOR]),
    "halves away from zero": (lambda x: lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO), [VECTOR]),
    "a loop": (lambda x: lax.fori_loop(0, 3, lambda _, y: y * 2, x), [VECTOR]),
    "a complex number": (lambda x: x * 1j, [VECTOR]),
    "half a float": (lambda x: x.astype("float16"), [VECTOR]),
    "a choice": (lambda x: lax.cond(x > 0, jnp.sin, jnp.cos, x), [NUMBER]),
    "an order by two keys": (lambda x: lax.sort((x, lax.iota("int64", len(x))), num_keys=2), [VECTOR]),
    "what is sorted by": (lambda x: lax.sort((x, -x), num_keys=1)[1], [VECTOR]),
    "what numpy has not": (lambda x: lax.igamma(x, x), [VECTOR]),
    "the greatest of nothing": (lambda x: lax.reduce_max(x, (0,)), [np.ones(0)]),
    "many operations": (lambda x: sum(jnp.exp(x + k) for k in range(60)), [VECTOR]),
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_machine(monkeypatch):
    """Estimates are those of one machine, so that choices are the same on each."""
    monkeypatch.setattr(numpy_costs, "_has_vectors", lambda: False)


@pytest.fixture(autouse=True)
def sixty_four_bits():
    with jax.enable_x64(True):
        yield


def closed(function, arguments):
    return jax.jit(function).trace(*arguments).jaxpr


@pytest.mark.parametrize("name", ROWS)
def test_numpy_computes_what_xla_does(name, monkeypatch):
    """Whichever takes longer."""
    monkeypatch.setattr(numpy_costs, "by_xla", lambda *_, **__: 1e6)
    function, arguments = ROWS[name]
    wanted = jax.tree.leaves(jax.jit(function)(*arguments))
    made = by_numpy(closed(function, arguments))
    assert made is not None
    kept = [a.copy() for a in arguments]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = made(*arguments)
    for a, b in zip(found, wanted, strict=True):
        assert type(a) is np.ndarray and (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-6 if a.dtype == "float32" else 1e-13, atol=1e-15)
        assert a.flags.writeable and a.flags.c_contiguous
    for i, a in enumerate(found):
        if a.size and a.dtype != bool:
            a[...] = 77  # it is nobody else's
            assert not any(np.shares_memory(a, b) for b in [*arguments, *found[:i]])
    for a, b in zip(arguments, kept, strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(made(*arguments), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6 if a.dtype == "float32" else 1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["lgamma", "digamma", "erf", "erfc", "erf_inv", "bessel_i0e", "bessel_i1e"])
def test_functions_that_scipy_has(name, dtype):
    """But for a pole: of 0 XLA has no digamma."""
    points = [0.3, 0.5, 1, 2, -1, -2, -0.5, 1e-5, 170, 1e6, -1.5, 0.999, np.inf, -np.inf, np.nan]
    points = np.array([*points, *([] if name == "digamma" else [0, -0.0])], dtype)
    made = by_numpy(closed(getattr(lax, name), [points]), 10)
    wanted = np.asarray(getattr(lax, name)(points))
    (found,) = made(points)
    assert found.dtype == wanted.dtype
    exact = {"rtol": 1e-11, "atol": 1e-15} if dtype == "float64" else {"rtol": 2e-6, "atol": 1e-6}
    np.testing.assert_allclose(found, wanted, **exact)


@pytest.mark.parametrize("vectors", [False, True])
def test_what_functions_take_is_known(vectors, monkeypatch):
    """Of all that numpy computes; on some processors numpy has vectorised ones."""
    monkeypatch.setattr(numpy_costs, "_has_vectors", lambda: vectors)
    for name in {*numpy_rules._FUNCTIONS, *numpy_rules._SPECIAL, "logistic", "pow"}:
        for dtype in map(np.dtype, ("float32", "float64")):
            equation = SimpleNamespace(
                primitive=SimpleNamespace(name=name), outvars=[SimpleNamespace(aval=SimpleNamespace(dtype=dtype))]
            )
            assert 0 < numpy_costs.function(equation, 0) < 0.1 and 0 < numpy_costs.function(equation, 1) < 1
            if vectors and name == "exp":
                assert numpy_costs.function(equation, 1) == 0.001


def test_rows_that_something_is_stretched_to_are_taken_one_by_one():
    rows = (5000, 2)
    assert numpy_costs.stretched([rows, ()], rows) == 0
    along, to_all = (numpy_costs.stretched([rows, other], rows) for other in ((5000, 1), (1, 2)))
    assert 0 < along < to_all == numpy_costs.stretched([(5000, 1), (1, 2)], rows)
    assert numpy_costs.stretched([(5000, 16), (1, 16)], (5000, 16)) == to_all


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_xla(name):
    function, arguments = LEFT[name]
    assert by_numpy(closed(function, arguments)) is None


def by(f):
    """Which of a function's executables numpy computes."""
    return [made.by_numpy for made in f.specializations]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "uint8", "bool"])
def test_what_is_sorted_or_selected_is_numpys(dtype):
    x = T.vector("x", dtype=dtype)
    best, places = T.topk_and_argtopk(x, 2)
    f = tx.function([x], [T.sort(x), T.argsort(x), best, places, *x.nonzero(), x[x.nonzero()]])
    drawn = np.array([3, 0, 5, 1, 0, 5, 2, 9, 0, 7])
    for data in (drawn, -drawn, drawn[:4]):
        data = data.astype(dtype)
        ordered, order, largest, at, nonzero, chosen = f(data)
        np.testing.assert_array_equal(ordered, np.sort(data))
        np.testing.assert_array_equal(order, np.argsort(data, kind="stable"))
        np.testing.assert_array_equal(largest, np.sort(data)[-2:][::-1])
        np.testing.assert_array_equal(data[at], largest)
        np.testing.assert_array_equal(nonzero, np.flatnonzero(data))
        np.testing.assert_array_equal(chosen, data[data != 0])
        assert ordered.dtype == best.dtype == dtype and order.dtype == nonzero.dtype == "int64"
    assert all(by(f))
    if dtype.startswith("float"):
        strange = np.array([np.nan, 1, -np.inf, 0.0, np.inf, -1], dtype)
        np.testing.assert_array_equal(f(strange)[0], np.sort(strange))
        np.testing.assert_array_equal(f(strange)[1], np.argsort(strange, kind="stable"))


def test_what_is_greatest_is_looked_for_by_numpy():
    x = T.matrix("x")
    f = tx.function([x], [T.argmax(x, axis=0), T.argmax(x, axis=1), T.argmax(x)])
    for data in (RNG.normal(size=(5, 7)), np.zeros((2, 3)), np.array([[1, np.nan, 2], [np.nan, 3, np.inf]])):
        for found, axis in zip(f(data), (0, 1, None), strict=True):
            np.testing.assert_array_equal(found, np.argmax(data, axis))
    g = tx.function([x], T.argmax(x, axis=1))
    g(MATRIX)
    assert all(by(g))


def test_a_large_shared_variable_is_seen_and_still_updated_in_place():
    """A function that numpy computes looks at the array; one that XLA computes takes its place."""
    start = np.ones((300, 300), "float32")
    w = tx.shared(start)
    look = tx.function([], w.max(axis=0))
    change = tx.function([], [], updates=[(w, T.tanh(w) * 2 + T.exp(-w) * T.sin(w) - T.log1p(abs(w)))])
    expected = start.astype("float64")
    for k in range(6):
        for _ in range(1 + k % 3):  # a second look is kept
            np.testing.assert_allclose(look(), expected.max(0), rtol=1e-4)
        change()
        expected = np.tanh(expected) * 2 + np.exp(-expected) * np.sin(expected) - np.log1p(abs(expected))
        np.testing.assert_allclose(w.get_value(), expected, rtol=1e-4, atol=1e-5)
    assert all(by(look)) and not any(by(change))


@pytest.mark.parametrize("units, wanted", [(10, [True]), (5000, [False])])
def test_minibatches_of_a_shared_variable(units, wanted):
    """numpy takes them out of what is there, where XLA asks for a window first; of shared labels, too."""
    data, labels = RNG.normal(size=(400, 784)).astype("float32"), np.arange(400, dtype="int32") % units
    X, Y, W = tx.shared(data), tx.shared(labels), tx.shared(np.zeros((784, units), "float32"))
    i, x, y = T.lscalar("i"), T.fmatrix("x"), T.ivector("y")
    p = T.nnet.softmax(T.dot(x, W))
    cost = -T.log(p)[T.arange(y.shape[0]), y].mean()
    batch = slice(i * 100, (i + 1) * 100)
    step = tx.function([i], cost, updates=[(W, W - tx.grad(cost, W))], givens={x: X[batch], y: Y[batch]})
    assert step(0) == pytest.approx(np.log(units), rel=1e-5)
    chosen, one_hot = data[:100], np.eye(units)[labels[:100]]
    np.testing.assert_allclose(W.get_value(), chosen.T @ (one_hot - 1 / units) / 100, rtol=1e-3, atol=1e-5)
    assert by(step) == wanted and len(step.specializations[0].handover.windows) == (not wanted[0])
    assert step(3) > 0 and step(0) < np.log(units)


def test_products_of_a_numpy_without_blas_are_left_to_xla(monkeypatch):
    function, arguments = ROWS["a large product"]
    monkeypatch.setattr(numpy_costs, "_has_blas", lambda: False)
    assert by_numpy(closed(function, arguments)) is None
    assert by_numpy(closed(*ROWS["matrix by vector"])) is not None  # a small one all the same


@pytest.mark.parametrize(
    "dtype, vectors, wanted", [("float32", True, [False]), ("float32", False, [True]), ("float64", True, [True])]
)
def test_a_batch_of_products_is_numpys_until_xla_is_told_its_library(monkeypatch, dtype, vectors, wanted):
    """Where what is far is not near all the same."""
    monkeypatch.setattr(numpy_costs, "_has_vectors", lambda: vectors)
    data = RNG.normal(size=(64, 128, 128)).astype(dtype)
    x = T.tensor3("x", dtype=dtype)
    f = tx.function([x], T.batched_dot(x, x))
    for k in range(52):
        found = f(data)
        if k in (0, 49, 51):
            np.testing.assert_allclose(found, np.matmul(data, data), rtol=1e-3, atol=1e-3)
            assert by(f) == ([True] if k < 50 else wanted)


@pytest.mark.parametrize("shape, by_itself", [((40, 3), False), ((9, 9), True), ((3, 40), True)])
def test_a_matrix_by_itself_is_a_whole_product_where_that_is_large(shape, by_itself):
    """numpy has BLAS compute a half, and copies it to the other one element by element."""
    at = RNG.normal(size=shape)
    for function, given in ((lambda x: x @ x.T, at), (lambda x: x.T @ x, np.ascontiguousarray(at.T))):
        made = by_numpy(closed(function, [given]))
        np.testing.assert_allclose(made(given)[0], at @ at.T, rtol=1e-12, atol=1e-12)
        assert ("copy()" in "".join(made.lines)) is not by_itself


def test_a_large_result_is_not_copied(monkeypatch):
    from tx.lowering import device

    x = T.fmatrix("x")
    f = tx.function([x], [T.dot(x, x), x])
    monkeypatch.setattr(device, "asarray", None)  # which copying begins with
    data = RNG.normal(size=(200, 200)).astype("float32")
    for _ in range(6):
        product, same = f(data)
        np.testing.assert_allclose(product, data @ data, rtol=1e-3, atol=1e-4)
        assert same is not data and not np.shares_memory(same, data)


def test_a_transformed_function_is_not_the_one_of_its_name():
    def positions_of_nonzero(x):
        return lax.sort(x)  # which numpy could as well

    f, rows = jax.vmap(jax.jit(positions_of_nonzero)), np.array([[2.0, 0, 1], [0, 3, -1]])
    np.testing.assert_array_equal(by_numpy(closed(f, [rows]))(rows)[0], np.sort(rows))


def test_numbers_that_are_to_have_the_last_digits_of_xla_are_not_numpys():
    f = tx.function([x := T.dvector("x")], BoxMuller()(x, x))
    assert [v.shape for v in f(np.ones(3))] == [(3,), (3,)] and [v.shape for v in f(np.ones(0))] == [(0,), (0,)]
    assert not any(by(f))


def test_where_something_is_true_needs_no_look_whether_it_is_in_range():
    x, y = T.dvectors("x", "y")
    f = tx.function([x, y], y[(x > 0).nonzero()])
    assert f(np.array([1.0, -1, 2]), np.arange(5.0)).tolist() == [0, 2]
    assert not f.specializations[-1].checks
    with pytest.raises(IndexError):
        f(np.array([1.0, -1, 2]), np.arange(2.0))
    assert f.specializations[-1].checks


@pytest.fixture(scope="module")
def slope():
    x = T.dvector("x")
    cost = (T.exp(x[1:]) * x[0]).sum()
    return tx.function([x], [cost, T.grad(cost, x)])


def test_a_function_of_tiny_arrays_is_numpys(slope):
    for n in (3, 5, 3):
        x = np.linspace(0, 1, n)
        for _ in range(6):
            cost, gradient = slope(x)
            np.testing.assert_allclose(cost, np.exp(x[1:]).sum() * x[0])
            np.testing.assert_allclose(gradient, [np.exp(x[1:]).sum(), *(np.exp(x[1:]) * x[0])])
    assert all(by(slope))


def test_large_arrays_are_xlas(slope):
    x = np.linspace(0, 1, 5000)
    for n in (5000, 4, 5000, 4):
        for _ in range(6):
            np.testing.assert_allclose(slope(x[:n].copy())[0], np.exp(x[1:n]).sum() * x[0])
    assert not all(by(slope))


def test_config_tiny_leaves_all_to_xla():
    x = T.dvector("x")
    with tx.config.change_flags(tiny="xla"):
        f = tx.function([x], x * 2)
        f(np.ones(3))
    assert by(f) == [False]


def test_what_a_call_returns_is_the_callers():
    x, s = T.dvector("x"), tx.shared(np.arange(3.0), "s")
    f = tx.function([x], [x, s, s, T.ones(3), x[::-1]])
    for _ in range(8):
        given = np.arange(3.0)
        results = f(given)
        for r in results:
            r[:] = 7
        np.testing.assert_array_equal(given, np.arange(3.0))
        np.testing.assert_array_equal(s.get_value(), np.arange(3.0))
    np.testing.assert_array_equal(f(np.zeros(3))[3], np.ones(3))


def test_shared_variables_go_from_numpy_to_xla_and_back():
    x, s = T.dvector("x"), tx.shared(np.zeros(3), "s")
    small = tx.function([x], s * 1.0, updates=[(s, s + x)])
    with tx.config.change_flags(tiny="xla"):
        large = tx.function([x], s * 1.0, updates=[(s, s * x)])
        large(np.ones(3))
    expected = np.zeros(3)
    for step in range(12):
        np.testing.assert_array_equal(small(np.full(3, 1.0)), expected)
        expected = expected + 1
        held = s.get_value(borrow=True)
        assert not held.flags.writeable
        before = held.copy()
        np.testing.assert_array_equal(large(np.full(3, 2.0)), expected)
        expected = expected * 2
        np.testing.assert_array_equal(held, before)  # what was there is not written to
        if step % 3 == 0:
            s.set_value(expected + 1)
            expected = expected + 1
    assert by(small) == [True] and by(large) == [False]


def test_an_update_that_swaps():
    a, b = tx.shared(np.arange(3.0), "a"), tx.shared(np.ones(3), "b")
    f = tx.function([], [], updates=[(a, b), (b, a)])
    for _ in range(5):
        f()
    np.testing.assert_array_equal(a.get_value(), np.ones(3))
    np.testing.assert_array_equal(b.get_value(), np.arange(3.0))
    a.get_value(borrow=True)
    b.set_value(np.zeros(3))
    f()
    np.testing.assert_array_equal(a.get_value(), np.zeros(3))


def test_a_check_that_fails_leaves_states_as_they_were():
    i, s = T.lscalar("i"), tx.shared(np.zeros(3), "s")
    f = tx.function([i], T.opt.assert_op(s.sum(), T.lt(i, 3)), updates=[(s, s + 1)])
    for n in range(8):
        if n % 2:
            with pytest.raises(AssertionError):
                f(5)
        else:
            assert f(1) == 3 * (n // 2)
    np.testing.assert_array_equal(s.get_value(), np.full(3, 4.0))


def test_trusted_arguments_are_not_looked_at():
    x = T.dvector("x")
    f = tx.function([x], x * 3)
    f.trust_input = True
    for _ in range(8):
        assert f(np.ones(2)).tolist() == [3, 3]
    assert f(np.ones(2, "float32")).dtype == "float64"


@pytest.mark.parametrize("trusted", [False, True])
def test_what_is_written_into_the_call(trusted):
    """One shape: the lines of numpy's are those of the call. Whatever else comes is taken as ever."""
    x, k, s = T.dvector("x"), T.dscalar("k"), tx.shared(np.zeros(3), "s")
    with tx.config.change_flags(length_buckets="off"):
        f = tx.function([x, k], [x * k + s, k + 1], updates=[(s, s + k)])
    f.trust_input = trusted
    state = np.zeros(3)

    def call(given, number):
        nonlocal state
        found, more = f(given, number)
        np.testing.assert_array_equal(found, np.asarray(given, "float64") * np.asarray(number) + state)
        assert (found.dtype, more.dtype, more) == ("float64", "float64", np.asarray(number) + 1)
        state = state + np.asarray(number)
        np.testing.assert_array_equal(s.get_value(), state)

    for _ in range(6):
        call(np.ones(3), np.array(2.0))
    assert "multiply" in f._shortcut.__code__.co_names
    with jax.enable_x64(True):
        on_device = jnp.arange(3.0), jnp.array(0.5)
    call(*on_device)
    call(np.arange(6.0)[::2], np.array(0.5))
    if not trusted:
        call([1, 2, 3], 4)
        call(np.arange(3, dtype="int8"), np.float64(3))
        call(np.arange(3.0), np.float32(3))
        with pytest.raises(TypeError, match="Wrong number of dimensions"):
            f(np.ones((3, 3)), 1)
    assert "multiply" in f._shortcut.__code__.co_names
    s.set_value(np.zeros(2))
    state = np.zeros(2)
    for _ in range(6):
        call(np.ones(2), np.array(2.0))
    s.set_value(np.zeros(3))
    state = np.zeros(3)
    for _ in range(6):
        call(np.ones(3), np.array(2.0))


def test_numpys_own_ways_with_errors_stay():
    x = T.dvector("x")
    f = tx.function([x], x / x)
    with np.errstate(all="raise"):
        for _ in range(8):
            assert np.isnan(f(np.zeros(2))).all()
        assert np.geterr()["divide"] == "raise"
        with pytest.raises(FloatingPointError):
            np.ones(2) / np.zeros(2)


def test_threads_at_once():
    x = T.dvector("x")
    f = tx.function([x], T.exp(x).sum() + x)
    f(np.zeros(3))
    wrong = []

    def work(k):
        for _ in range(500):
            if not np.allclose(f(np.full(3, float(k))), 3 * np.exp(k) + k):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_what_runs_can_be_read(slope):
    slope(np.ones(3))
    part = slope.program.parts()[0]
    assert "exp(" in part.source and "stablehlo" in part.stablehlo


def test_numpy_makes_the_first_calls(monkeypatch):
    """Where it is slow, until a fixed call; then XLA is asked, and states go on."""
    monkeypatch.setattr(specialize, "_UNTIERED", 3)
    x, s = T.dvector("x"), tx.shared(np.zeros(4), "s")
    y = x
    for k in range(60):
        y = T.tanh(y * k) + x
    with tx.config.change_flags(tiered=True):
        f = tx.function([x], y.sum(), updates=[(s, s + x)])
        results = []
        for call in range(8):
            results.append(f(np.linspace(0, 1, 4)))
            assert by(f) == [call < 3]
        h = tx.function([x], y.sum())
        h(np.ones(20_000))
        assert by(h) == [False]  # of which numpy would be too slow
    assert np.ptp(results) < 1e-12
    np.testing.assert_allclose(s.get_value(), np.linspace(0, 8, 4))
    g = tx.function([x], y.sum())
    g(np.ones(4))
    assert by(g) == [False]
