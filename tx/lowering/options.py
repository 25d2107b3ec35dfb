"""How a stage is to be compiled: with XLA's fusion pass, or without; with which library for products."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import jax

from tx.graph import Apply
from tx.lowering.calls import inner_graphs
from tx.lowering.flags import MEASURED
from tx.tensor.elemwise import Elemwise
from tx.tensor.nnet.convolution import BaseAbstractConv
from tx.tensor.products import BatchedDot, Dot

#: each operation is a kernel of its own
UNFUSED: dict[str, Any] = {"xla_disable_hlo_passes": "fusion"}


_LIBRARY = "xla_cpu_experimental_ynn_fusion_type"


def _library(*kinds: str) -> dict[str, Any]:
    """What XLA on the CPU leaves to the library that it prefers (YNNPACK); products and convolutions that are not among
    it are Eigen's."""
    return {_LIBRARY: ",".join(f"LIBRARY_FUSION_TYPE_{kind}" for kind in kinds)}


#: Eigen convolves. What XLA on the CPU (jaxlib 0.10) has otherwise takes two to six times as long, for all but the
#: smallest. The first convolution in a process takes 20 ms more so, and each one 60 ms less to compile.
EIGEN_CONVOLVES = _library("REDUCE", "INDIVIDUAL_DOT")
#: Eigen multiplies, too. The other library uses one core for a batch of products; but the first product takes 20 to
#: 60 ms so, in each process.
EIGEN = _library("REDUCE")
#: batches with so many elements are large enough for that; an option that is an experiment is for one jaxlib
_LARGE_BATCH = 1 << 18
#: what a quick compilation does without; what it makes runs several times as long
UNOPTIMISED: dict[str, Any] = {"xla_backend_optimization_level": 0}
#: Of 2400 elementwise operations and nothing else XLA on the CPU (jaxlib 0.10) made a kernel that did not end. It does
#: 1600.
_TOO_MANY = 1600


def advice(nodes: Collection[Apply]) -> Callable[[int, bool], dict[str, Any]]:
    """What XLA is told for a stage of these nodes: by the elements of its largest input, and whether the compilation is
    one for many calls."""
    unfused = UNFUSED if too_many(nodes) else {}
    open_to_choice = MEASURED and jax.default_backend() == "cpu" and _LIBRARY not in os.environ.get("XLA_FLAGS", "")
    convolved = open_to_choice and any(isinstance(n.op, BaseAbstractConv) for n in _all(nodes))
    batched = open_to_choice and not unfused and any(map(_is_batch, nodes))

    def options(largest: int, settled: bool) -> dict[str, Any]:
        if settled and batched and largest >= _LARGE_BATCH:
            return EIGEN
        return {**unfused, **(EIGEN_CONVOLVES if convolved else {})}

    return options


def _is_batch(node: Apply) -> bool:
    """Whether these are products that Eigen makes sooner: of 64 bits it does not."""
    return isinstance(node.op, BatchedDot) and node.outputs[0].type.dtype == "float32"


def too_many(nodes: Iterable[Apply]) -> bool:
    """Whether a stage of these nodes is to be compiled without fusion, of which the kernels would be too large.

    Where there are products, `tx.lowering.once` parts the kernels, and without the fusion pass XLA computes products of
    transposed operands wrong, unless they are float32 or float64.
    """
    every = list(_all(nodes))
    count = sum(isinstance(node.op, Elemwise) for node in every)
    return count > _TOO_MANY and jax.default_backend() == "cpu" and not any(map(_unsafe, every))


def _all(nodes: Iterable[Apply]) -> Iterator[Apply]:
    """The nodes, and those of graphs inside of their Ops."""
    for node in nodes:
        yield node
        for graph in inner_graphs(getattr(node.op, "op", node.op)):
            yield from _all(graph.apply_nodes)


def _unsafe(node: Apply) -> bool:
    dtypes = [getattr(v.type, "dtype", "") for v in node.outputs]
    return isinstance(node.op, Dot | BatchedDot) or any(d.startswith("complex") or d == "float16" for d in dtypes)


__all__ = ["EIGEN", "EIGEN_CONVOLVES", "UNFUSED", "UNOPTIMISED", "advice", "too_many"]
