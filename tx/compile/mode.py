"""Modes: how much is done to a function before it runs, and how it is run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.configuration import config
from tx.graph import Variable, pickling, walk
from tx.lowering import Program
from tx.lowering.options import UNOPTIMISED
from tx.rewriting.databases import Query
from tx.rewriting.pipeline import queries, rewritten
from tx.tensor.assertions import Assert

#: Theano's linkers. XLA does their work, whichever is named.
predefined_linkers: dict[Any, Any] = {
    k: k for k in ("py", "c", "c|py", "c|py_nogc", "vm", "cvm", "vm_nogc", "cvm_nogc", "jax", None)
}
#: what the names that a mode may give for its optimizer ask for of `optdb`
predefined_optimizers: dict[Any, Any] = dict(queries)


class Mode:
    """How a graph becomes a function: `linker` and `optimizer` as Theano names them.

    `optimizer` is a name, a Query of `optdb` or an Optimizer; what the linker is called does not matter.
    `including`, `excluding` and `requiring` give modes that know more tags: ``local_remove_all_assert``, included,
    leaves out every Assert. `compiler_options` go to XLA.
    Raises KeyError for an unknown name of a linker or optimizer.
    """

    def __init__(
        self,
        linker: Any = None,
        optimizer: Any = "default",
        compiler_options: dict[str, Any] | None = None,
        name: str = "Mode",
    ):
        if linker is None or isinstance(linker, str):
            linker = predefined_linkers[linker]
        if optimizer is None or isinstance(optimizer, str):
            optimizer = predefined_optimizers[optimizer]
        self.provided_linker, self.provided_optimizer = linker, optimizer
        self.compiler_options = compiler_options or {}
        self.name = name
        self.included: frozenset[Any] = frozenset()
        self.excluded: frozenset[Any] = frozenset()
        self.required: frozenset[Any] = frozenset()

    #: whether the graph as it was written is run, too
    compares = False

    linker = property(lambda self: self.provided_linker, doc="The linker that was named.")
    optimizer = property(lambda self: self.provided_optimizer, doc="The optimizer that was named.")

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)
        else:
            pickling.set_foreign_state(self, state)

    @property
    def query(self) -> Any:
        """What is done to graphs: a Query of `optdb`, or the Optimizer that was given."""
        wanted = self.provided_optimizer
        if not isinstance(wanted, Query):
            return wanted
        return wanted.including(*self.included).excluding(*self.excluded).requiring(*self.required)

    def clone(self, link_kwargs: Any = None, optimizer: Any = "", **kwargs: Any) -> Mode:
        """A mode like this one, with another optimizer if one is given."""
        copy: Mode = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        if optimizer != "":
            copy.provided_optimizer = predefined_optimizers.get(optimizer, optimizer)
        return copy

    def including(self, *tags: Any) -> Mode:
        """This mode with more tags."""
        copy = self.clone()
        copy.included, copy.excluded = self.included.union(tags), self.excluded.difference(tags)
        return copy

    def excluding(self, *tags: Any) -> Mode:
        """This mode without some tags."""
        copy = self.clone()
        copy.included, copy.excluded = self.included.difference(tags), self.excluded.union(tags)
        return copy

    def requiring(self, *tags: Any) -> Mode:
        """This mode with tags that are needed."""
        copy = self.including(*tags)
        copy.required = self.required.union(tags)
        return copy

    # -- what a mode does ---------------------------------------------------------------------------------------------

    def rewritten(self, outputs: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
        """The graph as this mode rewrites it."""
        found = rewritten(self.query, outputs, boundary)
        return _without_asserts(found, boundary) if "local_remove_all_assert" in self.included else found

    def make_program(self, maker: Any) -> Any:
        """What computes the outputs and updates of a FunctionMaker from values of its arguments and states."""
        options = self.compiler_options or None
        return Program(maker.arguments, maker.states, maker.outputs, maker.updates, maker.name, options)

    def __str__(self) -> str:
        return f"{type(self).__name__}(linker = {self.provided_linker}, optimizer = {self.provided_optimizer})"

    __repr__ = __str__


def _without_asserts(outputs: Sequence[Variable], boundary: Sequence[Variable]) -> list[Variable]:
    given: dict[Any, Any] = {}
    for node in walk.toposort(outputs, boundary):
        if isinstance(node.op, Assert):
            (given[node.outputs[0]],) = walk.rebuild([node.inputs[0]], given)
    return walk.rebuild(outputs, given) if given else list(outputs)


FAST_RUN = Mode("cvm", "fast_run", name="FAST_RUN")
FAST_COMPILE = Mode("vm_nogc", "fast_compile", UNOPTIMISED, name="FAST_COMPILE")

predefined_modes: dict[str, Mode] = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE}


def get_mode(mode: Any) -> Mode:
    """The Mode of that name (None: ``config.mode``). Raises Exception, as Theano does, for a name that is none."""
    name = config.mode if mode is None else mode
    if isinstance(name, Mode):
        return name
    if name == "Mode":
        return FAST_COMPILE if config.optimizer in ("fast_compile", "None") else FAST_RUN
    if name not in predefined_modes and name in ("DebugMode", "DEBUG_MODE", "NanGuardMode"):
        from tx.compile import debugmode, nanguardmode

        return nanguardmode.NanGuardMode() if name == "NanGuardMode" else debugmode.DebugMode()
    if name not in predefined_modes:
        raise Exception(f"No predefined mode exist for string: {name}")
    return predefined_modes[name]


def get_default_mode() -> Mode:
    """The mode that functions are compiled in when none is given."""
    return get_mode(None)


def register_mode(name: str, mode: Mode) -> None:
    """Let a mode be known by a name. Raises ValueError when there is one of that name."""
    if name in predefined_modes:
        raise ValueError(f"Mode name already taken: {name}")
    predefined_modes[name] = mode


def register_linker(name: str, linker: Any) -> None:
    """Let a linker's name be known. Raises ValueError when there is one of that name."""
    if name in predefined_linkers:
        raise ValueError(f"Linker name already taken: {name}")
    predefined_linkers[name] = linker


def register_optimizer(name: str, optimizer: Any) -> None:
    """Let an optimizer's name be known. Raises ValueError when there is one of that name."""
    if name in predefined_optimizers:
        raise ValueError(f"Optimizer name already taken: {name}")
    predefined_optimizers[name] = optimizer
