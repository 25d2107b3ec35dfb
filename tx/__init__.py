"""tx: Theano's symbolic API, compiled to XLA.

``import tx as theano; import tx.tensor as T`` is all that a Theano program changes.
"""

from tx import compile, gradient, graph, printing, scalar, tensor
from tx.compile import Function, In, Mode, Out, Param, function
from tx.configuration import config
from tx.gradient import grad
from tx.graph import Apply, Constant, FunctionGraph, MissingInputError, Op, Type, Variable, clone
from tx.legacy import install
from tx.printing import debugprint, pp
from tx.shared import shared
from tx.version import __version__

tensor.grad = grad  # type: ignore[attr-defined]

__all__ = [
    "Apply",
    "Constant",
    "Function",
    "FunctionGraph",
    "In",
    "MissingInputError",
    "Mode",
    "Op",
    "Out",
    "Param",
    "Type",
    "Variable",
    "__version__",
    "clone",
    "compile",
    "config",
    "debugprint",
    "function",
    "grad",
    "gradient",
    "graph",
    "install",
    "pp",
    "printing",
    "scalar",
    "shared",
    "tensor",
]
