"""Lists of what a graph is made of, and graphs as text (Theano: ``gof.graph``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tx.graph import walk
from tx.graph.core import Apply, Variable


def ops(i: Sequence[Variable], o: Sequence[Variable]) -> set[Apply]:
    """The Applies between the Variables `i` and `o`."""
    return set(walk.toposort(o, i))


def variables(i: Sequence[Variable], o: Sequence[Variable]) -> list[Variable]:
    """The Variables between `i` and `o`, both included."""
    return list(dict.fromkeys([*walk.ancestors(o, i), *i]))


def orphans(i: Sequence[Variable], o: Sequence[Variable]) -> list[Variable]:
    """The Variables that `o` are computed from besides `i`."""
    given = set(i)
    return [v for v in walk.inputs(o, i) if v not in given]


def variables_and_orphans(i: Sequence[Variable], o: Sequence[Variable]) -> tuple[list[Variable], list[Variable]]:
    """`variables` and `orphans`."""
    return variables(i, o), orphans(i, o)


def list_of_nodes(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[Apply]:
    """The Applies between two sets of Variables, the last first."""
    return walk.toposort(outputs, inputs)[::-1]


def io_toposort(
    inputs: Sequence[Variable], outputs: Sequence[Variable], orderings: Any = None, clients: Any = None
) -> list[Apply]:
    """The Applies between two sets of Variables in an order of computation.

    `orderings` maps an Apply to others that must come before it.
    """
    order = walk.toposort(outputs, inputs)
    if not orderings:
        return order
    within = set(order)

    def before(node: Apply) -> list[Apply]:
        needed = [v.owner for v in node.inputs if v.owner in within]
        return [*needed, *(n for n in orderings.get(node, ()) if n in within)]

    return general_toposort(order, before)


def general_toposort(outputs: Iterable[Any], deps: Callable[[Any], Any], **kwargs: Any) -> list[Any]:
    """`outputs` and all they depend on by `deps`, each after what it depends on.

    Raises ValueError when something depends on itself.
    """
    done: dict[Any, None] = {}
    open_: set[Any] = set()
    for root in outputs:
        stack = [(root, False)]
        while stack:
            thing, expanded = stack.pop()
            if expanded:
                open_.discard(thing)
                done[thing] = None
            elif thing not in done:
                if thing in open_:
                    raise ValueError("graph contains cycles")
                open_.add(thing)
                stack.append((thing, True))
                for d in deps(thing) or ():
                    if d in open_:
                        raise ValueError("graph contains cycles")
                    if d not in done:
                        stack.append((d, False))
    return list(done)


def is_in_ancestors(l_node: Apply, f_node: Apply) -> bool:
    """Whether `l_node` needs `f_node`."""
    return f_node in walk.toposort(l_node.inputs) or l_node is f_node


def io_connection_pattern(inputs: Sequence[Variable], outputs: Sequence[Variable]) -> list[list[bool]]:
    """For each input a list that tells, for each output, whether it has an influence on its elements."""
    reached: dict[Variable, set[int]] = {v: {i} for i, v in enumerate(inputs)}
    for node in walk.toposort(outputs, inputs):
        pattern = node.op.connection_pattern(node) if hasattr(node.op, "connection_pattern") else None
        for k, output in enumerate(node.outputs):
            sources = (v for n, v in enumerate(node.inputs) if pattern is None or pattern[n][k])
            reached.setdefault(output, set()).update(*(reached.get(v, ()) for v in sources))
    return [[i in reached.get(o, ()) for o in outputs] for i in range(len(inputs))]


def stack_search(start: deque[Any], expand: Callable[[Any], Any], mode: str = "bfs", build_inv: bool = False) -> Any:
    """All that `expand` leads to from `start`, breadth first or ("dfs") depth first.

    With `build_inv` also a dict that tells, for each, from what it was met. Raises ValueError for another `mode`.
    """
    if mode not in ("bfs", "dfs"):
        raise ValueError("mode should be bfs or dfs", mode)
    take = start.popleft if mode == "bfs" else start.pop
    seen: dict[int, Any] = {}
    inverse: dict[Any, list[Any]] = {}
    while start:
        thing = take()
        if id(thing) in seen:
            continue
        seen[id(thing)] = thing
        for each in expand(thing) or ():
            if build_inv:
                inverse.setdefault(each, []).append(thing)
            start.append(each)
    found = list(seen.values())
    return (found, inverse) if build_inv else found


def view_roots(r: Variable) -> list[Variable]:
    """The Variables that `r` is a view of, as far as Ops say so; `r` itself when it is none."""
    node = r.owner
    seen = getattr(node.op, "view_map", {}).get(r.index) if node is not None else None
    if node is None or not seen:
        return [r]
    return [root for i in seen for root in view_roots(node.inputs[i])]


def default_leaf_formatter(leaf: Any) -> str:
    """A leaf as text."""
    return str(leaf)


def default_node_formatter(op: Any, argstrings: Sequence[str]) -> str:
    """An application as text."""
    return f"{op}({', '.join(argstrings)})"


def op_as_string(
    i: Sequence[Variable], op: Apply, leaf_formatter: Any = str, node_formatter: Any = default_node_formatter
) -> str:
    """The Apply `op` to its inputs as text."""
    return str(node_formatter(op.op, as_string(i, op.inputs, leaf_formatter, node_formatter)))


def as_string(
    i: Sequence[Variable],
    o: Sequence[Variable],
    leaf_formatter: Any = default_leaf_formatter,
    node_formatter: Any = default_node_formatter,
) -> list[str]:
    """The expressions of `o` in terms of `i`, each a text.

    What is read more than once is written out where it is met first, as ``*1 -> ...``, and as ``*1`` from then on.
    """
    given = set(i)
    counts: dict[Variable, int] = {}
    for each in walk.toposort(o, i):
        for v in each.inputs:
            counts[v] = counts.get(v, 0) + 1
    for v in o:
        counts[v] = counts.get(v, 0) + 1
    numbers: dict[Variable, int] = {}
    texts: list[str] = []
    for root in o:
        # a stack machine: an Apply is opened once its arguments' texts lie on the stack
        made: list[str] = []
        stack: list[tuple[Variable, bool]] = [(root, False)]
        while stack:
            v, opened = stack.pop()
            node: Any = v.owner
            if node is None or v in given:
                made.append(leaf_formatter(v))
            elif opened:
                count = len(node.inputs)
                text = str(node_formatter(node.op, made[len(made) - count :]))
                del made[len(made) - count :]
                if len(node.outputs) > 1:
                    text = f"{text}::{v.index}"
                made.append(f"*{numbers[v]} -> {text}" if v in numbers else text)
            elif v in numbers:
                made.append(f"*{numbers[v]}")
            else:
                if counts[v] > 1:
                    numbers[v] = len(numbers) + 1
                stack.append((v, True))
                stack.extend((source, False) for source in reversed(node.inputs))
        texts.append(made[0])
    return texts
