"""What all examples share: help, progress, an end at Ctrl-C that keeps the best model, and clear errors."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from test_accelerators import SHOWN

from tx.legacy import script

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = ["--epochs", "1000000", "--patience", "1000000"]


@pytest.fixture
def runs(load):
    return load("runs")


def start(name, *options, **streams):
    """A program in a process of its own, which writes line by line."""
    command = [sys.executable, "-u", "-m", "tx", str(ROOT / "examples" / f"{name}.py"), *options]
    return subprocess.Popen(command, cwd=ROOT, text=True, **streams)


@pytest.fixture
def call(load, monkeypatch, capsys):
    """Run a program in this process, as ``python -m tx`` would; returns the exit code and what it wrote."""

    def run(name, *options):
        for attribute in ("argv", "path"):
            monkeypatch.setattr(sys, attribute, list(getattr(sys, attribute)))
        monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
        with pytest.raises(SystemExit) as ended:
            script.run_path(str(ROOT / "examples" / f"{name}.py"), list(options))
        code, (out, err) = ended.value.code, capsys.readouterr()
        return code, out, f"{err}{code}" if isinstance(code, str) else err

    return run


@pytest.mark.parametrize("name", SHOWN)
def test_help_tells_what_every_option_means(call, name):
    code, out, err = call(name, "--help")
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    assert said.startswith(f"usage: {name}.py [-h]")
    assert "--seed N of all random numbers (" in said and "--history FILE write what was" in said
    assert "Ctrl-C ends training" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--output-dir", "{file}"], "error: --output-dir: cannot write to the folder {file}: "),
        (["--output-dir", "{file}/below"], "error: --output-dir: cannot write to the folder {file}/below: "),
        (["--history", "{file}/below"], "error: --history: cannot write to the folder {file}: "),
        (["--history", "{folder}"], "error: --history: {folder} is a folder"),
        (["--epochs", "many"], "error: argument --epochs: invalid int value: 'many'"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_computed(call, tmp_path, options, said):
    file = tmp_path / "file"
    file.touch()
    options = [o.format(file=file, folder=tmp_path) for o in ["--output-dir", str(tmp_path), *options]]
    code, out, err = call("mlp", *options)
    assert code == 2 and out == ""
    assert f"mlp.py: {said.format(file=file, folder=tmp_path)}" in err


def test_a_failed_write_is_an_error_in_a_line(runs, monkeypatch, tmp_path):
    def full(part, path):
        raise OSError(28, "No space left on device", path)

    history = tmp_path / "history.json"
    monkeypatch.setattr(sys, "argv", ["program.py", "--history", str(history)])
    monkeypatch.setattr(runs.os, "replace", full)
    with pytest.raises(SystemExit) as ended:
        runs.main("", lambda seed: {}, {"seed": 1}, lambda result: None)
    assert ended.value.code == f"program.py: error: [Errno 28] No space left on device: '{history}'"
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_until_the_new_one_is_complete(runs, tmp_path):
    path = tmp_path / "model.pkl"
    runs.write(str(path), b"old")
    with pytest.raises(TypeError):
        runs.write(str(path), "not bytes")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
    runs.write(str(path), b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_ctrl_c_ends_training_and_keeps_the_best_model(tmp_path):
    history = tmp_path / "history.json"
    options = [*ENDLESS, "--output-dir", str(tmp_path), "--history", str(history)]
    process = start("logistic_regression", *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err and "stopping after this step" in err
    lines += out.splitlines()
    epochs = [line for line in lines if line.startswith("epoch ")]
    found = json.loads(history.read_text())
    assert len(found["costs"]) == len(epochs) >= 3
    assert (tmp_path / "logistic_regression.pkl").stat().st_size > 1000
    assert "stopped by Ctrl-C; this was learnt until then:" in lines
    assert lines[-1] == f"test error {100 * found['test_error']:.2f} %"


def test_a_second_ctrl_c_ends_at_once(runs, monkeypatch):
    def run(seed):
        for _ in runs.steps(10):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            raise AssertionError("goes on")

    handler = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "argv", ["program.py"])
    with pytest.raises(SystemExit) as ended:
        runs.main("", run, {"seed": 1}, None)
    assert ended.value.code == 130
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("bar", [True, False])
def test_steps_end_at_ctrl_c(runs, monkeypatch, tmp_path, capsys, bar):
    if not bar:
        monkeypatch.setattr(runs, "tqdm", None)
    assert bar == (runs.tqdm is not None)
    said = []

    def run(seed):
        done = []
        for i in runs.steps(10):
            done.append(i)
            if i == 3:
                os.kill(os.getpid(), signal.SIGINT)
        return {"done": done, "again": list(runs.steps(10)), "train_model": run}

    monkeypatch.setattr(sys, "argv", ["program.py", "--history", str(tmp_path / "history.json")])
    with pytest.raises(SystemExit) as ended:
        runs.main("", run, {"seed": 1}, said.append)
    assert ended.value.code == 130
    assert said[0]["done"] == [0, 1, 2, 3] and said[0]["again"] == [0]
    assert json.loads((tmp_path / "history.json").read_text()) == {"done": [0, 1, 2, 3], "again": [0]}
    assert "stopped by Ctrl-C" in capsys.readouterr().out


def test_terminals_show_progress(tmp_path):
    """And only terminals: the others get the lines alone."""
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (24, 100))  # where nothing has room, no bar is shown
    options = ["--epochs", "4", "--output-dir", str(tmp_path)]
    process = start("logistic_regression", *options, stdout=subprocess.PIPE, stderr=there)
    os.close(there)
    shown = b""
    with contextlib.suppress(OSError):  # which says that the other side has been closed
        while part := os.read(here, 4096):
            shown += part
    os.close(here)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert b"/4 [" in shown and "/4 [" not in out
    assert [line.split(",")[0] for line in out.splitlines()[:4]] == [f"epoch {i}" for i in (1, 2, 3, 4)]
