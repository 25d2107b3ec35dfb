"""The systems that take part: who runs them, in which environment, and the words in which they differ.

Where real Theano and PyTensor are is said by `TX_ORACLE`, a folder with `theano/bin/python` and
`pytensor/bin/python`, or on the command line. Nothing here imports a library before it is asked to.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import NamedTuple


class Absent(Exception):
    """A system, or a word of its language, is not there; says what."""


class System(NamedTuple):
    """`library` is what is imported; `interpreter` is who can ('this', or a folder of TX_ORACLE)."""

    name: str
    title: str
    library: str
    interpreter: str = "this"
    mode: str | None = None


SYSTEMS = {
    s.name: s
    for s in [
        System("tx", "tx", "tx"),
        System("jax", "JAX by hand", "jax"),
        System("theano", "Theano", "theano", "theano"),
        System("pytensor-numba", "PyTensor, numba", "pytensor", "pytensor", "NUMBA"),
        System("pytensor-c", "PyTensor, C", "pytensor", "pytensor", "CVM"),
        System("pytensor-jax", "PyTensor, JAX", "pytensor", "pytensor", "JAX"),
    ]
}


def interpreter_of(system, said):
    """The Python that has a system; `said` are interpreters of the command line. Raises Absent if there is none."""
    if system.interpreter == "this":
        return sys.executable
    folder = os.environ.get("TX_ORACLE", os.path.join("~", ".cache", "tx-oracle"))
    python = said.get(system.interpreter) or os.path.join(folder, system.interpreter, "bin", "python")
    python = os.path.expanduser(python)
    if not os.path.exists(python):
        raise Absent("no interpreter has it")
    return python


def environment_of(system, cache):
    """Environment variables of a system's process, all of whose caches lie in the folder `cache`."""

    def flags(name, *ours):
        return {name: ",".join([*ours, *filter(None, [os.environ.get(name)])])}

    environment = {
        "JAX_COMPILATION_CACHE_DIR": os.path.join(cache, "jax"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "NUMBA_CACHE_DIR": os.path.join(cache, "numba"),
    }
    if system.name == "tx":
        return flags("TX_FLAGS", "base_compiledir=" + cache)
    if system.library == "theano":
        return flags("THEANO_FLAGS", "blas.ldflags=-lopenblas", "base_compiledir=" + cache)
    if system.library == "pytensor":
        environment.update(flags("PYTENSOR_FLAGS", "blas__ldflags=-lopenblas", "base_compiledir=" + cache))
    return environment


def import_library(system):
    """Import what a program of the system begins with; returns the library."""
    library = importlib.import_module(system.library)
    importlib.import_module({"jax": "jax.numpy"}.get(system.library, system.library + ".tensor"))
    return library


class Language:
    """Theano's words, in a library: `T` is its tensors; the rest are words that moved, or differ."""

    def __init__(self, library, mode=None, floatX="float32"):
        """`library` is tx, theano or pytensor; functions are compiled in `mode`."""
        self.theano, self.name, self.mode = library, library.__name__, mode
        library.config.floatX = floatX
        self.T = self._module("tensor")
        self.moved = self.name == "pytensor"
        self.grad = library.grad
        #: seconds that have gone into copies of what is shared
        self.placing = 0.0
        #: values that a graph shares, in order, with their variables; and how many of them have come so far
        self._shared, self._come = [], 0

    def _module(self, path):
        return importlib.import_module(f"{self.name}.{path}")

    def module(self, path):
        """A module of the library. Raises Absent if it has none of this name."""
        try:
            return self._module(path)
        except ImportError:
            raise Absent(f"{self.name} {self.theano.__version__} has no {path}") from None

    def function(self, inputs, outputs, updates, givens):
        """Compile."""
        return self.theano.function(inputs, outputs, updates=updates, givens=givens, mode=self.mode)

    def shared(self, value):
        """A shared variable; that of the graph before, where this is built once more: then nothing is copied."""
        place, self._come = self._come, self._come + 1
        if place == len(self._shared) or self._shared[place][0] is not value:
            start = time.perf_counter()
            self._shared[place:] = [(value, self.theano.shared(value))]
            self.placing += time.perf_counter() - start
        return self._shared[place][1]

    def begin(self):
        """Begin a graph."""
        self._come = 0

    def nnet(self, name):
        """A function of tensor.nnet, which PyTensor has distributed elsewhere."""
        if not self.moved:
            return getattr(self._module("tensor.nnet"), name)
        if name == "softmax":
            return lambda x: self._module("tensor.special").softmax(x, axis=-1)
        return getattr(self.T, name)

    def scan(self, step, sequences, initial):
        """The trajectories of a loop."""
        return self.theano.scan(step, sequences, initial)[0]

    def Rop(self, outputs, inputs, direction):
        """The R-operator."""
        return (self.theano if self.moved else self.theano.gradient).Rop(outputs, inputs, direction)

    def sequence(self, data, name):
        """A symbolic input for `data`. PyTensor's JAX mode differentiates loops only where the type tells lengths."""
        if self.moved:
            shape = data.shape if self.mode == "JAX" else (None,) * data.ndim
            return self.T.tensor(name, dtype=str(data.dtype), shape=shape)
        return self.T.TensorType(str(data.dtype), (False,) * data.ndim)(name)
