"""MRG31k3p, the generator of `MRG_RandomStreams`: two linear recurrences, split into far-apart streams.

P. L'Ecuyer and R. Touzin, Fast combined multiple recursive generators with multipliers of the form a = ±2^q ± 2^r
(2000). The state of a stream is six int32: the last three values of the first recurrence (modulo `M1`), the newest in
front, and the last three of the second one (modulo `M2`). Jumps between streams are made here, on the host; the draws
themselves are an Op.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from tx.graph import Apply, Op, Variable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.facts import get_vector_length
from tx.tensor.shapes import as_shape_vector, static_lengths
from tx.tensor.type import TensorType

M1, M2 = np.int32(2**31 - 1), np.int32(2**31 - 21069)
NORM = 2.0**-31
NORM_16 = 2.0**-15 - 2.0**-24
#: one step of each recurrence, as a matrix that the state is multiplied by
A1 = np.array([[0, 2**22, 2**7 + 1], [1, 0, 0], [0, 1, 0]], object)
A2 = np.array([[2**15, 0, 2**15 + 1], [1, 0, 0], [0, 1, 0]], object)
#: more streams than this are never chosen
MOST_STREAMS = 60 * 256


@cache
def _jump(exponent: int) -> tuple[Any, Any]:
    """The matrices of 2**exponent steps."""
    if exponent == 0:
        return A1, A2
    a, b = _jump(exponent - 1)
    return a.dot(a) % int(M1), b.dot(b) % int(M2)


def _int64(matrix: Any) -> Any:
    return matrix.astype("int64")


A1p72, A2p72 = map(_int64, _jump(72))
A1p134, A2p134 = map(_int64, _jump(134))


def multMatVect(v: Any, A: Any, m1: Any, B: Any, m2: Any) -> Any:
    """States (..., 6), the first halves multiplied by `A` modulo `m1`, the second ones by `B` modulo `m2`; int32.

    All numbers are below 2**31: three products of two fit into 64 bits without a sign.
    """
    halves = []
    for half, matrix, m in ((v[..., :3], A, m1), (v[..., 3:], B, m2)):
        found = np.asarray(half, "uint64") @ np.asarray(matrix, "uint64").T
        m = np.uint64(m)
        halves.append(found - found // m * m)  # numpy divides by one number fast, but does not know that of %
    return np.concatenate(halves, -1).astype("int32")


def ff_2p72(rstate: Any) -> Any:
    """The state 2**72 steps on: where the next stream of a draw begins."""
    return multMatVect(rstate, A1p72, M1, A2p72, M2)


def ff_2p134(rstate: Any) -> Any:
    """The state 2**134 steps on: where the streams of the next draw begin."""
    return multMatVect(rstate, A1p134, M1, A2p134, M2)


def substreams(rstate: Any, n_streams: int) -> Any:
    """The states (n_streams, 6) of streams 2**72 steps apart, from `rstate` on: doubled until there are enough."""
    states, exponent = np.array([rstate], "int32"), 72
    while len(states) < n_streams:
        a, b = map(_int64, _jump(exponent))
        states = np.concatenate([states, multMatVect(states[: n_streams - len(states)], a, M1, b, M2)])
        exponent += 1
    return states


def guess_n_streams(size: Any, warn: bool = False) -> int:
    """How many streams a draw of this size gets: as many as it has elements up to 6, and a sixth of them beyond.

    Where the size is no sequence of ints, there are as many as ever; `warn` says so.
    """
    if isinstance(size, list | tuple) and all(isinstance(n, int) for n in size):
        elements = int(np.prod(size, dtype="int64"))
        return min(elements if elements <= 6 else elements // 6, MOST_STREAMS)
    if warn:
        warnings.warn(
            f"guess_n_streams cannot know the number of elements of size {size!r}; it takes {MOST_STREAMS} streams",
            stacklevel=3,
        )
    return MOST_STREAMS


class Unconnected(Op):
    """An Op of two inputs and two outputs that are constants to a derivative."""

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Nothing is connected."""
        return [[False, False], [False, False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """None."""
        return [F.disconnected() for _ in inputs]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """None."""
        return [None, None]


class Draw(Unconnected):
    """Random numbers of a type: ``new_state, sample = draw(state, size)``."""

    output_type: Any

    def numbers(self, state: Any, size: Any) -> Apply:
        """The node of a draw. Raises TypeError for a dtype that is not a float."""
        if not self.output_type.dtype.startswith("float"):
            raise TypeError("streams draw floats", self.output_type)
        return Apply(self, [state, F.cast(as_shape_vector(size), "int64")], [state.type(), self.output_type()])


def sample_type(size: Any, ndim: int | None, dtype: Any) -> TensorType:
    """The type of numbers of a size, as far as it tells.

    Raises ValueError when neither `size` nor `ndim` says how many dimensions there are, or they disagree.
    """
    vector = as_shape_vector(size)
    known = static_lengths(vector)
    if known is None:
        known = [None] * (get_vector_length(vector) if ndim is None else ndim)
    elif ndim is not None and ndim != len(known):
        raise ValueError(f"size has {len(known)} elements, but ndim is {ndim}")
    return TensorType(dtype, [n == 1 for n in known])


class mrg_uniform(Draw):
    """The next numbers between 0 and 1 of the streams, and what becomes of their state.

    ``new_rstate, sample = mrg_uniform(type)(rstate, size)``: stream number i of n gives the elements i, i + n, i + 2n
    and so on of the flattened sample.
    """

    __props__ = ("output_type",)

    def __init__(self, output_type: Any, inplace: bool = False):
        self.output_type = output_type

    @classmethod
    def new(cls, rstate: Any, ndim: int | None, dtype: Any, size: Any) -> list[Any]:
        """The new state and the sample, with the type that `size` tells. Raises what `sample_type` raises."""
        outputs: list[Any] = cls(sample_type(size, ndim, dtype))(rstate, as_shape_vector(size), return_list=True)
        return outputs

    def make_node(self, rstate: Any, size: Any) -> Apply:
        """Raises TypeError for a dtype that is not a float, and unless the state is an int32 matrix."""
        rstate = as_tensor_variable(rstate)
        if rstate.ndim != 2 or rstate.dtype != "int32":
            raise TypeError("the state of MRG streams is an int32 matrix", rstate.type)
        return self.numbers(rstate, size)


mrg_uniform_base = mrg_uniform


def seed_state(seed: Any) -> Any:
    """The state that a seed means: one int six times over, or six. Raises TypeError, and ValueError out of range."""
    if isinstance(seed, int):
        if seed == 0:
            raise ValueError("seed should not be 0", seed)
        if seed >= M2:
            raise ValueError(f"seed should be less than {M2}", seed)
        return np.array([seed] * 6, "int32")
    if np.ndim(seed) != 1 or len(seed) != 6 or isinstance(seed, str):
        raise TypeError("seed should be 1 integer or 6 integers", seed)
    for which, part, modulus in (("first", seed[:3], M1), ("last", seed[3:], M2)):
        if all(n == 0 for n in part):
            raise ValueError(f"The {which} 3 values of seed should not be all 0", seed)
        if any(n >= modulus for n in part):
            raise ValueError(f"The {which} 3 values of seed should be less than {modulus}", seed)
    return np.array([int(n) for n in seed], "int32")


def check_size(size: Any) -> Any:
    """A size of a draw: a tuple of positive ints or integer scalars, or an integer vector.

    Raises TypeError for anything else, ValueError for lengths that are not positive.
    """
    if isinstance(size, Variable):
        if getattr(size, "ndim", 0) == 1:
            return size
    elif isinstance(size, tuple):
        if not all(isinstance(n, int | np.integer | Variable) for n in size):
            raise TypeError("size must be a tuple of int or a Theano variable", size)
        if any(isinstance(n, int | np.integer) and n <= 0 for n in size):
            raise ValueError("The specified size contains a dimension with value <= 0", size)
        return size
    raise TypeError(
        f"size must be a tuple of int or a Theano Variable with 1 dimension, got {size} of type {type(size)}"
    )
