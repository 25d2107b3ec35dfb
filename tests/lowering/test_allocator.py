"""Memory that was freed is there for the next call."""

import os
import platform
import subprocess
import sys

import pytest

import tx
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


def new_pages(program, **environ):
    kept = {k: v for k, v in os.environ.items() if k not in allocator._CHOSEN}
    program = [sys.executable, "-c", program]
    return int(subprocess.run(program, env={**kept, **environ}, capture_output=True, check=True, text=True).stdout)


def test_memory_is_kept():
    told = ROUNDS.format(start="import tx; tx.function([], tx.tensor.constant(1))")
    assert new_pages(told) < 5_000 < 50_000 < new_pages(ROUNDS.format(start=""))
    assert new_pages(told, MALLOC_TRIM_THRESHOLD_="4000000") > 50_000, "what the environment says holds"


#: new pages in five calls, of which each gives 40 MB
CALLS = """
import resource
import numpy as np
import tx
x = tx.shared(np.zeros(5 << 20))
f = tx.function([], tx.tensor.exp(x))
pages = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    f()
before = pages()
for _ in range(5):
    f()
print(pages() - before)
"""


def test_large_results_are_kept():
    assert new_pages(CALLS) < 25_000 < 40_000 < new_pages(CALLS, MALLOC_MMAP_MAX_="1000")


def test_large_blocks_are_kept_where_any_are(monkeypatch):
    monkeypatch.setattr(allocator, "keep_memory", lambda: False)
    assert not allocator.keep_large.__wrapped__()


@pytest.mark.parametrize("name", allocator._CHOSEN)
def test_who_has_chosen(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert not allocator.keep_memory.__wrapped__()


def test_other_libraries(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    assert not allocator.keep_memory.__wrapped__()


#: resident pages of many small arrays, of which every second one is kept, before and after they are given back
GIVEN = """
import numpy as np
import tx
from tx.lowering import allocator
tx.function([], tx.tensor.constant(1))
pages = lambda: int(open("/proc/self/statm").read().split()[1])
arrays = [np.ones(1 << 14) for _ in range(400)]
del arrays[::2]
before = pages()
allocator.give_back()
print(before - pages())
"""


def test_what_is_free_is_given_back():
    kept = {k: v for k, v in os.environ.items() if k not in allocator._CHOSEN}
    done = subprocess.run([sys.executable, "-c", GIVEN], env=kept, capture_output=True, check=True, text=True)
    assert int(done.stdout) > 5_000


@pytest.mark.parametrize("long", [True, False])
def test_after_long_compilations(monkeypatch, by_xla, long):
    given = []
    monkeypatch.setattr(allocator, "give_back", lambda: given.append(True))
    monkeypatch.setattr(allocator, "LONG", 0.0 if long else 1000.0)
    x = tx.tensor.dvector("x")
    f = tx.function([x], tx.tensor.tanh(x) * (3 if long else 5))
    f([1.0])
    f([2.0])
    assert given == [True] * long
