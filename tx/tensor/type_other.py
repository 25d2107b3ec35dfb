"""Types that are no tensors: of what has no gradient, and of slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Constant, Op, Type
from tx.scalar.dtypes import integer_dtypes
from tx.tensor.convert import as_tensor_variable


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


class Generic(Type):
    """The type of any Python object."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Takes everything."""
        return data

    def is_valid_value(self, a: Any) -> bool:
        """True."""
        return True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(Generic)

    def __str__(self) -> str:
        return "Generic"

    __repr__ = __str__


generic = Generic()


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


none_type_t = NoneTypeT()
NoneConst = none_type_t.make_constant(None, name="NoneConst")


class SliceType(Type):
    """The type of a slice, as a Variable: `MakeSlice` makes one, and indexing takes it apart again."""

    def filter(self, data: Any, strict: bool = False, allow_downcast: bool | None = None) -> Any:
        """Raises TypeError for anything but a slice."""
        if not isinstance(data, slice):
            raise TypeError("Expected a slice!", data)
        return data

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(SliceType)

    def __str__(self) -> str:
        return "slice"


slicetype = SliceType()


class MakeSlice(Op):
    """A slice of a start, a stop and a step, each None or an integer scalar."""

    __props__ = ()

    def make_node(self, start: Any, stop: Any = None, step: Any = None) -> Apply:
        """A Python slice may be given as the start. Raises TypeError for parts that are no integers."""
        if isinstance(start, slice):
            start, stop, step = start.start, start.stop, start.step
        return Apply(self, [as_int_none_variable(part) for part in (start, stop, step)], [slicetype()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Python's slice: for the Ops of lists, which run on the host."""
        output_storage[0][0] = slice(*(None if part is None else int(part) for part in inputs))


def as_int_none_variable(x: Any) -> Any:
    """None as `NoneConst`, an integer scalar as a Variable. Raises TypeError for anything else."""
    if x is None or x is NoneConst:
        return NoneConst
    value = as_tensor_variable(x)
    if value.ndim or value.dtype not in integer_dtypes:
        raise TypeError("index must be integers", x)
    return value


make_slice = MakeSlice()


def slice_parts(variable: Any) -> tuple[Any, Any, Any]:
    """Start, stop and step of a Variable of SliceType. Raises TypeError when it was not made from parts."""
    if isinstance(variable, Constant):
        return variable.data.start, variable.data.stop, variable.data.step
    if variable.owner is None or not isinstance(variable.owner.op, MakeSlice):
        raise TypeError("a slice must be made from its parts (make_slice) to index with it", variable)
    start, stop, step = variable.owner.inputs
    return start, stop, step
