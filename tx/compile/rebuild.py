"""`rebuild_collect_shared`: a graph with other inputs, its shared variables and their updates, for library authors."""

from __future__ import annotations

from typing import Any

from tx.compile.arguments import as_pairs, checked_updates, default_updates
from tx.compile.io import In, Out
from tx.graph import Variable, walk
from tx.shared import SharedVariable


def rebuild_collect_shared(
    outputs: Any,
    inputs: Any = None,
    replace: Any = None,
    updates: Any = None,
    rebuild_strict: bool = True,
    copy_inputs_over: bool = True,
    no_default_updates: Any = False,
) -> tuple[list[Any], Any, list[Any]]:
    """`outputs` (None, a Variable, a list or a dict of them, or of `Out`s), rebuilt with some Variables replaced.

    Returns the inputs, the rebuilt outputs in the same form, and a list: a dict from each Variable to its copy, the
    updates, as a dict from shared variables and as a list of pairs, and the shared variables that are read or updated.
    `inputs` are the Variables or `In`s among its leaves; unless `copy_inputs_over` they become new
    Variables. `replace` are pairs of a Variable and what takes its place; `no_default_updates` is as for `function`.
    Raises TypeError for an update of what is no shared variable or of another type.
    Source: theano.compile.rebuild_collect_shared.
    """
    given: dict[Any, Any] = dict(as_pairs(replace, "replace"))
    specs = list(inputs or [])
    variables = [s.variable if isinstance(s, In) else s for s in specs]
    copies = dict(zip(variables, variables if copy_inputs_over else [v.clone() for v in variables], strict=True))
    given |= {old: new for old, new in copies.items() if old is not new}
    for spec in specs:
        if isinstance(spec, In):
            spec.variable = copies[spec.variable]
    keys = list(outputs) if isinstance(outputs, dict) else None
    listed = _listed(outputs)
    ends = [o.variable if isinstance(o, Out) else o for o in listed]
    changes = checked_updates(as_pairs(updates, "updates"))
    default_updates([*ends, *given.values()], changes, no_default_updates)
    everything = [*ends, *changes.values()]
    between = walk.ancestors(everything, list(given))
    rebuilt = walk.rebuild([*everything, *between], given)
    copies |= dict(zip([*everything, *between], rebuilt, strict=True))
    news = dict(zip(changes, rebuilt[len(ends) : len(everything)], strict=True))
    leaves = walk.inputs(rebuilt[: len(everything)])
    shared = list(dict.fromkeys(v for v in (*leaves, *changes) if isinstance(v, SharedVariable) and v not in variables))
    made = [
        Out(new, o.borrow) if isinstance(o, Out) else new for o, new in zip(listed, rebuilt[: len(ends)], strict=True)
    ]
    form: Any = made
    if keys is not None:
        form = dict(zip(keys, made, strict=True))
    elif isinstance(outputs, Variable | Out):
        form = made[0]
    new_inputs = [s if isinstance(s, In) else copies[s] for s in specs]
    return new_inputs, form, [copies, news, list(news.items()), shared]


def _listed(outputs: Any) -> list[Any]:
    if outputs is None:
        return []
    if isinstance(outputs, dict):
        return list(outputs.values())
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
