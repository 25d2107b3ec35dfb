"""How long `examples/convnet.py` takes to its first result: with an empty folder of executables, and the second time.

Each run is a process of its own; rounds of a first and a second run alternate, and medians are printed: seconds of the
clock for each phase, then the ratios. The process ends when the first step of training has given its cost.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PHASES = ("start and imports", "data and graph", "functions made", "first step")
#: of the first step
PARTS = ("tracing", "XLA")

CHILD = """
import json, os, sys, time
marks = [float(sys.argv[1])]
import tx
import tx.tensor
tx.install()
sys.path.insert(0, sys.argv[2])
import convnet, digits, theano
marks.append(time.time())

made, compiled = [], tx.function
def function(*arguments, **options):
    if not made:
        marks.append(time.time())
    made.append(compiled(*arguments, **options))
    return made[-1]

def first_result(step, *_):
    marks.append(time.time())
    cost = float(step(0))
    marks.append(time.time())
    times = step.specializations[-1].times
    print(json.dumps([cost, [b - a for a, b in zip(marks, marks[1:])], [times.tracing, times.xla]]), flush=True)
    os._exit(0)

theano.function, digits.mean_over = function, first_result
convnet.train(output_dir=sys.argv[3])
"""


def run(folder: str) -> tuple[float, list[float], list[float]]:
    """The first cost, the seconds of each phase, and those of the parts of the last one."""
    flags = f"{os.environ.get('TX_FLAGS', '')},base_compiledir={folder}".lstrip(",")
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment.update(TX_FLAGS=flags, PYTHONPATH=paths)
    command = [sys.executable, "-c", CHILD, str(time.time()), str(ROOT / "examples"), folder]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    cost, phases, parts = json.loads(done.stdout)
    return cost, phases, parts


def measure(rounds: int) -> tuple[list[list[float]], list[list[float]]]:
    """Seconds of the first and of the second runs: a row for each round, with phases and parts."""
    first, second = [], []
    with tempfile.TemporaryDirectory() as folder:
        run(folder)  # modules are compiled to bytecode, and the system has all files in memory from now on
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            costs = []
            for rows in (first, second):
                cost, phases, parts = run(folder)
                rows.append([*phases, *parts])
                costs.append(cost)
            assert costs[0] == costs[1], costs
    return first, second


def medians(rows: list[list[float]]) -> list[float]:
    """Of each column."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    a, b = map(medians, measure(parser.parse_args().rounds))
    n = len(PHASES)
    print(f"{'seconds':28}{'first run':>10}{'second run':>12}")
    names = [*PHASES, *(f"  of it {part}" for part in PARTS)]
    for name, x, y in zip(names, a, b, strict=True):
        print(f"{name:28}{x:10.2f}{y:12.2f}")
    whole, inside = sum(b[:n]) / sum(a[:n]), sum(b[2:n]) / sum(a[2:n])
    print(f"{'from the start':28}{sum(a[:n]):10.2f}{sum(b[:n]):12.2f}   ratio {whole:.2f}")
    print(f"{'from theano.function':28}{sum(a[2:n]):10.2f}{sum(b[2:n]):12.2f}   ratio {inside:.2f}")


if __name__ == "__main__":
    main()
