"""Shared variables: Variables with a value that stays from call to call and that functions may update.

The value lies in a `Container`, which holds whatever numpy can read: an ndarray that was put there, or the device
array that a function left. This room needs to know no more about devices than ``np.asarray``. A value of a Type that
lies on the host is an object of any kind; functions leave there what the Type's `pack` makes of it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from numbers import Number
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from tx.configuration import contexts
from tx.graph import Variable, pickling
from tx.graph.utils import traced, user_line
from tx.memory import own_copy
from tx.sharding import Mesh, Sharding, checked_spec, current
from tx.tensor.type import TensorType
from tx.tensor.type_other import generic
from tx.tensor.variable import _tensor_py_operators


class Container:
    """A cell for a value of one Type, shared by a Variable, its clones and the functions that use it.

    `held` is what lies in the cell, as it is; `value` reads it as numpy does, and checks what is assigned to it.
    """

    __slots__ = (
        *("__weakref__", "allow_downcast", "held", "name", "on_device", "own", "pending", "sharding", "strict"),
        *("target", "type"),
    )

    #: what reads an array; where several processes hold parts of it they must all do so
    as_array: Callable[[Any], np.ndarray] = staticmethod(np.asarray)
    #: what makes a device array of what a function left, which is one or small; set where there are devices
    as_device_array: Callable[[Any], Any] = staticmethod(lambda held: held)

    def __init__(
        self,
        type: Any,
        value: Any,
        name: str | None = None,
        strict: bool = False,
        allow_downcast: bool | None = None,
    ):
        self.type = type
        self.held = value
        self.name = name
        self.strict, self.allow_downcast = strict, allow_downcast
        #: whether functions may take what is held: a device array that only tx holds, or what its type has packed
        self.on_device = False
        #: whether nobody else has the array that is held: then a device may have it as it is
        self.own = False
        #: where the value is to lie: ``'cpu'``, the name of a context, or None for where functions run
        self.target: str | None = None
        #: how the value is divided over the devices of a mesh
        self.sharding: Sharding | None = None
        #: the call that has left what is held, if its checks are not known yet
        self.pending: Any = None

    def settle(self) -> None:
        """Wait until the checks of earlier calls are known. Raises what they found wrong; then it is told."""
        if self.pending is not None:
            self.pending.settle()

    def read(self, borrow: bool = True) -> Any:
        """The value, as an ndarray if it is an array; a copy, unless `borrow` allows what is there."""
        self.settle()
        if self.held is None:
            return None
        if not self.type.on_host:
            value = self.as_array(self.held)
            if not borrow:
                return np.array(value)
            self.own = False
            if self.on_device and value.flags.writeable:  # what functions update is not to be written to
                value = value.view()
                value.flags.writeable = False
            return value
        value = self.type.unpack(self.held)
        if value is self.held:
            return value if borrow else copy.deepcopy(value)
        if borrow:
            self.put(value)
        return value

    def put(self, value: Any, own: bool = False) -> None:
        """Hold `value`, a value of the type, from now on. `own` says that nobody else has it."""
        self.settle()
        self.held = value
        self.on_device, self.own = False, own

    def filter(self, value: Any) -> Any:
        """`value` as one of the type. Raises TypeError, or what the type raises, when it is none."""
        return self.type.filter(value, strict=self.strict, allow_downcast=self.allow_downcast)

    @property
    def value(self) -> Any:
        """The value; assigning checks and copies."""
        return self.read()

    @value.setter
    def value(self, value: Any) -> None:
        self.put(None if value is None else own_copy(self.filter(value)), own=True)

    data = value

    @property
    def storage(self) -> list[Any]:
        """The value, in a list (Theano: the list *is* the cell)."""
        return [self.read()]

    def __getstate__(self) -> Any:
        spec = None if self.sharding is None else self.sharding.spec
        value = self.read(borrow=False)
        return self.type, value, self.name, self.strict, self.allow_downcast, spec, self.target

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple):
            return pickling.set_foreign_state(self, state)
        self.type, self.held, self.name, *rest = state
        self.strict, self.allow_downcast = rest[:2] or (False, None)
        spec, self.target = rest[2:] or (None, None)
        self.on_device, self.own, self.pending = False, False, None
        self.sharding = None if spec is None else Sharding(spec)


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
            filtered = type.filter(value, strict=strict, allow_downcast=allow_downcast)
            container = Container(type, filtered, name, strict, allow_downcast)
        elif value is not None or strict:
            raise TypeError("value and strict are ignored if you pass a container here")
        self.container = container
        if name is not None and (line := user_line()) is not None:
            self.tag.trace = traced(line)
        self.default_update: Any = None

    def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any:
        """The value, arrays as ndarrays: a copy, unless `borrow` allows a read-only view of what is there."""
        if return_internal_type and borrow and not self.type.on_host:
            self.container.settle()
            self.container.own = False
            if self.container.on_device:
                self.container.held = self.container.as_device_array(self.container.held)
            return self.container.held
        return self.container.read(borrow)

    def set_value(self, new_value: Any, borrow: bool = False) -> None:
        """Replace the value; it is copied unless `borrow` allows keeping it.

        Raises TypeError for what is no value of the Variable's type.
        """
        value = self.container.filter(new_value)
        self.container.put(value if borrow else own_copy(value), own=not borrow)

    def zero(self, borrow: bool = False) -> None:
        """Set every element to 0. Raises TypeError for what has no elements."""
        if self.type.on_host:
            raise TypeError(f"a value of type {self.type} has no zero", self)
        self.set_value(np.zeros_like(self.container.value), borrow=True)

    value = property(get_value, set_value, doc="The value: reading copies, assigning replaces.")

    def clone(self) -> SharedVariable:
        """A Variable with the same container."""
        twin = self.__class__(name=self.name, type=self.type, value=None, container=self.container)
        twin.default_update = self.default_update
        twin._tag = self._tag
        return twin

    def __copy__(self) -> SharedVariable:
        return self.clone()


class TensorSharedVariable(_tensor_py_operators, SharedVariable):
    """A shared tensor."""

    __slots__ = ()

    if TYPE_CHECKING:

        @overload
        def get_value(self, borrow: bool = ..., return_internal_type: Literal[False] = ...) -> np.ndarray: ...
        @overload
        def get_value(self, borrow: bool = ..., return_internal_type: bool = ...) -> Any: ...
        def get_value(self, borrow: bool = False, return_internal_type: bool = False) -> Any: ...


class ScalarSharedVariable(TensorSharedVariable):
    """A shared tensor that was made from a number."""

    __slots__ = ()


def tensor_constructor(
    value: Any,
    name: str | None = None,
    strict: bool = False,
    allow_downcast: bool | None = None,
    borrow: bool = False,
    broadcastable: Any = None,
    target: str | None = None,
    sharding: Any = None,
    mesh: Mesh | None = None,
    **kwargs: Any,
) -> Any:
    """A shared tensor of an ndarray, number or nested sequence; no axis is broadcastable unless said so.

    It lies on the device `target`: ``'cpu'``, or the name of a context (`config.contexts`); by default where functions
    run. `sharding` says how its value is divided over a mesh of devices: ``(None, "model")``, an axis of the mesh for
    each of its axes. The `mesh` is that of a ``with mesh:`` block, or that of the functions that use it.

    Raises TypeError for another target.
    """
    if target is not None and target not in ("cpu", *contexts()):
        raise TypeError(f"not for target {target!r}: there are 'cpu' and the names in config.contexts")
    if kwargs:
        raise TypeError(f"shared() got unexpected keyword arguments {sorted(kwargs)}")
    data = np.asarray(value)
    if data.dtype == object or not isinstance(value, np.ndarray | np.generic | int | float | complex | list | tuple):
        raise TypeError(f"no shared tensor of {type(value)}: {value!r:.100}")
    kind = TensorType(data.dtype, (False,) * data.ndim if broadcastable is None else broadcastable)
    # Not as `set_value` copies: where the device has numpy's memory, the first update of a state copies it again.
    kept = data if borrow and data is value else np.array(data)
    variable = ScalarSharedVariable if isinstance(value, Number) else TensorSharedVariable
    made = variable(name=name, type=kind, value=kept, strict=strict, allow_downcast=allow_downcast)
    made.container.target, made.container.own = target, kept is not data
    if sharding is not None:
        made.container.sharding = _sharding(sharding, mesh or current(), data.shape)
    return made


def _sharding(given: Any, mesh: Mesh | None, shape: tuple[int, ...]) -> Sharding:
    spec = checked_spec(given, len(shape), mesh)
    if mesh is not None and (why := mesh.misfit(spec, shape)):
        raise ValueError(f"the value cannot be sharded as {given!r}: {why}")
    return Sharding(spec, mesh)


def generic_constructor(
    value: Any, name: str | None = None, strict: bool = False, allow_downcast: bool | None = None
) -> SharedVariable:
    """A shared variable of a Python object that is no array: Ops that are run on the host may read it."""
    return SharedVariable(name, generic, value, strict, allow_downcast)


#: what `shared` tries, the last one first; `shared_constructor` adds to it
constructors: list[Callable[..., Any]] = [generic_constructor, tensor_constructor]


def shared_constructor(constructor: Callable[..., Any], remove: bool = False) -> Callable[..., Any]:
    """Let `shared` try `constructor` first (or no more). It raises TypeError for values that are not its own."""
    if remove:
        constructors.remove(constructor)
    else:
        constructors.append(constructor)
    return constructor


def constructor_of_others(constructor: Callable[..., Any]) -> Callable[..., Any]:
    """Let `shared` try `constructor` where a value is no tensor. It raises TypeError for what is not its own."""
    constructors.insert(1, constructor)
    return constructor


@overload
def shared(
    value: np.ndarray | np.generic | complex | list[Any] | tuple[Any, ...],
    name: str | None = ...,
    strict: bool = ...,
    allow_downcast: bool | None = ...,
    *,
    borrow: bool = ...,
    broadcastable: Any = ...,
    target: str | None = ...,
    sharding: Any = ...,
    mesh: Mesh | None = ...,
) -> TensorSharedVariable: ...
@overload
def shared(
    value: Any, name: str | None = ..., strict: bool = ..., allow_downcast: bool | None = ..., **kwargs: Any
) -> Any: ...
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


__all__ = [
    "Container",
    "ScalarSharedVariable",
    "SharedVariable",
    "TensorSharedVariable",
    "generic_constructor",
    "shared",
    "shared_constructor",
    "tensor_constructor",
]
