"""Graphs as Ops, where they are still there: compiled functions contain the graphs themselves."""

from __future__ import annotations

from typing import Any

from tx.builders import OpFromGraph
from tx.lowering.registry import lowers
from tx.lowering.subgraph import Subgraph
from tx.lowering.trace import Trace


@lowers(OpFromGraph)
def op_from_graph(trace: Trace, node: Any, *values: Any) -> Any:
    """The nodes of the graph."""
    graph = Subgraph(trace, [], node.op.opened(node))
    outputs, predicates = graph()
    graph.demand(predicates)
    return outputs
