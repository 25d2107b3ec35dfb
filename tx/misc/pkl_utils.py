"""Saving models: as a zip file whose arrays anyone can read, and pickles that Theano has written.

`dump` and `load` keep arrays, named after the shared variables that hold them, as ``.npy`` entries of a zip file, which
`numpy.load` reads without tx. `CompatUnpickler` and `load` also take what Theano 1.0.5 has saved.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from tx.graph import Apply, Variable, scratchpad
from tx.graph.pickling import without_lines
from tx.legacy.restoring import find
from tx.shared import Container, SharedVariable

DEFAULT_PROTOCOL = pickle.HIGHEST_PROTOCOL
#: the entry of a zip file that holds the pickle
_PICKLE = "pkl"


class StripPickler(pickle.Pickler):
    """A Pickler that leaves out where things were written, test values, and what else is in tags under a given name.

    `extra_tag_to_remove`: a name, or a list of names.
    """

    def __init__(self, file: Any, protocol: int = 0, extra_tag_to_remove: Any = None):
        super().__init__(file, protocol)
        extra = extra_tag_to_remove or []
        self.tag_to_remove = ["trace", "test_value", *([extra] if isinstance(extra, str) else extra)]

    def reducer_override(self, obj: Any) -> Any:
        """How tags, nodes and Variables that have one are pickled."""
        if isinstance(obj, scratchpad):
            kept = {name: value for name, value in vars(obj).items() if name not in self.tag_to_remove}
            return scratchpad, (), kept or None
        if isinstance(obj, Apply) or (isinstance(obj, Variable) and obj.owner is not None):
            return without_lines(obj.__reduce_ex__(2))
        return NotImplemented


class CompatUnpickler(pickle.Unpickler):
    """An Unpickler for what Theano has pickled, under Python 2 or 3; it needs no `tx.install`.

    `encoding` says how texts of Python 2 are read. Arrays in them need ``'latin1'``, the default.
    """

    def __init__(self, file: Any, *, encoding: str = "latin1", **options: Any):
        super().__init__(file, encoding=encoding, **options)

    def find_class(self, module: str, name: str) -> Any:
        """Theano's names lead to tx."""
        root, _, path = module.partition(".")
        return find(path, name) if root == "theano" and path else super().find_class(module, name)


class PersistentNdarrayID:
    """Gives each ndarray an entry of its own in `zip_file`, ``array_0`` and so on; used as ``persistent_id``."""

    def __init__(self, zip_file: zipfile.ZipFile):
        self.zip_file = zip_file
        self.count = 0
        #: id of an array -> the array, which must stay alive, and its persistent id
        self.seen: dict[int, tuple[Any, str]] = {}

    def _resolve_name(self, obj: Any) -> str:
        """The name of the next array."""
        name = f"array_{self.count}"
        self.count += 1
        return name

    def __call__(self, obj: Any) -> str | None:
        """The persistent id of an ndarray; None for anything else."""
        if type(obj) is not np.ndarray or obj.dtype.hasobject:
            return None
        if id(obj) not in self.seen:
            name = self._resolve_name(obj)
            zipadd(lambda file: np.lib.format.write_array(file, obj, allow_pickle=False), self.zip_file, name)
            self.seen[id(obj)] = obj, f"ndarray.{name}"
        return self.seen[id(obj)][1]


class PersistentGpuArrayID(PersistentNdarrayID):
    """As `PersistentNdarrayID`: tx pickles what lies on a device as ndarrays."""


class PersistentSharedVariableID(PersistentGpuArrayID):
    """As `PersistentNdarrayID`, but the array of a shared variable gets the variable's name.

    Of several with one name, all but the first get a number behind it. Raises ValueError for them unless
    `allow_duplicates`, and for shared variables without a name unless `allow_unnamed`.
    """

    def __init__(self, zip_file: zipfile.ZipFile, allow_unnamed: bool = True, allow_duplicates: bool = True):
        super().__init__(zip_file)
        self.allow_unnamed, self.allow_duplicates = allow_unnamed, allow_duplicates
        self.name_counter: dict[str, int] = {_PICKLE: 1}
        #: the name of each container that is still to come, and of the array that comes next
        self._names: dict[Container, str | None] = {}
        self._next: str | None = None

    def _resolve_name(self, obj: Any) -> str:
        name, self._next = self._next, None
        if name is None:
            return super()._resolve_name(obj)
        count = self.name_counter[name] = self.name_counter.get(name, 0) + 1
        if count == 1:
            return name
        if not self.allow_duplicates and name != _PICKLE:
            raise ValueError(f"multiple shared variables with the name `{name}` found")
        return f"{name}_{count}"

    def __call__(self, obj: Any) -> str | None:
        """As for any array; a container of a shared variable says how the next one is called."""
        if isinstance(obj, SharedVariable):
            if not obj.name and not self.allow_unnamed:
                raise ValueError(f"unnamed shared variable, {obj}")
            self._names.setdefault(obj.container, obj.name)
        elif isinstance(obj, Container):
            self._next = self._names.get(obj, obj.name) or None
        return super().__call__(obj)


class PersistentNdarrayLoad:
    """Reads what a persistent id names from `zip_file`, each array once; used as ``persistent_load``."""

    def __init__(self, zip_file: zipfile.ZipFile):
        self.zip_file = zip_file
        self.cache: dict[str, Any] = {}

    def __call__(self, persid: str) -> Any:
        """The array."""
        _, _, name = persid.partition(".")
        if name not in self.cache:
            self.cache[name] = np.lib.format.read_array(io.BytesIO(self.zip_file.read(name)), allow_pickle=False)
        return self.cache[name]


def dump(
    obj: Any,
    file_handler: Any,
    protocol: int = DEFAULT_PROTOCOL,
    persistent_id: Callable[[zipfile.ZipFile], Any] = PersistentSharedVariableID,
) -> None:
    """Write `obj` to a file as a zip of its pickle (``pkl``) and its arrays. `load` reads it.

    Source: theano.misc.pkl_utils.dump.
    """
    with zipfile.ZipFile(file_handler, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as zip_file:
        name_of = persistent_id(zip_file)

        class ArraysApart(pickle.Pickler):
            def persistent_id(self, obj: Any) -> Any:
                return name_of(obj)

        stream = io.BytesIO()
        ArraysApart(stream, protocol).dump(obj)
        zip_file.writestr(_PICKLE, stream.getvalue())


def load(f: Any, persistent_load: Callable[[zipfile.ZipFile], Any] = PersistentNdarrayLoad) -> Any:
    """Read what `dump`, tx's or Theano's, has written to a file. Source: theano.misc.pkl_utils.load."""
    with zipfile.ZipFile(f, "r") as zip_file:
        read = persistent_load(zip_file)

        class WithArrays(CompatUnpickler):
            def persistent_load(self, persid: Any) -> Any:
                return read(persid)

        return WithArrays(io.BytesIO(zip_file.read(_PICKLE))).load()


def zipadd(func: Callable[[Any], Any], zip_file: zipfile.ZipFile, name: str) -> None:
    """Add to a zip file the entry `name` with what `func` writes into the file that it is given."""
    stream = io.BytesIO()
    func(stream)
    zip_file.writestr(name, stream.getvalue())


__all__ = [
    "DEFAULT_PROTOCOL",
    "CompatUnpickler",
    "PersistentGpuArrayID",
    "PersistentNdarrayID",
    "PersistentNdarrayLoad",
    "PersistentSharedVariableID",
    "StripPickler",
    "dump",
    "load",
    "zipadd",
]
