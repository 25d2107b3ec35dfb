"""How elementwise operations, shapes, and tensors made of lengths are padded. See `padding`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tx.graph import Apply, Constant
from tx.rewriting.padding import Axis, Entry, Length, Padding, Size, Unpaddable, common, pads, rebuilt
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import constant
from tx.tensor.creation import Alloc, ARange, Eye
from tx.tensor.creation import arange as arange_of
from tx.tensor.elemwise import DimShuffle, Elemwise, constant_value
from tx.tensor.joining import MakeVector, make_vector
from tx.tensor.shapes import Rebroadcast, Reshape, Shape, Shape_i, SpecifyShape
from tx.tensor.shapes import reshape as flat_reshape
from tx.tensor.subtensor import getitem

# -- lengths ----------------------------------------------------------------------------------------------------------


def number(e: Entry) -> int | None:
    """The integer that a constant is, else None."""
    value = constant_value(e.value)
    return None if value is None or not e.plain else int(value)


def _sum(p: Padding, given: Sequence[Entry]) -> Length | None:
    """A length plus numbers."""
    size, numbers = _apart(given)
    return None if size is None or numbers is None or size.length.scaled else size.length + sum(numbers)


def _apart(given: Sequence[Entry]) -> tuple[Size | None, list[int] | None]:
    """The only length that there is, and the numbers that there are besides, if they are all known."""
    sizes = [e.size for e in given if e.size is not None]
    numbers = [number(e) for e in given if e.size is None]
    known = [n for n in numbers if n is not None]
    return sizes[0] if len(sizes) == 1 else None, known if len(known) == len(numbers) else None


def _difference(p: Padding, given: Sequence[Entry]) -> Length | None:
    """A length minus a number."""
    size, less = given[0].size, number(given[1])
    return None if size is None or less is None or size.length.scaled else size.length + -less


def product_of_lengths(p: Padding, given: Sequence[Entry]) -> Length | None:
    """A length times what does not vary."""
    sizes = [e.size for e in given if e.size is not None]
    if len(sizes) != 1 or any(e.varies for e in given):
        return None
    same = all(number(e) == 1 for e in given if e.size is None)
    return replace(sizes[0].length, scaled=sizes[0].length.scaled or not same)


#: dtypes that hold every length
_WIDE = ("int32", "int64", "uint32", "uint64")


def _same(p: Padding, given: Sequence[Entry]) -> Length | None:
    return None if given[0].size is None else given[0].size.length


def _larger(p: Padding, given: Sequence[Entry]) -> Length | None:
    """A length that is at least a number."""
    size, numbers = _apart(given)
    if size is None or not numbers:
        return None
    p.need(size.length, max(numbers))
    return size.length


def _smaller(p: Padding, given: Sequence[Entry]) -> Length | None:
    """The least of lengths that have a root in common."""
    lengths = [e.size.length for e in given if e.size is not None]
    if len(lengths) < len(given) or len({n.root for n in lengths}) != 1:
        return None
    if any(n.scaled for n in lengths):
        return lengths[0] if len(set(lengths)) == 1 else None
    return min(lengths, key=lambda n: n.offset)


#: elementwise operations of lengths that are lengths
_SIZES: dict[str, Callable[[Padding, Sequence[Entry]], Length | None]] = {
    "add": _sum,
    "sub": _difference,
    "mul": product_of_lengths,
    "maximum": _larger,
    "minimum": _smaller,
    "Cast": _same,
    "abs_": _same,
    "identity": _same,
}


@pads(Elemwise)
def elemwise(p: Padding, node: Apply, *given: Entry) -> Entry:
    """Padding passes through. Scalars may be lengths, which are not negative."""
    (output,) = node.outputs
    op: Any = node.op
    if op.scalar_op.row == "lt" and given[0].size is not None and number(given[1]) == 0:
        p.need(given[0].size.length, 0)
        return Entry(constant(np.zeros((), output.type.dtype)))
    e = Entry(rebuilt(node, given).outputs[0], common(given, output.type.ndim))
    if op.scalar_op.row == "Cast" and output.type.dtype in _WIDE:
        e.within = given[0].within
    if not dt.is_discrete(output.type.dtype):
        return e
    if output.type.ndim == 0 and output.type.dtype in _WIDE and any(g.size for g in given):
        rule = _SIZES.get(op.scalar_op.row)
        length = None if rule is None else rule(p, given)
        if length is not None:
            e.size = Size(length, op(*[g.bound for g in given]))
    e.varies = not e.axes and e.size is None and any(g.varies or g.size or g.parts for g in given)
    return e


@pads(Shape_i)
def shape_i(p: Padding, node: Apply, x: Entry) -> Entry:
    """The true length, and the length of the padded tensor."""
    op: Any = node.op
    bound = rebuilt(node, [x]).outputs[0]
    if op.i not in x.axes:
        return Entry(bound)
    axis = x.axes[op.i]
    return Entry(axis.true, size=Size(axis.length, bound))


@pads(Shape)
def shape(p: Padding, node: Apply, x: Entry) -> Entry:
    """All lengths."""
    parts = []
    for d in range(x.value.ndim):
        n = Shape_i(d).make_node(x.value)
        parts.append(shape_i(p, n, x))
    return vector_of_parts(parts)


def vector_of_parts(parts: list[Entry]) -> Entry:
    return Entry(make_vector(*[e.value for e in parts]), parts=parts)


def elements(e: Entry, count: int) -> list[Entry]:
    """The elements of a vector of `count` integers."""
    if e.parts is not None:
        return e.parts
    if e.varies:
        raise Unpaddable(f"a shape depends on {e.value}")
    if isinstance(e.value, Constant):
        return [Entry(constant(int(n), dtype="int64")) for n in e.value.data]
    if e.value.owner is not None and isinstance(e.value.owner.op, MakeVector):
        return [Entry(v) for v in e.value.owner.inputs]
    return [Entry(getitem(e.value, i)) for i in range(count)]


@pads(MakeVector)
def vector_of(p: Padding, node: Apply, *given: Entry) -> Entry:
    """A vector of lengths, if all are integers."""
    made = Entry(rebuilt(node, given).outputs[0])
    if dt.is_discrete(node.outputs[0].type.dtype):
        made.parts = list(given)
    return made


@pads(DimShuffle)
def dimshuffle(p: Padding, node: Apply, x: Entry) -> Entry:
    """The padded axes move."""
    op: Any = node.op
    axes = {k: x.axes[d] for k, d in enumerate(op.new_order) if d in x.axes}
    parts = [x] if x.size is not None and op.new_order == ("x",) else None
    varies = parts is None and not x.axes
    return Entry(rebuilt(node, [x]).outputs[0], axes, parts=parts, varies=varies, within=x.within)


@pads(Rebroadcast)
def rebroadcast(p: Padding, node: Apply, x: Entry) -> Entry:
    """As before. A padded axis is not one of length 1."""
    op: Any = node.op
    if any(op.pattern[d] for d in x.axes):
        raise Unpaddable("an axis that varies is said to have length 1")
    return Entry(rebuilt(node, [x]).outputs[0], x.axes, parts=x.parts, varies=x.varies)


@pads(SpecifyShape)
def specify_shape(p: Padding, node: Apply, x: Entry, lengths: Entry) -> Entry:
    """The promise is about the padded shape."""
    for d, n in enumerate(elements(lengths, x.value.ndim)):
        if (None if n.size is None else n.size.length) != x.lengths().get(d):
            raise Unpaddable("a varying length is promised to be another one")
    return Entry(node.op(x.value, lengths.bound), x.axes)


@pads(Reshape)
def reshape(p: Padding, node: Apply, x: Entry, lengths: Entry) -> Entry:
    """Elements of a padded leading axis, and of what it is merged with or cut into, stay in front. Those of one behind
    others are in blocks: they stay there, or are moved from blocks to the front, or back."""
    op: Any = node.op
    if x.plain:
        raise Unpaddable("the new shape varies")
    if len(x.axes) != 1:
        raise Unpaddable("a tensor with several padded axes is reshaped")
    ((d, axis),) = x.axes.items()
    new = elements(lengths, op.ndim)
    if any(n.varies for n in new):
        raise Unpaddable("the new shape varies in an unknown way")
    sizes = [(q, n.size.length, n.value) for q, n in enumerate(new) if n.size is not None]
    free = [i for i, n in enumerate(new) if number(n) == -1]
    old = [Shape_i(i)(x.value) for i in range(x.value.ndim)]
    if not sizes and len(free) == 1:
        true = F.mul(axis.true, product_of(n for i, n in enumerate(old) if i != d))
        others = product_of(e.value for i, e in enumerate(new) if i != free[0])
        sizes = [(free[0], replace(axis.length, scaled=True), F.int_div(true, others))]
    if len(sizes) != 1:
        raise Unpaddable("several lengths of the new shape vary")
    ((q, length, true),) = sizes
    if length != axis.length:
        raise Unpaddable("a length of the new shape varies otherwise than the old one")
    value, front = x.value, all(x.value.type.broadcastable[:d])
    before, after = product_of(old[:d]), product_of(n.value for n in new[:q])
    if any(number(n) == -1 for n in new[:q]):
        raise Unpaddable("how many elements are before an axis that varies is unknown")
    leads = all(number(n) == 1 for n in new[:q])
    if d == q and not front and not leads:
        value = p.demand(value, F.eq(before, after))
    else:
        if not front:
            value = _rows(value, F.mul(before, old[d]), old[d], axis.true, apart=True)
        if not leads:
            rest = product_of(e.value for i, e in enumerate(new) if i != q)
            bound = F.int_div(product_of(old), rest) if q in free else new[q].bound
            value = _rows(value, F.mul(after, bound), bound, true, apart=False)
    return Entry(op(value, lengths.bound), {q: Axis(length, true)})


def product_of(lengths: Iterable[Any]) -> Any:
    """The product of integer scalars."""
    total: Any = constant(1, dtype="int64")
    for n in lengths:
        total = F.mul(total, n)
    return total


def _rows(x: Any, count: Any, bound: Any, true: Any, apart: bool) -> Any:
    """`x` as a matrix of `count` rows, that are in blocks of `bound` rows, of which the first `true` ones are true.

    If they are `apart`, the true ones are put together in front; otherwise they are in front, and put into blocks.
    """
    row = arange_of(count)
    places = row // true * bound + row % true if apart else row // bound * true + F.minimum(row % bound, true - 1)
    return getitem(flat_reshape(x, [count, -1], 2), F.minimum(places, count - 1))


# -- tensors made of lengths ------------------------------------------------------------------------------------------


@pads(Alloc)
def alloc(p: Padding, node: Apply, value: Entry, *lengths: Entry) -> Entry:
    """As long as the bounds are."""
    made = node.op(value.value, *[n.bound for n in lengths])
    axes = {d: p.axis(n.size.length, n.value) for d, n in enumerate(lengths) if n.size is not None}
    for d, axis in value.axes.items():
        there = axes.get(d + len(lengths) - value.value.ndim)
        if there is None or there.length != axis.length:
            raise Unpaddable("a tensor is stretched to another length")
    for d in axes:
        k = d - len(lengths) + value.value.ndim
        if k >= 0 and k not in value.axes and not value.value.type.broadcastable[k]:
            raise Unpaddable("a tensor is stretched to a length that varies")
    return Entry(made, axes)


@pads(ARange)
def arange(p: Padding, node: Apply, start: Entry, stop: Entry, step: Entry) -> Entry:
    """Numbers from a constant up to a length."""
    first = number(start)
    if stop.size is None or first is None or first < 0 or number(step) != 1:
        raise Unpaddable("a range whose ends vary")
    axis = p.axis(stop.size.length + -first, F.sub(stop.value, first) if first else stop.value)
    value = node.op(start.value, stop.size.bound, step.value)
    return Entry(value, {0: axis}, within=stop.size.length)


@pads(Eye)
def eye(p: Padding, node: Apply, n: Entry, m: Entry, k: Entry) -> Entry:
    """The corner of a larger one."""
    axes = {d: p.axis(e.size.length, e.value) for d, e in enumerate((n, m)) if e.size is not None}
    return Entry(node.op(n.bound, m.bound, k.bound), axes)


__all__ = ["elements", "number", "product_of_lengths", "vector_of_parts"]
