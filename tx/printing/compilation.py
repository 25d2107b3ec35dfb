"""`stages`: a function at each stage on its way from the graph to the executable."""

from __future__ import annotations

from typing import Any

from tx.printing.tree import debugprint


class Stages:
    """A function on its way: `graph` as it was written, `rewritten`, and a part for each of its executables.

    A part has `shapes`, `guards`, `checks`, and, made when they are asked for, `jaxpr`, `stablehlo`, `hlo` (optimised)
    and `costs`. ``str`` shows all of it; `summary` leaves the texts of the parts out.
    """

    def __init__(self, name: str, graph: str, rewritten: str, parts: list[Any]):
        self.name, self.graph, self.rewritten, self.parts = name, graph, rewritten, parts

    def _only(self) -> Any:
        if len(self.parts) != 1:
            raise ValueError(f"{self.name} has {len(self.parts)} executables: ask one of `parts`")
        return self.parts[0]

    # Of a function with a single executable
    jaxpr = property(lambda self: self._only().jaxpr, doc="The jaxpr of the only part.")
    stablehlo = property(lambda self: self._only().stablehlo, doc="The StableHLO of the only part.")
    hlo = property(lambda self: self._only().hlo, doc="The optimised HLO of the only part.")
    costs = property(lambda self: self._only().costs, doc="Flops and bytes of the only part.")

    @property
    def summary(self) -> str:
        """What executables there are, why, and what they cost."""
        return "\n".join([f"{self.name}: {len(self.parts)} executable(s)", *map(_heading, self.parts)])

    def __str__(self) -> str:
        sections = [(f"Graph of {self.name}", self.graph), ("Rewritten graph", self.rewritten)]
        for number, part in enumerate(self.parts, 1):
            sections.append((f"Executable {number} of {len(self.parts)}", _heading(part)))
            target = f" for {part.platform}" if part.platform else ""
            sections += [("jaxpr", part.jaxpr), (f"StableHLO{target}", part.stablehlo)]
            if part.hlo is not None:
                sections.append(("Optimised HLO", part.hlo))
        return "\n".join(f"===== {title} =====\n{text.rstrip()}\n" for title, text in sections)

    __repr__ = __str__


def _heading(part: Any) -> str:
    lines = [", ".join(f"{name}: {dtype}{list(shape)}" for name, dtype, shape in part.shapes) or "no inputs"]
    lines += [f"made for {what} = {answer}" for what, answer in part.guards]
    lines += [f"checks {node}" for node in part.checks]
    if part.costs is not None:
        lines.append(f"{part.costs['flops']:,.0f} flops, {part.costs['bytes']:,.0f} bytes read and written")
    return "\n".join(f"  {line}" for line in lines)


def stages(function: Any, *arguments: Any, platform: str | None = None) -> Stages:
    """A compiled function at each stage: graph, rewritten graph, and for each executable its jaxpr, StableHLO,
    optimised HLO, and how many flops and bytes it takes.

    The executables are those that its calls have made so far. With `arguments`, one for each input, it is what a call
    with these would make; no shared variable changes. `platform` ('tpu', 'cuda', ...) gives the StableHLO for devices
    that need not be here, which is not optimised then.

    Raises ValueError when there is no executable yet and no arguments were given, TypeError for wrong arguments.
    """
    program = function.program
    if arguments or not program.arguments:
        program = function.maker.make_program()
        program.try_out(arguments, [container.value for container in function.maker.containers])
    parts = program.parts(platform)
    if not parts:
        raise ValueError(f"{function.name} was not called yet: give arguments, one for each input")
    graph = debugprint(function.maker.originals, file="str")
    return Stages(function.name, graph, debugprint(function, file="str"), parts)


__all__ = ["Stages", "stages"]
