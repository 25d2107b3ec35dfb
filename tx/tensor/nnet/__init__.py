"""Neural-network Ops: convolution, normalisation, softmax and the costs that go with it, activations."""

from tx.tensor.math import sigmoid, softplus
from tx.tensor.nnet import (
    abstract_conv,
    basic,
    blocksparse,
    bn,
    conv,
    conv3d2d,
    corr,
    costs,
    ctc,
    neighbours,
    old_names,
)
from tx.tensor.nnet.basic import *  # noqa: F403
from tx.tensor.nnet.bn import batch_normalization
from tx.tensor.nnet.conv import ConvOp
from tx.tensor.nnet.convolution import conv2d as abstract_conv2d
from tx.tensor.nnet.convolution import conv2d_grad_wrt_inputs, conv3d, separable_conv2d
from tx.tensor.nnet.costs import *  # noqa: F403
from tx.tensor.nnet.layers import conv2d, conv2d_transpose
from tx.tensor.nnet.old_names import *  # noqa: F403

corr3d = corr

__all__ = [
    *basic.__all__,
    *costs.__all__,
    *old_names.__all__,
    "ConvOp",
    "abstract_conv",
    "abstract_conv2d",
    "batch_normalization",
    "blocksparse",
    "bn",
    "conv",
    "conv2d",
    "conv2d_grad_wrt_inputs",
    "conv2d_transpose",
    "conv3d",
    "conv3d2d",
    "corr",
    "corr3d",
    "ctc",
    "neighbours",
    "separable_conv2d",
    "sigmoid",
    "softplus",
]
