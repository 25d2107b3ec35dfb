"""Long short-term memory that reads handwritten digits row by row."""

import numpy as np
import theano
import theano.tensor as T

import digits
from rnn import train_cell, weights


class LSTMCell(object):
    """Input, forget and output gates, and what is to be remembered, side by side in one matrix."""

    n_states = 2

    def __init__(self, rng, n_in, n_hidden):
        self.n_hidden = n_hidden
        self.W = weights(rng, n_in, 4 * n_hidden, "W")
        self.U = weights(rng, n_hidden, 4 * n_hidden, "U")
        b = np.zeros((4 * n_hidden,), dtype=theano.config.floatX)
        b[n_hidden : 2 * n_hidden] = 1  # remember, to begin with
        self.b = theano.shared(b, name="b", borrow=True)
        self.params = [self.W, self.U, self.b]

    def part(self, gates, k):
        """The k-th part of what belongs side by side."""
        return gates[:, k * self.n_hidden : (k + 1) * self.n_hidden]

    def step(self, x, h, c, W, U, b):
        """The next state and the next memory."""
        gates = T.dot(x, W) + T.dot(h, U) + b
        i = T.nnet.sigmoid(self.part(gates, 0))
        f = T.nnet.sigmoid(self.part(gates, 1))
        o = T.nnet.sigmoid(self.part(gates, 2))
        c = f * c + i * T.tanh(self.part(gates, 3))
        return o * T.tanh(c), c


DEFAULTS = dict(n_epochs=25, batch_size=50, learning_rate=0.3, seed=4, patience=20)


def train(n_epochs=25, batch_size=50, learning_rate=0.3, seed=4, output_dir="digits-output", patience=20, n_hidden=48):
    """Train the network and return the history."""
    return train_cell("lstm", LSTMCell, n_epochs, batch_size, learning_rate, seed, output_dir, patience, n_hidden)


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
