"""The shortest way through a call, for functions of which a call is known to be one executable and nothing else.

It is a Python function written for one `tx.compile.function.Function`: no loops over its inputs, states and outputs, no
lists. It raises Unlike for arguments that have to be converted first, and Retrace when something else is not as it was
when it was written; nothing has happened then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from tx.lowering import Program, device
from tx.lowering.kept import MISMATCH, Loaded
from tx.lowering.trace import Retrace


class Unlike(Exception):
    """An argument is not quite what a function takes."""


def shortcut(
    program: Any,
    arguments: Sequence[tuple[int, Any, int]],
    states: Sequence[Any],
    updated: Sequence[int],
    takers: Sequence[Callable[[Any], Any]],
    finish: Callable[[list[Any]], Any] | None,
    trusted: bool,
) -> Callable[..., Any] | None:
    """What is called with the arguments and returns what the user gets, or raises Unlike or Retrace; None where there
    is none.

    `arguments` are position, dtype and ndim of each, `states` the containers, of which the `updated` take new values;
    `takers` make of each output what the user gets, and `finish` of their list, which is None for a single output.
    With `trusted` arguments are not looked at.
    """
    single = program.single if isinstance(program, Program) else None
    plain = single.plain if single is not None else None
    if not plain or device.swap_x64 is None or (not takers and arguments):
        return None
    if not trusted and any(dtype is None for _, dtype, _ in arguments):
        return None
    checked = () if trusted else tuple(ndim for _, _, ndim in arguments)
    only = next(iter(plain.values())) if len(plain) == 1 else None
    code = _code(len(arguments), checked, len(states), tuple(updated), len(takers), finish is None, only is None)
    scope: dict[str, Any] = {
        "device": device, "stage": single, "plain": plain, "run": getattr(only, "call", only),
        "MISMATCH": MISMATCH if isinstance(only, Loaded) else (), "ndarray": np.ndarray, "Retrace": Retrace,
        "Unlike": Unlike, "swap": device.swap_x64, "restore": device.restore_x64, "finish": finish,
        **{f"dtype{i}": dtype for i, dtype, _ in arguments},
        **{f"state{i}": container for i, container in enumerate(states)},
        **{f"take{i}": taker for i, taker in enumerate(takers)},
    }  # fmt: skip
    exec(code, scope)
    return scope["call"]  # type: ignore[no-any-return]


@lru_cache(256)
def _code(
    arguments: int, ndims: tuple[int, ...], states: int, updated: tuple[int, ...], outputs: int, alone: bool, many: bool
) -> CodeType:
    """The source, compiled; all that tells functions apart is in its global names. With `many` executables the one for
    these shapes is looked up."""
    given = [*(f"x{i}" for i in range(arguments)), *(f"state{i}.held" for i in range(states))]
    names = given[:arguments]
    shapes = "".join(f"{v}.shape, " for v in given)
    find = [f"    run = plain.get(({shapes}))", "    if run is None:", "        raise Unlike"] if many else []
    wrong = ["stage.plain is not plain", "device.elsewhere is not None"]
    wrong += [f"not state{i}.on_device" for i in range(states)]
    unlike = [
        f"type(x{i}) is not ndarray or x{i}.dtype is not dtype{i} or x{i}.ndim != {n}" for i, n in enumerate(ndims)
    ]
    results = [f"r{i}" for i in range(outputs)] + [f"new{i}" for i in updated]
    taken = [f"take{i}(r{i})" for i in range(outputs)]
    lines = [
        f"def call({', '.join(names)}):",
        f"    if {' or '.join(wrong)}:",
        "        raise Retrace",
        *([f"    if {' or '.join(unlike)}:", "        raise Unlike"] if unlike else []),
        *find,
        "    saved = swap(True)",
        "    try:",
        f"        [{', '.join(results)}] = run({', '.join(given)})",
        "    except MISMATCH:",
        "        raise Retrace from None",
        "    finally:",
        "        restore(saved)",
        *(f"    state{i}.held = new{i}" for i in updated),
        f"    return {taken[0]}" if alone else f"    return finish([{', '.join(taken)}])",
    ]
    return compile("\n".join(lines), "<shortcut>", "exec")


__all__ = ["Unlike", "shortcut"]
