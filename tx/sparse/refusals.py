"""What sparse values do not have, and the exception that says so as Theano does."""

from __future__ import annotations

from tx.graph.utils import Documented


class Unsupported(Documented, NotImplementedError):
    """A format, a dtype, a rank or an index that there is no sparse value for."""

    page = "sparse_unsupported"


__all__ = ["Unsupported"]
