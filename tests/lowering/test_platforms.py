"""Every Op lowers for cuda and tpu, or docs/host_only.md says that it runs on the host, and why.

Expressions of a group become one function, which is exported for both. A new Op must be added to a group here.
"""

import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import scalar
from tx.graph import walk
from tx.lowering.export import export_function
from tx.lowering.registry import rule_for
from tx.tensor.elemwise import Elemwise
from tx.tensor.nlinalg import lstsq
from tx.tensor.reduction import REDUCTIONS, CAReduce

PAGE = Path(__file__).parents[2] / "docs" / "host_only.md"
PLATFORMS = ("cuda", "tpu")

#: the Variables of all groups, with their arguments; the matrix is symmetric and positive definite
ARGUMENTS = {
    "x": np.array([0.2, 0.7, 0.4]),
    "A": np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 4.0]]),
    "t": np.linspace(0.1, 0.9, 18).reshape(2, 3, 3),
    "z": np.array([1 + 1j, 2.0, 0.5j]),
    "iv": np.array([2, 0, 1]),
    "i": np.array(1),
    "b": np.array([True, False, True]),
}

GROUPS = {
    "transfers": "tx.tensor.transfers.Transfer('cpu')(x) | T.grad(tx.tensor.transfers.Transfer('cpu')(x).sum(), x)",
    "copies": "tx.tensor.copies.view_op(x) | tx.tensor.copies.deep_copy_op(x) | tx.tensor.copies.own_buffer(x)",
    "sharding": "T.shard(x, 'batch') | T.shard(A, None, ('batch', 'model'))",
    "shapes": "A.reshape((9,)) | A.reshape((-1, 1)) | A.T | A.shape | A.shape[0] | T.specify_shape(x, (3,)) | A.size"
    " | T.addbroadcast(x[:1], 0) | A.dimshuffle(1, 'x', 0) | T.Shape_i(0)(A) | x.flatten() | T.tile(x, 2)"
    " | T.roll(x, 1)",
    "creation": "T.alloc(x, 2, 3) | T.eye(3) | T.arange(i) | T.arange(0., 1., .25) | T.zeros_like(A)"
    " | T.mgrid[0:3, 0:2][0]"
    " | T.diag(x) | T.tril(A) | T.diagonal(A) | T.stack([i, i + 1])",
    "joining": "T.join(i, A, A) | T.split(A, [1, 2], 2, axis=i)[1]"
    " | T.join(0, x, x) | T.stack([x, x]) | T.split(x, [1, 2], 2)[1] | T.stack([x[0], x[1]])",
    "subtensor": "x[1:] | x[::-1] | x[i] | A[i, iv] | A[:, None, 1] | A[iv, iv]"
    " | T.set_subtensor(x[1:], 0.) | x[iv - 3]"
    " | T.inc_subtensor(x[i], 1.) | T.inc_subtensor(A[iv, iv], x) | T.set_subtensor(A[iv], x) | x[b.nonzero()]"
    " | x.take(iv, mode='wrap') | T.nonzero_values(x) | T.extra_ops.compress(b, A, 0)",
    "selections": "tx.tensor.selections.AlongMask()(x, b) | tx.tensor.selections.MaskedUpdate(True)(x, x, b)"
    " | tx.tensor.selections.Selected('maximum')(x, i)",
    "reductions": "A.sum() | A.prod(0) | A.max(1) | A.min() | A.mean() | A.var() | A.any() | A.all(0) | A.argmax(1)"
    " | A.argmin() | T.max_and_argmax(A)[1] | T.prod(A, no_zeros_in_input=True)"
    " | tx.tensor.reduction.ProdWithoutZeros()(A) | tx.tensor.reduction.ProductOfOthers((0,))(A)"
    " | T.ptp(x) | A.norm(2) | iv.sum() | z.sum() | b.all()",
    "products": "T.dot(A, x) | T.dot(A, A) | T.dot(x, x) | T.batched_dot(t, t) | T.tensordot(t, A, [[2], [0]])"
    " | T.outer(x, x) | T.dot(z, z) | T.dot(iv, iv) | T.batched_tensordot(t, t, [[2], [1]])",
    "choosing": "T.choose(iv, [x, x, x]) | T.choose(iv, [x, x], mode='wrap') | T.permute_row_elements(A, iv)"
    " | T.permute_row_elements(A, iv, inverse=1) | T.switch(b, x, 0) | T.clip(x, 0, 1)",
    "extra": "T.cumsum(x) | T.cumprod(A, 1) | T.repeat(x, 2) | T.repeat(x, iv) | T.extra_ops.diff(x)"
    " | T.extra_ops.bartlett(5)"
    " | T.extra_ops.bincount(iv) | T.extra_ops.fill_diagonal(A, 1.) | T.extra_ops.fill_diagonal_offset(A, 1., 1)"
    " | T.extra_ops.unravel_index(iv, (2, 3))[0] | T.extra_ops.ravel_multi_index((iv, iv), (4, 4))"
    " | T.extra_ops.searchsorted(x, x) | T.extra_ops.Unique()(iv) | T.extra_ops.Unique(True, True, True)(x)[3]"
    " | T.extra_ops.Unique(axis=0)(A)"
    " | T.extra_ops.to_one_hot(iv, 4)",
    "sort": "T.sort(x) | T.argsort(A, 0) | T.topk(x, 2) | T.argtopk(x, 2) | T.sort(A, None)",
    "nlinalg": "T.nlinalg.matrix_inverse(A) | T.nlinalg.pinv(A) | T.nlinalg.det(A) | T.nlinalg.eigh(A)[1]"
    " | T.nlinalg.trace(A)"
    " | T.nlinalg.qr(A)[0] | T.nlinalg.qr(A, mode='r') | T.nlinalg.svd(A)[0] | T.nlinalg.svd(A, compute_uv=0)"
    " | T.nlinalg.matrix_power(A, 2)",
    "slinalg": "T.slinalg.cholesky(A) | T.slinalg.solve(A, x) | T.slinalg.solve_lower_triangular(A, x)"
    " | T.slinalg.expm(A)"
    " | T.slinalg.eigvalsh(A, A) | T.slinalg.kron(A, A) | T.slinalg.Cholesky(lower=False)(A)",
    "fft": "T.fft.rfft(A) | T.fft.irfft(T.fft.rfft(A), is_odd=True) | tx.tensor.fft.fft(A, 4, 1)",
    "nnet": "T.nnet.softmax(A) | T.nnet.logsoftmax(A) | T.nnet.categorical_crossentropy(T.nnet.softmax(A), iv)",
    "gradients": "T.grad(T.nlinalg.det(A) + T.slinalg.cholesky(A).sum() + T.nlinalg.eigh(A)[0].sum(), A)"
    " | T.grad(T.cumprod(x)[-1] + T.sort(x)[0] + T.slinalg.expm(A)[0, 0], x, disconnected_inputs='ignore')"
    " | T.grad(T.nnet.logsoftmax(A)[0, 0] + T.dot(A, x).sum(), [A, x])[0] | T.grad(T.gammaln(x).sum(), x)"
    " | T.grad(T.gammainc(x, x).sum(), x)",
    "derivatives": "tx.gradient.jacobian(x**2, x) | tx.gradient.grad_clip(x, -1, 1) | tx.gradient.consider_constant(x)"
    " | tx.gradient.disconnected_grad(x) | tx.gradient.undefined_grad(x) | tx.gradient.zero_grad(x)"
    " | tx.gradient.grad_scale(x, 2.)"
    " | tx.Rop(T.cumprod(x), x, x) | tx.Rop(T.sort(x), x, x) | tx.OpFromGraph([x], [x * 2])(x)",
    "loops": "tx.scan(lambda a, c: c * a, sequences=x, outputs_info=T.constant(np.float64(1)))[0]"
    " | tx.scan(lambda c: (c * 2, tx.scan_module.until(c > 9)), outputs_info=x[0], n_steps=5)[0]"
    " | tx.ifelse.ifelse(T.gt(x[0], 0), x, A[0])"
    " | T.grad(tx.scan(lambda a, c: c * a, sequences=x, outputs_info=T.constant(np.float64(1)))[0][-1], x)",
    "random": "tx.random.MRG_RandomStreams(3).normal((9,))"
    " | tx.random.MRG_RandomStreams(3).uniform((i * 9,), nstreams=2)"
    " | tx.random.MRG_RandomStreams(3).multinomial(n=2, pvals=A / A.sum(1, keepdims=True))"
    " | tx.random.MRG_RandomStreams(3).choice(2, replace=False, p=A / A.sum(1, keepdims=True))",
    "assertions": "tx.tensor.assertions.Assert('positive')(x, x.sum() > 0)",
}
BITS = ("and_", "or_", "xor", "invert")
MADE_COMPLEX = ("complex", "complex_from_polar")
IN_COMPLEX = ("real", "imag", "conj", "angle", "exp", "add", "mul", "abs_", "true_div", "pow", "sqrt", "tanh")


def of_expressions(source):
    inputs = {n: T.TensorType(a.dtype, (False,) * a.ndim)(n) for n, a in ARGUMENTS.items()}
    outputs = eval(f"[{source.replace(' | ', ', ')}]", {"np": np, "tx": tx, "T": T, **inputs})
    return list(inputs.values()), outputs, list(ARGUMENTS.values())


def of_scalars(names, dtype):
    x = T.TensorType(dtype, (False,))("x")
    ops = [scalar.get(n) for n in names]
    return [x], [Elemwise(op)(*[x] * (op.nin if op.nin >= 0 else 3)) for op in ops], [np.array([1, 2], dtype)]


def casts():
    x = T.dvector("x")
    return [x], [T.cast(x, d) for d in ("bool", "int8", "uint64", "float16", "float32", "complex64")], [np.ones(2)]


FLOATS = [n for n in scalar.table if n not in (*BITS, *MADE_COMPLEX, "real", "imag", "conj", "angle")]
SCALARS = {
    **{f"floats {k}": (FLOATS[k::4], "float64") for k in range(4)},
    "bits": (BITS, "int64"),
    "made complex": (MADE_COMPLEX, "float64"),
    "in complex": (IN_COMPLEX, "complex128"),
}
BUILDERS = {
    **{name: (of_expressions, source) for name, source in GROUPS.items()},
    **{name: (of_scalars, *row) for name, row in SCALARS.items()},
    "casts": (casts,),
}


def build(name):
    builder, *arguments = BUILDERS[name]
    return builder(*arguments)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", BUILDERS)
def test_lowers_for_accelerators(name):
    inputs, outputs, arguments = build(name)
    function = tx.function(inputs, outputs, on_unused_input="ignore")
    stages = export_function(function, arguments, PLATFORMS)
    assert stages
    for exported in stages:
        assert exported.platforms == PLATFORMS
        assert exported.mlir_module()


# -- completeness -----------------------------------------------------------------------------------------------------


def all_ops():
    """Every public Op class of the package."""
    for module in pkgutil.walk_packages(tx.__path__, "tx."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    pending, found = [tx.Op], set()
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            module = kind.__module__
            here = module.startswith("tx.") and not module.startswith(tuple(ELSEWHERE))
            if here and not kind.__name__.startswith("_"):
                found.add(kind)
    return found


def applied():
    nodes = set()
    for name in BUILDERS:
        _, outputs, _ = build(name)
        nodes.update(walk.toposort(outputs))
    return nodes


#: packages with a table of their own, or with nothing to put into one
ELSEWHERE = {
    "tx.legacy.": "what Theano's classes become: expressions, or what runs on the host",
    "tx.compile.ops": "its nodes are of the Ops of tensors",
    "tx.typed_list.": "lists are values of Python: every Op of them runs on the host, as the page says",
    "tx.sparse.": "tests/sparse: scipy's on the host; products and sums are rewritten to what the device computes",
    "tx.tensor.nnet.": "tests/tensor/nnet/test_nnet_platforms.py",
    "tx.tensor.signal.": "tests/tensor/nnet/test_nnet_platforms.py",
}
#: only a base of others
BASES = {"Draw", "Identity", "JaxDraw", "Mark", "OfMatrix", "Unconnected", "_Derived"}
#: what takes an Op's place while a function is compiled, and what it takes the place of
TAKES_THE_PLACE = {"Conditional": "IfElse", "LastStep": "Trajectory"}
#: what the user's own code is, on the host
USERS = {"FromFunctionOp", "HostElemwise"}


def listed():
    """The Ops of the page, with its reasons."""
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.M))


def test_every_op_is_in_a_group():
    names = {type(node.op).__name__ for node in applied()}
    names |= {late for late, early in TAKES_THE_PLACE.items() if early in names}
    assert {k.__name__ for k in all_ops()} - names - BASES - USERS == set(listed())


def test_the_page_lists_exactly_what_is_not_lowered_everywhere():
    without_rule = {k.__name__ for k in all_ops() if rule_for(object.__new__(k)) is None}
    assert without_rule - BASES - USERS - set(TAKES_THE_PLACE.values()) | {"Eig", "Print"} == set(listed())
    assert all(len(reason) > 20 for reason in listed().values())


def test_every_elementwise_row_is_in_a_group():
    names = {node.op.scalar_op.name for node in applied() if isinstance(node.op, Elemwise)}
    assert set(scalar.table) | {"Cast"} <= names


def test_every_reduction_is_in_a_group():
    operations = {node.op.operation for node in applied() if isinstance(node.op, CAReduce)}
    assert operations == set(REDUCTIONS)


@pytest.mark.parametrize(("platform", "why"), [("cuda", "compatibility guarantees"), ("tpu", "not found")])
def test_eig_cannot_be_exported(platform, why):
    A = T.dmatrix("A")
    f = tx.function([A], T.nlinalg.eig(A)[0])
    with pytest.raises((ValueError, NotImplementedError), match=why):
        export_function(f, [ARGUMENTS["A"]], [platform])


def test_a_function_with_a_host_op_cannot_be_exported(tmp_path):
    A = T.dmatrix("A")
    np.save(tmp_path / "saved.npy", np.ones(3))
    for out in (lstsq()(A, A, 0.1)[0], A + T.load(str(tmp_path / "saved.npy"), "float64", (False,))):
        with pytest.raises(ValueError, match="can only run on the host"):
            export_function(tx.function([A], out), [ARGUMENTS["A"]], PLATFORMS)
