"""A convolution as a linear function of the images and of the filters, and its transposes: the gradients.

Images and outputs have their channels last here, filters are as Theano has them, (filters, channels, *kernel), and not
flipped.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from tx.lowering import direct


@dataclass(frozen=True)
class Shapes:
    """Shapes of a convolution: that of the images, that of the filters, the lengths of the output, and for each of its
    axes the step, the dilation, and what is before and behind the images."""

    images: tuple[int, ...]
    filters: tuple[int, ...]
    output: tuple[int, ...]
    strides: Sequence[int]
    dilation: Sequence[int]
    pads: Sequence[tuple[int, int]]
    groups: int = 1

    @property
    def kernel(self) -> tuple[int, ...]:
        """The lengths of a filter."""
        return self.filters[-len(self.output) :]

    @property
    def row(self) -> int:
        """The elements of the images that an element of the output sees."""
        return math.prod(self.kernel) * self.filters[-len(self.output) - 1]

    @property
    def top(self) -> tuple[int, ...]:
        """The shape of the output, with channels last."""
        return (self.images[0], *self.output, self.filters[0])

    @property
    def empty(self) -> bool:
        """Whether there is nothing to compute, or with."""
        return 0 in (*self.images, *self.filters, *self.output)

    @property
    def of_planes(self) -> Shapes:
        """The shapes of one axis less: planes of the images are images of their own, and what is seen of them along the
        axis is beside one another among the channels."""
        (n, _, *axes, channels), (filters, own, deep, *kernel) = self.images, self.filters
        images, seen = (n * self.output[0], *axes, deep * channels), (filters, deep * own, *kernel)
        return Shapes(images, seen, self.output[1:], self.strides[1:], self.dilation[1:], self.pads[1:])

    @property
    def of_group(self) -> Shapes:
        """The shapes of each group."""
        *axes, channels = self.images
        filters = (self.filters[0] // self.groups, *self.filters[1:])
        images = (*axes, channels // self.groups)
        return Shapes(images, filters, self.output, self.strides, self.dilation, self.pads)


@dataclass(frozen=True)
class Linear(ABC):
    """A way to compute a convolution; the transposes are jax's."""

    shapes: Shapes

    @abstractmethod
    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""

    def by_filters(self, images: Any, top: Any) -> Any:
        """The gradient by the filters, for that by the output."""
        return _transposed(lambda filters: self.apply(images, filters), self.shapes.filters, top)

    def by_images(self, filters: Any, top: Any) -> Any:
        """The gradient by the images, for that by the output."""
        return _transposed(lambda images: self.apply(images, filters), self.shapes.images, top)


def _transposed(function: Callable[[Any], Any], shape: tuple[int, ...], top: Any) -> Any:
    return jax.linear_transpose(function, jax.ShapeDtypeStruct(shape, top.dtype))(top)[0]


def padded(images: Any, pads: Sequence[tuple[int, int]]) -> Any:
    """The images, with zeros before and behind along each of their axes."""
    return lax.pad(images, direct.scalar(0, images.dtype), [(0, 0, 0), *((*pad, 0) for pad in pads), (0, 0, 0)])


def seen(of: Shapes, place: Sequence[int]) -> tuple[slice, ...]:
    """What the output sees of the padded images through one place of the kernel: slices, for all but the channels."""
    each = zip(place, of.dilation, of.output, of.strides, strict=True)
    return slice(None), *(slice(k * apart, k * apart + (n - 1) * step + 1, step) for k, apart, n, step in each)


_LAYOUTS = {2: ("NHWC", "OIHW", "NHWC"), 3: ("NDHWC", "OIDHW", "NDHWC")}


class ByLax(Linear):
    """`lax.conv_general_dilated`."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        of = self.shapes
        return lax.conv_general_dilated(
            images,
            filters,
            of.strides,
            of.pads,
            rhs_dilation=of.dilation,
            dimension_numbers=_LAYOUTS[len(of.output)],
            feature_group_count=of.groups,
        )


class Pointwise(Linear):
    """One place to see, and nothing around the images: a product of matrices, which is faster, and so are its
    transposes."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        images = images[(slice(None), *(slice(None, None, step) for step in self.shapes.strides))]
        return jnp.einsum("...c,fc->...f", images, filters.reshape(filters.shape[:2]))


class WrittenOut(Linear):
    """A sum of products of numbers and planes of the images, one for each element of a few small filters, which XLA
    makes one loop of for each filter. What one channel is seen through one filter of 5x5 Eigen takes 15 times as long
    for."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        of = self.shapes
        images = padded(images, of.pads)
        found = [self._through(images, filters[k]) for k in range(of.filters[0])]
        return lax.concatenate([lax.expand_dims(plane, (plane.ndim,)) for plane in found], len(of.output) + 1)

    def _through(self, images: Any, filters: Any) -> Any:
        """What is seen through one filter: (channels, *kernel)."""
        of = self.shapes
        terms = [
            images[(*seen(of, place), channel)] * filters[(channel, *place)]
            for place in product(*map(range, of.kernel))
            for channel in range(of.images[-1])
        ]
        return reduce(lax.add, terms)


class Unshared(Linear):
    """Each place of the output has filters of its own: its product with the piece of the images that it sees."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        of, (rows, columns) = self.shapes, self.shapes.output
        pieces = lax.conv_general_dilated_patches(
            images, of.kernel, of.strides, of.pads, rhs_dilation=of.dilation, dimension_numbers=_LAYOUTS[2]
        )
        pieces = pieces.reshape(images.shape[0], rows, columns, of.groups, -1)
        filters = filters.reshape(of.groups, filters.shape[0] // of.groups, rows, columns, -1)
        return jnp.einsum("bijgk,gfijk->bijgf", pieces, filters).reshape(images.shape[0], rows, columns, -1)


class Depthwise(Linear):
    """Each channel has filters of its own: a sum of elementwise products, one for each element of the kernel, which
    XLA makes one loop of. Its own convolutions take ten times as long on the CPU, and the gradients a hundred."""

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        of = self.shapes
        images = padded(images, of.pads)
        of_channel = filters.reshape(of.groups, -1, *of.kernel)
        found = [self._one(images, of_channel[:, k]) for k in range(of_channel.shape[1])]
        return jnp.stack(found, -1).reshape(*found[0].shape[:-1], -1) if len(found) > 1 else found[0]

    def _one(self, images: Any, filters: Any) -> Any:
        """The output of one filter for each channel: (channels, *kernel)."""
        of = self.shapes
        total = 0
        for place in product(*map(range, of.kernel)):
            total = total + images[seen(of, place)] * filters[(slice(None), *place)]
        return total


@dataclass(frozen=True)
class ByPlanes(Linear):
    """Images of three axes as more images of two, with more channels, in the way of `each`."""

    each: Linear

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        return self.each.apply(self._seen(images), self._side_by_side(filters)).reshape(self.shapes.top)

    def by_filters(self, images: Any, top: Any) -> Any:
        """The gradient by the filters, for that by the output."""
        filters = self.each.by_filters(self._seen(images), top.reshape(self.each.shapes.top))
        return _transposed(self._side_by_side, self.shapes.filters, filters)

    def by_images(self, filters: Any, top: Any) -> Any:
        """The gradient by the images, for that by the output."""
        seen = self.each.by_images(self._side_by_side(filters), top.reshape(self.each.shapes.top))
        return _transposed(self._seen, self.shapes.images, seen)

    def _seen(self, images: Any) -> Any:
        """What is seen along the first axis, beside one another among the channels."""
        of = self.shapes
        images = padded(images, [of.pads[0], (0, 0), (0, 0)])
        step, apart, count = of.strides[0], of.dilation[0], (of.output[0] - 1) * of.strides[0] + 1
        planes = [lax.slice_in_dim(images, k * apart, k * apart + count, step, 1) for k in range(of.kernel[0])]
        return lax.concatenate(planes, 4).reshape(self.each.shapes.images)

    def _side_by_side(self, filters: Any) -> Any:
        return lax.transpose(filters, (0, 2, 1, 3, 4)).reshape(self.each.shapes.filters)


@dataclass(frozen=True)
class Grouped(Linear):
    """Groups one by one, each in the same way; XLA on the CPU has loops for gradients by the filters of groups, which
    take fifty times as long."""

    each: Linear

    def apply(self, images: Any, filters: Any) -> Any:
        """The output."""
        return self._joined(self.each.apply, (images, -1), (filters, 0), -1)

    def by_filters(self, images: Any, top: Any) -> Any:
        """The gradient by the filters, for that by the output."""
        return self._joined(self.each.by_filters, (images, -1), (top, -1), 0)

    def by_images(self, filters: Any, top: Any) -> Any:
        """The gradient by the images, for that by the output."""
        return self._joined(self.each.by_images, (filters, 0), (top, -1), -1)

    def _joined(self, function: Callable[..., Any], x: tuple[Any, int], y: tuple[Any, int], axis: int) -> Any:
        """The function of each group, side by side along the axis; x and y come with the axes of theirs."""
        parts = (jnp.split(value, self.shapes.groups, axis) for value, axis in (x, y))
        return jnp.concatenate([*map(function, *parts)], axis)


__all__ = [
    "ByLax",
    "ByPlanes",
    "Depthwise",
    "Grouped",
    "Linear",
    "Pointwise",
    "Shapes",
    "Unshared",
    "WrittenOut",
    "padded",
]
