"""A small network with annotations, for type checkers: ``mypy --strict examples/typed.py`` finds nothing to say.

It learns which of two half moons a point belongs to.
"""

from dataclasses import dataclass

import numpy as np

import tx as theano
import tx.tensor as T
from tx.random import MRG_RandomStreams

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def half_moons(n: int, seed: int = 0) -> tuple[Floats, Floats]:
    """`n` points of each moon, and which moon each is of."""
    rng = np.random.RandomState(seed)
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.concatenate([upper, lower]) + 0.1 * rng.normal(size=(2 * n, 2))
    return points, np.repeat([0.0, 1.0], n)


@dataclass
class Layer:
    """A linear map and an offset."""

    weights: T.TensorSharedVariable
    offset: T.TensorSharedVariable

    @classmethod
    def of(cls, n_in: int, n_out: int, rng: np.random.RandomState) -> "Layer":
        weights = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        return cls(theano.shared(weights, name="weights"), theano.shared(np.zeros(n_out), name="offset"))

    def __call__(self, x: T.TensorVariable) -> T.TensorVariable:
        return T.dot(x, self.weights) + self.offset


def descend(
    cost: T.TensorVariable, parameters: list[T.TensorSharedVariable], rate: float
) -> list[tuple[T.TensorSharedVariable, T.TensorVariable]]:
    """The updates of a step of gradient descent."""
    gradients = theano.grad(cost, parameters)
    return [(p, p - rate * g) for p, g in zip(parameters, gradients, strict=True)]


def run(steps: int = 300, seed: int = 1) -> float:
    """Train, and return the share of new points that are taken for one of the other moon."""
    rng = np.random.RandomState(seed)
    hidden, output = Layer.of(2, 16, rng), Layer.of(16, 1, rng)
    x, y = T.dmatrix("x"), T.dvector("y")
    noise = MRG_RandomStreams(seed).normal(x.shape, std=0.05)

    def probability(points: T.TensorVariable) -> T.TensorVariable:
        return T.nnet.sigmoid(output(T.tanh(hidden(points)))).flatten()

    cost = T.nnet.binary_crossentropy(probability(x + noise), y).mean()
    parameters = [hidden.weights, hidden.offset, output.weights, output.offset]
    train = theano.function([x, y], cost, updates=descend(cost, parameters, 0.5))
    wrong = theano.function([x, y], T.neq(probability(x) > 0.5, y).mean())

    points, moons = half_moons(100, seed)
    for _ in range(steps):
        train(points, moons)
    return float(wrong(*half_moons(500, seed + 1)))


if __name__ == "__main__":
    error = run()
    print(f"{100 * error:.1f} % of new points are on the other side")
