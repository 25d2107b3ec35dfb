"""Records of `runner` as tables of ratios, tx by another system, in Markdown."""

from __future__ import annotations

import os
import platform
import statistics

from benchmarks.systems import SYSTEMS
from benchmarks.workloads import WORKLOADS

OTHERS = [name for name in SYSTEMS if name != "tx"]


class Records:
    """Records by workload and system, repeats in order."""

    def __init__(self, records):
        self.all = records
        self.workloads = [name for name in WORKLOADS if any(r["workload"] == name for r in records)]
        self.others = [name for name in OTHERS if any(r["system"] == name for r in records)]

    def of(self, workload, system):
        """repeat -> record, of those that are complete."""
        found = [r for r in self.all if (r["workload"], r["system"]) == (workload, system) and "lacks" not in r]
        return {r["repeat"]: r for r in found}

    def values(self, workload, system, take):
        """What `take` finds in each repeat's record: repeat -> value."""
        taken = {k: take(r) for k, r in self.of(workload, system).items()}
        return {k: v for k, v in taken.items() if v}

    def ratios(self, workload, other, take, take_other=None):
        """A ratio per repeat; by the other's median, where it was not measured in that repeat."""
        ours, theirs = (self.values(workload, *pair) for pair in (("tx", take), (other, take_other or take)))
        if not theirs:
            return []
        usual = statistics.median(theirs.values())
        return [value / theirs.get(k, usual) for k, value in ours.items()]

    def by_round(self, workload, other):
        """The median of the ratios of the rounds, per repeat."""
        ours, theirs = self.of(workload, "tx"), self.of(workload, other)
        return [
            statistics.median(a / b for a, b in zip(ours[k]["rounds"], theirs[k]["rounds"]))
            for k in ours
            if k in theirs
        ]


def field(name):
    """A record's entry."""
    return lambda record: record.get(name)


def best_round(record):
    """The best of the rounds."""
    return min(record["rounds"])


def grown(record):
    """What memory was needed beyond that of the imported library."""
    return max(record["peak"] - record["imported"], 1.0)


def spread(ratios, limit=None):
    """The median, and the range of repeats; bold above the limit."""
    if not ratios:
        return "-"
    median, low, high = statistics.median(ratios), min(ratios), max(ratios)
    text = f"**{median:.2f}**" if limit is not None and median > limit else f"{median:.2f}"
    return text if len(ratios) == 1 else f"{text} ({low:.2f} to {high:.2f})"


def table(header, rows):
    """A Markdown table."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _absolute(records, name, take, unit):
    values = records.values(name, "tx", take).values()
    return f"{statistics.median(values) * unit:.3g}" if values else "-"


def ratio_table(records, label, unit, take, cells, limit_of=lambda workload: None):
    """A row per workload: tx in absolute terms, and `cells(workload name, other)`, ratios per repeat."""
    rows = []
    for name in records.workloads:
        limits = {"jax": limit_of(WORKLOADS[name])}
        others = [spread(cells(name, other), limits.get(other, 1.0)) for other in records.others]
        rows.append([WORKLOADS[name].title, _absolute(records, name, take, unit), *others])
    return table(["workload", label, *("tx / " + SYSTEMS[o].title for o in records.others)], rows)


def building_table(records):
    """Microseconds per Apply node to build (not for the first time), and, in tx's first call, to trace and to lower.

    Nodes inside of loops are counted, copies of data are not. A short graph says little: the first of anything costs
    more.
    """
    rows = []

    def per_node(name, system, what):
        found = records.values(name, system, lambda r: r["nodes"] and r.get(what, 0) / r["nodes"] * 1e6)
        return statistics.median(found.values()) if found else None

    number = lambda value: "-" if value is None else f"{value:.0f}"
    symbolic = [name for name in ("tx", *records.others) if name != "jax"]
    for name in records.workloads:
        nodes = records.values(name, "tx", field("nodes")).values()
        built = [number(per_node(name, system, "rebuild")) for system in symbolic]
        phases = [number(per_node(name, "tx", phase)) for phase in ("function", "trace", "lower")]
        backend = _absolute(records, name, field("backend"), 1.0)
        rows.append([WORKLOADS[name].title, str(max(nodes, default="-")), *built, *phases, backend])
    header = ["workload", "nodes", *("build: " + SYSTEMS[s].title for s in symbolic)]
    return table([*header, "tx: rewrite", "tx: trace", "tx: lower", "XLA, s"], rows)


def import_table(records):
    """Seconds to import, over all processes."""
    rows = []
    times = {s: [t for r in records.all if r["system"] == s for t in r.get("import", ())] for s in SYSTEMS}
    for system, found in times.items():
        if found and times["tx"]:
            ratio = statistics.median(times["tx"]) / statistics.median(found)
            rows.append([SYSTEMS[system].title, f"{statistics.median(found):.2f}", f"{ratio:.2f}"])
    return table(["library", "s", "tx / it"], rows)


def absences(records):
    """Who did not take part, and why; who computed something else."""
    lines = {}
    for record in records.all:
        for kind in ("lacks", "differs"):
            if kind in record:
                said = f"{SYSTEMS[record['system']].title}{' differs' * (kind == 'differs')}: {record[kind]}"
                lines.setdefault(said, {})[WORKLOADS[record["workload"]].title] = None
    return (
        "\n".join(f"- {said} ({'; '.join(titles)})" for said, titles in lines.items()) + "\n" if lines else "Nobody.\n"
    )


def compile_limit(workload):
    """What tx's first call may take, in first calls of JAX by hand."""
    return 1.3


def sections(all_records):
    """Pairs of a title with a line on what is shown, and a table."""
    records = Records(all_records)
    ratios = lambda *take: lambda name, other: records.ratios(name, other, *take)
    yield (
        "A step, once compiled: median of the rounds' ratios, and the range of the repeats",
        ratio_table(
            records, "tx, ms", 1e3, lambda r: statistics.median(r["rounds"]), records.by_round, lambda w: w.limit
        ),
    )
    yield (
        "A step, once compiled: ratio of the best rounds",
        ratio_table(records, "tx, ms", 1e3, best_round, ratios(best_round), lambda w: w.limit),
    )
    cold, warm = field("compile"), field("warm")
    yield (
        "Compiling and the first step, empty cache",
        ratio_table(records, "tx, s", 1, cold, ratios(cold), compile_limit),
    )
    yield (
        "The same in a second process, each system with the cache of its first",
        ratio_table(records, "tx, s", 1, warm, ratios(warm)),
    )
    yield (
        "The second process of tx, by the first of the others",
        ratio_table(records, "tx, s", 1, warm, ratios(warm, cold), lambda w: 0.3),
    )
    yield "Building a graph and tracing it, microseconds per Apply node", building_table(records)
    peak = field("peak")
    yield "Most memory of the process", ratio_table(records, "tx, MB", 1, peak, ratios(peak), lambda w: 1.1)
    yield "Most memory beyond that after the import", ratio_table(records, "tx, MB", 1, grown, ratios(grown))
    yield "Importing", import_table(records)
    yield "Who is left out, and why", absences(records)


def processor():
    """The CPU's name, and how many of it."""
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            name = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), name)
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def page(records, command):
    """The whole page: when, where, with what; how it is read; the tables."""
    versions = {}
    for record in records:
        for library, version in record.get("versions", {}).items():
            versions.setdefault(record["system"], {})[library] = version
    told = [
        f"- {SYSTEMS[s].title}: " + ", ".join(f"{k} {v}" for k, v in found.items()) for s, found in versions.items()
    ]
    repeats = len({r["repeat"] for r in records})
    days = ", ".join(sorted({r["day"] for r in records}))
    head = f"""# Performance

Measured on {days} on {processor()}, Python {platform.python_version()}, in {repeats} repetition(s), by

```sh
{command}
```

{chr(10).join(told)}

Numbers below 1 say that tx is faster (or smaller); **bold** ones are above what tx aims at: {_AIMS}
What is compared, and how, is in [benchmarks/README.md](../benchmarks/README.md).
"""
    return "\n".join([head, *(f"## {title}\n\n{body}" for title, body in sections(records))])


_AIMS = (
    "in steps 1.05 of JAX by hand, or 1.3 where the call is what costs; 1.3 of its first call, 0.3 of that in a second "
    "process; 1.1 of its memory; 1 of everyone else's."
)
