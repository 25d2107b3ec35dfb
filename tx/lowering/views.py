"""Large arguments, looked at where they lie.

XLA on the CPU takes arrays as they are that begin at a multiple of 64 bytes. What numpy has made hardly ever does, and
jax copies it, which takes as long as all that most functions do with it. So an executable for large arguments is given
the memory around each, from such a multiple on, and where in it the array begins; what is elementwise, or takes rows,
reads it there. Products and sums, which are libraries', are given a copy that XLA makes on all cores, where jax would
use one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from mmap import PAGESIZE
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import lax
from jax.experimental.xla_metadata import set_xla_metadata

from tx.graph import Apply, Variable
from tx.lowering.jaxprs import IN_PLACE
from tx.lowering.trace import Retrace
from tx.memory import ALIGNED, Lent, aligned_empty, is_aligned
from tx.tensor.diagonals import ExtractDiag
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import Join
from tx.tensor.reduction import Argmax, CAReduce
from tx.tensor.shapes import Reshape, Shape, Shape_i
from tx.tensor.subtensor import IncSubtensor, Subtensor

#: An argument of so many bytes is looked at, and one that only goes where it is read in place, from the fewer on.
_LEAST, _IN_PLACE = 4 << 20, 192 << 10
#: Ops that read, and write something else; and those that change no more than the order of the axes
_READERS = (Elemwise, Subtensor, IncSubtensor, ExtractDiag, Join, Argmax, Shape, Shape_i)
_ORDERS = (DimShuffle, Reshape)


class View(NamedTuple):
    """How the input at `position` is looked at: an array of this shape and dtype, among `length` elements; and whether
    it is read in place."""

    position: int
    shape: tuple[int, ...]
    dtype: np.dtype
    length: int
    in_place: bool


def views(
    inputs: Sequence[Variable], nodes: Sequence[Apply], values: Sequence[Any], positions: Sequence[int]
) -> list[View]:
    """How those of the inputs at `positions` are looked at that are worth it, for values like these."""
    if jax.default_backend() != "cpu" or jax.config.values.get("jax_cpu_enable_async_dispatch"):
        return []
    found = []
    for i in positions:
        value = values[i]
        if type(value) is not np.ndarray or value.nbytes <= _IN_PLACE or value.dtype.kind not in "fiubc":
            continue
        line = ALIGNED // value.itemsize
        length = (-(-value.size // line) + 1) * line
        if not value.flags.c_contiguous or length >= 1 << 31:  # an array in another order is turned by jax
            continue
        # What begins where it is to is copied by nobody, but of smaller arrays every fourth does so by chance.
        in_place = _read_in_place(inputs[i], nodes)
        if in_place if value.nbytes < _LEAST else not is_aligned(value):
            found.append(View(i, value.shape, value.dtype, length, in_place))
    return found


def _read_in_place(variable: Variable, nodes: Sequence[Apply]) -> bool:
    """Whether no library is given a variable, and no sum of floats is fused with what reads it, which is slow in place.
    The nodes are in order."""
    same, computed = {variable}, set[Variable]()
    for node in nodes:
        reads = not same.isdisjoint(node.inputs)
        if reads and isinstance(node.op, _ORDERS):
            same.update(node.outputs)
        elif reads and not isinstance(node.op, _READERS):
            return False
        elif reads or not computed.isdisjoint(node.inputs):
            if isinstance(node.op, CAReduce) and node.inputs[0].type.numpy_dtype.kind in "fc":
                return False
            if isinstance(node.op, Elemwise | DimShuffle):
                computed.update(node.outputs)
    return True


def with_views(values: Sequence[Any], views: Sequence[View]) -> Sequence[Any]:
    """`values`, of which those that are looked at are the memory around them, and behind them where they begin. Raises
    Retrace for other shapes."""
    if not views:
        return values
    given, first = list(values), []
    for view in views:
        given[view.position], place = _around(given[view.position], view)
        first.append(place)
    return [*given, _places(*first)]


@lru_cache(256)
def _places(*first: int) -> np.ndarray:
    """These numbers as an executable is given them. Arrays begin at a few places only: most have been made before."""
    array = np.array(first, "int32")
    array.flags.writeable = False
    return array


def _around(value: Any, view: View) -> tuple[np.ndarray, int]:
    """Memory, and which of its elements is the first of the array."""
    array = np.asarray(value)
    if array.shape != view.shape or array.dtype != view.dtype:
        raise Retrace
    told = array.__array_interface__  # Behind a kernel no cache has what `ctypes` and `flags` need: this needs less.
    if told["strides"] is None:
        start, itemsize = told["data"][0], array.itemsize
        size, end = view.length * itemsize, start + array.nbytes
        # Of the pages that the array has no part in nothing is known.
        first, last = start // PAGESIZE * PAGESIZE, -(-end // PAGESIZE) * PAGESIZE
        for address in (start // ALIGNED * ALIGNED, start // ALIGNED * ALIGNED - ALIGNED):
            place, apart = divmod(start - address, itemsize)
            if first <= address and end <= address + size <= last and not apart:
                told["data"], told["shape"] = (address, True), (view.length,)
                return np.asarray(Lent(array, told)), place
    memory = aligned_empty(view.length, view.dtype)
    np.copyto(memory[: array.size].reshape(view.shape), array)
    return memory, 0


def looked_at(
    tracers: Sequence[Any], more: Sequence[Any], views: Sequence[View]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """The inputs of a trace, of which some are such memory, and what else it is given, with the places of the first
    elements behind it: the arrays, and the rest of that."""
    if not views:
        return tracers, more
    found, first = list(tracers), more[-1]
    for k, view in enumerate(views):
        found[view.position] = _taken(found[view.position], lax.index_in_dim(first, k, keepdims=False), view)
    return found, more[:-1]


def _taken(memory: Any, first: Any, view: View) -> Any:
    """The array. What is not inlined is memory of its own: all cores copy."""

    def taken(memory: Any, first: Any) -> Any:
        part = lax.dynamic_slice(memory, (first,), (prod(view.shape),), allow_negative_indices=False)
        return lax.reshape(part, view.shape)

    if view.in_place:
        taken.__name__ = IN_PLACE
        return jax.jit(taken)(memory, first)
    with set_xla_metadata(inlineable="false"):
        return jax.jit(taken)(memory, first)


__all__ = ["View", "looked_at", "views", "with_views"]
