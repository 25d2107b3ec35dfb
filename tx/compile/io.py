"""What goes into a function and comes out of it: `In`, `Out`, `Param`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx.graph import Variable
from tx.lowering.device import hand_over, on_device
from tx.shared import Container, SharedVariable
from tx.tensor.transfers import origin


class SymbolicInput:
    """A Variable as an input, what it becomes after a call (`update`), and how arguments are taken for it.

    Raises TypeError when it is not about a Variable, or when the update has another type.
    """

    def __init__(
        self,
        variable: Any,
        name: str | None = None,
        update: Any = None,
        mutable: bool | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
        autoname: bool = True,
        implicit: bool | None = False,
    ):
        if isinstance(variable, str) or not isinstance(variable, Variable):
            raise TypeError(f"Unknown parameter type: {type(variable)}; expected a Variable", variable)
        if update is not None and not variable.type == update.type:
            raise TypeError(
                f"Variable '{variable}' has type {variable.type} but its update has type {update.type}: they must agree"
            )
        self.variable = variable
        self.name = variable.name if autoname and name is None else name
        self.update = update
        self.mutable = mutable if mutable is not None else update is not None
        self.strict = strict
        self.allow_downcast = allow_downcast
        self.implicit = implicit
        self.value: Any = None

    def __str__(self) -> str:
        return f"In({self.variable})" if self.update is None else f"In({self.variable} -> {self.update})"

    __repr__ = __str__


class In(SymbolicInput):
    """An input: its Variable, and how arguments are taken for it.

    - `value`: the default: a value, or a Container (``f.container['x']``) or shared variable that is read and updated
    - `update`: what the value becomes after each call; the function keeps it
    - `strict`: take only values of the exact type; `allow_downcast`: convert whatever is given
    - `implicit`: it cannot be given as an argument
    - `borrow`, `mutable`: accepted; XLA copies where it must

    Raises TypeError when an implicit input has no value, or for `mutable` without `borrow`.
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
        if mutable and borrow is False:
            raise TypeError(f"{variable} cannot be mutable and not borrowed: what is changed is not copied")
        if implicit is None:
            implicit = isinstance(value, Container | SharedVariable)
        if implicit and value is None:
            raise TypeError("An implicit input must be given a default value")
        super().__init__(variable, name, update, mutable, strict, allow_downcast, autoname, implicit)
        self.value = value
        self.borrow = True if self.mutable and borrow is None else borrow
        self.shared = shared


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


class SymbolicOutput:
    """An output. `borrow` allows returning a read-only view of what the device holds.

    With `return_internal_type` it stays on the device: calls return a device array, which numpy reads
    (``np.asarray``), without waiting for it. So does an output that was transferred to a context.
    """

    def __init__(self, variable: Any, borrow: bool = False, return_internal_type: bool = False):
        self.variable = variable
        self.borrow = borrow
        self.return_internal_type = return_internal_type

    @property
    def stays(self) -> bool:
        """Whether calls return it as the device array that it is."""
        moved = isinstance(self.variable, Variable) and origin(self.variable) not in (None, "cpu")
        return (self.return_internal_type or moved) and not self.variable.type.on_host

    def taker(self) -> Callable[[Any], Any]:
        """What makes of a value that a program returns the one that the user gets."""
        kind = self.variable.type
        if self.stays:
            return on_device
        if not kind.on_host:
            # a number is copied sooner than looked at
            return np.asarray if self.borrow else hand_over if kind.ndim else np.array
        return kind.unpack  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"Out({self.variable},{self.borrow})"


Out = SymbolicOutput


def as_input(spec: Any) -> In:
    """An `In` from what may be written for one: an In, a Variable, or a tuple of (Variable, default[, ...])."""
    if isinstance(spec, In):
        return spec
    if isinstance(spec, tuple | list) and spec and isinstance(spec[0], Variable):
        return In(spec[0], value=spec[1] if len(spec) > 1 else None)
    return In(spec)
