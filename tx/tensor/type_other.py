"""Types that are no tensors: of what has no gradient, and of slices."""

from __future__ import annotations

from typing import Any

from tx.graph import Type


class NullType(Type):
    """The type of a gradient that does not exist; `why_null` says why."""

    def __init__(self, why_null: str = "(no explanation given)"):
        self.why_null = why_null

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raises ValueError: it has no values."""
        raise ValueError("No values may be assigned to a NullType")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(NullType)

    def __str__(self) -> str:
        return "NullType"


class DisconnectedType(Type):
    """The type of the gradient with respect to something that has no influence."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raises AssertionError: it has no values."""
        raise AssertionError("If you're assigning to a DisconnectedType you're doing something wrong.")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(DisconnectedType)

    def __str__(self) -> str:
        return "DisconnectedType"


class NoneTypeT(Type):
    """The type of None, as an input of an Op."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raises TypeError for anything but None."""
        if data is not None:
            raise TypeError("Expected None!")
        return None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(NoneTypeT)

    def __str__(self) -> str:
        return "NoneTypeT"


NoneConst = NoneTypeT().make_constant(None, name="NoneConst")
