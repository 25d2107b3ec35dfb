"""Walking graphs: ancestors, inputs, order of computation, clones, comparison. Every walk is a loop, none recurses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tx.graph.core import Apply, Constant, Variable


def ancestors(variables: Iterable[Variable], blockers: Iterable[Variable] = ()) -> list[Variable]:
    """The Variables that `variables` depend on, themselves included, each once, inputs before what they feed.

    The walk stops at `blockers` (which are listed).
    """
    blocked = set(blockers)
    seen: set[Variable] = set()
    order: list[Variable] = []
    for root in variables:
        stack = [(root, False)]
        while stack:
            variable, expanded = stack.pop()
            if expanded:
                order.append(variable)
                continue
            if variable in seen:
                continue
            seen.add(variable)
            stack.append((variable, True))
            if variable.owner is not None and variable not in blocked:
                stack.extend((i, False) for i in reversed(variable.owner.inputs) if i not in seen)
    return order


def inputs(variables: Iterable[Variable], blockers: Iterable[Variable] = ()) -> list[Variable]:
    """The ancestors of `variables` that nothing computes (Constants included), in the order they are met."""
    blocked = set(blockers)
    return [v for v in ancestors(variables, blocked) if v.owner is None or v in blocked]


def toposort(outputs: Iterable[Variable], blockers: Iterable[Variable] = ()) -> list[Apply]:
    """The Applies that compute `outputs`, each after all that it needs. Stops at `blockers`."""
    blocked = set(blockers)
    seen: set[Apply] = set()
    order: list[Apply] = []
    for root in outputs:
        if root.owner is None or root in blocked or root.owner in seen:
            continue
        seen.add(root.owner)
        stack: list[tuple[Apply, Iterator[Variable]]] = [(root.owner, iter(root.owner.inputs))]
        while stack:
            node, rest = stack[-1]
            for variable in rest:
                owner = variable.owner
                if owner is not None and owner not in seen and variable not in blocked:
                    seen.add(owner)
                    stack.append((owner, iter(owner.inputs)))
                    break
            else:
                stack.pop()
                order.append(node)
    return order


def clone_get_equiv(
    given: Iterable[Variable],
    outputs: Iterable[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool = True,
    memo: dict[Any, Any] | None = None,
) -> dict[Any, Any]:
    """Map every Variable and Apply between `given` and `outputs` to a copy. `memo` gives copies that exist already.

    Inputs (`given`) and orphans (other leaves) are copied or kept as the two flags say.
    """
    given, outputs = list(given), list(outputs)
    memo = {} if memo is None else memo
    for variable in given:
        memo.setdefault(variable, variable.clone() if copy_inputs else variable)
    # A Variable that is in the memo is a boundary: what computes it is not looked at.
    order = toposort(outputs, list(memo))
    for node in order:
        sources = []
        for variable in node.inputs:
            if variable not in memo:
                memo[variable] = variable.clone() if copy_orphans else variable
            sources.append(memo[variable])
        copy = node.clone_with_new_inputs(sources)
        memo[node] = copy
        for old, new in zip(node.outputs, copy.outputs, strict=True):
            memo.setdefault(old, new)
    for variable in outputs:
        if variable not in memo:
            memo[variable] = variable.clone() if copy_orphans else variable
    return memo


def clone(
    given: Sequence[Variable],
    outputs: Sequence[Variable],
    copy_inputs: bool = True,
    copy_orphans: bool | None = None,
) -> tuple[list[Variable], list[Variable]]:
    """Copy the graph between `given` and `outputs`; returns the copies of both."""
    if copy_orphans is None:
        copy_orphans = copy_inputs
    equivalents = clone_get_equiv(given, outputs, copy_inputs, copy_orphans)
    return [equivalents[v] for v in given], [equivalents[v] for v in outputs]


def rebuild(
    outputs: Sequence[Variable],
    replace: Mapping[Variable, Variable],
    strict: bool = True,
) -> list[Variable]:
    """`outputs` with the keys of `replace` standing replaced by their values, as the values stand.

    What depends on no key is shared with the old graph, not copied.
    Raises TypeError under `strict` when a replacement cannot take the Type of what it replaces.
    """
    if not replace:
        return list(outputs)
    memo: dict[Variable, Variable] = {}
    for old, new in replace.items():
        memo[old] = old.type.filter_variable(new) if strict else new
    for node in toposort(outputs, list(memo)):
        sources = [memo.get(v, v) for v in node.inputs]
        if all(a is b for a, b in zip(sources, node.inputs, strict=True)):
            continue
        copy = node.clone_with_new_inputs(sources, strict)
        for old, new in zip(node.outputs, copy.outputs, strict=True):
            memo.setdefault(old, new)
    return [memo.get(v, v) for v in outputs]


def equal_computations(
    xs: Sequence[Variable],
    ys: Sequence[Variable],
    in_xs: Sequence[Variable] = (),
    in_ys: Sequence[Variable] = (),
) -> bool:
    """Whether `xs` compute from `in_xs` what `ys` compute from `in_ys`: same Ops, same wiring, equal Constants."""
    if len(xs) != len(ys) or len(in_xs) != len(in_ys):
        return False
    matched: dict[Variable, Variable] = dict(zip(in_xs, in_ys, strict=True))
    if any(x.type != y.type for x, y in matched.items()):
        return False

    def same(x: Variable, y: Variable) -> bool:
        if x in matched:
            return matched[x] is y
        if isinstance(x, Constant):
            return x.equals(y)
        return x.owner is None and x is y

    pending = list(zip(xs, ys, strict=True))
    compared: set[tuple[Apply, Apply]] = set()
    while pending:
        x, y = pending.pop()
        if x.owner is None or x in matched or y.owner is None:
            if not same(x, y):
                return False
            continue
        if x.index != y.index or x.owner.op != y.owner.op or x.type != y.type:
            return False
        if len(x.owner.inputs) != len(y.owner.inputs):
            return False
        if (x.owner, y.owner) not in compared:
            compared.add((x.owner, y.owner))
            pending.extend(zip(x.owner.inputs, y.owner.inputs, strict=True))
    return True


def is_same_graph(
    x: Variable,
    y: Variable,
    givens: Mapping[Variable, Variable] | Iterable[tuple[Variable, Variable]] | None = None,
) -> bool:
    """Whether `x` and `y` are computed alike, the keys of `givens` in either being taken for their values."""
    if givens is None:
        return equal_computations([x], [y])
    pairs = dict(givens.items() if isinstance(givens, Mapping) else givens)
    return equal_computations(rebuild([x], pairs), rebuild([y], pairs))


def clients(outputs: Iterable[Variable], blockers: Iterable[Variable] = ()) -> dict[Variable, list[tuple[Apply, int]]]:
    """For each Variable of the graph, the (Apply, input position) pairs that read it."""
    readers: dict[Variable, list[tuple[Apply, int]]] = {}
    for node in toposort(outputs, blockers):
        for position, variable in enumerate(node.inputs):
            readers.setdefault(variable, []).append((node, position))
    return readers


def find(outputs: Iterable[Variable], predicate: Callable[[Apply], bool]) -> list[Apply]:
    """The Applies among what computes `outputs` that satisfy `predicate`, in order of computation."""
    return [node for node in toposort(outputs) if predicate(node)]
