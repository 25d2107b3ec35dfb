"""`shard`: how a value inside of a function is to lie on the devices of a mesh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.sharding import Spec, checked_spec
from tx.tensor.convert import as_tensor_variable


class Shard(Op):
    """Its input. In a function with a mesh, the value is divided as `spec` says; without `needed` only if it can be."""

    __props__ = ("spec", "needed")
    view_map = {0: [0]}

    def __init__(self, spec: Spec, needed: bool = True):
        self.spec, self.needed = spec, needed

    def make_node(self, x: Any) -> Apply:
        """The type of `x`."""
        x = as_tensor_variable(x)
        checked_spec(self.spec, x.ndim)
        return Apply(self, [x], [x.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(gradients)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """Unchanged."""
        return list(shapes)


def shard(x: Any, *spec: Any) -> Any:
    """`x`, divided over the devices of the function's mesh: ``shard(x, "batch", None)``.

    An entry for each axis of `x`, from the first on: the name of an axis of the mesh, a tuple of names, or None for an
    axis that is not divided. Values and gradients are those of `x`; in a function without a mesh nothing happens.

    Raises ValueError for more entries than axes; when the function runs, for an axis that its mesh does not have and
    for a size that cannot be divided evenly.
    """
    x = as_tensor_variable(x)
    return Shard(checked_spec(spec, x.ndim))(x)


__all__ = ["Shard", "shard"]
