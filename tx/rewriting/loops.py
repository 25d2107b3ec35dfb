"""A loop of which only the last step is read keeps no history."""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.scan_module.op import LastStep, Scan, Trajectory, last_step_pattern, read_last_step
from tx.tensor.subtensor import Subtensor


@rewrites(Subtensor)
def last_step(node: Any) -> Any:
    """``trajectory[-1]`` is the last value that the loop carries."""
    x, *index = node.inputs
    if x.owner is None or not isinstance(x.owner.op, Trajectory):
        return None
    history, last, _ = x.owner.inputs
    rest = last_step_pattern(node.op.pattern, index)
    if rest is None or history.owner is None or not isinstance(history.owner.op, Scan):
        return None
    return read_last_step(LastStep()(last, history.owner.inputs[0]), rest, index[1:])
