"""All that Theano calls ``abstract_conv``: convolutions, the arithmetic of their shapes, and bilinear upsampling."""

from tx.tensor.nnet import conv_shapes, convolution, upsampling
from tx.tensor.nnet.conv import imported_scipy_signal
from tx.tensor.nnet.conv_shapes import *  # noqa: F403
from tx.tensor.nnet.convolution import *  # noqa: F403
from tx.tensor.nnet.upsampling import *  # noqa: F403

__all__ = [*conv_shapes.__all__, *convolution.__all__, *upsampling.__all__, "imported_scipy_signal"]
