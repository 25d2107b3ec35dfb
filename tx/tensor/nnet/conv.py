"""The old convolution of images: `conv2d` with two border modes, and `ConvOp`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tx.tensor.nnet.conv_shapes import get_conv_shape_1axis
from tx.tensor.nnet.convolution import AbstractConv2d


class ConvOp(AbstractConv2d):
    """Images convolved with filters, under the options that it had before `AbstractConv2d`.

    `imshp` are channels, rows and columns of an image, `kshp` rows and columns of a filter, `nkern` and `bsize` the
    numbers of filters and images, `dx` and `dy` the steps. The other options said how to compute, and are not used.
    Raises ValueError for another mode than 'valid' and 'full', and for logical shapes.
    """

    def __init__(
        self,
        imshp: Any = None,
        kshp: Any = None,
        nkern: int | None = None,
        bsize: int | None = None,
        dx: int = 1,
        dy: int = 1,
        output_mode: str = "valid",
        unroll_batch: Any = None,
        unroll_kern: Any = None,
        unroll_patch: Any = None,
        imshp_logical: Any = None,
        kshp_logical: Any = None,
        kshp_logical_top_aligned: bool = True,
        verbose: int = 0,
        version: int = -1,
        direction_hint: str = "forward",
        openmp: Any = None,
    ):
        if output_mode not in ("valid", "full"):
            raise ValueError(f"ConvOp has the modes 'valid' and 'full', not {output_mode!r}")
        if imshp_logical is not None or kshp_logical is not None:
            raise ValueError("logical shapes are not supported: upsample the images or dilate the filters")
        image = None if imshp is None else (bsize, *((1, *imshp) if len(imshp) == 2 else imshp))
        filters = None if kshp is None else (nkern, None if image is None else image[1], *kshp)
        super().__init__(image, filters, output_mode, (dx or 1, dy or 1))

    out_mode = property(lambda self: self.border_mode, doc="The border mode.")

    @staticmethod
    def getOutputShape(
        inshp: Sequence[int], kshp: Sequence[int], stride: Sequence[int] = (1, 1), mode: str = "valid"
    ) -> tuple[int, ...]:
        """Rows and columns of the output."""
        return tuple(get_conv_shape_1axis(n, k, mode, s) for n, k, s in zip(inshp, kshp, stride, strict=True))


def conv2d(
    input: Any,
    filters: Any,
    image_shape: Any = None,
    filter_shape: Any = None,
    border_mode: str = "valid",
    subsample: Any = (1, 1),
    **kargs: Any,
) -> Any:
    """Images (batch, channels, rows, columns) convolved with filters; deprecated for `tx.tensor.nnet.conv2d`.

    Other keywords are those of `ConvOp`. Raises ValueError when both shapes are given and do not fit.
    """
    warnings.warn("nnet.conv.conv2d is deprecated: use nnet.conv2d, which has more options.", UserWarning, stacklevel=2)
    image, kernel = tuple(image_shape or ()), tuple(filter_shape or ())
    channels = (image[1:2] + kernel[1:2]) if image and kernel else ()
    if channels and None not in channels and channels[0] != channels[1]:
        raise ValueError(f"image_shape {image} and filter_shape {kernel} have different channels")
    op = ConvOp(
        imshp=image[1:] or None,
        kshp=kernel[2:] or None,
        nkern=kernel[0] if kernel else None,
        bsize=image[0] if image else None,
        dx=subsample[0],
        dy=subsample[1],
        output_mode=border_mode,
        **kargs,
    )
    return op(input, filters)


#: whether SciPy is there: tx needs it
imported_scipy_signal = True

__all__ = ["ConvOp", "conv2d", "imported_scipy_signal"]
