"""Helpers of ``theano.tensor.nnet.sigm``: products as trees, in which a sigmoid may meet an exponential.

A tree is ``[negated, what]``: `what` is a Variable, None for 1, or the list of the trees of factors.
"""

from __future__ import annotations

from typing import Any

from tx.graph import Constant
from tx.tensor import math as F
from tx.tensor.elemwise import constant_value, is_elemwise

Tree = list[Any]


def parse_mul_tree(root: Any) -> Tree:
    """The tree of a product: its factors, those of its factors, and their signs."""
    if is_elemwise(root, "mul"):
        return [False, [parse_mul_tree(factor) for factor in root.owner.inputs]]
    if is_elemwise(root, "neg"):
        negated, what = parse_mul_tree(root.owner.inputs[0])
        return [not negated, what]
    return [False, root]


def simplify_mul(tree: Tree) -> Tree:
    """A tree without factors 1, and without products of one factor."""
    negated, what = tree
    if isinstance(what, list):
        factors = [t for t in map(simplify_mul, what) if t[1] is not None or t[0]]
        if not factors:
            return [negated, None]
        if len(factors) == 1:
            return [negated != factors[0][0], factors[0][1]]
        what = factors
    return [negated, what]


def compute_mul(tree: Tree) -> Any:
    """The Variable that a tree stands for. Raises AssertionError for 1 alone."""
    negated, what = tree
    assert what is not None, "the product of nothing is no Variable"
    result = F.mul(*map(compute_mul, what)) if isinstance(what, list) else what
    return F.neg(result) if negated else result


def is_1pexp(t: Any, only_process_constants: bool = True) -> tuple[bool, Any] | None:
    """(False, x) when `t` is ``1 + exp(x)``; otherwise None. Whether a 1 that is made into a vector counts is asked."""
    if not is_elemwise(t, "add") or len(t.owner.inputs) != 2:
        return None
    for one, other in (t.owner.inputs, t.owner.inputs[::-1]):
        known = isinstance(one, Constant) or not only_process_constants
        if known and constant_value(one) == 1 and is_elemwise(other, "exp"):
            return False, other.owner.inputs[0]
    return None


def _leaves(tree: Tree) -> list[Tree]:
    return [leaf for t in tree[1] for leaf in _leaves(t)] if isinstance(tree[1], list) else [tree]


def _is_negative_of(a: Any, b: Any) -> bool:
    return any(is_elemwise(x, "neg") and x.owner.inputs[0] is y for x, y in ((a, b), (b, a)))


def perform_sigm_times_exp(tree: Tree, *unused: Any, **options: Any) -> bool:
    """Replace, in place, each ``sigmoid(x) * exp(-x)`` by ``sigmoid(-x)``. Returns whether there was one."""
    leaves, found = _leaves(tree), False
    for sigmoid in [leaf for leaf in leaves if is_elemwise(leaf[1], "sigmoid")]:
        x = sigmoid[1].owner.inputs[0]
        for exponential in leaves:
            if is_elemwise(exponential[1], "exp") and _is_negative_of(exponential[1].owner.inputs[0], x):
                sigmoid[1], exponential[1] = F.sigmoid(exponential[1].owner.inputs[0]), None
                found = True
                break
    return found


__all__ = ["compute_mul", "is_1pexp", "parse_mul_tree", "perform_sigm_times_exp", "simplify_mul"]
