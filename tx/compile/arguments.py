"""What `function` is given, checked: inputs, outputs, updates, givens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tx.compile.io import In, Out, as_input
from tx.graph import Constant, Variable, walk
from tx.graph.utils import Documented, see
from tx.shared import Container, SharedVariable
from tx.tensor.convert import as_tensor_variable


class UnusedInputError(Documented):
    """An input of a function is not part of the graph of its outputs."""

    page = "unused_input"


def output_specs(outputs: Any) -> tuple[list[Out], Any]:
    """The outputs as a list, and their structure: None for one, a list, or the keys of a dict."""
    if outputs is None:
        return [], []
    if isinstance(outputs, dict):
        if not all(isinstance(k, str) for k in outputs):
            raise AssertionError("If outputs is a dict, its keys must be strings")
        keys = tuple(sorted(outputs))
        return [_as_out(outputs[k]) for k in keys], keys
    if isinstance(outputs, list | tuple):
        return [_as_out(o) for o in outputs], []
    return [_as_out(outputs)], None


def _as_out(spec: Any) -> Out:
    if isinstance(spec, Out):
        return spec
    if isinstance(spec, Variable):
        return Out(spec)
    try:
        return Out(as_tensor_variable(spec))
    except TypeError as error:
        raise TypeError("Unknown output type: expected Variable or Out instances", type(spec), spec) from error


def _check_repeated(variables: Sequence[Any]) -> None:
    for i, variable in enumerate(variables):
        if (first := variables.index(variable)) != i:
            raise UnusedInputError(
                f"Variable {variable} is listed twice among the inputs of the function, at indices {first} and {i}: "
                "list each only once."
            )


def checked_inputs(inputs: Any, allow_input_downcast: bool | None) -> list[In]:
    """The inputs as `In`s. Raises Exception for what is no list, TypeError for shared variables and constants."""
    if not isinstance(inputs, list | tuple):
        raise Exception("Inputs variable of a Theano function should be contained in a list, even when there is a "
                        "single input.")  # fmt: skip
    specs = [as_input(i) for i in inputs]
    for spec in specs:
        if isinstance(spec.variable, SharedVariable):
            raise TypeError(f"Cannot use a shared variable ({spec.variable}) as explicit input. Consider substituting "
                "a non-shared variable via the `givens` parameter")  # fmt: skip
        if isinstance(spec.variable, Constant):
            raise TypeError(f"A constant ({spec.variable}) cannot be an input")
        if spec.allow_downcast is None:
            spec.allow_downcast = allow_input_downcast
    _check_repeated([spec.variable for spec in specs])
    return specs


def container_for(spec: In) -> Container:
    """The cell of an input, with its default value. Raises what the type says about the default, as a call would."""
    if isinstance(spec.value, Container):
        return spec.value
    cell = Container(spec.variable.type, None, spec.name, spec.strict, spec.allow_downcast)
    try:
        cell.value = spec.value
    except Exception as error:
        raise type(error)(*error.args, f'Container name "{spec.name}"') from error
    return cell


def as_pairs(mapping: Any, what: str) -> list[tuple[Any, Any]]:
    if mapping is None:
        return []
    if isinstance(mapping, Mapping):
        return list(mapping.items())
    if isinstance(mapping, tuple):
        mapping = list(mapping)
    if not isinstance(mapping, list) or any(not isinstance(p, tuple | list) or len(p) != 2 for p in mapping):
        raise ValueError(f"The {what} parameter must be an OrderedDict/dict or a list of lists/tuples with 2 elements")
    return [tuple(p) for p in mapping]


def checked_updates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    updates: dict[Any, Any] = {}
    for target, value in pairs:
        if not isinstance(target, SharedVariable):
            raise TypeError("update target must be a SharedVariable", target)
        if target in updates:
            raise ValueError(f"this shared variable already has an update expression: {target}", updates[target])
        updates[target] = fit_update(target, value)
    return updates


def fit_update(target: Any, value: Any) -> Any:
    """`value` as what `target` becomes. Raises TypeError unless it has the very same type."""
    try:
        if not isinstance(value, Variable):
            value = target.type.make_constant(target.type.filter(value, allow_downcast=None))
        return target.type.filter_variable(value, allow_convert=False)
    except TypeError as error:
        wrong = TypeError(
            f"An update must have the same type as the original shared variable (shared_var={target}, "
            f"shared_var.type={target.type}, update_val={value}, update_val.type={getattr(value, 'type', None)}). "
            "If the difference is related to the broadcast pattern, you can call the tensor.unbroadcast(var, "
            "axis_to_unbroadcast[, ...]) function to remove broadcastable dimensions."
        )
        raise see(wrong, "update_type") from error


def checked_givens(pairs: list[tuple[Any, Any]], inputs: Sequence[Any]) -> dict[Any, Any]:
    """The replacements, in order: a value may use what an earlier pair replaces.

    Raises RuntimeError when an input would be replaced, AssertionError when a value needs what a later pair replaces.
    """
    givens: dict[Any, Any] = {}
    for position, (old, value) in enumerate(pairs):
        if not isinstance(old, Variable):
            raise TypeError("givens must replace Variables", old)
        new = value if isinstance(value, Variable) else as_tensor_variable(value)
        if old in inputs:
            raise RuntimeError(
                f"You are trying to replace variable {old} through the `givens` parameter, but this variable is an "
                "input to your function: replacing it has no effect. Rename one of them."
            )
        if old in givens:
            raise AssertionError(f"{old} is given twice")
        later = {k for k, _ in pairs[position:] if k is not old}
        needed = [v for v in walk.ancestors([new], list(givens)) if v in later]
        if needed:
            raise AssertionError(
                "When using 'givens' with several (old, new) pairs, a new Variable cannot depend on an old one that "
                f"is only replaced later: the value given for {old} needs {needed}"
            )
        (givens[old],) = (
            walk.rebuild([old.type.filter_variable(new)], givens) if givens else [old.type.filter_variable(new)]
        )
    return givens


def default_updates(outputs: Sequence[Any], updates: dict[Any, Any], no_default_updates: Any) -> None:
    """Add the `default_update` of every shared variable that is used and has no update of its own."""
    if no_default_updates is True:
        return
    refused = set(no_default_updates) if isinstance(no_default_updates, list) else set()
    pending = list(outputs) + list(updates.values())
    while pending:
        leaves = [v for v in walk.inputs(pending) if isinstance(v, SharedVariable)]
        pending = []
        for variable in leaves:
            if variable.default_update is None or variable in updates or variable in refused:
                continue
            updates[variable] = fit_update(variable, variable.default_update)
            pending.append(updates[variable])
