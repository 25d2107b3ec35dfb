"""`JaxRandomStreams`: draws by the generators of `jax.random`, for those who do not need the numbers of old."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tx.graph import Apply
from tx.random.mrg import Draw, check_size, sample_type
from tx.random.streams import Streams
from tx.scalar import dtypes as dt
from tx.shared import shared
from tx.tensor.convert import as_tensor_variable
from tx.tensor.facts import get_vector_length
from tx.tensor.math import cast
from tx.tensor.shapes import as_shape_vector, static_lengths
from tx.tensor.sort import argsort

if TYPE_CHECKING:
    from tx.tensor.variable import TensorVariable

#: generator -> how many uint32 its key has
KEYS = {"threefry2x32": 2, "rbg": 4, "unsafe_rbg": 4}
DISTRIBUTIONS = ("uniform", "normal", "truncated_normal")


class JaxDraw(Draw):
    """Numbers of a `distribution`, and a new key: ``new_key, sample = JaxDraw(distribution, impl, type)(key, size)``.

    ``'uniform'``: between 0 and 1, neither included; ``'normal'``; ``'truncated_normal'``: between -2 and 2.
    """

    __props__ = ("distribution", "impl", "output_type")

    def __init__(self, distribution: str, impl: str, output_type: Any):
        if distribution not in DISTRIBUTIONS:
            raise ValueError(f"distribution is one of {DISTRIBUTIONS}", distribution)
        self.distribution, self.impl, self.output_type = distribution, impl, output_type

    def make_node(self, key: Any, size: Any) -> Apply:
        """Raises TypeError for a dtype that is not a float, and unless the key is a uint32 vector."""
        key = as_tensor_variable(key)
        if key.ndim != 1 or key.dtype != "uint32":
            raise TypeError("a key is a uint32 vector", key.type)
        return self.numbers(key, size)


class JaxRandomStreams(Streams):
    """Makes random Variables by `jax.random`, with the methods of `MRG_RandomStreams` and its arguments.

    A draw's state is a shared uint32 vector, the data of a key, which every call splits. `seed`: an int from 0 on, or
    a sequence of them. `impl`: ``'threefry2x32'``, or ``'rbg'`` and ``'unsafe_rbg'``, which are faster on a TPU.
    `nstreams` of a draw is without influence: all elements are drawn at once, on as many devices as hold them.
    What `uniform` and `normal` give has a gradient in its parameters; other draws have none, as those of MRG.
    """

    def __init__(self, seed: Any = 12345, impl: str = "threefry2x32"):
        if impl not in KEYS:
            raise ValueError(f"impl is one of {', '.join(KEYS)}", impl)
        self.state_updates = []
        self.impl = impl
        self.default_instance_seed = seed
        self.set_rstate(seed)

    def set_rstate(self, seed: Any) -> None:
        """Where the next draw begins. Raises TypeError, ValueError for what is no seed."""
        seeds = list(seed) if isinstance(seed, Sequence) and not isinstance(seed, str) else [seed]
        if not seeds or not all(isinstance(n, int | np.integer) for n in seeds):
            raise TypeError("seed should be an int, or a sequence of them", seed)
        if any(n < 0 for n in seeds):
            raise ValueError("seed should not be negative", seed)
        self.rstate, self.position = [int(n) for n in seeds], 0

    def next_key(self) -> Any:
        """The key of the next draw: a hash of the seed and the number of the draw."""
        source = np.random.SeedSequence(self.rstate, spawn_key=(self.position,))
        self.position += 1
        return source.generate_state(KEYS[self.impl], "uint32")

    def seed(self, seed: Any = None) -> None:
        """Start again, by default where this object began: every draw made so far is given a new key, in order."""
        self.set_rstate(self.default_instance_seed if seed is None else seed)
        for state, *_ in self.state_updates:
            state.set_value(self.next_key())

    def _draw(self, distribution: str, size: Any, ndim: int | None, dtype: str, nstreams: int | None) -> Any:
        state = shared(self.next_key())
        op = JaxDraw(distribution, self.impl, sample_type(size, ndim, dtype))
        new_state, sample = op(state, as_shape_vector(size), return_list=True)
        return self.pretty_return(state, new_state, sample, size, nstreams)

    def _numbers(self, size: Any, ndim: int | None, dtype: str, nstreams: int | None) -> Any:
        return self._draw("uniform", size, ndim, dtype, nstreams)

    def _standard(self, shape: Any, ndim: int | None, dtype: str, nstreams: int | None, truncate: bool) -> Any:
        return self._draw("truncated_normal" if truncate else "normal", shape, ndim, dtype, nstreams)

    def permutation(self, size: Any = (), n: Any = 1, ndim: int | None = None, dtype: Any = "int64") -> TensorVariable:
        """The numbers 0, ..., n - 1 in random order along a last axis, for each position of `size`.

        They are the order of 52 random bits each. Raises TypeError and ValueError for what is no size, TypeError
        unless `n` is an integer scalar.
        """
        n = as_tensor_variable(n)
        if n.ndim or n.dtype not in dt.discrete_dtypes:
            raise TypeError("n is an integer scalar", n.type)
        shape = as_shape_vector(check_size(size))
        known = static_lengths(shape)
        if known is None:
            known = [None] * (get_vector_length(shape) if ndim is None else ndim)
        whole = as_shape_vector([*(shape[d] if k is None else k for d, k in enumerate(known)), n])
        numbers = self._numbers(whole, len(known) + 1, "float64", None)
        return cast(argsort(numbers, axis=-1), dtype)


__all__ = ["JaxDraw", "JaxRandomStreams"]
