"""Marks: expressions whose value is that of another one, and whose gradient is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tx.gradient.rules import grad_undefined
from tx.graph import Apply, Variable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.copies import Identity
from tx.tensor.type_other import DisconnectedType

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable


class Mark(Identity):
    """Its input, of any type; gradients and tangents are not its own."""

    view_map: ClassVar[dict[int, list[int]]] = {0: [0]}

    def make_node(self, x: Any) -> Apply:
        """The type of `x`."""
        x = x if isinstance(x, Variable) else as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """No tangent comes through."""
        return [None]


class ZeroGrad(Mark):
    """No gradient comes through: it is zero."""

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Zeros."""
        return [F.zeros_like_float(inputs[0])]


class ConsiderConstant(ZeroGrad):
    """To gradients a constant."""


class DisconnectedGrad(Mark):
    """To gradients not connected with what it is computed from."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """None."""
        return [[False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Disconnected."""
        return [DisconnectedType()()]


class UndefinedGrad(Mark):
    """Its gradient does not exist."""

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Null, with the reason."""
        return [grad_undefined(self, 0, inputs[0])]


class GradClip(Mark):
    """The gradient that comes through is limited to between two bounds."""

    __props__ = ("clip_lower_bound", "clip_upper_bound")

    def __init__(self, clip_lower_bound: Any, clip_upper_bound: Any):
        if not clip_upper_bound >= clip_lower_bound:
            raise AssertionError(f"Nothing is between the bounds {clip_lower_bound} and {clip_upper_bound}")
        self.clip_lower_bound = clip_lower_bound
        self.clip_upper_bound = clip_upper_bound

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Clipped."""
        return [F.clip(g, self.clip_lower_bound, self.clip_upper_bound) for g in gradients]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Tangents are no gradients: they are not clipped."""
        return list(eval_points)


class GradScale(Mark):
    """The gradient that comes through is multiplied by a number, as if the derivative were so much larger."""

    __props__ = ("multiplier",)

    def __init__(self, multiplier: Any):
        self.multiplier = multiplier

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Scaled."""
        return [F.mul(self.multiplier, g) for g in gradients]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Scaled as well: the derivative is the same in both directions."""
        return [F.mul(self.multiplier, t) for t in eval_points]


consider_constant_, zero_grad_, undefined_grad_, disconnected_grad_ = (
    kind() for kind in (ConsiderConstant, ZeroGrad, UndefinedGrad, DisconnectedGrad)
)


def consider_constant(x: Any) -> TensorVariable:
    """`x`, to gradients a constant: they are zero. Source: theano.gradient.consider_constant."""
    return consider_constant_(x)


def zero_grad(x: Any) -> TensorVariable:
    """`x`, through which gradients are zero (and connected). Source: theano.gradient.zero_grad."""
    return zero_grad_(x)


def undefined_grad(x: Any) -> TensorVariable:
    """`x`, the gradient of which is undefined: `grad` raises NullTypeGradError where it meets it.

    Source: theano.gradient.undefined_grad.
    """
    return undefined_grad_(x)


def disconnected_grad(x: Any) -> TensorVariable:
    """`x`, disconnected from what it is computed from: it adds nothing to gradients, and `grad` raises
    DisconnectedInputError where there is no other way. Source: theano.gradient.disconnected_grad.
    """
    return disconnected_grad_(x)


def grad_clip(x: Any, lower_bound: Any, upper_bound: Any) -> TensorVariable:
    """`x`; the gradient by it is clipped to between the bounds. Raises AssertionError for bounds in the wrong order.

    Source: theano.gradient.grad_clip.
    """
    return GradClip(lower_bound, upper_bound)(x)


def grad_scale(x: Any, multiplier: Any) -> TensorVariable:
    """`x`; the gradient by it is multiplied by a number (-1 reverses it). Source: theano.gradient.grad_scale."""
    return GradScale(multiplier)(x)


__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "GradClip",
    "GradScale",
    "Mark",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "consider_constant_",
    "disconnected_grad",
    "disconnected_grad_",
    "grad_clip",
    "grad_scale",
    "undefined_grad",
    "undefined_grad_",
    "zero_grad",
    "zero_grad_",
]
