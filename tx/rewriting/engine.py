"""One pass of local rewrites over a graph, from the inputs to the outputs, with merging of equal computations.

A rewrite is ``function(node) -> Variable or None``: a Variable to take the place of the node's only output. It is
registered with what it looks at: the name of a row of the scalar table, or an Op class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.configuration import change_flags
from tx.graph import Apply, Constant, Variable, walk
from tx.rewriting.selections import mask_selections
from tx.tensor.elemwise import Elemwise

Rewrite = Callable[[Any], Any]

_rewrites: dict[Any, list[Rewrite]] = {}

#: decorator of what makes graphs that nobody wrote: of float64 in them nobody is told
unwritten = change_flags(warn_float64="ignore")

#: rewrites that change derivatives: not for graphs that are differentiated after rewriting, as the steps of loops are
_final: set[Rewrite] = set()


def rewrites(*keys: Any, final: bool = False) -> Callable[[Rewrite], Rewrite]:
    """Decorator: try this function on nodes whose scalar operation has one of these names, or whose Op is one of
    these classes. `final` says that it keeps values, but not derivatives."""

    def register(function: Rewrite) -> Rewrite:
        for key in keys:
            _rewrites.setdefault(key, []).append(function)
        if final:
            _final.add(function)
        return function

    return register


def _key(node: Apply) -> Any:
    return node.op.scalar_op.row if isinstance(node.op, Elemwise) else type(node.op)


def _identity(variable: Any) -> Any:
    return variable.signature() if isinstance(variable, Constant) else variable


class _Pass:
    """One walk over a graph. Without `simplify`, only what Ops with a graph inside ask for is done."""

    def __init__(self, simplify: bool = True, final: bool = True) -> None:
        self.simplify, self.final = simplify, final
        self.new: dict[Variable, Variable] = {}
        self.known: dict[Any, Apply] = {}
        #: what takes the place of the outputs of an Apply of the new graph
        self.settled: dict[Apply, list[Variable]] = {}

    def merged(self, node: Apply) -> Apply:
        """The Apply of the new graph that computes what `node` does: an equal one, if there is one already."""
        key = node.op, tuple(map(_identity, node.inputs))
        return self.known.setdefault(key, node)

    def visit(self, node: Apply) -> None:
        """Rebuild one node of the old graph on what its inputs have become, and rewrite it."""
        sources = [self.new.get(v, v) for v in node.inputs]
        changed = any(a is not b for a, b in zip(sources, node.inputs, strict=True))
        current = node.clone_with_new_inputs(sources) if changed else node
        if hasattr(node.op, "rewritten") and (self.final or not getattr(node.op, "overrides_gradient", False)):
            outputs = self.unfolded(current)
        else:
            outputs = self.settle(current) if self.simplify else current.outputs
        for old, new in zip(node.outputs, outputs, strict=True):
            if old is not new:
                self.new[old] = new

    def unfolded(self, node: Any) -> list[Variable]:
        """What takes the place of the outputs of a node whose Op has a graph inside: that is rewritten, too."""

        def rewrite(inner: Sequence[Variable]) -> list[Variable]:
            for part in walk.toposort(inner, node.inputs):
                self.visit(part)
            return [self.new.get(v, v) for v in inner]

        found: list[Variable] = node.op.rewritten(node, rewrite)
        for v in found:
            if v.owner is not None:
                self.settled.setdefault(v.owner, v.owner.outputs)
        return found

    def settle(self, node: Apply) -> list[Variable]:
        """The outputs of `node`, whose inputs are settled, or what takes their place."""
        current = self.merged(node)
        if current not in self.settled:
            found = self.rewritten(current) if len(current.outputs) == 1 else None
            self.settled[current] = current.outputs if found is None else [self.adopt(found, current.line)]
        return self.settled[current]

    def adopt(self, variable: Variable, line: Any) -> Variable:
        """`variable`, the result of a rewrite, with its new nodes merged into the graph; they stand for `line`."""
        replaced: dict[Variable, Variable] = {}
        stack = [variable]
        while stack:
            node = stack[-1].owner
            if node is None or stack[-1] in replaced or node in self.settled:
                stack.pop()
                continue
            fresh = [
                v for v in node.inputs if v.owner is not None and v not in replaced and v.owner not in self.settled
            ]
            if fresh:
                stack.extend(fresh)
                continue
            stack.pop()
            node.line = line
            sources = [replaced.get(v, v) for v in node.inputs]
            changed = any(a is not b for a, b in zip(sources, node.inputs, strict=True))
            current = self.merged(node.clone_with_new_inputs(sources) if changed else node)
            self.settled.setdefault(current, current.outputs)
            replaced.update(zip(node.outputs, current.outputs, strict=True))
        return replaced.get(variable, variable)

    def rewritten(self, node: Apply) -> Any:
        """What takes the place of `node`, itself rewritten until nothing applies; None when nothing does."""
        result = None
        for _ in range(20):
            for rewrite in _rewrites.get(_key(node), ()):
                found = rewrite(node) if self.final or rewrite not in _final else None
                if found is not None and found.type == node.outputs[0].type:
                    break
            else:
                return result
            result = found
            if found.owner is None or len(found.owner.outputs) != 1:
                return result
            node = found.owner
        return result


@unwritten
def rewrite_graph(
    outputs: Sequence[Variable], boundary: Sequence[Variable] = (), simplify: bool = True, final: bool = True
) -> list[Variable]:
    """`outputs`, rewritten and merged. Nothing beyond `boundary` is looked at; the old graph stays as it is.

    Without `simplify` nothing is done but to put the graphs of Ops that are made of graphs in their places. A graph
    that will be differentiated as it is then is not `final`.
    """
    work = _Pass(simplify, final)
    for node in walk.toposort(outputs, boundary):
        work.visit(node)
    results = [work.new.get(v, v) for v in outputs]
    return mask_selections(results, boundary) if simplify and final else results
