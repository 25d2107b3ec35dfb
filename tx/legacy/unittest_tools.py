"""``theano.tests.unittest_tools``: what libraries' own tests of Ops and graphs are written with."""

from __future__ import annotations

import functools
import logging
import sys
import unittest
from collections.abc import Callable, Sequence
from typing import Any
from unittest import SkipTest

import numpy as np

from tx import gradient
from tx.compile import function, get_default_mode
from tx.configuration import config
from tx.graph import walk
from tx.graph.core import defines
from tx.tensor.joining import stack
from tx.tensor.shapes import shape_i
from tx.tensor.type import TensorType

_logger = logging.getLogger("theano.tests.unittest_tools")


def fetch_seed(pseed: Any = None) -> int | None:
    """The seed: `pseed`, or ``config.unittests.rseed``. None for ``'random'``, and for what is no number."""
    seed = config.unittests.rseed if pseed is None else pseed
    if seed == "random":
        return None
    try:
        return int(seed)
    except ValueError:
        print("Error: config.unittests.rseed contains invalid seed, using None instead", file=sys.stderr)
        return None


def seed_rng(pseed: Any = None) -> int | None:
    """Seed numpy's global generator with `fetch_seed`'s seed, which is returned."""
    seed = fetch_seed(pseed)
    if pseed is not None and pseed != seed:
        print(f"Warning: using seed given by config.unittests.rseed={seed} instead of seed {pseed}", file=sys.stderr)
    np.random.seed(seed)
    return seed


def verify_grad(op: Any, pt: Any, n_tests: int = 2, rng: Any = None, *args: Any, **kwargs: Any) -> None:
    """`gradient.verify_grad`, with a generator that `config.unittests.rseed` seeds where none is given."""
    if rng is None:
        seed_rng()
        rng = np.random
    gradient.verify_grad(op, pt, n_tests, rng, *args, **kwargs)


verify_grad.E_grad = gradient.GradientError  # type: ignore[attr-defined]


class MockRandomState:
    """A generator that gives one number, always."""

    def __init__(self, val: float):
        self.val = val

    def rand(self, *shape: int) -> np.ndarray:
        """The number, in an array."""
        return np.zeros(shape, "float64") + self.val

    def randint(self, minval: int, maxval: int | None = None, size: Any = 1) -> np.ndarray:
        """The integer that stands for the number between the bounds."""
        low, high = (0, minval) if maxval is None else (minval, maxval)
        return np.zeros(size, "int64") + min(max(low, round((high - low) * self.val + low)), high - 1)


# -- what a compiled function consists of -----------------------------------------------------------------------------


class TestOptimizationMixin:
    """Assertions about the Ops of a compiled function's graph."""

    __test__ = False

    def _assert_count(self, f: Any, matches: Callable[[Any], bool], shown: Any, low: int, high: int) -> None:
        nodes = f.maker.fgraph.toposort()
        found = [node for node in nodes if matches(node.op)]
        if not low <= len(found) <= high:
            raise AssertionError(nodes, found, str(shown), len(found), low, high)

    def assertFunctionContains(self, f: Any, op: Any, min: int = 1, max: int = sys.maxsize) -> None:
        """`op` is there between `min` and `max` times."""
        self._assert_count(f, lambda found: found == op, op, min, max)

    def assertFunctionContains0(self, f: Any, op: Any) -> None:
        """`op` is not there."""
        self.assertFunctionContains(f, op, min=0, max=0)

    def assertFunctionContains1(self, f: Any, op: Any) -> None:
        """`op` is there once."""
        self.assertFunctionContains(f, op, min=1, max=1)

    def assertFunctionContainsN(self, f: Any, op: Any, N: int) -> None:
        """`op` is there `N` times."""
        self.assertFunctionContains(f, op, min=N, max=N)

    def assertFunctionContainsClass(self, f: Any, op: Any, min: int = 1, max: int = sys.maxsize) -> None:
        """Ops of the class `op` are there between `min` and `max` times."""
        self._assert_count(f, lambda found: isinstance(found, op), op, min, max)

    def assertFunctionContainsClassN(self, f: Any, op: Any, N: int) -> None:
        """Ops of the class `op` are there `N` times."""
        self.assertFunctionContainsClass(f, op, min=N, max=N)

    def SkipTest(self, msg: str = "Skip this test") -> None:
        """Skip the test that calls this."""
        raise SkipTest(msg)


OptimizationTestMixin = TestOptimizationMixin


class T_OpContractMixin:
    """Tests of what every Op promises: ``self.ops`` are different from each other, and equal to their ``clone``."""

    def copy(self, x: Any) -> Any:
        """A copy of an Op."""
        import copy

        return copy.copy(x)

    def deepcopy(self, x: Any) -> Any:
        """A deep copy of an Op."""
        import copy

        return copy.deepcopy(x)

    def clone(self, op: Any) -> Any:
        """An Op that is equal to `op`, for the test class to define."""
        raise AttributeError("a test class defines clone(op)")

    def test_eq(self) -> None:
        """Equal to itself and to copies, and not to the others."""
        ops: Sequence[Any] = self.ops  # type: ignore[attr-defined]
        for i, a in enumerate(ops):
            for same in (a, self.copy(a), self.deepcopy(a), self.clone(a)):
                assert a == same and hash(a) == hash(same), (a, same)
            for b in ops[i + 1 :]:
                assert a != b, (a, b)

    test_hash = test_eq

    def test_name(self) -> None:
        """Each prints as something."""
        for op in self.ops:  # type: ignore[attr-defined]
            assert isinstance(str(op), str) and isinstance(repr(op), str)


# -- shapes -----------------------------------------------------------------------------------------------------------


class InferShapeTester(unittest.TestCase):
    """For tests of an Op's `infer_shape`."""

    mode: Any = None

    def setUp(self) -> None:
        """Seed numpy's generator; the mode may be given by the class."""
        seed_rng()
        if self.mode is None:
            self.mode = get_default_mode()

    def _compile_and_check(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        numeric_inputs: Sequence[Any],
        cls: type,
        excluding: Any = None,
        warn: bool = True,
        check_topo: bool = True,
    ) -> None:
        """Check that the shapes which the Ops' `infer_shape` gives are those of the outputs.

        An Op of the class `cls` must be in the graph of the outputs; with `check_topo` it may not be needed for their
        shapes. Lengths of an input that are equal are warned of: they could be mixed up.
        """
        if warn:
            _warn_of_squares(inputs, numeric_inputs, cls)
        mode = self.mode.excluding(*excluding) if excluding else self.mode
        assert any(isinstance(node.op, cls) for node in walk.toposort(outputs, inputs)), f"no {cls} among the Ops"
        shapes = [stack(list(shape)) for shape in inferred_shapes(outputs, inputs) if shape]
        if check_topo:
            needed = [node for node in walk.toposort(shapes, inputs) if isinstance(node.op, cls)]
            assert not needed, f"shapes need {needed}"
        values = function(inputs, list(outputs), mode=mode, on_unused_input="ignore")(*numeric_inputs)
        found = iter(function(inputs, shapes, mode=mode, on_unused_input="ignore")(*numeric_inputs) if shapes else ())
        for value in values:
            if np.ndim(value):
                shape = next(found)
                assert np.array_equal(np.shape(value), shape), (np.shape(value), shape)


def inferred_shapes(outputs: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """The shapes of `outputs`, a tuple of integer scalars each, by `infer_shape` of every Op that has one."""
    known: dict[Any, Any] = {}

    def shape_of(v: Any) -> Any:
        if v not in known:
            known[v] = tuple(shape_i(v, i) for i in range(v.ndim)) if isinstance(v.type, TensorType) else None
        return known[v]

    for node in walk.toposort(outputs, inputs):
        if defines(node.op, "infer_shape"):
            infer_shape: Any = node.op.infer_shape  # type: ignore[attr-defined]
            known.update(zip(node.outputs, infer_shape(node, [shape_of(v) for v in node.inputs]), strict=True))
    return [shape_of(v) for v in outputs]


def _warn_of_squares(inputs: Sequence[Any], values: Sequence[Any], cls: type) -> None:
    for variable, value in zip(inputs, values, strict=False):
        pattern = getattr(variable.type, "broadcastable", ())
        shape = np.shape(value) if pattern else ()
        lengths = [n for n, stretched in zip(shape, pattern, strict=False) if not stretched]
        if len(set(lengths)) != len(lengths):
            _logger.warning(
                "While testing shape inference for %r, we received an input with a shape that has some repeated "
                "values: %r. Lengths that are mixed up would not be noticed.",
                cls,
                shape,
            )
            return


# -- values -----------------------------------------------------------------------------------------------------------


def str_diagnostic(expected: Any, value: Any, rtol: float | None, atol: float | None) -> str:
    """What two arrays are, how far they are apart, and by which tolerances that was judged."""
    lines = ["           : shape, dtype, strides, min, max, n_inf, n_nan:"]
    for name, given in (("Expected", expected), ("Value   ", value)):
        a = np.asarray(given)
        infinite, missing = (int(f(a).sum()) if a.dtype.kind in "fc" else 0 for f in (np.isinf, np.isnan))
        lowest, highest = (a.min(), a.max()) if a.size else ("", "")
        lines.append(f"  {name} : {a.shape} {a.dtype} {a.strides} {lowest} {highest} {infinite} {missing} ")
    lines += [f"  expected    : {expected}", f"  value    : {value}"]
    if np.shape(expected) == np.shape(value) and np.size(value):
        apart = np.abs(np.asarray(expected) - np.asarray(value))
        with np.errstate(all="ignore"):
            relative = apart / np.abs(np.asarray(expected))
        for kind, difference in (("Abs", apart), ("Rel", np.nan_to_num(relative))):
            for name in ("max", "mean", "median", "std"):
                lines.append(f"  {name.capitalize()} {kind} Diff:  {getattr(np, name)(difference)}")
        lines.append("")
    rtol, atol = _limits(np.asarray(expected), np.asarray(value), rtol, atol)
    return "\n".join([*lines, f"  rtol, atol: {rtol} {atol}", ""])


def _limits(a: np.ndarray, b: np.ndarray, rtol: float | None, atol: float | None) -> tuple[float, float]:
    """The tolerances that were given, or those of the dtypes."""
    coarse = any(v.dtype.name in ("float16", "float32", "complex64") for v in (a, b))
    default = (1e-4, 1e-5) if coarse else (1e-5, 1e-8)
    return default[0] if rtol is None else rtol, default[1] if atol is None else atol


class WrongValue(Exception):
    """Two arrays differ."""

    def __init__(self, expected_val: Any, val: Any, rtol: Any, atol: Any):
        super().__init__()
        self.val1, self.val2, self.rtol, self.atol = expected_val, val, rtol, atol

    def __str__(self) -> str:
        return f"WrongValue\n{str_diagnostic(self.val1, self.val2, self.rtol, self.atol)}"


def assert_allclose(expected: Any, value: Any, rtol: float | None = None, atol: float | None = None) -> None:
    """Raises WrongValue when two arrays differ by more than the tolerances, which go by their dtypes."""
    expected, value = np.asarray(expected), np.asarray(value)
    coarse = any(a.dtype.name in ("float16", "float32", "complex64") for a in (expected, value))
    limits = (
        (1e-4 if coarse else 1e-5) if rtol is None else rtol,
        (1e-5 if coarse else 1e-8) if atol is None else atol,
    )
    if expected.shape != value.shape or not np.allclose(expected, value, *limits):
        raise WrongValue(expected, value, rtol, atol)


# -- decorators -------------------------------------------------------------------------------------------------------


class AttemptManyTimes:
    """Decorator: a test that must pass `n_req_successes` times in `n_attempts`, each with the next seed."""

    def __init__(self, n_attempts: int, n_req_successes: int = 1):
        assert n_attempts >= n_req_successes
        self.n_attempts, self.n_req_successes = n_attempts, n_req_successes

    def __call__(self, fct: Callable[..., Any]) -> Callable[..., None]:
        @functools.wraps(fct)
        def attempts(*args: Any, **kwargs: Any) -> None:
            first = seed = config.unittests.rseed
            case = args[0] if len(args) == 1 and hasattr(args[0], "_testMethodName") else None
            left, needed = self.n_attempts, self.n_req_successes
            while needed:
                left -= 1
                try:
                    config.unittests.rseed = seed
                    if case is not None:
                        case.setUp()
                    fct(*args, **kwargs)
                    needed -= 1
                except Exception:
                    if left < needed:
                        raise
                finally:
                    config.unittests.rseed = first
                    if case is not None:
                        case.tearDown()
                if seed not in (None, "random"):
                    seed = str(int(seed) + 1)

        return attempts


def assertFailure_fast(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator for tests that failed under Theano's fast detection of cycles: there are none to detect here."""
    return f


def attr(*tags: str, **named: Any) -> Callable[[Any], Any]:
    """Decorator: tags of a test, as attributes."""

    def tag(f: Any) -> Any:
        for name, value in {**dict.fromkeys(tags, True), **named}.items():
            setattr(f, name, value)
        return f

    return tag


def custom_name_func(testcase_func: Any, param_num: Any, param: Any) -> str:
    """The name of a test that `parameterized` makes."""
    parts = "_".join("".join(c if c.isalnum() else "_" for c in str(arg)) for arg in param.args)
    return f"{testcase_func.__name__}_{parts}"


def disturb_mem() -> None:
    """Moved things in memory, for Theano's own tests; there is nothing here that depends on it."""


def __getattr__(name: str) -> Any:
    if name == "parameterized":
        from parameterized import parameterized

        return parameterized
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
