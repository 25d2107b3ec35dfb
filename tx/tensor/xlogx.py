"""Source: theano.tensor.xlogx."""

from tx.tensor.math import xlogx, xlogy0

__all__ = ["xlogx", "xlogy0"]
