"""Rewrites of graphs: those that numerics depend on. Speed is XLA's work."""

from tx.rewriting import products, stabilize
from tx.rewriting.engine import rewrite_graph, rewrites

__all__ = ["products", "rewrite_graph", "rewrites", "stabilize"]
