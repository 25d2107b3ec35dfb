"""Every differentiable Op, in its domain: the gradient against finite differences, forward against reverse mode, and
the second derivative, by applying `grad` twice. What is not differentiable is listed."""

import importlib
import pkgutil

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.graph import Op
from tx.graph.walk import toposort
from tx.printing import Print
from tx.scalar.basic import table
from tx.tensor.assertions import Assert
from tx.tensor.copies import deep_copy_op, view_op
from tx.tensor.elemwise import Elemwise, elemwise
from tx.tensor.fft import fft
from tx.tensor.reduction import ProductOfOthers, ProdWithoutZeros

RNG = np.random.RandomState(3)
V, V2, M, M2, S, C = (RNG.uniform(0.2, 0.8, s) for s in ((4,), (4,), (2, 3), (2, 3), (3, 3), (2, 3, 2)))
FULL = S + 2 * np.eye(3)
ZEROS = np.array([[1, 0, 1], [0, 1, 0]])


def symmetric(m):
    return T.dot(m, m.T) + T.eye(3)


#: rows of the scalar table in steps, or of integers: their gradient is zero, or there is none
FLAT = {
    "int_div",
    "sgn",
    "ceil",
    "floor",
    "round_half_to_even",
    "round_half_away_from_zero",
    "trunc",
    "lt",
    "gt",
    "le",
    "ge",
    "eq",
    "neq",
    "isnan",
    "isinf",
    "and_",
    "or_",
    "xor",
    "invert",
}
#: where the arguments of a scalar operation are, when not between 0.2 and 0.8
DOMAINS = {
    "arccosh": (1.2, 2.0), "gamma": (0.5, 2.5), "gammaln": (0.5, 2.5), "psi": (0.5, 2.5), "tri_gamma": (0.5, 2.5),
    "erfcx": (-1.0, 1.0), "j0": (0.5, 4.0), "j1": (0.5, 4.0), "i0": (-2.0, 2.0), "i1": (-2.0, 2.0),
}  # fmt: skip
#: scalar operations that are no function of their arguments alone here: as expressions
WRITTEN = {
    "mod": lambda a, b: T.mod(a, b + 1),
    "switch": lambda a, b: T.switch(a > b, a * b, b**3),
    "clip": lambda a, b: T.clip(a**2, 0.3 + 0 * b, b) * a,
    "second": lambda a, b: T.second(a, b**2) * a,
    "real": lambda a, b: T.real(T.complex(a, b) ** 3),
    "imag": lambda a, b: T.imag(T.exp(T.complex(a, b))),
    "conj": lambda a, b: T.real(T.conj(T.complex(a, b)) * T.complex(b, a) ** 2),
    "angle": lambda a, b: T.angle(T.complex(a, b)),
    "complex": lambda a, b: abs(T.complex(a, b) ** 2 + T.complex(b, a)),
    "complex_from_polar": lambda a, b: T.real(T.complex_from_polar(a, b) ** 2),
    "gammainc": lambda a: T.gammainc(1.5, a),
    "gammaincc": lambda a: T.gammaincc(1.5, a),
    "gammal": lambda a: T.gammal(1.5, a),
    "gammau": lambda a: T.gammau(1.5, a),
    "chi2sf": lambda a: T.chi2sf(a, 3.0),
    "jv": lambda a: T.jv(1.5, a),
    "iv": lambda a: T.iv(1.5, a),
}


def _scalar_row(name):
    if name in WRITTEN:
        build = WRITTEN[name]
        return build, [V, V2][: build.__code__.co_argcount]
    count = 2 if table[name].nin < 0 else table[name].nin
    low, high = DOMAINS.get(name, (0.2, 0.8))
    return elemwise(name), [RNG.uniform(low, high, 4) for _ in range(count)]


#: name of an Op's class -> (expression, values), or several of them
ROWS = {
    "Alloc": (lambda a: T.alloc(a, 2, 4), [V]),
    "Assert": (lambda a: Assert("no")(a, T.all(a > 0)) ** 2, [V]),
    "Print": (lambda a: Print(global_fn=lambda op, array: None)(a) ** 2, [V]),
    "BatchedDot": (lambda a, b: T.batched_dot(a, b), [C, C.swapaxes(1, 2) + 1]),
    "CAReduce": [
        (lambda a: T.max(a, axis=0), [M]), (lambda a: T.min(a), [M]), (lambda a: T.sum(a, axis=1) ** 2, [M]),
        (lambda a: T.prod(a, axis=1, no_zeros_in_input=True), [M]),
    ],
    "Cast": (lambda a: T.cast(T.cast(a**2, "float64"), "complex128").real, [V]),
    "Cholesky": (lambda a: T.slinalg.cholesky(symmetric(a)), [S]),
    "Choose": (lambda a, b: T.choose(np.array([0, 1, 1, 0]), T.stack([a, b**2])), [V, V2]),
    "CumOp": [(lambda a: T.cumsum(a**2, axis=0), [M]), (lambda a: T.cumprod(a), [M])],
    "Det": (T.nlinalg.det, [FULL]),
    "DimShuffle": (lambda a: a.dimshuffle(1, "x", 0) ** 2, [M]),
    "Dot": [(T.dot, [M, S]), (T.dot, [V, V2]), (T.dot, [M, S[0]])],
    "Eig": (lambda a: T.nlinalg.eig(a)[0], [np.diag([1.0, 2.0, 4.0]) + S / 5]),
    "Eigh": [
        (lambda a: T.nlinalg.eigh(symmetric(a))[0], [S]), (lambda a: T.nlinalg.eigh(symmetric(a))[1] ** 2, [S]),
    ],
    "Eigvalsh": (lambda a: T.slinalg.eigvalsh(symmetric(a), T.eye(3)), [S]),
    "Expm": (T.slinalg.expm, [S]),
    "FillDiagonal": (lambda a, b: T.extra_ops.fill_diagonal(a**2, b.sum()), [S, V]),
    "FillDiagonalOffset": (lambda a, b: T.extra_ops.fill_diagonal_offset(a**2, b.sum(), 1), [S, V]),
    "IncSubtensor": [
        (lambda a, b: T.inc_subtensor(a[1:3], b[:2] ** 2), [V, V2]),
        (lambda a, b: T.set_subtensor(a[1:3], b[:2] ** 2), [V, V2]),
        (lambda a, b: T.inc_subtensor(a[[0, 0, 2]], b[:3] ** 2), [V, V2]),
    ],
    "Join": (lambda a, b: T.concatenate([a, b**2], axis=1), [M, M2]),
    "JoinAt": (lambda a, b: T.join(a.shape[0] * 0 + 1, a, b**2), [M, M2]),
    "LogSoftmax": (T.nnet.logsoftmax, [M]),
    "MakeVector": (lambda a: T.stack([a[0], a[1] ** 2]), [V]),
    "MapRows": (lambda a, b: T.jacobian(a**2 * b.sum(), a), [V, V2]),
    "MatrixInverse": (T.nlinalg.matrix_inverse, [FULL]),
    "MatrixPinv": (T.nlinalg.pinv, [FULL]),
    "OpFromGraph": (lambda a: tx.OpFromGraph([X], [X**3])(a), [V]),
    "PermuteRowElements": (lambda a: T.permute_row_elements(a**2, np.array([2, 0, 1])), [M]),
    "Prod": [
        (lambda a: T.prod(a, axis=0, no_zeros_in_input=True), [M]), (lambda a: T.prod(a, axis=1), [M * ZEROS]),
        (T.prod, [M]),
    ],
    "ProdWithoutZeros": (lambda a: ProdWithoutZeros((1,))(a), [M]),
    "ProductOfOthers": (lambda a: ProductOfOthers((1,))(a), [M * ZEROS]),
    "QRFull": (lambda a: T.nlinalg.qr(a)[1] ** 2, [FULL]),
    "QRIncomplete": (lambda a: T.nlinalg.qr(a, mode="r") ** 2, [FULL]),
    "IRFFT": (lambda a: T.fft.irfft(a**2), [C]),
    "RFFT": (lambda a: T.fft.rfft(a**2), [M]),
    "Fourier": (lambda a: T.real(fft(a**2, 3, 1)), [M]),
    "Shard": (lambda a: T.shard(a, "batch") ** 2, [V]),
    "ViewOp": (lambda a: view_op(a) ** 2, [V]),
    "DeepCopyOp": (lambda a: deep_copy_op(a) ** 2, [V]),
    "Rebroadcast": (lambda a: T.addbroadcast(a[:1], 0) ** 2, [V]),
    "Repeat": (lambda a: T.repeat(a**2, 2, axis=0), [M]),
    "Reshape": (lambda a: a.reshape((3, -1)) ** 2, [M]),
    "SVD": (lambda a: T.nlinalg.svd(a)[1], [FULL]),
    "Softmax": (T.nnet.softmax, [M]),
    "Solve": [
        (T.slinalg.solve, [FULL, M.T + 0]), (lambda a, b: T.slinalg.solve_lower_triangular(T.tril(a), b), [FULL, S[0]]),
    ],
    "Sort": (lambda a: T.sort(a**2), [V]),
    "SpecifyShape": (lambda a: T.specify_shape(a, (4,)) ** 2, [V]),
    "Split": (lambda a: T.split(a**2, [1, 2], 2, axis=1)[1], [M]),
    "SplitAt": (lambda a: T.split(a**2, [1, 2], 2, axis=a.shape[0] * 0 + 1)[1], [M]),
    "Subtensor": [(lambda a: a[::-2] ** 2, [V]), (lambda a: a[[0, 0, 1], [1, 1, 2]] ** 2, [M])],
    "Sum": (lambda a: T.sum(a**2, axis=1), [M]),
    "TopK": (lambda a: T.topk(a**2, 2).sum(), [V]),
    "OwnBuffer": (lambda a: tx.tensor.copies.own_buffer(a**2), [V]),
    "Transfer": (lambda a: T.transfers.Transfer("cpu")(a**2), [V]),
}  # fmt: skip
X = T.dvector("X")
#: Ops of positions, sizes and truth values, and those that only run on the host
NOT_DIFFERENTIABLE = {
    "ARange",
    "ArgSort",
    "Argmax",
    "Eye",
    "FromFunctionOp",
    "LexicalOrder",
    "LoadFromDisk",
    "MakeSlice",
    "Nonzero",
    "RavelMultiIndex",
    "SearchsortedOp",
    "Shape",
    "Shape_i",
    "UnravelIndex",
    "lstsq",
}
#: Ops whose gradient is not that of their value, on purpose (test_marks.py), and bases of others
SPECIAL = {
    "AlongMask",  # tests/rewriting/test_selections.py: they are put in when gradients are there
    "MaskedUpdate",
    "Selected",
    "PdbBreakpoint",
    "ConsiderConstant",
    "DisconnectedGrad",
    "GradClip",
    "GradScale",
    "Identity",
    "Mark",
    "OfMatrix",
    "Print",
    "UndefinedGrad",
    "ZeroGrad",
}
#: that occur whenever one of the others is differentiated that writes no derivative
DERIVED = {"Pullback", "Pushforward", "Elemwise"}
#: whose Ops have tests of their gradients beside those of their values
ELSEWHERE = tuple(
    f"tx.{room}"
    for room in (
        *("tensor.nnet", "tensor.signal", "tensor.scalar_layer", "legacy", "random", "scan", "ifelse", "sparse"),
        *("sandbox", "typed_list"),
    )
)

CASES = {f"elementwise {name}": _scalar_row(name) for name in table if name not in FLAT}
for _name, _rows in ROWS.items():
    for _k, _row in enumerate(_rows if isinstance(_rows, list) else [_rows]):
        CASES[f"{_name} {_k}"] = _row


@pytest.mark.parametrize("name", CASES)
def test_derivatives(name):
    build, values = CASES[name]
    rng = np.random.RandomState(7)
    inputs = [T.TensorType("float64", (False,) * v.ndim)() for v in values]
    directions = [rng.randn(*v.shape) for v in values]
    out = build(*inputs)
    cost = (out * rng.uniform(0.5, 1.5, out.eval(dict(zip(inputs, values, strict=True))).shape)).sum()
    slopes = T.grad(cost, inputs)
    reverse = sum((g * d).sum() for g, d in zip(slopes, directions, strict=True))
    forward = T.Rop(cost, inputs, [T.constant(d) for d in directions])
    twice = T.grad(reverse, inputs, disconnected_inputs="ignore")
    second = sum((g * d).sum() for g, d in zip(twice, directions, strict=True))
    f = tx.function(inputs, [cost, reverse, forward, second], on_unused_input="ignore")

    here = f(*values)
    step = 1e-5
    above, below = (f(*(v + s * step * d for v, d in zip(values, directions, strict=True))) for s in (1, -1))
    assert here[1] != 0
    np.testing.assert_allclose(here[1], (above[0] - below[0]) / (2 * step), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(here[2], here[1], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(here[3], (above[1] - below[1]) / (2 * step), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", sorted(FLAT))
def test_what_is_flat_has_the_gradient_zero(name):
    a, b = T.lvectors("a", "b") if name in ("and_", "or_", "xor", "invert") else T.dvectors("a", "b")
    inputs = [a, b][: 2 if table[name].nin < 0 else table[name].nin]
    cost = (elemwise(name)(*inputs) * 1.5).sum()
    for g in tx.function([a, b], T.grad(cost, inputs), on_unused_input="ignore")([2, 3], [1, 2]):
        assert g.tolist() == [0, 0] and g.dtype == "float64"


def test_the_table_is_complete():
    for module in pkgutil.walk_packages(tx.__path__, "tx."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, pending = set(), [Op]
    while pending:
        for kind in pending.pop().__subclasses__():
            pending.append(kind)
            ours = kind.__module__.startswith("tx.") and not kind.__module__.startswith(ELSEWHERE)
            if ours and not kind.__name__.startswith("_"):
                found.add(kind.__name__)
    listed = set(ROWS) - {"Cast", "Softmax", "LogSoftmax"}
    assert found == listed | NOT_DIFFERENTIABLE | SPECIAL | DERIVED
    assert not listed & NOT_DIFFERENTIABLE


@pytest.mark.parametrize("name", ROWS)
def test_rows_contain_their_op(name):
    rows = ROWS[name] if isinstance(ROWS[name], list) else [ROWS[name]]
    for build, values in rows:
        out = build(*(T.TensorType("float64", (False,) * v.ndim)() for v in values))
        ops = [n.op for n in toposort([out])]
        names = {c.__name__ for op in ops for c in type(op).__mro__}
        assert name in names | {op.scalar_op.name for op in ops if isinstance(op, Elemwise)}
