"""TypedListType: lists of values of one type."""

from __future__ import annotations

from typing import Any

from tx.graph import Type


class TypedListType(Type):
    """Lists whose elements are of the type `ttype`; with `depth`, lists of lists of ... of them.

    Raises TypeError when `ttype` is no Type, ValueError for a negative depth.
    """

    def __init__(self, ttype: Any, depth: int = 0):
        if depth < 0:
            raise ValueError("Please specify a depth superior or equal to 0")
        if not isinstance(ttype, Type):
            raise TypeError("Expected a Theano Type", ttype)
        self.ttype: Any = ttype if depth == 0 else TypedListType(ttype, depth - 1)

    def filter(self, x: Any, strict: bool = False, allow_downcast: bool | None = None) -> list[Any]:
        """A list with each element filtered by the elements' type. Raises TypeError for what is no list."""
        if strict:
            if not self.is_valid_value(x):
                raise TypeError(f"Expected all elements to be of type {self.ttype}")
            return list(x)
        if not isinstance(x, list):
            raise TypeError(f"Expected a python list, got {type(x)}")
        return [self.ttype.filter(value, False, allow_downcast) for value in x]

    def is_valid_value(self, a: Any) -> bool:
        """Whether `a` is a list of valid values."""
        return isinstance(a, list) and all(self.ttype.is_valid_value(value) for value in a)

    def get_depth(self) -> int:
        """How many lists are around the lists of values."""
        return self.ttype.get_depth() + 1 if isinstance(self.ttype, TypedListType) else 0

    def values_eq(self, a: Any, b: Any) -> bool:  # type: ignore[override]
        """Whether two lists have the same length and equal elements."""
        return len(a) == len(b) and all(self.ttype.values_eq(x, y) for x, y in zip(a, b, strict=True))

    def values_eq_approx(self, a: Any, b: Any) -> bool:  # type: ignore[override]
        """As `values_eq`, up to rounding."""
        return len(a) == len(b) and all(self.ttype.values_eq_approx(x, y) for x, y in zip(a, b, strict=True))

    def may_share_memory(self, a: Any, b: Any) -> bool:
        """Whether the two are one list."""
        return a is b

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.ttype == other.ttype

    def __hash__(self) -> int:
        return hash((type(self), self.ttype))

    def __str__(self) -> str:
        return f"TypedList <{self.ttype}>"

    __repr__ = __str__
