"""Measure the package as the table in docs/design.md reports it: ``python .ci/style_table.py`` in the repository.

Lines are physical lines, docstrings and blank lines included; functions are those of any depth, lambdas left out, and
begin at their `def`. An elementwise Op is the row that makes it in tx/scalar and the row that lowers it in tx/lowering;
"with helpers" adds the functions of these modules that rows name, once, shared out among all rows.
"""

import ast
import importlib.util
import statistics
from pathlib import Path

ROOT = Path.cwd()
SCALAR = ("tx/scalar/basic.py", "tx/scalar/special.py")
LOWERING = ("tx/lowering/elemwise.py", "tx/lowering/special.py")


def span(node):
    """How many lines a node has, from its first to its last one."""
    return node.end_lineno - node.lineno + 1


def functions(tree):
    """The functions of a module, methods and inner ones included."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def text_of(node):
    """The text that a string constant is, or None."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def rows_of_meaning(trees, names):
    """Operation -> the node that is its row: a call ``row("name", ...)``, or an entry ("name", ...) of a loop."""
    found = {}
    for node in (n for tree in trees for n in ast.walk(tree)):
        head = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        if head and text_of(head[0]) in names:
            found.setdefault(text_of(head[0]), node)
    return found


def rows_of_lowering(trees):
    """Operation -> the lines of its entry in the dictionaries called ROWS, and the nodes of these entries."""
    found = {}
    for node in (n for tree in trees for n in tree.body if isinstance(n, ast.AnnAssign) and n.target.id == "ROWS"):
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            if key is not None:
                found[text_of(key)] = (value.end_lineno - key.lineno + 1, value)
    return found


def helpers(trees, rows):
    """Lines of the functions at the top of these modules that rows name."""
    named = {n.id for row in rows for n in ast.walk(row) if isinstance(n, ast.Name)}
    return sum(span(f) for tree in trees for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in named)


def architecture():
    """The rules of tests/test_architecture.py, which know floors and circles."""
    spec = importlib.util.spec_from_file_location("architecture", ROOT / "tests" / "test_architecture.py")
    module = importlib.util.module_from_spec(spec)
    __import__("sys").modules["architecture"] = module
    spec.loader.exec_module(module)
    return module


def main():
    """Print the table."""
    texts = {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in sorted((ROOT / "tx").rglob("*.py"))}
    trees = {path: ast.parse(text) for path, text in texts.items()}
    lengths = {path: len(text.splitlines()) for path, text in texts.items()}
    written = {path: n for path, n in lengths.items() if n}
    lines = sorted((span(f), f"{path}:{f.name}") for path, tree in trees.items() for f in functions(tree))
    only = [n for n, _ in lines]

    lowered = rows_of_lowering([trees[p] for p in LOWERING])
    meant = rows_of_meaning([trees[p] for p in SCALAR], set(lowered))
    both = sorted(span(meant[n]) + lowered[n][0] for n in meant)
    shared = helpers([trees[p] for p in SCALAR], meant.values())
    shared += helpers([trees[p] for p in LOWERING], [value for _, value in lowered.values()])

    rules = architecture()
    tree = rules.Tree(ROOT)
    above = rules.upward(tree)
    longest = max(written, key=written.get)
    for name, value in {
        "elementwise Ops with a row in both tables": len(both),
        "lines per elementwise Op: median / mean / largest": f"{statistics.median(both):g} / "
        f"{statistics.mean(both):.1f} / {both[-1]}; with helpers {(sum(both) + shared) / len(both):.1f}",
        "files / lines of package code": f"{len(texts)} / {sum(lengths.values()):,}",
        "function: median / 90 % / longest": f"{statistics.median(only):g} / {only[len(only) * 9 // 10]} / {only[-1]} "
        f"({lines[-1][1]})",
        "functions over 80 / over 60": f"{sum(n > 80 for n in only)} / {sum(n > 60 for n in only)}",
        "module: median / longest": f"{statistics.median(written.values()):g} / {written[longest]} ({longest})",
        "modules over 700 / over 500": f"{sum(n > 700 for n in lengths.values())} / "
        f"{sum(n > 500 for n in lengths.values())}",
        "floors / rooms": f"{len(rules.FLOORS)} / {len(rules.FLOOR_OF)}",
        "import circles / imports from a floor that is not below": f"{len(rules.circles(tree))} / "
        f"{len(above)} (each with its reason in the test)",
        "modules outside tx/lowering that import jax": len(rules.jax_outside_lowering(tree)),
    }.items():
        print(f"| {name} | {value} |")
    missing = set(lowered) - set(meant)
    assert not missing, missing


if __name__ == "__main__":
    main()
