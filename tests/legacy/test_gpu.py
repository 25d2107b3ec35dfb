"""The names of Theano's GPU back-ends: who asks is told no, what has an equivalent is it, the rest says what to use."""

import subprocess
import sys

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.legacy import gpu


def test_paths():
    code = """
import tx
tx.install()
import theano
import theano.sandbox.cuda
from theano.sandbox import cuda
from theano.sandbox.cuda import dnn, cuda_available
from theano.sandbox.cuda.basic_ops import gpu_contiguous, host_from_gpu
from theano.sandbox.cuda.blas import GpuCorrMM
from theano.gpuarray.type import list_contexts
from theano.gpuarray.dnn import dnn_present
import theano.gpuarray.tests.config
assert not cuda_available and not cuda.cuda_enabled and not dnn.dnn_available() and not dnn_present()
assert not theano.gpuarray.pygpu_activated and not list(list_contexts())
assert theano.gof.graph.Variable is theano.gof.Variable
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


rng = np.random.RandomState(1)
IMAGES, FILTERS = rng.randn(2, 3, 6, 5), rng.randn(4, 3, 3, 2)
x, w = T.dtensor4("x"), T.dtensor4("w")

EQUIVALENT = {
    "dnn_conv": (gpu.dnn_conv(x, w, border_mode="full"), T.nnet.conv2d(x, w, border_mode="full")),
    "dnn_conv_cross": (gpu.dnn_conv(x, w, conv_mode="cross"), T.nnet.conv2d(x, w, filter_flip=False)),
    "GpuCorrMM": (gpu.GpuCorrMM(subsample=(2, 1))(x, w), T.nnet.conv2d(x, w, subsample=(2, 1), filter_flip=False)),
    "dnn_pool": (gpu.dnn_pool(x, (2, 2)), T.signal.pool.pool_2d(x, (2, 2), ignore_border=True)),
    "gpu_contiguous": (gpu.gpu_contiguous(x), x),
    "GpuFromHost": (gpu.GpuFromHost("dev0")(x), x),
    "dnn_batch_normalization_train": (
        gpu.dnn_batch_normalization_train(x, x[:1, :, :1, :1] + 2, x[:1, :, :1, :1], "spatial")[0],
        T.nnet.bn.batch_normalization_train(x, x[:1, :, :1, :1] + 2, x[:1, :, :1, :1], "spatial")[0],
    ),
}


@pytest.mark.parametrize("name", EQUIVALENT)
def test_equivalents(name):
    pair = EQUIVALENT[name]
    np.testing.assert_array_equal(*tx.function([x, w], list(pair), on_unused_input="ignore")(IMAGES, FILTERS))


def test_convolution_gradients():
    top = T.nnet.conv2d(x, w)
    of_w = gpu.dnn_gradweight(x, top, w.shape)
    of_x = gpu.dnn_gradinput(w, top, x.shape)
    cost = (T.nnet.conv2d(x, w) ** 2).sum() / 2
    found = tx.function([x, w], [of_w, of_x, T.grad(cost, w), T.grad(cost, x)])(IMAGES, FILTERS)
    np.testing.assert_allclose(found[0], found[2])
    np.testing.assert_allclose(found[1], found[3])


def test_what_has_no_equivalent_names_a_replacement():
    with pytest.raises(NotImplementedError, match=r"use tensor\.dot"):
        gpu.GpuGemm()
    with pytest.raises(NotImplementedError, match="adding_an_op"):
        gpu.GpuSomethingElse(3)
    with pytest.raises(NotImplementedError, match="GpuKernelBase"):
        exec("class Mine(base): pass", {"base": gpu.GpuKernelBase})
    with pytest.raises(AttributeError):
        _ = gpu.nothing_of_the_kind
    with pytest.raises(gpu.ContextNotDefined, match="dev0"):
        gpu.get_context("dev0")
    with pytest.warns(UserWarning, match="the flag `device` chooses"):
        gpu.use("gpu0")
