"""Packing: small arrays of one dtype cross between the host and the device in one buffer.

jax spends about 3 us on each array that goes in, and as much on each that comes out; a piece of a buffer takes a tenth
of that. What is packed is decided when an executable is made, for the shapes that it is made for. It takes half as long
again to compile, which a function that is called a few times does not get back: packing begins after many calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering.device import in_x64
from tx.lowering.kept import start

#: scalars and vectors of at most so many elements are packed
_SMALL = 64
#: packing takes time, too: it has to save this many arrays, and one more for each so many values, whose shapes must be
#: looked at in each call
_LEAST, _VALUES = 3, 8

#: groups of positions, each of which shares a buffer
Groups = list[list[int]]


def worthwhile(given: Sequence[int], read: Sequence[int], values: int) -> bool:
    """Whether packing these inputs and outputs may save time in a stage of so many input values."""
    return max(len(given) - 1, 0) + max(len(read) - 1, 0) >= _LEAST + values // _VALUES


def pays(layout: Any, values: Sequence[Any], results: Sequence[Any]) -> bool:
    """Whether it does, for values and results like these of a stage of this layout."""
    groups = _grouped(layout.given, values) + _grouped(layout.read, results)
    return sum(len(group) - 1 for group in groups) >= _LEAST + len(values) // _VALUES


def _grouped(positions: Sequence[int], arrays: Sequence[Any]) -> Groups:
    """Those of `positions` with small arrays, by dtype, where there are two at least."""
    found: dict[Any, list[int]] = {}
    for i in positions:
        array = arrays[i]
        if hasattr(array, "shape") and len(array.shape) < 2 and 0 < math.prod(array.shape) <= _SMALL:
            found.setdefault(np.dtype(array.dtype), []).append(i)
    return [group for group in found.values() if len(group) > 1]


def _places(group: Sequence[int], arrays: Sequence[Any]) -> tuple[list[tuple[int, slice]], int]:
    """Where in its buffer each array of a group is, and how large the buffer is."""
    places, end = [], 0
    for i in group:
        start, end = end, end + math.prod(arrays[i].shape)
        places.append((i, slice(start, end)))
    return places, end


class Packed:
    """A jitted function of all values of a stage, of which those that are small and in `given` are packed, and of the
    results those that are small and in `read`. These are read-only views.

    `function` is what is jitted. It may write into the buffers of its arguments `donated`. `inputs` are values like
    those that it will be called with.
    """

    def __init__(
        self,
        function: Callable[..., Sequence[Any]],
        inputs: Sequence[Any],
        given: Sequence[int],
        read: Sequence[int],
        donated: Sequence[int],
        compiler_options: dict[str, Any] | None,
    ):
        self._function, self._read = function, read
        groups = _grouped(given, inputs)
        packed = {i for group in groups for i in group}
        self._shapes = [v.shape for v in inputs]
        self._rest = [i for i in range(len(inputs)) if i not in packed]
        self._inputs = [(*_places(group, inputs), np.dtype(inputs[group[0]].dtype)) for group in groups]
        #: how many buffers come back; for each result the array that comes back, and where in it, if it is packed
        self._buffers, self._outputs = 0, list[tuple[int, Any]]()

        def traced(*values: Any) -> list[Any]:
            return self._trace(values)

        traced.__name__ = function.__name__
        written = [len(groups) + k for k, i in enumerate(self._rest) if i in donated]
        self._jit = lambda options: jax.jit(traced, donate_argnums=written, compiler_options=options)
        self._options = compiler_options
        #: what is called: what an earlier process has compiled, or the jitted function; None before the first call
        self._call: Any = None

    def _trace(self, values: Sequence[Any]) -> list[Any]:
        count = len(self._inputs)
        unpacked = dict(zip(self._rest, values[count:], strict=True))
        for (places, _, _), buffer in zip(self._inputs, values, strict=False):
            for i, place in places:
                unpacked[i] = lax.reshape(lax.slice(buffer, (place.start,), (place.stop,)), self._shapes[i])
        results = self._function(*[unpacked[i] for i in range(len(unpacked))])
        groups = _grouped(self._read, results)
        where: dict[int, tuple[int, Any]] = {}
        for k, group in enumerate(groups):
            for i, place in _places(group, results)[0]:
                where[i] = k, place if results[i].ndim else (place.start, ...)
        rest = [i for i in range(len(results)) if i not in where]
        where |= {i: (len(groups) + k, None) for k, i in enumerate(rest)}
        self._buffers, self._outputs = len(groups), [where[i] for i in range(len(results))]
        buffers = [jnp.concatenate([lax.reshape(results[i], (results[i].size,)) for i in g]) for g in groups]
        return [*buffers, *(results[i] for i in rest)]

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        if self._inputs:
            buffers = []
            for places, size, dtype in self._inputs:
                buffer = np.empty(size, dtype)
                for i, place in places:
                    buffer[place] = values[i]
                buffers.append(buffer)
            values = [*buffers, *[values[i] for i in self._rest]]
        found: Sequence[Any]
        if self._call is None:
            made = start(self._jit, values, self._options, settled=True)
            self._call, found = made.instead or made.jitted, made.results
        else:
            found = in_x64(self._call, values)
        if not self._buffers:
            return found
        arrays = list(map(np.asarray, found[: self._buffers]))
        return [found[k] if place is None else arrays[k][place] for k, place in self._outputs]


__all__ = ["Packed", "worthwhile"]
