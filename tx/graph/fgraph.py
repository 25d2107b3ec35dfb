"""FunctionGraph: a graph with a boundary, that may be changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tx.graph import pickling, walk
from tx.graph.core import Apply, Constant, Variable
from tx.graph.utils import InconsistencyError, MissingInputError


class FunctionGraph:
    """The graph between `inputs` and `outputs`.

    It owns its nodes: by default it works on a clone of what it is given. It keeps, for every Variable, who reads it,
    so that a replacement costs what the number of readers costs.
    Raises MissingInputError when the outputs need a Variable that is neither an input nor a Constant (nor shared).
    """

    def __init__(self, inputs: Sequence[Variable], outputs: Sequence[Variable], clone: bool = True):
        if clone:
            inputs, outputs = walk.clone(inputs, outputs, copy_orphans=False)
        self.inputs: list[Variable] = list(inputs)
        self.outputs: list[Variable] = list(outputs)
        self.clients: dict[Variable, list[tuple[Apply | str, int]]] = {v: [] for v in self.inputs}
        self.apply_nodes: set[Apply] = set()
        for node in walk.toposort(self.outputs, self.inputs):
            self._import(node)
        for position, output in enumerate(self.outputs):
            self._admit(output)
            self.clients[output].append(("output", position))

    def _admit(self, variable: Variable) -> None:
        if variable in self.clients:
            return
        if variable.owner is None and not isinstance(variable, Constant) and not hasattr(variable, "container"):
            raise MissingInputError(
                f"Undeclared input {variable} of the graph: it is neither listed as an input, nor a constant, "
                "nor a shared variable.",
                variable=variable,
            )
        self.clients[variable] = []

    def _import(self, node: Apply) -> None:
        if node in self.apply_nodes:
            return
        self.apply_nodes.add(node)
        for position, variable in enumerate(node.inputs):
            self._admit(variable)
            self.clients[variable].append((node, position))
        for variable in node.outputs:
            self.clients.setdefault(variable, [])

    @property
    def variables(self) -> set[Variable]:
        """Every Variable of the graph."""
        return set(self.clients)

    def toposort(self) -> list[Apply]:
        """The Applies in an order of computation."""
        return walk.toposort(self.outputs, self.inputs)

    def replace(self, old: Variable, new: Variable, reason: Any = None) -> None:
        """Let every reader of `old` read `new`. Raises TypeError when the Types differ."""
        if old is new or old not in self.clients:
            return
        new = old.type.filter_variable(new)
        for node in walk.toposort([new], list(self.clients)):
            self._import(node)
        self._admit(new)
        readers, self.clients[old] = self.clients[old], []
        for reader, position in readers:
            if isinstance(reader, Apply):
                reader.inputs[position] = new
            else:
                self.outputs[position] = new
            self.clients[new].append((reader, position))
        self._prune(old)

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], reason: Any = None) -> None:
        """Several `replace`s, one after the other."""
        for old, new in pairs:
            self.replace(old, new, reason)

    def _prune(self, variable: Variable) -> None:
        """Drop the Applies that nobody reads any more, from `variable` upwards."""
        pending = [variable]
        while pending:
            unread = pending.pop()
            node = unread.owner
            if self.clients.get(unread) or node is None or node not in self.apply_nodes:
                continue
            if any(self.clients[output] for output in node.outputs):
                continue
            self.apply_nodes.discard(node)
            for output in node.outputs:
                self.clients.pop(output, None)
            for position, source in enumerate(node.inputs):
                self.clients[source].remove((node, position))
                pending.append(source)

    def check_integrity(self) -> None:
        """Raise InconsistencyError unless the readers' book agrees with the graph."""
        for node in self.toposort():
            if node not in self.apply_nodes:
                raise InconsistencyError(f"{node} is in the graph, but not in the book")
            for position, variable in enumerate(node.inputs):
                if (node, position) not in self.clients[variable]:
                    raise InconsistencyError(f"{node} reads {variable}, but is not listed as its reader")

    def clone(self) -> FunctionGraph:
        """A FunctionGraph of the same computation, sharing nothing but Constants and shared variables."""
        return FunctionGraph(self.inputs, self.outputs)

    def clone_get_equiv(self) -> tuple[FunctionGraph, dict[Any, Any]]:
        """As `clone`; also returns the map from each Variable and Apply to its copy."""
        equivalents = walk.clone_get_equiv(self.inputs, self.outputs, copy_orphans=False)
        copy = FunctionGraph([equivalents[v] for v in self.inputs], [equivalents[v] for v in self.outputs], clone=False)
        return copy, equivalents

    def __str__(self) -> str:
        return f"FunctionGraph({', '.join(str(output) for output in self.outputs)})"

    __repr__ = __str__

    def __reduce__(self) -> Any:
        return pickling.rebuild_graph, (type(self), *pickling.flatten(self.inputs, self.outputs))
