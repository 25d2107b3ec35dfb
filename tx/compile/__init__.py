"""Compilation: `function`, and what is written around it."""

from tx.builders import FromFunctionOp, OpFromGraph, as_op
from tx.compile.function import Function, UnusedInputError, function
from tx.compile.io import In, Out, Param
from tx.compile.mode import FAST_COMPILE, FAST_RUN, Mode, get_default_mode, get_mode, predefined_modes
from tx.shared import SharedVariable, shared

__all__ = [
    "FAST_COMPILE",
    "FAST_RUN",
    "FromFunctionOp",
    "Function",
    "In",
    "Mode",
    "OpFromGraph",
    "Out",
    "Param",
    "SharedVariable",
    "UnusedInputError",
    "as_op",
    "function",
    "get_default_mode",
    "get_mode",
    "predefined_modes",
    "shared",
]
