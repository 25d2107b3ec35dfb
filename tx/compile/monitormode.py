"""MonitorMode: a function of the user's is called before and after every node."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tx.compile.watched import WatchedMode
from tx.lowering.evaluate import Watch
from tx.printing import debugprint

#: (i, node, fn), or (fgraph, i, node, fn)
Hook = Callable[..., Any]


class _Hooks(Watch):
    def __init__(self, pre: Hook | None, post: Hook | None):
        self.pre, self.post = _with_graph(pre), _with_graph(post)

    def before(self, *told: Any) -> None:
        self.pre(*told)

    def after(self, *told: Any) -> None:
        self.post(*told)


def _with_graph(hook: Hook | None) -> Hook:
    """`hook` as a function of (fgraph, i, node, fn), whether or not it asks for the graph."""
    if hook is None:
        return lambda *told: None
    try:
        inspect.signature(hook).bind(0, 1, 2)
    except TypeError:
        return hook
    return lambda fgraph, i, node, fn: hook(i, node, fn)


class MonitorMode(WatchedMode):
    """Functions run node by node; `pre_func` is called before each node, `post_func` after it.

    Both take ``(i, node, fn)``: the position of the Apply, the Apply, and what runs it. ``fn.inputs`` and
    ``fn.outputs`` are lists of cells, each a list of one value; what `post_func` puts into an output's cell is what the
    other nodes read. A function of four arguments is given the FunctionGraph first. Nodes inside loops and branches are
    seen in each step, numbered as in their own graph.
    Source: theano.compile.MonitorMode.
    """

    def __init__(
        self, pre_func: Hook | None = None, post_func: Hook | None = None, optimizer: Any = "default",
        linker: Any = None,
    ):  # fmt: skip
        super().__init__(optimizer, linker)
        self.pre_func, self.post_func = pre_func, post_func

    def watch(self, maker: Any) -> Watch:
        """The two functions."""
        return _Hooks(self.pre_func, self.post_func)


def detect_nan(i: int, node: Any, fn: Any) -> None:
    """A `post_func` that prints the first node with NaN in its outputs, with its inputs and outputs."""
    for (value,) in fn.outputs:
        if isinstance(value, np.ndarray) and value.dtype.kind in "fc" and np.isnan(value).any():
            print("*** NaN detected ***")
            debugprint(node)
            print(f"Inputs : {[cell[0] for cell in fn.inputs]}")
            print(f"Outputs: {[cell[0] for cell in fn.outputs]}")
            return
