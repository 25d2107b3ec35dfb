"""Constants of a trace: numbers, lengths and what is made of them take no operation of their own, and are the same."""

import re

import numpy as np
import pytest

import tx
import tx.tensor as T

v, m = T.dvector("v"), T.dmatrix("m")
V, M = np.arange(1.0, 4.0), np.arange(12.0).reshape(3, 4)


def primitives(f):
    """The names of what was traced, but what nobody reads."""
    (part,) = f.program.parts()
    return [name for result, name in re.findall(r"(\w+):\S+ = ([\w-]+)", part.jaxpr) if result != "_"]


@pytest.mark.parametrize(
    "inputs, expression, at, traced",
    [
        ([v], v * 2 + 1, [V], "mul add"),
        ([v], T.tan(v) ** 2, [V], "tan mul"),
        ([v], v[0], [V], "slice reshape"),
        ([v], v[-1], [V], "slice reshape"),
        ([m], m[1, T.constant(-2)], [M], "slice reshape"),
        ([m], m.mean(0), [M], "reduce_sum div"),
        ([v], T.switch(v > 2, v, 0.0), [V], "gt broadcast_in_dim select_n"),
        ([v], T.arange(v.shape[0]), [V], "iota"),
        ([m], m * (m.shape[0] * m.shape[1] - 1), [M], "mul"),
        ([v], v * v[0] - v.sum(), [V], "slice reshape mul reduce_sum sub"),
        ([v], T.grad((v**2).sum(), v), [V], "mul"),
        ([m], T.set_subtensor(m[0], 1.0), [M], "broadcast_in_dim reshape dynamic_update_slice"),
    ],
    ids=str,
)
def test_what_is_traced(inputs, expression, at, traced):
    f = tx.function(inputs, expression)
    f(*at)
    assert " ".join(primitives(f)) == traced


NUMBERS = [
    np.int8(-3), np.uint8(200), np.int16(300), np.int32(-5), np.int64(2**40), np.uint64(2**63), np.float32(0.1),
    np.float64(0.1), np.float64(1e300), np.float32(np.nan), np.float64(-np.inf), np.bool_(True), np.complex64(1 - 2j),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float32", "float64", "complex128"])
@pytest.mark.parametrize("ndim", [0, 2])
def test_numbers_are_what_arguments_are(dtype, ndim):
    """Each with an array, as a constant and as an argument."""
    x = T.TensorType(dtype, (False,) * ndim)("x")
    numbers = [T.TensorType(str(n.dtype), ())() for n in NUMBERS]
    at = np.arange(1, 7).reshape(2, 3).astype(dtype)[(0,) * (2 - ndim)]

    def expressions(ns):
        found = []
        for n in ns:
            found += [x + n, n - x, x * n, T.eq(x, n), T.switch(n, x, n)]
            if not {"complex64", "complex128"} & {n.dtype, dtype}:
                found += [T.maximum(x, n), n < x, T.cast(n, "float32") / x, T.cast(n, "int16") + x]
        return found

    constant = tx.function([x], expressions([T.constant(n, dtype=str(n.dtype)) for n in NUMBERS]))(at)
    given = tx.function([x, *numbers], expressions(numbers))(at, *NUMBERS)
    for a, b in zip(constant, given, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)


def test_lengths_and_what_is_made_of_them():
    n = m.shape[1]
    expressions = [m.shape, m.shape[0], n - 3, T.cast(n, "float32"), T.stack([n, n * 2])[::-1], n / 3, (n - 5) // 2]
    expected = [[3, 4], 3, 1, 4, [8, 4], 4 / 3, -1]
    found = tx.function([m], expressions)(M)
    for value, variable, right in zip(found, expressions, expected, strict=True):
        assert value.dtype == variable.dtype and value.flags.writeable
        np.testing.assert_array_equal(value, right)
    found[0][:] = 0
    assert tx.function([m], expressions)(M)[0].tolist() == [3, 4]


def test_what_is_wrong_is_told_where_it_is_computed():
    with pytest.raises(IndexError, match="out of bounds for axis 0 with size 2"):
        tx.function([m], m.shape[2])(M)
    with pytest.raises(ValueError, match="was supposed to be 1"):
        tx.function([], T.addbroadcast(T.constant([1.0, 2.0]), 0))()


def test_gradients_by_constants():
    c = T.constant(3.0, dtype="float64")
    assert tx.function([v], tx.grad((v * c).sum(), c))(V) == V.sum()
    last = tx.scan(lambda s, w: s * w, outputs_info=v, non_sequences=c, n_steps=3)[0][-1].sum()
    assert tx.function([v], tx.grad(last, c))(V) == 27 * V.sum()
    assert tx.function([v], T.Rop(v * c, c, T.constant(2.0, dtype="float64")))(V).tolist() == (2 * V).tolist()


def test_loops_unroll_where_lengths_differ():
    """What is a constant in one step is another one in the next."""
    last = tx.scan(lambda k, s: s + m[:k].shape[0] * m[:k].sum(), T.arange(4), T.constant(0.0, dtype="float64"))[0][-1]
    assert tx.function([m], last)(M) == sum(k * M[:k].sum() for k in range(4))


def test_inside_of_what_maps_rows():
    jacobian = tx.gradient.jacobian(m.shape[0] * T.tanh(v) * m.sum(), v)
    found = tx.function([m, v], jacobian)(M, V)
    np.testing.assert_allclose(found, np.diag(3 * M.sum() / np.cosh(V) ** 2))


def test_numbers_among_images_with_channels_last():
    """Numbers keep their place where arrays have theirs changed."""
    x, w = T.tensor4("x", "float64"), T.tensor4("w", "float64")
    images, filters = np.random.RandomState(0).randn(2, 3, 6, 6), np.random.RandomState(1).randn(4, 3, 3, 3)
    y = T.nnet.conv2d(x, w)
    found = tx.function([x, w], [T.maximum(y * 0.5 + 1, 0), y])(images, filters)
    np.testing.assert_array_equal(found[0], np.maximum(found[1] * 0.5 + 1, 0))


def test_numbers_in_loops_and_what_is_differentiated(rng):
    """A number that is stretched in a step, or where jax differentiates, has its part in the gradient."""

    def looped(s, v):
        states, _ = tx.scan(lambda h: T.tanh(h * s + h.sum() / s), outputs_info=v, n_steps=3)
        return states[-1] * s + v.sum()

    T.verify_grad(looped, [np.array(0.7), V / 4], rng=rng)
    T.verify_grad(lambda s, v: tx.map(lambda e: T.cosh(e * s) * v.sum(), v)[0], [np.array(0.7), V / 4], rng=rng)
