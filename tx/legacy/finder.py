"""The import hook: ``theano`` is tx, and ``theano.a.b`` is what the table of paths, or the path itself, leads to."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from types import ModuleType
from typing import Any

from tx.legacy.paths import PATHS


class Namespace(ModuleType):
    """A module whose names are those of several others, looked up when they are asked for."""

    def __init__(self, name: str, targets: tuple[str, ...]):
        super().__init__(name, f"{name}: the names of {', '.join(targets)}")
        self.__path__: list[str] = []
        self._targets = targets

    def _modules(self) -> list[ModuleType]:
        return [importlib.import_module(t) for t in self._targets]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        if f"{self.__name__}.{name}".partition(".")[2] in PATHS:
            return importlib.import_module(f"{self.__name__}.{name}")
        if name == "__all__":
            return sorted({n for m in self._modules() for n in getattr(m, "__all__", vars(m)) if n[0] != "_"})
        for module in self._modules():
            if hasattr(module, name):
                return getattr(module, name)
        return _below(self.__name__, name)

    def __dir__(self) -> list[str]:
        return list(self.__all__)


def _below(package: str, name: str) -> Any:
    """The module `name` of a package, if the table has it. Raises AttributeError when it does not."""
    path = f"{package}.{name}"
    if path.partition(".")[2] in PATHS:
        return importlib.import_module(path)
    raise AttributeError(f"module {package!r} has no attribute {name!r}")


class _Package(ModuleType):
    """A package whose functions are not replaced by modules of their name: ``theano.tensor.sort`` stays callable."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and callable(vars(self).get(name))):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """A path of the table is found without being imported first, as in Theano: ``theano.tensor.opt``."""
        return _below(self.__name__, name)


def targets_of(name: str) -> tuple[str, ...] | None:
    """The modules of tx that serve ``theano.X`` or ``tx.X``; None when the name is none of ours."""
    root, _, path = name.partition(".")
    if root not in ("theano", "tx"):
        return None
    if not path:
        return ("tx",) if root == "theano" else None
    if path in PATHS:
        return PATHS[path]
    return (f"tx.{path}",) if root == "theano" else None


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves the paths. Modules that tx really has are left to Python's own finders."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        targets = targets_of(fullname)
        if targets is None or (fullname.startswith("tx.") and fullname in targets):
            return None
        if len(targets) == 1 and not _exists(targets[0]):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: Any) -> ModuleType:
        targets = targets_of(spec.name)
        assert targets is not None
        return Namespace(spec.name, targets)

    def exec_module(self, module: ModuleType) -> None:
        """A path to one module gives that module itself, so that there is only one of it."""
        assert isinstance(module, Namespace)
        package = sys.modules.get(module.__name__.rpartition(".")[0])
        if type(package) is ModuleType:
            # Python's import will make the module an attribute of its package.
            package.__class__ = _Package
        if len(module._targets) == 1:
            sys.modules[module.__name__] = importlib.import_module(module._targets[0])
        root, _, path = module.__name__.partition(".")
        if root == "theano" and path:
            from tx.legacy.restoring import complete

            complete(path, sys.modules[module.__name__])


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


_finder, _last = _Finder(), _NoSuchPath()


def install_finder() -> None:
    """Put the hook in place, and tx in the place of theano."""
    if _finder not in sys.meta_path:
        # Behind Python's own finders: a real module of tx comes first, and so would a real Theano; it is hidden below.
        sys.meta_path.insert(0, _TheanoFirst(_finder))
        sys.meta_path.append(_finder)
        sys.meta_path.append(_last)
    sys.modules["theano"] = importlib.import_module("tx")
    for path in {p.rpartition(".")[0] for p in PATHS}:
        package = sys.modules.get(f"tx.{path}" if path else "tx")
        if type(package) is ModuleType:
            package.__class__ = _Package


class _TheanoFirst(importlib.abc.MetaPathFinder):
    """Asks the finder about ``theano`` before anyone else, so that an installed Theano does not get in between."""

    def __init__(self, finder: _Finder):
        self.finder = finder

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        return self.finder.find_spec(fullname) if fullname.partition(".")[0] == "theano" else None


__all__ = ["Namespace", "install_finder", "targets_of"]
