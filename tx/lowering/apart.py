"""Parts of a function that XLA compiles as they are, and does not fuse with what is around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
from jax.experimental.xla_metadata import set_xla_metadata

from tx.lowering.trace import Trace


def on_this_cpu(trace: Trace) -> bool:
    """Whether what is traced will run on the CPU of this process, and nowhere else."""
    return not trace.portable and jax.default_backend() == "cpu"


def apart(trace: Trace, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, as a computation of its own: what it is given and gives is memory.

    So on the CPU, where XLA (jaxlib 0.10) fuses a change of layout into a loop over elements, which then divides for
    every index. Elsewhere, and where it is open where that will be, the function as it is.
    """
    if not on_this_cpu(trace):
        return function

    def call(*values: Any) -> Any:
        with set_xla_metadata(inlineable="false"):
            return jax.jit(function)(*values)

    return call


__all__ = ["apart", "on_this_cpu"]
