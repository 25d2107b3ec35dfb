"""Softmax, its logarithm, the costs that go with them, and activations made of elementwise functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import arange
from tx.tensor.math import exp, log, softplus, switch
from tx.tensor.reduction import sum as total
from tx.tensor.shapes import patternbroadcast, shape_padleft


class _RowOp(Op):
    """An Op from a float matrix to one of the same type, row by row."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """A vector counts as one row. Raises ValueError for other ranks and for dtypes that are no floats."""
        x = as_tensor_variable(x)
        if x.ndim not in (1, 2) or x.dtype not in dt.float_dtypes:
            raise ValueError(f"x must be 1-d or 2-d tensor of floats. Got {x.type}")
        if x.ndim == 1:
            x = shape_padleft(x)
        return Apply(self, [x], [x.type()])

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes)


class Softmax(_RowOp):
    """exp(x) / sum(exp(x)) for each row, without overflow."""

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """y * (g - sum(g * y))."""
        (y,), (g,) = outputs, gradients
        weighted = g * y
        return [patternbroadcast(weighted - total(weighted, axis=1, keepdims=True) * y, inputs[0].type.broadcastable)]


class LogSoftmax(_RowOp):
    """x - log(sum(exp(x))) for each row, without overflow."""

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """g - softmax * sum(g)."""
        (x,), (g,) = inputs, gradients
        return [patternbroadcast(g - total(g, axis=1, keepdims=True) * Softmax()(x), x.type.broadcastable)]


def softmax(c: Any, axis: int | None = None) -> Any:
    """The softmax of each row of a matrix (a vector counts as one row, and a matrix comes back)."""
    return Softmax()(c)


def softmax_graph(c: Any) -> Any:
    """The softmax of each row, in terms of exp and sum."""
    c = as_tensor_variable(c)
    powers = exp(c - c.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def logsoftmax(c: Any) -> Any:
    """The logarithm of the softmax of each row."""
    return LogSoftmax()(c)


def categorical_crossentropy(coding_dist: Any, true_dist: Any) -> Any:
    """The cross-entropy of each row of `coding_dist` with the true distribution: rows of it, or class numbers.

    Raises TypeError when `true_dist` is neither a matrix nor an integer vector.
    """
    coding, true = as_tensor_variable(coding_dist), as_tensor_variable(true_dist)
    if true.ndim == coding.ndim:
        return -total(true * log(coding), axis=coding.ndim - 1)
    if true.ndim == coding.ndim - 1 and dt.is_discrete(true.dtype):
        return -log(coding)[arange(true.shape[0]), true]
    raise TypeError("rank mismatch between coding and true distributions")


def crossentropy_softmax_1hot(x: Any, y_idx: Any, **kwargs: Any) -> tuple[Any, Any]:
    """The cross-entropy of each row's softmax with the class numbers `y_idx`, and the softmax."""
    p = softmax(x)
    return categorical_crossentropy(p, y_idx), p


def binary_crossentropy(output: Any, target: Any) -> Any:
    """The cross-entropy of predicted probabilities with targets in [0, 1], elementwise."""
    output, target = as_tensor_variable(output), as_tensor_variable(target)
    return -(target * log(output) + (1.0 - target) * log(1.0 - output))


def sigmoid_binary_crossentropy(output: Any, target: Any) -> Any:
    """The cross-entropy of ``sigmoid(output)`` with targets in [0, 1], elementwise, without overflow."""
    output, target = as_tensor_variable(output), as_tensor_variable(target)
    return softplus(-F.abs_(output)) + output * ((output > 0) - target)


def relu(x: Any, alpha: Any = 0) -> Any:
    """x where it is positive, alpha * x elsewhere."""
    x = as_tensor_variable(x)
    if isinstance(alpha, int) and alpha == 0:
        return 0.5 * (x + abs(x))
    alpha = as_tensor_variable(alpha)
    return 0.5 * (1 + alpha) * x + 0.5 * (1 - alpha) * abs(x)


def elu(x: Any, alpha: Any = 1) -> Any:
    """x where it is positive, alpha * (exp(x) - 1) elsewhere (Clevert et al., 2015)."""
    x = as_tensor_variable(x)
    return switch(x > 0, x, alpha * F.expm1(x))


def selu(x: Any) -> Any:
    """The scaled `elu` whose activations keep mean 0 and variance 1 (Klambauer et al., 2017)."""
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


def _floating(x: Any) -> Any:
    """`x` as a float: the dtype that `exp` would give."""
    x = as_tensor_variable(x)
    return F.cast(x, dt.upgrade_to_float(x.dtype))


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    x = _floating(x)
    return x / (F.constant_like(1, x) + abs(x))


def hard_sigmoid(x: Any) -> Any:
    """0.2 * x + 0.5, limited to [0, 1]."""
    x = _floating(x)
    zero, one, slope, middle = (F.constant_like(value, x) for value in (0, 1, 0.2, 0.5))
    return F.clip(x * slope + middle, zero, one)


def ultra_fast_sigmoid(x: Any) -> Any:
    """A sigmoid in three pieces of x / (1 + |x|)-like form, within 0.1 of the true one."""
    x = _floating(x)

    def number(value: float) -> Any:
        return F.constant_like(value, x)

    half = number(0.5) * x
    size = abs(half)
    middle = number(1.5) * size / (number(1) + size)
    high = number(0.935409070603099) + number(0.0458812946797165) * (size - number(1.7))
    piece = switch(size < number(1.7), middle, switch(size < number(3), high, number(0.99505475368673)))
    return number(0.5) * (switch(half < number(0), -piece, piece) + number(1))


__all__ = [
    "LogSoftmax",
    "Softmax",
    "binary_crossentropy",
    "categorical_crossentropy",
    "crossentropy_softmax_1hot",
    "elu",
    "hard_sigmoid",
    "logsoftmax",
    "relu",
    "selu",
    "sigmoid_binary_crossentropy",
    "softmax",
    "softmax_graph",
    "softsign",
    "ultra_fast_sigmoid",
]
