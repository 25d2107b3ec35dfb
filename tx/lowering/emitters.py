"""Which of its emitters XLA's CPU compiler is to use for a function: the newer, which are its default, or the older.

The newer make LLVM's code by way of MLIR. The older make it at once: a kernel takes half as long to compile, and
computes the same. But where an array takes the place of one that it is computed from, the older do not vectorise.
"""

from __future__ import annotations

import os
from typing import Any

import jax
from jaxlib import version

from tx.lowering.jaxprs import equations

_KEY = "xla_cpu_use_fusion_emitters"
#: told to XLA, it is the older
OLDER: dict[str, Any] = {_KEY: False}
#: Who leaves out passes of XLA's may not have the older: without fusion they drop changes of layout (jaxlib 0.10).
_PASSES = "xla_disable_hlo_passes"
_MEASURED = version.__version_info__[:2] == (0, 10)
#: Nanoseconds that are lost for each element where a kernel is not vectorised, by what it computes (measured, float32);
#: so many otherwise. A kernel may lose so many in all, and not make more elements than these, each step's of a loop.
_LOST = {
    "exp": 1.0, "exp2": 1.0, "tanh": 1.0, "logistic": 1.5, "log": 3.0, "expm1": 3.0, "log1p": 4.0, "erf": 4.0,
    "erfc": 4.0, "erf_inv": 4.0, "lgamma": 4.0, "digamma": 4.0, "div": 0.3, "sqrt": 0.3, "rsqrt": 0.3,
}  # fmt: skip
_OTHERWISE, _MOST, _MUCH = 0.1, 2000, 1 << 22
#: Primitives that are no work of a kernel that is emitted: calls, whose equations are looked at; what is computed where
#: it is read, or copied; and products, which libraries make.
_FREE = {
    "cond", "custom_jvp_call", "custom_vjp_call", "jit", "remat", "scan", "while",
    "broadcast_in_dim", "dynamic_slice", "iota", "reshape", "slice", "squeeze", "dot_general",
}  # fmt: skip


def open_to(options: dict[str, Any] | None) -> bool:
    """Whether it is open which emitters are to be used, where XLA is told these options."""
    told = (*(options or {}), os.environ.get("XLA_FLAGS", ""))
    return _MEASURED and jax.default_backend() == "cpu" and not any(k in t for t in told for k in (_KEY, _PASSES))


def small(jaxpr: Any) -> bool:
    """Whether all that is computed in a jaxpr is small: then compiling it is what takes time."""
    work = 0
    for equation, times in equations(jaxpr):
        name = equation.primitive.name
        if name not in _FREE:
            elements = max((getattr(v.aval, "size", 0) for v in equation.outvars), default=0)
            work += elements * times
            if elements * _LOST.get(name, _OTHERWISE) > _MOST or work > _MUCH:
                return False
    return True


__all__ = ["OLDER", "open_to", "small"]
