"""Pickling graphs of any depth.

The default protocol follows owner -> inputs -> owner and overflows the stack on a long chain. Here an owned Variable
reduces to a *flat* list of records, one an Apply, in the order of computation. Leaves are pickled as they are.

Two Variables of one pickle must share what they shared before: each Apply carries a token, and a session object,
which the pickle stream's own memo keeps unique in the stream, maps tokens to the Applies that were restored already.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tx.graph.core import Apply, Variable

_tokens = itertools.count(1)

#: gives an object the state that Theano pickled for it; `tx.legacy.restoring` puts it here
foreign: list[Callable[[Any, Any], None]] = []


def set_foreign_state(thing: Any, state: Any) -> None:
    """Give `thing` a state that Theano has pickled. Raises TypeError where nobody knows how."""
    if not foreign:
        raise TypeError(f"this is no pickled state of {type(thing).__name__}: {state!r:.100}")
    foreign[-1](thing, state)


class _Session:
    """The Applies that one unpickling has restored, by token."""

    def __init__(self) -> None:
        self.restored: dict[int, Apply] = {}

    def __reduce__(self) -> Any:
        return _Session, ()


#: pickled by reference to its class, so that each stream starts with an empty one
_SESSION = _Session()


def _token(node: Apply) -> int:
    if node.token is None:
        node.token = next(_tokens)
    return node.token


def _records(node: Apply) -> list[tuple[Any, ...]]:
    from tx.graph.walk import toposort

    order = toposort(node.outputs)
    return [
        (
            _token(apply),
            apply.op,
            [(_token(i.owner), i.index) if i.owner is not None else i for i in apply.inputs],
            [(o.type, o.name, o._tag, o.__dict__ or None) for o in apply.outputs],
            apply.line,
            apply._tag,
        )
        for apply in order
    ]


def _restore(session: _Session, records: list[tuple[Any, ...]], index: int | None) -> Any:
    from tx.graph.core import Apply

    restored = session.restored
    for token, op, inputs, outputs, line, tag in records:
        if token in restored:  # from inside of the attributes of an output, which are complete only now
            for variable, (*_, attributes) in zip(restored[token].outputs, outputs, strict=True):
                variable.__dict__.update(attributes or {})
            continue
        made = []
        for kind, name, output_tag, attributes in outputs:
            variable = kind.make_variable(name)
            variable._tag = output_tag
            variable.__dict__.update(attributes or {})
            made.append(variable)
        sources = [restored[i[0]].outputs[i[1]] if isinstance(i, tuple) else i for i in inputs]
        node = Apply(op, sources, made)
        node.line, node._tag = line, tag
        restored[token] = node
    last = restored[records[-1][0]]
    return last if index is None else last.outputs[index]


def reduce_variable(variable: Variable) -> Any:
    """The ``__reduce__`` of a Variable that has an owner."""
    assert variable.owner is not None
    return _restore, (_SESSION, _records(variable.owner), variable.index)


def reduce_apply(node: Apply) -> Any:
    """The ``__reduce__`` of an Apply."""
    return _restore, (_SESSION, _records(node), None)


def without_lines(reduced: Any) -> Any:
    """What `reduce_variable` or `reduce_apply` returned, without the lines where nodes were written."""
    restore, (session, records, index) = reduced
    return restore, (session, [(*record[:4], None, record[5]) for record in records], index)


def flatten(inputs: list[Variable], outputs: list[Variable]) -> tuple[Any, ...]:
    """The arguments of `rebuild_graph`: the graph between `inputs` and `outputs` as flat records."""
    from tx.graph.walk import toposort

    leaves: dict[Variable, int] = {v: i for i, v in enumerate(inputs)}
    records = []
    places: dict[Variable, tuple[int, int]] = {}

    def place(variable: Variable) -> tuple[int, int]:
        """(-1, k): the k-th leaf; (n, k): the k-th output of the n-th record."""
        if variable in places:
            return places[variable]
        return -1, leaves.setdefault(variable, len(leaves))

    for n, node in enumerate(toposort(outputs, inputs)):
        records.append((node.op, [place(v) for v in node.inputs], [(o.type, o.name, o._tag) for o in node.outputs]))
        places.update({output: (n, k) for k, output in enumerate(node.outputs) if output not in leaves})
    ends = [place(v) for v in outputs]
    # An input may have an owner outside the graph, which is not ours to keep.
    kept = [v.clone() if v.owner is not None else v for v in leaves]
    return kept, len(inputs), records, ends


def rebuild_graph(kind: Any, leaves: list[Variable], nin: int, records: list[Any], ends: list[tuple[int, int]]) -> Any:
    """Restore what `flatten` wrote, as a `kind` (FunctionGraph)."""
    from tx.graph.core import Apply

    nodes: list[Apply] = []

    def at(where: tuple[int, int]) -> Variable:
        n, k = where
        variable: Variable = leaves[k] if n < 0 else nodes[n].outputs[k]
        return variable

    for op, sources, outputs in records:
        made = []
        for type_, name, tag in outputs:
            variable = type_.make_variable(name)
            variable._tag = tag
            made.append(variable)
        nodes.append(Apply(op, [at(s) for s in sources], made))
    return kind(leaves[:nin], [at(e) for e in ends], clone=False)
