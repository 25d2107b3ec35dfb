"""Programs on several devices: where each value is computed, and where a program is cut for that.

Shared variables lie on the devices of their targets, `transfer` says where its result lies, and an Op runs where the
first of its inputs lies, any other device before the CPU. What depends on arguments alone is computed where it is used.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tx.graph import Apply, Constant, Variable
from tx.lowering import devices
from tx.lowering.device import in_x64, x64
from tx.tensor.transfers import Transfer, origin


class Placement:
    """The devices of a program's Variables. False when all are where functions run anyway."""

    def __init__(self, inputs: Sequence[Variable], order: Sequence[Apply], results: Sequence[Variable], outputs: int):
        self.default = devices.default()
        self._of = _assigned(inputs, order)
        if all(device == self.default for device in self._of.values()):
            self._of = {}
        self._results, self._first = list(results), outputs
        #: where new states are made from their old ones, in place
        self.main = self._main()
        self.crossings = self._crossing(order) if self._of else set()

    def __bool__(self) -> bool:
        return bool(self._of)

    def device(self, variable: Variable) -> Any:
        """Where a Variable is computed."""
        return self._of.get(variable, self.default)

    def _main(self) -> Any:
        """The device of most updates, or of most outputs where there are no updates."""
        made = [v for v in self._results[self._first :] or self._results if v.owner is not None]
        return Counter(map(self.device, made)).most_common(1)[0][0] if made else self.default

    def _crossing(self, order: Sequence[Apply]) -> set[Variable]:
        """What is read on another device than that on which it is computed, or is a result of another than `main`."""
        read = [(v, self.device(node.outputs[0])) for node in order for v in node.inputs]
        read += [(v, self.main) for v in self._results]
        return {v for v, there in read if v.owner is not None and self.device(v) != there and not v.type.on_host}

    def returned(self, values: Sequence[Any], states: Sequence[Variable]) -> list[Any]:
        """Results of which the last are new values of `states`: each on the device of its state, in its own buffer."""
        new, seen = list(values), set()
        for i, state in enumerate(states, self._first):
            if isinstance(new[i], jax.Array):
                moved = _put([new[i]], devices.home(origin(state)))[0]
                new[i] = in_x64(jnp.copy, [moved]) if id(new[i]) in seen else moved
                seen.add(id(values[i]))
        return new


def _assigned(inputs: Sequence[Variable], order: Sequence[Apply]) -> dict[Variable, Any]:
    """The devices of Variables that have a certain one."""
    cpu, found = devices.home("cpu"), {}
    for v in inputs:
        target = origin(v)
        if target is not None or hasattr(v, "container"):
            found[v] = devices.home(target)
    if not any(d != devices.default() for d in found.values()) and not any(isinstance(n.op, Transfer) for n in order):
        return {}
    for node in order:
        known = [found[v] for v in node.inputs if v in found]
        if isinstance(node.op, Transfer):
            known = [devices.home(node.op.target)]
        if known:
            device = next((d for d in known if d != cpu), known[0])
            found.update(dict.fromkeys(node.outputs, device))
    wanted: dict[Variable, Any] = {}
    for node in reversed(order):
        if node.outputs[0] not in found:
            device = next((wanted[v] for v in node.outputs if v in wanted), None)
            if device is not None:
                found.update(dict.fromkeys(node.outputs, device))
        for v in node.inputs if node.outputs[0] in found else ():
            if v.owner is not None and not isinstance(v, Constant):
                wanted.setdefault(v, found[node.outputs[0]])
    return found


def _put(values: Sequence[Any], device: Any) -> list[Any]:
    with x64():
        return list(jax.device_put(list(values), device))


def moved(values: Sequence[Any], device: Any) -> list[Any]:
    """`values` on this device; what the host holds in copies, for its owner may write on before they are read."""
    return _put([v if isinstance(v, jax.Array) else np.array(v) for v in values], device)


__all__ = ["Placement", "moved"]
