"""The names that real programs and libraries touch are all there, as ``theano.X`` after `install`, as ``tx.X`` without.

``needed_names.txt`` was found by reading the source of such programs, and kept where real Theano has the name.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T

NAMES = (Path(__file__).parent / "needed_names.txt").read_text().split()


def resolve(name):
    """What ``from module import attribute`` gives, for the longest module path there is."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n]))
            for attribute in parts[n:]:
                found = getattr(found, attribute)
        except (ImportError, AttributeError):
            continue
        return found
    raise AttributeError(name)


@pytest.fixture(scope="module", autouse=True)
def theano():
    tx.install()


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("theano.")])
def test_name_of_the_namespace(name):
    assert resolve(name) is not None


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("Variable.")])
def test_attribute_of_a_variable(name):
    variables = (T.dmatrix(), T.constant(1.0), tx.shared(np.ones((2, 2))))
    assert any(hasattr(v, name.partition(".")[2]) for v in variables)


WITHOUT_INSTALL = """
import sys
import tx
from test_needed_names import NAMES, resolve

missing = []
for name in NAMES:
    if name.startswith("theano."):
        try:
            resolve("tx." + name.partition(".")[2])
        except AttributeError:
            missing.append(name)
assert not missing, missing
assert "theano" not in sys.modules
"""


def test_every_name_is_one_of_tx_without_install():
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n{WITHOUT_INSTALL}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_missing_name_is_found_out():
    with pytest.raises(AttributeError):
        resolve("theano.tensor.no_such_name")
