"""Hybrid Monte Carlo: samples of a correlated density, with leapfrog steps in a scan and a step size that adapts."""

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import runs


def kinetic(v):
    return 0.5 * T.sum(v**2, axis=1)


def leapfrog(energy, position, velocity, step, n_steps):
    """Position and velocity after `n_steps` of Hamiltonian dynamics; the velocity takes half a step first and last."""

    def force(q):
        return T.grad(T.sum(energy(q)), q)

    def one(q, v):
        v = v - step * force(q)
        return q + step * v, v

    velocity = velocity - 0.5 * step * force(position)
    position = position + step * velocity
    (positions, velocities), updates = theano.scan(one, outputs_info=[position, velocity], n_steps=n_steps - 1)
    assert not updates
    position, velocity = positions[-1], velocities[-1]
    return position, velocity - 0.5 * step * force(position)


class Sampler(object):
    """Many chains side by side. The step grows while more proposals than `target` are accepted, and shrinks else."""

    def __init__(self, energy, start, streams, step=0.1, n_steps=10, target=0.8):
        floatX = theano.config.floatX
        self.positions = theano.shared(start.astype(floatX), name="positions")
        self.step = theano.shared(np.asarray(step, dtype=floatX), name="step")
        velocity = streams.normal(size=self.positions.shape, ndim=2, dtype=floatX)
        proposal, last = leapfrog(energy, self.positions, velocity, self.step, n_steps)
        before = energy(self.positions) + kinetic(velocity)
        after = energy(proposal) + kinetic(last)
        accepted = T.exp(before - after) - streams.uniform(size=before.shape, ndim=1, dtype=floatX) >= 0
        new = T.switch(accepted.dimshuffle(0, "x"), proposal, self.positions)
        rate = T.mean(T.cast(accepted, floatX))
        size = T.switch(rate > target, self.step * 1.02, self.step * 0.98)
        updates = [(self.positions, new), (self.step, T.cast(T.clip(size, 1e-3, 0.5), floatX))]
        self.draw = theano.function([], [new, rate], updates=updates)


def run(n_samples=150, n_chains=20, seed=23):
    """Sample; returns the acceptance rates, mean and covariance of the second half of the samples, and the way of the
    first chain."""
    rng = np.random.RandomState(seed)
    mean = np.array([1.0, -2.0, 0.5])
    factor = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [-0.3, 0.2, 0.5]])
    precision = np.linalg.inv(np.dot(factor, factor.T))
    mu = T.constant(mean.astype(theano.config.floatX))
    P = T.constant(precision.astype(theano.config.floatX))

    def energy(q):
        return 0.5 * T.sum(T.dot(q - mu, P) * (q - mu), axis=1)

    sampler = Sampler(energy, rng.randn(n_chains, 3), MRG_RandomStreams(rng.randint(2**30)))
    samples, rates = [], []
    for _ in runs.steps(n_samples):
        sample, rate = sampler.draw()
        samples.append(np.array(sample))
        rates.append(float(rate))
    kept = np.concatenate(samples[len(samples) // 2 :])
    return {
        "rates": rates,
        "step": float(sampler.step.get_value()),
        "mean": kept.mean(axis=0).tolist(),
        "covariance": np.cov(kept.T).tolist(),
        "trace": [s[0].tolist() for s in samples],
    }


DEFAULTS = dict(n_samples=1000, seed=23)


def report(result):
    print("accepted %.2f of the proposals; step %.3f" % (np.mean(result["rates"]), result["step"]))
    print("covariance\n%s" % np.round(result["covariance"], 2))
    print("mean %s, wanted [1, -2, 0.5]" % np.round(result["mean"], 2))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
