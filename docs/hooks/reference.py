"""The API reference, made from the objects that users import.

A page of ``docs/api`` says which names it describes::

    <!-- reference: tx.tensor: dot @reduction -->

that is, of ``tx.tensor`` the name ``dot`` and the functions that ``tx/tensor/reduction.py`` defines; ``*`` stands for
the public names that no page asks for. Many names come from tables, so what counts is the living object: its signature,
its docstring, and all the names it goes by.
"""

from __future__ import annotations

import importlib
import inspect
import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_TABLE = re.compile(r"^<!-- (rows|flags) -->$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^<!-- reference: (?P<module>[\w.]+): (?P<patterns>[^>]+?) -->$", re.MULTILINE)
_CODE = re.compile(r"(?<![`\[\w])`(\w[\w.]*)`(?!`)")
_SHORT = {"tx.tensor": "T"}
_MANY = 6
_WIDTH = 84


@dataclass
class Entry:
    """What is described in one place: names of a module with one docstring and signature, and further names of them."""

    module: str
    names: list[str]
    thing: Any
    also: list[str] = field(default_factory=list)
    page: str = ""

    @property
    def anchor(self) -> str:
        return f"{self.module}.{self.names[0]}"

    @property
    def doc(self) -> str:
        thing = self.thing
        if inspect.isclass(thing):
            return inspect.cleandoc(vars(thing).get("__doc__") or "")
        if not (callable(thing) or isinstance(thing, ModuleType)) and type(thing).__module__ == "builtins":
            return f"A {type(thing).__name__}."
        if _is_row(thing):
            return f"The operation `{thing.name}` of [scalars](scalar.md)."
        return inspect.getdoc(thing) or ""

    @property
    def signature(self) -> str | None:
        return signature_of(self.thing) if callable(self.thing) else None


class _Shown(str):
    """An annotation that is printed without quotes."""

    def __repr__(self) -> str:
        return str(self)


def signature_of(thing: Any, method: bool = False) -> str:
    """The arguments of a callable and what it returns. Annotations that say nothing are left out."""
    row = getattr(thing, "scalar_op", None)
    if row is not None and not inspect.isclass(thing):
        count = getattr(row, "nin", -1)
        return f"({', '.join('xyzuvw'[:count])})" if 0 < count <= 6 else "(*inputs)"
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(...)"

    def shown(note: Any) -> Any:
        return inspect.Parameter.empty if note in ("Any", Any) else _Shown(note) if isinstance(note, str) else note

    kept = list(signature.parameters.values())[1 if method else 0 :]
    parameters = [p.replace(annotation=shown(p.annotation)) for p in kept]
    text = str(signature.replace(parameters=parameters, return_annotation=shown(signature.return_annotation)))
    return re.sub(r"<(\w+)[^<>]* at 0x\w+>", r"<\1>", text)


@cache
def public_names(module: str) -> list[str]:
    """What `module` lists in ``__all__``, or else defines, in the order of the alphabet."""
    here = importlib.import_module(module)
    defined = [n for n, thing in vars(here).items() if inspect.isroutine(thing) or inspect.isclass(thing)]
    names = set(getattr(here, "__all__", [n for n in defined if vars(here)[n].__module__ == module]))
    return sorted((n for n in names if not n.startswith("_")), key=lambda n: (n.lower(), n))


def _home(thing: Any) -> str:
    return str(thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", ""))


def _has_identity(thing: Any) -> bool:
    return callable(thing) or isinstance(thing, ModuleType | dict) or type(thing).__module__.startswith("tx")


class Reference:
    """All entries of the pages of a folder. Raises ValueError for a name that is asked for twice, or is not public."""

    def __init__(self, folder: Path):
        self.directives: dict[tuple[str, str, str], list[Entry]] = {}
        self.places: dict[str, Entry] = {}
        asked = [
            (page.name, match["module"], match["patterns"])
            for page in sorted(folder.glob("*.md"))
            for match in _DIRECTIVE.finditer(page.read_text(encoding="utf-8"))
        ]
        self._names: defaultdict[int, list[str]] = defaultdict(list)
        for module in sorted({module for _, module, _ in asked}):
            for name in public_names(module):
                self._names[id(getattr(importlib.import_module(module), name))].append(f"{module}.{name}")
        # names first, and what is left last, beginning with the innermost modules
        asked.sort(key=lambda a: -a[1].count("."))
        for kind in (r"\w+$", "@", r"\*"):
            for page, module, patterns in asked:
                chosen = self._chosen(module, [p for p in patterns.split() if re.match(kind, p)])
                entries = self._grouped(module, chosen)
                for entry in entries:
                    entry.page = page
                    self._place(entry)
                self.directives.setdefault((page, module, patterns), []).extend(entries)

    def _chosen(self, module: str, patterns: list[str]) -> list[str]:
        here, public, chosen = importlib.import_module(module), public_names(module), []
        free = {n: getattr(here, n) for n in public if f"{module}.{n}" not in self.places}
        for pattern in patterns:
            if pattern == "*":
                rest = [n for n, thing in free.items() if not (module == "tx.scalar" and _is_row(thing))]
                chosen += sorted(rest, key=lambda n: inspect.isclass(free[n]) + 2 * isinstance(free[n], ModuleType))
            elif pattern.startswith("@"):
                home = f"{module}.{pattern[1:]}"
                chosen += [n for n, thing in free.items() if _home(thing) == home and not inspect.isclass(thing)]
            elif pattern in public:
                chosen.append(pattern)
            else:
                raise ValueError(f"{module} has no public name {pattern}")
        return chosen

    def _grouped(self, module: str, names: list[str]) -> list[Entry]:
        groups: dict[Any, Entry] = {}
        here = importlib.import_module(module)
        for name in names:
            entry = Entry(module, [name], getattr(here, name))
            key = (entry.doc, entry.signature) if entry.doc and _has_identity(entry.thing) else name
            if key in groups:
                groups[key].names.append(name)
            else:
                groups[key] = entry
        return list(groups.values())

    def _place(self, entry: Entry) -> None:
        here = importlib.import_module(entry.module)
        for name in entry.names:
            self._claim(f"{entry.module}.{name}", entry)
        things = [getattr(here, n) for n in entry.names]
        for full in dict.fromkeys(f for t in things if _has_identity(t) for f in self._names[id(t)]):
            if full not in self.places:
                self._claim(full, entry)
                entry.also.append(full)

    def _claim(self, full: str, entry: Entry) -> None:
        if full in self.places:
            raise ValueError(f"{full} is described twice: {self.places[full].page}, {entry.page}")
        self.places[full] = entry

    def expand(self, page: str, text: str) -> str:
        """The page, with entries in place of its directives."""

        def entries(match: re.Match[str]) -> str:
            return "\n".join(map(self.shown, self.directives[page, match["module"], match["patterns"]]))

        tables = {"rows": table_of_rows, "flags": lambda: other_flags(text)}
        return _DIRECTIVE.sub(entries, _TABLE.sub(lambda match: tables[match[1]](), text))

    def shown(self, entry: Entry) -> str:
        """An entry as Markdown."""
        module, names = entry.module, entry.names
        title = ", ".join(names) if len(names) <= _MANY else f"{names[0]}, ..., {names[-1]}"
        anchors = [f"{module}.{n}" for n in names[1:]] + entry.also
        lines = [f"### `{title}` {{ #{entry.anchor} }}", ""]
        if anchors:
            lines += ["".join(f'<a id="{a}"></a>' for a in anchors), ""]
        calls = [self._call(entry, name) for name in names]
        lines += ["```python", *calls[: 1 if len(names) > _MANY or "\n" in calls[0] else None], "```", ""]
        lines += [self._linked(entry, entry.doc) if entry.doc else "*No docstring.*", ""]
        if callable(entry.thing) and _is_row(vars(entry.thing).get("scalar_op")):
            lines += [_dtypes_of(entry.thing.scalar_op), ""]
        if len(names) > _MANY:
            lines += ["Names: " + ", ".join(f"`{n}`" for n in names) + ".", ""]
        if entry.also:
            lines += ["Also " + ", ".join(f"`{a}`" for a in entry.also) + ".", ""]
        return "\n".join(lines + self._members(entry))

    def _call(self, entry: Entry, name: str) -> str:
        prefix = _SHORT.get(entry.module, entry.module)
        if isinstance(entry.thing, ModuleType):
            return f"import {entry.thing.__name__}"
        if entry.signature is None:
            value = repr(getattr(importlib.import_module(entry.module), name))
            known = type(entry.thing).__module__ == "builtins" and "object at" not in value and len(value) < 300
            return f"{prefix}.{name} = {value}" if known else f"{prefix}.{name}"
        call = f"{'class ' * inspect.isclass(entry.thing)}{prefix}.{name}{entry.signature}"
        return call if len(call) <= _WIDTH else _folded(call)

    def _members(self, entry: Entry) -> list[str]:
        lines = []
        for name, member in members_of(entry.thing, self.places):
            call = f"`.{name}{'' if isinstance(member, property) else signature_of(member, method=True)}`"
            doc = self._linked(entry, inspect.getdoc(member) or "*No docstring.*")
            lines += [f"- {call}: {doc}".replace("\n", "\n    "), ""]
        return lines

    def _linked(self, entry: Entry, text: str) -> str:
        """The text, in which names of the same module lead to their entries."""
        own = {*re.findall(r"\w+", entry.signature or ""), *entry.names}

        def link(match: re.Match[str]) -> str:
            name = match[1]
            for full in (f"{entry.module}.{name}", name, f"tx.{name}"):
                there = self.places.get(full)
                if there is not None and there is not entry and name not in own:
                    page = "" if there.page == entry.page else there.page
                    return f"[{match[0]}]({page}#{full})"
            return match[0]

        return _CODE.sub(link, text)


def members_of(cls: Any, documented: dict[str, Entry]) -> list[tuple[str, Any]]:
    """The public methods and properties of a class, apart from those of bases that have an entry of their own."""
    from tx.graph import Op

    if not inspect.isclass(cls) or issubclass(cls, Exception) or (issubclass(cls, Op) and cls is not Op):
        return []
    entries = {id(entry.thing) for entry in documented.values()}
    found: dict[str, Any] = {}
    for base in cls.__mro__:
        if base is not cls and (id(base) in entries or not base.__module__.startswith("tx")):
            continue
        for name, member in vars(base).items():
            if name.startswith("_"):
                continue
            if isinstance(member, property):
                found.setdefault(name, member)
            elif inspect.isroutine(member) and getattr(getattr(base, name), "__module__", "").startswith("tx"):
                found.setdefault(name, getattr(base, name))
    return sorted(found.items())


def _is_row(thing: Any) -> bool:
    from tx.scalar import Row

    return isinstance(thing, Row) or (inspect.isclass(thing) and issubclass(thing, Row) and thing is not Row)


def table_of_rows() -> str:
    """The operations of `tx.scalar`: what they are called, and the dtypes that they give."""
    from tx import scalar

    things = {name: getattr(scalar, name) for name in public_names("tx.scalar")}
    rows = {name: thing for name, thing in things.items() if _is_row(thing) and not inspect.isclass(thing)}
    classes = {name: thing for name, thing in things.items() if _is_row(thing) and inspect.isclass(thing)}
    lines = ["| name | class | inputs | of int8 | of float32 | of complex64 |", "| --- | --- | --- | --- | --- | --- |"]
    for name, row in rows.items():
        known = _named([n for n, thing in classes.items() if type(row) is thing])
        dtypes = [_dtype_of(row, dtype) for dtype in ("int8", "float32", "complex64")]
        lines.append(f"| {_named([name])} | {known} | {row.nin if row.nin >= 0 else 'any'} | {' | '.join(dtypes)} |")
    kinds = {type(row) for row in rows.values()}
    lines += [f"| | {_named([name])} | | | | |" for name, thing in classes.items() if thing not in kinds]
    return "\n".join(lines)


def _named(names: list[str]) -> str:
    return ", ".join(f'<a id="tx.scalar.{name}"></a>`{name}`' for name in names)


def _dtype_of(row: Any, dtype: str) -> str:
    try:
        return str(row.output_dtypes(*[dtype] * (row.nin if row.nin >= 0 else 2))[0])
    except TypeError:
        return ""


def _dtypes_of(row: Any) -> str:
    """What an elementwise function gives of inputs of one dtype."""
    given = {dtype: _dtype_of(row, dtype) for dtype in ("int8", "int64", "float32", "float64", "complex64")}
    return "dtypes: " + ", ".join(f"{dtype} → {found}" for dtype, found in given.items() if found) + "."


def other_flags(text: str) -> str:
    """The flags that a page does not name, and their defaults."""
    from tx.configuration import FLAGS, Config

    fresh = Config()
    for name, flag in FLAGS.items():
        fresh.add(name, flag)
    rest = [name for name in fresh.names() if f"`{name}`" not in text]
    return "\n".join(["| flag | default |", "| --- | --- |", *(f"| `{n}` | `{fresh.get(n)!r}` |" for n in rest)])


def _folded(call: str) -> str:
    """A long signature, an argument on each line."""
    start, depth, pieces = call.index("(") + 1, 0, [""]
    for at, letter in enumerate(call[start:], start):
        depth += letter in "([{"
        depth -= letter in ")]}"
        if depth < 0:
            return f"{call[:start]}\n" + "".join(f"    {p.strip()},\n" for p in pieces) + call[at:]
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return call


_reference: list[Reference] = []


def on_config(config: Any) -> Any:
    _reference[:] = [Reference(Path(config.docs_dir) / "api")]
    return config


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    folder, name = posixpath.split(page.file.src_uri)
    return _reference[0].expand(name, markdown) if folder == "api" else markdown
