"""Random draws."""

from tx.lowering.random import jax_streams, mrg, multinomial

__all__ = ["jax_streams", "mrg", "multinomial"]
