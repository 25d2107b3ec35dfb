"""The benchmarks run, and their programs by hand compute what those in Theano's words do. Nothing here takes times."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import tx

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from benchmarks import plans, report, runner, suite  # noqa: E402
from benchmarks.systems import Language  # noqa: E402
from benchmarks.workloads import WORKLOADS  # noqa: E402

#: these differ from others in sizes alone, once they are tiny
SAME = {"functions-2000", "mrg-binomial", "stream-normal", "stream-binomial"}


@pytest.mark.parametrize("name", [name for name in WORKLOADS if name not in SAME])
def test_tx_and_jax_by_hand_agree(name):
    workload = WORKLOADS[name]
    with tx.config.change_flags(floatX=workload.floatX):
        ours = plans.ready_graph(workload, Language(tx, None, workload.floatX), workload.tiny)
        found = ours.step() + ours.step()
    with jax.enable_x64(workload.floatX == "float64"):
        hand = plans.ready_hand(workload, workload.tiny)
        expected = hand.step() + hand.step()
    assert ours.nodes > 0
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        if workload.tolerance is not None:
            np.testing.assert_allclose(a, b, workload.tolerance, workload.tolerance)


def test_the_command(tmp_path, capfd):
    kept, page = tmp_path / "records", tmp_path / "page.md"
    command = f"--systems tx,jax,theano --theano {tmp_path}/python --tiny --rounds 1 --repeat 1 --seconds 0 "
    assert suite.main([*command.split(), "--workload", "embedding", "--records", str(kept), "--table", str(page)]) == 0
    records = {r["system"]: r for r in map(json.loads, kept.read_text().splitlines())}
    assert records["theano"]["lacks"] == "no interpreter has it"
    for system in ("tx", "jax"):
        assert records[system]["imported"] < records[system]["peak"]
        assert len(records[system]["import"]) == 2
        assert records[system]["rounds"][0] > 0
        assert records[system]["backend"] > 0
    told = capfd.readouterr().out
    assert "no interpreter has it (4 sparse updates" in told
    assert "--workload embedding" in page.read_text()
    assert suite.main(["--records", str(kept), "--report"]) == 0
    assert capfd.readouterr().out == told


def test_choosing_workloads():
    assert suite.chosen(["rnn", "mrg"]) == ["rnn", "mrg-uniform", "mrg-normal", "mrg-binomial"]
    assert suite.chosen(["no such"]) == []
    assert "functions-200" in suite.chosen(None)
    assert "functions-2000" not in suite.chosen(None)


def test_what_differs_is_told():
    assert runner._difference([np.ones(2)], [np.ones(2) + 1e-6], 1e-4) is None
    assert "off by 1" in runner._difference([np.ones(2)], [np.ones(2) * 2], 1e-4)
    assert "shape" in runner._difference([np.ones(2)], [np.ones(3)], 1e-4)
    assert "0 results" in runner._difference([np.ones(2)], [], 1e-4)


def test_ratios_of_repeats():
    def record(system, repeat, *rounds, **more):
        return {"workload": "lstm", "system": system, "repeat": repeat, "rounds": rounds, **more}

    ours = [record("tx", 0, 1, 2, 3, compile=2.0), record("tx", 1, 1, 1, compile=3.0)]
    theirs = [record("jax", 0, 2, 2, 2), record("jax", 1, 1, 2), record("theano", 0, 1, compile=4.0)]
    records = report.Records(ours + theirs)
    assert records.by_round("lstm", "jax") == [1, 0.75]
    assert records.ratios("lstm", "theano", report.field("compile")) == [0.5, 0.75]
    assert report.spread([1, 0.75], 0.8) == "**0.88** (0.75 to 1.00)"
