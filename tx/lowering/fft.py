"""Fourier transforms."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.tensor.fft import IRFFT, RFFT, Fourier


def _axes(lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(range(1, len(lengths) + 1))


@lowers(RFFT)
def rfft(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """Real and imaginary parts, side by side."""
    lengths = trace.static(node.inputs[1])
    z = jnp.fft.rfftn(x, s=lengths, axes=_axes(lengths))
    return jnp.stack([z.real, z.imag], axis=-1).astype(x.dtype)


@lowers(IRFFT)
def irfft(trace: Trace, node: Any, x: Any, _: Any) -> Any:
    """Not normalised."""
    lengths = trace.static(node.inputs[1])
    z = x[..., 0] + 1j * x[..., 1]
    return jnp.fft.irfftn(z, s=lengths, axes=_axes(lengths), norm="forward").astype(x.dtype)


@lowers(Fourier)
def fourier(trace: Trace, node: Any, a: Any, _: Any) -> Any:
    """Along one axis."""
    return jnp.fft.fft(a, n=trace.static(node.inputs[1]), axis=node.op.axis).astype("complex128")
