"""Small things that every room of tx leans on: exceptions and the scratchpad."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE_DIRECTORY = str(Path(__file__).resolve().parents[1])


class MethodNotDefined(AttributeError):
    """An Op was asked for a method that it does not define (Theano: ``gof.utils.MethodNotDefined``)."""


class MissingInputError(Exception):
    """A graph needs a Variable that is neither given, nor constant, nor computed."""

    def __init__(self, *args: Any, variable: Any = None) -> None:
        super().__init__(*args)
        self.variable = variable


class InconsistencyError(Exception):
    """A FunctionGraph was asked to become something that is no graph."""


class TestValueError(Exception):
    """Base class of errors in computing test values."""

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


def user_line() -> Line | None:
    """Where, outside tx, the code is that is running now; None when tx itself is all there is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(PACKAGE_DIRECTORY):
            return code.co_filename, frame.f_lineno, code.co_name
        frame = frame.f_back
    return None
