"""Restoring what Theano 1.0.5 has pickled: `pickles` says what it becomes, this makes it so, while Python unpickles.

Variables and nodes are filled where they stand, so that everything else in the pickle that refers to them is right.
A node is said in tx's words as soon as its inputs are there; an input may come later than a node that reads it, for a
shared variable refers to its own update. Objects of classes that tx has not are stand-ins, which keep their state.
"""

from __future__ import annotations

import copyreg
import importlib
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from tx.compile import In, Mode, Out, function, get_mode
from tx.compile.function import Function
from tx.configuration import config
from tx.graph import Apply, Constant, Op, Variable, pickling
from tx.graph.core import new_auto_name
from tx.legacy import pickles
from tx.legacy.finder import targets_of
from tx.shared import Container, SharedVariable, TensorSharedVariable
from tx.tensor import math as F
from tx.tensor.elemwise import Elemwise
from tx.tensor.shapes import patternbroadcast
from tx.tensor.type import TensorType

# -- classes ----------------------------------------------------------------------------------------------------------


class _Kind(type):
    """The class of stand-ins' classes: calling one calls the function that tx has under that name, if it has one."""

    make: Any = None
    path: str

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return super().__call__() if cls.make is None else cls.make(*args, **kwargs)


class StandIn(Op, metaclass=_Kind):
    """An object of a class of Theano's that tx has not."""

    path = ""
    __module__ = "theano"

    def __new__(cls, *args: Any) -> StandIn:
        return object.__new__(cls)

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if isinstance(state, dict) else {"state": state})

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        results = _translate(self, inputs)
        if results is None:
            raise TypeError(f"tx has nothing like {self}")
        return results[0] if len(results) == 1 else results

    def __str__(self) -> str:
        return f"theano.{self.path} (from a pickle of Theano's)"


_stand_ins: dict[str, type] = {}


def stand_in(path: str, make: Any = None) -> type:
    """The class of stand-ins for Theano's class at `path`."""
    if path not in _stand_ins:
        module, name = _split(path)
        attributes = {"path": path, "make": make, "__module__": f"theano.{module}"}
        _stand_ins[path] = _Kind(name, (StandIn,), attributes)
    return _stand_ins[path]


# A class of stand-ins is pickled as its path.
copyreg.pickle(_Kind, lambda kind: (stand_in, (kind.path,)))  # type: ignore[arg-type,return-value]


def find(module: str, name: str) -> Any:
    """What Theano's `name` of `module` (both without ``theano.``) is here: a class of tx's, a function, a stand-in."""
    path = f"{module}.{name}"
    if path in pickles.CLASSES:
        found = pickles.CLASSES[path]
        return globals()[found.rpartition(".")[2]] if isinstance(found, str) else found
    own, carried = _own(module, name), path in pickles.OPAQUE
    if isinstance(own, type):
        return stand_in(path) if carried else own
    if own is None or carried or path in pickles.OPS:
        return stand_in(path, own)
    return own


def find_only_in_pickles(module: str, name: str) -> Any:
    """The class that serves a name which the tables of pickles have, and `module` of tx has not. Otherwise None."""
    path = f"{module}.{name}"
    if path in pickles.CLASSES:
        return find(module, name)
    return stand_in(path) if path in _listed() else None


@cache
def _listed() -> dict[str, None]:
    return dict.fromkeys((*pickles.OPS, *pickles.CLASSES, *pickles.OPAQUE))


def _own(module: str, name: str) -> Any:
    for target in targets_of(f"theano.{module}"):
        try:
            found = importlib.import_module(target)
        except ModuleNotFoundError:
            continue
        thing = getattr(found, name, None)
        if getattr(thing, "__module__", "tx").startswith("tx"):  # not what it has imported from elsewhere
            return thing
    return None


def complete(module: str, namespace: Any) -> None:
    """Add to the module that serves Theano's `module` the classes that pickles name and that it has not."""
    for path in _listed():
        where, _, name = path.rpartition(".")
        if where != module or (name in vars(namespace) and path in (*pickles.OPAQUE, *pickles.CLASSES)):
            continue  # what a module of tx has itself, it keeps
        if (found := find(module, name)) is not _own(module, name):
            setattr(namespace, name, found)


# -- nodes ------------------------------------------------------------------------------------------------------------

#: the nodes that wait for a Variable
_readers: WeakKeyDictionary[Variable, list[Apply]] = WeakKeyDictionary()
_rows: dict[type, Any] = {}


def _row(op: Any) -> Any:
    """What the table says about an Op, or None."""
    if isinstance(op, StandIn):
        return pickles.OPS.get(op.path)
    if not _rows:
        found = {path: find(*_split(path)) for path in pickles.OPS}
        _rows.update({kind: pickles.OPS[path] for path, kind in found.items()})
    return _rows.get(type(op))


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name


def _translate(op: Any, inputs: Sequence[Any]) -> list[Any] | None:
    """What a node of `op` computes; None when the table does not know."""
    row = _row(op)
    if row is None:
        return None
    results = row(SimpleNamespace(**vars(op)), *inputs)
    return list(results) if isinstance(results, list | tuple) else [results]


def _waits(variable: Variable) -> bool:
    """Whether a Variable is not there yet, or not what computes it."""
    return not hasattr(variable, "owner") or (variable.owner is not None and "waiting" in variable.owner.__dict__)


def _settle(nodes: list[Apply]) -> None:
    """Say nodes in tx's words, and then those that were waiting for them."""
    while nodes:
        node = nodes.pop()
        missing = next((v for v in node.inputs if _waits(v)), None)
        if missing is not None:
            _readers.setdefault(missing, []).append(node)
            continue
        del node.__dict__["waiting"]
        results = _translate(node.op, node.inputs)
        if results is not None:
            node.__dict__["results"] = results
        for variable in [v for v in node.outputs if hasattr(v, "owner")]:
            nodes += _arrived(variable)


def _arrived(variable: Variable) -> list[Apply]:
    """Let a Variable be computed by what its node has become. Returns the nodes that were waiting for it."""
    node = variable.owner
    if node is not None and "waiting" in node.__dict__:
        return []
    if node is not None and "results" in node.__dict__:
        _adopt(variable, node)
    return _readers.pop(variable, [])


def _adopt(variable: Variable, node: Apply) -> None:
    """Put `variable` in the place of its translation."""
    assert variable.index is not None
    result = _fitted(node.__dict__["results"][variable.index], variable.type)
    parts = node.__dict__.setdefault("parts", {})
    source = result.owner
    if source not in parts:
        # Another node than `source`, which may be somebody else's.
        own = Apply(source.op, source.inputs, [o.type.make_variable() for o in source.outputs])
        own.line = None
        parts[source] = own, set()
    own, taken = parts[source]
    if result.index in taken:
        own = Apply(*_identity(own.outputs[result.index]))
        variable.owner, variable.index = own, 0
        own.outputs[0] = variable
        return
    taken.add(result.index)
    variable.owner, variable.index = own, result.index
    own.outputs[result.index] = variable


def _identity(variable: Any) -> tuple[Any, Any, Any]:
    node = F.identity(variable).owner
    return node.op, node.inputs, [node.outputs[0].type.make_variable()]


def _fitted(result: Any, kind: Any) -> Any:
    """A result in the type that Theano gave it, computed by a node."""
    if result.type != kind and isinstance(kind, TensorType):
        if result.type.dtype != kind.dtype:
            result = F.cast(result, kind.dtype)
        result = patternbroadcast(result, kind.broadcastable)
    return F.identity(result) if result.owner is None else result


# -- states -----------------------------------------------------------------------------------------------------------


def _restore_apply(node: Apply, state: dict[str, Any]) -> None:
    node.op, node.inputs, node.outputs = state["op"], list(state["inputs"]), list(state["outputs"])
    node.line = node.token = None
    node._tag = state.get("tag")
    node.__dict__["waiting"] = True
    _settle([node])


def _restore_variable(variable: Variable, state: dict[str, Any]) -> None:
    rest = dict(state)
    variable.type, variable.index, variable.name = rest.pop("type"), rest.pop("index", None), rest.pop("name")
    variable._tag, variable.auto_name = rest.pop("tag", None), new_auto_name()
    rest.pop("auto_name", None)
    if isinstance(variable, Constant):
        variable.data = rest.pop("data")
        rest.pop("cached", None)
    elif isinstance(variable, SharedVariable):
        variable.container, variable.default_update = rest.pop("container"), rest.pop("default_update", None)
    variable.__dict__.update(rest)
    variable.__dict__.pop("owner", None)
    variable.owner = rest.pop("owner", None)
    _settle(_arrived(variable))


def _restore_type(kind: TensorType, state: dict[str, Any]) -> None:
    kind.__init__(state["dtype"], state.get("broadcastable", ()), state.get("name"), state.get("sparse_grad", False))  # type: ignore[misc]


def _restore_container(container: Container, state: dict[str, Any]) -> None:
    container.__init__(state["type"], state["storage"][0], state.get("name"))  # type: ignore[misc]


def _restore_mode(mode: Mode, state: Any) -> None:
    mode.__dict__.update(vars(get_mode(None)))


def _restore_elemwise(op: Elemwise, state: dict[str, Any]) -> None:
    try:
        op.__init__(pickles.scalar_of(state["scalar_op"]))  # type: ignore[misc]
    except KeyError:
        op.__dict__.update(state)  # the table of Ops may know what it computes


_STATES: tuple[tuple[type, Any], ...] = (
    (Apply, _restore_apply),
    (Variable, _restore_variable),
    (TensorType, _restore_type),
    (Container, _restore_container),
    (Elemwise, _restore_elemwise),
    (Mode, _restore_mode),
)


def restore(thing: Any, state: Any) -> None:
    """Give `thing` the state that Theano pickled."""
    next(put for kind, put in _STATES if isinstance(thing, kind))(thing, state)


pickling.foreign.append(restore)


# -- functions --------------------------------------------------------------------------------------------------------


def restore_function(maker: Any, *unused: Any) -> Function | None:
    """A function, compiled when it is first called, from what Theano's maker was given.

    None under ``config.unpickle_function=False``, as in Theano.
    """
    if not config.unpickle_function:
        return None
    made: Function = object.__new__(_Unplanned)
    made.__dict__["_make_plan"] = lambda: _plan(maker)
    return made


class _Unplanned(Function):
    """A function that becomes one when it is asked for anything."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"a function has no attribute {name!r}")
        make_plan = self.__dict__.pop("_make_plan")
        self.__class__ = Function  # type: ignore[assignment]
        self.__init__(make_plan())  # type: ignore[misc]
        return getattr(self, name)


def restore_maker(options: dict[str, Any]) -> Any:
    """A maker from its arguments."""
    maker = stand_in("compile.function_module.FunctionMaker")()
    maker.__setstate__(options)
    return maker


def _plan(maker: Any) -> Any:
    inputs, updates, givens = [], [], {}
    for spec in maker.inputs:
        if isinstance(spec.value, Container):
            shared = _shared(spec)
            if shared is not spec.variable:
                givens[spec.variable] = shared
            if spec.update is not None:
                updates.append((shared, spec.update))
        else:
            options = ("name", "value", "mutable", "strict", "allow_downcast", "borrow")
            inputs.append(In(spec.variable, **{n: getattr(spec, n) for n in options}))
    outputs: Any = [Out(o.variable, o.borrow) for o in maker.outputs]
    keys = getattr(maker, "output_keys", None)
    if keys is not None:
        outputs = dict(zip(keys, outputs, strict=True))
    elif maker.unpack_single or maker.return_none:
        outputs = outputs[0] if outputs else None
    made = function(
        inputs, outputs, updates=updates, givens=givens, name=getattr(maker, "name", None), no_default_updates=True,
        on_unused_input="ignore",
    )  # fmt: skip
    return made.maker


def _shared(spec: Any) -> Any:
    """The shared variable of an input that has a container."""
    variable = spec.variable
    if isinstance(variable, SharedVariable) and variable.container is spec.value:
        return variable
    return TensorSharedVariable(variable.name, variable.type, None, container=spec.value)
