"""Running a script as ``python SCRIPT.py`` would, with Theano's names in place."""

from __future__ import annotations

import os
import runpy
import sys
import types
from typing import Any

from tx.legacy import install

#: what the compiler says of code that only Python 2 reads
_PYTHON_2 = (
    "Missing parentheses in call to 'print'",
    "Missing parentheses in call to 'exec'",
    "multiple exception types must be parenthesized",
    "leading zeros in decimal integer literals are not permitted",
    "invalid decimal literal",
    "inconsistent use of tabs and spaces in indentation",
)


def _is_python_2(error: SyntaxError) -> bool:
    line = (error.text or "").strip()
    message = error.msg or ""
    if any(sign in message for sign in _PYTHON_2):
        return True
    words = line.split()
    return (
        "`" in line
        or "<>" in line
        or (bool(words) and words[0] in ("print", "exec"))
        or (line.startswith(("raise ", "except ")) and "," in line)
        or any(line.count(prefix) for prefix in ('ur"', "ur'"))
    )  # fmt: skip


def _compile(path: str) -> Any:
    """The script's code; a script in Python 2's syntax ends the program with one sentence."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        if not _is_python_2(error):
            raise
        line = (error.text or "").strip()
        print(
            f"{path}, line {error.lineno}, is Python 2, which no current Python reads: `{line}`; convert the script "
            f"first, for example with `futurize --stage1 -w {path}` (package future) or `2to3 -w {path}` (up to "
            "Python 3.12).",
            file=sys.stderr,
        )
        raise SystemExit(1) from None


def run_path(path: str, arguments: list[str]) -> None:
    """Run the script at `path` as ``__main__``, with `arguments` behind its name in ``sys.argv``."""
    install()
    code = _compile(path)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.argv[:] = [path, *arguments]
    sys.path[0:1] = [os.path.dirname(os.path.abspath(path))]
    # A true __main__, so that classes of the script can be pickled.
    sys.modules["__main__"] = main
    exec(code, main.__dict__)


def run_module(name: str, arguments: list[str]) -> None:
    """Run a module, as ``python -m NAME`` would."""
    install()
    sys.argv[:] = [name, *arguments]
    sys.path[0:1] = [os.getcwd()]
    runpy.run_module(name, run_name="__main__", alter_sys=True)


__all__ = ["run_module", "run_path"]
