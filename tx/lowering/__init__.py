"""From Ops to `jax.lax`: the rules, the trace that they ask, and the programs that are made of them.

The one room that imports jax. Importing it registers every rule.
"""

from tx.lowering import (
    assertions,
    builders,
    choosing,
    creation,
    cumulative,
    derived,
    elemwise,
    extra,
    fft,
    ifelse,
    joining,
    nlinalg,
    nnet,
    positions,
    printing,
    products,
    random,
    reduction,
    scan_module,
    shapes,
    signal,
    slinalg,
    sort,
    special,
    subtensor,
)
from tx.lowering.program import Program
from tx.lowering.registry import lowers

__all__ = [
    "Program",
    "assertions",
    "builders",
    "choosing",
    "creation",
    "cumulative",
    "derived",
    "elemwise",
    "extra",
    "fft",
    "ifelse",
    "joining",
    "lowers",
    "nlinalg",
    "nnet",
    "positions",
    "printing",
    "products",
    "random",
    "reduction",
    "scan_module",
    "shapes",
    "signal",
    "slinalg",
    "sort",
    "special",
    "subtensor",
]
