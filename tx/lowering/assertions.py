"""Assertions: checks of the trace."""

from __future__ import annotations

from typing import Any

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.assertions import Assert


@lowers(Assert)
def assertion(trace: Trace, node: Any, value: Any, *conditions: Any) -> Any:
    """The value; the conditions are demanded of the device."""
    for condition in conditions:
        trace.check(condition != 0, lambda _: AssertionError(node.op.msg))
    return value
