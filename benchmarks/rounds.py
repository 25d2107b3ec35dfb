"""Contestants in one run: each in a process of its own, in rounds that take turns, as ratios to the first of them.

A script lists `Contestant`s and calls `compare`. A contestant names a function of the script, which some interpreter
calls with keywords that JSON can say. It sets things up and returns a function without arguments: one step, which has
finished when it returns, and whose results (what numpy can read, or a list of that) are compared between contestants.
An ImportError while setting up says that a library lacks what is measured: such a contestant is left out, as is one
whose interpreter is not there, with a line that says so.

What an old interpreter is to run imports only that (scripts as well): this file must do for Python 3.8.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
#: what is said on the command line wins
FLAGS = os.environ.get("THEANO_FLAGS", "")
#: interpreters that have other libraries than this one: name -> (where, environment)
INTERPRETERS = {
    "this": (sys.executable, {}),
    "theano": ("~/.cache/tx-oracle/theano/bin/python", {"THEANO_FLAGS": f"blas.ldflags=-lopenblas,{FLAGS}"}),
    "pytensor": ("~/.cache/tx-oracle/pytensor/bin/python", {}),
}


class Contestant:
    """A function of a script, what it is called with, and who runs it: a name in `INTERPRETERS`."""

    def __init__(self, name, function, interpreter="this", script=None, environment=None, **keywords):
        """`script` is the main script, if nothing is said; `environment` is added to the interpreter's."""
        self.name, self.function, self.interpreter, self.keywords = name, function, interpreter, keywords
        self.script = os.path.abspath(script or sys.modules["__main__"].__file__)
        self.environment = environment or {}


def interpreters_from(parser, arguments=None):
    """Read the command line: `parser`'s arguments, and where the interpreters are. Returns the namespace."""
    others = [name for name in INTERPRETERS if name != "this"]
    for name in others:
        parser.add_argument("--" + name, default=INTERPRETERS[name][0], help="an interpreter that has it")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=0.2, help="how long a contestant runs in each round")
    options = parser.parse_args(arguments)
    for name in others:
        INTERPRETERS[name] = (getattr(options, name), INTERPRETERS[name][1])
    return options


class Worker:
    """The process of a contestant: set up, and waiting for what to do."""

    def __init__(self, contestant):
        """Raises ImportError where it cannot take part, RuntimeError where it fails."""
        self.name = contestant.name
        python, environment = INTERPRETERS[contestant.interpreter]
        python = os.path.expanduser(python)
        if not os.path.exists(python):
            raise ImportError(f"there is no {python}")
        environment = dict(os.environ, **environment, **contestant.environment)
        if contestant.interpreter != "this":
            environment.pop("PYTHONPATH", None)
        what = json.dumps([contestant.script, contestant.function, contestant.keywords])
        command = [python, os.path.abspath(__file__), what]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, universal_newlines=True)
        self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"failed": "the process ended"}
        if "lacks" in answer:
            raise ImportError(answer["lacks"])
        if "failed" in answer:
            raise RuntimeError(f"{self.name}: {answer['failed']}")
        return answer

    def run(self, steps):
        """Seconds for so many steps, and the results of the last."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        answer = self._answer()
        return answer["seconds"], answer["results"]

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


def _started(contestants):
    workers = []
    for contestant in contestants:
        try:
            workers.append(Worker(contestant))
        except ImportError as e:
            print(f"  {contestant.name:24} left out: {e}")
    return workers


def _check(workers, steps, tolerance):
    """Raise AssertionError where contestants do not compute the same in the first `steps` steps."""
    import numpy as np

    for _ in range(steps):
        results = [worker.run(1)[1] for worker in workers]
        if tolerance is None:
            continue
        for worker, found in zip(workers[1:], results[1:]):
            message = f"{worker.name} does not compute what {workers[0].name} does"
            assert len(found) == len(results[0]), message
            for ours, theirs in zip(results[0], found):
                np.testing.assert_allclose(theirs, ours, rtol=tolerance, atol=tolerance, err_msg=message)


def compare(title, contestants, rounds=30, seconds=0.2, tolerance=1e-4, steps=5):
    """Measure and print a table. Returns name -> median of the ratios: first contestant by that one, round by round.

    The results of the first `steps` steps must agree within `tolerance`, relative and absolute (None: whatever they
    are). Raises AssertionError otherwise. Every other round runs backwards, so that none always follows the same one.
    """
    print(title)
    workers = _started(contestants)
    try:
        _check(workers, steps, tolerance)
        counts = {}
        for worker in workers:
            once = min(worker.run(1)[0] for _ in range(3))
            counts[worker] = max(1, int(seconds / once))
        times = {worker: [] for worker in workers}
        for k in range(rounds):
            for worker in workers if k % 2 == 0 else workers[::-1]:
                times[worker].append(worker.run(counts[worker])[0] / counts[worker])
    finally:
        for worker in workers:
            worker.close()
    ratios = {}
    for worker in workers:
        each = [a / b for a, b in zip(times[workers[0]], times[worker])]
        ratios[worker.name] = statistics.median(each)
        low, high = (sorted(each)[int(q * (len(each) - 1))] for q in (0.25, 0.75))
        milliseconds, first, ratio = statistics.median(times[worker]) * 1e3, workers[0].name, ratios[worker.name]
        print(
            f"  {worker.name:24} {milliseconds:9.3f} ms a step; {first} takes {ratio:.3f} of it "
            f"(half of the rounds: {low:.3f} to {high:.3f})"
        )
    return ratios


def _results(value):
    import numpy as np

    values = value if isinstance(value, (list, tuple)) else [value]
    return [np.asarray(v, dtype="float64").tolist() for v in values]


def work(script, function, keywords):
    """What a contestant's process does: answers on what is standard output now; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**answer):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    try:
        spec = importlib.util.spec_from_file_location("contestants", script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        step = getattr(module, function)(**keywords)
        say()
        for line in sys.stdin:
            start = time.perf_counter()
            for _ in range(int(line)):
                value = step()
            seconds = time.perf_counter() - start
            say(seconds=seconds, results=_results(value))
    except ImportError as e:
        say(lacks=str(e))
    except Exception:
        say(failed=traceback.format_exc())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run a contestant; what `compare` starts.")
    parser.add_argument("what")
    work(*json.loads(parser.parse_args().what))
