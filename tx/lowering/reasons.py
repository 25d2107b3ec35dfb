"""Why a function has the executables that it has."""

from __future__ import annotations

from typing import Any

from tx.lowering.executables import Specialization
from tx.lowering.specialize import Stage


def reasons(program: Any) -> list[tuple[Specialization, str]]:
    """Each specialisation of a program and of its padded forms, and why it was made."""
    found = _of_stages(getattr(program, "exact", program), "")
    for form in getattr(program, "padded", []):
        found += _of_stages(form, "padded, ")
    return found


def _of_stages(program: Any, form: str) -> list[tuple[Specialization, str]]:
    stages: list[Stage] = getattr(program, "stages", [])
    several = len(stages) > 1
    found = []
    for number, stage in enumerate(stages, 1):
        where = form + (f"part {number} of {len(stages)}, " if several else "")
        for i, made in enumerate(stage.specializations):
            found.append((made, where + _reason(stage, made, stage.specializations[:i])))
    return found


def _reason(stage: Stage, made: Specialization, before: list[Specialization]) -> str:
    if not before:
        return "the first call"
    same = [s for s in before if s.shapes == made.shapes]
    if not same:
        return f"other shapes: {_shapes(stage, made, before[-1])}"
    for earlier in reversed(same):
        known = {g.variables: g.answer for g in earlier.guards}
        for guard in made.guards:
            if guard.variables in known and known[guard.variables] != guard.answer:
                asked = ", ".join(map(str, guard.variables))
                return f"another size: {asked} gives {guard.answer}, was {known[guard.variables]}"
    return "other dtypes, other devices, or it had been forgotten"


def _shapes(stage: Stage, made: Specialization, last: Specialization) -> str:
    changed = [
        f"{variable} is {now}, was {then}"
        for variable, now, then in zip(stage.layout.inputs, made.shapes, last.shapes, strict=True)
        if now != then
    ]
    return ", ".join(changed)
