"""What a million random numbers cost: tx's streams, `jax.random`, MRG31k3p in JAX by hand, real Theano; as ratios.

Each contestant draws float32 numbers by a function that has its state, and hands them out as an ndarray.
Run it alone: ``python benchmarks/random_streams.py``.
"""

import argparse
import importlib

import numpy as np
import rounds

COUNT, STREAMS = 1_000_000, 60 * 256
MRG = "MRG_RandomStreams"


def symbolic(library, streams, draw):
    """A function of tx or of Theano."""
    theano = importlib.import_module(library)
    theano.config.floatX = "float32"
    module = "theano.sandbox.rng_mrg" if library == "theano" else "tx.random"
    R = getattr(importlib.import_module(module), streams)(5)
    return theano.function([], getattr(R, draw)((COUNT,), dtype="float32"))


def key(draw):
    """What `jax.random` has, with a key that is split each time."""
    import jax

    function = {
        "uniform": lambda k: jax.random.uniform(k, (COUNT,)),
        "normal": lambda k: jax.random.normal(k, (COUNT,)),
        "binomial": lambda k: jax.random.bernoulli(k, 0.5, (COUNT,)).astype("float32"),
    }[draw]

    def step(k):
        k, now = jax.random.split(k)
        return k, function(now)

    return _stateful(jax.jit(step, donate_argnums=0), jax.random.key(5))


def by_hand(draw):
    """MRG31k3p as the paper has it, in 64-bit products and remainders, with a scan over steps."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    from tx.random.mrg import substreams

    m1, m2 = 2**31 - 1, 2**31 - 21069

    def advance(state, _):
        x1, x2, x3, y1, y2, y3 = state
        x = (2**22 * x2 + (2**7 + 1) * x3) % m1
        y = (2**15 * y1 + (2**15 + 1) * y3) % m2
        z = x - y + jnp.where(x <= y, m1, 0)
        return (x, x1, x2, y, y1, y2), z.astype("float32") * np.float32(2.0**-31 * (1 - 2.0**-24))

    def step(state):
        state, numbers = jax.lax.scan(advance, state, None, length=-(-COUNT // STREAMS))
        u = numbers.reshape(-1)[:COUNT]
        if draw == "uniform":
            return state, u
        if draw == "binomial":
            return state, (u < 0.5).astype("float32")
        radius, angle = jnp.sqrt(-2 * jnp.log(u[: COUNT // 2])), np.float32(2 * np.pi) * u[COUNT // 2 :]
        return state, jnp.concatenate([radius * jnp.cos(angle), radius * jnp.sin(angle)])

    state = tuple(jnp.asarray(c.astype("int64")) for c in substreams(np.full(6, 5, "int32"), STREAMS).T)
    return _stateful(jax.jit(step, donate_argnums=0), state)


def _stateful(step, state):
    def call():
        nonlocal state
        state, numbers = step(state)
        return np.array(numbers)

    return call


def main():
    """Print the ratios."""
    options = rounds.interpreters_from(argparse.ArgumentParser(description=__doc__))
    for draw in ("uniform", "normal", "binomial"):
        contestants = [
            rounds.Contestant("tx, MRG", "symbolic", library="tx", streams=MRG, draw=draw),
            rounds.Contestant("real Theano, MRG", "symbolic", "theano", library="theano", streams=MRG, draw=draw),
            rounds.Contestant("JAX by hand, MRG", "by_hand", draw=draw),
            rounds.Contestant("jax.random", "key", draw=draw),
            rounds.Contestant("tx, jax.random", "symbolic", library="tx", streams="JaxRandomStreams", draw=draw),
        ]
        title = f"{draw}, {COUNT} numbers"
        rounds.compare(title, contestants, options.rounds, options.seconds, tolerance=None)


if __name__ == "__main__":
    main()
