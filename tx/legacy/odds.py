"""Names that stand in one place of Theano each: of ``theano`` itself, ``theano.misc``, ``theano.sandbox.linalg``."""

from __future__ import annotations

import logging
import operator
import os
import struct
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np

from tx.configuration import FLAGS, config, parse_flags
from tx.graph import Variable
from tx.tensor import math as F
from tx.tensor import products, reduction
from tx.tensor.convert import as_tensor_variable
from tx.tensor.joining import join
from tx.tensor.nlinalg import det, extract_diag, matrix_inverse, trace
from tx.tensor.nnet import softsign
from tx.tensor.slinalg import Cholesky, Solve, cholesky, solve
from tx.version import __version__ as version

theano_logger = logging.getLogger("theano")
logging_default_handler = logging.StreamHandler()
change_flags = config.change_flags
imported_scipy = True
full_version = short_version = version
#: every flag: its full name and its default
_config_var_list = [
    SimpleNamespace(fullname=name, default=getattr(flag, "default", flag), doc="") for name, flag in FLAGS.items()
]
THEANO_FLAGS_DICT = parse_flags(os.environ.get("THEANO_FLAGS", ""))
__count__ = count()


def _asarray(a: Any, dtype: Any, order: Any = None) -> np.ndarray:
    """`a` as an ndarray of `dtype`, which may be ``'floatX'``."""
    return np.asarray(a, config.floatX if dtype == "floatX" else dtype, order=order)


def dot(l: Any, r: Any) -> Any:
    """The product: whatever the operands' `__dot__` and `__rdot__` make of it, or that of tensors.

    Raises TypeError when neither operand knows the other.
    """
    for method, of, other in (("__dot__", l, r), ("__rdot__", r, l)):
        if hasattr(of, method):
            found = getattr(of, method)(other)
            if found is not NotImplemented:
                return found
    return products.dot(l, r)


def local_bitwidth() -> int:
    """The number of bits of a pointer."""
    return struct.calcsize("P") * 8


def python_int_bitwidth() -> int:
    """The number of bits of C's ``long``."""
    return struct.calcsize("l") * 8


def may_share_memory(a: Any, b: Any, raise_other_type: bool = True) -> bool:
    """Whether two arrays may overlap. Raises TypeError for what is no array, or says False."""
    if not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        if raise_other_type:
            raise TypeError("may_share_memory support only ndarray and scipy.sparse or GpuArray type")
        return False
    return bool(np.may_share_memory(a, b))


def spectral_radius_bound(X: Any, log2_exponent: int) -> Any:
    """An upper bound of the largest absolute eigenvalue of a symmetric positive matrix; closer for larger exponents.

    It is the trace of the matrix to the power ``2 ** log2_exponent``, to the inverse power.
    """
    X = as_tensor_variable(X)
    if X.ndim != 2:
        raise TypeError("spectral_radius_bound requires a matrix argument", X.type)
    if not isinstance(log2_exponent, int):
        raise TypeError("spectral_radius_bound requires an integer exponent", log2_exponent)
    if log2_exponent <= 0:
        raise ValueError("spectral_radius_bound requires a strictly positive exponent", log2_exponent)
    power = X
    for _ in range(log2_exponent):
        power = products.dot(power, power)
    return F.pow(reduction.sum(extract_diag(power)), 2.0**-log2_exponent)


def matVecModM(A: Any, s: Any, m: Any) -> np.ndarray:
    """The product of a matrix of integers with a vector, modulo `m`, as int32."""
    terms = (np.asarray(A, "int64") * np.asarray(s, "int64")) % m
    return np.asarray(np.sum(terms, 1) % m, "int32")


class DotModulo:
    """``DotModulo()(A, s, m, A2, s2, m2)``: products of matrices with vectors, modulo `m` and `m2`, as one vector."""

    def __call__(self, A: Any, s: Any, m: Any, A2: Any, s2: Any, m2: Any) -> Any:
        parts = []
        for matrix, vector, modulus in ((A, s, m), (A2, s2, m2)):
            terms = F.mod(F.cast(matrix, "int64") * F.cast(vector, "int64"), modulus)
            parts.append(F.cast(F.mod(reduction.sum(terms, axis=1), modulus), "int32"))
        return join(0, *parts)


def get_debug_values(*inputs: Any) -> Iterator[list[Any]]:
    """The test values of `inputs`, once, under ``config.compute_test_value``; otherwise nothing."""
    if config.compute_test_value == "off":
        return
    values = []
    for v in inputs:
        tag = getattr(v, "tag", None)
        value = v.data if hasattr(v, "data") else getattr(tag, "test_value", None)
        if value is None and hasattr(v, "get_value"):
            value = v.get_value(borrow=True)
        if value is None and isinstance(v, Variable):
            return
        values.append(v if value is None else value)
    yield values


def debug_error_message(message: str) -> None:
    """Raise, or warn of, what is wrong with a test value, as ``config.compute_test_value`` says."""
    action = config.compute_test_value
    assert action in ("raise", "warn")
    if action == "raise":
        raise ValueError(message)
    logging.getLogger("theano.gof.op").warning(message)


class CachedConstantError(Exception):
    """A graph holds a Constant that is kept for all graphs. tx keeps none, and does not raise it."""


class AddFeatureOptimizer:
    """A rewrite that attaches a feature to the graph."""

    def __init__(self, feature: Any):
        self.feature = feature

    def add_requirements(self, fgraph: Any) -> None:
        """Attach the feature."""
        fgraph.attach_feature(self.feature)

    def apply(self, fgraph: Any) -> None:
        """Change nothing."""


def make_depends() -> Any:
    """A function from a pair of nodes to whether the first needs the second, directly or through others."""

    def depends(pair: tuple[Any, Any]) -> bool:
        a, b = pair
        pending, seen = [a], set()
        while pending:
            node = pending.pop()
            for source in (v.owner for v in getattr(node, "inputs", ()) if v.owner is not None):
                if source is b or b in source.outputs:
                    return True
                if source not in seen:
                    seen.add(source)
                    pending.append(source)
        return False

    return depends


def sort_schedule_fn(*cmps: Any) -> Any:
    """A function that lists the nodes of a FunctionGraph in the order of computation."""
    return operator.methodcaller("toposort")


__all__ = [
    "AddFeatureOptimizer", "CachedConstantError", "Cholesky", "Solve", "change_flags", "cholesky",
    "debug_error_message", "det", "dot", "extract_diag", "full_version", "get_debug_values", "imported_scipy",
    "local_bitwidth", "logging_default_handler", "make_depends", "matVecModM", "matrix_inverse", "may_share_memory",
    "python_int_bitwidth", "softsign", "solve", "sort_schedule_fn", "spectral_radius_bound", "theano_logger", "trace",
    "version",
]  # fmt: skip
