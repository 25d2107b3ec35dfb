"""Convolutions as products of matrices, where XLA on the CPU has nothing better than loops.

What an element of the output sees of the images, for all channels, is a row of a matrix; times the filters as columns
that is the output (im2col: Chellapilla, Puri and Simard, High Performance Convolutional Neural Networks for Document
Processing, 2006). The gradient by the filters is the transpose of the matrix by that of the output; for the gradient by
the images each row of a product is added where it was taken. Images have their channels last, so a row is made of a few
runs that lie in one piece: to gather runs is what XLA does fastest of several ways, and it is the one that compiles in
50 ms. The matrix is made and used in blocks, so that it is no more than 8 MB.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.nnet.linear import Linear, padded

#: numbers of 64 bits in the registers of most CPUs
_REGISTER = 4
#: the bytes that a block of the matrix has (measured, with 2 MB of cache for a core: 2 MB take longer, and so do 32)
_BLOCK = 1 << 23
_TAKEN = lax.GatherDimensionNumbers((1,), (), (0,))
_ADDED = lax.ScatterDimensionNumbers((1,), (), (0,))


class Products(Linear):
    """Products with the matrix, block by block. The output is looked at in lines, along its last axis."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        flat, columns = self._flat(images), self._columns(filters)
        _, parts = self._blocks(lambda lines, carry: (carry, _product(self._seen(flat, lines), columns)))
        parts = [part.reshape(-1, columns.shape[1]) for part in parts]
        return lax.concatenate(parts, 0).reshape(self.shapes.top)

    def by_filters(self, images: Any, top: Any) -> Any:
        """The gradient by the filters, for that by the output."""
        flat, top = self._flat(images), top.reshape(-1, *top.shape[-2:])
        of, filters = self.shapes, top.shape[-1]
        # The transpose of the smaller factor is faster, but for rows that do not fill registers (measured).
        turned = lax.optimization_barrier if of.row % _REGISTER == 0 else lambda x: x

        def add(lines: Any, sums: Any) -> tuple[Any, None]:
            part = turned(lax.transpose(_those(top, lines), (1, 0)))
            return lax.add(sums, _product(part, self._seen(flat, lines))), None

        sums, _ = self._blocks(add, direct.full((filters, of.row), 0, top.dtype))
        sums = lax.optimization_barrier(sums).reshape(filters, *of.kernel, -1)
        return lax.transpose(sums, (0, sums.ndim - 1, *range(1, sums.ndim - 1)))

    def by_images(self, filters: Any, top: Any) -> Any:
        """The gradient by the images, for that by the output."""
        of, top = self.shapes, top.reshape(-1, *top.shape[-2:])
        rows = lax.transpose(self._columns(filters), (1, 0))

        def add(lines: Any, flat: Any) -> tuple[Any, None]:
            runs = _product(_those(top, lines), rows).reshape(-1, self._run)
            return lax.scatter_add(flat, self._starts(lines), runs, _ADDED, mode="promise_in_bounds"), None

        flat, _ = self._blocks(add, direct.full((math.prod(self._padded),), 0, top.dtype))
        first = [0, *(before for before, _ in of.pads), 0]
        return lax.slice(flat.reshape(self._padded), first, [i + n for i, n in zip(first, of.images, strict=True)])

    @property
    def _padded(self) -> tuple[int, ...]:
        """The shape of the images with what is around them."""
        pads = ((0, 0), *self.shapes.pads, (0, 0))
        return tuple(before + n + behind for n, (before, behind) in zip(self.shapes.images, pads, strict=True))

    @property
    def _run(self) -> int:
        """How many elements lie in one piece: what a row of the kernel sees, unless that is dilated."""
        return self.shapes.images[-1] * (self.shapes.kernel[-1] if self.shapes.dilation[-1] == 1 else 1)

    def _flat(self, images: Any) -> Any:
        """The images with what is around them, as one axis."""
        return padded(images, self.shapes.pads).reshape(-1)

    def _columns(self, filters: Any) -> Any:
        """The filters as columns: (what an element of the output sees, filters)."""
        return lax.transpose(filters, (*range(2, filters.ndim), 1, 0)).reshape(self.shapes.row, -1)

    def _seen(self, flat: Any, lines: Any) -> Any:
        """The rows of the matrix for these lines."""
        runs = lax.gather(flat, self._starts(lines), _TAKEN, (self._run,), mode="promise_in_bounds")
        return runs.reshape(-1, self.shapes.row)

    def _starts(self, lines: Any) -> Any:
        """Where the runs begin that these lines see: (runs, 1)."""
        of, shape = self.shapes, self._padded
        every, *steps = (math.prod(shape[i + 1 :]) for i in range(len(shape) - 1))
        in_line = np.arange(of.output[-1]) * (of.strides[-1] * steps[-1])
        rows = of.kernel if of.dilation[-1] > 1 else of.kernel[:-1]
        for count, dilation, step in zip(rows, of.dilation, steps, strict=False):
            in_line = in_line[..., None] + np.arange(count) * (dilation * step)
        at = []
        for n, stride, step in reversed([*zip(of.output[:-1], of.strides, steps, strict=False)]):
            at.append(direct.times(lax.rem(lines, direct.scalar(n, lines.dtype)), stride * step))
            lines = lax.div(lines, direct.scalar(n, lines.dtype))
        line = reduce(lax.add, at, direct.times(lines, every))
        every_run = (line.size, in_line.size)
        apart = direct.stretched(in_line.reshape(-1).astype(line.dtype), every_run, line.dtype)
        return lax.add(lax.broadcast_in_dim(line, every_run, (0,)), apart).reshape(-1, 1)

    def _blocks(self, body: Callable[[Any, Any], tuple[Any, Any]], carry: Any = None) -> tuple[Any, list[Any]]:
        """``body(lines, carry)`` for blocks of lines: the last carry, and what else it gave."""
        of, dtype = self.shapes, "int32" if math.prod(self._padded) < 1 << 31 else "int64"
        count = of.images[0] * math.prod(of.output[:-1])
        blocks = math.ceil(count * of.row * of.output[-1] * 8 / _BLOCK)
        size = math.ceil(count / min(blocks, count))
        whole, rest = divmod(count, size)

        def block(carry: Any, i: Any) -> tuple[Any, Any]:
            return body(lax.add(lax.iota(dtype, size), lax.mul(i, direct.scalar(size, dtype))), carry)

        carry, part = (
            lax.scan(block, carry, np.arange(whole, dtype=dtype)) if whole > 1 else body(lax.iota(dtype, size), carry)
        )
        if not rest:
            return carry, [part]
        carry, last = body(direct.plus(lax.iota(dtype, rest), whole * size), carry)
        return carry, [part, last]


def _product(x: Any, y: Any) -> Any:
    return lax.dot_general(x, y, (((1,), (0,)), ((), ())))


def _those(top: Any, lines: Any) -> Any:
    """The elements of these lines, which follow one another: (elements, filters)."""
    first = lax.index_in_dim(lines, 0, keepdims=False)
    return lax.dynamic_slice_in_dim(top, first, len(lines)).reshape(-1, top.shape[-1])


__all__ = ["Products"]
