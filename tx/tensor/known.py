"""The number that an expression is known to be while it is written: constants, fills, shapes, simple arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx.graph import Constant
from tx.tensor.assertions import Assert
from tx.tensor.convert import static_int
from tx.tensor.creation import Alloc
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import MakeVector
from tx.tensor.shapes import Rebroadcast, Shape, Shape_i, SpecifyShape
from tx.tensor.subtensor import Subtensor

#: elementwise operations that are computed where their arguments are known; no others are in Theano
_COMPUTED = frozenset(
    ("Cast", "switch", "eq", "neq", "lt", "gt", "le", "ge", "add", "sub", "mul", "true_div", "int_div", "mod")
) | {"minimum", "maximum"}
#: how many nodes are followed
_DEPTH = 10

_Known = Callable[[Any], Any]


def known_number(v: Any, depth: int = _DEPTH) -> np.ndarray | None:
    """What all elements of `v` are known to be, as an array without dimensions, of the dtype of `v`; or None."""
    if isinstance(v, Constant):
        return _common(v.data)
    rule = None if v.owner is None or depth == 0 else _RULES.get(type(v.owner.op))
    found = None if rule is None else rule(v.owner, lambda x: known_number(x, depth - 1))
    return None if found is None else np.asarray(found).astype(v.dtype)


def _common(data: Any) -> np.ndarray | None:
    """The element of an array whose elements are equal."""
    elements = np.asarray(data).reshape(-1)
    return elements[0].reshape(()) if elements.size and (elements == elements[0]).all() else None


def _first(node: Any, known: _Known) -> Any:
    return known(node.inputs[0])


def _elemwise(node: Any, known: _Known) -> Any:
    operation = node.op.scalar_op
    if operation.name == "second":
        return known(node.inputs[1])
    values = [known(v) for v in node.inputs] if operation.name in _COMPUTED else [None]
    if any(v is None for v in values):
        return None
    if operation.name == "Cast":
        return values[0]
    if operation.name in ("int_div", "mod") and not values[1]:
        return None  # the error belongs to the call
    with np.errstate(all="ignore"):
        return operation.numpy(*values)


def _element(node: Any, known: _Known) -> Any:
    """An element, at a known place, of a constant, of a vector made of scalars, or of a shape."""
    x, *index = node.inputs
    i = static_int(index[0]) if node.op.pattern == ("int",) and x.ndim == 1 else None
    if i is None:
        return None
    if isinstance(x, Constant):
        return _common(x.data[i]) if -len(x.data) <= i < len(x.data) else None
    operation, inside = (None, []) if x.owner is None else (x.owner.op, x.owner.inputs)
    if isinstance(operation, MakeVector) and -len(inside) <= i < len(inside):
        return known(inside[i])
    return _length(inside[0], i) if isinstance(operation, Shape) else None


def _length(x: Any, axis: int) -> Any:
    return 1 if -x.ndim <= axis < x.ndim and x.type.broadcastable[axis] else None


#: Op -> function of a node and of what knows its inputs
_RULES: dict[type, Callable[[Any, _Known], Any]] = {
    Alloc: _first,
    Assert: _first,
    DimShuffle: _first,
    Elemwise: _elemwise,
    Rebroadcast: _first,
    Shape_i: lambda node, known: _length(node.inputs[0], node.op.i),
    SpecifyShape: _first,
    Subtensor: _element,
}

__all__ = ["known_number"]
