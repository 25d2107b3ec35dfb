"""Arrays: one elementwise expression, products of matrices, an embedding, and sizes that are data."""

import numpy as np

from benchmarks.plans import CALL_LIMIT, Graph, Hand, Workload

RATE = np.float32(0.01)


def _normal(*shape):
    return np.random.RandomState(sum(shape)).randn(*shape).astype("float32")


def elementwise(L, data):
    """What fuses into one loop, on data that the device has."""
    T, x = L.T, L.shared(data)
    return Graph([], T.exp(-(x**2)) * T.sin(x) + T.sqrt(abs(x)) * T.tanh(x), [()])


def elementwise_by_hand(data):
    """The same."""
    import jax.numpy as jnp

    return Hand(lambda x: jnp.exp(-(x**2)) * jnp.sin(x) + jnp.sqrt(abs(x)) * jnp.tanh(x), [()], held=(data,))


def argument(L, data):
    """A large argument, of which nothing but itself is wanted."""
    x = L.T.fmatrix("x")
    return Graph([x], L.T.maximum(x, 0) * 2, [(data,)])


def argument_by_hand(data):
    """The same."""
    import jax.numpy as jnp

    return Hand(lambda x: jnp.maximum(x, 0) * 2, [(data,)])


def matmul(L, left, right):
    """A product of two matrices that the device has."""
    return Graph([], L.T.dot(L.shared(left), L.shared(right)), [()])


def batched_matmul(L, left, right):
    """A batch of products."""
    product = L.T.matmul if L.moved else L.T.batched_dot
    return Graph([], product(L.shared(left), L.shared(right)), [()])


def matmul_by_hand(left, right):
    """Either."""
    import jax.numpy as jnp

    return Hand(jnp.matmul, [()], held=(left, right))


def embedding_numbers(words=50_000, width=64, batch=256):
    """The table, the words of some batches, and what their rows should be."""
    rng = np.random.RandomState(0)
    batches = [
        (rng.randint(0, words, batch).astype("int32"), rng.randn(batch, width).astype("float32")) for _ in range(4)
    ]
    return _normal(words, width), batches


def embedding(L, start, batches):
    """Rows of a table move towards targets: the gradient by the rows, added into the table."""
    T, table = L.T, L.shared(start)
    words, targets = T.ivector("words"), L.sequence(batches[0][1], "targets")
    rows = table[words]
    cost = ((rows - targets) ** 2).sum()
    return Graph([words, targets], cost, batches, [(table, T.inc_subtensor(rows, -RATE * L.grad(cost, rows)))])


def embedding_by_hand(start, batches):
    """The same, in place."""
    import jax

    def step(table, words, targets):
        rows = table[words]
        cost, gradient = jax.value_and_grad(lambda rows: ((rows - targets) ** 2).sum())(rows)
        return cost, table.at[words].add(-RATE * gradient)

    return Hand(step, batches, start)


def selection(L, data, thresholds):
    """Sum, mean and greatest of the elements above a threshold."""
    x, t = L.shared(data), L.T.fscalar("t")
    chosen = x[(x > t).nonzero()]
    return Graph([t], [chosen.sum(), chosen.mean(), chosen.max()], thresholds)


def selection_by_hand(data, thresholds):
    """The same with masks."""
    import jax.numpy as jnp

    def reductions(x, t):
        mask = x > t
        total = jnp.where(mask, x, 0).sum()
        return [total, total / mask.sum().astype("float32"), jnp.where(mask, x, -jnp.inf).max()]

    return Hand(reductions, thresholds, held=(data,))


def selection_numbers(length=10_000, count=16):
    """The vector, and thresholds."""
    return _normal(length), [(np.float32(t),) for t in np.linspace(-1, 1, count)]


def prefix(L, data, lengths):
    """The sum of squares of the first n."""
    x, n = L.shared(data), L.T.iscalar("n")
    return Graph([n], (x[:n] ** 2).sum(), lengths)


def prefix_by_hand(data, lengths):
    """The same with a mask."""
    import jax.numpy as jnp

    return Hand(lambda x, n: jnp.where(jnp.arange(len(x)) < n, x**2, 0).sum(), lengths, held=(data,))


def prefix_numbers(length=10_000, count=32):
    """The vector, and how many."""
    return _normal(length), [(np.int32(n),) for n in np.linspace(1, length, count)]


def _pair(*shape):
    return lambda scale=1: (_normal(*(n // scale for n in shape)), _normal(*(n // scale for n in shape)))


TABLE = [
    Workload(
        "elementwise", "fused elementwise, 1e6 elements", lambda length=1_000_000: (_normal(length),),
        elementwise, elementwise_by_hand, tiny={"length": 100},
    ),
    Workload(
        "argument", "an argument of 1000x1000, rectified", lambda size=1000: (_normal(size, size),),
        argument, argument_by_hand, tiny={"size": 10},
    ),
    Workload(
        "matmul", "product of matrices, 1000x1000", _pair(1000, 1000), matmul, matmul_by_hand,
        tiny={"scale": 100}, tolerance=1e-3,
    ),
    Workload(
        "matmul-batched", "64 products of matrices, 128x128", _pair(64, 128, 128), batched_matmul, matmul_by_hand,
        tiny={"scale": 32}, tolerance=1e-3,
    ),
    Workload(
        "embedding", "4 sparse updates of a 50,000x64 table", embedding_numbers, embedding, embedding_by_hand,
        tiny={"words": 50, "width": 4, "batch": 16}, limit=CALL_LIMIT,
    ),
    Workload(
        "selection", "x[mask.nonzero()]: sum, mean, max; 16 sizes", selection_numbers, selection, selection_by_hand,
        tiny={"length": 50, "count": 2}, limit=CALL_LIMIT,
    ),
    Workload(
        "prefix", "x[:n], squared and summed; 32 sizes", prefix_numbers, prefix, prefix_by_hand,
        tiny={"length": 50, "count": 3}, limit=CALL_LIMIT,
    ),
]  # fmt: skip
