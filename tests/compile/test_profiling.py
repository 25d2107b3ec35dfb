"""Profiles: what is counted, why executables were made, times of nodes, the timeline, and the line for long work."""

import io
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.compile.profiling import ProfileStats
from tx.lowering import clock


def profiled(inputs, outputs, **kwargs):
    return tx.function(inputs, outputs, profile=ProfileStats(atexit_print=False, message="test"), **kwargs)


def text_of(profile):
    out = io.StringIO()
    profile.summary(out)
    return out.getvalue()


def test_why_each_executable_was_made():
    x, n = T.dmatrix("x"), T.lscalar("n")
    f = profiled([x, n], x[n:].sum())
    for rows, size in ((4, 2), (4, 2), (4, 3), (5, 2)):
        f(np.ones((rows, 3)), size)
    reasons = [why for _, _, why in f.profile.specializations()]
    assert reasons[0] == "the first call" and reasons[1] == "another size: n gives 1, was 2"
    assert reasons[2] == "other shapes: x is (5, 3), was (4, 3)" and len(reasons) == 3
    assert all(why in text_of(f.profile) for why in reasons)


def test_parts_of_a_function_are_told_apart():
    x = T.dvector("x")
    f = profiled([x], T.nonzero(x)[0] * 2)
    f([0.0, 1.0])
    assert [why.split(",")[0] for _, _, why in f.profile.specializations()] == ["part 1 of 2", "part 2 of 2"]


def test_what_is_measured_is_padded_as_well():
    x = T.dvector("x")
    f = profiled([x], (2 * x).sum())
    for n in range(1, 18):
        assert f(np.ones(n)) == 2 * n
    assert len(f.specializations) == 1 + 2
    padded = [why for _, _, why in f.profile.specializations()][1:]
    assert padded == ["padded, the first call", "padded, other shapes: x is (64,), was (16,)"]


def test_looking_at_the_stages_does_not_disturb_a_profile():
    x = T.dvector("x")
    f = profiled([x], T.tanh(x).sum())
    f([1.0])
    assert "tanh" in tx.printing.stages(f, np.ones(2)).jaxpr
    assert [why for _, _, why in f.profile.specializations()] == ["the first call"]


def test_time_by_phase():
    x = T.dvector("x")
    f = profiled([x], T.tanh(x).sum())
    p = f.profile
    assert p.optimizer_time > 0 and p.linker_time == 0 and p.fct_callcount == 0
    f([1.0])
    assert p.tracing_time > 0 and p.xla_time > 0 and p.linker_time == p.tracing_time + p.xla_time
    assert p.compile_time == p.optimizer_time + p.linker_time
    compiled = p.compile_time
    f([2.0])
    assert p.compile_time == compiled and p.fct_callcount == 2
    assert 0 < p.vm_call_time < p.fct_call_time
    assert {"Rewriting: ", "Tracing: ", "XLA: "} <= {
        line.strip()[: line.strip().index(":") + 2] for line in text_of(p).splitlines() if ":" in line
    }


def test_nodes_are_measured_one_by_one():
    x, s = T.dvector("x"), tx.shared(1.0)
    y = T.exp(x)
    y.name = "height"
    loop, _ = tx.scan(lambda a, b: a + b, x, np.float64(0))
    f = profiled([x], [y.sum(), loop[-1]], updates=[(s, s + x.sum())])
    f([1.0, 2.0])
    f([1.0, 2.0])
    p = f.profile
    assert all(seconds > 0 for seconds in p.apply_time.values()) and set(p.apply_callcount.values()) == {2}
    assert len(p.apply_time) == p.nb_nodes and sum(p.op_nodes().values()) == p.nb_nodes
    assert sum(p.class_time().values()) == pytest.approx(sum(p.apply_time.values()))
    totals = p.compute_total_times()
    assert max(totals.values()) > max(p.apply_time.values()) / 2
    assert s.get_value() == 7
    text = text_of(p)
    assert "height = Elemwise{exp" in text and "one by one" in text and f"[{__file__}:" in text


def test_the_slowest_come_first_and_the_rest_is_summed_up():
    x = T.dvector("x")
    f = profiled([x], [T.exp(x), T.sin(x), T.cosh(x)])
    f([1.0])
    out = io.StringIO()
    f.profile.summary(out, n_ops_to_print=1, n_apply_to_print=2)
    assert "remaining 2 rows" in out.getvalue() and "remaining 1 rows" in out.getvalue()
    times = list(f.profile.apply_time.values())
    shares = [float(line.split("%")[0]) for line in out.getvalue().split("Apply\n-----\n")[1].splitlines()[1:3]]
    assert shares[0] == pytest.approx(100 * max(times) / sum(times), abs=0.1) and shares[0] >= shares[1]


def test_a_failing_node_does_not_stop_the_summary():
    x, s = T.dscalar("x"), tx.shared(1.0)
    checked = tx.tensor.assertions.Assert("s is no longer 1")(s, T.eq(s, 1))
    f = profiled([x], T.exp(x) + checked, updates=[(s, s + 1)])
    f(1.0)
    assert "Function profiling" in text_of(f.profile)


def test_host_only_ops_run_once_for_the_measurement():
    seen = []

    @tx.as_op([T.dvector], [T.dvector])
    def noted(a):
        seen.append(a)
        return a + 1

    x = T.dvector("x")
    f = profiled([x], noted(x) * 2)
    f([1.0])
    assert len(f.profile.apply_time) == 3 and len(seen) == 2


def test_timeline(tmp_path):
    x, n = T.dvector("x"), T.lscalar("n")
    cost = T.exp(x[n:]).sum()
    cost.name = "cost"
    f = profiled([x, n], cost, name="step")
    f(np.ones(4), 2)
    f(np.ones(4), 3)
    f.profile.write_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    spans = [e for e in events if e["ph"] == "X"]
    assert [e["name"] for e in spans if e["tid"] == 0] == ["rewriting", "tracing", "XLA", "tracing", "XLA"]
    assert [e["name"] for e in spans if e["tid"] == 1] == ["step", "step"]
    (last,) = [e for e in spans if e["name"].startswith("cost = ")]
    assert last["args"]["line"].startswith(__file__) and last["args"]["op"].startswith("Sum")
    assert all(e["dur"] >= 0 and e["ts"] >= 0 for e in spans)
    assert {e["args"]["name"] for e in events if e["ph"] == "M"} >= {"tx: test", "calls"}


def test_what_is_no_profile():
    x = T.dscalar("x")
    with pytest.raises(TypeError, match="profile must be"):
        tx.function([x], x, profile=3)
    with pytest.raises(TypeError, match="a profile has no colour"):
        ProfileStats(colour=1)


def test_a_profiled_function_is_pickled_without_its_profile():
    x = T.dscalar("x")
    f = profiled([x], x * 2)
    f(1.0)
    copied = pickle.loads(pickle.dumps(f))
    assert copied(2.0) == 4 and not copied.profile


def test_profiles_are_printed_at_exit():
    code = """
import tx, tx.tensor as T
x = T.dscalar("x")
tx.function([x], x * 2, profile="in the end")(1.0)
tx.function([x], x * 3, profile="never called")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0 and "Message: in the end" in done.stderr and "never called" not in done.stderr


@pytest.mark.parametrize("verbose", [False, True])
def test_long_compilations_are_told_of(verbose, monkeypatch, capsys):
    monkeypatch.setattr(clock, "_LONG", 0.0)
    x = T.dvector("x")
    f = tx.function([x], T.cosh(x).prod(), name="slow")
    with tx.config.change_flags(verbose=verbose):
        f([1.0])
        f([2.0])
    told = capsys.readouterr().err
    assert told.count("tx: compiling slow took") == verbose
    assert not verbose or ("rewriting" in told and "tracing" in told and "XLA" in told)
    with tx.config.change_flags(verbose=verbose):
        monkeypatch.setattr(clock, "_LONG", 1000.0)
        f([1.0, 2.0])
    assert capsys.readouterr().err == ""
