"""`d3viz`: a graph as one HTML file, to be looked at in a browser, offline."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

from tx.printing.graphviz import PyDotFormatter
from tx.printing.layout import lay_out
from tx.printing.picture import Box, Picture, draw

_TEMPLATE = Path(__file__).with_name("viewer.html")
#: pixels for a character, and most characters of a label
_CHARACTER, _LONGEST = 7.2, 36


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _described(picture: Picture) -> dict[str, Any]:
    """What the page draws: boxes and bends with their places, and the arrows through them."""
    widths = [(len(_label(box.label)) + 2 * (box.inner is not None)) * _CHARACTER + 22 for box in picture.boxes]
    layout = lay_out(widths, [(a, b) for a, b, _ in picture.arrows])
    slowest = max((box.seconds or 0.0 for box in picture.boxes), default=0.0)
    boxes = [{**_box(box, slowest), "w": round(width, 1)} for box, width in zip(picture.boxes, widths, strict=True)]
    bends = [{"kind": "bend", "w": 4} for _ in layout.centres[len(boxes) :]]
    for item, layer, centre in zip([*boxes, *bends], layout.layers, layout.centres, strict=True):
        item.update(layer=layer, x=round(centre, 1))
    arrows = [{"path": p, "label": a[2]} for p, a in zip(layout.paths, picture.arrows, strict=True)]
    return {"boxes": [*boxes, *bends], "arrows": arrows}


def _box(box: Box, slowest: float) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": box.kind, "label": _label(box.label), "facts": box.facts}
    if box.inner is not None:
        found["inner"] = _described(box.inner)
    if box.seconds is not None and slowest:
        found["heat"] = round(box.seconds / slowest, 3)
    return found


def d3viz(fct: Any, outfile: Any, copy_deps: bool = True, *args: Any, **kwargs: Any) -> None:
    """Write the graph of a function (or of a Variable, Apply, FunctionGraph, or list) as one HTML file.

    The page shows it in layers, from inputs to outputs. Drag to move it, turn the wheel to zoom, point at a box for its
    type, Op and the line where it was written, click on a loop or another Op with a graph inside to open it; ``#open``
    behind the address opens all. A profiled function is coloured by the time that its nodes take. The file needs
    nothing else: `copy_deps` is ignored, as are further arguments.

    Raises TypeError for what has no graph. Source: theano.d3viz.d3viz.
    """
    data = json.dumps(_described(draw(fct)), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    title = html.escape(str(getattr(fct, "name", None) or "graph"))
    page = _TEMPLATE.read_text(encoding="utf-8").replace("{{title}}", title).replace("{{data}}", data)
    path = Path(outfile)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def d3write(fct: Any, path: Any, *args: Any, **kwargs: Any) -> None:
    """Write the graph in graphviz's language (DOT). Raises RuntimeError without pydot. Source: theano.d3viz.d3write."""
    PyDotFormatter(*args, **kwargs)(fct).write(str(path), format="raw")


__all__ = ["d3viz", "d3write"]
