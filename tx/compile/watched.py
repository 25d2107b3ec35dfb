"""Modes that run a function node by node, while something watches."""

from __future__ import annotations

from typing import Any

from tx.compile.mode import Mode
from tx.configuration import config
from tx.lowering.evaluate import Evaluator, Watch


class WatchedMode(Mode):
    """A mode whose functions run node by node. A subclass says with `watch` who sees every node."""

    def __init__(self, optimizer: Any = "default", linker: Any = None):
        super().__init__(linker, optimizer, name=type(self).__name__)

    @property
    def rewrite(self) -> bool:
        """Whether graphs are rewritten; by default as ``config.optimizer`` says."""
        given = self.provided_optimizer
        return (config.optimizer if given == "default" else given) not in (None, "None")

    def watch(self, maker: Any) -> Watch:
        """Who watches the functions of this mode."""
        return Watch()

    def make_program(self, maker: Any) -> Any:
        """What runs the graph node by node."""
        return Evaluator(maker.arguments, maker.states, maker.outputs, maker.updates, maker.name, self.watch(maker))
