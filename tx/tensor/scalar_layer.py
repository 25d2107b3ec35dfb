"""``theano.scalar``: types and variables of single numbers, and operations on numbers that programs define.

Scalars are tensors without dimensions here: `Scalar` is equal to the TensorType of its dtype, and each may stand for
the other. What a program's ScalarOp does, it says in Python: `HostElemwise` calls it for each element, on the host.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from tx import scalar
from tx.graph import Apply, Variable, walk
from tx.scalar import dtypes as dt
from tx.scalar.op import ScalarOp
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, autocast_float, autocast_float_as, autocast_int
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.math import IntegerDivisionError, div_proxy
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType
from tx.tensor.variable import TensorConstant, TensorVariable

# -- types and variables ----------------------------------------------------------------------------------------------


class Scalar(TensorType):
    """Single numbers of a dtype. Raises TypeError for a dtype that there is not."""

    def __init__(self, dtype: Any, broadcastable: Sequence[Any] = (), name: str | None = None, unused: Any = None):
        try:
            super().__init__(dtype, (), name)
        except TypeError:
            raise TypeError(f"Unsupported dtype for Scalar: {dtype}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorType) and (self.dtype, ()) == (other.dtype, other.broadcastable)

    __hash__ = TensorType.__hash__

    def __str__(self) -> str:
        return str(self.dtype)

    def __repr__(self) -> str:
        return f"Scalar({self.dtype})"


class ScalarVariable(TensorVariable):
    """A symbolic number. Integers are divided as ``config.int_division`` says, as integers by default."""

    __slots__ = ()

    def __truediv__(self, other: Any) -> Any:
        return div_proxy(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return div_proxy(other, self)


Scalar.Variable = ScalarVariable
Elemwise.scalars = ScalarOp.type_of = Scalar
ScalarConstant = TensorConstant

#: each is a name of this module, too
all_types = tuple(map(Scalar, dt.all_dtypes))
globals().update((kind.dtype, kind) for kind in all_types)


def _types(dtypes: Sequence[str]) -> tuple[Scalar, ...]:
    return tuple(map(Scalar, dtypes))


int_types, uint_types, float_types = _types(dt.int_dtypes), _types(dt.uint_dtypes), _types(dt.float_dtypes)
complex_types, discrete_types = _types(dt.complex_dtypes), _types(dt.discrete_dtypes)
continuous_types = _types(dt.continuous_dtypes)


def get_scalar_type(dtype: str) -> Scalar:
    """The type of that dtype: always the same object."""
    return next(kind for kind in all_types if kind.dtype == dtype)


def as_scalar(x: Any, name: str | None = None) -> Any:
    """`x` as a scalar Variable. Raises TypeError for what has dimensions, and for what is no number."""
    if isinstance(x, str):
        raise TypeError(f"Cannot convert {x} to Scalar", type(x))
    found = as_tensor_variable(x, name=name)
    if found.ndim:
        raise TypeError("Variable type field must be a Scalar.", found, found.type)
    return found


def constant(x: Any, name: str | None = None, dtype: str | None = None) -> Any:
    """A constant scalar; without `dtype`, of the smallest one that holds it."""
    return as_scalar(x if dtype is None else np.asarray(x, dtype), name)


def _several(*kinds: Scalar) -> Callable[..., Any]:
    """A function from names, or a text of letters, to scalar variables."""

    def make(names: Any, *more: Any) -> Any:
        """Several new scalar Variables: their names, or a text with a letter for each."""
        names = [names, *more] if more else list(names)
        each = kinds * len(names) if len(kinds) == 1 else kinds
        return [kind(name) for kind, name in zip(each, names, strict=True)]

    return make


ints, floats, complexs = (_several(get_scalar_type(d)) for d in ("int64", "float64", "complex128"))


def cast(x: Any, dtype: str) -> Any:
    """`x` in `dtype`."""
    return F.cast(as_tensor_variable(x), dtype)


# -- the types of results ---------------------------------------------------------------------------------------------


def _preference(rule: Callable[..., str], name: str) -> Callable[..., tuple[Scalar, ...]]:
    def preference(*types: Any) -> tuple[Scalar, ...]:
        try:
            return (Scalar(rule(*(t.dtype for t in types))),)
        except scalar.basic.ComplexError as error:
            raise TypeError(*error.args) from None

    preference.__name__ = preference.__qualname__ = name
    preference.__doc__ = "The type of an operation's output, for inputs of these types."
    return preference


def _one(rule: Callable[..., str]) -> Callable[..., str]:
    """A rule of the first input alone."""
    return lambda first, *rest: rule(first)


_basic: Any = scalar.basic
#: names of Theano's -> rules of dtypes
_PREFERENCES: dict[str, Callable[..., str]] = {
    "upcast_out": dt.upcast,
    "upcast_out_nobool": _basic.no_bool,
    "upcast_out_min8": _basic.at_least_int8,
    "upcast_out_no_complex": _basic.real,
    "same_out": _one(dt.upcast),
    "same_out_nobool": _one(_basic.no_bool),
    "same_out_min8": _one(_basic.at_least_int8),
    "same_out_nocomplex": _one(_basic.real),
    "same_out_float_only": _one(_basic.only_float),
    "real_out": _one(_basic.magnitude),
    "int_out": lambda *_: "int64",
    "float_out": lambda *_: "float64",
    "upgrade_to_float": _basic.floating,
    "upgrade_to_float64": lambda *_: "float64",
    "upgrade_to_float_no_complex": _basic.real_floating,
}
upgrade_to_float, upcast_out, same_out = (
    _preference(_PREFERENCES[name], name) for name in ("upgrade_to_float", "upcast_out", "same_out")
)
globals().update((name, _preference(rule, name)) for name, rule in _PREFERENCES.items() if name not in globals())


class _Rule:
    """A function from types to types, equal to those that were made with the same arguments."""

    def __init__(self, *transfer: Any):
        self.transfer = transfer

    def __eq__(self, other: object) -> Any:
        return type(self) is type(other) and self.transfer == other.transfer

    def __hash__(self) -> int:
        return hash((type(self), self.transfer))


class transfer_type(_Rule):
    """Each output has the type of the input with that number; None: the type that all inputs are converted to."""

    def __call__(self, *types: Any) -> list[Any]:
        return [upcast_out(*types)[0] if i is None else types[i] for i in self.transfer]


class specific_out(_Rule):
    """The outputs have these types, whatever the inputs are."""

    def __call__(self, *types: Any) -> tuple[Any, ...]:
        return self.transfer


class unary_out_lookup(_Rule):
    """The output has the type that a mapping from types of the input says. Raises TypeError where it says none."""

    def __init__(self, table: Any):
        super().__init__(*table.items())

    def __call__(self, *types: Any) -> list[Any]:
        found = dict(self.transfer).get(types[0])
        if len(types) != 1 or found is None:
            raise TypeError(types)
        return [found]


# -- operations of programs -------------------------------------------------------------------------------------------


class HostElemwise(Elemwise):
    """A program's ScalarOp over tensors: its `impl`, called with Python's numbers for each element."""

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Raises ValueError where lengths differ that the types keep apart."""
        for d, pattern in enumerate(zip(*(i.type.broadcastable for i in node.inputs), strict=True)):
            lengths = [(i, inputs[i].shape[d]) for i, stretched in enumerate(pattern) if not stretched]
            for i, n in lengths:
                if n != lengths[0][1]:
                    raise ValueError(
                        f"Input dimension mis-match. (input[{lengths[0][0]}].shape[{d}] = {lengths[0][1]}, "
                        f"input[{i}].shape[{d}] = {n})"
                    )
        if self.nfunc_spec:
            function = getattr(np, self.nfunc_spec[0])
        else:
            function = np.frompyfunc(self.scalar_op.impl, len(inputs), len(node.outputs))
        results = function(*map(np.asarray, inputs))
        results = results if isinstance(results, tuple) else (results,)
        for storage, result, variable in zip(output_storage, results, node.outputs, strict=True):
            storage[0] = np.asarray(result, dtype=variable.type.dtype)

    @staticmethod
    def terms(op: ScalarOp, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradients of the inputs, not yet summed over what was broadcast; None where one is disconnected.

        The operation writes them in scalar variables, whose graph is then said of the tensors.
        """
        known = [*inputs, *outputs, *gradients]
        letters = [Scalar(v.dtype)() for v in known]
        parts = letters[: len(inputs)], letters[len(inputs) : -len(gradients)], letters[-len(gradients) :]
        found = [None if _is_disconnected(g) else as_scalar(g) for g in op.L_op(*parts)]
        if len(found) != len(inputs):
            raise ValueError(f"{op} returned {len(found)} gradients for {len(inputs)} inputs")
        said = iter(over_tensors([g for g in found if g is not None], dict(zip(letters, known, strict=True))))
        return [None if g is None else F.second(outputs[0], next(said)) for g in found]

    def L_op(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        gradients: Sequence[Any],
        wanted: Collection[int] | None = None,
    ) -> list[Any]:
        """What the operation says, summed over what was broadcast. Raises MethodNotDefined when it says nothing."""
        filled = [F.zeros_like_float(y) if _is_disconnected(g) else g for g, y in zip(gradients, outputs, strict=True)]
        found = self.terms(self.scalar_op, inputs, outputs, filled)
        return [self._of_input(g, x) for g, x in zip(found, inputs, strict=True)]


ScalarOp.elemwise_class = HostElemwise


def _is_disconnected(g: Any) -> Any:
    return isinstance(getattr(g, "type", None), DisconnectedType)


def over_tensors(outputs: Sequence[Any], given: dict[Variable, Any]) -> list[Any]:
    """A graph of scalars, said of the tensors that are `given` for its inputs.

    Raises ValueError when it has something else in it than operations on scalars.
    """
    said: dict[Variable, Any] = dict(given)
    for node in walk.toposort(outputs, list(given)):
        sources = [said.get(v, v) for v in node.inputs]
        if isinstance(node.op, DimShuffle):
            results = sources
        elif isinstance(node.op, Elemwise):
            results = Elemwise(node.op.scalar_op)(*sources, return_list=True)
        else:
            raise ValueError(f"a graph of scalars must be exclusively composed of ScalarOp instances, not of {node.op}")
        said.update(zip(node.outputs, results, strict=True))
    return [said.get(v, v) for v in outputs]


__all__ = [
    *_PREFERENCES, *dt.all_dtypes,
    "HostElemwise", "IntegerDivisionError", "Scalar", "ScalarConstant", "ScalarVariable", "all_types", "as_scalar",
    "autocast_float", "autocast_float_as", "autocast_int", "cast", "complex_types", "complexs", "constant",
    "continuous_types", "discrete_types", "div_proxy", "float_types", "floats", "get_scalar_type", "int_types", "ints",
    "over_tensors", "specific_out", "transfer_type", "uint_types", "unary_out_lookup",
]  # fmt: skip
