"""Convolutions and upsampling as rows of expressions (see ``expressions.py``), recorded from real Theano."""

import itertools

f8, f4 = "float64", "float32"

ROWS = []


def _add(source, *shapes):
    """Rows alternate between the two dtypes."""
    dtype = (f8, f4)[len(ROWS) % 2]
    ROWS.append((source, [(dtype, shape) for shape in shapes]))


def _output(shape, kernel, mode, step, dilation=(1, 1)):
    """Rows and columns of the output."""
    lengths = []
    for d in range(len(shape)):
        dilated = (kernel[d] - 1) * dilation[d] + 1
        pad = {"valid": 0, "half": dilated // 2, "full": dilated - 1}.get(mode) if isinstance(mode, str) else mode
        pad = pad[d] if isinstance(pad, tuple) else pad
        both = sum(pad) if isinstance(pad, tuple) else 2 * pad
        lengths.append((shape[d] + both - dilated) // step[d] + 1)
    return tuple(lengths)


_MODES = ["valid", "half", "full", 1, (1, 2), ((1, 2), 0), ((0, 1), (2, 1))]
_STEPS = [(1, 1), (2, 1), (2, 3)]

for _mode, _step, _flip in itertools.product(_MODES, _STEPS, [True, False]):
    _dilation = [(1, 1), (1, 2), (2, 1)][len(ROWS) % 3]
    _options = "border_mode=%r,subsample=%r,filter_flip=%r,filter_dilation=%r" % (_mode, _step, _flip, _dilation)
    _add("T.nnet.conv2d(a,b,%s)" % _options, (1, 2, 5, 6), (2, 2, 3, 2))
# Some in both dtypes
for _mode in _MODES:
    _source = "T.nnet.conv2d(a,b,(2,1,4,5),(3,1,2,3),border_mode=%r)" % (_mode,)
    ROWS.append((_source, [(f8, (2, 1, 4, 5)), (f8, (3, 1, 2, 3))]))
    ROWS.append((_source, [(f4, (2, 1, 4, 5)), (f4, (3, 1, 2, 3))]))
for _mode, _step in itertools.product(["valid", "half", "full", (1, 0)], _STEPS[:2]):
    _options = "border_mode=%r,subsample=%r,num_groups=2" % (_mode, _step)
    _add("T.nnet.conv2d(a,b,%s)" % _options, (2, 4, 4, 3), (2, 2, 2, 2))
    _kernel = (2, *_output((4, 3), (2, 2), _mode, _step), 1, 2, 2)
    _options = "border_mode=%r,subsample=%r,unshared=True" % (_mode, _step)
    _add("T.nnet.conv2d(a,b,%s)" % _options, (1, 1, 4, 3), _kernel)
_add(
    "T.nnet.conv2d(a,b,unshared=True,num_groups=2,filter_flip=False,filter_dilation=(1,2))",
    (1, 4, 3, 4),
    (2, 2, 2, 2, 2, 2),
)
for _mode, _step in itertools.product(["valid", "half", "full", (1, 0, 2)], [(1, 1, 1), (2, 1, 2)]):
    for _more in ("", ",filter_flip=False,filter_dilation=(1,2,1)"):
        _options = "border_mode=%r,subsample=%r%s" % (_mode, _step, _more)
        _add("T.nnet.conv3d(a,b,%s)" % _options, (1, 2, 3, 4, 3), (2, 2, 2, 2, 2))
_add("T.nnet.conv3d(a,b,num_groups=2)", (1, 2, 3, 3, 3), (2, 1, 2, 2, 2))
for _mode, _step in itertools.product(["valid", "half", "full", (1, 2), ((1, 0), 1)], _STEPS[:2]):
    _top = (1, 2, *_output((5, 4), (3, 2), _mode, _step))
    _options = "border_mode=%r,subsample=%r" % (_mode, _step)
    _add("T.nnet.abstract_conv.conv2d_grad_wrt_inputs(a,b,(1,2,5,4),%s)" % _options, _top, (2, 2, 3, 2))
    _add("T.nnet.abstract_conv.conv2d_grad_wrt_weights(a,b,(2,2,3,2),%s)" % _options, (1, 2, 5, 4), _top)
    _options = "%r,input_dilation=%r,filter_flip=False" % (_mode, _step)
    _add("T.nnet.conv2d_transpose(a,b,(None,None,5,4),None,%s)" % _options, _top, (2, 2, 3, 2))
for _mode in ("valid", "half"):
    _top = (1, 2, *_output((3, 4, 3), (2, 2, 2), _mode, (1, 1, 1), (1, 1, 1)))
    _options = "border_mode=%r" % (_mode,)
    _add("T.nnet.abstract_conv.conv3d_grad_wrt_inputs(a,b,(1,1,3,4,3),%s)" % _options, _top, (2, 1, 2, 2, 2))
    _add("T.nnet.abstract_conv.conv3d_grad_wrt_weights(a,b,(2,1,2,2,2),%s)" % _options, (1, 1, 3, 4, 3), _top)
for _mode in ("valid", "half", (1, 2)):
    _options = "2,border_mode=%r,subsample=(2,1)" % (_mode,)
    _add("T.nnet.separable_conv2d(a,b,c,%s)" % _options, (1, 2, 5, 4), (4, 1, 2, 3), (3, 4, 1, 1))
_add("T.nnet.abstract_conv.separable_conv3d(a,b,c,2)", (1, 2, 3, 3, 2), (2, 1, 2, 2, 2), (2, 2, 1, 1, 1))
for _options in ("", ",subsample=2", ",filter_dilation=2", ",filter_flip=False", ",input_shape=(1,2,6)"):
    _add("T.nnet.abstract_conv.causal_conv1d(a,b,(2,2,3)%s)" % _options, (1, 2, 6), (2, 2, 3))
for _ratio in (1, 2, 3, 4):
    _add("T.nnet.abstract_conv.bilinear_upsampling(a,%d)" % _ratio, (1, 2, 2, 3))
    _add("T.nnet.abstract_conv.bilinear_upsampling(a,%d,use_1D_kernel=False)" % _ratio, (1, 1, 3, 2))
    _add("T.nnet.abstract_conv.bilinear_kernel_2D(%d)" % _ratio, (1,))
    _add("T.nnet.abstract_conv.bilinear_kernel_1D(%d,normalize=False)" % _ratio, (1,))
for _ratio in ((3, 2), (5, 3), (4, 2), (2, 3), ((2, 1), (7, 3)), ((6, 4), (1, 2))):
    _add("T.nnet.abstract_conv.frac_bilinear_upsampling(a,%r)" % (_ratio,), (1, 2, 3, 4))
for _mode in ("valid", "full"):
    _add("T.nnet.conv.conv2d(a,b,border_mode=%r)" % _mode, (2, 2, 4, 3), (1, 2, 2, 3))
    _add("T.nnet.conv.conv2d(a,b,border_mode=%r,subsample=(2,1))" % _mode, (1, 2, 5, 4), (2, 2, 2, 2))
    _add("T.signal.conv.conv2d(a,b,border_mode=%r)" % _mode, (4, 3), (2, 2))
    _add("T.signal.conv.conv2d(a,b,border_mode=%r)" % _mode, (2, 4, 3), (2, 2))
    _add("T.signal.conv.conv2d(a,b,border_mode=%r)" % _mode, (4, 3), (2, 2, 3))
    _add("T.signal.conv.conv2d(a,b,border_mode=%r)" % _mode, (2, 4, 3), (2, 3, 2))
# Refused
_add("T.nnet.conv2d(a,b)", (1, 2, 3, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b)", (1, 1, 2, 3), (1, 1, 3, 2))
_add("T.nnet.conv2d(a,b,border_mode=-1)", (1, 1, 2, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b,border_mode='same')", (1, 1, 2, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b,border_mode=(1,))", (1, 1, 2, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b,subsample=(1,))", (1, 1, 2, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b,num_groups=0)", (1, 1, 2, 3), (1, 1, 2, 2))
_add("T.nnet.conv2d(a,b)", (1, 2, 3), (1, 1, 2, 2))
# Nothing to convolve
_add("T.nnet.conv2d(a,b)", (0, 1, 3, 3), (2, 1, 2, 2))
# Gradients of gradients
_add("T.grad((T.nnet.conv2d(a,b,border_mode='half',subsample=(2,1))**3).sum(),a)", (1, 2, 4, 3), (2, 2, 3, 2))
_add("T.grad((T.nnet.conv2d(a,b,border_mode=(1,0),num_groups=2)**3).sum(),b)", (1, 2, 4, 3), (2, 1, 2, 2))
