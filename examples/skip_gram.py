"""Skip-gram word vectors with negative sampling: a word predicts its neighbours."""

import numpy as np
import theano
import theano.tensor as T
from theano.sandbox.rng_mrg import MRG_RandomStreams

import runs


def sentences(rng, n):
    """Words (numbers from 0 to 29) of three topics: a sentence keeps to its topic, apart from five common words."""
    text = []
    for _ in range(n):
        topic = rng.randint(3)
        words = 5 + 8 * topic + rng.randint(8, size=10)
        common = rng.uniform(size=10) < 0.2
        text.append(np.where(common, rng.randint(5, size=10), words))
    return np.array(text)


def pairs(text, window):
    """Each word with each of its neighbours, in random order the rows of an array."""
    found = []
    for sentence in text:
        for i, word in enumerate(sentence):
            for j in range(max(0, i - window), min(len(sentence), i + window + 1)):
                if i != j:
                    found.append((word, sentence[j]))
    return np.array(found, dtype="int32")


def run(epochs=3, batch_size=64, size=8, negatives=5, seed=3):
    """Train; returns the cost of each epoch, how much closer words of one topic are than words of two, and the vectors
    of the words that have a topic, scaled to a length of 1."""
    rng = np.random.RandomState(seed)
    data = pairs(sentences(rng, 120), 2)
    data = data[rng.permutation(len(data))]
    vocabulary, floatX = 29, theano.config.floatX
    streams = MRG_RandomStreams(seed)
    W = theano.shared((0.5 * rng.uniform(-1, 1, (vocabulary, size))).astype(floatX), name="W")
    C = theano.shared(np.zeros((vocabulary, size), dtype=floatX), name="C")
    centre, context = T.ivector("centre"), T.ivector("context")
    uniform = streams.uniform((centre.shape[0], negatives), ndim=2, dtype=floatX)
    noise = T.cast(T.floor(uniform * vocabulary), "int32")
    good = T.sum(W[centre] * C[context], axis=1)
    bad = T.sum(W[centre].dimshuffle(0, "x", 1) * C[noise], axis=2)
    cost = -T.mean(T.log(T.nnet.sigmoid(good)) + T.sum(T.log(T.nnet.sigmoid(-bad)), axis=1))
    rate = T.scalar("rate")
    updates = [(p, p - rate * g) for p, g in zip([W, C], T.grad(cost, [W, C]))]
    train = theano.function([centre, context, rate], cost, updates=updates, allow_input_downcast=True)
    costs = []
    for epoch in runs.steps(epochs):
        total = 0.0
        for start in range(0, len(data) - batch_size + 1, batch_size):
            batch = data[start : start + batch_size]
            total += float(train(batch[:, 0], batch[:, 1], 4.0 / (1 + epoch)))
        costs.append(total / (len(data) // batch_size))
    vectors = W.get_value()[5:]
    vectors = vectors / np.sqrt(np.sum(vectors**2, axis=1, keepdims=True))
    similar = np.dot(vectors, vectors.T)
    same = np.repeat(np.arange(3), 8)[:, None] == np.repeat(np.arange(3), 8)[None]
    return {
        "costs": costs,
        "within": float(similar[same].mean()),
        "between": float(similar[~same].mean()),
        "vectors": vectors.tolist(),
    }


DEFAULTS = dict(epochs=3, seed=3)


def report(result):
    print("cost by epoch: %s" % ", ".join("%.3f" % c for c in result["costs"]))
    print("similarity within a topic %.2f, between topics %.2f" % (result["within"], result["between"]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
