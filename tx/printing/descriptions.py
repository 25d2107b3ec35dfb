"""Short descriptions of Variables and arrays, as Theano gives them: the same for equal things in another process."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from tx.graph import Variable
from tx.printing.forms import Extra, form, identity, is_leaf, leaf_text, letters, shown


def _opened(thing: Any) -> tuple[str, list[Any]]:
    """The words for a Variable, and what is below it."""
    if is_leaf(thing):
        return leaf_text(thing), []
    words = form(thing)
    return words.label, list(words.children)


def min_informative_str(obj: Any, indent_level: int = 0) -> str:
    """The tree of a Variable as text: what is met again is written as its letter, what has
    a name as its name.

    Source: theano.printing.min_informative_str.
    """
    tags: dict[Any, str] = {}
    lines = []
    stack = [(shown(obj), indent_level)]
    while stack:
        thing, level = stack.pop()
        key = identity(thing)
        if key in tags:
            lines.append(f"{' ' * level}<{tags[key]}>")
            continue
        tags[key] = letters(len(tags))
        named = thing.name and not isinstance(thing, Extra)
        text, children = (str(thing.name), []) if named and not is_leaf(thing) else _opened(thing)
        lines.append(f"{' ' * level}{tags[key]}. {text}")
        stack.extend((child, level + 1) for child in reversed(children))
    return "\n".join(lines)


def var_descriptor(obj: Any) -> str:
    """The tree of a Variable (or of each in a sequence) in one line, what is met again as its letter.

    Source: theano.printing.var_descriptor.
    """
    if not isinstance(obj, Variable | Extra):
        return f"A={obj}"
    tags: dict[Any, str] = {}
    written = []
    stack: list[Any] = [shown(obj)]
    while stack:
        top = stack.pop()
        if isinstance(top, str):
            written.append(top)
            continue
        key = identity(top)
        if key in tags:
            written.append(f"<{tags[key]}>")
            continue
        tags[key] = letters(len(tags))
        text, children = _opened(top)
        written.append(f"{tags[key]}={text}")
        if children:
            pieces = [piece for child in children for piece in (",", child)][1:]
            stack.extend(reversed(["(", *pieces, ")"]))
    return "".join(written)


def position_independent_str(obj: Any) -> str:
    """What says no more of a Variable than its type. Raises TypeError for anything else."""
    if not isinstance(obj, Variable):
        raise TypeError("position_independent_str describes Variables", obj)
    return f"theano_var{{type={obj.type}}}"


def hex_digest(x: Any) -> str:
    """A short text that is, for practical purposes, another one for another array: of its bytes, strides and shape.

    Raises TypeError for what is no ndarray. Source: theano.printing.hex_digest.
    """
    if not isinstance(x, np.ndarray):
        raise TypeError("hex_digest takes an ndarray", type(x))
    lists = (f"|{what}=[{','.join(map(str, values))}]" for what, values in (("strides", x.strides), ("shape", x.shape)))
    return hashlib.sha256(x.tobytes()).hexdigest() + "".join(lists)


__all__ = ["hex_digest", "min_informative_str", "position_independent_str", "var_descriptor"]
