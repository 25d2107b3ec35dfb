"""Moving values between devices: `transfer`, and the Op that it applies.

A target is ``'cpu'``, or the name of a context (`config.contexts`). All devices have one type of tensor, so that values
of different devices mix: what is computed from them lies where the first of them lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tx.configuration import config, contexts
from tx.tensor.convert import as_tensor_variable
from tx.tensor.copies import Identity

#: the target that is the accelerator of `config.device`
DEFAULT = ""


class Transfer(Identity):
    """Its input, on the device of a target. The gradient goes back to where the input came from."""

    __props__ = ("target",)
    view_map = {0: [0]}

    def __init__(self, target: str):
        self.target = target

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Transferred back."""
        return [Transfer(origin(inputs[0]) or "cpu")(gradients[0])]

    def R_op(self, inputs: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
        """Transferred as the input is."""
        return [self(tangents[0])]


def origin(x: Any) -> str | None:
    """The target that a shared variable or a transferred value is on; None for others, which lie on no certain one."""
    if x.owner is not None:
        return x.owner.op.target if isinstance(x.owner.op, Transfer) else None
    return getattr(getattr(x, "container", None), "target", None)


def transfer(var: Any, target: str | None) -> Any:
    """`var` on the device `target`: ``'cpu'``, or the name of a context; None is an accelerator that `config.device`
    names. Raises ValueError for others."""
    x = as_tensor_variable(var)
    if target == "cpu":
        return x if origin(x) in (None, "cpu") else Transfer(target)(x)
    for registered in transfer._others:  # type: ignore[attr-defined]
        moved = registered(x, target)
        if moved is not None:
            return moved
    raise ValueError(f"Can't transfer to target {target}")


def _to_context(x: Any, target: Any) -> Any:
    if target is None and not config.device.startswith("cpu"):
        return Transfer(DEFAULT)(x)
    return Transfer(target)(x) if target in contexts() else None


#: functions of a Variable and a target, which return None for a target that is not theirs
transfer._others = [_to_context]  # type: ignore[attr-defined]


def register_transfer(fn: Callable[[Any, Any], Any]) -> None:
    """Let `transfer` ask `fn(variable, target)`, which returns the transferred Variable, or None."""
    transfer._others.append(fn)  # type: ignore[attr-defined]


__all__ = ["Transfer", "register_transfer", "transfer"]
