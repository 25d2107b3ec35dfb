"""Products of blocks that are gathered first."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.blocksparse import SparseBlockGemv, SparseBlockOuter


def _within(trace: Trace, index: Any, length: int) -> None:
    wrong = "a block number is out of range"
    trace.check((index >= -length) & (index < length), lambda _: IndexError(wrong))


@lowers(SparseBlockGemv)
def gemv(trace: Trace, node: Any, o: Any, w: Any, h: Any, inputs: Any, outputs: Any) -> Any:
    """The blocks of all pairs, contracted with the inputs."""
    _within(trace, inputs, w.shape[0])
    _within(trace, outputs, w.shape[1])
    blocks = w[inputs[:, :, None], outputs[:, None, :]]
    return (o + jnp.einsum("bim,bijmn->bjn", h, blocks)).astype(o.dtype)


@lowers(SparseBlockOuter)
def outer(trace: Trace, node: Any, o: Any, x: Any, y: Any, rows: Any, columns: Any, alpha: Any) -> Any:
    """Outer products, added where they belong."""
    _within(trace, rows, o.shape[0])
    _within(trace, columns, o.shape[1])
    products = alpha * jnp.einsum("bim,bjn->bijmn", x, y)
    return o.at[rows[:, :, None], columns[:, None, :]].add(products.astype(o.dtype))
