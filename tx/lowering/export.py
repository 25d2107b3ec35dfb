"""Lowering a compiled function for devices that are not here, by `jax.export`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import export

from tx.graph import Constant, walk
from tx.graph.utils import see
from tx.lowering.calls import needs_host
from tx.lowering.device import in_x64, to_device, x64
from tx.lowering.program import Program
from tx.lowering.specialize import Stage
from tx.lowering.trace import NeedStage, Retrace, Undonatable

_OLDEST = export.minimum_supported_calling_convention_version
_NEWEST = export.maximum_supported_calling_convention_version


def export_function(function: Any, arguments: Sequence[Any], platforms: Sequence[str] = ("cuda", "tpu")) -> list[Any]:
    """The stages of `function` (from `tx.function`) lowered for `platforms`: a `jax.export.Exported` each.

    They are specialised on the sizes that `arguments` (one value for each input) give. No shared variable changes.
    Those of a function on a mesh, which may be abstract, are for as many devices.
    Raises ValueError for a function with a host-only Op.
    """
    return [exported for exported, *_ in _exported_steps(function, arguments, platforms)]


def _exported_steps(
    function: Any, arguments: Sequence[Any], platforms: Sequence[str], shapes: Sequence[Any] = ()
) -> Iterator[Any]:
    """For each stage: what was exported, the stage, the Variables that it needs, their values, what it makes.

    `shapes` are those of the arguments where they are not the values' own: with names for lengths that may be any.
    """
    program: Program = function.maker.make_program()
    program.check_on_device()
    for node in walk.toposort(program.results, program.inputs):
        if needs_host(node.op):
            raise _refused(f"{node.op} can only run on the host: the function cannot be exported")
    inputs = [np.asarray(a, v.type.dtype) for a, v in zip(arguments, program.arguments, strict=True)]
    states = [np.asarray(container.read()) for container in function.maker.containers]
    values = [*inputs, *states]
    named = any(isinstance(n, str) for shape in shapes for n in shape)
    whole = None if named else _export_whole(program, values, platforms)
    if whole is not None:
        ((stage, needs, makes),) = program.steps
        yield whole, stage, needs, values, makes
        return
    program(_fresh(values, len(inputs)))
    known: dict[Any, Any] = dict(zip(program.inputs, values, strict=True))
    scope = export.SymbolicScope()
    symbolic = {v: _dimensions(s, scope) for v, s in zip(program.arguments, shapes, strict=False)}
    for step, needs, makes in program.steps:
        if not isinstance(step, Stage):
            raise _refused(f"{step.node.op} can only run on the host: the function cannot be exported")
        given = [np.asarray(known[v] if v in known else getattr(v, "data")) for v in needs]  # noqa: B009
        wanted = [symbolic.get(v, g.shape) for v, g in zip(needs, given, strict=True)]
        exported = _export(step, given, wanted, platforms)
        yield exported, step, needs, given, makes
        symbolic.update((v, a.shape) for v, a in zip(makes, exported.out_avals, strict=False))
        known.update(zip(makes, step(_fresh(given, 0)), strict=True))


def _dimensions(shape: Sequence[int | str], scope: Any) -> tuple[Any, ...]:
    """A shape as jax has it: what is no number is a symbol, or an expression with symbols."""
    return tuple(n if isinstance(n, int) else export.symbolic_shape(n, scope=scope)[0] for n in shape)


def _export_whole(program: Program, values: Sequence[Any], platforms: Sequence[str]) -> Any:
    """The only stage, exported without being compiled or run; None where the program takes several."""
    while program.single is not None:
        stage = program.single
        try:
            return _export(stage, values, [v.shape for v in values], platforms)
        except Undonatable as stop:
            stage.keep_state(stop.position)
        except NeedStage:
            break
    return None


def serialize(
    function: Any, arguments: Sequence[Any], platforms: Sequence[str], shapes: Sequence[Any] = ()
) -> tuple[list[Any], dict[str, Any]]:
    """The stages of `function` as (description, bytes), and the values that they read and no argument gives.

    A description says by name what a stage reads and makes, and which error each of its checks raises. Names:
    ``argument 0``, ``state 0``, ``result 0`` (the outputs, then the new states), ``value 0`` for what is in between.
    `shapes` are those of the arguments, with names for lengths that may be any. Raises ValueError where the program
    depends on values of arguments, and not only on their shapes, or where it is another one for other lengths.
    """
    if function.maker.plan is not None:
        raise _refused(f"{function} runs on a mesh of devices: export the same function made without one")
    names: dict[Any, str] = {}
    constants: dict[str, Any] = {}
    stages = []
    for kind, variables in (("argument", [i.variable for i in function.inputs]), ("state", function.get_shared())):
        names.update({v: f"{kind} {i}" for i, v in enumerate(variables)})
    for exported, stage, needs, given, makes in _exported_steps(function, arguments, platforms, shapes):
        made = stage.specializations[-1]
        if made.guards:
            read = {v for guard in made.guards for v in guard.variables if not isinstance(v, Constant)}
            asked = sorted(map(str, read))
            raise _refused(f"the sizes in {function} depend on the values of {asked}: it cannot be exported")
        for variable, value in zip(needs, given, strict=True):
            if variable not in names:
                names[variable] = f"constant {len(constants)}"
                constants[names[variable]] = value
        for thing in makes:
            names[thing] = f"result {thing[1]}" if isinstance(thing, tuple) else f"value {len(names)}"
        checks = [_failure(check) for check in made.checks] if made.has_verdict else None
        described = {"reads": [names[v] for v in needs], "makes": [names[v] for v in makes], "checks": checks}
        stages.append(({**described, "signature": _signature(exported)}, exported.mlir_module_serialized))
    return stages, constants


def _refused(why: str) -> Exception:
    """The error for a function that is no program of shapes alone."""
    error: Exception = see(ValueError(why), "export")
    return error


def _failure(check: Any) -> tuple[str, str]:
    """The class and the message of the error that a check raises."""
    error = check.make(0)
    return type(error).__name__, str(error)


def _signature(exported: Any) -> dict[str, Any]:
    """What, besides its StableHLO, a program is called by."""
    return {
        "takes": [[_written(a.shape), a.dtype.name] for a in exported.in_avals],
        "gives": [[_written(a.shape), a.dtype.name] for a in exported.out_avals],
        "kept": list(exported.module_kept_var_idx),
        "convention": exported.calling_convention_version,
        "platforms": list(exported.platforms),
    }


def _written(shape: Sequence[Any]) -> list[int | str]:
    return [n if isinstance(n, int) else str(n) for n in shape]


def deserialize(program: bytes, signature: dict[str, Any]) -> Any:
    """What runs a stage: a function of values.

    Raises ValueError where this version of jax does not read what another one has written.
    """
    scope = export.SymbolicScope()
    with x64():
        takes, gives = (
            [jax.ShapeDtypeStruct(_dimensions(s, scope), d) for s, d in signature[k]] for k in ("takes", "gives")
        )
        # jax's own reader of files needs a further package; of a program alike only the module differs.
        alike = jax.jit(lambda *values: [jnp.zeros(o.shape, o.dtype) for o in gives])
        exported = dataclasses.replace(
            export.export(alike, platforms=signature["platforms"])(*takes),
            mlir_module_serialized=program,
            module_kept_var_idx=tuple(signature["kept"]),
            calling_convention_version=signature["convention"],
        )
    if not _OLDEST <= signature["convention"] <= _NEWEST:
        raise ValueError(
            f"jax {jax.__version__} does not read programs of calling convention {signature['convention']}"
        )
    call = jax.jit(exported.call)
    return lambda values: [np.array(r) for r in in_x64(call, values)]


def _fresh(values: Sequence[Any], host: int) -> list[Any]:
    """Values of a call whose states may be donated: behind the first `host`, each in a buffer of its own."""
    return [v if i < host else to_device(v) for i, v in enumerate(values)]


def _export(stage: Stage, values: Sequence[Any], shapes: Sequence[Any], platforms: Sequence[str]) -> Any:
    wanted = [jax.ShapeDtypeStruct(s, v.dtype) for s, v in zip(shapes, values, strict=True)]
    jitted = stage.new_jit()
    if stage.plan is not None:
        jitted, wanted = jitted.jitted, jitted.structs(wanted)
    symbols = sorted({str(n) for s in shapes for n in s if export.is_symbolic_dim(n)})
    try:
        with x64(), stage.tracing(values):
            return export.export(jitted, platforms=list(platforms))(*wanted)
    except Exception as error:
        if not symbols or isinstance(error, Retrace | Undonatable):
            raise
        # with numbers it was traced before
        raise _refused(
            f"the program of {stage.name} is not the same for all lengths {', '.join(symbols)}: give numbers.\n{error}"
        ) from error
