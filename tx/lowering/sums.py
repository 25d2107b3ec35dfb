"""Sums of very many float32, added in float64, on the CPU.

The library that sums for XLA (jaxlib 0.10) spends most of that time on converting the elements, in one thread. A loop
that adds parts of the array, one beside the other, is vectorised and divided among threads; what is left for the
library is the sum of one. Results differ in the order of additions only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import jax
from jax import lax

from tx.graph import Variable
from tx.lowering import direct
from tx.lowering.apart import apart, on_this_cpu
from tx.lowering.elemwise import row
from tx.lowering.layout import is_kept
from tx.lowering.numpy_rules import instead_of, is_open_to_numpy
from tx.lowering.numpy_writer import UnsuitedError
from tx.lowering.trace import Trace
from tx.tensor.elemwise import Elemwise, constant_value

#: of fewer elements it does not pay; and of up to so many numpy may compute the sum, without parts
_MANY, _BY_NUMPY = 1 << 13, 1 << 14
#: The same for sums that leave an axis; of more elements the library's two threads are faster. They take 30 ms more to
#: compile, which many calls are worth. An axis that is divided has so many elements; the last one more.
_FEW, _LONG, _LAST = 1 << 17, 16, 48
#: more parts are a little faster, and take longer to compile
_PARTS = 8
#: rows that are computed in the loop that adds, and how many
_ARITHMETIC, _MOST = {"add", "sub", "mul", "true_div", "neg", "abs_", "sqr"}, 8


def sum_in_float64(trace: Trace, variable: Variable, x: Any, axes: tuple[int, ...]) -> Any:
    """The sum of `x`, the value of `variable`, along `axes`; None where it is left to the library."""
    if x.dtype != "float32" or trace.plan is not None or not on_this_cpu(trace) or x.size < _MANY:
        return None
    if len(axes) < x.ndim:
        along = next((d for d in axes if x.shape[d] >= (_LONG if d < x.ndim - 1 else _LAST)), None)
        if along is None or not _BY_NUMPY < x.size <= _FEW or is_kept(trace, x) or not trace.pays_later():
            return None
        summed, arrays = _in_parts(trace, variable, x, x.shape, along, axes)
        return summed(None, *arrays)
    # XLA divides for each element to find the axes of what has been given others
    shape = x.shape if x.ndim and x.shape[0] % _PARTS == 0 else (x.size,)
    summed, arrays = _in_parts(trace, variable, x, shape, 0, tuple(range(len(shape))))
    if is_open_to_numpy(trace, x):
        return jax.jit(summed)(direct.cast(x, "float64"), *arrays)
    return summed(None, *arrays)


def _in_parts(
    trace: Trace, variable: Variable, x: Any, shape: tuple[int, ...], along: int, axes: tuple[int, ...]
) -> tuple[Callable[..., Any], list[Any]]:
    """What sums `x`, laid out in `shape`, over `axes`, and the arrays it is called with, behind one that it does not
    read: parts along one of the axes are added, and what that leaves."""
    arrays, nodes = _formula(trace, variable, x.shape) or ({variable: x}, [])
    length, rest = divmod(shape[along], _PARTS)

    def laid_out(values: Iterable[Any]) -> list[Any]:
        return [lax.reshape(a, shape if a.size == x.size else ()) for a in values]

    def doubles(values: Sequence[Any], start: int, stop: int) -> Any:
        piece = (*shape[:along], stop - start, *shape[along + 1 :])
        pieces = {
            v: a if a.ndim == 0 else lax.slice_in_dim(a, start, stop, axis=along)
            for v, a in zip(arrays, values, strict=True)
        }
        for node in nodes:
            inputs = [pieces[v] if v in pieces else trace.known(v) for v in node.inputs]
            pieces[node.outputs[0]] = row(trace, node, piece, *inputs)
        return direct.cast(pieces[variable], "float64")

    def added(*values: Any) -> Any:
        given = laid_out(values)
        return reduce(lax.add, [doubles(given, i * length, (i + 1) * length) for i in range(_PARTS)])

    def sum_in_parts(_: Any, *values: Any) -> Any:
        total = lax.reduce_sum(apart(trace, added)(*values), axes)
        if not rest:
            return total
        return lax.add(total, lax.reduce_sum(doubles(laid_out(values), shape[along] - rest, shape[along]), axes))

    return sum_in_parts, list(arrays.values())


@instead_of("sum_in_parts")
def _sum(given: Any, *values: Any) -> Any:
    """By numpy: of the elements in float64, which come first, if they do. XLA does not read them, so in the body of a
    loop they are gone."""
    if [a.shape for a in given] != [()] or not values or values[0].dtype != "float64":
        raise UnsuitedError("a sum in parts")
    return lax.reduce_sum(values[0], tuple(range(values[0].ndim)))


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


__all__ = ["sum_in_float64"]
