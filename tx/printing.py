"""Graphs as text: `pp` as a formula, `debugprint` as a tree. Both work on graphs of any depth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, FunctionGraph, Variable
from tx.tensor.elemwise import DimShuffle, Elemwise

#: name of a scalar operation -> (infix symbol, how strongly it binds)
_INFIX = {
    "add": ("+", 1),
    "sub": ("-", 1),
    "mul": ("*", 2),
    "true_div": ("/", 2),
    "int_div": ("//", 2),
    "mod": ("%", 2),
    "pow": ("**", 4),
    "lt": ("<", 0),
    "gt": (">", 0),
    "le": ("<=", 0),
    "ge": (">=", 0),
    "and_": ("&", 0),
    "or_": ("|", 0),
    "xor": ("^", 0),
}
_ATOM = 9


def _leaf(variable: Variable) -> str:
    if variable.name:
        return variable.name
    if isinstance(variable, Constant):
        data = np.asarray(variable.data)
        return str(data) if data.size <= 8 else f"TensorConstant{{{data.shape}}}"
    return f"<{variable.type}>"


def _pieces(node: Apply, index: int | None) -> tuple[list[Any], int]:
    """A node as a list of texts and of pairs (input, how strongly its text must bind), and how strongly it binds."""
    op: Any = node.op
    first = node.inputs[0] if node.inputs else None
    if isinstance(op, DimShuffle) and not op.augment and op.new_order == tuple(range(len(op.new_order)))[::-1]:
        return [(first, _ATOM), ".T"], _ATOM
    name = op.scalar_op.name if isinstance(op, Elemwise) else ""
    if name in _INFIX:
        symbol, strength = _INFIX[name]
        pieces: list[Any] = []
        for i, variable in enumerate(node.inputs):
            pieces += [f" {symbol} "] * (i > 0) + [(variable, strength + (i > 0))]
        return pieces, strength
    if name == "neg":
        return ["-", (first, 3)], 3
    called = str(op.scalar_op.parameters[0]) if name == "Cast" else name.rstrip("_") or str(op)
    pieces = [f"{called}("]
    for i, variable in enumerate(node.inputs):
        pieces += [", "] * (i > 0) + [(variable, 0)]
    return [*pieces, ")" if len(node.outputs) == 1 else f").{index}"], _ATOM


def _through(variable: Any) -> Any:
    """`variable` without the dimshuffles that only insert or drop axes: a formula does not show them."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        if list(variable.owner.op.shuffle) != sorted(variable.owner.op.shuffle):
            break
        variable = variable.owner.inputs[0]
    return variable


#: a formula with more characters than this is cut short
MOST_CHARACTERS = 4_000_000


def pp(variable: Any) -> str:
    """The expression that computes `variable`, as a formula. What is used several times is written several times.

    A formula of more than `MOST_CHARACTERS` is cut short with an ellipsis.
    """
    written: list[str] = []
    size = 0
    stack: list[Any] = [(variable, 0)]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            inner = _through(top[0])
            if inner.owner is None:
                top = _leaf(inner)
            else:
                pieces, strength = _pieces(inner.owner, inner.index)
                stack.extend(reversed(pieces if strength >= top[1] else ["(", *pieces, ")"]))
                continue
        written.append(top)
        size += len(top)
        if size > MOST_CHARACTERS:
            written.append(" ...")
            break
    return "".join(written)


def _lines(roots: list[Variable], depth: int, print_type: bool) -> Iterator[str]:
    names: dict[Any, str] = {}

    def identifier(thing: Any) -> str:
        return f"[id {names.setdefault(thing, _letters(len(names)))}]"

    written: set[Apply] = set()
    for root in roots:
        # (variable, what stands before its line, what stands before the lines below it, level)
        stack = [(root, "", "", 1)]
        while stack:
            variable, head, below, level = stack.pop()
            kind = f" <{variable.type}>" if print_type else ""
            if variable.owner is None:
                yield f"{head}{_leaf(variable)} {identifier(variable)}{kind}"
                continue
            node = variable.owner
            output = f".{variable.index}" if len(node.outputs) > 1 else ""
            name = f" '{variable.name}'" if variable.name else " ''"
            again = node in written and bool(node.inputs)
            yield f"{head}{node.op}{output} {identifier(node)}{kind}{name}" + (" ..." if again else "   ")
            if again or level == depth:
                continue
            written.add(node)
            children = []
            for i, child in enumerate(node.inputs):
                last = i == len(node.inputs) - 1
                # Deep chains keep their indentation short, or the text would grow with the square of the depth.
                indent = below if len(below) < 200 else "... "
                children.append((child, f"{indent} |", indent + ("  " if last else " |"), level + 1))
            stack.extend(reversed(children))


def _letters(n: int) -> str:
    text = ""
    n += 1
    while n:
        n, digit = divmod(n - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def debugprint(
    obj: Any, depth: int = -1, print_type: bool = False, file: Any = None, ids: str = "CHAR", **_: Any
) -> Any:
    """Write the graph of a Variable, Apply, FunctionGraph, function, or a list of them, as a tree, one node a line.

    `file` is where to (standard output by default); ``'str'`` returns the text. `depth` limits how deep it goes.
    Raises TypeError for what has no graph.
    """
    roots: list[Variable] = []
    for thing in obj if isinstance(obj, list | tuple | set) else [obj]:
        if isinstance(thing, Variable):
            roots.append(thing)
        elif isinstance(thing, Apply | FunctionGraph):
            roots.extend(thing.outputs)
        elif hasattr(thing, "program"):
            roots.extend(thing.program.results)
        else:
            raise TypeError(f"debugprint cannot print an object of type {type(thing)}", thing)
    text = "".join(line.rstrip() + "\n" for line in _lines(roots, depth, print_type))
    if file == "str":
        return text
    (file or sys.stdout).write(text)
    return file


def min_informative_str(obj: Any) -> str:
    """The tree of `obj` as text."""
    return str(debugprint(obj, file="str")).rstrip("\n")


pprint = pp

__all__ = ["debugprint", "min_informative_str", "pp", "pprint"]
