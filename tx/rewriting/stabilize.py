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
| sqrt(x**2), sqrt(sqr(x)) | abs(x) |
| 1 - erf(x), erf(x) - 1, 1 - erfc(x) | erfc(x), -erfc(x), erf(x) |
| log(erfc(x)), for x > 1 | log(erfcx(x)) - x**2 |

Sums of exponentials are in `exponentials`; what the gradients need besides is in `products`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tx.gradient import ConsiderConstant, DisconnectedGrad, GradClip, GradScale, UndefinedGrad, ZeroGrad
from tx.graph import Constant
from tx.rewriting.engine import rewrites
from tx.rewriting.patterns import argument, is_real, negated, one_minus, one_plus, square_of
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import constant
from tx.tensor.elemwise import DimShuffle, constant_value
from tx.tensor.nnet.basic import Softmax
from tx.tensor.nnet.basic import logsoftmax as log_softmax
from tx.tensor.subtensor import Subtensor


@rewrites("sqrt")
def root_of_square(node: Any) -> Any:
    """sqrt(x**2), sqrt(sqr(x)) and sqrt(x * x)."""
    x = square_of(node.inputs[0])
    return F.abs_(x) if x is not None and is_real(x) else None


@rewrites("log")
def log_of_tail(node: Any) -> Any:
    """log(erfc(x)): erfc underflows where x is large, erfcx overflows where it is small."""
    x = argument(node.inputs[0], "erfc")
    if x is None or not is_real(x):
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
    total = sum(values) if node.op.scalar_op.row == "add" else values[0] - values[1]
    return constant(np.array(total).astype(out.dtype), dtype=out.dtype)


@rewrites("log")
def log_of(node: Any) -> Any:
    """log of softmax, sigmoid, 1 - sigmoid, 1 + x."""
    (x,) = node.inputs
    if not is_real(x):
        return None
    if x.owner is not None and isinstance(x.owner.op, Softmax):
        return log_softmax(x.owner.inputs[0])
    inner = argument(x, "sigmoid")
    if inner is not None:
        return F.neg(F.softplus(negated(inner)))
    rest = one_plus(x)
    if rest is not None and rest.type == x.type:
        return F.log1p(rest)
    rest = one_minus(x)
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
    opposite = argument(x, "neg")
    inner = None if opposite is None else argument(opposite, "sigmoid")
    return None if inner is None else F.neg(F.softplus(inner))


@rewrites("sub")
def difference(node: Any) -> Any:
    """exp(x) - 1 and 1 - sigmoid(x)."""
    a, b = node.inputs
    if not is_real(node.outputs[0]):
        return None
    inner = argument(a, "exp")
    if inner is not None and constant_value(b) == 1 and a.type == node.outputs[0].type:
        return F.expm1(inner)
    inner = argument(b, "sigmoid") if constant_value(a) == 1 else None
    if inner is not None and b.type == node.outputs[0].type:
        return F.sigmoid(negated(inner))
    return None


@rewrites("add")
def plus_minus(node: Any) -> Any:
    """1 + -sigmoid(x), which the derivative of log1p brings, as 1 - sigmoid(x)."""
    (out,) = node.outputs
    rest = one_plus(out)
    opposite = None if rest is None else argument(rest, "neg")
    inner = None if opposite is None else argument(opposite, "sigmoid")
    return F.sigmoid(negated(inner)) if inner is not None else None
