"""Tensors read from files. Source: theano.tensor.io."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor.type import TensorType


class LoadFromDisk(Op):
    """The array in a ``.npy`` file, read at every call. Raises TypeError when dtype or rank are not as promised."""

    __props__ = ("path", "dtype", "broadcastable", "mmap_mode")

    def __init__(self, path: str, dtype: Any, broadcastable: Sequence[Any], mmap_mode: str | None = None):
        if mmap_mode not in (None, "c"):
            raise ValueError("The only supported values for mmap_mode are None and 'c'", mmap_mode)
        self.path = str(path)
        self.dtype = dt.canonical(dtype)
        self.broadcastable = tuple(bool(b) for b in broadcastable)
        self.mmap_mode = mmap_mode

    def make_node(self) -> Apply:
        """No inputs."""
        return Apply(self, [], [TensorType(self.dtype, self.broadcastable)()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any, params: Any = None) -> None:
        """Read the file."""
        array = np.load(self.path, mmap_mode="c" if self.mmap_mode else None)
        output_storage[0][0] = node.outputs[0].type.filter(np.asarray(array), strict=True)


def load(path: str, dtype: Any, broadcastable: Sequence[Any], mmap_mode: str | None = None) -> Any:
    """The array in the ``.npy`` file `path`, of that dtype and broadcast pattern, read at every call."""
    return LoadFromDisk(path, dtype, broadcastable, mmap_mode)()


__all__ = ["LoadFromDisk", "load"]
