"""Devices by name, contexts and transfers. Where values lie is seen in a process with eight pretended devices."""

import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.lowering import devices
from tx.tensor.transfers import Transfer, register_transfer

HERE = Path(__file__).resolve()
CONTEXTS = "contexts=dev0->cpu1;dev1->cpu2;dev2->cpu3;dev3->cpu4;far->cuda3"
#: the programs of device_programs.py, by the device that functions run on
PROGRAMS = {
    "cpu": [
        "the_example_of_theanos_page", "transferred_outputs_stay", "gradients_go_back", "a_failed_call_changes_nothing",
        "states_change_places", "sizes_and_host_ops", "loops_and_draws", "watched_and_padded", "copies_and_pickles",
        "unknown_targets",
    ],
    "cpu5": ["functions_run_on_the_flags_device"],
}  # fmt: skip


def run(arguments, flags, **more):
    ours = [f for f in os.environ.get("TX_FLAGS", "").split(",") if f]
    environment = {**os.environ, "TX_FLAGS": ",".join([*ours, flags]), "PYTHONPATH": str(HERE.parents[2]), **more}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def on_pretended_devices():
    done = {}

    def output(device):
        if device not in done:
            programs = [str(HERE.with_name("device_programs.py")), *PROGRAMS[device]]
            pretended = "--xla_force_host_platform_device_count=8"
            done[device] = run(programs, f"{CONTEXTS},device={device}", XLA_FLAGS=pretended)
        return done[device]

    return output


@pytest.mark.parametrize("device, program", [(d, p) for d, programs in PROGRAMS.items() for p in programs])
def test_on_pretended_devices(on_pretended_devices, device, program):
    done = on_pretended_devices(device)
    assert f"done {program}\n" in done.stdout, done.stderr


# -- devices that are not here ----------------------------------------------------------------------------------------

SCRIPT = "import tx; print(tx.function([], tx.shared(2.0) * 2)(), tx.config.device)"
#: what Theano's page on GPUs does to keep a result on the device
KEPT = """
import numpy, tx
there = tx.function([], tx.tensor.exp(tx.shared(2.0)).transfer(None))()
assert not isinstance(there, numpy.ndarray) and numpy.asarray(there) == numpy.exp(2)
"""


def test_a_missing_device_is_a_warning_that_says_what_there_is():
    """Theano says so, too, and goes on with the CPU."""
    done = run(["-c", KEPT + SCRIPT], "device=gpu1")
    assert done.stdout.split() == ["4.0", "gpu1"]
    assert "there is no device gpu1. There are: cpu0" in done.stderr and "the extra cuda12 or cuda13" in done.stderr


@pytest.mark.parametrize(
    "flags, message",
    [
        ("device=tpu,force_device=True", "there is no device tpu. There are: cpu0"),
        ("init_gpu_device=cuda0,force_device=True", "there is no device cuda0"),
        ("device=cuda,init_gpu_device=cuda0", "you must set device=cpu to use init_gpu_device."),
    ],
)
def test_an_error_that_says_why(flags, message):
    done = run(["-c", SCRIPT], flags)
    assert done.returncode == 1 and message in done.stderr


@pytest.mark.parametrize(
    "platform, floatX, word",
    [
        ("tpu", "float64", "a TPU has no float64"),
        ("tpu", "float16", "a TPU has no float16"),
        ("gpu", "float64", "32 to 64 times slower"),
        ("gpu", "float16", None),
        ("tpu", "float32", None),
    ],
)
def test_what_floatX_an_accelerator_likes(platform, floatX, word, capsys):
    pretended = SimpleNamespace(platform=platform, device_kind="Some Accelerator")
    with tx.config.change_flags(floatX=floatX), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        devices._introduce(pretended)
    assert [word in str(w.message) for w in caught] == [True] * (word is not None)
    assert "Mapped name None to device cpu: Some Accelerator" in capsys.readouterr().err


def test_checks_are_deferred_on_accelerators(monkeypatch):
    assert not devices.defers_checks()
    monkeypatch.setattr(devices, "accelerated", lambda: True)
    assert devices.defers_checks()
    for flags in ({"defer_checks": "off"}, {"checks": "off"}):
        with tx.config.change_flags(flags):
            assert not devices.defers_checks()


# -- transfers, as in Theano ------------------------------------------------------------------------------------------


def test_to_the_cpu_is_nothing_to_do():
    x = T.dvector("x")
    assert x.transfer("cpu") is x and T.transfer(x, "cpu") is x and T.basic.transfer(x, "cpu") is x


@pytest.mark.parametrize("target", ["gpu9", "cuda", None])
def test_unknown_targets(target):
    with pytest.raises(ValueError, match=f"Can't transfer to target {target}"):
        T.dvector("x").transfer(target)


@pytest.mark.parametrize("make", [tx.shared, T._shared])
def test_unknown_targets_of_shared_variables(make):
    assert make(np.ones(2), target="cpu").get_value().tolist() == [1, 1]
    with pytest.raises(TypeError):
        make(np.ones(2), target="dev0")


def test_registered_transfers_are_asked():
    def double(variable, target):
        return variable * 2 if target == "mine" else None

    x = T.dvector("x")
    register_transfer(double)
    try:
        assert tx.pp(x.transfer("mine")) == "(x * TensorConstant{2})"
    finally:
        T.transfer._others.remove(double)


def test_the_gradient_is_transferred_back():
    x = T.dvector("x")
    y = Transfer("cpu")(x)
    slope = T.grad((y**2).sum(), x)
    assert isinstance(slope.owner.op, Transfer)
    assert tx.function([x], slope)([1.0, 2.0]).tolist() == [2, 4]
    assert tx.function([x], T.Rop(y**2, x, x))([1.0, 2.0]).tolist() == [2, 8]
