"""JaxRandomStreams: the distributions, by statistical tests at fixed seeds; states; gradients; several devices."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

import tx
import tx.tensor as T
from tx.lowering.export import export_function
from tx.random import JaxRandomStreams, MRG_RandomStreams
from tx.random.jax_streams import JaxDraw

COUNT = 20000
#: a right generator fails a test at a fixed seed with this probability
ALPHA = 1e-4
IMPLS = ("threefry2x32", "rbg", "unsafe_rbg")


def draw(source, seed=5, impl="threefry2x32"):
    return tx.function([], eval(source, {"R": JaxRandomStreams(seed, impl), "T": T, "np": np, "COUNT": COUNT}))()


# -- distributions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("impl", IMPLS)
@pytest.mark.parametrize(
    ("source", "distribution"),
    [
        ("R.uniform((COUNT,), dtype='float32')", stats.uniform()),
        ("R.uniform((COUNT,), low=-1, high=3, dtype='float64')", stats.uniform(-1, 4)),
        ("R.normal((COUNT,), dtype='float32')", stats.norm()),
        ("R.normal((COUNT,), avg=1, std=2, dtype='float64')", stats.norm(1, 2)),
        ("R.normal((COUNT,), avg=1, std=2, truncate=True)", stats.truncnorm(-2, 2, 1, 2)),
        ("R.truncated_normal((COUNT,), dtype='float32') * 0.87962566103423978", stats.truncnorm(-2, 2)),
    ],
)
def test_continuous(source, distribution, impl):
    value = draw(source, impl=impl)
    assert stats.kstest(value, distribution.cdf).pvalue > ALPHA
    error = distribution.std() / np.sqrt(COUNT)
    assert abs(value.mean() - distribution.mean()) < 4 * error
    assert abs(value.std() - distribution.std()) < 4 * error


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("R.binomial((COUNT,), p=0.3)", [0.7, 0.3]),
        ("R.binomial((COUNT,), n=4, p=0.5)", [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16]),
        ("R.choice(size=COUNT, p=np.array([[0.2, 0.3, 0.5]]))[0]", [0.2, 0.3, 0.5]),
        ("R.permutation((COUNT,), 3).dot([1, 3, 9])", [1 / 6] * 6),
    ],
)
def test_discrete(source, expected):
    _, counts = np.unique(draw(source), return_counts=True)
    assert stats.chisquare(counts, np.array(expected) * COUNT).pvalue > ALPHA


def test_multinomial():
    p = np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    counts = draw(f"R.multinomial(n=COUNT, pvals=np.array({p.tolist()}))")
    assert counts.sum(1).tolist() == [COUNT, COUNT]
    for row, expected in zip(counts, p * COUNT, strict=True):
        assert stats.chisquare(row, expected).pvalue > ALPHA


def test_without_replacement():
    value = draw("R.choice(size=3, replace=False, p=np.full((50, 3), 1 / 3))")
    assert np.sort(value, 1).tolist() == [[0, 1, 2]] * 50


def test_numbers_are_independent():
    """Draws of one function, calls, neighbours, and streams of neighbouring seeds."""
    R, Q = JaxRandomStreams(1), JaxRandomStreams(2)
    f = tx.function([], [R.normal((COUNT,), dtype="float64"), R.normal((COUNT,), dtype="float64"), Q.normal((COUNT,))])
    rows = [*f(), *f()]
    correlations = np.corrcoef([*rows, np.roll(rows[0], 1)]) - np.eye(7)
    assert np.abs(correlations).max() < 5 / np.sqrt(COUNT)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_borders_are_never_drawn(dtype):
    value = draw(f"R.uniform((COUNT,), dtype={dtype!r})")
    assert value.dtype == dtype
    assert value.min() > 0 and value.max() < 1


# -- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "R.uniform((2, 3))", "R.uniform(())", "R.uniform((n, 1))", "R.uniform((n, z))", "R.uniform(v, ndim=2)",
        "R.uniform((3, 2), low=-1, high=np.array([1., 2.]), dtype='float32')",
        "R.normal((n, 1), avg=T.arange(3)[:, None])",
        "R.normal(v, ndim=2, nstreams=3)", "R.truncated_normal((n, 7), nstreams=5)", "R.binomial((n, 4), p=0.3)",
        "R.binomial(v, ndim=2, n=3)", "R.multinomial(n=n, pvals=np.array([[0.2, 0.3, 0.5]], 'float32'), dtype='auto')",
        "R.choice(size=n, replace=False, p=np.array([[0.2, 0.3, 0.1, 0.4]]), dtype='int32')",
    ],
)  # fmt: skip
def test_types_are_those_of_mrg(source):
    n, z, v = T.iscalar("n"), T.iscalar("z"), T.ivector("v")
    names = {"T": T, "np": np, "n": n, "z": z, "v": v}
    ours, theirs = (eval(source, {"R": R(5), **names}) for R in (JaxRandomStreams, MRG_RandomStreams))
    assert ours.type == theirs.type
    f = tx.function([n, z, v], [ours, theirs], on_unused_input="ignore")
    ours, theirs = f(3, 0, np.array([2, 3], "int32"))
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)


def test_permutation():
    n = T.iscalar("n")
    f = tx.function([n], JaxRandomStreams(5).permutation((2, 3), n, dtype="int32"))
    value = f(4)
    assert (value.shape, value.dtype) == ((2, 3, 4), np.int32)
    assert np.sort(value, -1).tolist() == [[list(range(4))] * 3] * 2
    assert f(0).shape == (2, 3, 0)
    assert sorted(tx.function([], JaxRandomStreams(5).permutation(n=7))().tolist()) == list(range(7))


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: JaxRandomStreams(-1), ValueError),
        (lambda: JaxRandomStreams(1.5), TypeError),
        (lambda: JaxRandomStreams("a"), TypeError),
        (lambda: JaxRandomStreams([]), TypeError),
        (lambda: JaxRandomStreams([1, -2]), ValueError),
        (lambda: JaxRandomStreams(None), TypeError),
        (lambda: JaxRandomStreams(1, impl="mrg"), ValueError),
        (lambda: JaxRandomStreams(1).uniform((2, -1)), ValueError),
        (lambda: JaxRandomStreams(1).uniform(3), TypeError),
        (lambda: JaxRandomStreams(1).uniform((2,), dtype="int32"), TypeError),
        (lambda: JaxRandomStreams(1).uniform((2, 1), low=np.zeros((1, 3))), ValueError),
        (lambda: JaxRandomStreams(1).permutation((2,), 2.5), TypeError),
        (lambda: JaxRandomStreams(1).permutation((2,), [2, 3]), TypeError),
        (lambda: JaxDraw("cauchy", "rbg", T.fvector), ValueError),
        (lambda: JaxDraw("normal", "rbg", T.fvector)(np.zeros((2, 2), "uint32"), (2,)), TypeError),
    ],
)
def test_bad_input(make, error):
    with pytest.raises(error):
        make()


def test_bad_input_when_run():
    n, R = T.iscalar("n"), JaxRandomStreams(5)
    with pytest.raises(ValueError, match="negative"):
        tx.function([n], R.uniform((n, 2)))(-1)
    with pytest.raises(ValueError, match="4 elements"):
        tx.function([], JaxDraw("normal", "rbg", T.fvector)(np.zeros(2, "uint32"), (2,))[1])()


# -- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("impl", IMPLS)
def test_states(impl):
    R = JaxRandomStreams(5, impl)
    first, second = R.uniform((4,)), R.normal((2, 3))
    (state, new, size, nstreams), (other, *_) = R.state_updates
    assert (size, nstreams, state.default_update) == ((4,), None, new)
    assert R.updates() == [row[:2] for row in R.state_updates]
    assert state.get_value().dtype == "uint32" and state.get_value().tolist() != other.get_value().tolist()
    f = tx.function([], [first, second])
    once, twice = f(), f()
    assert not np.array_equal(once[0], twice[0])
    R.seed()
    for expected in (once, twice):
        for value, e in zip(f(), expected, strict=True):
            np.testing.assert_array_equal(value, e)
    R.seed([5, 6])
    assert not np.array_equal(f()[0], once[0])


def test_same_seed_same_numbers():
    source = "R.uniform((3,)) + R.normal((3,))"
    assert draw(source, 7).tolist() == draw(source, 7).tolist() != draw(source, 8).tolist()


def test_pickles():
    R = JaxRandomStreams(5)
    f = tx.function([], R.uniform((3,)))
    f()
    g = pickle.loads(pickle.dumps(f))
    assert f().tolist() == g().tolist()
    S = pickle.loads(pickle.dumps(R))
    assert tx.function([], S.normal((3,)))().tolist() == tx.function([], R.normal((3,)))().tolist()


def test_in_scan():
    """New numbers at each step, those of as many calls; `updates` carry the state on."""
    R, Q = JaxRandomStreams(5), JaxRandomStreams(5)
    out, updates = tx.scan(lambda: R.uniform((3,), dtype="float64"), n_steps=4)
    looped, called = tx.function([], out, updates=updates), tx.function([], Q.uniform((3,), dtype="float64"))
    for _ in range(2):
        np.testing.assert_array_equal(looped(), [called() for _ in range(4)])


def test_no_default_updates():
    f = tx.function([], JaxRandomStreams(5).uniform((4,)), no_default_updates=True)
    assert f().tolist() == f().tolist()


# -- gradients --------------------------------------------------------------------------------------------------------


def test_gradient_in_parameters():
    """The numbers stay, what they are scaled to moves."""
    a, b, R = T.dvector("a"), T.dscalar("b"), JaxRandomStreams(5)
    weights = np.arange(1.0, 4)
    for method in (R.uniform, R.normal):
        value = method((3,), a, b, dtype="float64")
        gradients = T.grad((value * weights).sum(), [a, b])
        value, da, db = tx.function([a, b], [value, *gradients])([1.0, 2.0, 3.0], 5.0)
        low = np.array([1.0, 2.0, 3.0])
        if method == R.uniform:
            u = (value - low) / (5 - low)
            np.testing.assert_allclose(da, weights * (1 - u), rtol=1e-12)
        else:
            u = (value - low) / 5
            np.testing.assert_allclose(da, weights, rtol=1e-12)
        np.testing.assert_allclose(db, (weights * u).sum(), rtol=1e-12)


def test_gradient_of_categories_is_refused():
    q, p, R = T.dvector("q"), T.dmatrix("p"), JaxRandomStreams(5)
    for value, wrt in (
        (R.binomial((2,), p=q, dtype="float64"), q),
        (R.multinomial(pvals=p, dtype="float64"), p),
    ):
        with pytest.raises(tx.gradient.NullTypeGradError):
            T.grad(value.sum(), wrt)
    mask = R.binomial(q.shape, ndim=1, dtype="float64")
    gradient, value = tx.function([q], [T.grad((q * mask).sum(), q), mask])([1.0, 2.0])
    np.testing.assert_array_equal(gradient, value)


def test_stochastic_variational_step_finds_the_mean():
    """Minimise the mean of (x - 3)**2 for x ~ N(m, s), by the gradient through the draw: m -> 3, s -> 0."""
    R = JaxRandomStreams(5)
    m, s = tx.shared(0.0), tx.shared(1.0)
    x = R.normal((64,), avg=m, std=s, dtype="float64")
    cost = ((x - 3) ** 2).mean()
    train = tx.function([], cost, updates=[(v, v - 0.1 * g) for v, g in zip((m, s), T.grad(cost, [m, s]), strict=True)])
    for _ in range(60):
        train()
    assert abs(m.get_value() - 3) < 0.05 and abs(s.get_value()) < 0.05


# -- devices ----------------------------------------------------------------------------------------------------------


def test_lowers_for_accelerators():
    R = JaxRandomStreams(5)
    draws = [R.uniform((5,)), R.normal((3, 4)), R.truncated_normal((3,)), R.multinomial(n=3, pvals=[[0.2, 0.8]])]
    for exported in export_function(tx.function([], draws), [], ("cuda", "tpu")):
        assert exported.mlir_module()


def test_sharded_draws_need_no_communication():
    """On eight devices each draws its own part, and the numbers are those of one device."""
    code = """
import os
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=8"
import jax, numpy as np, tx
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from tx.lowering.export import export_function
from tx.random import JaxRandomStreams

R = JaxRandomStreams(5)
f = tx.function([], R.normal((16, 4), dtype="float32"))
(exported,) = export_function(f, [], ("cpu",))
states = [s.get_value() for s in f.get_shared()]
one = exported.call(*states)
whole = NamedSharding(Mesh(np.array(jax.devices()), "i"), PartitionSpec())
rows = NamedSharding(whole.mesh, PartitionSpec("i"))
compiled = jax.jit(exported.call, in_shardings=whole, out_shardings=[rows, whole]).lower(*states).compile()
value = compiled(*states)
np.testing.assert_array_equal(value[0], one[0])
assert {s.data.shape for s in value[0].addressable_shards} == {(2, 4)}
text = compiled.as_text()
assert not any(word in text for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute")), text
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
