"""A linear-chain conditional random field: the forward algorithm in log space as a scan, Viterbi as another one."""

import numpy as np
import theano
import theano.tensor as T

import runs


def tagged(rng, n, length, n_tags, n_symbols):
    """Sequences of a hidden Markov model: symbols, and the states that gave them."""
    go = rng.dirichlet(0.3 * np.ones(n_tags), size=n_tags)
    say = rng.dirichlet(0.3 * np.ones(n_symbols), size=n_tags)
    tags, symbols = np.zeros((n, length), "int32"), np.zeros((n, length), "int32")
    for i in range(n):
        tag = rng.randint(n_tags)
        for t in range(length):
            tag = rng.choice(n_tags, p=go[tag])
            tags[i, t], symbols[i, t] = tag, rng.choice(n_symbols, p=say[tag])
    return symbols, tags


def log_sum_exp(x, axis):
    largest = T.max(x, axis=axis, keepdims=True)
    return T.log(T.sum(T.exp(x - largest), axis=axis)) + T.max(x, axis=axis)


def log_partition(unary, transitions):
    """The logarithm of the sum over all tag sequences. `unary`: steps by tags."""

    def step(scores, alpha):
        return log_sum_exp(alpha.dimshuffle(0, "x") + transitions, axis=0) + scores

    alphas, _ = theano.scan(step, sequences=[unary[1:]], outputs_info=[unary[0]])
    return log_sum_exp(alphas[-1], axis=0)


def path_score(unary, transitions, tags):
    steps = T.arange(tags.shape[0])
    return T.sum(unary[steps, tags]) + T.sum(transitions[tags[:-1], tags[1:]])


def viterbi(unary, transitions):
    """The best tag sequence: a loop forwards that keeps where the best came from, and one back."""

    def forwards(scores, best):
        candidates = best.dimshuffle(0, "x") + transitions
        return T.max(candidates, axis=0) + scores, T.argmax(candidates, axis=0)

    (best, came_from), _ = theano.scan(forwards, sequences=[unary[1:]], outputs_info=[unary[0], None])
    last = T.argmax(best[-1])
    before, _ = theano.scan(lambda back, tag: back[tag], sequences=[came_from], outputs_info=[last], go_backwards=True)
    return T.concatenate([before[::-1], last.dimshuffle("x")])


def run(epochs=3, seed=2):
    """Train sequence by sequence; returns the costs of the epochs, the share of wrong tags of new sequences, and
    what these should be and are."""
    rng = np.random.RandomState(seed)
    n_tags, n_symbols, floatX = 4, 9, theano.config.floatX
    symbols, tags = tagged(rng, 80, 12, n_tags, n_symbols)
    emissions = theano.shared(np.zeros((n_symbols, n_tags), dtype=floatX), name="emissions")
    transitions = theano.shared(np.zeros((n_tags, n_tags), dtype=floatX), name="transitions")
    x, y = T.ivector("x"), T.ivector("y")
    unary = emissions[x]
    cost = log_partition(unary, transitions) - path_score(unary, transitions, y)
    cost += 0.01 * (T.sum(emissions**2) + T.sum(transitions**2))
    params = [emissions, transitions]
    updates = [(p, p - np.asarray(0.1, dtype=floatX) * g) for p, g in zip(params, T.grad(cost, params))]
    train = theano.function([x, y], cost, updates=updates)
    decode = theano.function([x], viterbi(unary, transitions))
    costs = [float(np.mean([train(symbols[i], tags[i]) for i in range(60)])) for _ in runs.steps(epochs)]
    decoded = np.array([decode(s) for s in symbols[60:]])
    return {
        "costs": costs,
        "wrong": float(np.mean(decoded != tags[60:])),
        "transitions": transitions.get_value().tolist(),
        "decoded": decoded.tolist(),
        "tags": tags[60:].tolist(),
    }


DEFAULTS = dict(epochs=10, seed=2)


def report(result):
    print("cost: %s" % ", ".join("%.3f" % c for c in result["costs"]))
    print("wrong tags: %.1f %%" % (100 * result["wrong"]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
