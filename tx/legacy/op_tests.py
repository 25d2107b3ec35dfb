"""Makers of tests for Ops: ``theano.tensor.tests.test_basic`` and ``theano.tests.test_rop``, as libraries use them."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tx.compile import function
from tx.configuration import config
from tx.gradient import Lop, Rop, grad, grad_undefined, jacobian
from tx.graph import Apply, Op
from tx.legacy.unittest_tools import fetch_seed, verify_grad
from tx.tensor import math as F
from tx.tensor import reduction
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType

# -- values -----------------------------------------------------------------------------------------------------------

_rng = np.random.RandomState(fetch_seed())


def rand(*shape: int) -> np.ndarray:
    """Numbers between -1 and 1, in floatX."""
    return np.asarray(2 * np.asarray(_rng.rand(*shape)) - 1, dtype=config.floatX)


def rand_ranged(min: float, max: float, shape: Sequence[int]) -> np.ndarray:
    """Numbers in a range, in floatX."""
    return np.asarray(_rng.rand(*shape) * (max - min) + min, dtype=config.floatX)


def randint_ranged(min: int, max: int, shape: Sequence[int]) -> np.ndarray:
    """Integers in a range, with its ends."""
    return _rng.randint(min, max + 1, shape)


def copymod(dct: Mapping[Any, Any], without: Sequence[Any] | None = None, **kwargs: Any) -> dict[Any, Any]:
    """A copy of a mapping, without some keys and with others."""
    return {key: value for key, value in {**dct, **kwargs}.items() if key in kwargs or key not in (without or ())}


def check_floatX(inputs: Sequence[Any], rval: Any) -> Any:
    """`rval`; in float32 where floatX is that, and no input is float64."""
    if any(getattr(x, "dtype", None) == "float64" for x in inputs) or config.floatX == "float64":
        return rval
    if isinstance(rval, list | tuple):
        return [check_floatX(inputs, r) for r in rval]
    return rval.astype(config.floatX) if rval.dtype == "float64" else rval


def upcast_int8_nfunc(fn: Callable[..., Any]) -> Callable[..., Any]:
    """`fn`, which is given float32 where an argument is an integer of 8 bits."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        small = ("int8", "uint8")
        return fn(*(a.astype("float32") if getattr(a, "dtype", None) in small else a for a in args), **kwargs)

    return wrapped


def inplace_func(
    inputs: Any, outputs: Any, mode: Any = None, allow_input_downcast: Any = False, on_unused_input: str = "raise",
    name: str | None = None,
) -> Any:  # fmt: skip
    """A function whose inputs may be overwritten."""
    return function(
        inputs, outputs, mode=mode, allow_input_downcast=allow_input_downcast, accept_inplace=True,
        on_unused_input=on_unused_input, name=name,
    )  # fmt: skip


_good_broadcast_unary_normal_float_no_complex = {
    "normal": [rand_ranged(-5, 5, (2, 3))],
    "corner_case": [np.asarray([-2.5, -1.5, -1.51, -0.49, 0.49, 0.5, 1.5, 2.5], config.floatX)],
    "empty": [np.asarray([], dtype=config.floatX)],
}
_good_broadcast_unary_normal_no_complex = {
    **_good_broadcast_unary_normal_float_no_complex,
    "integers": [randint_ranged(-5, 5, (2, 3))],
    "int8": [np.arange(-127, 128, dtype="int8")],
    "uint8": [np.arange(0, 255, dtype="uint8")],
    "uint16": [np.arange(0, 65535, dtype="uint16")],
}

# -- tests of an Op ---------------------------------------------------------------------------------------------------


def _variables(values: Sequence[Any]) -> list[Any]:
    arrays = [np.asarray(v) for v in values]
    return [TensorType(a.dtype, [n == 1 for n in a.shape])() for a in arrays]


def _listed(made: Any) -> list[Any]:
    return list(made) if isinstance(made, list | tuple) else [made]


class _Tester(unittest.TestCase):
    """The tests of an Op; `makeTester` fills in what they are made with."""

    op: Any
    expected: Any
    checks: Mapping[str, Any] = {}
    good: Mapping[str, Any] = {}
    bad_build: Mapping[str, Any] = {}
    bad_runtime: Mapping[str, Any] = {}
    grad: Mapping[str, Any] = {}
    mode: Any = None
    eps = 1e-10
    skip: Any = False
    grad_options: Mapping[str, Any] = {}

    def setUp(self) -> None:
        """Skip, where that was asked for."""
        if self.skip:
            raise unittest.SkipTest(str(self.skip))

    def _made(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        variables = _variables(values)
        return variables, _listed(type(self).op(*variables))

    def test_good(self) -> None:
        """The values are those that are expected, and pass the checks."""
        for name, values in self.good.items():
            variables, outputs = self._made(values)
            found = _listed(function(variables, outputs, mode=self.mode)(*(np.array(v) for v in values)))
            for value, expected in zip(found, _listed(type(self).expected(*values)), strict=True):
                expected = np.asarray(expected)
                coarse = any(a.dtype.name in ("float32", "int8", "uint8", "uint16") for a in map(np.asarray, values))
                tolerance = max(self.eps, 5e-6) if coarse else self.eps
                assert value.shape == expected.shape, (name, value.shape, expected.shape)
                assert np.allclose(value, expected, tolerance, tolerance, equal_nan=True), (name, value, expected)
            for description, check in self.checks.items():
                assert check(values, found), (name, description)

    def test_bad_build(self) -> None:
        """The Op refuses to be applied."""
        for values in self.bad_build.values():
            with self.assertRaises(Exception):  # noqa: B017
                self._made(values)

    def test_bad_runtime(self) -> None:
        """The function refuses its arguments."""
        for values in self.bad_runtime.values():
            variables, outputs = self._made(values)
            f = function(variables, outputs, mode=self.mode, on_unused_input="ignore")
            with self.assertRaises(Exception):  # noqa: B017
                f(*values)

    def test_grad(self) -> None:
        """The gradient agrees with finite differences."""
        for values in type(self).grad.values():
            verify_grad(type(self).op, list(values), mode=self.mode, **self.grad_options)

    def test_grad_none(self) -> None:
        """The gradients are there, and can be computed."""
        for values in type(self).grad.values():
            variables, outputs = self._made(values)
            total = F.add(*(reduction.sum(o) for o in outputs)) if len(outputs) > 1 else reduction.sum(outputs[0])
            gradients = _listed(grad(total, variables, disconnected_inputs="ignore"))
            function(variables, gradients, mode=self.mode, on_unused_input="ignore")(*values)


def makeTester(
    name: str,
    op: Any,
    expected: Any,
    checks: Any = None,
    good: Any = None,
    bad_build: Any = None,
    bad_runtime: Any = None,
    grad: Any = None,
    mode: Any = None,
    grad_rtol: float | None = None,
    eps: float = 1e-10,
    skip: Any = False,
    test_memmap: bool = True,
    check_name: bool = True,
    grad_eps: float | None = None,
) -> type:
    """A TestCase for `op`: `good` and the others are mappings from a name to values, `expected` is numpy's function.

    Raises AssertionError when `check_name` and the name has no ``Tester`` at its end.
    """
    if check_name and not (name.endswith("Tester") or "Tester" in name):
        raise AssertionError(f"the name of a tester ends in Tester: {name}")
    options = {"rel_tol": grad_rtol, "eps": grad_eps}
    tables = {"checks": checks, "good": good, "bad_build": bad_build, "bad_runtime": bad_runtime, "grad": grad}
    attributes: dict[str, Any] = {key: table or {} for key, table in tables.items()}
    attributes.update(op=staticmethod(op), expected=staticmethod(expected), mode=mode, eps=eps, skip=skip)
    attributes["grad_options"] = {key: value for key, value in options.items() if value is not None}
    return type(name, (_Tester,), attributes)


def makeBroadcastTester(op: Any, expected: Any, checks: Any = None, name: str | None = None, **kwargs: Any) -> type:
    """`makeTester` for an elementwise Op, by whose name it is called."""
    if name is None:
        name = f"{str(op).capitalize()}Tester"
    return makeTester(name if name.endswith("Tester") else f"{name}Tester", op, expected, checks, **kwargs)


# -- tests of R_op and L_op -------------------------------------------------------------------------------------------


class BreakRop(Op):
    """The identity, which has no derivative."""

    __props__ = ()

    def make_node(self, x: Any) -> Apply:
        """Any tensor."""
        x = as_tensor_variable(x)
        return Apply(self, [x], [x.type()])

    def perform(self, node: Apply, inputs: Any, output_storage: Any, params: Any = None) -> None:
        """A copy."""
        output_storage[0][0] = np.array(inputs[0])

    def grad(self, inputs: Any, gradients: Any) -> list[Any]:
        """Undefined."""
        return [grad_undefined(self, 0, inputs[0])]

    def R_op(self, inputs: Any, eval_points: Any) -> list[Any]:
        """None."""
        return [None]


break_op = BreakRop()


class RopLop_checker(unittest.TestCase):
    """Compares `Rop` and `Lop` with products by the Jacobian, for expressions of ``self.x`` or ``self.mx``."""

    def setUp(self) -> None:
        """A vector and a matrix, each with a direction."""
        vector, matrix = (TensorType(config.floatX, (False,) * n) for n in (1, 2))
        self.x, self.v, self.mx, self.mv = vector("x"), vector("v"), matrix("mx"), matrix("mv")
        self.rng = np.random.RandomState(fetch_seed())
        self.in_shape, self.mat_in_shape = (6,), (5, 7)

    def check_nondiff_rop(self, y: Any) -> None:
        """`y` depends on ``self.x`` in a way that cannot be differentiated: `Rop` raises ValueError."""
        try:
            Rop(y, self.x, self.v)
        except ValueError:
            return
        raise AssertionError("Op did not raise an error even though the function is not differentiable")

    def check_mat_rop_lop(self, y: Any, out_shape: Sequence[int]) -> None:
        """For a vector `y` of the matrix ``self.mx``."""
        self._check(y, self.mx, self.mv, self.mat_in_shape, out_shape)

    def check_rop_lop(self, y: Any, out_shape: Sequence[int]) -> None:
        """For a vector `y` of the vector ``self.x``."""
        self._check(y, self.x, self.v, self.in_shape, out_shape)

    def _check(self, y: Any, x: Any, v: Any, shape: Sequence[int], out_shape: Sequence[int]) -> None:
        at, along, back = (
            np.asarray(self.rng.uniform(size=n), config.floatX) for n in (tuple(shape), tuple(shape), tuple(out_shape))
        )
        w = TensorType(config.floatX, (False,))()
        found = function([x, v, w], [Rop(y, x, v), Lop(y, x, w), jacobian(y, x)], on_unused_input="ignore")
        pushed, pulled, matrix = found(at, along, back)
        axes = tuple(range(1, matrix.ndim)), tuple(range(along.ndim))
        assert np.allclose(pushed, np.tensordot(matrix, along, axes)), "ROP mismatch"
        assert np.allclose(pulled, np.tensordot(back, matrix, 1)), "LOP mismatch"
