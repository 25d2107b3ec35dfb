"""Programs with sparse matrices: what `record_sparse_programs.py` runs under Theano, and tests/sparse/ under tx.

Each takes the modules, and gives numbers (a list of histories).
"""

import numpy as np
import scipy.sparse as sp


def bag_of_words(documents=60, words=40, seed=0):
    """Counts of words in documents of two kinds, as csr, and the kinds."""
    rng = np.random.RandomState(seed)
    kinds = rng.randint(0, 2, documents)
    rates = np.where(np.arange(words) % 2 == kinds[:, None], 0.4, 0.1)
    return sp.csr_matrix(rng.poisson(rates).astype("float64")), kinds


def logistic_regression(theano, S, T):
    """On shared documents, whole and in minibatches by slices, with momentum and an L2 penalty."""
    X, y = bag_of_words()
    documents, kinds = theano.shared(X, "documents"), theano.shared(y.astype("int64"), "kinds")
    w, b = theano.shared(np.zeros((X.shape[1], 2)), "w"), theano.shared(np.zeros(2), "b")
    v = theano.shared(np.zeros((X.shape[1], 2)), "v")
    i, batch = T.lscalar("i"), S.csr_matrix("batch")
    target = T.lvector("target")
    p = T.nnet.softmax(S.structured_dot(batch, w) + b)
    cost = T.nnet.categorical_crossentropy(p, target).mean() + 0.01 * (w**2).sum()
    gw, gb = theano.grad(cost, [w, b])
    updates = [(v, 0.5 * v - 0.3 * gw), (w, w + 0.5 * v - 0.3 * gw), (b, b - 0.3 * gb)]
    rows = slice(i * 20, (i + 1) * 20)
    train = theano.function([i], cost, updates=updates, givens={batch: documents[rows], target: kinds[rows]})
    whole = theano.function([batch, target], [cost, T.neq(p.argmax(1), target).mean()])
    history = [float(train(k % 3)) for k in range(30)]
    return [history, [float(n) for n in whole(X, y)], w.get_value().ravel().tolist()]


def sparse_weights(theano, S, T):
    """A layer whose weights are sparse, trained where they are stored."""
    rng = np.random.RandomState(1)
    mask = rng.rand(12, 6) < 0.3
    W = theano.shared(sp.csc_matrix(np.where(mask, rng.randn(12, 6), 0)), "W")
    x, t = T.dmatrix("x"), T.dmatrix("t")
    h = T.tanh(S.structured_dot(x, W))
    cost = ((h - t) ** 2).sum() + 0.05 * S.sp_sum(S.sqr(W), sparse_grad=True)
    g = theano.grad(cost, W)
    train = theano.function([x, t], [cost, g], updates=[(W, W - 0.05 * g)])
    inputs, targets = rng.randn(5, 12), rng.randn(5, 6)
    history = [train(inputs, targets) for _ in range(10)]
    return [
        [float(c) for c, _ in history],
        history[-1][1].toarray().ravel().tolist(),
        W.get_value().toarray().ravel().tolist(),
    ]


def factorisation(theano, S, T):
    """Ratings that are known at some places only, approximated there by a product of two thin matrices."""
    rng = np.random.RandomState(2)
    R = sp.random(15, 11, 0.3, "csr", random_state=rng)
    ratings, u, v = S.csr_matrix("ratings"), theano.shared(rng.randn(15, 2)), theano.shared(rng.randn(11, 2))
    guess = S.sampling_dot(u, v, S.sp_ones_like(ratings))
    error = S.csm_data(guess) - S.csm_data(ratings)
    cost = (error**2).sum() + 0.1 * ((u**2).sum() + (v**2).sum())
    data = S.csm_data(ratings)
    rows = S.CSR(2 * error, *S.csm_properties(ratings)[1:])
    gu, gv = S.structured_dot(rows, v) + 0.2 * u, S.structured_dot(rows.T, u) + 0.2 * v
    train = theano.function([ratings], [cost, data.sum()], updates=[(u, u - 0.05 * gu), (v, v - 0.05 * gv)])
    history = [[float(n) for n in train(R)] for _ in range(10)]
    return [[c for c, _ in history], u.get_value().ravel().tolist(), v.get_value().ravel().tolist()]


def graph_convolution(theano, S, T):
    """Two layers over a graph whose normalised adjacency is a constant; its degrees are sums of rows."""
    rng = np.random.RandomState(3)
    A = sp.random(20, 20, 0.15, "csr", random_state=rng)
    A = sp.csr_matrix((A + A.T + sp.identity(20)) > 0, dtype="float64")
    adjacency = S.as_sparse_variable(A)
    normalised = S.row_scale(adjacency, 1 / S.sp_sum(adjacency, axis=1))
    x, t = T.dmatrix("x"), T.ivector("t")
    w = [theano.shared(0.3 * rng.randn(4, 8)), theano.shared(0.3 * rng.randn(8, 3))]
    h = T.maximum(S.dot(normalised, T.dot(x, w[0])), 0)
    p = T.nnet.softmax(theano.dot(normalised, T.dot(h, w[1])))
    cost = T.nnet.categorical_crossentropy(p, t).mean()
    updates = [(v, v - 0.5 * theano.grad(cost, v)) for v in w]
    train = theano.function([x, t], cost, updates=updates)
    inputs, targets = rng.randn(20, 4), rng.randint(0, 3, 20).astype("int32")
    return [[float(train(inputs, targets)) for _ in range(12)], w[1].get_value().ravel().tolist()]


def joined(theano, S, T):
    """Blocks put together and taken apart, compared, and stored anew."""
    rng = np.random.RandomState(4)
    values = [sp.random(5, 4, 0.4, "csr", random_state=rng) for _ in range(2)]
    x, y = S.csr_matrix("x"), S.csr_matrix("y")
    block = S.vstack([S.hstack([x, y]), S.hstack([y, 2 * x])], format="csr")
    parts = [block, S.clean(block - block[::-1]), block[2:7, 1:], x > y, S.true_dot(x, y.T), S.structured_dot(x.T, y)]
    parts += [
        S.csr_from_dense(T.maximum(block.toarray() - 0.5, 0)),
        theano.grad(S.sp_sum(S.true_dot(block, block.T)), x),
    ]
    found = theano.function([x, y], parts)(*values)
    return [[m.nnz for m in found], *(m.toarray().ravel().tolist() for m in found)]


def draws(theano, S, T):
    """Random matrices, by numpy's global generator."""
    if not hasattr(S, "sandbox"):
        __import__(S.__name__ + ".sandbox.sp2")
    sp2 = __import__(S.__name__ + ".sandbox.sp2", fromlist=["sp2"])
    x, nv, n, p, shape = S.csr_matrix("x"), T.lvector(), T.lscalar(), T.dscalar(), T.lvector()
    P = sp.csr_matrix(np.array([[0.2, 0, 0.8], [0, 0, 1.0], [0.5, 0.5, 0], [1, 0, 0]]))
    functions = [
        (theano.function([x], sp2.poisson(x)), (3 * P,)),
        (theano.function([nv, x], sp2.multinomial(nv, x)), ([3, 4, 5, 6], P)),
        (theano.function([n, x], sp2.multinomial(n, x)), (4, P)),
        (theano.function([n, p, shape], sp2.csr_fbinomial(n, p, shape)), (4, 0.25, [3, 2])),
        (theano.function([n, p, shape], sp2.csc_dbinomial(n, p, shape)), (4, 0.25, [3, 2])),
    ]
    np.random.seed(5)
    return [f(*values).toarray().ravel().tolist() for f, values in functions]


def flat_images(theano, S, T):
    """Convolution and pooling of images that lie flat in rows."""
    sp1 = __import__(S.__name__ + ".sandbox.sp", fromlist=["sp"])
    kernels, images = T.dmatrix("kernels"), T.dmatrix("images")
    k, x = np.arange(8.0).reshape(2, 4), np.arange(20.0).reshape(1, 20)
    options = [{}, {"step": (1, 2)}, {"mode": "full"}, {"step": (2, 1), "mode": "full"}, {"flatten": False},
               {"bias": T.constant(np.array([1.0, 2.0]))}]  # fmt: skip
    results = []
    for option in options:
        out, shape = sp1.convolve(kernels, (2, 2), 2, images, (4, 5), **option)
        results += [theano.function([kernels, images], out)(k, x).ravel().tolist(), [int(n) for n in shape]]
    out, shape = sp1.convolve(kernels, (2, 2), 2, images, (2, 2, 5))
    results += [theano.function([kernels, images], out)(np.arange(16.0).reshape(2, 8), x).ravel().tolist()]
    for shape, window in (((4, 5), (2, 2)), ((2, 2, 5), (2, 2)), ((4, 5), (3, 2))):
        out, logical = sp1.max_pool(images, shape, window)
        results += [theano.function([images], out)(x).ravel().tolist(), [int(n) for n in logical]]
    return results


PROGRAMS = [logistic_regression, sparse_weights, factorisation, graph_convolution, joined, draws, flat_images]
