"""Pooling as rows of expressions (see ``expressions.py``), recorded from real Theano."""

import itertools

f8, f4, i4 = "float64", "float32", "int32"

ROWS = []


def _add(source, *shapes):
    """Rows alternate between the two dtypes."""
    ROWS.append((source, [((f8, f4)[len(ROWS) % 2], shape) for shape in shapes]))


_MODES = ["max", "sum", "average_inc_pad", "average_exc_pad"]
_POOL = "T.signal.pool.pool_2d(a,%r,ignore_border=%r,stride=%r,pad=%r,mode=%r)"
for _mode, _ws, _stride in itertools.product(_MODES, [(2, 2), (3, 2)], [None, (1, 2), (3, 1)]):
    _add(_POOL % (_ws, True, _stride, (0, 0), _mode), (2, 5, 6))
    _add(_POOL % (_ws, True, _stride, (1, 1), _mode), (1, 2, 4, 5))
    _add(_POOL % (_ws, False, _stride, (0, 0), _mode), (5, 4))
for _mode, _border in itertools.product(_MODES, [True, False]):
    _add(_POOL % ((1, 2), _border, (2, 3), (0, 0), _mode), (5, 7))
    _add("T.signal.pool.pool_3d(a,(2,2,1),%r,mode=%r)" % (_border, _mode), (1, 3, 4, 2))
_add("T.signal.pool.pool_3d(a,(2,2,2),True,(1,2,1),(1,0,1),'max')", (3, 4, 3))
_add("T.signal.pool.pool_3d(a,(2,2,2),True,(1,2,1),(1,0,1),'average_exc_pad')", (3, 4, 3))
_add("T.signal.pool.pool_2d(a,a.shape[-2:],ignore_border=True)", (2, 3, 4))
_add("T.signal.pool.pool_2d(a,(6,2),ignore_border=True)", (2, 3, 4))
_add("T.signal.pool.pool_2d(a,(6,2),ignore_border=False)", (2, 3, 4))
_add("T.signal.pool.max_pool_2d_same_size(a,(2,2))", (1, 1, 4, 6))
# Equal elements: all of them get the gradient
for _options in ("(2,2),True", "(2,3),True,(1,1)", "(2,2),False", "(3,3),True,(2,2),(1,1)"):
    ROWS.append(("T.signal.pool.pool_2d(a*0+b,%s)" % _options, [(f8, (5, 6)), (i4, (5, 6))]))
# Gradients of gradients
for _mode in _MODES:
    _source = "T.grad((T.signal.pool.pool_2d(a,(2,3),True,(1,2),mode=%r)**3).sum(),a)" % _mode
    _add(_source, (4, 5))
# Integers, and what is refused
ROWS.append(("T.signal.pool.pool_2d(a,(2,2),True)", [(i4, (4, 5))]))
ROWS.append(("T.signal.pool.pool_2d(a,(2,2),True,mode='sum')", [(i4, (4, 5))]))
_add("T.signal.pool.pool_2d(a,(2,2),True,mode='median')", (4, 5))
_add("T.signal.pool.pool_2d(a,(2.,2),True)", (4, 5))
_add("T.signal.pool.pool_2d(a)", (4, 5))
_add("T.signal.pool.pool_2d(a,(2,2),True)", (0, 4, 5))
