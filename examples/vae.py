"""A variational autoencoder on small synthetic images: the reparametrisation trick, trained with Adam."""

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import runs


def bars(rng, n):
    """Binary images, 6 by 6, of one horizontal and one vertical bar, with some noise."""
    images = np.zeros((n, 6, 6))
    images[np.arange(n), rng.randint(6, size=n), :] = 1
    images[np.arange(n), :, rng.randint(6, size=n)] = 1
    flipped = rng.uniform(size=images.shape) < 0.02
    return np.where(flipped, 1 - images, images).reshape(n, 36).astype(theano.config.floatX)


def weights(rng, n_in, n_out):
    bound = np.sqrt(6.0 / (n_in + n_out))
    return theano.shared(rng.uniform(-bound, bound, (n_in, n_out)).astype(theano.config.floatX))


def biases(n):
    return theano.shared(np.zeros(n, dtype=theano.config.floatX))


def adam(cost, params, rate=0.01, b1=0.9, b2=0.999, epsilon=1e-8):
    """Updates after Kingma and Ba (2014)."""
    t = theano.shared(np.asarray(0.0, dtype=theano.config.floatX))
    now = t + 1
    scale = rate * T.sqrt(1 - b2**now) / (1 - b1**now)
    updates = [(t, now)]
    for p, g in zip(params, T.grad(cost, params)):
        m, v = (theano.shared(np.zeros_like(p.get_value())) for _ in range(2))
        m_new, v_new = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * T.sqr(g)
        updates += [(m, m_new), (v, v_new), (p, p - scale * m_new / (T.sqrt(v_new) + epsilon))]
    return updates


class VAE(object):
    """One hidden layer on each side; the code is normal with a diagonal covariance, pixels are Bernoulli."""

    def __init__(self, rng, streams, n_pixels=36, n_hidden=32, n_code=6):
        self.enc, self.enc_b = weights(rng, n_pixels, n_hidden), biases(n_hidden)
        self.mu, self.mu_b = weights(rng, n_hidden, n_code), biases(n_code)
        self.sig, self.sig_b = weights(rng, n_hidden, n_code), biases(n_code)
        self.dec, self.dec_b = weights(rng, n_code, n_hidden), biases(n_hidden)
        self.out, self.out_b = weights(rng, n_hidden, n_pixels), biases(n_pixels)
        self.params = [self.enc, self.enc_b, self.mu, self.mu_b, self.sig, self.sig_b]
        self.params += [self.dec, self.dec_b, self.out, self.out_b]
        self.streams = streams

    def encode(self, x):
        hidden = T.tanh(T.dot(x, self.enc) + self.enc_b)
        return T.dot(hidden, self.mu) + self.mu_b, T.dot(hidden, self.sig) + self.sig_b

    def decode(self, z):
        return T.nnet.sigmoid(T.dot(T.tanh(T.dot(z, self.dec) + self.dec_b), self.out) + self.out_b)

    def bound(self, x):
        """The cost of a minibatch: what the reconstruction misses, and the divergence of the code from the prior."""
        mu, log_var = self.encode(x)
        z = mu + T.exp(0.5 * log_var) * self.streams.normal(mu.shape, ndim=2, dtype=theano.config.floatX)
        missed = T.sum(T.nnet.binary_crossentropy(self.decode(z), x), axis=1)
        divergence = -0.5 * T.sum(1 + log_var - mu**2 - T.exp(log_var), axis=1)
        return T.mean(missed + divergence), T.mean(divergence)


def run(epochs=12, batch_size=50, seed=6):
    """Train; returns the bound and the divergence of each epoch, images that are decoded from the prior, and their
    mean."""
    rng = np.random.RandomState(seed)
    images = theano.shared(bars(rng, 1000))
    model = VAE(rng, MRG_RandomStreams(rng.randint(2**30)))
    x, index = T.matrix("x"), T.lscalar("index")
    bound, divergence = model.bound(x)
    train = theano.function(
        [index],
        [bound, divergence],
        updates=adam(bound, model.params),
        givens={x: images[index * batch_size : (index + 1) * batch_size]},
    )
    bounds, divergences = [], []
    for _ in runs.steps(epochs):
        values = np.array([[float(v) for v in train(i)] for i in range(1000 // batch_size)])
        bounds.append(float(values[:, 0].mean()))
        divergences.append(float(values[:, 1].mean()))
    z = T.matrix("z")
    dreamt = theano.function([z], model.decode(z), allow_input_downcast=True)(rng.randn(16, 6))
    return {
        "bounds": bounds,
        "divergences": divergences,
        "dreamt": dreamt.mean(axis=0).tolist(),
        "samples": dreamt.tolist(),
    }


DEFAULTS = dict(epochs=40, seed=6)


def report(result):
    for name in ("bounds", "divergences"):
        print("%s by ten epochs: %s" % (name, ", ".join("%.2f" % b for b in result[name][9::10])))
    print("bound: %.2f at first, %.2f at last" % (result["bounds"][0], result["bounds"][-1]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
