"""Matrix factorisation with biases: ratings of films by users, learnt by stochastic gradient descent on minibatches."""

import numpy as np
import theano
import theano.tensor as T

import runs


def ratings(rng, n_users, n_items, rank, n_ratings):
    """Synthetic ratings: who rated what, and how (about 1 to 5)."""
    users, items = rng.randint(n_users, size=n_ratings), rng.randint(n_items, size=n_ratings)
    taste, kind = rng.randn(n_users, rank), rng.randn(n_items, rank)
    values = 3.0 + 0.7 * np.sum(taste[users] * kind[items], axis=1) + 0.1 * rng.randn(n_ratings)
    return users.astype("int32"), items.astype("int32"), values.astype(theano.config.floatX)


class Factorization(object):
    """A user's rating of an item: a mean, a bias of each, and the product of two vectors."""

    def __init__(self, rng, n_users, n_items, rank):
        floatX = theano.config.floatX
        self.P = theano.shared((0.3 * rng.randn(n_users, rank)).astype(floatX), name="P")
        self.Q = theano.shared((0.3 * rng.randn(n_items, rank)).astype(floatX), name="Q")
        self.bu = theano.shared(np.zeros(n_users, dtype=floatX), name="bu")
        self.bi = theano.shared(np.zeros(n_items, dtype=floatX), name="bi")
        self.mean = theano.shared(np.asarray(3.0, dtype=floatX), name="mean")

    def predict(self, users, items):
        return self.mean + self.bu[users] + self.bi[items] + T.sum(self.P[users] * self.Q[items], axis=1)

    def sgd(self, cost, users, items, rate):
        """Updates of nothing but the rows that the minibatch touches; the mean moves by the mean gradient."""
        n = T.cast(users.shape[0], theano.config.floatX)
        updates = [(self.mean, self.mean - rate * T.grad(cost, self.mean) / n)]
        for table, rows in [(self.P, users), (self.Q, items), (self.bu, users), (self.bi, items)]:
            moved = table[rows] - rate * T.grad(cost, table)[rows]
            updates.append((table, T.set_subtensor(table[rows], moved)))
        return updates


def run(steps=400, batch_size=50, seed=1):
    """Train; returns the errors on the way, and the root mean square error on ratings that were kept back."""
    rng = np.random.RandomState(seed)
    users, items, values = ratings(rng, 60, 40, 3, 3000)
    model = Factorization(rng, 60, 40, 3)
    u, i, r = T.ivector("u"), T.ivector("i"), T.vector("r")
    errors = model.predict(u, i) - r
    penalty = T.sum(model.P[u] ** 2) + T.sum(model.Q[i] ** 2)
    cost = T.sum(errors**2) + 0.02 * penalty
    train = theano.function(
        [u, i, r], T.mean(errors**2), updates=model.sgd(cost, u, i, 0.05), allow_input_downcast=True
    )
    test = theano.function([u, i, r], T.sqrt(T.mean(errors**2)), allow_input_downcast=True)
    costs = []
    for _ in runs.steps(steps):
        batch = rng.permutation(2500)[:batch_size]
        costs.append(float(train(users[batch], items[batch], values[batch])))
    return {"costs": costs, "rmse": float(test(users[2500:], items[2500:], values[2500:]))}


DEFAULTS = dict(steps=400, seed=1)


def report(result):
    print("mean squared error: %.3f at first, %.3f at last" % (result["costs"][0], result["costs"][-1]))
    print("root mean square error of other ratings: %.3f" % result["rmse"])


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
