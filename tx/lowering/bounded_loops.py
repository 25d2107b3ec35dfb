"""Loops of a number of steps that the device knows, with their pullback: both ways make as many steps as there are.

jax differentiates no `while`. Here the way forwards keeps what the pullback of each step needs, and the way back reads
it. What is the same in all steps (parameters), or an element of a sequence, is not kept once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, tree_util

from tx.lowering import direct

#: (fixed values, carry, sequences) -> (steps made, carry, what is recorded)
Run = Callable[[Any, Any, Any], Any]


def _is_continuous(value: Any) -> bool:
    return bool(jnp.issubdtype(value.dtype, jnp.inexact))


def _continuous(values: Sequence[Any]) -> list[int]:
    """The positions of floats and complex numbers."""
    return [i for i, v in enumerate(values) if _is_continuous(v)]


def _at(arrays: Any, i: Any) -> Any:
    return tree_util.tree_map(lambda a: direct.row(a, i), arrays)


def _put(arrays: Any, rows: Any, i: Any) -> Any:
    return tree_util.tree_map(lambda a, row: direct.with_row(a, row, i), arrays, rows)


def _empty(n: int, shapes: Any) -> Any:
    return tree_util.tree_map(lambda s: direct.full((n, *s.shape), 0, s.dtype), shapes)


def given_to_a_step(fixed: Any, carry: Any, xs: Any) -> tuple[Any, Any, Any]:
    """The shapes of what a step of a loop over `xs` is given: fixed values, carry, and elements."""
    shaped = lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype)
    element = lambda x: jax.ShapeDtypeStruct(x.shape[1:], x.dtype)
    return tree_util.tree_map(shaped, fixed), tree_util.tree_map(shaped, carry), tree_util.tree_map(element, xs)


class _Pull:
    """A step with its pullback, which is told as a list of arrays: those that have to be kept, by step.

    `kept` are their shapes. The rest of what the pullback needs are fixed values, elements, and what is recorded.
    """

    def __init__(self, step: Callable[..., Any], fixed: Any, carry: Any, xs: Any):
        self.step = step
        #: for each array that the pullback needs, where it is found: among which values, and the place in their list
        self.sources: list[tuple[str, int]] = []
        self.tree: Any = None
        self.kept = jax.eval_shape(lambda *values: self.forwards(*values)[2], *given_to_a_step(fixed, carry, xs))

    def forwards(self, fixed: Any, carry: Any, x: Any) -> tuple[Any, Any, list[Any]]:
        """The new carry, what is recorded, and what is kept."""
        given, tree = tree_util.tree_flatten((fixed, carry, x))
        places = _continuous(given)

        def continuous(*values: Any) -> Any:
            filled = list(given)
            for i, value in zip(places, values, strict=True):
                filled[i] = value
            new, recorded, _ = self.step(*tree_util.tree_unflatten(tree, filled))
            results = tree_util.tree_leaves((new, recorded[0]))
            return [results[i] for i in _continuous(results)], (new, recorded)

        _, pull, (new, recorded) = jax.vjp(continuous, *(given[i] for i in places), has_aux=True)
        leaves, self.tree = tree_util.tree_flatten(pull)
        at_hand = {"fixed": fixed, "element": x, "recorded": recorded[0]}
        known = {id(v): (where, i) for where, vs in at_hand.items() for i, v in enumerate(tree_util.tree_leaves(vs))}
        kept: list[Any] = []
        for leaf in leaves:
            if id(leaf) not in known:
                known[id(leaf)] = "kept", len(kept)
                kept.append(leaf)
        self.sources = [known[id(leaf)] for leaf in leaves]
        return new, recorded, kept

    def backwards(self, cotangents: Any, **values: Any) -> Any:
        """The cotangents of the continuous ones among fixed values, carry and elements, in a list."""
        found = {where: tree_util.tree_leaves(vs) for where, vs in values.items()}
        pull = tree_util.tree_unflatten(self.tree, [found[where][i] for where, i in self.sources])
        return list(pull(cotangents))


def bounded(looped: Run, steps: Callable[..., Any], limit_of: Callable[[Any], Any], n: int, shapes: Any) -> Run:
    """`looped`, to be differentiated backwards, once. `steps` are its steps, `limit_of` says how many of them the fixed
    values demand, which are `n` at most; `shapes` are those of what a step records."""

    run: Any = jax.custom_vjp(looped)

    def forwards(fixed: Any, carry: Any, xs: Any) -> Any:
        pull = _Pull(steps, fixed, carry, xs)
        limit = limit_of(fixed)

        def body(state: Any) -> Any:
            i, carry, recorded, kept = state
            new, rows, keep = pull.forwards(fixed, carry, _at(xs, i))
            return direct.plus(i, 1), new, _put(recorded, rows, i), _put(kept, keep, i)

        recorded = _empty(n, shapes[0]), [(direct.full((n,), True, "bool"), _empty(n, m)) for _, m in shapes[1]]
        start = direct.scalar(0, limit.dtype), carry, recorded, _empty(n, pull.kept)
        _, end, recorded, kept = lax.while_loop(lambda s: lax.lt(s[0], limit), body, start)
        return (limit, end, recorded), (fixed, carry, xs, recorded[0], kept, Static(pull))

    def backwards(residuals: Any, cotangents: Any) -> Any:
        fixed, carry, xs, recorded, kept, static = residuals
        _, of_end, (of_recorded, _) = cotangents
        limit = limit_of(fixed)
        groups = [tree_util.tree_leaves(values) for values in (fixed, carry, xs)]
        places = [_continuous(group) for group in groups]
        ends = tree_util.tree_leaves(carry)
        of_carry = [g for v, g in zip(ends, tree_util.tree_leaves(of_end), strict=True) if _is_continuous(v)]
        histories = [g for g in tree_util.tree_leaves(of_recorded) if _is_continuous(g)]

        def body(state: Any) -> Any:
            i, of_fixed, of_carry, of_xs = state
            element, rows, keep, ends = (_at(v, i) for v in (xs, recorded, kept, histories))
            found = static.value.backwards([*of_carry, *ends], fixed=fixed, element=element, recorded=rows, kept=keep)
            a, b = len(of_fixed), len(of_fixed) + len(of_carry)
            total = [lax.add(x, y) for x, y in zip(of_fixed, found[:a], strict=True)]
            return direct.plus(i, -1), total, found[a:b], _put(of_xs, found[b:], i)

        zeros = [[lax.full_like(group[k], 0) for k in place] for group, place in zip(groups, places, strict=True)]
        start = direct.plus(limit, -1), zeros[0], of_carry, zeros[2]
        _, *found = lax.while_loop(lambda s: lax.ge(s[0], direct.scalar(0, s[0].dtype)), body, start)
        return tuple(_filled(v, p, g) for v, p, g in zip((fixed, carry, xs), places, found, strict=True))

    run.defvjp(forwards, backwards)
    return run  # type: ignore[no-any-return]


def _filled(values: Any, places: Sequence[int], cotangents: Sequence[Any]) -> Any:
    """Cotangents in the form of `values`; None for what is not continuous."""
    leaves, tree = tree_util.tree_flatten(values)
    found: list[Any] = [None] * len(leaves)
    for i, g in zip(places, cotangents, strict=True):
        found[i] = g
    return tree_util.tree_unflatten(tree, found)


@tree_util.register_static
class Static:
    """Something that is no array, among residuals."""

    def __init__(self, value: Any):
        self.value = value


__all__ = ["Static", "bounded", "given_to_a_step"]
