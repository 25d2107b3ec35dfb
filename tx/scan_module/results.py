"""What a step's function may return: outputs, updates, a condition to stop at, and their combinations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tx.graph import Variable
from tx.shared import SharedVariable
from tx.tensor.convert import as_tensor_variable
from tx.updates import OrderedUpdates


class until:
    """Returned (last) by a step's function: the loop ends after the step in which `condition` holds."""

    def __init__(self, condition: Any):
        self.condition = as_tensor_variable(condition)
        if self.condition.ndim != 0:
            raise TypeError("until wants a scalar condition", condition)


_COMPLAINT = (
    "The return value of your scan lambda expression may only be made of lists, tuples, or dictionaries containing "
    "Theano variables (or `theano.scan_module.until` objects for conditions). In particular if you need to use "
    "constant values, you can use `tensor.constant` to turn them into Theano variables."
)


def _listed(thing: Any) -> list[Any]:
    return list(thing) if isinstance(thing, list | tuple) else [thing]


def _is_updates(thing: Any) -> bool:
    """Whether `thing` is a dict, or a list of pairs, from shared variables to new values."""
    if isinstance(thing, Mapping):
        return True
    if not isinstance(thing, list | tuple) or not thing:
        return False
    return all(isinstance(p, list | tuple) and len(p) == 2 and isinstance(p[0], SharedVariable) for p in thing)


def _outputs(thing: Any) -> list[Variable]:
    found = _listed(thing)
    if not all(isinstance(v, Variable) for v in found):
        raise ValueError(_COMPLAINT)
    return found


def _updates(thing: Any) -> OrderedUpdates:
    updates = OrderedUpdates()
    for target, value in thing.items() if isinstance(thing, Mapping) else thing:
        updates[target] = value if isinstance(value, Variable) else target.type.filter_variable(value)
    return updates


def get_updates_and_outputs(returned: Any) -> tuple[Any, list[Any], OrderedUpdates]:
    """(condition or None, outputs, updates) from what a step's function returned.

    Raises ValueError for anything that is no Variable.
    """
    condition: Any = None
    if isinstance(returned, until):
        return returned.condition, [], OrderedUpdates()
    if isinstance(returned, list | tuple) and returned and isinstance(returned[-1], until):
        condition, returned = returned[-1].condition, returned[:-1]
        if len(returned) == 1 and (isinstance(returned[0], list | tuple) or _is_updates(returned[0])):
            returned = returned[0]
    if returned is None or (isinstance(returned, list | tuple) and not returned):
        return condition, [], OrderedUpdates()
    if _is_updates(returned):
        return condition, [], _updates(returned)
    if isinstance(returned, list | tuple) and len(returned) == 2:
        first, second = returned
        if isinstance(second, Mapping) or _is_updates(second) or (isinstance(second, list | tuple) and not second):
            return condition, _outputs(first), _updates(second)
        if _is_updates(first):
            raise ValueError("The return value of the lambda function has been restricted. you have to always return "
                             "first the outputs (if any), afterwards the updates (if any) and at the end the "
                             "conclusion")  # fmt: skip
    return condition, _outputs(returned), OrderedUpdates()


__all__ = ["get_updates_and_outputs", "until"]
