"""Batch normalisation: with the statistics of the minibatch, and with given ones."""

from __future__ import annotations

from typing import Any

from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.reduction import mean as average
from tx.tensor.reduction import prod
from tx.tensor.reduction import var as variance
from tx.tensor.shapes import addbroadcast


def batch_normalization(inputs: Any, gamma: Any, beta: Any, mean: Any, std: Any, mode: str = "low_mem") -> Any:
    """``(inputs - mean) * (gamma / std) + beta``, elementwise.

    The two modes mean the same in tx. Raises ValueError for another one.
    """
    if mode not in ("low_mem", "high_mem"):
        raise ValueError('mode must be either "low_mem", "high_mem"')
    return (as_tensor_variable(inputs) - mean) * (as_tensor_variable(gamma) / std) + beta


def _axes(axes: Any, ndim: int) -> tuple[tuple[int, ...], list[int]]:
    """The axes that are normalised over, and the others. Raises ValueError for what are no axes of that rank."""
    named = {"per-activation": (0,), "spatial": (0, *range(2, ndim))}
    if isinstance(axes, str) and axes in named:
        axes = named[axes]
    elif not isinstance(axes, tuple | list) or not all(isinstance(a, int) for a in axes):
        raise ValueError(f"invalid axes: {axes}")
    if not axes:
        raise ValueError("there should be at least one normalization axis")
    if max(axes) >= ndim:
        raise ValueError(f"axes should be less than ndim (<{ndim}), but {tuple(axes)} given")
    return tuple(axes), [d for d in range(ndim) if d not in axes]


class _Parameters:
    """Vectors of numbers for each axis that is not normalised over, brought to the rank of the inputs and back."""

    def __init__(self, inputs: Any, axes: Any, epsilon: Any):
        self.ndim = inputs.ndim
        self.axes, self.others = _axes(axes, self.ndim)
        if not hasattr(epsilon, "type") and epsilon < 1e-5:
            raise ValueError(f"epsilon must be at least 1e-5, got {epsilon}")
        self.short = False

    def expand(self, *parameters: Any) -> list[Any]:
        """All of the same rank: one for each of the other axes, or that of the inputs. Raises ValueError else."""
        variables = [as_tensor_variable(p) for p in parameters]
        ranks = {p.ndim for p in variables}
        if len(ranks) > 1 or not ranks <= {self.ndim, len(self.others)}:
            raise ValueError(
                "gamma, beta, mean and var must have as many dimensions as the inputs, or as there are axes that are "
                f"not normalised over; got {[p.ndim for p in variables]}"
            )
        self.short = ranks != {self.ndim}
        if self.short:
            order = ["x" if d in self.axes else self.others.index(d) for d in range(self.ndim)]
            return [p.dimshuffle(*order) for p in variables]
        return [addbroadcast(p, *self.axes) for p in variables]

    def shorten(self, x: Any) -> Any:
        """A statistic in the form that the parameters had."""
        return x.dimshuffle(*self.others) if self.short else x


def batch_normalization_train(
    inputs: Any,
    gamma: Any,
    beta: Any,
    axes: Any = "per-activation",
    epsilon: Any = 1e-4,
    running_average_factor: Any = 0.1,
    running_mean: Any = None,
    running_var: Any = None,
) -> tuple[Any, ...]:
    """Normalise by the minibatch: (outputs, mean, 1 / standard deviation), and new running mean and variance if given.

    `axes` are those to take the mean over: a tuple, 'per-activation' (the first), or 'spatial' (all but the second).
    Running averages move by `running_average_factor` towards the mean and the unbiased variance of the minibatch; use
    them as updates. Raises ValueError for parameters of other ranks, for an `epsilon` below 1e-5, and for one running
    average without the other.
    """
    inputs = as_tensor_variable(inputs)
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be given or both be None")
    running = [] if running_mean is None else [running_mean, running_var]
    form = _Parameters(inputs, axes, epsilon)
    gamma, beta, *running = form.expand(gamma, beta, *running)
    dtype = _common(inputs, gamma, beta, *running)
    inputs, gamma, beta, *running = (F.cast(v, dtype) for v in (inputs, gamma, beta, *running))
    mean = average(inputs, axis=form.axes, keepdims=True)
    var = variance(inputs, axis=form.axes, keepdims=True)
    invstd = F.inv(F.sqrt(var + F.cast(epsilon, dtype)))
    outputs = (inputs - mean) * (gamma * invstd) + beta
    results = [mean, invstd]
    if running:
        factor = F.cast(running_average_factor, dtype)
        number = F.cast(prod([inputs.shape[a] for a in form.axes]), dtype)
        new = (mean, number / (number - 1) * var)
        results += [old * (1 - factor) + value * factor for old, value in zip(running, new, strict=True)]
    return (outputs, *(form.shorten(r) for r in results))


def batch_normalization_test(
    inputs: Any, gamma: Any, beta: Any, mean: Any, var: Any, axes: Any = "per-activation", epsilon: Any = 1e-4
) -> Any:
    """Normalise by a given mean and variance; for `axes` and errors see `batch_normalization_train`."""
    inputs = as_tensor_variable(inputs)
    form = _Parameters(inputs, axes, epsilon)
    gamma, beta, mean, var = form.expand(gamma, beta, mean, var)
    dtype = _common(inputs, gamma, beta, mean, var)
    inputs, gamma, beta, mean, var = (F.cast(v, dtype) for v in (inputs, gamma, beta, mean, var))
    return (inputs - mean) * (gamma / F.sqrt(var + F.cast(epsilon, dtype))) + beta


def _common(*variables: Any) -> str:
    """The dtype that holds all of them."""
    return str(dt.upcast(*(v.dtype for v in variables)))


__all__ = ["batch_normalization", "batch_normalization_test", "batch_normalization_train"]
