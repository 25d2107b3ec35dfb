"""OrderedUpdates: what shared variables become, as `scan` returns it and `function` takes it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from tx.shared import SharedVariable


class OrderedUpdates(OrderedDict[Any, Any]):
    """A dict from shared variables to their new values, in order.

    Raises TypeError for a key that is no shared variable, KeyError where two dicts that are put together disagree.
    """

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, SharedVariable):
            raise TypeError("OrderedUpdates keys must inherit from SharedVariable", key)
        super().__setitem__(key, value)

    def update(self, other: Any = None, **_: Any) -> None:  # type: ignore[override]
        """Take the updates of another dict in."""
        for key, value in dict(other or {}).items():
            if key in self and self[key] is not value:
                raise KeyError("Collision", key)
            self[key] = value

    def __add__(self, other: Any) -> OrderedUpdates:
        both = OrderedUpdates(self)
        both.update(other)
        return both

    def __radd__(self, other: Any) -> OrderedUpdates:
        both = OrderedUpdates(other)
        both.update(self)
        return both


__all__ = ["OrderedUpdates"]
