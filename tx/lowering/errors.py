"""Exceptions that tell where: the Apply node, the types and shapes of its inputs, and the user's line."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply

_MARK = "\nApply node that caused the error: "


def annotate(error: Exception, node: Apply, shapes: list[Any] | None = None) -> Exception:
    """An exception of the same type whose message also tells about `node`. What told already is returned as it is."""
    text = str(error)
    if _MARK in text:
        return error
    text += f"{_MARK}{node}\nInputs types: {[v.type for v in node.inputs]}"
    if shapes is not None:
        text += f"\nInputs shapes: {[s if s is not None else 'no shapes' for s in shapes]}"
    if node.line is not None:
        file, number, function = node.line
        text += f'\nThe node was created at: File "{file}", line {number}, in {function}'
    try:
        told = type(error)(text)
    except Exception:  # an exception class with other arguments: better as it is than not at all
        return error
    return told if str(told) == text else error
