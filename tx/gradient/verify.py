"""Checking gradients: finite differences, and their comparison with what `grad` says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from tx.gradient.reverse import grad
from tx.graph.utils import Documented
from tx.shared import shared
from tx.tensor.reduction import sum as total
from tx.tensor.type import TensorType

#: how far a gradient may be off, absolutely and relatively, by the dtype of what it was computed in
TOLERANCES = {"float64": (1e-4, 1e-4), "float32": (1e-3, 1e-3), "float16": (1e-1, 1e-1)}


class GradientError(Documented):
    """Raised by `verify_grad` when a gradient disagrees with finite differences; says where and by how much."""

    page = "gradient_check"

    def __init__(
        self,
        arg: int,
        err_pos: int,
        shape: Any,
        val1: Any,
        val2: Any,
        abs_err: Any,
        rel_err: Any,
        abs_tol: Any,
        rel_tol: Any,
    ):
        super().__init__()
        self.arg, self.err_pos, self.shape = arg, err_pos, shape
        self.val1, self.val2 = val1, val2
        self.abs_err, self.rel_err = abs_err, rel_err
        self.abs_tol, self.rel_tol = abs_tol, rel_tol

    def __str__(self) -> str:
        arguments = ", ".join(str(a) for a in self.args)
        return (
            f"{type(self).__name__}: numeric gradient and analytic gradient exceed tolerance:\n"
            f"        At position {self.err_pos} of argument {self.arg} with shape {self.shape},\n"
            f"            val1 = {self.val1:f}      ,  val2 = {self.val2:f}\n"
            f"            abs. error = {self.abs_err:f},  abs. tolerance = {self.abs_tol:f}\n"
            f"            rel. error = {self.rel_err:f},  rel. tolerance = {self.rel_tol:f}\n"
            f"Exception args: {arguments}"
        )


class numeric_grad:
    """The gradient of `f` at `pt` by finite differences, one element after the other.

    `f` takes arrays and returns a number; `pt` is an array, or a list of arrays, one an argument. The result is `gf`,
    in the same form. `eps` is the step, by default as `type_eps` says of the narrowest dtype (that of the points, or
    `out_type` where it is narrower). Raises TypeError for points that are no floats.
    Source: theano.gradient.numeric_grad.
    """

    type_eps: ClassVar[dict[Any, float]] = {"float64": 1e-7, "float32": 3e-4, "float16": 1e-1}
    type_eps.update({np.dtype(name): step for name, step in list(type_eps.items())})

    def __init__(self, f: Callable[..., Any], pt: Any, eps: float | None = None, out_type: str | None = None):
        packed = isinstance(pt, list | tuple)
        points = [np.array(p) for p in (pt if packed else [pt])]
        dtypes = [p.dtype.name for p in points] + ([str(out_type)] if out_type is not None else [])
        unknown = [d for d in dtypes if d not in self.type_eps]
        if unknown:
            raise TypeError(f"numeric_grad works with real floating point numbers, not {unknown[0]}")
        step = max(self.type_eps[d] for d in dtypes) if eps is None else eps
        base = f(*[p.copy() for p in points])
        found = [np.zeros_like(p) for p in points]
        for point, slope in zip(points, found, strict=True):
            flat, slopes = point.reshape(-1), slope.reshape(-1)
            for i in range(flat.size):
                kept = flat[i]
                flat[i] += step
                slopes[i] = (f(*[p.copy() for p in points]) - base) / step
                flat[i] = kept
        self.gf: Any = found if packed else found[0]

    @staticmethod
    def abs_rel_err(a: Any, b: Any) -> tuple[Any, Any]:
        """The absolute errors |a - b|, and the relative ones |a - b| / (|a| + |b|) (at least 1e-8 below)."""
        difference = abs(a - b)
        return difference, difference / np.maximum(abs(a) + abs(b), 1e-8)

    def abs_rel_errors(self, g_pt: Any) -> list[tuple[Any, Any]]:
        """`abs_rel_err` of each gradient in `g_pt`. Raises ValueError for another number of them, or other shapes."""
        mine = self.gf if isinstance(self.gf, list) else [self.gf]
        if len(g_pt) != len(mine):
            raise ValueError("argument has wrong number of elements", len(g_pt))
        errors = []
        for i, (a, b) in enumerate(zip(g_pt, mine, strict=True)):
            if np.shape(a) != b.shape:
                raise ValueError(f"argument element {i} has wrong shape {(np.shape(a), b.shape)}")
            errors.append(self.abs_rel_err(np.asarray(a), b))
        return errors

    def max_err(self, g_pt: Any, abs_tol: float, rel_tol: float) -> tuple[int, int, Any, Any]:
        """Where `g_pt` is most wrong: the argument, the position in it (flat), and the two errors there.

        An error counts by the smaller of what it is of the two tolerances. Raises ValueError for errors that are not
        finite.
        """
        worst: list[tuple[float, int, Any, Any]] = []
        for absolute, relative in self.abs_rel_errors(g_pt):
            if not np.all(np.isfinite(absolute)):
                raise ValueError("abs_err not finite", repr(absolute))
            if not np.all(np.isfinite(relative)):
                raise ValueError("rel_err not finite", repr(relative))
            if not absolute.size:
                worst.append((-1.0, 0, 0.0, 0.0))
                continue
            scaled = np.minimum(absolute / abs_tol, relative / rel_tol)
            position = int(np.argmax(scaled))
            worst.append((scaled.flat[position], position, absolute.flat[position], relative.flat[position]))
        arg = int(np.argmax([w[0] for w in worst]))
        return (arg, *worst[arg][1:])


def mode_not_slow(mode: Any) -> Any:
    """The mode to evaluate in where speed counts: the given one, as there is no slow one."""
    return mode


def verify_grad(
    fun: Callable[..., Any],
    pt: Any,
    n_tests: int = 2,
    rng: Any = None,
    eps: float | None = None,
    out_type: str | None = None,
    abs_tol: float | None = None,
    rel_tol: float | None = None,
    mode: Any = None,
    cast_to_output_type: bool = False,
    no_debug_ref: bool = True,
) -> None:
    """Compare the gradient of `fun` at `pt` with finite differences; raise GradientError where they disagree.

    `fun` takes Variables and returns one; `pt` is a list of arrays of floats, one an argument. The output is projected
    to a number by random weights, `n_tests` times, drawn from `rng` (a numpy RandomState). `eps` is the step (see
    `numeric_grad`); `abs_tol` and `rel_tol` the tolerances: an error must exceed both. `out_type` is the dtype of the
    output where that is narrower than the inputs; with `cast_to_output_type` the weights are cast to it.

    Raises TypeError for other points or a missing `rng`, AssertionError when `pt` is no list, ValueError when a
    gradient is not finite, or there are several outputs. Source: theano.gradient.verify_grad.
    """
    if not isinstance(pt, list | tuple):
        raise AssertionError("`pt` must be a list of arrays, one for each argument")
    points = [np.array(p) for p in pt]
    for i, p in enumerate(points):
        if p.dtype.name not in TOLERANCES:
            raise TypeError(
                f'verify_grad can work only with floating point inputs, but input {i} has dtype "{p.dtype}".'
            )
    if rng is None:
        raise TypeError("rng should be a valid instance of numpy.random.RandomState.")
    dtypes = [p.dtype.name for p in points] + ([str(out_type)] if out_type is not None else [])
    absolute, relative = (max(TOLERANCES[d][k] for d in dtypes) for k in (0, 1))
    tolerances = absolute if abs_tol is None else abs_tol, relative if rel_tol is None else rel_tol
    inputs = [TensorType(p.dtype.name, (False,) * p.ndim)(f"input {i}") for i, p in enumerate(points)]
    out = fun(*inputs)
    if isinstance(out, list | tuple):
        raise ValueError("verify_grad needs a function with one output", out)
    shape = _value(out, inputs, points, mode).shape
    weights = shared(np.zeros(shape, out_type if cast_to_output_type and out_type else out.dtype), "weights")
    cost = total(out * weights, dtype="float64")
    slopes = grad(cost, inputs, disconnected_inputs="ignore")
    for _ in range(n_tests):
        weights.set_value(np.asarray(rng.random_sample(shape) + 0.5, weights.dtype))
        numeric = numeric_grad(lambda *p: _value(cost, inputs, p, mode), points, eps, out_type)
        analytic = [_value(g, inputs, points, mode) for g in slopes]
        _compare(numeric, analytic, points, tolerances, eps, out_type)


def _value(expression: Any, inputs: Sequence[Any], points: Sequence[Any], mode: Any) -> np.ndarray:
    result: np.ndarray = expression.eval(dict(zip(inputs, points, strict=True)), mode=mode, on_unused_input="ignore")
    return result


def _compare(
    numeric: numeric_grad,
    analytic: Sequence[Any],
    points: Any,
    tolerances: tuple[float, float],
    eps: Any,
    out_type: Any,
) -> None:
    told = (
        *("\nThe error happened with the following inputs:", points),
        *("\nThe value of eps is:", eps, "\nThe out_type is:", out_type),
    )
    try:
        arg, position, absolute, relative = numeric.max_err(analytic, *tolerances)
    except ValueError as error:
        error.args += told
        raise
    if absolute > tolerances[0] and relative > tolerances[1]:
        pair = analytic[arg].flat[position], numeric.gf[arg].flat[position]
        wrong = GradientError(arg, position, analytic[arg].shape, *pair, absolute, relative, *tolerances)
        wrong.args += told
        raise wrong


# As Theano has it: the exception, beside the function that raises it.
verify_grad.E_grad = GradientError  # type: ignore[attr-defined]

__all__ = ["GradientError", "mode_not_slow", "numeric_grad", "verify_grad"]
