"""Drawn functions of small arrays: numpy gives what XLA gives, in memory of its own, and leaves what it was given."""

import random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from tx.lowering.by_numpy import by_numpy

#: several of these functions are drawn in each test
DRAWN = 12


def sliced(draw, x):
    ranges = [(a := draw.randrange(n), draw.randint(a + 1, n), draw.choice([1, 1, 2])) for n in x.shape]
    return lax.slice(x, *zip(*ranges, strict=True)) if ranges else x


def reshaped(draw, x):
    rows = draw.choice([d for d in range(1, x.size + 1) if x.size % d == 0])
    return lax.reshape(x, (rows, x.size // rows))


def transposed(draw, x):
    return lax.transpose(x, draw.sample(range(x.ndim), x.ndim))


def stretched(draw, x):
    axis = draw.randint(0, x.ndim)
    return jnp.broadcast_to(jnp.expand_dims(x, axis), (*x.shape[:axis], 3, *x.shape[axis:])) if x.size < 100 else x


def reduced(draw, x):
    axes = sorted(draw.sample(range(x.ndim), draw.randint(0, x.ndim)))
    return draw.choice([lax.reduce_sum, lax.reduce_max, lax.reduce_min])(x, axes)


def written(draw, x):
    """A piece of what it is written into is computed apart, for XLA's sake (see `tx.lowering.overlap`)."""
    piece = lax.optimization_barrier(jnp.tanh(lax.slice(x, [0] * x.ndim, [draw.randint(1, n) for n in x.shape])))
    return lax.dynamic_update_slice(x * 2, piece, [draw.randrange(n) for n in x.shape])


def chosen(draw, x):
    flat = lax.reshape(x, (x.size,))
    mask = (
        flat > draw.choice([-1, 0, 0.3, 9]) if draw.random() < 0.5 else lax.iota("int64", x.size) < draw.randint(-1, 9)
    )
    fill, reduce = draw.choice([(0.0, lax.reduce_sum), (-np.inf, lax.reduce_max), (1.0, lax.reduce_sum)])
    values = jnp.where(mask, flat, np.asarray(fill, x.dtype))
    return draw.choice([lambda v: reduce(v, (0,)), lambda v: reduce(v * 2, (0,)), jnp.tanh])(values)


def counted(draw, x):
    return lax.reduce_sum((x > 0).astype(x.dtype), tuple(range(draw.randint(0, x.ndim))))


def product(draw, x):
    return jnp.tanh(x.T @ x) if x.ndim in (1, 2) else x


ELEMENTWISE = [
    jnp.tanh, lax.abs, lax.neg, lax.logistic, lax.sign, lax.floor, lambda x: x * 0.5 + 1, lambda x: x * x / (1 + x * x),
    lambda x: lax.log1p(lax.abs(x)), lambda x: lax.exp(-lax.abs(x)), lambda x: lax.max(x, x * 0), lambda x: x**3,
    lambda x: lax.select(x > 0.1, x, x * x), lambda x: x * 1 + 0, lambda x: x.astype("float32").astype("float64"),
    lambda x: x[(0,) * x.ndim], lambda x: lax.rev(x, range(x.ndim)),
]  # fmt: skip
STEPS = [sliced, reshaped, transposed, stretched, reduced, reduced, written, written, chosen, counted, product]


def drawn(seed):
    """A function, and its arguments."""

    def function(*arguments):
        draw = random.Random(seed)
        pool = list(arguments)
        for _ in range(draw.randint(4, 20)):
            x = draw.choice(pool[-4:])
            kind = draw.random()
            if kind < 0.4:
                made = draw.choice(ELEMENTWISE)(x)
            elif kind < 0.6:
                others = [y for y in pool if y.shape in (x.shape, ())]
                made = draw.choice([lax.add, lax.sub, lax.mul, lax.max])(x, draw.choice(others))
            else:
                made = draw.choice(STEPS)(draw, x)
            pool += [made] if 0 < made.size < 1000 else []
        return [draw.choice(pool[-5:]) for _ in range(draw.randint(1, 3))]

    rng = np.random.RandomState(seed)
    arguments = [np.array(rng.randn(*shape)) for shape in ((7,), (3, 4), ())]
    arguments[1] = np.asfortranarray(arguments[1]) if seed % 3 == 0 else arguments[1]
    return function, arguments


@pytest.mark.parametrize("start", range(0, 120, DRAWN))
def test_numpy_gives_what_xla_gives(start):
    for seed in range(start, start + DRAWN):
        function, arguments = drawn(seed)
        given = [a.copy() for a in arguments]
        with jax.enable_x64(True):
            jitted = jax.jit(function)
            made = by_numpy(jitted.trace(*arguments).jaxpr, patience=1000)
            expected = jitted(*arguments)
        for _ in range(2):
            results = made(*arguments)
            for found, wanted in zip(results, expected, strict=True):
                assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
                np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10, err_msg=f"seed {seed}")
            for i, found in enumerate(results):
                assert not any(np.shares_memory(found, other) for other in [*arguments, *results[:i]])
                found[...] = 77
            for a, b in zip(arguments, given, strict=True):
                np.testing.assert_array_equal(a, b)
