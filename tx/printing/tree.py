"""`debugprint`: a graph as a tree, one node a line, in Theano's layout. Works on graphs of any depth."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tx.graph import Apply, FunctionGraph, Variable
from tx.printing.forms import Extra, form, identity, is_leaf, leaf_text, letters, shown
from tx.scan_module.op import Scan, Trajectory

#: more indentation than this is cut: the text of a deep chain would grow with the square of its depth
_WIDEST = 200


@dataclass
class _Context:
    """What is known of Variables that belong to a FunctionGraph: the order of computation, and who reads what."""

    order: dict[Apply, int] = field(default_factory=dict)
    clients: dict[Variable, list[Any]] = field(default_factory=dict)
    of_function: bool = False


def _roots(thing: Any) -> tuple[list[Any], _Context]:
    """The Variables that are printed for `thing`. Raises TypeError for what has no graph."""
    if isinstance(thing, Variable):
        return [thing], _Context()
    if isinstance(thing, Apply):
        return list(thing.outputs), _Context()
    graph = getattr(getattr(thing, "maker", None), "fgraph", thing)
    if not isinstance(graph, FunctionGraph):
        raise TypeError("debugprint cannot print an object of this type", thing)
    nodes = [node for node in graph.toposort() if not isinstance(node.op, Trajectory)]
    order = {node: i for i, node in enumerate(nodes)}
    return list(graph.outputs), _Context(order, graph.clients, graph is not thing)


class _Printer:
    """One call of `debugprint`: the ids given so far, and what has been printed."""

    def __init__(self, ids: str, used: dict[Any, str], done: dict[Any, str], options: dict[str, Any]):
        self.ids = ids
        self.used = used
        self.done = done
        self.depth: int = options["depth"]
        self.print_type: bool = options["print_type"]
        self.stop_on_name: bool = options["stop_on_name"]
        self.print_storage: bool = options["print_storage"]
        self.print_clients: bool = options["print_clients"]
        self.scans: list[Any] = []

    def id_of(self, key: Any) -> str:
        """The id between brackets; the same one for the same thing."""
        if key not in self.used:
            words: dict[str, Callable[[], str]] = {
                "CHAR": lambda: letters(len(self.used)),
                "int": lambda: str(len(self.used)),
                "id": lambda: str(id(key)),
            }
            self.used[key] = f"[id {words[self.ids]()}]" if self.ids else ""
        return self.used[key]

    def tree(
        self, root: Any, context: _Context, margin: str = "", sources: dict[Any, Any] | None = None
    ) -> Iterator[str]:
        """The lines for one Variable. `sources` says what the inputs of a loop's inner graph are outside."""
        # (what, what stands before its line, what stands before the lines below it, level)
        stack = [(shown(root), margin, margin, 1)]
        while stack:
            thing, head, below, level = stack.pop()
            if level - 1 == self.depth:
                continue
            kind = f" <{thing.kind if isinstance(thing, Extra) else thing.type}>" if self.print_type else ""
            if is_leaf(thing):
                tail = self._tail(thing, context, sources)
                yield f"{head}{leaf_text(thing)} {self.id_of(identity(thing))}{kind}{tail}"
                continue
            words = form(thing)
            node: Any = identity(thing)
            label = words.label if words.output is None else f"{words.label}.{words.output}"
            again = node in self.done
            self.done[node] = ""
            yield (
                f"{head}{label} {self.id_of(node)}{kind} '{thing.name or ''}'   {context.order.get(node, '')}"
                f"{self._clients(thing, context)}{self._tail(thing, context, None)}"
            )
            if again or (self.stop_on_name and thing.name):
                continue
            if isinstance(node, Apply) and isinstance(node.op, Scan) and node not in self.scans:
                self.scans.append(node)
            stack.extend(reversed(list(_below(words.children, below, level, margin))))

    def _tail(self, thing: Any, context: _Context, sources: dict[Any, Any] | None) -> str:
        text = ""
        if sources and thing in sources:
            text = f" -> {self.id_of(identity(shown(sources[thing])))}"
        if self.print_storage and context.of_function:
            container = getattr(thing, "container", None)
            text += f" [{None if container is None else repr(np.asarray(container.value))}]"
        return text

    def _clients(self, thing: Any, context: _Context) -> str:
        readers = context.clients.get(thing, ()) if self.print_clients and not isinstance(thing, Extra) else ()
        if len(readers) < 2:
            return ""
        listed = [(self.id_of(n) if isinstance(n, Apply) else n, context.order.get(n, i)) for n, i in readers]
        return f" clients:{listed}"

    def inner_graphs(self) -> Iterator[str]:
        """The steps of all loops that were printed, and of the loops in them."""
        if self.scans:
            yield ""
            yield "Inner graphs of the scan ops:"
        for node in self.scans:  # it grows on the way
            yield ""
            op = node.op
            first = form(node.outputs[0])
            yield f"{first.label}{'' if first.output is None else '.0'} {self.id_of(node)} ''   "
            outside = [node.inputs[position] for position, _ in op.sources()]
            sources = dict(zip(op.body.inputs, outside, strict=True))
            for output in op.body.outputs:
                yield from self.tree(output, _Context(), " >", sources)


def _below(children: Sequence[Any], below: str, level: int, margin: str) -> Iterator[tuple[Any, str, str, int]]:
    for i, child in enumerate(children):
        indent = below if len(below) < _WIDEST else margin + "... "
        yield child, f"{indent} |", indent + ("  " if i == len(children) - 1 else " |"), level + 1


def debugprint(
    obj: Any,
    depth: int = -1,
    print_type: bool = False,
    file: Any = None,
    ids: str = "CHAR",
    stop_on_name: bool = False,
    done: dict[Any, str] | None = None,
    print_storage: bool = False,
    print_clients: bool = False,
    used_ids: dict[Any, str] | None = None,
) -> Any:
    """Write the graph of a Variable, Apply, FunctionGraph, function, or a list of them, as a tree, one node a line.

    A line has the Op, an id (what is met again has the same one, and is not written out again), the name, and for
    functions, whose rewritten graph is shown, the position in the order of computation. The steps of loops follow.

    - `depth`: how many levels are shown; -1 for all
    - `file`: where to (standard output by default); ``'str'`` returns the text
    - `ids`: ``'CHAR'`` (letters), ``'int'``, ``'id'`` (Python's), or ``''`` for none
    - `stop_on_name`: do not show how a Variable with a name is computed
    - `done`, `used_ids`: what has been written, and the ids given, to be continued by a further call
    - `print_storage`: for a function, the values of its shared variables
    - `print_clients`: who reads what is read more than once

    Raises TypeError for what has no graph, ValueError for other `ids`. Source: theano.printing.debugprint.
    """
    if not isinstance(depth, int):
        raise Exception("depth parameter must be an int")
    if ids not in ("CHAR", "int", "id", ""):
        raise ValueError(f"ids must be 'CHAR', 'int', 'id' or '', not {ids!r}")
    options = {
        "depth": depth,
        "print_type": print_type,
        "stop_on_name": stop_on_name,
        "print_storage": print_storage,
        "print_clients": print_clients,
    }
    printer = _Printer(ids, {} if used_ids is None else used_ids, {} if done is None else done, options)
    things = [_roots(thing) for thing in (obj if isinstance(obj, list | tuple | set) else [obj])]
    lines = [line for variables, context in things for v in variables for line in printer.tree(v, context)]
    lines += printer.inner_graphs()
    text = "".join(line + "\n" for line in lines)
    if file == "str":
        return text
    (file or sys.stdout).write(text)
    return file


__all__ = ["debugprint"]
