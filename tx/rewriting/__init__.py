"""Rewrites of graphs: those that numerics depend on. Speed is XLA's work. And graphs over padded inputs."""

from tx.rewriting import (
    exponentials,
    loops,
    padded_indexing,
    padded_loops,
    padded_ops,
    padded_shapes,
    pieces,
    products,
    signs,
    sparse,
    stabilize,
)
from tx.rewriting.engine import rewrite_graph, rewrites

__all__ = [
    "exponentials",
    "loops",
    "padded_indexing",
    "padded_loops",
    "padded_ops",
    "padded_shapes",
    "pieces",
    "products",
    "rewrite_graph",
    "rewrites",
    "signs",
    "sparse",
    "stabilize",
]
