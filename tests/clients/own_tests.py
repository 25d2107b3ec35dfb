"""Run the tests that libraries ship in their source distributions, with tx in Theano's place, and record the outcome.

    pip download --no-deps --no-binary :all: Lasagne==0.1 theano-lstm==0.0.15 downhill==0.4.0 --dest FOLDER
    (unpack them there)
    python tests/clients/own_tests.py FOLDER

writes ``own_tests.json`` beside this file, from which ``docs/compatibility.md`` is made.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
#: folders of source distributions -> where their tests are; None: they ship none
LIBRARIES = {"Lasagne-0.1": "lasagne/tests", "theano-lstm-0.0.15": None, "downhill-0.4.0": None}

RUN = "import sys, tx; tx.install(); import pytest; sys.exit(pytest.main(sys.argv[1:]))"


def run(folder, tests, *options):
    """The cases of a run of pytest in `folder`: a list of (name, outcome, reason)."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        settings = Path(scratch) / "pytest.ini"
        settings.write_text("[pytest]\npython_files = test*py\nmarkers = slow: slow tests\n")
        command = [
            *(sys.executable, "-c", RUN, "-q", "-c", str(settings), f"--rootdir={folder}", f"--junitxml={report}"),
            *("-p", "no:cacheprovider", "--import-mode=importlib", *options, *tests),
            *(f"--confcutdir={Path(folder) / tests[0]}", "-W", "ignore"),
        ]
        path = f"{folder}:{HERE.parent.parent}"
        subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, check=False)
        return [_case(element) for element in ElementTree.parse(report).iter("testcase")]


def _case(element):
    name = f"{element.get('classname')}::{element.get('name')}"
    for outcome in ("failure", "error", "skipped"):
        found = element.find(outcome)
        if found is not None:
            return name, outcome, (found.get("message") or "").splitlines()[0][:160]
    return name, "passed", ""


def summary(cases):
    """Numbers of tests by outcome; the reasons of those that were skipped; the names of those that failed."""
    outcomes = Counter(outcome for _, outcome, _ in cases)
    return {
        "passed": outcomes["passed"],
        "failed": {name: reason for name, outcome, reason in cases if outcome in ("failure", "error")},
        "skipped": dict(sorted(Counter(reason for _, outcome, reason in cases if outcome == "skipped").items())),
    }


def main(folder):
    """Write ``own_tests.json``."""
    results = {}
    for name, tests in LIBRARIES.items():
        library, _, version = name.rpartition("-")
        where = Path(folder).resolve() / name
        found = {"ships": False} if tests is None else {"ships": True, **summary(run(where, [tests]))}
        results[library] = {"version": version, **found}
    (HERE / "own_tests.json").write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
