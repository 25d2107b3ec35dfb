"""The forward algorithm of connectionist temporal classification, in logarithms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.nnet.ctc import ConnectionistTemporalClassification

#: log(0), finite: a derivative at -inf would be NaN
_NEVER = -1e30


def _shifted(alpha: Any, places: int) -> Any:
    """`alpha` moved to the right, with impossible states in front."""
    return jnp.pad(alpha, [(0, 0), (places, 0)], constant_values=_NEVER)[:, : alpha.shape[1]]


@lowers(ConnectionistTemporalClassification)
def ctc(trace: Trace, node: Any, activations: Any, labels: Any, lengths: Any) -> Any:
    """States are the labels with a blank (0) before, between and behind them."""
    steps, batch, classes = activations.shape
    trace.check(labels < classes, lambda _: ValueError(f"a label is not below {classes}, the number of classes"))
    trace.check((lengths > 0) & (lengths <= steps), lambda _: ValueError(f"input lengths must be from 1 to {steps}"))
    if not activations.size:
        return jnp.zeros(batch, activations.dtype)
    states = jnp.zeros((batch, 2 * labels.shape[1] + 1), labels.dtype).at[:, 1::2].set(jnp.maximum(labels, 0))
    ends = 2 * jnp.sum(labels >= 0, axis=1)
    scores = jnp.take_along_axis(jax.nn.log_softmax(activations), states[None], axis=2)
    place = jnp.arange(states.shape[1])
    # A blank may be left out between two different labels.
    skips = (states != 0) & (states != jnp.pad(states, [(0, 0), (2, 0)])[:, : states.shape[1]]) & (place >= 2)

    def step(alpha: Any, now: Any) -> Any:
        t, score = now
        ways = [alpha, _shifted(alpha, 1), jnp.where(skips, _shifted(alpha, 2), _NEVER)]
        new = jnp.maximum(jax.nn.logsumexp(jnp.stack(ways), axis=0) + score, _NEVER)
        return jnp.where((t < lengths)[:, None], new, alpha), None

    first = jnp.where(place < 2, scores[0], _NEVER)
    alpha, _ = lax.scan(step, first, (jnp.arange(1, steps), scores[1:]))
    last = jnp.take_along_axis(alpha, ends[:, None], axis=1)[:, 0]
    before = jnp.take_along_axis(alpha, jnp.maximum(ends - 1, 0)[:, None], axis=1)[:, 0]
    total = jnp.logaddexp(last, jnp.where(ends > 0, before, _NEVER))
    return jnp.where(total > _NEVER / 2, -total, jnp.inf).astype(activations.dtype)
