"""`function`: from Variables to a callable. The graph is cloned, rewritten, lowered; the callable runs it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from tx.compile.io import In, Out, as_input
from tx.compile.mode import Mode, get_mode
from tx.configuration import config
from tx.graph import Constant, FunctionGraph, MissingInputError, Variable, walk
from tx.graph.utils import user_line
from tx.lowering import Program
from tx.lowering.device import to_device
from tx.lowering.specialize import CheckFailed
from tx.rewriting import rewrite_graph
from tx.shared import Container, SharedVariable
from tx.tensor.convert import as_tensor_variable


class UnusedInputError(Exception):
    """An input of a function is not part of the graph of its outputs."""


class AliasedMemoryError(Exception):
    """Kept for programs that catch it."""


#: an argument with more bytes than this may still be read by the device when a call without outputs returns
_SMALL = 1024


# -- calling ----------------------------------------------------------------------------------------------------------


class Function:
    """A compiled function. Call it with a value for each input, by position or name.

    Returns an ndarray, a list of them, or a dict, as the outputs were given.
    """

    def __init__(self, plan: _Plan):
        self._plan = plan
        self.name = plan.name
        self.inputs = plan.inputs
        self.outputs = plan.outputs
        self._containers = plan.containers
        self._updated = list(plan.updates)
        self._noutputs = len(plan.outputs)
        self._borrow = [o.borrow for o in plan.out_specs]
        self._filters = [(i.variable.type, i.strict, i.allow_downcast) for i in plan.inputs]
        self._fast = [
            (getattr(t, "numpy_dtype", None), getattr(t, "ndim", -1), any(getattr(t, "broadcastable", (True,))))
            for t, _, _ in self._filters
        ]
        self._nin = len(plan.inputs)
        self._plain = all(i.value is None for i in plan.inputs)
        self.trust_input = False
        self.program = plan.make_program()

    def __call__(self, *arguments: Any, **kwargs: Any) -> Any:
        """Raises TypeError for wrong arguments, and what the graph raises; then no shared variable has changed."""
        output_subset = kwargs.pop("output_subset", None) if kwargs else None
        args: Sequence[Any] = arguments
        if kwargs or len(args) != self._nin:
            args = self._bind(args, kwargs)
        values: list[Any] = []
        for i, value in enumerate(args):
            dtype, ndim, patterned = self._fast[i]
            if type(value) is np.ndarray and value.dtype is dtype and value.ndim == ndim and not patterned:
                values.append(value)
            else:
                values.append(self._filter(i, value))
        count = len(values)
        for container in self._containers:
            if not container.on_device:
                container.value = to_device(container.value)
                container.on_device = True
            values.append(container.value)
        n = self._noutputs
        try:
            results = self.program(values)
        except CheckFailed as stop:
            self._restore(stop.results[n:])
            raise stop.error from None
        if self._updated:
            for position, value in zip(self._updated, results[n:], strict=True):
                self._containers[position].value = value
            if not n and any(v.nbytes > _SMALL for v in values[:count]):
                results[-1].block_until_ready()
        outputs = [np.asarray(r) if borrow else np.array(r) for r, borrow in zip(results, self._borrow, strict=False)]
        if output_subset is not None:
            return [outputs[i] for i in output_subset]
        return self._plan.unpack(outputs)

    def _restore(self, states: Sequence[Any]) -> None:
        """Take back the states that a failed call was given: unchanged, but in new buffers."""
        for position, value in zip(self._updated, states, strict=False):
            container = self._containers[position]
            if value.shape == container.value.shape:
                container.value = value

    def _filter(self, i: int, value: Any) -> Any:
        kind, strict, allow_downcast = self._filters[i]
        try:
            return kind.filter(value, strict=strict, allow_downcast=allow_downcast)
        except Exception as error:
            raise type(error)(self._complaint(i), *error.args) from error

    def _complaint(self, i: int) -> str:
        name = self.inputs[i].name
        where = f'name "{self.name}"' if self._plan.named else f"defined at {self.name}"
        which = f'named "{name}" ' if name else ""
        return f"Bad input argument {which}to tx function with {where} at index {i} (0-based)."

    def _bind(self, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
        """Positional and named arguments and defaults, one for each input."""
        if len(args) > self._nin:
            raise TypeError(
                f"Too many parameter passed to tx function: {self.name} takes {self._nin} inputs, got {len(args)}"
            )
        missing = object()
        values = [*args, *[missing] * (self._nin - len(args))]
        names = {i.name: k for k, i in enumerate(self.inputs) if i.name is not None}
        for name, value in kwargs.items():
            if name not in names:
                raise TypeError(f"Unknown input or state: {name}. The function has inputs {list(names)}")
            if values[names[name]] is not missing:
                raise TypeError(f"Multiple values for input: {name}")
            values[names[name]] = value
        for k, spec in enumerate(self.inputs):
            if values[k] is missing:
                if spec.value is None:
                    raise TypeError(f"Missing required input: {spec.name or spec.variable} (input {k} of {self.name})")
                values[k] = spec.value
        return values

    @property
    def maker(self) -> Any:
        """This function's plan (inputs, outputs, mode)."""
        return self._plan

    @property
    def specializations(self) -> list[Any]:
        """The executables that exist so far, one for each combination of shapes and sizes that was met."""
        return self.program.specializations

    def get_shared(self) -> list[Any]:
        """The shared variables that the function reads or updates."""
        return list(self._plan.shared)

    def free(self) -> None:
        """Forget all executables; they are made again when needed."""
        self.program = self._plan.make_program()

    def copy(self, share_memory: bool = False, swap: Any = None, delete_updates: bool = False, name: Any = None) -> Any:
        """A function of the same graph; `swap` replaces shared variables by others, `delete_updates` drops updates."""
        return Function(self._plan.variant(swap or {}, delete_updates, name))

    def __repr__(self) -> str:
        return f"<tx function {self.name}>"

    def __reduce__(self) -> Any:
        return Function, (self._plan,)


# -- planning ---------------------------------------------------------------------------------------------------------


class _Plan:
    """All that is decided about a function before it is traced."""

    def __init__(
        self,
        inputs: list[In],
        out_specs: list[Out],
        structure: Any,
        updates: dict[SharedVariable, Any],
        givens: dict[Any, Any],
        mode: Mode,
        name: str | None,
        on_unused_input: str,
    ):
        self.inputs, self.out_specs, self.structure = inputs, out_specs, structure
        self.user_updates, self.mode, self.named = updates, mode, name is not None
        self.name = name or _where()
        variables = [i.variable for i in inputs]
        wanted = [o.variable for o in out_specs]
        targets = list(updates)
        replaced = walk.rebuild([*wanted, *updates.values()], givens) if givens else [*wanted, *updates.values()]
        written = walk.inputs(replaced, variables)
        replaced = rewrite_graph(replaced, variables, mode.rewrite)
        self.outputs = replaced[: len(wanted)]
        leaves = walk.inputs(replaced, variables)
        found = dict.fromkeys([*targets, *(v for v in leaves if isinstance(v, SharedVariable))])
        self._adopt(found, replaced[len(wanted) :], targets, set(variables))
        self._check_unused(written, givens, on_unused_input)
        self._check_leaves(leaves, variables)

    def _adopt(self, found: Iterable[Any], new: Sequence[Any], targets: Sequence[Any], inputs: set[Variable]) -> None:
        """One state for each container, however many Variables stand for it."""
        first: dict[Container, SharedVariable] = {}
        aliases: dict[Variable, Variable] = {}
        for variable in found:
            if variable in inputs:
                continue
            if variable.container in first:
                aliases[variable] = first[variable.container]
            else:
                first[variable.container] = variable
        self.shared = list(first.values())
        self.containers = list(first)
        if aliases:
            both = walk.rebuild([*self.outputs, *new], aliases)
            self.outputs, new = both[: len(self.outputs)], both[len(self.outputs) :]
        place = {container: i for i, container in enumerate(self.containers)}
        self.updates: dict[int, Variable] = {}
        for target, value in zip(targets, new, strict=True):
            self.updates[place[target.container]] = value

    def _check_leaves(self, leaves: Sequence[Any], variables: Sequence[Any]) -> None:
        known = set(variables)
        for leaf in leaves:
            if leaf in known or isinstance(leaf, Constant | SharedVariable):
                continue
            raise MissingInputError(
                f"Input {self._position(leaf)} of the graph ({leaf}, of type {leaf.type}), used to compute the "
                "outputs, was not provided and not given a value. Use the config flag exception_verbosity='high', "
                "for more information on this error.",
                variable=leaf,
            )

    def _position(self, leaf: Variable) -> str:
        for node in walk.toposort([*self.outputs, *self.updates.values()]):
            if leaf in node.inputs:
                line = f", written at {node.line[0]}:{node.line[1]}" if node.line else ""
                return f"{node.inputs.index(leaf)} of {node}{line}"
        return "0"

    def _check_unused(self, leaves: Sequence[Any], givens: dict[Any, Any], action: str) -> None:
        used = set(leaves) | set(walk.inputs(list(givens.values())))
        for i, spec in enumerate(self.inputs):
            if spec.variable in used or spec.variable in self.outputs or action == "ignore":
                continue
            message = (
                f"theano.function was asked to create a function computing outputs given certain inputs, but the "
                f"provided input variable at index {i} is not part of the computational graph needed to compute the "
                f"outputs: {spec.variable}.\nTo make this error into a warning, you can pass the parameter "
                "on_unused_input='warn' to theano.function. To disable it completely, use on_unused_input='ignore'."
            )
            if action == "raise":
                raise UnusedInputError(message)
            warnings.warn(message, stacklevel=4)

    @property
    def fgraph(self) -> FunctionGraph:
        """The rewritten graph, from inputs and shared variables to outputs and updates."""
        inputs = [*(i.variable for i in self.inputs), *self.shared]
        return FunctionGraph(inputs, [*self.outputs, *self.updates.values()], clone=False)

    def make_program(self) -> Program:
        """The program that computes the outputs and the updates."""
        arguments = [i.variable for i in self.inputs]
        options = self.mode.compiler_options or None
        return Program(arguments, self.shared, self.outputs, self.updates, self.name, options)

    def variant(self, swap: Mapping[Any, Any], delete_updates: bool, name: str | None) -> _Plan:
        """The plan of a copy with other shared variables, or without updates."""
        copy: _Plan = object.__new__(_Plan)
        copy.__dict__.update(self.__dict__)
        copy.name = name or self.name
        copy.shared = [swap.get(v, v) for v in self.shared]
        pairs: dict[Any, Any] = {old: new for old, new in zip(self.shared, copy.shared, strict=True) if old is not new}
        if pairs:
            rebuilt = walk.rebuild([*self.outputs, *self.updates.values()], pairs)
            copy.outputs = rebuilt[: len(self.outputs)]
            copy.updates = dict(zip(self.updates, rebuilt[len(self.outputs) :], strict=True))
        copy.containers = [v.container for v in copy.shared]
        if delete_updates:
            copy.updates = {}
        return copy

    def unpack(self, values: list[Any]) -> Any:
        """The outputs in the form in which they were asked for."""
        if self.structure is None:
            return values[0] if values else []
        return dict(zip(self.structure, values, strict=True)) if isinstance(self.structure, tuple) else values


def _where() -> str:
    line = user_line()
    return f"{line[0]}:{line[1]}" if line else "function"


# -- the public constructor -------------------------------------------------------------------------------------------


def _output_specs(outputs: Any) -> tuple[list[Out], Any]:
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


def _check_default(spec: In) -> None:
    """Raise what the type of an input says about its default value, as a call would."""
    if spec.value is None:
        return
    try:
        spec.variable.type.filter(spec.value, strict=spec.strict, allow_downcast=spec.allow_downcast)
    except Exception as error:
        raise type(error)(*error.args, f'Container name "{spec.name}"') from error


def _pairs(mapping: Any, what: str) -> list[tuple[Any, Any]]:
    if mapping is None:
        return []
    if isinstance(mapping, Mapping):
        return list(mapping.items())
    if isinstance(mapping, tuple):
        mapping = list(mapping)
    if not isinstance(mapping, list) or any(not isinstance(p, tuple | list) or len(p) != 2 for p in mapping):
        raise ValueError(f"The {what} parameter must be an OrderedDict/dict or a list of lists/tuples with 2 elements")
    return [tuple(p) for p in mapping]


def _checked_updates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    updates: dict[Any, Any] = {}
    for target, value in pairs:
        if not isinstance(target, SharedVariable):
            raise TypeError("update target must be a SharedVariable", target)
        if target in updates:
            raise ValueError(f"this shared variable already has an update expression: {target}", updates[target])
        updates[target] = _fit_update(target, value)
    return updates


def _fit_update(target: Any, value: Any) -> Any:
    """`value` as what `target` becomes. Raises TypeError unless it has the very same type."""
    try:
        if not isinstance(value, Variable):
            value = target.type.make_constant(target.type.filter(value, allow_downcast=None))
        return target.type.filter_variable(value, allow_convert=False)
    except TypeError as error:
        raise TypeError(
            f"An update must have the same type as the original shared variable (shared_var={target}, "
            f"shared_var.type={target.type}, update_val={value}, update_val.type={getattr(value, 'type', None)}). "
            "If the difference is related to the broadcast pattern, you can call the tensor.unbroadcast(var, "
            "axis_to_unbroadcast[, ...]) function to remove broadcastable dimensions."
        ) from error


def _checked_givens(pairs: list[tuple[Any, Any]], inputs: Sequence[Any]) -> dict[Any, Any]:
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


def _default_updates(outputs: Sequence[Any], updates: dict[Any, Any], no_default_updates: Any) -> None:
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
            updates[variable] = _fit_update(variable, variable.default_update)
            pending.append(updates[variable])


def function(
    inputs: Any,
    outputs: Any = None,
    mode: Any = None,
    updates: Any = None,
    givens: Any = None,
    no_default_updates: Any = False,
    accept_inplace: bool = False,
    name: str | None = None,
    rebuild_strict: bool = True,
    allow_input_downcast: bool | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
) -> Function:
    """Compile a graph into a callable.

    - `inputs`: Variables or `In`s, one for each argument
    - `outputs`: a Variable or `Out`, a list or a dict (by strings) of them, or None
    - `updates`: pairs of a shared variable and the expression that it becomes, all evaluated before any is changed
    - `givens`: pairs of a Variable and what takes its place in this function
    - `allow_input_downcast`: True converts arguments even when precision is lost; None lets Python floats be floatX
    - `on_unused_input`: ``'raise'`` (UnusedInputError), ``'warn'`` or ``'ignore'``
    - `mode`: ``'FAST_RUN'``, ``'FAST_COMPILE'`` or a Mode

    Raises MissingInputError when the outputs need an input that was not listed, TypeError for an update of another
    type than its variable. Source: theano.function.
    """
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
    action = config.on_unused_input if on_unused_input is None else on_unused_input
    if action not in ("raise", "warn", "ignore"):
        raise ValueError(f"on_unused_input must be 'raise', 'warn' or 'ignore', not {action!r}")
    if not isinstance(no_default_updates, bool | list):
        raise TypeError("no_default_updates must be True, False or a list of shared variables", no_default_updates)
    out_specs, structure = _output_specs(outputs)
    replacing = _checked_givens(_pairs(givens, "givens"), [i.variable for i in specs])
    changes = _checked_updates(_pairs(updates, "updates"))
    for spec in specs:
        if isinstance(spec.value, SharedVariable):
            replacing[spec.variable] = spec.value
            if spec.update is not None:
                changes[spec.value] = _fit_update(spec.value, spec.update)
    specs = [s for s in specs if not isinstance(s.value, SharedVariable)]
    given_outputs = walk.rebuild([o.variable for o in out_specs], replacing) if replacing else [
        o.variable for o in out_specs]  # fmt: skip
    _default_updates([*given_outputs, *replacing.values()], changes, no_default_updates)
    for spec in specs:
        _check_default(spec)
    plan = _Plan(specs, out_specs, structure, changes, replacing, get_mode(mode), name, action)
    return Function(plan)
