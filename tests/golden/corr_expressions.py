"""The Ops of ``nnet.corr`` and ``nnet.corr3d`` as rows of expressions (see ``expressions.py``), from real Theano."""

f8, f4 = "float64", "float32"
ROWS = []


def _add(source, *shapes):
    """Rows alternate between the two dtypes."""
    ROWS.append((source, [((f8, f4)[len(ROWS) % 2], shape) for shape in shapes]))


_C, _C3 = "T.nnet.corr.CorrMM", "T.nnet.corr3d.Corr3dMM"
_images, _filters = (2, 2, 5, 6), (3, 2, 3, 2)
for _options in (
    "",
    "'half'",
    "'full',(2,1)",
    "(1,2),(1,2),(2,1)",
    "((1,0),(2,1))",
    "2,filter_dilation=(1,2)",
):
    _add(_C + "(%s)(a,b)" % _options, _images, _filters)
_add(_C + "(num_groups=2)(a,b)", (2, 4, 4, 4), (4, 2, 2, 2))
_add(_C + "('valid',(1,1),(1,1),1,True)(a,b)", (2, 2, 3, 3), (2, 2, 2, 2, 2, 2))
for _options, _shape, _top in (
    ("", "", (3, 5)),
    ("'full'", "", (7, 7)),
    ("(1,2)", "", (5, 9)),
    ("(2,0),filter_dilation=(2,1)", "", (5, 5)),
    ("'half'", ",T.as_tensor_variable([3,2])", (5, 7)),
    ("subsample=(2,2)", ",T.as_tensor_variable([3,2])", (2, 3)),
    ("subsample=(2,2)", "", (2, 3)),
    ("'half'", "", (5, 7)),
):
    _add(_C + "_gradWeights(%s)(a,b%s)" % (_options, _shape), _images, (2, 3, *_top))
for _options, _shape, _top in (
    ("", "", (3, 5)),
    ("'full'", "", (7, 7)),
    ("(1,2)", "", (5, 9)),
    ("'half'", "", (5, 7)),
    ("(2,0),filter_dilation=(2,1)", "", (5, 5)),
    ("subsample=(2,2)", ",T.as_tensor_variable([5,6])", (2, 3)),
    ("subsample=(2,2)", "", (2, 3)),
):
    _add(_C + "_gradInputs(%s)(b,a%s)" % (_options, _shape), (2, 3, *_top), _filters)
_films, _filters3, _top3 = (2, 1, 4, 3, 4), (2, 1, 2, 2, 3), (2, 2, 3, 2, 2)
for _options in ("", "'half'", "(1,0,2),(2,1,1)"):
    _add(_C3 + "(%s)(a,b)" % _options, _films, _filters3)
_add(_C3 + "_gradWeights()(a,b)", _films, _top3)
_add(_C3 + "_gradWeights()(a,b,T.as_tensor_variable([2,2,3]))", _films, _top3)
_add(_C3 + "_gradWeights('half')(a,b)", _films, _films)
_add(_C3 + "_gradInputs()(a,b)", _filters3, _top3)
_add(_C3 + "_gradInputs(subsample=(2,1,1))(a,b)", _filters3, _top3)
for _name in (_C, _C3):
    for _options in ("'foo'", "-1", "(1,2,3,4)", "subsample=(1,)", "filter_dilation=(1,)", "num_groups=0"):
        _add(_name + "(%s)(a,b)" % _options, _images, _filters)
for _bad in ("(a[0],b)", "(a,b[0])"):
    for _direction in ("", "_gradWeights", "_gradInputs"):
        _add(_C + _direction + "()" + _bad, _images, _filters)
    _add(_C3 + "()" + _bad, _films, _filters3)
ROWS.append((_C + "()(a,b)", [(f4, _images), (f8, _filters)]))
ROWS.append((_C + "_gradWeights()(a,b)", [(f8, _images), (f4, (2, 3, 3, 5))]))
