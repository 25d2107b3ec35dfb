"""Categories picked by uniform numbers: how often each was drawn, or which ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType


class _FromUniform(Op):
    """Inputs: probabilities, a row for each distribution; uniform numbers, `n` for each row, all rows' first ones
    first; and `n`, an integer scalar. A number picks the first category at which the summed probabilities (in float64)
    exceed it.

    `odtype` is the dtype of the output; with ``'auto'``, `auto` says it.
    """

    def __init__(self, odtype: str = "auto"):
        self.odtype = odtype

    def auto(self, pvals: Any) -> str:
        """The dtype where none was chosen: that of the probabilities."""
        return str(pvals.dtype)

    def pattern(self, pvals: Any) -> list[bool]:
        """The broadcast pattern of the output."""
        return list(pvals.type.broadcastable)

    def make_node(self, pvals: Any, unis: Any, n: Any = 1) -> Apply:
        """Raises ValueError unless `pvals` is a matrix and `unis` a vector, TypeError unless `n` is a scalar."""
        pvals, unis, n = map(as_tensor_variable, (pvals, unis, n))
        if pvals.ndim != 2:
            raise ValueError("pvals ndim should be 2", pvals.ndim)
        if unis.ndim != 1:
            raise ValueError("unis ndim should be 1", unis.ndim)
        if n.ndim:
            raise TypeError("n must be a scalar", n.type)
        dtype = self.auto(pvals) if self.odtype == "auto" else self.odtype
        return Apply(self, [pvals, unis, F.cast(n, "int64")], [TensorType(dtype, self.pattern(pvals))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """With the numbers, in steps."""
        return [[True], [True], [False]]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Zeros."""
        pvals, unis, _ = inputs
        return [F.zeros_like_float(pvals), F.zeros_like_float(unis), F.disconnected()]

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """None."""
        return [None]


class MultinomialFromUniform(_FromUniform):
    """How often each category was picked: a matrix like `pvals`. A number above the whole sum picks none."""

    __props__ = ("odtype",)


class ChoiceFromUniform(_FromUniform):
    """Which category each number picked: a row of `n` for each distribution.

    Without `replace`, what was picked is not picked again: the other probabilities are scaled to the sum 1.
    Raises ValueError, when run, for more picks than categories, or than categories with a probability.
    """

    __props__ = ("odtype", "replace")

    def __init__(self, odtype: str = "auto", replace: bool = False):
        super().__init__(odtype)
        self.replace = replace

    def auto(self, pvals: Any) -> str:
        """The picks are positions."""
        return "int64"

    def pattern(self, pvals: Any) -> list[bool]:
        """A row for each row."""
        return [pvals.type.broadcastable[0], False]


MultinomialWOReplacementFromUniform = ChoiceFromUniform

__all__ = ["ChoiceFromUniform", "MultinomialFromUniform", "MultinomialWOReplacementFromUniform"]
