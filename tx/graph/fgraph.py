"""FunctionGraph: a graph with a boundary, that may be changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tx.graph import pickling, walk
from tx.graph.core import Apply, Constant, Membership, Variable
from tx.graph.listing import as_string
from tx.graph.utils import AlreadyThere, BadOptimization, InconsistencyError, MissingInputError


class Clients(dict[Variable, list[tuple["Apply | str", int]]]):
    """For each Variable of a graph who reads it: (Apply, input position) or ("output", position)."""

    def __call__(self, variable: Variable) -> list[tuple[Apply | str, int]]:
        return self[variable]


class FunctionGraph:
    """The graph between `inputs` and `outputs`.

    It owns its nodes: by default it works on a clone of what it is given. It keeps, for every Variable, who reads it,
    so that a replacement costs what the number of readers costs. `features` are told of every change (see
    `tx.graph.features`); `update_mapping`, from output numbers to input numbers, is kept for those who ask.
    Raises MissingInputError when the outputs need a Variable that is neither an input nor a Constant (nor shared).
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        features: Iterable[Any] | None = None,
        clone: bool = True,
        update_mapping: dict[int, int] | None = None,
    ):
        if clone:
            inputs, outputs = walk.clone(inputs, outputs, copy_orphans=False)
        self.inputs: list[Variable] = list(inputs)
        self.outputs: list[Variable] = list(outputs)
        self.update_mapping = update_mapping
        self.clients = Clients()
        self.apply_nodes: set[Apply] = set()
        self._features: list[Any] = []
        for v in self.inputs:
            self._enter(v)
        for feature in features or ():
            self.attach_feature(feature)
        for node in walk.toposort(self.outputs, self.inputs):
            self._import(node)
        for position, output in enumerate(self.outputs):
            self._admit(output)
            self.clients[output].append(("output", position))

    def _enter(self, variable: Variable) -> None:
        if variable not in self.clients:
            self.clients[variable] = []
            variable.membership = Membership(self)

    def _admit(self, variable: Variable) -> None:
        if variable in self.clients:
            return
        if variable.owner is None and not isinstance(variable, Constant) and not hasattr(variable, "container"):
            raise MissingInputError(
                f"Undeclared input {variable} of the graph: it is neither listed as an input, nor a constant, "
                "nor a shared variable.",
                variable=variable,
            )
        self._enter(variable)

    def _import(self, node: Apply, reason: Any = None) -> None:
        if node in self.apply_nodes:
            return
        for variable in node.inputs:
            self._admit(variable)
        self.apply_nodes.add(node)
        node.membership = Membership(self)
        for position, variable in enumerate(node.inputs):
            self.clients[variable].append((node, position))
        for variable in node.outputs:
            self._enter(variable)
        self.execute_callbacks("on_import", node, reason)

    def _import_all(self, variable: Variable, reason: Any) -> None:
        """Take in what computes `variable`, down to what is in the graph already."""
        fresh: dict[Variable, None] = {}
        stack = [variable]
        while stack:
            v = stack.pop()
            if v not in self.clients and v not in fresh:
                fresh[v] = None
                stack.extend(v.owner.inputs if v.owner is not None else ())
        known = [i for v in fresh if v.owner is not None for i in v.owner.inputs if i in self.clients]
        for node in walk.toposort([variable] if fresh else [], known):
            self._import(node, reason)
        self._admit(variable)

    # -- features -----------------------------------------------------------------------------------------------------

    def attach_feature(self, feature: Any) -> None:
        """Let `feature` be told of every change. One that is there already is not attached again."""
        if feature in self._features:
            return
        try:
            if hasattr(feature, "on_attach"):
                feature.on_attach(self)
        except AlreadyThere:
            return
        self._features.append(feature)

    def remove_feature(self, feature: Any) -> None:
        """Tell `feature` nothing any more."""
        if feature in self._features:
            self._features.remove(feature)
            if hasattr(feature, "on_detach"):
                feature.on_detach(self)

    def execute_callbacks(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Call the method `name` of every feature that has one, with this graph and `args`."""
        for feature in list(self._features):
            if (method := getattr(feature, name, None)) is not None:
                method(self, *args, **kwargs)

    def collect_callbacks(self, name: str, *args: Any) -> dict[Any, Any]:
        """As `execute_callbacks`; returns what each feature answered."""
        return {f: getattr(f, name)(self, *args) for f in list(self._features) if hasattr(f, name)}

    def disown(self) -> None:
        """Detach every feature, and let the Variables and Applies forget the graph."""
        for feature in list(self._features):
            self.remove_feature(feature)
        for thing in (*self.clients, *self.apply_nodes):
            thing.membership = None

    # -- reading and changing -----------------------------------------------------------------------------------------

    @property
    def variables(self) -> set[Variable]:
        """Every Variable of the graph."""
        return set(self.clients)

    def toposort(self) -> list[Apply]:
        """The Applies in an order of computation."""
        return walk.toposort(self.outputs, self.inputs)

    def add_input(self, variable: Variable) -> None:
        """Make `variable` an input, unless it is one."""
        if variable not in self.inputs:
            self.inputs.append(variable)
            self._enter(variable)

    def change_input(self, node: Apply | str, position: int, new: Variable, reason: Any = None) -> None:
        """Let input `position` of `node` (or output `position`, where `node` is "output") be `new`.

        Raises TypeError when the Types differ, MissingInputError when `new` needs what the graph does not have.
        """
        place = node.inputs if isinstance(node, Apply) else self.outputs
        old = place[position]
        if old is new:
            return
        if old.type != new.type:
            raise TypeError("The type of the replacement must be the same as the type of the original.", old, new)
        self._import_all(new, reason)
        place[position] = new
        self.clients[new].append((node, position))
        self.clients[old].remove((node, position))
        self._prune(old, reason)
        self.execute_callbacks("on_change_input", node, position, old, new, reason=reason)

    def replace(self, old: Variable, new: Variable, reason: Any = None, verbose: Any = None) -> None:
        """Let every reader of `old` read `new`. Raises BadOptimization when the Types differ."""
        if old is new or old not in self.clients:
            return
        try:
            new = old.type.filter_variable(new)
        except TypeError as error:
            why = f"{reason}. The type of the replacement must be the same."
            raise BadOptimization(old, new, None, None, why) from error
        # what computes `new` may read `old`, and goes on to do so
        for reader, position in list(self.clients[old]):
            self.change_input(reader, position, new, reason)

    def replace_all(self, pairs: Iterable[tuple[Variable, Variable]], reason: Any = None) -> None:
        """Several `replace`s, one after the other."""
        for old, new in pairs:
            self.replace(old, new, reason)

    def _prune(self, variable: Variable, reason: Any = None) -> None:
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
            node.membership = None
            for output in node.outputs:
                self.clients.pop(output, None)
                output.membership = None
            for position, source in enumerate(node.inputs):
                self.clients[source].remove((node, position))
            self.execute_callbacks("on_prune", node, reason)
            pending.extend(reversed(node.inputs))

    def check_integrity(self) -> None:
        """Raise InconsistencyError unless the readers' book agrees with the graph."""
        for node in self.toposort():
            if node not in self.apply_nodes:
                raise InconsistencyError(f"{node} is in the graph, but not in the book")
            for position, variable in enumerate(node.inputs):
                if (node, position) not in self.clients[variable]:
                    raise InconsistencyError(f"{node} reads {variable}, but is not listed as its reader")

    def clone(self, check_integrity: bool = True) -> FunctionGraph:
        """A FunctionGraph of the same computation, sharing nothing but Constants and shared variables."""
        return self.clone_get_equiv()[0]

    def clone_get_equiv(
        self, check_integrity: bool = True, attach_feature: bool = True
    ) -> tuple[FunctionGraph, dict[Any, Any]]:
        """As `clone`; also returns the map from each Variable and Apply to its copy."""
        equivalents = walk.clone_get_equiv(self.inputs, self.outputs, copy_orphans=False)
        copy = FunctionGraph([equivalents[v] for v in self.inputs], [equivalents[v] for v in self.outputs], clone=False)
        return copy, equivalents

    def __str__(self) -> str:
        return f"[{', '.join(as_string(self.inputs, self.outputs))}]"

    __repr__ = __str__

    def __reduce__(self) -> Any:
        return pickling.rebuild_graph, (type(self), *pickling.flatten(self.inputs, self.outputs))
