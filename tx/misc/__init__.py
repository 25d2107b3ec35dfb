"""Theano's ``misc``: saving."""

from tx.misc import pkl_utils

__all__ = ["pkl_utils"]
