"""tx: Theano's symbolic API, compiled to XLA.

``import tx as theano; import tx.tensor as T`` is all that a Theano program changes.
"""

from tx import (
    compile,
    distributed,
    gradient,
    graph,
    printing,
    random,
    scalar,
    scan_module,
    sparse,
    tensor,
    typed_list,
    updates,
)
from tx.builders import OpFromGraph, as_op
from tx.compile import Function, In, Mode, Out, Param, function, function_dump
from tx.compile.export import export, load
from tx.compile.sharding import mesh
from tx.configuration import config
from tx.gradient import Lop, Rop, grad, subgraph_grad
from tx.graph import Apply, Constant, FunctionGraph, MissingInputError, Op, Type, Variable
from tx.legacy import install, serve_paths
from tx.misc.checkpoints import load_checkpoint, save_checkpoint
from tx.printing import debugprint, pp, pprint
from tx.scan_module import clone, foldl, foldr, map, reduce, scan, scan_checkpoints
from tx.shared import TensorSharedVariable, shared, tensor_constructor
from tx.sparse.indexing import sparse_grad
from tx.tensor import scalar_layer
from tx.tensor.products import dot_of_any as dot
from tx.tensor.type_other import generic
from tx.updates import OrderedUpdates
from tx.version import __version__

# What upper rooms give to the tensor vocabulary, so that ``T.grad`` is found where Theano has it.
_GRADIENT = ("Lop", "Rop", "consider_constant", "grad", "grad_not_implemented", "grad_undefined", "hessian", "jacobian")
_given = {_name: getattr(gradient, _name) for _name in (*_GRADIENT, "numeric_grad", "verify_grad")}
for _module in (tensor, tensor.basic):
    vars(_module).update(_given, shared=shared, _shared=tensor_constructor, TensorSharedVariable=TensorSharedVariable)
    vars(_module)["__all__"] += _given
_streams = {"raw_random": random.raw_random, "shared_randomstreams": random.shared_randomstreams}
vars(tensor).update(_streams)
vars(tensor)["__all__"] += _streams
scalar.__all__ += [*scalar_layer.__all__, *scalar.table, *scalar.classes]
serve_paths()

__all__ = [
    "Apply",
    "Constant",
    "Function",
    "FunctionGraph",
    "In",
    "Lop",
    "MissingInputError",
    "Mode",
    "Op",
    "OpFromGraph",
    "OrderedUpdates",
    "Out",
    "Param",
    "Rop",
    "Type",
    "Variable",
    "__version__",
    "as_op",
    "clone",
    "compile",
    "config",
    "debugprint",
    "distributed",
    "dot",
    "export",
    "foldl",
    "foldr",
    "function",
    "function_dump",
    "generic",
    "grad",
    "gradient",
    "graph",
    "install",
    "load",
    "load_checkpoint",
    "map",
    "mesh",
    "pp",
    "pprint",
    "printing",
    "random",
    "reduce",
    "save_checkpoint",
    "scalar",
    "scan",
    "scan_checkpoints",
    "scan_module",
    "shared",
    "sparse",
    "sparse_grad",
    "subgraph_grad",
    "tensor",
    "typed_list",
    "updates",
]
