"""Modes: how much is done to a function before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tx.configuration import config


@dataclass(frozen=True)
class Mode:
    """`linker` and `optimizer` as Theano names them; what counts here is whether graphs are rewritten (not with the
    optimizer None) and how XLA is told to compile (`compiler_options`)."""

    linker: Any = None
    optimizer: Any = "fast_run"
    compiler_options: dict[str, Any] = field(default_factory=dict, compare=False)
    name: str = "Mode"

    @property
    def rewrite(self) -> bool:
        """Whether graphs are rewritten."""
        return self.optimizer not in (None, "None")

    def including(self, *tags: str) -> Mode:
        """This mode: which rewrites there are is tx's business."""
        return self

    def excluding(self, *tags: str) -> Mode:
        """This mode."""
        return self

    def clone(self, **kwargs: Any) -> Mode:
        """This mode."""
        return self


FAST_RUN = Mode(name="FAST_RUN")
#: XLA compiles faster without optimising machine code; its fusion stays, for without it products of tensors were wrong
FAST_COMPILE = Mode(
    optimizer="fast_compile", compiler_options={"xla_backend_optimization_level": 0}, name="FAST_COMPILE"
)

predefined_modes = {"FAST_RUN": FAST_RUN, "FAST_COMPILE": FAST_COMPILE, "Mode": FAST_RUN}


def get_mode(mode: Any) -> Mode:
    """The Mode of that name (None: ``config.mode``). Raises Exception, as Theano does, for a name that is none."""
    name = config.mode if mode is None else mode
    if isinstance(name, Mode):
        return name
    if name in ("Mode", None) and config.optimizer in ("fast_compile", "None"):
        return FAST_COMPILE
    if name not in predefined_modes:
        raise Exception(f"No predefined mode exist for string: {name}")
    return predefined_modes[name]


def get_default_mode() -> Mode:
    """The mode that functions are compiled in when none is given."""
    return get_mode(None)
