"""Comparisons of elements: of two matrices, or of a matrix and an array."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

from tx.graph import Apply
from tx.sparse.convert import as_sparse_variable
from tx.sparse.lazily import scipy_sparse
from tx.sparse.op import SparseOp, dense_output, sparse_output
from tx.sparse.operands import kinds, require, same_shape, two_matrices
from tx.sparse.refusals import Unsupported
from tx.tensor.convert import as_tensor_variable


class _Comparison(SparseOp):
    """Where a comparison holds: uint8."""

    comparison: Callable[[Any, Any], Any]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Flat everywhere."""
        return [[False], [False]]


class _CompareSS(_Comparison):
    """Of two matrices, in the format of the first."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """Two matrices of one format. Raises Unsupported for different ones."""
        x, y = two_matrices(x, y)
        if x.format != y.format:
            raise Unsupported("matrices of one format only", x.type, y.type)
        return Apply(self, [x, y], [sparse_output(x.format, "uint8")])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError for different shapes."""
        same_shape(x, y)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", scipy_sparse.SparseEfficiencyWarning)
            return type(self).comparison(x, y).astype("uint8")


class _CompareSD(_Comparison):
    """Of a matrix and an array: dense."""

    def make_node(self, x: Any, y: Any) -> Apply:
        """A sparse input and a dense matrix. Raises AssertionError for other ranks."""
        x, y = as_sparse_variable(x), as_tensor_variable(y)
        require(y.ndim == 2, "A matrix can only be compared with a matrix", y)
        return Apply(self, [x, y], [dense_output("uint8")])

    def compute(self, x: Any, y: Any) -> Any:
        """Raises AssertionError for different shapes."""
        same_shape(x, y)
        return type(self).comparison(x.toarray(), y)


def _pair(name: str, comparison: Callable[[Any, Any], Any]) -> tuple[type[_CompareSS], type[_CompareSD]]:
    """The two classes of one comparison: ``{name}SS`` and ``{name}SD``."""

    def of(base: Any, suffix: str) -> Any:
        doc = f"Source: theano.sparse.{name}{suffix}."
        body = {"comparison": staticmethod(comparison), "__doc__": doc, "__module__": __name__}
        return type(f"{name}{suffix}", (base,), body)

    return of(_CompareSS, "SS"), of(_CompareSD, "SD")


EqualSS, EqualSD = _pair("Equal", operator.eq)
NotEqualSS, NotEqualSD = _pair("NotEqual", operator.ne)
LessThanSS, LessThanSD = _pair("LessThan", operator.lt)
GreaterThanSS, GreaterThanSD = _pair("GreaterThan", operator.gt)
LessEqualSS, LessEqualSD = _pair("LessEqual", operator.le)
GreaterEqualSS, GreaterEqualSD = _pair("GreaterEqual", operator.ge)

equal_s_s, equal_s_d = EqualSS(), EqualSD()
not_equal_s_s, not_equal_s_d = NotEqualSS(), NotEqualSD()
less_than_s_s, less_than_s_d = LessThanSS(), LessThanSD()
greater_than_s_s, greater_than_s_d = GreaterThanSS(), GreaterThanSD()
less_equal_s_s, less_equal_s_d = LessEqualSS(), LessEqualSD()
greater_equal_s_s, greater_equal_s_d = GreaterEqualSS(), GreaterEqualSD()


def _comparison(ss: Any, sd: Any, swapped: Any, name: str) -> Callable[[Any, Any], Any]:
    def compare(x: Any, y: Any) -> Any:
        x, y, sparse_x, sparse_y = kinds(x, y)
        if sparse_x and sparse_y:
            return ss(x, y)
        return sd(x, y) if sparse_x else swapped(y, x)

    compare.__name__ = name
    compare.__doc__ = (
        f"Where `{name}` holds, as uint8: sparse for two matrices, dense for a matrix and an array.\n\n"
        "    Raises AssertionError when none is sparse, or one is a number or a vector.\n    "
    )
    return compare


eq = _comparison(equal_s_s, equal_s_d, equal_s_d, "eq")
neq = _comparison(not_equal_s_s, not_equal_s_d, not_equal_s_d, "neq")
lt = _comparison(less_than_s_s, less_than_s_d, greater_than_s_d, "lt")
gt = _comparison(greater_than_s_s, greater_than_s_d, less_than_s_d, "gt")
le = _comparison(less_equal_s_s, less_equal_s_d, greater_equal_s_d, "le")
ge = _comparison(greater_equal_s_s, greater_equal_s_d, less_equal_s_d, "ge")

__all__ = [
    "EqualSD",
    "EqualSS",
    "GreaterEqualSD",
    "GreaterEqualSS",
    "GreaterThanSD",
    "GreaterThanSS",
    "LessEqualSD",
    "LessEqualSS",
    "LessThanSD",
    "LessThanSS",
    "NotEqualSD",
    "NotEqualSS",
    "eq",
    "equal_s_d",
    "equal_s_s",
    "ge",
    "greater_equal_s_d",
    "greater_equal_s_s",
    "greater_than_s_d",
    "greater_than_s_s",
    "gt",
    "le",
    "less_equal_s_d",
    "less_equal_s_s",
    "less_than_s_d",
    "less_than_s_s",
    "lt",
    "neq",
    "not_equal_s_d",
    "not_equal_s_s",
]
