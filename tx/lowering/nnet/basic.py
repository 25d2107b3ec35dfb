"""Softmax and its logarithm."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.basic import LogSoftmax, Softmax


def _shifted(x: Any) -> Any:
    # A row without elements has no largest one.
    return x - jnp.max(x, axis=1, keepdims=True) if x.shape[1] else x


@lowers(Softmax)
def softmax(trace: Trace, node: Any, x: Any) -> Any:
    """Shifted by the largest element, so that nothing overflows."""
    powers = jnp.exp(_shifted(x))
    return powers / jnp.sum(powers, axis=1, keepdims=True)


@lowers(LogSoftmax)
def log_softmax(trace: Trace, node: Any, x: Any) -> Any:
    """The same, in logarithms."""
    shifted = _shifted(x)
    return shifted - jnp.log(jnp.sum(jnp.exp(shifted), axis=1, keepdims=True))
