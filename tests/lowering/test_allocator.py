"""Memory that was freed is there for the next call."""

import os
import platform
import subprocess
import sys

import pytest

from tx.lowering import allocator

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that is told")

#: new pages in 20 rounds of ten arrays of 2 MB each; larger ones numpy asks huge pages for
ROUNDS = """
import resource, sys
import numpy as np
{start}
pages = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def rounds(count):
    for _ in range(count):
        arrays = [np.ones(1 << 18) for _ in range(10)]
        del arrays
rounds(3)
before = pages()
rounds(20)
print(pages() - before)
"""


def new_pages(start, **environ):
    kept = {k: v for k, v in os.environ.items() if k not in allocator._CHOSEN}
    program = [sys.executable, "-c", ROUNDS.format(start=start)]
    return int(subprocess.run(program, env={**kept, **environ}, capture_output=True, check=True, text=True).stdout)


def test_memory_is_kept():
    told = "import tx; tx.function([], tx.tensor.constant(1))"
    assert new_pages(told) < 5_000 < 50_000 < new_pages("")
    assert new_pages(told, MALLOC_TRIM_THRESHOLD_="4000000") > 50_000, "what the environment says holds"


@pytest.mark.parametrize("name", allocator._CHOSEN)
def test_who_has_chosen(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert not allocator.keep_memory.__wrapped__()


def test_other_libraries(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not allocator.keep_memory.__wrapped__()
