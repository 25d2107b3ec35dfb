"""Normal numbers with the bits of Theano's C code, which calls `log`, `cos` and `sin` of the C library, or `logf`, ...

So does XLA on the CPU, but for `logf`: its logarithm in single precision is its own. Hence `_logf`; the rest is to
round where the C code does. Other devices have other functions, and give other last digits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from jax import lax

from tx.lowering import direct
from tx.lowering.apart import on_this_cpu
from tx.lowering.gathering import gather
from tx.lowering.registry import lowers
from tx.lowering.trace import Trace
from tx.random.box_muller import BoxMuller

# glibc (from 2.27) computes logf in double precision: x = 2**k z, with z in 16 pieces from 0.7 to 1.4, and
# log x = k log 2 + log c + r + r² q(r), where c is the middle of z's piece, and r = z / c - 1. In the piece with 1, c
# is 1, so that log x is exact about 1; the piece above it is not taken at its middle, either. All that is told by the
# values of logf. The q below, fitted to them, gives the same float32 for all but 2 in a million z (k = 0; fewer below).
_FIRST, _PIECES, _PIECE_BITS = 0x3F330000, 16, 19
_CENTRES = ((np.arange(_PIECES) * 2 + 1 << _PIECE_BITS - 1) + _FIRST).astype("int32").view("float32").astype("float64")
_CENTRES[9:11] = 1, 1.05342454965015
_LOGS = np.log(_CENTRES)
_Q = (-0.4999997484419335, 0.33345676771076843, -0.25089419367856064)

#: no number of the generator leads as far
FARTHEST = 8.0


def _logf(x: Any) -> Any:
    """The C library's single-precision logarithm, for positive normal float32."""
    offset = direct.plus(lax.bitcast_convert_type(x, "int32"), -_FIRST)
    piece = lax.bitwise_and(lax.shift_right_arithmetic(offset, np.int32(_PIECE_BITS)), np.int32(_PIECES - 1))
    z = direct.plus(lax.bitwise_and(offset, np.int32(0x7FFFFF)), _FIRST)
    z = lax.convert_element_type(lax.bitcast_convert_type(z, "float32"), "float64")
    centre, log_centre = (gather(table, [piece]) for table in (_CENTRES, _LOGS))
    r = direct.plus(lax.div(z, centre), -1)
    q = direct.plus(lax.mul(r, direct.plus(direct.times(r, _Q[2]), _Q[1])), _Q[0])
    log_z = lax.add(log_centre, lax.add(r, lax.mul(lax.mul(r, r), q)))
    k = lax.convert_element_type(lax.shift_right_arithmetic(offset, np.int32(23)), "float64")
    return lax.convert_element_type(lax.add(direct.times(k, math.log(2)), log_z), "float32")


def _of_half(u: Any, v: Any) -> list[Any]:
    """float16 -> float32. Theano has no C code for it: NumPy computes in double precision, and rounds what is stored:
    the direction to float16, the distance to float32. XLA may leave out a conversion there and back, but not this.
    """
    u, v = (lax.reduce_precision(x.astype("float64"), 5, 10) for x in (u, v))
    angle = lax.reduce_precision(v * float(np.float16(2 * math.pi)), 5, 10)
    radius = lax.reduce_precision(lax.sqrt(lax.log(u) * -2), 8, 23)
    return [(radius * f(angle)).astype("float32") for f in (lax.cos, lax.sin)]


@lowers(BoxMuller)
def box_muller(trace: Trace, node: Any, u: Any, v: Any) -> Any:
    """A number is clamped to a range that it is in: or else XLA could fuse the last product with a sum, unrounded."""
    if u.dtype == "float16":
        return _of_half(u, v)
    if on_this_cpu(trace):  # numpy, which has no barrier of two, has other functions, and rounds once more
        u, v = lax.optimization_barrier((u, v))
    radius = lax.sqrt(direct.times(_logf(u) if u.dtype == "float32" else lax.log(u), -2))
    angle = direct.times(v, 2 * math.pi)
    return [direct.clip(lax.mul(radius, f(angle)), -FARTHEST, FARTHEST) for f in (lax.cos, lax.sin)]
