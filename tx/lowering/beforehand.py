"""What a host call needs to know and the host can find out by itself: from arguments and shapes, without an executable.

Such are the size of a draw, its bounds, a probability. What the device must compute is left to a stage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import jax
import numpy as np

from tx.graph import Constant, Variable, walk
from tx.lowering.device import in_x64
from tx.lowering.host import MOST_ELEMENTS, OF_SHAPE, HostValues, Unknown, compile_closure
from tx.lowering.trace import Guard, NeedStage, Retrace, Trace

#: for other answers of guards than the last so many ones, it is worked out anew
MOST_CLOSURES = 64


Closure = Callable[[Sequence[Any]], list[np.ndarray]]


class Beforehand:
    """Computes `outputs` with numpy. Called with values of `inputs`.

    The host can read those in `readable`; shapes may depend on the values of those in `deciding`.
    Raises NeedStage with the outputs that it cannot compute.
    """

    def __init__(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        readable: Collection[Variable],
        deciding: Collection[Variable],
    ):
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.readable, self.deciding = readable, deciding
        self.positions = {v: i for i, v in enumerate(inputs)}
        #: by the shapes of the inputs: how the outputs are found, while the answers to some guards are what they were
        self.closures: dict[Any, list[tuple[list[Guard], Closure]]] = {}

    def __call__(self, values: Sequence[Any]) -> list[np.ndarray]:
        """The outputs: small arrays."""
        known = self.closures.setdefault(tuple([v.shape for v in values]), [])
        for guards, closure in known:
            if all(g.closure(values) == g.answer for g in guards):
                return closure(values)
        guards, closure = self._closure(values)
        del known[MOST_CLOSURES:]
        known.insert(0, (guards, closure))
        return closure(values)

    def _closure(self, values: Sequence[Any]) -> tuple[list[Guard], Closure]:
        shapes, guards = self._shapes(values)
        host = HostValues({v: values[self.positions[v]] for v in self.readable}, shapes.get)
        unknown = [v for v in self.outputs if not _found(host, v)]
        if unknown:
            raise NeedStage(unknown)
        dtypes = [v.type.dtype for v in self.outputs]

        def arrays(*found: Any) -> list[np.ndarray]:
            return [np.asarray(x, dtype) for x, dtype in zip(found, dtypes, strict=True)]

        return guards, compile_closure(arrays, self.outputs, host, self.positions)

    def _shapes(self, values: Sequence[Any]) -> tuple[dict[Variable, Any], list[Guard]]:
        """The shapes that the outputs depend on, as far as the host can know them, and what they rely on."""
        asked = [n.inputs[0] for n in walk.toposort(self.outputs, self.inputs) if type(n.op) in OF_SHAPE]
        shapes: dict[Variable, Any] = {v: np.shape(v.data) for v in asked if isinstance(v, Constant)}
        shapes.update({v: np.shape(values[i]) for v, i in self.positions.items()})
        missing = [v for v in asked if v not in shapes]
        traces = [self._traced(missing, values)]
        if traces == [None]:
            traces = [self._traced([v], values) for v in missing]
        guards: list[Guard] = []
        for trace in filter(None, traces):
            guards += trace.guards
            shapes.update({v: tuple(trace.values[v].shape) for v in missing if v in trace.values})
        return shapes, guards

    def _traced(self, variables: Sequence[Variable], values: Sequence[Any]) -> Trace | None:
        """A trace that knows the shapes of `variables`; None where the device has to compute something first."""
        nodes = walk.toposort(variables, self.inputs)
        arguments = {v: values[self.positions[v]] for v in self.deciding}
        trace = Trace(self.positions, arguments, nodes=nodes)

        def run(*tracers: Any) -> None:
            trace.values.update(zip(self.inputs, tracers, strict=True))
            for node in nodes:
                trace.lower(node)

        try:
            in_x64(jax.eval_shape, [run, *values])
        except Retrace:
            return None
        return trace


def _found(host: HostValues, variable: Variable) -> bool:
    """Whether the host knows the value, having computed nothing large."""
    before = set(host.values)
    try:
        host.value(variable)
    except Unknown:
        return False
    return all(np.size(x) <= MOST_ELEMENTS for v, x in host.values.items() if v not in before and v.owner is not None)
