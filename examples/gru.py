"""Gated recurrent units that read handwritten digits row by row."""

import theano.tensor as T

import digits
from rnn import train_cell, weights, zeros


class GRUCell(object):
    """An update gate z and a reset gate r: h' = z h + (1 - z) tanh(x W + (r h) U + b)"""

    n_states = 1

    def __init__(self, rng, n_in, n_hidden):
        self.params = []
        for gate in "zrh":
            self.params.append(weights(rng, n_in, n_hidden, "W_" + gate))
            self.params.append(weights(rng, n_hidden, n_hidden, "U_" + gate))
            self.params.append(zeros(n_hidden, "b_" + gate))

    def step(self, x, h, W_z, U_z, b_z, W_r, U_r, b_r, W_h, U_h, b_h):
        """The next state."""
        z = T.nnet.sigmoid(T.dot(x, W_z) + T.dot(h, U_z) + b_z)
        r = T.nnet.sigmoid(T.dot(x, W_r) + T.dot(h, U_r) + b_r)
        return z * h + (1 - z) * T.tanh(T.dot(x, W_h) + T.dot(r * h, U_h) + b_h)


DEFAULTS = dict(n_epochs=25, batch_size=50, learning_rate=0.1, seed=5, patience=20)


def train(n_epochs=25, batch_size=50, learning_rate=0.1, seed=5, output_dir="digits-output", patience=20, n_hidden=48):
    """Train the network and return the history."""
    return train_cell("gru", GRUCell, n_epochs, batch_size, learning_rate, seed, output_dir, patience, n_hidden)


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
