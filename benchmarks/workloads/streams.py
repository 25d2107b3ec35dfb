"""Nearly a million random numbers in float32, drawn by a function that has its state."""

import numpy as np

from benchmarks.plans import Graph, Hand, Workload
from benchmarks.systems import Absent

#: how many MRG streams draw at once. In a draw of a multiple of that all advance as often, which is easier by hand.
STREAMS = 60 * 256


def mrg(L, draw, count):
    """MRG31k3p, which PyTensor has not."""
    if L.moved:
        raise Absent("PyTensor has no MRG streams")
    R = L.module("random" if L.name == "tx" else "sandbox.rng_mrg").MRG_RandomStreams(5)
    return Graph([], getattr(R, draw)((count,), dtype="float32"), [()])


def mrg_by_hand(draw, count):
    """MRG31k3p as the paper has it, in 64-bit products and remainders, with a scan over steps."""
    import jax
    import jax.numpy as jnp

    from tx.random.mrg import substreams

    m1, m2 = 2**31 - 1, 2**31 - 21069

    def advance(state, _):
        x1, x2, x3, y1, y2, y3 = state
        x = (2**22 * x2 + (2**7 + 1) * x3) % m1
        y = (2**15 * y1 + (2**15 + 1) * y3) % m2
        z = x - y + jnp.where(x <= y, m1, 0)
        return (x, x1, x2, y, y1, y2), z.astype("float32") * np.float32(2.0**-31 * (1 - 2.0**-24))

    def step(state):
        state, numbers = jax.lax.scan(advance, state, None, length=count // STREAMS)
        u = numbers.reshape(-1)
        if draw == "uniform":
            return u, state
        if draw == "binomial":
            return (u < 0.5).astype("float32"), state
        radius, angle = jnp.sqrt(-2 * jnp.log(u[: count // 2])), np.float32(2 * np.pi) * u[count // 2 :]
        return jnp.concatenate([radius * jnp.cos(angle), radius * jnp.sin(angle)]), state

    return Hand(step, [()], tuple(c.astype("int64") for c in substreams(np.full(6, 5, "int32"), STREAMS).T))


def native(L, draw, count):
    """The stream that a system has for new programs: tx draws with `jax.random`, PyTensor and Theano with numpy's."""
    if L.name == "tx":
        R = L.module("random").JaxRandomStreams(5)
    elif L.moved:
        R = L.module("tensor.random.utils").RandomStream(5)
    else:
        R = L.module("tensor.shared_randomstreams").RandomStreams(5)
    if L.moved:
        arguments = {"uniform": (0.0, 1.0), "normal": (0.0, 1.0), "binomial": (1, 0.5)}[draw]
        return Graph([], L.T.cast(getattr(R, draw)(*arguments, size=(count,)), "float32"), [()])
    return Graph([], getattr(R, draw)((count,), dtype="float32"), [()])


def native_by_hand(draw, count):
    """`jax.random`, with a key that is split each time."""
    import jax

    function = {
        "uniform": lambda k: jax.random.uniform(k, (count,), "float32"),
        "normal": lambda k: jax.random.normal(k, (count,), "float32"),
        "binomial": lambda k: jax.random.bernoulli(k, 0.5, (count,)).astype("float32"),
    }[draw]

    def step(key):
        key, now = jax.random.split(key)
        return function(now), key

    return Hand(step, [()], jax.random.key(5))


def _numbers(draw, count=65 * STREAMS):
    return draw, count


def _row(kind, title, draw, symbolic, by_hand, **options):
    sizes, tiny = {"draw": draw}, {"draw": draw, "count": 6 * STREAMS}
    return Workload(f"{kind}-{draw}", f"998,400 {draw}, {title}", _numbers, symbolic, by_hand, sizes, tiny, **options)


TABLE = [
    row
    for draw in ("uniform", "normal", "binomial")
    for row in [
        _row("mrg", "MRG31k3p", draw, mrg, mrg_by_hand, floatX="float64", tolerance=1e-4),
        _row("stream", "each system's own stream", draw, native, native_by_hand, tolerance=None),
    ]
]
