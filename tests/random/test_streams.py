"""RandomStreams draw what real Theano draws (golden/random_streams.json), and are handed on as its streams are."""

import inspect
import pickle

import numpy as np
import pytest
import recorded
from recorded import read_bits

import tx
import tx.tensor as T
from tx.lowering.calls import LoopCall
from tx.lowering.export import export_function
from tx.lowering.specialize import Stage
from tx.random import MRG_RandomStreams, raw_random
from tx.random.raw_random import RandomFunction, RandomStateType, random_function, random_state_type
from tx.random.shared_randomstreams import RandomStateSharedVariable, RandomStreams
from tx.random.states import Snapshot, drawn
from tx.tensor.assertions import Assert

GOLDEN, rows = recorded.recording("random_streams"), recorded.table("random_streams")


def test_recording_is_complete():
    draws = GOLDEN["draws"]
    assert {key.split(" | ")[0] for key in draws} == set(rows.ROWS)
    assert len(draws) == len(rows.ROWS) * (len(rows.SEEDS) + 1)
    assert set(GOLDEN["errors"]) == set(rows.ERRORS)


@pytest.mark.parametrize("source", rows.ROWS)
def test_as_theano(source):
    for floatX in rows.FLOATS:
        for seed in rows.SEEDS if floatX == rows.FLOATS[0] else rows.SEEDS[:1]:
            with tx.config.change_flags(floatX=floatX):
                pattern, values = rows.draw(source, seed, tx, T, RandomStreams)
            expected_pattern, expected_values = GOLDEN["draws"][f"{source} | {floatX} | {seed}"]
            assert pattern == expected_pattern
            for value, expected in zip(values, map(read_bits, expected_values), strict=True):
                assert (value.dtype, value.shape) == (expected.dtype, expected.shape)
                np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("source", rows.ERRORS)
def test_errors_as_theano(source):
    expected = GOLDEN["errors"][source]
    with pytest.raises(Exception) as caught:
        rows.build(source, 3, tx, T, RandomStreams)[2]()
    assert expected in [kind.__name__ for kind in type(caught.value).__mro__], repr(caught.value)


# -- where Theano is wrong --------------------------------------------------------------------------------------------


def numbers(source, seed=3):
    """A draw, and the RandomState that makes its numbers."""
    R = RandomStreams(seed)
    return tx.function([], eval(source, {"R": R, "T": T, "np": np}))(), state_of(seed)


def state_of(seed, skip=0):
    """The RandomState of a draw that is not the first."""
    seeds = np.random.RandomState(seed)
    return np.random.RandomState(int([seeds.randint(2**30) for _ in range(skip + 1)][-1]))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Theano's methods do not infer a size here, as its documentation says.
        ("R.poisson()", lambda s: s.poisson()),
        ("R.poisson(lam=T.as_tensor([1., 2.]))", lambda s: s.poisson([1, 2])),
        ("R.choice(None, 5)", lambda s: s.choice(5)),
        ("R.choice((), 5, p=0)", lambda s: s.choice(5)),
        # An ndarray of probabilities, which Theano asks for its truth.
        ("R.choice((3,), 2, p=np.array([.25, .75]))", lambda s: s.choice(2, 3, p=[0.25, 0.75])),
        # The largest of its dtype as the upper bound, which Theano lets overflow.
        ("R.random_integers((2,), 0, np.int64(2**63 - 1))", lambda s: s.randint(0, 2**63, 2, "int64")),
        # No distribution at all.
        ("R.multinomial(pvals=np.zeros((0, 2)))", lambda s: np.zeros((0, 2))),
    ],
)
def test_beyond_theano(source, expected):
    value, state = numbers(source)
    np.testing.assert_array_equal(value, expected(state))


# -- streams ----------------------------------------------------------------------------------------------------------


def stages(f):
    """How many executables a call of `f` runs."""
    return sum(isinstance(step, Stage) for step, _, _ in f.program.steps)


def same(a, b):
    return random_state_type.values_eq(a, b)


def test_states_of_draws():
    R = RandomStreams(5)
    u, v = R.uniform((2,)), R.normal((3,))
    assert isinstance(u.rng, RandomStateSharedVariable)
    assert u.update == (u.rng, u.rng.default_update) == R.state_updates[0]
    assert u.rng.default_update is u.owner.outputs[0]
    assert R.updates() == R.state_updates == [u.update, v.update]
    assert R.updates() is not R.state_updates
    assert same(R[u.rng], state_of(5))
    assert same(R[v.rng], state_of(5, skip=1))
    assert R.gen_seedgen.randint(2**30) == np.random.RandomState(5).randint(2**30, size=3)[-1]
    mine = np.random.RandomState(44)
    R[u.rng] = mine
    assert R[u.rng] is mine
    assert tx.function([], u)().tolist() == np.random.RandomState(44).uniform(size=2).tolist()
    with pytest.raises(TypeError):
        R[u.rng] = 44


def test_seeds():
    R = RandomStreams(5)
    u = R.uniform((2,))
    f = tx.function([], u)
    first, second = f(), f()
    R.seed()
    assert f().tolist() == first.tolist()
    R.seed(7)
    assert f().tolist() == state_of(7).uniform(size=2).tolist()
    R.seed(5)
    assert [f().tolist(), f().tolist()] == [first.tolist(), second.tolist()]
    # New draws are seeded as if there had been no seed().
    assert same(R.normal().rng.get_value(), state_of(5, skip=1))
    assert RandomStreams([1, 2]).gen_seedgen.randint(9) == np.random.RandomState([1, 2]).randint(9)
    assert not np.array_equal(*(tx.function([], RandomStreams().uniform((3,)))() for _ in range(2)))


@pytest.mark.parametrize(("seed", "error"), [(-1, ValueError), (2**32, ValueError), ("a", TypeError), (1.5, TypeError)])
def test_bad_seeds(seed, error):
    with pytest.raises(error):
        RandomStreams(seed)


def test_functions_share_a_stream():
    u = RandomStreams(3).uniform((2,))
    f, g = tx.function([], u), tx.function([], u * 2)
    still = tx.function([], u, no_default_updates=True)
    s = state_of(3)
    expected = [s.uniform(size=2).tolist() for _ in range(3)]
    assert f().tolist() == expected[0]
    assert (g() / 2).tolist() == expected[1]
    assert still().tolist() == still().tolist() == expected[2]
    assert f().tolist() == expected[2]


def test_states_made_by_hand():
    """Two draws from one state give the same numbers; a chain of draws goes on."""
    state = tx.shared(np.random.RandomState(9), name="state")
    after, a = raw_random.uniform(state, (2,))
    last, b = raw_random.normal(after, (3,))
    _, c = raw_random.uniform(state, (2,))
    f = tx.function([], [a, b, c, last], updates=[(state, last)])
    s = np.random.RandomState(9)
    for _ in range(3):
        values = f()
        expected = s.uniform(size=2)
        assert values[0].tolist() == values[2].tolist() == expected.tolist()
        assert values[1].tolist() == s.normal(size=3).tolist()
        assert same(values[3], s)
        assert same(state.get_value(), s)


def test_other_ways_to_a_state():
    u = RandomStreams(3).uniform((2,))
    other = tx.shared(np.random.RandomState(8))
    expected = np.random.RandomState(8).uniform(size=2).tolist()
    assert tx.function([], u, givens={u.rng: other})().tolist() == expected
    assert tx.function([], u).copy(swap={u.rng: other})().tolist() == expected
    assert u.eval().tolist() == state_of(3).uniform(size=2).tolist()
    move = tx.function([], [], updates=[(u.rng, other)])
    move()
    assert same(u.rng.get_value(), other.get_value())
    assert u.rng.get_value(borrow=True) is not other.get_value(borrow=True)
    reset = tx.function([], [], updates=[(u.rng, np.random.RandomState(4))])
    for _ in range(2):
        reset()
        assert same(u.rng.get_value(), np.random.RandomState(4))
        u.eval()
    with pytest.raises(TypeError, match="same type"):
        tx.function([], u, updates=[(u.rng, T.dvector())])


def test_shared_state():
    mine = np.random.RandomState(4)
    kept, copied = tx.shared(mine, borrow=True), tx.shared(mine, name="copied")
    assert kept.get_value(borrow=True) is kept.container.storage[0] is mine
    assert copied.name == "copied"
    assert copied.get_value(borrow=True) is copied.get_value(borrow=True) is not mine
    assert copied.get_value() is not copied.get_value(borrow=True)
    mine.uniform()
    assert same(copied.get_value(), np.random.RandomState(4))
    copied.set_value(mine)
    assert copied.get_value(borrow=True) is not mine
    copied.set_value(mine, borrow=True)
    assert copied.get_value(borrow=True) is mine
    # What was borrowed is the user's: numbers drawn from it are gone for the function.
    draw = tx.function([], raw_random.uniform(copied, (2,))[1])
    draw()
    copied.get_value(borrow=True).uniform()
    assert draw().tolist() == copied.get_value().uniform(size=2).tolist()
    for bad in (lambda: copied.set_value(3), copied.zero, lambda: copied + 1):
        with pytest.raises(TypeError):
            bad()


def test_pickles():
    R = RandomStreams(3)
    u = R.normal((3,))
    f = tx.function([], u)
    f()
    again = pickle.loads(pickle.dumps(f))
    expected = [f().tolist(), f().tolist()]
    assert [again().tolist(), again().tolist()] == expected
    u.rng.get_value(borrow=True).seed(1)
    state, draw, streams = pickle.loads(pickle.dumps((u.rng, u, R)))
    assert draw.rng is state is streams.state_updates[0][0]
    assert draw.update == (state, state.default_update) == (draw.rng, draw.owner.outputs[0])
    assert tx.function([], draw)().tolist() == np.random.RandomState(1).normal(size=3).tolist()
    assert same(streams.gen_seedgen, R.gen_seedgen)


def test_gradients_are_undefined():
    R = RandomStreams(3)
    x, v = T.dscalar("x"), T.dvector("v")
    for draw in (R.uniform((2,), low=x), R.binomial((2,), p=x, dtype="float64"), R.uniform((T.cast(x, "int32"),))):
        with pytest.raises(tx.gradient.NullTypeGradError, match="No gradient defined through raw random numbers op"):
            T.grad((x * draw).sum(), x)
    mask = R.uniform(v.shape)
    value, drawn_mask = tx.function([v], [T.grad((v * mask).sum(), v), mask])([1.0, 2.0])
    assert value.tolist() == drawn_mask.tolist()
    with pytest.raises(tx.gradient.DisconnectedInputError):
        T.grad(mask.sum(), v)
    out, _ = tx.scan(lambda h: h * R.uniform(low=h), None, v, n_steps=2)
    with pytest.raises(tx.gradient.NullTypeGradError):
        T.grad(out.sum(), v)
    tangent, drawn_mask = tx.function([v], [T.Rop(v * mask, v, v), mask])([1.0, 2.0])
    assert tangent.tolist() == (drawn_mask * [1, 2]).tolist()


def test_export():
    with pytest.raises(ValueError, match="only run on the host"):
        export_function(tx.function([], RandomStreams(3).uniform((2,)) + 1), [])


# -- when draws are made ----------------------------------------------------------------------------------------------


def test_a_mask_is_drawn_before_the_executable():
    R = RandomStreams(3)
    x, W = T.dmatrix("x"), tx.shared(np.eye(3), name="W")
    h = T.tanh(x.dot(W))
    mask = R.binomial(h.shape, p=0.5, dtype="float64")
    cost = (h * mask).sum()
    f = tx.function([x], [cost, mask], updates=[(W, W - T.grad(cost, W))])
    s, w = state_of(3), np.eye(3)
    for rows_ in (2, 5, 2):
        values = np.full((rows_, 3), 0.5)
        hidden, drawn_ = np.tanh(values.dot(w)), s.binomial(1, 0.5, (rows_, 3))
        value, found = f(values)
        np.testing.assert_array_equal(found, drawn_)
        np.testing.assert_allclose(value, (hidden * drawn_).sum())
        w = w - values.T.dot((1 - hidden**2) * drawn_)
        np.testing.assert_allclose(W.get_value(), w)
    assert stages(f) == 1


def test_masks_of_minibatches():
    """How many rows there are depends on an index: all full minibatches share one way to find it."""
    R = RandomStreams(3)
    data, i, x = tx.shared(np.arange(10.0).reshape(10, 1)), T.lscalar("i"), T.dmatrix("x")
    h = T.tanh(x)
    f = tx.function([i], [h * R.uniform(h.shape)], givens={x: data[i * 4 : (i + 1) * 4]})
    s = state_of(3)
    for k in (0, 1, 2, 0, 2):
        rows_ = np.arange(10.0).reshape(10, 1)[k * 4 : k * 4 + 4]
        np.testing.assert_allclose(f(k)[0], np.tanh(rows_) * s.uniform(size=rows_.shape))
    assert stages(f) == 1
    assert len(f.specializations) == 2


def test_a_function_that_only_draws_runs_nothing_else():
    n, p = T.iscalar("n"), T.dvector("p")
    f = tx.function([n, p], RandomStreams(3).binomial((n * 2, p.shape[0] + 1), p=1 - p[0] / 2))
    s = state_of(3)
    for rows_, probabilities in ((1, [0.5]), (3, [0.1, 0.2]), (1, [0.25])):
        size = (rows_ * 2, len(probabilities) + 1)
        expected = s.binomial(1, 1 - probabilities[0] / 2, size)
        np.testing.assert_array_equal(f(rows_, probabilities), expected)
    assert stages(f) == 0


@tx.config.change_flags(length_buckets="off")
def test_parameters_that_the_device_computes():
    """Large ones are its work, and so are lengths that data decide about."""
    R = RandomStreams(3)
    x = T.dvector("x")
    half = tx.function([x], R.binomial(p=x / 2))
    chosen = tx.function([x], R.uniform(x[: T.cast(x[0], "int64")].shape))
    positive = tx.function([x], R.uniform(x[(x > 0).nonzero()].shape))
    for length in (3, 6000, 4):
        values = np.linspace(0.5, 1, length)
        s = half.get_shared()[0].get_value()
        np.testing.assert_array_equal(half(values), s.binomial(1, values / 2))
        values[0] = 2
        assert chosen(values).shape == (2,)
        values[1] = -1
        assert positive(values).shape == (length - 1,)
    assert [stages(f) for f in (half, chosen, positive)] == [1, 2, 1]


def test_branches():
    R = RandomStreams(3)
    c, x = T.bscalar("c"), T.dscalar("x")
    f = tx.function([c, x], tx.ifelse.ifelse(c, x + R.uniform(), x * 2))
    s = state_of(3)
    expected = [s.uniform(), s.uniform()]
    assert [f(1, 1.0), f(0, 1.0)] == [1 + expected[0], 2]
    assert f(1, 1.0) == 1 + s.uniform()


def test_nothing_changes_when_a_call_fails():
    state, total = tx.shared(np.random.RandomState(9)), tx.shared(np.zeros(3))
    x = T.dvector("x")
    after, a = raw_random.normal(state, (3,))
    again, b = raw_random.poisson(after, (3,), lam=x.sum())
    checked = Assert("x is large")(a, T.lt(x.sum(), 9))
    f = tx.function([x], checked + b, updates=[(state, again), (total, total + x)])
    for values, error in (([9.0, 0, 0], AssertionError), ([-1.0, 0, 0], ValueError)):
        with pytest.raises(error):
            f(values)
        assert same(state.get_value(), np.random.RandomState(9))
        assert total.get_value().tolist() == [0, 0, 0]
    s = np.random.RandomState(9)
    assert f([1.0, 0, 0]).tolist() == (s.normal(size=3) + s.poisson(1, 3)).tolist()
    assert same(state.get_value(), s)


def test_arguments_and_results():
    state = random_state_type("state")
    after, out = raw_random.uniform(state, (3,), -2.0, 2.0)
    mine = np.random.RandomState(3)
    found, value = tx.function([state], [after, out])(mine)
    assert same(mine, np.random.RandomState(3))
    assert value.tolist() == mine.uniform(-2, 2, 3).tolist()
    assert found is not mine
    assert same(found, mine)
    with pytest.raises(TypeError, match="Expected a numpy"):
        tx.function([state], out)(3)
    kept = tx.function([tx.In(state, value=np.random.RandomState(3), update=after, mutable=True)], [out])
    s = np.random.RandomState(3)
    for _ in range(2):
        assert kept()[0].tolist() == s.uniform(-2, 2, 3).tolist()
    fixed = tx.function([tx.In(state, value=np.random.RandomState(3))], out)
    assert fixed().tolist() == fixed().tolist() == fixed(np.random.RandomState(3)).tolist()


# -- loops ------------------------------------------------------------------------------------------------------------


def test_draws_of_a_loop_are_made_before_it():
    R = RandomStreams(3)
    x, W = T.dmatrix("x"), tx.shared(np.eye(2) * 0.5, name="W")

    def step(element, h):
        return T.tanh(element + h.dot(W)) * R.binomial(h.shape, p=0.5, dtype="float64") + R.normal(h.dot(W).shape)

    out, updates = tx.scan(step, x, T.zeros((2,)))
    assert set(updates) == {state for state, _ in R.state_updates}
    f = tx.function([x], [out, T.grad(out.sum(), W)], updates=updates)
    masks, noises = state_of(3), state_of(3, skip=1)
    for steps in (4, 0, 2):
        value, gradient = f(np.ones((steps, 2)))
        h, expected = np.zeros(2), []
        for _ in range(steps):
            h = np.tanh(1 + h * 0.5) * masks.binomial(1, 0.5, 2) + noises.normal(size=2)
            expected.append(h)
        np.testing.assert_allclose(value, np.reshape(expected, (steps, 2)), rtol=1e-13)
        assert gradient.shape == (2, 2)
    assert stages(f) == 1


def test_gradient_of_a_loop_with_draws():
    """Against finite differences with the same numbers."""
    R = RandomStreams(3)
    h0 = T.dvector("h0")
    out, updates = tx.scan(lambda h: T.sin(h) * R.uniform(h.shape), None, h0, n_steps=3)
    f = tx.function([h0], [out[-1].sum(), T.grad(out[-1].sum(), h0)], updates=updates)
    point, step = np.array([0.5, 1.0]), 1e-6
    _, gradient = f(point)
    for i in range(2):
        ends = []
        for sign in (1, -1):
            R.seed(3)
            ends.append(f(point + sign * step * np.eye(2)[i])[0])
        np.testing.assert_allclose(gradient[i], (ends[0] - ends[1]) / (2 * step), rtol=1e-6)


def test_gradient_of_a_loop_that_stops_by_chance():
    """Its draws are made in it; the gradient sees the numbers that it saw."""
    R = RandomStreams(3)
    h0, w = T.dvector("h0"), T.dscalar("w")

    def step(h, w):
        return T.sin(h * w) * R.uniform(h.shape, low=0.5), tx.scan_module.until(R.uniform() > 0.9)

    out, updates = tx.scan(step, None, h0, w, n_steps=9)
    f = tx.function([h0, w], [out, *T.grad((out**2).sum(), [h0, w])], updates=updates)
    factors, chances = state_of(3), state_of(3, skip=1)
    values, steps = [np.array([0.5, 1.0])], []
    for _ in range(9):
        steps.append(factors.uniform(0.5, 1, 2))
        values.append(np.sin(values[-1] * 1.5) * steps[-1])
        if chances.uniform() > 0.9:
            break
    g, of_w = np.zeros(2), 0.0
    for h, new, factor in reversed(list(zip(values, values[1:], steps, strict=False))):
        g = (g + 2 * new) * np.cos(h * 1.5) * factor
        of_w, g = of_w + (g * h).sum(), g * 1.5
    found = f(values[0], 1.5)
    assert len(steps) > 1
    for value, expected in zip(found, (values[1:], g, of_w), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert same(R.state_updates[0][0].get_value(), factors)


@pytest.mark.parametrize(
    ("source", "ahead"),
    [
        ("lambda e, h: h + R.uniform(h.shape) * e.sum()", True),
        ("lambda e, h: h + R.uniform((T.tanh(e * 2).shape[0],))", True),
        ("lambda e, h: h + R.permutation((), 2) + R.normal((2,))", True),
        ("lambda e, h: h + R.uniform(R.normal(h.shape).shape)", True),
        # The loop decides about these; it is run step by step.
        ("lambda e, h: h + R.uniform(h.shape, low=h - 1)", False),
        ("lambda e, h: h + R.uniform((T.cast(e.sum() * 0 + 2, 'int64'),))", False),
        ("lambda e, h: h + R.uniform(h[:T.cast(e.sum() * 0 + 2, 'int64')].shape)", False),
    ],
)
def test_draws_of_a_loop(source, ahead):
    """The same numbers, whether a draw is made before the loop or in it."""
    x = T.dmatrix("x")
    R = RandomStreams(3)
    out, updates = tx.scan(eval(source, {"R": R, "T": T}), x, T.zeros((2,)))
    f = tx.function([x], out, updates=updates)
    values = np.array([[0.5, 1.0], [1.5, 2.0], [1.0, 3.0]])
    R = RandomStreams(3)
    e, h = T.dvector("e"), T.dvector("h")
    one = tx.function([e, h], eval(source, {"R": R, "T": T})(e, h), on_unused_input="ignore")
    h = np.zeros(2)
    for row, element in zip(f(values), values, strict=True):
        h = one(element, h)
        np.testing.assert_allclose(row, h, rtol=1e-14)
    assert ahead != any(isinstance(step, LoopCall) for step, _, _ in f.program.steps)


@pytest.mark.parametrize("kind", [RandomStreams, MRG_RandomStreams])
def test_a_draw_that_is_a_non_sequence(kind):
    """It is made once, outside; one that the steps make of a state is new at each of them."""
    y = kind(3).uniform((2,))
    given, updates = tx.scan(lambda a: a * 2 + y, non_sequences=y, n_steps=2)
    assert not updates
    own, updates = tx.scan(lambda: y * 3, n_steps=2)
    assert len(updates) == 1
    first, second = tx.function([], given)()
    assert first.tolist() == second.tolist()
    first, second = tx.function([], own, updates=updates)()
    assert first.tolist() != second.tolist()


def test_loops_in_loops_and_backwards():
    R = RandomStreams(3)
    n = T.iscalar("n")

    def outer():
        values, updates = tx.scan(lambda: R.uniform((2,)), n_steps=3)
        return values, updates

    out, updates = tx.scan(outer, n_steps=n)
    f = tx.function([n], out, updates=updates)
    s = state_of(3)
    for steps in (2, 0, 4):
        np.testing.assert_array_equal(f(steps), s.uniform(size=(steps, 3, 2)))
    assert not any(isinstance(step, LoopCall) for step, _, _ in f.program.steps)
    back, updates = tx.scan(lambda e: e + R.normal(), T.arange(4.0), n_steps=-3)
    s = state_of(3, skip=1)
    assert tx.function([], back, updates=updates)().tolist() == [3 - i + s.normal() for i in range(3)]


# -- raw_random -------------------------------------------------------------------------------------------------------


def test_type():
    kind, a = RandomStateType(), np.random.RandomState(3)
    assert kind == random_state_type
    assert (str(kind), str(kind("a")), str(kind())) == ("RandomStateType", "a", "<RandomStateType>")
    assert kind.filter(a) is a
    assert kind.is_valid_value(a)
    assert not kind.is_valid_value(3)
    assert kind.values_eq(a, np.random.RandomState(3))
    assert not kind.values_eq(a, np.random.RandomState(4))
    assert kind.values_eq_approx(a, np.random.RandomState(3))
    assert kind.may_share_memory(a, a)
    assert not kind.may_share_memory(a, np.random.RandomState(3))
    assert kind.get_shape_info(a) is None
    assert kind.get_size(None) > 2500


def test_random_function():
    state = tx.shared(np.random.RandomState(3))
    op = RandomFunction("beta", T.dvector)
    assert op == RandomFunction("beta", T.dvector) != RandomFunction("beta", T.dmatrix)
    assert str(op) == "RandomFunction{beta}"
    expected = np.random.RandomState(3).beta(0.5, 1, 2)
    assert tx.function([], op(state, (2,), 0.5, 1.0)[1])().tolist() == expected.tolist()
    own = RandomFunction(lambda r, a, size: r.exponential(a, size).astype("float32"), T.TensorType("float32", [False]))
    assert own(state, (2,), 3.0)[1].eval().tolist() == np.random.RandomState(3).exponential(3, 2).astype("f").tolist()
    node, storage = op(state, (2,), 0.5, 1.0)[1].owner, [[None], [None]]
    mine = np.random.RandomState(3)
    op.perform(node, [mine, np.array([2]), np.array(0.5), np.array(1.0)], storage)
    assert storage[1][0].tolist() == expected.tolist()
    assert same(mine, np.random.RandomState(3))
    mine.beta(0.5, 1, 2)
    assert same(storage[0][0], mine)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda s: RandomFunction("nope", T.dvector), AttributeError),
        (lambda s: RandomFunction("uniform", T.dvector)(3, (2,)), TypeError),
        (lambda s: RandomFunction("uniform", T.dvector)(T.dscalar(), (2,)), TypeError),
        (lambda s: RandomFunction("uniform", T.dvector)(s, 2), TypeError),
        (lambda s: RandomFunction("uniform", T.dvector)(s, (2.0,)), TypeError),
        (lambda s: RandomFunction("uniform", T.dvector)(s, (2, 3))[1].eval(), ValueError),
        (lambda s: RandomFunction("uniform", T.dmatrix, ndim_added=1)(s, (2,))[1].eval(), ValueError),
    ],
)
def test_bad_random_functions(make, error):
    with pytest.raises(error):
        make(tx.shared(np.random.RandomState(3)))


def test_random_function_infers():
    draw = random_function("gamma", "float32", 2.0, 3.0)
    state, x = tx.shared(np.random.RandomState(3)), T.dvector("x")
    f = tx.function([x], [draw(state, (2,))[1], draw(state, None, x)[1], draw(state, (2, -1), x, 1.0)[1]])
    values = f([1.0, 2.0, 3.0])
    s = [np.random.RandomState(3) for _ in range(3)]
    expected = s[0].gamma(2, 3, 2), s[1].gamma([1, 2, 3], 3), s[2].gamma([1, 2, 3], 1, (2, 3))
    for value, numbers_ in zip(values, expected, strict=True):
        assert value.dtype == "float32"
        np.testing.assert_array_equal(value, numbers_.astype("float32"))
    dirichlet = random_function(lambda s, size: s.dirichlet([1, 1], size), "float64", ndim_added=1)
    assert dirichlet(state, T.constant([3]))[1].eval().shape == (3, 2)


@pytest.mark.parametrize(
    ("arguments", "ndim", "pattern"),
    [
        ((None, (1, 3)), 2, (True, False)),
        ((None, ()), 0, ()),
        ((None, (np.int64(1), T.lscalar())), 2, (True, False)),
        ((None, (T.constant(1), 3)), 2, (False, False)),
        ((None, T.drow().shape), 2, (False, False)),
        ((2, T.ivector(), T.drow()), 2, (False, False)),
        ((3, None, T.dvector()), 1, (False,)),
        ((None, None, T.drow(), T.dvector()), 2, (True, False)),
        ((None, None, T.drow(), T.dcol()), 2, (False, False)),
        ((None, (-1, 3), T.drow()), 2, (True, False)),
        ((None, (-1, -1), T.drow(), T.dcol()), 2, (False, False)),
        ((2, (T.lscalar(), -1), T.drow()), 2, (False, False)),
    ],
)
def test_infer(arguments, ndim, pattern):
    found = raw_random._infer_ndim_bcast(*arguments)
    assert (found[0], found[2]) == (ndim, pattern)
    assert found[1].ndim == 1


def test_broadcasting_indices():
    make = raw_random._generate_broadcasting_indices
    assert make((), (), ()) == [[()], [()], [()]]
    assert make((2,), (1,)) == [[(0,), (1,)], [(0,), (0,)]]
    all_, first, second = make((2, 3), (1, 3), (2, 1))
    assert all_ == [(i, j) for i in range(2) for j in range(3)]
    assert first == [(0, j) for _ in range(2) for j in range(3)]
    assert second == [(i, 0) for i in range(2) for _ in range(3)]
    with pytest.raises(ValueError, match="should be equal"):
        make((4,), (3,))


def test_methods_are_the_functions():
    for name in ("binomial", "choice", "multinomial", "normal", "permutation", "poisson", "random_integers", "uniform"):
        method, function = getattr(RandomStreams, name), getattr(raw_random, name)
        assert list(inspect.signature(method).parameters)[1:] == list(inspect.signature(function).parameters)[1:]
        assert method.__doc__ == function.__doc__
    with pytest.warns(DeprecationWarning, match="prob"):
        RandomStreams(3).binomial((2,), prob=0.5)


def test_snapshots():
    """Between draws nothing is left behind: neither a half of a pair of normal numbers, nor what a failed draw did."""
    state, s = Snapshot.of(np.random.RandomState(3)), np.random.RandomState(3)
    other = Snapshot.of(np.random.RandomState(4))
    for method, size in (("normal", 3), ("uniform", 2), ("normal", 4), ("normal", 2), ("uniform", 700), ("normal", 1)):
        before = state
        state, value = drawn(state, getattr(np.random.RandomState, method), 0, 1, size)
        assert value.tolist() == getattr(s, method)(0, 1, size).tolist()
        assert state == Snapshot.of(s)
        assert state != before
        assert drawn(other, np.random.RandomState.uniform)[1] == np.random.RandomState(4).uniform()
        with pytest.raises(ZeroDivisionError):
            drawn(other, lambda r: r.normal() / 0 if r.normal() > 9 else 1 // 0)
    assert same(state.restored(), s)
