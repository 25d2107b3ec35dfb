"""Transfers. The trace is of one device: which one, and where a program is cut, `placement` decides before."""

from __future__ import annotations

from typing import Any

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.transfers import Transfer


@lowers(Transfer)
def transfer(trace: Trace, node: Any, x: Any) -> Any:
    """The input."""
    return x
