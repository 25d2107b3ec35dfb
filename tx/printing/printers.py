"""How a user may have Ops written in formulas: printers, to be assigned with ``pprint.assign(what, printer)``.

A printer has ``process(variable, state)``, which returns a text; ``state.pprinter.process(v, state)`` gives that of
another Variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tx.printing.forms import form, leaf_text


@dataclass
class PrinterState:
    """What a printer is handed besides the Variable: the `PPrinter` that calls it."""

    pprinter: Any = None


def _inputs(output: Any, state: PrinterState) -> list[str]:
    return [state.pprinter.process(v, state) for v in form(output).children]


class OperatorPrinter:
    """``(a op b)``, or ``(op a)`` for one input. Parentheses are always written: `precedence` says nothing.

    `assoc` is 'left', 'right' or 'either'; AssertionError for anything else.
    """

    def __init__(self, operator: str, precedence: int, assoc: str = "left"):
        if assoc not in ("left", "right", "either"):
            raise AssertionError(f"assoc must be 'left', 'right' or 'either', not {assoc!r}")
        self.operator, self.precedence, self.assoc = operator, precedence, assoc

    def process(self, output: Any, state: PrinterState) -> str:
        """The text. Raises TypeError for what no Op computes."""
        if output.owner is None:
            raise TypeError(f"operator {self.operator} cannot represent a variable with no associated operation")
        texts = _inputs(output, state)
        return f"({self.operator}{texts[0]})" if len(texts) == 1 else f"({f' {self.operator} '.join(texts)})"


class PatternPrinter:
    """A pattern in which ``%(0)s`` is the first input, and so on; one for each output.

    A pattern is a text, or a tuple of it and of precedences, which say nothing.
    """

    def __init__(self, *patterns: Any):
        self.patterns = [p if isinstance(p, str) else p[0] for p in patterns]

    def process(self, output: Any, state: PrinterState) -> str:
        """The text. Raises TypeError for what no Op computes."""
        if output.owner is None:
            raise TypeError(f"patterns {self.patterns} cannot represent a variable with no associated operation")
        texts = {str(i): text for i, text in enumerate(_inputs(output, state))}
        return str(self.patterns[output.index] % texts)


class FunctionPrinter:
    """``name(a, b)``; a name for each output."""

    def __init__(self, *names: str):
        self.names = names

    def process(self, output: Any, state: PrinterState) -> str:
        """The text. Raises TypeError for what no Op computes."""
        if output.owner is None:
            raise TypeError(f"function {self.names} cannot represent a variable with no associated operation")
        return f"{self.names[output.index]}({', '.join(_inputs(output, state))})"


class IgnorePrinter:
    """The first input, as if the Op was not there."""

    def process(self, output: Any, state: PrinterState) -> str:
        """The text. Raises TypeError for what no Op computes."""
        if output.owner is None:
            raise TypeError("the IgnorePrinter cannot represent a variable with no associated operation")
        return _inputs(output, state)[0]


class LeafPrinter:
    """The Variable's own name, or its type."""

    def process(self, output: Any, state: PrinterState) -> str:
        """The text."""
        return leaf_text(output)


class DefaultPrinter:
    """``Op(a, b)``, with the whole name of the Op."""

    def process(self, output: Any, state: PrinterState) -> str:
        """The text."""
        if output.owner is None:
            return leaf_text(output)
        return f"{form(output).label}({', '.join(_inputs(output, state))})"


__all__ = [
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PatternPrinter",
    "PrinterState",
]
