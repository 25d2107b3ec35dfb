"""docs/compatibility.md says what the tests say, and libraries' own tests pass."""

import importlib.util
import json
from pathlib import Path

import pytest

HERE = Path(__file__).parent
OWN = json.loads((HERE / "own_tests.json").read_text())


def load(name):
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date():
    made = load("compatibility")
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run python tests/clients/compatibility.py"


@pytest.mark.parametrize("library", [name for name in OWN if OWN[name]["ships"]])
def test_own_tests_pass(library):
    passed, failed = OWN[library]["passed"], OWN[library]["failed"]
    assert passed >= 0.95 * (passed + len(failed)) and passed > 100
    assert all(failed.values()), "each failure has a reason"


def test_every_library_was_tried():
    assert set(OWN) == set(load("compatibility").versions())


def test_outcomes_are_counted():
    own = load("own_tests")
    cases = [("a", "passed", ""), ("b", "failure", "no"), ("c", "skipped", "why"), ("d", "skipped", "why")]
    assert own.summary(cases) == {"passed": 1, "failed": {"b": "no"}, "skipped": {"why": 2}}


def test_the_tests_of_a_folder_are_run(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text(
        "import pytest, theano\n"
        "def test_a():\n    assert theano.__name__ == 'tx'\n"
        "def test_b():\n    pytest.skip('tired')\n"
    )
    assert sorted(outcome for _, outcome, _ in load("own_tests").run(tmp_path, ["tests"])) == ["passed", "skipped"]
