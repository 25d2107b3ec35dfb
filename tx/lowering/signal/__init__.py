"""Signals and images."""

from tx.lowering.signal import pool

__all__ = ["pool"]
