"""What the C library's allocator is told: to keep memory that a call freed for the next, but not a compilation's.

glibc gives free memory back to the kernel from twice the largest block on that was freed so far, up to 64 MB. A
function that takes a few such blocks then gets new pages at every call, each of which the kernel clears. Once there are
functions, the limits are what they become in a process that has freed 32 MB at once.

What LLVM has freed lies about in small parts. A third of the memory of a process that has compiled a model is that.
"""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache

#: mallopt(3)'s numbers, and what they are set to, in bytes
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LIMITS = {_TRIM_THRESHOLD: 64 << 20, _MMAP_THRESHOLD: 32 << 20}
#: who sets one of these decides
_CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")
#: compilations of so many seconds leave enough for it to be worth 10 ms to give it back
LONG = 0.15


@cache
def keep_memory() -> bool:
    """Tell it, once, where it is glibc's and nobody else has. Gives whether that was so."""
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in _CHOSEN):
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(number, limit) for number, limit in _LIMITS.items())


def give_back() -> None:
    """Give free memory back to the kernel, if it is glibc that was told to keep it."""
    if keep_memory():
        ctypes.CDLL(None).malloc_trim(0)


__all__ = ["LONG", "give_back", "keep_memory"]
