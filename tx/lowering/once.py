"""Values that XLA would compute again in each kernel that reads them, with all that these are made of.

XLA's fusion puts what is cheap into the kernels of all that read it. In a gradient that runs back through many layers
each adds to what came from the layer above, and passes the sum on twice: so each kernel would begin at the last layer.
Here such values get memory of their own: they are what a computation gives back that is not inlined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
from jax.experimental.xla_metadata import set_xla_metadata

from tx.graph import Apply, Variable
from tx.lowering.trace import Trace
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.products import BatchedDot, Dot

#: what takes as long as so many other operations, and is not computed twice by XLA itself
_DEAR = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "tanh", "sigmoid", "softplus", "erf", "erfc", "erfcx",
    "sin", "cos", "tan", "pow", "true_div", "sqrt",
}  # fmt: skip
_AS_MANY = 5
#: Operations that may be computed again for each reader but the first: as many take as long as writing and reading the
#: value, where it is small, and where it is large.
_FEW, _MORE, _LARGE = 12, 40, 1 << 14
#: a kernel of more operations takes long to compile
_MOST = 400

_same = jax.jit(lambda x: x)


def recomputes(nodes: Iterable[Apply]) -> bool:
    """Whether XLA makes several kernels of these nodes, which may have much in common: there is a product that parts
    them."""
    return jax.default_backend() == "cpu" and any(isinstance(node.op, Dot | BatchedDot) for node in nodes)


class Once:
    """Which values of a stage are computed once. Told of its nodes in their order, as they are lowered."""

    def __init__(self, trace: Trace):
        self.trace, self.outputs = trace, {*trace.outputs}
        #: how many operations a kernel that reads the value computes for it
        self.work: dict[Variable, int] = {}

    def settle(self, node: Apply) -> None:
        """Put the output of `node` in memory, where that is less work than computing it again."""
        trace = self.trace
        if not _is_fused(node) or trace.known(node.outputs[0]) is not None:
            return
        (v,) = node.outputs
        readers = {reader for reader, _ in trace.clients.get(v, ())}
        dear = _row(node) in _DEAR
        if v in self.outputs or not all(map(_is_fused, readers)) or (dear and len(readers) > 1):
            return  # it is in memory anyway
        work = sum(self.work.get(i, 0) for i in dict.fromkeys(node.inputs))
        work += _AS_MANY if dear else isinstance(node.op, Elemwise)
        value = trace.values[v]
        limit = _FEW if value.size < _LARGE else _MORE
        if value.size == 1 or (work * (len(readers) - 1) < limit and work < _MOST):
            self.work[v] = work
            return
        with set_xla_metadata(inlineable="false"):
            trace.values[v] = _same(value)


def _is_fused(node: Apply) -> bool:
    return isinstance(node.op, Elemwise | DimShuffle)


def _row(node: Any) -> str | None:
    return node.op.scalar_op.row if isinstance(node.op, Elemwise) else None


__all__ = ["Once", "recomputes"]
