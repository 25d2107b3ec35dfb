"""The tensor vocabulary: types, constructors, and every function that builds a tensor expression."""

from tx import scalar as scal
from tx.tensor import basic, extra_ops, fft, inplace, io, nlinalg, nnet, signal, slinalg, utils, xlogx
from tx.tensor.basic import *
from tx.tensor.io import LoadFromDisk, load

__all__ = [
    *basic.__all__,
    "LoadFromDisk",
    "extra_ops",
    "fft",
    "inplace",
    "io",
    "load",
    "nlinalg",
    "nnet",
    "scal",
    "signal",
    "slinalg",
    "utils",
    "xlogx",
]
