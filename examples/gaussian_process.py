"""Gaussian process regression: the evidence by a Cholesky factor, its gradient, and predictions."""

import numpy as np
import theano
import theano.tensor as T
from theano.tensor import slinalg

import runs


def squared_distances(a, b):
    return T.sum(a**2, axis=1).dimshuffle(0, "x") + T.sum(b**2, axis=1).dimshuffle("x", 0) - 2 * T.dot(a, b.T)


class GaussianProcess(object):
    """A squared-exponential kernel with noise. Parameters are logarithms: lengths, signal, noise."""

    def __init__(self, n_dimensions):
        floatX = theano.config.floatX
        self.lengths = theano.shared(np.zeros(n_dimensions, dtype=floatX), name="lengths")
        self.signal = theano.shared(np.asarray(0.0, dtype=floatX), name="signal")
        self.noise = theano.shared(np.asarray(-1.0, dtype=floatX), name="noise")
        self.params = [self.lengths, self.signal, self.noise]

    def kernel(self, a, b):
        scale = T.exp(-self.lengths)
        return T.exp(2 * self.signal) * T.exp(-0.5 * T.maximum(squared_distances(a * scale, b * scale), 0))

    def covariance(self, x):
        return self.kernel(x, x) + T.exp(2 * self.noise) * T.eye(x.shape[0])

    def log_evidence(self, x, y):
        L = slinalg.cholesky(self.covariance(x))
        z = slinalg.solve_lower_triangular(L, y)
        return -0.5 * T.dot(z, z) - T.sum(T.log(T.diag(L))) - 0.5 * x.shape[0] * np.log(2 * np.pi)

    def predict(self, x, y, new):
        """Mean and variance of the function at new places."""
        K = self.covariance(x)
        across = self.kernel(x, new)
        weights = slinalg.solve(K, across)
        return T.dot(weights.T, y), T.exp(2 * self.signal) - T.sum(across * weights, axis=0)


def run(steps=40, n=40, seed=13, places=7, reach=2.0):
    """Climb to the maximum of the evidence; returns it step by step, the parameters, the data, and predictions
    at some places along the first axis, as far as `reach`."""
    rng = np.random.RandomState(seed)
    floatX = theano.config.floatX
    points = rng.uniform(-2, 2, (n, 2))
    values = np.sin(2 * points[:, 0]) + 0.1 * rng.randn(n)
    process = GaussianProcess(2)
    x, y, new = T.matrix("x"), T.vector("y"), T.matrix("new")
    evidence = process.log_evidence(x, y)
    updates = []
    for p, g in zip(process.params, T.grad(evidence, process.params)):
        step = theano.shared(np.zeros_like(p.get_value()))
        moved = np.asarray(0.8, dtype=floatX) * step + np.asarray(0.002, dtype=floatX) * g
        updates += [(step, moved), (p, p + moved)]
    climb = theano.function([x, y], evidence, updates=updates, allow_input_downcast=True)
    predict = theano.function([x, y, new], process.predict(x, y, new), allow_input_downcast=True)
    history = [float(climb(points, values)) for _ in runs.steps(steps)]
    line = np.stack([np.linspace(-reach, reach, places), np.zeros(places)], axis=1)
    mean, variance = predict(points, values, line)
    return {
        "evidence": history,
        "lengths": process.lengths.get_value().tolist(),
        "noise": float(process.noise.get_value()),
        "mean": mean.tolist(),
        "variance": variance.tolist(),
        "points": points[:, 0].tolist(),
        "values": values.tolist(),
    }


DEFAULTS = dict(steps=200, seed=13, places=81, reach=3.5)


def report(result):
    print("log evidence: %.2f at first, %.2f at last" % (result["evidence"][0], result["evidence"][-1]))
    print("length scales %s, noise %.3f" % (np.round(np.exp(result["lengths"]), 2), np.exp(result["noise"])))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
