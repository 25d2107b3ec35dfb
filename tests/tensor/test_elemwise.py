"""Every row of the elementwise table: numpy's values, dtypes, and gradients against finite differences."""

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx import scalar
from tx.lowering.elemwise import ROWS
from tx.tensor.elemwise import Elemwise

POSITIVE = np.array([0.3, 0.8, 1.0, 2.6])
SIGNED = np.array([-1.7, -0.4, 0.6, 2.3])
UNIT = np.array([-0.8, -0.3, 0.2, 0.9])
ABOVE_ONE = np.array([1.2, 1.9, 2.5, 4.0])
#: where an operation is defined (and smooth enough for finite differences); `SIGNED` for the others
DOMAINS = {
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "pow", "gamma", "gammaln", "psi", "tri_gamma", "log1p"), POSITIVE),
    **dict.fromkeys(("gammainc", "gammaincc", "gammal", "gammau", "chi2sf", "jv", "iv", "xlogx", "xlogy0"), POSITIVE),
    **dict.fromkeys(("arcsin", "arccos", "arctanh", "erfinv"), UNIT),
    "arccosh": ABOVE_ONE,
    "erfcinv": POSITIVE / 2,
}
BITS = ("and_", "or_", "xor", "invert")
COMPLEX = ("complex", "complex_from_polar", "real", "imag", "conj", "angle")
FLOATS = [n for n in scalar.table if n not in (*BITS, *COMPLEX)]
LOGIC = ("lt", "gt", "le", "ge", "eq", "neq", "isnan", "isinf")


def arguments(name):
    nin = scalar.table[name].nin
    domain = DOMAINS.get(name, SIGNED)
    return [np.roll(domain, k) + 0.01 * k for k in range(nin if nin >= 0 else 3)]


def expression(name):
    values = arguments(name)
    inputs = [T.dvector() for _ in values]
    return values, inputs, Elemwise(scalar.get(name))(*inputs)


def test_tables_are_total():
    special = {"Cast", "second", "switch"}
    assert set(ROWS) | special == set(scalar.table) | {"Cast"}
    assert all(hasattr(T, name) or hasattr(T.xlogx, name) for name in scalar.table)


@pytest.mark.parametrize("name", FLOATS)
def test_values(name):
    values, inputs, out = expression(name)
    result = tx.function(inputs, out, on_unused_input="ignore")(*values)
    expected = np.asarray(scalar.table[name].numpy(*values)).astype(out.dtype)
    np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-14)
    assert result.dtype == out.dtype and result.shape == (4,)


@pytest.mark.parametrize("name", FLOATS)
def test_zero_size_and_float32(name):
    count = len(arguments(name))
    inputs = [T.fvector() for _ in range(count)]
    out = Elemwise(scalar.get(name))(*inputs)
    result = tx.function(inputs, out, on_unused_input="ignore")(*[np.zeros(0, "float32")] * count)
    assert result.shape == (0,) and result.dtype == out.dtype
    assert out.dtype == ("int8" if name in LOGIC else "float64" if name == "chi2sf" else "float32")


@pytest.mark.parametrize("name", [n for n in FLOATS if n not in LOGIC])
def test_gradients(name):
    values, inputs, out = expression(name)
    weights = np.array([1.0, -2.0, 0.5, 3.0])
    cost = (out * weights).sum()
    f = tx.function(inputs, out, on_unused_input="ignore")
    gradients = T.grad(cost, inputs, disconnected_inputs="ignore")
    g = tx.function(inputs, gradients, on_unused_input="ignore")(*values)
    for k, value in enumerate(values):
        if name in ("switch", "second") and k == 0:
            assert not g[k].any()
            continue
        step = 1e-6
        up, down = ([v + s * step if j == k else v for j, v in enumerate(values)] for s in (1, -1))
        expected = (f(*up) - f(*down)) / (2 * step) * weights
        np.testing.assert_allclose(g[k], expected, rtol=2e-6, atol=2e-8, err_msg=f"{name}, input {k}")
        assert value.shape == g[k].shape


@pytest.mark.parametrize("name", BITS)
@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int64"])
def test_bits(name, dtype):
    values = [np.array([0, 1, 1, 0]).astype(dtype), np.array([0, 0, 1, 1]).astype(dtype)]
    values = values[: 1 if name == "invert" else 2]
    inputs = [T.vector(dtype=dtype) for _ in values]
    result = tx.function(inputs, Elemwise(scalar.get(name))(*inputs))(*values)
    expected = scalar.table[name].numpy(*values)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    with pytest.raises(TypeError, match="BitOp"):
        Elemwise(scalar.get(name))(*[T.fvector() for _ in values])


def test_complex():
    z = np.array([1 + 2j, -0.5 - 1j])
    c = T.zvector()
    real, imag, conj, angle, size = tx.function([c], [T.real(c), T.imag(c), T.conj(c), T.angle(c), abs(c)])(z)
    np.testing.assert_allclose(real + 1j * imag, z)
    np.testing.assert_allclose(conj, z.conj())
    np.testing.assert_allclose(size * np.exp(1j * angle), z)
    (gradient,) = tx.function([c], [T.grad((abs(c) ** 2).sum(), c)])(z)
    np.testing.assert_allclose(gradient, 2 * z)


@pytest.mark.parametrize("name", ["lt", "gt", "le", "ge"])
def test_complex_numbers_are_ordered_as_in_numpy(name):
    a, b = np.array([1 + 2j, 1 + 2j, 2, 1]), np.array([1 + 3j, 1 + 2j, 1 + 9j, 2])
    x, y = T.zvectors("x", "y")
    numpys = {"lt": np.less, "gt": np.greater, "le": np.less_equal, "ge": np.greater_equal}[name]
    np.testing.assert_array_equal(tx.function([x, y], getattr(T, name)(x, y))(a, b), numpys(a, b))


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint8", "int64"])
def test_integer_division(dtype):
    a = np.array([7, 100, 3, 0]).astype(dtype)
    b = np.array([2, 7, 3, 5]).astype(dtype)
    if not dtype.startswith("u"):
        a, b = a * np.array([1, -1, 1, -1], dtype), b * np.array([-1, 1, -1, 1], dtype)
    x, y = T.vector(dtype=dtype), T.vector(dtype=dtype)
    quotient, rest, true = tx.function([x, y], [x // y, x % y, x / y])(a, b)
    np.testing.assert_array_equal(quotient, a // b)
    np.testing.assert_array_equal(rest, a % b)
    np.testing.assert_allclose(true, a / b)
    assert (quotient.dtype, rest.dtype, true.dtype) == (dtype, dtype, "float64")


@pytest.mark.parametrize("operation", [T.int_div, T.mod])
def test_division_of_integers_by_zero_is_refused(operation):
    x, y = T.lvectors("x", "y")
    f, always = tx.function([x, y], operation(x, y)), tx.function([x], operation(x, 0))
    assert f([5, -5], [2, 2]).shape == (2,)
    with pytest.raises(ZeroDivisionError, match="integer division by zero"):
        f([5, -5], [2, 0])
    with pytest.raises(ZeroDivisionError, match="integer division by zero"):
        always([5, -5])


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("int8", [-1, -44, 44, 0, 0, 0, 0, 112, 0]),
        ("uint8", [255, 212, 44, 0, 0, 0, 0, 112, 0]),
        ("uint16", [65535, 65236, 300, 0, 0, 0, 0, 4464, 0]),
        ("int32", [-1, -300, 300, *[-(2**31)] * 4, 70000, -(2**31)]),
        ("int64", [-1, -300, 300, *[-(2**63)] * 4, 70000, 3 * 10**9]),
    ],
)
@pytest.mark.parametrize("source", ["float32", "float64"])
def test_floats_that_do_not_fit_wrap(source, dtype, expected):
    # recorded from Theano 1.0.5
    x = T.vector(dtype=source)
    found = tx.function([x], T.cast(x, dtype))([-1, -300, 300, 1e19, np.nan, np.inf, -np.inf, 70000.5, 3e9])
    assert found.tolist() == expected and found.dtype == dtype


def test_half_floats_become_integers():
    x = T.vector(dtype="float16")
    assert tx.function([x], T.cast(x, "uint8"))(np.array([-1, 3.5, np.inf], "float16")).tolist() == [255, 3, 0]


def test_nan_and_infinity():
    x, y = T.dvectors("x", "y")
    a, b = np.array([np.nan, 1, np.inf, -np.inf]), np.array([1, np.nan, 0, 0])
    f = tx.function([x, y], [T.maximum(x, y), T.minimum(x, y), T.isnan(x), T.isinf(x), T.sgn(x), T.clip(x, -1, 1)])
    high, low, nan, inf, sign, clipped = f(a, b)
    np.testing.assert_array_equal(high, np.maximum(a, b))
    np.testing.assert_array_equal(low, np.minimum(a, b))
    assert nan.tolist() == [1, 0, 0, 0] and inf.tolist() == [0, 0, 1, 1] and nan.dtype == "int8"
    np.testing.assert_array_equal(sign, np.sign(a))
    np.testing.assert_array_equal(clipped, np.clip(a, -1, 1))


def test_broadcasting_follows_the_pattern():
    m, row, v = T.dmatrix(), T.drow(), T.dvector()
    f = tx.function([m, row, v], m + row + v)
    assert f(np.zeros((2, 3)), np.ones((1, 3)), np.ones(3)).tolist() == [[2] * 3] * 2
    with pytest.raises(ValueError, match="Input dimension mis-match"):
        f(np.zeros((1, 3)), np.ones((1, 3)), np.ones(1))
    assert (m + row).broadcastable == (False, False) and (row + row).broadcastable == (True, False)


def test_gradients_at_ties():
    x, y = T.dscalars("x", "y")
    assert [float(g) for g in tx.function([x, y], T.grad(T.maximum(x, y), [x, y]))(1, 1)] == [1, 0]
    assert tx.function([x], T.grad(abs(x), x))(0) == 0


#: dtypes with powers that they hold
POWERS = [
    *((d, p) for d in ("float32", "float64") for p in (3, 4, 7, 16, 100, 512, 513, -3, -100, 2.5, np.float64(6))),
    *((d, p) for d in ("int8", "int32") for p in (3, 4, 5, 7, 16)),
]


@pytest.mark.parametrize("tiny", ["numpy", "xla"])
@pytest.mark.parametrize("dtype, power", POWERS)
def test_constant_powers(dtype, power, tiny):
    x = T.TensorType(dtype, (False,))()
    at = np.array([0, 1, 2, 3, -1, -2] if power == round(power) else [0, 1, 2, 3]).astype(dtype)
    if not dtype.startswith("int"):
        at = np.concatenate([at, np.array([np.inf, np.nan, 1.01, 0.99], dtype)])
    with tx.config.change_flags(tiny=tiny):
        value = tx.function([x], x**power)(at)
    with np.errstate(all="ignore"):
        expected = np.power(at.astype("int64" if value.dtype.kind == "i" else "float64"), power).astype(value.dtype)
    np.testing.assert_allclose(value, expected, rtol=1e-4 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int64", "uint8"])
@pytest.mark.parametrize("tiny", ["numpy", "xla"])
def test_whole_powers_of_many_bits(dtype, tiny):
    x, y = T.TensorType(dtype, (False,))(), T.TensorType(dtype, (False,))()
    bases = np.array([0, 0, 0, 1, 1, *([-1, -1, -1] if dtype[0] == "i" else [0, 0, 0]), 2, 3, 5]).astype(dtype)
    powers = np.array([64, 127, 0, 64, 127, 64, 65, 127, 3, 4, 2]).astype(dtype)
    with tx.config.change_flags(tiny=tiny):
        assert tx.function([x, y], x**y)(bases, powers).tolist() == (bases**powers).tolist()
        assert tx.function([x], x**1024)(bases).tolist()[:5] == [0, 0, 0, 1, 1]


def test_derivatives_of_constant_powers():
    x = T.dvector()
    for power in (3, 5.0, -2, -3):
        f = tx.function([x], [T.grad((x**power).sum(), x), T.grad(T.grad((x**power).sum(), x).sum(), x)])
        first, second = f(SIGNED)
        np.testing.assert_allclose(first, power * SIGNED ** (power - 1.0))
        np.testing.assert_allclose(second, power * (power - 1) * SIGNED ** (power - 2.0))


def test_promotion_is_theanos():
    i, f, b = T.ivector(), T.fvector(), T.bvector()
    assert (i + f).dtype == "float64"
    assert (b + 1).dtype == "int8" and (b + 300).dtype == "int16"
    assert (f + 0.5).dtype == "float32" and (f * 0.1).dtype == "float64"
    with tx.config.change_flags(floatX="float32"):
        assert (f * 0.1).dtype == "float32"
    assert T.sqrt(b).dtype == "float32" and T.sqrt(i).dtype == "float64"
    with pytest.raises(TypeError, match="bool"):
        -T.vector(dtype="bool")
    assert (f > 0).dtype == "int8"
    with tx.config.change_flags(compatibility="1.0"):
        assert (f > 0).dtype == "bool"


def test_bad_input():
    x = T.dvector("x")
    with pytest.raises(TypeError, match="Wrong number of inputs"):
        Elemwise(scalar.get("exp"))(x, x)
    with pytest.raises(TypeError, match="unsupported operand"):
        x + True
    with pytest.raises(TypeError, match="True or False"):
        T.as_tensor_variable(True)
    with pytest.raises(TypeError):
        x + "a"
    with pytest.raises(TypeError, match="boolean operations"):
        bool(x > 0)
    with pytest.raises(TypeError, match="ambiguous"):
        T.cast(T.zvector(), "float64")
    with pytest.raises(ValueError, match="twice"):
        x.dimshuffle(0, 0)
    with pytest.raises(ValueError, match="cannot drop"):
        x.dimshuffle("x")


def test_complex_from_polar():
    r, angle = np.array([1.0, 2.0, 0.5]), np.array([0.3, -2.0, 4.0])
    x, y = T.dvectors("x", "y")
    z = T.complex_from_polar(x, y)
    assert z.dtype == "complex128"
    weights = np.array([1.0, -2.0, 3.0])
    cost = ((T.real(z) + 2 * T.imag(z)) * weights).sum()
    value, of_r, of_angle = tx.function([x, y], [z, *T.grad(cost, [x, y])])(r, angle)
    np.testing.assert_allclose(value, r * np.exp(1j * angle))
    np.testing.assert_allclose(of_r, weights * (np.cos(angle) + 2 * np.sin(angle)))
    np.testing.assert_allclose(of_angle, weights * r * (2 * np.cos(angle) - np.sin(angle)))


X = np.array([1e-8, 0.03, 0.4, 1.9, 4.5, 9.0, 14.0, 24.0, 26.0, 47.0, 130.0])
ORDERS = (-2.5, -1, 0, 0.5, 1, 3, 7.25, 12)


@pytest.mark.parametrize("name", ["jv", "iv"])
def test_bessel_functions_of_all_orders(name):
    v, x = (a.ravel() for a in np.meshgrid(ORDERS, X))
    a, b = T.dvectors("a", "b")
    found = tx.function([a, b], getattr(T, name)(a, b))(v, x)
    expected = scalar.table[name].numpy(v, x)
    # J oscillates: what is small next to its envelope is not known to all its digits, in scipy's either.
    envelope = np.abs(expected) if name == "iv" else np.maximum(np.abs(expected), np.minimum(1, 1 / np.sqrt(x)) * 0.1)
    near = x * x < 4 * (np.maximum(v, -0.9) + 1)
    scale = np.where(near, np.abs(expected), envelope)
    assert np.all(np.abs(found - expected) <= 2e-12 * scale)


def test_bessel_functions_at_zero_and_below():
    a, b = T.dvectors("a", "b")
    f = tx.function([a, b], [T.jv(a, b), T.iv(a, b)])
    v, x = np.array([0.0, 1, 0.5, 2, 3, -3, 0.5]), np.array([0.0, 0, 0, -1.5, -1.5, -1.5, -1.0])
    for found, name in zip(f(v, x), ("jv", "iv"), strict=True):
        np.testing.assert_allclose(found, scalar.table[name].numpy(v, x), rtol=1e-13)


TAILS = np.array([1e-300, 1e-40, 1e-5, 0.3, 0.4999, 0.5001, 1.7, 1.99999, 2 - 1e-12, 0.0, 2.0, 3.0])


@pytest.mark.parametrize(("name", "x"), [("erfcinv", TAILS), ("erfinv", 1 - TAILS)], ids=["erfcinv", "erfinv"])
def test_inverse_error_functions_in_the_tails(name, x):
    a = T.dvector("a")
    found = tx.function([a], getattr(T, name)(a))(x)
    np.testing.assert_allclose(found, scalar.table[name].numpy(x), rtol=1e-13)
