"""A multilayer perceptron of rectified units with dropout on handwritten digits."""

import os

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import digits
from mlp import momentum_updates


class Layer(object):
    """x W + b, with weights that suit rectified units"""

    def __init__(self, rng, n_in, n_out):
        floatX = theano.config.floatX
        weights = np.sqrt(2.0 / n_in) * rng.standard_normal((n_in, n_out))
        self.W = theano.shared(weights.astype(floatX), borrow=True)
        self.b = theano.shared(np.zeros((n_out,), dtype=floatX), borrow=True)
        self.params = [self.W, self.b]

    def __call__(self, x):
        return T.dot(x, self.W) + self.b


class DropoutMLP(object):
    """Rectified layers. `cost` drops a share of each layer's inputs; what is dropped scales the rest up, so that
    predictions, for which nothing is dropped, need no other weights."""

    def __init__(self, rng, theano_rng, input, sizes, rates):
        self.input = input
        self.layers = [Layer(rng, n, m) for n, m in zip(sizes[:-1], sizes[1:])]
        self.params = [p for layer in self.layers for p in layer.params]
        self.noisy_scores = self.scores(lambda x, rate: dropout(theano_rng, x, rate), rates)
        self.y_pred = T.argmax(self.scores(lambda x, rate: x, rates), axis=1)

    def scores(self, drop, rates):
        """What softmax makes probabilities of."""
        x = self.input
        for layer, rate in zip(self.layers[:-1], rates):
            x = T.nnet.relu(layer(drop(x, rate)))
        return self.layers[-1](drop(x, rates[-1]))

    def cost(self, y):
        """The mean cross-entropy of the minibatch, with dropout."""
        return T.nnet.categorical_crossentropy(T.nnet.softmax(self.noisy_scores), y).mean()

    def errors(self, y):
        """The share of wrong predictions, without dropout."""
        return T.mean(T.neq(self.y_pred, y))


def dropout(theano_rng, x, rate):
    """Zeros at a share of the positions; the others over what is left of 1."""
    keep = 1.0 - rate
    mask = theano_rng.binomial(size=x.shape, n=1, p=keep, dtype=theano.config.floatX)
    return x * mask / np.asarray(keep, dtype=theano.config.floatX)


DEFAULTS = dict(n_epochs=60, batch_size=50, learning_rate=0.02, seed=4, patience=20)


def train(
    n_epochs=60, batch_size=50, learning_rate=0.02, seed=4, output_dir="digits-output", patience=20, n_hidden=200
):
    """Train and return the history."""
    sets = digits.load_digits(seed, n_train=1180)
    x, y = T.matrix("x"), T.ivector("y")
    rng = np.random.RandomState(seed)
    theano_rng = MRG_RandomStreams(rng.randint(2**30))
    classifier = DropoutMLP(rng, theano_rng, x, [64, n_hidden, n_hidden, 10], [0.2, 0.5, 0.5])
    cost = classifier.cost(y)
    updates = momentum_updates(classifier.params, T.grad(cost, classifier.params), learning_rate, 0.9)
    options = dict(n_epochs=n_epochs, batch_size=batch_size, output_dir=output_dir, patience=patience)
    history = digits.fit("dropout", classifier, cost, updates, x, y, sets, options)
    picture = os.path.join(output_dir, "dropout_filters")
    digits.save_filters(classifier.layers[0].W.get_value().T, (8, 8), picture)
    return history


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
