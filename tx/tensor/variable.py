"""Tensor Variables: what one may do with them between brackets, with operators, and by methods."""

from __future__ import annotations

import pdb
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tx.configuration import config
from tx.graph import Constant, Variable
from tx.graph.utils import see, user_line
from tx.tensor import (
    choosing,
    cumulative,
    diagonals,
    extra,
    facts,
    math,
    nlinalg,
    positions,
    products,
    reduction,
    shapes,
    subtensor,
    transfers,
)
from tx.tensor.convert import AsTensorError, as_tensor_variable, get_scalar_constant_value
from tx.tensor.sort import argsort, sort
from tx.tensor.type import TensorType

if TYPE_CHECKING:
    from tx.tensor.declared import Declared  # what the tables below give (.ci/make_stubs.py)
else:
    Declared = object


def _operator(function: Callable[..., Any], swapped: bool = False) -> Any:
    def method(self: Any, other: Any) -> Any:
        try:
            return function(other, self) if swapped else function(self, other)
        except AsTensorError:
            return NotImplemented

    return method


def _method(function: Callable[..., Any], doc: str | None = None) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__name__ = function.__name__
    method.__doc__ = doc or function.__doc__
    return method


def _is_shape(x: Any) -> bool:
    return isinstance(x, list | tuple) or getattr(x, "ndim", 0) > 0


class _tensor_py_operators(Declared):
    """Operators and methods of tensor Variables: a table from their names to the functions of `tx.tensor`."""

    # == is identity, as for every Variable: use `tx.tensor.eq`.
    __slots__ = ()
    __hash__ = Variable.__hash__
    __array_priority__ = 1000  # numpy arrays on the left leave the operator to us

    def __abs__(self) -> TensorVariable:
        return math.abs_(self)

    def __neg__(self) -> TensorVariable:
        return math.neg(self)

    def __pos__(self) -> Self:
        return self

    def __invert__(self) -> TensorVariable:
        return math.invert(self)

    def __bool__(self) -> bool:
        # == is identity and gives a plain bool; an ordering builds a graph, whose truth nobody knows yet.
        node = self.owner
        if node is not None and getattr(getattr(node.op, "scalar_op", None), "row", "") in ("lt", "le", "gt", "ge"):
            raise TypeError("Variables do not support boolean operations.")
        return True

    def __iter__(self) -> Iterator[TensorVariable]:
        """The elements of a vector of known length. Raises ValueError when it is not known, TypeError for no vector."""
        if self.ndim != 1:
            raise TypeError("TensorType does not support iteration. Maybe you are using builtins.sum instead of "
                            "theano.tensor.sum? (Maybe .max?)")  # fmt: skip
        return (self[i] for i in range(facts.get_vector_length(self)))

    def __len__(self) -> int:
        raise TypeError("object of type 'TensorVariable' has no len(). Use .shape[0] for a symbolic length.")

    def __getitem__(self, key: Any) -> TensorVariable:
        return subtensor.getitem(self, key)

    type: Any
    owner: Any

    @property
    def T(self) -> TensorVariable:
        """The transpose."""
        return shapes.transpose(self)

    @property
    def shape(self) -> TensorVariable:
        """The shape, an int64 vector."""
        return shapes.shape(self)

    @property
    def size(self) -> TensorVariable:
        """The number of elements."""
        return self.shape[0] if self.ndim == 1 else reduction.prod(self.shape)

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.type.ndim

    @property
    def dtype(self) -> str:
        """The dtype."""
        return self.type.dtype

    @property
    def broadcastable(self) -> tuple[bool, ...]:
        """Which lengths are known to be 1."""
        return self.type.broadcastable

    @property
    def real(self) -> TensorVariable:
        """The real part."""
        return math.real(self)

    @property
    def imag(self) -> TensorVariable:
        """The imaginary part."""
        return math.imag(self)

    def reshape(self, *newshape: Any, ndim: int | None = None) -> TensorVariable:
        """As `tx.tensor.reshape`; the lengths may be given one by one."""
        given: Any = newshape[0] if len(newshape) == 1 else newshape
        if len(newshape) == 2 and ndim is None and np.ndim(newshape[1]) == 0 and _is_shape(newshape[0]):
            given, ndim = newshape
        return shapes.reshape(self, given, ndim)

    def dimshuffle(self, *pattern: Any) -> TensorVariable:
        """The axes in another order; ``'x'`` inserts one of length 1."""
        return shapes.dimshuffle(self, *pattern)

    def transpose(self, *axes: Any) -> TensorVariable:
        """The axes in another order, reversed by default."""
        if not axes:
            return shapes.transpose(self)
        return shapes.transpose(self, axes[0] if len(axes) == 1 and isinstance(axes[0], list | tuple) else axes)

    def astype(self, dtype: Any) -> TensorVariable:
        """Converted to `dtype`."""
        return math.cast(self, dtype)

    def norm(self, L: Any, axis: Any = None, keepdims: bool = False) -> TensorVariable:
        """The vector norm of order `L`."""
        y = reduction.norm(self, L, axis)
        return reduction.makeKeepDims(self, y, axis) if keepdims else y

    def copy(self, name: str | None = None) -> TensorVariable:
        """A Variable equal to this one."""
        copied = math.identity(self)
        copied.name = name
        return copied

    def eval(self, inputs_to_values: dict[Any, Any] | None = None, **options: Any) -> Any:
        """The value, computed from values for the inputs. The compiled function is kept for the next call.

        `options` are further arguments of `function`.

        Raises MissingInputError when an input was not given a value.
        """
        from tx.compile.function import function

        given = {} if inputs_to_values is None else inputs_to_values
        if not isinstance(given, dict):
            raise TypeError("eval wants a dict from Variables to values", given)
        if wrong := [v for v in given if not isinstance(v, Variable)]:
            raise TypeError("eval wants a dict from Variables to values, and got other keys", wrong)
        inputs = tuple(sorted(given, key=lambda v: v.auto_name))
        compiled = self.__dict__.setdefault("_eval_functions", {})
        key = inputs, tuple(sorted(options.items()))
        if key not in compiled:
            compiled[key] = function(list(inputs), self, **options)
        return compiled[key](*(given[i] for i in inputs))

    def __getstate__(self) -> Any:
        state = object.__getstate__(self)
        if isinstance(state, tuple) and state[0] and "_eval_functions" in state[0]:
            kept = {k: v for k, v in state[0].items() if k != "_eval_functions"}
            return kept or None, state[1]
        return state


_BINARY: dict[str, Callable[..., Any]] = {
    "add": math.add,
    "sub": math.sub,
    "mul": math.mul,
    "truediv": math.true_div,
    "floordiv": math.floor_div,
    "mod": math.mod,
    "div": math.div_proxy,  # what programs call that were written for Python 2, too
    "pow": math.pow,
    "and": math.and_,
    "or": math.or_,
    "xor": math.xor,
    "matmul": products.dot,
    "dot": products.dot,
    "divmod": math.divmod,
}
for _name, _f in _BINARY.items():
    setattr(_tensor_py_operators, f"__{_name}__", _operator(_f))
    setattr(_tensor_py_operators, f"__r{_name}__", _operator(_f, swapped=True))
_COMPARISONS = ("lt", "le", "gt", "ge")
for _name in _COMPARISONS:
    setattr(_tensor_py_operators, f"__{_name}__", _operator(getattr(math, _name)))

_METHODS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(reduction, name)
        for name in ("sum", "prod", "mean", "var", "std", "min", "max", "argmin", "argmax", "ptp", "any", "all")
    },
    "flatten": shapes.flatten,
    "ravel": shapes.flatten,
    "squeeze": shapes.squeeze,
    "swapaxes": shapes.swapaxes,
    "dot": products.dot,
    "repeat": extra.repeat,
    "nonzero": subtensor.nonzero,
    "nonzero_values": subtensor.nonzero_values,
    "take": subtensor.take,
    "clip": math.clip,
    "round": math.round,
    "conj": math.conj,
    "conjugate": math.conj,
    "fill": math.second,
    "zeros_like": math.zeros_like,
    "ones_like": math.ones_like,
    "choose": choosing.choose,
    "transfer": transfers.transfer,
    "get_scalar_constant_value": get_scalar_constant_value,
    **{
        name: getattr(math, name)
        for name in (
            *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos"),
            *("arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "ceil", "floor", "trunc", "deg2rad"),
            *("rad2deg",),
        )
    },
    "diagonal": diagonals.diagonal,
    "trace": nlinalg.trace,
    "sort": sort,
    "argsort": argsort,
    "cumsum": cumulative.cumsum,
    "cumprod": cumulative.cumprod,
    "compress": cumulative.compress,
    "searchsorted": positions.searchsorted,
}
for _name, _f in _METHODS.items():
    setattr(_tensor_py_operators, _name, _method(_f))
for _name in ("ceil", "floor", "trunc"):
    setattr(_tensor_py_operators, f"__{_name}__", _method(_METHODS[_name]))


class TensorVariable(_tensor_py_operators, Variable):
    """A symbolic tensor. Where ``config.warn_float64`` says so, one of float64 is warned of, or raises Exception."""

    __slots__ = ()

    def __init__(self, type: Any, owner: Any = None, index: int | None = None, name: str | None = None):
        Variable.__init__(self, type, owner, index, name)
        if config.warn_float64 != "ignore" and type.dtype == "float64":
            _tell_of_float64(config.warn_float64)


def _tell_of_float64(action: str) -> None:
    text = f"a TensorVariable of float64 is made, which the flag warn_float64={action!r} asks to be told of"
    if action == "raise":
        raise see(Exception(text), "float64")
    if action == "pdb":
        pdb.set_trace()
        return
    file, line, _ = user_line() or ("<tx>", 1, "")
    warnings.warn_explicit(text, UserWarning, file, line)


class TensorConstant(_tensor_py_operators, Constant):
    """A tensor whose value is known when the graph is built."""

    __slots__ = ()

    def __str__(self) -> str:
        data = np.asarray(self.data)
        text = str(data)
        if data.ndim and data.size and np.all(data == data.flat[0]):
            text = f"{data.shape} of {data.flat[0]}"
        return f"{type(self).__name__}{{{text if len(text) <= 20 else text[:10] + '..' + text[-10:]}}}"

    __repr__ = __str__

    def signature(self) -> Any:
        """Type and bytes; a large array is only itself."""
        data = np.asarray(self.data)
        return self.type, data.tobytes() if data.size <= 4096 else id(data)

    def equals(self, other: Any) -> bool:
        """Whether `other` is a constant of the same type and elements."""
        if isinstance(other, np.ndarray | int | float):
            other = as_tensor_variable(other)
        return (
            isinstance(other, TensorConstant)
            and self.type == other.type
            and TensorType.values_eq(self.data, other.data)
        )


TensorType.Variable = TensorVariable
TensorType.Constant = TensorConstant

__all__ = ["TensorConstant", "TensorVariable", "_tensor_py_operators"]
