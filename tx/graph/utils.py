"""Small things that every room of tx leans on: exceptions and the scratchpad."""

from __future__ import annotations

import linecache
import os
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Self

#: as code objects name it: with whatever links the interpreter went through
PACKAGE_DIRECTORY = str(Path(__file__).parents[1]) + os.sep


def see(error: Any, page: str) -> Any:
    """`error`, with a note below its message that names the page of docs/errors/ that explains it."""
    note = f"See docs/errors/{page}.md"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
    return error


class Documented(Exception):
    """Base of tx's own errors: each has a page, which a note names when a traceback is printed."""

    page = "index"

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        error: Self = see(super().__new__(cls, *args, **kwargs), cls.page)
        return error


class MethodNotDefined(Documented, AttributeError):
    """An Op was asked for a method that it does not define (Theano: ``gof.utils.MethodNotDefined``)."""

    page = "method_not_defined"


class MissingInputError(Documented):
    """A graph needs a Variable that is neither given, nor constant, nor computed."""

    page = "missing_input"

    def __init__(self, *args: Any, variable: Any = None) -> None:
        super().__init__(*args)
        self.variable = variable


class InconsistencyError(Documented):
    """A FunctionGraph was asked to become something that is no graph."""

    page = "inconsistency"


class AlreadyThere(Documented):
    """A feature is not attached: what it offers is there already."""

    page = "already_there"


class BadOptimization(Documented):
    """A rewrite put something into a graph that is not what was there: another Type, or another value."""

    page = "bad_optimization"

    def __init__(
        self,
        old_r: Any,
        new_r: Any = None,
        old_r_val: Any = None,
        new_r_val: Any = None,
        reason: Any = None,
        old_graph: str = "",
        new_graph: str = "",
    ):
        super().__init__(old_r, new_r, old_r_val, new_r_val, reason)
        self.old_r, self.new_r = old_r, new_r
        self.old_r_val, self.new_r_val = old_r_val, new_r_val
        self.reason, self.old_graph, self.new_graph = reason, old_graph, new_graph

    def __str__(self) -> str:
        return self.str_diagnostic()

    def str_diagnostic(self) -> str:
        """What was replaced by what, and why."""
        old, new = self.old_r, self.new_r
        old_type, new_type = getattr(old, "type", None), getattr(new, "type", None)
        op = getattr(getattr(new, "owner", None), "op", None)
        lines = [
            "BadOptimization Error",
            f"  Variable: id {id(new)} {new}",
            f"  Op {op}",
            f"  Value Type: {type(self.new_r_val)}",
            f"  Old Value:  {self.old_r_val}",
            f"  New Value:  {self.new_r_val}",
            f"  Reason:  {self.reason}",
            f"  Old Graph: {self.old_graph or f'{old} of type {old_type}'}",
            f"  New Graph: {self.new_graph or f'{new} of type {new_type}'}",
        ]
        return "\n".join(lines)


class TestValueError(Documented):
    """Base class of errors in computing test values."""

    page = "never_raised"

    __test__ = False


class scratchpad:
    """An object without behaviour that attributes may be hung upon (``variable.tag``)."""

    def clear(self) -> None:
        """Forget every attribute."""
        self.__dict__.clear()

    def __update__(self, other: scratchpad) -> scratchpad:
        self.__dict__.update(other.__dict__)
        return self

    def __repr__(self) -> str:
        return f"scratchpad{self.__dict__}"

    def info(self) -> None:
        """Print every attribute."""
        print(f"<theano.gof.utils.scratchpad instance at {id(self)}>")
        for name, value in self.__dict__.items():
            print(f"  {name}: {value}")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'scratchpad' object has no attribute '{name}'")


#: (file, line number, function) of the innermost frame that does not belong to tx.
Line = tuple[str, int, str]


def traced(line: Line) -> list[list[tuple[str, int, str, str]]]:
    """A line as ``tag.trace`` has it: stacks of (file, line number, function, text of the line)."""
    file, number, function = line
    return [[(file, number, function, linecache.getline(file, number).strip())]]


#: files of tx that have been met on the stack
_INSIDE: set[str] = set()


def user_line() -> Line | None:
    """Where, outside tx, the code is that is running now; None when tx itself is all there is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename not in _INSIDE:
            if not code.co_filename.startswith(PACKAGE_DIRECTORY):
                return code.co_filename, frame.f_lineno, code.co_name
            _INSIDE.add(code.co_filename)
        frame = frame.f_back
    return None
