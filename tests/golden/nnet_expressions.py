"""Normalisation and the rest of nnet as rows of expressions (see ``expressions.py``), recorded from real Theano."""

import itertools

f8, f4, i8, u1 = "float64", "float32", "int64", "uint8"

ROWS = []


def _add(source, *shapes):
    """Rows alternate between the two dtypes."""
    ROWS.append((source, [((f8, f4)[len(ROWS) % 2], shape) for shape in shapes]))


_BN = "T.nnet.bn.batch_normalization_"
for _shape, _axes, _short in [
    ((4, 3), "per-activation", (3,)),
    ((2, 3, 2, 2), "spatial", (3,)),
    ((3, 2, 1, 2), (0, 3), (2, 1)),
]:
    for _output in range(5):
        _source = _BN + "train(a,b,c,%r,1e-3,0.3,d,abs(e))[%d]" % (_axes, _output)
        _add(_source, _shape, _short, _short, _short, _short)
    _add(_BN + "train(a,b,c,%r)[0]" % (_axes,), _shape, _short, _short)
    _add(_BN + "test(a,b,c,d,abs(e),%r)" % (_axes,), _shape, _short, _short, _short, _short)
    _add(_BN + "test(a,b,c,d,abs(e),%r,1e-2)" % (_axes,), _shape, _short, _short, _short, _short)
_full = [(1, 3, 1, 1)] * 4
_stretched = ["T.addbroadcast(%s,0,2,3)" % _name for _name in ("b", "c", "d", "abs(e)")]
for _output in range(5):
    _add((_BN + "train(a,%s,%s,'spatial',1e-4,0.1,%s,%s)[%d]") % (*_stretched, _output), (2, 3, 2, 2), *_full)
for _mode in ("low_mem", "high_mem"):
    _add("T.nnet.batch_normalization(a,b,c,d,abs(e)+1,mode=%r)" % _mode, (3, 2), (2,), (2,), (2,), (2,))
_add(_BN + "train(a,b,c,'all')[0]", (4, 3), (3,), (3,))
_add(_BN + "train(a,b,c,'spatial',1e-9)[0]", (4, 3), (3,), (3,))
_add(_BN + "train(a,b,c,(0,),running_mean=b)[0]", (4, 3), (3,), (3,))
_add(_BN + "train(a,b,c)[0]", (4, 3), (1, 3), (3,))
_add(_BN + "train(a,b,c,())[0]", (4, 3), (3,), (3,))
_add(_BN + "train(a,b,c,(0,2))[0]", (4, 3), (3,), (3,))

for _source in (
    "softmax(a) logsoftmax(a) softmax_graph(a) relu(a) relu(a,0.2) elu(a) elu(a,0.5) selu(a) softsign(a) "
    "hard_sigmoid(a) ultra_fast_sigmoid(a) sigmoid(a) softplus(a) prepend_0_to_each_row(a) prepend_1_to_each_row(a) "
    "prepend_scalar_to_each_row(2.5,a) prepend_scalar_to_each_row(a[0,0],a) softmax_with_bias(a,a[0]) "
    "softmax_grad(a,a) crossentropy_softmax_1hot(a,T.arange(3))[0] crossentropy_softmax_1hot(a,T.arange(3))[1] "
    "crossentropy_softmax_1hot_with_bias(a,a[1],T.arange(3))[0] crossentropy_categorical_1hot(abs(a),T.arange(3)) "
    "crossentropy_categorical_1hot(softmax,a) categorical_crossentropy(abs(a),abs(a)) prepend_0_to_each_row(a[0]) "
    "categorical_crossentropy(abs(a),T.arange(3)) categorical_crossentropy(a,a[0]) softmax_with_bias(a,a)"
).split():
    _add("T.nnet." + _source, (3, 4))
for _output in range(4):
    _add("T.nnet.crossentropy_softmax_max_and_argmax_1hot(a,T.arange(3))[%d]" % _output, (3, 4))
    _add("T.nnet.crossentropy_softmax_max_and_argmax_1hot_with_bias(a,b,T.arange(3))[%d]" % _output, (3, 4), (4,))
for _output in range(3):
    _add("T.nnet.crossentropy_softmax_argmax_1hot_with_bias(a,b,T.arange(3))[%d]" % _output, (3, 4), (4,))
for _name in ("binary_crossentropy(abs(a)/2,b*b)", "sigmoid_binary_crossentropy(a,b*b)"):
    _add("T.nnet." + _name, (3, 4), (3, 4))
    _add("T.nnet." + _name, (3, 4), (4,))
for _output in range(2):
    ROWS.append(("T.nnet.confusion_matrix(a,b)[%d]" % _output, [(i8, (7,)), (i8, (7,))]))
    ROWS.append(("T.nnet.confusion_matrix(a,b)[%d]" % _output, [(u1, (5,)), (i8, (4,))]))
ROWS.append(("T.nnet.confusion_matrix(a,b)[0]", [(i8, (2, 2)), (i8, (2,))]))
for _target in ("", ",target=T.arange(3)", ",target=T.arange(3)[::-1]*2"):
    _add("T.nnet.h_softmax(a,3,5,3,2,b,c,d,e%s)" % _target, (3, 4), (4, 3), (3,), (3, 4, 2), (3, 2))

_PIECES = "T.nnet.neighbours.images2neibs(a,%r,%r,mode=%r)"
for _mode, (_piece, _step) in itertools.product(
    ["valid", "ignore_borders", "wrap_centered", "half", "full"],
    [((2, 3), None), ((2, 2), (1, 1)), ((3, 3), (1, 2)), ((3, 3), (2, 1)), ((1, 3), (1, 1))],
):
    _add(_PIECES % (_piece, _step, _mode), (1, 2, 5, 6))
_add(_PIECES % ((2, 2), None, "same"), (1, 2, 5, 6))
_BACK = "T.nnet.neighbours.neibs2images(%s,(2,3),%r%s)"
_add(_BACK % ("a", (1, 2, 4, 6), ""), (8, 6))
_add(_BACK % ("a", (2, 2, 5, 7), ",mode='ignore_borders'"), (16, 6))
_add(_BACK % ("a", (1, 2, 5, 6), ""), (8, 6))

_IDX = "T.arange(2).dimshuffle(0,'x')+T.arange(2)"
_GEMV = "T.nnet.blocksparse.SparseBlockGemv()(a,b,c,%s,%s)"
_add(_GEMV % (_IDX, _IDX), (2, 2, 2), (3, 3, 2, 2), (2, 2, 2))
_add(_GEMV % ("0*(%s)" % _IDX, _IDX), (2, 2, 3), (3, 3, 2, 3), (2, 2, 2))
_add(_GEMV % ("c", _IDX), (2, 2, 3), (3, 3, 2, 3), (2, 2, 2))
_DOT = "T.nnet.blocksparse.sparse_block_dot(a,b,%s,c,%s)"
_add(_DOT % (_IDX, _IDX), (3, 3, 2, 3), (2, 2, 2), (3, 3))
_add(_DOT % ("T.arange(2)", "T.arange(2)+1"), (3, 3, 2, 3), (2, 2), (3, 3))
_OUTER = "T.nnet.blocksparse.SparseBlockOuter()(a,b,c,%s,%s%s)"
_add(_OUTER % (_IDX, _IDX, ""), (3, 3, 2, 2), (2, 2, 2), (2, 2, 2))
_add(_OUTER % ("0*(%s)" % _IDX, _IDX, ""), (3, 3, 2, 2), (2, 2, 2), (2, 2, 2))
for _modes in ("valid", "full", ("valid", "full", "full"), ("full", "valid", "valid")):
    _films = [(2, 4, 1, 3, 4), (2, 2, 1, 2, 3)]
    _known = "%r,%r," % tuple(_films)
    _add("T.nnet.conv3d2d.conv3d(a,b,%sborder_mode=%r)" % (_known, _modes), *_films)

for _source in (
    "SoftmaxWithBias()(a,a[0]) SoftmaxWithBias()(a[0],a[0]) SoftmaxWithBias()(a,T.arange(4)) SoftmaxGrad()(a,a) "
    "SoftmaxGrad()(a[0],a[:1]) SoftmaxGrad()(T.arange(3),a) CrossentropyCategorical1Hot()(abs(a),T.arange(3)) "
    "CrossentropyCategorical1Hot()(a[0],T.arange(3)) CrossentropySoftmax1HotWithBiasDx()(a[:,0],a,T.arange(3)) "
    "CrossentropySoftmax1HotWithBiasDx()(a[0,1],a,T.arange(3)) CrossentropySoftmax1HotWithBiasDx()(a,a,T.arange(3)) "
    "CrossentropySoftmax1HotWithBiasDx()(a[:,0],a[0],T.arange(3)) Prepend_scalar_constant_to_each_row(2.5)(a) "
    "CrossentropySoftmax1HotWithBiasDx()(a[:,0],a,a[:,0]) crossentropy_softmax_1hot_with_bias(a[0],a[0],T.arange(3))[0] "
    "crossentropy_softmax_1hot_with_bias_dx(T.ones_like(a[:,0]),softmax(a),T.arange(3)) "
    "crossentropy_softmax_1hot_with_bias(a,T.arange(4),T.arange(3))[0] Prepend_scalar_constant_to_each_row()(a[0]) "
    "Prepend_scalar_to_each_row()(a[1,1],a) CrossentropyCategorical1HotGrad()(a[:,0],a,T.arange(3)) "
    "crossentropy_categorical_1hot_grad(a[:,1],abs(a),T.arange(3)[::-1]) "
    "softmax_simplifier([a],[exp(a)])[1][0] CrossentropySoftmaxArgmax1HotWithBias()(a,a,T.arange(3))[0] "
    "CrossentropySoftmaxArgmax1HotWithBias()(a,a[0],a[:,0])[0] "
    "conv3d2d.diagonal_subtensor(a.T,0,1) conv3d2d.diagonal_subtensor(a,1,0) "
    "conv3d2d.inc_diagonal_subtensor(a,1,0,a[:,:2])"
).split():
    _source = _source.replace("softmax(a)", "T.nnet.softmax(a)").replace("exp(a)", "T.exp(a)")
    _add("T.nnet." + _source, (3, 4))
for _output in range(3):
    _names = "a,b,T.cast(T.arange(3),'int32')"
    _add("T.nnet.CrossentropySoftmaxArgmax1HotWithBias()(%s)[%d]" % (_names, _output), (3, 4), (4,))
ROWS.append(("T.nnet.softmax_with_bias(a,b)", [(f4, (3, 4)), (f8, (4,))]))
ROWS.append(("T.nnet.CrossentropySoftmaxArgmax1HotWithBias()(a,b,T.arange(3))[0]", [(f4, (3, 4)), (f8, (4,))]))
ROWS.append(("T.nnet.SoftmaxGrad()(a,b)", [(f8, (3, 4)), (f4, (3, 4))]))
ROWS.append(("T.nnet.crossentropy_softmax_1hot_with_bias_dx(a,b,T.arange(3))", [(f8, (3,)), (f4, (3, 4))]))
ROWS.append(("T.nnet.Prepend_scalar_constant_to_each_row(2.5)(a)", [(i8, (3, 4))]))
for _axes in ((0, 2), (0, 1), (1, 2)):
    _add("T.nnet.conv3d2d.DiagonalSubtensor()(a,%d,%d)" % _axes, (4, 3, 2))
_add("T.nnet.conv3d2d.DiagonalSubtensor()(a,1,3)", (2, 4, 1, 3, 2))
_add("T.nnet.conv3d2d.IncDiagonalSubtensor()(a,0,2,b)", (4, 3, 2), (3, 3, 2))
_add("T.nnet.conv3d2d.IncDiagonalSubtensor()(a,0,1,b[0,0,0])", (4, 3, 2), (2, 3, 2))
