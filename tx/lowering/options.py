"""XLA's options for a stage: those of the mode, unless XLA is known to compute something wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tx.graph import Apply
from tx.tensor.products import BatchedDot, Dot

#: what a quick compilation does without. It takes a quarter of the time, and what it makes twice as long to run
UNFUSED: dict[str, Any] = {"xla_disable_hlo_passes": "fusion"}
#: what it does instead where that is not safe
UNOPTIMISED: dict[str, Any] = {"xla_backend_optimization_level": 0}


def options_for(nodes: Iterable[Apply], wanted: dict[str, Any] | None) -> dict[str, Any] | None:
    """The options to compile these nodes with, where a mode asks for `wanted`.

    Without its fusion pass XLA (of jaxlib 0.10) computes products of transposed operands wrong, unless they are
    float32 or float64.
    """
    return UNOPTIMISED if wanted == UNFUSED and any(map(_unsafe, _all(nodes))) else wanted


def _all(nodes: Iterable[Apply]) -> Iterator[Apply]:
    """The nodes, and those of graphs inside of their Ops."""
    for node in nodes:
        yield node
        op: Any = getattr(node.op, "op", node.op)
        for graph in (*getattr(op, "bodies", ()), getattr(op, "body", None), getattr(op, "graph", None)):
            yield from _all(getattr(graph, "apply_nodes", ()))


def _unsafe(node: Apply) -> bool:
    dtypes = [getattr(v.type, "dtype", "") for v in node.outputs]
    if isinstance(node.op, Dot | BatchedDot):
        return dtypes[0] not in ("float32", "float64")
    return any(d.startswith("complex") or d == "float16" for d in dtypes)


__all__ = ["UNFUSED", "UNOPTIMISED", "options_for"]
