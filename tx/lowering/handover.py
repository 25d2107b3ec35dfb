"""How an executable is given its inputs: with the windows that it asked for, and large ones without jax's copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tx.lowering.aligned import aligned, large
from tx.lowering.views import View, with_views
from tx.lowering.windows import Window, with_windows


class Handover(NamedTuple):
    """Of the inputs of an executable: their parts that it is given besides, those that it is given with the memory
    around them, and the positions of those that are aligned first."""

    windows: tuple[Window, ...] = ()
    views: tuple[View, ...] = ()
    large: tuple[int, ...] = ()

    def __call__(self, values: Sequence[Any]) -> Sequence[Any]:
        """What the executable is called with, for values of its stage's inputs. Raises Retrace for other shapes."""
        values = aligned(values, self.large) if self.large else values
        return with_views(with_windows(values, self.windows), self.views)

    def before(self, run: Callable[..., Any]) -> Callable[..., Any]:
        """What calls `run`, with what is handed over. Raises Retrace for other shapes."""
        return (lambda *values: run(*self(values))) if any(self) else run

    def with_large(self, values: Sequence[Any], positions: Sequence[int]) -> Handover:
        """The same, and those at the positions that are aligned first, for values like these."""
        looked_at = {view.position for view in self.views}
        return self._replace(large=tuple(large(values, [i for i in positions if i not in looked_at])))


#: as they are
PLAIN = Handover()


__all__ = ["PLAIN", "Handover"]
