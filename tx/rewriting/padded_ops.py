"""How reductions, products, joining, sorting and choosing are padded. See `padding`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tx.gradient import Mark
from tx.graph import Apply, Constant
from tx.ifelse import IfElse
from tx.rewriting.padded_shapes import elements, product_of_lengths, vector_of_parts
from tx.rewriting.padding import Axis, Entry, Padding, Size, Unpaddable, common, masked, pads, rebuilt, safe
from tx.tensor import math as F
from tx.tensor.assertions import Assert
from tx.tensor.cumulative import CumOp
from tx.tensor.elemwise import Elemwise
from tx.tensor.joining import Join, MakeVector, Split
from tx.tensor.nnet.basic import LogSoftmax, Softmax
from tx.tensor.products import BatchedDot, Dot
from tx.tensor.reduction import Argmax, CAReduce, ProductOfOthers, neutral
from tx.tensor.sort import ArgSort, Sort, TopK
from tx.tensor.subtensor import IncSubtensor, Nonzero, getitem

# -- what mixes elements ----------------------------------------------------------------------------------------------


def _neutral(operation: str, dtype: str) -> Any:
    """What makes no difference to a reduction."""
    found = neutral(operation, dtype)
    if found is None:
        raise Unpaddable("complex numbers have no smallest one")
    return found


def _left(x: Entry, gone: Sequence[int]) -> dict[int, Axis]:
    """The padded axes of what is left of a tensor when some axes go."""
    kept = [d for d in range(x.value.ndim) if d not in gone]
    return {k: x.axes[d] for k, d in enumerate(kept) if d in x.axes}


@pads(CAReduce)
def reduction(p: Padding, node: Apply, x: Entry) -> Entry:
    """Padding that is reduced over is made neutral."""
    op: Any = node.op
    if x.parts is not None and op.operation == "prod":
        return _number_of_elements(p, node, x, x.parts)
    gone = op.axes(x.value.ndim)
    inside = [d for d in x.axes if d in gone]
    value = masked(x, _neutral(op.operation, x.value.dtype), inside) if inside else x.value
    return Entry(op(value), _left(x, gone), varies=x.varies or x.parts is not None)


def _number_of_elements(p: Padding, node: Apply, x: Entry, parts: list[Entry]) -> Entry:
    e = Entry(rebuilt(node, [x]).outputs[0])
    length = product_of_lengths(p, parts)
    if length is None:
        e.varies = any(not part.plain for part in parts)
    else:
        e.size = Size(length, node.op(x.bound))
    return e


@pads(Argmax)
def argmax(p: Padding, node: Apply, x: Entry) -> Entry:
    """Padding is made smallest; being last, it does not win a tie."""
    op: Any = node.op
    gone = range(x.value.ndim) if op.axis is None else op.axis
    inside = [d for d in x.axes if d in gone]
    if any(d != min(gone) for d in inside):
        raise Unpaddable("positions are counted across an axis that varies")
    value = masked(x, _neutral("max", x.value.dtype), inside) if inside else x.value
    return Entry(op(value), _left(x, gone))


def _contracted(x: Entry, d: int, y: Entry, k: int) -> tuple[Any, Any]:
    """The values of two operands that are summed over along these axes."""
    if (d in x.axes) != (k in y.axes) or (d in x.axes and x.axes[d].length != y.axes[k].length):
        raise Unpaddable("a product along axes whose lengths need not be equal")
    return (masked(x, 0, [d]), masked(y, 0, [k])) if d in x.axes else (x.value, y.value)


@pads(ProductOfOthers)
def product_of_others(p: Padding, node: Apply, x: Entry) -> Entry:
    """Padding is made 1, as in the product."""
    gone = range(x.value.ndim) if node.op.axis is None else node.op.axis  # type: ignore[attr-defined]
    inside = [d for d in x.axes if d in gone]
    return replace(x, value=node.op(masked(x, 1, inside) if inside else x.value))


@pads(Dot)
def dot(p: Padding, node: Apply, x: Entry, y: Entry) -> Entry:
    """Padding that is summed over is made zero on both sides: a zero times NaN is NaN."""
    last = x.value.ndim - 1
    axes = {d: axis for d, axis in x.axes.items() if d < last}
    axes |= {d + last - 1: axis for d, axis in y.axes.items() if d > 0}
    return Entry(node.op(*_contracted(x, last, y, 0)), axes)


@pads(BatchedDot)
def batched_dot(p: Padding, node: Apply, x: Entry, y: Entry) -> Entry:
    """As `dot`; the first axes go together."""
    last = x.value.ndim - 1
    axes = {d: axis for d, axis in x.axes.items() if 0 < d < last}
    axes |= {d + last - 2: axis for d, axis in y.axes.items() if d > 1}
    first = [
        Entry(getitem(e.value, (slice(None), *[0] * (e.value.ndim - 1))), {0: e.axes[0]} if 0 in e.axes else {})
        for e in (x, y)
    ]
    return Entry(node.op(*_contracted(x, last, y, 1)), axes | common(first, 1))


@pads(Nonzero)
def nonzero(p: Padding, node: Apply, x: Entry, count: Entry) -> list[Entry]:
    """Padding counts as zero. How many others there are is data."""
    return [Entry(v) for v in node.op(masked(x, 0), count.bound, return_list=True)]


# -- what mixes elements along one axis only --------------------------------------------------------------------------


def _rows(node: Any) -> int:
    return int(node.inputs[0].type.ndim - 1)


def _own(node: Any) -> int:
    if node.op.axis is None and node.inputs[0].type.ndim != 1:
        raise Unpaddable("a flattened tensor")
    return int((node.op.axis or 0) % node.inputs[0].type.ndim)


#: Op -> the axis that it mixes, and what padding may be there (None: none; otherwise what makes no difference)
_ALONG: dict[type, tuple[Callable[[Any], int], Any]] = {
    Softmax: (_rows, lambda op: -np.inf),
    LogSoftmax: (_rows, lambda op: -np.inf),
    CumOp: (_own, lambda op: 0 if op.mode == "add" else 1),
    Sort: (_own, None),
    ArgSort: (_own, None),
    TopK: (_own, None),
}


def _settled(node: Apply, given: Sequence[Entry]) -> list[Any]:
    """The inputs of a node in `_ALONG`, with padding that makes no difference."""
    mixed, fill = _ALONG[type(node.op)]
    x, *rest = given
    if any(not e.plain for e in rest):
        raise Unpaddable(f"{node.op} of lengths")
    d = mixed(node)
    if d not in x.axes:
        return [e.value for e in given]
    if fill is None:
        raise Unpaddable(f"{node.op} along an axis that varies")
    return [masked(x, fill(node.op), [d]), *(e.value for e in rest)]


@pads(*_ALONG)
def along_an_axis(p: Padding, node: Apply, *given: Entry) -> list[Entry]:
    """Rows stay apart; along the axis padding makes no difference."""
    made = node.op.make_node(*_settled(node, given))
    return [Entry(v, given[0].axes) for v in made.outputs]


def _of_product(op: Any, given: Sequence[Entry]) -> list[Any]:
    """Inputs of a product, without padding that could be multiplied with a gradient of zero."""
    return [masked(e, 0) for e in given]


def _of_elements(op: Any, given: Sequence[Entry]) -> list[Any]:
    """Inputs of an elementwise operation, and padding with derivatives that there are anyway."""
    return [safe(e) for e in given]


def _of_rows(op: Any, given: Sequence[Entry]) -> list[Any]:
    return _settled(op.make_node(*[e.value for e in given]), given)


#: Op -> what its pullback is given
_PULLED: dict[type, Callable[[Any, Sequence[Entry]], list[Any]]] = {
    BatchedDot: _of_product,
    Elemwise: _of_elements,
    **dict.fromkeys(_ALONG, _of_rows),
}


def pullback(p: Padding, node: Apply, *given: Entry) -> list[Entry]:
    """That of the padded Op; padding has no gradient."""
    op: Any = node.op
    settle = _PULLED.get(type(op.op))
    if settle is None:
        raise Unpaddable(f"the gradient of {op.op}")
    inputs, gradients = given[: op.nin], given[op.nin :]
    inner = Padding({v: e for v, e in zip(node.inputs, inputs, strict=False) if not isinstance(v, Constant)}, p.terms)
    forward = op.op.make_node(*node.inputs[: op.nin])
    found = inner.run(forward.outputs)
    if any(g.lengths() != found[o].lengths() for o, g in zip(op.outputs, gradients, strict=True)):
        raise Unpaddable("a gradient of another length")
    values = [*settle(op.op, inputs), *[masked(g, 0) for g in gradients]]
    return [Entry(v, inputs[i].axes) for v, i in zip(op.make_node(*values).outputs, op.wrt, strict=True)]


# -- joining, choosing, marks -----------------------------------------------------------------------------------------


@pads(Join)
def join(p: Padding, node: Apply, *given: Entry) -> Entry:
    """Along the padded axis single elements may stand before and behind; they are written where padding begins."""
    op: Any = node.op
    d = op.axis
    if any(e.parts is not None for e in given):
        return vector_of_parts([part for e in given for part in elements(e, _count(e))])
    if any(e.varies for e in given):
        return Entry(rebuilt(node, given).outputs[0], varies=True)
    others = [Entry(e.value, {k: a for k, a in e.axes.items() if k != d}) for e in given]
    for k in range(node.outputs[0].type.ndim):
        lengths = {o.lengths().get(k) for o in others if k != d}
        if len(lengths) > 1:
            raise Unpaddable("tensors are joined whose other lengths need not be equal")
    axes = dict(others[0].axes)
    padded = [i for i, e in enumerate(given) if d in e.axes]
    value = rebuilt(node, given).outputs[0]
    if not padded:
        return Entry(value, axes)
    if len(padded) > 1 or any(not e.value.type.broadcastable[d] for e in given if d not in e.axes):
        raise Unpaddable("tensors are joined along an axis that varies")
    (i,) = padded
    axis = given[i].axes[d]
    behind = given[i + 1 :]
    for k, e in enumerate(behind):
        place = F.add(axis.true, i + k)
        row = getitem(e.value, (*[slice(None)] * d, 0))
        pattern = (*[(False, False, False)] * d, "int", *[(False, False, False)] * (e.value.ndim - d - 1))
        value = IncSubtensor(pattern, True)(value, row, place)
    length = axis.length + (len(given) - 1)
    return Entry(value, axes | {d: Axis(length, F.add(axis.true, len(given) - 1))})


def _count(e: Entry) -> int:
    """How many elements a vector of lengths has."""
    if e.parts is not None:
        return len(e.parts)
    if isinstance(e.value, Constant):
        return len(e.value.data)
    if e.value.owner is not None and isinstance(e.value.owner.op, MakeVector):
        return len(e.value.owner.inputs)
    if e.value.type.broadcastable[0]:
        return 1
    raise Unpaddable("a vector of lengths of unknown length")


@pads(Split)
def split(p: Padding, node: Apply, x: Entry, lengths: Entry) -> list[Entry]:
    """The part that varies is padded; what stands behind it begins where the true part ends."""
    op: Any = node.op
    d = op.axis
    parts = elements(lengths, op.len_splits)
    sized = [i for i, n in enumerate(parts) if n.size is not None]
    if d not in x.axes:
        if sized:
            raise Unpaddable("a tensor is split into lengths that vary")
        return [Entry(v, x.axes) for v in rebuilt(node, [x, lengths]).outputs]
    if len(sized) != 1 or any(n.varies for n in parts):
        raise Unpaddable("an axis that varies is split")
    (i,) = sized
    outputs = list(op.make_node(x.value, lengths.bound).outputs)
    rest = {k: a for k, a in x.axes.items() if k != d}
    start = parts[i].value
    for before in parts[:i]:
        start = F.add(start, before.value)
    for k in range(i + 1, len(parts)):
        # A slice with a dynamic start: as many elements as the part has.
        stop = F.add(start, parts[k].value)
        outputs[k] = getitem(x.value, (*[slice(None)] * d, slice(start, stop)))
        start = stop
    size = parts[i].size
    assert size is not None
    found = [Entry(v, dict(rest)) for v in outputs]
    found[i].axes[d] = p.axis(size.length, parts[i].value)
    return found


@pads(IfElse)
def if_else(p: Padding, node: Apply, condition: Entry, *given: Entry) -> list[Entry]:
    """Both branches must be padded alike."""
    n = len(node.outputs)
    axes = []
    for a, b in zip(given[:n], given[n:], strict=True):
        if a.lengths() != b.lengths():
            raise Unpaddable("branches of different lengths")
        axes.append(a.axes)
    made = rebuilt(node, [condition, *given])
    lengths = [any(e.size or e.parts or e.varies for e in pair) for pair in zip(given[:n], given[n:], strict=True)]
    return [Entry(v, x, varies=of) for v, x, of in zip(made.outputs, axes, lengths, strict=True)]


@pads(Mark)
def mark(p: Padding, node: Apply, x: Entry) -> Entry:
    """Nothing to be done."""
    return replace(x, value=rebuilt(node, [x]).outputs[0])


@pads(Assert)
def assertion(p: Padding, node: Apply, x: Entry, *conditions: Entry) -> Entry:
    """Padding of conditions holds."""
    return replace(x, value=node.op(x.value, *[masked(c, 1) for c in conditions]))


__all__ = ["pullback"]
