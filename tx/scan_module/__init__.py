"""Loops: `scan` and its simpler faces. One Op, `Scan`, holds the graph of a step."""

from tx.scan_module.basic import scan
from tx.scan_module.op import Scan
from tx.scan_module.results import until
from tx.scan_module.utils import clone
from tx.scan_module.views import foldl, foldr, map, reduce, scan_checkpoints

__all__ = ["Scan", "clone", "foldl", "foldr", "map", "reduce", "scan", "scan_checkpoints", "until"]
