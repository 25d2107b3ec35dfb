"""How long compiling takes. jax reports what it does; the report belongs to the trace that was made last."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import jax

from tx.configuration import config

#: with `config.verbose`, compilations that take longer than this many seconds are told of
_LONG = 2.0


@dataclass
class Times:
    """Seconds that one executable took: to rewrite its graph, to trace it (down to StableHLO), to compile it."""

    name: str
    rewriting: float = 0.0
    tracing: float = 0.0
    xla: float = 0.0

    @property
    def total(self) -> float:
        """All of it."""
        return self.rewriting + self.tracing + self.xla

    def line(self) -> str:
        """In one line, for people who wait."""
        parts = f"rewriting {self.rewriting:.1f} s, tracing {self.tracing:.1f} s, XLA {self.xla:.1f} s"
        return f"tx: compiling {self.name} took {self.total:.1f} s ({parts})"


_latest: Times | None = None
#: seconds of tracing and XLA in this process
_spent = 0.0


def spent() -> float:
    """The seconds that tracing and XLA have taken in this process so far."""
    return _spent


def traced(times: Times, seconds: float) -> None:
    """A trace took so long; what jax reports next belongs to it, up to the end of XLA's work."""
    global _latest, _spent
    times.tracing += seconds
    _spent += seconds
    _latest = times


def loaded(seconds: float) -> None:
    """An executable was found in so long: that is all there is to the trace that was made last."""
    if _latest is not None:
        _made(_latest, seconds)


def _made(times: Times, seconds: float) -> None:
    global _latest, _spent
    times.xla += seconds
    _spent += seconds
    _latest = None
    if config.verbose and times.total > _LONG:
        print(times.line(), file=sys.stderr)


def lost(seconds: float) -> None:
    """A trace took so long, and was of no use."""
    global _spent
    _spent += seconds


def _listen(event: str, duration: float, **_: Any) -> None:
    global _spent
    times = _latest
    if times is None:
        return
    if event.endswith("jaxpr_to_mlir_module_duration"):
        times.tracing += duration
        _spent += duration
    elif event.endswith("backend_compile_duration"):
        _made(times, duration)


jax.monitoring.register_event_duration_secs_listener(_listen)
