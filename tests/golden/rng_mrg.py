"""Draws of MRG_RandomStreams recorded from real Theano, by `record_rng_mrg.py` into ``rng_mrg.json``.

A row is the source of a draw. It sees the streams ``R``, ``T``, ``np``, a symbolic length ``n`` (3), a symbolic size
``v`` ([2, 3]), and the zero length ``z`` (0). A function with the draw is called twice, and once more after ``R.seed(77)``.
"""

import numpy as np

SEEDS = (1, 12345, [7, 8, 9, 10, 11, 2147462578])
FLOATS = ("float32", "float64")

ROWS = [
    "R.uniform((5,))",
    "R.uniform(())",
    "R.uniform((2, 3))",
    "R.uniform((2, 1, 4), nstreams=3)",
    "R.uniform((50,), nstreams=4)",
    "R.uniform((7,))",
    "R.uniform((3, 6))",
    "R.binomial((13,), p=0.6)",
    "R.normal((5, 5))",
    "R.uniform((4,), nstreams=9)",
    "R.uniform((3, 2), low=-1, high=np.array([1., 2.]), dtype='float32')",
    "R.uniform((n, 1))",
    "R.uniform((n, z))",
    "R.uniform(v, ndim=2)",
    "R.uniform(T.constant(np.array([2, 1])))",
    "R.uniform((2, 13))",
    "R.uniform((3, 7), dtype='float16')",
    "R.uniform((5,), low=1, high=T.constant(3, dtype='float16'), dtype='float16')",
    "R.normal((5,), dtype='float16')",
    "R.binomial((9,), p=0.4, dtype='float16')",
    "R.normal((4,))",
    "R.normal((3, 3), avg=1, std=2)",
    "R.normal(())",
    "R.normal(3)",
    "R.normal((n, z))",
    "R.normal(v, ndim=2, nstreams=3)",
    "R.normal((n, 1), avg=T.arange(3).dimshuffle(0, 'x'))",
    "R.normal((9,), truncate=True)",
    "R.truncated_normal((n, 7), avg=1, std=2, nstreams=5)",
    "R.binomial((6,))",
    "R.binomial((n, 4), p=0.3, dtype='float32')",
    "R.binomial((n,), p=np.array([0., 1., 0.5]))",
    "R.multinomial(pvals=np.array([[0.2, 0.8], [0.5, 0.5]]))",
    "R.multinomial(n=7, pvals=np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.1]]), dtype='float32')",
    "R.multinomial(n=n, pvals=np.array([[0.2, 0.3, 0.5]], 'float32'), dtype='auto')",
    "R.multinomial(n=n, pvals=T.ones((z, 3)))",
    "R.choice(size=2, replace=False, p=np.array([[0.2, 0.3, 0.5], [0.5, 0.25, 0.25]]))",
    "R.choice(size=n, replace=False, p=np.array([[0.2, 0.3, 0.1, 0.4]]), dtype='int32')",
    "R.choice(replace=False, p=np.array([[0.2, 0.8]], 'float32'))",
    "R.multinomial_wo_replacement(n=3, pvals=np.array([[0.25, 0.25, 0.5, 0.], [0.1, 0.2, 0.3, 0.4]]))",
    "R.uniform((3,)) + R.uniform((3,))",
]


def draw(source, seed, theano, T, MRG_RandomStreams):
    """The pattern of the draw, and its values: of two calls, and of one after ``R.seed(77)``; and the last state's rows."""
    R = MRG_RandomStreams(seed)
    n, z, v = T.iscalar("n"), T.iscalar("z"), T.ivector("v")
    out = eval(source, {"R": R, "T": T, "np": np, "n": n, "z": z, "v": v})
    f = theano.function([n, z, v], out, on_unused_input="ignore")
    values = [f(3, 0, np.array([2, 3], "int32")) for _ in range(2)]
    states = [row[0].get_value()[:2].copy() for row in R.state_updates]
    R.seed(77)
    values.append(f(3, 0, np.array([2, 3], "int32")))
    return [int(b) for b in out.type.broadcastable], [np.asarray(v) for v in values], states
