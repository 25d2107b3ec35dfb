"""What Theano's classes become when a pickle of Theano 1.0.5 is loaded: one table. `restoring` does as it says.

Names are those of Theano's paths without ``theano.``. An Op is named with a function of its pickled attributes (`s`)
and the node's inputs, which returns what the node computes: Theano's Ops are said in tx's words, and an Op that only
exists to make another one fast becomes an expression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tx import builders, gradient, ifelse, scalar
from tx.compile import In, Out
from tx.legacy.loops import scan_outputs
from tx.random import mrg, multinomial
from tx.shared import Container, TensorSharedVariable
from tx.tensor import (
    assertions,
    choosing,
    convert,
    creation,
    cumulative,
    diagonals,
    elemwise,
    extra,
    fft,
    joining,
    nlinalg,
    positions,
    products,
    reduction,
    shapes,
    slinalg,
    subtensor,
    type_other,
)
from tx.tensor import math as F
from tx.tensor.nnet import basic as nnet
from tx.tensor.nnet import bn, convolution, costs, neighbours
from tx.tensor.signal import pool
from tx.tensor.sort import argsort, sort
from tx.tensor.unique import Unique


def scalar_of(operation: Any) -> Any:
    """The row of one of Theano's scalar operations. Raises KeyError when there is none."""
    if isinstance(operation, scalar.Row):
        return operation
    make: Any = scalar.classes[type(operation).__name__]
    return make()


def _same(kind: Any, *names: str) -> Callable[..., Any]:
    """An Op that tx has, too, with arguments of these names."""
    return lambda s, *inputs: kind(**{name: getattr(s, name) for name in names})(*inputs)


def _first(function: Any) -> Callable[..., Any]:
    """A function of the inputs alone."""
    return lambda s, *inputs: function(*inputs)


def _identity(s: Any, x: Any, *unused: Any) -> Any:
    return x


def _axes(axis: Any) -> Any:
    return None if axis is None else [int(a) for a in np.atleast_1d(axis)]


def _careduce(s: Any, x: Any) -> Any:
    """A reduction by the scalar operation that it repeats."""
    operation = scalar_of(s.scalar_op).name
    if operation in ("add", "mul"):
        reduced = reduction.sum if operation == "add" else reduction.prod
        return reduced(x, _axes(s.axis), dtype=getattr(s, "dtype", None), acc_dtype=getattr(s, "acc_dtype", None))
    kinds = {"maximum": reduction.max, "minimum": reduction.min, "or_": reduction.any, "and_": reduction.all}
    return kinds[operation](x, _axes(s.axis))


def _int(variable: Any) -> Any:
    """A constant's value as an int, where it is one."""
    return None if _or_none(variable) is None else int(convert.get_scalar_constant_value(variable))


#: scalar operations that are no row, but an expression
_COMPOSED: dict[str, Callable[..., Any]] = {
    "BNComposite": lambda x, mean, std, gamma, beta: (x - mean) * (gamma / std) + beta,
    "UltraFastScalarSigmoid": nnet.ultra_fast_sigmoid,
}


def _elemwise(s: Any, *inputs: Any) -> Any:
    composed = _COMPOSED.get(type(s.scalar_op).__name__)
    return composed(*inputs) if composed else elemwise.Elemwise(scalar_of(s.scalar_op))(*inputs)


def _typed(function: Callable[..., Any], s: Any, inputs: Any) -> Any:
    return function(*inputs, dtype=s.dtype)


def _total(reduced: Any, **options: Any) -> Callable[..., Any]:
    return lambda s, x: reduced(x, _axes(s.axis), dtype=s.dtype, acc_dtype=s.acc_dtype, **options)


def _rebroadcast(s: Any, x: Any) -> Any:
    axes = dict(s.axis)
    return shapes.patternbroadcast(x, [axes.get(i, b) for i, b in enumerate(x.broadcastable)])


# -- indexing ---------------------------------------------------------------------------------------------------------


def _key(entries: Any, inputs: Any) -> Any:
    """The index of basic indexing: where Theano's list has a type, the next input stands."""
    rest = iter(inputs)

    def part(entry: Any) -> Any:
        if isinstance(entry, slice):
            return slice(part(entry.start), part(entry.stop), part(entry.step))
        return entry if entry is None or isinstance(entry, int | np.integer) else next(rest)

    return tuple([part(entry) for entry in entries])


def _advanced_key(inputs: Any) -> Any:
    """The index of advanced indexing, of Variables; a slice, a new axis or a mask is one of them."""

    def items(given: Any) -> list[Any]:
        if isinstance(given.type, type_other.SliceType):
            return [slice(*[_or_none(p) for p in type_other.slice_parts(given)])]
        if getattr(given.type, "dtype", None) == "bool":
            return list(subtensor.nonzero(given))
        return [_or_none(given)]

    return tuple([i for given in inputs for i in items(given)])


def _or_none(part: Any) -> Any:
    return None if part is None or isinstance(getattr(part, "type", None), type_other.NoneTypeT) else part


def _write(key_of: Callable[..., Any]) -> Callable[..., Any]:
    """Writing into the places that an index, found by `key_of`, names."""

    def write(s: Any, x: Any, y: Any, *index: Any) -> Any:
        put = subtensor.set_subtensor if s.set_instead_of_inc else subtensor.inc_subtensor
        return put(x[key_of(s, index)], y)

    return write


def _of_list(s: Any, index: Any) -> Any:
    return _key(s.idx_list, index)


def _of_variables(s: Any, index: Any) -> Any:
    return _advanced_key(index)


# -- neural networks --------------------------------------------------------------------------------------------------

_CONV = ("imshp", "kshp", "border_mode", "subsample", "filter_flip", "filter_dilation", "num_groups")
_CONV2 = (*_CONV, "unshared")


def _picked(x: Any, places: Any) -> Any:
    """The element of each row that `places` names."""
    return x[creation.arange(places.shape[0]), places]


def _crossentropy_softmax(s: Any, x: Any, b: Any, places: Any) -> list[Any]:
    z = x + b
    logs = nnet.logsoftmax(z)
    return [-_picked(logs, places), nnet.softmax(z), F.cast(reduction.argmax(z, axis=1), places.dtype)]


def _batch_norm_train(s: Any, x: Any, scale: Any, bias: Any, epsilon: Any, *running: Any) -> list[Any]:
    """Normalised values, mean, inverse deviation, and the new running averages, where there are old ones."""
    given = dict(zip(("running_average_factor", "running_mean", "running_var"), running, strict=False))
    return list(bn.batch_normalization_train(x, scale, bias, tuple(s.axes), epsilon, **given))


def _batch_norm_grad(s: Any, x: Any, dy: Any, scale: Any, mean: Any, inverse: Any, epsilon: Any) -> list[Any]:
    axes, centred = list(s.axes), x - mean
    c = dy * inverse
    d = reduction.mean(c * centred * inverse, axes, keepdims=True)
    dx = scale * (c - reduction.mean(c, axes, keepdims=True) - centred * inverse * d)
    return [dx, reduction.sum(dy * inverse * centred, axes, keepdims=True), reduction.sum(dy, axes, keepdims=True)]


# -- graphs inside ----------------------------------------------------------------------------------------------------


def _of_graph(s: Any, *inputs: Any) -> Any:
    """The shared variables that the graph reads come last among the inputs."""
    return builders.OpFromGraph(s.local_inputs, s.local_outputs)(*inputs, return_list=True)


def _ifelse(s: Any, condition: Any, *branches: Any) -> Any:
    return ifelse.IfElse(s.n_outs, name=s.name)(condition, *branches, return_list=True)


#: Ops -> what they compute
OPS: dict[str, Callable[..., Any]] = {
    "tensor.elemwise.Elemwise": _elemwise,
    "tensor.elemwise.DimShuffle": lambda s, x: shapes.dimshuffle(x, *s.new_order),
    "tensor.elemwise.CAReduce": _careduce,
    "tensor.elemwise.CAReduceDtype": _careduce,
    "tensor.elemwise.Sum": _total(reduction.sum),
    "tensor.elemwise.Prod": lambda s, x: reduction.prod(
        x, _axes(s.axis), s.dtype, acc_dtype=s.acc_dtype, no_zeros_in_input=s.no_zeros_in_input
    ),
    "tensor.elemwise.ProdWithoutZeros": lambda s, x: reduction.ProdWithoutZeros(s.axis, s.dtype, s.acc_dtype)(x),
    "tensor.elemwise.All": lambda s, x: reduction.all(x, _axes(s.axis)),
    "tensor.elemwise.Any": lambda s, x: reduction.any(x, _axes(s.axis)),
    # tensor.basic
    "tensor.basic.MaxAndArgmax": lambda s, x: reduction.max_and_argmax(x, _axes(s.axis)),
    "tensor.basic.Argmax": lambda s, x: reduction.argmax(x, _axes(s.axis)),
    "tensor.basic.Dot": _first(products.dot),
    "tensor.basic.Reshape": lambda s, x, shape: shapes.reshape(x, shape, ndim=s.ndim),
    "tensor.basic.Flatten": lambda s, x: shapes.flatten(x, s.outdim),
    "tensor.basic.TensorFromScalar": _identity,
    "tensor.basic.ScalarFromTensor": _identity,
    "tensor.basic.Alloc": _first(creation.alloc),
    "tensor.basic.AllocEmpty": lambda s, *lengths: creation.alloc(np.zeros((), s.dtype), *lengths),
    "tensor.basic.Join": _first(joining.join),
    "tensor.basic.Split": lambda s, x, axis, sizes: joining.split(x, sizes, s.len_splits, axis),
    "tensor.basic.ARange": lambda s, *n: _typed(creation.arange, s, n),
    "tensor.basic.Eye": lambda s, *n: _typed(creation.eye, s, n),
    "tensor.basic.Tri": lambda s, *n: _typed(creation.tri, s, n),
    "tensor.basic.Nonzero": lambda s, x: subtensor.nonzero(x, return_matrix=True),
    "tensor.basic.PermuteRowElements": lambda s, x, order, inverse: choosing.permute_row_elements(
        x, order, _int(inverse)
    ),
    "tensor.basic.ExtractDiag": lambda s, x: diagonals.diagonal(x, s.offset, s.axis1, s.axis2),
    "tensor.basic.AllocDiag": lambda s, x: nlinalg.diag(x),
    "tensor.basic.Choose": lambda s, which, choices: choosing.choose(which, choices, mode=s.mode),
    # compile, tensor.opt, printing
    "compile.ops.Shape": _first(shapes.shape),
    "compile.ops.Shape_i": lambda s, x: shapes.shape_i(x, s.i),
    "compile.ops.SpecifyShape": _first(shapes.specify_shape),
    "compile.ops.Rebroadcast": _rebroadcast,
    "compile.ops.ViewOp": _identity,
    "compile.ops.DeepCopyOp": _identity,
    "compile.ops.OutputGuard": _identity,
    "compile.builders.OpFromGraph": _of_graph,
    "ifelse.IfElse": _ifelse,
    "printing.Print": _identity,
    "tensor.opt.MakeVector": lambda s, *x: joining.MakeVector(s.dtype)(*x),
    "tensor.opt.Assert": lambda s, x, *conditions: assertions.Assert(s.msg)(x, *conditions),
    # indexing
    "tensor.subtensor.Subtensor": lambda s, x, *index: x[_key(s.idx_list, index)],
    "tensor.subtensor.IncSubtensor": _write(_of_list),
    "tensor.subtensor.AdvancedSubtensor1": lambda s, x, i: x[i],
    "tensor.subtensor.AdvancedIncSubtensor1": _write(_of_variables),
    "tensor.subtensor.AdvancedSubtensor": lambda s, x, *index: x[_advanced_key(index)],
    "tensor.subtensor.AdvancedIncSubtensor": _write(_of_variables),
    "tensor.subtensor.AdvancedBooleanSubtensor": lambda s, x, *index: x[_advanced_key(index)],
    "tensor.subtensor.AdvancedBooleanIncSubtensor": _write(_of_variables),
    "tensor.type_other.MakeSlice": _first(type_other.make_slice),
    # extra_ops, sort
    "tensor.extra_ops.CumOp": _same(cumulative.CumOp, "axis", "mode"),
    "tensor.extra_ops.DiffOp": lambda s, x: cumulative.diff(x, s.n, s.axis),
    "tensor.extra_ops.RepeatOp": lambda s, x, repeats: extra.repeat(x, repeats, s.axis),
    "tensor.extra_ops.FillDiagonal": _first(positions.fill_diagonal),
    "tensor.extra_ops.FillDiagonalOffset": _first(positions.fill_diagonal_offset),
    "tensor.extra_ops.SearchsortedOp": lambda s, x, v, *sorter: positions.searchsorted(x, v, s.side, *sorter),
    "tensor.extra_ops.CpuContiguous": _identity,
    "tensor.extra_ops.Unique": lambda s, x: Unique(s.return_index, s.return_inverse, s.return_counts, s.axis)(x),
    "tensor.sort.SortOp": lambda s, x, axis: sort(x, _int(axis), s.kind),
    "tensor.sort.ArgSortOp": lambda s, x, axis: argsort(x, _int(axis), s.kind),
    # linear algebra
    **{
        f"tensor.nlinalg.{kind.__name__}": _same(kind)
        for kind in (nlinalg.MatrixInverse, nlinalg.MatrixPinv, nlinalg.Det, nlinalg.Eig, nlinalg.lstsq)
    },
    "tensor.nlinalg.Eigh": _same(nlinalg.Eigh, "UPLO"),
    "tensor.nlinalg.QRFull": _same(nlinalg.QRFull, "mode"),
    "tensor.nlinalg.QRIncomplete": _same(nlinalg.QRIncomplete, "mode"),
    "tensor.nlinalg.SVD": _same(nlinalg.SVD, "full_matrices", "compute_uv"),
    "tensor.nlinalg.ExtractDiag": lambda s, x: nlinalg.extract_diag(x),
    "tensor.nlinalg.AllocDiag": _first(nlinalg.diag),
    "tensor.slinalg.Cholesky": _same(slinalg.Cholesky, "lower"),
    "tensor.slinalg.Solve": _same(slinalg.Solve, "A_structure", "lower"),
    "tensor.slinalg.Expm": _same(slinalg.Expm),
    "tensor.slinalg.Eigvalsh": _same(slinalg.Eigvalsh, "lower"),
    "tensor.fft.RFFTOp": _first(fft.RFFT()),
    "tensor.fft.IRFFTOp": _first(fft.IRFFT()),
    # products by BLAS
    "tensor.blas.BatchedDot": _first(products.batched_dot),
    "tensor.blas.Dot22": _first(products.dot),
    "tensor.blas.Dot22Scalar": lambda s, x, y, a: a * products.dot(x, y),
    "tensor.blas.Gemm": lambda s, z, a, x, y, b: b * z + a * products.dot(x, y),
    "tensor.blas.Gemv": lambda s, y, a, A, x, b: b * y + a * products.dot(A, x),
    "tensor.blas.Ger": lambda s, A, a, x, y: A + a * products.outer(x, y),
    # neural networks
    "tensor.nnet.nnet.Softmax": _first(nnet.softmax),
    "tensor.nnet.nnet.LogSoftmax": _first(nnet.logsoftmax),
    "tensor.nnet.nnet.SoftmaxGrad": _first(costs.softmax_grad),
    "tensor.nnet.nnet.SoftmaxWithBias": lambda s, x, b: nnet.softmax(x + b),
    "tensor.nnet.nnet.CrossentropyCategorical1Hot": lambda s, p, places: -F.log(_picked(p, places)),
    "tensor.nnet.nnet.CrossentropyCategorical1HotGrad": _first(costs.crossentropy_categorical_1hot_grad),
    "tensor.nnet.nnet.CrossentropySoftmaxArgmax1HotWithBias": _crossentropy_softmax,
    "tensor.nnet.nnet.CrossentropySoftmax1HotWithBiasDx": _first(costs.crossentropy_softmax_1hot_with_bias_dx),
    "tensor.nnet.bn.AbstractBatchNormTrain": _batch_norm_train,
    "tensor.nnet.bn.AbstractBatchNormInference": lambda s, x, scale, bias, mean, var, epsilon: (
        bn.batch_normalization_test(x, scale, bias, mean, var, tuple(s.axes), epsilon)
    ),
    "tensor.nnet.bn.AbstractBatchNormTrainGrad": _batch_norm_grad,
    **{
        f"tensor.nnet.abstract_conv.AbstractConv{n}d{direction}": _same(
            getattr(convolution, f"AbstractConv{n}d{direction}"), *(_CONV2 if n == 2 else _CONV)
        )
        for n in (2, 3)
        for direction in ("", "_gradWeights", "_gradInputs")
    },
    "tensor.nnet.neighbours.Images2Neibs": _same(neighbours.Images2Neibs, "mode"),
    "tensor.signal.pool.Pool": _same(pool.Pool, "ignore_border", "mode", "ndim"),
    "tensor.signal.pool.MaxPoolGrad": _same(pool.MaxPoolGrad, "ignore_border", "ndim"),
    "tensor.signal.pool.AveragePoolGrad": _same(pool.AveragePoolGrad, "ignore_border", "mode", "ndim"),
    "tensor.signal.pool.DownsampleFactorMaxGradGrad": _same(
        pool.DownsampleFactorMaxGradGrad, "ignore_border", "mode", "ndim"
    ),
    "tensor.signal.pool.MaxPoolRop": _same(pool.MaxPoolRop, "ignore_border", "mode", "ndim"),
    # gradients, loops, random numbers
    "gradient.ConsiderConstant": _first(gradient.consider_constant),
    "gradient.ZeroGrad": _first(gradient.zero_grad),
    "gradient.DisconnectedGrad": _first(gradient.disconnected_grad),
    "gradient.UndefinedGrad": _first(gradient.marks.undefined_grad),
    "gradient.GradClip": lambda s, x: gradient.grad_clip(x, s.clip_lower_bound, s.clip_upper_bound),
    "gradient.GradScale": lambda s, x: gradient.grad_scale(x, s.multiplier),
    "scan_module.scan_op.Scan": scan_outputs,
    "sandbox.rng_mrg.mrg_uniform": lambda s, state, size: mrg.mrg_uniform(s.output_type)(state, size),
    "sandbox.multinomial.MultinomialFromUniform": _same(multinomial.MultinomialFromUniform, "odtype"),
    "sandbox.multinomial.ChoiceFromUniform": _same(multinomial.ChoiceFromUniform, "odtype", "replace"),
}

#: classes and functions that have another name here; a text is the path of one that is needed late
CLASSES: dict[str, Any] = {
    "tensor.sharedvar.ScalarSharedVariable": TensorSharedVariable,
    "gof.link.Container": Container,
    "compile.io.SymbolicInput": In,
    "compile.io.SymbolicOutput": Out,
    "compile.function_module._constructor_Function": "tx.legacy.restoring.restore_function",
    "compile.function_module._constructor_FunctionMaker": "tx.legacy.restoring.restore_maker",
    "tensor.type_other.NoneConst": type_other.NoneConst,
}

#: classes whose objects are only carried along, inside others
OPAQUE: tuple[str, ...] = (
    "compile.function_module.FunctionMaker", "compile.function_module.Supervisor",
    "compile.profiling.ProfileStats", "gof.optdb.Query", "gof.optdb.DB", "gof.vm.VM_Linker",
    "gof.op.ParamsType", "gof.params_type.ParamsType", "misc.frozendict.frozendict", "misc.ordered_set.Link",
    "misc.ordered_set.OrderedSet", "gof.link.PerformLinker", "gof.opt.MergeFeature", "gof.opt._metadict",
    "gof.toolbox.PreserveVariableAttributes", "gof.toolbox.ReplaceValidate",
    "tensor.elemwise.MulWithoutZeros", "tensor.var.TensorConstantSignature",
    "tensor.nnet.sigm.ScalarSigmoid", "tensor.nnet.sigm.ScalarSoftplus", "tensor.nnet.sigm.UltraFastScalarSigmoid",
    "tensor.nnet.bn.BNComposite",
)  # fmt: skip
