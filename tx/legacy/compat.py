"""``theano.compat``: what smoothed over the differences between Python 2 and 3, on Python 3."""

from __future__ import annotations

import pickle
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import partial
from io import BytesIO
from itertools import combinations, product
from typing import Any

PY3 = True
DefaultOrderedDict = defaultdict
string_types = (str,)
integer_types = (int,)
cPickle = pickle
izip = zip
imap = map
xrange = range


def cmp(a: Any, b: Any) -> int:
    """-1, 0 or 1, as a < b, a == b or a > b."""
    return int(a > b) - int(a < b)


def iteritems(mapping: Any) -> Any:
    """The items of a mapping."""
    return iter(mapping.items())


def itervalues(mapping: Any) -> Any:
    """The values of a mapping."""
    return iter(mapping.values())


def exc_message(error: BaseException) -> str:
    """The message of an exception."""
    return str(error.args[0]) if error.args else ""


def operator_div(a: Any, b: Any) -> Any:
    """a / b, rounded down for integers."""
    return a // b


def with_metaclass(metaclass: Any, *bases: Any) -> Any:
    """A base class with that metaclass."""
    return metaclass("NewBase", bases or (object,), {})


def get_unbound_function(unbound: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a method."""
    return getattr(unbound, "__func__", unbound)


__all__ = [
    "PY3",
    "BytesIO",
    "DefaultOrderedDict",
    "OrderedDict",
    "cPickle",
    "cmp",
    "combinations",
    "exc_message",
    "get_unbound_function",
    "imap",
    "integer_types",
    "iteritems",
    "itervalues",
    "izip",
    "operator_div",
    "partial",
    "pickle",
    "product",
    "string_types",
    "with_metaclass",
    "xrange",
]
