"""NanGuardMode: a function stops at the first NaN, infinity or big number, and says which node made it."""

from __future__ import annotations

import logging
import pdb
from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.compile.watched import WatchedMode
from tx.configuration import config
from tx.graph.testvalues import created_at
from tx.graph.utils import see
from tx.lowering.errors import annotate, shapes_of
from tx.lowering.evaluate import Watch
from tx.printing import debugprint

_log = logging.getLogger("theano.compile.nanguardmode")
#: what counts as big
_BIG = 1e10


def contains_nan(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether there is a NaN in an array; False for what holds no floats."""
    return _floats(arr) and bool(np.isnan(arr).any())


def contains_inf(arr: Any, node: Any = None, var: Any = None) -> bool:
    """Whether there is an infinity in an array; False for what holds no floats."""
    return _floats(arr) and bool(np.isinf(arr).any())


def _contains_big(arr: Any) -> bool:
    return _floats(arr, "fciu") and bool((np.abs(arr) > _BIG).any())


def _floats(arr: Any, kinds: str = "fc") -> bool:
    return isinstance(arr, np.ndarray | np.generic) and arr.dtype.kind in kinds and arr.size > 0


class _Guard(Watch):
    def __init__(self, checks: Sequence[tuple[str, Any]]):
        self.checks = checks

    def fault(self, variable: Any, value: Any) -> str | None:
        """What is wrong with a value."""
        if not getattr(variable.tag, "nan_guard_mode_check", True):
            return None
        return next((word for word, check in self.checks if check(value)), None)

    def begin(self, inputs: Sequence[Any], values: Sequence[Any]) -> None:
        """The inputs of the graph."""
        for variable, value in zip(inputs, values, strict=True):
            if word := self.fault(variable, value):
                where = f"NanGuardMode found an error in an input of the graph.\nThe input is {variable}."
                _act(see(AssertionError(f"{word} detected\n{where}\n{created_at(variable)}"), "nan"))

    def after(self, fgraph: Any, i: int, node: Any, fn: Any) -> None:
        """The outputs of a node."""
        for variable, (value,) in zip(node.outputs, fn.outputs, strict=True):
            if word := self.fault(variable, value):
                graph = debugprint(variable, file="str")
                error = AssertionError(
                    f"{word} detected\nNanGuardMode found an error in the output of a node in this variable:\n{graph}"
                )
                given = [cell[0] for cell in fn.inputs]
                _act(annotate(see(error, "nan"), node, shapes_of(given), given))


def _act(error: Exception) -> None:
    action = config.NanGuardMode.action
    if action == "raise":
        raise error
    if action == "pdb":
        print(error)
        pdb.set_trace()
    else:
        _log.error(str(error))


class NanGuardMode(WatchedMode):
    """AssertionError for a value that no input or node should have: NaN, infinity, or beyond 1e10.

    The message tells the node, its inputs and the user's line, also for nodes inside of loops. Each of the three checks
    defaults to ``config.NanGuardMode``, which also says whether to raise, to log (``warn``) or to start pdb.
    Variables with ``tag.nan_guard_mode_check = False`` are passed over. Source: theano.compile.nanguardmode.
    """

    def __init__(
        self, nan_is_error: bool | None = None, inf_is_error: bool | None = None, big_is_error: bool | None = None,
        optimizer: Any = "default", linker: Any = None,
    ):  # fmt: skip
        super().__init__(optimizer, linker)
        flags = config.NanGuardMode
        self.nan_is_error = flags.nan_is_error if nan_is_error is None else nan_is_error
        self.inf_is_error = flags.inf_is_error if inf_is_error is None else inf_is_error
        self.big_is_error = flags.big_is_error if big_is_error is None else big_is_error
        if not (self.nan_is_error or self.inf_is_error or self.big_is_error):
            raise ValueError("NanGuardMode with nothing to check: at least one of its flags must be True")

    def watch(self, maker: Any) -> Watch:
        """What checks the values."""
        wanted = (
            (self.nan_is_error, "NaN", contains_nan),
            (self.inf_is_error, "Inf", contains_inf),
            (self.big_is_error, "Big value", _contains_big),
        )
        return _Guard([(word, check) for is_error, word, check in wanted if is_error])
