"""Functions as files that run without their graph: `export` writes one, `load` reads it.

A file is a zip: ``header.json`` says what is in it, each stage of the function is a serialised StableHLO program for
several platforms, and the values of shared variables lie beside as ``.npy`` entries.
"""

from __future__ import annotations

import builtins
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tx.lowering.export import deserialize, serialize
from tx.version import __version__

PLATFORMS = ("cpu", "cuda", "tpu")
_FORMAT, _VERSION = "tx-export", 2


def export(
    function: Any, file: Any, examples: Sequence[Any] = (), shapes: Any = None, platforms: Sequence[str] = PLATFORMS
) -> None:
    """Write a compiled function to a path or file, for `load`.

    It is specialised on the shapes of its arguments, which come from `examples`, a value for each input, or from
    `shapes`, one for each input (a list, or a dict by input or name). A length in `shapes` may be a name: ``("batch",
    784)`` is any number of rows, the same one wherever ``batch`` stands. With both, `examples` have lengths that are
    possible, for programs that do not take any. Current values of shared variables go along.

    Raises ValueError for a function with a host-only Op, whose sizes depend on values of arguments, or whose program
    is another one for other lengths where there are names; TypeError for a wrong number of examples or shapes.
    """
    inputs = [i.variable.type for i in function.inputs]
    shapes = None if shapes is None else _listed(shapes, function)
    given = list(examples)
    if shapes is not None and not given:
        lengths = _lengths(shapes)
        given = [np.ones([lengths.get(n, n) for n in s], t.dtype) for s, t in zip(shapes, inputs, strict=False)]
    if len(given) != len(inputs) or (shapes is not None and len(shapes) != len(inputs)):
        raise TypeError(f"{function} has {len(inputs)} inputs: export wants an example or a shape for each")
    given = [t.filter(v, allow_downcast=None) for v, t in zip(given, inputs, strict=True)]
    shapes = [v.shape for v in given] if shapes is None else shapes
    stages, constants = serialize(function, given, platforms, shapes)
    plan = function.maker
    header = {
        "format": _FORMAT,
        "version": _VERSION,
        "tx": __version__,
        "name": function.name,
        "platforms": list(platforms),
        "inputs": [
            {"name": i.name, "dtype": v.dtype.name, "shape": s}
            for i, v, s in zip(function.inputs, given, shapes, strict=True)
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


def _listed(shapes: Any, function: Any) -> list[tuple[int | str, ...]]:
    """A shape for each input, of numbers and names. Raises TypeError where one is missing or is no shape."""
    if isinstance(shapes, Mapping):
        both = [(shapes.get(i.variable, shapes.get(i.name)), i.variable.ndim) for i in function.inputs]
        shapes = [() if shape is None and not ndim else shape for shape, ndim in both]
    for shape in shapes:
        if shape is None or not all(isinstance(n, int) or (isinstance(n, str) and n.isidentifier()) for n in shape):
            raise TypeError(f"export wants a shape of numbers and names for each input, not {shape!r}")
    return [tuple(s) for s in shapes]


def _lengths(shapes: Sequence[Sequence[int | str]]) -> dict[Any, int]:
    """Lengths for the names to try the function with: no two alike."""
    names = dict.fromkeys(n for s in shapes for n in s if isinstance(n, str))
    return {name: 3 + 2 * i for i, name in enumerate(names)}


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
        lengths: dict[str, int] = {}
        return [self._fit(value, spec, lengths) for value, spec in zip(values, self.inputs, strict=True)]

    def _fit(self, value: Any, spec: dict[str, Any], lengths: dict[str, int]) -> Any:
        """An argument as its program wants it. `lengths` are those that names stand for in this call, so far."""
        array = np.asarray(value)
        if array.dtype != spec["dtype"]:
            if not np.can_cast(array.dtype, spec["dtype"], "safe" if isinstance(value, np.ndarray) else "same_kind"):
                raise TypeError(f"input {spec['name']} is {spec['dtype']}, not {array.dtype}")
            array = array.astype(spec["dtype"])
        named = len(array.shape) == len(spec["shape"]) and all(array.shape)
        wanted = [lengths.setdefault(n, m) if isinstance(n, str) else n
                  for n, m in zip(spec["shape"], array.shape, strict=True)] if named else spec["shape"]  # fmt: skip
        if list(array.shape) != list(wanted):
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
