"""Measuring: a process per system, which idles while another is timed; a record per workload, system and repeat.

A record is a dict that JSON can say. Times are in seconds, memory in MB:
`import`: all times of importing; `build`: the graph; `rebuild`: the graph once more; `function`, `first`: making
functions, the first step; `compile`: both; `warm`: the same in a second process, with what the first left in its cache;
`trace`, `lower` and `backend`: jax's part in it; `nodes`: Apply nodes; `rounds`: a step, in each round; `imported`,
`peak`: memory at most, after the import and at the end. Or `lacks`: why there is nothing; `differs`: how results do.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.systems import SYSTEMS, Absent, environment_of, interpreter_of
from benchmarks.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
#: seconds without work before a turn: threads that wait for work by spinning have gone to sleep
PAUSE = 0.05
STEPS_COMPARED = 4


class Process:
    """A worker: starts, answers, ends. What it has to say about itself on stderr is dropped unless `loud`."""

    def __init__(self, system, workload, cache, options):
        self.patience = options.patience
        unset = ("JAX_COMPILATION_CACHE", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")  # what is installed has bytecode
        environment = {k: v for k, v in os.environ.items() if not k.startswith(unset)}
        environment.update(environment_of(system, cache), PYTHONPATH=str(ROOT))
        sizes = workload.tiny if options.tiny else workload.sizes
        python = interpreter_of(system, options.interpreters)
        command = [python, "-m", "benchmarks.worker", system.name, workload.name, json.dumps(sizes)]
        stderr = None if options.loud else subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, env=environment, cwd=cache, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        )

    def ask(self, *command):
        """Let it do something; its answer. Raises Absent if that fails or takes too long."""
        with contextlib.suppress(BrokenPipeError):  # then there will be no answer
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
        # One answer to one question: nothing is in a buffer when this waits.
        if not select.select([self.process.stdout], [], [], self.patience)[0]:
            self.process.kill()
            raise Absent(f"not done after {self.patience:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            raise Absent(f"the process ended ({self.process.wait()})")
        answer = json.loads(line)
        if "lacks" in answer:
            raise Absent(answer["lacks"])
        return answer

    def close(self):
        """End it."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def measure(name, systems, options, caches, repeat):
    """Run a workload on systems; a list of records. What others than tx and jax have compiled is kept for repeats."""
    workload = WORKLOADS[name]
    day = time.strftime("%Y-%m-%d")
    records = [{"workload": name, "system": s, "repeat": repeat, "day": day} for s in systems]
    at_work = {}
    # Who comes first finds the disk's pages unread, and a machine that is still cool: everyone in turn.
    start = repeat % len(records)
    with tempfile.TemporaryDirectory(prefix="tx-benchmarks-") as folder:
        try:
            for record in records[start:] + records[:start]:
                own = repeat == 0 or record["system"] in ("tx", "jax")
                cache = os.path.join(caches, f"{name}-{record['system']}" + (f"-{repeat}" if own and repeat else ""))
                try:
                    at_work[record["system"]] = _start(record, workload, cache, options, cold=own)
                except Absent as e:
                    record["lacks"] = str(e)
            records_at_work = [r for r in records if r["system"] in at_work]
            _compare(records_at_work, at_work, workload, folder)
            _rounds(records_at_work, at_work, options)
        finally:
            for process in at_work.values():
                process.close()
    return records


def _start(record, workload, cache, options, cold):
    """A process that has taken a first step; and, for a moment, a second one with the cache of the first."""
    os.makedirs(cache, exist_ok=True)
    system = SYSTEMS[record["system"]]
    process = Process(system, workload, cache, options)
    try:
        opened = process.ask("open")
        record.update(imported=opened["imported"], versions=opened["versions"])
        record["import"] = [opened["import"]]
        prepared = process.ask("prepare")
        if cold:
            record.update(prepared)
            _second(record, system, workload, cache, options)
        else:
            record.update(build=prepared["build"], nodes=prepared["nodes"], warm=prepared["compile"])
    except Absent:
        process.close()
        raise
    return process


def _second(record, system, workload, cache, options):
    process = Process(system, workload, cache, options)
    try:
        record["import"].append(process.ask("open")["import"])
        record["warm"] = process.ask("prepare")["compile"]
    finally:
        process.close()


def _compare(records, at_work, workload, folder):
    """Note which systems do not compute in their next steps what the first one does."""
    for k in range(STEPS_COMPARED):
        expected = None
        for record in list(records):
            path = os.path.join(folder, f"{record['system']}-{k}.npz")
            if not _ask(record, records, at_work, "results", path):
                continue
            with np.load(path) as file:
                found = [file[key] for key in file.files]
            if expected is None:
                expected, first = found, record["system"]
            elif workload.tolerance is not None and "differs" not in record:
                message = _difference(expected, found, workload.tolerance)
                if message:
                    record["differs"] = f"from {first}: {message}"
            os.remove(path)


def _difference(expected, found, tolerance):
    """What is different, in a line; None if nothing is."""
    if len(expected) != len(found):
        return f"{len(found)} results, not {len(expected)}"
    for k, (a, b) in enumerate(zip(expected, found)):
        # A layout of its own is the business of a system; sizes are not.
        if a.shape != b.shape:
            return f"result {k} has shape {b.shape}, not {a.shape}"
        if not np.allclose(b, a, tolerance, tolerance, equal_nan=True):
            return f"result {k} is off by {np.abs(b - a).max():.3g}"
    return None


def _ask(record, records, at_work, *command):
    """Ask a process that may fail now; the answer, or None, and the process is out."""
    try:
        return at_work[record["system"]].ask(*command) or True
    except Absent as e:
        record["lacks"] = str(e)
        records.remove(record)
        at_work.pop(record["system"]).close()
        return None


def _rounds(records, at_work, options):
    """Steps in turn; every other round runs backwards, so that none always follows the same one."""
    counts = {}
    for record in list(records):
        answers = [_ask(record, records, at_work, "run", 1) for _ in range(3) if record in records]
        if record in records:
            counts[record["system"]] = max(1, int(options.seconds / min(a["seconds"] for a in answers)))
            record["rounds"] = []
    for k in range(options.rounds):
        for record in records[:: 1 if k % 2 == 0 else -1]:
            count = counts[record["system"]]
            time.sleep(PAUSE)
            answer = _ask(record, records, at_work, "run", count)
            if answer:
                record["rounds"].append(answer["seconds"] / count)
    for record in list(records):
        answer = _ask(record, records, at_work, "end")
        if answer:
            record.update(answer)
