"""Arithmetic at listed places: gathering and scattering. No dense copy of a sparse matrix is made.

XLA drops writes to places that are outside, and reads zeros there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering.apart import on_this_cpu
from tx.lowering.devices import accelerated
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.rewriting import sparse as rewriting
from tx.sparse.places import AddAt, AddProduct, Diagonal, Majors, PlacesDot, RowProducts, SegmentSum, Take, TakeAt

#: a product makes so many numbers at once, on the CPU those that its caches hold; with more of them it goes through its
#: places part by part
_MOST, _MOST_IN_CACHE = 1 << 24, 1 << 16

rewriting.made_by_scipy = lambda: not accelerated()


def _rows(x: Any, numbers: Any) -> Any:
    return x.at[numbers].get(mode="fill", fill_value=0)


def _fits(trace: Trace, shape: Any, kind: type[Exception], *axes: tuple[int, Any]) -> tuple[int, int]:
    """The sparse operand's shape, which along these axes must be as long as the others. Raises `kind` otherwise."""
    expected: tuple[int, int] = trace.static(shape)
    for axis, length in axes:
        if expected[axis] != length:
            raise kind(f"dimension mismatch: the sparse matrix has shape {expected}, the other {length}")
    return expected


def _parts(trace: Trace, count: int, width: int) -> int:
    """In how many parts to go through `count` places, each with `width` numbers."""
    return max(1, -(-count * width // (_MOST_IN_CACHE if on_this_cpu(trace) else _MOST)))


def _split(parts: int, filling: tuple[int, ...], *vectors: Any) -> list[Any]:
    """The vectors as matrices with a row for each part, filled up."""
    size = -(-vectors[0].shape[0] // parts)
    missing = parts * size - vectors[0].shape[0]
    return [
        jnp.concatenate([v, jnp.full(missing, f, v.dtype)]).reshape(parts, size)
        for v, f in zip(vectors, filling, strict=True)
    ]


@lowers(Majors)
def majors(trace: Trace, node: Any, indptr: Any, indices: Any) -> Any:
    """How many lines have begun."""
    places = jnp.arange(indices.shape[0], dtype="int32")
    return (jnp.searchsorted(indptr, places, side="right") - 1).astype("int32")


@lowers(SegmentSum)
def segment_sum(trace: Trace, node: Any, x: Any, numbers: Any, length: Any) -> Any:
    """Scattered."""
    return jnp.zeros(trace.static(node.inputs[2]), x.dtype).at[numbers].add(x, mode="drop")


@lowers(Take)
def take(trace: Trace, node: Any, x: Any, numbers: Any, length: Any) -> Any:
    """Gathered."""
    if x.shape[0] != (n := trace.static(node.inputs[2])):
        raise AssertionError(f"dimension mismatch: a vector of {x.shape[0]} elements, not {n}")
    return _rows(x, numbers)


@lowers(Diagonal)
def diagonal(trace: Trace, node: Any, data: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Scattered, if it is on the diagonal."""
    m, n = trace.static(node.inputs[3])
    if m != n:
        raise ValueError("Diag only apply on square matrix")
    return jnp.zeros(n, data.dtype).at[jnp.where(rows == columns, rows, n)].add(data, mode="drop")


@lowers(AddAt)
def add_at(trace: Trace, node: Any, x: Any, data: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Scattered."""
    _fits(trace, node.inputs[4], ValueError, (0, x.shape[0]), (1, x.shape[1]))
    dtype = node.outputs[0].type.dtype
    return x.astype(dtype).at[rows, columns].add(data.astype(dtype), mode="drop")


@lowers(TakeAt)
def take_at(trace: Trace, node: Any, x: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Gathered."""
    _fits(trace, node.inputs[3], AssertionError, (0, x.shape[0]), (1, x.shape[1]))
    return x.at[rows, columns].get(mode="fill", fill_value=0)


@lowers(PlacesDot)
def places_dot(trace: Trace, node: Any, data: Any, rows: Any, columns: Any, y: Any, shape: Any) -> Any:
    """Added to zeros."""
    m, _ = _fits(trace, node.inputs[4], ValueError, (1, y.shape[0]))
    dtype = node.outputs[0].type.dtype
    start = jnp.zeros((m, *y.shape[1:]), dtype)
    return _plus_product(trace, start, data.astype(dtype), rows, columns, y.astype(dtype))


@lowers(AddProduct)
def add_product(
    trace: Trace, node: Any, z: Any, number: Any, product: Any, data: Any, rows: Any, columns: Any, y: Any
) -> Any:
    """Whichever of both there is."""
    shape = product.shape[0], y.shape[1]
    if shape != z.shape:
        raise ValueError(f"dimension mismatch: the product is of shape {shape}, the other {z.shape}")
    if data.shape[0] == 0 and product.shape == shape:
        return z + number * product
    return _plus_product(trace, z, number * data, rows, columns, y)


def _plus_product(trace: Trace, z: Any, data: Any, rows: Any, columns: Any, y: Any) -> Any:
    """Rows of `y` are gathered, and scattered into `z`."""

    def add(result: Any, part: Any) -> Any:
        d, r, c = part
        return result.at[r].add(d.reshape(-1, *[1] * (y.ndim - 1)) * _rows(y, c), mode="drop")

    return _through(trace, add, z, (0, z.shape[0], y.shape[0]), data, rows, columns)


def _through(trace: Trace, add: Callable[..., Any], start: Any, filling: tuple[int, ...], *vectors: Any) -> Any:
    parts = _parts(trace, vectors[0].shape[0], start.shape[1] if start.ndim > 1 else 1)
    if parts == 1:
        return add(start, vectors)
    result, _ = lax.scan(lambda carry, part: (add(carry, part), None), start, _split(parts, filling, *vectors))
    return result


@lowers(RowProducts)
def row_products(trace: Trace, node: Any, x: Any, y: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """Rows of both are gathered, multiplied, and summed."""
    _fits(trace, node.inputs[4], ValueError, (0, x.shape[0]), (1, y.shape[0]))
    if x.shape[1:] != y.shape[1:]:
        raise ValueError(f"dimension mismatch: {x.shape} and {y.shape}")
    dtype = node.outputs[0].type.dtype
    x, y = x.astype(dtype), y.astype(dtype)

    def products(part: Any) -> Any:
        found = _rows(x, part[0]) * _rows(y, part[1])
        return found.sum(1).astype(dtype) if found.ndim == 2 else found

    count = rows.shape[0]
    parts = _parts(trace, count, x.shape[1] if x.ndim == 2 else 1)
    if parts == 1:
        return products((rows, columns))
    split = _split(parts, (x.shape[0], y.shape[0]), rows, columns)
    return lax.map(products, tuple(split)).reshape(-1)[:count]
