"""`shard`: how a value inside of a function is to lie on the devices of a mesh."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply
from tx.sharding import Spec, checked_spec
from tx.tensor.convert import as_tensor_variable
from tx.tensor.copies import Identity


class Shard(Identity):
    """Its input. In a function with a mesh, the value is divided as `spec` says; without `needed` only if it can be."""

    __props__ = ("spec", "needed")
    view_map = {0: [0]}

    def __init__(self, spec: Spec, needed: bool = True):
        self.spec, self.needed = spec, needed

    def make_node(self, x: Any) -> Apply:
        """Raises ValueError for a spec that does not fit."""
        node = super().make_node(x)
        checked_spec(self.spec, node.inputs[0].ndim)
        return node


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
