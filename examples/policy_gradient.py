"""Policy gradients (REINFORCE with a baseline): finding the way through a small grid world."""

import numpy as np
import theano
import theano.tensor as T

import runs

SIZE, GOAL, PIT = 4, (3, 3), (1, 2)
MOVES = [(-1, 0), (1, 0), (0, -1), (0, 1)]


def observe(place):
    seen = np.zeros(SIZE * SIZE, dtype=theano.config.floatX)
    seen[place[0] * SIZE + place[1]] = 1
    return seen


class Policy(object):
    """A softmax over moves, and a guess of the return from each place."""

    def __init__(self, rng, n_hidden=16):
        floatX = theano.config.floatX
        self.W = theano.shared((0.3 * rng.randn(SIZE * SIZE, n_hidden)).astype(floatX))
        self.V = theano.shared((0.3 * rng.randn(n_hidden, 4)).astype(floatX))
        self.v = theano.shared(np.zeros(n_hidden, dtype=floatX))
        self.params = [self.W, self.V, self.v]
        x, moves, returns = T.matrix("x"), T.ivector("moves"), T.vector("returns")
        hidden = T.nnet.relu(T.dot(x, self.W))
        p, guess = T.nnet.softmax(T.dot(hidden, self.V)), T.dot(hidden, self.v)
        advantage = theano.gradient.disconnected_grad(returns - guess)
        chosen = T.log(p)[T.arange(moves.shape[0]), moves]
        entropy = -T.sum(p * T.log(p), axis=1)
        cost = -T.sum(advantage * chosen) + 0.5 * T.sum((returns - guess) ** 2) - 0.01 * T.sum(entropy)
        gradients = T.grad(cost, self.params)
        norm = T.sqrt(sum(T.sum(g**2) for g in gradients))
        scale = np.asarray(0.05, dtype=floatX) / T.maximum(norm, 1)
        updates = [(w, w - scale * g) for w, g in zip(self.params, gradients)]
        self.act = theano.function([x], p)
        self.learn = theano.function([x, moves, returns], [cost, norm], updates=updates, allow_input_downcast=True)


def episode(policy, rng, longest=20):
    """One walk: what was seen, done, and rewarded."""
    place, seen, moves, rewards = (0, 0), [], [], []
    while len(moves) < longest:
        x = observe(place)
        probabilities = policy.act(x[None])[0].astype("float64")
        move = int(np.searchsorted(np.cumsum(probabilities), rng.uniform() * probabilities.sum()))
        place = tuple(min(max(a + d, 0), SIZE - 1) for a, d in zip(place, MOVES[min(move, 3)]))
        seen.append(x)
        moves.append(min(move, 3))
        rewards.append(1.0 if place == GOAL else -1.0 if place == PIT else -0.02)
        if place in (GOAL, PIT):
            break
    return np.array(seen), np.array(moves, dtype="int32"), np.array(rewards)


def run(episodes=120, discount=0.95, seed=9):
    """Train; returns the sum of rewards and the length of each episode, the costs, and
    the probabilities of the moves at each place."""
    rng = np.random.RandomState(seed)
    policy = Policy(rng)
    totals, lengths, costs = [], [], []
    for _ in runs.steps(episodes):
        seen, moves, rewards = episode(policy, rng)
        returns = np.zeros_like(rewards)
        total = 0.0
        for t in reversed(range(len(rewards))):
            total = rewards[t] + discount * total
            returns[t] = total
        cost, _ = policy.learn(seen, moves, returns)
        totals.append(float(rewards.sum()))
        lengths.append(len(rewards))
        costs.append(float(cost))
    everywhere = np.eye(SIZE * SIZE, dtype=theano.config.floatX)
    return {"totals": totals, "lengths": lengths, "costs": costs, "moves": policy.act(everywhere).tolist()}


DEFAULTS = dict(episodes=2000, seed=9)


def report(result):
    totals = result["totals"]
    means = [np.mean(totals[i : i + 100]) for i in range(0, len(totals), 100)]
    print("mean reward by hundreds: %s" % ", ".join("%.2f" % m for m in means))
    print("mean length of the last hundred walks: %.1f" % np.mean(result["lengths"][-100:]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
