"""`Print`: an Op that says what passes through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.tensor.convert import as_tensor_variable


def _print_fn(op: Print, xin: Any) -> None:
    for attr in op.attrs:
        found = getattr(xin, attr)
        print(op.message, attr, "=", found() if callable(found) else found, flush=True)


class Print(Op):
    """``Print(message)(x)`` is `x`, and prints it, with the message before it, whenever it is computed.

    `attrs` are the attributes (or methods without arguments) of the array that are printed, a line each.
    `global_fn(op, array)` does something else with it instead. It is called on the host; what it raises, the function
    raises, when all has been computed and updated. Source: theano.printing.Print.
    """

    __props__ = ("message", "attrs", "global_fn")

    def __init__(
        self, message: str = "", attrs: Sequence[str] = ("__str__",), global_fn: Callable[..., Any] = _print_fn
    ):
        self.message = message
        self.attrs = tuple(attrs)
        self.global_fn = global_fn

    def make_node(self, xin: Any) -> Apply:
        """The type stays."""
        xin = as_tensor_variable(xin)
        return Apply(self, [xin], [xin.type()])

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Passed on, and not printed."""
        return list(gradients)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """Passed on."""
        return list(eval_points)

    def infer_shape(self, node: Apply, shapes: Sequence[Any]) -> list[Any]:
        """That of the input."""
        return list(shapes)


__all__ = ["Print"]
