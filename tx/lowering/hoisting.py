"""Gradients of matrices that are the same in all steps of a loop, each as one product behind the loop.

A step that multiplies by such a matrix adds a product of its own to the gradient of it, and that is as large as the
matrix. But the sum of these products is one product, of what was multiplied in all steps and of what came back to the
results: it has enough rows to be fast, and nothing is added up in memory. (Theano's optimiser did that, as
``scan_pushout_dot1``.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax, tree_util
from jax.custom_derivatives import SymbolicZero

from tx.graph import Apply, Variable, walk
from tx.lowering import direct
from tx.lowering.bounded_loops import Static, given_to_a_step
from tx.lowering.products import PRECISION, contract
from tx.lowering.trace import Trace
from tx.tensor.elemwise import DimShuffle
from tx.tensor.products import Dot

#: A matrix with so many elements is large (measured: a loop with one of 64x64 takes 1.2 times as long so, with one of
#: 128x128 as long, of 128x512 0.7 times), if it has so many times as many as what a step makes with it.
_LARGE, _RATIO = 1 << 15, 2
#: (fixed values, carry, elements, rules for some nodes) -> (carry, what is recorded, whether to stop)
Step = Callable[..., Any]


class _Product(NamedTuple):
    """A node that multiplies something by a fixed matrix, or by its transpose: the input that is the matrix (0 or 1),
    and its position among the fixed values."""

    node: Apply
    side: int
    position: int
    transposed: bool

    def gradient(self, others: Any, gs: Any) -> Any:
        """By the matrix, from what was multiplied in all steps, and what came back to the products."""
        others = direct.cast(others, gs.dtype)
        if self.side == 1:
            rows = tuple(range(others.ndim - 1))
            pair, axes = (others, gs), (rows, rows)
        else:
            columns = others.ndim == 3
            pair, axes = (gs, others), ((0, gs.ndim - 1), (0, 2)) if columns else ((0,), (0,))
        if self.transposed:
            pair, axes = pair[::-1], axes[::-1]
        return lax.dot_general(*pair, (axes, ((), ())), precision=PRECISION)

    def tapping(self, z: Any, others: dict[Apply, Any]) -> Callable[..., Any]:
        """A rule for the node: what comes back to its result goes to `z` as well, and what is multiplied is noted."""

        def rule(trace: Trace, node: Apply, *values: Any) -> Any:
            others[node] = values[1 - self.side]
            return _tap(contract(node, *values), z)

        return rule


#: of y and z: y, but what comes back to it goes to both
_tap: Any = jax.custom_jvp(lambda y, z: y)
_tap.defjvp(lambda primals, tangents: (primals[0], lax.add(*tangents)))


def _products(inputs: Sequence[Variable], outputs: Sequence[Variable], fixed: int) -> list[_Product]:
    """The products by matrices, which are among the last `fixed` of the inputs, that nothing else reads."""
    readers = walk.clients(outputs, inputs)
    found = []
    for position, matrix in enumerate(inputs[len(inputs) - fixed :]):
        reading = readers.get(matrix, [])
        turned = [node.outputs[0] for node, _ in reading if _turns(node)]
        every = [(n, s, False) for n, s in reading if not _turns(n)] + [
            (n, s, True) for v in turned for n, s in readers.get(v, [])
        ]
        read = {matrix, *turned}
        if not every or read & set(outputs) or getattr(matrix.type, "dtype", "") not in ("float32", "float64"):
            continue
        if all(type(n.op) is Dot and n.inputs[1 - s] not in read for n, s, _ in every):
            found += [_Product(n, s, position, t) for n, s, t in every]
    return found


def _turns(node: Apply) -> bool:
    return isinstance(node.op, DimShuffle) and node.op.new_order == (1, 0)


def hoisted(loop: Any, step: Step, run: Callable[..., Any], fixed: Any, carry: Any, xs: Any) -> Callable[..., Any]:
    """`run`, which gives the last carry and what is recorded, to be differentiated backwards, once.

    `fixed`, `carry` and `xs` are what it will be called with. A small matrix is left to the loop, in whose cache it is,
    and so is one that is not much larger than what a step makes with it, since that would have to be kept.
    """
    found = _products(loop.inputs, loop.outputs, len(fixed))
    found = [p for p in found if fixed[p.position].size >= _LARGE]
    shapes = _shapes(found, step, fixed, carry, xs) if found else {}
    wide = {p.position for p in found if p.node not in shapes or _RATIO * shapes[p.node].size > fixed[p.position].size}
    found = [p for p in found if p.position not in wide]
    if not found:
        return run
    positions = {p.position for p in found}
    dtypes = [v.dtype for v in fixed]
    made: Any = jax.custom_vjp(run)

    def forwards(fixed: Any, carry: Any, xs: Any) -> Any:
        primals, tree = tree_util.tree_flatten((fixed, carry, xs))
        leaves = [p.value for p in primals]
        places = [i for i, p in enumerate(primals) if p.perturbed and i not in positions]
        zs = [jnp.zeros((loop.n, *shapes[p.node].shape), shapes[p.node].dtype) for p in found]

        def tapped(given: Sequence[Any], zs: Sequence[Any]) -> Any:
            filled = list(leaves)
            for i, value in zip(places, given, strict=True):
                filled[i] = value
            fixed, carry, xs = tree_util.tree_unflatten(tree, filled)

            def body(carry: Any, row: Any) -> Any:
                others: dict[Apply, Any] = {}
                rules = {p.node: p.tapping(z, others) for p, z in zip(found, row[1], strict=True)}
                new, recorded, _ = step(fixed, carry, row[0], None, rules)
                return new, (recorded, [others[p.node] for p in found])

            end, (recorded, others) = lax.scan(body, carry, (xs, zs), length=loop.n)
            return _continuous((end, recorded)), ((end, recorded), others)

        _, pull, (results, others) = jax.vjp(tapped, [leaves[i] for i in places], zs, has_aux=True)
        return results, (pull, others, Static((tree, places, len(leaves))))

    def backwards(residuals: Any, cotangents: Any) -> Any:
        pull, others, static = residuals
        tree, places, count = static.value
        of_given, of_products = pull(_continuous(cotangents))
        of_leaves: list[Any] = [None] * count
        for i, g in zip(places, of_given, strict=True):
            of_leaves[i] = g
        for p, other, g in zip(found, others, of_products, strict=True):
            term, before = direct.cast(p.gradient(other, g), dtypes[p.position]), of_leaves[p.position]
            of_leaves[p.position] = term if before is None else lax.add(before, term)
        return tree_util.tree_unflatten(tree, of_leaves)

    made.defvjp(forwards, backwards, symbolic_zeros=True)
    return made  # type: ignore[no-any-return]


def _continuous(values: Any) -> list[Any]:
    """The floats and complex numbers among values; what is known to be zero as an array."""
    return [
        jnp.zeros(v.shape, v.dtype) if isinstance(v, SymbolicZero) else v
        for v in tree_util.tree_leaves(values)
        if jnp.issubdtype(v.dtype, jnp.inexact)
    ]


def _shapes(found: Sequence[_Product], step: Step, fixed: Any, carry: Any, xs: Any) -> dict[Apply, Any]:
    """The shapes of the products; none for steps with checks, which are truth values that jax would differentiate."""

    def noting(node: Apply, made: dict[Apply, Any]) -> Callable[..., Any]:
        def rule(trace: Trace, _: Apply, *values: Any) -> Any:
            made[node] = contract(node, *values)
            return made[node]

        return rule

    def once(fixed: Any, carry: Any, x: Any) -> Any:
        made: dict[Apply, Any] = {}
        _, (_, checks), _ = step(fixed, carry, x, None, {p.node: noting(p.node, made) for p in found})
        return [made[p.node] for p in found], checks

    shapes, checks = jax.eval_shape(once, *given_to_a_step(fixed, carry, xs))
    return {} if checks else dict(zip((p.node for p in found), shapes, strict=True))


__all__ = ["hoisted"]
