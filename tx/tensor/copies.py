"""Ops that hand on their input: `view_op` and `deep_copy_op`. In a compiled function both are the input itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.graph import Apply, Op


class ViewOp(Op):
    """Its input, of any type."""

    __props__ = ()
    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        """One Variable."""
        return Apply(self, [x], [x.type()])

    def rewritten(self, node: Apply, rewrite: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
        """What takes its place in a compiled function: the input."""
        return rewrite(node.inputs)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(gradients)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes)


class DeepCopyOp(ViewOp):
    """A copy of its input: a function's outputs never share memory with its arguments anyway."""

    view_map = {}


class OwnBuffer(ViewOp):
    """Its input, in memory that nothing else shares: for what a function hands out and does not copy."""

    view_map = {}


def stays(variable: Any) -> bool:
    """Whether a function hands out the value of this Variable as it lies on the device."""
    return variable.owner is not None and isinstance(variable.owner.op, OwnBuffer)


view_op = ViewOp()
deep_copy_op = DeepCopyOp()
own_buffer = OwnBuffer()

__all__ = ["DeepCopyOp", "OwnBuffer", "ViewOp", "deep_copy_op", "own_buffer", "stays", "view_op"]
