"""Convolution and its gradients: which way suits shapes, dtypes, and the platform.

Images have their channels last here (see `tx.lowering.layout`), filters have Theano's layout.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering import direct, layout
from tx.lowering.apart import on_this_cpu
from tx.lowering.nnet.as_products import Products
from tx.lowering.nnet.linear import ByLax, ByPlanes, Depthwise, Grouped, Linear, Pointwise, Shapes, Unshared, WrittenOut
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.conv_shapes import border_mode_to_pad, get_conv_output_shape
from tx.tensor.nnet.convolution import AbstractConv, AbstractConv_gradInputs, AbstractConv_gradWeights

#: Of what XLA on the CPU (jaxlib 0.10) does well itself: loops over few elements, of 64 bits, and with few
#: multiplications; and in 32 bits all, but for gradients by images of few channels, which do not fill a register, and
#: images of one channel of which so few numbers are seen that to wake a second thread takes as long.
_SHORT_ROW, _LITTLE, _REGISTER, _FEW_SEEN = 32, 1 << 16, 16, 1 << 16
#: a kernel of more places is not written out, for each channel; or all filters that have together so many elements, or,
#: when there have been many calls, for it takes 3 ms to compile each, so many
_MANY_PLACES, _WRITTEN, _WRITTEN_LATER = 64, 32, 80


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


def _shapes(op: Any, images: tuple[int, ...], filters: tuple[int, ...]) -> Shapes:
    """All shapes of a convolution of images with channels last. Raises ValueError where these do not fit."""
    d = op.convdim
    output = _output_shape(op, layout.shape_with_channels_second(images), filters)
    dilated = [(k - 1) * step + 1 for k, step in zip(filters[-d:], op.filter_dilation, strict=True)]
    pads = border_mode_to_pad(op.border_mode, d, dilated)
    return Shapes(images, filters, output[2:], op.subsample, op.filter_dilation, pads, op.num_groups)


def _way(trace: Trace, op: Any, of: Shapes, dtype: Any, wanted: str) -> Linear:
    """The way that suits what is `wanted`, the "output", or the gradient by "filters" or by "images"."""
    if op.unshared:
        return Unshared(of)
    if of.groups == 1 and set(of.kernel) == {1} and not any(map(any, of.pads)):
        return Pointwise(of)
    if not on_this_cpu(trace):
        return ByLax(of)
    if of.groups > 1:
        depthwise = of.groups == of.images[-1] and of.row <= _MANY_PLACES
        return Depthwise(of) if depthwise else Grouped(of, _way(trace, op, of.of_group, dtype, wanted))
    if _suits_writing(trace, of, dtype, wanted):
        return WrittenOut(of)
    if len(of.output) == 3 and dtype == "float32" and of.images[-1] > 1:
        return ByPlanes(of, ByLax(of.of_planes))
    return Products(of) if _suits_products(of, dtype, wanted, alone=op.num_groups == 1) else ByLax(of)


def _suits_writing(trace: Trace, of: Shapes, dtype: Any, wanted: str) -> bool:
    """Whether the filters are so few that each of their elements is worth a term."""
    if dtype not in ("float32", "float64") or not (wanted == "output" or (wanted == "images" and of.images[-1] == 1)):
        return False
    terms = of.filters[0] * of.row
    return terms <= _WRITTEN or (terms <= _WRITTEN_LATER and trace.pays_later())


def _suits_products(of: Shapes, dtype: Any, wanted: str, alone: bool) -> bool:
    """Whether XLA's own convolutions on the CPU take longer than products of what is taken out of the images; `alone`
    says that it is no group of others."""
    channels, seen = of.images[-1], of.images[0] * math.prod(of.output) * of.row
    if dtype == "float32":
        narrow = channels < 2 * _REGISTER and channels % _REGISTER != 0
        few = alone and channels == 1 and seen <= _FEW_SEEN
        return len(of.output) == 3 or (narrow if wanted == "images" else few)
    if dtype != "float64":
        return False
    return wanted == "images" or (seen * of.filters[0] > _LITTLE and (wanted == "filters" or of.row > _SHORT_ROW))


def _flipped(op: Any, filters: Any) -> Any:
    """The filters, from those as Theano has them, or back."""
    return lax.rev(filters, range(filters.ndim - op.convdim, filters.ndim)) if op.filter_flip else filters


def _check_output(of: Shapes, given: tuple[int, ...]) -> None:
    """Raises ValueError unless the gradient by the output, of the `given` shape, has the shape of the output."""
    if given != of.top:
        given, expected = map(layout.shape_with_channels_second, (given, of.top))
        raise ValueError(f"the gradient by the output has shape {given}, and the output {expected}")


@lowers(AbstractConv)
def conv(trace: Trace, node: Any, img: Any, kern: Any) -> Any:
    """Forward."""
    op, img = node.op, layout.channels_last(trace, img)
    of = _shapes(op, img.shape, kern.shape)
    if of.empty:
        return layout.keep(trace, jnp.zeros(of.top, img.dtype))
    kern = _flipped(op, direct.cast(kern, img.dtype))
    return layout.keep(trace, _way(trace, op, of, img.dtype, "output").apply(img, kern))


@lowers(AbstractConv_gradInputs)
def gradient_by_images(trace: Trace, node: Any, kern: Any, top: Any, _: Any) -> Any:
    """Transposed as a function of the images."""
    op, lengths = node.op, trace.static(node.inputs[2])
    top = direct.cast(layout.channels_last(trace, top), kern.dtype)
    of = _shapes(op, (top.shape[0], *lengths, kern.shape[-op.convdim - 1] * op.num_groups), kern.shape)
    _check_output(of, top.shape)
    if of.empty:
        return layout.keep(trace, jnp.zeros(of.images, top.dtype))
    return layout.keep(trace, _way(trace, op, of, top.dtype, "images").by_images(_flipped(op, kern), top))


@lowers(AbstractConv_gradWeights)
def gradient_by_filters(trace: Trace, node: Any, img: Any, top: Any, _: Any) -> Any:
    """Transposed as a function of the filters."""
    op, lengths = node.op, trace.static(node.inputs[2])
    places = top.shape[2:] if op.unshared else ()
    filters = (top.shape[1], *places, img.shape[1] // op.num_groups, *lengths)
    img, top = layout.channels_last(trace, img), direct.cast(layout.channels_last(trace, top), img.dtype)
    of = _shapes(op, img.shape, filters)
    _check_output(of, top.shape)
    if of.empty:
        return jnp.zeros(filters, top.dtype)
    return _flipped(op, _way(trace, op, of, img.dtype, "filters").by_filters(img, top))
