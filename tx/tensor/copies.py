"""Ops that hand on their input: `Identity`, the base of those that do something else besides, `view_op` and
`deep_copy_op`. In a compiled function these two are the input itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.tensor.convert import as_tensor_variable


class Identity(Op):
    """Its input: values, type, shape and derivatives are those of it. Subclasses say what happens besides."""

    __props__: tuple[str, ...] | None = ()

    def make_node(self, x: Any) -> Apply:
        """The type of `x`."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(gradients)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes)


class ViewOp(Identity):
    """Its input, of any type."""

    view_map = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        """One Variable."""
        return Apply(self, [x], [x.type()])

    def rewritten(self, node: Apply, rewrite: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
        """What takes its place in a compiled function: the input."""
        return rewrite(node.inputs)


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

__all__ = ["DeepCopyOp", "Identity", "OwnBuffer", "ViewOp", "deep_copy_op", "own_buffer", "stays", "view_op"]
