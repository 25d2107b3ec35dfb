"""Random streams: symbolic draws whose state is shared, so that each call of a function gives new numbers."""

from tx.random import box_muller, jax_streams, mrg, multinomial, raw_random, shared_randomstreams, states, streams
from tx.random.jax_streams import JaxRandomStreams
from tx.random.shared_randomstreams import RandomStreams
from tx.random.streams import MRG_RandomStreams

__all__ = [
    "JaxRandomStreams",
    "MRG_RandomStreams",
    "RandomStreams",
    "box_muller",
    "jax_streams",
    "mrg",
    "multinomial",
    "raw_random",
    "shared_randomstreams",
    "states",
    "streams",
]
