"""``nnet.corr`` and ``nnet.corr3d``: convolution with filters as they stand, by the names of Theano's Ops for it."""

from __future__ import annotations

from functools import reduce
from typing import Any

from tx.graph import Apply
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.nnet import convolution
from tx.tensor.nnet.conv_shapes import get_conv_gradinputs_shape, get_conv_gradweights_shape


class _Correlation(convolution.BaseAbstractConv):
    """What the Ops of two and three dimensions have in common."""

    def _operands(self, **given: Any) -> list[Any]:
        """Variables of one dtype. Raises TypeError for wrong ranks."""
        variables = [self._operand(x, name) for name, x in given.items()]
        dtype = reduce(dt.upcast, (v.dtype for v in variables))
        return [F.cast(v, dtype) for v in variables]

    def _lengths(self, shape: Any, lengths: Any) -> Any:
        """`shape`, or what follows from the other shapes. Raises ValueError when nothing follows."""
        if shape is None and None in lengths:
            raise ValueError('shape must be given when there are steps, or filters under border_mode "half" to find')
        return as_tensor_variable(list(lengths) if shape is None else shape)

    def _options(self) -> tuple[Any, ...]:
        return self.border_mode, self.subsample, self.filter_dilation


class BaseCorrMM(_Correlation):
    """The options of two dimensions. `openmp` said how to compute, and is not used.

    Raises ValueError for options that make no sense, as `convolution.BaseAbstractConv` does.
    """

    def __init__(
        self,
        border_mode: Any = "valid",
        subsample: Any = (1, 1),
        filter_dilation: Any = (1, 1),
        num_groups: int = 1,
        unshared: bool = False,
        openmp: Any = None,
    ):
        super().__init__(2, None, None, border_mode, subsample, False, filter_dilation, num_groups, unshared)


class BaseCorr3dMM(_Correlation):
    """The options of three dimensions."""

    def __init__(
        self,
        border_mode: Any = "valid",
        subsample: Any = (1, 1, 1),
        filter_dilation: Any = (1, 1, 1),
        openmp: Any = None,
        num_groups: int = 1,
    ):
        super().__init__(3, None, None, border_mode, subsample, False, filter_dilation, num_groups)


class _Forward(_Correlation, convolution.AbstractConv):
    """Images and filters."""

    def make_node(self, img: Any, kern: Any) -> Apply:
        """Raises TypeError for wrong ranks."""
        return super().make_node(*self._operands(img=img, kern=kern))


class _Weights(_Correlation, convolution.AbstractConv_gradWeights):
    """Images and the gradient by the output."""

    def make_node(self, img: Any, topgrad: Any, shape: Any = None, add_assert_shape: bool = True) -> Apply:
        """`shape` are the last lengths of the filters, needed with steps and under "half" (ValueError)."""
        img, top = self._operands(img=img, topgrad=topgrad)
        image, output = ([v.shape[i] for i in range(v.ndim)] for v in (img, top))
        found = get_conv_gradweights_shape(image, output, *self._options())
        return super().make_node(img, top, self._lengths(shape, found[-self.convdim :]))


class _Inputs(_Correlation, convolution.AbstractConv_gradInputs):
    """Filters and the gradient by the output."""

    def make_node(self, kern: Any, topgrad: Any, shape: Any = None, add_assert_shape: bool = True) -> Apply:
        """`shape` are the last lengths of the images, needed when there are steps (ValueError)."""
        kern, top = self._operands(kern=kern, topgrad=topgrad)
        filters, output = ([v.shape[i] for i in range(v.ndim)] for v in (kern, top))
        found = get_conv_gradinputs_shape(filters, output, *self._options())
        return super().make_node(kern, top, self._lengths(shape, found[-self.convdim :]))


class CorrMM(BaseCorrMM, _Forward):
    """Images (batch, channels, rows, columns) correlated with filters (output channels, channels, rows, columns)."""


class CorrMM_gradWeights(BaseCorrMM, _Weights):
    """The gradient of `CorrMM` by the filters, from images and the gradient by the output."""


class CorrMM_gradInputs(BaseCorrMM, _Inputs):
    """The gradient of `CorrMM` by the images, from filters and the gradient by the output."""


class Corr3dMM(BaseCorr3dMM, _Forward):
    """`CorrMM` with one more dimension."""


class Corr3dMM_gradWeights(BaseCorr3dMM, _Weights):
    """`CorrMM_gradWeights` with one more dimension."""


class Corr3dMM_gradInputs(BaseCorr3dMM, _Inputs):
    """`CorrMM_gradInputs` with one more dimension."""


__all__ = [
    "BaseCorr3dMM",
    "BaseCorrMM",
    "Corr3dMM",
    "Corr3dMM_gradInputs",
    "Corr3dMM_gradWeights",
    "CorrMM",
    "CorrMM_gradInputs",
    "CorrMM_gradWeights",
]
