"""The derived Ops: what an Op that writes no derivative gets, found by differentiating its lowering.

`Pullback` is its reverse mode (`jax.vjp`), `Pushforward` its forward mode (`jax.jvp`). Both are Ops like any other, so
derivatives of them exist as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType


class _Derived(Op):
    """What is derived of an Op with `nin` inputs, for some of its inputs (positions `wrt`) and of its `outputs`."""

    __props__ = ("op", "nin", "wrt", "outputs")

    def __init__(self, op: Op, nin: int, wrt: tuple[int, ...], outputs: tuple[int, ...]):
        self.op = op
        self.nin = nin
        self.wrt = wrt
        self.outputs = outputs

    def __str__(self) -> str:
        return f"{type(self).__name__}{{{self.op}}}"


class Pullback(_Derived):
    """The pullback of another Op: from its inputs and the gradients of some outputs to those of some inputs.

    Inputs of the node: those of the Op, then a gradient for each of `outputs` (positions that are connected).
    Outputs: a gradient for each of `wrt` (positions of continuous inputs).
    """

    def make_node(self, *inputs: Any) -> Apply:
        """The gradient of each input has its type."""
        return Apply(self, inputs, [inputs[i].type() for i in self.wrt])


class Pushforward(_Derived):
    """The pushforward of another Op: from its inputs and the tangents of some of them to those of some outputs.

    Inputs of the node: those of the Op, then a tangent for each of `wrt` (positions of continuous inputs).
    Outputs: a tangent for each of `outputs` (positions of continuous outputs).
    """

    def make_node(self, *inputs: Any) -> Apply:
        """The tangent of each output has its type."""
        node = self.op.make_node(*inputs[: self.nin])
        return Apply(self, inputs, [node.outputs[i].type() for i in self.outputs])


def is_continuous(variable: Any) -> bool:
    """Whether `variable` is a tensor of real or complex numbers."""
    return isinstance(variable.type, TensorType) and variable.dtype in dt.continuous_dtypes


def derived_pullback(node: Apply, gradients: Sequence[Any], among: Sequence[int] | None = None) -> list[Any]:
    """The gradients of the inputs of `node` (of those `among` the positions) by differentiating its lowering."""
    connected = tuple(
        i
        for i, (g, v) in enumerate(zip(gradients, node.outputs, strict=True))
        if not isinstance(g.type, DisconnectedType) and is_continuous(v)
    )
    wrt = tuple(i for i, v in enumerate(node.inputs) if is_continuous(v) and (among is None or i in among))
    found: dict[int, Any] = {}
    if wrt and connected:
        casted = [F.cast(gradients[i], node.outputs[i].dtype) for i in connected]
        op = Pullback(node.op, len(node.inputs), wrt, connected)
        found = dict(zip(wrt, op(*node.inputs, *casted, return_list=True), strict=True))
    return [found[i] if i in found else _none(v) for i, v in enumerate(node.inputs)]


def _none(variable: Any) -> Any:
    """The gradient by what nothing depends on."""
    return F.zeros_like_float(variable) if isinstance(variable.type, TensorType) else DisconnectedType()()


def derived_pushforward(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The tangents of the outputs of `node` (None for integers), from those of its inputs (None where there is none),
    by differentiating its lowering."""
    wrt = tuple(
        i for i, (t, v) in enumerate(zip(tangents, node.inputs, strict=True)) if t is not None and is_continuous(v)
    )
    outputs = tuple(i for i, v in enumerate(node.outputs) if is_continuous(v))
    of_outputs: list[Any] = [None] * len(node.outputs)
    if not wrt or not outputs:
        return of_outputs
    casted = [F.cast(tangents[i], node.inputs[i].dtype) for i in wrt]
    op = Pushforward(node.op, len(node.inputs), wrt, outputs)
    for i, t in zip(outputs, op(*node.inputs, *casted, return_list=True), strict=True):
        of_outputs[i] = t
    return of_outputs


__all__ = ["Pullback", "Pushforward", "derived_pullback", "derived_pushforward", "is_continuous"]
