"""Evaluating sizes on the host: numpy rules for the Ops that integers pass through, and closures made of them.

A size is asked for while a function is traced (`Trace.ask`). What it is computed from is evaluated here; what depends
on the arguments of the call becomes a closure, compiled from generated Python source, that later calls run first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jax.export import is_symbolic_dim

from tx.graph import Constant, Variable
from tx.scalar import dtypes as dt
from tx.tensor.creation import Alloc, ARange
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.joining import Join, JoinAt, MakeVector, Split, SplitAt
from tx.tensor.reduction import REDUCTIONS, CAReduce, Prod, Sum
from tx.tensor.shapes import Rebroadcast, Reshape, Shape, Shape_i, SpecifyShape
from tx.tensor.sharding import Shard
from tx.tensor.subtensor import IncSubtensor, Subtensor, distribute


def whole(n: Any) -> Any:
    """A length as a Python int; one that is exported as a symbol, and is no number yet, stays as it is."""
    n = n.item() if isinstance(n, np.ndarray) else n
    return n if is_symbolic_dim(n) else int(n)


def typed(value: Any, dtype: str) -> np.ndarray:
    """`value` as an array of a dtype, or of objects if there are symbolic lengths in it."""
    array = np.asarray(value)
    return array if array.dtype == object else np.asarray(array, dtype)


class Unknown(Exception):
    """A value is not known on the host: it depends on `variable`, which the device computes."""

    def __init__(self, variable: Variable):
        super().__init__(variable)
        self.variable = variable


def _elemwise(node: Any, *values: Any) -> Any:
    function = node.op.scalar_op.numpy
    if node.op.scalar_op.row == "Cast" and np.asarray(values[0]).dtype == object:
        return values[0]
    divides = node.op.scalar_op.row in ("int_div", "mod") and dt.is_discrete(node.outputs[0].type.dtype)
    if divides and not np.all(values[1]):
        raise ZeroDivisionError("integer division by zero")
    with np.errstate(all="ignore"):
        return function(*values)


def _key(pattern: Any, inputs: Sequence[Any]) -> Any:
    key: list[Any] = []
    for entry, given in zip(pattern, distribute(pattern, inputs), strict=True):
        if entry == "newaxis":
            key.append(None)
        elif isinstance(entry, tuple):
            key.append(slice(*(None if g is None else int(g) for g in given)))
        else:
            key.append(int(given[0]) if entry == "int" else np.asarray(given[0]))
    return tuple(key)


def _inc_subtensor(node: Any, x: Any, y: Any, *index: Any) -> Any:
    result, key = np.array(x), _key(node.op.pattern, index)
    if node.op.set_instead_of_inc:
        result[key] = y
    else:
        np.add.at(result, key, y)
    return result


def _reduce(node: Any, x: Any) -> Any:
    reduction: Any = REDUCTIONS[node.op.operation][0]
    return reduction(x, axis=node.op.axis)


def _dimshuffle(node: Any, x: Any) -> Any:
    moved = np.transpose(x, [*node.op.shuffle, *node.op.drop]).reshape([np.shape(x)[d] for d in node.op.shuffle])
    return np.expand_dims(moved, tuple(node.op.augment))


#: Op class -> function of the node and the values of its inputs
RULES: dict[type, Callable[..., Any]] = {
    Elemwise: _elemwise,
    DimShuffle: _dimshuffle,
    CAReduce: _reduce,
    Sum: _reduce,
    Prod: _reduce,
    MakeVector: lambda node, *values: typed([np.asarray(v).item() for v in values], node.op.dtype),
    Join: lambda node, *values: np.concatenate(values, axis=node.op.axis),
    JoinAt: lambda node, axis, *values: np.concatenate(values, axis=int(axis)),
    SplitAt: lambda node, x, n, axis: np.split(x, np.cumsum(n)[:-1], axis=int(axis)),
    Split: lambda node, x, n: np.split(x, np.cumsum(n)[:-1], axis=node.op.axis),
    Reshape: lambda node, x, shape: np.reshape(x, tuple(shape)),
    Rebroadcast: lambda node, x: x,
    Shard: lambda node, x: x,
    SpecifyShape: lambda node, x, shape: x,
    Alloc: lambda node, value, *lengths: np.broadcast_to(value, [int(n) for n in lengths]),
    ARange: lambda node, start, stop, step: np.arange(start, stop, step),
    Subtensor: lambda node, x, *index: np.asarray(x)[_key(node.op.pattern, index)],
    IncSubtensor: _inc_subtensor,
}

#: Ops whose value follows from the shape of their input alone
OF_SHAPE: dict[type, Callable[..., Any]] = {
    Shape: lambda op, shape: typed(shape, "int64"),
    Shape_i: lambda op, shape: typed(shape[op.i], "int64"),
}

#: what may be evaluated on the host at a call: more elements than this are the device's work
MOST_ELEMENTS = 4096


def evaluate_node(node: Any, values: Sequence[Any]) -> list[np.ndarray]:
    """The outputs of `node` for host values of its inputs. Raises Unknown when there is no rule."""
    rule = RULES.get(type(node.op))
    if rule is None or getattr(getattr(node.op, "scalar_op", None), "numpy", rule) is None:
        raise Unknown(node.outputs[0])
    results = rule(node, *values)
    results = results if isinstance(results, list) else [results]
    return [typed(r, o.type.dtype) for r, o in zip(results, node.outputs, strict=True)]


#: Ops that give what they are given, in another form
_MOVING = (DimShuffle, MakeVector, Subtensor)
#: rows of the scalar table that are computed to the bit, on the host as on the device: of integers, and of floats
_EXACT = {"add", "mul", "neg", "sub"}
_ROUNDED = _EXACT | {"true_div"}
_FLOATS = {"float32", "float64"}
#: what they are told of has so many elements at most
_FEW = 64


def is_exact(node: Any) -> bool:
    """Whether the host computes of few numbers what the device would, to the bit."""
    if not isinstance(node.op, Elemwise):
        return type(node.op) in _MOVING
    row = node.op.scalar_op.row
    if row != "Cast" and row not in _ROUNDED:
        return False
    dtypes = {v.type.dtype for v in (*node.inputs, *node.outputs)}
    if row == "Cast":
        return node.outputs[0].type.dtype in _FLOATS and dtypes <= {*dt.discrete_dtypes, *_FLOATS}
    return (row in _EXACT and dtypes <= {*dt.integer_dtypes}) or (len(dtypes) == 1 and dtypes <= _FLOATS)


class HostValues:
    """What is known on the host in one trace: values by Variable, and which of them depend on the call's arguments."""

    def __init__(self, arguments: dict[Variable, Any], shape_of: Callable[[Variable], tuple[int, ...] | None]):
        self.arguments = arguments
        self.shape_of = shape_of
        self.values: dict[Variable, np.ndarray] = {}
        self.tainted: set[Variable] = set()

    def value(self, variable: Variable) -> np.ndarray:
        """The value of `variable`. Raises Unknown with the Variable that stands in the way."""
        stack = [variable]
        while stack:
            top = stack[-1]
            if top in self.values or self._leaf(top):
                stack.pop()
                continue
            node = top.owner
            assert node is not None
            missing = [v for v in node.inputs if v not in self.values]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            results = evaluate_node(node, [self.values[v] for v in node.inputs])
            dirty = any(v in self.tainted for v in node.inputs)
            for output, result in zip(node.outputs, results, strict=True):
                self.values[output] = result
                if dirty:
                    self.tainted.add(output)
        return self.values[variable]

    def settled(self, node: Any, known: Callable[[Variable], Any]) -> list[np.ndarray] | None:
        """The outputs of a node that are constants of the trace: lengths, and what is made of these and of constants
        without rounding. `known` gives such inputs, or None."""
        of_shape = OF_SHAPE.get(type(node.op))
        if of_shape is not None:
            shape = self.shape_of(node.inputs[0])
            results = [] if shape is None else [of_shape(node.op, shape)]
        else:
            values = [known(v) for v in node.inputs] if is_exact(node) else [None]
            if any(v is None or v.size > _FEW for v in values):
                return None
            try:
                results = evaluate_node(node, values)
            except Exception:  # it is raised where the node is lowered
                return None
        return results if results and not any(v.dtype == object for v in results) else None

    def _leaf(self, variable: Variable) -> bool:
        """Put in a value that needs none of others; False when it must be computed."""
        if isinstance(variable, Constant):
            if np.size(variable.data) > MOST_ELEMENTS:
                raise Unknown(variable)
            self.values[variable] = np.asarray(variable.data)
            return True
        if variable in self.arguments:
            self.values[variable] = np.asarray(self.arguments[variable])
            self.tainted.add(variable)
            return True
        node = variable.owner
        if node is None:
            raise Unknown(variable)
        of_shape = OF_SHAPE.get(type(node.op))
        if of_shape is not None:
            shape = self.shape_of(node.inputs[0])
            if shape is None:
                raise Unknown(variable)
            self.values[variable] = of_shape(node.op, shape)
            return True
        return False


# -- closures ---------------------------------------------------------------------------------------------------------

#: operations of the scalar table that Python's ints compute as numpy's do
_PYTHON: dict[str, Callable[[list[str]], str]] = {
    "add": " + ".join,
    "mul": " * ".join,
    "sub": " - ".join,
    "neg": lambda a: f"-{a[0]}",
    "identity": lambda a: a[0],
    "maximum": lambda a: f"max({a[0]}, {a[1]})",
    "minimum": lambda a: f"min({a[0]}, {a[1]})",
    "int_div": lambda a: f"{a[0]} // {a[1]}",
    "mod": lambda a: f"{a[0]} % {a[1]}",
    "lt": lambda a: f"int({a[0]} < {a[1]})",
    "gt": lambda a: f"int({a[0]} > {a[1]})",
    "le": lambda a: f"int({a[0]} <= {a[1]})",
    "ge": lambda a: f"int({a[0]} >= {a[1]})",
    "eq": lambda a: f"int({a[0]} == {a[1]})",
    "neq": lambda a: f"int({a[0]} != {a[1]})",
    "switch": lambda a: f"({a[1]} if {a[0]} else {a[2]})",
    "Cast": lambda a: a[0],
}


def _is_int_scalar(variable: Any) -> bool:
    return variable.type.ndim == 0 and variable.type.dtype in dt.integer_dtypes + dt.bool_dtypes


def _wrap(expression: str, dtype: str) -> str:
    """Python's ints do not overflow: let them, as the dtype's would."""
    if dtype == "bool":
        return f"int(bool({expression}))"
    info = np.iinfo(dtype)
    if info.min == 0:
        return f"({expression}) & {info.max}"
    half = info.max + 1
    return f"((({expression}) + {half}) & {2 * half - 1}) - {half}"


class _Source:
    """Python source that computes Variables from arguments, one line a node."""

    def __init__(self, host: HostValues, positions: dict[Variable, int]):
        self.host, self.positions = host, positions
        self.names: dict[Variable, str] = {}
        self.lines: list[str] = []
        self.globals: dict[str, Any] = {"asarray": np.asarray, "evaluate_node": evaluate_node}

    def bind(self, value: Any) -> str:
        name = f"c{len(self.globals)}"
        self.globals[name] = value
        return name

    def name(self, variable: Variable) -> str:
        """The name that holds `variable`, after the lines that compute it."""
        stack = [variable]
        while stack:
            top = stack[-1]
            if top in self.names:
                stack.pop()
            elif top not in self.host.tainted:
                value = self.host.values[top]
                self.names[top] = repr(int(value)) if _is_int_scalar(top) else self.bind(value)
                if self.names[top].startswith("-"):
                    self.names[top] = f"({self.names[top]})"
            elif top in self.positions:
                suffix = ".item()" if _is_int_scalar(top) else ""
                self.assign(top, f"asarray(values[{self.positions[top]}]){suffix}")
            else:
                assert top.owner is not None
                missing = [v for v in top.owner.inputs if v not in self.names]
                if missing:
                    stack.extend(missing)
                else:
                    self.node(top.owner)
        return self.names[variable]

    def assign(self, variable: Variable, expression: str) -> None:
        self.names[variable] = f"v{len(self.names)}"
        self.lines.append(f"    {self.names[variable]} = {expression}")

    def node(self, node: Any) -> None:
        arguments = [self.names[v] for v in node.inputs]
        form = _PYTHON.get(node.op.scalar_op.row) if isinstance(node.op, Elemwise) else None
        if form is not None and all(map(_is_int_scalar, (*node.inputs, *node.outputs))):
            self.assign(node.outputs[0], _wrap(form(arguments), node.outputs[0].type.dtype))
            return
        arrays = [
            f"asarray({a}, {v.type.dtype!r})" if _is_int_scalar(v) else a
            for a, v in zip(arguments, node.inputs, strict=True)
        ]
        result = f"r{len(self.lines)}"
        self.lines.append(f"    {result} = evaluate_node({self.bind(node)}, [{', '.join(arrays)}])")
        for k, output in enumerate(node.outputs):
            self.assign(output, f"{result}[{k}]" + (".item()" if _is_int_scalar(output) else ""))


def compile_closure(
    function: Callable[..., Any], variables: Sequence[Variable], host: HostValues, positions: dict[Variable, int]
) -> Callable[[Sequence[Any]], Any]:
    """``lambda values: function(*variables)``, the Variables computed from the values at `positions`.

    What does not depend on the arguments (shapes, constants) is put in as it was when `host` was made.
    """
    source = _Source(host, positions)
    names = [source.name(v) for v in variables]
    text = "\n".join(["def closure(values):", *source.lines, f"    return {source.bind(function)}({', '.join(names)})"])
    exec(compile(text, "<guard>", "exec"), source.globals)
    return source.globals["closure"]  # type: ignore[no-any-return]
