"""Running programs that were written for Theano: its import paths, and names that others have removed."""

from tx.legacy.finder import install_finder, serve_paths
from tx.legacy.removed import restore


def install() -> None:
    """Let ``import theano`` and every ``theano.*`` path give tx, and give back removed names. Twice is as once."""
    install_finder()
    restore()


__all__ = ["install", "serve_paths"]
