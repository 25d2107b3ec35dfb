"""A graph as boxes and arrows: what `pydotprint` and `d3viz` draw."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tx.graph import Apply, Constant, FunctionGraph, Variable, walk
from tx.printing.forms import form, shown
from tx.scan_module.op import Scan, Trajectory

_ELEMWISE = re.compile(r"Elemwise\{(\w+)(?:,no_inplace)?\}")


@dataclass
class Box:
    """A Variable that nothing computes, an Apply, or an output. `kind` says which: input, constant, shared, op, output.

    `facts` are (what, value) for the curious; `inner` is the picture of the graph that an Op has inside; `seconds` what
    a profile says.
    """

    key: Any
    kind: str
    label: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    inner: Picture | None = None
    seconds: float | None = None


@dataclass
class Picture:
    """Boxes, in an order of computation, and arrows: (from, to, label), by position."""

    boxes: list[Box] = field(default_factory=list)
    arrows: list[tuple[int, int, str]] = field(default_factory=list)


def roots_of(thing: Any) -> list[Any]:
    """The Variables whose graph is meant: of a function, FunctionGraph, Apply, Variable, or a list of these.

    Raises TypeError for what has no graph.
    """
    if isinstance(thing, Variable):
        return [thing]
    if isinstance(thing, Apply | FunctionGraph):
        return list(thing.outputs)
    if isinstance(thing, list | tuple):
        return [v for part in thing for v in roots_of(part)]
    if isinstance(getattr(getattr(thing, "maker", None), "fgraph", None), FunctionGraph):
        return list(thing.maker.fgraph.outputs)
    raise TypeError("a picture is made of a function, graph, Apply, Variable, or a list of them", thing)


def short(op: Any, node: Apply | None = None) -> str:
    """A name of an Op that fits into a box."""
    text = form(node.outputs[0]).label if node is not None else str(op)
    found = _ELEMWISE.fullmatch(text)
    return found[1] if found else text


def draw(thing: Any, outputs: bool = True) -> Picture:
    """The picture of a function (its rewritten graph, with the times of its profile), or of Variables."""
    profile = getattr(thing, "profile", None)
    return _draw(roots_of(thing), getattr(profile, "apply_time", None) or {}, outputs, {})


def _draw(roots: Iterable[Any], seconds: Mapping[Any, float], outputs: bool, outside: Mapping[Any, Any]) -> Picture:
    """`outside` says what the inputs of an inner graph are in the graph around it."""
    picture = Picture()
    places: dict[Any, int] = {}
    roots = list(roots)

    def place(box: Box) -> int:
        if box.key not in places:
            places[box.key] = len(picture.boxes)
            picture.boxes.append(box)
        return places[box.key]

    for node in walk.toposort(roots):
        if isinstance(node.op, Trajectory):
            continue
        sources = [shown(v) for v in node.inputs]
        origins = [places[v.owner] if v.owner is not None else place(_leaf(v, outside.get(v))) for v in sources]
        here = place(_operation(node, seconds))
        for position, (variable, origin) in enumerate(zip(sources, origins, strict=True)):
            label = str(position) if len(sources) > 1 else ""
            picture.arrows.append((origin, here, f"{label} {variable.type}".strip()))
    for number, root in enumerate(map(shown, roots)):
        origin = places[root.owner] if root.owner is not None else place(_leaf(root, outside.get(root)))
        if outputs:
            box = Box(("output", number), "output", root.name or f"output {number}", [("type", str(root.type))])
            picture.arrows.append((origin, place(box), str(root.type)))
    return picture


def _leaf(variable: Any, outside: Any) -> Box:
    kind = "constant" if isinstance(variable, Constant) else "shared" if hasattr(variable, "container") else "input"
    facts = [("type", str(variable.type))]
    if kind == "constant":
        facts.append(("value", f"{variable.data!s:.200}"))
        label = str(variable).removeprefix("TensorConstant")
    else:
        label = variable.name or getattr(outside, "name", None) or str(variable.type)
        facts += [] if outside is None else [("is, outside,", str(outside))]
    return Box(variable, kind, label, facts)


def _operation(node: Apply, seconds: Mapping[Any, float]) -> Box:
    op: Any = node.op
    facts = [("Op", str(op))]
    facts += [(f"output {i}" if len(node.outputs) > 1 else "type", str(v.type)) for i, v in enumerate(node.outputs)]
    facts += [("name", v.name) for v in node.outputs if v.name]
    if node.line:
        facts.append(("written at", f"{node.line[0]}:{node.line[1]}"))
    if node in seconds:
        facts.append(("time", f"{seconds[node]:.3g} s"))
    inside = getattr(op, "body", None) or getattr(op, "graph", None)
    inner = None
    if isinstance(inside, FunctionGraph):
        sources = [node.inputs[p] for p, _ in op.sources()] if isinstance(op, Scan) else node.inputs
        inner = _draw(inside.outputs, {}, True, dict(zip(inside.inputs, sources, strict=False)))
    return Box(node, "op", short(op, node), facts, inner, seconds.get(node))


__all__ = ["Box", "Picture", "draw", "roots_of", "short"]
