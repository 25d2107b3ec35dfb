"""Whether XLA's CPU compiler is to split kernels among threads.

It does from 256 KB on that a kernel is thought to read or write, and it thinks that rows of a table take all of it. To
wake a thread takes 30 us (measured, on a virtual machine with two cores), in which one makes 60,000 elements of a tanh.
So a function that computes small arrays only is told not to. Products and convolutions are libraries', which have their
own mind about threads. What arithmetic computes is there as soon as it is read and written, which one core does nearly
as fast as two.
"""

from __future__ import annotations

import os
from typing import Any

import jax

from tx.lowering.jaxprs import CALLS, computed, equations, handled

_KEY = "xla_disable_hlo_passes"
#: the pass that splits them
_SPLITTING = "cpu-parallel-task-assigner"
#: A kernel of so many elements takes one core as long as two (measured: a tanh), and as it may take more cores, of
#: which it is the waking that takes the time.
_ON_TWO, _ON_MORE = 1 << 18, 1 << 17
#: The same of arithmetic, by the bytes that come and go, where there are no more operations on so many elements
#: (measured: `maximum(x, 0) * 2` and a polynomial of degree six, 2**20 float32 in 150 us by one, 260 by two).
_ARITHMETIC = {
    "abs", "add", "and", "broadcast_in_dim", "convert_element_type", "eq", "ge", "gt", "le", "lt", "max", "min", "mul",
    "ne", "neg", "not", "or", "reshape", "select_n", "square", "squeeze", "sub",
}  # fmt: skip
_BYTES_ON_TWO, _BYTES_ON_MORE, _FEW = 1 << 23, 1 << 21, 16


def open_to_choice() -> bool:
    """Whether the choice is ours: what the environment says holds."""
    return jax.default_backend() == "cpu" and _KEY not in os.environ.get("XLA_FLAGS", "")


def unsplit(options: dict[str, Any]) -> dict[str, Any]:
    """The options, and that kernels are not to be split."""
    return {**options, _KEY: ",".join(filter(None, [options.get(_KEY), _SPLITTING]))}


def suits_one(jaxpr: Any) -> bool:
    """Whether one thread computes all that is in a jaxpr as soon as several would."""
    two = (os.cpu_count() or 1) <= 2
    most, most_bytes = (_ON_TWO, _BYTES_ON_TWO) if two else (_ON_MORE, _BYTES_ON_MORE)
    large = (e.primitive.name for e, _ in equations(jaxpr) if computed(e) > most)
    much = [name for name in large if name not in CALLS]
    if not much:
        return True
    return len(much) <= _FEW and _ARITHMETIC.issuperset(much) and handled(jaxpr.jaxpr) <= most_bytes


__all__ = ["open_to_choice", "suits_one", "unsplit"]
