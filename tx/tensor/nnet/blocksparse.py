"""Products with a matrix of blocks, of which only some are used."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.shapes import shape_padleft


def _checked(operands: dict[str, tuple[Any, int]]) -> list[Any]:
    """Variables of these ranks; the names of integer ones end with Idx. Raises TypeError for others."""
    found = []
    for name, (value, ndim) in operands.items():
        variable = as_tensor_variable(value)
        if variable.ndim != ndim:
            raise TypeError(f"The input {name} must be a {ndim}D tensor")
        if name.endswith("Idx") and not dt.is_discrete(variable.dtype):
            raise TypeError(f"The input {name} must be of an integer dtype")
        found.append(variable)
    return found


class SparseBlockGemv(Op):
    """o[b, j] + the sum over i of h[b, i] W[inputIdx[b, i], outputIdx[b, j]], with blocks in `W`."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        """`inplace` is accepted for the sake of old programs."""
        self.inplace = inplace

    def make_node(self, o: Any, W: Any, h: Any, inputIdx: Any, outputIdx: Any) -> Apply:
        """Raises TypeError for wrong ranks and for indices that are no integers."""
        operands = {"o": (o, 3), "W": (W, 4), "h": (h, 3), "inputIdx": (inputIdx, 2), "outputIdx": (outputIdx, 2)}
        inputs = _checked(operands)
        return Apply(self, inputs, [inputs[0].type()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices have no influence that a derivative could see."""
        return [[True], [True], [True], [False], [False]]


class SparseBlockOuter(Op):
    """o, with alpha times the outer product of x[b, i] and y[b, j] added to the block (xIdx[b, i], yIdx[b, j])."""

    __props__ = ("inplace",)

    def __init__(self, inplace: bool = False):
        """`inplace` is accepted for the sake of old programs."""
        self.inplace = inplace

    def make_node(self, o: Any, x: Any, y: Any, xIdx: Any, yIdx: Any, alpha: Any = None) -> Apply:
        """Raises TypeError for wrong ranks and for indices that are no integers."""
        inputs = _checked({"o": (o, 4), "x": (x, 3), "y": (y, 3), "xIdx": (xIdx, 2), "yIdx": (yIdx, 2)})
        alpha = constant(1.0, dtype=inputs[0].dtype) if alpha is None else as_tensor_variable(alpha)
        return Apply(self, [*inputs, alpha], [inputs[0].type()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Indices have no influence that a derivative could see."""
        return [[True], [True], [True], [False], [False], [True]]


sparse_block_gemv = SparseBlockGemv(False)
sparse_block_gemv_inplace = SparseBlockGemv(True)
sparse_block_outer = SparseBlockOuter(False)
sparse_block_outer_inplace = SparseBlockOuter(True)


def sparse_block_dot(W: Any, h: Any, inputIdx: Any, b: Any, outputIdx: Any) -> Any:
    """For each row: the blocks `outputIdx` of the bias, and what the blocks `inputIdx` of `h` add to them.

    `h` and the indices of a single row may come without their first axis. Raises ValueError when only some do.
    """
    h, inputIdx, b, outputIdx = (as_tensor_variable(v) for v in (h, inputIdx, b, outputIdx))
    if not h.ndim - 1 == inputIdx.ndim == outputIdx.ndim:
        raise ValueError("h has one axis more than inputIdx and outputIdx")
    if h.ndim == 2:
        h, inputIdx, outputIdx = (shape_padleft(v) for v in (h, inputIdx, outputIdx))
    return sparse_block_gemv(b[outputIdx], W, h, inputIdx, outputIdx)


__all__ = [
    "SparseBlockGemv",
    "SparseBlockOuter",
    "sparse_block_dot",
    "sparse_block_gemv",
    "sparse_block_gemv_inplace",
    "sparse_block_outer",
    "sparse_block_outer_inplace",
]
