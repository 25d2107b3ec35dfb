"""Rewrites of graphs: those that numerics depend on. Speed is XLA's work."""

from tx.rewriting import loops, products, stabilize
from tx.rewriting.engine import rewrite_graph, rewrites

__all__ = ["loops", "products", "rewrite_graph", "rewrites", "stabilize"]
