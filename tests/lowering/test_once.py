"""Values that kernels between products share are computed once: they have memory of their own."""

import jax
import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering.once import recomputes

pytestmark = pytest.mark.skipif(jax.default_backend() != "cpu", reason="it is the CPU's fusion that computes again")

x, w = T.dmatrix("x"), T.dmatrix("w")
AT, WEIGHTS = np.random.RandomState(0).rand(4, 6), np.random.RandomState(1).rand(6, 6) / 6


def steps(count):
    h = x
    for k in range(count):
        h = T.tanh(T.dot(h, w) * 0.9 + x) - T.exp(-h) * (0.001 * (k % 3 + 1))
    return h


def kept(f):
    """How many values the last executable keeps."""
    return str(f.program.parts()[-1].jaxpr).count("name=<lambda>")


def gradient(count):
    """The gradient, by hand, in numpy."""
    hs, es = [AT], []
    for k in range(count):
        es.append(np.exp(-hs[-1]) * (0.001 * (k % 3 + 1)))
        hs.append(np.tanh(hs[-1] @ WEIGHTS * 0.9 + AT) - es[-1])
    g, total = np.ones_like(AT), np.zeros_like(AT)
    for e, after in zip(es[::-1], hs[:0:-1], strict=True):
        inner = g * (1 - (after + e) ** 2)
        total, g = total + inner, g * e + (inner * 0.9) @ WEIGHTS.T
    return total + g


@pytest.mark.parametrize("count, some", [(2, False), (40, True)])
def test_the_gradient_of_many_layers(count, some):
    f = tx.function([x, w], T.grad(steps(count).sum(), x))
    with tx.config.change_flags(tiny="xla"):
        np.testing.assert_allclose(f(AT, WEIGHTS), gradient(count), rtol=1e-10)
    assert (kept(f) > count // 8) == some


def test_kernels_stay_small():
    f = tx.function([x, w], T.grad(steps(40).sum(), x))
    with tx.config.change_flags(tiny="xla"):
        f(AT, WEIGHTS)
    computations = f.program.parts()[0].hlo.split("\n\n")
    assert max(text.count(" multiply(") for text in computations if text.startswith("%fused_comp")) < 4 * 40


def read_often(depth):
    """A value that takes so many operations, and is read by five kernels, and their sum with products."""
    y = x
    for _ in range(depth):
        y = y * 1.5 + 1
    return sum(T.dot(T.sin(y * float(k)), w) for k in range(2, 7)).sum(), y


@pytest.mark.parametrize("depth, some", [(1, False), (10, True)])
def test_what_takes_long_is_kept(depth, some):
    expression, y = read_often(depth)
    f = tx.function([x, w], expression)
    with tx.config.change_flags(tiny="xla"):
        found = f(AT, WEIGHTS)
    at = y.eval({x: AT})
    np.testing.assert_allclose(found, sum((np.sin(at * k) @ WEIGHTS).sum() for k in range(2, 7)), rtol=1e-10)
    assert (kept(f) > 0) == some


def test_what_is_in_memory_anyway_is_not_copied():
    """Results, what a product reads, and a tanh that is read twice."""
    y = T.tanh(x * 2 + 1)
    read = y * 3 + 1
    for _ in range(12):
        read = read * 1.1 + 1
    f = tx.function([x, w], [T.dot(read, w) + read, T.sqr(read), read])
    with tx.config.change_flags(tiny="xla"):
        f(AT, WEIGHTS)
    assert kept(f) == 0


def test_where_there_is_no_product_nothing_is_parted():
    nodes = tx.function([x], T.exp(x) + x).program.stages[0].layout.nodes
    assert not recomputes(nodes)
    assert recomputes(tx.function([x, w], T.dot(x, w) + 1).program.stages[0].layout.nodes)
