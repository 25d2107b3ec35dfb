"""Random streams: symbolic draws whose state is shared, so that each call of a function gives new numbers."""

from tx.random import mrg, multinomial, streams
from tx.random.streams import MRG_RandomStreams

__all__ = ["MRG_RandomStreams", "mrg", "multinomial", "streams"]
