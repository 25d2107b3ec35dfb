"""`SparseOp`: what scipy computes, on the host, unless a rewrite finds an expression of arrays.

The rewrites are in `tx.rewriting.sparse`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Op
from tx.sparse.type import SparseType
from tx.tensor import math as F
from tx.tensor.type import TensorType


class SparseOp(Op):
    """An Op that says with scipy what it means: `compute` gets matrices and arrays, and gives the result."""

    __props__: tuple[str, ...] | None = ()
    #: whether the result never shares memory with the inputs, and `compute` is known to leave these as they are
    only_reads = False

    def compute(self, *values: Any) -> Any:
        """The result, in any format and dtype. It may share memory with `values`, which it must not change."""
        raise AssertionError(f"{self} computes nothing")

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Put the result, in format and dtype of the output, where it belongs."""
        kind = node.outputs[0].type
        result = self.compute(*inputs)
        if isinstance(kind, SparseType):
            output_storage[0][0] = kind.filter(result, allow_downcast=True)
        else:
            output_storage[0][0] = np.asarray(result, kind.dtype)

    def __str__(self) -> str:
        props = ", ".join(f"{p}={getattr(self, p)!r}" for p in self.__props__ or ())
        return f"{type(self).__name__}{{{props}}}" if props else type(self).__name__


def sparse_output(format: str, dtype: str) -> Any:
    """A new Variable for the sparse result of an Op."""
    return SparseType(format, dtype)()


def dense_output(dtype: str, ndim: int = 2) -> Any:
    """A new Variable for the dense result of an Op."""
    return TensorType(dtype, (False,) * ndim)()


def disconnected(count: int = 1) -> list[Any]:
    """As many gradients of what has no influence."""
    return [F.disconnected() for _ in range(count)]


__all__ = ["SparseOp", "dense_output", "disconnected", "sparse_output"]
