"""A recurrent network that reads handwritten digits row by row, and says at the end which it was."""

import numpy as np
import theano
import theano.tensor as T

import digits
from logistic_regression import LogisticRegression

ROWS, COLUMNS = 8, 8


def weights(rng, n_in, n_out, name):
    """A shared matrix of uniform random numbers, scaled to its size."""
    bound = np.sqrt(6.0 / (n_in + n_out))
    values = rng.uniform(low=-bound, high=bound, size=(n_in, n_out)).astype(theano.config.floatX)
    return theano.shared(values, name=name, borrow=True)


def zeros(n, name):
    """A shared vector of zeros."""
    return theano.shared(np.zeros((n,), dtype=theano.config.floatX), name=name, borrow=True)


class SimpleCell(object):
    """h' = tanh(x W + h U + b)"""

    n_states = 1

    def __init__(self, rng, n_in, n_hidden):
        self.W = weights(rng, n_in, n_hidden, "W")
        self.U = weights(rng, n_hidden, n_hidden, "U")
        self.b = zeros(n_hidden, "b")
        self.params = [self.W, self.U, self.b]

    def step(self, x, h, W, U, b):
        """The next state."""
        return T.tanh(T.dot(x, W) + T.dot(h, U) + b)


class Recurrent(object):
    """A cell, run along the rows of each image, and logistic regression on its last state."""

    def __init__(self, cell, input, n_hidden, n_out):
        self.input = input
        rows = input.reshape((input.shape[0], ROWS, COLUMNS)).dimshuffle(1, 0, 2)
        start = T.zeros((input.shape[0], n_hidden), dtype=theano.config.floatX)
        states, _ = theano.scan(
            cell.step,
            sequences=rows,
            outputs_info=[start] * cell.n_states,
            non_sequences=cell.params,
            strict=True,
            return_list=True,
        )
        self.top = LogisticRegression(states[0][-1], n_hidden, n_out)
        self.y_pred = self.top.y_pred
        self.negative_log_likelihood = self.top.negative_log_likelihood
        self.errors = self.top.errors
        self.params = cell.params + self.top.params


def adagrad_updates(params, gradients, learning_rate):
    """p -= rate * g / sqrt(sum of all g ** 2 so far)."""
    floatX = theano.config.floatX
    rate = np.asarray(learning_rate, dtype=floatX)
    updates = []
    for p, g in zip(params, gradients):
        total = theano.shared(np.full(p.get_value().shape, 0.1, dtype=floatX), borrow=True)
        grown = total + g**2
        updates += [(total, grown), (p, p - rate * g / T.sqrt(grown))]
    return updates


def train_cell(name, make_cell, n_epochs, batch_size, learning_rate, seed, output_dir, patience, n_hidden):
    """Train a network of cells that `make_cell` makes, and return the history."""
    sets = digits.load_digits(seed)
    x, y = T.matrix("x"), T.ivector("y")
    cell = make_cell(np.random.RandomState(seed), COLUMNS, n_hidden)
    classifier = Recurrent(cell, x, n_hidden, 10)
    cost = classifier.negative_log_likelihood(y)
    gradients = T.grad(cost, classifier.params)
    updates = adagrad_updates(classifier.params, gradients, learning_rate)
    options = dict(n_epochs=n_epochs, batch_size=batch_size, output_dir=output_dir, patience=patience)
    return digits.fit(name, classifier, cost, updates, x, y, sets, options)


DEFAULTS = dict(n_epochs=25, batch_size=50, learning_rate=0.1, seed=3, patience=20)


def train(n_epochs=25, batch_size=50, learning_rate=0.1, seed=3, output_dir="digits-output", patience=20, n_hidden=48):
    """Train the simple network and return the history."""
    return train_cell("rnn", SimpleCell, n_epochs, batch_size, learning_rate, seed, output_dir, patience, n_hidden)


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
