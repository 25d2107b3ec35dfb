"""What goes into a function and comes out of it: `In`, `Out`, `Param`."""

from __future__ import annotations

from typing import Any

from tx.graph import Variable
from tx.shared import SharedVariable


class In:
    """An input: its Variable, and how arguments are taken for it.

    - `value`: the default, a value or a shared variable
    - `update`: what a shared default becomes after the call
    - `strict`: take only values of the exact type; `allow_downcast`: convert whatever is given
    - `borrow`, `mutable`: accepted; XLA copies where it must
    """

    def __init__(
        self,
        variable: Any,
        name: str | None = None,
        value: Any = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = None,
        borrow: bool | None = None,
        shared: bool = False,
    ):
        if isinstance(variable, str) or not isinstance(variable, Variable):
            raise TypeError(f"Unknown parameter type: {type(variable)}; expected a Variable", variable)
        if implicit and value is None:
            raise TypeError("An implicit input must be given a default value")
        if update is not None and value is None and not isinstance(variable, SharedVariable):
            raise TypeError("An input with an update must have a default value", variable)
        self.variable = variable
        self.name = variable.name if autoname and name is None else name
        self.value = value
        self.update = update
        self.mutable = bool(mutable)
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.implicit = implicit
        self.borrow = borrow
        self.shared = shared

    def __repr__(self) -> str:
        return f"In({self.variable})" if self.value is None else f"In({self.variable} -> {self.value})"


def Param(
    variable: Any,
    default: Any = None,
    name: str | None = None,
    mutable: bool = False,
    strict: bool = False,
    allow_downcast: bool | None = None,
    implicit: bool | None = None,
    borrow: bool | None = None,
) -> In:
    """The old name of `In`."""
    return In(variable, name, default, None, mutable, strict, allow_downcast, True, implicit, borrow)


class Out:
    """An output. `borrow` allows returning a read-only view of what the device holds."""

    def __init__(self, variable: Any, borrow: bool = False):
        self.variable = variable
        self.borrow = borrow

    def __repr__(self) -> str:
        return f"Out({self.variable},{self.borrow})"


def as_input(spec: Any) -> In:
    """An `In` from what may be written for one: an In, a Variable, or a tuple of (Variable, default[, ...])."""
    if isinstance(spec, In):
        return spec
    if isinstance(spec, tuple | list) and spec and isinstance(spec[0], Variable):
        return In(spec[0], value=spec[1] if len(spec) > 1 else None)
    return In(spec)
