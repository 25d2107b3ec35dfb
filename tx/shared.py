"""Shared variables: Variables with a value that stays from call to call and that functions may update.

The value lies in a `Container`, which holds whatever numpy can read: an ndarray that was put there, or the device
array that a function left. This room needs to know no more about devices than ``np.asarray``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx.graph import Variable
from tx.tensor.type import TensorType
from tx.tensor.variable import _tensor_py_operators


class Container:
    """A cell for a value of one Type, shared by a Variable, its clones and the functions that use it."""

    __slots__ = ("__weakref__", "name", "on_device", "type", "value")

    def __init__(self, type: Any, value: Any, name: str | None = None):
        self.type = type
        self.value = value
        self.name = name
        #: whether `value` is a device array that only tx holds, so that it may be updated in place
        self.on_device = False

    @property
    def data(self) -> Any:
        """The value as numpy reads it."""
        return np.asarray(self.value)

    def __getstate__(self) -> Any:
        return self.type, np.array(self.value), self.name

    def __setstate__(self, state: Any) -> None:
        self.type, self.value, self.name = state
        self.on_device = False


class SharedVariable(Variable):
    """A Variable with a value. `get_value` reads it, `set_value` replaces it, a function's updates change it."""

    __slots__ = ("container", "default_update")

    def __init__(
        self,
        name: str | None,
        type: Any,
        value: Any,
        strict: bool = False,
        allow_downcast: bool | None = None,
        container: Container | None = None,
    ):
        super().__init__(type=type, name=name, owner=None, index=None)
        if container is None:
            container = Container(type, type.filter(value, strict=strict, allow_downcast=allow_downcast), name)
        elif value is not None or strict:
            raise TypeError("value and strict are ignored if you pass a container here")
        self.container = container
        self.default_update: Any = None

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """The value as an ndarray: a copy, unless `borrow` allows a read-only view of what is there."""
        value = self.container.value
        if return_internal_type and borrow:
            return value
        return np.asarray(value) if borrow else np.array(value)

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replace the value; it is copied unless `borrow` allows keeping it.

        Raises TypeError for what is no value of the Variable's type.
        """
        value = self.type.filter(new_value, strict=False, allow_downcast=None)
        self.container.value = value if borrow else np.array(value)
        self.container.on_device = False

    def zero(self, borrow: bool = False) -> None:
        """Set every element to 0."""
        self.set_value(np.zeros_like(np.asarray(self.container.value)), borrow=True)

    value = property(get_value, set_value, doc="The value: reading copies, assigning replaces.")

    def clone(self) -> SharedVariable:
        """A Variable with the same container."""
        copy = self.__class__(name=self.name, type=self.type, value=None, container=self.container)
        copy.default_update = self.default_update
        copy._tag = self._tag
        return copy

    def __copy__(self) -> SharedVariable:
        return self.clone()


class TensorSharedVariable(_tensor_py_operators, SharedVariable):
    """A shared tensor."""

    __slots__ = ()


def tensor_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Any = None,
    target: str = "cpu",
    **kwargs: Any,
) -> Any:
    """A shared tensor of an ndarray, number or nested sequence; no axis is broadcastable unless said so."""
    if kwargs:
        raise TypeError(f"shared() got unexpected keyword arguments {sorted(kwargs)}")
    data = np.asarray(value)
    if data.dtype == object or not isinstance(value, np.ndarray | np.generic | int | float | complex | list | tuple):
        raise TypeError(f"no shared tensor of {type(value)}: {value!r:.100}")
    pattern = (False,) * data.ndim if broadcastable is None else broadcastable
    kind = TensorType(data.dtype, pattern)
    kept = data if borrow and data is value else np.array(data)
    return TensorSharedVariable(name=name, type=kind, value=kept, strict=strict, allow_downcast=allow_downcast)


#: what `shared` tries, the last one first; `shared_constructor` adds to it
constructors: list[Callable[..., Any]] = [tensor_constructor]


def shared_constructor(constructor: Callable[..., Any], remove: bool = False) -> Callable[..., Any]:
    """Let `shared` try `constructor` first (or no more). It raises TypeError for values that are not its own."""
    if remove:
        constructors.remove(constructor)
    else:
        constructors.append(constructor)
    return constructor


def shared(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None, **kwargs: Any
) -> Any:
    """A shared variable with this value, which is copied unless ``borrow=True``.

    Its type is taken from the value: dtype and rank, every length free to change.
    Raises TypeError for a Variable, and for what no constructor takes.
    """
    if isinstance(value, Variable):
        raise TypeError(
            "Shared variable constructor needs numeric values and not symbolic variables: give the value itself."
        )
    for constructor in reversed(constructors):
        try:
            return constructor(value, name=name, strict=strict, allow_downcast=allow_downcast, **kwargs)
        except TypeError as error:
            last = error
    raise TypeError(
        "No suitable SharedVariable constructor could be found. Are you sure all kwargs are supported? We do not "
        f'support the parameter dtype or type. value="{value!r:.200}". parameters="{kwargs}"'
    ) from last


__all__ = ["SharedVariable", "TensorSharedVariable", "shared", "shared_constructor", "tensor_constructor"]
