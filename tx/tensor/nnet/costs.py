"""Costs of classifiers with their old names, confusion matrices, and the softmax of two levels."""

from __future__ import annotations

from typing import Any

from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable
from tx.tensor.creation import alloc, arange
from tx.tensor.joining import join
from tx.tensor.math import eq, log
from tx.tensor.nnet.basic import LogSoftmax, Softmax, crossentropy_softmax_1hot, softmax
from tx.tensor.products import batched_dot, dot, tensordot
from tx.tensor.reduction import argmax
from tx.tensor.reduction import max as largest
from tx.tensor.shapes import addbroadcast, patternbroadcast, reshape, shape_padleft
from tx.tensor.subtensor import inc_subtensor, set_subtensor
from tx.tensor.unique import Unique

softmax_op = Softmax()
logsoftmax_op = LogSoftmax()


def _operand(x: Any, name: str, ndims: tuple[int, ...], floating: bool = True, kind: str = "floats") -> Any:
    """`x` as a Variable. Raises ValueError for other ranks and, if it must be `floating`, for other dtypes."""
    x = as_tensor_variable(x)
    if x.ndim not in ndims or (floating and x.dtype not in dt.float_dtypes):
        raise ValueError(f"{name} must be {' or '.join(map(str, ndims))}-d tensor of {kind}. Got {x.type}")
    return x


def _classes(y_idx: Any) -> Any:
    """A vector of class numbers. Raises ValueError for other ranks and dtypes."""
    y_idx = _operand(y_idx, "y_idx", (1,), False, "[u]ints")
    if not dt.is_discrete(y_idx.dtype):
        raise ValueError(f"y_idx must be 1-d tensor of [u]ints. Got {y_idx.type}")
    return y_idx


def _biased(x: Any, b: Any, floating: bool = True) -> Any:
    """x + b, in the dtype of `x`. Raises ValueError unless `x` is a float matrix and `b` a vector."""
    x, b = _operand(x, "x", (2,)), _operand(b, "b", (1,), floating)
    return patternbroadcast(x + F.cast(b, x.dtype), x.type.broadcastable)


def softmax_with_bias(x: Any, b: Any) -> Any:
    """The softmax of each row of x + b. Raises ValueError unless they are a matrix and a vector of floats."""
    return softmax(_biased(x, b))


def softmax_grad(dy: Any, sm: Any) -> Any:
    """The gradient of the softmax whose value is `sm`, given that by its value; vectors count as one row.

    Raises ValueError unless both are vectors or matrices, and `dy` of floats.
    """
    dy, sm = _operand(dy, "dy", (1, 2)), _operand(sm, "sm", (1, 2), False)
    dy, sm = (shape_padleft(v) if v.ndim == 1 else v for v in (dy, sm))
    weighted = F.cast(dy, sm.dtype) * sm
    return patternbroadcast(weighted - weighted.sum(axis=1, keepdims=True) * sm, sm.type.broadcastable)


def crossentropy_categorical_1hot(coding_dist: Any, true_one_of_n: Any) -> Any:
    """-log of the probability that each row of `coding_dist` gives to its class.

    Raises TypeError unless that is a float matrix, and the classes an integer vector.
    """
    coding, classes = as_tensor_variable(coding_dist), as_tensor_variable(true_one_of_n)
    if coding.ndim != 2 or coding.dtype not in dt.float_dtypes:
        raise TypeError(f"float matrix required for argument: coding_dist, got {coding.type}")
    if classes.ndim != 1 or not dt.is_discrete(classes.dtype):
        raise TypeError(f"integer vector required for argument: true_one_of_n, got {classes.type}")
    return -log(coding)[arange(classes.shape[0]), classes]


def crossentropy_categorical_1hot_grad(g_y: Any, coding_dist: Any, true_one_of_n: Any) -> Any:
    """The gradient of `crossentropy_categorical_1hot` by `coding_dist`, from that by its value, `g_y`."""
    coding, classes = as_tensor_variable(coding_dist), as_tensor_variable(true_one_of_n)
    places = arange(coding.shape[0]), classes
    change = -F.cast(g_y, coding.dtype) / coding[places]
    return set_subtensor(F.zeros_like(coding)[places], change)


def crossentropy_softmax_1hot_with_bias_dx(dy: Any, sm: Any, y_idx: Any, **kwargs: Any) -> Any:
    """The gradient of the cross-entropy of a softmax, whose value is `sm`, by what the softmax is taken of.

    `dy`, a scalar or one for each row, is the gradient by the cross-entropy, and `y_idx` are the class numbers.
    Raises ValueError for other ranks and dtypes.
    """
    dy, sm, y_idx = _operand(dy, "dy", (0, 1)), _operand(sm, "sm", (2,)), _classes(y_idx)
    difference = inc_subtensor(sm[arange(sm.shape[0]), y_idx], F.constant_like(-1, sm))
    dy = F.cast(dy.dimshuffle(0, "x") if dy.ndim else dy, sm.dtype)
    return patternbroadcast(dy * difference, sm.type.broadcastable)


def crossentropy_softmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> tuple[Any, Any]:
    """`crossentropy_softmax_1hot` of x + b."""
    return crossentropy_softmax_1hot(_biased(x, b, False), _classes(y_idx))


def crossentropy_softmax_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> list[Any]:
    """The cross-entropy, the softmax, and the likeliest class of each row of x + b.

    Raises ValueError unless `x` is a float matrix, `b` a vector and `y_idx` an integer vector.
    """
    y_idx = _classes(y_idx)
    cost, p = crossentropy_softmax_1hot(_biased(x, b, False), y_idx)
    return [cost, p, F.cast(argmax(p, axis=1), y_idx.dtype)]


def crossentropy_softmax_max_and_argmax_1hot_with_bias(x: Any, b: Any, y_idx: Any, **kwargs: Any) -> tuple[Any, ...]:
    """The cross-entropy, the softmax, its largest probability and the likeliest class of each row of x + b."""
    cost, p = crossentropy_softmax_1hot(_biased(x, b, False), _classes(y_idx))
    return cost, p, largest(p, axis=1), argmax(p, axis=1)


def crossentropy_softmax_max_and_argmax_1hot(x: Any, y_idx: Any, **kwargs: Any) -> tuple[Any, ...]:
    """The same without a bias."""
    cost, p = crossentropy_softmax_1hot(x, y_idx)
    return cost, p, largest(p, axis=1), argmax(p, axis=1)


def prepend_scalar_to_each_row(val: Any, mat: Any) -> Any:
    """The matrix with `val` in front of each row. Raises TypeError for other ranks."""
    val, mat = as_tensor_variable(val), as_tensor_variable(mat)
    if mat.ndim != 2 or val.ndim != 0:
        raise TypeError("Expected a scalar and a matrix as input")
    column = alloc(F.cast(val, mat.dtype), mat.shape[0], 1)
    return join(1, column, mat)


def prepend_0_to_each_row(mat: Any) -> Any:
    """The matrix with a column of zeros in front."""
    return prepend_scalar_to_each_row(0, mat)


def prepend_1_to_each_row(mat: Any) -> Any:
    """The matrix with a column of ones in front."""
    return prepend_scalar_to_each_row(1, mat)


def confusion_matrix(actual: Any, pred: Any) -> list[Any]:
    """How often each class (row) was taken for each class (column), and the classes, in order.

    Raises ValueError unless both are vectors.
    """
    actual, pred = as_tensor_variable(actual), as_tensor_variable(pred)
    for name, vector in (("actual", actual), ("pred", pred)):
        if vector.ndim != 1:
            raise ValueError(f"{name} must be 1-d tensor variable")
    order = Unique()(join(0, actual, pred))
    rows, columns = (F.cast(eq(v.dimshuffle(0, "x"), order), "int64") for v in (actual, pred))
    return [dot(rows.T, columns), order]


def h_softmax(
    x: Any,
    batch_size: Any,
    n_outputs: Any,
    n_classes: Any,
    n_outputs_per_class: Any,
    W1: Any,
    b1: Any,
    W2: Any,
    b2: Any,
    target: Any = None,
) -> Any:
    """A softmax over classes, and one over the outputs of each class: probabilities of outputs as their products.

    `W1` is (features, classes), `W2` (classes, features, outputs per class), biases without the features.
    Without `target` all probabilities, (batch, n_outputs); with it those of one output for each row, a vector.
    """
    x, W2, b2 = as_tensor_variable(x), as_tensor_variable(W2), as_tensor_variable(b2)
    of_class = softmax(dot(x, W1) + b1)
    if target is None:
        scores = tensordot(x, W2, axes=(1, 1)) + b2
        inside = softmax(reshape(scores, (-1, n_outputs_per_class), 2))
        inside = reshape(inside, (batch_size, n_classes, -1), 3)
        return reshape(of_class.dimshuffle(0, 1, "x") * inside, (batch_size, -1), 2)[:, :n_outputs]
    target = as_tensor_variable(target).flatten()
    group, place = target // n_outputs_per_class, target % n_outputs_per_class
    scores = addbroadcast(batched_dot(x.dimshuffle(0, "x", 1), W2[group]), 1).dimshuffle(0, 2) + b2[group]
    rows = arange(batch_size)
    return of_class[rows, group] * softmax(scores)[rows, place]


__all__ = [
    "confusion_matrix",
    "crossentropy_categorical_1hot",
    "crossentropy_categorical_1hot_grad",
    "crossentropy_softmax_1hot_with_bias",
    "crossentropy_softmax_1hot_with_bias_dx",
    "crossentropy_softmax_argmax_1hot_with_bias",
    "crossentropy_softmax_max_and_argmax_1hot",
    "crossentropy_softmax_max_and_argmax_1hot_with_bias",
    "h_softmax",
    "logsoftmax_op",
    "prepend_0_to_each_row",
    "prepend_1_to_each_row",
    "prepend_scalar_to_each_row",
    "softmax_grad",
    "softmax_op",
    "softmax_with_bias",
]
