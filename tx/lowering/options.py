"""XLA's options: for the process, and for a stage: those of the mode, unless XLA is known to go wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import jax

from tx.configuration import config
from tx.graph import Apply
from tx.tensor.elemwise import Elemwise
from tx.tensor.products import BatchedDot, Dot

#: what a quick compilation does without; what it makes runs several times as long
UNOPTIMISED: dict[str, Any] = {"xla_backend_optimization_level": 0}
#: for graphs that fusion does not become: each operation is a kernel of its own
UNFUSED: dict[str, Any] = {"xla_disable_hlo_passes": "fusion"}
#: with more elementwise operations than this XLA may make a kernel in which values are computed again for each reader,
#: and those that these are made of as well: one of 2400 nodes did not end (jaxlib 0.10)
_MOST = 1200


def let_fusions_have_several_results() -> None:
    """Without that XLA on the CPU computes a value again in each fusion that reads it, and the values that it is made
    of, too. In graphs of a thousand nodes that is nearly all that it compiles, and runs.

    XLA takes such an option for the whole process only, when it is started.
    """
    flags = os.environ.get("XLA_FLAGS", "")
    if config.multi_output_fusion and "xla_backend_extra_options" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} --xla_backend_extra_options=xla_cpu_use_multi_output_fusion".strip()


def options_for(nodes: Iterable[Apply], wanted: dict[str, Any] | None) -> dict[str, Any] | None:
    """The options to compile these nodes with, where a mode asks for `wanted`.

    Without its fusion pass XLA computes products of transposed operands wrong, unless they are float32 or float64.
    """
    every = list(_all(nodes))
    large = sum(isinstance(node.op, Elemwise) for node in every) > _MOST
    if large and not any(map(_unsafe, every)) and jax.default_backend() == "cpu":
        return {**UNFUSED, **(wanted or {})}
    return wanted


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


let_fusions_have_several_results()

__all__ = ["UNFUSED", "UNOPTIMISED", "options_for"]
