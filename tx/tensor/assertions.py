"""Assert: a value, on the condition that something else is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, Op
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable


class Assert(Op):
    """``Assert(message)(value, *conditions)`` is `value`; AssertionError with the message when it is run and one of
    the conditions, tensors of any shape, has an element that is 0.

    A condition is checked only where the value is used. Source: theano.tensor.opt.Assert.
    """

    __props__ = ("msg",)

    def __init__(self, msg: str = "Theano Assert failed!"):
        self.msg = msg

    def make_node(self, value: Any, *conds: Any) -> Apply:
        """Raises AssertionError when a condition is known to be false."""
        value = as_tensor_variable(value)
        conditions = [as_tensor_variable(c) for c in conds]
        for c in conditions:
            if isinstance(c, Constant) and not np.all(c.data):
                raise AssertionError(self.msg)
        return Apply(self, [value, *conditions], [value.type()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Conditions have no influence on the value."""
        return [[True], *([False] for _ in node.inputs[1:])]

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return [gradients[0], *(F.disconnected() for _ in inputs[1:])]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the value."""
        return [shapes[0]]

    def __str__(self) -> str:
        return f"Assert{{msg={self.msg!r}}}"


assert_op = Assert()

__all__ = ["Assert", "assert_op"]
