"""`conv2d` and `conv2d_transpose` as `tensor.nnet` offers them."""

from __future__ import annotations

import warnings
from typing import Any

from tx.tensor.nnet import convolution


def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    image_shape: Any = None,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
    **kwargs: Any,
) -> Any:
    """`tx.tensor.nnet.abstract_conv.conv2d`, with old keywords: `image_shape` is `input_shape`, others are ignored.

    Raises ValueError for ``imshp_logical`` and ``kshp_logical``, and when the shape is given twice.
    """
    if "imshp_logical" in kwargs or "kshp_logical" in kwargs:
        raise ValueError("imshp_logical and kshp_logical are not supported: upsample the images instead")
    if kwargs:
        warnings.warn(f"conv2d ignores the old keywords {', '.join(kwargs)}.", UserWarning, stacklevel=2)
    if image_shape is not None:
        warnings.warn("The keyword image_shape of conv2d is called input_shape now.", UserWarning, stacklevel=2)
        if input_shape is not None:
            raise ValueError("input_shape and image_shape should not be provided at the same time.")
        input_shape = image_shape
    return convolution.conv2d(
        input,
        filters,
        input_shape,
        filter_shape,
        border_mode,
        subsample,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    input_dilation: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The transpose of `conv2d`, from its output (here: `input`) to its images, whose shape is `output_shape`.

    Filters are (input channels, output channels, rows, columns); `input_dilation` are the steps of that `conv2d`.
    """
    return convolution.conv2d_grad_wrt_inputs(
        input,
        filters,
        output_shape,
        filter_shape,
        border_mode,
        input_dilation,
        filter_flip,
        filter_dilation,
        num_groups,
        unshared,
    )


__all__ = ["conv2d", "conv2d_transpose"]
