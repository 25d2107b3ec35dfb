"""Hessian-free optimisation (after Martens, 2010): conjugate gradients with products by the Gauss-Newton matrix."""

import numpy as np
import theano
import theano.tensor as T

import runs


def two_moons(rng, n):
    """Points of two interleaved half circles, and which one each belongs to."""
    angle = rng.uniform(0, np.pi, n)
    label = rng.randint(2, size=n)
    x = np.where(label, 1 - np.cos(angle), np.cos(angle))
    y = np.where(label, 0.5 - np.sin(angle), np.sin(angle))
    points = np.stack([x, y], axis=1) + 0.1 * rng.randn(n, 2)
    return points.astype(theano.config.floatX), label.astype("int32")


class Network(object):
    """Two layers, with all parameters in one vector."""

    def __init__(self, rng, n_in=2, n_hidden=12, n_out=2):
        shapes = [(n_in, n_hidden), (n_hidden,), (n_hidden, n_out), (n_out,)]
        values = [rng.randn(*s) * (1.0 if len(s) == 2 else 0.0) / np.sqrt(s[0]) for s in shapes]
        self.theta = theano.shared(
            np.concatenate([v.ravel() for v in values]).astype(theano.config.floatX), name="theta"
        )
        self.parts, start = [], 0
        for shape in shapes:
            size = int(np.prod(shape))
            self.parts.append(self.theta[start : start + size].reshape(shape, ndim=len(shape)))
            start += size

    def scores(self, x):
        W, b, V, c = self.parts
        return T.dot(T.tanh(T.dot(x, W) + b), V) + c


def gauss_newton_product(cost, scores, theta, vector):
    """J' H J v: forwards through the network, by the Hessian of the cost in terms of the scores, and backwards."""
    tangent = T.Rop(scores, theta, vector)
    curved = T.grad(T.sum(T.grad(cost, scores) * theano.gradient.disconnected_grad(tangent)), scores)
    return T.Lop(scores, theta, curved)


def conjugate_gradients(product, b, start, n_steps):
    """`n_steps` towards the solution of A x = b, as a scan."""

    def step(x, r, p, rr):
        Ap = product(p)
        alpha = rr / T.maximum(T.dot(p, Ap), 1e-20)
        x, r = x + alpha * p, r - alpha * Ap
        new = T.dot(r, r)
        return x, r, r + (new / T.maximum(rr, 1e-20)) * p, new

    residual = b - product(start)
    outputs, _ = theano.scan(step, outputs_info=[start, residual, residual, T.dot(residual, residual)], n_steps=n_steps)
    return outputs[0][-1]


def gradient_descent(network, cost, x, y, points, labels, steps, rate):
    """For comparison: the costs of steps along the gradient, from where the network is, to where it returns."""
    start = network.theta.get_value()
    updates = [(network.theta, network.theta - np.asarray(rate, dtype=start.dtype) * T.grad(cost, network.theta))]
    descend = theano.function([x, y], cost, updates=updates)
    costs = [float(descend(points, labels)) for _ in range(steps)]
    network.theta.set_value(start)
    return costs


def run(steps=12, seed=5):
    """Train; returns cost and damping step by step, the share of wrong predictions, and for comparison the costs of
    ten times as many steps of gradient descent."""
    rng = np.random.RandomState(seed)
    points, labels = two_moons(rng, 300)
    network = Network(rng)
    x, y, damping = T.matrix("x"), T.ivector("y"), T.scalar("damping")
    start = theano.shared(np.zeros_like(network.theta.get_value()), name="start")
    scores = network.scores(x)
    cost = -T.mean(T.log(T.nnet.softmax(scores))[T.arange(y.shape[0]), y])
    gradient = T.grad(cost, network.theta)

    def product(v):
        return gauss_newton_product(cost, scores, network.theta, v) + damping * v

    direction = conjugate_gradients(product, -gradient, start, 10)
    promised = T.dot(gradient, direction) + 0.5 * T.dot(direction, product(direction))
    search = theano.function([x, y, damping], [cost, promised, direction], allow_input_downcast=True)
    measure = theano.function([x, y], [cost, T.mean(T.neq(T.argmax(scores, axis=1), y), dtype="float64")])
    descent = gradient_descent(network, cost, x, y, points, labels, 10 * steps, 1.0)
    costs, dampings, strength = [], [], 1.0
    for _ in runs.steps(steps):
        before, hoped, move = search(points, labels, strength)
        old = network.theta.get_value()
        network.theta.set_value(old + move)
        ratio = (float(measure(points, labels)[0]) - float(before)) / float(hoped)
        if ratio < 0:
            network.theta.set_value(old)
        strength *= 1.5 if ratio < 0.25 else (0.66 if ratio > 0.75 else 1.0)
        start.set_value((0.9 * move).astype(theano.config.floatX))
        costs.append(float(before))
        dampings.append(strength)
    error = float(measure(points, labels)[1])
    return {"costs": costs, "dampings": dampings, "error": error, "descent": descent}


DEFAULTS = dict(steps=30, seed=5)


def report(result):
    print("cost: %s" % ", ".join("%.4f" % c for c in result["costs"]))
    print("%d steps of gradient descent: %.4f" % (len(result["descent"]), result["descent"][-1]))
    print("wrong: %.1f %%" % (100 * result["error"]))


if __name__ == "__main__":
    runs.main(__doc__, run, DEFAULTS, report)
