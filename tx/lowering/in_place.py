"""What is computed before a state is written, so that its new value may take the memory of the old one.

XLA copies a donated state, whole, unless all that reads the old value is known to be done when it is written: known by
what depends on what, not by an order in the program. The sum of squares in a loss, and the product that carries a
gradient to the layer below, read weights, and the new weights do not depend on them. Here they do, by a condition that
always holds, which XLA does not know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial, reduce
from typing import Any

import jax
import numpy as np
from jax import lax

from tx.graph import Apply, Variable
from tx.lowering import direct
from tx.lowering.apart import on_this_cpu
from tx.lowering.host import OF_SHAPE
from tx.lowering.registry import deferred_rule_for
from tx.lowering.trace import Trace
from tx.tensor.creation import Alloc
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.shapes import Rebroadcast, Reshape
from tx.tensor.subtensor import Subtensor

#: copying fewer elements takes no time that counts
_MANY = 1 << 12
#: what XLA computes within what reads it, perhaps several times
_FUSED = Alloc | DimShuffle | Elemwise | Rebroadcast | Reshape | Subtensor


def writes(layout: Any) -> dict[Apply, int]:
    """The nodes of a stage that write into a state and whose result nothing but the update of that state reads, and
    the position of the state."""
    read = {v for node in layout.nodes for v in node.inputs}
    counts = Counter(layout.outputs)
    found: dict[Apply, int] = {}
    for output, state in layout.updates.items():
        variable = layout.outputs[output]
        node = variable.owner
        if (
            node is not None
            and variable not in read
            and counts[variable] == 1
            and node.inputs[0] is layout.inputs[state]
            and deferred_rule_for(node.op) is not None
        ):
            found[node] = state
    return found


def conditions(trace: Trace, states: Mapping[Variable, Variable]) -> dict[Variable, Any]:
    """For new values (of `states`: new -> old), what holds as soon as all that reads the old one is computed."""
    if trace.plan is not None or not on_this_cpu(trace):
        return {}
    large = [new for new, old in states.items() if trace.values[old].size >= _MANY and _is_elementwise(new, old)]
    if not large:
        return {}
    needed, clients = _needed(trace.nodes, large), trace.clients
    read, found = {*trace.outputs}, {}
    for number, new in enumerate(large):
        late = _late(states[new], read, clients, needed, 1 << number)
        values = [a for a in map(trace.values.get, late) if isinstance(a, jax.core.Tracer) and a.size]
        if values:
            found[new] = trace.once(("computed", *late), partial(_always, values))
    return found


def _is_elementwise(new: Variable, old: Variable) -> bool:
    """Whether XLA computes a Variable element by element of another."""
    pending, seen = [new], {new}
    while pending:
        owner = pending.pop().owner
        if owner is not None and isinstance(owner.op, Elemwise):
            fresh = [v for v in owner.inputs if v not in seen]
            seen.update(fresh)
            pending += fresh
    return old in seen


def _needed(nodes: Sequence[Apply], variables: Sequence[Variable]) -> dict[Apply, int]:
    """Which of the Variables depend on each node, as the bits of an integer."""
    wanted = defaultdict[Variable, int](int)
    for number, v in enumerate(variables):
        wanted[v] |= 1 << number
    needed = {}
    for node in reversed(nodes):
        bits = 0
        for v in node.outputs:
            bits |= wanted[v]
        for v in node.inputs:
            wanted[v] |= bits
        needed[node] = bits
    return needed


def _late(
    old: Variable, read: set[Variable], clients: Mapping[Variable, Any], needed: Mapping[Apply, int], bit: int
) -> list[Variable]:
    """The arrays that are computed from a state and that its new value does not need; none of them, where one more is
    computed, by XLA whenever it likes: one of those that are `read`, and fused."""
    late: list[Variable] = []
    pending, seen = [old], {old}
    while pending:
        for node, _ in clients.get(pending.pop(), ()):
            if node not in needed:  # it is of another stage
                continue
            fused = isinstance(node.op, _FUSED)
            if type(node.op) in OF_SHAPE or (needed[node] & bit and not fused):
                continue
            fresh = [v for v in node.outputs if v not in seen]
            seen.update(fresh)
            if fused and not needed[node] & bit and any(v in read for v in fresh):
                return []
            (pending if fused else late).extend(fresh)
    return late


def _always(values: Sequence[Any]) -> Any:
    """What holds for any values, and is known when they are."""
    negative = []
    for v in values:
        first = lax.reshape(lax.slice(v, (0,) * v.ndim, (1,) * v.ndim), ())
        first = lax.real(first) if np.issubdtype(v.dtype, np.complexfloating) else first
        negative.append(direct.below(first, 0))
    some = reduce(lax.bitwise_or, negative)
    return lax.bitwise_or(some, lax.bitwise_not(some))


__all__ = ["conditions", "writes"]
