"""`function`: from Variables to a callable. The graph is cloned, rewritten, lowered; the callable runs it."""

from __future__ import annotations

import inspect
import operator
import pickle
from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.compile.arguments import (
    UnusedInputError,
    as_pairs,
    checked_givens,
    checked_inputs,
    checked_updates,
    default_updates,
    fit_update,
    output_specs,
)
from tx.compile.buckets import Buckets
from tx.compile.containers import Containers, Values, load
from tx.compile.maker import FunctionMaker
from tx.compile.mode import get_mode
from tx.compile.sharding import OnMesh, settled
from tx.compile.shortcut import shortcut, single_stage
from tx.configuration import config
from tx.graph import walk
from tx.graph.utils import Documented, see
from tx.lowering import Program
from tx.lowering.deferral import Deferral
from tx.lowering.device import copies, on_device, wait_for
from tx.lowering.devices import defers_checks
from tx.lowering.trace import CheckFailed, Retrace
from tx.shared import Container, SharedVariable


class AliasedMemoryError(Documented):
    """Kept for programs that catch it."""

    page = "never_raised"


Container.as_device_array = staticmethod(on_device)

#: calls before the shortest way of making them is looked for, again and again
_CALLS = 4

_MISSING: Any = object()


class Function:
    """A compiled function. Call it with a value for each input, by position or name.

    Returns an ndarray, a list of them, or a dict, as the outputs were given. ``f['x']`` reads and sets what the
    function holds for an input with a default or an update, or for a shared variable, until the next call uses it.
    With `trust_input` arguments are taken as they are: ndarrays of the inputs' types.
    """

    def __init__(self, maker: FunctionMaker):
        self.maker = maker
        self.name = maker.name
        self.inputs, self.outputs = maker.specs, maker.outputs
        self.profile = maker.profile
        self._trusted = False
        self._cells = maker.cells
        self._defaults = maker.defaults
        self._containers = maker.containers
        self._updated = list(maker.updates)
        self._noutputs = len(maker.outputs)
        self._as_given = [o.taker() for o in maker.out_specs]
        self._single, self._unpack = maker.unpack_single, maker.unpack
        #: whether a call returns what only the device knows
        self._waits = any(not o.stays for o in maker.out_specs)
        #: what makes most calls, once some have been made; until then how many are left
        self._shortcut: Any = None
        self._until_shortcut = _CALLS
        self._set_inputs()
        if maker.plan is not None:
            self._run = settled(self._run, maker.plan, maker.states, maker.containers)  # type: ignore[method-assign]
        self.free()

    def _set_inputs(self) -> None:
        plain = [s for s in self.inputs if not self.maker.keeps(s)]
        self._plain = [i for i, s in enumerate(self.inputs) if not self.maker.keeps(s)]
        self._filters = [(s.variable.type, s.strict, s.allow_downcast) for s in plain]
        #: position, dtype and ndim of each argument; no dtype where more must be looked at
        self._fast = [
            (i, None if t.on_host or any(t.broadcastable) else t.numpy_dtype, getattr(t, "ndim", -1))
            for i, (t, _, _) in enumerate(self._filters)
        ]
        simple = all(s.value is None and s.update is None and not s.implicit for s in self.inputs)
        #: as many positional arguments need nothing but a run; -1 where defaults, states or times are looked after
        self._direct = len(self.inputs) if simple and not self.profile else -1

    # -- calling ------------------------------------------------------------------------------------------------------

    def __call__(self, *arguments: Any, **kwargs: Any) -> Any:
        """Raises TypeError for wrong arguments, and what the graph raises; then no shared variable has changed.

        `output_subset` lists the outputs that are wanted, by position or by key.
        """
        if kwargs or len(arguments) != self._direct:
            if self.profile:
                return self.profile.measured_call(self, arguments, kwargs)
            return self.call(arguments, kwargs)
        if self._shortcut is not None:
            try:
                return self._shortcut(*arguments)
            except Retrace:  # which takes long when jax has found it out
                self._shortcut, self._until_shortcut = None, _CALLS
        outputs = self._run(arguments)
        self._until_shortcut -= 1
        if not self._until_shortcut:
            self._shortcut = self._find_shortcut()
        return outputs[0] if self._single else self._unpack(outputs)

    def _find_shortcut(self) -> Any:
        self._until_shortcut = _CALLS
        if self._deferral is not None or self.maker.plan is not None:
            return None
        convert = None if self._trusted else self._filter
        finish = None if self._single else self._unpack
        numbers = {i for i, (_, strict, _) in enumerate(self._filters) if not strict}
        return shortcut(
            self.program, self._compute, self._fast, numbers, convert, self._containers, self._updated, self._restore,
            self._as_given, finish,
        )  # fmt: skip

    @property
    def trust_input(self) -> bool:
        """Whether arguments are taken as they are."""
        return self._trusted

    @trust_input.setter
    def trust_input(self, trusted: bool) -> None:
        self._trusted, self._shortcut = trusted, None

    def call(self, arguments: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """As calling it, without measuring."""
        subset = kwargs.pop("output_subset", None)
        outputs = self._call_bound(*self._bind(arguments, kwargs))
        return self._unpack(outputs) if subset is None else self.maker.subset(outputs, subset)

    def _run(self, arguments: Sequence[Any]) -> list[Any]:
        """The outputs for values of the inputs that are no states; shared variables and states are updated."""
        values: list[Any] = list(arguments)
        if not self._trusted:
            for i, dtype, ndim in self._fast:
                value = values[i]
                if type(value) is not np.ndarray or value.dtype is not dtype or value.ndim != ndim:
                    values[i] = self._filter(i, value)
        deferral = self._deferral
        if deferral is not None:
            deferral.begin(self._containers)
        for container in self._containers:
            if not container.on_device and (deferral is None or container.pending is None):
                load(container)
            values.append(container.held)
        n = self._noutputs
        try:
            results = self._compute(values)
        except CheckFailed as stop:
            self._restore(stop.results[n:])
            raise stop.error from None
        if self._updated:
            for position, value in zip(self._updated, results[n:], strict=True):
                self._containers[position].held = value
            if not n and deferral is None:
                wait_for(results, values[: len(arguments)])
        if deferral is not None:
            deferral.end(self._containers, self._waits)
        single = single_stage(self.program, self._compute)
        if single is not None and single.plain and single.without_xla:  # numpy's results are nobody else's
            given = zip(self._as_given, results, strict=False)
            return [value if copies(taker) else taker(value) for taker, value in given]
        return list(map(operator.call, self._as_given, results))

    def _restore(self, states: Sequence[Any]) -> None:
        """Take back the states that a failed call was given: unchanged, but in new buffers."""
        for position, value in zip(self._updated, states, strict=False):
            container = self._containers[position]
            if value is not None and value.shape == container.held.shape:
                container.held = value

    def _filter(self, i: int, value: Any) -> Any:
        kind, strict, allow_downcast = self._filters[i]
        try:
            return kind.pack(kind.filter(value, strict=strict, allow_downcast=allow_downcast))
        except Exception as error:
            told = type(error)(self._complaint(self._plain[i]), *error.args)
            raise see(told, "wrong_argument") from error

    def _complaint(self, i: int) -> str:
        name = self.inputs[i].name
        where = f'with name "{self.name}"' if self.maker.named else f"defined at {self.name}"
        which = f'named "{name}" ' if name else ""
        return f"Bad input argument {which}to tx function {where} at index {i} (0-based)."

    def _bind(self, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[list[Any], list[tuple[Container, Any]]]:
        """Values for the inputs that are no states, and those given for states, each with its container."""
        explicit = [k for k, s in enumerate(self.inputs) if not s.implicit]
        if len(args) > len(explicit):
            raise TypeError(
                f"Too many parameter passed to tx function: {self.name} takes {len(explicit)} inputs, got {len(args)}"
            )
        given = dict(zip(explicit, args, strict=False))
        for name, value in kwargs.items():
            found = [k for k in explicit if self.inputs[k].name == name]
            if not found:
                names = [self.inputs[k].name for k in explicit]
                raise TypeError(f"Unknown input or state: {name}. The function has inputs {names}")
            if len(found) > 1:
                raise TypeError(f"Ambiguous name: {name} - please check the names of the inputs of your function.")
            if found[0] in given:
                raise TypeError(f"Multiple values for input: {name}")
            given[found[0]] = value
        values, held = [], []
        for k, (spec, cell) in enumerate(zip(self.inputs, self._cells, strict=True)):
            value = given.get(k, _MISSING)
            if value is _MISSING and spec.value is None:
                raise TypeError(f"Missing required input: {spec.name or spec.variable} (input {k} of {self.name})")
            if not self.maker.keeps(spec):
                values.append(cell.value if value is _MISSING else value)
            elif value is not _MISSING:
                held.append((cell, cell.filter(value)))
        return values, held

    def _call_bound(self, values: Sequence[Any], held: Sequence[tuple[Container, Any]]) -> list[Any]:
        """As `_run`, with values for some states; these and the defaults are put back, the states if the call fails."""
        before = [(cell, cell.held, cell.on_device) for cell, _ in held]
        for cell, value in held:
            cell.put(value)
        try:
            return self._run(values)
        except BaseException:
            for cell, old, on_device in before:
                cell.held, cell.on_device = old, on_device
            raise
        finally:
            for k in self._plain:
                self._cells[k].held = self._defaults[k]

    # -- looking ------------------------------------------------------------------------------------------------------

    @property
    def container(self) -> Containers:
        """The containers of inputs and shared variables, by name, Variable or position."""
        shared = self.maker.shared
        return Containers(
            [*(s.variable for s in self.inputs), *shared],
            [*(s.name for s in self.inputs), *(v.name for v in shared)],
            [*self._cells, *(v.container for v in shared)],
        )

    finder = container

    @property
    def value(self) -> Values:
        """The values of inputs and shared variables, by name, Variable or position; they can be assigned."""
        return Values(self.container)

    def __getitem__(self, item: Any) -> Any:
        return self.value[item]

    def __setitem__(self, item: Any, value: Any) -> None:
        self.value[item] = value

    def __contains__(self, item: Any) -> bool:
        return item in self.container

    @property
    def input_storage(self) -> list[Container]:
        """The containers of the inputs, then of the shared variables."""
        return [*self._cells, *(v.container for v in self.maker.shared)]

    @property
    def defaults(self) -> list[tuple[bool, bool, Any]]:
        """For each input whether a call must give it, whether its default comes back after a call, and that value."""
        return [
            (s.value is None, s.value is not None and not self.maker.keeps(s), c.value)
            for s, c in zip(self.inputs, self._cells, strict=True)
        ]

    @property
    def specializations(self) -> list[Any]:
        """The executables that exist so far, one for each combination of shapes and sizes that was met."""
        return list(self._compute.specializations)

    @property
    def programs(self) -> list[Any]:
        """The program of the function as it was written, and those of its padded forms."""
        return [self.program, *getattr(self._compute, "padded", [])]

    def get_shared(self) -> list[Any]:
        """The shared variables that the function reads or updates."""
        return list(self.maker.shared)

    unpack_single = property(lambda self: self.maker.unpack_single, doc="Whether the only output is returned itself.")
    return_none = property(lambda self: self.maker.return_none, doc="False.")
    n_returned_outputs = property(lambda self: self._noutputs, doc="The number of outputs.")
    indices = property(lambda self: self.maker.inputs[: len(self.inputs)], doc="The inputs.")

    # -- changing -----------------------------------------------------------------------------------------------------

    def free(self) -> None:
        """Forget all executables; they are made again when needed."""
        self.program = program = self.maker.make_program()
        self._shortcut = None
        #: what a call runs: the program, or a padded form of it
        self._compute: Any = program
        self._deferral: Deferral | None = None
        if isinstance(program, Program):
            buckets = Buckets(program, self._noutputs, self.maker.make_padded)
            self._compute = buckets if buckets.needed else program
            if defers_checks() and self.maker.plan is None and not self.profile:
                self._deferral = Deferral()
                program.defer(self._deferral)
        if self.profile:
            self._compute = self.profile.timed(self._compute, self.maker)

    def sync_shared(self) -> None:
        """Wait for the calls so far that have to do with the function's shared variables. Raises what they raise."""
        for container in self._containers:
            container.settle()

    def copy(
        self, share_memory: bool = False, swap: Any = None, delete_updates: bool = False, name: Any = None,
        profile: Any = None,
    ) -> Function:  # fmt: skip
        """A function of the same graph and shared variables; inputs with an update are back at their defaults.

        `swap` replaces shared variables by others of the same type, `delete_updates` drops updates. `share_memory` is
        accepted: executables keep no memory. Raises ValueError when a variable to be swapped is not used.
        """
        return Function(self.maker.variant(swap or {}, delete_updates, name, profile))

    def __repr__(self) -> str:
        return f"<tx function {self.name}>"

    def __reduce__(self) -> Any:
        return Function, (self.maker,)


# -- the public constructor -------------------------------------------------------------------------------------------


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
    mesh: Any = None,
    shard: Any = None,
) -> Function:
    """Compile a graph into a callable.

    - `inputs`: Variables or `In`s, one for each argument
    - `outputs`: a Variable or `Out`, a list or a dict (by strings) of them, or None
    - `updates`: pairs of a shared variable and the expression that it becomes, all evaluated before any is changed
    - `givens`: pairs of a Variable and what takes its place in this function
    - `allow_input_downcast`: True converts arguments even when precision is lost; None lets Python floats be floatX
    - `on_unused_input`: ``'raise'`` (UnusedInputError), ``'warn'`` or ``'ignore'``
    - `mode`: ``'FAST_RUN'``, ``'FAST_COMPILE'``, ``'DebugMode'``, ``'NanGuardMode'`` or a Mode
    - `profile`: True measures the calls (``f.profile.summary()``); a text does, and heads the summary
    - `mesh`: several devices, from `tx.mesh`; by default that of the ``with mesh:`` block around the call
    - `shard`: how inputs (or the keys of `givens`) are divided over the mesh, ``{x: 'batch', y: ('batch', None)}``: an
      axis of the mesh for each axis, from the first on

    Raises MissingInputError when the outputs need an input that was not listed, TypeError for an update of another
    type than its variable. Source: theano.function.
    """
    specs = checked_inputs(inputs, allow_input_downcast)
    action = config.on_unused_input if on_unused_input is None else on_unused_input
    if action not in ("raise", "warn", "ignore"):
        raise ValueError(f"on_unused_input must be 'raise', 'warn' or 'ignore', not {action!r}")
    if not isinstance(no_default_updates, bool | list):
        raise TypeError("no_default_updates must be True, False or a list of shared variables", no_default_updates)
    out_specs, structure = output_specs(outputs)
    replacing = checked_givens(as_pairs(givens, "givens"), [i.variable for i in specs])
    on_mesh = OnMesh(mesh, as_pairs(shard, "shard"), [i.variable for i in specs])
    on_mesh.constrain(replacing)
    changes = checked_updates(as_pairs(updates, "updates"))
    for spec in specs:
        if isinstance(spec.value, SharedVariable):
            replacing[spec.variable] = spec.value
            if spec.update is not None:
                changes[spec.value] = fit_update(spec.value, spec.update)
    specs = [s for s in specs if not isinstance(s.value, SharedVariable)]
    given_outputs = walk.rebuild([o.variable for o in out_specs], replacing) if replacing else [
        o.variable for o in out_specs]  # fmt: skip
    own = [s.update for s in specs if s.update is not None]
    default_updates([*given_outputs, *replacing.values(), *own], changes, no_default_updates)
    return Function(
        FunctionMaker(specs, out_specs, structure, changes, replacing, get_mode(mode), name, action, profile, on_mesh)
    )


def pfunc(
    params: Any, outputs: Any = None, *options: Any, output_keys: Sequence[str] | None = None, **named: Any
) -> Function:
    """`function`, with its other arguments, under another name; `output_keys` make the outputs a dict. Source:
    theano.compile.pfunc."""
    return function(params, _keyed(outputs, output_keys), *options, **named)


def orig_function(
    inputs: Any,
    outputs: Any,
    mode: Any = None,
    accept_inplace: bool = False,
    name: str | None = None,
    profile: Any = None,
    on_unused_input: str | None = None,
    output_keys: Sequence[str] | None = None,
) -> Function:
    """`function` without updates and givens. Source: theano.compile.orig_function."""
    keyed = _keyed(outputs, output_keys)
    return function(inputs, keyed, mode, name=name, profile=profile, on_unused_input=on_unused_input)


def _keyed(outputs: Any, keys: Sequence[str] | None) -> Any:
    return outputs if keys is None else dict(zip(keys, outputs, strict=True))


def function_dump(filename: str, *arguments: Any, extra_tag_to_remove: Any = None, **named: Any) -> None:
    """Pickle what `function` would be called with, as a dict, into a file: to reproduce a problem elsewhere."""
    bound = inspect.signature(function).bind(*arguments, **named)
    bound.apply_defaults()
    given = {k: v for k, v in bound.arguments.items() if k not in ("mesh", "shard")}
    with open(filename, "wb") as file:
        pickle.dump(given, file, protocol=-1)


__all__ = [
    "AliasedMemoryError",
    "Function",
    "FunctionMaker",
    "UnusedInputError",
    "function",
    "function_dump",
    "orig_function",
    "pfunc",
]
