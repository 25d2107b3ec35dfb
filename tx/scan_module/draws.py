"""Random draws in a loop that need nothing of it: they are made before the loop, which gets them as a sequence.

The numbers stay the same, for a draw has a state of its own. And a loop without draws is one for the device, with a
gradient. An Op that can draw ahead has a method ``ahead(n, inputs)``: its two outputs after `n` draws, the state and
the samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import walk
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import static_int
from tx.tensor.creation import zeros
from tx.tensor.shapes import Shape, Shape_i, shape_i


class Ahead:
    """The draws that can be made before a loop of `n` steps.

    `ends` is what a step computes, `updates` what states become in it, `elements` maps the Variables that stand for an
    element of an outer Variable (along its first axis) to that, `fixed` are non-sequences.
    """

    def __init__(
        self,
        ends: Sequence[Any],
        updates: dict[Any, Any],
        elements: dict[Any, Any],
        fixed: Sequence[Any],
        n: Any,
        backwards: Any,
    ):
        #: for each draw: its samples outside, and the one of a step
        self.sequences: list[tuple[Any, Any]] = []
        #: what states have become after the loop
        self.states: dict[Any, Any] = {}
        self.elements, self.fixed = dict(elements), list(fixed)
        self.changing = {*elements, *updates}
        made_by = {
            new.owner: state for state, new in updates.items() if hasattr(getattr(new.owner, "op", None), "ahead")
        }
        order = walk.toposort(ends, [*elements, *fixed])
        for node in order:
            op: Any = node.op
            state = made_by.get(node)
            if state is None or not hasattr(op, "ahead") or not _alone(node, state, updates[state], order, ends):
                continue
            arguments = self._outside(node.inputs[1:])
            if arguments is not None:
                self.states[state], samples = op.ahead(n, [state, *arguments])
                sample = node.outputs[1]
                self.sequences.append((_turned(samples, backwards), sample))
                self.elements[sample] = samples
                self.changing.add(sample)

    def _outside(self, variables: Sequence[Any]) -> list[Any] | None:
        """`variables` of the loop as the outside knows them; None where they differ from step to step.

        The shapes of elements are known outside, and so are those of what is computed from them, unless an integer
        that differs decides about it.
        """
        varying, deciding = set(self.changing), set()
        for node in walk.toposort(variables, [*self.changing, *self.fixed]):
            if isinstance(node.op, Shape | Shape_i):
                varying.update(node.outputs if node.inputs[0] in deciding else ())
                continue
            differing = [v for v in node.inputs if v in varying]
            varying.update(node.outputs if differing else ())
            if any(v in deciding or dt.is_discrete(getattr(v.type, "dtype", "bool")) for v in differing):
                deciding.update(node.outputs)
        if any(v in varying for v in variables):
            return None
        return walk.rebuild(variables, {v: _blank(v, outer) for v, outer in self.elements.items()})


def _alone(node: Any, state: Any, new: Any, order: Sequence[Any], ends: Sequence[Any]) -> bool:
    """Whether `node` makes `new` of `state`, and is all that reads this, and nothing in the loop reads that."""
    if new is not node.outputs[0] or node.inputs[0] is not state or node.inputs.count(state) > 1:
        return False
    readers = [other for other in order if state in other.inputs or new in other.inputs]
    return readers == [node] and state not in ends and ends.count(new) == 1


def _turned(samples: Any, backwards: Any) -> Any:
    """The samples in an order that the loop reads them in as they were drawn."""
    known = static_int(backwards)
    if known is not None:
        return samples[::-1] if known else samples
    return F.switch(backwards, samples[::-1], samples)


def _blank(element: Any, outer: Any) -> Any:
    """A tensor like an element of `outer`, of which nothing but the shape counts."""
    return zeros([shape_i(outer, d) for d in range(1, outer.ndim)], element.type.dtype)
