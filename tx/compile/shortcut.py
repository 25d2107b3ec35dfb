"""The shortest way through a call: a Python function written for one `tx.compile.function.Function`.

It has no loops over inputs, states and outputs, and makes no lists that it can do without. Where a call is known to be
one executable and nothing else, it calls that; otherwise what the function computes with. It raises Retrace when
something is not as it was when it was written; then nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from tx.compile.containers import hold, load
from tx.lowering import Program, device
from tx.lowering.by_numpy import ByNumpy, quiet
from tx.lowering.kept import MISMATCH, Loaded
from tx.lowering.specialize import Stage
from tx.lowering.trace import CheckFailed, Retrace


def shortcut(
    program: Any,
    compute: Any,
    arguments: Sequence[tuple[int, Any, int]],
    numbers: Container[int],
    convert: Callable[[int, Any], Any] | None,
    states: Sequence[Any],
    updated: Sequence[int],
    restore: Callable[[Sequence[Any]], None],
    takers: Sequence[Callable[[Any], Any]],
    finish: Callable[[list[Any]], Any] | None,
) -> Callable[..., Any] | None:
    """What is called with the arguments and returns what the user gets, or raises Retrace; None where there is none.

    `arguments` are position, dtype and ndim of each; those that are not quite so, and those without a dtype, are
    given to `convert`, unless that is None; but numpy's numbers of the dtype are taken as arrays at the positions
    `numbers`. `states` are the containers, of which the `updated` take new values, and
    all of these are given to `restore` if the call fails. `takers` make of each output what the user gets, and `finish`
    of their list, which is None for a single output.

    `program` is the function's, and `compute` what calls it where that takes more than to run an executable.
    """
    if device.swap_x64 is None:
        return None
    single = single_stage(program, compute)
    plain = single.plain if single is not None else {}
    only = next(iter(plain.values())) if len(plain) == 1 else None
    by_numpy = single is not None and single.without_xla
    how = "compute" if not plain else "numpy" if by_numpy else "look up" if only is None else "run"
    known = () if convert is None else arguments
    checked = tuple((None if dtype is None else ndim, ndim == 0 and i in numbers) for i, dtype, ndim in known)
    # numpy's results are nobody else's, and as the user gets them
    taken = tuple(how != "numpy" or not device.copies(taker) for taker in takers)
    inline = single.inline(only) if single is not None and by_numpy and only is not None else None
    if inline is None:
        code = _code(
            len(arguments), checked, len(states), tuple(updated), taken, finish is None, how, single is not None
        )
    else:
        code = _compiled(len(arguments), checked, len(states), updated, taken, finish is None, how, True, inline)
    scope: dict[str, Any] = {
        "device": device, "stage": single, "plain": plain, "run": getattr(only, "call", only), "compute": compute,
        "MISMATCH": MISMATCH if isinstance(only, Loaded) else (), "ndarray": np.ndarray, "asarray": np.asarray,
        "load": load, "hold": hold, "wait_for": device.wait_for, "convert": convert,
        "Retrace": Retrace, "CheckFailed": CheckFailed, "give_back": restore,
        "swap": device.swap_x64, "restore": device.restore_x64, "finish": finish,
        **{f"dtype{i}": dtype for i, dtype, _ in arguments},
        **{f"state{i}": container for i, container in enumerate(states)},
        **{f"take{i}": taker for i, taker in enumerate(takers)},
    }  # fmt: skip
    if inline is not None:
        scope |= inline.scope
    exec(code, scope)
    return scope["call"]  # type: ignore[no-any-return]


def single_stage(program: Any, compute: Any) -> Stage | None:
    """The stage that a call of `compute` is, as far as one can tell: a `program` may have more, or other forms."""
    run: Any = None if getattr(compute, "forms", None) else getattr(compute, "exact", compute)
    return program.single if isinstance(program, Program) and run is program else None


def _compiled(
    arguments: int,
    checked: Sequence[tuple[int | None, bool]],
    states: int,
    updated: Sequence[int],
    taken: Sequence[bool],
    alone: bool,
    how: str,
    staged: bool,
    inline: ByNumpy | None = None,
) -> CodeType:
    """The source, compiled; all that tells functions apart is in its global names, but for what is written inline."""
    names = [f"x{i}" for i in range(arguments)]
    held = [f"state{i}.held" for i in range(states)]
    wrong = ["device.elsewhere is not None"]
    # or there is something shorter by now
    wrong = [*(["plain"] if how == "compute" else []), "stage.plain is not plain", *wrong] if staged else wrong
    results = [*(f"r{i}" for i in range(len(taken))), *(f"new{i}" for i in updated)]
    given_back = [f"take{i}(r{i})" if take else f"r{i}" for i, take in enumerate(taken)]
    given = ", ".join([*names, *held])
    if inline is not None:
        body = _inline(inline, checked, [*names, *held], results)
    else:
        body = [line for i, (ndim, number) in enumerate(checked) for line in _converted(i, ndim, number)]
        body += _computed(given, ", ".join(results), len(taken)) if how == "compute" else _run(given, results, how)
    lines = [
        f"def call({', '.join(names)}):",
        f"    if {' or '.join(wrong)}:",
        "        raise Retrace",
        *(f"    if not state{i}.on_device: {'hold' if how == 'numpy' else 'load'}(state{i})" for i in range(states)),
        *body,
        *(f"    state{i}.held = new{i}" for i in updated),
        *([] if taken or not (updated and names) else [f"    wait_for([{', '.join(results)}], [{', '.join(names)}])"]),
        f"    return {given_back[0]}" if alone else f"    return finish([{', '.join(given_back)}])",
    ]
    return compile("\n".join(lines), "<shortcut>", "exec")


_code = lru_cache(256)(_compiled)


def _inline(
    made: ByNumpy, checked: Sequence[tuple[int | None, bool]], given: Sequence[str], results: Sequence[str]
) -> list[str]:
    """The lines of `made`, after those that take arguments and states as it does; but what is an array of the right
    dtype is not looked at again."""
    lines = []
    for i, (name, taking) in enumerate(zip(given, made.taking, strict=True)):
        ndim, number = checked[i] if i < len(checked) else (None, False)
        if ndim is None:
            lines += [f"    x{i} = {name}"] if name != f"x{i}" else []
            lines += _converted(i, None, False) if i < len(checked) else []
            lines.append(f"    {taking[0]}")
        else:
            lines += [*_converted(i, ndim, number), f"        {taking[0]}"]
    lines.append(f"    {made.refusing}")
    lines += [f"    {line}" for taking in made.taking for line in taking[1:]]
    returned = [f"{name} = {value}" for name, value in zip(results, made.returned, strict=True)]
    return [*lines, *(f"    {line}" for line in quiet([*made.lines, *returned]))]


def _converted(i: int, ndim: int | None, number: bool) -> list[str]:
    lines = [f"    x{i} = convert({i}, x{i})"]
    if ndim is None:
        return lines
    taken = [f"    if type(x{i}) is dtype{i}.type:", f"        x{i} = asarray(x{i})"] if number else []
    wrong = f"type(x{i}) is not ndarray or x{i}.dtype is not dtype{i} or x{i}.ndim != {ndim}"
    return [*taken, f"    {'elif' if taken else 'if'} {wrong}:", f"    {lines[0]}"]


def _run(given: str, names: Sequence[str], how: str) -> list[str]:
    results = ", ".join(names)
    shapes = "".join(f"{name}.shape, " for name in given.split(", ") if name)
    find = [f"    run = plain.get(({shapes}))", "    if run is None:", "        raise Retrace"]
    if how == "numpy":
        return [*find, f"    [{results}] = run({given})"]
    return [
        *(find if how == "look up" else []),
        "    saved = swap(True)",
        "    try:",
        f"        [{results}] = run({given})",
        "    except MISMATCH:",
        "        raise Retrace from None",
        "    finally:",
        "        restore(saved)",
    ]


def _computed(given: str, results: str, outputs: int) -> list[str]:
    return [
        "    try:",
        f"        [{results}] = compute([{given}])",
        "    except CheckFailed as stop:",
        f"        give_back(stop.results[{outputs}:])",
        "        raise stop.error from None",
    ]


__all__ = ["shortcut"]
