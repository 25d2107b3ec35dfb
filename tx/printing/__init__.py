"""Looking at graphs: as text, as pictures, and at each stage on the way to the executable."""

from tx.printing.debugprint import debugprint
from tx.printing.descriptions import hex_digest, min_informative_str, position_independent_str, var_descriptor
from tx.printing.graphviz import PyDotFormatter, default_colorCodes, pydot_imported, pydot_imported_msg, pydotprint
from tx.printing.html import d3viz, d3write
from tx.printing.pp import pp, pprint
from tx.printing.print_op import Print
from tx.printing.stages import Stages, stages

__all__ = [
    "Print",
    "PyDotFormatter",
    "Stages",
    "d3viz",
    "d3write",
    "debugprint",
    "default_colorCodes",
    "hex_digest",
    "min_informative_str",
    "position_independent_str",
    "pp",
    "pprint",
    "pydot_imported",
    "pydot_imported_msg",
    "pydotprint",
    "stages",
    "var_descriptor",
]
