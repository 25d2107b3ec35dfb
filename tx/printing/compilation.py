"""`stages`: a function at each stage on its way from the graph to the executable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.printing.tree import debugprint

_PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


class Stages:
    """A function on its way: `graph` as it was written, `rewritten`, and a part for each of its executables.

    A part has `shapes`, `guards`, `checks`, and, made when they are asked for, `jaxpr`, `stablehlo`, `hlo` (optimised),
    `costs`, `transfers` (what crosses between host and device), `host_calls` and `warnings` (what is slow on that
    platform); and `source`, the Python function that runs in its place where numpy computes it, because arrays are
    small. ``str`` shows all of it; `summary` leaves the texts of the parts out. `on_host` are the nodes that only the
    host can run, between the executables.
    """

    def __init__(self, name: str, graph: str, rewritten: str, parts: list[Any], on_host: Sequence[str] = ()):
        self.name, self.graph, self.rewritten, self.parts = name, graph, rewritten, parts
        self.on_host = list(on_host)

    def _only(self) -> Any:
        if len(self.parts) != 1:
            raise ValueError(f"{self.name} has {len(self.parts)} executables: ask one of `parts`")
        return self.parts[0]

    # Of a function with a single executable
    jaxpr = property(lambda self: self._only().jaxpr, doc="The jaxpr of the only part.")
    stablehlo = property(lambda self: self._only().stablehlo, doc="The StableHLO of the only part.")
    hlo = property(lambda self: self._only().hlo, doc="The optimised HLO of the only part.")
    source = property(lambda self: self._only().source, doc="What numpy computes in place of the only part, or None.")
    costs = property(lambda self: self._only().costs, doc="Flops and bytes of the only part.")
    transfers = property(lambda self: self._only().transfers, doc="What crosses at each run of the only part.")

    @property
    def host_calls(self) -> list[str]:
        """What calls the host while an executable runs."""
        return [call for part in self.parts for call in part.host_calls]

    @property
    def warnings(self) -> list[str]:
        """What will be slow on the platform, of all parts."""
        return list(dict.fromkeys(warning for part in self.parts for warning in part.warnings))

    @property
    def summary(self) -> str:
        """What executables there are, why, what they cost, and what an accelerator will not like."""
        between = [f"  runs on the host: {node}" for node in self.on_host]
        return "\n".join([f"{self.name}: {len(self.parts)} executable(s)", *map(_heading, self.parts), *between])

    def __str__(self) -> str:
        sections = [(f"Graph of {self.name}", self.graph), ("Rewritten graph", self.rewritten)]
        for number, part in enumerate(self.parts, 1):
            sections.append((f"Executable {number} of {len(self.parts)}", _heading(part)))
            if part.source is not None:
                sections.append(("By numpy", part.source))
            target = f" for {part.platform}" if part.platform else ""
            sections += [("jaxpr", part.jaxpr), (f"StableHLO{target}", _lowered(part))]
            if part.hlo is not None:
                sections.append(("Optimised HLO", part.hlo))
        return "\n".join(f"===== {title} =====\n{text.rstrip()}\n" for title, text in sections)

    __repr__ = __str__


def _lowered(part: Any) -> str:
    try:
        return str(part.stablehlo)
    except ValueError as error:
        return f"none: {error}"


def _heading(part: Any) -> str:
    lines = [", ".join(f"{name}: {dtype}{list(shape)}" for name, dtype, shape in part.shapes) or "no inputs"]
    lines += [f"made for {what} = {answer}" for what, answer in part.guards]
    lines += [f"checks {node}" for node in part.checks]
    if (costs := part.costs) is not None:
        loops = ", with one step of each loop" if part.loops else ""
        when = ", counted before XLA optimises" if part.foreign else ""
        lines.append(f"{costs['flops']:,.0f} flops, {costs['bytes']:,.0f} bytes read and written{when}{loops}")
    if part.source is not None:
        lines.append("computed by numpy, on the host: arrays are small")
    for way, moved in part.transfers.items() if part.source is None else ():
        if moved:
            names = ", ".join(name for name, _ in moved)
            lines.append(f"each run moves {sum(n for _, n in moved):,} bytes {way} the device: {names}")
    lines += [f"calls the host: {call}" for call in part.host_calls]
    lines += [f"warning: {warning}" for warning in part.warnings]
    return "\n".join(f"  {line}" for line in lines)


def stages(function: Any, *arguments: Any, platform: str | None = None) -> Stages:
    """A compiled function at each stage: graph, rewritten graph, and for each executable its jaxpr, StableHLO,
    optimised HLO, and how many flops and bytes it takes.

    The executables are those that its calls have made so far. With `arguments`, one for each input, it is what a call
    with these would make; no shared variable changes. `platform` ('tpu', 'cuda', 'rocm') makes it a report for devices
    that need not be here: StableHLO, which is not optimised then, flops and bytes before optimisation, what crosses
    between host and device, what calls the host, and warnings of what is slow there.

    Raises ValueError when there is no executable yet and no arguments were given, or for another platform, TypeError
    for wrong arguments.
    """
    platform = "cuda" if platform == "gpu" else platform
    if platform not in (None, *_PLATFORMS):
        raise ValueError(f"no platform {platform!r}: there are {', '.join(_PLATFORMS)}")
    program, *padded = function.programs
    if arguments or not program.arguments:
        program, padded = function.maker.make_program(), []
        program.try_out(arguments, [container.value for container in function.maker.containers])
    parts = [part for made in (program, *padded) for part in made.parts(platform)]
    if not parts:
        raise ValueError(f"{function.name} was not called yet: give arguments, one for each input")
    graph = debugprint(function.maker.originals, file="str")
    return Stages(function.name, graph, debugprint(function, file="str"), parts, program.on_host)


__all__ = ["Stages", "stages"]
