"""The last changes to a graph before it is lowered, which take a view of who reads what.

What nothing but one branch of an IfElse needs is moved into it. A Pullback keeps the gradients that are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tx.gradient import Pullback
from tx.graph import Apply, Constant, FunctionGraph, Variable, walk
from tx.ifelse import Conditional, IfElse


def prepare(results: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    """`results`, ready to be lowered."""
    return close(narrow(results, boundary), boundary)


def narrow(results: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    """`results`, with each Pullback giving only the gradients that it, or another one of the same Apply, is read for.

    What a loop's gradient does for one of its inputs is in the loop, where XLA does not see that it is for nothing.
    """
    order = walk.toposort(results, boundary)
    pullbacks = [node for node in order if isinstance(node.op, Pullback)]
    if not pullbacks:
        return list(results)
    read = {v for node in order for v in node.inputs} | set(results)
    needed: dict[Any, set[int]] = {}
    for node in pullbacks:
        op: Any = node.op
        found = needed.setdefault(_of(node), set())
        found.update(i for i, v in zip(op.wrt, node.outputs, strict=True) if v in read)
    new: dict[Variable, Variable] = {}
    for node in order:
        sources = [new.get(v, v) for v in node.inputs]
        changed = any(a is not b for a, b in zip(sources, node.inputs, strict=True))
        made = node.clone_with_new_inputs(sources) if changed else node
        outputs = dict(enumerate(made.outputs))
        if isinstance(node.op, Pullback):
            op = node.op
            wrt = tuple(i for i in op.wrt if i in needed[_of(node)])
            if wrt and wrt != op.wrt:
                small = Pullback(op.op, op.nin, wrt, op.outputs).make_node(*sources)
                small.line = node.line
                outputs = {op.wrt.index(i): v for i, v in zip(wrt, small.outputs, strict=True)}
        new.update({node.outputs[k]: v for k, v in outputs.items() if v is not node.outputs[k]})
    return [new.get(v, v) for v in results]


def _of(node: Any) -> Any:
    """What tells which Apply a Pullback belongs to."""
    inputs = node.inputs[: node.op.nin]
    return node.op.op, tuple(v.signature() if isinstance(v, Constant) else v for v in inputs)


def close(results: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    """`results`, with each IfElse replaced by a Conditional that holds what nothing but its branches needs."""
    order = walk.toposort(results, boundary)
    choices = [node for node in order if isinstance(node.op, IfElse)]
    if not choices:
        return list(results)
    readers: dict[Variable, list[tuple[Apply | None, int]]] = {v: [(None, 0)] for v in results}
    for node in order:
        for position, v in enumerate(node.inputs):
            readers.setdefault(v, []).append((node, position))
    inside: dict[Apply, list[set[Apply]]] = {}
    absorbed: set[Apply] = set()
    for node in reversed(choices):
        if node not in absorbed:
            n = node.op.n_outs  # type: ignore[attr-defined]
            inside[node] = [_private(node, range(s, s + n), readers, boundary) for s in (1, n + 1)]
            absorbed = absorbed.union(*inside[node])
    new: dict[Variable, Variable] = {}
    for node in order:
        if node in absorbed:
            continue
        if node in inside:
            outputs = _conditional(node, inside[node], new)
        else:
            sources = [new.get(v, v) for v in node.inputs]
            if all(a is b for a, b in zip(sources, node.inputs, strict=True)):
                continue
            outputs = node.clone_with_new_inputs(sources).outputs
        new.update(zip(node.outputs, outputs, strict=True))
    return [new.get(v, v) for v in results]


def _private(choice: Apply, positions: range, readers: Any, boundary: Iterable[Variable]) -> set[Apply]:
    """The Applies that nothing but these inputs of `choice` needs."""
    private: set[Apply] = set()
    for node in reversed(walk.toposort([choice.inputs[i] for i in positions], boundary)):
        read = [r for output in node.outputs for r in readers.get(output, ())]
        if all(reader in private or (reader is choice and i in positions) for reader, i in read):
            private.add(node)
    return private


def _conditional(choice: Apply, inside: Sequence[set[Apply]], new: dict[Variable, Variable]) -> list[Variable]:
    n = choice.op.n_outs  # type: ignore[attr-defined]
    graphs, outer = [], []
    for k, private in enumerate(inside):
        ends = choice.inputs[1 + k * n : 1 + (k + 1) * n]
        read = dict.fromkeys(v for node in walk.toposort(ends) if node in private for v in node.inputs)
        read.update(dict.fromkeys(ends))
        given = [v for v in read if v.owner not in private and not isinstance(v, Constant)]
        fresh = [v.type() for v in given]
        graphs.append(FunctionGraph(fresh, walk.rebuild(ends, dict(zip(given, fresh, strict=True)))))
        outer += [new.get(v, v) for v in given]
    condition = choice.inputs[0]
    op = Conditional((graphs[0], graphs[1]), choice.op.name)  # type: ignore[attr-defined]
    node = op.make_node(new.get(condition, condition), *outer)
    node.line = choice.line
    return node.outputs
