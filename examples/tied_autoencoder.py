"""A stack of denoising autoencoders with tied weights, trained layer by layer, then fine-tuned as a whole."""

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import runs


def patches(rng, n):
    """Rows of 25 numbers in [0, 1]: smooth blobs at random places of a 5 by 5 patch."""
    where = rng.uniform(0, 4, (n, 2))
    rows, columns = np.mgrid[0:5, 0:5].reshape(2, 1, 25)
    distance = (rows - where[:, :1]) ** 2 + (columns - where[:, 1:]) ** 2
    return np.exp(-distance / 2.0).astype(theano.config.floatX)


class Autoencoder(object):
    """sigmoid(x W + b), and back by the transpose of W."""

    def __init__(self, rng, streams, n_visible, n_hidden):
        bound = 4 * np.sqrt(6.0 / (n_visible + n_hidden))
        floatX = theano.config.floatX
        self.W = theano.shared(rng.uniform(-bound, bound, (n_visible, n_hidden)).astype(floatX), name="W")
        self.b = theano.shared(np.zeros(n_hidden, dtype=floatX), name="b")
        self.c = theano.shared(np.zeros(n_visible, dtype=floatX), name="c")
        self.params, self.streams = [self.W, self.b, self.c], streams

    def encode(self, x):
        return T.nnet.sigmoid(T.dot(x, self.W) + self.b)

    def decode(self, h):
        return T.nnet.sigmoid(T.dot(h, self.W.T) + self.c)

    def cost(self, x, corruption):
        """The cross-entropy of a reconstruction from an input of which a share has been erased."""
        kept = self.streams.binomial(size=x.shape, ndim=2, n=1, p=1 - corruption, dtype=theano.config.floatX)
        return T.mean(T.sum(T.nnet.binary_crossentropy(self.decode(self.encode(x * kept)), x), axis=1))


def sgd(cost, params, rate):
    return [(p, p - T.cast(rate, p.dtype) * g) for p, g in zip(params, T.grad(cost, params))]


def run(epochs=6, batch_size=40, seed=8):
    """Train; returns the costs of both layers and of the fine-tuning, and the weights of the first layer with the norm
    of each column."""
    rng = np.random.RandomState(seed)
    streams = MRG_RandomStreams(rng.randint(2**30))
    data = theano.shared(patches(rng, 800))
    layers = [Autoencoder(rng, streams, 25, 16), Autoencoder(rng, streams, 16, 6)]
    index, x = T.lscalar("index"), T.matrix("x")
    givens = {x: data[index * batch_size : (index + 1) * batch_size]}
    history = {}
    inputs = x
    for number, layer in enumerate(layers):
        cost = layer.cost(inputs, 0.3)
        train = theano.function([index], cost, updates=sgd(cost, layer.params, 0.1), givens=givens)
        history["layer%d" % number] = [
            float(np.mean([train(i) for i in range(800 // batch_size)])) for _ in runs.steps(epochs)
        ]
        inputs = layer.encode(inputs)
    first, second = layers
    output = first.decode(second.decode(second.encode(first.encode(x))))
    cost = T.mean(T.sum((output - x) ** 2, axis=1))
    params = first.params + second.params
    tune = theano.function([index], cost, updates=sgd(cost, params, 0.2), givens=givens)
    history["tuning"] = [float(np.mean([tune(i) for i in range(800 // batch_size)])) for _ in runs.steps(epochs)]
    history["filters"] = first.W.get_value().T.tolist()
    history["norms"] = np.sqrt(np.sum(first.W.get_value() ** 2, axis=0)).tolist()
    return history


DEFAULTS = dict(epochs=200, seed=8)


def report(result):
    for name in ("layer0", "layer1", "tuning"):
        print("%s: %.3f at first, %.3f at last" % (name, result[name][0], result[name][-1]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
