"""Running the code of a page: in a process of its own, with blocks that raise and blocks that print."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import re
import runpy
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tx"])


def run_apart(script: Path) -> str:
    """Run a script in a fresh process that has imported tx already; the traceback, or nothing when all is well.

    What it installs or registers is nobody else's. Warnings are errors.
    """
    here, there = _forks.Pipe(duplex=False)
    process = _forks.Process(target=_run, args=(str(script), there))
    process.start()
    there.close()
    try:
        said: str = here.recv()
    except EOFError:
        said = "the process died"
    here.close()
    process.join()
    process.close()
    return said


def _run(script: str, there: multiprocessing.connection.Connection) -> None:
    os.chdir(Path(script).parent)
    sys.argv = [script]
    warnings.resetwarnings()
    warnings.simplefilter("error")
    said, printed = "", io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            runpy.run_path(script, run_name="__main__")
    except BaseException:
        said = printed.getvalue() + traceback.format_exc()
    there.send(said)


def fits(page: str, said: str) -> bool:
    """Whether a page shows what was `said`: ``...`` stands for anything, and blanks at line ends do not count."""
    first, *parts = shown(page).split("...")
    if not parts:
        return said == first
    if not said.startswith(first):
        return False
    at, last = len(first), parts.pop()
    for part in parts:
        found = said.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return said.endswith(last) and len(said) - len(last) >= at


def shown(said: object) -> str:
    """A message, or what was printed, as a page shows it."""
    return "\n".join(line.rstrip() for line in str(said).strip().splitlines())


@contextmanager
def raises(name: str, text: str | None = None) -> Iterator[None]:
    """AssertionError unless the block raises an error of the class `name`, and what a page shows of its `text`."""
    try:
        yield
    except Exception as error:
        assert type(error).__name__ == name, f"{type(error).__name__} was raised, not {name}"
        if text is not None and not fits(text, shown(error)):
            raise AssertionError(f"the page shows\n{text}\nbut the message is\n{shown(error)}") from error
    else:
        raise AssertionError(f"nothing was raised, but {name} was expected")


@contextmanager
def prints(text: str, numbers: bool = True) -> Iterator[None]:
    """AssertionError unless the block prints what a page shows; without `numbers`, whatever these are."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        yield
    said = shown(printed.getvalue())
    one, other = (text, said) if numbers else (_without_numbers(text), _without_numbers(said))
    assert fits(one, other), f"the page shows\n{text}\nbut this was printed\n{said}"


def _without_numbers(text: str) -> str:
    return re.sub(r" +", " ", re.sub(r"\d+(?:\.\d+)?(?:e[-+]\d+)?", "0", text))
