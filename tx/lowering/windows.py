"""Windows that the host looks at: a part of a large input that the executable is given, instead of cutting it out.

A minibatch of a shared variable lies in one piece in its memory. XLA on the CPU copies what is cut out before it
multiplies it; where the first row is known at the call, the host can give those rows as they are. They are an input
more of the executable, behind those of its stage: the trace is started again when it asks for one (`NeedWindows`).

What is given holds on to the input until the call is over. A call that updates the same variable in the meantime, in
another thread, leaves the old values where they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tx.graph import Apply, Variable
from tx.lowering.apart import on_this_cpu
from tx.lowering.host import compile_closure
from tx.lowering.trace import Retrace, Trace
from tx.memory import ALIGNED

#: a window of fewer bytes is copied as quickly as it is handed over
_LEAST = 1 << 18


@dataclass(frozen=True)
class Window:
    """What the node `node` takes of the input at `position`: `shape`, from the place that `first` finds on."""

    node: Apply
    position: int
    first: Callable[[Sequence[Any]], int]
    rows: int
    shape: tuple[int, ...]

    def __call__(self, values: Sequence[Any]) -> np.ndarray:
        """The elements, in the memory of the input."""
        whole, first = values[self.position], self.first(values)
        if not isinstance(whole, np.ndarray):
            whole = np.from_dlpack(whole)  # which the array does not keep, unlike what numpy.asarray makes of it
        part: np.ndarray = whole[first : first + self.rows]
        return part if part.shape == self.shape else part.reshape(self.shape)


def with_windows(values: Sequence[Any], windows: Sequence[Window]) -> Sequence[Any]:
    """`values`, and behind them what the windows show of them."""
    return [*values, *(window(values) for window in windows)] if windows else values


class NeedWindows(Retrace):
    """The executable is to be given these windows."""

    def __init__(self, *windows: Window):
        super().__init__(*windows)
        self.windows = windows


@dataclass
class Windows:
    """Of one trace: the inputs of which there may be windows, and those that it is given; and those that it would have
    been given, where it goes on without."""

    inputs: dict[Variable, Any] = field(default_factory=dict)
    given: dict[Apply, Any] = field(default_factory=dict)
    missed: list[Window] | None = None

    def of(self, trace: Trace, node: Apply, x: Any, axes: Sequence[Any], shape: Any, first: Any) -> Any:
        """The window of `x` that `node` takes, where it is given; None where it has to be cut out.

        `first` finds the first row, from the values of the Variables behind it. Raises NeedWindows."""
        variable, (find, *names) = node.inputs[0], first
        # inside of a transformation the same Variable stands for something else
        if variable not in self.inputs or self.inputs[variable] is not x or not _in_one_piece(axes):
            return None
        if node in self.given:
            return self.given[node]
        if not on_this_cpu(trace) or not trace.knows(*names):
            return None
        row = x.size // max(x.shape[0], 1) * x.dtype.itemsize
        nbytes = axes[0].length * row
        if nbytes < _LEAST or nbytes % ALIGNED or find(*(trace.host.value(v) for v in names)) * row % ALIGNED:
            return None
        place = compile_closure(find, names, trace.host, trace.positions)
        window = Window(node, trace.positions[variable], place, axes[0].length, tuple(shape))
        if self.missed is None:
            raise NeedWindows(window)
        self.missed.append(window)
        return None


def _in_one_piece(axes: Sequence[Any]) -> bool:
    """Whether a window is some rows that follow each other, from a place that differs from call to call."""
    leading, *rest = axes
    return not leading.static and isinstance(leading.step, int) and leading.step == 1 and all(a.whole for a in rest)


__all__ = ["NeedWindows", "Window", "Windows", "with_windows"]
