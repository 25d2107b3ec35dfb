"""Batch normalisation: with the statistics of the minibatch, and with given ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.shapes import addbroadcast
from tx.tensor.type_other import DisconnectedType


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


def _both_or_none(running_mean: Any, running_var: Any) -> list[Any]:
    """The running averages that are given. Raises ValueError for one without the other."""
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be given or both be None")
    return [] if running_mean is None else [running_mean, running_var]


class _Normalisation(Op):
    """An Op on tensors of one rank, the first of which is normalised over `axes`; numbers follow.

    Raises ValueError for no axes and for what is no tuple of integers.
    """

    __props__: tuple[str, ...] | None = ("axes",)

    def __init__(self, axes: Sequence[int] = (0,)):
        if not isinstance(axes, tuple | list) or not axes:
            raise ValueError(f"axes must be a tuple of at least one axis, got {axes!r}")
        self.axes = tuple(int(a) for a in axes)

    def _common(self, *variables: Any) -> list[Any]:
        """All as tensors of the dtype that holds them. Raises ValueError unless they have one rank, and those axes."""
        tensors = [as_tensor_variable(v) for v in variables]
        ranks = {t.ndim for t in tensors}
        if len(ranks) > 1 or max(self.axes) >= min(ranks):
            raise ValueError(
                f"{type(self).__name__} over the axes {self.axes} takes tensors of one rank that has them; "
                f"got ranks {[t.ndim for t in tensors]}"
            )
        dtype = dt.upcast(*(t.dtype for t in tensors))
        return [F.cast(t, dtype) for t in tensors]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Numbers (the epsilon, the factor of averages) are not connected."""
        return [[v.ndim > 0] * len(node.outputs) for v in node.inputs]


class AbstractBatchNormTrain(_Normalisation):
    """(x - mean) * (scale / standard deviation) + bias; the mean; 1 / standard deviation; and new running averages.

    The parameters have length 1 along `axes`. The running averages are optional.
    """

    def make_node(
        self,
        x: Any,
        scale: Any,
        bias: Any,
        epsilon: Any = 1e-4,
        running_average_factor: Any = 0.1,
        running_mean: Any = None,
        running_var: Any = None,
    ) -> Apply:
        """Raises ValueError for tensors of different ranks, and for one running average without the other."""
        tensors = self._common(x, scale, bias, *_both_or_none(running_mean, running_var))
        numbers = [as_tensor_variable(epsilon), as_tensor_variable(running_average_factor)]
        x, scale, _, *running = tensors
        outputs = [v.type() for v in (x, scale, scale, *running)]
        return Apply(self, [*tensors[:3], *numbers, *running], outputs)

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Scale and bias have no influence on the statistics, running averages on new ones only."""
        count = len(node.outputs)
        pattern = [[True] * count, *([[True, *[False] * (count - 1)]] * 2), *([[False] * count] * 2)]
        return pattern + [[i == k for i in range(count)] for k in range(3, count)]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """That of the normalised tensor has an Op; with others it is derived."""
        x, scale, _, epsilon, *_ = inputs
        if any(not isinstance(g.type, DisconnectedType) for g in gradients[1:]):
            found: list[Any] = [...] * 3
        else:
            found = AbstractBatchNormTrainGrad(self.axes)(x, gradients[0], scale, *outputs[1:3], epsilon)
        averages = [DisconnectedType()() if isinstance(g.type, DisconnectedType) else ... for g in gradients[3:]]
        return [*found, DisconnectedType()(), DisconnectedType()(), *averages]


class AbstractBatchNormTrainGrad(_Normalisation):
    """The gradients by x, scale and bias, from x, that by the output, scale, mean and 1 / standard deviation."""

    def make_node(self, x: Any, dy: Any, scale: Any, x_mean: Any, x_invstd: Any, epsilon: Any = 1e-4) -> Apply:
        """`epsilon` has no influence. Raises ValueError for tensors of different ranks."""
        x, dy, scale, x_mean, x_invstd = self._common(x, dy, scale, x_mean, x_invstd)
        inputs = [x, dy, scale, x_mean, x_invstd, as_tensor_variable(epsilon)]
        return Apply(self, inputs, [x.type(), scale.type(), scale.type()])


class AbstractBatchNormInference(_Normalisation):
    """(x - mean) * (scale / sqrt(variance + epsilon)) + bias."""

    def make_node(
        self, x: Any, scale: Any, bias: Any, estimated_mean: Any, estimated_variance: Any, epsilon: Any = 1e-4
    ) -> Apply:
        """Raises ValueError for tensors of different ranks."""
        tensors = self._common(x, scale, bias, estimated_mean, estimated_variance)
        return Apply(self, [*tensors, as_tensor_variable(epsilon)], [tensors[0].type()])


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
    form = _Parameters(inputs, axes, epsilon)
    running = _both_or_none(running_mean, running_var)
    parameters = form.expand(gamma, beta, *running)
    op = AbstractBatchNormTrain(form.axes)
    outputs, *results = op(inputs, *parameters[:2], epsilon, running_average_factor, *parameters[2:])
    return (outputs, *(form.shorten(r) for r in results))


def batch_normalization_test(
    inputs: Any, gamma: Any, beta: Any, mean: Any, var: Any, axes: Any = "per-activation", epsilon: Any = 1e-4
) -> Any:
    """Normalise by a given mean and variance; for `axes` and errors see `batch_normalization_train`."""
    inputs = as_tensor_variable(inputs)
    form = _Parameters(inputs, axes, epsilon)
    op = AbstractBatchNormInference(form.axes)
    return op(inputs, *form.expand(gamma, beta, mean, var), epsilon)


__all__ = [
    "AbstractBatchNormInference",
    "AbstractBatchNormTrain",
    "AbstractBatchNormTrainGrad",
    "batch_normalization",
    "batch_normalization_test",
    "batch_normalization_train",
]
