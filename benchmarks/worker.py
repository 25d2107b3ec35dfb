"""The process of one system with one workload: it does what it is told, one thing at a time, and idles in between.

It reads commands from standard input and answers each with a line of JSON; what libraries print goes to stderr.
Run as ``python -m benchmarks.worker SYSTEM WORKLOAD FLOATX SIZES``; real Theano does, too, on its old Python.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback

from benchmarks import systems

#: jax's own report of where a compilation spends its time: name -> event
EVENTS = {
    "trace": "/jax/core/compile/jaxpr_trace_duration",
    "lower": "/jax/core/compile/jaxpr_to_mlir_module_duration",
    "backend": "/jax/core/compile/backend_compile_duration",
}

#: A virtual machine may have to find the pages of a process again that has been idle for a second. The first step takes
#: up to 30 ms then, for a library as for the interpreter: so many seconds of a turn are not timed.
AWAKE = 0.03


class Spent:
    """Seconds that jax spends in each of `EVENTS` from now on."""

    def __init__(self):
        import jax

        self.seen = {event: [] for event in EVENTS.values()}
        jax.monitoring.register_event_duration_secs_listener(self._add)
        # The first compilation of a process sets up client and compiler; by hand it often happens while data is
        # placed, which is not timed. So for nobody.
        jax.block_until_ready(jax.jit(lambda x: x + 1)(0.0))

    def _add(self, event, seconds, **_):
        if event not in self.seen:
            return
        # What ended after this one started happened inside it, and is part of it.
        end, seen = time.perf_counter(), self.seen[event]
        while seen and seen[-1][0] > end - seconds:
            seen.pop()
        seen.append((end, seconds))

    def seconds(self):
        """By the names of the events."""
        return {name: sum(seconds for _, seconds in self.seen[event]) for name, event in EVENTS.items()}


def peak():
    """MB that this process held at most. (`ru_maxrss` would begin with what the parent held.)"""
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


class Worker:
    """The commands, each a method that returns what to answer."""

    def __init__(self, system, workload, sizes):
        self.system, self.name, self.sizes = systems.SYSTEMS[system], workload, sizes

    def open(self):
        """Import the library, and nothing else before it."""
        start = time.perf_counter()
        self.library = systems.import_library(self.system)
        return {"import": time.perf_counter() - start, "imported": peak(), "versions": self.versions()}

    def versions(self):
        """Versions of the library and what it stands on."""
        names = {self.system.library, "numpy"} | ({"jax"} if self.system.name == "tx" else set())
        return {n: sys.modules[n].__version__ for n in sorted(names)}

    def prepare(self):
        """Build, compile, run a first step; what each took."""
        from benchmarks import plans
        from benchmarks.workloads import WORKLOADS

        workload = WORKLOADS[self.name]
        spent = Spent() if "jax" in sys.modules else None
        if self.system.library == "jax":
            self.library.config.update("jax_enable_x64", workload.floatX == "float64")
            ready = plans.ready_hand(workload, self.sizes)
        else:
            language = systems.Language(self.library, self.system.mode, workload.floatX)
            ready = plans.ready_graph(workload, language, self.sizes)
        self.step, self.rebuild = ready.step, ready.rebuild
        return dict(ready.seconds, nodes=ready.nodes, **(spent.seconds() if spent else {}))

    def run(self, steps):
        """Seconds for so many steps, after some that are not timed."""
        step, start = self.step, time.perf_counter()
        step()
        while time.perf_counter() < start + AWAKE:
            step()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        return {"seconds": time.perf_counter() - start}

    def results(self, path):
        """Take a step, write what it returns to a file."""
        import numpy as np

        np.savez(path, *self.step())
        return {}

    def end(self):
        """MB at most, and seconds that the graph takes to build when all that it needs has been used before."""
        answer = {"peak": peak()}
        times = [self.rebuild() for _ in range(3 if self.rebuild else 0)]
        return dict(answer, rebuild=min(times)) if times else answer


def short(error):
    """An exception in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:160]


def main():
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    system, workload, sizes = sys.argv[1:]
    worker = Worker(system, workload, json.loads(sizes))
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            answer = getattr(worker, command)(*arguments)
        except systems.Absent as e:
            answer = {"lacks": str(e)}
        except Exception as e:
            traceback.print_exc()
            answer = {"lacks": short(e)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
