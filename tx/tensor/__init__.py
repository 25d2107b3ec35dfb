"""The tensor vocabulary: types, constructors, and every function that builds a tensor expression."""

from tx import scalar as scal
from tx.tensor import basic, inplace, io, nnet, utils, xlogx
from tx.tensor import extra as extra_ops
from tx.tensor.basic import *  # noqa: F403
from tx.tensor.io import LoadFromDisk, load

__all__ = [*basic.__all__, "LoadFromDisk", "extra_ops", "inplace", "io", "load", "nnet", "scal", "utils", "xlogx"]
