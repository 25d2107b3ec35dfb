"""`Print`: an Op that says what passes through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.tensor.copies import Identity


def _print_fn(op: Print, xin: Any) -> None:
    for attr in op.attrs:
        found = getattr(xin, attr)
        print(op.message, attr, "=", found() if callable(found) else found, flush=True)


class Print(Identity):
    """``Print(message)(x)`` is `x`, and prints it, with the message before it, whenever it is computed.

    `attrs` are the attributes (or methods without arguments) of the array that are printed, a line each.
    `global_fn(op, array)` does something else with it instead. It is called on the host; what it raises, the function
    raises, when all has been computed and updated. Gradients are not printed. Source: theano.printing.Print.
    """

    __props__ = ("message", "attrs", "global_fn")

    def __init__(
        self, message: str = "", attrs: Sequence[str] = ("__str__",), global_fn: Callable[..., Any] = _print_fn
    ):
        self.message = message
        self.attrs = tuple(attrs)
        self.global_fn = global_fn


__all__ = ["Print"]
