"""Random streams: symbolic draws whose state is shared, so that each call of a function gives new numbers."""

from tx.random import jax_streams, mrg, multinomial, streams
from tx.random.jax_streams import JaxRandomStreams
from tx.random.streams import MRG_RandomStreams

__all__ = ["JaxRandomStreams", "MRG_RandomStreams", "jax_streams", "mrg", "multinomial", "streams"]
