"""scipy.sparse, imported when it is first used: most programs have no sparse matrices, and it takes its time."""

from __future__ import annotations

import importlib
import sys
from typing import Any

_NAME = "scipy.sparse"


class _Module:
    """Stands for the module."""

    def __getattr__(self, name: str) -> Any:
        return getattr(importlib.import_module(_NAME), name)


scipy_sparse = _Module()


def _is_sparse(x: Any) -> bool:
    """Whether `x` is a matrix of scipy.sparse."""
    loaded = sys.modules.get(_NAME)
    return loaded is not None and bool(loaded.issparse(x))


__all__ = ["scipy_sparse"]
