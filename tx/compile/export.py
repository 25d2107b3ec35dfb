"""Functions as files that run without their graph: `export` writes one, `load` reads it.

A file is a zip: ``header.json`` says what is in it, each stage of the function is a serialised StableHLO program for
several platforms, and the values of shared variables lie beside as ``.npy`` entries.
"""

from __future__ import annotations

import builtins
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.lowering.export import deserialize, serialize
from tx.version import __version__

PLATFORMS = ("cpu", "cuda", "tpu")
_FORMAT, _VERSION = "tx-export", 1


def export(
    function: Any, file: Any, examples: Sequence[Any] = (), shapes: Any = None, platforms: Sequence[str] = PLATFORMS
) -> None:
    """Write a compiled function to a path or file, for `load`.

    It is specialised on the shapes of its arguments, which come from `examples`, a value for each input, or from
    `shapes`. Current values of shared variables go along. Raises ValueError for a function with a host-only Op, or
    whose sizes depend on values of arguments, and TypeError for a wrong number of examples.
    """
    inputs = [i.variable.type for i in function.inputs]
    given = list(examples) if shapes is None else [np.ones(s, t.dtype) for s, t in zip(shapes, inputs, strict=True)]
    if len(given) != len(inputs):
        raise TypeError(f"{function} has {len(inputs)} inputs: export wants an example or a shape for each")
    given = [t.filter(v, allow_downcast=None) for v, t in zip(given, inputs, strict=True)]
    stages, constants = serialize(function, given, platforms)
    plan = function.maker
    header = {
        "format": _FORMAT,
        "version": _VERSION,
        "tx": __version__,
        "name": function.name,
        "platforms": list(platforms),
        "inputs": [
            {"name": i.name, "dtype": v.dtype.name, "shape": v.shape}
            for i, v in zip(function.inputs, given, strict=True)
        ],
        "states": [s.name for s in function.get_shared()],
        "updates": list(plan.updates),
        "outputs": len(plan.outputs),
        "structure": plan.structure,
        "stages": [description for description, _ in stages],
        "constants": list(constants),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("header.json", json.dumps(header, indent=1))
        for i, (_, program) in enumerate(stages):
            target.writestr(f"stage {i}.stablehlo", program)
        values = {f"state {i}": s.get_value() for i, s in enumerate(function.get_shared())}
        for name, value in {**constants, **values}.items():
            stream = io.BytesIO()
            np.save(stream, value, allow_pickle=False)
            target.writestr(f"{name}.npy", stream.getvalue())


class ExportedFunction:
    """A function that was loaded. Call it as the function that was exported; its shared values are in `states`."""

    def __init__(self, header: dict[str, Any], programs: Sequence[Any], values: dict[str, Any]):
        self.header = header
        self.name, self.inputs = header["name"], header["inputs"]
        self._stages = list(zip(header["stages"], programs, strict=True))
        self._constants = {name: values[name] for name in header["constants"]}
        #: the shared values, in order
        self.states = [values[f"state {i}"] for i in range(len(header["states"]))]

    def get_value(self, name: str) -> Any:
        """A copy of the value of the shared variable of that name. Raises KeyError when there is none."""
        if name not in self.header["states"]:
            raise KeyError(f"no shared variable {name!r}: there are {self.header['states']}")
        return np.array(self.states[self.header["states"].index(name)])

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Raises TypeError for arguments of other shapes or types than those that the function was exported for."""
        known = {**self._constants, **{f"state {i}": v for i, v in enumerate(self.states)}}
        known.update({f"argument {i}": v for i, v in enumerate(self._arguments(list(arguments), named))})
        for stage, program in self._stages:
            results = program([known[name] for name in stage["reads"]])
            if stage["checks"] is not None:
                _judge(stage["checks"], results.pop())
            known.update(zip(stage["makes"], results, strict=True))
        n = self.header["outputs"]
        for i, position in enumerate(self.header["updates"]):
            self.states[position] = known[f"result {n + i}"]
        outputs, structure = [known[f"result {i}"] for i in range(n)], self.header["structure"]
        if structure is None:
            return outputs[0]
        return dict(zip(structure, outputs, strict=True)) if structure else outputs

    def _arguments(self, values: list[Any], named: dict[str, Any]) -> list[Any]:
        for spec in self.inputs[len(values) :]:
            if spec["name"] not in named:
                raise TypeError(f"Missing required input: {spec['name']}")
            values.append(named.pop(spec["name"]))
        if named or len(values) != len(self.inputs):
            raise TypeError(f"{self.name} takes the inputs {[i['name'] for i in self.inputs]}")
        return [self._fit(value, spec) for value, spec in zip(values, self.inputs, strict=True)]

    def _fit(self, value: Any, spec: dict[str, Any]) -> Any:
        array = np.asarray(value)
        if array.dtype != spec["dtype"]:
            if not np.can_cast(array.dtype, spec["dtype"], "safe" if isinstance(value, np.ndarray) else "same_kind"):
                raise TypeError(f"input {spec['name']} is {spec['dtype']}, not {array.dtype}")
            array = array.astype(spec["dtype"])
        if list(array.shape) != list(spec["shape"]):
            raise TypeError(f"{self.name} was exported for {spec['name']} of shape {spec['shape']}, not {array.shape}")
        return array

    def __repr__(self) -> str:
        return f"<exported tx function {self.name}>"


def _judge(checks: Sequence[Any], verdict: Any) -> None:
    code = int(verdict[0])
    if code:
        name, message = checks[code - 1]
        kind = getattr(builtins, name, RuntimeError)
        raise kind(message)


def load(file: Any) -> ExportedFunction:
    """The function that `export` has written. Raises ValueError for another kind of file, or one of a later tx."""
    try:
        with zipfile.ZipFile(file) as source:
            header = json.loads(source.read("header.json"))
            if header.get("format") != _FORMAT:
                raise ValueError(f"{file} was not written by tx.export")
            if header["version"] > _VERSION:
                raise ValueError(f"{file} has version {header['version']}, written by tx {header['tx']}: too new")
            names = [*header["constants"], *(f"state {i}" for i in range(len(header["states"])))]
            values = {n: np.load(io.BytesIO(source.read(f"{n}.npy")), allow_pickle=False) for n in names}
            programs = [
                deserialize(source.read(f"stage {i}.stablehlo"), stage["signature"])
                for i, stage in enumerate(header["stages"])
            ]
    except (zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ValueError(f"{file} was not written by tx.export: {error}") from error
    return ExportedFunction(header, programs, values)


__all__ = ["ExportedFunction", "export", "load"]
