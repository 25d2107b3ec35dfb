"""Symbolic differentiation: reverse mode, forward mode, Jacobians and Hessians; marks that change gradients; checks.

Derivatives are graphs like any other. An Op that says nothing about its own gets `Pullback(op)` and `Pushforward(op)`,
derived Ops whose lowerings are the `jax.vjp` and the `jax.jvp` of the Op's own; so whatever tx can lower it can
differentiate, in both directions and to any order.
"""

from tx.gradient.derived import Pullback, Pushforward, derived_pullback, derived_pushforward
from tx.gradient.forward import Rop
from tx.gradient.marks import (
    ConsiderConstant,
    DisconnectedGrad,
    GradClip,
    GradScale,
    Mark,
    UndefinedGrad,
    ZeroGrad,
    consider_constant,
    consider_constant_,
    disconnected_grad,
    disconnected_grad_,
    grad_clip,
    grad_scale,
    undefined_grad,
    undefined_grad_,
    zero_grad,
    zero_grad_,
)
from tx.gradient.matrices import MapRows, hessian, jacobian, map_rows
from tx.gradient.reverse import DisconnectedInputError, Lop, NullTypeGradError, format_as, grad, subgraph_grad
from tx.gradient.rules import grad_not_implemented, grad_undefined, graph_connection_pattern
from tx.gradient.verify import GradientError, mode_not_slow, numeric_grad, verify_grad
from tx.tensor.type_other import DisconnectedType, NullType

#: the type of the gradient with respect to what has no influence
disconnected_type = DisconnectedType()

__all__ = [
    "ConsiderConstant",
    "DisconnectedGrad",
    "DisconnectedInputError",
    "DisconnectedType",
    "GradClip",
    "GradScale",
    "GradientError",
    "Lop",
    "MapRows",
    "Mark",
    "NullType",
    "NullTypeGradError",
    "Pullback",
    "Pushforward",
    "Rop",
    "UndefinedGrad",
    "ZeroGrad",
    "consider_constant",
    "consider_constant_",
    "derived_pullback",
    "derived_pushforward",
    "disconnected_grad",
    "disconnected_grad_",
    "disconnected_type",
    "format_as",
    "grad",
    "grad_clip",
    "grad_not_implemented",
    "grad_scale",
    "grad_undefined",
    "graph_connection_pattern",
    "hessian",
    "jacobian",
    "map_rows",
    "mode_not_slow",
    "numeric_grad",
    "subgraph_grad",
    "undefined_grad",
    "undefined_grad_",
    "verify_grad",
    "zero_grad",
    "zero_grad_",
]
