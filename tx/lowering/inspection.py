"""What an accelerator will make of a program: calls of the host, types it does not have, slow indices."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.gradient import Pullback
from tx.graph import Apply, Constant
from tx.lowering.calls import inner_graphs
from tx.lowering.jaxprs import equations
from tx.scan_module.op import Scan
from tx.tensor.subtensor import IncSubtensor, Subtensor

#: primitives of jax that call the host
_CALLS = ("debug_callback", "pure_callback", "io_callback", "debug_print")
_WIDE_FLOATS, _WIDE_INTEGERS = ("float64", "complex128"), ("int64", "uint64")

#: kind of device -> what floats of 64 bits cost there, and integers
_FLOATS = {
    "tpu": "a TPU has no float64, and emulates it, many times slower than float32",
    "gpu": "most GPUs compute float64 32 to 64 times slower than float32",
}
_INTEGERS = {
    "tpu": "a TPU has no integers of 64 bits, and makes each of two",
    "gpu": "a GPU computes with integers of 64 bits as with pairs of 32",
}
#: what StableHLO calls an array of double precision, as the result of something that is computed
_DOUBLE = re.compile(r"tensor<(?:[\d?]+x)*(?:f64|complex<f64>)>$")


def host_calls(jaxpr: Any) -> list[str]:
    """The primitives of a jaxpr, and of those inside of it, that call the host."""
    return [name for equation, _ in equations(jaxpr) if (name := equation.primitive.name) in _CALLS]


def wide_indices(nodes: Sequence[Apply]) -> list[str]:
    """The nodes in the loops of a graph that index with integers of 64 bits that are no constants."""
    found = []
    pending = [(node, False) for node in reversed(nodes)]
    while pending:
        node, in_loop = pending.pop()
        places = node.inputs[{Subtensor: 1, IncSubtensor: 2}.get(type(node.op), len(node.inputs)) :]
        wide = [v for v in places if getattr(v.type, "dtype", None) in _WIDE_INTEGERS and not isinstance(v, Constant)]
        if in_loop and wide:
            found.append(str(node))
        op: Any = node.op.op if isinstance(node.op, Pullback) else node.op
        below = in_loop or isinstance(op, Scan)
        pending += [(inner, below) for graph in inner_graphs(op) for inner in reversed(list(graph.toposort()))]
    return list(dict.fromkeys(found))


def doubles(stablehlo: str) -> int:
    """How many operations of a StableHLO program compute in double precision."""
    lines = (line.rstrip() for line in stablehlo.splitlines())
    computed = (line for line in lines if " = " in line and "stablehlo.constant" not in line)
    return sum(bool(_DOUBLE.search(line)) for line in computed)


def advice(platform: str, inputs: Sequence[Any], nodes: Sequence[Apply], stablehlo: str) -> list[str]:
    """What is slow there, a sentence each. `inputs` are the Variables that the program is given."""
    kind = {"cuda": "gpu", "rocm": "gpu"}.get(platform, platform)
    found = []
    wide = [v.name or str(v.type) for v in inputs if v.type.dtype in _WIDE_FLOATS]
    count = doubles(stablehlo) if kind == "tpu" or wide else 0  # GPUs sum in double precision, which is soon done
    if kind in _FLOATS and count:
        cause = f" {', '.join(wide)} are of 64 bits: set floatX=float32" if wide else " No input is of 64 bits."
        found.append(f"{count} operations in float64: {_FLOATS[kind]}.{cause}")
    places = wide_indices(nodes)
    if kind in _INTEGERS and places:
        found.append(f"64-bit indices in a loop: {', '.join(places)}. {_INTEGERS[kind]}: let them be int32")
    return found


def nbytes(shape: Sequence[int], dtype: Any) -> int:
    """The size of an array."""
    return int(math.prod(shape) * np.dtype(dtype).itemsize)


__all__ = ["advice", "doubles", "host_calls", "nbytes", "wide_indices"]
