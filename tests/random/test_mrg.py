"""MRG_RandomStreams draws what real Theano draws (golden/rng_mrg.json), and takes the arguments that it takes."""

import itertools
import platform
import subprocess
import sys

import numpy as np
import pytest
import recorded
from recorded import read_bits

import tx
import tx.tensor as T
from tx.lowering.export import export_function
from tx.random import MRG_RandomStreams, mrg
from tx.random.multinomial import ChoiceFromUniform, MultinomialFromUniform

GOLDEN, rows = recorded.recording("rng_mrg"), recorded.table("rng_mrg")


def test_recording_is_complete():
    assert {key.split(" | ")[0] for key in GOLDEN} == set(rows.ROWS)
    assert len(GOLDEN) == len(rows.ROWS) * len(rows.FLOATS) * len(rows.SEEDS)


@pytest.mark.filterwarnings("ignore:multinomial_wo_replacement")
@pytest.mark.parametrize("floatX", rows.FLOATS)
@pytest.mark.parametrize("source", rows.ROWS)
def test_as_theano(source, floatX):
    """Bit for bit, normal numbers only where the C library is the one of the recording: they are made by its cosine."""
    for k, seed in enumerate(rows.SEEDS):
        with tx.config.change_flags(floatX=floatX):
            pattern, values, states = rows.draw(source, seed, tx, T, MRG_RandomStreams)
        expected_pattern, expected_values, expected_states = GOLDEN[f"{source} | {floatX} | {k}"]
        assert pattern == expected_pattern
        assert [s.tolist() for s in states] == expected_states
        for value, expected in zip(values, map(read_bits, expected_values), strict=True):
            assert (value.dtype, value.shape) == (expected.dtype, expected.shape)
            if "normal" in source and platform.libc_ver()[0] != "glibc":
                tolerance = 8 * np.finfo(value.dtype).eps
                np.testing.assert_allclose(value, expected, rtol=tolerance, atol=tolerance)
            else:
                np.testing.assert_array_equal(value, expected)


# -- the generator ----------------------------------------------------------------------------------------------------


#: how many numbers, of how many streams: all streams or some draw last, once or more often than one table is for
DRAWS = {
    "some": (2, 3),
    "each once": (3, 3),
    "each as often": (12, 3),
    "some once more": (40, 3),
    "one stream": (1500, 1),
    "a whole loop": (2 * 1024 * 2, 2),
    "a loop and a rest": (2 * 1024 * 2 + 3, 2),
}
FROM = {"a seed": None, "the largest": [2**31 - 2] * 3 + [2**31 - 21070] * 3, "the least": [0, 0, 1, 1, 0, 0]}


@pytest.mark.parametrize("start", FROM)
@pytest.mark.parametrize("draw", DRAWS)
def test_steps_as_in_the_paper(draw, start):
    """The recurrences in Python integers."""
    count, nstreams = DRAWS[draw]
    R = MRG_RandomStreams(11)
    u = R.uniform((count,), dtype="float64", nstreams=nstreams)
    state = R.state_updates[0][0]
    if FROM[start]:
        state.set_value(np.array([FROM[start]] * nstreams, "int32"))
    streams = [[int(n) for n in row] for row in state.get_value()]
    expected = []
    for k in range(count):
        x1, x2, x3, y1, y2, y3 = streams[k % nstreams]
        x = (2**22 * x2 + (2**7 + 1) * x3) % (2**31 - 1)
        y = (2**15 * y1 + (2**15 + 1) * y3) % (2**31 - 21069)
        streams[k % nstreams] = [x, x1, x2, y, y1, y2]
        expected.append(((x - y) % (2**31 - 1) or 2**31 - 1) / 2**31)
    assert tx.function([], u)().tolist() == expected
    assert state.get_value().tolist() == streams


def test_jumps():
    state = np.array([12345] * 6, "int32")
    streams = mrg.substreams(state, 5)
    assert streams.dtype == "int32"
    for before, after in itertools.pairwise(streams):
        np.testing.assert_array_equal(mrg.ff_2p72(before), after)
    np.testing.assert_array_equal(streams[1], [1613322692, 623311037, 1722317882, 1563970864, 792350268, 619030428])
    np.testing.assert_array_equal(
        mrg.ff_2p134(state), [336690377, 597094797, 1245771585, 85196284, 523477687, 2094976052]
    )


@pytest.mark.parametrize(
    ("size", "streams"),
    [
        ((3,), 3), ((6,), 6), ((7,), 1), ((12,), 2), ((100,), 16), ([5, 8], 6), ((7, 9), 10),
        ((64 * 70,), 746), ((400, 400), 15360), ((15361, 2), 5120),
        ((0,), 0), (5, 15360), (T.iscalar(), 15360), ((2, T.iscalar()), 15360),
    ],
)  # fmt: skip
def test_guess_n_streams(size, streams):
    assert mrg.guess_n_streams(size) == streams


def test_guess_n_streams_warns():
    with pytest.warns(UserWarning, match="cannot know"):
        mrg.guess_n_streams(T.ivector(), warn=True)


# -- the streams ------------------------------------------------------------------------------------------------------


def test_state_of_draws():
    R = MRG_RandomStreams(5)
    first, second = R.uniform((4,)), R.binomial((2, 3))
    (state, new, size, nstreams), (other, *_) = R.state_updates
    assert (size, nstreams, state.default_update) == ((4,), None, new)
    assert R.updates() == [row[:2] for row in R.state_updates]
    assert state.get_value().shape == (4, 6)
    assert other.get_value()[0].tolist() == [274986441, 890025462, 1782681152, 1456899561, 1357923274, 727976384]
    f = tx.function([], [first, second])
    once = f()
    assert not np.array_equal(f()[0], once[0])
    R.seed()
    for value, expected in zip(f(), once, strict=True):
        np.testing.assert_array_equal(value, expected)


def test_no_default_updates():
    R = MRG_RandomStreams(5)
    f = tx.function([], R.uniform((4,)), no_default_updates=True)
    assert f().tolist() == f().tolist()


def test_substream_states():
    R = MRG_RandomStreams(5)
    states = R.get_substream_rstates(2, "float32", inc_rstate=False)
    assert states.tolist() == [[5] * 6, [987852273, 1506709189, 1340156798, 1220051238, 858784089, 1625851191]]
    assert R.get_substream_rstates(2, "float32").tolist() == states.tolist()
    assert R.rstate.tolist() != [5] * 6
    R.set_rstate([1, 2, 3, 4, 5, 6])
    assert R.rstate.tolist() == [1, 2, 3, 4, 5, 6]


def test_in_scan():
    """A draw in the step gives new numbers at each step: those of as many calls."""
    R, Q = MRG_RandomStreams(5), MRG_RandomStreams(5)
    out, updates = tx.scan(lambda: R.uniform((3,), dtype="float64"), n_steps=4)
    looped, called = tx.function([], out, updates=updates), tx.function([], Q.uniform((3,), dtype="float64"))
    for _ in range(2):
        np.testing.assert_array_equal(looped(), [called() for _ in range(4)])


def test_sum_of_trials():
    f = tx.function([], MRG_RandomStreams(5).binomial((2000,), n=10, p=0.3))
    value = f()
    assert value.dtype == "int64"
    assert value.min() >= 0 and value.max() <= 10
    assert abs(value.mean() - 3) < 0.15 and abs(value.var() - 2.1) < 0.3


def test_truncated_is_within_two_deviations():
    value = tx.function([], MRG_RandomStreams(5).normal((3001,), avg=1, std=2, truncate=True, dtype="float64"))()
    assert value.shape == (3001,)
    assert value.min() >= -3 and value.max() <= 5


def test_gradient():
    q, R = T.dvector("q"), MRG_RandomStreams(5)
    mask = R.uniform(q.shape, ndim=1, dtype="float64")
    gradient, value = tx.function([q], [T.grad((q * mask).sum(), q), mask])([1.0, 2.0])
    np.testing.assert_array_equal(gradient, value)
    p = T.dmatrix("p")
    for draw, wrt in (
        (R.uniform((2,), low=q[0]), q),
        (R.normal((2,), avg=q[0]), q),
        (R.binomial((2,), p=q[0], dtype="float64"), q),
        (R.multinomial(pvals=p, dtype="float64"), p),
    ):
        with pytest.raises(tx.gradient.NullTypeGradError):
            T.grad(draw.sum(), wrt)


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "error"),
    [
        (0, ValueError), (2147462579, ValueError), ([1, 2, 3], TypeError), ([0, 0, 0, 1, 2, 3], ValueError),
        ([1, 2, 3, 0, 0, 0], ValueError), ([2147483647, 1, 1, 1, 1, 1], ValueError), (3.5, TypeError), ("a", TypeError),
        ([1, 1, 1, 1, 1, 2147462579], ValueError), (None, TypeError), ("abcdef", TypeError),
    ],
)  # fmt: skip
def test_bad_seed(seed, error):
    with pytest.raises(error):
        MRG_RandomStreams(seed)


@pytest.mark.parametrize(
    ("draw", "error"),
    [
        ("R.uniform(3)", TypeError),
        ("R.uniform([])", TypeError),
        ("R.uniform((0,))", ValueError),
        ("R.uniform((2, -1))", ValueError),
        ("R.uniform((2.0,))", TypeError),
        ("R.uniform(None)", TypeError),
        ("R.uniform(T.ivector())", ValueError),
        ("R.uniform((2, 3), ndim=3)", ValueError),
        ("R.uniform((2,), nstreams=0)", ValueError),
        ("R.uniform((2,), dtype='int64')", TypeError),
        ("R.uniform((2,), foo=1)", TypeError),
        ("R.uniform((2, 1), low=np.zeros((1, 3)))", ValueError),
        ("R.normal((0,))", ValueError),
        ("R.normal(T.ivector())", ValueError),
        ("R.binomial(p=.3)", TypeError),
        ("R.multinomial(n=3)", TypeError),
        ("R.multinomial(pvals=[.2, .8])", ValueError),
        ("R.multinomial((2,), pvals=[[.2, .8]])", ValueError),
        ("R.choice(a=3, p=[[.2, .8]])", TypeError),
        ("R.choice()", TypeError),
        ("R.get_substream_rstates(0, 'float64')", ValueError),
        ("R.get_substream_rstates(2.5, 'float64')", TypeError),
    ],
)
def test_bad_draw(draw, error):
    with pytest.raises(error):
        eval(draw, {"R": MRG_RandomStreams(5), "T": T, "np": np})


def test_bad_sizes_when_run():
    n, v, R = T.iscalar("n"), T.ivector("v"), MRG_RandomStreams(5)
    with pytest.raises(ValueError, match="negative"):
        tx.function([n], R.uniform((n, 2)))(-1)
    with pytest.raises(ValueError, match="length 2"):
        tx.function([v], R.uniform(v, ndim=2))([2])
    with pytest.raises(ValueError, match="bigger than the size"):
        tx.function([], R.choice(3, replace=False, p=[[0.2, 0.8]]))()
    with pytest.raises(ValueError, match="no category is left"):
        tx.function([], R.choice(2, replace=False, p=[[1.0, 0.0]]))()
    with pytest.raises(ValueError, match="unis"):
        tx.function([], MultinomialFromUniform("auto")(np.ones((2, 2)), np.ones(3), 2))()


# -- categories -------------------------------------------------------------------------------------------------------


def test_borders_belong_to_the_next_category():
    p, u = np.full((1, 4), 0.25), np.array([0.25, 0.5, 0.0])
    counts, picks = MultinomialFromUniform("auto")(p, u, 3), ChoiceFromUniform("auto", True)(p, u, 3)
    counts, picks = tx.function([], [counts, picks])()
    assert (counts.dtype, picks.dtype) == ("float64", "int64")
    assert counts.tolist() == [[1, 1, 1, 0]]
    assert picks.tolist() == [[1, 2, 0]]


def test_nan_picks_nothing():
    count = MultinomialFromUniform("int64")(np.array([[np.nan, 1.0], [0.5, 0.5]]), np.array([0.3, np.nan]), 1)
    assert tx.function([], count)().tolist() == [[0, 0], [0, 0]]


def test_picks_are_flat():
    """In the probabilities and in the numbers, forwards and backwards; a mask passes derivatives on."""
    p, u, x = T.dmatrix("p"), T.dvector("u"), T.dvector("x")
    for op in (ChoiceFromUniform("float64", True), MultinomialFromUniform("float64")):
        cost = (op(p, u, 1) * p[0, 0]).sum()
        values = tx.function([p, u], [*T.grad(cost, [p, u]), tx.Rop(cost, p, p)])([[0.5, 0.5]], [0.7])
        assert [v.tolist() for v in values] == [[[1, 0]], [0], 0.5]
    mask = MRG_RandomStreams(1).binomial(x.shape, ndim=1, dtype="float64")
    gradient, tangent, drawn = tx.function([x], [T.grad((x * mask).sum(), x), tx.Rop(x * mask, x, x), mask])([1.0, 2.0])
    assert gradient.tolist() == drawn.tolist()
    assert tangent.tolist() == (drawn * [1, 2]).tolist()


# -- elsewhere --------------------------------------------------------------------------------------------------------


def test_lowers_for_accelerators():
    """One block of steps, and a loop of them."""
    R = MRG_RandomStreams(5)
    draws = [
        R.uniform((5,), nstreams=2),
        R.uniform((3000,), nstreams=1),
        R.normal((99,), nstreams=4),
        R.multinomial(n=3, pvals=[[0.2, 0.8]]),
    ]
    for exported in export_function(tx.function([], draws), [], ("cuda", "tpu")):
        assert exported.mlir_module()


def test_import_paths():
    code = """
import tx
tx.install()
from theano.sandbox.rng_mrg import MRG_RandomStreams, guess_n_streams, mrg_uniform, multMatVect
from theano.sandbox.multinomial import MultinomialFromUniform
from theano.sandbox import rng_mrg
assert rng_mrg.MRG_RandomStreams is MRG_RandomStreams is tx.random.MRG_RandomStreams
assert rng_mrg.mrg_uniform is mrg_uniform
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
