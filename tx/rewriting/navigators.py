"""Taking LocalOptimizers through a FunctionGraph: once along (`TopoOptimizer`), to the Applies of one Op
(`OpKeyOptimizer`), or until nothing changes any more (`EquilibriumOptimizer`). Merging. (Theano: ``gof.opt``)
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable
from typing import Any

from tx.configuration import config
from tx.graph import Apply, Constant, FunctionGraph, Variable, toposort
from tx.graph.features import Feature, NodeFinder, ReplaceValidate
from tx.rewriting.optimizers import LocalOptGroup, LocalOptimizer, Optimizer, copy_stack_trace, report, watches

_log = logging.getLogger("theano.gof.opt")


class _Watcher(Feature):
    """Tells a navigator of the Applies that come, go, or read something else."""

    def __init__(self, importer: Any, pruner: Any, changed: Any, name: str | None = None):
        self.importer, self.pruner, self.changed, self.name = importer, pruner, changed, name

    def on_import(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Hand on."""
        if self.importer:
            self.importer(node)

    def on_prune(self, fgraph: Any, node: Any, reason: Any) -> None:
        """Hand on."""
        if self.pruner:
            self.pruner(node)

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """Hand on."""
        if self.changed:
            self.changed(node, i, r, new_r, reason)


class NavigatorOptimizer(Optimizer):
    """Takes the LocalOptimizer `local_opt` through a graph.

    `ignore_newtrees`: whether Applies that come in by a replacement are left alone. `failure_callback` is told of
    errors, which are raised without one.
    """

    def __init__(self, local_opt: Any, ignore_newtrees: Any = "auto", failure_callback: Any = None):
        self.local_opt = local_opt
        self.ignore_newtrees = (
            not getattr(local_opt, "reentrant", True) if ignore_newtrees == "auto" else ignore_newtrees
        )
        self.failure_callback = failure_callback

    @staticmethod
    def warn(error: Exception, navigator: Any, pairs: Any, local_opt: Any, node: Any) -> None:
        """Log that `local_opt` failed at `node`; raise where ``config.on_opt_error`` says so."""
        report(error, str(local_opt), node)

    warn_inplace = warn_ignore = warn

    def add_requirements(self, fgraph: Any) -> None:
        """Replacements that can be undone, and what the LocalOptimizer needs."""
        fgraph.attach_feature(ReplaceValidate())
        if self.local_opt is not None:
            self.local_opt.add_requirements(fgraph)

    def attach_updater(self, fgraph: Any, importer: Any, pruner: Any, chin: Any = None, name: Any = None) -> Any:
        """Let functions be told of what changes; returns the feature that tells them."""
        if self.ignore_newtrees:
            importer = None
        if importer is None and pruner is None:
            return None
        watcher = _Watcher(importer, pruner, chin, name)
        fgraph.attach_feature(watcher)
        return watcher

    def detach_updater(self, fgraph: Any, watcher: Any) -> None:
        """Undo `attach_updater`."""
        if watcher is not None:
            fgraph.remove_feature(watcher)

    def process_node(self, fgraph: Any, node: Apply, lopt: Any = None) -> bool:
        """Let the LocalOptimizer look at `node`, and replace what it says. Returns whether the graph was changed.

        Raises TypeError and ValueError for an answer that is none, BadOptimization for one of another Type.
        """
        local = lopt or self.local_opt
        try:
            answer = local.transform(node)
        except Exception as error:
            if self.failure_callback is None:
                raise
            pairs = [(x, None) for x in node.outputs]
            self.failure_callback(error, self, pairs, local, node)
            return False
        if answer is False or answer is None:
            return False
        pairs, remove = _pairs(local, node, answer)
        if not pairs:
            return False
        try:
            fgraph.replace_all_validate_remove(pairs, remove=remove, reason=local)
        except Exception as error:
            if self.failure_callback is None:
                raise
            self.failure_callback(error, self, pairs, local, node)
            return False
        return True


def _pairs(local: Any, node: Apply, answer: Any) -> tuple[list[tuple[Any, Any]], list[Apply]]:
    """The replacements that a LocalOptimizer's answer asks for, and the Applies that must be gone then."""
    remove: list[Apply] = []
    if isinstance(answer, dict):
        remove = list(answer.get("remove", ()))
        found = [(old, new) for old, new in answer.items() if old != "remove"]
    elif isinstance(answer, list | tuple):
        if len(answer) != len(node.outputs):
            raise ValueError(f"Optimizer {local} gave wrong number of replacements")
        found = list(zip(node.outputs, answer, strict=True))
    else:
        raise TypeError(f"Optimizer {local} gave wrong type of replacement. Expected list or tuple. Got {answer}")
    pairs = [(old, new) for old, new in found if new is not None and new is not old]
    for old, new in pairs:
        if new.owner is not None and new.owner.line is None:
            new.owner.line = node.line
        copy_stack_trace(old, new)
    return pairs, remove


class TopoOptimizer(NavigatorOptimizer):
    """Visits each Apply once, in the order of computation, or against it (`order` "out_to_in").

    What is put into the graph is visited, too, unless `ignore_newtrees`: a LocalOptimizer that goes on answering
    its own answers does not come to an end.
    """

    def __init__(
        self, local_opt: Any, order: str = "in_to_out", ignore_newtrees: Any = False, failure_callback: Any = None
    ):
        if order not in ("in_to_out", "out_to_in"):
            raise ValueError("order must be either 'out_to_in' or 'in_to_out'")
        super().__init__(local_opt, ignore_newtrees, failure_callback)
        self.order = order

    def apply(self, fgraph: Any, start_from: Any = None) -> None:
        """Visit the Applies that compute `start_from` (the outputs, by default)."""
        queue: deque[Apply] = deque(toposort(fgraph.outputs if start_from is None else start_from, fgraph.inputs))
        forwards = self.order == "in_to_out"

        def importer(node: Apply) -> None:
            if node is not current:
                queue.append(node) if forwards else queue.appendleft(node)

        current: Any = None
        watcher = self.attach_updater(fgraph, importer, None, name=getattr(self, "name", None))
        try:
            while queue:
                current = queue.popleft() if forwards else queue.pop()
                if current in fgraph.apply_nodes:
                    self.process_node(fgraph, current)
        finally:
            self.detach_updater(fgraph, watcher)

    def __str__(self) -> str:
        return getattr(self, "__name__", None) or f"TopoOptimizer({self.local_opt}, {self.order})"


class OpKeyOptimizer(NavigatorOptimizer):
    """Visits the Applies of the Op (or Ops) that the LocalOptimizer names in `op_key`."""

    def __init__(self, local_opt: Any, ignore_newtrees: Any = False, failure_callback: Any = None):
        if not hasattr(local_opt, "op_key"):
            raise TypeError("LocalOptimizer for OpKeyOptimizer must have an 'op_key' method.")
        super().__init__(local_opt, ignore_newtrees, failure_callback)

    def add_requirements(self, fgraph: Any) -> None:
        """Also that Applies can be looked up by Op."""
        super().add_requirements(fgraph)
        fgraph.attach_feature(NodeFinder())

    def apply(self, fgraph: Any) -> None:
        """Visit each of them, and those that come in meanwhile."""
        keys = self.local_opt.op_key()
        ops = list(keys) if isinstance(keys, list | tuple) else [keys]
        queue: deque[Apply] = deque(node for op in ops for node in fgraph.get_nodes(op))

        def importer(node: Apply) -> None:
            if node.op in ops:
                queue.append(node)

        watcher = self.attach_updater(fgraph, importer, None, name=self.name)
        try:
            while queue:
                node = queue.pop()
                if node in fgraph.apply_nodes:
                    self.process_node(fgraph, node)
        finally:
            self.detach_updater(fgraph, watcher)


class EquilibriumOptimizer(NavigatorOptimizer):
    """Applies Optimizers and LocalOptimizers until none changes the graph any more.

    `max_use_ratio`: how often one may change the graph, per Apply of the largest graph met; after that all stop, and
    an error is logged. `final_optimizers` and `cleanup_optimizers` run at the end of each round.
    """

    def __init__(
        self,
        optimizers: Iterable[Any],
        failure_callback: Any = None,
        ignore_newtrees: bool = True,
        tracks_on_change_inputs: bool = False,
        max_use_ratio: float | None = None,
        final_optimizers: Iterable[Any] | None = None,
        cleanup_optimizers: Iterable[Any] | None = None,
    ):
        super().__init__(None, ignore_newtrees, failure_callback)
        optimizers = list(optimizers)
        self.local_optimizers = [o for o in optimizers if isinstance(o, LocalOptimizer)]
        self.global_optimizers = [o for o in optimizers if not isinstance(o, LocalOptimizer)]
        self.final_optimizers = list(final_optimizers or ())
        self.cleanup_optimizers = list(cleanup_optimizers or ())
        self.max_use_ratio = config.optdb.max_use_ratio if max_use_ratio is None else max_use_ratio

    def get_local_optimizers(self) -> list[Any]:
        """The LocalOptimizers."""
        return list(self.local_optimizers)

    @property
    def members(self) -> list[Any]:
        """All that it applies."""
        lists = self.local_optimizers, self.global_optimizers, self.final_optimizers, self.cleanup_optimizers
        return [each for some in lists for each in some]

    def add_requirements(self, fgraph: Any) -> None:
        """Those of all."""
        super().add_requirements(fgraph)
        for each in self.members:
            each.add_requirements(fgraph)

    def apply(self, fgraph: Any, start_from: Any = None) -> None:
        """Round after round, until one leaves the graph as it was."""
        counts: dict[Any, int] = {}
        changes = _Changes()
        fgraph.attach_feature(changes)
        largest = 1
        try:
            while True:
                largest = max(largest, len(fgraph.apply_nodes))
                limit = max(1.0, self.max_use_ratio * largest)
                before = changes.count
                for each in self.global_optimizers:
                    each.apply(fgraph)
                spent = self._round(fgraph, start_from, counts, limit)
                for each in (*self.final_optimizers, *self.cleanup_optimizers):
                    each.apply(fgraph)
                if spent is not None:
                    _log.error(
                        "EquilibriumOptimizer max'ed out by '%s'. You can safely raise the current threshold of %s "
                        "with the theano flag 'optdb.max_use_ratio'.",
                        spent,
                        self.max_use_ratio,
                    )
                    return
                if changes.count == before:
                    return
        finally:
            fgraph.remove_feature(changes)

    def _round(self, fgraph: Any, start_from: Any, counts: dict[Any, int], limit: float) -> Any:
        """Let every LocalOptimizer look at every Apply. Returns one that has changed the graph too often, or None."""
        for node in reversed(toposort(fgraph.outputs if start_from is None else start_from, fgraph.inputs)):
            for each in self.local_optimizers:
                if node not in fgraph.apply_nodes:
                    break
                if watches(each, node.op) and self.process_node(fgraph, node, each):
                    counts[each] = counts.get(each, 0) + 1
                    if counts[each] > limit:
                        return each
        return None


class _Changes(Feature):
    """Counts changes."""

    def __init__(self) -> None:
        self.count = 0

    def on_change_input(self, fgraph: Any, node: Any, i: int, r: Any, new_r: Any, reason: Any = None) -> None:
        """One more."""
        self.count += 1


class MergeOptimizer(Optimizer):
    """Lets Applies of one Op to the same inputs be one, and equal Constants."""

    def add_requirements(self, fgraph: Any) -> None:
        """Replacements that can be undone."""
        fgraph.attach_feature(ReplaceValidate())

    def apply(self, fgraph: Any) -> None:
        """One walk in the order of computation: what is equal has equal inputs by then."""
        known: dict[Any, Any] = {}
        for variable in list(fgraph.clients):
            if isinstance(variable, Constant):
                self._merge(fgraph, known, variable.signature(), [variable])
        for node in fgraph.toposort():
            if node in fgraph.apply_nodes:
                self._merge(fgraph, known, (node.op, *node.inputs), node.outputs)

    def _merge(self, fgraph: FunctionGraph, known: dict[Any, Any], key: Any, outputs: list[Variable]) -> None:
        first = known.setdefault(key, outputs)
        if first is not outputs:
            pairs = [(old, new) for old, new in zip(outputs, first, strict=True) if old is not new]
            fgraph.replace_all_validate(pairs, reason="MergeOptimizer")  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return "MergeOptimizer"


def _over(order: str, local_opts: tuple[Any, ...], name: str | None, ignore_newtrees: Any, callback: Any) -> Any:
    local = LocalOptGroup(*local_opts) if len(local_opts) > 1 else local_opts[0]
    made = TopoOptimizer(local, order, ignore_newtrees, callback)
    made.__name__ = name or getattr(local, "__name__", str(local))  # type: ignore[attr-defined]
    return made


def in2out(*local_opts: Any, name: str | None = None, ignore_newtrees: Any = "auto", **kwargs: Any) -> TopoOptimizer:
    """A TopoOptimizer of these, from the inputs to the outputs."""
    made: TopoOptimizer = _over("in_to_out", local_opts, name, ignore_newtrees, TopoOptimizer.warn_inplace)
    return made


def out2in(*local_opts: Any, name: str | None = None, ignore_newtrees: Any = "auto", **kwargs: Any) -> TopoOptimizer:
    """A TopoOptimizer of these, from the outputs to the inputs."""
    made: TopoOptimizer = _over("out_to_in", local_opts, name, ignore_newtrees, TopoOptimizer.warn_inplace)
    return made
