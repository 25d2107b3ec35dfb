"""Looking at graphs: as text, as pictures, and at each stage on the way to the executable."""

from tx.printing.compilation import Stages, stages
from tx.printing.descriptions import hex_digest, min_informative_str, position_independent_str, var_descriptor
from tx.printing.formula import PPrinter, pp, pprint
from tx.printing.graphviz import PyDotFormatter, default_colorCodes, pydot_imported, pydot_imported_msg, pydotprint
from tx.printing.html import d3viz, d3write
from tx.printing.print_op import Print
from tx.printing.printers import (
    DefaultPrinter,
    FunctionPrinter,
    IgnorePrinter,
    LeafPrinter,
    OperatorPrinter,
    PatternPrinter,
    PrinterState,
)
from tx.printing.tree import debugprint

__all__ = [
    "DefaultPrinter",
    "FunctionPrinter",
    "IgnorePrinter",
    "LeafPrinter",
    "OperatorPrinter",
    "PPrinter",
    "PatternPrinter",
    "Print",
    "PrinterState",
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
