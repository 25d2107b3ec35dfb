"""A restricted Boltzmann machine on handwritten digits, by (persistent) contrastive divergence."""

import os

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import digits
import runs
from rnn import weights, zeros


class RBM(object):
    """Binary units, visible and hidden ones, with the energy E(v, h) = -v W h - v a - h b."""

    def __init__(self, rng, theano_rng, n_visible, n_hidden):
        self.theano_rng = theano_rng
        self.n_visible = n_visible
        self.W = weights(rng, n_visible, n_hidden, "W")
        self.a = zeros(n_visible, "a")
        self.b = zeros(n_hidden, "b")
        self.params = [self.W, self.a, self.b]

    def free_energy(self, v):
        """F(v), such that p(v) is proportional to exp(-F(v)); one number for each row."""
        return -T.dot(v, self.a) - T.nnet.softplus(T.dot(v, self.W) + self.b).sum(axis=1)

    def hidden(self, v):
        """The probabilities of the hidden units, given the visible ones."""
        return T.nnet.sigmoid(T.dot(v, self.W) + self.b)

    def visible_scores(self, h):
        """The log-odds of the visible units, given the hidden ones."""
        return T.dot(h, self.W.T) + self.a

    def draw(self, p):
        """Units that are on with probability `p`."""
        return self.theano_rng.binomial(size=p.shape, n=1, p=p, dtype=theano.config.floatX)

    def gibbs_step(self, h):
        """From hidden units to visible ones (their log-odds, and a sample), and back."""
        scores = self.visible_scores(h)
        v = self.draw(T.nnet.sigmoid(scores))
        return scores, v, self.draw(self.hidden(v))

    def gibbs(self, h, k):
        """k steps from `h`: the last log-odds and samples, and the updates of the random streams."""
        found, updates = theano.scan(self.gibbs_step, outputs_info=[None, None, h], n_steps=k)
        return [x[-1] for x in found], updates

    def train_updates(self, v, learning_rate, k, chain=None):
        """A cost to watch and the updates of a step: contrastive divergence with chains of k steps, which start at the
        data, or, where `chain` (hidden units in a shared variable) is given, where the last ones have ended."""
        start = self.draw(self.hidden(v)) if chain is None else chain
        (scores, fantasy, h), updates = self.gibbs(start, k)
        cost = T.mean(self.free_energy(v)) - T.mean(self.free_energy(fantasy))
        gradients = T.grad(cost, self.params, consider_constant=[fantasy])
        rate = T.cast(learning_rate, theano.config.floatX)
        for p, g in zip(self.params, gradients):
            updates[p] = p - rate * g
        if chain is None:
            return self.reconstruction_cost(v, scores), updates
        updates[chain] = h
        return self.pseudo_likelihood_cost(v, updates), updates

    def reconstruction_cost(self, v, scores):
        """The cross-entropy between images and what a step of the chain has made of them."""
        p = T.nnet.sigmoid(scores)
        return -T.mean(T.sum(v * T.log(p) + (1 - v) * T.log(1 - p), axis=1))

    def pseudo_likelihood_cost(self, v, updates):
        """Minus the log-likelihood of a pixel given all others, times the number of pixels; another pixel each time."""
        pixel = theano.shared(0, name="pixel")
        v = T.cast(v > 0.5, v.dtype)
        flipped = T.set_subtensor(v[:, pixel], 1 - v[:, pixel])
        updates[pixel] = (pixel + 1) % self.n_visible
        odds = self.free_energy(flipped) - self.free_energy(v)
        return -T.mean(self.n_visible * T.log(T.nnet.sigmoid(odds)))

    def errors(self, v):
        """The share of black and white pixels that differ after a step up and down, without chance."""
        mirrored = self.visible_scores(self.hidden(v)) > 0
        return T.mean(T.neq(mirrored, v > 0.5))


def fantasies(rbm, images, rounds, k):
    """Pixels' probabilities (rounds, images, pixels) in Gibbs chains that start at some images, every k steps."""
    v = theano.shared(images, name="chain")
    (scores, sample, _), updates = rbm.gibbs(rbm.draw(rbm.hidden(v)), k)
    updates[v] = sample
    step = theano.function([], T.nnet.sigmoid(scores), updates=updates)
    return np.array([step() for _ in range(rounds)])


DEFAULTS = dict(n_epochs=15, batch_size=20, learning_rate=0.1, seed=8, k=5, persistent=1)


def train(
    n_epochs=15,
    batch_size=20,
    learning_rate=0.1,
    seed=8,
    output_dir="digits-output",
    patience=None,
    n_hidden=100,
    k=5,
    persistent=1,
    rounds=10,
):
    """Train, draw what the machine dreams, and return the history."""
    training, validation, test = digits.load_digits(seed)
    rng = np.random.RandomState(seed)
    rbm = RBM(rng, MRG_RandomStreams(rng.randint(2**30)), 64, n_hidden)
    index, v = T.lscalar("index"), T.matrix("v")
    chain = None
    if persistent:
        chain = theano.shared(np.zeros((batch_size, n_hidden), dtype=theano.config.floatX), name="chain")
    cost, updates = rbm.train_updates(v, learning_rate, k, chain)
    batch, _ = digits.batch_of(training, index, batch_size)
    train_model = theano.function([index], cost, updates=updates, givens={v: batch})
    errors = theano.function([v], rbm.errors(v))

    best = digits.Best(os.path.join(output_dir, "rbm.pkl"))
    costs, validation_errors = [], []
    for epoch in runs.steps(n_epochs):
        costs.append(digits.mean_over(train_model, training, batch_size))
        validation_errors.append(float(errors(validation[0].get_value())))
        runs.say("epoch %d, cost %.6f, %.2f %% of pixels differ" % (epoch + 1, costs[-1], 100 * validation_errors[-1]))
        best.offer(rbm, validation_errors[-1], epoch)
    runs.say("the best model, of epoch %d, is in %s" % (best.epoch + 1, best.path))

    images = test[0].get_value()
    drawn = fantasies(rbm, images[:10], rounds, 100)
    digits.save_filters(rbm.W.get_value().T, (8, 8), os.path.join(output_dir, "rbm_filters"))
    digits.save_filters(drawn, (8, 8), os.path.join(output_dir, "rbm_fantasies"))
    return {
        "costs": costs,
        "validation_errors": validation_errors,
        "test_error": float(errors(images)),
        "fantasies": drawn.mean(axis=(1, 2)).tolist(),
        "train_model": train_model,
    }


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
