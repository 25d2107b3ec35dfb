"""Rewrites that numerics depend on: the same mathematics, without overflow, underflow or cancellation.

| written | computed |
| --- | --- |
| log(softmax(x)) | logsoftmax(x) |
| log(sigmoid(x)) | -softplus(-x) |
| log(1 - sigmoid(x)), log1p(-sigmoid(x)) | -softplus(x) |
| log(1 + exp(x)), log1p(exp(x)) | softplus(x) |
| log(1 + x) | log1p(x) |
| exp(x) - 1 | expm1(x) |
| 1 - sigmoid(x) | sigmoid(-x) |
| g / y * y, for y that is positive but may underflow | g |

The last row is what the gradients of the others need: d log(y) brings 1/y, and dy of a sigmoid or softmax brings y.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.elemwise import DimShuffle, constant_value, is_elemwise
from tx.tensor.nnet.basic import Softmax
from tx.tensor.nnet.basic import logsoftmax as log_softmax
from tx.tensor.subtensor import IncSubtensor, Subtensor


def _argument(variable: Any, name: str) -> Any:
    """The input of `variable` if it is computed by that elementwise operation of one input, else None."""
    return variable.owner.inputs[0] if is_elemwise(variable, name) else None


def _minus_one_times(variable: Any) -> Any:
    """x, where `variable` is -x (or -1 * x), else None."""
    return _argument(variable, "neg")


def _one_plus(variable: Any) -> Any:
    """x, where `variable` is 1 + x or x + 1, else None."""
    if is_elemwise(variable, "add") and len(variable.owner.inputs) == 2:
        a, b = variable.owner.inputs
        if constant_value(a) == 1:
            return b
        if constant_value(b) == 1:
            return a
    return None


def _one_minus(variable: Any) -> Any:
    """x, where `variable` is 1 - x, else None."""
    if is_elemwise(variable, "sub"):
        a, b = variable.owner.inputs
        return b if constant_value(a) == 1 else None
    return None


def _real(variable: Any) -> bool:
    return variable.dtype in dt.float_dtypes


@rewrites("log")
def log_of(node: Any) -> Any:
    """log of softmax, sigmoid, 1 - sigmoid, 1 + x."""
    (x,) = node.inputs
    if not _real(x):
        return None
    if x.owner is not None and isinstance(x.owner.op, Softmax):
        return log_softmax(x.owner.inputs[0])
    inner = _argument(x, "sigmoid")
    if inner is not None:
        return F.neg(F.softplus(F.neg(inner)))
    rest = _one_plus(x)
    if rest is not None and rest.type == x.type:
        return F.log1p(rest)
    rest = _one_minus(x)
    return F.log1p(F.neg(rest)) if rest is not None and rest.type == x.type else None


@rewrites("log")
def log_of_picked(node: Any) -> Any:
    """log of what is picked out of a softmax: picked out of its logarithm."""
    (x,) = node.inputs
    if x.owner is None or not isinstance(x.owner.op, Subtensor | DimShuffle):
        return None
    source = x.owner.inputs[0]
    if source.owner is None or not isinstance(source.owner.op, Softmax):
        return None
    return x.owner.op(log_softmax(source.owner.inputs[0]), *x.owner.inputs[1:])


@rewrites("log1p")
def log1p_of(node: Any) -> Any:
    """log(1 + exp(x)) and log(1 - sigmoid(x))."""
    (x,) = node.inputs
    inner = _argument(x, "exp")
    if inner is not None:
        return F.softplus(inner)
    negated = _minus_one_times(x)
    inner = None if negated is None else _argument(negated, "sigmoid")
    return None if inner is None else F.neg(F.softplus(inner))


@rewrites("sub")
def difference(node: Any) -> Any:
    """exp(x) - 1 and 1 - sigmoid(x)."""
    a, b = node.inputs
    if not _real(node.outputs[0]):
        return None
    inner = _argument(a, "exp")
    if inner is not None and constant_value(b) == 1 and a.type == node.outputs[0].type:
        return F.expm1(inner)
    inner = _argument(b, "sigmoid") if constant_value(a) == 1 else None
    if inner is not None and b.type == node.outputs[0].type:
        return F.sigmoid(F.neg(inner))
    return None


@rewrites("add")
def one_minus(node: Any) -> Any:
    """1 + -sigmoid(x), which the derivative of log1p brings, as 1 - sigmoid(x)."""
    (out,) = node.outputs
    rest = _one_plus(out)
    negated = None if rest is None else _minus_one_times(rest)
    inner = None if negated is None else _argument(negated, "sigmoid")
    return F.sigmoid(F.neg(inner)) if inner is not None else None


def _may_underflow(y: Any) -> bool:
    """Whether `y` is positive by nature, and 0 only by underflow."""
    return (y.owner is not None and isinstance(y.owner.op, Softmax)) or any(
        is_elemwise(y, name) for name in ("sigmoid", "exp")
    )


#: a product with more factors than this is not taken apart
_MOST_FACTORS = 24


def _factors(variable: Any) -> tuple[list[Any], list[Any], bool]:
    """`variable` as a fraction: what is multiplied, what it is divided by, and whether it is negated."""
    above: list[Any] = []
    below: list[Any] = []
    negative = False
    stack = [(variable, above, below)]
    while stack:
        v, up, down = stack.pop()
        if len(above) + len(below) + len(stack) > _MOST_FACTORS:
            up.append(v)
            continue
        if is_elemwise(v, "mul"):
            stack.extend((i, up, down) for i in v.owner.inputs)
        elif is_elemwise(v, "true_div"):
            stack.append((v.owner.inputs[0], up, down))
            stack.append((v.owner.inputs[1], down, up))
        elif is_elemwise(v, "neg"):
            negative = not negative
            stack.append((v.owner.inputs[0], up, down))
        else:
            up.append(v)
    return above, below, negative


def _product(above: list[Any], below: list[Any], negative: bool) -> Any:
    """The fraction as an expression, after cancelling what may underflow."""
    above, below = list(above), list(below)
    model = above[0]
    for y in list(below):
        if _may_underflow(y) and any(y is a for a in above):
            above.remove(y)
            below.remove(y)
    result = F.mul(*above) if len(above) > 1 else above[0] if above else F.ones_like(model)
    if below:
        result = F.true_div(result, F.mul(*below) if len(below) > 1 else below[0])
    return F.neg(result) if negative else result


def _terms(variable: Any) -> list[tuple[list[Any], list[Any], bool]]:
    """A sum or difference as fractions."""
    if is_elemwise(variable, "add"):
        return [_factors(v) for v in variable.owner.inputs]
    if is_elemwise(variable, "sub"):
        first, (above, below, negative) = map(_factors, variable.owner.inputs)
        return [first, (above, below, not negative)]
    return []


def _cancels(below: list[Any], above: list[Any]) -> bool:
    return any(_may_underflow(y) and any(y is a for a in above) for y in below)


@rewrites("mul")
def cancel(node: Any) -> Any:
    """g / y * y -> g, and (g / y + h) * y -> g + h * y, for a y that may underflow to 0."""
    (out,) = node.outputs
    if not _real(out) or not any(map(_may_underflow, node.inputs)):
        return None
    above, below, negative = _factors(out)
    result = _product(above, below, negative) if _cancels(below, above) else _distributed(above, below, negative)
    if result is None:
        return None
    if result.type.broadcastable != out.type.broadcastable:
        result = F.second(out, result)
    return F.cast(result, out.dtype)


def _distributed(above: list[Any], below: list[Any], negative: bool) -> Any:
    """The product with a sum among its factors multiplied out, where that lets something cancel, else None."""
    for i, factor in enumerate(above):
        terms, rest = _terms(factor), above[:i] + above[i + 1 :]
        if any(_cancels(term_below, rest) for _, term_below, _ in terms):
            return F.add(*(_product([*a, *rest], [*b, *below], n != negative) for a, b, n in terms))
    return None


@rewrites("mul")
def cancel_picked(node: Any) -> Any:
    """inc(zeros[i], g / y[i]) * y -> inc(zeros[i], g), for a y that may underflow to 0."""
    if len(node.inputs) != 2:
        return None
    for grown, y in (node.inputs, node.inputs[::-1]):
        owner = grown.owner
        if not _may_underflow(y) or owner is None or not isinstance(owner.op, IncSubtensor):
            continue
        zeros, put, *index = owner.inputs
        above, below, negative = _factors(put)
        picked = next((b for b in below if _is_read(b, y, owner.op.pattern, index)), None)
        if picked is None or not above or constant_value(_unfilled(zeros)) != 0:
            continue
        below.remove(picked)
        return owner.op(zeros, _product(above, below, negative), *index)
    return None


def _is_read(variable: Any, y: Any, pattern: Any, index: list[Any]) -> bool:
    """Whether `variable` is ``y[index]``."""
    owner = variable.owner
    if owner is None or not isinstance(owner.op, Subtensor) or owner.op.pattern != pattern:
        return False
    same = all(a is b or (hasattr(a, "data") and a.equals(b)) for a, b in zip(owner.inputs[1:], index, strict=True))
    return owner.inputs[0] is y and same


def _unfilled(variable: Any) -> Any:
    """What `variable` is filled with, if it is."""
    return variable.owner.inputs[1] if is_elemwise(variable, "second") else variable
