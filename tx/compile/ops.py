"""``theano.compile.ops``: Ops that are of use whatever the type is, and the shapes of tensors."""

from __future__ import annotations

from typing import Any

from tx.builders import FromFunctionOp, _load, as_op
from tx.graph import Apply, Op
from tx.tensor.convert import as_tensor_variable
from tx.tensor.copies import DeepCopyOp, ViewOp, deep_copy_op, view_op
from tx.tensor.shapes import Shape, Shape_i, SpecifyShape, patternbroadcast, shape, shape_i, specify_shape


class Rebroadcast(Op):
    """Change what the type says about some axes: each of `axes` is a pair of an axis and whether it is broadcastable.

    Raises ValueError when run on a length that is not 1. Source: theano.compile.Rebroadcast.
    """

    __props__ = ("axes",)

    def __init__(self, *axes: Any):
        self.axes = tuple((int(axis), bool(broadcastable)) for axis, broadcastable in axes)

    def make_node(self, x: Any) -> Apply:
        """Raises ValueError when there is no such axis."""
        x = as_tensor_variable(x)
        pattern = list(x.type.broadcastable)
        for axis, broadcastable in self.axes:
            if axis >= x.ndim:
                raise ValueError(f"Trying to rebroadcast non-existent dimension {axis} of {x}")
            pattern[axis] = broadcastable
        made = patternbroadcast(x, pattern)
        return view_op.make_node(x) if made is x else made.owner

    def __str__(self) -> str:
        known = dict(self.axes)
        words = [str(int(known[a])) if a in known else "?" for a in range(1 + max(known, default=-1))]
        return f"Rebroadcast{{{','.join(words)}}}"


def load_back(mod: str, name: str) -> Any:
    """The Op of that name in a module: what `as_op` Ops are pickled as."""
    return _load(mod, name)


def _no_code(*args: Any, **kwargs: Any) -> None:
    """Accepted: no C is compiled here."""


register_view_op_c_code = register_deep_copy_op_c_code = register_shape_c_code = register_shape_i_c_code = _no_code
register_rebroadcast_c_code = register_specify_shape_c_code = _no_code

__all__ = [
    "DeepCopyOp",
    "FromFunctionOp",
    "Rebroadcast",
    "Shape",
    "Shape_i",
    "SpecifyShape",
    "ViewOp",
    "as_op",
    "deep_copy_op",
    "load_back",
    "register_deep_copy_op_c_code",
    "register_rebroadcast_c_code",
    "register_shape_c_code",
    "register_shape_i_c_code",
    "register_specify_shape_c_code",
    "register_view_op_c_code",
    "shape",
    "shape_i",
    "specify_shape",
    "view_op",
]
