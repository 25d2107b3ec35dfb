"""Running a graph node by node, with somebody watching: what debugging, profiling and test values are made of.

Each node is a program of its own, compiled once for each Op and types of inputs. A loop is run step after step, its
gradient too (the steps forwards are run again for it), and of a branch what is taken, so that whoever watches sees the
nodes inside as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.gradient import Pullback
from tx.graph import Apply, Constant, FunctionGraph, Variable, testvalues, walk
from tx.graph.core import defines
from tx.ifelse import Conditional
from tx.lowering.calls import HostCall, host_call
from tx.lowering.closing import prepare
from tx.lowering.device import to_device, to_host
from tx.lowering.errors import retold
from tx.lowering.program import Program, is_array
from tx.lowering.registry import rule_for
from tx.lowering.trace import CheckFailed
from tx.scan_module.op import Scan

#: one-node programs by rule, Op and inputs; more than this many are forgotten
_MOST = 1024
_programs: dict[Any, Program] = {}


class Watch:
    """Sees what an Evaluator does. Every method may raise: the call then fails, and nothing is updated."""

    def begin(self, inputs: Sequence[Variable], values: Sequence[Any]) -> None:
        """The inputs of the graph (of an inner graph, too) have these values."""

    def before(self, fgraph: FunctionGraph, i: int, node: Apply, fn: Thunk) -> None:
        """Node number `i` is about to be run by `fn`."""

    def after(self, fgraph: FunctionGraph, i: int, node: Apply, fn: Thunk) -> None:
        """It was run; what is put into ``fn.outputs`` now is what others read."""


class Thunk:
    """What runs one node: it reads its input cells and fills its output cells, which are lists of one value each."""

    def __init__(self, node: Apply, inputs: list[list[Any]], outputs: list[list[Any]], run: Any):
        self.node, self.inputs, self.outputs, self._run = node, inputs, outputs, run

    def __call__(self) -> None:
        """Run it."""
        results = self._run([cell[0] for cell in self.inputs])
        for cell, value, variable in zip(self.outputs, results, self.node.outputs, strict=True):
            cell[0] = np.array(value) if is_array(variable) else value


class Evaluator:
    """A program (see `Program`) that runs its nodes one after the other, and tells `watch` of each.

    Without `inside`, a loop is one node, and so is a branch.
    """

    def __init__(
        self,
        arguments: Sequence[Variable],
        states: Sequence[Variable],
        outputs: Sequence[Variable],
        updates: dict[int, Variable],
        name: str,
        watch: Watch,
        inside: bool = True,
    ):
        self.name, self.watch, self.inside = name, watch, inside
        self.inputs = [*arguments, *states]
        self.results = prepare([*outputs, *updates.values()], self.inputs)
        self.fgraph = FunctionGraph(self.inputs, self.results, clone=False)
        self.order = walk.toposort(self.results, self.inputs)
        self.noutputs = len(outputs)
        self.runners = [self._runner(node) for node in self.order]
        #: there are none: each node has its own
        self.specializations: list[Any] = []

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The outputs, then the new states, for values of the inputs."""
        cells: dict[Any, list[Any]] = {}
        for variable, value in zip(self.inputs, values, strict=True):
            cells[variable] = [to_host(value) if is_array(variable) else value]
        self.watch.begin(self.inputs, [cells[v][0] for v in self.inputs])
        for i, (node, run) in enumerate(zip(self.order, self.runners, strict=True)):
            inputs = [cells[v] if v in cells else cells.setdefault(v, [_data(v)]) for v in node.inputs]
            outputs = [cells.setdefault(v, [None]) for v in node.outputs]
            thunk = Thunk(node, inputs, outputs, run)
            self.watch.before(self.fgraph, i, node, thunk)
            thunk()
            self.watch.after(self.fgraph, i, node, thunk)
        results = [cells[v][0] if v in cells else _data(v) for v in self.fgraph.outputs]
        return [r if i < self.noutputs or not is_array(v) else to_device(r)
                for i, (r, v) in enumerate(zip(results, self.fgraph.outputs, strict=True))]  # fmt: skip

    def _part(self, inputs: Sequence[Variable], outputs: Sequence[Variable]) -> Evaluator:
        return Evaluator(inputs, [], outputs, {}, self.name, self.watch)

    def _runner(self, node: Apply) -> Any:
        if self.inside and (isinstance(node.op, Scan | Conditional) or _backwards(node)):
            stepwise = host_call(node, self._part)
            return lambda values: run_node(node, values) if _is_empty(node, values) else stepwise(values)
        return lambda values: run_node(node, values)


def _backwards(node: Apply) -> bool:
    """Whether this is the gradient of a loop, and that of a step is a graph, which can be run."""
    return isinstance(node.op, Pullback) and isinstance(node.op.op, Scan) and not node.op.op.step_pullback().null


def _is_empty(node: Apply, values: Sequence[Any]) -> bool:
    """Whether this is a loop without steps: the shapes of its outputs are then only known to the lowering."""
    loop = isinstance(node.op, Scan | Pullback)
    return loop and int(values[0]) <= 0


def _data(variable: Any) -> Any:
    return variable.data if isinstance(variable, Constant) else variable.get_value(borrow=True)


def run_node(node: Apply, values: Sequence[Any]) -> list[Any]:
    """The outputs of `node` for values of its inputs, arrays as ndarrays.

    Raises what running it raises, with the node and its line in the message.
    """
    rule = rule_for(node.op)
    if rule is None and defines(node.op, "perform"):
        return HostCall(node)(values)
    program, given = _program(node, rule), [v for v, i in zip(values, node.inputs, strict=True) if not _fixed(i)]
    try:
        return [np.asarray(r) for r in program(given)]
    except CheckFailed as stop:
        raise retold(stop.error, node, list(values)) from None
    except Exception as error:
        raise retold(error, node, list(values)) from error


def _fixed(variable: Variable) -> bool:
    return isinstance(variable, Constant)


def _program(node: Apply, rule: Any) -> Program:
    """The program of one node. Constants are part of it, so that sizes that they give are known."""
    key = rule, node.op, tuple(v.signature() if isinstance(v, Constant) else v.type for v in node.inputs)
    try:
        found = _programs.get(key)
    except TypeError:  # an Op that cannot be hashed
        return _make(node)
    if found is None:
        if len(_programs) >= _MOST:
            _programs.clear()
        found = _programs[key] = _make(node)
    return found


def _make(node: Apply) -> Program:
    fresh = [v if _fixed(v) else v.type() for v in node.inputs]
    alone = node.clone_with_new_inputs(fresh)
    name = "".join(c if c.isalnum() else "_" for c in str(node.op))[:60]
    return Program([v for v in fresh if not _fixed(v)], [], alone.outputs, {}, name)


testvalues.run = run_node
