"""What jax and XLA make of a stage, step by step: jaxpr, StableHLO, the optimised program and its costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import jax

from tx.lowering.device import x64
from tx.lowering.specialize import Specialization, Stage


class Part:
    """One executable of a function. Its texts are made when they are asked for: the optimised one takes a compilation.

    `platform` ('cpu', 'cuda', 'rocm', 'tpu') says what StableHLO is for; by default for the devices that are here.
    Another one than that is not compiled, nor for an abstract mesh: `hlo` and `costs` are None.
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
        return [str(check.node) for check in self.made.checks]

    @contextmanager
    def _again(self) -> Iterator[None]:
        """For tracing once more, as for the call that it was made for; nothing that is noted then stays."""
        stage = self.stage
        kept = list(stage.specializations)
        values: list[Any] = [self.made.known.get(i) for i in range(len(stage.layout.inputs))]
        with x64(), stage.tracing(values if self.made.known else ()):
            try:
                yield
            finally:
                stage.specializations[:] = kept

    @cached_property
    def _traced(self) -> Any:
        dtypes = [v.type.dtype for v in self.stage.layout.inputs]
        arguments = [jax.ShapeDtypeStruct(s, d) for s, d in zip(self.made.shapes, dtypes, strict=True)]
        with self._again():
            return (self.made.jitted or self.stage.jitted).trace(*arguments)

    @cached_property
    def _lowered(self) -> Any:
        with self._again():
            return self._traced.lower(lowering_platforms=(self.platform,)) if self.platform else self._traced.lower()

    @cached_property
    def _compiled(self) -> Any:
        if self._abstract or self.platform not in (None, jax.default_backend()):
            return None
        with self._again():
            return self._lowered.compile()

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
        """XLA's count of ``'flops'``, and of ``'bytes'`` that are read and written, for one run."""
        if self._compiled is None:
            return None
        found = self._compiled.cost_analysis() or {}
        found = found[0] if isinstance(found, list) else found
        return {"flops": found.get("flops", 0.0), "bytes": found.get("bytes accessed", 0.0)}


__all__ = ["Part"]
