"""The timeline of a profile as a file that Perfetto and Chrome open: JSON, times in microseconds."""

from __future__ import annotations

import json
from typing import Any

from tx.compile.report import named

_ROWS = ("compiling", "calls", "nodes, run one by one")


def write(profile: Any, path: str) -> None:
    """Write it."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"traceEvents": events(profile), "displayTimeUnit": "ms"}, file)


def events(profile: Any) -> list[dict[str, Any]]:
    """What happened, on three rows: compiling, calls, and the nodes, one after another as they were measured."""
    found = [_meta("process_name", 0, f"tx: {profile.message}")]
    found += [_meta("thread_name", row, name) for row, name in enumerate(_ROWS)]
    starts = [start for start, _, _ in (*profile.rewritings, *profile.calls)]
    starts += [s.started for _, s, _ in profile.specializations()]
    zero = min(starts, default=0.0)
    for start, seconds, name in profile.rewritings:
        found.append(_event("rewriting", 0, start - zero, seconds, function=name))
    for name, made, why in profile.specializations():
        start = made.started - zero
        found.append(_event("tracing", 0, start, made.times.tracing, function=name, why=why))
        found.append(_event("XLA", 0, start + made.times.tracing, made.times.xla, function=name, why=why))
    for start, seconds, name in profile.calls:
        found.append(_event(name, 1, start - zero, seconds))
    clock = max((s + d for s, d, _ in profile.calls), default=zero) - zero
    for _, node, seconds in profile.nodes():
        line = f"{node.line[0]}:{node.line[1]}" if node.line else ""
        types = [str(v.type) for v in node.inputs]
        found.append(_event(named(node), 2, clock, seconds, op=str(node.op), line=line, inputs=types))
        clock += seconds
    return found


def _event(name: str, row: int, start: float, seconds: float, **told: Any) -> dict[str, Any]:
    return {"name": name, "ph": "X", "pid": 1, "tid": row, "ts": start * 1e6, "dur": seconds * 1e6, "args": told}


def _meta(kind: str, row: int, name: str) -> dict[str, Any]:
    return {"name": kind, "ph": "M", "pid": 1, "tid": row, "args": {"name": name}}
