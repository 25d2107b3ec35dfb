"""Lowering a compiled function for devices that are not here, by `jax.export`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax import export

from tx.lowering.device import to_device, x64
from tx.lowering.program import Program
from tx.lowering.specialize import Stage


def export_function(function: Any, arguments: Sequence[Any], platforms: Sequence[str] = ("cuda", "tpu")) -> list[Any]:
    """The stages of `function` (from `tx.function`) lowered for `platforms`: a `jax.export.Exported` each.

    They are specialised on the sizes that `arguments` (one value for each input) give. No shared variable changes.
    Raises ValueError for a function with a host-only Op.
    """
    program: Program = function.maker.make_program()
    inputs = [np.asarray(a, v.type.dtype) for a, v in zip(arguments, program.arguments, strict=True)]
    states = [np.asarray(s.container.held) for s in function.get_shared()]
    values = [*inputs, *states]
    program(_fresh(values, len(inputs)))
    known: dict[Any, Any] = dict(zip(program.inputs, values, strict=True))
    exported = []
    for step, needs, makes in program.steps:
        if not isinstance(step, Stage):
            raise ValueError(f"{step.node.op} can only run on the host: the function cannot be exported")
        given = [np.asarray(known[v]) for v in needs]
        exported.append(_export(step, given, platforms))
        known.update(zip(makes, step(_fresh(given, 0)), strict=True))
    return exported


def _fresh(values: Sequence[Any], host: int) -> list[Any]:
    """Values of a call whose states may be donated: behind the first `host`, each in a buffer of its own."""
    return [v if i < host else to_device(v) for i, v in enumerate(values)]


def _export(stage: Stage, values: Sequence[Any], platforms: Sequence[str]) -> Any:
    shapes = [jax.ShapeDtypeStruct(v.shape, v.dtype) for v in values]
    jitted = stage.specializations[-1].jitted or stage.jitted
    with x64(), stage.tracing(values):
        return export.export(jitted, platforms=list(platforms))(*shapes)
