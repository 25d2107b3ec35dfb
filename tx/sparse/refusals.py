"""What sparse values do not have, and the exception that says so as Theano does."""

from __future__ import annotations


class Unsupported(NotImplementedError):
    """A format, a dtype, a rank or an index that there is no sparse value for."""


__all__ = ["Unsupported"]
