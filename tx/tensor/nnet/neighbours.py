"""Pieces of images as rows of a matrix, and back."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import zeros
from tx.tensor.shapes import dimshuffle, reshape
from tx.tensor.subtensor import set_subtensor
from tx.tensor.type import TensorType

MODES = ("valid", "ignore_borders", "wrap_centered", "half", "full")


class Images2Neibs(Op):
    """Each piece of images (batch, channels, rows, columns) as a row of a matrix.

    The modes say what happens at the border: 'valid' wants that pieces fit, 'ignore_borders' drops what is left,
    'half' and 'full' add zeros as a convolution does, 'wrap_centered' goes on at the other side.
    """

    __props__ = ("mode",)

    def __init__(self, mode: str = "valid"):
        """Raises ValueError for an unknown mode."""
        if mode not in MODES:
            raise ValueError(f"Only modes {', '.join(MODES)} are there for Images2Neibs, not {mode}")
        self.mode = mode

    def make_node(self, ten4: Any, neib_shape: Any, neib_step: Any = None) -> Apply:
        """Pieces touch each other where there is no `neib_step`. Raises TypeError for other ranks than 4 and 1."""
        ten4, shape = as_tensor_variable(ten4), as_tensor_variable(neib_shape)
        step = shape if neib_step is None else as_tensor_variable(neib_step)
        if ten4.ndim != 4 or shape.ndim != 1 or step.ndim != 1:
            raise TypeError("images2neibs takes a tensor of rank 4 and two vectors", ten4.type, shape.type, step.type)
        lengths = [F.cast(v, "int64") for v in (shape, step)]
        return Apply(self, [ten4, *lengths], [TensorType(ten4.dtype, (False, False))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Sizes have no influence that a derivative could see."""
        return [[True], [False], [False]]


def images2neibs(ten4: Any, neib_shape: Any, neib_step: Any = None, mode: str = "valid") -> Any:
    """Pieces of `neib_shape` of the images, `neib_step` apart, as rows; see `Images2Neibs`."""
    return Images2Neibs(mode)(ten4, neib_shape, neib_step)


def neibs2images(neibs: Any, neib_shape: Any, original_shape: Any, mode: str = "valid") -> Any:
    """The images of shape `original_shape` whose pieces, side by side, are the rows of `neibs`.

    With 'ignore_borders' what is left at the border is 0. Raises ValueError for another mode than that and 'valid'.
    """
    neibs, piece, shape = (as_tensor_variable(v) for v in (neibs, neib_shape, original_shape))
    if mode not in ("valid", "ignore_borders"):
        raise ValueError(f"neibs2images has the modes valid and ignore_borders, not {mode}")
    batch, channels, rows, columns = (shape[i] for i in range(4))
    down, right = rows // piece[0], columns // piece[1]
    parts = reshape(neibs, [batch, channels, down, right, piece[0], piece[1]], 6)
    whole = dimshuffle(parts, 0, 1, 2, 4, 3, 5)
    if mode == "valid":
        return reshape(whole, shape, 4)
    covered = reshape(whole, [batch, channels, down * piece[0], right * piece[1]], 4)
    return set_subtensor(zeros(shape, neibs.dtype)[:, :, : down * piece[0], : right * piece[1]], covered)


__all__ = ["Images2Neibs", "images2neibs", "neibs2images"]
