"""The import hook: what the table of paths says that tx has, it has, as ``tx.a.b``; and ``theano.a.b`` is ``tx.a.b``.

The first half serves whoever imports tx (``import tx as theano`` is all that a program changes). The second half,
where ``theano`` itself is tx, waits for `install_finder`.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

from tx.legacy.paths import PACKAGES, PATHS


class Served(ModuleType):
    """A module with a row in the table, or with a module below it that has one.

    A name that it has not itself is looked up in the modules of its row, then among the paths below it, and last
    among the classes that only pickles of Theano's name. A function of its own is not replaced by a module of that
    name: ``theano.tensor.sort`` stays callable.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and callable(vars(self).get(name))):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        path = self.__name__.partition(".")[2]
        if name.startswith("__") and (name != "__all__" or path not in PATHS or _is_real(self)):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name == "__all__":
            return sorted({n for m in _targets(self) for n in getattr(m, "__all__", vars(m)) if n[0] != "_"})
        for module in _targets(self):
            if hasattr(module, name):
                return getattr(module, name)
        below = f"{path}.{name}".lstrip(".")
        if below in PATHS:
            return importlib.import_module(f"tx.{below}")
        from tx.legacy.restoring import find_only_in_pickles

        found = find_only_in_pickles(path, name)
        if found is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return found

    def __dir__(self) -> list[str]:
        return sorted(vars(self)) if _is_real(self) else list(self.__all__)


def _is_real(module: ModuleType) -> bool:
    return not isinstance(module.__spec__ and module.__spec__.loader, _Finder)


def _targets(module: ModuleType) -> list[ModuleType]:
    names = PATHS.get(module.__name__.partition(".")[2], ())
    return [importlib.import_module(name) for name in names if name != module.__name__]


def targets_of(name: str) -> tuple[str, ...]:
    """The modules of tx that serve ``theano.X``: `name`."""
    path = name.partition(".")[2]
    return tuple(dict.fromkeys((f"tx.{path}", *PATHS.get(path, ())))) if path else ("tx",)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves ``tx.X`` of the table, where Python's own finders have found no module."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        root, _, path = fullname.partition(".")
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if self.serves(root, path) else None

    def serves(self, root: str, path: str) -> bool:
        """Whether a module is found here."""
        return root == "tx" and path in PATHS

    def create_module(self, spec: Any) -> ModuleType:
        targets = PATHS[spec.name.partition(".")[2]]
        return Served(spec.name, f"{spec.name}: the names of {', '.join(targets)}" if targets else None)

    def exec_module(self, module: ModuleType) -> None:
        """A path to one module gives that module itself, so that there is only one of it."""
        targets = PATHS[module.__name__.partition(".")[2]]
        if len(targets) == 1:
            sys.modules[module.__name__] = importlib.import_module(targets[0])


class _TheanoFinder(_Finder):
    """Serves ``theano.X``: it is ``tx.X``. Asked first, so that an installed Theano does not get in between."""

    def serves(self, root: str, path: str) -> bool:
        return root == "theano" and (not path or path in PATHS or _exists(f"tx.{path}"))

    def create_module(self, spec: Any) -> ModuleType:
        return ModuleType(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        path = module.__name__.partition(".")[2]
        found = sys.modules[module.__name__] = importlib.import_module(f"tx.{path}" if path else "tx")
        if path:
            from tx.legacy.restoring import complete

            complete(path, found)


def _exists(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


class _NoSuchPath(importlib.abc.MetaPathFinder):
    """The last to be asked: says plainly which part of Theano tx does not have."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname.startswith("theano."):
            raise ModuleNotFoundError(f"tx has no {fullname[7:]} (asked for as {fullname})", name=fullname)
        return None


_finder, _theano, _last = _Finder(), _TheanoFinder(), _NoSuchPath()


def serve_paths() -> None:
    """Let ``import tx.X`` give what the table of paths says. Called once, when tx has been imported."""
    sys.meta_path.append(_finder)
    for path in {*PATHS, *PACKAGES}:
        module = sys.modules.get(f"tx.{path}" if path else "tx")
        if type(module) is ModuleType:
            module.__class__ = Served


def install_finder() -> None:
    """Put tx in the place of theano."""
    if _theano not in sys.meta_path:
        sys.meta_path.insert(0, _theano)
        sys.meta_path.append(_last)
    sys.modules["theano"] = importlib.import_module("tx")


__all__ = ["Served", "install_finder", "serve_paths", "targets_of"]
