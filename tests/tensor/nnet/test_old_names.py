"""Old names of nnet: what golden values do not show (those are in ``test_nnet_golden.py``)."""

import importlib

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.tensor.nnet import conv3d2d, convolution, corr

X = np.arange(24.0).reshape(4, 3, 2)


@pytest.fixture(scope="module", autouse=True)
def theano():
    tx.install()


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "nnet.nnet",
            "SoftmaxWithBias SoftmaxGrad CrossentropySoftmax1HotWithBiasDx CrossentropySoftmaxArgmax1HotWithBias "
            "CrossentropyCategorical1Hot CrossentropyCategorical1HotGrad Prepend_scalar_constant_to_each_row "
            "Prepend_scalar_to_each_row ScalarSoftsign crossentropy_categorical_1hot_grad softmax_simplifier "
            "crossentropy_softmax_1hot_with_bias_dx crossentropy_to_crossentropy_with_softmax local_softmax_with_bias",
        ),
        ("nnet", "corr corr3d scalar_sigmoid sigmoid_inplace softmax_simplifier SoftmaxWithBias"),
        ("nnet.sigm", "scalar_sigmoid scalar_softplus sigmoid_inplace ultra_fast_sigmoid_inplace local_1msigmoid"),
        ("nnet.sigm", "ScalarSigmoid ScalarSoftplus UltraFastScalarSigmoid ultra_fast_scalar_sigmoid"),
        ("nnet.corr", "BaseCorrMM CorrMM CorrMM_gradWeights CorrMM_gradInputs"),
        ("nnet.corr3d", "BaseCorr3dMM Corr3dMM Corr3dMM_gradWeights Corr3dMM_gradInputs"),
        ("nnet.conv3d2d", "DiagonalSubtensor IncDiagonalSubtensor diagonal_subtensor get_diagonal_subtensor_view"),
        ("nnet.conv", "imported_scipy_signal"),
        ("nnet.abstract_conv", "imported_scipy_signal"),
    ],
)
def test_names_are_where_theano_has_them(module, names):
    found = importlib.import_module(f"theano.tensor.{module}")
    assert [n for n in names.split() if not hasattr(found, n)] == []


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("ScalarSigmoid()", lambda x: 1 / (1 + np.exp(-x))),
        ("ScalarSoftplus(name='s')", lambda x: np.log1p(np.exp(x))),
        ("scalar_sigmoid", lambda x: 1 / (1 + np.exp(-x))),
        ("scalar_softplus", lambda x: np.log1p(np.exp(x))),
        ("scalar_softsign", lambda x: x / (1 + abs(x))),
        ("ScalarSoftsign()", lambda x: x / (1 + abs(x))),
        ("sigmoid_inplace", lambda x: 1 / (1 + np.exp(-x))),
    ],
)
def test_scalar_operations(name, reference):
    module = importlib.import_module("theano.tensor.nnet.sigm")
    x = T.dscalar()
    y = eval(f"module.{name}", {"module": module})(x)
    for value in (-1.5, 0.0, 2.0, np.nan):
        np.testing.assert_allclose(tx.function([x], y)(value), reference(value), rtol=1e-12)
    step = 1e-6
    difference = (reference(0.7 + step) - reference(0.7 - step)) / (2 * step)
    np.testing.assert_allclose(tx.function([x], tx.grad(y, x))(0.7), difference, rtol=1e-7)


@pytest.mark.parametrize(
    "name", ["UltraFastScalarSigmoid()", "ultra_fast_scalar_sigmoid", "ultra_fast_sigmoid_inplace"]
)
def test_fast_sigmoid(name):
    module = importlib.import_module("theano.tensor.nnet.sigm")
    x = T.dscalar()
    expected = tx.function([x], T.nnet.ultra_fast_sigmoid(x))(0.3)
    assert tx.function([x], eval(f"module.{name}", {"module": module})(x))(0.3) == expected


def test_instances_tell_their_class():
    assert isinstance(T.nnet.SoftmaxGrad(), T.nnet.SoftmaxGrad)
    assert not isinstance(T.nnet.softmax(T.dmatrix()).owner.op, T.nnet.SoftmaxWithBias)


# -- correlation ------------------------------------------------------------------------------------------------------


def test_correlations_are_ops():
    x, k = T.dtensor4(), T.dtensor4()
    y = corr.CorrMM("half", (1, 2))(x, k)
    assert isinstance(y.owner.op, corr.CorrMM) and isinstance(y.owner.op, convolution.AbstractConv)
    assert y.owner.op == corr.CorrMM("half", (1, 2)) != corr.CorrMM("half")
    assert isinstance(corr.Corr3dMM(), corr.BaseCorr3dMM) and not isinstance(corr.Corr3dMM(), corr.BaseCorrMM)
    assert corr.Corr3dMM((1, 2, 3), (1, 1, 2), (2, 1, 1), None, 2).num_groups == 2


@pytest.mark.parametrize("images", [0, 2])
def test_correlation_of_no_images(images):
    x, k = T.dtensor4(), T.dtensor4()
    values = np.ones((images, 1, 4, 4)), np.ones((3, 1, 2, 2))
    result, gradient = tx.function([x, k], [y := corr.CorrMM()(x, k), tx.grad(y.sum(), k)])(*values)
    np.testing.assert_array_equal(result, np.full((images, 3, 3, 3), 4.0))
    np.testing.assert_array_equal(gradient, np.full((3, 1, 2, 2), 9.0 * images))


# -- diagonals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
def test_diagonals_are_a_view(axes):
    i0, i1 = axes
    x = X.copy()
    view = conv3d2d.get_diagonal_subtensor_view(x, i0, i1)
    expected = np.moveaxis(np.empty(view.shape), axes, (0, 1))
    front = np.moveaxis(x, axes, (0, 1))
    for i, j in np.ndindex(*expected.shape[:2]):
        expected[i, j] = front[i + front.shape[1] - 1 - j, j]
    np.testing.assert_array_equal(np.moveaxis(view, axes, (0, 1)), expected)
    a = T.dtensor3()
    np.testing.assert_array_equal(tx.function([a], conv3d2d.DiagonalSubtensor()(a, i0, i1))(x), view)
    added = tx.function([a], conv3d2d.inc_diagonal_subtensor(a, i0, i1, 2.0))(x)
    view += 2
    np.testing.assert_array_equal(added, x)


def test_diagonals_of_nothing():
    a = T.dmatrix()
    f = tx.function([a], conv3d2d.diagonal_subtensor(a, 0, 1))
    assert f(np.zeros((0, 0))).shape == (1, 0) == conv3d2d.get_diagonal_subtensor_view(np.zeros((0, 0)), 0, 1).shape


def test_axes_that_have_no_diagonals():
    a = T.dtensor3()
    with pytest.raises(ValueError, match="no diagonals"):
        conv3d2d.get_diagonal_subtensor_view(X, 1, 0)
    with pytest.raises(AssertionError, match="shorter"):
        tx.function([a], conv3d2d.diagonal_subtensor(a, 1, 0))(X)
    for axes in ((0, 0), (0, 3), (-1, 0)):
        with pytest.raises(ValueError, match="two different axes"):
            conv3d2d.diagonal_subtensor(a, *axes)
    with pytest.raises(ValueError, match="4 dimensions"):
        conv3d2d.inc_diagonal_subtensor(a, 0, 1, T.dtensor4())
    with pytest.raises(T.NotScalarConstantError):
        conv3d2d.diagonal_subtensor(a, T.lscalar(), 1)
