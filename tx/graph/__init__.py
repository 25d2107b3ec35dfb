"""Graphs: Type, Variable, Constant, Apply, Op, and what one does with them. Knows neither tensors nor jax."""

from tx.graph.core import Apply, Constant, Op, Type, Variable
from tx.graph.fgraph import FunctionGraph
from tx.graph.utils import InconsistencyError, MethodNotDefined, MissingInputError, scratchpad
from tx.graph.walk import (
    ancestors,
    clone,
    clone_get_equiv,
    equal_computations,
    inputs,
    is_same_graph,
    rebuild,
    toposort,
)

__all__ = [
    "Apply",
    "Constant",
    "FunctionGraph",
    "InconsistencyError",
    "MethodNotDefined",
    "MissingInputError",
    "Op",
    "Type",
    "Variable",
    "ancestors",
    "clone",
    "clone_get_equiv",
    "equal_computations",
    "inputs",
    "is_same_graph",
    "rebuild",
    "scratchpad",
    "toposort",
]
