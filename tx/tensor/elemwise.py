"""Elemwise: an operation of the scalar table, over tensors. DimShuffle: axes permuted, dropped and inserted.

Broadcasting follows the *pattern* of the types, not the lengths: a dimension stretches only where its type says 1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np

from tx import scalar
from tx.configuration import config
from tx.graph import Apply, Constant, Op, Variable, pickling
from tx.scalar import ScalarOp
from tx.scalar import dtypes as dt
from tx.scalar.op import written
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import tensor_type

#: rows whose derivatives are written for complex numbers; those of the others are for analytic functions
_CONJUGATED = (
    *(
        "Cast",
        "abs_",
        "add",
        "complex",
        "complex_from_polar",
        "conj",
        "identity",
        "imag",
        "mul",
        "neg",
        "real",
        "second",
    ),
    *("sub", "switch", "true_div"),
)

#: while a derivative of the table is being written: the Variables that it is written of. (An attribute of the class
#: would have Python look up all of its attributes anew whenever that is set.)
_deriving: list[Any] = []


class Elemwise(Op):
    """`scalar_op` applied to each element of the inputs, which are broadcast together.

    `inplace_pattern`, a mapping from output to input numbers, says which input's type the output must have; XLA decides
    what is in place. `nfunc_spec`, (name in numpy, inputs, outputs), is kept for compatibility, and may come third.
    Raises ValueError when a call gives lengths that the patterns do not allow to be broadcast.
    """

    __props__ = ("scalar_op", "inplace_items")
    #: the tensor functions that derivatives are written in; `tx.tensor.math` sets it to itself
    vocabulary: ClassVar[Any] = None
    #: the type of `tx.scalar`'s variables, which `tx.tensor.scalar_layer` has
    scalars: ClassVar[Any] = ()
    #: of those that are functions of `tx.tensor`
    __name__: str

    def __new__(cls, scalar_op: Any = None, *args: Any, **kwargs: Any) -> Any:
        """An Elemwise; of the subclass that `scalar_op` has for it."""
        kind = getattr(scalar_op, "elemwise_class", None)
        return super().__new__(kind if cls is Elemwise and kind is not None else cls)

    def __init__(
        self,
        scalar_op: ScalarOp,
        inplace_pattern: dict[int, int] | None = None,
        name: str | tuple[str, int, int] | None = None,
        nfunc_spec: tuple[str, int, int] | None = None,
        openmp: bool | None = None,
    ):
        self.scalar_op = scalar_op
        self.inplace_items = tuple(sorted((inplace_pattern or {}).items()))
        self.nfunc_spec = name if isinstance(name, tuple) else nfunc_spec
        self.name = None if isinstance(name, tuple) else name

    @property
    def inplace_pattern(self) -> dict[int, int]:
        """From the number of an output to that of the input in whose place it may be computed."""
        return dict(self.inplace_items)

    def make_node(self, *inputs: Any) -> Apply:
        """Raises TypeError for a wrong number of inputs, and for dtypes that the operation does not take."""
        tensors = [as_tensor_variable(i) for i in inputs]
        nin = self.scalar_op.nin
        if (nin >= 0 and len(tensors) != nin) or not tensors:
            raise TypeError(
                f"Wrong number of inputs for {self}.make_node (got {len(tensors)}({inputs}), expected {nin})"
            )
        types = [t.type for t in tensors]
        find = _results if self.scalar_op.row else _results.__wrapped__  # a program's operation may change its mind
        kinds, ndim, unequal = find(self.scalar_op, config.floatX, config.compatibility, *types)
        for output, given in self.inplace_items:
            if types[given].dtype != kinds[output].dtype:
                raise TypeError(
                    f"Cannot do an inplace operation on incompatible data types: output {output} of {self} is "
                    f"{kinds[output].dtype}, input {given} is {types[given]}"
                )
        op = self
        if _deriving:
            op = self if self.name is None else _nameless(self)
            if not ndim:
                tensors = [_shuffled(t) for t in tensors]
        if unequal:
            tensors = [pad_left(t, ndim) for t in tensors]
        return Apply(op, tensors, [kind.Variable(kind) for kind in kinds])

    def L_op(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        gradients: Sequence[Any],
        wanted: Collection[int] | None = None,
    ) -> list[Any]:
        """The gradient of each input (of those that are `wanted`): the table's derivative, summed over what was
        broadcast.

        What comes in steps, as integers do, is flat in between.
        """
        F, (output,), (g,) = self.vocabulary, outputs, gradients
        if dt.is_discrete(output.dtype):
            return [F.unbroadcast_gradient(F.zeros_like_float(x), x) for x in inputs]
        derivative = self.scalar_op.derivative
        assert derivative is not None
        # A gradient is conjugated: that of an analytic function is g times the conjugate of its derivative.
        analytic = dt.is_complex(output.dtype) and self.scalar_op.row not in _CONJUGATED
        _deriving[:] = *inputs, output, g
        try:
            terms = derivative(F, *inputs, output, F.conj(g) if analytic else g)
            found = [written(t) if wanted is None or i in wanted else None for i, t in enumerate(terms)]
            if analytic:
                found = [t if t is None or t is ... else F.conj(t) for t in found]
        finally:
            _deriving.clear()
        return [self._of_input(t, x) for t, x in zip(found, inputs, strict=True)]

    def _of_input(self, g: Any, x: Any) -> Any:
        if g is ...:
            return g
        return self.vocabulary.disconnected() if g is None else self.vocabulary.unbroadcast_gradient(g, x)

    @property
    def has_gradient(self) -> bool:
        """Whether the table has a derivative (otherwise the lowering is differentiated)."""
        return self.scalar_op.derivative is not None

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """A mere model of a shape has no influence. (A condition has: its gradient is zero.)"""
        first = self.scalar_op.row != "second"
        return [[first or i > 0] * len(node.outputs) for i in range(len(node.inputs))]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The shape that the inputs broadcast to."""
        shape = tuple(
            next((s[d] for s, i in zip(shapes, node.inputs, strict=True) if not i.broadcastable[d]), shapes[0][d])
            for d in range(node.outputs[0].ndim)
        )
        return [shape] * len(node.outputs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "inplace_items" in state:
            self.__dict__.update(state)
        else:
            pickling.set_foreign_state(self, state)

    def __str__(self) -> str:
        return self.name or f"Elemwise{{{self.scalar_op}}}"


ScalarOp.over_tensors = Elemwise


@lru_cache(maxsize=4096, typed=True)  # the type of a number equals that of a tensor without dimensions
def _results(scalar_op: ScalarOp, floatX: str, compatibility: str, *types: Any) -> tuple[tuple[Any, ...], int, bool]:
    """Of what `scalar_op` makes of inputs of these types: the types, how many dimensions, and whether inputs differ in
    that. The flags are those that a row's rule may ask for.
    """
    dtypes = scalar_op.output_dtypes(*[t.dtype for t in types])
    lengths = [len(t.broadcastable) for t in types]
    ndim = max(lengths)
    if not ndim and any(isinstance(t, Elemwise.scalars) for t in types):
        return tuple(map(Elemwise.scalars, dtypes)), 0, False
    padded = [(True,) * (ndim - n) + t.broadcastable for t, n in zip(types, lengths, strict=True)]
    pattern = tuple(map(all, zip(*padded, strict=True)))
    return tuple([tensor_type(dtype, pattern) for dtype in dtypes]), ndim, min(lengths) < ndim


@lru_cache(maxsize=1024)
def _nameless(op: Elemwise) -> Elemwise:
    """The Op of derivatives that computes what `op` does: as in Theano, it has no name."""
    return Elemwise(op.scalar_op, op.inplace_pattern)


def _shuffled(number: Any) -> Any:
    """A scalar of a derivative: as in Theano, a constant that is new there is shuffled."""
    if isinstance(number, Constant) and all(number is not known for known in _deriving):
        return dim_shuffle((), ())(number)
    return number


class DimShuffle(Op):
    """Permute axes, drop broadcastable ones, insert new ones of length 1 (``'x'`` in `new_order`).

    Raises ValueError for an axis named twice or out of range, or when an axis would be dropped whose length may be
    other than 1.
    """

    __props__ = ("input_broadcastable", "new_order")

    def __init__(self, input_broadcastable: Sequence[bool], new_order: Sequence[int | str], inplace: bool = True):
        self.input_broadcastable = tuple(input_broadcastable)
        for d in new_order:
            if isinstance(d, str) and d != "x":
                raise TypeError(f"new_order takes integers and 'x', not {d!r}", new_order)
        self.new_order = tuple(d if d == "x" else int(d) for d in new_order)
        ndim = len(self.input_broadcastable)
        kept = [d for d in self.new_order if isinstance(d, int)]
        for d in kept:
            if not 0 <= d < ndim:
                raise ValueError(
                    f"new_order[{self.new_order.index(d)}] is {d}, but the input only has {ndim} axes.",
                )
        if len(set(kept)) != len(kept):
            raise ValueError(
                "The same input dimension may not appear twice in the list of output dimensions", new_order
            )
        self.shuffle = kept
        self.drop = [d for d in range(ndim) if d not in kept]
        for d in self.drop:
            if not self.input_broadcastable[d]:
                raise ValueError(
                    "You cannot drop a non-broadcastable dimension:",
                    f"{self.input_broadcastable}, {self.new_order}: dimension {d} may be longer than 1",
                )
        self.augment = [i for i, d in enumerate(self.new_order) if d == "x"]

    @cached_property
    def pattern(self) -> tuple[bool, ...]:
        """The broadcast pattern of the result, for an input of the pattern that this Op was made for."""
        return tuple(not isinstance(d, int) or self.input_broadcastable[d] for d in self.new_order)

    def make_node(self, x: Any) -> Apply:
        """Raises TypeError when the pattern of `x` contradicts the one that this Op was made for."""
        x = as_tensor_variable(x)
        found, expected, pattern = x.type.broadcastable, self.input_broadcastable, self.pattern
        if found != expected:
            if len(found) != len(expected) or any(e and not f for e, f in zip(expected, found, strict=True)):
                raise TypeError(
                    f"The number of dimensions and/or broadcastable pattern of the input is incorrect for this op. "
                    f"Expected {expected}, got {found} of {x}."
                )
            pattern = tuple(d == "x" or found[d] for d in self.new_order)
        return Apply(self, [x], [tensor_type(x.type.dtype, pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The inverse shuffle."""
        (x,), (g,) = inputs, gradients
        back: list[int | str] = ["x"] * x.ndim
        for position, d in enumerate(self.new_order):
            if isinstance(d, int):
                back[d] = position
        return [dim_shuffle(g.type.broadcastable, back)(g)]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """The shuffled lengths."""
        return [tuple(1 if d == "x" else shapes[0][d] for d in self.new_order)]

    def __str__(self) -> str:
        return f"InplaceDimShuffle{{{','.join(map(str, self.new_order))}}}"


@lru_cache(maxsize=4096)
def _shuffle(input_broadcastable: tuple[bool, ...], new_order: tuple[int | str, ...]) -> DimShuffle:
    return DimShuffle(input_broadcastable, new_order)


def dim_shuffle(input_broadcastable: Sequence[bool], new_order: Sequence[int | str]) -> DimShuffle:
    """The DimShuffle of this pattern and order: it is made once. Raises what making it raises."""
    return _shuffle(tuple(input_broadcastable), tuple(new_order))


def pad_left(x: Any, ndim: int) -> Any:
    """`x` with axes of length 1 put in front until it has `ndim` of them."""
    missing = ndim - x.ndim
    if missing <= 0:
        return x
    return dim_shuffle(x.type.broadcastable, (*("x",) * missing, *range(x.ndim)))(x)


#: the functions whose name is the whole name of their Op
_BARE = ("sigmoid", "softplus")


def elemwise(name: str, *parameters: Any) -> Elemwise:
    """The Elemwise of a row of the scalar table, with the name that it has in Theano."""
    shown = name if name in _BARE else f"Elemwise{{{name},no_inplace}}"
    return Elemwise(scalar.get(name, *parameters), name=None if name in ("Cast", "identity") else shown)


def is_elemwise(variable: Variable, name: str) -> bool:
    """Whether `variable` is computed by the Elemwise of that row."""
    owner = variable.owner
    return owner is not None and isinstance(owner.op, Elemwise) and owner.op.scalar_op.row == name


def unfilled(variable: Any) -> Any:
    """What `variable` is filled with, if it is; else itself."""
    return variable.owner.inputs[1] if is_elemwise(variable, "second") else variable


def constant_value(variable: Any) -> Any:
    """The number that every element of `variable` is known to be, or None. Looks through dimshuffles and casts."""
    while variable.owner is not None:
        op = variable.owner.op
        if isinstance(op, DimShuffle) or (isinstance(op, Elemwise) and op.scalar_op.row == "Cast"):
            variable = variable.owner.inputs[0]
        else:
            return None
    data = getattr(variable, "data", None)
    if data is None or np.size(data) == 0:
        return None
    first = np.asarray(data).flat[0]
    return first if (first == first if data.ndim == 0 else np.all(data == first)) else None
