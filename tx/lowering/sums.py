"""Reductions of many elements, on the CPU: of all, as sums of float32 in float64, and of some axes.

The library that sums for XLA (jaxlib 0.10) spends most of that time on converting the elements, in one thread. A loop
that adds parts of the array, one beside the other, is vectorised and divided among threads; what is left for the
library is the sum of one. Where axes are left, XLA reads for each element of the result those that are reduced to it,
one by one: of (5, 1000, 300) along the first axis in 12 ms. Parts along the axis, combined, take 0.4. Products and sums
of integers have no library, and extremes one that leaves NaN out: XLA converts the elements into an array of its own,
and combines them in one thread. Results differ in the order of additions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from math import prod
from typing import Any

import jax
from jax import lax

from tx.graph import Variable
from tx.lowering import direct
from tx.lowering.apart import apart, on_this_cpu
from tx.lowering.elemwise import row
from tx.lowering.layout import is_kept
from tx.lowering.numpy_costs import SMALL
from tx.lowering.numpy_rules import instead_of, is_open_to_numpy
from tx.lowering.numpy_writer import UnsuitedError
from tx.lowering.trace import Trace
from tx.tensor.elemwise import Elemwise, constant_value

#: of fewer elements it does not pay; and of up to so many numpy may compute the sum, without parts
_MANY, _BY_NUMPY = 1 << 13, 1 << 14
#: The same for sums that leave an axis; of more float32 the library's two threads are faster. They take 30 ms more to
#: compile, which many calls are worth. An axis that is divided has so many elements; the last one more.
_FEW, _LONG, _LAST = 1 << 17, 16, 48
#: more parts are a little faster, and take longer to compile
_PARTS = 8
#: Reductions that leave axes are made of parts up to such a length, if the axis is the last one up to this; of so many
#: elements at once, of fewer when there have been many calls, for it takes 30 ms to compile
_LONGEST, _ROW, _LARGE = 4096, 64, 1 << 14
#: the same for sums of float32 that leave none: what the library loses in a call is less, and compiling up to 100 ms
_LARGE_SUM = 1 << 17
#: rows of so many elements are short, of float32, and of float64
_SHORT, _SHORT_WIDE = 10, 4
#: operation -> what combines two parts, and the reduction
_COMBINED: dict[str, tuple[Any, Any]] = {
    "sum": (lax.add, lax.reduce_sum), "prod": (lax.mul, lax.reduce_prod),
    "max": (lax.max, direct.greatest), "min": (lax.min, direct.least),
}  # fmt: skip
#: numpy knows reductions of arrays with so many axes
_AXES = 4
#: rows that are computed in the loop that adds, and how many
_ARITHMETIC, _MOST = {"add", "sub", "mul", "true_div", "neg", "abs_", "sqr"}, 8


def in_parts(trace: Trace, variable: Variable, x: Any, axes: tuple[int, ...], operation: str, dtype: str) -> Any:
    """`x`, the value of `variable`, reduced along `axes` in `dtype`, of which the first step is a loop over parts; None
    where it is left to XLA."""
    if trace.plan is not None or not on_this_cpu(trace) or x.size < _MANY or (operation, x.dtype) == ("sum", "float64"):
        return None
    a_sum = (operation, x.dtype) == ("sum", "float32")
    if len(axes) < x.ndim:
        along = next((d for d in axes if x.shape[d] >= (_LONG if d < x.ndim - 1 else _LAST)), None)
        if along is None or x.size <= _BY_NUMPY or is_kept(trace, x) or (a_sum and x.size > _FEW):
            return None
        if x.size <= SMALL and not trace.pays_later():
            return None
        reduced, arrays = _in_parts(trace, variable, x, x.shape, along, axes, operation, dtype)
        return reduced(None, *arrays)
    if x.size < (_LARGE_SUM if a_sum else _LARGE) and not trace.pays_later():
        return None
    # XLA divides for each element to find the axes of what has been given others
    shape = x.shape if x.ndim and x.shape[0] % _PARTS == 0 else (x.size,)
    reduced, arrays = _in_parts(trace, variable, x, shape, 0, tuple(range(len(shape))), operation, dtype)
    if is_open_to_numpy(trace, x):
        return jax.jit(reduced)(direct.cast(x, dtype), *arrays)
    return reduced(None, *arrays)


def _in_parts(
    trace: Trace, variable: Variable, x: Any, shape: tuple[int, ...], along: int, axes: tuple[int, ...],
    operation: str, dtype: str,
) -> tuple[Callable[..., Any], list[Any]]:  # fmt: skip
    """What reduces `x`, laid out in `shape`, over `axes`, and the arrays it is called with, behind one that it does not
    read: parts along one of the axes are combined, and what that leaves is reduced."""
    arrays, laid_out, part = _cut(trace, variable, x, shape, along, dtype)
    combine, reduction = _COMBINED[operation]
    length, rest = divmod(shape[along], _PARTS)

    def added(*values: Any) -> Any:
        given = laid_out(values)
        return reduce(combine, [part(given, i * length, (i + 1) * length) for i in range(_PARTS)])

    def reduced(_: Any, *values: Any) -> Any:
        total = reduction(apart(trace, added)(*values), axes)
        if not rest:
            return total
        return combine(total, reduction(part(laid_out(values), shape[along] - rest, shape[along]), axes))

    reduced.__name__ = _parts_name(operation)
    return reduced, arrays


def _cut(
    trace: Trace, variable: Variable, x: Any, shape: tuple[int, ...], along: int, dtype: str
) -> tuple[list[Any], Callable[[Iterable[Any]], list[Any]], Callable[[Sequence[Any], int, int], Any]]:
    """For `x`, the value of `variable`, laid out in `shape`: the arrays that it is a formula of, a function that lays
    those out, and one that computes a part of it, from a place to another along an axis, in `dtype`."""
    arrays, nodes = _formula(trace, variable, x.shape) or ({variable: x}, [])

    def laid_out(values: Iterable[Any]) -> list[Any]:
        return [lax.reshape(a, shape if a.size == x.size else ()) for a in values]

    def part(values: Sequence[Any], start: int, stop: int) -> Any:
        piece = (*shape[:along], stop - start, *shape[along + 1 :])
        pieces = {
            v: a if a.ndim == 0 else lax.slice_in_dim(a, start, stop, axis=along)
            for v, a in zip(arrays, values, strict=True)
        }
        for node in nodes:
            inputs = [pieces[v] if v in pieces else trace.known(v) for v in node.inputs]
            pieces[node.outputs[0]] = row(trace, node, piece, *inputs)
        return direct.cast(pieces[variable], dtype)

    return list(arrays.values()), laid_out, part


def folded(trace: Trace, variable: Variable, x: Any, axes: tuple[int, ...], operation: str, dtype: str) -> Any:
    """`x`, the value of `variable`, reduced along `axes` in `dtype`; None where it is left to XLA."""
    if not axes or trace.plan is not None or not on_this_cpu(trace) or is_kept(trace, x):
        return None
    first, behind = axes[0], axes[-1] + 1
    length = prod(x.shape[first:behind])
    longest = _ROW if behind == x.ndim else _LONGEST
    if len(axes) == x.ndim or behind - first != len(axes) or not 1 < length <= longest or x.size < _MANY:
        return None
    if x.size < _LARGE and not trace.pays_later():
        return None
    shape = (*x.shape[:first], length, *x.shape[behind:])
    arrays, laid_out, part = _cut(trace, variable, x, shape, first, dtype)
    combine = _COMBINED[operation][0]

    def combined(*values: Any) -> Any:
        part_of = lambda values, start, stop: part(laid_out(values), start, stop)
        return lax.squeeze(_combined(trace, combine, part_of, values, length, first), (first,))

    call = apart(trace, combined) if _is_stretched(trace, variable, x.shape) else combined

    def fold(_: Any, *values: Any) -> Any:
        return call(*values)

    if len(shape) > _AXES or not is_open_to_numpy(trace, x):
        return fold(None, *arrays)
    fold.__name__ = _fold_name(operation, first)
    return jax.jit(fold)(lax.reshape(x, shape), *arrays)


def _is_stretched(trace: Trace, variable: Variable, shape: tuple[int, ...], deep: int = _MOST) -> bool:
    """Whether a Variable is a formula in which something is repeated along an axis: XLA does not vectorise parts of
    such ones."""
    owner: Any = variable.owner
    if owner is None or not isinstance(owner.op, Elemwise) or variable in trace.positions or not deep:
        return False
    for v in owner.inputs:
        value: Any = trace.values.get(v)
        if getattr(value, "size", 1) > 1 and (value.shape != shape or _is_stretched(trace, v, shape, deep - 1)):
            return True
    return False


def _combined(
    trace: Trace,
    combine: Callable[[Any, Any], Any],
    part: Callable[[Sequence[Any], int, int], Any],
    values: Sequence[Any],
    length: int,
    along: int,
) -> Any:
    """What combines the elements along an axis of this length, which is 1 then; `part` gives parts, from arrays that
    are `values`."""

    def rows(start: int, stop: int) -> list[Any]:
        return [part(values, i, i + 1) for i in range(start, stop)]

    if length <= 2 * _PARTS:
        return reduce(combine, rows(0, length))
    size, rest = divmod(length, _PARTS)

    def added(*values: Any) -> Any:
        return reduce(combine, [part(values, i * size, (i + 1) * size) for i in range(_PARTS)])

    total = apart(trace, added)(*values)
    of_total = lambda values, start, stop: lax.slice_in_dim(values[0], start, stop, axis=along)
    found = _combined(trace, combine, of_total, [total], size, along)
    return reduce(combine, rows(length - rest, length), found)


def of_short_rows(trace: Trace, x: Any, operation: str) -> Any:
    """The rows of a matrix, each reduced, in a loop of its own that combines columns; None where XLA's way is as quick.

    A softmax becomes one call of a library, which takes each row by itself: of 10,000 rows of two it takes 310 us,
    between two such loops, where powers are made of all elements side by side, 35.
    """
    short = 1 < x.shape[1] <= (_SHORT if x.dtype == "float32" else _SHORT_WIDE)
    if not short or trace.plan is not None or not on_this_cpu(trace) or x.size < _MANY or not trace.pays_later():
        return None

    def combined(x: Any) -> Any:
        columns = lambda values, start, stop: lax.slice_in_dim(values[0], start, stop, axis=1)
        return lax.squeeze(_combined(trace, _COMBINED[operation][0], columns, [x], x.shape[1], 1), (1,))

    return apart(trace, combined)(x)


def _fold_name(operation: str, along: int) -> str:
    return f"folded_by_{operation}_along_{along}"


def _reduced(operation: str, along: int, given: Any, x: Any, *values: Any) -> Any:
    """By numpy."""
    return _COMBINED[operation][1](direct.cast(x, given[0].dtype), (along,))


def _parts_name(operation: str) -> str:
    return f"{operation}_in_parts"


def _reduced_whole(operation: str, given: Any, *values: Any) -> Any:
    """By numpy: of the elements in the dtype of the result, which come first, if they do. XLA does not read them, so in
    the body of a loop they are gone."""
    if [a.shape for a in given] != [()] or not values or values[0].dtype != given[0].dtype or values[0].ndim == 0:
        raise UnsuitedError("a reduction in parts")
    return _COMBINED[operation][1](values[0], tuple(range(values[0].ndim)))


for _operation in _COMBINED:
    instead_of(_parts_name(_operation))(partial(_reduced_whole, _operation))
    for _axis in range(_AXES):
        instead_of(_fold_name(_operation, _axis))(partial(_reduced, _operation, _axis))


def _formula(trace: Trace, variable: Variable, shape: tuple[int, ...]) -> tuple[dict[Variable, Any], list[Any]] | None:
    """Arrays, all of one shape, and numbers, and the nodes that make a Variable of them: a few of arithmetic. None if
    there are more. Arrays are in memory, or will be."""
    arrays: dict[Variable, Any] = {}
    nodes: dict[Any, None] = {}
    clients = trace.clients

    def visit(v: Variable) -> bool:
        owner: Any = v.owner
        known = trace.known(v)
        if known is not None or v in arrays or owner in nodes:
            return known is None or known.size == 1
        value = trace.values[v]
        shared = v is not variable and len({node for node, _ in clients.get(v, ())}) > 1
        arithmetic = _is_arithmetic(owner) and not shared and v not in trace.positions
        if value.size == 1 or (value.shape == shape and not arithmetic):
            arrays[v] = value
            return True
        if value.shape != shape or not all(map(visit, owner.inputs)):
            return False
        nodes[owner] = None
        return len(nodes) <= _MOST

    return (arrays, list(nodes)) if visit(variable) else None


def _is_arithmetic(node: Any) -> bool:
    name = node.op.scalar_op.row if node is not None and isinstance(node.op, Elemwise) else None
    return name in _ARITHMETIC or (name == "pow" and constant_value(node.inputs[1]) == 2)


__all__ = ["folded", "in_parts", "of_short_rows"]
