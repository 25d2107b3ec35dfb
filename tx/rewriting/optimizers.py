"""Rewrites of FunctionGraphs as library authors write them (Theano: ``gof.opt``).

An `Optimizer` changes a whole FunctionGraph. A `LocalOptimizer` looks at one Apply and says what shall take its place;
the navigators of `tx.rewriting.navigators` take it through a graph.
"""

from __future__ import annotations

import logging
import pdb
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TextIO

from tx.configuration import config
from tx.graph import Apply, MethodNotDefined, Op

_log = logging.getLogger("theano.gof.opt")


class Optimizer:
    """Changes a FunctionGraph in `apply`, after attaching the features it needs in `add_requirements`."""

    name: str | None = None

    def add_requirements(self, fgraph: Any) -> None:
        """Attach the features that `apply` needs."""

    def apply(self, fgraph: Any) -> Any:
        """Change `fgraph`."""

    def optimize(self, fgraph: Any, *args: Any, **kwargs: Any) -> Any:
        """Attach what is needed, then `apply`."""
        self.add_requirements(fgraph)
        return self.apply(fgraph, *args, **kwargs)

    def __call__(self, fgraph: Any) -> Any:
        return self.optimize(fgraph)

    def print_summary(self, stream: TextIO | None = None, level: int = 0, depth: int = -1) -> None:
        """Print what this is."""
        print(f"{' ' * level}{type(self).__name__} {self.name or ''}", file=stream or sys.stdout)


class FromFunctionOptimizer(Optimizer):
    """A function of a FunctionGraph, as an Optimizer."""

    def __init__(self, fn: Callable[..., Any], requirements: Iterable[Callable[[Any], None]] = ()):
        self.fn, self.requirements = fn, tuple(requirements)
        self.__name__ = self.name = fn.__name__
        self.__doc__ = fn.__doc__

    def add_requirements(self, fgraph: Any) -> None:
        """Those that the decorator was given."""
        for requirement in self.requirements:
            requirement(fgraph)

    def apply(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.fn(*args, **kwargs)

    def __str__(self) -> str:
        return self.__name__


def optimizer(f: Callable[..., Any]) -> FromFunctionOptimizer:
    """Decorator: a function of a FunctionGraph becomes an Optimizer."""
    return FromFunctionOptimizer(f)


def inplace_optimizer(f: Callable[..., Any]) -> FromFunctionOptimizer:
    """Decorator, as `optimizer`: what is computed in place is XLA's business."""
    return FromFunctionOptimizer(f)


class SeqOptimizer(Optimizer, list[Optimizer]):
    """Optimizers, one after the other."""

    def __init__(self, *opts: Any, failure_callback: Any = None, name: str | None = None):
        super().__init__(opts[0] if len(opts) == 1 and isinstance(opts[0], list | tuple) else opts)
        self.failure_callback, self.name = failure_callback, name

    def apply(self, fgraph: Any) -> None:
        """Each in turn. One that fails is told to `failure_callback`, if there is one."""
        for each in self:
            try:
                each.optimize(fgraph)
            except Exception as error:
                if self.failure_callback is None:
                    raise
                self.failure_callback(error, self, each)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __str__(self) -> str:
        return f"SeqOpt({list(self)})"

    __repr__ = __str__

    @staticmethod
    def warn(error: Exception, sequence: Any, each: Any) -> None:
        """Log that `each` failed; raise where ``config.on_opt_error`` says so."""
        report(error, f"SeqOptimizer apply {each}", None)


class LocalOptimizer:
    """What may take the place of an Apply."""

    name: str | None = None

    def tracks(self) -> Sequence[Any] | None:
        """The Ops, or classes of Ops, that it looks at; None: all."""
        return None

    def transform(self, node: Apply) -> Any:
        """False or None: nothing. A list with a Variable for each output of `node`, or a dict from Variables of the
        graph to replacements, whose key ``"remove"`` lists Applies that must be gone then."""
        raise MethodNotDefined("transform", type(self), type(self).__name__)

    def add_requirements(self, fgraph: Any) -> None:
        """Attach the features that `transform` needs."""

    def print_summary(self, stream: TextIO | None = None, level: int = 0, depth: int = -1) -> None:
        """Print what this is."""
        print(f"{' ' * level}{self}", file=stream or sys.stdout)


class FromFunctionLocalOptimizer(LocalOptimizer):
    """A function of an Apply, as a LocalOptimizer."""

    def __init__(self, fn: Callable[..., Any], tracks: Any = None, requirements: Iterable[Callable[[Any], None]] = ()):
        self.transform, self._tracks, self.requirements = fn, tracks, tuple(requirements)  # type: ignore[method-assign]
        self.__name__ = fn.__name__
        self.__doc__ = fn.__doc__

    def tracks(self) -> Any:
        """Those that the decorator was given."""
        return self._tracks

    def add_requirements(self, fgraph: Any) -> None:
        """Those that the decorator was given."""
        for requirement in self.requirements:
            requirement(fgraph)

    def __str__(self) -> str:
        return self.__name__


def local_optimizer(
    tracks: Sequence[Any] | None, inplace: bool = False, requirements: Iterable[Callable[[Any], None]] = ()
) -> Callable[[Callable[..., Any]], FromFunctionLocalOptimizer]:
    """Decorator: a function of an Apply becomes a LocalOptimizer for the Ops, or classes of Ops, in `tracks`.

    Raises ValueError for an empty list (None stands for all), TypeError for what is no Op.
    """

    def decorate(f: Callable[..., Any]) -> FromFunctionLocalOptimizer:
        if tracks is not None:
            if len(tracks) == 0:
                raise ValueError("Use None instead of an empty list to apply to all nodes.", f.__module__, f.__name__)
            for each in tracks:
                if not isinstance(each, Op) and not (isinstance(each, type) and issubclass(each, Op)):
                    raise TypeError(f"{each} is neither an Op nor a class of Ops", f.__module__, f.__name__)
        return FromFunctionLocalOptimizer(f, tracks, requirements)

    return decorate


def watches(local: Any, op: Op) -> bool:
    """Whether a LocalOptimizer looks at Applies of `op`."""
    tracks = local.tracks()
    return tracks is None or any(isinstance(op, t) if isinstance(t, type) else op == t for t in tracks)


class LocalOptGroup(LocalOptimizer):
    """Several LocalOptimizers as one: the first that has something to say. With `apply_all_opts` the others go on
    from what it said."""

    def __init__(self, *optimizers: Any, apply_all_opts: bool = False, profile: bool = False):
        if len(optimizers) == 1 and isinstance(optimizers[0], list | tuple):
            optimizers = tuple(optimizers[0])
        self.opts, self.apply_all_opts, self.profile = list(optimizers), apply_all_opts, profile
        self.reentrant = any(getattr(o, "reentrant", True) for o in optimizers)
        self.__name__ = ",".join(str(o) for o in optimizers)

    def tracks(self) -> list[Any] | None:
        """What any of them looks at."""
        found = [o.tracks() for o in self.opts]
        return None if any(t is None for t in found) else [t for each in found for t in each]

    def transform(self, node: Apply) -> Any:
        """The answer of the first that has one."""
        result: Any = False
        for each in self.opts:
            if not watches(each, node.op):
                continue
            found = each.transform(node)
            if not found:
                continue
            result = found
            if not self.apply_all_opts or isinstance(found, dict) or len(found) != 1 or found[0].owner is None:
                return result
            node = found[0].owner
        return result

    def add_requirements(self, fgraph: Any) -> None:
        """Those of all."""
        for each in self.opts:
            each.add_requirements(fgraph)

    def __str__(self) -> str:
        return self.__name__


def report(error: Exception, what: str, node: Any) -> None:
    """Log a failed rewrite, or raise its error, or debug it: as ``config.on_opt_error`` says."""
    action = config.on_opt_error
    if action == "raise":
        raise error
    if action == "pdb":
        pdb.post_mortem(error.__traceback__)
    elif action != "ignore":
        _log.error("Optimization failure due to: %s", what)
        _log.error("node: %s", node)
        _log.error("TRACEBACK:")
        _log.error("".join(traceback.format_exception(error)))


def copy_stack_trace(from_var: Any, to_var: Any) -> Any:
    """Let what computes `to_var` (or each of a list) tell the line that what computes `from_var` was written in."""
    sources = from_var if isinstance(from_var, list | tuple) else [from_var]
    line = next((v.owner.line for v in sources if v.owner is not None and v.owner.line is not None), None)
    for variable in to_var if isinstance(to_var, list | tuple) else [to_var]:
        if variable.owner is not None and line is not None:
            variable.owner.line = line
    return to_var


def check_stack_trace(f_or_fgraph: Any, ops_to_check: Any = "last", bug_print: str = "raise") -> bool:
    """Whether every Apply (of the Ops `ops_to_check`; "last": those of the outputs; "all") tells its line.

    With `bug_print` "raise" an Exception is raised when one does not, with "warn" it is logged.
    """
    maker = getattr(f_or_fgraph, "maker", None)
    fgraph = f_or_fgraph if maker is None else maker.fgraph
    nodes = fgraph.toposort()
    if ops_to_check == "last":
        nodes = [v.owner for v in fgraph.outputs if v.owner is not None]
    elif ops_to_check != "all":
        wanted = ops_to_check if isinstance(ops_to_check, list | tuple) else [ops_to_check]
        nodes = [n for n in nodes if any(isinstance(n.op, w) if isinstance(w, type) else n.op == w for w in wanted)]
    lost = [node for node in nodes if node.line is None]
    if lost and bug_print == "raise":
        raise Exception(f"Empty stack trace! The optimization that inserted this variable is {lost}")
    if lost and bug_print == "warn":
        _log.warning("Empty stack trace: %s", lost)
    return not lost
