"""Signals and images: pooling, and convolution without channels."""

from tx.tensor.signal import conv, downsample, pool

__all__ = ["conv", "downsample", "pool"]
