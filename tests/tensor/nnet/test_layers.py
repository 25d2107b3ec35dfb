"""What rows of golden values cannot say: old names and keywords, symbolic sizes, ties, updates, bad input."""

import importlib

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.tensor.nnet import abstract_conv, bn, neighbours
from tx.tensor.nnet.conv import ConvOp
from tx.tensor.nnet.conv import conv2d as old_conv2d
from tx.tensor.signal import downsample, pool

RNG = np.random.RandomState(0)


@pytest.mark.parametrize(
    "path, name",
    [
        ("nnet.nnet", "crossentropy_softmax_max_and_argmax_1hot_with_bias"),
        ("nnet.sigm", "ultra_fast_sigmoid"),
        ("nnet.abstract_conv", "conv2d_grad_wrt_weights"),
        ("nnet.abstract_conv", "get_conv_output_shape"),
        ("nnet.conv", "ConvOp"),
        ("nnet.bn", "batch_normalization_test"),
        ("nnet.neighbours", "neibs2images"),
        ("nnet.blocksparse", "sparse_block_dot"),
        ("nnet.ctc", "ctc"),
        ("nnet.conv3d2d", "conv3d"),
        ("nnet.opt", "__name__"),
        ("signal.pool", "pool_2d"),
        ("signal.downsample", "max_pool_2d"),
        ("signal.conv", "conv2d"),
    ],
)
def test_paths_of_theano(path, name):
    tx.install()
    assert hasattr(importlib.import_module(f"theano.tensor.{path}"), name)


def test_old_keywords():
    x, k = T.tensor4(), T.tensor4()
    with pytest.warns(UserWarning, match="input_shape"):
        assert T.nnet.conv2d(x, k, image_shape=(1, 2, 3, 4)).owner.op.imshp == (1, 2, 3, 4)
    with pytest.warns(UserWarning, match="old keywords"):
        T.nnet.conv2d(x, k, unroll_batch=4)
    with pytest.raises(ValueError, match="imshp_logical"):
        T.nnet.conv2d(x, k, imshp_logical=(1, 2, 3))
    with pytest.warns(UserWarning, match="deprecated"):
        assert isinstance(old_conv2d(x, k, border_mode="full").owner.op, ConvOp)
    with pytest.warns(UserWarning, match="called 'ws'"):
        assert pool.pool_2d(x, ds=(2, 3), ignore_border=True).ndim == 4
    with pytest.raises(ValueError, match="both"):
        pool.pool_2d(x, (2, 2), True, ds=(2, 2))
    assert downsample.max_pool_2d is pool.pool_2d and downsample.DownsampleFactorMax is pool.Pool


def test_shapes():
    a = abstract_conv
    assert a.get_conv_output_shape((1, 2, 10, 11), (5, 2, 3, 4), "half", (2, 1), (1, 2)) == (1, 5, 5, 11)
    assert a.get_conv_output_shape((1, None, 10, None), (5, 2, 3, 4), ((1, 2), 3), (2, 1)) == (1, 5, 6, None)
    assert a.get_conv_gradweights_shape((1, 4, 10, 11), (1, 6, 8, 8), "valid", (1, 1)) == (6, 4, 3, 4)
    assert a.get_conv_gradweights_shape((1, 4, 10, 11), (1, 6, 8, 8), "half", (1, 1)) == (6, 4, None, None)
    # Theano divides the output's channels by the groups here: such filters would not fit.
    assert a.get_conv_gradweights_shape((1, 4, 10, 11), (1, 6, 8, 8), (1, 2), (1, 1), None, 2) == (6, 2, 5, 8)
    assert a.get_conv_gradinputs_shape((6, 4, 3, 3), (1, 6, 8, 8), (1, 2), (1, 2), None, 2) == (1, 8, 8, None)
    assert a.check_conv_gradinputs_shape((1, None, 5, 5), (3, 2, 3, 3), (1, 3, 3, 3), "valid", (1, 1))
    assert not a.check_conv_gradinputs_shape((1, 2, 5, 5), (3, 2, 3, 3), (1, 3, 2, 3), "valid", (1, 1))
    with pytest.raises(ValueError, match="invalid shape"):
        a.assert_conv_shape((1, 2, 0, 3))


def test_gradients_of_the_wrong_shape_are_refused():
    top, k = T.dtensor4(), T.dtensor4()
    f = tx.function([top, k], abstract_conv.conv2d_grad_wrt_inputs(top, k, (1, 1, 5, 5)))
    assert f(np.ones((1, 2, 3, 3)), np.ones((2, 1, 3, 3))).shape == (1, 1, 5, 5)
    with pytest.raises(ValueError, match="output"):
        f(np.ones((1, 2, 4, 3)), np.ones((2, 1, 3, 3)))


def test_sizes_of_windows_may_be_arguments():
    x, ws = T.dmatrix(), T.lvector()
    f = tx.function([x, ws], pool.Pool(True)(x, ws))
    values = RNG.randn(4, 6)
    assert f(values, [2, 3]).tolist() == values.reshape(2, 2, 2, 3).max((1, 3)).tolist()
    assert f(values, [4, 6]).tolist() == [[values.max()]]
    with pytest.raises(ValueError):
        f(values, [0, 2])


def test_all_equal_largest_elements_get_the_gradient():
    x = T.dmatrix()
    f = tx.function([x], T.grad(pool.pool_2d(x, (2, 2), True).sum(), x))
    assert f([[1, 1, 5, 2], [0, 1, 5, 2]]).tolist() == [[1, 1, 1, 0], [0, 1, 1, 0]]


def test_running_averages_are_updates():
    x, gamma, beta = T.dmatrix(), T.dvector(), T.dvector()
    mean, var = tx.shared(np.zeros(2)), tx.shared(np.ones(2))
    out, _, _, new_mean, new_var = bn.batch_normalization_train(
        x, gamma, beta, running_average_factor=0.5, running_mean=mean, running_var=var
    )
    f = tx.function([x, gamma, beta], out, updates=[(mean, new_mean), (var, new_var)])
    values = RNG.randn(5, 2)
    f(values, np.ones(2), np.zeros(2))
    np.testing.assert_allclose(mean.get_value(), values.mean(0) / 2)
    np.testing.assert_allclose(var.get_value(), (1 + values.var(0, ddof=1)) / 2)


def test_pieces_and_back():
    x = T.dtensor4()
    there = neighbours.images2neibs(x, (2, 3))
    values = RNG.randn(2, 1, 4, 6)
    assert np.array_equal(tx.function([x], neighbours.neibs2images(there, (2, 3), x.shape))(values), values)


@pytest.mark.parametrize("axes", [(0, 2, 3), (1,), (0, 1), (1, 2, 3), (2,)])
def test_sums_between_convolutions(axes):
    """XLA has channels last there, which must not be seen."""
    x, k, v = T.dtensor4(), T.dtensor4(), T.dtensor4()
    maps = T.nnet.conv2d(x, k)
    f = tx.function(
        [x, k, v], [maps, (maps * v).sum(axis=axes), T.exp(maps + T.addbroadcast(v[:1], 0)), maps.max(axis=axes)]
    )
    a, b, c = RNG.randn(2, 3, 5, 6), RNG.randn(4, 3, 2, 2), RNG.randn(2, 4, 4, 5)
    found, sums, other, largest = f(a, b, c)
    np.testing.assert_allclose(sums, (found * c).sum(axis=axes))
    np.testing.assert_allclose(other, np.exp(found + c[:1]))
    np.testing.assert_array_equal(largest, found.max(axis=axes))


def test_normalisation_and_pooling_behind_a_convolution():
    """The same as behind the maps as an argument, forward and backward."""
    x, k, maps = T.dtensor4(), T.dtensor4(), T.dtensor4()
    scale, shift, mean, var = (T.dvector() for _ in range(4))

    def rest(h, at):
        out, _, _, *averages = bn.batch_normalization_train(h, scale, shift, "spatial", 1e-3, 0.2, mean, var)
        cost = (pool.pool_2d(T.nnet.relu(out), (2, 2), True, (1, 1)) ** 3).sum()
        cost += (pool.pool_2d(out, (2, 3), True, mode="average_exc_pad", pad=(0, 1)) ** 2).sum()
        return [cost, *averages, T.grad(cost, at), T.grad(cost, scale), T.grad(cost, shift)]

    convolved = T.nnet.conv2d(x, k, border_mode="half")
    inputs = [scale, shift, mean, var]
    direct = tx.function([x, k, *inputs], [convolved, *rest(convolved, convolved)])
    apart = tx.function([maps, *inputs], rest(maps, maps))
    numbers = [RNG.randn(3) for _ in range(3)] + [RNG.rand(3)]
    h, *found = direct(RNG.randn(2, 2, 5, 4), RNG.randn(3, 2, 3, 3), *numbers)
    for a, b in zip(found, apart(h, *numbers), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_gradients_by_the_statistics():
    """Theano has none."""
    x, scale, shift = T.dmatrix(), T.dvector(), T.dvector()
    outputs = bn.batch_normalization_train(x, scale, shift, "per-activation", 1e-3)
    numbers = [RNG.randn(4, 3), RNG.randn(3), RNG.randn(3)]
    tx.gradient.verify_grad(
        lambda a, b, c: sum((o**2).sum() for o in bn.batch_normalization_train(a, b, c, "per-activation", 1e-3)),
        numbers,
        rng=RNG,
    )
    assert [o.type for o in outputs[1:]] == [T.dvector] * 2
    with pytest.raises(ValueError, match="rank"):
        bn.AbstractBatchNormTrain((0,))(x, scale, shift)
    with pytest.raises(ValueError, match="axes"):
        bn.AbstractBatchNormInference(())


@pytest.mark.parametrize("subsample", [(1, 1), (2, 3)])
def test_filters_of_one_place_are_products_of_matrices(subsample):
    x, w = T.dtensor4("x"), T.dtensor4("w")
    y = T.nnet.conv2d(x, w, subsample=subsample)
    gradients = T.grad((y**2).sum(), [x, w])
    rng = np.random.RandomState(3)
    X, W = rng.randn(2, 3, 5, 7), rng.randn(4, 3, 1, 1)
    f = tx.function([x, w], [y, *gradients])
    value, of_x, of_w = f(X, W)
    seen = X[:, :, :: subsample[0], :: subsample[1]]
    expected = np.einsum("bchw,fc->bfhw", seen, W[:, :, 0, 0])
    np.testing.assert_allclose(value, expected)
    np.testing.assert_allclose(of_w[:, :, 0, 0], np.einsum("bchw,bfhw->fc", seen, 2 * expected))
    spread = np.zeros_like(X)
    spread[:, :, :: subsample[0], :: subsample[1]] = np.einsum("bfhw,fc->bchw", 2 * expected, W[:, :, 0, 0])
    np.testing.assert_allclose(of_x, spread)
    assert "convolution" not in tx.printing.stages(f).parts[0].stablehlo
