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


def _formula(node: Apply, index: int | None, arguments: list[tuple[str, int]]) -> tuple[str, int]:
    """A node as text, and how strongly that text binds, from the texts of its inputs."""
    op: Any = node.op
    if isinstance(op, DimShuffle) and not op.augment and op.new_order == tuple(range(len(op.new_order)))[::-1]:
        return f"{_bracket(arguments[0], _ATOM)}.T", _ATOM
    if isinstance(op, DimShuffle) and list(op.shuffle) == sorted(op.shuffle):
        return arguments[0]
    name = op.scalar_op.name if isinstance(op, Elemwise) else ""
    if name in _INFIX:
        symbol, strength = _INFIX[name]
        parts = [_bracket(a, strength + (i > 0)) for i, a in enumerate(arguments)]
        return f" {symbol} ".join(parts), strength
    if name == "neg":
        return f"-{_bracket(arguments[0], 3)}", 3
    called = name.rstrip("_") or str(op)
    if name == "Cast":
        called = f"{op.scalar_op.parameters[0]}"
    text = f"{called}({', '.join(a for a, _ in arguments)})"
    return (text if len(node.outputs) == 1 else f"{text}.{index}"), _ATOM


def _bracket(text: tuple[str, int], strength: int) -> str:
    return text[0] if text[1] >= strength else f"({text[0]})"


def pp(variable: Any) -> str:
    """The expression that computes `variable`, as a formula. What is used several times is written several times.

    Raises nothing for any depth; a formula of more than a million characters is cut short with an ellipsis.
    """
    texts: dict[Variable, tuple[str, int]] = {}
    stack = [variable]
    while stack:
        top = stack[-1]
        if top in texts:
            stack.pop()
        elif top.owner is None:
            texts[top] = (_leaf(top), _ATOM)
        else:
            missing = [v for v in top.owner.inputs if v not in texts]
            if missing:
                stack.extend(missing)
                continue
            text, strength = _formula(top.owner, top.index, [texts[v] for v in top.owner.inputs])
            if len(text) > 1_000_000:
                text, strength = f"{text[:500_000]} ... {text[-500_000:]}", _ATOM
            texts[top] = text, strength
    return texts[variable][0]


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
                children.append((child, f"{indent} |", indent + ("   " if last else " | "), level + 1))
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
