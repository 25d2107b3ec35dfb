"""What the client tests need besides tx: libraries that were written for Theano."""

import importlib.util
import sys
from pathlib import Path

import pytest

import tx

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def programs():
    """The module of programs, imported with tx in Theano's place."""
    tx.install()
    sys.path.insert(0, str(HERE))
    try:
        import client_programs
    finally:
        sys.path.remove(str(HERE))
    return client_programs


def pytest_collection_modifyitems(items):
    """Skip the programs whose library is not installed, and say how to install it."""
    for item in items:
        if HERE in item.path.parents and "name" in getattr(item, "callspec", item).__dict__.get("params", {}):
            library = "_".join(item.callspec.params["name"].split("_")[: 2 if "lstm" in item.name else 1])
            if importlib.util.find_spec(library) is None:
                why = f"{library} is not installed: pip install --no-deps -r tests/clients/requirements.txt"
                item.add_marker(pytest.mark.skip(reason=why))
