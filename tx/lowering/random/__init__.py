"""Random draws."""

from tx.lowering.random import mrg, multinomial

__all__ = ["mrg", "multinomial"]
