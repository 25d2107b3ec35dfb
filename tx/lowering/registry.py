"""The table from Op classes to lowering rules.

A rule is ``rule(trace, node, *values)``: jax values in, jax values out. One that takes numbers is given a constant of
the trace with a single element as an ndarray.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Rule = Callable[..., Any]

_rules: dict[type, Rule] = {}
#: Op class -> a function with a rule's arguments that makes all its checks and returns the rest as a thunk
_deferrable: dict[type, Rule] = {}
#: the rules that take numbers
_numerical: set[Rule] = set()


def lowers(*classes: type, numbers: bool = False) -> Callable[[Rule], Rule]:
    """Decorator: this function lowers Ops of these classes (and of their subclasses, unless those have a rule)."""

    def register(rule: Rule) -> Rule:
        for kind in classes:
            _rules[kind] = rule
        if numbers:
            _numerical.add(rule)
        return rule

    return register


def defers(kind: type) -> Callable[[Rule], Rule]:
    """Decorator: this function does a rule's work up to the write, which it returns as a thunk."""

    def register(rule: Rule) -> Rule:
        _deferrable[kind] = rule
        return rule

    return register


def rule_for(op: Any) -> Rule | None:
    """The rule that lowers `op`, or None when it can only be run on the host."""
    return _find(_rules, op)


def takes_numbers(rule: Rule | None) -> bool:
    """Whether a rule takes ndarrays for constants with a single element."""
    return rule in _numerical


def deferred_rule_for(op: Any) -> Rule | None:
    """The rule that prepares `op`'s write and returns it as a thunk, or None."""
    return _find(_deferrable, op)


def _find(table: dict[type, Rule], op: Any) -> Rule | None:
    for kind in type(op).__mro__:
        if kind in table:
            return table[kind]
        # A subclass that brings its own perform means something else than what the rule of its base does.
        if "perform" in vars(kind) and kind.__module__ != "tx.graph.core":
            return None
    return None
