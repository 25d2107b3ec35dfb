"""Convolution by `lax.conv_general_dilated`; its gradients are the transposes of that linear function.

Images have their channels last here (see `tx.lowering.layout`), filters have Theano's layout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from tx.lowering import direct, layout
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.conv_shapes import border_mode_to_pad, get_conv_output_shape
from tx.tensor.nnet.convolution import AbstractConv, AbstractConv_gradInputs, AbstractConv_gradWeights

_LAYOUTS = {2: ("NHWC", "OIHW", "NHWC"), 3: ("NDHWC", "OIDHW", "NDHWC")}


def _output_shape(op: Any, img: tuple[int, ...], kern: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the output. Raises ValueError where images and filters do not fit."""
    d = op.convdim
    if img[1] != kern[-d - 1] * op.num_groups or kern[0] % op.num_groups:
        raise ValueError(
            f"images of shape {img} and filters of shape {kern} do not fit, with num_groups={op.num_groups}: "
            "the channels must be the same"
        )
    shape = get_conv_output_shape(img, kern, op.border_mode, op.subsample, op.filter_dilation)
    if any(n < 0 for n in shape):
        raise ValueError(
            f"images of shape {img} are too small for filters of shape {kern}: the output would be {shape}"
        )
    if op.unshared and shape[2:] != kern[1 : 1 + d]:
        raise ValueError(f"unshared filters of shape {kern} are not for an output of shape {shape}")
    return shape


def _convolve(op: Any, img: Any, kern: Any) -> Any:
    """The output, for shapes that fit."""
    d = op.convdim
    shape = _output_shape(op, layout.shape_with_channels_second(img.shape), kern.shape)
    if 0 in (img.size, kern.size, *shape):
        return jnp.zeros(layout.shape_with_channels_last(shape), img.dtype)
    dilated = [(k - 1) * s + 1 for k, s in zip(kern.shape[-d:], op.filter_dilation, strict=True)]
    pads = border_mode_to_pad(op.border_mode, d, dilated)
    kern = lax.rev(kern, range(kern.ndim - d, kern.ndim)) if op.filter_flip else kern
    if op.unshared:
        return _unshared(op, img, kern, pads)
    if op.num_groups == 1 and set(kern.shape[-d:]) == {1} and not any(map(any, pads)):
        # One place to see: a product of matrices, which is faster, and so are its transposes.
        img = img[(slice(None), *(slice(None, None, step) for step in op.subsample))]
        return jnp.einsum("...c,fc->...f", img, direct.cast(kern, img.dtype).reshape(kern.shape[:2]))
    return lax.conv_general_dilated(
        img,
        direct.cast(kern, img.dtype),
        op.subsample,
        pads,
        rhs_dilation=op.filter_dilation,
        dimension_numbers=_LAYOUTS[d],
        feature_group_count=op.num_groups,
    )


def _unshared(op: Any, img: Any, kern: Any, pads: Any) -> Any:
    """Each place of the output is a product of the piece of the images that it sees with its own filters."""
    rows, columns = kern.shape[1:3]
    pieces = lax.conv_general_dilated_patches(
        img, kern.shape[-2:], op.subsample, pads, rhs_dilation=op.filter_dilation, dimension_numbers=_LAYOUTS[2]
    )
    groups = op.num_groups
    pieces = pieces.reshape(img.shape[0], rows, columns, groups, -1)
    kern = direct.cast(kern, img.dtype).reshape(groups, kern.shape[0] // groups, rows, columns, -1)
    return jnp.einsum("bijgk,gfijk->bijgf", pieces, kern).reshape(img.shape[0], rows, columns, -1)


def _transposed(function: Callable[[Any], Any], shape: tuple[int, ...], output: tuple[int, ...], top: Any) -> Any:
    """The transpose of a linear `function` of arrays of `shape`, at `top`. Raises ValueError unless that has the shape
    of the `output`, which has channels second."""
    given = layout.shape_with_channels_second(top.shape)
    if given != output:
        raise ValueError(f"the gradient by the output has shape {given}, and the output {output}")
    if 0 in (*shape, *top.shape):
        return jnp.zeros(shape, top.dtype)
    return jax.linear_transpose(function, jax.ShapeDtypeStruct(shape, top.dtype))(top)[0]


@lowers(AbstractConv)
def conv(trace: Trace, node: Any, img: Any, kern: Any) -> Any:
    """Forward."""
    return layout.keep(trace, _convolve(node.op, layout.channels_last(trace, img), kern))


@lowers(AbstractConv_gradInputs)
def gradient_by_images(trace: Trace, node: Any, kern: Any, top: Any, _: Any) -> Any:
    """Transposed as a function of the images."""
    op, lengths = node.op, trace.static(node.inputs[2])
    shape = (top.shape[0], *lengths, kern.shape[-op.convdim - 1] * op.num_groups)
    top = direct.cast(layout.channels_last(trace, top), kern.dtype)
    output = _output_shape(op, layout.shape_with_channels_second(shape), kern.shape)
    return layout.keep(trace, _transposed(lambda img: _convolve(op, img, kern), shape, output, top))


@lowers(AbstractConv_gradWeights)
def gradient_by_filters(trace: Trace, node: Any, img: Any, top: Any, _: Any) -> Any:
    """Transposed as a function of the filters."""
    op, lengths = node.op, trace.static(node.inputs[2])
    places = top.shape[2:] if op.unshared else ()
    shape = (top.shape[1], *places, img.shape[1] // op.num_groups, *lengths)
    img, top = layout.channels_last(trace, img), direct.cast(layout.channels_last(trace, top), img.dtype)
    output = _output_shape(op, layout.shape_with_channels_second(img.shape), shape)
    return _transposed(lambda kern: _convolve(op, img, kern), shape, output, top)
