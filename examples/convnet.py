"""A convolutional network on handwritten digits: two layers of convolution and pooling, and two dense ones (LeNet)."""

import os

import numpy as np
import theano
import theano.tensor as T
from theano.tensor.nnet import conv2d
from theano.tensor.signal import pool

import digits
from logistic_regression import LogisticRegression
from mlp import HiddenLayer, momentum_updates


class ConvPoolLayer(object):
    """tanh(pool(x * W) + b)"""

    def __init__(self, rng, input, filter_shape, image_shape, border_mode="half", poolsize=(2, 2)):
        floatX = theano.config.floatX
        fan_in = np.prod(filter_shape[1:])
        fan_out = filter_shape[0] * np.prod(filter_shape[2:]) // np.prod(poolsize)
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        weights = rng.uniform(low=-bound, high=bound, size=filter_shape).astype(floatX)
        self.W = theano.shared(weights, name="W_conv", borrow=True)
        self.b = theano.shared(np.zeros((filter_shape[0],), dtype=floatX), name="b_conv", borrow=True)
        maps = conv2d(
            input=input,
            filters=self.W,
            input_shape=image_shape,
            filter_shape=filter_shape,
            border_mode=border_mode,
        )
        pooled = pool.pool_2d(input=maps, ws=poolsize, ignore_border=True)
        self.output = T.tanh(pooled + self.b.dimshuffle("x", 0, "x", "x"))
        self.params = [self.W, self.b]


class LeNet(object):
    """8x8 pixels, `n_maps[0]` maps of 4x4, `n_maps[1]` maps of 2x2, a hidden layer, logistic regression."""

    def __init__(self, rng, input, n_maps, n_hidden, n_out):
        self.input = input
        images = input.reshape((input.shape[0], 1, 8, 8))
        first, second = n_maps
        self.layer0 = ConvPoolLayer(rng, images, (first, 1, 3, 3), (None, 1, 8, 8))
        self.layer1 = ConvPoolLayer(rng, self.layer0.output, (second, first, 3, 3), (None, first, 4, 4))
        self.hidden = HiddenLayer(rng, self.layer1.output.flatten(2), second * 2 * 2, n_hidden)
        self.top = LogisticRegression(self.hidden.output, n_hidden, n_out)
        self.y_pred = self.top.y_pred
        self.negative_log_likelihood = self.top.negative_log_likelihood
        self.errors = self.top.errors
        self.layers = [self.layer0, self.layer1, self.hidden, self.top]
        self.params = [p for layer in self.layers for p in layer.params]
        self.L2 = sum((layer.W**2).sum() for layer in self.layers)


DEFAULTS = dict(n_epochs=60, batch_size=50, learning_rate=0.05, seed=2, patience=15)


def train(
    n_epochs=60,
    batch_size=50,
    learning_rate=0.05,
    seed=2,
    output_dir="digits-output",
    patience=15,
    n_maps=(16, 32),
    n_hidden=64,
    momentum=0.9,
    l2=1e-4,
):
    """Train and return the history."""
    sets = digits.load_digits(seed, n_train=1180)
    x, y = T.matrix("x"), T.ivector("y")
    classifier = LeNet(np.random.RandomState(seed), x, n_maps, n_hidden, 10)
    cost = classifier.negative_log_likelihood(y) + l2 * classifier.L2
    gradients = T.grad(cost, classifier.params)
    updates = momentum_updates(classifier.params, gradients, learning_rate, momentum)
    options = dict(n_epochs=n_epochs, batch_size=batch_size, output_dir=output_dir, patience=patience)
    history = digits.fit("convnet", classifier, cost, updates, x, y, sets, options)
    picture = os.path.join(output_dir, "convnet_filters")
    digits.save_filters(classifier.layer0.W.get_value(), (3, 3), picture)
    return history


if __name__ == "__main__":
    digits.main(__doc__, train, DEFAULTS)
