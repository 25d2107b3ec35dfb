"""Draws of RandomStreams recorded from real Theano, by `record_random_streams.py` into ``random_streams.json``.

A row is the source of a draw. It sees the streams ``R``, ``T``, ``np``, ``scan``, a symbolic length ``n`` (3), a zero
length ``z`` (0), a size ``v`` ([2, 3]), integers ``l`` ([1, 2, 5]), probabilities ``x`` ([.1, .2, .3]), ``f`` (float32)
and ``m`` (two rows). A function with the draw is called twice, and once more after ``R.seed(77)``.
"""

import numpy as np

SEEDS = (3, 12345, 2**32 - 1)
FLOATS = ("float64", "float32")

ROWS = [
    "R.uniform()",
    "R.uniform(())",
    "R.uniform((4,))",
    "R.uniform([2, 1, 3])",
    "R.uniform((n, 1))",
    "R.uniform((n, z))",
    "R.uniform((0,))",
    "R.uniform(v, ndim=2)",
    "R.uniform((n,), ndim=1)",
    "R.uniform(m.shape)",
    "R.uniform(np.array([2, 1]))",
    "R.uniform((2, 2), dtype='float32')",
    "R.uniform((2,), dtype='float16')",
    "R.uniform((4,), -5, 5, dtype='int32')",
    "R.uniform((2,), low=5, high=1)",
    "R.uniform(low=x)",
    "R.uniform(low=m, high=x)",
    "R.uniform(low=f, high=2)",
    "R.uniform(low=f, high=2, dtype='float32')",
    "R.uniform((3,), low=x, high=[1, 2, 3])",
    "R.uniform((2, 3), low=x)",
    "R.uniform((2, -1), low=m)",
    "R.uniform((-1, 2), low=np.zeros((3, 2)))",
    "R.uniform(low=m, ndim=2)",
    "R.uniform((4,), low=np.float32(-1), high=np.float32(1))",
    "R.uniform((2,), low=l.sum())",
    "R.uniform(low=T.zeros((1, 3)), high=T.ones((2, 1)))",
    "R.normal()",
    "R.normal((3,))",
    "R.normal((2, 2))",
    "R.normal((n, z))",
    "R.normal(v, ndim=2)",
    "R.normal((3,), avg=x, std=2)",
    "R.normal(avg=x, std=f[0])",
    "R.normal((2, 3), avg=l, dtype='float32')",
    "R.normal((3,), std=10, dtype='int64')",
    "R.normal((1,)) + R.normal((1,))",
    "R.binomial()",
    "R.binomial((7,))",
    "R.binomial((n, 4), 10, 0.3)",
    "R.binomial((3,), l, x)",
    "R.binomial(n=l, p=0.3)",
    "R.binomial(n=1, p=m)",
    "R.binomial(n=1, p=f, dtype='float32')",
    "R.binomial(v, n=100, p=0.6, ndim=2, dtype='int8')",
    "R.binomial((5,), dtype='floatX')",
    "R.binomial((n, z), dtype='float64')",
    "R.binomial(T.tanh(m.dot(m.T)).shape, p=0.8, dtype='floatX')",
    "R.binomial(p=T.nnet.sigmoid(m.dot(m.T)), dtype='floatX')",
    "R.poisson((5,), lam=3)",
    "R.poisson((n, 2), lam=30.5)",
    "R.poisson((3,), lam=l, dtype='float32')",
    "R.poisson(v, lam=0, ndim=2, dtype='int16')",
    "R.poisson((z,), lam=2)",
    "R.multinomial()",
    "R.multinomial((2,), n=3, pvals=[.2, .3, .5])",
    "R.multinomial((n,), n=n)",
    "R.multinomial(v, n=n, ndim=2)",
    "R.multinomial((3,), n=l, pvals=[.2, .3, .5])",
    "R.multinomial(n=l, pvals=[[.2, .8]])",
    "R.multinomial(n=3, pvals=m / 2)",
    "R.multinomial((3, 2), n=3, pvals=m / 2)",
    "R.multinomial((2, 3), n=np.array([[1], [2]]), pvals=np.array([[.3, .7]] * 3))",
    "R.multinomial((1,), n=300, pvals=f / f.sum(), dtype='float32')",
    "R.multinomial((), n=1000, pvals=[.3, .4, .3000001])",
    "R.multinomial((n,), n=100, pvals=np.array([.1, .2, .7], 'float32'))",
    "R.multinomial((n,), n=5.9, pvals=[.3, .3])",
    "R.multinomial((z,), n=3)",
    "R.permutation()",
    "R.permutation(None, 5)",
    "R.permutation((), 5)",
    "R.permutation((2,), 5)",
    "R.permutation((n, 2), n, dtype='int32')",
    "R.permutation(v, n, ndim=2)",
    "R.permutation((1,), 1)",
    "R.permutation((z,), 4)",
    "R.permutation((2,), 0)",
    "R.permutation((2,), 3, dtype='float64')",
    "R.random_integers()",
    "R.random_integers((5,), 2, 9)",
    "R.random_integers((3,), low=l, high=9)",
    "R.random_integers(low=l, high=[[9], [8]])",
    "R.random_integers(v, high=2**40, ndim=2)",
    "R.random_integers((4,), low=-3.7, high=3.2)",
    "R.random_integers((3,), low=np.array([0, 2**40, 5]), high=np.array([2**45, 2**41, 5]))",
    "R.random_integers((4,), high=255, dtype='uint8')",
    "R.random_integers((n, z), dtype='float32')",
    "R.choice((4,))",
    "R.choice((), 7)",
    "R.choice((n,), n)",
    "R.choice((n,), l)",
    "R.choice((4,), f, dtype='float32')",
    "R.choice((3,), 5, replace=False)",
    "R.choice((4,), 3, p=x / x.sum())",
    "R.choice((4,), l, p=x / x.sum())",
    "R.choice((2,), 3, replace=False, p=[.5, .25, .25])",
    "R.choice(v, 3, ndim=2, dtype='int32')",
    "R.choice((3,), 5, replace=n)",
    "R.choice((0,), 3)",
    "R.shuffle_row_elements(l)",
    "R.shuffle_row_elements(m)",
    "R.shuffle_row_elements(np.arange(12).reshape(2, 2, 3))",
    "R.shuffle_row_elements(T.zeros((z, 3)))",
    "R.shuffle_row_elements(T.zeros((2, z)))",
    "R.uniform((3,)) + R.uniform((3,))",
    "R.uniform((2,), low=R.normal((2,)), high=10)",
    "scan(lambda: R.uniform((2,)), n_steps=3)",
    "scan(lambda: R.normal((3,)), n_steps=n)",
    "scan(lambda a: a + R.uniform(a.shape), m)",
    "scan(lambda a: a * R.binomial(T.dot(a, a).shape, p=.5, dtype='float64'), m, go_backwards=True)",
    "scan(lambda a: R.binomial(n=10, p=a), x)",
    "scan(lambda h: R.binomial(h.shape, 1, T.nnet.sigmoid(h), dtype='float64'), None, x, n_steps=3)",
    "scan(lambda a, h: h * R.normal(h.shape) + R.uniform((1,)), m, x)",
    "scan(lambda a: R.random_integers((a,), 0, 9).sum(), l)",
    "scan(lambda: R.choice((2,), 9), n_steps=2) + R.choice((2,), 9)",
    "scan(lambda a: a + 1, non_sequences=R.uniform((2,)), n_steps=2)",
    "(lambda y: scan(lambda a: a * y, non_sequences=y, n_steps=2) + y)(R.normal((3,)))",
    "(lambda y: scan(lambda: y + 1, n_steps=2) + y)(R.uniform((2,)))",
    "scan(lambda h: until(R.uniform(), R.uniform() > .7), None, T.zeros(()), n_steps=9)",
]

#: what Theano refuses: the source of a draw, and where the exception of that type comes from
ERRORS = [
    "R.uniform(3)",
    "R.uniform(n)",
    "R.uniform(m)",
    "R.uniform('a')",
    "R.uniform(v)",
    "R.uniform((n,), ndim=2)",
    "R.uniform((2, 3), ndim=1)",
    "R.uniform((-1,))",
    "R.uniform((-1, 2), low=x)",
    "R.uniform((2.5,))",
    "R.uniform(f, ndim=1)",
    "R.uniform((2,), low='a')",
    "R.uniform((3,), low=m)",
    "R.uniform(v, ndim=3)",
    "R.uniform((2,), low=x)",
    "R.uniform((1,), low=x)",
    "R.uniform((n, -1), low=m)",
    "R.uniform((-n,))",
    "R.uniform((2,), dtype='int33')",
    "R.uniform((2,), low=l.sum() + 1j)",
    "R.normal((2,), std=-1)",
    "R.binomial((2,), n=2.5)",
    "R.binomial((2,), n=x)",
    "R.binomial((2,), p=1.5)",
    "R.binomial((2,), p=-m[0, 0])",
    "R.binomial((2,), n=-1)",
    "R.poisson((2,), lam=-1.)",
    "R.multinomial(n=3, pvals=m * 2)",
    "R.multinomial((2,), n=3, pvals=[.9, .9])",
    "R.multinomial((1,), n=3, pvals=[.5, .5, -.1])",
    "R.multinomial((2,), n=3, pvals=.9)",
    "R.multinomial((2,), n=-3)",
    "R.multinomial((4,), n=l)",
    "R.multinomial((2,), n=np.array([[1], [2]]))",
    "R.multinomial(v, n=n)",
    "R.permutation((2,), l)",
    "R.permutation((2,), -1)",
    "R.permutation(2, 3)",
    "R.permutation(None, 3, ndim=2)",
    "R.permutation((2,), 3, ndim=2)",
    "R.random_integers((2,), low=l, high=9)",
    "R.random_integers((2,), low=5, high=1)",
    "R.choice((3,), m)",
    "R.choice((3,), 2, replace=False)",
    "R.choice((3,), 3, p=[.5, .5, .5])",
    "R.choice((3,), 3, p=[.5, .5])",
    "R.choice((3,), 3, p=.5)",
    "R.choice((3,), 0)",
    "R.choice((3,), -1)",
    "R.choice((3,), 2.5)",
    "R.shuffle_row_elements(n)",
]  # fmt: skip

VALUES = {
    "n": ("iscalar", 3),
    "z": ("iscalar", 0),
    "v": ("ivector", np.array([2, 3], "int32")),
    "l": ("lvector", np.array([1, 2, 5])),
    "x": ("dvector", np.array([0.1, 0.2, 0.3])),
    "f": ("fvector", np.array([0.5, 0.75], "float32")),
    "m": ("dmatrix", np.array([[0.1, 0.2, 0.3], [0.3, 0.4, 0.5]])),
}


def _scan(theano, updates):
    def scan(fn, sequences=None, outputs_info=None, **kwargs):
        values, found = theano.scan(fn, sequences, outputs_info, **kwargs)
        updates.update(found)
        return values

    return scan


def build(source, seed, theano, T, RandomStreams):
    """The streams, the draw, and a function without arguments that makes it."""
    R = RandomStreams(seed)
    updates = theano.updates.OrderedUpdates()
    symbols = {name: getattr(T, kind)(name) for name, (kind, _) in VALUES.items()}
    names = {"R": R, "T": T, "np": np, "scan": _scan(theano, updates)}
    names["until"] = lambda value, condition: (value, theano.scan_module.until(condition))
    out = eval(source, dict(names, **symbols))
    f = theano.function([symbols[k] for k in VALUES], out, updates=updates, on_unused_input="ignore")
    return R, out, lambda: f(*[value for _, value in VALUES.values()])


def draw(source, seed, theano, T, RandomStreams):
    """The pattern of the draw, and its values: of two calls, and of one after ``R.seed(77)``."""
    R, out, f = build(source, seed, theano, T, RandomStreams)
    values = [f(), f()]
    R.seed(77)
    return [int(b) for b in out.type.broadcastable], [np.asarray(v) for v in [*values, f()]]
