"""Batch normalisation, in the layout that the images are in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
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


_add, _sub, _mul, _div = map(direct.broadcasting, (lax.add, lax.sub, lax.mul, lax.div))


def _root(variance: Any, epsilon: Any) -> Any:
    return lax.sqrt(_add(variance, direct.cast(epsilon, variance.dtype)))


@lowers(AbstractBatchNormTrain)
def train(trace: Trace, node: Any, x: Any, scale: Any, bias: Any, epsilon: Any, factor: Any, *running: Any) -> Any:
    """The variance is a mean of squares, after the mean is taken off: a difference of squares would lose digits."""

    def function(axes: Sequence[int], x: Any, scale: Any, bias: Any, *running: Any) -> list[Any]:
        mean = _mean(x, axes)
        centred = _sub(x, mean)
        variance = _mean(lax.square(centred), axes)
        invstd = lax.integer_pow(_root(variance, epsilon), -1)
        count = x.size / max(mean.size, 1)
        new = (mean, direct.times(variance, count / (count - 1) if count > 1 else np.inf))
        weight = direct.cast(factor, x.dtype)
        rest = lax.sub(direct.scalar(1, x.dtype), weight)
        averages = [_add(_mul(old, rest), _mul(value, weight)) for old, value in zip(running, new, strict=False)]
        return [_add(_mul(centred, _mul(scale, invstd)), bias), mean, invstd, *averages]

    return _in_layout(trace, node.op.axes, [x, scale, bias, *running], function)


@lowers(AbstractBatchNormTrainGrad)
def gradient(trace: Trace, node: Any, *values: Any) -> Any:
    """Two sums over each channel, and one pass over the images."""

    def function(axes: Sequence[int], x: Any, dy: Any, scale: Any, mean: Any, invstd: Any) -> list[Any]:
        centred = _sub(x, mean)
        by_bias = _sum(dy, axes)
        by_scale = _mul(_sum(lax.mul(dy, centred), axes), invstd)
        count = direct.scalar(x.size / max(mean.size, 1), x.dtype)
        along = _mul(centred, _div(_mul(invstd, by_scale), count))
        by_x = _mul(_mul(scale, invstd), lax.sub(_sub(dy, _div(by_bias, count)), along))
        return [by_x, by_scale, by_bias]

    return _in_layout(trace, node.op.axes, values[:5], function)


@lowers(AbstractBatchNormInference)
def inference(trace: Trace, node: Any, *values: Any) -> Any:
    """Elementwise."""
    epsilon = values[-1]

    def function(axes: Sequence[int], x: Any, scale: Any, bias: Any, mean: Any, variance: Any) -> list[Any]:
        return [_add(_mul(_sub(x, mean), _div(scale, _root(variance, epsilon))), bias)]

    return _in_layout(trace, node.op.axes, values[:-1], function)
