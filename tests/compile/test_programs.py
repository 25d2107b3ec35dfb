"""Small programs about functions note what they note under real Theano: golden/function_programs.py,
golden/tutorial_programs.py and golden/scalar_programs.py."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

import tx
import tx.tensor as T
from tx.compile import profiling
from tx.legacy.finder import install_finder

HERE = Path(__file__).parent.parent / "golden"
NAMES = ("function_programs", "tutorial_programs", "scalar_programs")


def load(name):
    """A module of programs."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULES = [load(name) for name in NAMES]
PROGRAMS = {name: source for module in MODULES for name, source in module.PROGRAMS.items()}
GOLDEN = {k: notes for name in NAMES for k, notes in json.loads((HERE / f"{name}.json").read_text()).items()}

#: what tx notes instead: reason -> program -> notes
OTHERWISE = {
    "the wrong type is a TypeError, the wrong value a ValueError": {
        "inputs: the default is filtered": ["TypeError", "TypeError"],
        "inputs: mutable, not borrowed": ["TypeError", True, True, False],
        "inputs: SymbolicInput of no variable": ["TypeError", "TypeError"],
        "copies: swap with another type": ["TypeError"],
        "copies: swap with no shared variable": ["TypeError", "TypeError"],
        "lists: make_list of different types": ["TypeError", "ValueError", "TypeError"],
        "lists: append": [[["float64", [1.0, 2.0]], ["float64", [3.0]]], [["float64", [3.0]]], "TypeError"],
        "lists: insert": [[["float64", [1.0, 2.0]], ["float64", [9.0]], ["float64", [3.0]]], True, "TypeError"],
        "debugging: NanGuardMode with nothing to check": ["ValueError"],
        "debugging: PdbBreakpoint": [*GOLDEN["debugging: PdbBreakpoint"][:-1], "ValueError"],
        "lists: type": [*GOLDEN["lists: type"][:-1], "TypeError"],
    },
    "what a loop computes inside is watched, too": {
        "debugging: NanGuardMode in scan": [GOLDEN["debugging: NanGuardMode in scan"][0], "AssertionError"],
    },
    "what can never hold is said when it is written": {
        "debugging: Assert": [*GOLDEN["debugging: Assert"][:4], "AssertionError", GOLDEN["debugging: Assert"][-1]],
    },
    "Theano's exception is an accident": {
        "inputs: In of a shared default": [["no failure", ["float64", 50.0]]],
    },
    "a default is copied, as a shared variable's value is": {
        "containers: value is copied": [["float64", [1.0, 1.0]]],
    },
    "a copy returns its only output, or a dict, as the function does; Theano's forgets": {
        "copies: copy": [["float64", 6.0], ["float64", 10.0], False],
        "copies: a copy's default": [["float64", 14.0], ["float64", 14.0], ["float64", 2.0]],
        "copies: swap in a dict": [{"a": ["float64", 20.0]}],
    },
    "an update reads the old value; in Theano's copies it may read what was written over it": {
        "copies: shares states": [["float64", 2.0], ["float64", 4.0], ["float64", 6.0]],
        "copies: share_memory": [["float64", 2.0], ["float64", 4.0], ["float64", 6.0]],
        "copies: swap": [["float64", v] for v in (2.0, 20.0, 2.0, 11.0, 22.0, 12.0)],
        "copies: delete_updates": [["float64", v] for v in (2.0, 2.0, 1.0, 2.0, 2.0)],
    },
    "numpy's bool is an array, and so is a list of numbers": {
        "shared: numpy numbers": [
            [["TensorType(bool, scalar)", ["bool", True]] if row[0] == "Generic" else row for row in rows]
            for rows in GOLDEN["shared: numpy numbers"]
        ],
        "shared: list": ["TensorSharedVariable", "TensorType(int64, vector)", ["int64", [1, 2]]],
        "shared: tuple": ["TensorSharedVariable", "TensorType(int64, vector)"],
    },
    "what Theano has deprecated is the value": {"shared: value": [["no failure", ["float64", 2.0]]]},
    "what is not in a list is not found; Theano returns None": {
        "lists: remove": [GOLDEN["lists: remove"][0], "ValueError"],
        "lists: index": [*GOLDEN["lists: index"][:2], "ValueError"],
    },
    "a negative position counts from the end, as in Python": {
        "lists: getitem": [
            *GOLDEN["lists: getitem"][:2],
            ["no failure", ["float64", [3.0]]],
            "IndexError",
            "TypeError",
        ],
    },
}
EXPECTED = GOLDEN | {name: notes for rows in OTHERWISE.values() for name, notes in rows.items()}


@pytest.fixture
def paths(monkeypatch):
    """Theano's import paths, for the time of a test."""
    for name in [m for m in sys.modules if m.partition(".")[0] == "theano"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(profiling, "_printed_at_exit", [])
    install_finder()
    yield
    for name in [m for m in sys.modules if m.partition(".")[0] == "theano"]:
        del sys.modules[name]


def test_every_program_is_recorded():
    assert set(GOLDEN) == set(PROGRAMS)
    assert set(EXPECTED) == set(GOLDEN) and len(PROGRAMS) == sum(len(m.PROGRAMS) for m in MODULES)
    assert [n for rows in OTHERWISE.values() for n in rows if EXPECTED[n] == GOLDEN[n]] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PROGRAMS)
def test_notes_what_theano_notes(name, paths):
    assert MODULES[0].run(PROGRAMS[name], tx, T) == EXPECTED[name]
