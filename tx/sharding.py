"""Meshes of devices, and how values lie on them, as plain data: nothing here knows a device.

A spec says for the axes of a value, from the first on, along which axis of the mesh each is divided: the name of one,
a tuple of names, or None. Axes that it does not mention are not divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

Spec = tuple[Any, ...]

#: the meshes of the ``with`` blocks that are open, below them one that holds everywhere
_entered: list[Mesh] = []


@dataclass(frozen=True)
class Mesh:
    """Devices in a grid with named axes. ``with mesh:`` makes it that of all functions and shared variables inside.

    `devices` are the numbers of the devices, None for the first ones of the `platform` (None: the default one). An
    `abstract` mesh has none: functions can be lowered for it, not called. With `automatic`, inputs of functions are
    divided along the first axis of the mesh wherever their leading size allows.
    """

    axes: tuple[tuple[str, int], ...]
    platform: str | None = None
    devices: tuple[int, ...] | None = None
    abstract: bool = False
    automatic: bool = False

    @property
    def shape(self) -> dict[str, int]:
        """The length of each axis."""
        return dict(self.axes)

    @property
    def size(self) -> int:
        """How many devices there are."""
        return prod(n for _, n in self.axes)

    def __enter__(self) -> Mesh:
        _entered.append(self)
        return self

    def __exit__(self, *exception: Any) -> None:
        _entered.remove(self)

    def __str__(self) -> str:
        return ", ".join(f"{name}={n}" for name, n in self.axes)

    def parts(self, names: Any) -> int:
        """Into how many parts an axis is divided that lies along these axes of the mesh.

        Raises ValueError for an axis that the mesh does not have.
        """
        count = 1
        for name in names_of(names):
            if name not in self.shape:
                raise ValueError(f"the mesh ({self}) has no axis {name!r}")
            count *= self.shape[name]
        return count

    def misfit(self, spec: Spec, shape: Sequence[int]) -> str | None:
        """Why a value of this shape cannot be divided so; None if it can."""
        for axis, (names, n) in enumerate(zip(spec, shape, strict=False)):
            if n % self.parts(names):
                along = " and ".join(map(repr, names_of(names)))
                return (
                    f"its axis {axis} has length {n}, which cannot be divided evenly along {along} of the mesh ({self})"
                )
        return None


@dataclass(frozen=True)
class Sharding:
    """How a shared variable lies on a mesh; without one, on that of the function that uses it."""

    spec: Spec
    mesh: Mesh | None = None


def names_of(entry: Any) -> tuple[str, ...]:
    """The axes of the mesh that one entry of a spec names."""
    return () if entry is None else (entry,) if isinstance(entry, str) else tuple(entry)


def current() -> Mesh | None:
    """The mesh of the innermost open block, or the one that holds everywhere."""
    return _entered[-1] if _entered else None


def use_everywhere(mesh: Mesh) -> None:
    """Let `mesh` hold wherever no other one is given."""
    _entered.insert(0, mesh)


def checked_spec(spec: Any, ndim: int, mesh: Mesh | None = None) -> Spec:
    """`spec`, a name standing for the first axis, as a tuple.

    Raises TypeError for what is no spec, ValueError for one with more entries than `ndim`, for an axis that is named
    twice, and for one that the `mesh` does not have.
    """
    entries = (spec,) if spec is None or isinstance(spec, str) else spec
    if not isinstance(entries, tuple | list):
        raise TypeError(f"a sharding is a name of an axis of the mesh, or a tuple of names and None, not {spec!r}")
    found = tuple(tuple(e) if isinstance(e, tuple | list) else e for e in entries)
    names = [name for e in found for name in names_of(e)]
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"a sharding has names of axes of the mesh, tuples of them, and None, not {spec!r}")
    if len(found) > ndim and not (ndim == 0 and found == (None,)):
        raise ValueError(f"the sharding {spec!r} has {len(found)} entries, for a value with {ndim} axes")
    if len(set(names)) < len(names):
        raise ValueError(f"the sharding {spec!r} names an axis of the mesh twice")
    if mesh is not None:
        mesh.parts(names)
    return found[:ndim]


__all__ = ["Mesh", "Sharding", "Spec", "checked_spec", "current", "names_of", "use_everywhere"]
