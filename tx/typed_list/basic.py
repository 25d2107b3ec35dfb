"""The Ops of lists, which all run on the host, and the methods of their Variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, Op, Variable
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.type import TensorType
from tx.tensor.type_other import SliceType, make_slice
from tx.typed_list.type import TypedListType

_INT64 = TensorType("int64", ())


def _list(x: Any) -> Any:
    if not isinstance(getattr(x, "type", None), TypedListType):
        raise TypeError(f"expected a Variable of TypedListType, got {x}", x)
    return x


def _fitting(x: Any, elem: Any) -> Any:
    """`elem` as a Variable of the type of the elements of `x`. Raises TypeError when it is of another one."""
    kind = x.type.ttype
    if not isinstance(elem, Variable):
        elem = kind.make_constant(kind.filter(elem)) if isinstance(kind, TensorType) else kind.filter_variable(elem)
    if elem.type != kind:
        raise TypeError(f"{x} has elements of type {kind}, not {elem.type}", elem)
    return elem


class _ListOp(Op):
    """An Op of a list. `inplace` is accepted: an argument of a function is never changed."""

    __props__: tuple[str, ...] = ("inplace",)

    def __init__(self, inplace: bool = False):
        self.inplace = inplace
        if inplace:
            self.destroy_map = {0: [0]}  # type: ignore[misc]

    def apply(self, *values: Any) -> Any:
        """The value of the output."""
        raise AttributeError(f"{type(self).__name__} does not say what it computes")

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Whatever `apply` returns."""
        output_storage[0][0] = self.apply(*inputs, *([node.inputs[0].type.ttype] if self.compares else []))

    #: whether `apply` is also given the type of the elements
    compares = False

    def __str__(self) -> str:
        return type(self).__name__


class _Asking(_ListOp):
    """An Op whose output is no list of the same type."""

    __props__ = ()

    def __init__(self) -> None:
        super().__init__(False)


class GetItem(_Asking):
    """Element `index` of a list, or the list of those that a slice picks. IndexError when there is no such element."""

    def make_node(self, x: Any, index: Any) -> Apply:
        """Raises TypeError when the index is neither an integer scalar nor a slice."""
        x = _list(x)
        if isinstance(index, slice):
            index = make_slice(index)
        if isinstance(getattr(index, "type", None), SliceType):
            return Apply(self, [x, index], [x.type()])
        return Apply(self, [x, _index(index)], [x.type.ttype()])

    def apply(self, x: Any, index: Any) -> Any:
        """Python's indexing."""
        return x[index if isinstance(index, slice) else int(index)]


def _index(index: Any) -> Any:
    index = constant(index, dtype="int64") if isinstance(index, int) else as_tensor_variable(index)
    if index.ndim or index.dtype not in ("int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64"):
        raise TypeError(f"a position in a list is an integer scalar, not {index} of type {index.type}")
    return index


class Append(_ListOp):
    """A list with one more element at its end."""

    def make_node(self, x: Any, to_append: Any) -> Apply:
        """Raises TypeError when the element has another type than those of the list."""
        return Apply(self, [_list(x), _fitting(x, to_append)], [x.type()])

    def apply(self, x: Any, to_append: Any) -> Any:
        """A new list."""
        return [*x, to_append]


class Extend(_ListOp):
    """A list with the elements of another one at its end."""

    def make_node(self, x: Any, to_append: Any) -> Apply:
        """Raises TypeError when the lists have different types."""
        if _list(x).type != _list(to_append).type:
            raise TypeError(f"{x} of type {x.type} cannot be extended by a {to_append.type}", to_append)
        return Apply(self, [x, to_append], [x.type()])

    def apply(self, x: Any, to_append: Any) -> Any:
        """A new list."""
        return [*x, *to_append]


class Insert(_ListOp):
    """A list with one more element, before position `index`."""

    def make_node(self, x: Any, index: Any, to_insert: Any) -> Apply:
        """Raises TypeError when the element has another type than those of the list."""
        return Apply(self, [_list(x), _index(index), _fitting(x, to_insert)], [x.type()])

    def apply(self, x: Any, index: Any, to_insert: Any) -> Any:
        """A new list."""
        return [*x[: int(index)], to_insert, *x[int(index) :]]


def _position(x: Any, elem: Any, kind: Any) -> int:
    for i, value in enumerate(x):
        if kind.values_eq(value, elem):
            return i
    raise ValueError(f"{elem} is not in the list")


class Remove(_ListOp):
    """A list without the first element that equals a value. ValueError when there is none."""

    compares = True

    def make_node(self, x: Any, to_remove: Any) -> Apply:
        """Raises TypeError when the value has another type than the elements of the list."""
        return Apply(self, [_list(x), _fitting(x, to_remove)], [x.type()])

    def apply(self, x: Any, to_remove: Any, kind: Any) -> Any:
        """A new list."""
        i = _position(x, to_remove, kind)
        return [*x[:i], *x[i + 1 :]]


class Reverse(_ListOp):
    """A list from its end to its beginning."""

    def make_node(self, x: Any) -> Apply:
        """One list."""
        return Apply(self, [_list(x)], [x.type()])

    def apply(self, x: Any) -> Any:
        """A new list."""
        return x[::-1]


class Index(_Asking):
    """The position of the first element that equals a value. ValueError when there is none."""

    compares = True

    def make_node(self, x: Any, elem: Any) -> Apply:
        """Raises TypeError when the value has another type than the elements of the list."""
        return Apply(self, [_list(x), _fitting(x, elem)], [TensorType("float64", ())()])

    def apply(self, x: Any, elem: Any, kind: Any) -> Any:
        """A number (float64, as Theano's)."""
        return np.float64(_position(x, elem, kind))


class Count(_Asking):
    """How many elements equal a value."""

    compares = True

    def make_node(self, x: Any, elem: Any) -> Apply:
        """Raises TypeError when the value has another type than the elements of the list."""
        return Apply(self, [_list(x), _fitting(x, elem)], [TensorType("float64", ())()])

    def apply(self, x: Any, elem: Any, kind: Any) -> Any:
        """A number (float64, as Theano's)."""
        return np.float64(sum(kind.values_eq(value, elem) for value in x))


class Length(_Asking):
    """How many elements a list has, an int64 scalar."""

    def make_node(self, x: Any) -> Apply:
        """One list."""
        return Apply(self, [_list(x)], [_INT64()])

    def apply(self, x: Any) -> Any:
        """A number."""
        return np.int64(len(x))


class MakeList(_Asking):
    """A list of Variables of one type. Raises TypeError when they have several, ValueError for none."""

    def make_node(self, a: Any) -> Apply:
        """`a` is a list or tuple of Variables."""
        if not isinstance(a, list | tuple):
            raise TypeError(f"a list or tuple of Variables is expected, not {a}", a)
        if not a:
            raise ValueError("a list of no Variables has no type: use TypedListType(...).make_constant([])")
        made = [v if isinstance(v, Variable) else as_tensor_variable(v) for v in a]
        if any(v.type != made[0].type for v in made):
            raise TypeError("MakeList need all input variable to be of the same type.", [v.type for v in made])
        return Apply(self, made, [TypedListType(made[0].type)()])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """The values, in a list."""
        output_storage[0][0] = list(inputs)


getitem, length, make_list = GetItem(), Length(), MakeList()
append, extend, insert, remove, reverse = Append(), Extend(), Insert(), Remove(), Reverse()
index_, count = Index(), Count()


class _TypedListMethods:
    """What Variables of lists can do."""

    type: TypedListType

    def __getitem__(self, index: Any) -> Any:
        return getitem(self, index)

    def __len__(self) -> Any:
        return length(self)

    def append(self, to_append: Any) -> Any:
        """A list with one more element."""
        return append(self, to_append)

    def extend(self, to_append: Any) -> Any:
        """A list with the elements of another one."""
        return extend(self, to_append)

    def insert(self, index: Any, to_insert: Any) -> Any:
        """A list with one more element before a position."""
        return insert(self, index, to_insert)

    def remove(self, to_remove: Any) -> Any:
        """A list without the first element that equals a value."""
        return remove(self, to_remove)

    def reverse(self) -> Any:
        """A list in reverse."""
        return reverse(self)

    def count(self, elem: Any) -> Any:
        """How many elements equal a value."""
        return count(self, elem)

    def ind(self, elem: Any) -> Any:
        """The position of a value."""
        return index_(self, elem)

    ttype: Any = property(lambda self: self.type.ttype, doc="The type of the elements.")
    #: `not list` would ask for a length
    __bool__: Callable[..., bool] = lambda self: True


class TypedListVariable(_TypedListMethods, Variable):
    """A list."""

    __slots__ = ()


class TypedListConstant(_TypedListMethods, Constant):
    """A list that is known when the graph is built."""

    __slots__ = ()

    def signature(self) -> Any:
        """One list is only equal to itself."""
        return self.type, id(self.data)


TypedListType.Variable = TypedListVariable
TypedListType.Constant = TypedListConstant
