"""Logistic regression on handwritten digits, by stochastic gradient descent."""

import os

import numpy as np
import theano
import theano.tensor as T

import digits


class LogisticRegression(object):
    """p(y | x) = softmax(x W + b)"""

    def __init__(self, input, n_in, n_out):
        floatX = theano.config.floatX
        self.input = input
        self.W = theano.shared(np.zeros((n_in, n_out), dtype=floatX), name="W", borrow=True)
        self.b = theano.shared(np.zeros((n_out,), dtype=floatX), name="b", borrow=True)
        self.p_y_given_x = T.nnet.softmax(T.dot(input, self.W) + self.b)
        self.y_pred = T.argmax(self.p_y_given_x, axis=1)
        self.params = [self.W, self.b]

    def negative_log_likelihood(self, y):
        """The mean over the minibatch."""
        return -T.mean(T.log(self.p_y_given_x)[T.arange(y.shape[0]), y])

    def errors(self, y):
        """The share of wrong predictions."""
        return T.mean(T.neq(self.y_pred, y))


DEFAULTS = dict(n_epochs=100, batch_size=50, learning_rate=0.5, seed=2, patience=20)


def train(n_epochs=100, batch_size=50, learning_rate=0.5, seed=2, output_dir="digits-output", patience=20, l2=1e-4):
    """Train and return the history."""
    sets = digits.load_digits(seed, n_train=1180)
    x, y = T.matrix("x"), T.ivector("y")
    classifier = LogisticRegression(x, 64, 10)
    cost = classifier.negative_log_likelihood(y) + l2 * (classifier.W**2).sum()
    gradients = [T.grad(cost, p) for p in classifier.params]
    rate = np.asarray(learning_rate, dtype=theano.config.floatX)
    updates = [(p, p - rate * g) for p, g in zip(classifier.params, gradients)]
    options = dict(n_epochs=n_epochs, batch_size=batch_size, output_dir=output_dir, patience=patience)
    history = digits.fit("logistic_regression", classifier, cost, updates, x, y, sets, options)
    picture = os.path.join(output_dir, "logistic_regression_filters")
    digits.save_filters(classifier.W.get_value().T, (8, 8), picture)
    return history


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
