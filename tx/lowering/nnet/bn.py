"""Batch normalisation, in the layout that the images are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from tx.lowering import direct, layout
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.bn import AbstractBatchNormInference, AbstractBatchNormTrain, AbstractBatchNormTrainGrad


def _in_layout(trace: Trace, axes: Sequence[int], values: Sequence[Any], function: Callable[..., Any]) -> list[Any]:
    """``function(axes, *values)``, a list; with channels last if an array is known so. Halves become singles in it."""
    dtype = values[0].dtype
    wide = [direct.cast(v, "float32") if dtype == "float16" else v for v in values]
    if not layout.is_kept(trace, *values):
        return [direct.cast(y, dtype) for y in function(axes, *wide)]
    order = layout.shape_with_channels_last(range(values[0].ndim))
    moved = [layout.channels_last(trace, v) for v in wide]
    results = function([order.index(a) for a in axes], *moved)
    return [layout.keep(trace, direct.cast(y, dtype)) for y in results]


def _sum(x: Any, axes: Sequence[int]) -> Any:
    return lax.expand_dims(lax.reduce_sum(x, tuple(axes)), axes)


def _mean(x: Any, axes: Sequence[int]) -> Any:
    total = _sum(x, axes)
    return lax.div(total, direct.scalar(x.size / max(total.size, 1), x.dtype))


@lowers(AbstractBatchNormTrain)
def train(trace: Trace, node: Any, x: Any, scale: Any, bias: Any, epsilon: Any, factor: Any, *running: Any) -> Any:
    """The variance is a mean of squares, after the mean is taken off: a difference of squares would lose digits."""

    def function(axes: Sequence[int], x: Any, scale: Any, bias: Any, *running: Any) -> list[Any]:
        mean = _mean(x, axes)
        centred = x - mean
        variance = _mean(lax.square(centred), axes)
        invstd = 1 / jnp.sqrt(variance + direct.cast(epsilon, x.dtype))
        count = x.size / max(mean.size, 1)
        new = (mean, variance * (count / (count - 1) if count > 1 else jnp.inf))
        weight = direct.cast(factor, x.dtype)
        averages = [old * (1 - weight) + value * weight for old, value in zip(running, new, strict=False)]
        return [centred * (scale * invstd) + bias, mean, invstd, *averages]

    return _in_layout(trace, node.op.axes, [x, scale, bias, *running], function)


@lowers(AbstractBatchNormTrainGrad)
def gradient(trace: Trace, node: Any, *values: Any) -> Any:
    """Two sums over each channel, and one pass over the images."""

    def function(axes: Sequence[int], x: Any, dy: Any, scale: Any, mean: Any, invstd: Any) -> list[Any]:
        centred = x - mean
        by_bias = _sum(dy, axes)
        by_scale = _sum(dy * centred, axes) * invstd
        count = x.size / max(mean.size, 1)
        by_x = (scale * invstd) * (dy - by_bias / count - centred * (invstd * by_scale / count))
        return [by_x, by_scale, by_bias]

    return _in_layout(trace, node.op.axes, values[:5], function)


@lowers(AbstractBatchNormInference)
def inference(trace: Trace, node: Any, *values: Any) -> Any:
    """Elementwise."""
    epsilon = values[-1]

    def function(axes: Sequence[int], x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> list[Any]:
        return [(x - mean) * (scale / jnp.sqrt(variance + direct.cast(epsilon, x.dtype))) + bias]

    return _in_layout(trace, node.op.axes, values[:-1], function)
