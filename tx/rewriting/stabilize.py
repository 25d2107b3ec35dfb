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
| log(sum(exp(x))) | max(x) + log(sum(exp(x - max(x)))) |
| exp(x) / sum(exp(x)), by rows | softmax(x) |
| sqrt(x**2), sqrt(sqr(x)) | abs(x) |
| 1 - erf(x), erf(x) - 1, 1 - erfc(x) | erfc(x), -erfc(x), erf(x) |
| log(erfc(x)), for x > 1 | log(erfcx(x)) - x**2 |

What their gradients need besides is in `products`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tx.gradient import ConsiderConstant, DisconnectedGrad, GradClip, GradScale, UndefinedGrad, ZeroGrad
from tx.graph import Constant
from tx.rewriting.engine import rewrites
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import constant
from tx.tensor.elemwise import DimShuffle, constant_value, is_elemwise
from tx.tensor.nnet.basic import Softmax, softmax
from tx.tensor.nnet.basic import logsoftmax as log_softmax
from tx.tensor.reduction import CAReduce, Sum
from tx.tensor.reduction import max as largest
from tx.tensor.subtensor import Subtensor


def argument(variable: Any, name: str) -> Any:
    """The input of `variable` if it is computed by that elementwise operation of one input, else None.

    An integer comes in the dtype of `variable`: it may be negated, which unsigned integers and truth values may not.
    """
    if not is_elemwise(variable, name):
        return None
    (x,) = variable.owner.inputs
    return F.cast(x, variable.dtype) if dt.is_discrete(x.dtype) else x


def _minus_one_times(variable: Any) -> Any:
    """x, where `variable` is -x (or -1 * x), else None."""
    return argument(variable, "neg")


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


def sum_of_exp(variable: Any) -> Any:
    """x, where `variable` is sum(exp(x)), with the axes that went put back or without them, else None."""
    inner = variable
    if inner.owner is not None and isinstance(inner.owner.op, DimShuffle):
        inner = inner.owner.inputs[0]
    if inner.owner is None or not isinstance(inner.owner.op, CAReduce) or inner.owner.op.operation != "sum":
        return None
    y = inner.owner.inputs[0]
    x = argument(y, "exp")
    if x is None or not _real(x) or inner.dtype != y.dtype:
        return None
    if inner is not variable and variable.owner.op.new_order != inner.owner.op._keep(y)(inner).owner.op.new_order:
        return None
    return x


def log_sum_exp(variable: Any) -> Any:
    """log(sum(exp(x))) without overflow, where `variable` is sum(exp(x)), in the form of `variable`."""
    x = sum_of_exp(variable)
    kept = variable.owner.op.input_broadcastable if isinstance(variable.owner.op, DimShuffle) else None
    inner = variable if kept is None else variable.owner.inputs[0]
    back, axis = inner.owner.op._keep(x), inner.owner.op.axis
    top = largest(x, axis=None if axis is None else list(axis))
    top = F.switch(F.isinf(top), F.zeros_like(top), top)
    result = top + F.log(Sum(axis)(F.exp(x - back(top))))
    return result if kept is None else back(result)


@rewrites("log")
def log_of_sum(node: Any) -> Any:
    """log(sum(exp(x)))."""
    (s,) = node.inputs
    return log_sum_exp(s) if sum_of_exp(s) is not None and not _is_empty_sum(s) else None


def _is_empty_sum(s: Any) -> bool:
    """Whether nothing is summed over, so that there is no largest element."""
    inner = s.owner.inputs[0] if isinstance(s.owner.op, DimShuffle) else s
    return not inner.owner.op.axes(inner.owner.inputs[0].ndim)


@rewrites("true_div")
def softmax_of(node: Any) -> Any:
    """exp(x) / sum(exp(x)), by the rows of a matrix."""
    y, s = node.inputs
    x = sum_of_exp(s)
    if x is None or argument(y, "exp") is not x or x.ndim != 2 or not isinstance(s.owner.op, DimShuffle):
        return None
    return softmax(x) if s.owner.inputs[0].owner.op.axis == (1,) else None


@rewrites("sqrt")
def root_of_square(node: Any) -> Any:
    """sqrt(x**2), sqrt(sqr(x)) and sqrt(x * x)."""
    x = square_of(node.inputs[0])
    return F.abs_(x) if x is not None and _real(x) else None


def square_of(variable: Any) -> Any:
    """x, where `variable` is sqr(x), x * x or x**2, else None."""
    if is_elemwise(variable, "pow") and constant_value(variable.owner.inputs[1]) == 2:
        return variable.owner.inputs[0]
    if is_elemwise(variable, "mul") and len(variable.owner.inputs) == 2:
        a, b = variable.owner.inputs
        return a if a is b else None
    return argument(variable, "sqr")


@rewrites("log")
def log_of_tail(node: Any) -> Any:
    """log(erfc(x)): erfc underflows where x is large, erfcx overflows where it is small."""
    x = argument(node.inputs[0], "erfc")
    if x is None or not _real(x):
        return None
    return F.switch(F.gt(x, 1), F.log(F.erfcx(x)) - F.sqr(x), F.log(F.erfc(F.minimum(x, F.constant_like(1, x)))))


@rewrites("sub")
def tails(node: Any) -> Any:
    """1 - erf(x), erf(x) - 1 and 1 - erfc(x)."""
    a, b = node.inputs
    for name, other in (("erf", F.erfc), ("erfc", F.erf)):
        if constant_value(a) == 1 and argument(b, name) is not None and b.type == node.outputs[0].type:
            return other(argument(b, name))
        if constant_value(b) == 1 and argument(a, name) is not None and a.type == node.outputs[0].type:
            return F.neg(other(argument(a, name)))
    return None


@rewrites("pow")
def simple_power(node: Any) -> Any:
    """x**1, which derivatives bring."""
    x, y = node.inputs
    return x if constant_value(y) == 1 else None


@rewrites(ConsiderConstant, DisconnectedGrad, GradClip, GradScale, UndefinedGrad, ZeroGrad, final=True)
def mark(node: Any) -> Any:
    """What was marked: all gradients have been taken."""
    return node.inputs[0]


@rewrites("second")
def scalar_fill(node: Any) -> Any:
    """What fills a scalar, which the gradient of a cost begins with."""
    return node.inputs[1] if node.outputs[0].ndim == 0 else None


@rewrites("add", "sub")
def known_numbers(node: Any) -> Any:
    """Sums and differences of scalar integers that are known: exponents of derivatives."""
    (out,) = node.outputs
    if out.ndim or not dt.is_discrete(out.dtype) or not all(isinstance(v, Constant) for v in node.inputs):
        return None
    values = [int(v.data) for v in node.inputs]
    total = sum(values) if node.op.scalar_op.name == "add" else values[0] - values[1]
    return constant(np.array(total).astype(out.dtype), dtype=out.dtype)


@rewrites("log")
def log_of(node: Any) -> Any:
    """log of softmax, sigmoid, 1 - sigmoid, 1 + x."""
    (x,) = node.inputs
    if not _real(x):
        return None
    if x.owner is not None and isinstance(x.owner.op, Softmax):
        return log_softmax(x.owner.inputs[0])
    inner = argument(x, "sigmoid")
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
    inner = argument(x, "exp")
    if inner is not None:
        return F.softplus(inner)
    negated = _minus_one_times(x)
    inner = None if negated is None else argument(negated, "sigmoid")
    return None if inner is None else F.neg(F.softplus(inner))


@rewrites("sub")
def difference(node: Any) -> Any:
    """exp(x) - 1 and 1 - sigmoid(x)."""
    a, b = node.inputs
    if not _real(node.outputs[0]):
        return None
    inner = argument(a, "exp")
    if inner is not None and constant_value(b) == 1 and a.type == node.outputs[0].type:
        return F.expm1(inner)
    inner = argument(b, "sigmoid") if constant_value(a) == 1 else None
    if inner is not None and b.type == node.outputs[0].type:
        return F.sigmoid(F.neg(inner))
    return None


@rewrites("add")
def one_minus(node: Any) -> Any:
    """1 + -sigmoid(x), which the derivative of log1p brings, as 1 - sigmoid(x)."""
    (out,) = node.outputs
    rest = _one_plus(out)
    negated = None if rest is None else _minus_one_times(rest)
    inner = None if negated is None else argument(negated, "sigmoid")
    return F.sigmoid(F.neg(inner)) if inner is not None else None
