"""Compile once: executables are kept in a folder, so that the second run of a program finds them.

XLA's executables are looked up by what they compute, the versions involved and the options of the compilation: by jax,
which asks for StableHLO, and by `tx.lowering.kept`, which asks for what was traced. The folder lies below
``config.base_compiledir`` (or ``config.compiledir``); ``config.compile_cache`` turns it off. A folder that cannot be
written to is read only; where there is none, everything is compiled each time.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import tempfile
import zlib
from pathlib import Path
from typing import Any

import jax

from tx.configuration import config

try:  # jax's own writes in place, and warns where it cannot write
    from jax._src import compilation_cache as _jax_cache
    from jax._src.compilation_cache_interface import CacheInterface as _Base
except ImportError:  # pragma: no cover - depends on jax's version
    _jax_cache, _Base = None, object

_SUFFIX = "-cache"
#: of what is kept under what was traced, see `tx.lowering.kept`
_TRACED = "-traced"
_prepared = False
_executables: Folder | None = None
_stages: Folder | None = None


class Folder(_Base):  # type: ignore[misc]
    """A file for each executable. Processes may share it: a file appears complete or not at all."""

    def __init__(self, path: Path, suffix: str = _SUFFIX):
        self._path, self._suffix = path, suffix
        #: how often something was found
        self.found = 0

    def _file(self, key: str) -> Path:
        return self._path / (key[-200:] + self._suffix)

    def get(self, key: str) -> bytes | None:
        """What is kept under `key`, or None."""
        try:
            value = self._file(key).read_bytes()
        except OSError:
            return None
        self.found += 1
        return value

    def put(self, key: str, value: bytes) -> None:
        """Keep `value`, if that is possible."""
        with contextlib.suppress(OSError):
            number, name = tempfile.mkstemp(dir=self._path)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(value)
                os.replace(name, self._file(key))
            except OSError:
                os.unlink(name)
                raise


def folder() -> Path:
    """Where executables are kept: one folder for each kind of processor, since their instructions differ."""
    base = Path(config.compiledir or config.base_compiledir).expanduser()
    return base / "xla" / f"{platform.machine() or 'cpu'}-{zlib.crc32(_instructions().encode()):08x}"


def _instructions() -> str:
    """What tells processors apart whose machine code differs."""
    try:
        found = re.search(r"^(flags|Features)\s*:.*$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found.group() if found else platform.processor()


def prepare() -> None:
    """Let XLA keep its executables, unless the user has set up a cache of jax's, or wants none."""
    global _prepared, _executables, _stages
    if _prepared or not config.compile_cache:
        return
    _prepared = True
    if jax.config.jax_compilation_cache_dir is not None:
        return
    path = folder()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # a home that cannot be written to: compile each time
    jax.config.update("jax_compilation_cache_dir", str(path))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if _jax_cache is not None:
        _jax_cache.reset_cache()
        _executables, _stages = Folder(path), Folder(path, _TRACED)
        _jax_cache._cache, _jax_cache._cache_initialized = _executables, True


def stages() -> Folder | None:
    """Where executables are kept under what was traced, if they are."""
    return _stages if config.compile_cache else None


def found() -> int:
    """How many executables of this process jax has found rather than compiled."""
    return _executables.found if _executables is not None else 0


def _files() -> list[Path]:
    """The files of all processors' folders."""
    return sorted(f for suffix in (_SUFFIX, _TRACED) for f in folder().parent.glob(f"*/*{suffix}"))


def info() -> dict[str, Any]:
    """The folder, how many executables it keeps, and how many bytes they take."""
    files = _files()
    return {"folder": str(folder().parent), "executables": _count(files), "bytes": sum(f.stat().st_size for f in files)}


def _count(files: list[Path]) -> int:
    return sum(f.name.endswith(_SUFFIX) for f in files)


def clear() -> int:
    """Delete the executables that are kept; returns how many there were. Running programs are not disturbed."""
    files = _files()
    for file in files:
        file.unlink(missing_ok=True)
    return _count(files)
