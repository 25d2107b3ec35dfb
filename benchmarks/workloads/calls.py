"""Calls that do next to nothing: what they cost is the call."""

import numpy as np

from benchmarks.plans import CALL_LIMIT, Graph, Hand, Workload


def vector(L, value):
    """A vector in, a vector out."""
    x = L.T.dvector("x")
    return Graph([x], L.T.exp(x) * 2, [(value,)])


def vector_by_hand(value):
    """The same."""
    import jax.numpy as jnp

    return Hand(lambda v: jnp.exp(v) * 2, [(value,)])


def scalar(L, value):
    """A scalar in, a scalar out."""
    x = L.T.dscalar("x")
    return Graph([x], x * x + 1, [(value,)])


def scalar_by_hand(value):
    """The same."""
    return Hand(lambda v: v * v + 1, [(value,)])


def counter(L, start):
    """An update: a counter goes up, its old value comes out."""
    n = L.shared(start)
    return Graph([], n + 0, [()], [(n, n + 1)])


def counter_by_hand(start):
    """The same."""
    return Hand(lambda n: (n + 0, n + 1), [()], start)


def many(L, *values):
    """As many vectors out as in, each made of two."""
    xs = [L.T.dvector(f"x{k}") for k in range(len(values))]
    return Graph(xs, [L.T.tanh(a) + b for a, b in zip(xs, xs[1:] + xs[:1])], [values])


def many_by_hand(*values):
    """The same."""
    import jax.numpy as jnp

    return Hand(lambda *xs: [jnp.tanh(a) + b for a, b in zip(xs, xs[1:] + xs[:1])], [values])


def density_numbers(schools=8):
    """Effects of schools with their errors, and the place where to look: mean, log scale, and a number per school."""
    rng = np.random.RandomState(0)
    return rng.randn(schools) * 10, rng.uniform(9, 18, schools), rng.randn(schools + 2)


def density(L, effects, errors, place):
    """A hierarchical model's log density and its gradient, at one place: what a sampler calls thousands of times."""
    T = L.T
    q = T.dvector("q")
    mu, tau, theta = q[0], T.exp(q[1]), q[2:]
    likelihood = -0.5 * (((effects - (mu + tau * theta)) / errors) ** 2).sum()
    prior = -0.5 * (theta**2).sum() - 0.5 * (mu / 5) ** 2 - T.log1p((tau / 5) ** 2) + q[1]
    return Graph([q], [likelihood + prior, L.grad(likelihood + prior, q)], [(place,)])


def density_by_hand(effects, errors, place):
    """The same."""
    import jax
    import jax.numpy as jnp

    def log_density(q):
        mu, tau, theta = q[0], jnp.exp(q[1]), q[2:]
        likelihood = -0.5 * (((effects - (mu + tau * theta)) / errors) ** 2).sum()
        return likelihood - 0.5 * (theta**2).sum() - 0.5 * (mu / 5) ** 2 - jnp.log1p((tau / 5) ** 2) + q[1]

    return Hand(jax.value_and_grad(log_density), [(place,)])


def _row(name, title, numbers, symbolic, by_hand):
    return Workload(name, title, numbers, symbolic, by_hand, floatX="float64", tolerance=1e-9, limit=CALL_LIMIT)


TABLE = [
    _row("call-vector", "call: a vector of 3", lambda: (np.arange(3.0),), vector, vector_by_hand),
    _row("call-scalar", "call: a scalar", lambda: (np.array(2.0),), scalar, scalar_by_hand),
    _row("call-counter", "call: a counter's update", lambda: (np.int64(0),), counter, counter_by_hand),
    _row("call-many", "call: 8 vectors in, 8 out", lambda: tuple(np.arange(24.0).reshape(8, 3)), many, many_by_hand),
    _row("density", "density and gradient, 10 parameters", density_numbers, density, density_by_hand),
]
