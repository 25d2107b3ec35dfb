"""Forward mode: the graph is walked from the inputs on, each Op asked for its pushforward.

An Op that writes no `R_op` is linear in some of its inputs (the table `LINEAR`), or gets `Pushforward(op)`; one that
only runs on the host, but writes its gradient, is pushed forward by transposing that (and so is Eig, whose lowering
cannot be pushed forward).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, overload

from tx.gradient.derived import derived_pushforward, is_continuous
from tx.gradient.reverse import DisconnectedInputError, Lop, NullTypeGradError, as_list, as_output, like
from tx.gradient.rules import (
    connection_pattern,
    has_pullback,
    inputs_of_influence,
    is_host_only,
    outputs_influenced,
    pullback,
)
from tx.graph import Apply, Variable, testvalues, walk
from tx.graph.core import defines
from tx.scalar import dtypes as dt
from tx.scalar.op import written
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import Alloc, arange
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import Join, MakeVector, Split
from tx.tensor.nlinalg import Eig
from tx.tensor.products import BatchedDot, Dot
from tx.tensor.reduction import Argmax, CAReduce, Sum
from tx.tensor.shapes import Rebroadcast, Reshape, SpecifyShape, patternbroadcast, shape_padright
from tx.tensor.subtensor import IncSubtensor, Subtensor
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType, NullType

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable
    from tx.tensor.variable import _tensor_py_operators as _Tensor

#: Op class -> groups of inputs; the Op is linear in each group, the other inputs held fast. None is all inputs.
LINEAR: dict[type, tuple[tuple[int, ...] | None, ...]] = {
    Alloc: ((0,),),
    BatchedDot: ((0,), (1,)),
    DimShuffle: ((0,),),
    Dot: ((0,), (1,)),
    IncSubtensor: ((0, 1),),
    Join: (None,),
    MakeVector: (None,),
    Rebroadcast: ((0,),),
    Reshape: ((0,),),
    SpecifyShape: ((0,),),
    Split: ((0,),),
    Subtensor: ((0,),),
}


def _linear(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The pushforward of an Op of the table: the Op itself, of the tangents of each group, and their sum."""
    totals: list[Any] = [None] * len(node.outputs)
    for group in LINEAR[type(node.op)]:
        members = range(len(node.inputs)) if group is None else group
        if all(tangents[i] is None for i in members):
            continue
        inputs = list(node.inputs)
        for i in members:
            inputs[i] = F.zeros_like(inputs[i]) if tangents[i] is None else tangents[i]
        terms = node.op.make_node(*inputs).outputs
        totals = [t if total is None else total + t for total, t in zip(totals, terms, strict=True)]
    return totals


def _elementwise(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The pushforward of an elementwise operation. Its Jacobian is diagonal: the table's derivatives serve it too."""
    derivative = node.op.scalar_op.derivative  # type: ignore[attr-defined]
    (out,) = node.outputs
    if dt.is_discrete(out.dtype):
        return [None]
    if derivative is None or any(dt.is_complex(v.dtype) for v in (out, *node.inputs)):
        return derived_pushforward(node, tangents)
    terms = []
    for i, t in enumerate(tangents):
        if t is None:
            continue
        term = written(derivative(F, *node.inputs, out, t)[i])
        if term is ...:
            return derived_pushforward(node, tangents)
        if term is not None:
            terms.append(term)
    if not terms:
        return [None]
    total = terms[0] if len(terms) == 1 else F.add(*terms)
    return [total if total.type.broadcastable == out.type.broadcastable else F.second(out, total)]


def _reduction(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The pushforward of a reduction. Of several largest elements the first one counts."""
    op: Any = node.op
    (x,), (out,), (t,) = node.inputs, node.outputs, tangents
    if dt.is_discrete(out.dtype):
        return [None]
    if op.operation == "sum":
        return [Sum(op.axis, op.dtype, op.acc_dtype)(t)]
    if dt.is_complex(x.dtype):
        return derived_pushforward(node, tangents)
    if op.operation == "prod":
        return [Sum(op.axis)(op.L_op([x], [out], [F.ones_like(out)])[0] * t)]
    gone = op.axes(x.ndim)
    kept = [d for d in range(x.ndim) if d not in gone]
    rows, moved = (_rows(v, kept, gone) for v in (x if op.operation == "max" else -x, t))
    first = F.eq(shape_padright(Argmax((len(kept),))(rows)), arange(rows.shape[len(kept)]))
    return [Sum((len(kept),))(F.switch(first, moved, 0))]


def _rows(x: Any, kept: Sequence[int], gone: Sequence[int]) -> Any:
    """`x` with the axes that go flattened into one, the last."""
    moved = x.dimshuffle(*kept, *gone)
    lengths = [moved.shape[d] for d in range(len(kept))]
    return moved.reshape([*lengths, -1], ndim=len(kept) + 1)


@testvalues.aside
def _transposed(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The pushforward from the pullback: that is linear in the gradients, and its own pullback is the pushforward."""
    gradients = [v.type() if is_continuous(v) else DisconnectedType()() for v in node.outputs]
    of_inputs = pullback(node, gradients)
    pairs = []
    for g, t in zip(of_inputs, tangents, strict=True):
        if t is None or isinstance(g.type, DisconnectedType):
            continue
        if isinstance(g.type, NullType):
            raise NullTypeGradError(f"{node.op} has no derivative to push forward. {g.type.why_null}")
        pairs.append((g, t))
    wrt = [g for g in gradients if not isinstance(g.type, DisconnectedType)]
    functions, points = [g for g, _ in pairs], [t for _, t in pairs]
    found = iter(Lop(functions, wrt, points, disconnected_inputs="ignore"))
    return [None if isinstance(g.type, DisconnectedType) else next(found) for g in gradients]


def _own(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """What the Op's own `R_op` says, checked."""
    op: Any = node.op
    of_outputs = op.R_op(node.inputs, list(tangents))
    if not isinstance(of_outputs, list | tuple):
        raise TypeError(f"{op}.R_op returned {type(of_outputs)}, expected a sequence with a tangent for each output")
    if len(of_outputs) != len(node.outputs):
        raise ValueError(f"{op}.R_op returned {len(of_outputs)} tangents for {len(node.outputs)} outputs")
    checked: list[Any] = []
    for output, t in zip(node.outputs, of_outputs, strict=True):
        if t is None or isinstance(getattr(t, "type", None), DisconnectedType):
            checked.append(None)
            continue
        t = as_tensor_variable(t)
        if t.ndim != output.ndim:
            raise ValueError(f"{op}.R_op returned a tangent with {t.ndim} dimensions for an output with {output.ndim}")
        checked.append(t)
    return checked


def pushforward(node: Apply, tangents: Sequence[Any]) -> list[Any]:
    """The tangents of the outputs of `node` from those of its inputs; None stands for none."""
    if defines(node.op, "R_op"):
        return _own(node, tangents)
    if type(node.op) in LINEAR:
        return _linear(node, tangents)
    for kind, rule in ((Elemwise, _elementwise), (CAReduce, _reduction)):
        if isinstance(node.op, kind):
            return rule(node, tangents)
    if not is_host_only(node.op) and not isinstance(node.op, Eig):
        return derived_pushforward(node, tangents)
    if has_pullback(node.op):
        return _transposed(node, tangents)
    raise NullTypeGradError(f"{node.op} runs on the host only, and writes neither R_op nor a gradient")


def _push_all(outputs: Sequence[Variable], tangents: dict[Variable, Any]) -> set[Variable]:
    """Fill `tangents`. Returns what is connected: it has a tangent, or is flat (integers are) and has none."""
    order = [(node, connection_pattern(node)) for node in walk.toposort(outputs)]
    needed = set(outputs)
    for node, pattern in reversed(order):
        needed.update(compress(node.inputs, inputs_of_influence(node, pattern, needed)))
    connected = set(tangents)
    for node, pattern in order:
        hit = outputs_influenced(node, pattern, connected)
        connected.update(compress(node.outputs, hit))
        if True not in hit or needed.isdisjoint(node.outputs):
            continue
        given = [
            tangents.get(v) if any(compress(row, hit)) else None for v, row in zip(node.inputs, pattern, strict=True)
        ]
        if all(t is None for t in given):
            continue
        for output, t, h in zip(node.outputs, pushforward(node, given), hit, strict=True):
            if t is not None and h and output not in tangents and not dt.is_discrete(getattr(output, "dtype", "int8")):
                tangents[output] = _fit(as_output(t, output), output)
    return connected


def _fit(t: Any, variable: Any) -> Any:
    """The tangent with the broadcast pattern of what it belongs to."""
    pattern = variable.type.broadcastable
    return t if t.type.broadcastable == pattern else patternbroadcast(t, pattern)


@overload
def Rop(
    f: _Tensor, wrt: Any, eval_points: Any, disconnected_outputs: str = ..., return_disconnected: str = ...
) -> TensorVariable: ...
@overload
def Rop(
    f: list[Any], wrt: Any, eval_points: Any, disconnected_outputs: str = ..., return_disconnected: str = ...
) -> list[TensorVariable]: ...
@overload
def Rop(f: Any, wrt: Any, eval_points: Any, disconnected_outputs: str = ..., return_disconnected: str = ...) -> Any: ...
def Rop(
    f: Any, wrt: Any, eval_points: Any, disconnected_outputs: str = "raise", return_disconnected: str = "zero"
) -> Any:
    """The R-operator: the Jacobian of `f` with respect to `wrt` times `eval_points` (a tangent for each of `wrt`).

    `f`, `wrt` and `eval_points` are Variables or lists of them; the result has the form of `f`.

    - `disconnected_outputs`: ``'raise'`` (DisconnectedInputError), ``'warn'`` or ``'ignore'`` where one of `f` is a
      leaf that is none of `wrt`, or computed by an Op that no derivative passes (a shape); other functions that depend
      on none of `wrt` have the tangent zero
    - `return_disconnected`: what stands for the tangent then: ``'zero'``, ``'None'`` or ``'disconnected'``

    Raises AssertionError unless there is a point for each of `wrt`, ValueError for a point of another rank, or another
    word in these arguments. Source: theano.gradient.Rop.
    """
    wanted, points = as_list(wrt), as_list(eval_points)
    if len(wanted) != len(points):
        raise AssertionError(f"{len(wanted)} variables, but {len(points)} points to evaluate at")
    for name, word, allowed in (
        ("disconnected_outputs", disconnected_outputs, ("ignore", "warn", "raise")),
        ("return_disconnected", return_disconnected.lower(), ("zero", "none", "disconnected")),
    ):
        if word not in allowed:
            raise ValueError(f"Invalid value for keyword '{name}', valid values are {', '.join(allowed)}: got {word!r}")
    tangents: dict[Variable, Any] = {}
    for i, (variable, point) in enumerate(zip(wanted, points, strict=True)):
        point = as_tensor_variable(point)
        if point.ndim != variable.ndim:
            raise ValueError(
                f"Element {i} of wrt/eval_point have mismatched dimensionality: {variable.ndim} versus {point.ndim}"
            )
        tangents[variable] = _fit(point, variable)
    functions = as_list(f)
    connected = _push_all(functions, tangents)
    results = []
    for function in functions:
        t = tangents.get(function)
        if t is None and function in connected:
            t = F.zeros_like_float(function)
        elif t is None:
            t = F.zeros_like_float(function) if _has_tangent(function, connected) else _disconnected(
                function, disconnected_outputs, return_disconnected.lower())  # fmt: skip
        results.append(t)
    return like(f, results)


def _has_tangent(function: Any, connected: set[Variable]) -> bool:
    """Whether the tangent of what depends on none of the variables exists: it is zero, as those of leaves are.

    What its Op is not connected with has none, nor have integers that are no elementwise function, nor a leaf itself
    (so it is in Theano).
    """
    node = function.owner
    if node is None or not isinstance(function.type, TensorType):
        return False
    if dt.is_discrete(function.dtype) and not isinstance(node.op, Elemwise):
        return False
    if any(v in connected for v in node.inputs):
        return False
    return any(row[function.index] for row in connection_pattern(node))


def _disconnected(function: Any, disconnected_outputs: str, kind: str) -> Any:
    message = (
        "Rop was asked to compute the tangent of a variable that none of the variables it is differentiated by has an "
        f"influence on, or only through operators that are not differentiable: {function}"
    )
    if disconnected_outputs == "raise":
        raise DisconnectedInputError(message)
    if disconnected_outputs == "warn":
        warnings.warn(message, stacklevel=3)
    if kind == "zero" and isinstance(function.type, TensorType):
        return F.zeros_like_float(function)
    return None if kind == "none" else DisconnectedType()()


__all__ = ["Rop", "pushforward"]
