"""A multilayer perceptron on handwritten digits, by stochastic gradient descent with momentum."""

import os

import numpy as np
import theano
import theano.tensor as T

import digits
from logistic_regression import LogisticRegression


class HiddenLayer(object):
    """tanh(x W + b)"""

    def __init__(self, rng, input, n_in, n_out):
        floatX = theano.config.floatX
        bound = np.sqrt(6.0 / (n_in + n_out))
        weights = rng.uniform(low=-bound, high=bound, size=(n_in, n_out)).astype(floatX)
        self.W = theano.shared(weights, name="W_hidden", borrow=True)
        self.b = theano.shared(np.zeros((n_out,), dtype=floatX), name="b_hidden", borrow=True)
        self.output = T.tanh(T.dot(input, self.W) + self.b)
        self.params = [self.W, self.b]


class MLP(object):
    """One hidden layer, and logistic regression on top of it."""

    def __init__(self, rng, input, n_in, n_hidden, n_out):
        self.input = input
        self.hidden = HiddenLayer(rng, input, n_in, n_hidden)
        self.top = LogisticRegression(self.hidden.output, n_hidden, n_out)
        self.y_pred = self.top.y_pred
        self.L1 = abs(self.hidden.W).sum() + abs(self.top.W).sum()
        self.L2 = (self.hidden.W**2).sum() + (self.top.W**2).sum()
        self.negative_log_likelihood = self.top.negative_log_likelihood
        self.errors = self.top.errors
        self.params = self.hidden.params + self.top.params


def momentum_updates(params, gradients, learning_rate, momentum):
    """p += v, where v = momentum * v - learning_rate * gradient."""
    floatX = theano.config.floatX
    rate, momentum = np.asarray(learning_rate, dtype=floatX), np.asarray(momentum, dtype=floatX)
    updates = []
    for p, g in zip(params, gradients):
        velocity = theano.shared(np.zeros_like(p.get_value()), borrow=True)
        step = momentum * velocity - rate * g
        updates += [(velocity, step), (p, p + step)]
    return updates


DEFAULTS = dict(n_epochs=100, batch_size=50, learning_rate=0.05, seed=2, patience=20)


def train(
    n_epochs=100,
    batch_size=50,
    learning_rate=0.05,
    seed=2,
    output_dir="digits-output",
    patience=20,
    n_hidden=200,
    momentum=0.9,
    l1=0.0,
    l2=3e-4,
):
    """Train and return the history."""
    sets = digits.load_digits(seed, n_train=1180)
    x, y = T.matrix("x"), T.ivector("y")
    classifier = MLP(np.random.RandomState(seed), x, 64, n_hidden, 10)
    cost = classifier.negative_log_likelihood(y) + l1 * classifier.L1 + l2 * classifier.L2
    gradients = T.grad(cost, classifier.params)
    updates = momentum_updates(classifier.params, gradients, learning_rate, momentum)
    options = dict(n_epochs=n_epochs, batch_size=batch_size, output_dir=output_dir, patience=patience)
    history = digits.fit("mlp", classifier, cost, updates, x, y, sets, options)
    picture = os.path.join(output_dir, "mlp_filters")
    digits.save_filters(classifier.hidden.W.get_value().T, (8, 8), picture)
    return history


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
