"""The values that a function holds between calls, found by name, Variable or position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.lowering.device import placed
from tx.lowering.devices import home
from tx.shared import Container


def load(container: Container) -> None:
    """Make what a container holds ready for functions: an array on the device is tx's own, to be updated in place."""
    container.settle()
    if not container.on_device:
        device = container.target and home(container.target)
        container.held = placed(container.type, container.held, device, container.own)
        container.on_device, container.own = True, False


def hold(container: Container) -> None:
    """As `load`, for functions that numpy computes: they take arrays as they lie on the host."""
    if container.type.on_host:
        load(container)
        return
    container.settle()
    if not container.on_device:
        container.held = container.held if container.own else np.array(container.held)
        container.on_device, container.own = True, False


class Containers:
    """The cells of a function's inputs and shared variables: ``f.container['x']``.

    Raises KeyError for what the function does not have, TypeError for a name that several inputs bear.
    """

    def __init__(self, variables: Sequence[Any], names: Sequence[str | None], cells: Sequence[Container]):
        self._cells: dict[Any, list[Container]] = {}
        for i, (variable, name, cell) in enumerate(zip(variables, names, cells, strict=True)):
            for key in {i, variable, name} - {None}:
                self._cells.setdefault(key, []).append(cell)

    def __getitem__(self, item: Any) -> Container:
        found = self._cells[item]
        if len(found) > 1:
            raise TypeError(f"Ambiguous name: {item} - please check the names of the inputs of your function.")
        return found[0]

    def __contains__(self, item: Any) -> bool:
        return item in self._cells

    def __len__(self) -> int:
        return sum(isinstance(key, int) for key in self._cells)


class Values:
    """The values of these cells: ``f.value['x']``. What is assigned must be of the input's type.

    Raises TypeError for what the function does not have.
    """

    def __init__(self, containers: Containers):
        self._containers = containers

    def _cell(self, item: Any) -> Container:
        try:
            return self._containers[item]
        except KeyError:
            raise TypeError(f"Unknown input or state: {item}") from None

    def __getitem__(self, item: Any) -> Any:
        return self._cell(item).value

    def __setitem__(self, item: Any, value: Any) -> None:
        self._cell(item).value = value

    def __contains__(self, item: Any) -> bool:
        return item in self._containers
