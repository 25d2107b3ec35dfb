"""Normal numbers from uniform ones. G. E. P. Box and M. E. Muller, A note on the generation of random normal deviates
(1958).
"""

from __future__ import annotations

from typing import Any

from tx.graph import Apply
from tx.random.mrg import Unconnected
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType


class BoxMuller(Unconnected):
    """Two normal numbers from two between 0 and 1: the first one tells how far from 0, the other in which direction.

    ``x, y = BoxMuller()(u, v)`` with vectors of one float dtype: ``sqrt(-2 log u)`` times cosine and sine of ``2πv``,
    in that dtype (of float16, in float32). An Op, and no expression, since it promises every bit: it is rounded where
    Theano's C code rounds.
    """

    __props__ = ()

    def make_node(self, u: Any, v: Any) -> Apply:
        """Raises TypeError unless both are vectors of the same float dtype."""
        u, v = as_tensor_variable(u), as_tensor_variable(v)
        if u.ndim != 1 or v.ndim != 1 or u.dtype != v.dtype or not u.dtype.startswith("float"):
            raise TypeError("BoxMuller takes two vectors of one float dtype", u.type, v.type)
        dtype = "float32" if u.dtype == "float16" else u.dtype
        return Apply(self, [u, v], [TensorType(dtype, u.type.broadcastable)() for _ in range(2)])


__all__ = ["BoxMuller"]
