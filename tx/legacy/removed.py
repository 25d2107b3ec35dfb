"""Names that numpy and the standard library once had, given back to old programs. Only what is missing is added."""

from __future__ import annotations

import collections
import collections.abc
import inspect
import math
import sys
import time
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


def _getargspec(function: Callable[..., Any]) -> Any:
    """args, varargs, keywords and defaults of a function, as Python 2 had them."""
    full = inspect.getfullargspec(function)
    return _ArgSpec(full.args, full.varargs, full.varkw, full.defaults)


_ArgSpec = collections.namedtuple("_ArgSpec", "args varargs keywords defaults")


#: numpy's names -> what they were
NUMPY: dict[str, Any] = {
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "unicode": str,
    "float_": np.float64,
    "complex_": np.complex128,
    "cfloat": np.complex128,
    "singlecomplex": np.complex64,
    "string_": np.bytes_,
    "unicode_": np.str_,
    "object0": np.object_,
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "PZERO": 0.0,
    "NZERO": -0.0,
    "NaN": np.nan,
    "asscalar": lambda a: a.item(),
    "product": np.prod,
    "cumproduct": np.cumprod,
    "alltrue": np.all,
    "sometrue": np.any,
    "round_": np.round,
    "rank": np.ndim,
    "row_stack": np.vstack,
    "in1d": lambda a, b, assume_unique=False, invert=False: np.isin(
        np.asarray(a).ravel(), b, assume_unique=assume_unique, invert=invert
    ),
    "trapz": getattr(np, "trapezoid", None),
    "msort": lambda a: np.sort(a, axis=0),
    "issubsctype": lambda a, b: issubclass(np.dtype(a).type, np.dtype(b).type),
    "find_common_type": lambda arrays, scalars: np.result_type(*arrays, *scalars),
    "cast": type("_Cast", (), {"__getitem__": lambda self, dtype: lambda a: np.asarray(a, dtype)})(),
    "sctypes": {
        "int": [np.int8, np.int16, np.int32, np.int64],
        "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
        "float": [np.float16, np.float32, np.float64],
        "complex": [np.complex64, np.complex128],
        "others": [bool, object, bytes, str, np.void],
    },
}

_ABCS = {name: getattr(collections.abc, name) for name in collections.abc.__all__}

#: module -> names -> what they were
STANDARD: dict[str, dict[str, Any]] = {
    "collections": _ABCS,
    "time": {"clock": time.perf_counter},
    "inspect": {"getargspec": _getargspec, "ArgSpec": _ArgSpec},
    "fractions": {"gcd": math.gcd},
    "cgi": {"escape": lambda s, quote=None: __import__("html").escape(s, bool(quote))},
    "base64": {
        "encodestring": lambda s: __import__("base64").encodebytes(s),
        "decodestring": lambda s: __import__("base64").decodebytes(s),
    },
    "os": {"errno": __import__("errno")},
    "unittest": {},
}

#: methods of unittest.TestCase
ASSERTIONS = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assert_": "assertTrue",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertRegexpMatches": "assertRegex",
    "assertRaisesRegexp": "assertRaisesRegex",
    "failUnless": "assertTrue",
    "failIf": "assertFalse",
}


def _imp() -> types.ModuleType:
    """The few functions of the old module ``imp`` that programs used."""
    import importlib
    import importlib.util

    module = types.ModuleType("imp", "The old module imp, in terms of importlib.")

    def load_source(name: str, pathname: str, file: Any = None) -> types.ModuleType:
        spec = importlib.util.spec_from_file_location(name, pathname)
        assert spec is not None and spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        sys.modules[name] = loaded
        spec.loader.exec_module(loaded)
        return loaded

    module.__dict__.update(load_source=load_source, reload=importlib.reload, new_module=types.ModuleType)
    return module


def _missing(module: Any, name: str) -> bool:
    with warnings.catch_warnings():
        # Asking for a removed name makes numpy warn; some of these exist still, and are left alone.
        warnings.simplefilter("ignore")
        return not hasattr(module, name)


def restore() -> None:
    """Add what is missing."""
    import importlib

    for name, value in NUMPY.items():
        if value is not None and _missing(np, name):
            setattr(np, name, value)
    for name, values in STANDARD.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cgi is on its way out
            try:
                module = importlib.import_module(name)
            except ImportError:
                module = sys.modules[name] = types.ModuleType(name)
        for attribute, value in values.items():
            if _missing(module, attribute):
                setattr(module, attribute, value)
    if "imp" not in sys.modules and importlib.util.find_spec("imp") is None:
        sys.modules["imp"] = _imp()
    import unittest

    for old, new in ASSERTIONS.items():
        if not hasattr(unittest.TestCase, old):
            setattr(unittest.TestCase, old, getattr(unittest.TestCase, new))
