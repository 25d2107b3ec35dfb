"""A program that `test_kept.py` runs twice: functions that call libraries, with digests of the results.

``python second_process.py [NAME ...]``: only these.
"""

import hashlib
import sys

import numpy as np

import tx
import tx.tensor as T
from tx.lowering.kept import Loaded
from tx.tensor import fft, nlinalg, nnet, slinalg
from tx.tensor.shared_randomstreams import RandomStreams
from tx.tensor.signal import pool

tx.config.tiny = "xla"
DRAWN = np.random.RandomState(0).randn(6, 6)
SPD = DRAWN @ DRAWN.T + 6 * np.eye(6)
X, IMAGES = T.dmatrix("x"), T.dtensor4("images")
FILTERS = np.random.RandomState(1).randn(2, 3, 3, 3)
CONVOLVED = pool.pool_2d(nnet.conv2d(IMAGES, tx.shared(FILTERS)), (2, 2), ignore_border=True)

#: name -> an output of `X`, or of `IMAGES`
OUTPUTS = {
    "inverse": nlinalg.matrix_inverse(X), "det": nlinalg.det(X), "svd": nlinalg.svd(X)[1], "eigh": nlinalg.eigh(X)[0],
    "eig": nlinalg.eig(X)[0], "qr": abs(nlinalg.qr(X)[1]), "cholesky": slinalg.cholesky(X),
    "gradient": T.grad(nlinalg.det(X), X), "solve": slinalg.solve(X, X + 1), "expm": slinalg.expm(X / 9),
    "triangular": slinalg.solve_lower_triangular(X, X), "pinv": nlinalg.pinv(X), "rfft": fft.rfft(X),
    "dot": T.dot(X, X), "gamma": T.gammaln(X**2),
    "uniform": X + RandomStreams(3).uniform((6, 6)), "convolution": T.grad(CONVOLVED.sum(), IMAGES),
    "scan": tx.scan(lambda v, m: T.tanh(T.dot(m, v)), outputs_info=X[0], non_sequences=X, n_steps=7)[0][-1],
}  # fmt: skip


def main(names):
    """A line for each: the name, a digest of the result, and whether an earlier process compiled it."""
    images = np.random.RandomState(2).randn(2, 3, 6, 6)
    for name in names or OUTPUTS:
        of_images = name == "convolution"
        f = tx.function([IMAGES if of_images else X], OUTPUTS[name])
        found = np.asarray(f(images if of_images else SPD))
        loaded = all(isinstance(made.instead, Loaded) for made in f.specializations)
        print(name, hashlib.sha256(found.round(9).tobytes()).hexdigest()[:12], loaded)


if __name__ == "__main__":
    main(sys.argv[1:])
