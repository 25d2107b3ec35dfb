"""Features of a FunctionGraph: objects that are told of its changes (Theano: ``gof.toolbox``).

A feature defines what it wants to hear of: `on_attach`, `on_detach`, `on_import` (an Apply came), `on_prune` (one
went), `on_change_input` (a reader reads something else). The graph calls it with itself as the first argument.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from tx.graph.core import Apply, Variable
from tx.graph.fgraph import FunctionGraph
from tx.graph.utils import AlreadyThere, BadOptimization, Documented, InconsistencyError
from tx.graph.walk import is_same_graph


class Feature:
    """One that hears everything and does nothing."""

    def on_attach(self, function_graph: Any) -> None:
        """It is attached. Raises AlreadyThere when the graph has the like of it."""

    def on_detach(self, function_graph: Any) -> None:
        """It is removed."""

    def on_import(self, function_graph: Any, node: Any, reason: Any) -> None:
        """`node` became part of the graph."""

    def on_prune(self, function_graph: Any, node: Any, reason: Any) -> None:
        """`node` is part of the graph no more."""

    def on_change_input(self, function_graph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Input `i` of `node` (output `i`, where `node` is "output") is `new_r`, which had been `r`."""

    def orderings(self, function_graph: Any) -> dict[Any, Any]:
        """Which Applies must come before which, besides those they need."""
        return {}


class Bookkeeper(Feature):
    """One that on arrival is told of the Applies that are there, and on leaving of their loss."""

    def on_attach(self, fgraph: Any) -> None:
        """Import every Apply."""
        for node in fgraph.toposort():
            self.on_import(fgraph, node, "on_attach")

    def on_detach(self, fgraph: Any) -> None:
        """Prune every Apply."""
        for node in fgraph.toposort():
            self.on_prune(fgraph, node, "Bookkeeper.detach")


def _offer(fgraph: Any, feature: Any, **methods: Any) -> None:
    """Make `methods` callable on the graph. Raises AlreadyThere when it has them."""
    if any(hasattr(fgraph, name) for name in methods):
        raise AlreadyThere(f"{type(feature).__name__} is already attached, or the graph has what it offers.")
    for name, method in methods.items():
        setattr(fgraph, name, partial(method, fgraph))


def _withdraw(fgraph: Any, *names: str) -> None:
    for name in names:
        fgraph.__dict__.pop(name, None)


class History(Feature):
    """Remembers changes: ``fgraph.checkpoint()`` gives a mark, ``fgraph.revert(mark)`` goes back to it."""

    def __init__(self) -> None:
        self.history: dict[Any, list[Any]] = {}

    def on_attach(self, fgraph: Any) -> None:
        """Raises AlreadyThere when changes are remembered already."""
        _offer(fgraph, self, checkpoint=self._checkpoint, revert=self.revert)
        self.history[fgraph] = []

    def on_detach(self, fgraph: Any) -> None:
        """Forget everything."""
        _withdraw(fgraph, "checkpoint", "revert")
        self.history.pop(fgraph, None)

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Remember one change."""
        if self.history[fgraph] is not None:
            self.history[fgraph].append((node, i, r, reason))

    def _checkpoint(self, fgraph: Any) -> int:
        return len(self.history[fgraph])

    def revert(self, fgraph: Any, checkpoint: int) -> None:
        """Undo the changes since `checkpoint`, the last first."""
        changes = self.history[fgraph]
        undone, kept = changes[checkpoint:], changes[:checkpoint]
        for node, i, r, reason in reversed(undone):
            fgraph.change_input(node, i, r, reason=("Revert", reason))
        self.history[fgraph] = kept


class Validator(Feature):
    """``fgraph.validate()`` asks every feature whether the graph is in order; ``fgraph.consistent()`` says so."""

    def on_attach(self, fgraph: Any) -> None:
        """Raises AlreadyThere when the graph can be validated already."""
        _offer(fgraph, self, validate=self.validate_, consistent=self.consistent_)

    def on_detach(self, fgraph: Any) -> None:
        """Take the methods back."""
        _withdraw(fgraph, "validate", "consistent")

    def validate_(self, fgraph: Any) -> None:
        """Raises what a feature raises: InconsistencyError as a rule."""
        started = time.perf_counter()
        fgraph.execute_callbacks("validate")
        fgraph.validate_time = getattr(fgraph, "validate_time", 0.0) + time.perf_counter() - started

    def consistent_(self, fgraph: Any) -> bool:
        """Whether `validate` raises nothing."""
        try:
            fgraph.validate()
        except Exception:
            return False
        return True


class ReplacementDidntRemovedError(Documented):
    """After a replacement something is still in the graph that it was to remove."""

    page = "replacement"


class ReplaceValidate(History, Validator):
    """Replacements that are undone when the graph is not in order afterwards.

    Offers ``fgraph.replace_validate(r, new_r)``, ``replace_all_validate(pairs)`` and ``replace_all_validate_remove``.
    """

    def on_attach(self, fgraph: Any) -> None:
        """Raises AlreadyThere when the graph has such replacements already."""
        _offer(
            fgraph,
            self,
            replace_validate=self.replace_validate,
            replace_all_validate=self.replace_all_validate,
            replace_all_validate_remove=self.replace_all_validate_remove,
        )
        for base in (History, Validator):
            try:
                base.on_attach(self, fgraph)
            except AlreadyThere:
                self.history.setdefault(fgraph, [])

    def on_detach(self, fgraph: Any) -> None:
        """Take the methods back."""
        _withdraw(fgraph, "replace_validate", "replace_all_validate", "replace_all_validate_remove")
        History.on_detach(self, fgraph)
        Validator.on_detach(self, fgraph)

    def replace_validate(self, fgraph: Any, r: Any, new_r: Any, reason: Any = None) -> None:
        """Replace `r` by `new_r`; if that fails, or the graph is not in order then, undo it and raise."""
        self.replace_all_validate(fgraph, [(r, new_r)], reason)

    def replace_all_validate(self, fgraph: Any, replacements: Iterable[Any], reason: Any = None, **kwargs: Any) -> Any:
        """As `replace_validate`, of several pairs together. Returns the checkpoint before them."""
        mark = fgraph.checkpoint()
        try:
            for r, new_r in replacements:
                fgraph.replace(r, new_r, reason=reason)
            fgraph.validate()
        except Exception:
            fgraph.revert(mark)
            raise
        return mark

    def replace_all_validate_remove(
        self, fgraph: Any, replacements: Iterable[Any], remove: Iterable[Any], reason: Any = None, **kwargs: Any
    ) -> None:
        """As `replace_all_validate`; afterwards none of the Applies `remove` may be left.

        Raises ReplacementDidntRemovedError, after undoing everything, when one is.
        """
        mark = self.replace_all_validate(fgraph, replacements, reason)
        left = [node for node in remove if node in fgraph.apply_nodes]
        if left:
            fgraph.revert(mark)
            raise ReplacementDidntRemovedError(f"{reason} was to remove {left}, which something still reads.")


class NodeFinder(Bookkeeper):
    """``fgraph.get_nodes(op)`` lists the Applies of an Op."""

    def __init__(self) -> None:
        self.nodes: dict[Any, dict[Apply, None]] = {}

    def on_attach(self, fgraph: Any) -> None:
        """Raises AlreadyThere when Applies can be looked up already."""
        _offer(fgraph, self, get_nodes=self.query)
        super().on_attach(fgraph)

    def on_detach(self, fgraph: Any) -> None:
        """Take the method back."""
        _withdraw(fgraph, "get_nodes")
        self.nodes.clear()

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Enter an Apply."""
        self.nodes.setdefault(node.op, {})[node] = None

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Strike an Apply out."""
        self.nodes.get(node.op, {}).pop(node, None)

    def query(self, fgraph: Any, op: Any) -> list[Apply]:
        """The Applies of `op`, oldest first."""
        return list(self.nodes.get(op, ()))


class PrintListener(Feature):
    """Prints every change, while `active`."""

    def __init__(self, active: bool = True):
        self.active = active

    def _say(self, *words: Any) -> None:
        if self.active:
            print(*words)

    def on_attach(self, fgraph: Any) -> None:
        """Say so."""
        self._say("-- attaching to: ", fgraph)

    def on_detach(self, fgraph: Any) -> None:
        """Say so."""
        self._say("-- detaching from: ", fgraph)

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Say so."""
        self._say(f"-- importing: {node}, reason: {reason}")

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Say so."""
        self._say(f"-- pruning: {node}, reason: {reason}")

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Say so."""
        self._say(f"-- changing ({node}.inputs[{i}]) from {r} to {new_r}")


class PreserveNames(Feature):
    """What takes the place of a Variable takes its name, unless it has one."""

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Hand the name on."""
        if r.name is not None and new_r.name is None:
            new_r.name = r.name


class PreserveVariableAttributes(PreserveNames):
    """What takes the place of a Variable takes its name and what its tag says about NaN guards."""

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Hand name and mark on."""
        super().on_change_input(fgraph, node, i, r, new_r, reason)
        if (mark := getattr(r.tag, "nan_guard_mode_check", None)) is not None:
            new_r.tag.nan_guard_mode_check = mark


class NoOutputFromInplace(Feature):
    """Refuses outputs that are computed in the place of an input.

    `first_output_idx` and `last_output_idx` bound the outputs that are looked at.
    """

    def __init__(self, first_output_idx: int = 0, last_output_idx: int | None = None):
        self.first_idx, self.last_idx = first_output_idx, last_output_idx

    def validate(self, fgraph: Any) -> bool:
        """Raises InconsistencyError for an output of an Op that says it destroys an input for it."""
        for output in fgraph.outputs[self.first_idx : self.last_idx]:
            node = output.owner
            if node is not None and output.index in getattr(node.op, "destroy_map", {}):
                raise InconsistencyError(
                    "A function graph Feature has requested that outputs of the graph be prevented from being the "
                    f"result of in-place operations. This has prevented the output {output} from being computed in "
                    "place."
                )
        return True


def is_same_graph_with_merge(var1: Variable, var2: Variable, givens: Any = None) -> bool:
    """Whether two Variables are computed alike (Theano decides this by merging; the answer is `is_same_graph`'s)."""
    return is_same_graph(var1, var2, givens)


__all__ = [
    "AlreadyThere",
    "BadOptimization",
    "Bookkeeper",
    "Feature",
    "FunctionGraph",
    "History",
    "NoOutputFromInplace",
    "NodeFinder",
    "PreserveNames",
    "PreserveVariableAttributes",
    "PrintListener",
    "ReplaceValidate",
    "ReplacementDidntRemovedError",
    "Validator",
    "is_same_graph_with_merge",
]
