"""``theano.sandbox.cuda`` and ``theano.gpuarray``: what remains of Theano's two GPU back-ends.

tx runs the same graph on whatever device JAX has, so nothing is moved and nothing chosen here. Who only asks is told
that these back-ends are not there; functions that have an equivalent are it; transfers are the identity; the rest
says, when it is called, what to use instead.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from tx.graph.utils import Documented
from tx.shared import shared
from tx.tensor import nnet
from tx.tensor.convert import as_tensor_variable
from tx.tensor.fft import irfft, rfft
from tx.tensor.nnet import abstract_conv, bn
from tx.tensor.signal import pool

#: the modules below `theano.sandbox.cuda` and `theano.gpuarray` are this one
__path__: list[str] = []

cuda_available = cuda_enabled = pygpu_activated = pycuda_available = pygpu_available = False
imported_scipy_fft = imported_scipy_signal = True
_context_reg: dict[str, Any] = {}
test_ctx_name = None


class ContextNotDefined(Documented, ValueError):
    """A context was asked for that does not exist."""

    page = "gpu"


def list_contexts() -> Any:
    """The names of Theano's GPU contexts: there are none."""
    return _context_reg.keys()


def get_context(name: Any) -> Any:
    """Raises ContextNotDefined: there are no contexts."""
    raise ContextNotDefined(
        f"context name {name} not defined: tx runs on the devices of JAX (see `python -m tx --info`)"
    )


def use(device: Any, *args: Any, **kwargs: Any) -> None:
    """Warns that devices are chosen before the program starts."""
    warnings.warn(
        f"use({device!r}) changes nothing: tx runs on the first device of JAX (the environment variable JAX_PLATFORMS "
        "chooses among cpu, cuda and tpu).",
        stacklevel=2,
    )


init_dev = use


def _unavailable(what: str) -> Callable[..., bool]:
    def available(*args: Any) -> bool:
        return False

    available.__name__ = what
    available.__doc__ = "False: tx does not call cuDNN itself."
    available.msg = "tx compiles to XLA, which chooses the kernels"  # type: ignore[attr-defined]
    return available


dnn_available, dnn_present = _unavailable("dnn_available"), _unavailable("dnn_present")


# -- transfers: the identity ------------------------------------------------------------------------------------------


def gpu_contiguous(x: Any) -> Any:
    """`x`: XLA lays arrays out."""
    return as_tensor_variable(x)


as_cuda_ndarray_variable = as_gpuarray_variable = host_from_gpu = gpu_from_host = gpu_contiguous
float32_shared_constructor = gpuarray_shared_constructor = shared


def GpuFromHost(context_name: Any = None) -> Callable[[Any], Any]:
    """A transfer to the device: the identity."""
    return gpu_contiguous


GpuContiguous = HostFromGpu = GpuFromHost


# -- what has an equivalent -------------------------------------------------------------------------------------------


def _options(border_mode: Any, subsample: Any, dilation: Any, conv_mode: str, num_groups: int) -> dict[str, Any]:
    """cuDNN's words for the options of a convolution in those of `nnet`."""
    return {
        "border_mode": border_mode,
        "subsample": subsample,
        "filter_flip": conv_mode == "conv",
        "filter_dilation": dilation,
        "num_groups": num_groups,
    }


def dnn_conv(
    img: Any,
    kerns: Any,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    dilation: Any = (1, 1),
    conv_mode: str = "conv",
    direction_hint: Any = None,
    workmem: Any = None,
    algo: Any = None,
    precision: Any = None,
    num_groups: int = 1,
) -> Any:
    """`nnet.conv2d`; `conv_mode` is "conv" or "cross"."""
    return nnet.conv2d(img, kerns, **_options(border_mode, subsample, dilation, conv_mode, num_groups))


def dnn_conv3d(
    img: Any,
    kerns: Any,
    border_mode: Any = "valid",
    subsample: Any = (1, 1, 1),
    dilation: Any = (1, 1, 1),
    conv_mode: str = "conv",
    direction_hint: Any = None,
    algo: Any = None,
    precision: Any = None,
    num_groups: int = 1,
) -> Any:
    """`nnet.conv3d`; `conv_mode` is "conv" or "cross"."""
    return nnet.conv3d(img, kerns, **_options(border_mode, subsample, dilation, conv_mode, num_groups))


def dnn_gradweight(
    img: Any,
    topgrad: Any,
    kerns_shp: Any,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    dilation: Any = (1, 1),
    conv_mode: str = "conv",
    precision: Any = None,
    algo: Any = None,
    num_groups: int = 1,
) -> Any:
    """`nnet.abstract_conv.conv2d_grad_wrt_weights`."""
    return abstract_conv.conv2d_grad_wrt_weights(
        img, topgrad, kerns_shp, **_options(border_mode, subsample, dilation, conv_mode, num_groups)
    )


def dnn_gradinput(
    kerns: Any,
    topgrad: Any,
    img_shp: Any,
    border_mode: Any = "valid",
    subsample: Any = (1, 1),
    dilation: Any = (1, 1),
    conv_mode: str = "conv",
    precision: Any = None,
    algo: Any = None,
    num_groups: int = 1,
) -> Any:
    """`nnet.abstract_conv.conv2d_grad_wrt_inputs`."""
    return abstract_conv.conv2d_grad_wrt_inputs(
        topgrad, kerns, img_shp, **_options(border_mode, subsample, dilation, conv_mode, num_groups)
    )


def dnn_pool(img: Any, ws: Any, stride: Any = None, mode: str = "max", pad: Any = None) -> Any:
    """`signal.pool.pool_2d`, or `pool_3d` of a tensor with five axes, that ignores borders."""
    pooled = pool.pool_2d if as_tensor_variable(img).ndim == 4 else pool.pool_3d
    return pooled(img, ws, ignore_border=True, stride=stride, pad=pad, mode=mode)


def dnn_batch_normalization_train(
    inputs: Any,
    gamma: Any,
    beta: Any,
    mode: str = "per-activation",
    epsilon: float = 1e-4,
    *running: Any,
    **kwargs: Any,
) -> Any:
    """`nnet.bn.batch_normalization_train`; `mode` names the axes."""
    return bn.batch_normalization_train(inputs, gamma, beta, mode, epsilon, *running, **kwargs)


def dnn_batch_normalization_test(
    inputs: Any,
    gamma: Any,
    beta: Any,
    mean: Any,
    var: Any,
    mode: str = "per-activation",
    epsilon: float = 1e-4,
) -> Any:
    """`nnet.bn.batch_normalization_test`; `mode` names the axes."""
    return bn.batch_normalization_test(inputs, gamma, beta, mean, var, mode, epsilon)


class GpuCorrMM:
    """Correlation, as an Op made for a border mode, a subsampling and a dilation."""

    def __init__(self, border_mode: Any = "valid", subsample: Any = (1, 1), filter_dilation: Any = (1, 1), *args: Any):
        self.options = {"border_mode": border_mode, "subsample": subsample, "filter_dilation": filter_dilation}

    def __call__(self, img: Any, kern: Any) -> Any:
        return nnet.conv2d(img, kern, filter_flip=False, **self.options)


curfft, cuirfft = rfft, irfft

# -- what has none ----------------------------------------------------------------------------------------------------

#: names -> what to use instead
REPLACEMENTS = {
    "CudaNdarray": "a numpy array",
    "CudaNdarrayType": "tensor.TensorType",
    "CudaNdarraySharedVariable": "shared",
    "GpuArrayType": "tensor.TensorType",
    "GpuArraySharedVariable": "shared",
    "GpuDnnConv": "tensor.nnet.conv2d",
    "GpuDnnConv3d": "tensor.nnet.conv3d",
    "GpuDnnPool": "tensor.signal.pool.Pool",
    "GpuDnnSoftmax": "tensor.nnet.softmax",
    "GpuGemm": "tensor.dot",
    "GpuGemv": "tensor.dot",
    "GpuElemwise": "tensor.Elemwise",
    "GpuCAReduce": "tensor.sum and its kin",
    "GpuSubtensor": "indexing",
    "GpuAlloc": "tensor.alloc",
    "GpuJoin": "tensor.join",
    "GpuKernelBase": "an Op with `perform`, or with a lowering rule",
    "dnn_spatialtf": "indexing with computed positions",
}


class _Refused:
    """A name that cannot be served: calling it, or deriving from it, says what to use instead."""

    def __init__(self, name: str):
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        instead = REPLACEMENTS.get(self.__name__)
        hint = f"use {instead}" if instead else "write an Op with `perform`, or a lowering rule (docs/adding_an_op.md)"
        raise NotImplementedError(f"{self.__name__} belongs to Theano's GPU back-ends, which tx does not have: {hint}.")

    __mro_entries__ = __call__


_MODULES = ("basic_ops", "blas", "config", "dnn", "elemwise", "fft", "fftconv", "nnet", "tests", "type", "var")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return sys.modules[__name__]
    if name in REPLACEMENTS or name.startswith(("Gpu", "Cuda")):
        return _Refused(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
