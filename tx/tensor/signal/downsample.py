"""The old names of pooling."""

from tx.tensor.signal.pool import DownsampleFactorMaxGradGrad, max_pool_2d_same_size
from tx.tensor.signal.pool import MaxPoolGrad as DownsampleFactorMaxGrad
from tx.tensor.signal.pool import Pool as DownsampleFactorMax
from tx.tensor.signal.pool import pool_2d as max_pool_2d

__all__ = [
    "DownsampleFactorMax",
    "DownsampleFactorMaxGrad",
    "DownsampleFactorMaxGradGrad",
    "max_pool_2d",
    "max_pool_2d_same_size",
]
