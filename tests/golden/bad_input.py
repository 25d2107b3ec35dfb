"""Bad input: what is wrong, in which phase real Theano says so, and with which exception.

A row is source, values and words. `source` is evaluated with the Variables of `names`; what it returns is compiled if
it is a Variable (or a list of them), and called with `values` (the arguments of a ``dict(...)``; None: never called).
The phase is where the exception comes up: ``build`` (evaluating the source), ``compile`` or ``call``. `words`, between
bars, is what tx's message must hold besides: names, shapes, dtypes.
"""

import numpy as np

_NUMPY = {"np": np, "zeros": np.zeros, "ones": np.ones, "eye": np.eye, "array": np.array}


def names(theano, T):
    """The Variables of all rows, new ones for each."""
    tensors = {
        **{n: T.dvector(n) for n in ("x", "y")},
        **{n: T.dmatrix(n) for n in ("A", "B")},
        **{n: T.lvector(n) for n in ("iv", "jv")},
        **{n: T.lscalar(n) for n in ("i", "j")},
        **{"s": T.dscalar("s"), "t": T.dtensor3("t"), "t4": T.dtensor4("t4"), "im": T.lmatrix("im")},
        **{"c": T.zvector("c"), "f": T.fvector("f"), "i1": T.bvector("i1"), "row": T.drow("row"), "col": T.dcol("col")},
        **{"m": T.TensorType("bool", (False,))("m"), "u": T.TensorType("uint64", (False,))("u")},
        "S": theano.shared(np.arange(3.0), name="S"),
        "SI": theano.shared(np.arange(3), name="SI"),
    }
    return dict(tensors, theano=theano, T=T, np=np, tt=T.TensorType)


def failure(row, theano, T):
    """The exception of a row as (phase, exception), or (None, None) when there is none."""
    source, values, _ = row
    known, phase = names(theano, T), "build"
    try:
        result = eval(source, known)
        if values is None:
            return None, None
        given = eval("dict(%s)" % values, dict(_NUMPY, T=T))
        if isinstance(result, (theano.Variable, list, tuple)):
            phase = "compile"
            inputs = [known[n] for n in given]
            result = theano.function(inputs, result, on_unused_input="ignore")
            phase = "call"
            result(*given.values())
        else:
            phase = "call"
            result(*given.pop("args", ()), **given)
    except Exception as error:
        return phase, error
    return None, None


def _rows(*groups):
    """Rows from pairs of values and lines; each line is a source and, behind ``  # ``, its words."""
    rows = []
    for values, text in groups:
        for line in text.strip().splitlines():
            source, _, words = line.strip().partition("  # ")
            rows.append((source.strip(), values, [w for w in words.split("|") if w]))
    return rows


BUILD = _rows(
    (
        None,
        """
T.TensorType('float65', (False,))  # float65
x.transfer('gpu9')  # gpu9
x.transfer('cuda0')  # cuda0
x.transfer(None)  # None
T.transfer(x, 'dev0')  # dev0
theano.shared(np.ones(2), target='dev0')  # dev0
theano.shared(1.5, target='cuda')  # cuda
T._shared(np.ones(2), target='dev0')  # dev0
T.TensorType('object', ())  # object
T.TensorType(None, ())  # None
T.tensor3('a', dtype='nonsense')  # nonsense
T.vector(3)  # 3
T.dmatrix(['n'])  # n
T.as_tensor_variable('text')  # text
T.as_tensor_variable(None)  # None
T.as_tensor_variable(object())  # object
T.as_tensor_variable({'a': 1})  # a
T.as_tensor_variable(True)  # True
T.as_tensor_variable(np.array(['a', 'b']))  # a
T.as_tensor_variable([[1], [2, 3]])  # [1]
T.as_tensor_variable([x, 'a'])  # a
T.as_tensor_variable([x, s])  # same number of dimensions
T.as_tensor_variable(A, ndim=1)  # 1 dim|matrix
T.as_tensor_variable(np.zeros((2, 3)), ndim=1)  # 1 dim
T.as_tensor_variable(theano.gradient.DisconnectedType()())  # DisconnectedType
T.constant('text')  # text
T.constant(x)  # x
T.constant(np.zeros((2, 2)), ndim=1)  # 1 dim
T.constant(None)  # None
theano.shared(x)  # symbolic
theano.shared(S)  # S
theano.shared(1.0, strict='maybe', broadcastable=(True,))  # broadcastable
T.dvector().type.filter([[1.0]])  # (1, 1)|expected 1
T.dvector().type.filter('abc')  # abc
T.dvector().type.filter(x)  # Variable
T.dvector().type.filter([1.0], strict=True)  # ndarray|float64
T.dvector().type.filter(np.zeros(2, 'float32'), strict=True)  # float32|float64
T.fvector().type.filter(np.zeros(2))  # float32|float64
T.fvector().type.filter([0.1])  # float32|0.1
T.bvector().type.filter([300])  # int8|300
T.lvector().type.filter([1.5])  # int64|1.5
T.lscalar().type.filter(1.5)  # int64|1.5
T.bscalar().type.filter(300)  # int8|300
T.dscalar().type.filter(1j)  # float64|1j
T.drow().type.filter(np.zeros((2, 2)))  # (2, 2)|broadcastable
T.dscalar().type.filter(np.zeros(2))  # (2,)
T.dscalar().type.filter(None)  # None
T.dvector().type.filter_variable(A)  # matrix|vector|A
T.dvector().type.filter_variable(f)  # float32|float64|f
T.lvector().type.filter_variable(x)  # int64|x
bool(x > 1)
1 < x < 2
len(x)  # shape
len(s)
list(x)  # length not known
float(x)
int(i)
range(i)
np.zeros(3)[i]
x[1.5]  # 1.5
x[s]  # s
x[x]  # float64
x['a']  # a
x[None, None, 1, 2]  # 2
x[1, 2]
x[..., ...]
s[0]
A[0, 1, 2]
A[:, :, :]
A[..., 0, 1, 2]
x[1.0:]  # 1.0
x[s:]  # s
x[x:]
x[iv, iv]
A[iv, iv, iv]
x[c]  # complex128
x[f]  # float32
x[[0.5]]  # float64
x[object()]
x[slice('a', None)]
x[np.zeros((2, 2), bool)]
x[:, np.array([True])]
T.set_subtensor(x, 1)  # x
T.inc_subtensor(x + 1, 1)
T.set_subtensor(x[0], y)  # y|0-dim|vector
T.set_subtensor(x[:2], A)  # A
T.set_subtensor(A[0], t)  # t
T.set_subtensor(x.T, 1)
T.set_subtensor(x[iv], A)  # A
x.take('a')
x.take(iv, axis=3)  # 3
x.take(1.5)
x.nonzero(5, 6)
T.nonzero(s)
s.nonzero()
T.nonzero_values(s)
""",
    ),
    (
        None,
        """
x + None  # None
x + 'a'  # a
x + object()  # object
None * x  # None
x + [[1], [2, 3]]
T.exp(None)  # None
T.exp('a')  # a
T.exp()
T.exp(x, y)
T.add()
T.sub(x)
T.sub(x, y, A)
T.switch(x, y)
T.and_(x, y)  # float64
x & y  # float64
x | 1.5
~x  # float64
T.xor(iv, x)  # float64
x.invert()
T.invert(c)  # complex128
c % x  # complex
x % c  # complex
divmod(x, c)
T.clip(c, 0, 1)  # complex128
T.ceil(c)  # complex128
T.floor(c)  # complex128
T.trunc(c)  # complex128
T.round(c)  # complex128
T.round(x, mode='up')  # up
T.iround(c)
T.complex(c, x)  # complex128
T.complex_from_polar(x, c)  # complex128
T.cast(c, 'float64')  # complex
c.astype('int32')  # complex
T.cast(x, 'float65')  # float65
x.astype('text')  # text
T.cast(x, None)
T.cast('a', 'int8')  # a
T.isnan(None)
T.isclose(x, 'a')  # a
T.isclose(x, y, rtol='a')
theano.tensor.elemwise.Elemwise(theano.scalar.add)()
theano.tensor.elemwise.Elemwise(theano.scalar.add, {0: 0})(f, x)  # float32|float64
T.DimShuffle((False,), (0, 'x'))(A)  # (False,)|A
T.DimShuffle((True, False), (1,))(A)
T.DimShuffle((False, False), (1,))
T.DimShuffle((False,), (0, 0))
T.DimShuffle((False,), (1,))  # 1
T.DimShuffle((False,), ('y',))  # y
x.dimshuffle(0, 0)
x.dimshuffle(1)  # 1
A.dimshuffle(0)
A.dimshuffle('a', 0)
A.dimshuffle(0, 1, 2)  # 2
A.transpose(0)
A.transpose(0, 0)
A.transpose(0, 2)  # 2
A.swapaxes(0, 2)  # 2
T.addbroadcast(x, 1)  # 1
T.unbroadcast(x, 3)  # 3
T.patternbroadcast(x, (True, False))
T.addbroadcast(x, 'a')  # a
A.reshape('a')  # a
A.reshape((2, 'a'))  # a
A.reshape((2, 2.5))
A.reshape(x)  # float64
A.reshape(im)
A.reshape(iv)
T.reshape(None, (2,))  # None
A.flatten(3)  # 3
A.flatten(0)  # 0
T.flatten(A, -1)
x.flatten(x)
T.shape_padaxis(x, 5)  # 5
T.shape_padaxis(x, -4)  # -4
T.specify_shape(x, (2, 3))
T.specify_shape(x, (2.5,))
T.specify_shape(x, s)
T.tile(x, iv)  # ndim
T.tile(x, (1.5,))
T.tile(x, (2, 2), ndim=1)
T.tile(x, A)
T.roll(x, 1, axis=4)  # 4
T.roll('a', 1)
T.swapaxes(x, 0, 1)
T.stack([])
T.stack([x, A])  # same number of dimensions
T.stack([x, y], axis=3)  # 3
T.stack([x, y], axis=-4)  # -4
T.stack(x, y, z=3)
T.stack([x, None])  # None
T.join(0)
T.join(0, s, s)
T.join(0, x, A)  # same number of dimensions
T.join(1, x, y)  # 1
T.join(-3, x, y)  # -3
T.join(0, x, None)  # None
T.concatenate(x)  # tuple or a list
T.concatenate([])
T.concatenate([x, y], axis=2)  # 2
T.concatenate([x, s])
T.split(x, [1, 2])
T.split(x, [1.5, 2], 2)
T.split(x, s, 2)
T.zeros('a')  # a
T.zeros(2.5)  # 2.5
T.zeros((2, x))  # x
T.zeros((2, s))  # s
T.zeros((2,), dtype='foo')  # foo
T.ones((2, 'a'))
T.zeros_like(None)  # None
T.alloc(x)  # x
T.alloc(A, 3)  # A
T.alloc(1, 2.5)  # 2.5
T.alloc(1, x)  # x
T.alloc('a', 3)  # a
T.fill(x, None)
T.second(x, 'a')
T.eye(x)  # x
T.eye(3, 'a')
T.eye(3, dtype='foo')  # foo
T.arange(x)  # x
T.arange(0, 1, None)
T.arange(0, 'a')
T.arange(3, dtype='foo')  # foo
T.arange()
T.diag(s)
T.mgrid[0]
T.mgrid[:]
T.ogrid[0:x:1]
T.choose(iv, x, mode='x')  # x
T.choose(x, [y, y])  # float64
iv.choose('a')
T.choose(iv, [x, 'a'])
""",
    ),
    (
        None,
        """
x.sum(axis=1)  # 1
x.sum(axis=-2)  # -2
A.sum(axis=(0, 2))  # 2
A.sum(axis=0.5)  # 0.5
A.sum(axis='a')  # a
A.sum(axis=i)  # i
A.sum(axis=(0, None))
A.sum(dtype='foo')  # foo
x.sum(acc_dtype='int32')  # int32|float64
x.sum(acc_dtype='float32')  # float32|float64
c.sum(acc_dtype='float64')  # complex128|float64
x.sum(keepdims=1, foo=2)
T.sum(None)  # None
T.sum('a')  # a
x.prod(axis=1)  # 1
x.prod(acc_dtype='float32')
T.prod(A, axis=5, no_zeros_in_input=True)  # 5
x.mean(axis=1)  # 1
x.mean(axis='a')
x.mean(dtype='foo')
T.mean(None)
x.var(axis=2)  # 2
x.std(axis=2)  # 2
x.std(ddof='a')
x.max(axis=1)  # 1
A.max(axis=(0, 5))  # 5
A.max(axis='a')
A.max(axis=0.5)  # 0.5
A.max(axis=i)
x.max(axis=x)
c.min()  # complex128
c.argmin()
T.max('a')
T.max_and_argmax(A, axis=7)  # 7
A.argmax(axis=2)  # 2
A.argmax(axis=0.5)
A.argmin(axis=-3)  # -3
A.min(axis=-3)  # -3
x.any(axis=1)  # 1
x.all(axis=1)  # 1
T.all('a')
x.ptp(axis=3)  # 3
x.norm('a')
x.norm(2, axis=3)  # 3
T.cumsum(x, axis=1)  # 1
T.cumsum(A, axis=-3)  # -3
T.cumprod(x, axis=2)  # 2
T.cumsum('a')
T.extra_ops.CumOp(mode='sub')  # sub
T.extra_ops.bincount(A)  # A
T.extra_ops.bincount(x)  # float64
T.repeat(x, 1.5)
T.repeat(x, A)
T.repeat(x, iv, axis=4)  # 4
T.repeat(x, im)
T.repeat(x, u)  # uint64
T.extra_ops.bartlett(2.5)
T.extra_ops.bartlett(x)  # x
T.extra_ops.fill_diagonal(x, 1)  # x
T.extra_ops.fill_diagonal(A, x)  # x
T.extra_ops.fill_diagonal(SI.dimshuffle(0, 'x'), 1.5)
T.extra_ops.fill_diagonal_offset(t, 1, 0)  # t
T.extra_ops.fill_diagonal_offset(A, 1, 1.5)
T.extra_ops.fill_diagonal_offset(A, x, 1)  # x
T.extra_ops.unravel_index(x, (2, 2))  # float64
T.extra_ops.unravel_index(iv, x)
T.extra_ops.unravel_index(iv, iv)
T.extra_ops.unravel_index(iv, (2, 2), order='X')  # X
T.extra_ops.ravel_multi_index((x, x), (2, 2))  # float64
T.extra_ops.ravel_multi_index((iv, iv), (2, 2), mode='x')  # x
T.extra_ops.ravel_multi_index((iv, iv), (2, 2), order='X')  # X
T.extra_ops.ravel_multi_index((iv,), (2.5, 2))
T.extra_ops.searchsorted(A, 1)  # matrix
T.extra_ops.searchsorted(x, 1, side='x')  # x
T.extra_ops.searchsorted(x, 1, sorter=x)  # float64
T.extra_ops.to_one_hot(x, 3)  # x
T.extra_ops.squeeze(None)
T.extra_ops.compress(iv, x, axis=3)
T.extra_ops.Unique(axis=3)(x)  # 3
T.extra_ops.Unique(axis=-2)(x)
T.sort(None)
T.topk(x, 1, axis=2, sorted=False)  # 2
T.topk(s, 1, sorted=False)
T.topk(x, 1, idx_dtype='float32', sorted=False)  # float32
T.topk(x, x, sorted=False)
T.topk_and_argtopk(x, 1, axis='a', sorted=False)
""",
    ),
    (
        None,
        """
T.dot(x, None)  # None
T.dot('a', x)  # a
T.dot(x, 'a')
T.dot(s, 'a')
T.basic.Dot()(t, A)  # 3
T.basic.Dot()(s, x)  # 0
T.basic.Dot()(x)
T.outer(x, None)
T.tensordot(A, B, axes=3)  # 3
T.tensordot(A, B, axes=[[0], [0, 1]])
T.tensordot(A, B, axes=[[0, 1, 0], [0, 1, 1]])
T.tensordot(A, B, axes=[[2], [0]])  # 2
T.tensordot(A, B, axes=[[0], [-3]])  # -3
T.tensordot(A, B, axes=[[0]])
T.tensordot(A, B, axes='ab')
T.tensordot(x, s, axes=1)
T.batched_dot(s, A)
T.batched_dot(A, s)
T.batched_tensordot(t, t, axes=4)
T.batched_tensordot(t, t, axes=[[0], [1]])
T.batched_tensordot(s, t)
T.nlinalg.matrix_inverse(x)  # x
T.nlinalg.matrix_inverse(t)
T.nlinalg.det(x)  # x
T.nlinalg.pinv(x)
T.nlinalg.eig(x)
T.nlinalg.eigh(x)
T.nlinalg.eigh(A, UPLO='X')
T.nlinalg.svd(x)  # x
T.nlinalg.qr(x)  # x
T.nlinalg.qr(A, mode='foo')
T.nlinalg.trace(x)
T.nlinalg.diag(t)
T.nlinalg.norm(t, 'fro')
T.nlinalg.norm(x, 'fro')
T.nlinalg.norm(x, 'foo')
T.nlinalg.norm(A, 'foo')
T.nlinalg.norm(A, 0)
T.nlinalg.matrix_power(A, 1.5)
T.nlinalg.matrix_dot()
T.nlinalg.AllocDiag()(A)
T.nlinalg.ExtractDiag()(x)
T.ExtractDiag()(x)
T.AllocDiag()(s)
T.diagonal(x)
T.slinalg.cholesky(x)  # x
T.slinalg.Cholesky(on_error='x')
T.slinalg.solve(x, x)
T.slinalg.solve(A, t)
T.slinalg.Solve('foo')  # foo
T.slinalg.Eigvalsh(lower=None)
T.slinalg.eigvalsh(x, A)
T.slinalg.eigvalsh(A, x)
T.slinalg.expm(x)
T.slinalg.kron(x, y)
T.slinalg.kron(x, s)
T.fft.rfft(x)
T.fft.irfft(x)
T.fft.rfft(A, norm='foo')  # foo
T.fft.irfft(t, norm='foo')  # foo
T.nnet.softmax(t)
T.nnet.softmax(s)
T.nnet.softmax(iv)  # int64
T.nnet.relu('a')
T.nnet.categorical_crossentropy(A, t)
T.nnet.categorical_crossentropy(A, x)
""",
    ),
    (
        None,
        """
T.grad(x, x)  # x
T.grad(x ** 2, x)
T.grad(A.sum(axis=0), A)
T.grad(None, x)
T.grad(3.0, x)
T.grad(s, None)
T.grad(s, 'a')
T.grad(s, 3)
T.grad(s ** 2, x)  # x
T.grad(s ** 2, [s, x])
T.grad(x.sum(), x.shape)
T.grad(x.sum(), x.sum() * 2)
T.grad(x[i] ** 2, i)
T.grad(s ** 2, x, disconnected_inputs='foo')  # foo
T.grad(s ** 2, x, return_disconnected='foo', disconnected_inputs='ignore')  # foo
T.grad(None, x, known_grads={})
T.grad(None, x, known_grads={x: 1})
T.grad(None, x, known_grads={x * 2: T.dmatrix()})
T.grad(s ** 2, s, known_grads={s: iv[0]})
T.grad(s ** 2, s, consider_constant=3)
T.grad(c.sum(), c)  # complex
T.grad(T.arange(s).sum(), s)
T.grad(T.sort(x, axis=i).sum(), x)
T.grad(theano.gradient.grad_undefined(T.exp, 0, x, 'why').sum(), x)
""",
    ),
)

FUNCTION = _rows(
    (
        None,
        """
theano.function([x], y)  # y
theano.function([x], x + y)  # y
theano.function([], s)  # s
theano.function([x, y], x)  # y|1
theano.function([x, x], x)  # x
theano.function([theano.In(x), theano.In(x)], x)
theano.function([x + 1], x)
theano.function([x], 3)
theano.function([x], [x, 3])
theano.function([x], 'a')
theano.function([x], {1: x})
theano.function([x], {'a': x, 2: x})
theano.function([x], {'a': 'b'})
theano.function(x, x)  # list
theano.function({x}, x)
theano.function([3], x)  # 3
theano.function(['x'], x)  # x
theano.function([None], x)  # None
theano.function([S], S)  # S
theano.function([S], S * 2)  # S
theano.function([T.constant(1)], x)
theano.function([T.constant(1.0)], T.constant(2.0))
theano.function([T.constant(1.0)], T.constant(2.0), on_unused_input='ignore')
theano.function([(x, 1.0)], x)
theano.function([(x, 1.0, 2.0, 3.0)], x)
theano.function([x], x, updates=[(x, x)])
theano.function([x], x, updates=[(y, x)])  # y
theano.function([x], x, updates=[(S, 'a')])
theano.function([x], x, updates=[(S, A)])
theano.function([A], A, updates=[(S, A)])  # S|matrix|vector
theano.function([f], f, updates=[(SI, f)])  # SI|int64|float32
theano.function([x], x, updates=[(SI, SI * 1.5)])  # SI|int64|float64
theano.function([c], c, updates=[(S, c)])  # S|complex128|float64
theano.function([x], x, updates=[(S, S), (S, S + 1)])  # S
theano.function([x], x, updates=[(S, None)])
theano.function([x], x, updates=[S])
theano.function([x], x, updates=[(S, x, 1)])
theano.function([x], x, updates=3)
theano.function([x], x, updates={S: y})  # y
theano.function([x], x, givens={x: A})  # x|givens
theano.function([x], x * y, givens={y: A})  # A|y
theano.function([x], x * y, givens={y: f})
theano.function([x], x * y, givens={y: c})
theano.function([x], x * y, givens={y: 'a'})
theano.function([x], x * y, givens={y: np.zeros((2, 2))})
theano.function([x], x * y, givens=[(y, A)])
theano.function([x], x * y, givens={3: x})
theano.function([x], x * y, givens=[y])
theano.function([x], x * y, givens={y: iv})
theano.function([x], x, mode='FOO')  # FOO
theano.function([x], x, mode=3)
theano.function([x, y], x, on_unused_input='foo')  # foo
theano.function([x, y], x, on_unused_input='raise')
theano.function([x], x, no_default_updates='a')
theano.function([x], x, bogus=3)
theano.function([x])(1, 2)
theano.function()
theano.In(3)
theano.In('x')
theano.In(x, value='a', bogus=1)
theano.function([theano.In(x, value='abc')], x)
theano.function([theano.In(x, value=np.zeros((2, 2)))], x)
S.set_value('a')
S.set_value(np.zeros((2, 2)))  # 2
S.set_value(np.zeros(2, 'complex128'))  # complex128
SI.set_value(np.array([1.5]))  # int64|float64
SI.set_value([1.5])  # 1.5
S.set_value(x)  # x
S.clone(3)
x.eval()  # x
x.eval({y: 3})
x.eval({x: np.zeros((2, 2))})  # (2, 2)
x.eval(3)
x.eval({'x': np.zeros(2)})
(x + y).eval({x: np.zeros(2)})  # y
x.eval({x: np.zeros(2), y: np.zeros(2)})
""",
    ),
    (
        "args=()",
        """
theano.function([x], x * 2)  # x
theano.function([x, y], x * y)  # x
theano.function([x, theano.In(y, value=np.zeros(2))], x * y)  # x
""",
    ),
    (
        "args=(zeros(2), zeros(2), zeros(2))",
        """
theano.function([x], x * 2)  # 1|3
theano.function([x, y], x * y)  # 2|3
theano.function([], S * 2)  # 0|3
""",
    ),
    ("args=(zeros(2),), z=3", "theano.function([x], x)  # z"),
    ("args=(zeros(2),), x=zeros(2)", "theano.function([x], x)  # x"),
    ("args=(zeros(2),), y=zeros(2), q=1", "theano.function([x, y], x * y)  # q"),
    ("args=(zeros((2, 2)),)", "theano.function([x], x)  # x|(2, 2)|index 0"),
    ("args=(1.0,)", "theano.function([x], x)  # x|index 0"),
    ("args=('abc',)", "theano.function([x], x)  # x|abc"),
    ("args=([[1], [2, 3]],)", "theano.function([x], x)  # x"),
    ("args=(array([1j]),)", "theano.function([x], x)  # x|complex128|float64"),
    ("args=([1j],)", "theano.function([x], x)  # x|float64"),
    ("args=(array([1.5]),)", "theano.function([iv], iv)  # iv|int64|float64"),
    ("args=([1.5],)", "theano.function([iv], iv)  # iv|int64|1.5"),
    ("args=(1.5,)", "theano.function([i], i)  # i|int64|1.5"),
    ("args=(array([0.1]),)", "theano.function([f], f)  # f|float32|float64"),
    ("args=([0.1],)", "theano.function([f], f)  # f|float32"),
    ("args=(array([0], 'int64'),)", "theano.function([f], f)  # f|float32|int64"),
    ("args=(array([300]),)", "theano.function([i1], i1)  # i1|int8|int64"),
    ("args=([300],)", "theano.function([i1], i1)  # i1|int8|300"),
    ("args=(array([1], 'int64'),)", "theano.function([u], u)  # u|uint64|int64"),
    ("args=([-1],)", "theano.function([u], u)  # u|uint64|-1"),
    ("args=(array([1]),)", "theano.function([m], m)  # m|bool|int64"),
    ("args=(zeros((2, 3)),)", "theano.function([row], row)  # row|(2, 3)"),
    ("args=(zeros((2, 3)),)", "theano.function([col], col)  # col|(2, 3)"),
    ("args=(zeros(2, 'float32'),)", "theano.function([theano.In(x, strict=True)], x)  # x|float32|float64"),
    ("args=([1.0, 2.0],)", "theano.function([theano.In(x, strict=True)], x)  # x|ndarray"),
    ("args=(array([0.1]),)", "theano.function([theano.In(f, allow_downcast=False)], f)  # f|float32|float64"),
    ("args=(0.1,)", "theano.function([theano.In(T.fscalar('w'), allow_downcast=False)], S)  # w"),
    ("args=(zeros((2, 2)),)", "theano.function([f], f, allow_input_downcast=True)  # f|(2, 2)"),
    ("args=(T.dvector('w'),)", "theano.function([x], x)  # x|Variable"),
    ("args=(zeros(2), zeros((2, 2)))", "theano.function([x, y], x * y, name='area')  # y|area|index 1"),
    ("args=(zeros(2),), output_subset=[7]", "theano.function([x], [x, x])"),
)

CALL = _rows(
    (
        "x=zeros(3), y=zeros(4)",
        """
x + y  # x|y|(3,)|(4,)|float64
x * y - 1  # 3|4
x < y  # 3|4
T.switch(x, y, 1.0)  # 3|4
T.maximum(x, y)  # 3|4
T.exp(x) + T.exp(y)  # 3|4
x + y[:1]  # 3|1
x.dimshuffle(0, 'x') + T.stack([y, y])  # 3|2
T.dot(x, y)  # x|y|(3,)|(4,)
T.dot(T.stack([x, x]), y)  # (2, 3)|(4,)
T.dot(x, T.stack([y, y]).T.T)  # (3,)|(2, 4)
T.dot(T.stack([x, x]), T.stack([y, y]))  # (2, 3)|(2, 4)
T.tensordot(x, y, 1)
T.stack([x, y])  # 3|4
T.join(1, T.stack([x, x]), y.dimshuffle(0, 'x'))  # (2, 3)|(4, 1)
T.join(0, T.stack([x, x]), T.stack([y, y]))  # (2, 3)|(2, 4)
T.batched_dot(T.stack([x, x]), T.stack([y, y]))
T.batched_dot(T.stack([x, x, x]), T.stack([y, y]))
x.reshape((2, 2))  # 3|(2, 2)
x.reshape((2, -1))  # 3
x.reshape((-1, 0))
T.reshape(x, x.shape + 1)
T.set_subtensor(x[:2], y)  # (4,)|(2,)
T.inc_subtensor(x[:2], y)  # (4,)|(2,)
T.set_subtensor(x[[0, 1]], y)  # (4,)
T.inc_subtensor(x[[0, 1]], y)  # (4,)
T.set_subtensor(x[:2], y[:0])
T.alloc(x, 2, 4)  # 3|4
T.zeros((T.cast(x[0], 'int64') - 1,))  # -1
T.zeros((-2,))
T.eye(T.cast(x[0], 'int64') - 1)
T.fill(T.stack([y, y]), x)
T.specify_shape(x, (2,))  # (3,)|2
T.specify_shape(x, y.shape)
T.addbroadcast(x, 0)  # 3|1
T.addbroadcast(x, 0) * y
x.dimshuffle('x', 0) * y.dimshuffle(0, 'x') + T.stack([x, x])
x[5]  # 5|3
x[-4]  # -4|3
x[[0, 3]]  # 3
x[[0, -4]]
x[T.cast(x[0], 'int64') + 3]
T.stack([x, x])[2]
T.stack([x, x])[0, 3]
T.stack([x, x])[[0, 1], [0, 1, 2]]
x.take([0, 5])  # 5
x.take(7)  # 7
x[::0]
x[:0].max()
x[:0].min()
x[:0].argmax()
T.max_and_argmax(x[:0])
T.stack([x, x])[:, :0].max(axis=1)
T.split(x, [1, 1], 2)  # 3
T.split(x, [1, 2, 1], 2)
T.split(x, [4, -1], 2)
T.split(x, [1, 2], 3)
T.split(x, [1, 1, 2], 3)
T.arange(0, 5, T.cast(x[0], 'int64'))
T.arange(0.0, 5.0, x[0])
T.tile(x, -1)
T.repeat(x, -1)
T.repeat(x, T.cast(y, 'int64'))
T.repeat(x, [1, -1, 2])
T.repeat(x, [1, 2])
T.choose(T.cast(x, 'int64') + 2, [y, y])
T.choose(T.cast(x, 'int64'), [y, y])
T.sort(x, axis=i)
T.topk(x, 4, sorted=False)
T.extra_ops.bincount(T.cast(x, 'int64') - 1)
T.extra_ops.bincount(T.cast(x, 'int64'), weights=y)
T.extra_ops.compress([True, True, True, True, True], x)
T.extra_ops.unravel_index(T.cast(x, 'int64') + 9, (2, 2))
T.extra_ops.unravel_index(T.cast(x, 'int64') - 1, (2, 2))
T.extra_ops.ravel_multi_index((T.cast(x, 'int64') + 9, T.cast(x, 'int64')), (2, 2))
T.extra_ops.searchsorted(x, y, sorter=[0, 1])
T.extra_ops.to_one_hot(T.cast(x, 'int64') + 9, 3)
T.extra_ops.fill_diagonal(T.alloc(0.0, 2, 3, 3), 1.0)
T.extra_ops.squeeze(x)[5]
T.cast(x, 'int64') // T.cast(x, 'int64')
T.cast(x, 'int64') % 0
T.nlinalg.matrix_inverse(T.stack([x, x]))  # (2, 3)
T.nlinalg.matrix_inverse(T.stack([x, x, x]))
T.nlinalg.det(T.stack([x, x]))  # (2, 3)
T.nlinalg.eig(T.stack([x, x]))[0]
T.nlinalg.eigh(T.stack([x, x]))[0]
T.nlinalg.trace(T.stack([x, x]))[5]
T.nlinalg.matrix_power(T.stack([x, x]), 2)
T.slinalg.cholesky(T.stack([x, x, x]) - 1)
T.slinalg.cholesky(T.stack([x, x]))
T.slinalg.solve(T.stack([x, x, x]), x)
T.slinalg.solve(T.eye(3), y)
T.slinalg.solve(T.stack([x, x]), x)
T.slinalg.solve_lower_triangular(T.eye(3), y)
T.slinalg.solve_lower_triangular(T.stack([x, x, x]), x)
T.slinalg.eigvalsh(T.stack([x, x]), T.eye(2))
T.slinalg.expm(T.stack([x, x]))
T.nlinalg.tensorinv(T.alloc(1.0, 2, 3, 2, 2), 2)
T.nnet.categorical_crossentropy(T.nnet.softmax(T.stack([x, x])), T.cast(y[:2], 'int64') + 9)
T.nnet.softmax(x) + T.nnet.softmax(y)
T.patternbroadcast(T.stack([x, x]), (True, False))
T.outer(x, y) + T.outer(y, x)
T.dot(x, y[:0])
T.roll(x, 1)[7]
T.diag(T.stack([x, x]))[2]
T.AllocDiag()(x) + T.AllocDiag()(y)
T.diagonal(T.stack([x, x]), 1)[2]
T.join(0, x, y)[7]
""",
    ),
    ("x=zeros(3), i=3", "x[i]  # x|i|3\nT.set_subtensor(x[i], 1.0)  # 3\nT.inc_subtensor(x[i], 1.0)\nx[i:i + 1][0]"),
    ("x=zeros(3), i=-4", "x[i]  # -4|3\nx.take(i)\nT.set_subtensor(x[i], 1.0)\nT.zeros((i,))  # -4\nT.arange(3)[i]"),
    ("x=zeros(3), i=0", "x[::i]\nT.arange(0, 3, i)\n1 // i\n1 % i\nx.reshape((i, i))"),
    ("x=zeros(3), iv=[0, 3]", "x[iv]  # x|iv|3\nT.set_subtensor(x[iv], 1.0)  # 3\nT.inc_subtensor(x[iv], 1.0)"),
    ("x=zeros(3), iv=[2, 2]", "x.reshape(iv, ndim=2)  # 3|(2, 2)\nT.tile(x, iv, ndim=2)[9]"),
    ("A=zeros((2, 3)), iv=[0], jv=[3]", "A[iv, jv]  # 3\nA[:, jv]  # 3\nA[jv]  # 3\nT.set_subtensor(A[iv, jv], 0.0)"),
    ("A=zeros((2, 3)), iv=[0, 1], jv=[0, 1, 2]", "A[iv, jv]  # 2|3\nA[:, iv][:, jv]"),
    (
        "t=zeros((2, 3, 4)), A=zeros((3, 4))",
        "T.batched_dot(t, t)  # (2, 3, 4)\nT.batched_dot(t, A)\nT.tensordot(t, A, [[0], [0]])",
    ),
    ("t=zeros((2, 3, 4)), B=zeros((4, 3))", "T.dot(t, B.T)\nt + B\nT.batched_tensordot(t, t, 1)"),
)

ROWS = [*BUILD, *FUNCTION, *CALL]
