"""Where arrays lie in memory: XLA on the CPU takes those as they are that begin at a multiple of 64 bytes."""

from __future__ import annotations

import copy
from typing import Any

from numpy import copyto, empty, ndarray

#: an array is to begin at a multiple of so many bytes
ALIGNED = 64
#: one of fewer bytes is copied sooner than it is looked at
LARGE = 1 << 15


def is_aligned(array: ndarray) -> bool:
    """Whether an array begins where it is to."""
    return not array.ctypes.data % ALIGNED


class Lent:
    """What numpy makes an array of: memory that lives as long as its owner, as an array interface tells of it."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, owner: Any, interface: dict[str, Any]):
        self.owner, self.__array_interface__ = owner, interface


def aligned_empty(size: int, dtype: Any) -> ndarray:
    """Memory for so many elements that begins where it is to."""
    few = ALIGNED // dtype.itemsize
    memory = empty(size + few, dtype)
    start = -memory.ctypes.data % ALIGNED // dtype.itemsize
    found: ndarray = memory[start : start + size]
    return found


def aligned_copy(array: ndarray) -> ndarray:
    """A copy, in rows, that begins where it is to."""
    copied: ndarray = aligned_empty(array.size, array.dtype).reshape(array.shape)
    copyto(copied, array)
    return copied


def own_copy(value: Any) -> Any:
    """A copy of any value; of a large array in rows, an aligned one. Arrays of another order keep it."""
    if type(value) is not ndarray or value.dtype.hasobject:
        return copy.deepcopy(value)
    return aligned_copy(value) if value.nbytes >= LARGE and value.flags.c_contiguous else value.copy("K")


__all__ = ["ALIGNED", "LARGE", "Lent", "aligned_copy", "aligned_empty", "is_aligned", "own_copy"]
