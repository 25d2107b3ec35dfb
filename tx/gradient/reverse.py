"""Reverse mode: the graph is walked from the cost back, each Op asked for its pullback."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import compress
from typing import TYPE_CHECKING, Any, overload

from tx.configuration import config
from tx.gradient.rules import connection_pattern, inputs_of_influence, outputs_influenced, pullback
from tx.graph import Apply, Variable, walk
from tx.graph.utils import Documented
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType, NullType

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable
    from tx.tensor.variable import _tensor_py_operators as _Tensor


class DisconnectedInputError(Documented, ValueError):
    """Raised by `grad` when the cost does not depend on what it is differentiated by."""

    page = "disconnected_input"


class NullTypeGradError(Documented, TypeError):
    """Raised by `grad` when a gradient is needed that does not exist."""

    page = "null_gradient"


#: what stands in `disconnected_inputs`, `return_disconnected` and `null_gradients`
_Words = tuple[str, str, str]


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
            tensors = all(isinstance(t.type, TensorType) for t in terms)
            self.terms[variable] = terms = [F.add(*terms) if tensors else reduce(operator.add, terms)]
        return terms[0]


def _influenced(
    outputs: Sequence[Variable], wrt: Sequence[Variable], blocked: Sequence[Variable]
) -> tuple[list[tuple[Apply, list[list[bool]]]], set[Variable]]:
    """The Applies on the way from `wrt` to `outputs`, in order of computation, with their connection patterns; and all
    Variables on that way."""
    reached = set(wrt)
    order = []
    for node in walk.toposort(outputs, blocked):
        if reached.isdisjoint(node.inputs):
            continue
        pattern = connection_pattern(node)
        hit = outputs_influenced(node, pattern, reached)
        if True in hit:
            order.append((node, pattern))
            reached.update(compress(node.outputs, hit))
    return order, reached


def _pull_back_all(
    terms: _Terms, outputs: Sequence[Variable], wrt: Sequence[Variable], constants: Sequence[Variable]
) -> set[Variable]:
    """Fill `terms`. Returns what is connected: it has a gradient, or at least (as a condition has) one that is zero."""
    connected = set(outputs)
    order, asked = _influenced(outputs, wrt, constants)
    for node, pattern in reversed(order):
        reaching = inputs_of_influence(node, pattern, connected)
        connected.update(compress(node.inputs, reaching))
        gradients = [terms.total(v) for v in node.outputs]
        if all(isinstance(g.type, DisconnectedType) for g in gradients):
            continue
        wanted = [i for i, (v, reaches) in enumerate(zip(node.inputs, reaching, strict=True)) if reaches and v in asked]
        nulls = [g for g in gradients if isinstance(g.type, NullType)]
        if nulls:
            of_inputs: list[Any] = [nulls[0]] * len(node.inputs)
        else:
            given = [as_output(g, v) for g, v in zip(gradients, node.outputs, strict=True)]
            of_inputs = pullback(node, given, wanted)
        for i in wanted:
            terms.add(node.inputs[i], of_inputs[i])
    return connected


def as_output(g: Any, output: Any) -> Any:
    """The gradient in the dtype of the output, so that derivatives do not widen what they pass through."""
    dtype = getattr(output.type, "dtype", None)
    if isinstance(g.type, DisconnectedType) or dtype not in dt.float_dtypes or g.dtype == dtype:
        return g
    return g.astype(dtype) if g.dtype not in dt.complex_dtypes else g


@overload
def grad(
    cost: Any,
    wrt: _Tensor,
    consider_constant: Sequence[Any] | None = ...,
    disconnected_inputs: str = ...,
    add_names: bool = ...,
    known_grads: Mapping[Any, Any] | None = ...,
    return_disconnected: str = ...,
    null_gradients: str = ...,
) -> TensorVariable: ...
@overload
def grad(
    cost: Any,
    wrt: list[Any],
    consider_constant: Sequence[Any] | None = ...,
    disconnected_inputs: str = ...,
    add_names: bool = ...,
    known_grads: Mapping[Any, Any] | None = ...,
    return_disconnected: str = ...,
    null_gradients: str = ...,
) -> list[TensorVariable]: ...
@overload
def grad(
    cost: Any,
    wrt: Any,
    consider_constant: Sequence[Any] | None = ...,
    disconnected_inputs: str = ...,
    add_names: bool = ...,
    known_grads: Mapping[Any, Any] | None = ...,
    return_disconnected: str = ...,
    null_gradients: str = ...,
) -> Any: ...
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
    - `known_grads`: gradients that are known already, by Variable; then `cost` may be None. They replace what the cost
      would say of these Variables
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
    words = disconnected_inputs, return_disconnected, null_gradients
    results = _results(terms, wanted, connected, words)
    if add_names and getattr(cost, "name", None):
        for variable, g in zip(wanted, results, strict=True):
            if variable.name and g is terms.total(variable) and g.owner is not None and g.name is None:
                g.name = f"(d{cost.name}/d{variable.name})"
    return like(wrt, results)


def like(model: Any, results: list[Any]) -> Any:
    """`results` in the form of `model`: a list, a tuple, or the only one."""
    if isinstance(model, tuple):
        return tuple(results)
    return results if isinstance(model, list) else results[0]


def format_as(use_list: bool, use_tuple: bool, outputs: Any) -> Any:
    """`outputs` (one, or several) as a list, as a tuple, or as the only one. Raises AssertionError for both flags, or
    when one is asked for and there are several. Source: theano.gradient.format_as.
    """
    if use_list and use_tuple:
        raise AssertionError("Both flags cannot be simultaneously True")
    found = as_list(outputs)
    if not (use_list or use_tuple) and len(found) != 1:
        raise AssertionError("Wrong arguments. Expected a one element list")
    return like([] if use_list else () if use_tuple else None, found)


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
            dtype = cost.dtype if cost.dtype in dt.float_dtypes else config.floatX
            terms.add(cost, F.second(cost, constant(1, dtype=dtype)))
        outputs.append(cost)
    for variable, g in known.items():
        terms.terms[variable] = [_known(variable, g)]
        terms.known.add(variable)
        outputs.append(variable)
    return outputs


def _known(variable: Any, g: Any) -> Any:
    """A gradient that the user gives. Raises TypeError when it has another rank than the Variable."""
    g = g if isinstance(getattr(g, "type", None), DisconnectedType) else as_tensor_variable(g)
    if not isinstance(g.type, DisconnectedType) and g.ndim != variable.ndim:
        raise TypeError(f"The known gradient of {variable} has {g.ndim} dimensions, not {variable.ndim}")
    return g


def _results(terms: _Terms, wanted: Sequence[Any], connected: set[Variable], words: _Words) -> list[Any]:
    """What stands for the gradient of each wanted Variable; zeros where it is connected without having one."""
    results = []
    for variable in wanted:
        total = terms.total(variable)
        if isinstance(total.type, DisconnectedType) and variable in connected:
            total = _zeros(variable)
        results.append(_result(total, variable, *words))
    return results


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
        warnings.warn(message, stacklevel=4)
    kind = return_disconnected.lower()
    if kind == "zero":
        return _zeros(variable)
    return None if kind == "none" else g


def _zeros(variable: Any) -> Any:
    """What stands for a gradient that is zero: sparse, of a sparse Variable."""
    return F.zeros_like_float(variable) if isinstance(variable.type, TensorType) else variable.zeros_like()


def as_list(value: Any) -> list[Any]:
    """The elements of a list or tuple, or the only one."""
    return list(value) if isinstance(value, list | tuple) else [value]


@overload
def Lop(
    f: Any,
    wrt: _Tensor,
    eval_points: Any,
    consider_constant: Sequence[Any] | None = ...,
    disconnected_inputs: str = ...,
) -> TensorVariable: ...
@overload
def Lop(
    f: Any,
    wrt: list[Any],
    eval_points: Any,
    consider_constant: Sequence[Any] | None = ...,
    disconnected_inputs: str = ...,
) -> list[TensorVariable]: ...
@overload
def Lop(
    f: Any, wrt: Any, eval_points: Any, consider_constant: Sequence[Any] | None = ..., disconnected_inputs: str = ...
) -> Any: ...
def Lop(
    f: Any,
    wrt: Any,
    eval_points: Any,
    consider_constant: Sequence[Any] | None = None,
    disconnected_inputs: str = "raise",
) -> Any:
    """The L-operator: `eval_points` (a gradient for each of `f`) times the Jacobian of `f` with respect to `wrt`.

    `f`, `wrt` and `eval_points` are Variables or lists of them; the result has the form of `wrt`. The other arguments
    are those of `grad`. Where one of `f` depends on another, both contribute.
    Raises AssertionError unless there is a point for each of `f`. Source: theano.gradient.Lop.
    """
    functions, points = as_list(f), as_list(eval_points)
    if len(functions) != len(points):
        raise AssertionError(f"{len(functions)} functions, but {len(points)} points to evaluate at")
    words = disconnected_inputs, "zero", "raise"
    _check_words(*words)
    return like(wrt, pull_back(functions, as_list(wrt), points, consider_constant or (), words))


def pull_back(
    functions: Sequence[Any], wrt: Sequence[Any], points: Sequence[Any], constants: Sequence[Any], words: _Words
) -> list[Any]:
    """As `Lop`, of lists. `words` are `disconnected_inputs`, `return_disconnected` and `null_gradients` of `grad`."""
    terms = _Terms()
    for function, point in zip(functions, points, strict=True):
        terms.add(function, _known(function, point))
    connected = _pull_back_all(terms, functions, wrt, list(constants))
    return _results(terms, wrt, connected, words)


def subgraph_grad(
    wrt: Any, end: Any, start: Mapping[Any, Any] | None = None, cost: Any = None, details: bool = False
) -> Any:
    """The gradients of a part of a graph, from `cost` or from the gradients in `start`, back to `end` and no further.

    Returns the list of gradients by `wrt` (the parameters on the way) and that by `end`; both from `start` and `cost`
    where both are given. With `details` also those that `start` alone and `cost` alone contribute to wrt and end (None
    without one). A network can so be differentiated layer by layer: the gradients by `end` start the next part.
    Raises AssertionError when `wrt` or `end` is no list, `start` no dict, or neither `start` nor `cost` is given.
    Source: theano.gradient.subgraph_grad.
    """
    if start is None and cost is None:
        raise AssertionError("`cost` or `start` must be given.")
    if not isinstance(wrt, list) or not isinstance(end, list):
        raise AssertionError("`wrt` and `end` must be lists.")
    if start is not None and not isinstance(start, dict):
        raise AssertionError("`start` must be a dict from Variables to their gradients.")
    both = wrt + end
    options: dict[str, Any] = {"consider_constant": end, "disconnected_inputs": "ignore"}
    from_start = None if start is None else grad(None, both, known_grads=start, **options)
    from_cost = None if cost is None else grad(cost, both, **options)
    parts = [p for p in (from_start, from_cost) if p is not None]
    total = parts[0] if len(parts) == 1 else [a + b for a, b in zip(*parts, strict=True)]
    gradients = total[: len(wrt)], total[len(wrt) :]
    return (*gradients, from_start, from_cost) if details else gradients


__all__ = [
    "DisconnectedInputError",
    "Lop",
    "NullTypeGradError",
    "as_list",
    "as_output",
    "format_as",
    "grad",
    "like",
    "pull_back",
    "subgraph_grad",
]
