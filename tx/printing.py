"""Graphs as text: `pp` as a formula, `debugprint` as a tree. Both work on graphs of any depth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, FunctionGraph, Variable
from tx.tensor.elemwise import DimShuffle, Elemwise

#: name of a scalar operation -> what stands between its operands
_INFIX = {"add": "+", "sub": "-", "mul": "*", "true_div": "/", "int_div": "//", "pow": "**"}
#: name of a scalar operation -> what it is called in a formula, where that is something else
_CALLED = {"second": "fill", "and_": "and_", "or_": "or_"}


def _leaf(variable: Variable) -> str:
    if variable.name:
        return variable.name
    if not isinstance(variable, Constant):
        return f"<{variable.type}>"
    data = np.asarray(variable.data)
    if data.ndim and data.size and np.all(data == data.flat[0]):
        return f"{type(variable).__name__}{{{data.shape} of {data.flat[0]}}}"
    return str(variable)


def _pieces(node: Apply, index: int | None) -> list[Any]:
    """A node as a list of texts and inputs."""
    op: Any = node.op
    first = node.inputs[0] if node.inputs else None
    if isinstance(op, DimShuffle) and not op.augment and op.new_order == tuple(range(len(op.new_order)))[::-1]:
        return [first, ".T"]
    name = op.scalar_op.name if isinstance(op, Elemwise) else ""
    if name in _INFIX:
        return ["(", *_between(node.inputs, f" {_INFIX[name]} "), ")"]
    if name == "neg":
        return ["(-", first, ")"]
    if name == "abs_":
        return ["|", first, "|"]
    called = str(op.scalar_op.parameters[0]) if name == "Cast" else _CALLED.get(name) or name.rstrip("_") or str(op)
    return [f"{called}(", *_between(node.inputs, ", "), ")" if len(node.outputs) == 1 else f").{index}"]


def _between(inputs: list[Any], separator: str) -> list[Any]:
    """The inputs with the separator between each two."""
    return [piece for variable in inputs for piece in (separator, variable)][1:]


def _through(variable: Any) -> Any:
    """`variable` without the axes that broadcasting puts in front: a formula does not show them."""
    while variable.owner is not None and isinstance(variable.owner.op, DimShuffle):
        op = variable.owner.op
        if op.drop or op.new_order != ("x",) * len(op.augment) + tuple(range(len(op.shuffle))):
            break
        variable = variable.owner.inputs[0]
    return variable


#: a formula with more characters than this is cut short
MOST_CHARACTERS = 4_000_000


def pp(variable: Any) -> str:
    """The expression that computes `variable`, as a formula, with Theano's parentheses. What is used several times is
    written several times.

    A formula of more than `MOST_CHARACTERS` is cut short with an ellipsis.
    """
    written: list[str] = []
    size = 0
    stack: list[Any] = [variable]
    while stack:
        top = stack.pop()
        if isinstance(top, Variable):
            inner: Any = _through(top)
            if inner.owner is not None:
                stack.extend(reversed(_pieces(inner.owner, inner.index)))
                continue
            top = _leaf(inner)
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
