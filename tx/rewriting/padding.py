"""Padded graphs: a function of inputs with a varying length, as a function of padded inputs and the true length.

Every Variable of the graph becomes an `Entry`: a Variable of the padded graph, and which of its axes are padded. Along
a padded axis the true elements come first; what stands behind them is arbitrary. Elementwise operations let it pass;
what mixes elements along the axis puts in what is neutral there. So gradients, which are part of the graph, never read
what is not theirs, be it NaN.

A length is a scalar in two forms: the true value, known to the device, and its bound, which follows from the padded
shapes. Numbers are computed from the first, shapes are made of the second. `tx.rewriting.padded_ops` has the rules, a
row for each Op. What has none is `Unpaddable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import Any

import numpy as np

from tx.graph import Apply, Variable, walk
from tx.graph.core import defines
from tx.rewriting.engine import unwritten
from tx.scan_module.op import Scan
from tx.tensor import math as F
from tx.tensor.assertions import Assert
from tx.tensor.convert import constant
from tx.tensor.creation import arange
from tx.tensor.joining import make_vector
from tx.tensor.shapes import Shape_i, addbroadcast, dimshuffle, int64_scalar, patternbroadcast
from tx.tensor.subtensor import Subtensor, distribute, getitem


class Unpaddable(Exception):
    """A graph has no padded form (that is known here)."""


@dataclass(frozen=True)
class Length:
    """The varying length number `root`, plus an offset; where `scaled`, times a factor that does not vary.

    The factor is not compared: where lengths must agree, and offsets do, factors agree or the program is wrong.
    """

    root: int
    offset: int = 0
    scaled: bool = field(default=False, compare=False)

    def __add__(self, more: int) -> Length:
        if more and self.scaled:
            raise Unpaddable("a product of lengths plus a number")
        return replace(self, offset=self.offset + more)


@dataclass(frozen=True)
class Axis:
    """A padded axis: its length, and a scalar with the true one."""

    length: Length
    true: Any


@dataclass(frozen=True)
class Size:
    """What an integer scalar is, if it is a varying length, and a scalar with its bound."""

    length: Length
    bound: Any


@dataclass
class Entry:
    """What a Variable becomes: one that is equal to it, but for padding along `axes`.

    `size` tells of a scalar that is a length, `parts` are the elements of a vector of lengths. `varies` says of another
    integer that it is computed from lengths: shapes cannot be made of it. `within` says that elements are at least 0,
    and less than a length.
    """

    value: Any
    axes: dict[int, Axis] = field(default_factory=dict)
    size: Size | None = None
    parts: list[Entry] | None = None
    varies: bool = False
    within: Length | None = None

    @property
    def plain(self) -> bool:
        """Whether padding makes no difference."""
        return not (self.axes or self.size or self.parts or self.varies)

    @property
    def bound(self) -> Any:
        """The Variable to make shapes of. Raises Unpaddable where there is none."""
        if self.varies:
            raise Unpaddable(f"a shape depends on {self.value}")
        if self.parts is not None:
            return make_vector(*[part.bound for part in self.parts])
        return self.value if self.size is None else self.size.bound

    def lengths(self) -> dict[int, Length]:
        """The length of each padded axis."""
        return {d: axis.length for d, axis in self.axes.items()}


Rule = Callable[..., Any]

_rules: dict[type, Rule] = {}


def pads(*classes: type) -> Callable[[Rule], Rule]:
    """Decorator: this function pads Ops of these classes. It is given the Padding, the node, and an Entry for each
    input, and returns an Entry, or a list with one for each output."""

    def register(rule: Rule) -> Rule:
        for kind in classes:
            _rules[kind] = rule
        return rule

    return register


def _rule_for(op: Any) -> Rule | None:
    if defines(op, "perform"):
        return None
    return next((_rules[kind] for kind in type(op).__mro__ if kind in _rules), None)


@dataclass
class Terms:
    """On what terms a padded graph is right: by root, how `least` long a true length must be; and whether it `demands`
    what a program need not hold to."""

    least: dict[int, int] = field(default_factory=dict)
    demands: bool = False


class Padding:
    """One walk over a graph, whose inputs have their `entries`, and over those inside of it.

    `found` collects the lengths that are computed: root, true value, and bound. Where it is None, there are none.
    """

    def __init__(
        self,
        entries: dict[Variable, Entry],
        terms: Terms,
        roots: int = 0,
        found: list[tuple[int, Variable, Variable]] | None = None,
    ):
        self.entries = dict(entries)
        self.terms, self.roots, self.found = terms, roots, found
        #: root, tensor, axis: the bound of that root is no more than this axis has
        self.cut: set[tuple[int, Variable, int]] = set()
        #: loops, by Op and inputs: what they and their derivatives have become
        self.loops: dict[Any, Any] = {}

    def run(self, outputs: Sequence[Variable]) -> list[Entry]:
        """The entries of `outputs`. Raises Unpaddable."""
        for node in walk.toposort(outputs, list(self.entries)):
            self.visit(node)
        return [self.entry(v) for v in outputs]

    def entry(self, variable: Variable) -> Entry:
        """What `variable` has become."""
        return self.entries.get(variable) or Entry(variable)

    def visit(self, node: Apply) -> None:
        """Work out the entries of the outputs of `node`, whose inputs have theirs."""
        given = [self.entry(v) for v in node.inputs]
        if all(e.plain for e in given) and not (self.found is not None and computes_a_length(node)):
            found = [Entry(v) for v in rebuilt(node, given).outputs]
        else:
            rule = _rule_for(node.op)
            if rule is None:
                raise Unpaddable(f"{node.op} has no padded form")
            results = rule(self, node, *given)
            found = results if isinstance(results, list) else [results]
        for old, new in zip(node.outputs, found, strict=True):
            if new.value.type != old.type:
                if new.value.type.dtype != old.type.dtype:
                    raise Unpaddable(f"{old} of {old.type} has become {new.value.type}")
                new.value = patternbroadcast(new.value, old.type.broadcastable)
            if new.value.owner is not None:
                new.value.owner.line = new.value.owner.line or node.line
            self.entries[old] = new

    def need(self, length: Length, least: int) -> None:
        """The padded graph is right only where `length` is at least so long."""
        if length.scaled:
            if least > 1:
                raise Unpaddable("a product of lengths must have a certain size")
            least += length.offset
        known = self.terms.least
        known[length.root] = max(known.get(length.root, 1), least - length.offset)

    def demand(self, x: Any, *conditions: Any) -> Any:
        """`x`, on conditions that a right program need not hold to: who sees them fail must run it as written."""
        self.terms.demands = True
        return Assert("padding cannot do this")(x, *conditions)

    def computed(self, true: Any, bound: Any) -> Length:
        """A new length, which the graph computes."""
        assert self.found is not None
        root = self.roots + len(self.found)
        self.found.append((root, true, bound))
        return Length(root)

    def axis(self, length: Length, true: Any) -> Axis:
        """A padded axis, which is nowhere empty."""
        self.need(length, 1)
        return Axis(length, true)


@dataclass
class Padded:
    """A padded graph: `outputs`, and the padded axes of each.

    By root, `lengths` are the scalars with the true lengths of inputs (with the bounds of those that are inputs
    themselves), and `least` how long these must be at least.
    `computed` are outputs besides: true value and bound of each root behind those. If it `demands` something, it is
    only right while checks are on. `cut` tells of inputs of which elements up to a length are taken: its root, the
    input, and the axis.
    """

    outputs: list[Variable]
    axes: list[dict[int, Length]]
    lengths: list[Variable]
    least: list[int]
    computed: list[Variable]
    demands: bool
    cut: set[tuple[int, Variable, int]]


@unwritten
def padded_graph(outputs: Sequence[Variable], varying: Sequence[Sequence[tuple[Variable, int]]]) -> Padded:
    """The padded form of `outputs`, where the inputs vary in length along some axes: a list of (input, axis) for each
    root. An input that is a scalar is a length itself. Raises Unpaddable."""
    lengths: list[Variable] = [int64_scalar() for _ in varying]
    entries: dict[Variable, Entry] = {}
    for root, places in enumerate(varying):
        for v, d in places:
            if v.type.ndim:
                entries.setdefault(v, Entry(v)).axes[d] = Axis(Length(root), lengths[root])
    found: list[tuple[int, Variable, Variable]] = []
    work = Padding(entries, Terms(), len(varying), found)
    for root, ((v, _), *_) in enumerate(varying):
        if v.type.ndim == 0:
            cut = list(cut_to(v, outputs, entries))
            bound = reduce(F.minimum, [Shape_i(d)(x) for x, d in cut], lengths[root])
            work.entries[v] = Entry(v, size=Size(Length(root), bound))
            work.cut |= {(root, x, d) for x, d in cut}
    ends, least = work.run(outputs), work.terms.least
    computed: list[Variable] = []
    for root, true, bound in found:
        enough = least.get(root, 1)
        computed += [work.demand(true, F.ge(true, enough)) if enough > 1 else true, bound]
    needs = [least.get(root, 1) for root in range(len(varying))]
    axes = [e.lengths() for e in ends]
    return Padded([e.value for e in ends], axes, lengths, needs, computed, work.terms.demands, work.cut)


def cut_to(
    v: Variable, outputs: Sequence[Variable], entries: Mapping[Variable, Entry] = MappingProxyType({})
) -> Iterable[tuple[Variable, int]]:
    """The inputs of the graph, and their axes, of which elements up to `v` are taken. Not those that have entries."""
    for node in walk.toposort(outputs):
        op: Any = node.op
        if not isinstance(op, Subtensor) or node.inputs[0].owner is not None or node.inputs[0] in entries:
            continue
        x = node.inputs[0]
        parts = zip(op.pattern, distribute(op.pattern, node.inputs[1:]), strict=True)
        read = [(entry, given) for entry, given in parts if entry != "newaxis"]
        for d, (entry, given) in enumerate(read):
            if isinstance(entry, tuple) and given[1] is not None and v in walk.ancestors([given[1]], [v]):
                yield x, d


def computes_a_length(node: Apply) -> bool:
    """Whether `node` is a loop that a condition may end: how many steps it makes is a length that it computes."""
    return isinstance(node.op, Scan) and node.op.form.until


def rebuilt(node: Apply, given: Sequence[Entry]) -> Apply:
    """`node` on the values of the entries."""
    values = [e.value for e in given]
    if all(a is b for a, b in zip(values, node.inputs, strict=True)):
        return node
    return node.clone_with_new_inputs(values)


def common(given: Iterable[Entry], ndim: int) -> dict[int, Axis]:
    """The padded axes of what is broadcast together to `ndim` dimensions. Raises Unpaddable where lengths differ."""
    axes: dict[int, Axis] = {}
    entries = list(given)
    for d in range(ndim):
        rows = [(e, d - ndim + e.value.ndim) for e in entries]
        found = [e.axes.get(k) for e, k in rows if k >= 0 and not e.value.type.broadcastable[k]]
        if not any(found):
            continue
        if any(a is None or a.length != found[0].length for a in found):  # type: ignore[union-attr]
            raise Unpaddable("two tensors whose lengths need not be equal")
        axes[d] = found[0]  # type: ignore[assignment]
    return axes


def mask(x: Any, d: int, true: Any, ndim: int | None = None) -> Any:
    """Whether elements of `x` along axis `d` are true ones, to be broadcast with tensors of `ndim` dimensions."""
    order: list[Any] = ["x"] * (x.ndim if ndim is None else ndim)
    order[d] = 0
    return dimshuffle(F.lt(arange(Shape_i(d)(x)), true), order)


def masked(e: Entry, fill: Any, axes: Iterable[int] | None = None) -> Any:
    """The value of `e`, with `fill` for padding along `axes` (all of them)."""
    value = e.value
    for d in sorted(e.axes if axes is None else axes):
        value = F.switch(mask(value, d, e.axes[d].true), value, constant(np.asarray(fill, value.dtype)))
    return value


def safe(e: Entry, axes: Iterable[int] | None = None) -> Any:
    """The value of `e`, with the first element for padding along `axes` (all of them)."""
    value = e.value
    for d in sorted(e.axes if axes is None else axes):
        first = addbroadcast(getitem(value, (*[slice(None)] * d, slice(0, 1))), d)
        value = F.switch(mask(value, d, e.axes[d].true), value, first)
    return value


__all__ = [
    "Axis",
    "Entry",
    "Length",
    "Padded",
    "Padding",
    "Size",
    "Terms",
    "Unpaddable",
    "common",
    "computes_a_length",
    "mask",
    "masked",
    "padded_graph",
    "pads",
    "rebuilt",
    "safe",
]
