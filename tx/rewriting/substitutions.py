"""LocalOptimizers that are data: an Op for an Op, an Op left out, a pattern for a pattern (Theano: ``gof.opt``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tx.graph import Apply, Constant, Op, Variable
from tx.rewriting.optimizers import LocalOptimizer
from tx.tensor.convert import constant
from tx.tensor.elemwise import constant_value


class OpSub(LocalOptimizer):
    """`op2` in the place of `op1`, on the same inputs. With `transfer_tags` the tags are handed on."""

    reentrant = False
    retains_inputs = True

    def __init__(self, op1: Op, op2: Op, transfer_tags: bool = True):
        self.op1, self.op2, self.transfer_tags = op1, op2, transfer_tags

    def op_key(self) -> Op:
        """The Op that goes."""
        return self.op1

    def tracks(self) -> list[Any]:
        """The Op that goes."""
        return [self.op1]

    def transform(self, node: Apply) -> Any:
        """The outputs of the other Op."""
        if node.op != self.op1:
            return False
        made = self.op2.make_node(*node.inputs)
        if self.transfer_tags:
            made.tag = node.tag
            for old, new in zip(node.outputs, made.outputs, strict=True):
                new.tag = old.tag
        return made.outputs

    def __str__(self) -> str:
        return f"{self.op1} -> {self.op2}"


class OpRemove(LocalOptimizer):
    """The inputs of an Op in the place of its outputs: there must be as many."""

    reentrant = False

    def __init__(self, op: Op):
        self.op = op

    def op_key(self) -> Op:
        """The Op that goes."""
        return self.op

    def tracks(self) -> list[Any]:
        """The Op that goes."""
        return [self.op]

    def transform(self, node: Apply) -> Any:
        """The inputs."""
        return list(node.inputs) if node.op == self.op else False

    def __str__(self) -> str:
        return f"{self.op}(x) -> x"


class PatternSub(LocalOptimizer):
    """One expression in the place of another.

    A pattern is a tuple of an Op and patterns for its inputs; a string, which stands for any Variable (the same one,
    wherever the string is met); a number or a Constant, which stands for a constant of that value; or a dict
    ``{"pattern": ..., "constraint": f}``, where `f` of the Variable must hold. What stands in `out_pattern` is built
    with what `in_pattern` has found.

    An inner part of `in_pattern` that something else reads, too, does not match, unless `allow_multiple_clients`.
    `skip_identities_fn` sees each Variable first, and may give another to look at.
    """

    def __init__(
        self,
        in_pattern: Any,
        out_pattern: Any,
        allow_multiple_clients: bool = False,
        skip_identities_fn: Callable[[Any], Any] | None = None,
        name: str | None = None,
        pdb: bool = False,
        tracks: Sequence[Any] = (),
        get_nodes: Callable[[Apply], Any] | None = None,
        values_eq_approx: Any = None,
    ):
        self.in_pattern, self.out_pattern = _converted(in_pattern), _converted(out_pattern)
        while isinstance(in_pattern, dict):
            in_pattern = in_pattern["pattern"]
        if not isinstance(in_pattern, list | tuple):
            raise TypeError("The pattern to search for must start with a specific Op instance.")
        self.op: Op = in_pattern[0]
        self.allow_multiple_clients = allow_multiple_clients
        self.skip_identities_fn = skip_identities_fn
        self.__name__ = name or f"{pattern_to_str(self.in_pattern)} -> {pattern_to_str(self.out_pattern)}"
        self._tracks, self.get_nodes = tracks, get_nodes
        if tracks and get_nodes is None:
            raise ValueError("PatternSub needs get_nodes where tracks are given")

    def op_key(self) -> Op:
        """The outermost Op of the pattern."""
        return self.op

    def tracks(self) -> list[Any]:
        """The Ops that an Apply may have from which the pattern is looked for."""
        return list(self._tracks) or [self.op]

    def transform(self, node: Apply, get_nodes: bool = True) -> Any:
        """What shall take the place of `node`, in a list, or False."""
        if get_nodes and self.get_nodes is not None:
            for start in self.get_nodes(node):
                if start is False or start is None:
                    continue
                found = self.transform(start, get_nodes=False)
                if found:
                    return {start.outputs[0]: found[0]}
            return False
        if node.op != self.op or len(node.outputs) != 1:
            return False
        names = self._match(self.in_pattern, node.outputs[0], {}, outermost=True)
        if names is None:
            return False
        result = _build(self.out_pattern, names)
        return [result] if result.type == node.outputs[0].type else False

    def _match(self, pattern: Any, v: Any, names: dict[str, Any], outermost: bool = False) -> dict[str, Any] | None:
        """`names` with what the strings of `pattern` stand for in `v`, or None where it is something else."""
        if self.skip_identities_fn is not None and (inner := self.skip_identities_fn(v)) not in (None, v):
            return self._match(pattern, inner, names, outermost)
        if isinstance(pattern, str):
            if pattern in names:
                return names if _same(names[pattern], v) else None
            return {**names, pattern: v}
        if isinstance(pattern, dict):
            found = self._match(pattern["pattern"], v, names, outermost)
            return found if found is not None and pattern.get("constraint", bool_true)(v) else None
        if isinstance(pattern, Constant):
            return names if _same_constant(pattern, v) else None
        node = v.owner
        if node is None or node.op != pattern[0] or len(node.inputs) != len(pattern) - 1:
            return None
        if not outermost and not self.allow_multiple_clients and _readers(v) > 1:
            return None
        current: dict[str, Any] | None = names
        for part, source in zip(pattern[1:], node.inputs, strict=True):
            current = self._match(part, source, current)  # type: ignore[arg-type]
            if current is None:
                return None
        return current

    def __str__(self) -> str:
        return self.__name__

    __repr__ = __str__


def bool_true(_: Any) -> bool:
    """The constraint that always holds."""
    return True


def _converted(pattern: Any) -> Any:
    """A pattern with Constants for numbers and tuples for lists."""
    if isinstance(pattern, list | tuple):
        return (pattern[0], *(_converted(p) for p in pattern[1:]))
    if isinstance(pattern, dict):
        return {**pattern, "pattern": _converted(pattern["pattern"])}
    if isinstance(pattern, int | float | complex | np.ndarray | np.generic):
        return constant(pattern)
    return pattern


def _readers(variable: Any) -> int:
    return len(variable.clients) if variable.membership is not None else 0


def _same(a: Any, b: Any) -> bool:
    return a is b or (isinstance(a, Constant) and a.equals(b))


def _same_constant(pattern: Any, v: Any) -> bool:
    """Whether `v` is a constant of the same value, whatever its dtype and number of axes (numbers are broadcast)."""
    if isinstance(v, Constant) and v.equals(pattern):
        return True
    value = constant_value(v)
    return value is not None and np.ndim(pattern.data) == 0 and bool(value == pattern.data)


def _build(pattern: Any, names: dict[str, Any]) -> Variable:
    if isinstance(pattern, dict):
        pattern = pattern["pattern"]
    if isinstance(pattern, str):
        found: Variable = names[pattern]
        return found
    if isinstance(pattern, tuple):
        made: Variable = pattern[0](*(_build(p, names) for p in pattern[1:]))
        return made
    known: Variable = pattern
    return known


def pattern_to_str(pattern: Any) -> str:
    """A pattern as text."""
    if isinstance(pattern, tuple):
        return f"{pattern[0]}({', '.join(map(pattern_to_str, pattern[1:]))})"
    if isinstance(pattern, dict):
        return f"{pattern_to_str(pattern['pattern'])} subject to {pattern.get('constraint', 'no conditions')}"
    return str(pattern)
