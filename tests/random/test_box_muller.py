"""Box and Muller's transform is that of the C library's functions, rounded after each operation."""

import ctypes
import ctypes.util
import math
import platform

import numpy as np
import pytest

import tx
import tx.tensor as T
from tx.random.box_muller import BoxMuller

RANDOM = np.random.RandomState(1)
WITH_GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have another logf")


def _c_library(name, dtype):
    """A function of float64 or float32, elementwise, by the C library."""
    if dtype == "float64":
        function = getattr(math, name)
    else:
        function = getattr(ctypes.CDLL(ctypes.util.find_library("m")), f"{name}f")
        function.restype, function.argtypes = ctypes.c_float, [ctypes.c_float]
    return lambda x: np.array([function(float(e)) for e in x], dtype)


def _pair(u, v):
    """The two normal numbers, as C computes them."""
    log, cos, sin = (_c_library(name, u.dtype.name) for name in ("log", "cos", "sin"))
    radius, angle = np.sqrt(u.dtype.type(-2) * log(u)), u.dtype.type(2 * math.pi) * v
    return radius * cos(angle), radius * sin(angle)


def _uniform(count, dtype):
    """Numbers of the generator's kind, small ones and ones about 1 among them."""
    u = RANDOM.randint(1, 2**31, count) * 2.0**-31
    u[::5] **= 4
    u[1::5] = 1 - u[1::5] / 1000
    return np.minimum(u, 1 - 2.0**-24).astype(dtype)


@pytest.mark.parametrize("mode", ["FAST_RUN", "FAST_COMPILE"])
@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=WITH_GLIBC)])
def test_bits(dtype, mode):
    u, v = T.vector("u", dtype), T.vector("v", dtype)
    f = tx.function([u, v], BoxMuller()(u, v), mode=mode)
    for count in (0, 1, 7, 3000):
        a, b = _uniform(count, dtype), _uniform(count, dtype)
        for value, expected in zip(f(a, b), _pair(a, b), strict=True):
            assert value.dtype == dtype
            np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=WITH_GLIBC)])
def test_rounded_before_a_sum(dtype):
    """Also in a loop, where product and sum are in one kernel."""
    u, v = _uniform(60, dtype), _uniform(60, dtype)
    expected = sum(_pair(u, v)) + np.asarray(0.3, dtype)
    rows = [T.constant(x.reshape(3, 20)) for x in (u, v)]
    looped, _ = tx.scan(lambda u, v: sum(BoxMuller()(u, v)) + np.asarray(0.3, dtype), sequences=rows)
    at_once = sum(BoxMuller()(u, v)) + np.asarray(0.3, dtype)
    for value in tx.function([], [looped.flatten(), at_once])():
        assert value.dtype == dtype
        np.testing.assert_array_equal(value, expected)


def test_types():
    half, single = T.vector("h", "float16"), T.fvector()
    assert [x.dtype for x in BoxMuller()(half, half)] == ["float32", "float32"]
    for bad in ((half, single), (T.fmatrix(), single), (T.ivector(), T.ivector())):
        with pytest.raises(TypeError):
            BoxMuller()(*bad)


def test_no_gradient():
    u = T.dvector("u")
    with pytest.raises(tx.gradient.DisconnectedInputError):
        T.grad(BoxMuller()(u, u)[0].sum(), u)
    assert tx.Rop(u * BoxMuller()(u, u)[0], u, u).dtype == "float64"
