"""`pydotprint`: a graph as a picture, drawn by graphviz (the extra ``viz``)."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from tx.configuration import config
from tx.graph import walk
from tx.ifelse import IfElse
from tx.printing.picture import Box, Picture, draw, roots_of
from tx.scan_module.op import Scan


def _pydot() -> tuple[Any, str]:
    """The package, or None and why not."""
    try:
        return importlib.import_module("pydot"), ""
    except ImportError as error:
        return None, str(error)


pd, pydot_imported_msg = _pydot()
pydot_imported = pd is not None

#: part of the name of an Op's class -> colour
default_colorCodes = {
    "GpuFromHost": "red",
    "HostFromGpu": "red",
    "Scan": "yellow",
    "Shape": "brown",
    "IfElse": "magenta",
    "Elemwise": "#FFAABB",
    "Subtensor": "#FFAAFF",
    "Alloc": "#FFAA22",
    "Output": "blue",
}
_KINDS = {
    "input": ("box", "green"),
    "constant": ("box", "lightgrey"),
    "shared": ("box", "cyan"),
    "op": ("ellipse", ""),
    "output": ("box", "blue"),
}


def _needs_pydot() -> None:
    if not pydot_imported:
        raise RuntimeError(
            "Failed to import pydot, which draws this picture: install the extra viz (pip install 'tx-theano[viz]') "
            f"and the program graphviz. {pydot_imported_msg}"
        )


class PyDotFormatter:
    """Makes a graph of pydot from a function, graph, Apply, Variable, or a list of them.

    With `compact`, arrows lead from Apply to Apply; otherwise every Variable has a box. The other arguments are those
    of `pydotprint`. Raises RuntimeError without pydot. Source: theano.d3viz.formatting.PyDotFormatter.
    """

    def __init__(
        self,
        compact: bool = True,
        with_ids: bool = False,
        high_contrast: bool = True,
        cond_highlight: bool | None = None,
        colorCodes: dict[str, str] | None = None,
        max_label_size: int = 70,
        var_with_name_simple: bool = False,
    ):
        _needs_pydot()
        self.compact, self.with_ids, self.high_contrast = compact, with_ids, high_contrast
        self.cond_highlight, self.max_label_size = cond_highlight, max_label_size
        self.colors = default_colorCodes if colorCodes is None else colorCodes
        self.var_with_name_simple = var_with_name_simple

    def __call__(self, fct: Any, graph: Any = None) -> Any:
        """The graph; `graph` is one to add to."""
        picture = draw(fct)
        dot = pd.Dot(graph_type="digraph") if graph is None else graph
        branches = _branches(roots_of(fct)) if self.cond_highlight else {}
        for number, box in enumerate(picture.boxes):
            dot.add_node(pd.Node(f"n{number}", **self._style(box, number, branches)))
        for number, (start, end, label) in enumerate(picture.arrows):
            self._arrow(dot, picture, number, start, end, self._cut(label))
        return dot

    def _style(self, box: Box, number: int, branches: dict[Any, str]) -> dict[str, str]:
        shape, color = _KINDS[box.kind]
        label = box.label
        if box.kind == "op":
            color = next((c for part, c in self.colors.items() if part in type(box.key.op).__name__), color)
            color = branches.get(box.key, color)
        elif box.kind != "constant" and not (self.var_with_name_simple and getattr(box.key, "name", None)):
            label = f"{label} {dict(box.facts)['type']}" if dict(box.facts)["type"] != label else label
        if self.with_ids:
            label = f"{label} id={number}"
        style = {"label": _quoted(self._cut(label)), "shape": shape}
        if color:
            style |= {"fillcolor": _quoted(color), "style": "filled"} if self.high_contrast else {
                "color": _quoted(color)}  # fmt: skip
        return style

    def _arrow(self, dot: Any, picture: Picture, number: int, start: int, end: int, label: str) -> None:
        computed = picture.boxes[start].kind == "op" and picture.boxes[end].kind == "op"
        if self.compact or not computed:
            dot.add_edge(pd.Edge(f"n{start}", f"n{end}", label=_quoted(label)))
            return
        dot.add_node(pd.Node(f"v{number}", label=_quoted(label.split(" ", 1)[-1]), shape="box"))
        dot.add_edge(pd.Edge(f"n{start}", f"v{number}"))
        dot.add_edge(pd.Edge(f"v{number}", f"n{end}", label=_quoted(label.split(" ", 1)[0])))

    def _cut(self, text: str) -> str:
        return text if len(text) <= self.max_label_size else text[: self.max_label_size - 3] + "..."


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _branches(roots: list[Any]) -> dict[Any, str]:
    """Colours for what only one branch of an `ifelse` needs."""
    colors: dict[Any, str] = {}
    for node in walk.toposort(roots):
        if not isinstance(node.op, IfElse):
            continue
        count = len(node.outputs)
        then, other = node.inputs[1 : 1 + count], node.inputs[1 + count :]
        left, right = set(walk.toposort(then)), set(walk.toposort(other))
        colors |= dict.fromkeys(left - right, "orange") | dict.fromkeys(right - left, "palegreen")
    return colors


def pydotprint(
    fct: Any,
    outfile: Any = None,
    compact: bool = True,
    format: str = "png",
    with_ids: bool = False,
    high_contrast: bool = True,
    cond_highlight: bool | None = None,
    colorCodes: dict[str, str] | None = None,
    max_label_size: int = 70,
    scan_graphs: bool = False,
    var_with_name_simple: bool = False,
    print_output_file: bool = True,
    return_image: bool = False,
) -> Any:
    """Draw the graph of a function (its rewritten graph), Apply, Variable, or list of them, into a file.

    - `outfile`: the file, by default one in the compile directory; `format`: 'png', 'svg', 'pdf', 'dot', 'raw', ...
    - `compact`: no boxes for what is computed on the way
    - `with_ids`: number the boxes; `max_label_size`: the most characters in one
    - `high_contrast`: fill boxes with colour, instead of drawing their outlines in it
    - `cond_highlight`: colour what only one branch of an `ifelse` needs
    - `colorCodes`: colours for Ops, by a part of the names of their classes
    - `scan_graphs`: draw the step of each loop, too, into files named after it
    - `var_with_name_simple`: show a Variable with a name by its name only
    - `print_output_file`: say where the file is
    - `return_image`: return the picture instead: as IPython shows it, or as bytes where there is no IPython

    Raises RuntimeError without pydot, FileNotFoundError without graphviz. Source: theano.printing.pydotprint.
    """
    options: Any = (with_ids, high_contrast, cond_highlight, colorCodes, max_label_size, var_with_name_simple)
    dot = PyDotFormatter(compact, *options)(fct)
    if return_image:
        return _image(dot.create(format=format), format)
    default = Path(config.base_compiledir).expanduser() / f"theano.pydotprint.{config.device}.{format}"
    path = default if outfile is None else Path(outfile)
    path.parent.mkdir(parents=True, exist_ok=True)
    dot.write(str(path), format=format)
    if print_output_file:
        print("The output file is available at", path)
    if scan_graphs:
        loops = [node.op for node in walk.toposort(roots_of(fct)) if isinstance(node.op, Scan)]
        for number, op in enumerate(loops):
            part = PyDotFormatter(compact, *options)(op.body)
            part.write(str(path.with_name(f"{path.stem}_{op.name}_{number}{path.suffix}")), format=format)
    return None


def _image(data: bytes, format: str) -> Any:
    try:
        from IPython import display
    except ImportError:
        return data
    return display.SVG(data) if format == "svg" else display.Image(data)


__all__ = ["PyDotFormatter", "default_colorCodes", "pydot_imported", "pydot_imported_msg", "pydotprint"]
