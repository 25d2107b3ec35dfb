"""Compilation: `function`, and what is written around it."""

from tx.builders import OpFromGraph
from tx.compile import debugmode, monitormode, nanguardmode, profiling
from tx.compile.debugmode import DebugMode
from tx.compile.function import Function, FunctionMaker, UnusedInputError, function, function_dump
from tx.compile.io import In, Out, Param, SymbolicInput, SymbolicOutput
from tx.compile.mode import (
    FAST_COMPILE,
    FAST_RUN,
    Mode,
    get_default_mode,
    get_mode,
    predefined_linkers,
    predefined_modes,
    predefined_optimizers,
    register_linker,
    register_mode,
    register_optimizer,
)
from tx.compile.monitormode import MonitorMode
from tx.compile.ops import (
    DeepCopyOp,
    FromFunctionOp,
    Rebroadcast,
    Shape,
    Shape_i,
    SpecifyShape,
    ViewOp,
    as_op,
    deep_copy_op,
    register_deep_copy_op_c_code,
    register_rebroadcast_c_code,
    register_shape_c_code,
    register_shape_i_c_code,
    register_specify_shape_c_code,
    register_view_op_c_code,
    shape,
    specify_shape,
    view_op,
)
from tx.compile.profiling import ProfileStats
from tx.compile.rebuild import rebuild_collect_shared
from tx.rewriting.pipeline import optdb
from tx.shared import SharedVariable, shared

__all__ = [
    "DebugMode",
    "DeepCopyOp",
    "FAST_COMPILE",
    "FAST_RUN",
    "FromFunctionOp",
    "Function",
    "FunctionMaker",
    "In",
    "Mode",
    "MonitorMode",
    "OpFromGraph",
    "Out",
    "Param",
    "ProfileStats",
    "Rebroadcast",
    "Shape",
    "Shape_i",
    "SharedVariable",
    "SpecifyShape",
    "SymbolicInput",
    "SymbolicOutput",
    "UnusedInputError",
    "ViewOp",
    "as_op",
    "debugmode",
    "deep_copy_op",
    "function",
    "function_dump",
    "get_default_mode",
    "get_mode",
    "optdb",
    "monitormode",
    "nanguardmode",
    "predefined_linkers",
    "predefined_modes",
    "predefined_optimizers",
    "profiling",
    "rebuild_collect_shared",
    "register_deep_copy_op_c_code",
    "register_linker",
    "register_mode",
    "register_optimizer",
    "register_rebroadcast_c_code",
    "register_shape_c_code",
    "register_shape_i_c_code",
    "register_specify_shape_c_code",
    "register_view_op_c_code",
    "shape",
    "shared",
    "specify_shape",
    "view_op",
]
