"""The page that maps statements to tests is the one that the tests give; every test names its statement."""

import ast
import importlib.util
from pathlib import Path

HERE = Path(__file__).resolve().parent
_spec = importlib.util.spec_from_file_location("statements", HERE / "statements.py")
statements = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(statements)


def test_page_is_up_to_date():
    assert statements.PAGE.read_text(encoding="utf-8") == statements.page()


def test_every_test_has_its_statement():
    for path in sorted(HERE.glob("test_[0-9]*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{path.name}: {node.name}"
