"""Writes of what is computed from other parts of the array that is written into.

XLA on the CPU (jaxlib 0.10) writes ``x[1:] = f(x[:-1])`` into `x` while it reads, element by element: from the second
on it reads what it has written. What is written is computed apart then, before anything is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tx.graph import Apply
from tx.lowering.apart import apart, on_this_cpu
from tx.lowering.trace import Trace
from tx.rewriting.patterns import is_read
from tx.scan_module.op import Scan
from tx.tensor.elemwise import Elemwise, constant_value, unfilled
from tx.tensor.products import BatchedDot, Dot

#: what is never computed together with what reads it
APART = Dot | BatchedDot | Scan
#: of so many nodes it is looked at what they read; of more it is thought to be anything
_MOST = 200


def reads_other_parts(node: Apply) -> bool:
    """Whether what an IncSubtensor writes may be computed, element by element, from others of what it writes into."""
    op: Any = node.op
    x, y, *index = node.inputs
    if constant_value(unfilled(x)) is not None:
        return False
    seen, stack = set[tuple[Any, bool]](), [(y, True)]
    while stack:
        v, straight = stack.pop()
        if v is x or len(seen) > _MOST:
            return True
        owner = v.owner
        if owner is None or (v, straight) in seen or isinstance(owner.op, APART):
            continue
        seen.add((v, straight))
        if straight and is_read(v, x, op.pattern, index):
            continue
        stack += [(i, straight and isinstance(owner.op, Elemwise)) for i in owner.inputs]
    return False


def computed_before(trace: Trace, node: Apply, piece: Any) -> Any:
    """The piece that is to be written, when it is in memory of its own; what needs no such care as it is."""
    if not on_this_cpu(trace) or not reads_other_parts(node):
        return piece
    same: Callable[[Any], Any] = lambda values: values
    return apart(trace, same)(piece)


__all__ = ["APART", "computed_before", "reads_other_parts"]
