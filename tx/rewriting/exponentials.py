"""Rewrites of sums of exponentials: their logarithms, and the share that one of the terms has in the sum.

| written | computed |
| --- | --- |
| log(exp(x)) | x |
| log(sum(exp(x))) | max(x) + log(sum(exp(x - max(x)))) |
| log(sum(exp(x)) / n) | log(sum(exp(x))) - log(n) |
| log(exp(x) + exp(y)) | max(x, y) + softplus(-abs(x - y)) |
| exp(x) / sum(exp(x)) | softmax(x) by rows of a matrix, else exp(x - log(sum(exp(x)))) |
| exp(x) / (exp(x) + exp(y)), also with 1 for exp(0) | sigmoid(x - y) |

Sums along any axes, with these put back or not, and transposed. In products and quotients with more factors, such as
gradients are, `products` finds the shares.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.rewriting.patterns import argument, is_real, negated, same, shuffled, unshuffled
from tx.tensor import math as F
from tx.tensor.elemwise import constant_value, is_elemwise
from tx.tensor.nnet.basic import softmax
from tx.tensor.reduction import CAReduce, Sum
from tx.tensor.reduction import max as largest


def sum_of_exp(variable: Any) -> Any:
    """x, where `variable` is sum(exp(x)), perhaps with other axes, else None."""
    _, total = unshuffled(variable)
    if total.owner is None or not isinstance(total.owner.op, CAReduce) or total.owner.op.operation != "sum":
        return None
    (y,) = total.owner.inputs
    order, term = unshuffled(y)
    x = argument(term, "exp")
    # Over no axis at all there is no largest element.
    if x is None or not is_real(x) or total.dtype != y.dtype or not total.owner.op.axes(y.ndim):
        return None
    return shuffled(x, order)


def log_sum_exp(variable: Any) -> Any:
    """log(sum(exp(x))) without overflow, where `variable` is sum(exp(x)), with the same axes."""
    order, total = unshuffled(variable)
    x, op = sum_of_exp(total), total.owner.op
    top = largest(x, axis=None if op.axis is None else list(op.axis))
    top = F.switch(F.isinf(top), F.zeros_like(top), top)
    return shuffled(top + F.log(Sum(op.axis)(F.exp(x - op._keep(x)(top)))), order)


def _exponents(variable: Any) -> list[Any]:
    """[x, y], where `variable` is exp(x) + exp(y); None stands for the exponent of 1. Empty for anything else."""
    if not is_elemwise(variable, "add") or len(variable.owner.inputs) != 2 or not is_real(variable):
        return []
    found = [argument(v, "exp") for v in variable.owner.inputs]
    known = [x is not None or constant_value(v) == 1 for x, v in zip(found, variable.owner.inputs, strict=True)]
    return found if all(known) and found != [None, None] else []


def share(y: Any, s: Any) -> Any:
    """y / s without overflow, where `s` is a sum of exponentials and `y` one of its terms (None: the term 1).

    None for anything else.
    """
    power = None if y is None else argument(unshuffled(y)[1], "exp")
    if y is not None and power is None:
        return None
    if sum_of_exp(s) is not None:
        return None if y is None else _share_of_sum(y, s)
    exponents = _exponents(s)
    for x, other in (exponents, exponents[::-1]) if exponents else ():
        if x is power or (x is not None and power is not None and same(F.exp(x), y)):
            return F.sigmoid(negated(other) if x is None else x if other is None else x - other)
    return None


def _share_of_sum(y: Any, s: Any) -> Any:
    (order, term), (order_of_sum, total) = unshuffled(y), unshuffled(s)
    op, x = total.owner.op, sum_of_exp(total)
    summed_order, summed = unshuffled(total.owner.inputs[0])
    if not same(term, summed) or not set(order) - {"x"} <= set(summed_order):
        return None
    back = op._keep(x)
    kept, _ = unshuffled(back(total))
    order = ["x" if d == "x" else summed_order.index(d) for d in order]
    if order_of_sum != ["x" if d == "x" else kept[d] for d in order]:
        return None
    by_rows = x.ndim == 2 and op.axis == (1,)
    return shuffled(softmax(x) if by_rows else F.exp(x - back(log_sum_exp(total))), order)


@rewrites("log")
def log_of_exp(node: Any) -> Any:
    """log(exp(x))."""
    x = argument(node.inputs[0], "exp")
    return x if x is not None and is_real(x) else None


@rewrites("log")
def log_of_sum(node: Any) -> Any:
    """log(sum(exp(x))), and log(sum(exp(x)) / n), that of a mean."""
    (s,) = node.inputs
    s, n = s.owner.inputs if is_elemwise(s, "true_div") else (s, None)
    if sum_of_exp(s) is None:
        return None
    return log_sum_exp(s) if n is None else log_sum_exp(s) - F.log(n)


@rewrites("log")
def log_of_two(node: Any) -> Any:
    """log(exp(x) + exp(y)). (Two infinities have no difference.)"""
    exponents = _exponents(node.inputs[0])
    if not exponents or None in exponents:
        return None
    x, y = exponents
    distance = F.abs_(F.switch(F.eq(x, y), F.constant_like(0, x), x - y))
    return F.maximum(x, y) + F.softplus(F.neg(distance))


__all__ = ["log_of_exp", "log_of_sum", "log_of_two", "log_sum_exp", "share", "sum_of_exp"]
