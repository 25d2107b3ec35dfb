"""Addressing as in neural Turing machines: a memory, read and written by content and by place, taught to copy."""

import numpy as np
import theano
import theano.tensor as T

import runs


def task(rng, n, length, width):
    """Sequences of random bits, an end mark, then silence; what is wanted is the sequence, during the silence."""
    bits = rng.randint(2, size=(n, length, width))
    inputs = np.zeros((n, 2 * length + 1, width + 1))
    inputs[:, :length, :width] = bits
    inputs[:, length, width] = 1
    return inputs.astype(theano.config.floatX), bits.astype(theano.config.floatX)


def cosine(memory, key):
    """How similar each row of the memory is to the key."""
    norms = T.sqrt(T.sum(memory**2, axis=1) * T.sum(key**2) + 1e-6)
    return T.dot(memory, key) / norms


def shifted(w, kernel):
    """A circular convolution of a weighting with a kernel for steps of -1, 0 and 1."""
    return kernel[0] * T.roll(w, -1) + kernel[1] * w + kernel[2] * T.roll(w, 1)


class Head(object):
    """From the controller's state to a weighting of the memory's rows."""

    def __init__(self, make, n_hidden, width):
        self.K, self.beta, self.g = make(n_hidden, width), make(n_hidden), make(n_hidden)
        self.S, self.gamma = make(n_hidden, 3), make(n_hidden)
        self.params = [self.K, self.beta, self.g, self.S, self.gamma]

    def __call__(self, h, memory, before):
        key = T.tanh(T.dot(h, self.K))
        similar = T.exp(T.nnet.softplus(T.dot(h, self.beta)) * cosine(memory, key))
        content = similar / T.sum(similar)
        gate = T.nnet.sigmoid(T.dot(h, self.g))
        mixed = gate * content + (1 - gate) * before
        kernel = T.nnet.softmax(T.dot(h, self.S))[0]
        sharp = shifted(mixed, kernel) ** (1 + T.nnet.softplus(T.dot(h, self.gamma)))
        return sharp / T.sum(sharp)


def run(steps=60, length=3, width=4, rows=8, n_hidden=16, seed=11):
    """Train on one sequence a step; returns the costs, the wrong bits of ten further sequences, and where
    the memory was written and read, step by step, for the last of them."""
    rng = np.random.RandomState(seed)
    floatX = theano.config.floatX
    params = []

    def make(*shape):
        params.append(theano.shared((rng.randn(*shape) / np.sqrt(shape[0])).astype(floatX)))
        return params[-1]

    W, U, b = make(width + 1, n_hidden), make(width, n_hidden), make(n_hidden)
    V, A, E = make(width, width), make(n_hidden, width), make(n_hidden, width)
    reader, writer = Head(make, n_hidden, width), Head(make, n_hidden, width)
    memory0 = theano.shared((0.1 * rng.randn(rows, width)).astype(floatX))
    first = np.zeros(rows, dtype=floatX)
    first[0] = 1
    weighting0 = theano.shared(first)

    def step(x, memory, read, write):
        h = T.tanh(T.dot(x, W) + T.dot(T.dot(read, memory), U) + b)
        write = writer(h, memory, write)
        erase, add = T.nnet.sigmoid(T.dot(h, E)), T.tanh(T.dot(h, A))
        memory = memory * (1 - T.outer(write, erase)) + T.outer(write, add)
        read = reader(h, memory, read)
        return memory, read, write, T.nnet.sigmoid(T.dot(T.dot(read, memory), V))

    x, y = T.matrix("x"), T.matrix("y")
    outputs, _ = theano.scan(step, sequences=[x], outputs_info=[memory0, weighting0, weighting0, None])
    answer = outputs[3][length + 1 :]
    cost = T.mean(T.nnet.binary_crossentropy(T.clip(answer, 1e-6, 1 - 1e-6), y))
    updates = []
    for p, g in zip(params, T.grad(cost, params)):
        mean_square = theano.shared(np.zeros_like(p.get_value()))
        new = 0.9 * mean_square + 0.1 * T.clip(g, -10, 10) ** 2
        updates += [(mean_square, new), (p, p - 0.01 * T.clip(g, -10, 10) / T.sqrt(new + 1e-4))]
    train = theano.function([x, y], cost, updates=updates)
    wrong = theano.function([x, y], T.sum(T.neq(answer > 0.5, y > 0.5)))
    look = theano.function([x], [outputs[2], outputs[1], answer])
    inputs, targets = task(rng, steps + 10, length, width)
    costs = [float(train(inputs[i], targets[i])) for i in runs.steps(steps)]
    written, read, answered = look(inputs[-1])
    return {
        "costs": costs,
        "wrong": [int(wrong(inputs[i], targets[i])) for i in range(steps, steps + 10)],
        "written": written.tolist(),
        "read": read.tolist(),
        "answered": answered.tolist(),
        "wanted": targets[-1].tolist(),
    }


DEFAULTS = dict(steps=5000, seed=11)


def report(result):
    costs = result["costs"]
    means = [np.mean(costs[i : i + 500]) for i in range(0, len(costs), 500)]
    print("cost by 500 steps: %s" % ", ".join("%.3f" % c for c in means))
    print("wrong bits among the 120 of ten new sequences: %d" % sum(result["wrong"]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
