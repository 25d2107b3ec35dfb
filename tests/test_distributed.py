"""Two processes on one machine train a model; one is killed, and they start again from a checkpoint."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from two_processes import STEPS, model

import tx

PROGRAM = Path(__file__).with_name("two_processes.py")


def start(path, seconds):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    paths = os.pathsep.join(filter(None, [str(PROGRAM.parents[1]), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": paths, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    return [
        subprocess.Popen(
            [sys.executable, PROGRAM, str(number), "2", str(port), path, str(seconds)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for number in range(2)
    ]  # fmt: skip


@pytest.fixture
def started():
    """Starts two processes; ends what is left of them."""
    running = []

    def begin(*arguments):
        running.extend(start(*arguments))
        return running[-2:]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def test_two_processes(tmp_path, started):
    path = tmp_path / "checkpoint"
    first, second = started(path, 0.1)
    limit = time.monotonic() + 120
    while not path.exists():
        assert first.poll() is None and second.poll() is None and time.monotonic() < limit, first.communicate()
        time.sleep(0.05)
    second.kill()
    killed = time.monotonic()
    _, error = first.communicate(timeout=60)
    assert first.returncode != 0 and time.monotonic() - killed < 60
    assert "PeerLost: Another process of this program has ended" in error and "checkpoint" in error

    again = started(path, 0)
    outputs = [process.communicate(timeout=120) for process in again]
    assert [p.returncode for p in again] == [0, 0], outputs
    for out, _ in outputs:
        assert 10 <= int(out.split("starts at ")[1].split()[0]) < STEPS and "not the same in all processes" in out

    alone, k = model(None)
    for _ in range(STEPS):
        alone()
    trained, _ = model(None)
    tx.load_checkpoint(path, trained)
    for ours, theirs in zip(trained.get_shared(), alone.get_shared(), strict=True):
        np.testing.assert_allclose(ours.get_value(), theirs.get_value(), rtol=0, atol=1e-12)
    assert k.get_value() == STEPS
