"""Ops made of other things: of a graph (`OpFromGraph`), of a Python function (`as_op`)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from tx.gradient import Rop
from tx.gradient.reverse import pull_back
from tx.gradient.rules import graph_connection_pattern
from tx.graph import Apply, FunctionGraph, Op, Type, Variable, testvalues, walk
from tx.shared import SharedVariable
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type_other import DisconnectedType, NullType


class OpFromGraph(Op):
    """The graph from `inputs` to `outputs` (lists of Variables), as an Op.

    Compiled functions contain the graph itself, whatever `inline` says: XLA sees through it. Shared variables in it
    are further inputs of its nodes, and differentiated like others.

    The gradient is that of the graph unless it is overridden, by one of

    - `lop_overrides`: what `L_op` shall be, of lists of inputs, outputs and gradients
    - `grad_overrides`: what `grad` shall be, of lists of inputs and gradients
    - `rop_overrides`: what `R_op` shall be, of lists of inputs and tangents

    each ``'default'``, a function, an OpFromGraph, a Variable of NullType or DisconnectedType, or a list of these, one
    an input (for `rop_overrides` one an output; None and 0 say that there is no tangent). `connection_pattern` says for
    each input which outputs a derivative sees it in.

    Raises TypeError for what are no Variables, or when givens or updates are asked for, MissingInputError when an
    input is missing, ValueError when both kinds of overrides of the gradient are given.
    Source: theano.OpFromGraph.
    """

    def __init__(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        inline: bool = False,
        lop_overrides: Any = "default",
        grad_overrides: Any = "default",
        rop_overrides: Any = "default",
        connection_pattern: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        for kind, given in (("inputs", inputs), ("outputs", outputs)):
            if not isinstance(given, list | tuple):
                raise TypeError(f"{kind} must be list, got {type(given)}")
        for v in [*inputs, *outputs]:
            if not isinstance(v, Variable):
                raise TypeError("inputs and outputs must be Variable instances", v)
        if "updates" in kwargs or "givens" in kwargs:
            raise TypeError("updates and givens are not allowed here")
        self.is_inline = inline
        self.name = name
        self.kwargs = kwargs
        leaves = walk.inputs(outputs, inputs)
        self.shared_inputs = [v for v in leaves if isinstance(v, SharedVariable) and v not in inputs]
        stand_ins: dict[Variable, Any] = {v: v.type() for v in self.shared_inputs}
        graph = walk.rebuild(outputs, stand_ins) if stand_ins else outputs
        self.graph = FunctionGraph([*inputs, *stand_ins.values()], graph)
        self.local_inputs, self.local_outputs = self.graph.inputs[: len(inputs)], self.graph.outputs
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.input_types, self.output_types = ([v.type for v in vs] for vs in (inputs, outputs))
        self._connection_pattern = connection_pattern
        self._pullbacks: dict[Any, Any] = {}
        self.set_lop_overrides(lop_overrides)
        if grad_overrides != "default":
            if lop_overrides != "default":
                raise ValueError("lop_overrides and grad_overrides are mutually exclusive")
            self.set_grad_overrides(grad_overrides)
        self.set_rop_overrides(rop_overrides)

    def set_grad_overrides(self, grad_overrides: Any) -> None:
        """Override the gradient, as a function of inputs and gradients."""
        self._lop_overrides, self._sees_outputs = grad_overrides, False

    def set_lop_overrides(self, lop_overrides: Any) -> None:
        """Override the gradient, as a function of inputs, outputs and gradients."""
        self._lop_overrides, self._sees_outputs = lop_overrides, True

    @property
    def overrides_gradient(self) -> bool:
        """Whether its gradient is another one than that of its graph."""
        return not (isinstance(self._lop_overrides, str) and self._lop_overrides == "default")

    def set_rop_overrides(self, rop_overrides: Any) -> None:
        """Override the R-operator, as a function of inputs and tangents."""
        self._rop_overrides = rop_overrides

    # -- what it means ------------------------------------------------------------------------------------------------

    def make_node(self, *inputs: Any) -> Apply:
        """Raises ValueError for a wrong number of inputs, TypeError for one of another type."""
        count, shared = len(self.input_types), len(self.shared_inputs)
        if len(inputs) not in (count, count + shared):
            raise ValueError(f"Expected {count} inputs, got {len(inputs)}")
        all_inputs = inputs if len(inputs) > count else (*inputs, *self.shared_inputs)
        filtered = [inner.type.filter_variable(v) for inner, v in zip(self.graph.inputs, all_inputs, strict=True)]
        return Apply(self, filtered, [t() for t in self.output_types])

    def opened(self, node: Apply) -> list[Any]:
        """The outputs of the graph, in terms of the inputs of `node`."""
        return walk.rebuild(self.graph.outputs, dict(zip(self.graph.inputs, node.inputs, strict=True)))

    def rewritten(self, node: Apply, rewrite: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
        """What takes the place of the outputs of `node` in a compiled function: the graph itself."""
        return rewrite(self.opened(node))

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """That of the graph, or the one that was given. An input that is overridden to be disconnected is so."""
        if self._connection_pattern is not None:
            return self._connection_pattern  # type: ignore[no-any-return]
        pattern = graph_connection_pattern(self.graph.inputs, self.graph.outputs)
        given = self._lop_overrides
        overrides = given if isinstance(given, list) else [given] * len(pattern)
        cut = [isinstance(getattr(o, "type", None), DisconnectedType) for o in overrides]
        return [[False] * len(row) if c else row for row, c in zip(pattern, cut, strict=False)]

    # -- derivatives --------------------------------------------------------------------------------------------------

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient of the graph, or what overrides it."""
        if not self.overrides_gradient:
            return self._default_pullback(inputs, gradients)
        filled = [
            F.zeros_like_float(y) if isinstance(g.type, DisconnectedType) else g
            for g, y in zip(gradients, outputs, strict=True)
        ]
        arguments = (inputs, outputs, filled) if self._sees_outputs else (inputs, filled)
        return _overridden(
            "L_op/gradient", self._lop_overrides, len(inputs), arguments,
            lambda: self._default_pullback(inputs, gradients),
        )  # fmt: skip

    @testvalues.aside
    def _default_pullback(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        chosen = tuple(i for i, g in enumerate(gradients) if not isinstance(g.type, DisconnectedType))
        key = chosen, tuple(gradients[i].type for i in chosen)
        if key not in self._pullbacks:
            seeds = [gradients[i].type() for i in chosen]
            functions = [self.graph.outputs[i] for i in chosen]
            words = "ignore", "disconnected", "return"
            self._pullbacks[key] = seeds, pull_back(functions, self.graph.inputs, seeds, (), words)
        seeds, found = self._pullbacks[key]
        given = dict(zip([*self.graph.inputs, *seeds], [*inputs, *(gradients[i] for i in chosen)], strict=True))
        return walk.rebuild(found, given)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The pushforward of the graph, or what overrides it."""
        if isinstance(self._rop_overrides, str) and self._rop_overrides == "default":
            return self._default_pushforward(inputs, eval_points)
        filled = [F.zeros_like_float(x) if t is None else t for t, x in zip(eval_points, inputs, strict=True)]
        return _overridden(
            "R_op", self._rop_overrides, len(self.output_types), (inputs, filled),
            lambda: self._default_pushforward(inputs, eval_points),
        )  # fmt: skip

    @testvalues.aside
    def _default_pushforward(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        outputs = walk.rebuild(self.graph.outputs, dict(zip(self.graph.inputs, stand_ins := [
            v.type() for v in self.graph.inputs], strict=True)))  # fmt: skip
        wrt = [i for i, t in enumerate(eval_points) if t is not None]
        seeds = [eval_points[i].type() for i in wrt]
        options = {"disconnected_outputs": "ignore", "return_disconnected": "disconnected"}
        found = Rop(outputs, [stand_ins[i] for i in wrt], seeds, **options)
        given = dict(zip([*stand_ins, *seeds], [*inputs, *(eval_points[i] for i in wrt)], strict=True))
        return [None if isinstance(t.type, DisconnectedType) else t for t in walk.rebuild(found, given)]

    def __str__(self) -> str:
        return f"{self.name or type(self).__name__}{{inline={self.is_inline}}}"


def _overridden(
    what: str, override: Any, count: int, arguments: tuple[Sequence[Any], ...], default: Callable[[], list[Any]]
) -> list[Any]:
    """What an override says, one an input (an output for R_op). `arguments` are the lists that it is called with.

    Raises TypeError for what is no override, or does not return a list, ValueError for a wrong number of results.
    """
    if isinstance(override, list):
        if len(override) != count:
            raise ValueError(f"Need to override {count} gradients, got {len(override)}", override)
        standard = default() if "default" in [o for o in override if isinstance(o, str)] else [None] * count
        return [_one(what, o, arguments, standard[i]) for i, o in enumerate(override)]
    if isinstance(override, OpFromGraph):
        found = override(*(v for part in arguments for v in part), return_list=True)
    elif callable(override):
        found = override(*map(list, arguments))
    else:
        return [_one(what, override, arguments, None) for _ in range(count)]
    if not isinstance(found, list | tuple):
        raise TypeError(f'{what} overriding function should return a list, got "{type(found)}"')
    if len(found) != count:
        raise ValueError(f"{what} overriding function should return list of {count} outputs, got {len(found)}")
    return list(found)


def _one(what: str, override: Any, arguments: tuple[Sequence[Any], ...], default: Any) -> Any:
    """What the override of a single input (output) says."""
    pushes = what == "R_op"
    if isinstance(override, str) and override == "default":
        return default
    if isinstance(override, OpFromGraph):
        return override(*(v for part in arguments for v in part))
    if isinstance(override, Variable) and isinstance(override.type, NullType | DisconnectedType):
        return None if pushes and isinstance(override.type, DisconnectedType) else override
    if callable(override):
        return override(*map(list, arguments))
    if pushes and (override is None or override == 0):
        return None
    allowed = "None | 0 | callable" if pushes else "callable | Variable with NullType or DisconnectedType"
    raise TypeError(
        f"{what} override should be (single or list of) 'default' | OpFromGraph | {allowed}, got {override}"
    )


# -- Ops from functions -----------------------------------------------------------------------------------------------


def _load(module: str, name: str) -> Any:
    __import__(module)
    return getattr(sys.modules[module], name)


class FromFunctionOp(Op):
    """A Python function of arrays, as an Op without a gradient. It is run on the host."""

    def __init__(self, fn: Callable[..., Any], itypes: Sequence[Any], otypes: Sequence[Any], infer_shape: Any = None):
        self._function = fn
        self.itypes, self.otypes = list(itypes), list(otypes)
        if infer_shape is not None:
            self.infer_shape = infer_shape

    def _parts(self) -> tuple[Any, ...]:
        return self._function, getattr(self, "infer_shape", None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FromFunctionOp) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), self._parts()))

    def make_node(self, *inputs: Any) -> Apply:
        """Raises ValueError for a wrong number of inputs, TypeError for one of another type."""
        return super().make_node(*(v if isinstance(v, Variable) else as_tensor_variable(v) for v in inputs))

    def perform(
        self, node: Apply, inputs: Sequence[Any], output_storage: Sequence[list[Any]], params: Any = None
    ) -> None:
        """Raises AssertionError when the function returns another number of results than promised."""
        results = self._function(*inputs)
        found = results if isinstance(results, list | tuple) else (results,)
        if len(found) != len(node.outputs):
            raise AssertionError(f"{self} returned {len(found)} results, {len(node.outputs)} were promised")
        for cell, value in zip(output_storage, found, strict=True):
            cell[0] = value

    def __str__(self) -> str:
        return f"FromFunctionOp{{{self._function.__name__}}}"

    def __reduce__(self) -> Any:
        module, name = self._function.__module__, self._function.__name__
        decorated = getattr(sys.modules.get(module), name, None)
        if decorated is not None and decorated == self:
            return _load, (module, name)
        return FromFunctionOp, (self._function, self.itypes, self.otypes, getattr(self, "infer_shape", None))


def as_op(itypes: Any, otypes: Any, infer_shape: Callable[..., Any] | None = None) -> Callable[..., FromFunctionOp]:
    """Decorator: this function of arrays becomes an Op of inputs and outputs of these types (a type, or a list).

    `infer_shape` is a function of the node and the list of its inputs' shapes that gives those of the outputs.
    Raises TypeError for what are no types. Source: theano.compile.ops.as_op.
    """
    types = []
    for kind, given in (("itypes", itypes), ("otypes", otypes)):
        listed = list(given) if isinstance(given, list | tuple) else [given]
        if not all(isinstance(t, Type) for t in listed):
            raise TypeError(f"{kind} has to be a list of Theano types")
        types.append(listed)
    if infer_shape is not None and not callable(infer_shape):
        raise TypeError("infer_shape needs to be a callable")
    return lambda fn: FromFunctionOp(fn, types[0], types[1], infer_shape)


__all__ = ["FromFunctionOp", "OpFromGraph", "as_op"]
