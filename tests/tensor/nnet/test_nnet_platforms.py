"""Each Op of nnet and signal, and its gradient, lowers for cuda and tpu."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.graph import walk
from tx.lowering.export import export_function
from tx.tensor.nnet import abstract_conv, blocksparse, conv, conv3d2d, corr, ctc, neighbours
from tx.tensor.signal import pool

RNG = np.random.RandomState(0)
PAIRS = np.array([[0, 1], [1, 0]])

#: name -> (shapes, expression)
ROWS = {
    "conv2d": ([(2, 2, 5, 4), (3, 2, 3, 2)], lambda a, b: T.nnet.conv2d(a, b, border_mode="half", subsample=(2, 1))),
    "conv2d unshared": ([(1, 1, 3, 3), (2, 2, 2, 1, 2, 2)], lambda a, b: T.nnet.conv2d(a, b, unshared=True)),
    "conv2d groups": ([(1, 4, 3, 3), (2, 2, 2, 2)], lambda a, b: T.nnet.conv2d(a, b, num_groups=2)),
    "conv3d": ([(1, 2, 3, 3, 3), (2, 2, 2, 2, 2)], lambda a, b: T.nnet.conv3d(a, b, border_mode="full")),
    "conv3d2d": ([(1, 3, 2, 3, 3), (2, 2, 2, 2, 2)], lambda a, b: conv3d2d.conv3d(a, b)),
    "bilinear": ([(1, 1, 2, 3)], lambda a: abstract_conv.bilinear_upsampling(a, 2)),
    "pool max": ([(1, 1, 4, 5)], lambda a: pool.pool_2d(a, (2, 2), True)),
    "pool mean": ([(1, 4, 5, 3)], lambda a: pool.pool_3d(a, (2, 2, 2), False, (1, 2, 2), mode="average_exc_pad")),
    "max rop": ([(4, 4), (4, 4)], lambda a, b: pool.MaxPoolRop()(a, b, (2, 2))),
    "neighbours": ([(1, 1, 4, 4)], lambda a: neighbours.images2neibs(a, (2, 2))),
    "blocks": (
        [(2, 2, 3), (2, 2, 2, 3), (2, 2, 2)],
        lambda a, b, c: blocksparse.sparse_block_gemv(a, b, c, PAIRS, PAIRS),
    ),
    "outer": (
        [(2, 2, 2, 3), (2, 2, 2), (2, 2, 3)],
        lambda a, b, c: blocksparse.sparse_block_outer(a, b, c, PAIRS, PAIRS),
    ),
    "ctc": ([(4, 2, 3)], lambda a: ctc.ctc(a, np.array([[1, 2], [1, -1]], "int32"), np.array([4, 3], "int32"))),
    "corr": ([(2, 2, 4, 4), (2, 1, 3, 2)], lambda a, b: corr.CorrMM("half", (2, 1), num_groups=2)(a, b)),
    "corr weights": ([(2, 2, 4, 4), (2, 3, 3, 2)], lambda a, b: corr.CorrMM_gradWeights()(a, b)),
    "corr inputs": ([(3, 2, 2, 3), (2, 3, 3, 2)], lambda a, b: corr.CorrMM_gradInputs("half")(a, b)),
    "corr3d": ([(1, 2, 3, 3, 3), (2, 2, 2, 2, 2)], lambda a, b: corr.Corr3dMM("full")(a, b)),
    "corr3d weights": ([(1, 2, 3, 3, 3), (1, 2, 2, 2, 2)], lambda a, b: corr.Corr3dMM_gradWeights()(a, b)),
    "corr3d inputs": ([(2, 1, 2, 2, 2), (1, 2, 2, 2, 2)], lambda a, b: corr.Corr3dMM_gradInputs()(a, b)),
    "softmax": ([(2, 3)], lambda a: T.nnet.softmax(a)),
    "logsoftmax": ([(2, 3)], lambda a: T.nnet.logsoftmax(a)),
    "old conv": ([(1, 1, 3, 3), (2, 1, 2, 2)], lambda a, b: conv.ConvOp(output_mode="full")(a, b)),
    "normalisation": ([(3, 2), (2,), (2,)], lambda a, b, c: T.nnet.bn.batch_normalization_train(a, b, c)[0]),
    "inference": (
        [(3, 2)] + [(2,)] * 4,
        lambda a, b, c, d, e: T.nnet.bn.batch_normalization_test(a, b, c, d, abs(e)),
    ),
}


def applied(name):
    """The Ops of a row, of its gradient, and of the gradient of that."""
    shapes, build = ROWS[name]
    inputs = [T.TensorType("float32", (False,) * len(s))() for s in shapes]
    gradients = T.grad((build(*inputs) ** 2).sum(), inputs)
    second = T.grad((gradients[0] ** 2).sum(), inputs[0], disconnected_inputs="ignore")
    return {type(node.op) for node in walk.toposort([*gradients, second])}


def test_every_op_is_in_a_row():
    found = set().union(*map(applied, ROWS))
    packages = ("tx.tensor.nnet.", "tx.tensor.signal.")
    pending, wanted = [tx.Op], set()
    while pending:
        kinds = pending.pop().__subclasses__()
        pending += kinds
        wanted |= {k for k in kinds if k.__module__.startswith(packages) and not k.__subclasses__()}
    assert {k.__name__ for k in wanted - found} == set()


@pytest.mark.parametrize("name", ROWS)
def test_lowers_with_its_gradient_and_the_gradient_of_that(name):
    shapes, build = ROWS[name]
    inputs = [T.TensorType("float32", (False,) * len(s))() for s in shapes]
    out = build(*inputs)
    gradients = T.grad((out**2).sum(), inputs)
    second = T.grad((gradients[0] ** 2).sum(), inputs[0], disconnected_inputs="ignore")
    function = tx.function(inputs, [out, *gradients, second])
    values = [RNG.randn(*s).astype("float32") for s in shapes]
    assert all(np.isfinite(r).all() for r in function(*values))
    for exported in export_function(function, values):
        assert exported.platforms == ("cuda", "tpu")
