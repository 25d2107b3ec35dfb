"""Kernels are not split among threads where one computes all there is as soon."""

import os

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import threads
from tx.lowering.options import UNFUSED

pytestmark = [
    pytest.mark.skipif(jax.default_backend() != "cpu", reason="it is XLA on the CPU that splits them"),
    pytest.mark.usefixtures("by_xla"),
]

MUCH, LITTLE = np.arange(300_000.0), np.arange(1000.0)
x, i, m = T.dvector("x"), T.ivector("i"), T.dmatrix("m")


def split(options):
    return threads._SPLITTING not in (options or {}).get(threads._KEY, "").split(",")


@pytest.mark.parametrize(
    "expression, inputs, at, small",
    [
        (T.tanh(x), [x], [LITTLE], True),
        (T.tanh(x), [x], [MUCH], False),
        (T.tanh(x[:5]), [x], [MUCH], True),
        (x[i] * 2, [x, i], [MUCH, [2, 0]], True),
        (T.inc_subtensor(x[i], 1.0), [x, i], [MUCH, [2, 0]], True),
        (T.set_subtensor(x[3:5], 1.0), [x], [MUCH], True),
        (T.inc_subtensor(T.zeros((1_200_000,))[i], 1.0), [i], [[2, 0]], False),
        (T.dot(m, m.T).sum(), [m], [np.ones((300, 20))], True),
        (tx.scan(lambda e, s: s + T.tanh(e), m, T.zeros((300,)))[0][-1], [m], [np.ones((20, 300))], True),
        (tx.scan(lambda e, s: T.tanh(s + e), x, T.zeros((300_000,)))[0][-1], [x], [np.ones(3)], False),
        (T.maximum(x, 0) * 2, [x], [MUCH], True),
        (T.maximum(x, 0) * 2, [x], [np.concatenate([MUCH, MUCH])], False),
        (T.maximum(x, 0) * T.exp(x), [x], [MUCH], False),
        (sum((x * k - k for k in range(3, 20)), x), [x], [MUCH], False),
    ],
)  # fmt: skip
def test_what_is_small_is_not_split(told, monkeypatch, expression, inputs, at, small):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    tx.function(inputs, expression)(*at)
    assert split(told()[-1]) != small


@pytest.mark.parametrize("cores, most", [(1, 1 << 18), (2, 1 << 18), (3, 1 << 17), (64, 1 << 17), (None, 1 << 18)])
def test_more_cores_are_waited_for_sooner(monkeypatch, cores, most):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    for n in (most, most + 1):
        jaxpr = jax.make_jaxpr(jax.numpy.tanh)(jax.ShapeDtypeStruct((n,), "float32"))
        assert threads.suits_one(jaxpr) == (n == most)
    for n in (4 * most, 4 * most + 1):  # arithmetic, of which as many bytes come as go
        jaxpr = jax.make_jaxpr(lambda v: v + 1)(jax.ShapeDtypeStruct((n,), "float32"))
        assert threads.suits_one(jaxpr) == (n <= (1 << 20 if cores in (1, 2, None) else 1 << 18))


def test_passes_that_are_left_out_already():
    assert threads.unsplit({}) == {threads._KEY: threads._SPLITTING}
    assert threads.unsplit(UNFUSED)[threads._KEY].split(",") == ["fusion", threads._SPLITTING]


def test_flags_of_the_environment_hold(told, monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_disable_hlo_passes=fusion")
    tx.function([x], x * 3)(LITTLE)
    assert split(told()[-1])


def test_xla_has_a_pass_of_that_name():
    def tasks(options):
        compiled = jax.jit(lambda v: v * 2, compiler_options=options).lower(np.ones(1 << 20)).compile()
        return compiled.as_text().count("outer_dimension_partitions")

    assert tasks(threads.unsplit({})) == 0
    if (os.cpu_count() or 1) > 1:
        assert tasks({}) > 0
