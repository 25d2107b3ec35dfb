"""Convolution in two and three dimensions: one Op and its two gradients, which are gradients of each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partialmethod
from typing import Any

from tx.graph import Apply, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant, get_scalar_constant_value
from tx.tensor.shapes import dimshuffle, patternbroadcast
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType


def _checked_border_mode(border_mode: Any, convdim: int) -> Any:
    """A border mode in its shortest form: a name, or a number or pair of different numbers for each axis."""
    if isinstance(border_mode, str) and border_mode in ("valid", "full", "half"):
        return border_mode
    if isinstance(border_mode, int) and border_mode >= 0:
        border_mode = (border_mode,) * convdim
    if not isinstance(border_mode, tuple) or len(border_mode) != convdim:
        raise ValueError(
            f"invalid border_mode {border_mode}, which must be 'valid', 'full', 'half', a non-negative integer "
            f"or a tuple of length {convdim}"
        )
    entries = []
    for entry in border_mode:
        pair = entry if isinstance(entry, tuple) else (entry, entry)
        if len(pair) != 2 or not all(isinstance(n, int) and n >= 0 for n in pair):
            raise ValueError(
                f"invalid border mode {border_mode}. The tuple can only contain non-negative integers or pairs of them"
            )
        entries.append(pair[0] if pair[0] == pair[1] else pair)
    return "valid" if not any(entries) else tuple(entries)


def _checked_shape(shape: Any, length: int, name: str) -> tuple[Any, ...]:
    """`shape` as a tuple, of None where nothing is known. Raises ValueError for an entry that is no constant."""
    if not shape:
        return (None,) * length
    try:
        return tuple(None if n is None else int(get_scalar_constant_value(n)) for n in shape)
    except Exception as error:
        raise ValueError(f"{name} should be None or a tuple of constant int values") from error


class BaseAbstractConv(Op):
    """What a convolution and its gradients have in common: everything but the direction.

    Images are (batch, channels, *image), filters (output channels, channels / groups, *filter), and, where every
    place of the output has filters of its own (`unshared`), (output channels, *output, channels / groups, *filter).
    `imshp` and `kshp` are what is known of the shapes of both. Raises ValueError for options that make no sense.
    """

    __props__: tuple[str, ...] | None = (
        "convdim",
        "border_mode",
        "subsample",
        "filter_flip",
        "imshp",
        "kshp",
        "filter_dilation",
        "num_groups",
        "unshared",
    )

    def __init__(
        self,
        convdim: int,
        imshp: Any = None,
        kshp: Any = None,
        border_mode: Any = "valid",
        subsample: Any = None,
        filter_flip: bool = True,
        filter_dilation: Any = None,
        num_groups: int = 1,
        unshared: bool = False,
    ):
        if convdim not in (2, 3):
            raise ValueError(f"convolution dimension {convdim} is not supported")
        if unshared and convdim != 2:
            raise ValueError(f"Unshared convolution is for 2 dimensions, not {convdim}")
        self.convdim = convdim
        self.border_mode = _checked_border_mode(border_mode, convdim)
        self.subsample = tuple(subsample or (1,) * convdim)
        self.filter_dilation = tuple(filter_dilation or (1,) * convdim)
        for name in ("subsample", "filter_dilation"):
            if len(getattr(self, name)) != convdim:
                raise ValueError(f"{name} must have {convdim} elements")
        if num_groups < 1:
            raise ValueError("num_groups must have value greater than zero")
        self.imshp = _checked_shape(imshp, 2 + convdim, "imshp")
        self.kshp = _checked_shape(kshp, 2 + (2 if unshared else 1) * convdim, "kshp")
        self.filter_flip, self.num_groups, self.unshared = bool(filter_flip), num_groups, bool(unshared)

    def _like(self, direction: str) -> Any:
        """The Op with the same options in another direction."""
        return _DIRECTIONS[self.convdim][direction](*(getattr(self, p) for p in _OPTIONS[self.convdim]))

    def _operand(self, x: Any, name: str) -> Any:
        """`x` as a Variable. Raises TypeError when it has not the rank that `name` should have."""
        ndim = 2 + self.convdim * (2 if self.unshared and name == "kern" else 1)
        x = as_tensor_variable(x)
        if x.type.ndim != ndim:
            raise TypeError(f"{name} must be {ndim}D tensor")
        return x

    def _around(self, pattern: Sequence[bool], filters: bool) -> list[bool]:
        """The broadcast pattern with these channels: the other axes are not known to be 1."""
        places = [False] * self.convdim
        between = places if filters and self.unshared else []
        return [pattern[0], *between, pattern[1], *places]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """A shape has no influence that a derivative could see."""
        return [[True], [True], [False]][: len(node.inputs)]

    def _gradient(self, direction: str, a: Any, b: Any, like: Any) -> Any:
        """What the Op of another direction makes of `a` and `b`, as a gradient of `like`."""
        shape = [] if direction == "forward" else [like.shape[-self.convdim :]]
        result = self._like(direction)(a, b, *shape)
        return patternbroadcast(F.cast(result, like.dtype), like.type.broadcastable)


class AbstractConv(BaseAbstractConv):
    """Images convolved with filters: (batch, output channels, *output)."""

    def make_node(self, img: Any, kern: Any) -> Apply:
        """Raises TypeError for wrong ranks."""
        img, kern = self._operand(img, "img"), self._operand(kern, "kern")
        pattern = self._around([img.type.broadcastable[0], kern.type.broadcastable[0]], False)
        return Apply(self, [img, kern], [TensorType(img.dtype, pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The other two directions."""
        (img, kern), (top,) = inputs, gradients
        return [self._gradient("inputs", kern, top, img), self._gradient("weights", img, top, kern)]


class AbstractConv_gradWeights(BaseAbstractConv):
    """The gradient by the filters, from images, the gradient by the output, and the filters' last lengths."""

    def make_node(self, img: Any, topgrad: Any, shape: Any, add_assert_shape: bool = True) -> Apply:
        """Raises TypeError for wrong ranks. The shape is checked when it is known, whatever `add_assert_shape` is."""
        img, top = self._operand(img, "img"), self._operand(topgrad, "topgrad")
        channels = img.type.broadcastable[1] and self.num_groups == 1
        pattern = self._around([top.type.broadcastable[1], channels], True)
        return Apply(self, [img, top, as_tensor_variable(shape)], [TensorType(img.dtype, pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient by the filters is itself a convolution, linear in images and gradients."""
        (img, top, _), (kern,) = inputs, gradients
        gradient = [self._gradient("inputs", kern, top, img), self._gradient("forward", img, kern, top)]
        return [*gradient, DisconnectedType()()]


class AbstractConv_gradInputs(BaseAbstractConv):
    """The gradient by the images, from filters, the gradient by the output, and the images' last lengths."""

    def make_node(self, kern: Any, topgrad: Any, shape: Any, add_assert_shape: bool = True) -> Apply:
        """Raises TypeError for wrong ranks. The shape is checked when it is known, whatever `add_assert_shape` is."""
        kern, top = self._operand(kern, "kern"), self._operand(topgrad, "topgrad")
        channels = kern.type.broadcastable[-self.convdim - 1] and self.num_groups == 1
        pattern = self._around([top.type.broadcastable[0], channels], False)
        return Apply(self, [kern, top, as_tensor_variable(shape)], [TensorType(kern.dtype, pattern)()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Linear in filters and gradients."""
        (kern, top, _), (img,) = inputs, gradients
        gradient = [self._gradient("weights", img, top, kern), self._gradient("forward", img, kern, top)]
        return [*gradient, DisconnectedType()()]


class AbstractConv2d(AbstractConv):
    """Two dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 2)


class AbstractConv3d(AbstractConv):
    """Three dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 3)


class AbstractConv2d_gradWeights(AbstractConv_gradWeights):
    """Two dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 2)


class AbstractConv3d_gradWeights(AbstractConv_gradWeights):
    """Three dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 3)


class AbstractConv2d_gradInputs(AbstractConv_gradInputs):
    """Two dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 2)


class AbstractConv3d_gradInputs(AbstractConv_gradInputs):
    """Three dimensions."""

    __init__ = partialmethod(BaseAbstractConv.__init__, 3)


_NAMES = ("imshp", "kshp", "border_mode", "subsample", "filter_flip", "filter_dilation", "num_groups", "unshared")
_OPTIONS = {2: _NAMES, 3: _NAMES[:-1]}
_DIRECTIONS: dict[int, dict[str, Any]] = {
    2: {"forward": AbstractConv2d, "weights": AbstractConv2d_gradWeights, "inputs": AbstractConv2d_gradInputs},
    3: {"forward": AbstractConv3d, "weights": AbstractConv3d_gradWeights, "inputs": AbstractConv3d_gradInputs},
}


# Functions


def conv2d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Images (batch, channels, rows, columns) convolved with filters (output channels, channels, rows, columns).

    `border_mode` is how far the filters reach over the border: 'valid' (not at all), 'full', 'half' (half of their
    size), a number of rows and columns, or a pair of numbers or of (before, after) pairs. `subsample` are the steps,
    `filter_dilation` the distances between the elements of a filter, which is turned around under `filter_flip`.
    `num_groups` convolves that many groups of channels apart; filters are `unshared` when each place has its own.
    """
    op = AbstractConv2d(
        input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(input, filters)


def conv3d(
    input: Any,
    filters: Any,
    input_shape: Any = None,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """`conv2d` with one more dimension behind the channels."""
    op = AbstractConv3d(input_shape, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups)
    return op(input, filters)


def _last_lengths(shape: Any, convdim: int, name: str) -> tuple[Any, tuple[Any, ...]]:
    """The last `convdim` lengths as a vector, and what of the whole shape is known now.

    Raises ValueError when one of the last lengths is not given.
    """
    known = []
    for n in shape:
        try:
            known.append(None if n is None else int(get_scalar_constant_value(n)))
        except Exception:
            known.append(None)
    lengths = list(shape)[-convdim:]
    if any(n is None for n in lengths):
        raise ValueError(f"the last {convdim} entries of {name} must be symbolic variables or constants, not None")
    lengths = [F.cast(n, "int64") if hasattr(n, "type") else constant(int(n), dtype="int64") for n in lengths]
    return as_tensor_variable(lengths), tuple(known)


def conv2d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The gradient of `conv2d` by its input, whose shape must be given (only the last two lengths are needed)."""
    lengths, known = _last_lengths(input_shape, 2, "input_shape")
    op = AbstractConv2d_gradInputs(
        known, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(filters, output_grad, lengths)


def conv3d_grad_wrt_inputs(
    output_grad: Any,
    filters: Any,
    input_shape: Any,
    filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """The gradient of `conv3d` by its input."""
    lengths, known = _last_lengths(input_shape, 3, "input_shape")
    op = AbstractConv3d_gradInputs(
        known, filter_shape, border_mode, subsample, filter_flip, filter_dilation, num_groups
    )
    return op(filters, output_grad, lengths)


def conv2d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """The gradient of `conv2d` by its filters, whose shape must be given (only the last two lengths are needed)."""
    lengths, known = _last_lengths(filter_shape, 2, "filter_shape")
    op = AbstractConv2d_gradWeights(
        input_shape, known, border_mode, subsample, filter_flip, filter_dilation, num_groups, unshared
    )
    return op(input, output_grad, lengths)


def conv3d_grad_wrt_weights(
    input: Any,
    output_grad: Any,
    filter_shape: Any,
    input_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
    num_groups: int = 1,
) -> Any:
    """The gradient of `conv3d` by its filters."""
    lengths, known = _last_lengths(filter_shape, 3, "filter_shape")
    op = AbstractConv3d_gradWeights(
        input_shape, known, border_mode, subsample, filter_flip, filter_dilation, num_groups
    )
    return op(input, output_grad, lengths)


def separable_conv2d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1),
) -> Any:
    """Each of the `num_channels` channels convolved with filters of its own, and the results mixed place by place.

    Depthwise filters are (channels * multiplier, 1, rows, columns), pointwise ones (output channels, channels *
    multiplier, 1, 1).
    """
    shapes = (input_shape, depthwise_filter_shape)
    options = (border_mode, subsample, filter_flip, filter_dilation)
    apart = conv2d(input, depthwise_filters, *shapes, *options, num_groups=num_channels)
    return conv2d(apart, pointwise_filters, None, pointwise_filter_shape, filter_flip=filter_flip)


def separable_conv3d(
    input: Any,
    depthwise_filters: Any,
    pointwise_filters: Any,
    num_channels: int,
    input_shape: Any = None,
    depthwise_filter_shape: Any = None,
    pointwise_filter_shape: Any = None,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    filter_flip: bool = True,
    filter_dilation: Any = (1, 1, 1),
) -> Any:
    """`separable_conv2d` with one more dimension."""
    shapes = (input_shape, depthwise_filter_shape)
    options = (border_mode, subsample, filter_flip, filter_dilation)
    apart = conv3d(input, depthwise_filters, *shapes, *options, num_groups=num_channels)
    return conv3d(apart, pointwise_filters, None, pointwise_filter_shape, filter_flip=filter_flip)


def causal_conv1d(
    input: Any,
    filters: Any,
    filter_shape: Any,
    input_shape: Any = None,
    subsample: int = 1,
    filter_flip: bool = True,
    filter_dilation: int = 1,
    num_groups: int = 1,
    unshared: bool = False,
) -> Any:
    """Sequences (batch, channels, time) convolved so that no output sees a later input: as long as the input.

    `filter_shape` must say how long the filters are. Raises ValueError when `input` or `filters` have not rank 3.
    """
    input, filters = as_tensor_variable(input), as_tensor_variable(filters)
    if input.ndim != 3 or filters.ndim != 3:
        raise ValueError("Input and filters should be 3D for causal convolution.")
    before = filter_dilation * (filter_shape[2] - 1)
    result = conv2d(
        dimshuffle(input, 0, 1, 2, "x"),
        dimshuffle(filters, 0, 1, 2, "x"),
        input_shape and (*input_shape, 1),
        (*filter_shape, 1),
        ((before, 0), 0),
        (subsample, 1),
        filter_flip,
        (filter_dilation, 1),
        num_groups,
        unshared,
    )
    return result[:, :, :, 0]


__all__ = [
    "AbstractConv",
    "AbstractConv2d",
    "AbstractConv2d_gradInputs",
    "AbstractConv2d_gradWeights",
    "AbstractConv3d",
    "AbstractConv3d_gradInputs",
    "AbstractConv3d_gradWeights",
    "AbstractConv_gradInputs",
    "AbstractConv_gradWeights",
    "BaseAbstractConv",
    "causal_conv1d",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_grad_wrt_weights",
    "conv3d",
    "conv3d_grad_wrt_inputs",
    "conv3d_grad_wrt_weights",
    "separable_conv2d",
    "separable_conv3d",
]
