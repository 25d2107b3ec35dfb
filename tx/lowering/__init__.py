"""From Ops to `jax.lax`: the rules, the trace that they ask, and the programs that are made of them.

The one room that imports jax. Importing it registers every rule.
"""

from tx.lowering import (
    choosing,
    creation,
    derived,
    elemwise,
    extra,
    joining,
    nnet,
    products,
    reduction,
    shapes,
    special,
    subtensor,
)
from tx.lowering.program import Program
from tx.lowering.registry import lowers

__all__ = [
    "Program",
    "choosing",
    "creation",
    "derived",
    "elemwise",
    "extra",
    "joining",
    "lowers",
    "nnet",
    "products",
    "reduction",
    "shapes",
    "special",
    "subtensor",
]
