"""Theano's linkers, by name: XLA does their work. A mode takes one and prints it."""

from __future__ import annotations

from typing import Any


class Linker:
    """What ran a function's nodes. Its options are kept, and change nothing."""

    def __init__(self, *args: Any, **options: Any):
        self.args, self.options = args, options

    def clone(self, allow_gc: Any = None) -> Linker:
        """A linker like this one."""
        return type(self)(*self.args, **self.options)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PerformLinker(Linker):
    """Runs the nodes by their `perform`. The mode 'DebugMode' does, too."""


class CLinker(Linker):
    """Compiled a graph to C."""


class OpWiseCLinker(Linker):
    """Compiled the nodes to C, one by one."""


class DualLinker(Linker):
    """Compared C with Python. The mode 'DebugMode' compares XLA with numpy."""


class WrapLinker(Linker):
    """Called a function around each node.

    Raises TypeError when it is made: tx calls functions around nodes in `MonitorMode`.
    """

    def __init__(self, linkers: Any, wrapper: Any):
        raise TypeError(
            "WrapLinker cannot look at the nodes of a function that is compiled as a whole: "
            "use theano.compile.MonitorMode(pre_func, post_func)"
        )


WrapLinkerMany = WrapLinker

__all__ = ["CLinker", "DualLinker", "Linker", "OpWiseCLinker", "PerformLinker", "WrapLinker", "WrapLinkerMany"]
