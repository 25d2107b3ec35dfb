"""The example programs import theano: here, it is tx."""

import importlib
import sys
from pathlib import Path

import pytest

import tx

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def load():
    """Imports an example by name."""
    tx.install()
    sys.path.insert(0, str(EXAMPLES))
    yield importlib.import_module
    sys.path.remove(str(EXAMPLES))
