"""PdbBreakpoint: stop in the debugger while a function runs, when a condition holds."""

from __future__ import annotations

import pdb
from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Op, Variable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable


class PdbBreakpoint(Op):
    """``PdbBreakpoint(name)(condition, *monitored)`` gives the monitored Variables back (one, or a list of them).

    When what is returned is computed and `condition`, a scalar, is not 0, pdb starts; there ``monitored`` is a list of
    the values, which may be changed. It runs on the host.
    Source: theano.tests.breakpoint.PdbBreakpoint.
    """

    __props__ = ("name",)

    def __init__(self, name: str):
        self.name = name

    def make_node(self, condition: Any, *monitored_vars: Any) -> Apply:
        """Raises ValueError when the condition is no scalar, or nothing is monitored."""
        condition = as_tensor_variable(condition)
        if condition.ndim:
            raise ValueError(f"the condition of a breakpoint must be a scalar, not of type {condition.type}")
        if not monitored_vars:
            raise ValueError("a breakpoint needs something to monitor")
        inputs = [v if isinstance(v, Variable) else as_tensor_variable(v) for v in monitored_vars]
        return Apply(self, [condition, *inputs], [v.type() for v in inputs])

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Hands the values on, after a session in pdb if the condition holds."""
        monitored = [np.array(v) if isinstance(v, np.ndarray) else v for v in inputs[1:]]
        if inputs[0]:
            print("\n")
            print("-------------------------------------------------")
            print(f"Conditional breakpoint '{self.name}' activated\n")
            print("The monitored variables are stored, in order,")
            print("in the list `monitored`. The function goes on")
            print("with what is in it when you leave the debugger.")
            print("-------------------------------------------------")
            pdb.set_trace()
        for cell, value in zip(output_storage, monitored, strict=True):
            cell[0] = value

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return [F.disconnected(), *gradients]

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Each output is its own input; the condition has no influence."""
        n = len(node.outputs)
        return [[False] * n, *([i == k for k in range(n)] for i in range(n))]

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes[1:])

    def __str__(self) -> str:
        return f"PdbBreakpoint{{name={self.name!r}}}"


__all__ = ["PdbBreakpoint"]
