"""What was recorded from real Theano into tests/golden/: the recordings, the tables of what was asked, and values."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "golden"

#: what `repr` writes, and Python does not read
_NAMES = {"nan": np.nan, "inf": np.inf}


def recording(name):
    """What golden/{name}.json says."""
    return json.loads((GOLDEN / f"{name}.json").read_text())


def table(name):
    """The module golden/{name}.py, which the script that recorded imports as well."""
    sys.path.insert(0, str(GOLDEN))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(GOLDEN))


def read(plain):
    """An array again, which was written as its dtype, its shape and the `repr` of each element."""
    elements = [complex(v) if "j" in v else eval(v, _NAMES) for v in plain["data"]]
    return np.array(elements, plain["dtype"]).reshape(plain["shape"])


def read_bits(plain):
    """An array again, which was written as (dtype, shape, elements), floats in hexadecimal: to the last bit."""
    dtype, shape, elements = plain
    return np.array([float.fromhex(e) if isinstance(e, str) else e for e in elements], dtype).reshape(shape)
