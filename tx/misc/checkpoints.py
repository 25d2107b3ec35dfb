"""Checkpoints: the values of shared variables in one file that is either complete or not there."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from typing import Any

from tx.lowering.distributed import barrier, process_index
from tx.misc.pkl_utils import dump, load

_FORMAT = "tx-checkpoint"


def _variables(what: Any) -> list[Any]:
    """The shared variables of a function, or those of a list."""
    found = what.get_shared() if hasattr(what, "get_shared") else list(what)
    if not all(hasattr(v, "get_value") for v in found):
        raise TypeError("a checkpoint holds shared variables, given as a list, or as a function that uses them", what)
    return found


def save_checkpoint(path: Any, variables: Any, **extra: Any) -> None:
    """Write the values of shared variables, in order, and what else is given by name, to the file `path`.

    `variables`: a list, or a compiled function, which stands for all that it reads and updates (random states, too).
    The file appears complete, or stays what it was. Of several processes all must call it; the first one writes.
    """
    found = _variables(variables)
    content = {
        "format": _FORMAT,
        "names": [v.name for v in found],
        "types": [str(v.type) for v in found],
        "values": [v.get_value(borrow=True) for v in found],
        "extra": extra,
    }
    if process_index() == 0:
        _write(os.fspath(path), content)
    barrier("tx.save_checkpoint")


def _write(path: str, content: dict[str, Any]) -> None:
    temporary = f"{path}.{os.getpid()}.part"
    try:
        with open(temporary, "wb") as file:
            dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


def load_checkpoint(path: Any, variables: Any) -> dict[str, Any]:
    """Set shared variables to the values that `save_checkpoint` has written; returns what else was saved, by name.

    It is a pickle: load only what you trust. Raises ValueError for another kind of file, and for variables that are not
    those that were saved, by number, name and type; then none is changed.
    """
    found = _variables(variables)
    try:
        with open(path, "rb") as file:
            content = load(file)
    except zipfile.BadZipFile as error:
        raise ValueError(f"{path} is no checkpoint: {error}") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError(f"{path} is no checkpoint")
    saved = list(zip(content["names"], content["types"], strict=True))
    given = [(v.name, str(v.type)) for v in found]
    if saved != given:
        raise ValueError(f"{path} holds {_told(saved)}, not {_told(given)}")
    for variable, value in zip(found, content["values"], strict=True):
        variable.set_value(value, borrow=True)
    extra: dict[str, Any] = content["extra"]
    return extra


def _told(variables: Sequence[tuple[str | None, str]]) -> str:
    return ", ".join(f"{name or 'one without name'}: {kind}" for name, kind in variables) or "nothing"


__all__ = ["load_checkpoint", "save_checkpoint"]
