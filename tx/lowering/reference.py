"""What a node should give, by numpy: to hold XLA's results against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tx.lowering.host import OF_SHAPE, Unknown, evaluate_node
from tx.tensor.elemwise import Elemwise
from tx.tensor.reduction import CAReduce

_WIDER = {"float16": "float64", "float32": "float64", "complex64": "complex128"}


def reference(node: Any, values: Sequence[Any]) -> list[np.ndarray] | None:
    """The outputs of `node` as numpy computes them, in double precision; None when there is nothing to compare with."""
    if type(node.op) in OF_SHAPE:
        return [OF_SHAPE[type(node.op)](node.op, np.shape(values[0]))]
    given = list(values)
    if isinstance(node.op, Elemwise | CAReduce):
        out = node.outputs[0].type.dtype
        given = [_prepared(v, out) for v in values]
    try:
        with np.errstate(all="ignore"):
            return evaluate_node(node, given)
    except (Unknown, ZeroDivisionError):
        return None


def _prepared(value: Any, out: str) -> Any:
    """An operand in the precision in which numpy shall compute: the result's, if it is a float, widened."""
    value = np.asarray(value)
    if np.dtype(out).kind == "f" and value.dtype.kind in "iub":
        return value.astype("float64")
    return value.astype(_WIDER.get(value.dtype.name, value.dtype.name))


def agrees(variable: Any, value: Any, expected: Any, values: Sequence[Any]) -> bool:
    """Whether `value` is `expected` up to the rounding that operands of the size of `values` bring."""
    value, expected = np.asarray(value), np.asarray(expected)
    if value.shape != expected.shape or value.dtype != expected.dtype:
        return False
    if value.dtype.kind not in "fc":
        return bool(np.array_equal(value, expected))
    single = value.dtype.name in ("float16", "float32", "complex64")
    arrays = [v for v in values if isinstance(v, np.ndarray) and v.dtype.kind in "fc"]
    sizes = [np.abs(v[np.isfinite(v)]).max(initial=0) for v in arrays]
    rounding = 1e-2 if value.dtype == "float16" else 1e-4 if single else 1e-7
    atol = rounding * min(1.0, max(sizes, default=0.0)) if isinstance(variable.owner.op, Elemwise) else rounding * max(
        [1.0, *sizes])  # fmt: skip
    return bool(np.allclose(value, expected, rounding, atol, equal_nan=True))
