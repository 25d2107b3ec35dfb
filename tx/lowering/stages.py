"""What jax and XLA make of a stage, step by step: jaxpr, StableHLO, the optimised program and its costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import jax

from tx.lowering import devices, inspection
from tx.lowering.device import x64
from tx.lowering.executables import Specialization
from tx.lowering.handover import Handover
from tx.lowering.specialize import Stage
from tx.lowering.windows import Window
from tx.printing import Print
from tx.tensor.copies import stays


class Part:
    """One executable of a function. Its texts are made when they are asked for: the optimised one takes a compilation.

    `platform` ('cpu', 'cuda', 'rocm', 'tpu') says what StableHLO is for; by default for the devices that are here.
    Another one than that is not compiled, nor for an abstract mesh: `hlo` is None, and `costs` are those of what XLA is
    given.
    """

    def __init__(self, stage: Stage, made: Specialization, platform: str | None = None):
        self.stage, self.made, self.platform = stage, made, platform
        if platform is None and self._abstract:
            self.platform = stage.plan.mesh.platform or jax.default_backend()

    @property
    def _abstract(self) -> bool:
        return self.stage.plan is not None and self.stage.plan.mesh.abstract

    @property
    def shapes(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """(name, dtype, shape) of each input."""
        names = [v.name or str(v.type) for v in self.stage.layout.inputs]
        dtypes = [str(v.type.dtype) for v in self.stage.layout.inputs]
        return list(zip(names, dtypes, self.made.shapes, strict=True))

    @property
    def guards(self) -> list[tuple[str, Any]]:
        """(what it depends on, answer) of each question whose answer it was traced for."""
        return [(", ".join(map(str, g.variables)), g.answer) for g in self.made.guards]

    @property
    def checks(self) -> list[str]:
        """The nodes with a check that is made at run time."""
        return [str(check.node) for check in self.made.checks if check.node is not None]

    @contextmanager
    def _again(self) -> Iterator[None]:
        """For tracing once more, as for the call that it was made for; nothing that is noted then stays."""
        stage = self.stage
        kept = list(stage.specializations)
        values: list[Any] = [self.made.known.get(i) for i in range(len(stage.layout.inputs))]
        with x64(), stage.tracing(values if self.made.known else (), Handover(self._windows)):
            try:
                yield
            finally:
                stage.specializations[:] = kept

    @cached_property
    def _traced(self) -> Any:
        dtypes = [v.type.dtype for v in self.stage.layout.inputs]
        arguments = [jax.ShapeDtypeStruct(s, d) for s, d in zip(self.made.shapes, dtypes, strict=True)]
        if self.stage.deferral is not None:
            arguments.append(jax.ShapeDtypeStruct((2,), "int64"))
        arguments += [jax.ShapeDtypeStruct(w.shape, w.node.outputs[0].type.dtype) for w in self._windows]
        with self._again():
            # what was traced for here may be no good for another platform
            jitted = self.stage.new_jit() if self.foreign else self.made.jitted or self.stage.new_jit()
            return jitted.trace(*arguments)

    @property
    def _windows(self) -> tuple[Window, ...]:
        """The parts of inputs that it is given; another platform cuts them out."""
        return () if self.foreign else self.made.handover.windows

    @property
    def foreign(self) -> bool:
        """Whether it is for a platform that is not here."""
        here = (None, jax.default_backend(), devices.default().client.platform)
        return self._abstract or self.platform not in here

    @cached_property
    def _lowered(self) -> Any:
        if self.foreign and self.host_calls:
            raise ValueError(
                f"{', '.join(self.host_calls)} calls the host: it is lowered for {self.platform} only there"
            )
        with self._again():
            return self._traced.lower(lowering_platforms=(self.platform,)) if self.platform else self._traced.lower()

    @cached_property
    def _compiled(self) -> Any:
        if self.foreign:
            return None
        with self._again():
            return self._lowered.compile()

    @cached_property
    def host_calls(self) -> list[str]:
        """What calls the host while the executable runs: the nodes that asked for it."""
        called = inspection.host_calls(self._traced.jaxpr)
        nodes = [str(n) for n in self.stage.layout.nodes if isinstance(n.op, Print)]
        return (nodes or called) if called else []

    @property
    def loops(self) -> bool:
        """Whether there is a loop in it."""
        return "stablehlo.while" in self.stablehlo

    @property
    def warnings(self) -> list[str]:
        """What will be slow on the platform: float64 where there is none, indices of 64 bits in loops."""
        layout = self.stage.layout
        text = "" if self.foreign and self.host_calls else self.stablehlo
        platform = self.platform or devices.default().client.platform
        return inspection.advice(platform, layout.inputs, layout.nodes, text)

    @property
    def transfers(self) -> dict[str, list[tuple[str, int]]]:
        """Name and bytes of what each run takes from the host (``'to'``) and what it gives back (``'from'``).

        Shared variables and outputs that stay (`Out`) do not move.
        """
        layout = self.stage.layout
        dtypes = [v.type.dtype for v in layout.inputs]
        resident = {*layout.updates.values(), *(i for i, v in enumerate(layout.inputs) if hasattr(v, "container"))}
        to = [
            (v.name or str(v.type), inspection.nbytes(shape, dtype))
            for i, (v, shape, dtype) in enumerate(zip(layout.inputs, self.made.shapes, dtypes, strict=True))
            if i not in resident
        ]
        given = jax.tree.leaves(self._traced.out_info)
        back = [
            (v.name or str(v), inspection.nbytes(o.shape, o.dtype))
            for i, (v, o) in enumerate(zip(layout.outputs, given, strict=False))
            if i not in layout.updates and not stays(v)
        ]
        return {"to": to, "from": back}

    @property
    def source(self) -> str | None:
        """The Python function that runs here, where numpy computes it; None where XLA does."""
        return None if self.foreign else getattr(self.made.instead, "source", None)

    @property
    def jaxpr(self) -> str:
        """What was traced, as jax prints it."""
        return str(self._traced.jaxpr)

    @property
    def stablehlo(self) -> str:
        """What XLA is given."""
        text: str = self._lowered.as_text()
        return text

    @property
    def hlo(self) -> str | None:
        """What XLA makes of it: the optimised program that runs."""
        text: str | None = None if self._compiled is None else self._compiled.as_text()
        return text

    @property
    def costs(self) -> dict[str, float] | None:
        """XLA's count of ``'flops'``, and of ``'bytes'`` read and written, for one run (and one step of a loop).

        For a platform that is not here they are counted before XLA optimises: then operations are not fused yet, and
        there are more bytes. None for a program that calls the host and cannot be lowered here.
        """
        if self.foreign and self.host_calls:
            return None
        with self._again():
            found = (self._lowered if self._compiled is None else self._compiled).cost_analysis() or {}
        found = found[0] if isinstance(found, list) else found
        return {"flops": found.get("flops", 0.0), "bytes": found.get("bytes accessed", 0.0)}


__all__ = ["Part"]
