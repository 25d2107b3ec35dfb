"""``theano.tests.record``: what a function computes, node by node, as lines that another run is compared with."""

from __future__ import annotations

import hashlib
from typing import Any, TextIO

import numpy as np

from tx.compile.monitormode import MonitorMode


class MismatchError(Exception):
    """A run has computed something else than the one that was recorded."""


class Record:
    """Lines that are written to a file; with `replay`, lines that are compared with those of a file.

    Raises MismatchError, in a replay, for a line that is another one.
    """

    def __init__(self, file_object: TextIO | None = None, file_path: str | None = None, replay: bool = False):
        if file_object is None:
            if file_path is None:
                raise ValueError("a Record needs a file_object or a file_path")
            file_object = open(file_path, "r" if replay else "w")  # noqa: SIM115
        self.f, self.replay = file_object, replay

    def handle_line(self, line: str) -> None:
        """Write `line`, which ends with a newline, or compare it."""
        if not self.replay:
            self.f.write(line)
            return
        recorded = self.f.readline()
        if recorded != line:
            raise MismatchError(
                f"Replay detected mismatch.\n I wanted to write:\n{line}\nwhen previous job wrote:\n{recorded}"
            )


def _digest(value: Any) -> str:
    array = np.ascontiguousarray(value)
    return f"{hashlib.sha256(array.tobytes()).hexdigest()}|shape={list(array.shape)}"


class RecordMode(MonitorMode):
    """A mode that gives a `Record` each node, with digests of what it read and computed."""

    def __init__(self, record: Record | None = None, **kwargs: Any):
        self.record = Record(**kwargs) if record is None else record
        super().__init__(post_func=self._note)

    def _note(self, *given: Any) -> None:
        node, fn = given[-2:]
        for title, storage in (("Inputs", fn.inputs), ("Outputs", fn.outputs)):
            if title == "Inputs":
                self.record.handle_line(f"Node {node}\n")
            self.record.handle_line(f"{title}: {' '.join(_digest(cell[0]) for cell in storage)}\n")


__all__ = ["MismatchError", "Record", "RecordMode"]
