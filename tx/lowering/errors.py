"""Exceptions that tell where: the Apply node, the types and shapes of its inputs, and the user's line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.configuration import config
from tx.graph import Apply
from tx.graph.utils import see
from tx.printing import debugprint

#: values of inputs with more elements than this are not shown
_SMALL = 5
_HINT = "\n\nHINT: Use the Theano flag 'exception_verbosity=high' for a debugprint of this apply node."
#: the page of docs/errors/ on what a node may raise when it runs
_PAGES = {
    AssertionError: "assertion",
    IndexError: "index_out_of_bounds",
    ZeroDivisionError: "zero_division",
    np.linalg.LinAlgError: "linear_algebra",
    ValueError: "sizes_do_not_fit",
}
_MARK = "\nApply node that caused the error: "


def shapes_of(values: Sequence[Any]) -> list[Any]:
    """The shape of each value; None for what is no array."""
    return [getattr(v, "shape", None) for v in values]


def retold(error: Exception, node: Apply, values: list[Any]) -> Exception:
    """As `annotate`, in place of what `error` may tell about another node (that the same program was made for)."""
    text = str(error).split(_MARK)[0]
    try:
        return annotate(type(error)(text), node, shapes_of(values), values)
    except Exception:  # an exception class with other arguments
        return error


def annotate(
    error: Exception, node: Apply, shapes: list[Any] | None = None, values: list[Any] | None = None
) -> Exception:
    """An exception of the same type whose message also tells about `node`. What told already is returned as it is.

    Small `values` of its inputs are shown; `exception_verbosity=high` also shows the graph of the node.
    """
    text = str(error)
    if _MARK in text:
        return error
    text += f"{_MARK}{node}\nInputs types: {[v.type for v in node.inputs]}"
    if shapes is not None:
        text += f"\nInputs shapes: {[s if s is not None else 'no shapes' for s in shapes]}"
    if values is not None:
        text += f"\nInputs values: {[v if getattr(v, 'size', 0) <= _SMALL else 'not shown' for v in values]}"
    if node.line is not None:
        file, number, function = node.line
        text += f'\nThe node was created at: File "{file}", line {number}, in {function}'
    if config.exception_verbosity == "high":
        text += f"\n\nDebugprint of the apply node:\n{debugprint(node, print_type=True, file='str')}"
        text += _footprint(node, shapes)
    else:
        text += _HINT
    try:
        told = type(error)(text)
    except Exception:  # an exception class with other arguments: better as it is than not at all
        return error
    return _with_notes(told, error) if str(told) == text else error


def _with_notes(told: Exception, error: Exception) -> Exception:
    """`told` with the notes that `error` has; where there are none, with the page on errors of its type."""
    notes, page = getattr(error, "__notes__", []), _PAGES.get(type(error))
    if notes:
        told.__notes__ = list(notes)
    return told if notes or page is None else see(told, page)


def _footprint(node: Apply, shapes: list[Any] | None) -> str:
    """How much memory the inputs of a node take."""
    lines, total = [], 0
    for variable, shape in zip(node.inputs, shapes or (), strict=False):
        size = getattr(getattr(variable.type, "numpy_dtype", None), "itemsize", None)
        if shape is not None and size is not None:
            bytes_ = size * int(np.prod(shape, dtype=np.int64))
            total += bytes_
            lines.append(f" - {variable}, Shape: {tuple(shape)}, ElemSize: {size} Byte(s), TotalSize: {bytes_} Byte(s)")
    return "\nStorage map footprint:\n" + "\n".join([*lines, f" TotalSize: {total} Byte(s)"])
