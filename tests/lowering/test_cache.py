"""The compile cache: what it keeps, that a second process compiles nothing, and where it must keep quiet."""

import subprocess
import sys

import pytest

import tx
from tx.__main__ import main
from tx.lowering import cache

PROGRAM = """
import jax
counts = {}
def listen(event, **kwargs):
    counts[event] = counts.get(event, 0) + 1
jax.monitoring.register_event_listener(listen)
import numpy as np
import tx
import tx.tensor as T
x, s = T.dvector("x"), tx.shared(np.arange(3.0))
y = x * s
f = tx.function([x], T.tanh(y).sum(), updates=[(s, s + 1)])
print(float(f([1.0, 2.0, 3.0])), float(f([1.0, 2.0, 3.0])))
print(counts.get("/jax/compilation_cache/cache_hits", 0), counts.get("/jax/compilation_cache/cache_misses", 0))
"""


def run(folder, source, **environment):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        capture_output=True,
        text=True,
        env={
            "PATH": "",
            "PYTHONPATH": ":".join(sys.path),
            "TX_FLAGS": f"base_compiledir={folder},tiny=xla",
            **environment,
        },
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split("\n")


def test_the_second_process_compiles_nothing(tmp_path):
    first = run(tmp_path, PROGRAM)
    # Other lines above the function, another name of the script: the same executable.
    second = run(tmp_path, "\n\n" + PROGRAM)
    assert first[0] == second[0]
    hits, misses = map(int, first[1].split())
    assert hits == 0 and misses > 0
    # what was traced has led to the executable: nothing was lowered to look for it
    assert second[1] == "0 0"


def test_what_cannot_be_written_twice_is_found_by_jax(tmp_path):
    program = PROGRAM.replace("y = x * s", "y = T.sort(x * s)")
    first, second = run(tmp_path, program), run(tmp_path, program)
    hits, misses = map(int, first[1].split())
    assert hits == 0 and misses > 0
    assert second == [first[0], f"{misses} 0", ""]


@pytest.mark.parametrize("where", ["a file", "/dev/null/nowhere"])
def test_goes_without_where_it_cannot_write(tmp_path, where):
    (tmp_path / "a file").write_text("")
    assert run(tmp_path / where, PROGRAM)[1] == "0 0"


def test_flags(tmp_path):
    with tx.config.change_flags(base_compiledir=str(tmp_path)):
        assert cache.folder().parent == tmp_path / "xla"
        with tx.config.change_flags(compiledir=str(tmp_path / "own")):
            assert cache.folder().parent == tmp_path / "own" / "xla"
    with tx.config.change_flags(base_compiledir="~/here"):
        assert "~" not in str(cache.folder())


def test_files_appear_whole(tmp_path):
    folder = cache.Folder(tmp_path)
    assert folder.get("jit_f-0123") is None
    folder.put("jit_f-0123", b"abc")
    folder.put("jit_f-0123", b"abcd")
    assert folder.get("jit_f-0123") == b"abcd"
    assert [path.name for path in tmp_path.iterdir()] == ["jit_f-0123-cache"]
    folder.put("f" * 300 + "-0123", b"long")
    assert folder.get("f" * 300 + "-0123") == b"long"


def test_a_folder_that_cannot_be_written_to_is_quiet(tmp_path, monkeypatch):
    gone = cache.Folder(tmp_path / "gone")
    gone.put("key", b"abc")
    assert gone.get("key") is None
    folder = cache.Folder(tmp_path)

    def full(source, target):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.replace", full)
    folder.put("key", b"abc")
    assert list(tmp_path.iterdir()) == []


def test_command(tmp_path, capsys):
    with tx.config.change_flags(base_compiledir=str(tmp_path)):
        here = cache.folder()
        here.mkdir(parents=True)
        cache.Folder(here).put("one", b"1" * 60_000)
        cache.Folder(here, cache._TRACED).put("what leads to it", b"1" * 40_000)
        (here / "of somebody else").write_text("")
        main(["cache"])
        main(["cache", "info"])
        main(["cache", "clear"])
        main(["cache", "info"])
        assert [path.name for path in here.iterdir()] == ["of somebody else"]
    kept = f"cache: 1 executables, 0.1 MB, in {tmp_path / 'xla'}"
    assert capsys.readouterr().out.splitlines() == [
        kept,
        kept,
        f"1 executables deleted from {tmp_path / 'xla'}",
        f"cache: 0 executables, 0.0 MB, in {tmp_path / 'xla'}",
    ]
    assert (here / "of somebody else").exists()


def test_wrong_word(capsys):
    with pytest.raises(SystemExit):
        main(["cache", "empty"])
    assert "cache takes info or clear, not empty" in capsys.readouterr().err


def test_help_is_complete(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    for word in (
        "SCRIPT.py",
        "-m MODULE",
        "--info",
        "--compatibility",
        "--flags",
        "--version",
        "cache",
        "info",
        "clear",
    ):
        assert word in shown
