"""Symbolic differentiation: reverse mode over the graph, each Op asked for its pullback.

An Op that says nothing about its gradient gets `Pullback(op)`, a derived Op whose lowering is the `jax.vjp` of the
Op's own; so whatever tx can lower it can differentiate, to any order.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from tx.configuration import config
from tx.graph import Apply, Op, Variable, walk
from tx.graph.core import defines
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType, NullType


class DisconnectedInputError(ValueError):
    """Raised by `grad` when the cost does not depend on what it is differentiated by."""


class NullTypeGradError(TypeError):
    """Raised by `grad` when a gradient is needed that does not exist."""


class GradientError(Exception):
    """Raised when a symbolic gradient disagrees with finite differences."""


# -- derived Ops ------------------------------------------------------------------------------------------------------


class Pullback(Op):
    """The pullback of another Op: from its inputs and the gradients of some outputs to those of some inputs.

    Inputs of the node: those of the Op, then a gradient for each of `outputs` (positions that are connected).
    Outputs: a gradient for each of `wrt` (positions of continuous inputs).
    """

    __props__ = ("op", "nin", "outputs", "wrt")

    def __init__(self, op: Op, nin: int, outputs: tuple[int, ...], wrt: tuple[int, ...]):
        self.op = op
        self.nin = nin
        self.outputs = outputs
        self.wrt = wrt

    def make_node(self, *inputs: Any) -> Apply:
        """The gradient of each input has its type."""
        return Apply(self, inputs, [inputs[i].type() for i in self.wrt])

    def __str__(self) -> str:
        return f"Pullback{{{self.op}}}"


def derived_pullback(node: Apply, gradients: Sequence[Any], among: Sequence[int] | None = None) -> list[Any]:
    """The gradients of the inputs of `node` (of those `among` the positions) by differentiating its lowering."""
    connected = tuple(i for i, g in enumerate(gradients) if not isinstance(g.type, DisconnectedType))
    wrt = tuple(
        i
        for i, v in enumerate(node.inputs)
        if isinstance(v.type, TensorType) and v.dtype in dt.continuous_dtypes and (among is None or i in among)
    )
    of_inputs: list[Any] = [
        F.zeros_like_float(v) if isinstance(v.type, TensorType) else DisconnectedType()() for v in node.inputs
    ]
    if not wrt or not connected:
        return of_inputs
    casted = [F.cast(gradients[i], node.outputs[i].dtype) for i in connected]
    op = Pullback(node.op, len(node.inputs), connected, wrt)
    for i, g in zip(wrt, op(*node.inputs, *casted, return_list=True), strict=True):
        of_inputs[i] = g
    return of_inputs


# -- what Ops say -----------------------------------------------------------------------------------------------------


def has_pullback(op: Op) -> bool:
    """Whether the Op writes its own gradient (`L_op` or `grad`)."""
    return (defines(op, "L_op") or defines(op, "grad")) and getattr(op, "has_gradient", True)


def is_host_only(op: Op) -> bool:
    """Whether the Op can do nothing but `perform`: a user's own."""
    return defines(op, "perform")


def connection_pattern(node: Apply) -> list[list[bool]]:
    """For each input, which outputs it has an influence on that a derivative could see."""
    if defines(node.op, "connection_pattern"):
        return node.op.connection_pattern(node)  # type: ignore[attr-defined,no-any-return]
    return [[True] * len(node.outputs) for _ in node.inputs]


def grad_undefined(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """For an Op's `grad`: the gradient of this input does not exist mathematically."""
    return NullType(f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is "
                    f"mathematically undefined. {comment}")()  # fmt: skip


def grad_not_implemented(op: Any, x_pos: int, x: Any, comment: str = "") -> Any:
    """For an Op's `grad`: the gradient of this input was not written."""
    return NullType(f"This variable is Null because the grad method for input {x_pos} ({x}) of the {op} op is not "
                    f"implemented. {comment}")()  # fmt: skip


def _pullback(node: Apply, gradients: list[Any]) -> list[Any]:
    """The gradients of the inputs of `node`, checked."""
    op: Any = node.op
    if not has_pullback(op):
        if is_host_only(op):
            return [
                grad_not_implemented(op, i, v)
                if getattr(v, "dtype", "") in dt.continuous_dtypes
                else DisconnectedType()()
                for i, v in enumerate(node.inputs)
            ]
        return derived_pullback(node, gradients)
    if defines(op, "L_op"):
        of_inputs = op.L_op(node.inputs, node.outputs, gradients)
    else:
        of_inputs = op.grad(node.inputs, gradients)
    if not isinstance(of_inputs, list | tuple):
        raise TypeError(f"{op}.grad returned {type(of_inputs)}, expected a sequence with a gradient for each input")
    if len(of_inputs) != len(node.inputs):
        raise ValueError(f"{op} returned the wrong number of gradient terms: {len(of_inputs)} for {len(node.inputs)}")
    if any(g is ... for g in of_inputs):
        derived = derived_pullback(node, gradients, [i for i, g in enumerate(of_inputs) if g is ...])
        of_inputs = [d if g is ... else g for g, d in zip(of_inputs, derived, strict=True)]
    return [_checked(node, i, g) for i, g in enumerate(of_inputs)]


def _checked(node: Apply, i: int, g: Any) -> Any:
    if g is None:
        raise TypeError(
            f"{node.op}.grad returned None for input {i}, expected Variable instance: use grad_undefined, "
            "grad_not_implemented or DisconnectedType()()"
        )
    if isinstance(getattr(g, "type", None), DisconnectedType | NullType):
        return g
    g = as_tensor_variable(g)
    x = node.inputs[i]
    if g.ndim != x.ndim:
        raise ValueError(f"{node.op}.grad returned a term with {g.ndim} dimensions, but {x.ndim} are required.")
    if dt.is_discrete(g.dtype):
        raise TypeError(
            f"{node.op}.grad illegally returned an integer-valued variable. (Input index {i}, dtype {g.dtype})"
        )
    return g


# -- reverse mode -----------------------------------------------------------------------------------------------------


class _Terms:
    """The gradient of each Variable as it grows: terms are added up when they are asked for."""

    def __init__(self) -> None:
        self.terms: dict[Variable, list[Any]] = {}
        self.null: dict[Variable, Any] = {}
        self.known: set[Variable] = set()

    def add(self, variable: Variable, g: Any) -> None:
        if variable in self.known:
            return
        if isinstance(g.type, NullType):
            self.null[variable] = g
        elif not isinstance(g.type, DisconnectedType):
            self.terms.setdefault(variable, []).append(g)

    def total(self, variable: Variable) -> Any:
        """The gradient, a NullType variable when it does not exist, a DisconnectedType one when there is none."""
        if variable in self.null:
            return self.null[variable]
        terms = self.terms.get(variable)
        if not terms:
            return DisconnectedType()()
        if len(terms) > 1:
            self.terms[variable] = terms = [F.add(*terms)]
        return terms[0]


def _influenced(outputs: Sequence[Variable], wrt: Sequence[Variable], blocked: Sequence[Variable]) -> list[Apply]:
    """The Applies on the way from `wrt` to `outputs`, in order of computation."""
    reached = set(wrt)
    order = []
    for node in walk.toposort(outputs, blocked):
        if any(v in reached for v in node.inputs) or any(v in reached for v in node.outputs):
            pattern = connection_pattern(node)
            hit = [
                any(v in reached and pattern[i][o] for i, v in enumerate(node.inputs)) for o in range(len(node.outputs))
            ]
            if any(hit):
                order.append(node)
            reached.update(out for out, h in zip(node.outputs, hit, strict=True) if h)
    return order


def _pull_back_all(
    terms: _Terms, outputs: Sequence[Variable], wrt: Sequence[Variable], constants: Sequence[Variable]
) -> set[Variable]:
    """Fill `terms`. Returns what is connected: it has a gradient, or at least (as a condition has) one that is zero."""
    blocked = list(constants)
    frozen = set(constants)
    connected = set(outputs) - frozen
    for node in reversed(_influenced(outputs, wrt, blocked)):
        pattern = connection_pattern(node)
        reaching = [
            any(bit and v in connected for bit, v in zip(row, node.outputs, strict=True)) and i not in frozen
            for row, i in zip(pattern, node.inputs, strict=True)
        ]
        connected.update(v for v, reaches in zip(node.inputs, reaching, strict=True) if reaches)
        gradients = [terms.total(v) for v in node.outputs]
        if all(isinstance(g.type, DisconnectedType) for g in gradients):
            continue
        nulls = [g for g in gradients if isinstance(g.type, NullType)]
        if nulls:
            of_inputs: list[Any] = [nulls[0]] * len(node.inputs)
        else:
            of_inputs = _pullback(node, [_as_output(g, v) for g, v in zip(gradients, node.outputs, strict=True)])
        for variable, g, reaches in zip(node.inputs, of_inputs, reaching, strict=True):
            if reaches:
                terms.add(variable, g)
    return connected


def _as_output(g: Any, output: Any) -> Any:
    """The gradient in the dtype of the output, so that derivatives do not widen what they pass through."""
    dtype = getattr(output.type, "dtype", None)
    if isinstance(g.type, DisconnectedType) or dtype not in dt.float_dtypes or g.dtype == dtype:
        return g
    return F.cast(g, dtype) if g.dtype not in dt.complex_dtypes else g


def grad(
    cost: Any,
    wrt: Any,
    consider_constant: Sequence[Any] | None = None,
    disconnected_inputs: str = "raise",
    add_names: bool = True,
    known_grads: Mapping[Any, Any] | None = None,
    return_disconnected: str = "zero",
    null_gradients: str = "raise",
) -> Any:
    """The gradient of the scalar `cost` with respect to `wrt`: a Variable, or a list (tuple) of them.

    - `consider_constant`: Variables through which nothing is differentiated
    - `disconnected_inputs`: ``'raise'`` (DisconnectedInputError), ``'warn'`` or ``'ignore'`` where the cost does not
      depend on an input
    - `add_names`: call the gradient ``(d<cost.name>/d<wrt.name>)`` where both have names
    - `known_grads`: gradients that are known already, by Variable; then `cost` may be None
    - `return_disconnected`: what stands for such an input's gradient: ``'zero'``, ``'None'`` or ``'disconnected'``
    - `null_gradients`: ``'raise'`` (NullTypeGradError) or ``'return'`` where a gradient does not exist

    Raises TypeError when `cost` is no scalar, or is complex, ValueError for another word in these arguments,
    AssertionError when there is neither a cost nor a known gradient. Source: theano.tensor.grad.
    """
    if cost is None and known_grads is None:
        raise AssertionError("cost and known_grads can't both be None.")
    wanted = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    for variable in wanted:
        if not isinstance(variable, Variable):
            raise TypeError(f"Expected Variable, got {variable} of type {type(variable)}")
    _check_words(disconnected_inputs, return_disconnected, null_gradients)
    terms = _Terms()
    outputs = _seed(terms, cost, known_grads or {})
    connected = _pull_back_all(terms, outputs, wanted, list(consider_constant or ()))
    results = []
    for variable in wanted:
        total = terms.total(variable)
        if isinstance(total.type, DisconnectedType) and variable in connected:
            total = F.zeros_like_float(variable)
        g = _result(total, variable, disconnected_inputs, return_disconnected, null_gradients)
        if add_names and g is total and g.owner is not None and g.name is None:
            g.name = f"(d{cost.name}/d{variable.name})" if variable.name and getattr(cost, "name", None) else None
        results.append(g)
    if isinstance(wrt, tuple):
        return tuple(results)
    return results if isinstance(wrt, list) else results[0]


def _check_words(disconnected_inputs: str, return_disconnected: str, null_gradients: str) -> None:
    for name, word, allowed in (
        ("disconnected_inputs", disconnected_inputs, ("ignore", "warn", "raise")),
        ("return_disconnected", return_disconnected.lower(), ("zero", "none", "disconnected")),
        ("null_gradients", null_gradients, ("raise", "return")),
    ):
        if word not in allowed:
            raise ValueError(f"Invalid value for keyword '{name}', valid values are {', '.join(allowed)}: got {word!r}")


def _seed(terms: _Terms, cost: Any, known: Mapping[Any, Any]) -> list[Variable]:
    """Put the gradients in that everything starts from; returns where they start."""
    outputs: list[Variable] = []
    if cost is not None:
        if isinstance(cost.type, NullType):
            raise ValueError(f"Can't differentiate a NaN cost. cost is NaN because {cost.type.why_null}")
        if cost.ndim != 0:
            raise TypeError("cost must be a scalar.", cost)
        if dt.is_complex(cost.dtype):
            raise TypeError("cost must be real: a complex one has no gradient", cost)
        if cost not in known:
            terms.add(cost, F.ones_like(cost, None if cost.dtype in dt.float_dtypes else config.floatX))
        outputs.append(cost)
    for variable, g in known.items():
        g = as_tensor_variable(g)
        if g.ndim != variable.ndim:
            raise TypeError(f"The known gradient of {variable} has {g.ndim} dimensions, not {variable.ndim}")
        terms.terms[variable] = [g]
        terms.known.add(variable)
        outputs.append(variable)
    return outputs


def _result(g: Any, variable: Any, disconnected_inputs: str, return_disconnected: str, null_gradients: str) -> Any:
    if isinstance(g.type, NullType):
        if null_gradients == "raise":
            raise NullTypeGradError(f"tensor.grad encountered a NaN. {g.type.why_null}")
        return g
    if not isinstance(g.type, DisconnectedType):
        return g
    message = (
        "grad method was asked to compute the gradient with respect to a variable that is not part of the "
        f"computational graph of the cost, or is used only by a non-differentiable operator: {variable}"
    )
    if disconnected_inputs == "raise":
        raise DisconnectedInputError(message)
    if disconnected_inputs == "warn":
        warnings.warn(message, stacklevel=3)
    kind = return_disconnected.lower()
    if kind == "zero":
        return F.zeros_like_float(variable)
    return None if kind == "none" else g


__all__ = [
    "DisconnectedInputError",
    "GradientError",
    "NullTypeGradError",
    "Pullback",
    "grad",
    "grad_not_implemented",
    "grad_undefined",
]
