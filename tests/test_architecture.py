"""How tx is built: where jax is, which module may import which, and how long things are.

Each rule is a small function that takes a tree of sources and returns what breaks it, so that it can be shown to find
something in a tree made for the purpose.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: From the bottom up; the rooms of one floor do not know each other.
FLOORS = (
    ("configuration",),
    ("memory", "version"),
    ("graph", "sharding"),
    ("scalar",),
    ("tensor",),
    ("shared",),
    ("updates",),
    ("gradient",),
    ("sparse",),
    ("builders", "random", "scan_module", "ifelse", "typed_list"),
    ("printing",),
    ("rewriting",),
    ("lowering",),
    ("compile",),
    ("legacy",),
    ("misc", "distributed"),
    ("top",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

#: (module, room above it that it may import) -> why
EXCEPTIONS = {
    ("tx/tensor/variable.py", "compile"): "Variable.eval compiles",
    ("tx/legacy/finder.py", "top"): "theano is the whole of tx",
}

#: What tx/lowering/ has besides one module of rules for each module of Ops.
INFRASTRUCTURE = {
    "aligned",
    "beforehand",
    "nnet.as_products",
    "nnet.linear",
    "once",
    "views",
    "windows",
    "body",
    "bounded_loops",
    "by_numpy",
    "cache",
    "calls",
    "allocator",
    "apart",
    "closing",
    "checks",
    "clock",
    "derived",
    "deferral",
    "device",
    "devices",
    "direct",
    "distributed",
    "emitters",
    "errors",
    "evaluate",
    "executables",
    "export",
    "flags",
    "gathering",
    "handover",
    "ranges",
    "guards",
    "hoisting",
    "host",
    "in_order",
    "in_place",
    "inspection",
    "jaxprs",
    "kept",
    "numpy_costs",
    "numpy_elementwise",
    "numpy_indexing",
    "numpy_reductions",
    "numpy_rules",
    "numpy_writer",
    "one_hot",
    "options",
    "overlap",
    "own_gradients",
    "layout",
    "packing",
    "placement",
    "program",
    "random.threefry",
    "reasons",
    "reference",
    "registry",
    "special",
    "specialize",
    "stages",
    "sums",
    "subgraph",
    "threads",
    "trace",
    "tuning",
}
#: Rooms outside tx/tensor/ whose Ops are lowered, too.
OTHER_OPS = ("builders", "random", "scan_module", "ifelse", "printing", "sparse")

MODULE_LINES = 500
FUNCTION_LINES = 60
#: modules that refuse what tx will never have, and say what to use instead
REFUSING = {"tx/legacy/gpu.py", "tx/legacy/ccode.py", "tx/sparse/refusals.py"}
UNFINISHED = re.compile(r"\b(TODO|FIXME|NotImplementedError)\b")

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Import:
    """One imported name: ``from a import b`` is ``a.b``; what it means is for the tree to say."""

    target: str
    line: int
    in_function: bool = False
    for_types: bool = False


@dataclass(frozen=True)
class Module:
    """A source file of the package."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """The dotted name."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """What a relative import starts from."""
        return self.name if self.path.endswith("/__init__.py") else self.name.rpartition(".")[0]

    @property
    def room(self) -> str:
        """The part of the house that the module is in."""
        parts = self.name.split(".")
        return "top" if len(parts) == 1 or parts[1] == "__main__" else parts[1]

    @cached_property
    def syntax(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text, self.path)

    @cached_property
    def imports(self) -> list[Import]:
        """All imports, wherever they stand."""
        return list(_imports(self.syntax, self.package))


def _imports(node: ast.AST, package: str, in_function: bool = False, for_types: bool = False) -> Iterator[Import]:
    for target in _targets(node, package):
        yield Import(target, node.lineno, in_function, for_types)
    in_function = in_function or isinstance(node, _FUNCTIONS)
    only_types = isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, package, in_function, for_types or (only_types and child in node.body))


def _targets(node: ast.AST, package: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            start = package.split(".")
            base = ".".join([*start[: len(start) - node.level + 1], *filter(None, [base])])
        return [base if alias.name == "*" else f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
        return [a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    return []


class Tree(dict[str, Module]):
    """The modules of the package tx below a folder, by dotted name."""

    def __init__(self, root: Path):
        paths = sorted((root / "tx").rglob("*.py"))
        modules = [Module(p.relative_to(root).as_posix(), p.read_text(encoding="utf-8")) for p in paths]
        super().__init__((module.name, module) for module in modules)

    def resolve(self, target: str) -> str | None:
        """The module that an import leads to: the name itself, or what it is an attribute of."""
        while target and target not in self:
            target = target.rpartition(".")[0]
        return target or None

    def edges(self, module: Module) -> set[str]:
        """The modules that must have run before this one has, packages on the way included."""
        found = set()
        for imported in module.imports:
            target = self.resolve(imported.target)
            if target is None or imported.in_function or imported.for_types:
                continue
            found.add(target)
            while target := target.rpartition(".")[0]:
                if not f"{module.name}.".startswith(f"{target}."):
                    found.add(target)
        return found


# The rules


def jax_outside_lowering(tree: Tree) -> list[str]:
    """Imports of jax anywhere but in tx/lowering/."""
    return [
        f"{module.path}:{i.line} imports {i.target}"
        for module in tree.values()
        if module.room != "lowering"
        for i in module.imports
        if i.target.split(".")[0] in ("jax", "jaxlib")
    ]


def circles(tree: Tree) -> list[list[str]]:
    """Modules that import one another when they are loaded (strongly connected parts; Tarjan, without recursion)."""
    graph = {name: sorted(tree.edges(module)) for name, module in tree.items()}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    found = []

    def enter(node: str) -> tuple[str, Iterator[str]]:
        index[node] = low[node] = len(index)
        path.append(node)
        on_path.add(node)
        return node, iter(graph[node])

    for root in graph:
        work = [] if root in index else [enter(root)]
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    work.append(enter(successor))
                    break
                if successor in on_path:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    start = path.index(node)
                    part = path[start:]
                    del path[start:]
                    on_path.difference_update(part)
                    if len(part) > 1 or node in graph[node]:
                        found.append(sorted(part))
    return sorted(found)


def upward(tree: Tree) -> dict[tuple[str, str], str]:
    """Imports, in functions and for types as well, of a room that is not below: (module, room) -> where."""
    found = {}
    for module in tree.values():
        for i in module.imports:
            target = tree.resolve(i.target)
            if target is None or tree[target].room == module.room:
                continue
            room = tree[target].room
            if FLOOR_OF.get(room, -1) >= FLOOR_OF.get(module.room, -1):
                found[module.path, room] = f"{module.path}:{i.line} imports {i.target}"
    return found


def without_room(tree: Tree) -> list[str]:
    """Modules in no known room."""
    return [module.path for module in tree.values() if module.room not in FLOOR_OF]


def long_modules(tree: Tree) -> list[str]:
    """Modules with more lines than a reader keeps in mind."""
    lengths = {module.path: len(module.text.splitlines()) for module in tree.values()}
    return [f"{path} has {lines} lines" for path, lines in lengths.items() if lines > MODULE_LINES]


def long_functions(tree: Tree) -> list[str]:
    """Functions with more lines than fit on a screen, the docstring not counted."""
    return [
        f"{module.path}:{node.lineno} {node.name} has {_length(node)} lines"
        for module in tree.values()
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES
    ]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


def without_counterpart(tree: Tree) -> list[str]:
    """Modules of rules for which there is no module of Ops of that name."""
    return [
        module.path
        for name, module in tree.items()
        if name.startswith("tx.lowering.")
        and (rest := name.removeprefix("tx.lowering.")) not in INFRASTRUCTURE
        and f"tx.tensor.{rest}" not in tree
        and not (rest.split(".")[0] in OTHER_OPS and f"tx.{rest}" in tree)
    ]


def unfinished(tree: Tree) -> list[str]:
    """Lines that say that something is left to do."""
    return [
        f"{module.path}:{number} {line.strip()}"
        for module in tree.values()
        for number, line in enumerate(module.text.splitlines(), 1)
        if UNFINISHED.search(line) and module.path not in REFUSING
    ]


# tx keeps them


@pytest.fixture(scope="module")
def tx() -> Tree:
    tree = Tree(ROOT)
    assert "tx.graph.core" in tree
    return tree


def test_jax_is_imported_in_lowering_only(tx):
    assert jax_outside_lowering(tx) == []


def test_there_are_no_import_circles(tx):
    assert circles(tx) == []


def test_modules_import_only_from_rooms_below(tx):
    assert [where for key, where in upward(tx).items() if key not in EXCEPTIONS] == []


def test_no_exception_is_out_of_date(tx):
    assert set(EXCEPTIONS) <= set(upward(tx))


@pytest.mark.parametrize(
    "rule",
    [without_room, long_modules, long_functions, without_counterpart, unfinished],
    ids=lambda rule: rule.__name__,
)
def test_rule(tx, rule):
    assert rule(tx) == []


# The rules find what they are for


@pytest.fixture
def make(tmp_path):
    """Makes a tree of sources: path below tx -> text; packages get an empty __init__.py."""

    def build(files: dict[str, str]) -> Tree:
        for path, text in files.items():
            file = tmp_path / "tx" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for folder in [tmp_path / "tx", *(p for p in (tmp_path / "tx").rglob("*") if p.is_dir())]:
            (folder / "__init__.py").touch()
        return Tree(tmp_path)

    return build


@pytest.mark.parametrize(
    "text",
    [
        "import jax",
        "import os, jax.numpy as jnp",
        "from jax import lax",
        "def f():\n    from jax.experimental import pallas",
        "import importlib\nimportlib.import_module('jaxlib')",
    ],
)
def test_jax_is_found_outside_lowering(make, text):
    tree = make({"tensor/math.py": text, "lowering/math.py": text, "printing.py": "import jaxtyping"})
    (found,) = jax_outside_lowering(tree)
    assert found.startswith("tx/tensor/math.py:")


def test_circles_are_found(make):
    tree = make(
        {"graph/a.py": "from tx.graph.b import x", "graph/b.py": "from . import c", "graph/c.py": "import tx.graph.a"}
    )
    assert circles(tree) == [["tx.graph.a", "tx.graph.b", "tx.graph.c"]]


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    from tx.graph import b",
        "try:\n    import tx.graph.b\nexcept ImportError:\n    pass",
        "class A:\n    from tx.graph.b import x",
        "if TYPE_CHECKING:\n    pass\nelse:\n    from .b import x",
    ],
)
def test_circles_through_statements_are_found(make, text):
    assert circles(make({"graph/a.py": text, "graph/b.py": "from tx.graph import a"})) == [["tx.graph.a", "tx.graph.b"]]


def test_circles_through_a_package_are_found(make):
    tree = make(
        {"graph/core.py": "import tx.tensor.type", "tensor/__init__.py": "import tx.graph.core", "tensor/type.py": ""}
    )
    assert circles(tree) == [["tx.graph.core", "tx.tensor"]]


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    from tx.graph import b",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tx.graph.b import x",
        "import typing\nif typing.TYPE_CHECKING:\n    from tx.graph.b import x",
    ],
)
def test_imports_that_wait_make_no_circle(make, text):
    assert circles(make({"graph/a.py": text, "graph/b.py": "from tx.graph import a"})) == []


def test_a_package_and_its_modules_make_no_circle(make):
    tree = make(
        {"graph/__init__.py": "from tx.graph.a import x", "graph/a.py": "from tx.graph import b", "graph/b.py": ""}
    )
    assert circles(tree) == []


def test_a_long_chain_of_imports_is_walked(make):
    files = {f"graph/m{n}.py": f"import tx.graph.m{n + 1}" for n in range(1500)}
    assert circles(make({**files, "graph/m1500.py": ""})) == []
    assert len(circles(make({"graph/m1500.py": "import tx.graph.m0"}))[0]) == 1501


@pytest.mark.parametrize(
    "text",
    [
        "from tx.tensor import math",
        "from tx import tensor",
        "from ..tensor.math import exp",
        "def f():\n    import tx.tensor.math",
        "if TYPE_CHECKING:\n    from tx.tensor.math import exp",
    ],
)
def test_imports_from_above_are_found(make, text):
    tree = make({"graph/core.py": text, "tensor/math.py": "from tx.graph import core\nimport tx.tensor.other"})
    assert set(upward(tree)) == {("tx/graph/core.py", "tensor")}


def test_nobody_imports_the_top_or_a_neighbour(make):
    tree = make(
        {
            "__main__.py": "import tx\nfrom tx.legacy import install",
            "legacy/__init__.py": "from tx import anything",
            "scan_module.py": "import tx.ifelse",
            "ifelse.py": "",
        }
    )
    assert set(upward(tree)) == {("tx/legacy/__init__.py", "top"), ("tx/scan_module.py", "ifelse")}


def test_a_module_in_no_room_is_found(make):
    assert without_room(make({"attic.py": "", "printing.py": "", "__main__.py": ""})) == ["tx/attic.py"]


def test_long_modules_are_found(make):
    tree = make({"graph/a.py": "x = 1\n" * MODULE_LINES, "graph/b.py": "x = 1\n" * (MODULE_LINES + 1)})
    assert long_modules(tree) == ["tx/graph/b.py has 501 lines"]


def test_long_functions_are_found(make):
    docstring = '    """One.\n\n    Two.\n    """\n'
    fits = f"def fits():\n{docstring}" + "    x = 1\n" * (FUNCTION_LINES - 1)
    long = "class A:\n    async def long(self):\n" + "        x = 1\n" * FUNCTION_LINES
    assert long_functions(make({"graph/a.py": fits, "graph/b.py": long})) == ["tx/graph/b.py:2 long has 61 lines"]


def test_rules_without_ops_are_found(make):
    tree = make(
        {
            "tensor/math.py": "",
            "tensor/nnet/conv.py": "",
            "scan_module.py": "",
            "lowering/math.py": "",
            "lowering/nnet/conv.py": "",
            "lowering/scan_module.py": "",
            "lowering/trace.py": "",
            "lowering/random.py": "",
            "lowering/stray.py": "",
        }
    )
    assert without_counterpart(tree) == ["tx/lowering/random.py", "tx/lowering/stray.py"]


def test_unfinished_work_is_found(make):
    text = "x = 1  # TODO: more\nraise NotImplementedError('later')\n# FIXME\nTODOS = NotImplemented\n"
    assert [line.split()[0] for line in unfinished(make({"graph/a.py": text}))] == [
        "tx/graph/a.py:1",
        "tx/graph/a.py:2",
        "tx/graph/a.py:3",
    ]
