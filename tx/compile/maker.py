"""What is decided about a function before it is traced: its rewritten graph, its states, its mode."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tx.compile.arguments import UnusedInputError, container_for
from tx.compile.io import In, Out
from tx.compile.mode import Mode
from tx.compile.profiling import as_profile
from tx.compile.sharding import OnMesh
from tx.configuration import config
from tx.graph import Constant, FunctionGraph, MissingInputError, Variable, walk
from tx.graph.utils import user_line
from tx.lowering import Program
from tx.rewriting.padding import Padded
from tx.shared import Container, SharedVariable
from tx.tensor.copies import own_buffer


class FunctionMaker:
    """The plan of a function (``f.maker``).

    `specs` are the inputs as the user gave them, and `cells` their containers. `arguments` are those of them that every
    call gives; `states` what the function keeps: inputs with an update or with another function's container, and the
    shared variables (`shared`), each with its container. `updates` maps positions in `states` to what they become.
    """

    def __init__(
        self,
        specs: Sequence[In],
        out_specs: Sequence[Out],
        structure: Any,
        updates: Mapping[Any, Any],
        givens: Mapping[Any, Any],
        mode: Mode,
        name: str | None,
        on_unused_input: str,
        profile: Any = None,
        on_mesh: OnMesh | None = None,
    ):
        self.specs, self.out_specs, self.structure = list(specs), list(out_specs), structure
        self.mode, self.named = mode, name is not None
        self.name = name or _where()
        self.profile = as_profile(profile, self.name)
        self.cells = [container_for(spec) for spec in self.specs]
        #: what the cells of the arguments hold again after a call
        self.defaults = [cell.held for cell in self.cells]
        self.arguments = [s.variable for s in self.specs if not self.keeps(s)]
        self._build(dict(updates), dict(givens), on_unused_input)
        self.on_mesh = on_mesh or OnMesh(None, (), ())
        self._place()

    def _place(self) -> None:
        """Decide where arguments and states lie: on one device (None), or as `plan` says."""
        inputs = [s.variable for s in self.specs]
        self.plan = self.on_mesh.plan(inputs, self.arguments, self.states)

    @staticmethod
    def keeps(spec: In) -> bool:
        """Whether the value of this input stays from call to call."""
        return spec.update is not None or isinstance(spec.value, Container)

    def _build(self, updates: dict[Any, Any], givens: dict[Any, Any], on_unused_input: str) -> None:
        variables = [s.variable for s in self.specs]
        kept = {s.variable: c for s, c in zip(self.specs, self.cells, strict=True) if self.keeps(s)}
        updates |= {s.variable: s.update for s in self.specs if s.update is not None}
        wanted = [o.variable for o in self.out_specs]
        ends = [*wanted, *updates.values()]
        replaced = walk.rebuild(ends, givens) if givens else ends
        written = walk.inputs(replaced, variables)
        #: outputs and updates before they are rewritten
        self.originals = list(replaced)
        start = time.perf_counter()
        with config.change_flags(compute_test_value=config.compute_test_value_opt):
            replaced = self.mode.rewritten(replaced, variables)
        self.rewriting = time.perf_counter() - start
        if self.profile:
            self.profile.rewritten(self.name, start, self.rewriting)
        self.outputs = [own_buffer(v) if o.stays else v for v, o in zip(replaced, self.out_specs, strict=False)]
        leaves = walk.inputs(replaced, variables)
        shared = [v for v in (*updates, *leaves) if isinstance(v, SharedVariable) and v not in variables]
        self._adopt(kept, dict.fromkeys(shared), replaced[len(wanted) :], list(updates))
        self._check_unused([*written, *kept], givens, on_unused_input)
        self._check_leaves(leaves, variables)

    def _adopt(
        self, kept: dict[Any, Container], shared: Iterable[Any], new: Sequence[Any], targets: Sequence[Any]
    ) -> None:
        """One state for each container, however many Variables stand for it."""
        first: dict[Container, Any] = {}
        aliases: dict[Variable, Variable] = {}
        cell_of = {**kept, **{v: v.container for v in shared}}
        for variable, cell in cell_of.items():
            if cell in first:
                aliases[variable] = first[cell]
            else:
                first[cell] = variable
        self.states, self.containers = list(first.values()), list(first)
        self.shared = [v for v in self.states if isinstance(v, SharedVariable)]
        if aliases:
            both = walk.rebuild([*self.outputs, *new], aliases)
            self.outputs, new = both[: len(self.outputs)], both[len(self.outputs) :]
            self.originals = walk.rebuild(self.originals, aliases)
        place = {container: i for i, container in enumerate(self.containers)}
        self.updates: dict[int, Variable] = {}
        for target, value in zip(targets, new, strict=True):
            self.updates[place[cell_of[target]]] = value

    def _check_leaves(self, leaves: Sequence[Any], variables: Sequence[Any]) -> None:
        known = set(variables)
        for leaf in leaves:
            if leaf in known or isinstance(leaf, Constant | SharedVariable):
                continue
            raise MissingInputError(
                f"{leaf}, of type {leaf.type}, is needed ({self._position(leaf)}), but was not provided and not given "
                "a value: it is no input of the function, no constant, and no shared variable.",
                variable=leaf,
            )

    def _position(self, leaf: Variable) -> str:
        for node in walk.toposort([*self.outputs, *self.updates.values()]):
            if leaf in node.inputs:
                line = f", written at {node.line[0]}:{node.line[1]}" if node.line else ""
                return f"as input {node.inputs.index(leaf)} of {node}{line}"
        return "as an output"

    def _check_unused(self, leaves: Sequence[Any], givens: dict[Any, Any], action: str) -> None:
        used = set(leaves) | set(walk.inputs(list(givens.values())))
        for i, spec in enumerate(self.specs):
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
            warnings.warn(message, stacklevel=5)

    # -- what Theano's FunctionMaker tells --------------------------------------------------------------------------

    @property
    def inputs(self) -> list[In]:
        """The inputs, the shared variables among them: these are implicit."""
        updates = {self.states[i]: value for i, value in self.updates.items()}
        return [
            *self.specs,
            *(
                In(v, value=v.container, update=updates.get(v), implicit=True, borrow=True, shared=True)
                for v in self.shared
            ),
        ]

    @property
    def fgraph(self) -> FunctionGraph:
        """The rewritten graph, from inputs and shared variables to outputs and updates."""
        inputs = [*(s.variable for s in self.specs), *self.shared]
        return FunctionGraph(inputs, [*self.outputs, *self.updates.values()], clone=False)

    @property
    def unpack_single(self) -> bool:
        """Whether a call returns the only output itself."""
        return self.structure is None and bool(self.out_specs)

    @property
    def return_none(self) -> bool:
        """False: a function without outputs returns an empty list."""
        return False

    def function_builder(self, maker: FunctionMaker) -> Any:
        """A function of such a plan."""
        from tx.compile.function import Function

        return Function(maker)

    def create(self) -> Any:
        """The function."""
        return self.function_builder(self)

    def __getstate__(self) -> dict[str, Any]:
        """All but what was measured in this process, and a graph that nobody reads."""
        originals = self.originals if self.mode.compares else [*self.outputs, *self.updates.values()]
        return {**self.__dict__, "profile": None, "originals": originals, "plan": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._place()

    # -- what is made of it -----------------------------------------------------------------------------------------

    def make_program(self) -> Any:
        """What computes outputs and updates from the values of arguments and states."""
        program = self.mode.make_program(self)
        for stage in getattr(program, "stages", []):
            stage.rewriting, self.rewriting = self.rewriting, 0.0
        return program

    def make_padded(self, padded: Padded) -> Program:
        """What computes a padded form, which takes the true lengths after the arguments."""
        n = len(self.outputs)
        outputs, new = [*padded.outputs[:n], *padded.computed], padded.outputs[n:]
        updates = dict(zip(self.updates, new, strict=True))
        options = self.mode.compiler_options or None
        arguments = [*self.arguments, *padded.lengths]
        return Program(arguments, self.states, outputs, updates, self.name, options, self.plan)

    def variant(self, swap: Mapping[Any, Any], delete_updates: bool, name: str | None, profile: Any) -> FunctionMaker:
        """The plan of a copy with other shared variables, or without updates."""
        _check_swap(swap, self.shared)
        copy: FunctionMaker = object.__new__(FunctionMaker)
        copy.__dict__.update(self.__dict__)
        copy.name = name or f"{self.name} copy"
        copy.profile = as_profile(profile, copy.name)
        copy.states = [swap.get(v, v) for v in self.states]
        copy.shared = [v for v in copy.states if isinstance(v, SharedVariable)]
        if swap:
            rebuilt = walk.rebuild([*self.outputs, *self.updates.values()], dict(swap))
            copy.outputs = rebuilt[: len(self.outputs)]
            copy.updates = dict(zip(self.updates, rebuilt[len(self.outputs) :], strict=True))
            copy.originals = walk.rebuild(self.originals, dict(swap))
        copy.cells = [container_for(spec) for spec in self.specs]
        for spec, mine, its in zip(self.specs, self.cells, copy.cells, strict=True):
            if not self.keeps(spec):
                its.held, mine.own = mine.held, False
        own = dict(zip(self.cells, copy.cells, strict=True))
        copy.containers = [
            v.container if isinstance(v, SharedVariable) else own[c]
            for v, c in zip(copy.states, self.containers, strict=True)
        ]
        if delete_updates:
            copy.updates, copy.originals = {}, copy.originals[: len(copy.outputs)]
        copy._place()
        return copy

    def unpack(self, values: list[Any]) -> Any:
        """The outputs in the form in which they were asked for."""
        if self.structure is None:
            return values[0] if values else []
        return dict(zip(self.structure, values, strict=True)) if isinstance(self.structure, tuple) else values

    def subset(self, values: list[Any], wanted: Sequence[Any]) -> Any:
        """Those outputs that `wanted` lists, by position, or by key if they have keys."""
        if isinstance(self.structure, tuple):
            return {key: values[self.structure.index(key)] for key in wanted}
        return [values[i] for i in wanted]


def _check_swap(swap: Mapping[Any, Any], shared: Sequence[Any]) -> None:
    for old, new in swap.items():
        if not isinstance(old, SharedVariable) or not isinstance(new, SharedVariable) or old.type != new.type:
            raise TypeError(f"swap replaces a shared variable by another one of its type, not {old} by {new}")
        if old not in shared:
            raise ValueError(f"SharedVariable {old} is not used by the function: it cannot be swapped")


def _where() -> str:
    line = user_line()
    return f"{line[0]}:{line[1]}" if line else "function"
