"""Products that sum over axes, in the highest precision that the device has for the dtype."""

from __future__ import annotations

from functools import reduce
from typing import Any

from jax import lax

from tx.lowering import direct
from tx.lowering.apart import on_this_cpu
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.products import BatchedDot, Dot

# Accelerators would round float32 operands to bfloat16 or TF32 otherwise: not what Theano computed.
PRECISION = lax.Precision.HIGHEST
#: a matrix of so many columns is narrow
_NARROW = 32
#: a transposed matrix of 64 bits is put in memory for so many columns and more
_WIDE = 100
#: a sum of so few outer products, of so many elements, is written out
_FEW, _LARGE = 32, 1 << 17


def _contract(node: Any, x: Any, y: Any, axes: tuple[int, int], batch: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    dtype = node.outputs[0].type.dtype
    if x.shape[axes[0]] != y.shape[axes[1]]:
        raise ValueError(
            f"Shape mismatch: shapes {x.shape} and {y.shape} do not fit: {x.shape[axes[0]]} != {y.shape[axes[1]]}"
        )
    numbers = (((axes[0],), (axes[1],)), batch)
    return lax.dot_general(direct.cast(x, dtype), direct.cast(y, dtype), numbers, precision=PRECISION)


def contract(node: Any, x: Any, y: Any) -> Any:
    """The product of vectors and matrices, in the dtype of the node: over the last axis of the first, and the first of
    the second."""
    return _contract(node, x, y, (x.ndim - 1, 0), ((), ()))


@lowers(Dot)
def dot(trace: Trace, node: Any, x: Any, y: Any) -> Any:
    """Sum over the last axis of the first and the first of the second."""
    dtype = node.outputs[0].type.dtype
    if _is_transposed(trace, node, x, y) and dtype in ("float32", "float64"):
        few = 0 < x.shape[1] <= _FEW and x.shape[0] * y.shape[1] >= _LARGE
        if few and _joins_a_kernel(trace, node):
            return _sum_of_outer(direct.cast(x, dtype), direct.cast(y, dtype))
        # The gradient of a last layer's weights is made as the transpose of the product of the transposes: XLA on the
        # CPU goes along rows then, in a third of the time.
        if y.shape[1] <= _NARROW and x.shape[0] >= 2 * y.shape[1]:
            flat = _contract(node, _turned(y), lax.transpose(x, (1, 0)), (1, 0), ((), ()))
            return lax.transpose(lax.optimization_barrier(flat), (1, 0))
        # That of other layers' takes twice as long as a product without a transpose, but for 32 bits.
        if y.shape[1] >= _WIDE and dtype == "float64":
            return contract(node, lax.optimization_barrier(x), y)
    return contract(node, x, y)


def _is_transposed(trace: Trace, node: Any, x: Any, y: Any) -> bool:
    """Whether a product is that of a transposed matrix with another that fits, made by XLA on the CPU."""
    owner = node.inputs[0].owner
    transposed = owner is not None and isinstance(owner.op, DimShuffle) and owner.op.new_order == (1, 0)
    return transposed and x.ndim == y.ndim == 2 and x.shape[1] == y.shape[0] and on_this_cpu(trace)


def _joins_a_kernel(trace: Trace, node: Any) -> bool:
    """Whether one elementwise Op reads a product, and no other one with it."""
    readers = trace.clients.get(node.outputs[0], ())
    if len(readers) != 1 or not isinstance(readers[0][0].op, Elemwise):
        return False
    matrices = [v for v in readers[0][0].inputs if v is not node.outputs[0] and not any(v.type.broadcastable)]
    return not any(v.owner is not None and isinstance(v.owner.op, Dot | DimShuffle) for v in matrices)


def _sum_of_outer(x: Any, y: Any) -> Any:
    """The product as a sum of elementwise products, which is the gradient of a large layer's weights by few examples.

    A library writes it, and what updates the weights reads it: 784x500 numbers each way take as long as 20 products.
    So it is a part of the kernel of its reader, and never in memory.
    """
    shape = (x.shape[0], y.shape[1])
    columns = (lax.broadcast_in_dim(lax.index_in_dim(x, k, 1, False), shape, (0,)) for k in range(x.shape[1]))
    rows = (lax.broadcast_in_dim(lax.index_in_dim(y, k, 0, False), shape, (1,)) for k in range(x.shape[1]))
    return reduce(lax.add, map(lax.mul, columns, rows))


def _turned(y: Any) -> Any:
    """The transpose, in memory: a barrier keeps XLA from making it part of the product again."""
    return lax.optimization_barrier(lax.transpose(y, (1, 0)))


@lowers(BatchedDot)
def batched_dot(trace: Trace, node: Any, x: Any, y: Any) -> Any:
    """The same, slice by slice."""
    if x.shape[0] != y.shape[0]:
        raise ValueError(f"Shape mismatch: batch sizes unequal. x.shape is {x.shape}, y.shape is {y.shape}.")
    return _contract(node, x, y, (x.ndim - 1, 1), ((0,), (0,)))
