"""Length buckets: padded functions give what functions give as they were written, with few executables."""

import contextlib

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.compile.buckets import bucket, pad
from tx.random.streams import MRG_RandomStreams

IN, HIDDEN, WORDS = 3, 4, 7


@pytest.fixture(autouse=True)
def double():
    with tx.config.change_flags(floatX="float64", mode="FAST_COMPILE"):
        yield


def parameters(*shapes):
    rng = np.random.RandomState(1)
    return [tx.shared(rng.randn(*shape) * 0.5) for shape in shapes]


def rnn(x, W, U, **options):
    return tx.scan(
        lambda v, h: T.tanh(T.dot(v, W) + T.dot(h, U)), x, T.zeros((x.shape[1], HIDDEN)), **options
    )[0]  # fmt: skip


def batch(rng, n):
    return rng.randn(n, 2, IN)


# -- programs: (inputs, outputs, data of a length) --------------------------------------------------------------------


def elementwise_and_reductions():
    x = T.matrix("x")
    cost = (T.tanh(x) * x).sum() + x.max(axis=0).sum() + T.dot(x.T, x).sum() + x.min() * x.prod()
    outputs = [cost, T.grad(cost, x), x.argmax(axis=0), x.argmin(), x.var(axis=0), T.exp(x), T.any(x > 2), x.shape]
    return [x], [*outputs, T.all(x > -9, axis=0), T.nnet.softmax(x.T), x[-1], x[-2:], x[1:-1]], lambda rng, n: [
        rng.randn(n + 1, 3)]  # fmt: skip


def mean_of_differences():
    v = T.vector("v")
    cost = T.mean((v[1:] - v[:-1]) ** 2)
    return [v], [cost, T.grad(cost, v)], lambda rng, n: [rng.randn(n + 1)]


def running_and_reversed():
    v = T.vector("v")
    cost = (v.cumsum() ** 2).sum() + (v[::-1] * T.arange(v.shape[0])).sum() + v[::-1].cumprod()[-1]
    return [v], [cost, T.grad(cost, v), v[::-1], T.arange(1, v.shape[0])], lambda rng, n: [rng.randn(n + 1)]


def joined():
    x = T.matrix("x")
    first = T.zeros((1, x.shape[1]))
    later = T.concatenate([first, x[:-1]], axis=0)
    earlier = T.concatenate([x[1:], first], axis=0)
    cost = (x * later * T.exp(earlier)).sum()
    moved = T.set_subtensor(T.zeros_like(x)[1:], x[:-1])
    return [x], [cost, T.grad(cost, x), later, earlier, moved, T.inc_subtensor(x[:-1], x[1:])], lambda rng, n: [
        rng.randn(n + 1, 2)]  # fmt: skip


def recurrent():
    W, U = parameters((IN, HIDDEN), (HIDDEN, HIDDEN))
    x = T.tensor3("x")
    h = rnn(x, W, U)
    cost = (h[-1] ** 2).sum()
    return [x], [h, cost, *T.grad(cost, [W, U, x])], lambda rng, n: [batch(rng, n)]


def lstm_classifier():
    W, U, V = parameters((IN, 4 * HIDDEN), (HIDDEN, 4 * HIDDEN), (HIDDEN, 3))
    x, m, y = T.tensor3("x"), T.matrix("m"), T.lvector("y")

    def step(v, keep, h, c):
        i, f, o, z = (
            (T.dot(v, W) + T.dot(h, U))[:, k * HIDDEN : (k + 1) * HIDDEN] for k in range(4)
        )  # fmt: skip
        new = T.nnet.sigmoid(f) * c + T.nnet.sigmoid(i) * T.tanh(z)
        keep = keep.dimshuffle(0, "x")
        return keep * T.nnet.sigmoid(o) * T.tanh(new) + (1 - keep) * h, keep * new + (1 - keep) * c

    zeros = T.zeros((x.shape[1], HIDDEN))
    h = tx.scan(step, [x, m], [zeros, zeros])[0][0]
    mean = (h * m.dimshuffle(0, 1, "x")).sum(axis=0) / m.sum(axis=0).dimshuffle(0, "x")
    cost = T.nnet.categorical_crossentropy(T.nnet.softmax(T.dot(mean, V)), y).mean()

    def data(rng, n):
        mask = (rng.rand(n, 2) > 0.3).astype("float64")
        mask[0] = 1
        return [batch(rng, n), mask, rng.randint(0, 3, 2)]

    return [x, m, y], [cost, *T.grad(cost, [W, U, V])], data


def language_model():
    W, U, E, V = parameters((IN, HIDDEN), (HIDDEN, HIDDEN), (WORDS, IN), (HIDDEN, WORDS))
    i = T.lmatrix("i")
    h = rnn(E[i], W, U)
    p = T.nnet.softmax(T.dot(h, V).reshape((-1, WORDS)))
    costs = -T.log(p)[T.arange(p.shape[0]), i.flatten()].reshape(i.shape)
    cost = costs.sum(axis=0).mean()
    return [i], [costs, cost, *T.grad(cost, [W, U, E, V])], lambda rng, n: [rng.randint(0, WORDS, (n, 2))]


def bidirectional():
    W, U = parameters((IN, HIDDEN), (HIDDEN, HIDDEN))
    x = T.tensor3("x")
    both = T.concatenate([rnn(x, W, U), rnn(x, W, U, go_backwards=True)[::-1]], axis=2)
    cost = (both**2).mean()
    return [x], [cost, *T.grad(cost, [W, U, x])], lambda rng, n: [batch(rng, n)]


def attention():
    W, U = parameters((IN, HIDDEN), (HIDDEN, HIDDEN))
    x = T.tensor3("x")
    read = rnn(x, W, U)

    def step(h):
        weights = T.nnet.softmax((read * h).sum(axis=2).T).T
        return T.tanh(T.dot(h, U) + (weights.dimshuffle(0, 1, "x") * read).sum(axis=0))

    h = tx.scan(step, outputs_info=T.ones((x.shape[1], HIDDEN)), n_steps=3)[0]
    cost = (h**2).sum()
    return [x], [h, cost, *T.grad(cost, [W, U, x])], lambda rng, n: [batch(rng, n)]


def batch_first():
    W, U = parameters((IN, HIDDEN), (HIDDEN, HIDDEN))
    x = T.tensor3("x")
    h = rnn(x.dimshuffle(1, 0, 2), W, U).dimshuffle(1, 0, 2)
    cost = (h**2).mean()
    return [x], [h, cost, T.grad(cost, x)], lambda rng, n: [rng.randn(2, n, IN)]


def batch_first_and_merged():
    W, V = parameters((IN, HIDDEN), (HIDDEN, 2))
    x, y = T.tensor3("x"), T.lmatrix("y")
    h = T.tanh(T.dot(x.reshape((-1, IN)), W)).reshape((x.shape[0], x.shape[1], HIDDEN))
    p = T.nnet.softmax(T.dot(h.reshape((x.shape[0] * x.shape[1], HIDDEN)), V))
    costs = T.nnet.categorical_crossentropy(p, y.flatten())
    cost = (costs.reshape(y.shape) * T.arange(y.shape[1])).mean()
    outputs = [costs, p.argmax(axis=1)[::-1], x.flatten(2), h.reshape((2, -1)), x.reshape((1, 2, x.shape[1], IN))]
    return [x, y], [*outputs, cost, *T.grad(cost, [W, V, x])], lambda rng, n: [
        rng.randn(2, n, IN), rng.randint(0, 2, (2, n))]  # fmt: skip


def scores_of_positions():
    W, U = parameters((HIDDEN, HIDDEN), (IN, HIDDEN))
    x, q = T.tensor3("x"), T.matrix("q")
    keys = T.dot(x, U).dimshuffle(1, 0, 2)
    scores = T.batched_dot(keys, T.dot(q, W))
    read = T.batched_dot(T.nnet.softmax(scores), keys)
    cost = (read**2).sum() + T.gammaln(T.exp(scores)).sum() + T.tensordot(x, x, [[0, 1], [0, 1]]).sum()
    return [x, q], [scores, cost, *T.grad(cost, [W, U, q, x])], lambda rng, n: [batch(rng, n), rng.randn(2, HIDDEN)]


def table_of_positions():
    E, D = parameters((20, IN), (4, 2))
    x = T.tensor3("x")
    h = T.tanh(x + E[: x.shape[0]].dimshuffle(0, "x", 1) * T.exp(D[:, None, : x.shape[1]].mean()))
    moved = T.set_subtensor(x[0, :, 1:], h[-1, :, :-1])
    cost = (h * moved).sum() + h[T.arange(x.shape[0]) // 2, 1].sum()
    return [x], [h, moved, cost, *T.grad(cost, [E, x])], lambda rng, n: [batch(rng, n)]


def taps_and_truncation():
    v = T.vector("v")
    h = tx.scan(
        lambda a, b, p, q: T.sin(a * b + p - 0.5 * q), {"input": v, "taps": [0, -2]},
        {"initial": T.ones(2), "taps": [-1, -2]}, truncate_gradient=3,
    )[0]  # fmt: skip
    cost = (h**2).sum()
    return [v], [h, cost, T.grad(cost, v)], lambda rng, n: [rng.randn(n + 2)]


def ended_by_a_condition():
    v = T.vector("v")
    h = tx.scan(lambda a, s: (s + a**2, tx.scan_module.until(s + a**2 > 6)), v, T.zeros(()))[0]
    cost = (h**2).sum()
    return [v], [h, cost, T.grad(cost, v)], lambda rng, n: [rng.randn(n)]


def forward_mode():
    v, t = T.vector("v"), T.vector("t")
    h = tx.scan(lambda a, s: T.tanh(s + a), v, T.zeros(()))[0]
    return [v, t], [T.Rop(h, v, t)], lambda rng, n: [rng.randn(n), rng.randn(n)]


def two_lengths():
    x, y = T.matrix("x"), T.matrix("y")
    weights = T.nnet.softmax(T.dot(x, y.T))
    cost = (T.dot(weights, y) * x).sum()
    return [x, y], [weights, cost, *T.grad(cost, [x, y])], lambda rng, n: [rng.randn(n, 2), rng.randn(n // 2 + 2, 2)]


PROGRAMS = [
    elementwise_and_reductions, mean_of_differences, running_and_reversed, joined, recurrent, lstm_classifier,
    language_model, bidirectional, attention, batch_first, batch_first_and_merged, scores_of_positions,
    table_of_positions,
    taps_and_truncation, ended_by_a_condition, forward_mode, two_lengths,
]  # fmt: skip


def agree(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
def test_exact(program, rng):
    inputs, outputs, data = program()
    padded = tx.function(inputs, outputs)
    exact = tx.function(inputs, outputs)
    with tx.config.change_flags(length_buckets=[4, 16]):
        padded(*data(rng, 9))
        for n in (1, 3, 14):
            values = data(rng, n)
            with tx.config.change_flags(length_buckets="off"):
                expected = exact(*values)
            agree(padded(*values), expected)
    *_, form = padded._compute.forms.values()
    assert form is not None and form.failures == 0 and form.program.specializations


def test_all_lengths_against_numpy(rng):
    v = T.vector("v")
    f = tx.function([v], [v.mean(), v.argmax(), T.grad((v**2).mean(), v), v[::-1], T.sort(v.sum() + v[:1])])
    lengths = rng.permutation(40) + 1
    for n in [*lengths, *lengths]:
        x = rng.randn(n)
        agree(f(x), [x.mean(), x.argmax(), 2 * x / n, x[::-1], x.sum() + x[:1]])
    assert len(f.specializations) == 1 + 2  # that met first, and 16, 64


def test_a_hundred_lengths_need_few_executables(rng):
    x = T.vector("x")
    h = tx.scan(lambda v, s: T.tanh(v + s), x, T.zeros(()))[0]
    f = tx.function([x], h[-1])
    for n in rng.permutation(512)[:100] + 1:
        value, s = rng.randn(n), 0.0
        for v in value:
            s = np.tanh(v + s)
        np.testing.assert_allclose(f(value), s, rtol=1e-12)
    assert len(f.specializations) <= 12


# -- what has no padded form ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression, expected",
    [
        (lambda v: T.sort(v), np.sort),
        (lambda v: v[::2], lambda x: x[::2]),
        (lambda v: T.repeat(v, 2), lambda x: np.repeat(x, 2)),
        (lambda v: T.outer(v, v).flatten(), lambda x: np.outer(x, x).ravel()),
    ],
)
def test_what_cannot_be_padded_is_right_and_compiled_by_length(expression, expected, rng):
    v = T.vector("v")
    f = tx.function([v], expression(v))
    for n in range(1, 7):
        x = rng.randn(n)
        np.testing.assert_array_equal(f(x), expected(x))
    assert len(f.specializations) == 6 and list(f._compute.forms.values()) == [None]


def test_random_numbers_stay_the_same():
    streams = [MRG_RandomStreams(3) for _ in range(2)]
    v = T.vector("v")
    f, g = (tx.function([v], v * s.uniform(v.shape)) for s in streams)
    for n in range(1, 7):
        with tx.config.change_flags(length_buckets="off"):
            expected = g(np.ones(n))
        np.testing.assert_array_equal(f(np.ones(n)), expected)


def test_an_update_of_a_varying_length():
    state, v = tx.shared(np.zeros(1)), T.vector("v")
    f = tx.function([v], updates=[(state, v * 2)])
    for n in range(1, 7):
        f(np.ones(n))
        assert state.get_value().tolist() == [2.0] * n


# -- what padding must not show ---------------------------------------------------------------------------------------


def warm(f, *values):
    """Call f with arguments of four lengths, so that the next one finds it padded."""
    for n in (5, 6, 7, 8):
        f(*[v[:n] for v in values])


def test_nan_passes_as_it_should(rng):
    x = T.matrix("x")
    W = tx.shared(rng.randn(2, 2))
    outputs = [T.dot(x, W), x.sum(), x.max(axis=0), T.grad((T.log(x) * x).sum(), x)]
    f = tx.function([x], outputs)
    warm(f, np.ones((9, 2)))
    value = rng.rand(11, 2)
    value[0, 0], value[-1, 1], value[3] = np.nan, np.inf, 0
    found = f(value)
    with np.errstate(all="ignore"):
        agree(found, [value @ W.get_value(), value.sum(), value.max(axis=0), np.log(value) + value / value])


def test_the_gradient_of_padded_steps_is_no_nan():
    x, w = T.vector("x"), tx.shared(2.0)
    h = tx.scan(lambda v, s: T.sqrt(s * w - v), x, T.constant(np.float64(1)))[0]
    f = tx.function([x], T.grad(h[-1], w))
    warm(f, np.ones(9))
    # A step beyond the last would take the root of 0, whose derivative is infinite.
    value = np.ones(10)
    value[-1] = 1.75
    s = d = 1.0
    d = 0.0
    for v in value:
        s, d = np.sqrt(s * 2 - v), (s + 2 * d) / (2 * np.sqrt(s * 2 - v))
    np.testing.assert_allclose(f(value), d, rtol=1e-12)


def test_a_failed_check_leaves_the_shared_variables_and_tells_the_true_length(rng):
    table, i = tx.shared(np.zeros((5, 2))), T.lvector("i")
    x = T.vector("x")
    f = tx.function([i, x], x[i].sum(), updates=[(table, T.inc_subtensor(table[i], 1))])
    warm(f, np.zeros(9, "int64"), np.ones(9))
    before = table.get_value()
    for bad, text in (([0, 7] * 5, "index 7 .* size 5"), ([0, 12] * 5, "index 12 .* size 10"), ([-11] * 10, "-11")):
        with pytest.raises(IndexError, match=text):
            f(np.array(bad), np.ones(10))
        np.testing.assert_array_equal(table.get_value(), before)
    assert f(np.array([0, -1] * 5), np.arange(10.0) % 5) == 20
    assert table.get_value()[-1].tolist() == [5, 5]


def test_errors_are_those_of_the_true_lengths():
    x, y = T.vector("x"), T.vector("y")
    f = tx.function([x, y], x + y)
    warm(f, np.ones(9), np.ones(9))
    assert f(np.ones(10), np.ones(10)).shape == (10,)
    with pytest.raises(ValueError, match="11"):
        f(np.ones(10), np.ones(11))
    assert f(np.ones(13), np.ones(13)).shape == (13,)


def test_lengths_of_zero_and_of_one(rng):
    x = T.matrix("x")
    f = tx.function([x], [x.sum(axis=0), x[1:].shape[0]])
    warm(f, np.ones((9, 2)))
    for n in (0, 1, 2):
        value = rng.randn(n, 2)
        agree(f(value), [value.sum(axis=0), np.int64(max(n - 1, 0))])


def test_arguments_that_were_equally_long_only_so_far(rng):
    x, y = T.vector("x"), T.vector("y")
    f = tx.function([x, y], [x.sum(), y.sum()])
    for n in (2, 3, 4, 5, 6):
        f(np.ones(n), np.ones(n))
    assert [len(places) for places, _ in f._compute.classes] == [2]
    assert f(np.ones(9), np.ones(4)) == [9, 4]
    assert f(np.ones(10), np.ones(3)) == [10, 3]
    assert [len(places) for places, _ in f._compute.classes] == [1, 1]


def test_a_padded_form_that_keeps_failing_is_given_up():
    x, i = T.vector("x"), T.lscalar("i")
    f = tx.function([x, i], x[:i].sum())
    for n in range(2, 12):
        assert f(np.ones(n), 30) == n  # a slice may end beyond the end, which the padded form does not know
    assert 3 in [form.failures for form in f._compute.forms.values() if form is not None]


def test_what_padding_must_check_is_not_padded_without_checks():
    x, i = T.vector("x"), T.lscalar("i")
    with tx.config.change_flags(checks="off"):
        f = tx.function([x, i], x[:i].sum())
        assert [f(np.ones(n), 30) for n in range(2, 12)] == list(range(2, 12))
        g = tx.function([x], x[-1])
        assert [g(np.arange(n)) for n in range(2, 12)] == list(range(1, 11))
        assert len(f.specializations) == 10 and len(g.specializations) == 2


def test_copies_and_freed_functions(rng):
    x = T.vector("x")
    f = tx.function([x], x.sum())
    warm(f, np.ones(9))
    f.free()
    assert f.specializations == [] and f.copy()(np.ones(4)) == 4
    warm(f, np.ones(9))
    assert len(f.specializations) == 2


# -- the flag ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, count", [("off", 12), ("auto", 1 + 1), ([6, 12], 1 + 2), ("6, 12", 1 + 2), (1.5, 1 + 2)]
)
def test_the_flag(value, count):
    x = T.vector("x")
    f = tx.function([x], x.sum())
    with tx.config.change_flags(length_buckets=value):
        for n in range(1, 13):
            assert f(np.ones(n)) == n
    assert len(f.specializations) == count


def test_the_flag_may_change():
    x = T.vector("x")
    f = tx.function([x], x.sum())
    with tx.config.change_flags(length_buckets=[100]):
        for n in (1, 2, 3):
            f(np.ones(n))
        assert len(f.specializations) == 2
    with tx.config.change_flags(length_buckets="off"):
        f(np.ones(3))
        assert len(f.specializations) == 3


@pytest.mark.parametrize("value", ["sometimes", [], [0, 4], [8, 4], 1, 0.5, True, float("inf")])
def test_values_that_the_flag_cannot_have(value):
    with pytest.raises(ValueError, match="length_buckets"):
        tx.config.length_buckets = value


def test_buckets():
    assert [bucket(n, "auto") for n in (1, 8, 9, 512, 513)] == [8, 8, 16, 512, 1024]
    assert [bucket(n, (10, 20)) for n in (1, 10, 11, 21)] == [10, 10, 20, None]
    assert [bucket(n, "auto", 64) for n in (1, 16, 17, 257, 1024, 1025)] == [16, 16, 64, 1024, 1024, 2048]
    assert [bucket(n, 1.5) for n in (8, 9, 13)] == [8, 12, 18]


def test_padding_repeats_what_comes_first():
    x = np.arange(6).reshape(2, 3)
    assert pad(x, (2, 3)) is x
    assert pad(x, (3, 4)).tolist() == [[0, 1, 2, 0], [3, 4, 5, 3], [0, 1, 2, 0]]
    assert pad(np.array([True, False]), (3,)).tolist() == [True, False, True]


# -- arguments that are lengths themselves ----------------------------------------------------------------------------

k = T.lscalar("k")
ROWS = np.random.RandomState(3).randn(50, 6)
y = tx.shared(ROWS)

#: what is computed of the first k rows, the same by numpy, and how many executables serve all k below 50
UP_TO = {
    "rows": (y[:k], lambda k: ROWS[:k], 2),
    "columns": (y[:, :k], lambda k: ROWS[:, :k], 2),
    "their sum": (y[:k].sum(0), lambda k: ROWS[:k].sum(0), 2),
    "in a product": (T.dot(y[:k].T, y[:k]), lambda k: ROWS[:k].T @ ROWS[:k], 2),
    "with a range": (y[:k, 0] * T.arange(k), lambda k: ROWS[:k, 0] * np.arange(k), 2),
    "in a gradient": (tx.grad((y[:k] ** 2).sum(), y), lambda k: np.r_[2 * ROWS[:k], 0 * ROWS[k:]], 2),
    "a range alone": (T.arange(k) ** 2, lambda k: np.arange(k) ** 2, 4),
    "what has no padded form": (y[k:], lambda k: ROWS[k:], 9),
}


@pytest.mark.parametrize("symbolic, by_numpy, count", UP_TO.values(), ids=UP_TO)
def test_an_argument_may_be_a_length(symbolic, by_numpy, count):
    f = tx.function([k], symbolic)
    for n in (2, 4, 6, 5, 3, 1):
        np.testing.assert_allclose(f(n), by_numpy(n), rtol=1e-12, atol=1e-12)
    assert len(f.specializations) <= max(count, 6)
    np.testing.assert_allclose(f(0), by_numpy(0), rtol=1e-12, atol=1e-12)
    with contextlib.suppress(ValueError):  # numpy's, of shapes
        np.testing.assert_allclose(f(-3), by_numpy(-3), rtol=1e-12, atol=1e-12)


def test_one_executable_serves_all_prefixes_of_few_elements():
    n = T.iscalar("n")
    x = tx.shared(np.arange(1000.0))
    f = tx.function([n], (x[:n] ** 2).sum())
    for i in range(1, 1000, 50):
        assert f(np.int32(i)) == (np.arange(1000.0)[:i] ** 2).sum()
    assert len(f.specializations) == 1
    assert f(2000) == f(1000) == (np.arange(1000.0) ** 2).sum()
    x.set_value(np.ones(10))
    assert (f(7), f(20)) == (7.0, 10.0)


def test_a_prefix_is_not_cut_to_more_where_that_makes_something_large():
    n, x = T.lscalar("n"), tx.shared(np.arange(5000.0))
    f = tx.function([n], [T.outer(x[:n], x[:n]).sum(), x[:n]])
    for i in (3, 7, 2, 8, 9):
        total, prefix = f(i)
        assert (total, prefix.tolist()) == (np.arange(i).sum() ** 2, list(range(i)))
    assert [made.known[1] for made in f.specializations] == [8, 16]
    assert [form.failures for form in f._compute.forms.values()] == [0]


def test_prefixes_of_several_inputs():
    n, x, v = T.lscalar("n"), tx.shared(np.arange(20.0)), T.dvector("v")
    f = tx.function([n, v], T.dot(x[:n], v[:n]))
    for i in (3, 7, 2, 20):
        assert f(i, np.ones(30)) == np.arange(i).sum()
    assert len(f.specializations) == 1


def test_large_arrays_are_padded_after_three_lengths():
    x = T.dmatrix("x")
    f = tx.function([x], x.sum(axis=1))
    for n in (30, 20, 25, 31, 26):
        assert f(np.ones((n, 5000))).tolist() == [5000.0] * n
    assert [made.shapes[0][0] for made in f.specializations] == [30, 20, 25, 32]


def test_few_lengths_that_come_often_are_compiled_for(monkeypatch):
    monkeypatch.setattr("tx.compile.buckets._OFTEN", 4)
    n, x, v = T.lscalar("n"), tx.shared(np.arange(20.0)), T.dvector("v")
    prefix, twice = tx.function([n], (x[:n] * 3).sum()), tx.function([v], v * 2)
    for k in (3, 5, 7, 9, 11):
        for _ in range(7):
            assert prefix(k) == 3 * np.arange(k).sum()
            assert twice(np.ones(k)).tolist() == [2.0] * k
    assert len(prefix.specializations) == 1 + 3
    assert sorted(made.shapes[0][0] for made in twice.specializations) == [3, 5, 7, 9, 16]


def test_indices_of_minibatches_are_no_lengths():
    i, x = T.lscalar("i"), tx.shared(np.arange(100.0))
    f = tx.function([i], x[i * 10 : (i + 1) * 10].sum())
    assert [f(j) for j in range(12)] == [np.arange(100.0)[j * 10 : (j + 1) * 10].sum() for j in range(12)]
    assert len(f.specializations) == 2


def test_lengths_are_looked_for_only_when_something_was_compiled(monkeypatch):
    i = T.lscalar("i")
    f = tx.function([i], T.arange(i).sum())
    look, looks = f._compute._find_scalars, []
    monkeypatch.setattr(f._compute, "_find_scalars", lambda *given: looks.append(given) or look(*given))
    for j in (1, 1, 2, 3, 1, 2, 3, 1, 2):
        f(j)
    assert (len(looks), len(f.specializations)) == (1, 2)


def test_numbers_may_turn_out_to_be_lengths_in_a_padded_form():
    n, v = T.lscalar("n"), T.dvector("v")
    f = tx.function([v, n], v.sum() * T.arange(n).sum())
    for k in (3, 5, 7, 4, 6, 2):
        assert f(np.ones(k), k + 1) == k * np.arange(k + 1).sum()
    assert len(f.specializations) == 3


def test_numbers_may_turn_out_to_be_lengths_where_a_padded_form_fails():
    n, i, v = T.lscalar("n"), T.lscalar("i"), T.dvector("v")
    f = tx.function([v, i, n], v[:i].sum() * T.arange(n).sum())
    for k in range(2, 14):
        assert f(np.ones(k), 30, k + k % 3) == k * np.arange(k + k % 3).sum()


def test_a_route_that_is_one_executable_notices_another_state():
    """Its shape, or what it must be checked for: then the call is made the long way."""
    n, x = T.iscalar("n"), tx.shared(np.arange(9.0))
    f = tx.function([n], (x[:n] * 2).sum())
    for k in (3, 4, 5, 3, 4, 5, 3, 4, 5):
        assert f(k) == k * (k - 1)
    straight = [route for route in f._compute.routes.values() if route.straight is not None]
    assert len(straight) == 3
    x.set_value(np.arange(4.0))
    assert [f(k) for k in (3, 5, 5)] == [6, 12, 12]
    x.set_value(np.arange(9.0))
    assert [f(k) for k in (3, 4, 5, np.int32(5))] == [6, 12, 20, 20]


def test_updates_of_a_prefix():
    x, n = tx.shared(np.zeros(20)), T.lscalar("n")
    f = tx.function([n], x[:n].sum(), updates=[(x, T.inc_subtensor(x[:n], 1.0))])
    expected = np.zeros(20)
    for i in (1, 5, 7, 20, 3, 30, -2, 0, 11):
        assert f(i) == expected[:i].sum()
        expected[:i] += 1
        np.testing.assert_array_equal(x.get_value(), expected)


def test_a_number_of_steps_is_a_length():
    v, n = T.dvector("v"), T.lscalar("n")
    states, _ = tx.scan(lambda s: s * 0.5 + 1, outputs_info=v, n_steps=n)
    f = tx.function([v, n], [states, T.grad(states.sum(), v)])
    for k in (1, 2, 3, 5, 8, 13, 4, -2):
        expected = [0.5**i * 3 + sum(0.5**j for j in range(i)) for i in range(1, abs(k) + 1)]
        found, gradient = f([3.0], k)
        np.testing.assert_allclose(found[:: -1 if k < 0 else 1, 0], expected[:: -1 if k < 0 else 1])
        np.testing.assert_allclose(gradient, [sum(0.5**i for i in range(1, abs(k) + 1))])
    assert len(f.specializations) == 1 + 2 + 1
