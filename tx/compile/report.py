"""The summary of a profile, as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def summary(profile: Any, n_ops: int, n_apply: int) -> str:
    """The whole of it."""
    sections = [_function(profile), _specializations(profile)]
    if profile.nodes():
        sections += [_NODES, _classes(profile, n_ops), _ops(profile, n_ops), _applies(profile, n_apply)]
    return "\n".join(sections) + "\n"


_NODES = (
    "The times below were measured by running the nodes one by one, on the arguments of the last call.\n"
    "The function itself runs as a whole: XLA fuses nodes, so that it is faster than their sum.\n"
)


def _function(p: Any) -> str:
    each = p.fct_call_time / p.fct_callcount if p.fct_callcount else 0.0
    part = 100 * p.vm_call_time / p.fct_call_time if p.fct_call_time else 0.0
    lines = [
        "Function profiling",
        "==================",
        f"  Message: {p.message}",
        f"  Time in {p.fct_callcount} calls to Function.__call__: {p.fct_call_time:e}s ({each:e}s per call)",
        f"  Time in executables: {p.vm_call_time:e}s ({part:.3f}%)",
        f"  Total compile time: {p.compile_time:e}s",
        f"    Number of Apply nodes: {p.nb_nodes}",
        f"    Rewriting: {p.optimizer_time:e}s",
        f"    Tracing: {p.tracing_time:e}s",
        f"    XLA: {p.xla_time:e}s",
    ]
    return "\n".join(lines) + "\n"


def _specializations(p: Any) -> str:
    rows = p.specializations()
    lines = ["Specialisations", "---------------", "<tracing> <XLA> <why it was made>"]
    lines += [f"  {s.times.tracing:8.3f}s {s.times.xla:8.3f}s  {name}: {why}" for name, s, why in rows]
    return "\n".join(lines) + "\n"


def _table(title: str, head: str, times: dict[Any, float], count: int, row: Callable[[Any], str]) -> str:
    """The slowest `count` rows: share, running sum, seconds, and what `row` says."""
    total = sum(times.values()) or 1.0
    lines, running = [title, "-" * len(title), head], 0.0
    ordered = sorted(times.items(), key=lambda item: -item[1])
    for key, seconds in ordered[:count]:
        running += seconds
        share = f"{100 * seconds / total:5.1f}%   {100 * running / total:5.1f}%   {seconds:9.3f}s"
        lines.append(f"  {share}   {row(key)}")
    rest = sum(seconds for _, seconds in ordered[count:])
    remaining = max(len(ordered) - count, 0)
    lines.append(f"   ... (remaining {remaining} rows account for {100 * rest / total:6.2f}% ({rest:.2f}s) of the sum)")
    return "\n".join(lines) + "\n"


def _classes(p: Any, count: int) -> str:
    times, calls, nodes = p.class_time(), p.class_callcount(), p.class_nodes()
    return _table(
        "Class", "<% time> <sum %> <apply time> <time per call> <#call> <#apply> <Class name>", times, count,
        lambda k: f"{times[k] / calls[k]:9.2e}s   {calls[k]:5d}   {nodes[k]:5d}   {k.__module__}.{k.__name__}",
    )  # fmt: skip


def _ops(p: Any, count: int) -> str:
    times, calls, nodes = p.op_time(), p.op_callcount(), p.op_nodes()
    return _table(
        "Ops", "<% time> <sum %> <apply time> <time per call> <#call> <#apply> <Op name>", times, count,
        lambda op: f"{times[op] / calls[op]:9.2e}s   {calls[op]:5d}   {nodes[op]:5d}   {op}",
    )  # fmt: skip


def _applies(p: Any, count: int) -> str:
    times, calls = p.apply_time, p.apply_callcount
    number = {node: i for i, (_, node, _) in enumerate(p.nodes())}

    def row(node: Any) -> str:
        line = f"  [{node.line[0]}:{node.line[1]}]" if node.line else ""
        return f"{times[node] / calls[node]:9.2e}s   {calls[node]:5d}   {number[node]:4d}   {named(node)}{line}"

    return _table("Apply", "<% time> <sum %> <apply time> <time per call> <#call> <id> <Apply name>", times, count, row)


def named(node: Any) -> str:
    """A node, with the names that the user has given to its outputs."""
    names = [v.name for v in node.outputs if v.name is not None]
    return f"{', '.join(names)} = {node}" if names else str(node)
