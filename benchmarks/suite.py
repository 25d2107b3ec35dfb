"""Every workload on tx, JAX by hand, real Theano and PyTensor: ``python -m benchmarks``; see README.md here."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks import report
from benchmarks.runner import measure
from benchmarks.systems import SYSTEMS
from benchmarks.workloads import WORKLOADS


def parse(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    add = parser.add_argument
    add("--workload", nargs="+", metavar="NAME", help="only these, or all whose names begin so; `list` lists them")
    add("--systems", default=",".join(SYSTEMS), help="names with commas between; the first is what others should give")
    add("--rounds", type=int, default=12, help="how often each takes its turn")
    add("--seconds", type=float, default=0.2, help="how long a turn is")
    add("--repeat", type=int, default=3, help="how often all is done, in new processes")
    add("--patience", type=float, default=300, help="seconds until a system is given up")
    add("--table", metavar="PAGE.md", help="write the page")
    add(
        "--records", metavar="FILE", help="keep what is measured; what is there of other workloads goes into the tables"
    )
    add("--report", action="store_true", help="measure nothing: tables of --records")
    add("--tiny", action="store_true", help="tiny sizes, to try the machinery")
    add("--loud", action="store_true", help="let the libraries print")
    interpreters = ("theano", "pytensor")
    for name in interpreters:
        add("--" + name, metavar="PYTHON", help=f"an interpreter that has it; else TX_ORACLE/{name}/bin/python")
    options = parser.parse_args(arguments)
    options.interpreters = {name: getattr(options, name) for name in interpreters}
    options.systems = options.systems.split(",")
    unknown = [name for name in options.systems if name not in SYSTEMS]
    if unknown:
        parser.error(f"no system {unknown}; there are {', '.join(SYSTEMS)}")
    if options.workload == ["list"]:
        print("\n".join(f"{w.name:20} {w.title}" for w in WORKLOADS.values()))
        parser.exit()
    options.names = chosen(options.workload)
    if not options.names:
        parser.error(f"no workload {options.workload}; there are {', '.join(WORKLOADS)}")
    return options


def chosen(names):
    """Names of workloads: the default ones, or those called so, or those that begin so."""
    if not names:
        return [w.name for w in WORKLOADS.values() if w.default]
    exact = [name for name in WORKLOADS if name in names]
    return exact + [n for n in WORKLOADS if n not in exact and n.startswith(tuple(set(names) - set(exact)))]


def run(options):
    """Measure; all records."""
    kept = Path(options.records) if options.records else None
    records = [json.loads(line) for line in kept.read_text().splitlines()] if kept and kept.exists() else []
    if options.report:
        return records
    records = [r for r in records if r["workload"] not in options.names]
    with tempfile.TemporaryDirectory(prefix="tx-benchmarks-") as caches:
        for repeat in range(options.repeat):
            for name in options.names:
                found = measure(name, options.systems, options, caches, repeat)
                records += found
                tell(found)
                if kept:
                    kept.write_text("".join(json.dumps(r) + "\n" for r in records))
    return records


def tell(records):
    """A line per record on stderr, while one waits."""
    print(f"{records[0]['workload']}, repeat {records[0]['repeat'] + 1}", file=sys.stderr)
    for r in records:
        if "lacks" in r:
            said = r["lacks"]
        else:
            cold = f"cold {r['compile']:7.2f} s" if "compile" in r else " " * 14
            said = f"{cold}, warm {r['warm']:7.2f} s, step {min(r['rounds']) * 1e3:9.4f} ms, peak {r['peak']:5.0f} MB"
        print(f"  {r['system']:15} {said} {r.get('differs', '')}", file=sys.stderr, flush=True)


def main(arguments=None):
    """Measure, print the tables, write the page. The status is 1 if systems computed different things."""
    options = parse(arguments)
    records = run(options)
    for title, body in report.sections(records):
        print(f"{title}\n\n{body}")
    if options.table:
        given = sys.argv[1:] if arguments is None else arguments
        Path(options.table).write_text(report.page(records, shlex.join(["python", "-m", "benchmarks", *given])))
    return int(any("differs" in r for r in records))


if __name__ == "__main__":
    sys.exit(main())
