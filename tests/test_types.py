"""What type checkers are told is what happens: the stubs are up to date and true, and a typed program is accepted."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import tx
import tx.tensor as T
from tx.tensor.variable import TensorVariable, _tensor_py_operators

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
TABLES = ("expressions", "extra_expressions", "nnet_expressions", "conv_expressions", "pool_expressions")

#: what a program writes -> what `reveal_type` says of it
REVEALED = {
    'T.dmatrix("x")': "TensorVariable",
    'T.vector("v", dtype="int64")': "TensorVariable",
    'T.dvectors("a", "b")': "list[TensorVariable]",
    'T.tensor("float64", (False, True))': "TensorVariable",
    "x + 1": "TensorVariable",
    "1 - x": "TensorVariable",
    "np.ones(3) * x": "TensorVariable",
    "2 * w": "TensorVariable",
    "x @ x": "TensorVariable",
    "-x": "TensorVariable",
    "x > 0": "TensorVariable",
    "divmod(x, 2)": "tuple[TensorVariable, TensorVariable]",
    "x[0, 1:]": "TensorVariable",
    "x.T": "TensorVariable",
    "x.shape[0]": "TensorVariable",
    "x.ndim": "int",
    "x.dtype": "str",
    "x.name": "str | None",
    "x.broadcastable": "tuple[bool, ...]",
    "x.sum(axis=0)": "TensorVariable",
    "x.reshape((2, 3))": "TensorVariable",
    "x.nonzero()": "tuple[TensorVariable, ...]",
    "T.exp(x)": "TensorVariable",
    "T.maximum(x, 0)": "TensorVariable",
    "T.switch(x > 0, x, w)": "TensorVariable",
    "T.dot(x, w)": "TensorVariable",
    "T.split(x, [1, 1], 2)": "list[TensorVariable]",
    "T.constant(1)": "TensorConstant",
    "T.set_subtensor(x[0], 1)": "TensorVariable",
    "T.nnet.softmax(x)": "TensorVariable",
    "T.nnet.conv2d(x, w)": "TensorVariable",
    "T.grad(x.sum(), x)": "TensorVariable",
    "theano.grad(x.sum(), [x, w])": "list[TensorVariable]",
    "theano.grad(x.sum(), w)": "TensorVariable",
    "theano.gradient.jacobian(x[0], x)": "TensorVariable",
    "theano.gradient.hessian(x.sum(), [x])": "list[TensorVariable]",
    "theano.Rop(x * 2, x, x)": "TensorVariable",
    "theano.Lop(x * 2, x, x)": "TensorVariable",
    "theano.gradient.grad_clip(x, -1, 1)": "TensorVariable",
    "w": "TensorSharedVariable",
    "w.get_value()": "numpy.ndarray",
    "w.get_value(borrow=True, return_internal_type=True)": "Any",
    "theano.function([x], x)": "Function",
    "theano.scan(lambda a: a * 2, outputs_info=x, n_steps=3)[1]": "OrderedUpdates",
    "theano.random.RandomStreams(1).uniform((2,))": "TensorVariable",
    "theano.random.MRG_RandomStreams(1).normal((2,))": "TensorVariable",
    "theano.In(x, value=1)": "In",
}
#: mistakes that a type checker finds
MISTAKES = {
    "T.sofmax(x)": "attr-defined",
    "T.exp(x, x)": "call-arg",
    "x.summ()": "attr-defined",
    'T.sum(x, keepdims="yes")': "arg-type",
    "T.dmatrix(3)": "arg-type",
    "theano.function()": "call-arg",
    "T.clip(x, 0)": "call-arg",
}

_START = """\
import numpy as np
import tx as theano
import tx.tensor as T
x = T.dmatrix("x")
w = theano.shared(np.ones(3))
"""


@pytest.fixture(scope="module")
def make_stubs():
    sys.path.insert(0, str(ROOT / ".ci"))
    yield importlib.import_module("make_stubs")
    sys.path.remove(str(ROOT / ".ci"))


def test_stubs_are_up_to_date():
    """If this fails: python .ci/make_stubs.py. A process of its own, since imports add names to packages."""
    check = [sys.executable, str(ROOT / ".ci" / "make_stubs.py"), "--check"]
    found = subprocess.run(check, capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (found.returncode, found.stdout) == (0, ""), found.stderr


def is_what_was_told(value, told: str) -> bool:
    """Whether a value is of a type, as the stubs name it. Constants and shared variables pass for TensorVariables."""
    if told == "Any":
        return True
    if match := re.fullmatch(r"(list|tuple)\[(\w+)(?:, (?:\.\.\.|\w+))?\]", told):
        return type(value).__name__ == match[1] and all(is_what_was_told(v, match[2]) for v in value)
    if told == "TensorVariable":
        return isinstance(value, _tensor_py_operators)
    return type(value).__name__ in told.split(" | ")


def test_stubs_tell_what_functions_give(make_stubs, monkeypatch):
    """Each function of the vocabulary is watched while the expressions of the golden tables are built."""
    wrong, met = {}, set()

    def watch(module, name, function):
        told = make_stubs.given_by(name, function)

        def watched(*arguments, **options):
            value = function(*arguments, **options)
            met.add(name)
            if not is_what_was_told(value, told):
                wrong[name] = f"{value!r:.80} is no {told}"
            return value

        monkeypatch.setattr(module, name, watched)

    for module in (T, T.nnet):
        for name in module.__all__:
            function = getattr(module, name)
            if inspect.isfunction(function) and function.__code__.co_name != "make_several":
                watch(module, name, function)
    monkeypatch.syspath_prepend(str(GOLDEN))
    for table in map(importlib.import_module, TABLES):
        for source, specs in table.ROWS:
            if not all(len(spec) == 2 for spec in specs):
                continue
            inputs = [T.TensorType(dtype, (False,) * len(shape))() for dtype, shape in specs]
            names = dict(zip("abcdef", inputs, strict=False))
            try:
                eval(source, {"T": T, "theano": tx, **names})
            except Exception:  # what raises gives nothing; whether it should is told elsewhere
                continue
    assert not wrong
    assert len(met) > 100


def mypy(folder: Path, *arguments: str) -> str:
    """What mypy says under --strict, as to a user: it knows nothing of this repository's settings."""
    (folder / "empty.ini").write_text("[mypy]\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--no-error-summary"]
    options = ["--config-file", str(folder / "empty.ini"), "--cache-dir", str(folder / "cache")]
    return subprocess.run([*command, *options, *arguments], cwd=ROOT, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> list[str]:
    """What mypy says of the typed example and of a program with a line for each row above: one run, for it is slow."""
    folder = tmp_path_factory.mktemp("types")
    program = folder / "program.py"
    lines = [*(f"reveal_type({source})" for source in REVEALED), *MISTAKES]
    program.write_text(_START + "\n".join(lines) + "\n", encoding="utf-8")
    return mypy(folder, "examples/typed.py", str(program)).splitlines()


def line_about(said: list[str], row: int) -> str:
    number = _START.count("\n") + 1 + row
    return "\n".join(line for line in said if f"program.py:{number}: " in line)


@pytest.mark.parametrize("source", REVEALED)
def test_a_type_is_known(said, source):
    told = re.search(r'Revealed type is "(.*)"', line_about(said, list(REVEALED).index(source)))[1]
    if not REVEALED[source].startswith("numpy."):
        told = re.sub(r"\b(?:\w+\.)+", "", told)
    assert told == REVEALED[source] or told.startswith(f"{REVEALED[source]}[")
    assert "error" not in line_about(said, list(REVEALED).index(source))


@pytest.mark.parametrize("source", MISTAKES)
def test_a_mistake_is_found(said, source):
    assert f"[{MISTAKES[source]}]" in line_about(said, len(REVEALED) + list(MISTAKES).index(source))


def test_the_typed_example_is_accepted(said):
    assert [line for line in said if "program.py" not in line] == []


def test_the_typed_example_learns(monkeypatch):
    example = runpy.run_path(str(ROOT / "examples" / "typed.py"))
    assert example["run"](steps=60) < 0.2
    assert example["T"].TensorVariable is TensorVariable
