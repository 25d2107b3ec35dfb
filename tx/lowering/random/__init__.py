"""Random draws."""

from tx.lowering.random import box_muller, jax_streams, mrg, multinomial

__all__ = ["box_muller", "jax_streams", "mrg", "multinomial"]
