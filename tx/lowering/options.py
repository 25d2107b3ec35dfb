"""How a stage is to be compiled: with XLA's fusion pass, or, where that makes it worse, without."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import jax

from tx.graph import Apply
from tx.lowering.calls import inner_graphs
from tx.tensor.elemwise import Elemwise
from tx.tensor.products import BatchedDot, Dot

#: what a quick compilation does without; what it makes runs several times as long
UNOPTIMISED: dict[str, Any] = {"xla_backend_optimization_level": 0}
#: With this many elementwise operations, on inputs of at most so many elements, XLA on the CPU (jaxlib 0.10) compiles
#: and runs faster without fusion: a fusion computes what it reads of others again, and what that is made of.
_MANY, _SMALL = 150, 1 << 16
#: With this many, of any size: of 2400 it made a kernel that did not end.
_TOO_MANY = 1200


def unfused_up_to(nodes: Iterable[Apply]) -> int:
    """The most elements that an input may have for a stage of these nodes to be compiled without fusion; 0: never.

    Without its fusion pass XLA computes products of transposed operands wrong, unless they are float32 or float64.
    """
    every = list(_all(nodes))
    count = sum(isinstance(node.op, Elemwise) for node in every)
    if count <= _MANY or any(map(_unsafe, every)) or jax.default_backend() != "cpu":
        return 0
    return _SMALL if count <= _TOO_MANY else sys.maxsize


def _all(nodes: Iterable[Apply]) -> Iterator[Apply]:
    """The nodes, and those of graphs inside of their Ops."""
    for node in nodes:
        yield node
        for graph in inner_graphs(getattr(node.op, "op", node.op)):
            yield from _all(graph.apply_nodes)


def _unsafe(node: Apply) -> bool:
    dtypes = [getattr(v.type, "dtype", "") for v in node.outputs]
    if isinstance(node.op, Dot | BatchedDot):
        return dtypes[0] not in ("float32", "float64")
    return any(d.startswith("complex") or d == "float16" for d in dtypes)


__all__ = ["UNOPTIMISED", "unfused_up_to"]
