"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

from jax import lax

from tx.lowering import direct
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.basic import LogSoftmax, Softmax


def _shifted(x: Any) -> Any:
    # A row without elements has no largest one.
    return lax.sub(x, direct.kept(lax.reduce_max(x, (1,)), (1,), x.shape)) if x.shape[1] else x


def _total(x: Any) -> Any:
    return direct.kept(lax.reduce_sum(x, (1,)), (1,), x.shape)


@lowers(Softmax)
def softmax(trace: Trace, node: Any, x: Any) -> Any:
    """Shifted by the largest element, so that nothing overflows."""
    powers = lax.exp(_shifted(x))
    return lax.div(powers, _total(powers))


@lowers(LogSoftmax)
def log_softmax(trace: Trace, node: Any, x: Any) -> Any:
    """The same, in logarithms."""
    shifted = _shifted(x)
    return lax.sub(shifted, lax.log(_total(lax.exp(shifted))))
