"""Whether XLA's CPU compiler is to split kernels among threads.

It does from 256 KB on that a kernel is thought to read or write, and it thinks that rows of a table take all of it. To
wake a thread takes 30 us (measured, on a virtual machine with two cores), in which one makes 60,000 elements of a tanh.
So a function that computes small arrays only is told not to. Products and convolutions are libraries', which have their
own mind about threads.
"""

from __future__ import annotations

import os
from typing import Any

import jax

from tx.lowering.jaxprs import CALLS, computed, equations

_KEY = "xla_disable_hlo_passes"
#: the pass that splits them
_SPLITTING = "cpu-parallel-task-assigner"
#: A kernel of so many elements takes one core as long as two (measured: a tanh), and as it may take more cores, of
#: which it is the waking that takes the time.
_ON_TWO, _ON_MORE = 1 << 18, 1 << 17


def open_to_choice() -> bool:
    """Whether the choice is ours: what the environment says holds."""
    return jax.default_backend() == "cpu" and _KEY not in os.environ.get("XLA_FLAGS", "")


def unsplit(options: dict[str, Any]) -> dict[str, Any]:
    """The options, and that kernels are not to be split."""
    return {**options, _KEY: ",".join(filter(None, [options.get(_KEY), _SPLITTING]))}


def suits_one(jaxpr: Any) -> bool:
    """Whether one thread computes all that is in a jaxpr as soon as several would."""
    most = _ON_TWO if (os.cpu_count() or 1) <= 2 else _ON_MORE
    return all(computed(e) <= most for e, _ in equations(jaxpr) if e.primitive.name not in CALLS)


__all__ = ["open_to_choice", "suits_one", "unsplit"]
