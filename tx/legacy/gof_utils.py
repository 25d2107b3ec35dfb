"""``theano.gof.utils``: small helpers that programs have imported from there."""

from __future__ import annotations

import functools
import hashlib
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tx.graph.utils import MethodNotDefined, scratchpad


class undef:
    """Stands for "no value"."""


def hash_from_code(msg: str | bytes) -> str:
    """The SHA-256 of a text, in hexadecimal digits, behind an ``m``."""
    return "m" + hashlib.sha256(msg.encode() if isinstance(msg, str) else msg).hexdigest()


def hash_from_file(file_path: str) -> str:
    """`hash_from_code` of what a file holds."""
    return hash_from_code(Path(file_path).read_bytes())


def memoize(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: remember the result for each list of arguments."""
    return functools.cache(f)


def deprecated(filename: str, msg: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: warn when the function is called for the first time."""

    def decorate(f: Callable[..., Any]) -> Callable[..., Any]:
        warned = False

        @functools.wraps(f)
        def g(*args: Any, **kwargs: Any) -> Any:
            nonlocal warned
            if not warned:
                warned = True
                warnings.warn(f"{filename}.{f.__name__} deprecated. {msg}", stacklevel=2)
            return f(*args, **kwargs)

        return g

    return decorate


def uniq(seq: Iterable[Any]) -> list[Any]:
    """The items, each once, in order."""
    seen: list[Any] = []
    for x in seq:
        if x not in seen:
            seen.append(x)
    return seen


def unique(x: Iterable[Any]) -> bool:
    """Whether no (hashable) item occurs twice."""
    items = list(x)
    return len(set(items)) == len(items)


def difference(seq1: Iterable[Any], seq2: Iterable[Any]) -> list[Any]:
    """The items of `seq1` that are not in `seq2`."""
    others = list(seq2)
    return [x for x in seq1 if x not in others]


def remove(predicate: Callable[[Any], Any], coll: Iterable[Any]) -> list[Any]:
    """The items of which `predicate` does not hold."""
    return [x for x in coll if not predicate(x)]


def to_return_values(values: list[Any]) -> Any:
    """The only item of a list, or the list."""
    return values[0] if len(values) == 1 else values


def from_return_values(values: Any) -> list[Any]:
    """A list of what is one value or several."""
    return list(values) if isinstance(values, list | tuple) else [values]


def flatten(a: Any) -> list[Any]:
    """The items of nested tuples, lists and sets."""
    return [y for x in a for y in flatten(x)] if isinstance(a, tuple | list | set) else [a]


def give_variables_names(variables: Iterable[Any]) -> None:
    """Name every Variable: those without a name, and those that share one, get their own."""
    names = [v.name for v in variables]
    for i, v in enumerate(variables):
        if not v.name or names.count(v.name) > 1:
            v.name = f"{v.name or 'var'}_{i}"
    if not unique(v.name for v in variables):
        raise ValueError("Not all variables have unique names. Maybe you've named some of the variables identically")


def get_variable_trace_string(v: Any) -> str:
    """Where `v` was made, as text; empty when that is not known."""
    line = getattr(getattr(v, "owner", None), "line", None)
    return f'\n \nBacktrace when that variable is created:\n\n  File "{line[0]}", line {line[1]}\n' if line else ""


__all__ = [
    "MethodNotDefined",
    "deprecated",
    "difference",
    "flatten",
    "from_return_values",
    "get_variable_trace_string",
    "give_variables_names",
    "hash_from_code",
    "hash_from_file",
    "memoize",
    "remove",
    "scratchpad",
    "to_return_values",
    "undef",
    "uniq",
    "unique",
]
