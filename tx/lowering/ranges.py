"""Whether indices are in range, and which places they name: known now, found at every call, or by the device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jax import lax

from tx.configuration import config
from tx.lowering import direct
from tx.lowering.trace import Trace
from tx.tensor.subtensor import Nonzero

#: the host looks at so many indices faster than the device tells that one is out of range
_HOST = 1 << 16


class IndexInRange:
    """Raises IndexError unless an index is in range of an axis of length `n`."""

    def __init__(self, axis: int, n: int):
        self.axis, self.n = axis, n
        self.__qualname__ = f"index_in_range{axis},{n}"

    def __call__(self, index: Any) -> None:
        if not -self.n <= int(index) < self.n:
            raise out_of_range(int(index), self.axis, self.n)


class IndicesInRange:
    """Raises IndexError unless all indices are in range of an axis of length `n`; they are an array of a dtype, not
    empty."""

    def __init__(self, axis: int, n: int, dtype: Any):
        self.axis, self.n = axis, n
        # As unsigned numbers negative ones are beyond all others: one look at the array is enough, if there are none.
        self.unsigned = np.dtype(dtype if np.dtype(dtype).kind == "u" else f"u{dtype}")
        self.__qualname__ = f"indices_in_range{axis},{n}"

    def __call__(self, index: Any) -> None:
        unsigned = index.view(self.unsigned)
        if unsigned.item(unsigned.argmax()) >= self.n:  # which is quicker than max
            bad = index[(index < -self.n) | (index >= self.n)]
            if bad.size:
                raise out_of_range(int(bad.flat[0]), self.axis, self.n)


def out_of_range(index: int, axis: int, n: int) -> IndexError:
    """The exception for an index that is out of range."""
    return IndexError(f"index {index} is out of bounds for axis {axis} with size {n}")


def check_range(trace: Trace, variable: Any, index: Any, axis: int, n: int) -> None:
    """Demand that all of `index` is in range: now, at every call, or on the device, as early as it is known."""
    known = variable.type.ndim == 0 and trace.knows(variable)
    if known and (trace.host_checks or not trace.depends_on_arguments(variable)):
        trace.ask(IndexInRange(axis, n), variable)
        return
    if index.size == 0:
        return
    if variable in trace.arguments and trace.host_checks and index.size <= _HOST and config.checks != "off":
        trace.ask(IndicesInRange(axis, n, variable.type.dtype), variable)
        return
    data = getattr(variable, "data", None)
    if data is not None:
        IndicesInRange(axis, n, variable.type.dtype)(np.asarray(data))
        return
    flat = _signed(lax.reshape(index, (index.size,)), n)
    wrong = lax.bitwise_or(direct.below(flat, -n), lax.ge(flat, direct.scalar(n, flat.dtype)))
    trace.check_each(wrong, flat, lambda payload: out_of_range(payload, axis, n))


def are_places(trace: Trace, variable: Any, n: int) -> bool:
    """Whether indices are where something of `n` elements, or fewer, is not zero."""
    node = variable.owner
    if node is None or not isinstance(node.op, Nonzero):
        return False
    mask = trace.values.get(node.inputs[0])
    return mask is not None and mask.shape[node.outputs.index(variable)] <= n


def from_start(index: Any, n: int, counted: bool = False) -> Any:
    """An index in range, counted from the start, as it may be `counted` already."""
    if counted:
        return lax.convert_element_type(index, place_dtype([n]))
    index = _signed(index, n)
    index = direct.where(direct.below(index, 0), direct.plus(index, n), index)
    return lax.convert_element_type(index, place_dtype([n]))


def _signed(index: Any, n: int) -> Any:
    """An index as integers that hold both it and the length `n`: of 32 bits if these do, all that accelerators have."""
    small = np.can_cast(index.dtype, "int32") and place_dtype([n]) == "int32"
    return direct.cast(index, "int32" if small else "int64")


def place_dtype(shape: Sequence[int]) -> str:
    """The dtype of places in an array of this shape."""
    return "int32" if all(isinstance(n, int) and n < 2**31 for n in shape) else "int64"


__all__ = ["IndexInRange", "IndicesInRange", "are_places", "check_range", "from_start", "out_of_range", "place_dtype"]
