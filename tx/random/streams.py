"""Symbolic draws whose state every function call moves on, and `MRG_RandomStreams`: each with streams of its own."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from tx.configuration import config
from tx.gradient.marks import undefined_grad
from tx.random import mrg
from tx.random.box_muller import BoxMuller
from tx.random.multinomial import ChoiceFromUniform, MultinomialFromUniform
from tx.scalar import dtypes as dt
from tx.shared import shared
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.facts import get_vector_length
from tx.tensor.joining import join
from tx.tensor.math import cast
from tx.tensor.reduction import prod
from tx.tensor.shapes import as_shape_vector, reshape, static_lengths
from tx.tensor.shapes import shape_i as length
from tx.tensor.subtensor import nonzero

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable

#: of normal numbers within two standard deviations
DEVIATION = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


def _constant_to_grad(x: Any, dtype: str | None = None) -> Any:
    x = as_tensor_variable(x)
    return undefined_grad(x if dtype is None else cast(x, dtype))


class Streams(ABC):
    """What random streams have in common: draws made of uniform and of normal numbers, each with a state of its own,
    a shared variable with a `default_update`.

    A subclass says where uniform (`_numbers`) and normal (`_standard`) numbers come from.
    """

    #: (state, new state, size, nstreams) of each draw
    state_updates: list[tuple[Any, Any, Any, Any]]

    def updates(self) -> list[tuple[Any, Any]]:
        """(state, new state) of each draw."""
        return [row[:2] for row in self.state_updates]

    def pretty_return(self, node_rstate: Any, new_rstate: Any, sample: Any, size: Any, nstreams: Any) -> Any:
        """Note the draw, and let every function with `sample` in it update its state."""
        sample.rstate = node_rstate
        sample.update = (node_rstate, new_rstate)
        self.state_updates.append((node_rstate, new_rstate, size, nstreams))
        node_rstate.default_update = new_rstate
        return sample

    @abstractmethod
    def _numbers(self, size: Any, ndim: int | None, dtype: str, nstreams: int | None) -> Any:
        """Uniform numbers between 0 and 1, by a new draw."""

    @abstractmethod
    def _standard(self, shape: Any, ndim: int | None, dtype: str, nstreams: int | None, truncate: bool) -> Any:
        """Normal numbers, or, with `truncate`, those within two standard deviations."""

    def _parameter(self, x: Any, dtype: str) -> Any:
        """A parameter of uniform or normal numbers."""
        return cast(x, dtype)

    def uniform(
        self,
        size: Any,
        low: Any = 0.0,
        high: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
    ) -> TensorVariable:
        """Numbers between `low` and `high`, neither included, which are broadcast to `size`.

        `size` is a tuple of ints and scalars, or an integer vector whose length is known, or is `ndim`.
        Raises TypeError and ValueError for other sizes, ValueError where `low` and `high` have more elements.
        """
        low, high = as_tensor_variable(low), as_tensor_variable(high)
        dtype = dt.upcast(config.floatX, low.dtype, high.dtype) if dtype is None else dt.canonical(dtype)
        low, high = self._parameter(low, dtype), self._parameter(high, dtype)
        sample = self._numbers(mrg.check_size(size), ndim, dtype, nstreams)
        scaled = sample * (high - low) + low
        if scaled.type.broadcastable != sample.type.broadcastable:
            raise ValueError("Increase the size to match the broadcasting pattern of `low` and `high` arguments")
        return scaled

    def binomial(
        self,
        size: Any = None,
        n: int = 1,
        p: Any = 0.5,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
    ) -> TensorVariable:
        """How many of `n` trials come true, each with probability `p`."""
        p = _constant_to_grad(p)
        if n == 1:
            return cast(self.uniform(size, ndim=ndim, nstreams=nstreams) < p, dtype)
        shape = as_shape_vector(mrg.check_size(size))
        known = static_lengths(shape)
        ndim = len(known) if known is not None else ndim
        trials = [shape[d] for d in range(get_vector_length(shape) if ndim is None else ndim)]
        found = self.uniform((n, *trials), nstreams=nstreams) < p
        return cast(cast(found, "int64").sum(0), dtype)

    def multinomial(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
    ) -> TensorVariable:
        """How often each category comes in `n` draws: a matrix like `pvals`, whose rows are the distributions.

        Raises TypeError without `pvals`, ValueError unless it is a matrix, or with a `size`, which it has already.
        """
        pvals = self._distributions("multinomial", "pvals", pvals, size)
        return MultinomialFromUniform(dtype)(pvals, self._for_rows(pvals, n, nstreams), n)

    def choice(
        self,
        size: Any = 1,
        a: Any = None,
        replace: bool = True,
        p: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
    ) -> TensorVariable:
        """Which categories come in `size` draws, with or without putting them back: a row for each one of `p`.

        Raises TypeError for an `a`, or without `p`; ValueError unless `p` is a matrix.
        """
        if a is not None:
            raise TypeError(
                "For now, a has to be None in MRG_RandomStreams.choice. Sampled values are between 0 and p.shape[1]-1"
            )
        p = self._distributions("choice", "p", p)
        return ChoiceFromUniform(dtype, replace)(p, self._for_rows(p, size, nstreams), size)

    def multinomial_wo_replacement(
        self,
        size: Any = None,
        n: Any = 1,
        pvals: Any = None,
        ndim: int | None = None,
        dtype: Any = "int64",
        nstreams: int | None = None,
    ) -> TensorVariable:
        """`choice` without replacement, by its old name."""
        warnings.warn("multinomial_wo_replacement is deprecated: use choice", DeprecationWarning, stacklevel=2)
        pvals = self._distributions("multinomial_wo_replacement", "pvals", pvals, size)
        return self.choice(n, None, False, pvals, ndim, dtype, nstreams)

    def _distributions(self, method: str, name: str, pvals: Any, size: Any = None) -> Any:
        if pvals is None:
            raise TypeError(f"You have to specify {name}")
        pvals = _constant_to_grad(pvals)
        if size is not None:
            raise ValueError(f"MRG_RandomStreams.{method} does not use the size argument.", size)
        if pvals.ndim != 2:
            raise ValueError(f"MRG_RandomStreams.{method} wants a matrix of probabilities", pvals.type)
        return pvals

    def _for_rows(self, pvals: Any, n: Any, nstreams: int | None) -> Any:
        count = length(pvals, 0) * cast(as_tensor_variable(n), "int64")
        return self.uniform(as_shape_vector([count]), nstreams=nstreams)

    def normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
        truncate: bool = False,
    ) -> TensorVariable:
        """Normal numbers around `avg`; with `truncate`, none farther from it than two `std`. As `uniform` otherwise."""
        avg, std = as_tensor_variable(avg), as_tensor_variable(std)
        dtype = dt.upcast(config.floatX, avg.dtype, std.dtype) if dtype is None else dt.canonical(dtype)
        avg, std = self._parameter(avg, dtype), self._parameter(std, dtype)
        shape = as_shape_vector(size)
        given = np.asarray(getattr(shape, "data", ()))
        if (given <= 0).any():
            raise ValueError("Non-positive dimensions not allowed in size.", size)
        return self._standard(shape, ndim, dtype, nstreams, truncate) * std + avg

    def truncated_normal(
        self,
        size: Any,
        avg: Any = 0.0,
        std: Any = 1.0,
        ndim: int | None = None,
        dtype: Any = None,
        nstreams: int | None = None,
    ) -> TensorVariable:
        """`normal` with `truncate`, made wider, so that `std` is the standard deviation of what is left."""
        return self.normal(size, avg, as_tensor_variable(std) / DEVIATION, ndim, dtype, nstreams, truncate=True)


class MRG_RandomStreams(Streams):
    """Makes random Variables by the generator MRG31k3p, with the numbers of Theano's class of this name.

    A draw's state is a shared int32 matrix, a row for each stream, with a `default_update`. `seed`: an int, or six.
    `nstreams` of a draw, the number of its streams, is a part of what numbers it gives; see `n_streams`.
    Draws have no gradient: `grad` raises NullTypeGradError for their parameters.
    Normal numbers have Theano's last digits on the CPU: those of this machine's C library, scaled by `std` and `avg`
    with one rounding where the processor fuses product and sum (in FAST_COMPILE with two, as Theano's Python does).
    Source: theano.sandbox.rng_mrg.MRG_RandomStreams.
    """

    def __init__(self, seed: Any = 12345):
        self.state_updates = []
        self.set_rstate(seed)
        self.default_instance_seed = seed

    def set_rstate(self, seed: Any) -> None:
        """Where the streams of the next draw begin. Raises TypeError, ValueError for what is no seed."""
        self.rstate = mrg.seed_state(seed)

    def seed(self, seed: Any = None) -> None:
        """Start again, by default where this object began: every draw made so far is given new streams, in order."""
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for state, _, size, nstreams in self.state_updates:
            count = self.n_streams(size) if nstreams is None else nstreams
            state.set_value(self.get_substream_rstates(count, state.dtype))

    def inc_rstate(self) -> None:
        """Move on to the streams of the next draw."""
        self.rstate = mrg.ff_2p134(self.rstate)

    def get_substream_rstates(self, n_streams: int, dtype: Any, inc_rstate: bool = True) -> Any:
        """The states (n_streams, 6), int32, of the next draw, whatever its `dtype`; by default, move on.

        Raises TypeError for a number that is no int, ValueError for one that is not positive.
        """
        if not isinstance(n_streams, int | np.integer):
            raise TypeError("n_streams must be an int", n_streams)
        if n_streams <= 0:
            raise ValueError("n_streams must be positive", n_streams)
        states = mrg.substreams(self.rstate, n_streams)
        if inc_rstate:
            self.inc_rstate()
        return states

    def n_streams(self, size: Any) -> int:
        """How many streams a draw of this size gets by default."""
        return mrg.guess_n_streams(size)

    def _numbers(self, size: Any, ndim: int | None, dtype: str, nstreams: int | None) -> Any:
        states = self.get_substream_rstates(self.n_streams(size) if nstreams is None else nstreams, dtype)
        state = shared(states)
        new_state, sample = mrg.mrg_uniform.new(state, ndim, dtype, size)
        return self.pretty_return(state, new_state, sample, size, nstreams)

    def _parameter(self, x: Any, dtype: str) -> Any:
        return _constant_to_grad(x, dtype)

    def _standard(self, shape: Any, ndim: int | None, dtype: str, nstreams: int | None, truncate: bool) -> Any:
        """By Box and Muller: the first half of uniform numbers tells how far from 0, the second in which direction."""
        count = prod(cast(shape, "int64"), dtype="int64")
        even = count + count % 2
        numbers = self.uniform(as_shape_vector([even]), dtype=dtype, nstreams=nstreams)
        u, v = numbers[: even // 2], numbers[even // 2 :]
        halves = BoxMuller()(u, v)
        if truncate:
            halves = self._truncated(halves, v, dtype, nstreams)
        return reshape(join(0, *halves)[:count], shape, ndim if static_lengths(shape) is None else None)

    def _truncated(self, halves: list[Any], v: Any, dtype: str, nstreams: int | None) -> list[Any]:
        """The numbers within two standard deviations, each half followed by new ones in the others' directions."""
        low, high = _number(-2, dtype), _number(2, dtype)
        bad = [nonzero(F.or_(z < low, z > high))[0] for z in halves]
        good = [nonzero(F.and_(z >= low, z <= high))[0] for z in halves]
        first, second = (length(b, 0) for b in bad)
        # Above exp(-2), so that the radius is below 2.
        least = _number(math.exp(-2), dtype)
        u = self.uniform(as_shape_vector([first + second]), least, dtype=dtype, nstreams=nstreams)
        return [
            halves[0][good[0]],
            BoxMuller()(u[:first], v[bad[0]])[0],
            halves[1][good[1]],
            BoxMuller()(u[first:], v[bad[1]])[1],
        ]


def _number(value: float, dtype: str) -> Any:
    return as_tensor_variable(np.asarray(value, dtype))


__all__ = ["MRG_RandomStreams", "Streams"]
