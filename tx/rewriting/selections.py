"""Reductions over selections become masked reductions: ``x[mask.nonzero()].sum()`` is ``where(mask, x, 0).sum()``.

How many elements a mask selects is known only when the function runs: a selection costs a stage of its own, and an
executable for each number that is met. Most selections are reduced at once, or put back where they came from, as
gradients are. Elementwise operations in between may as well be done to all elements. So a tensor along a selection is
*lifted* to one along the mask: it has the same elements where the mask is true, and whatever they are elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tx.graph import Apply, Variable, walk
from tx.tensor import math as F
from tx.tensor.convert import constant
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import make_vector
from tx.tensor.reduction import CAReduce, ProdWithoutZeros, neutral
from tx.tensor.selections import AlongMask, MaskedUpdate, Selected
from tx.tensor.shapes import Shape, Shape_i, patternbroadcast
from tx.tensor.subtensor import IncSubtensor, Nonzero, Subtensor

_WHOLE = (False, False, False)


@dataclass
class _Lifted:
    """A tensor along a mask, and the node that finds the positions where that is true."""

    value: Any
    positions: Any

    @property
    def mask(self) -> Any:
        return self.positions.inputs[0]

    @property
    def extra(self) -> Any:
        """How many more dimensions than the tensor along the selection it has."""
        return self.mask.ndim - 1


class _Pass:
    def __init__(self) -> None:
        self.new: dict[Variable, Any] = {}
        self.lifted: dict[Variable, _Lifted] = {}

    def visit(self, node: Any) -> None:
        rule = _RULES.get(type(node.op)) or next((r for c, r in _RULES.items() if isinstance(node.op, c)), None)
        found = None if rule is None else rule(self, node)
        if isinstance(found, _Lifted):
            self.lifted[node.outputs[0]] = found
        elif found is not None and found.type == node.outputs[0].type:
            self.new[node.outputs[0]] = found
            return
        sources = [self.new.get(v, v) for v in node.inputs]
        if any(a is not b for a, b in zip(sources, node.inputs, strict=True)):
            self.new.update(zip(node.outputs, node.clone_with_new_inputs(sources).outputs, strict=True))

    def positions(self, pattern: Sequence[Any], index: Sequence[Any]) -> Any:
        """The Nonzero that the leading index arrays are all outputs of, where nothing else is indexed."""
        node = index[0].owner if index else None
        if node is None or not isinstance(node.op, Nonzero) or list(index) != node.outputs:
            return None
        rest = tuple(pattern[len(index) :])
        if tuple(pattern[: len(index)]) != ("array",) * len(index) or rest != (_WHOLE,) * len(rest):
            return None
        return self.current(node)

    def current(self, node: Any) -> Any:
        """A node of the old graph as it is in the new one."""
        return self.new.get(node.outputs[0], node.outputs[0]).owner


def _subtensor(p: _Pass, node: Any) -> Any:
    """``x[mask.nonzero()]`` is lifted to `x`."""
    positions = p.positions(node.op.pattern, node.inputs[1:])
    if positions is None:
        return None
    x = p.new.get(node.inputs[0], node.inputs[0])
    return _Lifted(AlongMask()(x, positions.inputs[0]), positions)


def _elemwise(p: _Pass, node: Any) -> Any:
    """Operations on lifted tensors, and on what is the same for all that is selected."""
    found = [p.lifted[v] for v in node.inputs if v in p.lifted]
    if not found or any(f.positions is not found[0].positions for f in found):
        return None
    if any(v not in p.lifted and not v.type.broadcastable[0] for v in node.inputs):
        return None
    inputs = [p.lifted[v].value if v in p.lifted else _wider(p.new.get(v, v), found[0].extra) for v in node.inputs]
    return _Lifted(node.op(*inputs), found[0].positions)


def _wider(x: Any, extra: int) -> Any:
    """`x`, its first axis, of length 1, standing for that many more."""
    return DimShuffle(x.type.broadcastable, ["x"] * extra + list(range(x.ndim)))(x) if extra else x


def _dimshuffle(p: _Pass, node: Any) -> Any:
    """Axes may be moved behind the first."""
    lifted, order = p.lifted.get(node.inputs[0]), node.op.new_order
    if lifted is None or order[:1] != (0,):
        return None
    k = lifted.extra
    moved = [*range(k + 1), *(d if d == "x" else d + k for d in order[1:])]
    return _Lifted(DimShuffle(lifted.value.type.broadcastable, moved)(lifted.value), lifted.positions)


def _reduction(p: _Pass, node: Any) -> Any:
    """What is not selected is made neutral; without the first axis the result is lifted."""
    lifted, op = p.lifted.get(node.inputs[0]), node.op
    if lifted is None or isinstance(op, ProdWithoutZeros):
        return None
    x, k = lifted.value, lifted.extra
    axes = op.axes(node.inputs[0].ndim)
    inner = [d + k for d in axes if d]
    if 0 not in axes:
        return _Lifted(op.over(inner)(x), lifted.positions)
    rest = neutral(op.operation, x.dtype)
    if rest is None:
        return None
    here = DimShuffle(lifted.mask.type.broadcastable, [*range(k + 1), *["x"] * (x.ndim - k - 1)])(lifted.mask)
    value = F.switch(F.neq(here, 0), x, constant(np.asarray(rest, x.dtype)))
    result = op.over([*range(k + 1), *inner])(value)
    if op.operation not in ("max", "min"):
        return result
    return Selected(f"{op.operation}imum")(result, lifted.positions.inputs[1])


def _shape(p: _Pass, node: Any) -> Any:
    """The first length is the number of elements that are selected."""
    lifted = p.lifted.get(node.inputs[0])
    if lifted is None:
        return None
    count, k = lifted.positions.inputs[1], lifted.extra
    if isinstance(node.op, Shape_i):
        return count if node.op.i == 0 else Shape_i(node.op.i + k)(lifted.value)
    lengths = make_vector(count, *(Shape_i(d + k)(lifted.value) for d in range(1, node.inputs[0].ndim)))
    return patternbroadcast(lengths, (False,))


def _update(p: _Pass, node: Any) -> Any:
    """What is put, or added, where something was selected."""
    x, y, *index = node.inputs
    positions = p.positions(node.op.pattern, index)
    if positions is None:
        return None
    ndim = x.ndim - len(index) + 1
    if y in p.lifted:
        if p.lifted[y].positions is not positions or y.ndim != ndim:
            return None
        value = p.lifted[y].value
    elif y.ndim == ndim and not y.type.broadcastable[0]:
        return None
    else:
        value = p.new.get(y, y)
        value = DimShuffle(value.type.broadcastable, ["x"] * (x.ndim - y.ndim) + list(range(y.ndim)))(value)
    return MaskedUpdate(node.op.set_instead_of_inc)(p.new.get(x, x), value, positions.inputs[0])


_RULES: dict[type, Callable[[_Pass, Any], Any]] = {
    Subtensor: _subtensor,
    IncSubtensor: _update,
    Elemwise: _elemwise,
    DimShuffle: _dimshuffle,
    CAReduce: _reduction,
    Shape: _shape,
    Shape_i: _shape,
}


def mask_selections(outputs: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    """`outputs`, with what is reduced over, or put back into, selections computed along masks."""
    order: list[Apply] = walk.toposort(outputs, boundary)
    if not any(isinstance(node.op, Nonzero) for node in order):
        return list(outputs)
    work = _Pass()
    for node in order:
        work.visit(node)
    return [work.new.get(v, v) for v in outputs]


__all__ = ["mask_selections"]
