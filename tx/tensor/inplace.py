"""``exp_inplace`` and its kin: XLA decides what is computed in place, so each is the plain operation.

Source: theano.tensor.inplace.
"""

from __future__ import annotations

from tx import scalar
from tx.tensor.elemwise import Elemwise
from tx.tensor.shapes import transpose

#: each elementwise operation, said to be in place of its first input
INPLACE = {f"{name}_inplace": Elemwise(op, {0: 0}) for name, op in scalar.table.items()}
INPLACE["fill_inplace"] = INPLACE["second_inplace"]
transpose_inplace = transpose

globals().update(INPLACE)
__all__ = ["INPLACE", "transpose_inplace", *INPLACE]
