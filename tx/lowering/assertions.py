"""Assertions: checks of the trace, or questions to the host."""

from __future__ import annotations

from typing import Any

from tx.configuration import config
from tx.graph import walk
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.assertions import Assert


class Holds:
    """Raises AssertionError unless a condition is true."""

    def __init__(self, message: str):
        self.message = message
        self.__qualname__ = f"holds {message}"

    def __call__(self, condition: Any) -> None:
        if not condition:
            raise AssertionError(self.message)


@lowers(Assert)
def assertion(trace: Trace, node: Any, value: Any, *conditions: Any) -> Any:
    """The value. What depends on shapes and scalar arguments is seen to before each call, the rest by the device."""
    for variable, condition in zip(node.inputs[1:], conditions, strict=True):
        if trace.host_checks and config.checks != "off" and _is_cheap(trace, variable):
            trace.ask(Holds(node.op.msg), variable)
        else:
            trace.check(condition != 0, lambda _: AssertionError(node.op.msg))
    return value


def _is_cheap(trace: Trace, condition: Any) -> bool:
    """Whether the host knows a condition, and it is about numbers."""
    if any(v.type.ndim for v in walk.inputs([condition]) if v in trace.arguments):
        return False
    return bool(condition.type.ndim == 0 and trace.knows(condition) and trace.depends_on_arguments(condition))
