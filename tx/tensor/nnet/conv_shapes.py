"""The arithmetic of convolution shapes: from two of images, filters and outputs to the third.

None is a length that is not known. Lengths may be symbolic, where a formula exists without looking at them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.graph import Variable
from tx.tensor.assertions import Assert
from tx.tensor.convert import as_tensor_variable
from tx.tensor.math import eq


def border_mode_to_pad(mode: Any, convdim: int, kshp: Sequence[Any]) -> tuple[tuple[Any, Any], ...]:
    """(before, after) for each axis, for filters whose (dilated) lengths are `kshp`.

    Raises ValueError when `mode` is neither a name nor a tuple of `convdim` numbers or pairs.
    """
    if isinstance(mode, tuple):
        if len(mode) != convdim:
            raise ValueError(f"invalid border_mode {mode} which must be a tuple of length {convdim}")
        return tuple((m[0], m[1]) if isinstance(m, tuple) else (m, m) for m in mode)
    if not isinstance(mode, str) or mode not in ("valid", "full", "half"):
        raise ValueError(
            f"invalid border_mode {mode}, which must be either 'valid', 'full', 'half' or a tuple of length {convdim}"
        )
    lengths = [0 if mode == "valid" else k - 1 if mode == "full" else k // 2 for k in kshp]
    return tuple((n, n) for n in lengths)


def _axis_pad(border_mode: Any, dilated: Any) -> Any:
    """The sum of what is added on both sides of an axis."""
    if isinstance(border_mode, str):
        return sum(border_mode_to_pad(border_mode, 1, [dilated])[0])
    before, after = border_mode if isinstance(border_mode, tuple) else (border_mode, border_mode)
    if before < 0 or after < 0:
        raise ValueError("border_mode must be >= 0")
    return before + after


def get_conv_shape_1axis(
    image_shape: Any, kernel_shape: Any, border_mode: Any, subsample: Any, dilation: Any = 1
) -> Any:
    """The length of the output along an axis."""
    if image_shape is None or kernel_shape is None or subsample is None or dilation is None:
        return None
    dilated = (kernel_shape - 1) * dilation + 1
    return (image_shape + _axis_pad(border_mode, dilated) - dilated) // subsample + 1


def get_conv_gradweights_shape_1axis(
    image_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """The length of the filters along an axis; None where several lengths would give the same output."""
    if None in (image_shape, top_shape, border_mode, subsample, dilation) or subsample != 1 or border_mode == "half":
        return None
    if border_mode == "full":
        dilated = top_shape - image_shape + 1
    else:
        dilated = image_shape + _axis_pad(border_mode, 1) - top_shape + 1
    return (dilated - 1) // dilation + 1


def get_conv_gradinputs_shape_1axis(
    kernel_shape: Any, top_shape: Any, border_mode: Any, subsample: Any, dilation: Any
) -> Any:
    """The length of the images along an axis; None where several lengths would give the same output."""
    if None in (kernel_shape, top_shape, border_mode, subsample, dilation) or subsample != 1:
        return None
    dilated = (kernel_shape - 1) * dilation + 1
    return top_shape - 1 - _axis_pad(border_mode, dilated) + dilated


def _axes(function: Callable[..., Any], a: Sequence[Any], b: Sequence[Any], options: Sequence[Any]) -> tuple[Any, ...]:
    """`function` along each axis."""
    border_mode, subsample, dilation = options
    modes = border_mode if isinstance(border_mode, tuple) else (border_mode,) * len(subsample)
    dilation = dilation or (1,) * len(subsample)
    return tuple(function(*row) for row in zip(a, b, modes, subsample, dilation, strict=True))


def get_conv_output_shape(
    image_shape: Sequence[Any],
    kernel_shape: Sequence[Any],
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
) -> tuple[Any, ...]:
    """The shape of the output, from those of images and filters."""
    d = len(subsample)
    options = (border_mode, subsample, filter_dilation)
    return (image_shape[0], kernel_shape[0], *_axes(get_conv_shape_1axis, image_shape[2:], kernel_shape[-d:], options))


def get_conv_gradweights_shape(
    image_shape: Sequence[Any],
    top_shape: Sequence[Any],
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
    num_groups: int = 1,
    unshared: bool = False,
) -> tuple[Any, ...]:
    """The shape of the filters, from those of images and output."""
    options = (border_mode, subsample, filter_dilation)
    lengths = _axes(get_conv_gradweights_shape_1axis, image_shape[2:], top_shape[2:], options)
    channels = None if image_shape[1] is None else image_shape[1] // num_groups
    return (top_shape[1], *(top_shape[2:] if unshared else ()), channels, *lengths)


def get_conv_gradinputs_shape(
    kernel_shape: Sequence[Any],
    top_shape: Sequence[Any],
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
    num_groups: int = 1,
) -> tuple[Any, ...]:
    """The shape of the images, from those of filters and output."""
    d = len(subsample)
    options = (border_mode, subsample, filter_dilation)
    lengths = _axes(get_conv_gradinputs_shape_1axis, kernel_shape[-d:], top_shape[2:], options)
    channels = None if kernel_shape[-d - 1] is None else kernel_shape[-d - 1] * num_groups
    return (top_shape[0], channels, *lengths)


def check_conv_gradinputs_shape(
    image_shape: Sequence[Any],
    kernel_shape: Sequence[Any],
    output_shape: Sequence[Any],
    border_mode: Any,
    subsample: Any,
    filter_dilation: Any = None,
) -> bool:
    """Whether the three shapes fit, as far as they are known."""
    computed = get_conv_output_shape(image_shape, kernel_shape, border_mode, subsample, filter_dilation)
    unknown = (None, *(n for n in (*output_shape, *computed) if isinstance(n, Variable)))
    return all(any(a is u or b is u for u in unknown) or a == b for a, b in zip(output_shape, computed, strict=True))


def assert_conv_shape(shape: Sequence[Any]) -> tuple[Any, ...]:
    """`shape`, checked to be one: no negative length, and none but 0 images. Symbolic lengths get an `Assert`."""
    checked = []
    for i, n in enumerate(shape):
        text = f"The convolution would produce an invalid shape (dim[{i}] < {0 if i < 2 else 1})."
        least = 0 if i < 2 else 1
        if isinstance(n, Variable):
            n = Assert(text)(n, as_tensor_variable(n) >= least)
        elif n is not None and n < least:
            raise ValueError(text)
        checked.append(n)
    return tuple(checked)


def assert_shape(x: Any, expected_shape: Sequence[Any], msg: str = "Unexpected shape.") -> Any:
    """`x`, with an `Assert` that it has the shape `expected_shape` (None: any length)."""
    tests = [eq(x.shape[i], n) for i, n in enumerate(expected_shape) if n is not None]
    return Assert(msg)(x, *tests) if tests else x


__all__ = [
    "assert_conv_shape",
    "assert_shape",
    "border_mode_to_pad",
    "check_conv_gradinputs_shape",
    "get_conv_gradinputs_shape",
    "get_conv_gradinputs_shape_1axis",
    "get_conv_gradweights_shape",
    "get_conv_gradweights_shape_1axis",
    "get_conv_output_shape",
    "get_conv_shape_1axis",
]
