"""Sorting.

XLA on the CPU (jaxlib 0.10) sorts integers of one array by code made for them, and all else by calling a comparison for
each pair, which takes four times as long. So floats are sorted there as integers in the same order, and positions come
from integers that have, below an element, its place.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.apart import on_this_cpu
from tx.lowering.numpy_rules import instead_of, open_to_numpy
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.sort import ArgSort, Sort, TopK

#: the bits of an integer of 64 that are the place
_PLACE = 0xFFFFFFFF
#: of fewer elements all are sorted to find some
_MANY = 2048


def _as_integers(x: Any) -> Any:
    """Integers in the order of the elements, NaN last; of zeros the negative one is first."""
    if x.dtype == bool:
        return lax.convert_element_type(x, "uint8")
    if not jnp.issubdtype(x.dtype, jnp.floating):
        return x
    integer = np.dtype(f"int{8 * x.dtype.itemsize}")
    bits = lax.bitcast_convert_type(x, integer)
    return direct.where(lax.ne(x, x), np.iinfo(integer).max, _turned(bits))


def _turned(bits: Any) -> Any:
    """Negative floats count down, negative integers up: the bits of the one for those of the other, either way."""
    most = direct.scalar(np.iinfo(bits.dtype).max, bits.dtype)
    return direct.where(direct.below(bits, 0), lax.bitwise_xor(bits, most), bits)


def _suits(trace: Trace, x: Any, axis: int) -> bool:
    """Whether integers are sorted in its place: on a CPU, where a place fits into 32 bits."""
    n = x.shape[axis]
    complex_ = jnp.issubdtype(x.dtype, jnp.complexfloating)
    return on_this_cpu(trace) and not complex_ and isinstance(n, int) and n < 1 << 31


def order(trace: Trace, x: Any, axis: int) -> Any:
    """The positions (int64) that sort `x` along `axis`; what is equal keeps its order, and NaN is last."""
    if not _suits(trace, x, axis):
        return direct.cast(jnp.argsort(x, axis=axis), "int64")

    def positions_in_order(x: Any) -> Any:
        return _order(_keys(x), axis)

    return open_to_numpy(trace, positions_in_order, x)


@instead_of("positions_in_order", ranks=[1])
def _positions(_: Any, x: Any) -> Any:
    return lax.sort((x, lax.iota("int64", len(x))), num_keys=1)[1]


def _keys(x: Any) -> Any:
    """Integers in the order of the elements, of which zeros are equal."""
    x = lax.stop_gradient(x)
    if jnp.issubdtype(x.dtype, jnp.floating):
        x = direct.where(direct.equal(x, 0), 0, x)
    return _as_integers(x)


def _order(keys: Any, axis: int) -> Any:
    """The positions (int64) that sort integers; what is equal keeps its order."""
    if keys.dtype.itemsize < 8:
        return _places(keys, axis)
    # By the lower halves first, and those in order by the upper ones.
    shift = lax.shift_right_arithmetic if keys.dtype == "int64" else lax.shift_right_logical
    low, high = lax.bitwise_and(keys, direct.scalar(_PLACE, keys.dtype)), shift(keys, direct.scalar(32, keys.dtype))
    first = _places(direct.cast(low, "uint64"), axis)
    return _taken(first, _places(_taken(high, first, axis), axis), axis)


def _places(keys: Any, axis: int) -> Any:
    """The order of integers that fit into 32 bits."""
    wide = "uint64" if keys.dtype.kind == "u" else "int64"
    places = lax.broadcasted_iota(wide, keys.shape, axis)
    joined = lax.bitwise_or(lax.shift_left(direct.cast(keys, wide), direct.scalar(32, wide)), places)
    found = lax.sort(joined, dimension=axis, is_stable=False)
    return direct.cast(lax.bitwise_and(found, direct.scalar(_PLACE, wide)), "int64")


def _taken(x: Any, positions: Any, axis: int) -> Any:
    return jnp.take_along_axis(x, positions, axis=axis, mode="promise_in_bounds")


@lowers(Sort)
def sort(trace: Trace, node: Any, x: Any) -> Any:
    """The elements; where they are differentiated, what stands at the positions in order."""
    axis = node.op.axis
    if not _suits(trace, x, axis):
        return jnp.sort(x, axis=axis)
    if trace.orders:
        return _taken(x, order(trace, x, axis), axis)

    def elements_in_order(x: Any) -> Any:
        found = lax.sort(_as_integers(x), dimension=axis, is_stable=False)
        if found.dtype == x.dtype:
            return found
        return direct.differs(found, 0) if x.dtype == bool else lax.bitcast_convert_type(_turned(found), x.dtype)

    return open_to_numpy(trace, elements_in_order, x)


@instead_of("elements_in_order", ranks=[1])
def _elements(_: Any, x: Any) -> Any:
    return lax.sort(x)


@lowers(ArgSort)
def argsort(trace: Trace, node: Any, x: Any) -> Any:
    """The positions in order."""
    return order(trace, x, node.op.axis)


def _ends(x: Any, k: int, axis: int = -1) -> Any:
    """The last `k` along an axis, or the first `-k`."""
    n = x.shape[axis]
    return lax.slice_in_dim(x, *((n - k, n) if k > 0 else (0, -k)), axis=axis)


def _block(n: int, k: int) -> int:
    """How many elements there are in a block, for there to be about as many blocks as elements in `k` of them."""
    return max(1, int((n / abs(k)) ** 0.5))


def _few_are_sorted(n: int, k: int) -> bool:
    """Whether the blocks, and the elements of `k` of them, are few of `n`."""
    block = _block(n, k)
    return n >= _MANY and n // block + abs(k) * block <= n // 4


def _ends_of_blocks(keys: Any, k: int) -> Any:
    """The positions of the last `k` integers in order along the last axis, or of the first `-k`; of equal ones those
    that sorting would give.

    They are in those `k` blocks whose last ones (or first ones) are at that end, or in the rest behind all blocks. Only
    these are sorted, in the order in which they lie.
    """
    *batch, n = keys.shape
    block = _block(n, k)
    count = n // block
    whole = lax.slice_in_dim(keys, 0, count * block, axis=-1).reshape(*batch, count, block)
    outermost = (lax.reduce_max if k > 0 else lax.reduce_min)(whole, (whole.ndim - 1,))
    chosen = lax.sort(_ends(_order(outermost, outermost.ndim - 1), k), dimension=-1)
    within = np.arange(block, dtype=chosen.dtype)
    places = (chosen[..., None] * block + within).reshape(*batch, -1)
    rest = jnp.broadcast_to(np.arange(count * block, n, dtype=chosen.dtype), (*batch, n - count * block))
    places = lax.concatenate([places, rest], len(batch))
    candidates = _taken(keys, places, -1)
    return _taken(places, _ends(_order(candidates, candidates.ndim - 1), k), -1)


@lowers(TopK)
def topk(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """The end, or the beginning, of everything sorted."""
    op, k = node.op, trace.static(node.inputs[1])
    n = x.shape[op.axis]
    if k == 0:
        raise ValueError("topk: kth cannot be zero")
    if abs(k) > n:
        raise ValueError(f"topk: kth cannot be larger than the size of specified axis {op.axis}: {abs(k)} > {n}")
    if _suits(trace, x, op.axis) and _few_are_sorted(n, k):
        positions = jnp.moveaxis(_ends_of_blocks(jnp.moveaxis(_keys(x), op.axis, -1), k), -1, op.axis)
    else:
        positions = _ends(order(trace, x, op.axis), k, op.axis)
    if op.sorted and k > 0:
        positions = lax.rev(positions, (op.axis,))
    return [_taken(x, positions, op.axis), direct.cast(positions, op.idx_dtype)]


__all__ = ["order"]
