"""All that is done to the graph of a function before it is lowered: ``optdb``, in order of the positions.

    0    merge1            equal computations become one
    1    canonicalize      \\
    1.5  stabilize          }  empty until a user registers a rewrite
    1.6  tx                 the pass of `tx.rewriting.engine`: tx's own rewrites, and merging
    2    specialize        \\
    3    uncanonicalize     }  empty until a user registers a rewrite
    48.6 specialize_device /
    100  merge3            equal computations become one

As long as nobody has registered anything the graph goes straight through tx's pass, which never changes it in place.
Otherwise the graph is copied, and becomes a FunctionGraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Constant, FunctionGraph, Variable, walk
from tx.rewriting.databases import EquilibriumDB, Query, SequenceDB
from tx.rewriting.engine import rewrite_graph, unwritten
from tx.rewriting.navigators import EquilibriumOptimizer, MergeOptimizer
from tx.rewriting.optimizers import Optimizer


class OwnPass(Optimizer):
    """tx's own rewrites, and merging, as an Optimizer."""

    def apply(self, fgraph: Any) -> None:
        """Replace the outputs by what they are rewritten to."""
        old = list(fgraph.outputs)
        for position, new in enumerate(rewrite_graph(old, fgraph.inputs)):
            fgraph.change_input("output", position, new, reason="tx")


_OWN = OwnPass()
_MERGE = MergeOptimizer()

optdb = SequenceDB()
optdb.name = "optdb"
for _name, _position, _tags in (
    ("canonicalize", 1, ("fast_run", "fast_compile", "canonicalize_db")),
    ("stabilize", 1.5, ("fast_run",)),
    ("specialize", 2, ("fast_run", "fast_compile_gpu")),
    ("uncanonicalize", 3, ("fast_run",)),
    ("specialize_device", 48.6, ("fast_run",)),
):
    optdb.register(_name, EquilibriumDB(), _position, *_tags)
optdb.register("merge1", _MERGE, 0, "fast_run", "fast_compile", "merge")
optdb.register("merge3", _MERGE, 100, "fast_run", "merge")
optdb.register("tx", _OWN, 1.6, "fast_run", "fast_compile", "merge", "stable")

#: what the names that a mode may give for its optimizer ask for (Theano: ``compile.mode``)
queries: dict[Any, Query] = {
    "merge": Query(["merge"]),
    "fast_run": Query(["fast_run"]),
    "fast_run_stable": Query(["fast_run"], require=["stable"]),
    "fast_compile": Query(["fast_compile", "fast_compile_gpu"]),
    "stabilize": Query(["fast_run"], position_cutoff=2),
    "o4": Query(["fast_run"]),
    "o3": Query(["fast_run"], exclude=["inplace"]),
    "o2": Query(["fast_compile", "fast_compile_gpu", "fusion"]),
    "o1": Query(["fast_compile", "fast_compile_gpu"]),
    "unsafe": Query(["fast_run", "unsafe"], exclude=["inplace"]),
    "default": Query(["fast_run"]),
    "None": Query([]),
    None: Query([]),
}


@unwritten
def rewritten(optimizer: Any, outputs: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    """`outputs` as an Optimizer, or what a Query of `optdb` wants, rewrites them.

    Nothing beyond `boundary` is looked at, and the old graph stays as it is. Where tx's pass is not asked for, the
    graphs of Ops that are made of graphs are put in their places all the same.
    """
    wanted = list(optdb.query(optimizer)) if isinstance(optimizer, Query) else [optimizer]
    steps = [o for o in wanted if not (isinstance(o, EquilibriumOptimizer) and not o.members)]
    if all(step in (_OWN, _MERGE) for step in steps):
        return rewrite_graph(outputs, boundary, bool(steps))
    leaves = [v for v in walk.inputs(outputs, boundary) if not isinstance(v, Constant)]
    given = list(dict.fromkeys([*boundary, *leaves]))
    _, copies = walk.clone(given, outputs, copy_inputs=False, copy_orphans=False)
    fgraph = FunctionGraph(given, copies, clone=False)
    for step in steps:
        step.optimize(fgraph)
    results = fgraph.outputs
    fgraph.disown()
    return rewrite_graph(results, boundary, simplify=False)
