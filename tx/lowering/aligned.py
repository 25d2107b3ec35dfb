"""Large arguments, which XLA on the CPU is to take as they are.

It does so where they begin at a multiple of 64 bytes. What numpy has made hardly ever does: jax copies it, and from
100 KB on in another thread, for which a call waits 50 to 100 us where the copy takes 4. So it is made before the call.
(Those that are read in place, and the largest, are looked at where they lie: `tx.lowering.views`.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
from numpy import ndarray

from tx.memory import aligned_copy, is_aligned

try:  # jax calls it when it is called
    from jaxlib._jax import collect_garbage
except ImportError:  # pragma: no cover - depends on jax's version

    def collect_garbage() -> None:
        """Nothing: then two calls take turns with two pieces of memory."""


#: jax leaves copies of so many bytes to another thread; of more it copies several arguments at once
_LEAST, _MOST = 100 << 10, 1 << 20


def large(values: Sequence[Any], positions: Sequence[int]) -> list[int]:
    """Which of the `positions` are looked at before calls with values like these."""
    if jax.default_backend() != "cpu":
        return []
    return [i for i in positions if isinstance(values[i], ndarray) and _LEAST <= values[i].nbytes <= _MOST]


def aligned(values: Sequence[Any], positions: Sequence[int]) -> Sequence[Any]:
    """`values`, of which those at `positions` are such that they need not be copied. What lies in rows of another order
    is left to jax, which turns an array faster than numpy does; but every second element, or those from the end, take
    it twice as long."""
    given = list(values)
    collect_garbage()  # what jax kept of the last call is the memory for this one, which the cache still has
    for i in positions:
        value = given[i]
        if type(value) is not ndarray:
            continue
        in_rows = value.flags.c_contiguous
        if not is_aligned(value) if in_rows else value.itemsize not in value.strides:
            given[i] = aligned_copy(value)
    return given


__all__ = ["aligned", "large"]
