"""Draws by numpy's `RandomState`, with its numbers: functions from a symbolic state to the next one and a sample.

A draw is made by numpy, on the host. What may be given as a size is the same for all of them: see `random_function`.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tx.configuration import config
from tx.gradient.rules import grad_undefined
from tx.graph import Apply, Op, Variable
from tx.random.states import RandomStateType, Snapshot, drawn, random_state_type
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.choosing import permute_row_elements
from tx.tensor.convert import as_tensor_variable
from tx.tensor.facts import get_vector_length
from tx.tensor.shapes import as_shape_vector, shape, shape_i
from tx.tensor.type import TensorType

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable

#: methods that draw element after element: several samples are one larger one
_ELEMENT_BY_ELEMENT = ("binomial", "normal", "poisson", "uniform")


class Draw(Op):
    """What draws: from a state and arguments to the next state and a sample. There is no derivative.

    The values are found by ``draw(state, *arguments)``, with a Snapshot for each state.
    """

    outtype: Any
    draw: Callable[..., tuple[Snapshot, np.ndarray]]

    def ahead(self, n: Any, inputs: Sequence[Any]) -> list[Any]:
        """The state after `n` draws with these inputs, and the samples, along a new first axis."""
        r, *arguments = inputs
        return RandomSequence(self)(r, n, *arguments, return_list=True)  # type: ignore[no-any-return]

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """A draw from a RandomState, which stays as it is."""
        generator, *arguments = inputs
        after, output_storage[1][0] = self.draw(random_state_type.pack(generator), *arguments)
        output_storage[0][0] = after.restored()

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Undefined."""
        reason = "No gradient defined through raw random numbers op"
        return [grad_undefined(self, i, v, reason) for i, v in enumerate(inputs)]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """None."""
        return [None, None]


class RandomFunction(Draw):
    """The next state, and a sample of `outtype`: ``RandomFunction(fn, outtype)(state, size, *arguments)``.

    `fn` is the name of a method of RandomState, or a function of a RandomState; after it come the values of the
    arguments, last the size, a tuple. The sample has `ndim_added` more dimensions than the size has elements.
    `inplace` is accepted: states are values here. Raises, when run, ValueError for a sample of another rank.
    Source: theano.tensor.raw_random.RandomFunction.
    """

    __props__ = ("fn", "outtype", "inplace", "ndim_added")

    def __init__(self, fn: Any, outtype: Any, inplace: bool = False, ndim_added: int = 0):
        self.fn = fn
        self.outtype = outtype
        self.inplace = inplace
        self.ndim_added = ndim_added
        if inplace:
            self.destroy_map = {0: [0]}  # type: ignore[misc]
        self.exec_fn: Callable[..., Any] = getattr(np.random.RandomState, fn) if isinstance(fn, str) else fn

    def make_node(self, r: Any, shape: Any, *args: Any) -> Apply:
        """Raises TypeError unless `r` is a state and `shape` a sequence of integers."""
        if not isinstance(getattr(r, "type", None), RandomStateType):
            raise TypeError("a draw starts from a Variable of RandomStateType", r)
        size = F.cast(_size_vector(shape), "int64")
        return Apply(self, [r, size, *map(as_tensor_variable, args)], [r.type(), self.outtype()])

    def draw(self, state: Snapshot, size: Any, *arguments: Any) -> tuple[Snapshot, np.ndarray]:
        """The next state, and the sample."""
        kind = self.outtype
        if len(size) + self.ndim_added != kind.ndim:
            raise ValueError(
                f"Shape mismatch: self.outtype.ndim ({kind.ndim}) != len(shape) ({len(size)}) + self.ndim_added "
                f"({self.ndim_added})"
            )
        after, sample = drawn(state, self.exec_fn, *arguments, tuple(int(n) for n in size))
        sample = np.asarray(sample)
        if sample.ndim != kind.ndim:
            raise ValueError(
                f'Shape mismatch: "out" should have dimension {kind.ndim}, but the value produced by "perform" has '
                f"dimension {sample.ndim}"
            )
        return after, kind.filter(sample.astype(kind.dtype, copy=False))

    def __str__(self) -> str:
        return f"RandomFunction{{{self.fn if isinstance(self.fn, str) else self.fn.__name__}}}"


class RandomSequence(Draw):
    """Samples of a Draw, drawn one after the other, along a new first axis.

    ``RandomSequence(op)(state, n, *arguments)`` gives the state after `n` of them, and the samples.
    """

    __props__ = ("op",)

    def __init__(self, op: Draw):
        self.op = op
        self.outtype = TensorType(op.outtype.dtype, (False, *op.outtype.broadcastable))

    def make_node(self, r: Any, n: Any, *arguments: Any) -> Apply:
        """The inputs of the Draw, with the number of samples behind the state."""
        return Apply(self, [r, n, *arguments], [r.type(), self.outtype()])

    def draw(self, state: Snapshot, n: Any, *arguments: Any) -> tuple[Snapshot, np.ndarray]:
        """The last state, and the samples."""
        op: Any = self.op
        if getattr(op, "fn", None) in _ELEMENT_BY_ELEMENT:
            size, *rest = arguments
            return RandomFunction(op.fn, self.outtype).draw(state, [n, *size], *rest)
        samples = []
        for _ in range(int(n)):
            state, sample = op.draw(state, *arguments)
            samples.append(sample)
        return state, np.stack(samples) if samples else op.draw(state, *arguments)[1][None][:0]


# -- sizes ------------------------------------------------------------------------------------------------------------


def _size_vector(size: Any) -> Any:
    """`size`, a sequence of ints and scalars or an integer vector, as a vector. Raises TypeError for anything else."""
    vector = as_tensor_variable(size) if isinstance(size, Variable | np.ndarray | int | float) else size
    if getattr(vector, "ndim", 1) != 1:
        raise TypeError(f"shape must be a vector or list of scalar, got '{vector}'")
    return as_shape_vector(vector)


def _infer_ndim_bcast(ndim: int | None, size: Any, *args: Any) -> tuple[int, Any, tuple[bool, ...]]:
    """The number of dimensions of a draw, its size as a vector, its broadcast pattern.

    They come from `size`, in which -1 stands for the length that the arguments have there, or, without a size, from
    the arguments, which are broadcast against each other.
    Raises TypeError where there are neither, ValueError where `ndim`, `size` and the arguments do not fit.
    """
    ranks = [a.ndim for a in args]
    if size is None:
        if not args:
            raise TypeError("_infer_ndim_bcast cannot infer shape without either shape or args")
        ndim = max(ranks)
        pattern = [_pattern_at(args, d, ndim) for d in range(ndim)]
        return ndim, shape(F.add(*args) if len(args) > 1 else args[0]), tuple(pattern)
    if isinstance(size, list | tuple):
        if ndim is not None and ndim != len(size):
            raise ValueError("ndim should be equal to len(shape), but\n",
                             f"ndim = {ndim}, len(shape) = {len(size)}, shape = {size}")  # fmt: skip
        ndim = len(size)
        pattern = [_pattern_at(args, d, ndim) if _is(n, -1) else _is(n, 1) for d, n in enumerate(size)]
        size = [_length_at(args, d, ndim) if _is(n, -1) else n for d, n in enumerate(size)]
        if any(not isinstance(n, Variable) and np.ndim(n) == 0 and n < 0 for n in size):
            raise ValueError("negative dimensions are not allowed", size)
        vector = _size_vector(size)
    else:
        vector = _size_vector(size)
        ndim = get_vector_length(vector) if ndim is None else ndim
        pattern = [False] * ndim
    if ndim < max([0, *ranks]):
        raise ValueError("ndim should be at least as big as required by args value", (ndim, max(ranks)), args)
    return ndim, vector, tuple(pattern)


def _is(n: Any, number: int) -> bool:
    return not isinstance(n, Variable) and np.ndim(n) == 0 and bool(n == number)


def _axes(args: Sequence[Any], d: int, ndim: int) -> list[tuple[Any, int]]:
    """The arguments that reach axis `d` of `ndim`, each with the axis of its own that lies there."""
    return [(a, d - ndim + a.ndim) for a in args if d - ndim + a.ndim >= 0]


def _pattern_at(args: Sequence[Any], d: int, ndim: int) -> bool:
    return all(a.type.broadcastable[i] for a, i in _axes(args, d, ndim))


def _length_at(args: Sequence[Any], d: int, ndim: int) -> Any:
    there = _axes(args, d, ndim)
    if not there:
        raise ValueError("Auto-shape of -1 must overlap with the shape of one of the broadcastable inputs")
    return shape_i(*next((pair for pair in there if not pair[0].type.broadcastable[pair[1]]), there[0]))


def _generate_broadcasting_indices(out_shape: Sequence[int], *shapes: Sequence[int]) -> list[list[tuple[int, ...]]]:
    """For each of `shapes`, broadcast to `out_shape`, the index in it that each element of the result comes from.

    The first list are the indices of the result itself. Raises ValueError where a shape does not fit.
    """
    found = [list(np.ndindex(*out_shape))]
    for given in shapes:
        padded = (1,) * (len(out_shape) - len(given)) + tuple(given)
        for i, (n, m) in enumerate(zip(padded, out_shape, strict=True)):
            if n not in (1, m):
                raise ValueError(f"shape[{i}] ({n}) should be equal to out_shape[{i}] ({m}) or to 1", padded, out_shape)
        found.append([tuple(0 if n == 1 else k for n, k in zip(padded, index, strict=True)) for index in found[0]])
    return found


def random_function(fn: Any, dtype: Any, *defaults: Any, ndim_added: int = 0) -> Callable[..., Any]:
    """A function ``draw(state, size=None, *arguments, ndim=None)`` for a `fn` of RandomFunction.

    It returns the next state and the sample. `defaults` are arguments that may be left out. `size` is a sequence of
    ints and scalars, in which -1 stands for the length that the arguments have there; or an integer vector, of which
    `ndim` says the length if it is not known; without it the sample is as large as the arguments, broadcast against
    each other. Raises TypeError and ValueError for other sizes.
    """

    def draw(random_state: Any, size: Any = None, *arguments: Any, ndim: int | None = None) -> Any:
        given = [*arguments, *defaults[len(arguments) :]]
        return _draw(fn, dtype, random_state, size, ndim, given, added=[False] * ndim_added)

    return draw


def _draw(
    fn: Any, dtype: Any, state: Any, size: Any, ndim: int | None, arguments: Any, sized: Any = None, added: Any = ()
) -> list[Any]:
    """The next state and the sample; `sized` are what the size is inferred from, `added` the pattern behind it."""
    arguments = list(map(as_tensor_variable, arguments))
    _, vector, pattern = _infer_ndim_bcast(ndim, size, *(arguments if sized is None else sized))
    op = RandomFunction(fn, TensorType(dt.canonical(dtype), (*pattern, *added)), ndim_added=len(added))
    return op(state, vector, *arguments)  # type: ignore[no-any-return]


def _float_dtype(dtype: Any, *arguments: Any) -> str:
    return dt.upcast(config.floatX, *(a.dtype for a in arguments)) if dtype is None else dt.canonical(dtype)


# -- draws ------------------------------------------------------------------------------------------------------------


def uniform(
    random_state: Any, size: Any = None, low: Any = 0.0, high: Any = 1.0, ndim: int | None = None, dtype: Any = None
) -> Any:
    """Numbers from `low` (included) to `high` (excluded); by default of the dtype of `low` and `high`, or floatX."""
    low, high = as_tensor_variable(low), as_tensor_variable(high)
    return _draw("uniform", _float_dtype(dtype, low, high), random_state, size, ndim, [low, high])


def normal(
    random_state: Any, size: Any = None, avg: Any = 0.0, std: Any = 1.0, ndim: int | None = None, dtype: Any = None
) -> Any:
    """Normal numbers around `avg`, with the standard deviation `std`; by default of their dtype, or floatX."""
    avg, std = as_tensor_variable(avg), as_tensor_variable(std)
    return _draw("normal", _float_dtype(dtype, avg, std), random_state, size, ndim, [avg, std])


def binomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    p: Any = 0.5,
    ndim: int | None = None,
    dtype: Any = "int64",
    prob: Any = None,
) -> Any:
    """How many of `n` trials come true, each with probability `p` (formerly `prob`)."""
    if prob is not None:
        warnings.warn("binomial: prob is now called p", DeprecationWarning, stacklevel=2)
        p = prob
    return _draw("binomial", dtype, random_state, size, ndim, [n, p])


def poisson(random_state: Any, size: Any = None, lam: Any = 1.0, ndim: int | None = None, dtype: Any = "int64") -> Any:
    """How many events come where `lam` are expected."""
    lam = as_tensor_variable(lam)
    if size is None and ndim not in (None, lam.ndim):
        raise TypeError(f"nothing says how long the {ndim} dimensions are", lam.type)
    return _draw("poisson", dtype, random_state, size, ndim, [lam])


def random_integers_helper(random_state: Any, low: Any, high: Any, size: Any) -> Any:
    """Integers from `low` to `high`, both included, which are broadcast to `size`; floats are truncated."""
    if low.ndim == high.ndim == 0:
        return random_state.randint(int(low), int(high) + 1, size, dtype="int64")
    low, high = np.broadcast_to(low, size), np.broadcast_to(high, size)
    found = np.empty(size, "int64")
    for index in np.ndindex(*size):  # numpy draws other numbers where bounds are arrays
        found[index] = random_state.randint(int(low[index]), int(high[index]) + 1, dtype="int64")
    return found


def random_integers(
    random_state: Any, size: Any = None, low: Any = 0, high: Any = 1, ndim: int | None = None, dtype: Any = "int64"
) -> Any:
    """Integers from `low` to `high`, both included."""
    return _draw(random_integers_helper, dtype, random_state, size, ndim, [low, high])


def choice_helper(random_state: Any, a: Any, replace: Any, p: Any, size: Any) -> Any:
    """`size` elements of `a`, or ints below it; `p`, if it is not empty, are their probabilities."""
    if a.ndim > 1:
        raise ValueError(f"a.ndim ({a.ndim}) must be 0 or 1")
    if p.ndim != 1:
        raise ValueError(f"p.ndim ({p.ndim}) must be 1")
    return random_state.choice(a, size, bool(replace), p if p.size else None)


def choice(
    random_state: Any,
    size: Any = None,
    a: Any = 2,
    replace: Any = True,
    p: Any = None,
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """Elements of the vector `a`, or ints below `a`, with or without putting them back; one if no size is given.

    `p` are the probabilities: equal ones by default.
    """
    p = as_tensor_variable(np.zeros(0) if p is None or (np.isscalar(p) and not p) else p)
    replace = as_tensor_variable(np.int8(replace) if isinstance(replace, bool) else replace)
    size = () if size is None else size
    return _draw(choice_helper, dtype, random_state, size, ndim, [a, replace, p], sized=())


def permutation_helper(random_state: Any, n: Any, shape: Any) -> Any:
    """Permutations of the ints below `n`, along a last axis."""
    if n.ndim:
        raise AssertionError("n must be a scalar", n.shape)
    found = np.empty((*shape, int(n)), "int64")
    for index in np.ndindex(*shape):
        found[index] = random_state.permutation(int(n))
    return found


def permutation(random_state: Any, size: Any = None, n: Any = 1, ndim: int | None = None, dtype: Any = "int64") -> Any:
    """Permutations of the ints below `n`, along a last axis behind those of `size`; one if no size is given."""
    if size is None or (isinstance(size, list | tuple) and not size):
        if ndim not in (None, 1):
            raise TypeError("You asked for just one permutation but asked for more then 1 dimensions.")
        size, ndim = (), 0
    return _draw(permutation_helper, dtype, random_state, size, ndim, [n], sized=(), added=[False])


def multinomial_helper(random_state: Any, n: Any, pvals: Any, size: Any) -> Any:
    """Counts for each category, along a last axis; `n` and the rows of `pvals` are broadcast to `size`.

    Rows whose sum is above 1 by rounding alone are scaled. Raises AssertionError for what are no probabilities.
    """
    sums = pvals.sum(-1)
    if (pvals < 0).any() or (sums > 1 + 1e-5).any():
        raise AssertionError("pvals must be probabilities: none negative, and the sums of the rows 1 at most", sums)
    scale = np.where(sums > 1, 1 - 5e-5, 1).astype(pvals.dtype)
    rows = np.broadcast_to(pvals * scale[..., None], (*size, pvals.shape[-1]))
    counts = np.broadcast_to(n, size)
    found = np.empty(rows.shape, "int64")
    for index in np.ndindex(*size):
        found[index] = random_state.multinomial(int(counts[index]), rows[index])
    return found


def multinomial(
    random_state: Any,
    size: Any = None,
    n: Any = 1,
    pvals: Any = (0.5, 0.5),
    ndim: int | None = None,
    dtype: Any = "int64",
) -> Any:
    """How often each category comes in `n` draws: along a last axis, as their probabilities are in `pvals`.

    The size, by default, and its -1, come from `n` and the other axes of `pvals`.
    """
    n, pvals = as_tensor_variable(n), as_tensor_variable(pvals)
    if not pvals.ndim:
        raise IndexError("pvals must have an axis of categories", pvals.type)
    sized = [n, pvals.take(0, -1)]
    last = pvals.type.broadcastable[-1:]
    return _draw(multinomial_helper, dtype, random_state, size, ndim, [n, pvals], sized, last)


# -- streams ----------------------------------------------------------------------------------------------------------


def _method(function: Callable[..., Any]) -> Callable[..., TensorVariable]:
    """`function` as a method of streams, where `gen` gives the state and takes the next one."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return self.gen(function, *args, **kwargs)

    parameters = list(inspect.signature(function).parameters.values())
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    method.__signature__ = inspect.Signature([me, *parameters[1:]])  # type: ignore[attr-defined]
    method.__name__, method.__doc__ = function.__name__, function.__doc__
    return method


class RandomStreamsBase:
    """What streams draw, by their method ``gen(function, *args, **kwargs)``: the sample of a function from above."""

    binomial = _method(binomial)
    uniform = _method(uniform)
    normal = _method(normal)
    random_integers = _method(random_integers)
    choice = _method(choice)
    poisson = _method(poisson)
    permutation = _method(permutation)
    multinomial = _method(multinomial)

    def shuffle_row_elements(self, input: Any) -> TensorVariable:
        """`input` with the elements of each row (along the last axis) in an order of its own, drawn anew.

        Raises ValueError for a scalar.
        """
        input = as_tensor_variable(input)
        if not input.ndim:
            raise ValueError("a scalar has no rows", input)
        last = input.ndim - 1
        rows = shape(input)[:-1] if last else ()
        order = self.permutation(size=rows, n=shape_i(input, last), ndim=last or None)
        return permute_row_elements(input, order)  # type: ignore[no-any-return]


__all__ = [
    "RandomFunction",
    "RandomStateType",
    "RandomStreamsBase",
    "binomial",
    "choice",
    "choice_helper",
    "multinomial",
    "multinomial_helper",
    "normal",
    "permutation",
    "permutation_helper",
    "poisson",
    "random_function",
    "random_integers",
    "random_integers_helper",
    "random_state_type",
    "uniform",
]
