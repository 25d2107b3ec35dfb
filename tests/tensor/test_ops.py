"""Reductions, shapes, creation, indexing, joining, products: numpy's values and gradients by finite differences."""

import numpy as np
import pytest

import tx
import tx.tensor as T

RNG = np.random.RandomState(1)
M = RNG.randn(3, 4)
C = RNG.randn(2, 3, 4)
S = RNG.randn(4)

#: name -> (values, expression, numpy's)
ROWS = {
    "sum": ([M], lambda m: m.sum(), lambda m: m.sum()),
    "sum axis": ([C], lambda c: c.sum(axis=[0, -1]), lambda c: c.sum(axis=(0, 2))),
    "sum keepdims": ([C], lambda c: c.sum(axis=1, keepdims=True), lambda c: c.sum(axis=1, keepdims=True)),
    "prod": ([M], lambda m: m.prod(axis=0), lambda m: m.prod(axis=0)),
    "mean": ([C], lambda c: c.mean(axis=(1, 2)), lambda c: c.mean(axis=(1, 2))),
    "var": ([M], lambda m: m.var(axis=1), lambda m: m.var(axis=1)),
    "std ddof": ([M], lambda m: m.std(axis=0, ddof=1), lambda m: m.std(axis=0, ddof=1)),
    "max": ([M], lambda m: m.max(axis=1), lambda m: m.max(axis=1)),
    "min": ([M], lambda m: T.min(m), lambda m: m.min()),
    "ptp": ([M], lambda m: m.ptp(axis=0), lambda m: np.ptp(m, axis=0)),
    "norm": ([M], lambda m: m.norm(2), lambda m: np.sqrt((m**2).sum())),
    "reshape": ([M], lambda m: m.reshape((2, -1)), lambda m: m.reshape(2, -1)),
    "flatten": ([C], lambda c: c.flatten(2), lambda c: c.reshape(2, 12)),
    "transpose": ([C], lambda c: c.transpose(2, 0, 1), lambda c: c.transpose(2, 0, 1)),
    "T": ([M], lambda m: m.T, lambda m: m.T),
    "swapaxes": ([C], lambda c: c.swapaxes(0, 2), lambda c: c.swapaxes(0, 2)),
    "dimshuffle": ([M], lambda m: m.dimshuffle(1, "x", 0), lambda m: m.T[:, None, :]),
    "padright": ([M], lambda m: T.shape_padright(m), lambda m: m[..., None]),
    "join": ([M, M + 1], lambda a, b: T.concatenate([a, b], axis=1), lambda a, b: np.concatenate([a, b], 1)),
    "stack": ([M, M + 1], lambda a, b: T.stack([a, b], axis=-1), lambda a, b: np.stack([a, b], -1)),
    "split": ([M], lambda m: T.split(m, [1, 3], 2, axis=1)[1] * 2, lambda m: m[:, 1:] * 2),
    "dot": ([M, M.T + 0], lambda a, b: T.dot(a, b), lambda a, b: a @ b),
    "dot vector": ([M, S], lambda a, b: a.dot(b), lambda a, b: a @ b),
    "dot of vectors": ([S, S + 1], lambda a, b: T.dot(a, b), lambda a, b: a @ b),
    "dot vector matrix": ([S, M.T + 0], lambda a, b: T.dot(a, b), lambda a, b: a @ b),
    "dot rank 3": ([C, M.T + 0], lambda a, b: T.dot(a, b), lambda a, b: np.dot(a, b)),
    "matmul": ([M, M.T + 0], lambda a, b: a @ b, lambda a, b: a @ b),
    "outer": ([S, S + 1], lambda a, b: T.outer(a, b), lambda a, b: np.outer(a, b)),
    "tensordot": ([C, C + 1], lambda a, b: T.tensordot(a, b, [[0, 2], [0, 2]]), lambda a, b: np.tensordot(
        a, b, [[0, 2], [0, 2]])),
    "batched_dot": ([C, C.swapaxes(1, 2) + 0], lambda a, b: T.batched_dot(a, b), lambda a, b: a @ b),
    "index int": ([M], lambda m: m[1], lambda m: m[1]),
    "index last": ([C], lambda c: c[..., -1], lambda c: c[..., -1]),
    "slice": ([M], lambda m: m[1:, ::-2], lambda m: m[1:, ::-2]),
    "newaxis": ([M], lambda m: m[:, None, 1], lambda m: m[:, None, 1]),
    "array": ([M], lambda m: m[[2, 0, 2]], lambda m: m[[2, 0, 2]]),
    "arrays": ([M], lambda m: m[[2, 0, 2], [1, 1, -1]], lambda m: m[[2, 0, 2], [1, 1, -1]]),
    "array and slice": ([C], lambda c: c[1:, [0, 2], ::2], lambda c: c[1:, [0, 2], ::2]),
    "apart": ([C], lambda c: c[[0, 1], :, [1, 3]], lambda c: c[[0, 1], :, [1, 3]]),
    "int and array": ([C], lambda c: c[1, :, [1, 3]], lambda c: c[1, :, [1, 3]]),
    "matrix of indices": ([S], lambda s: s[np.array([[0, 1], [3, 3]])], lambda s: s[np.array([[0, 1], [3, 3]])]),
    "take": ([M], lambda m: m.take([0, 2], axis=1), lambda m: m.take([0, 2], axis=1)),
    "take wrap": ([S], lambda s: T.take(s, [5, -1], mode="wrap"), lambda s: s.take([5, -1], mode="wrap")),
    "repeat": ([M], lambda m: T.repeat(m, 2, axis=0), lambda m: np.repeat(m, 2, axis=0)),
    "tile": ([M], lambda m: T.tile(m, (2, 1)), lambda m: np.tile(m, (2, 1))),
    "roll": ([M], lambda m: T.roll(m, 1, axis=1), lambda m: np.roll(m, 1, axis=1)),
    "diag": ([M], lambda m: T.diag(m), lambda m: np.diag(m).copy()),
    "diag of vector": ([S], lambda s: T.diag(s, 1), lambda s: np.diag(s, 1)),
    "alloc": ([S], lambda s: T.alloc(s, 3, 4), lambda s: np.broadcast_to(s, (3, 4))),
    "set slice": ([M, S], lambda m, s: T.set_subtensor(m[1], s), lambda m, s: np.stack([m[0], s, m[2]])),
    "inc slice": ([M], lambda m: T.inc_subtensor(m[::2, 1:], 3.0), lambda m: m + np.outer([1, 0, 1], [0, 3, 3, 3])),
    "inc array": ([M], lambda m: T.inc_subtensor(m[[0, 0]], 1.0), lambda m: m + np.array([[2.0], [0], [0]])),
    "inc transposed": ([M], lambda m: T.inc_subtensor(m.T[0], 1.0), lambda m: m.T + np.array([[1.0], [0], [0], [0]])),
    "softmax": ([M], lambda m: T.nnet.softmax(m), lambda m: np.exp(m) / np.exp(m).sum(1, keepdims=True)),
    "logsoftmax": ([M], lambda m: T.nnet.logsoftmax(m), lambda m: m - np.log(np.exp(m).sum(1, keepdims=True))),
    "relu": ([M], lambda m: T.nnet.relu(m, 0.1), lambda m: np.where(m > 0, m, 0.1 * m)),
    "elu": ([M], lambda m: T.nnet.elu(m), lambda m: np.where(m > 0, m, np.expm1(m))),
    "crossentropy": (
        [np.abs(M)],
        lambda m: T.nnet.categorical_crossentropy(m, np.array([0, 3, 1])),
        lambda m: -np.log(m[[0, 1, 2], [0, 3, 1]]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_values_and_gradients(name):
    values, build, reference = ROWS[name]
    inputs = [T.TensorType("float64", (False,) * v.ndim)() for v in values]
    out = build(*inputs)
    expected = np.asarray(reference(*values))
    weights = RNG.randn(*expected.shape)
    cost = (out * weights).sum()
    f = tx.function(inputs, [out, *T.grad(cost, inputs)])
    result, *gradients = f(*values)
    assert result.shape == expected.shape and result.dtype == out.dtype and out.ndim == expected.ndim
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
    for k, gradient in enumerate(gradients):
        direction = RNG.randn(*values[k].shape)
        up, down = ([v + s * 1e-6 * direction if j == k else v for j, v in enumerate(values)] for s in (1, -1))
        slope = ((np.asarray(reference(*up)) - np.asarray(reference(*down))) * weights).sum() / 2e-6
        np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["sum", "prod", "all", "any"])
def test_reductions_of_nothing(name):
    m = T.dmatrix()
    result = tx.function([m], getattr(T, name)(m, axis=0))(np.zeros((0, 3)))
    np.testing.assert_array_equal(result, getattr(np, name)(np.zeros((0, 3)), axis=0))


@pytest.mark.parametrize(
    "dtype, sums, means",
    [("bool", "int64", "float64"), ("int8", "int64", "float64"), ("uint8", "uint64", "float64"),
     ("float32", "float32", "float32"), ("float16", "float16", "float16"), ("complex64", "complex64", "complex64")],
)  # fmt: skip
def test_dtypes_of_reductions(dtype, sums, means):
    v = T.vector(dtype=dtype)
    assert (v.sum().dtype, v.prod().dtype, v.mean().dtype, v.max().dtype) == (sums, sums, means, dtype)
    total, largest = tx.function([v], [v.sum(), v.max()] if "complex" not in dtype else [v.sum(), v.sum()])(
        np.ones(3, dtype)
    )
    assert total == 3 and total.dtype == sums and largest.dtype in (dtype, sums)


def test_argmax():
    m = T.dmatrix()
    f = tx.function([m], [T.argmax(m, axis=1), T.argmin(m), m.argmax(axis=0, keepdims=True)])
    rows, least, columns = f(M)
    assert rows.tolist() == M.argmax(1).tolist() and least == M.argmin() and rows.dtype == "int64"
    assert columns.tolist() == [M.argmax(0).tolist()]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "complex64", "int32", "uint8", "bool"])
@pytest.mark.parametrize("axis", [None, 0, 1, 2, [0, 1], [0, 2], [1, 2], [0, 1, 2]])
def test_argmax_as_numpy_has_it(dtype, axis):
    """The first of equals; the first NaN, if there is one; infinities; several axes flattened in their order."""
    value = (np.random.RandomState(0).randn(4, 5, 6) * 3).astype(dtype)
    if dtype.startswith("float"):
        value[1, 2, 3], value[2, 2], value[0], value[3, :, 2] = np.nan, np.nan, -np.inf, np.inf
    x = T.tensor3("x", dtype=dtype)
    found = tx.function([x], T.argmax(x, axis=axis))(value)
    gone = axis if isinstance(axis, list) else range(3) if axis is None else [axis]
    kept = [d for d in range(3) if d not in gone]
    flat = value.transpose(*kept, *gone).reshape(*[value.shape[d] for d in kept], -1)
    np.testing.assert_array_equal(found, flat.argmax(-1))
    assert found.dtype == "int64"


def test_gradient_of_product_with_zeros():
    x = T.dvector()
    g = tx.function([x], T.grad(x.prod(), x))
    for values in ([1.0, 2, 3], [0.0, 2, 3], [0.0, 0, 3]):
        expected = [np.prod([v for j, v in enumerate(values) if j != k]) for k in range(3)]
        assert g(values).tolist() == expected


def test_masks():
    x = T.dvector("x")
    with pytest.raises(TypeError, match="boolean mask"):
        x[x > 0]
    with tx.config.change_flags(compatibility="1.0"):
        f = tx.function([x], x[x > 0])
        assert f([1, -1, 2]).tolist() == [1, 2] and f([]).tolist() == []


@pytest.mark.parametrize(
    "build, error",
    [
        (lambda m: m[1, 1, 1], IndexError),
        (lambda m: m[..., ...], IndexError),
        (lambda m: m["a"], TypeError),
        (lambda m: m[1.5], TypeError),
        (lambda m: m.sum(axis=2), ValueError),
        (lambda m: m.reshape((2.5, 1)), TypeError),
        (lambda m: T.join(2, m, m), ValueError),
        (lambda m: T.stack([]), ValueError),
        (lambda m: T.set_subtensor(m, 1), TypeError),
        (lambda m: T.set_subtensor(m[0], m), TypeError),
        (lambda m: T.tensordot(m, m, [[0], [5]]), ValueError),
        (lambda m: m.flatten(3), ValueError),
        (lambda m: T.alloc(m, 3), TypeError),
        (lambda m: T.zeros((1.5,)), TypeError),
        (lambda m: iter(m), TypeError),
        (lambda m: len(m), TypeError),
        (lambda m: T.nnet.softmax(m.dimshuffle("x", 0, 1)), ValueError),
        (lambda m: T.as_tensor_variable(object()), TypeError),
        (lambda m: T.TensorType("string", ()), TypeError),
    ],
)
def test_bad_input(build, error):
    with pytest.raises(error):
        build(T.dmatrix("m"))


def test_constructors():
    assert T.dmatrix("m").name == "m" and T.lscalar().dtype == "int64" and T.row().broadcastable == (True, False)
    x, y = T.fvectors("x", "y")
    assert (x.name, y.dtype) == ("x", "float32") and len(T.matrices(3)) == 3
    assert T.tensor4().ndim == 4 and T.zscalar().dtype == "complex128"
    with tx.config.change_flags(floatX="float32"):
        assert T.matrix().dtype == "float32"
    assert T.dvector == T.TensorType("float64", [False]) and hash(T.dvector) == hash(T.TensorType("float64", [0]))


def test_constants_take_the_smallest_dtype():
    dtypes = [T.as_tensor_variable(v).dtype for v in (1, 300, 70_000, 2**40, 0.5, 0.1, 1j, [1, 2], np.float32(1))]
    assert dtypes == ["int8", "int16", "int32", "int64", "float32", "float64", "complex128", "int64", "float32"]
    assert T.as_tensor_variable([T.dscalar(), 1]).type == T.dvector
    assert T.as_tensor_variable(np.zeros(3), ndim=2).broadcastable == (True, False)
