"""`pp`: an expression as a formula, in Theano's words. Works on graphs of any depth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tx.graph import Op, Variable
from tx.printing.forms import Form, form, is_leaf, leaf_text, shown
from tx.printing.printers import PrinterState

#: elementwise operation -> what stands between its operands
_INFIX = {"add": "+", "sub": "-", "mul": "*", "true_div": "/", "int_div": "//", "pow": "**"}
#: operation -> what it is called in a formula, where that is something else
_CALLED = {
    "Join": "join",
    "Alloc": "alloc",
    "second": "fill",
    "scalar_sigmoid": "sigmoid",
    "scalar_softplus": "softplus",
}
_ELEMWISE = re.compile(r"Elemwise\{(\w+)(?:,no_inplace)?\}")
_CAST = re.compile(r"Elemwise\{Cast\{(\w+)\}\}")
_SHUFFLE = re.compile(r"(?:Inplace)?DimShuffle\{([^}]*)\}")
_INDEX = re.compile(r"Subtensor\{(.+)\}")

#: a formula with more characters than this is cut short
MOST_CHARACTERS = 4_000_000


def _between(things: list[Any], separator: str) -> list[Any]:
    """The things with the separator between each two."""
    return [piece for thing in things for piece in (separator, thing)][1:]


def _call(name: str, things: list[Any]) -> list[Any]:
    return [f"{name}(", *_between(things, ", "), ")"]


def _elementwise(name: str, children: list[Any]) -> list[Any]:
    lower = name.lower()
    if lower in _INFIX:
        return ["(", *_between(children, f" {_INFIX[lower]} "), ")"]
    if lower == "neg":
        return ["(-", *children, ")"]
    if lower in ("abs", "abs_"):
        return ["|", *children, "|"]
    if lower == "identity":
        return children
    capitals = name.isupper() or name in ("Switch", "Invert", "IsNan", "IsInf")
    return _call(_CALLED.get(name) or (lower + "_" * (lower in ("and", "or")) if capitals else name), children)


def _shuffle(order: list[str], children: list[Any]) -> list[Any]:
    kept = [d for d in order if d != "x"]
    if order[len(order) - len(kept) :] == kept == [str(i) for i in range(len(kept))]:
        # A formula does not show the axes that broadcasting puts in front.
        return children
    if order == [str(i) for i in range(len(order))][::-1]:
        return [*children, ".T"]
    return _call(f"DimShuffle{{{', '.join(order)}}}", children)


def _indexed(words: str, children: list[Any]) -> list[Any]:
    """``x[...]``: an index that is an integer as itself, slices in the words of their dtypes."""
    base, *below = children
    entries: list[Any] = []
    for entry in words.split(", "):
        parts = entry.split(":")
        given, below = below[: sum(map(bool, parts))], below[sum(map(bool, parts)) :]
        # A slice that stops before its step has a colon at its end, which is not written.
        entries.append([given[0]] if len(parts) == 1 else [":".join(parts[:2]) + (f":{parts[2]}" if parts[2] else "")])
    return [base, "[", *(piece for entry in _between(entries, ", ") for piece in entry), "]"]


def _pieces(words: Form) -> list[Any]:
    """A node as a list of texts and of what is below it."""
    label, children = words.label, list(words.children)
    if found := _CAST.fullmatch(label):
        return _call(found[1], children)
    if found := _ELEMWISE.fullmatch(label):
        return _elementwise(found[1], children)
    if found := _SHUFFLE.fullmatch(label):
        return _shuffle(found[1].split(",") if found[1] else [], children)
    if found := _INDEX.fullmatch(label):
        return _indexed(found[1], children)
    if label == "dot":
        return ["(", *_between(children, " \\dot "), ")"]
    if label.startswith("MakeVector{"):
        return ["[", *_between(children, ", "), "]"]
    return _call(_CALLED.get(label, label), children)


class PPrinter:
    """Writes expressions as formulas; `assign` says how further Ops are written."""

    def __init__(self) -> None:
        self._assigned: list[tuple[Callable[[Any, Any], bool], Any]] = []

    def assign(self, condition: Any, printer: Any) -> None:
        """Let `printer` write what `condition` says: an Op, a class of Ops, or a function of (state, Variable).

        What was assigned last comes first. Raises TypeError for a printer without ``process``.
        """
        if not hasattr(printer, "process"):
            raise TypeError("a printer has a method process(variable, state)", printer)
        condition = getattr(condition, "op", condition)  # of a function of the elementwise table
        if isinstance(condition, Op):
            op = condition
            test = lambda state, v: v.owner is not None and v.owner.op == op
        elif isinstance(condition, type):
            kind = condition
            test = lambda state, v: v.owner is not None and isinstance(v.owner.op, kind)
        else:
            test = condition
        self._assigned.insert(0, (test, printer))

    def clone(self) -> PPrinter:
        """Another one, with the same printers assigned."""
        copy = PPrinter()
        copy._assigned = list(self._assigned)
        return copy

    def clone_assign(self, condition: Any, printer: Any) -> PPrinter:
        """A clone with one more printer assigned."""
        copy = self.clone()
        copy.assign(condition, printer)
        return copy

    def __call__(self, variable: Any) -> str:
        """The expression that computes `variable`, as a formula, with Theano's parentheses. What is used several times
        is written several times.

        A formula of more than `MOST_CHARACTERS` is cut short with an ellipsis. Raises AttributeError for what is no
        Variable. Source: theano.pp.
        """
        return self.process(variable)

    def process(self, variable: Any, state: Any = None) -> str:
        """As a call; printers call it for what is below them."""
        state = PrinterState(self) if state is None else state
        written: list[str] = []
        size = 0
        stack: list[Any] = [shown(variable)]
        while stack:
            top = stack.pop()
            if not isinstance(top, str):
                printer = self._printer(top, state)
                if printer is None and not is_leaf(top):
                    stack.extend(reversed(_pieces(form(top))))
                    continue
                top = leaf_text(top) if printer is None else printer.process(top, state)
            written.append(top)
            size += len(top)
            if size > MOST_CHARACTERS:
                written.append(" ...")
                break
        return "".join(written)

    def _printer(self, thing: Any, state: Any) -> Any:
        if not self._assigned or not isinstance(thing, Variable):
            return None
        return next((printer for test, printer in self._assigned if test(state, thing)), None)


#: the formula of an expression
pp = pprint = PPrinter()

__all__ = ["MOST_CHARACTERS", "PPrinter", "pp", "pprint"]
