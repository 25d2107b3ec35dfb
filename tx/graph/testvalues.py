"""Test values: a graph that is computed while it is written (`config.compute_test_value`), on values that users give.

A Variable's test value is ``variable.tag.test_value``; a Constant's and a shared variable's is its value.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast

from tx.configuration import config
from tx.graph import walk
from tx.graph.core import Apply, Constant, Variable
from tx.graph.utils import see

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: runs one node on the values of its inputs; the room that lowers Ops puts it here
run: Callable[[Apply, Sequence[Any]], list[Any]] | None = None


def created_at(variable: Any) -> str:
    """Where a Variable was written, for messages; empty when that is not known."""
    trace = getattr(variable.tag, "trace", None)
    if not trace:
        return ""
    file, line, function, code = trace[0][-1]
    return f'\nBacktrace when that variable is created:\n\n  File "{file}", line {line}, in {function}\n    {code}\n'


def get_test_value(v: Any) -> Any:
    """The test value of a Variable, as its type has it.

    Raises AttributeError when there is none, and what the type raises, with the Variable's line, when it is no value of
    that type.
    """
    if isinstance(v, Constant):
        return v.data
    if hasattr(v, "container"):
        return v.get_value(borrow=True)
    if not hasattr(v.tag, "test_value"):
        raise AttributeError(f"{v} has no test value {created_at(v)}")
    try:
        return v.type.filter(v.tag.test_value)
    except Exception as error:
        raise type(error)(
            f"For compute_test_value, one input test value does not have the requested type.\n{created_at(v)}\n"
            f"The error when converting the test value to that variable type:\n{' '.join(map(str, error.args))}"
        ) from error


def compute(node: Apply) -> None:
    """Give the outputs of a node their test values.

    What is missing is passed over, warned of, or raises ValueError, as ``config.compute_test_value`` says. What the
    node raises on its test values is raised here, where the expression is written.
    """
    values = []
    for i, v in enumerate(node.inputs):
        if v.owner is not None and not hasattr(v.tag, "test_value"):
            complete([v])  # it comes from a graph that was copied
        try:
            values.append(get_test_value(v))
        except AttributeError:
            _missing(i, v, node)
            return
    if run is None:
        return
    with config.change_flags(compute_test_value="off"):
        results = run(node, values)
    for output, value in zip(node.outputs, results, strict=True):
        output.tag.test_value = value


def complete(variables: Iterable[Variable]) -> None:
    """Give these Variables, and all that they are computed from, test values where they have none and can have some."""
    with config.change_flags(compute_test_value="ignore"):
        for node in walk.toposort(variables):
            if not all(hasattr(v.tag, "test_value") for v in node.outputs):
                compute(node)


def aside(function: _Function) -> _Function:
    """Decorator of what builds graphs on Variables of its own, which no user gives test values: none are demanded."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if config.compute_test_value == "off":
            return function(*args, **kwargs)
        with config.change_flags(compute_test_value="ignore"):
            found = function(*args, **kwargs)
        complete(v for v in (found if isinstance(found, list | tuple) else [found]) if isinstance(v, Variable))
        return found

    return cast(_Function, wrapper)


def _missing(i: int, v: Any, node: Apply) -> None:
    text = f"Cannot compute test value: input {i} ({v}) of Op {node} missing default value"
    if config.compute_test_value == "warn":
        warnings.warn(f"Warning, {text}", stacklevel=4)
    elif config.compute_test_value in ("raise", "pdb"):
        raise see(ValueError(f"{text}. {created_at(v)}"), "test_value")


def lend(inner: Variable, outer: Any, element: int | None = None) -> None:
    """Give an inner input of a loop a test value: the outer Variable's, or an element of it, if that has one."""
    if config.compute_test_value == "off":
        return
    try:
        value = get_test_value(outer)
        inner.tag.test_value = value if element is None else value[element]
    except (AttributeError, IndexError):
        return
