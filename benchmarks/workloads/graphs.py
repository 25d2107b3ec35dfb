"""Graphs that are long, second derivatives, and many small functions in one process: what is built and compiled."""

import numpy as np

from benchmarks.plans import CALL_LIMIT, Graph, Hand, Workload


def _chain(x, tanh, exp, nodes):
    """A function of about so many elementwise operations."""
    y = x
    for k in range(nodes // 5):
        y = tanh(y * 0.9 + x) - exp(-y) * (0.001 * (k % 3 + 1))
    return y.sum()


def chain(L, gradient, nodes, value):
    """The chain; or its gradient."""
    x = L.T.dvector("x")
    y = _chain(x, L.T.tanh, L.T.exp, nodes)
    return Graph([x], L.grad(y, x) if gradient else y, [(value,)])


def chain_by_hand(gradient, nodes, value):
    """The same."""
    import jax
    import jax.numpy as jnp

    function = lambda x: _chain(x, jnp.tanh, jnp.exp, nodes)
    return Hand(jax.grad(function) if gradient else function, [(value,)])


def chain_numbers(gradient, nodes=1000):
    """What, how long, and where."""
    return gradient, nodes, np.linspace(0.1, 0.9, 8)


def _steps(x, weights, dot, tanh, exp, count):
    """So many steps of a network without a loop: a product, and nine elementwise operations, in each."""
    h = x
    for k in range(count):
        h = tanh(dot(h, weights) * 0.9 + x) - exp(-h) * (0.001 * (k % 3 + 1))
    return h.sum()


def steps_numbers(count=30, batch=16, units=32):
    """How many, where from, and the weights."""
    rng = np.random.RandomState(0)
    return count, rng.randn(batch, units), rng.randn(units, units) / 6


def steps(L, count, start, weights):
    """The gradient in the start."""
    T = L.T
    x = T.dmatrix("x")
    return Graph([x], L.grad(_steps(x, L.shared(weights), T.dot, T.tanh, T.exp, count), x), [(start,)])


def steps_by_hand(count, start, weights):
    """The same."""
    import jax
    import jax.numpy as jnp

    return Hand(
        lambda weights, x: jax.grad(lambda x: _steps(x, weights, jnp.dot, jnp.tanh, jnp.exp, count))(x),
        [(start,)], held=(weights,),
    )  # fmt: skip


def curvature_numbers(examples=50, features=10):
    """A logistic regression: examples, their signs, weights, and a direction."""
    rng = np.random.RandomState(0)
    signs = rng.choice([-1.0, 1.0], examples)
    return rng.randn(examples, features), signs, rng.randn(features), rng.randn(features)


def curvature(L, data, signs, weights, direction):
    """A Hessian times a vector: the R-operator of a gradient."""
    T = L.T
    w, v = T.dvector("w"), T.dvector("v")
    # Not w**2: Theano's R-operator of a power is NaN where the base is negative.
    cost = L.nnet("softplus")(-signs * T.dot(data, w)).sum() + 0.5 * (w * w).sum()
    return Graph([w, v], L.Rop(L.grad(cost, w), w, v), [(weights, direction)])


def curvature_by_hand(data, signs, weights, direction):
    """The same."""
    import jax
    import jax.numpy as jnp

    cost = lambda w: jax.nn.softplus(-signs * jnp.dot(data, w)).sum() + 0.5 * (w * w).sum()
    return Hand(lambda w, v: jax.jvp(jax.grad(cost), (w,), (v,))[1], [(weights, direction)])


def _tiny_functions(m, count):
    """So many different functions of a vector, such as a test suite makes; `m` has the words."""
    kinds = [
        lambda x, a: m.exp(x * a).sum(),
        lambda x, a: m.maximum(x, a) / (1 + x**2),
        lambda x, a: m.tanh(x + a) * x,
        lambda x, a: m.dot(x, x * a) + a,
        lambda x, a: m.where(x > a, x, -x)[1:],
    ]
    return [lambda x, k=k: kinds[k % len(kinds)](x, 0.5 + k) for k in range(count)]


class _Words:
    """What `_tiny_functions` needs, of a Language."""

    def __init__(self, T):
        self.exp, self.maximum, self.tanh, self.dot, self.where = T.exp, T.maximum, T.tanh, T.dot, T.switch


def functions(L, count, value):
    """Many functions, compiled one after another and called once a step."""
    graphs = []
    for function in _tiny_functions(_Words(L.T), count):
        x = L.T.dvector("x")
        graphs.append(Graph([x], function(x), [(value,)]))
    return graphs


def functions_by_hand(count, value):
    """The same."""
    import jax.numpy as jnp

    return [Hand(function, [(value,)]) for function in _tiny_functions(jnp, count)]


def _functions_row(count):
    title = f"{count} tiny functions, each called once"
    numbers = lambda count=count: (count, np.array([0.1, 2.0, 3.0]))
    return Workload(
        f"functions-{count}", title, numbers, functions, functions_by_hand,
        tiny={"count": 5}, floatX="float64", tolerance=1e-9, limit=CALL_LIMIT, default=count <= 200,
    )  # fmt: skip


TABLE = [
    Workload(
        "graph", "a graph of 1000 nodes", chain_numbers, chain, chain_by_hand,
        {"gradient": False}, {"gradient": False, "nodes": 20}, "float64", 1e-6, CALL_LIMIT,
    ),
    Workload(
        "graph-gradient", "the gradient of a graph of 1000 nodes", chain_numbers, chain, chain_by_hand,
        {"gradient": True}, {"gradient": True, "nodes": 20}, "float64", 1e-6, CALL_LIMIT, default=False,
    ),
    Workload(
        "chain-gradient", "the gradient of 30 steps with a product each", steps_numbers, steps, steps_by_hand,
        tiny={"count": 2}, floatX="float64", tolerance=1e-9, limit=CALL_LIMIT,
    ),
    Workload(
        "hessian-vector", "Hessian times vector, 10 parameters", curvature_numbers, curvature, curvature_by_hand,
        floatX="float64", tolerance=1e-9, limit=CALL_LIMIT,
    ),
    _functions_row(200),
    _functions_row(2000),
]  # fmt: skip
