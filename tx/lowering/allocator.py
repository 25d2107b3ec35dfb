"""What the C library's allocator is told: to keep memory that a call freed for the next, but not a compilation's.

glibc gives free memory back to the kernel from twice the largest block on that was freed so far, up to 64 MB. A
function that takes a few such blocks then gets new pages at every call, each of which the kernel clears. Once there are
functions, the limits are what they become in a process that has freed 32 MB at once.

Blocks of more than that glibc takes from the kernel one by one, each time, whatever its limits: a result of 72 MB is
17,600 pages, which take a virtual machine 35 ms to clear where its elements take 10 to compute. So once an executable
has that much to make, it is told to have all blocks in one piece of memory, and to keep more of that.

What LLVM has freed lies about in small parts. A third of the memory of a process that has compiled a model is that.
"""

from __future__ import annotations

import ctypes
import os
import platform
from functools import cache

#: mallopt(3)'s numbers, and what they are set to: limits in bytes, and how many blocks are the kernel's
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_LIMITS = {_TRIM_THRESHOLD: 64 << 20, _MMAP_THRESHOLD: 32 << 20}
#: of more than the kernel's limit it keeps this part of the memory that there is, and at most so much
LARGE, _PART, _MOST = _LIMITS[_MMAP_THRESHOLD], 16, 1 << 30
#: who sets one of these decides
_CHOSEN = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_MMAP_MAX_", "GLIBC_TUNABLES")
#: compilations of so many seconds leave enough for it to be worth 10 ms to give it back
LONG = 0.15


@cache
def keep_memory() -> bool:
    """Tell it, once, where it is glibc's and nobody else has. Gives whether that was so."""
    if platform.libc_ver()[0] != "glibc" or any(name in os.environ for name in _CHOSEN):
        return False
    return _told(_LIMITS)


@cache
def keep_large() -> bool:
    """Tell it, once, to keep blocks of more than `LARGE` bytes, too. Gives whether it does."""
    if not keep_memory():
        return False
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _told({_MMAP_MAX: 0, _TRIM_THRESHOLD: min(memory // _PART, _MOST)})


def _told(limits: dict[int, int]) -> bool:
    mallopt = ctypes.CDLL(None).mallopt
    return all(mallopt(number, limit) for number, limit in limits.items())


def give_back() -> None:
    """Give free memory back to the kernel, if it is glibc that was told to keep it."""
    if keep_memory():
        ctypes.CDLL(None).malloc_trim(0)


__all__ = ["LARGE", "LONG", "give_back", "keep_large", "keep_memory"]
