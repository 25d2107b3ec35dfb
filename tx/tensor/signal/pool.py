"""Pooling: the largest, the sum or the mean of each window of the last axes; and the gradients."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tx.graph import Apply, Op
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.convert import as_tensor_variable, constant
from tx.tensor.shapes import patternbroadcast
from tx.tensor.type import TensorType
from tx.tensor.type_other import DisconnectedType

MODES = ("max", "sum", "average_inc_pad", "average_exc_pad")


def _lengths(values: Any, ndim: int) -> Any:
    """Numbers for the last `ndim` axes as an integer vector. Raises TypeError for others."""
    vector = as_tensor_variable(values)
    if vector.ndim != 1 or not dt.is_discrete(vector.dtype):
        raise TypeError("Pool downsample parameters must be ints.")
    return F.cast(vector, "int64")


class _Windows(Op):
    """An Op on windows of the last `ndim` axes: some tensors, then sizes, steps and padding of the windows."""

    __props__: tuple[str, ...] | None = ("ignore_border", "mode", "ndim")
    #: how many tensors there are
    tensors = 1
    #: the modes that it has
    modes: tuple[str, ...] = MODES

    def __init__(self, ignore_border: bool = False, mode: str = "max", ndim: int = 2, openmp: Any = None):
        """`openmp` is accepted for the sake of old programs. Raises ValueError for an unknown mode."""
        if mode == "average":
            mode = "average_inc_pad"
        if mode not in self.modes:
            raise ValueError(f"Pool mode parameter only supports {', '.join(self.modes)}. Got {mode}")
        self.ignore_border, self.mode, self.ndim = bool(ignore_border), mode, ndim

    def _node(self, tensors: Sequence[Any], like: Any, ws: Any, stride: Any, pad: Any) -> Apply:
        """Windows without a step touch each other, and there is no padding if nothing is said about it.

        Raises TypeError for fewer axes than `ndim`.
        """
        if any(t.ndim < self.ndim for t in tensors):
            raise TypeError(f"pooling over {self.ndim} axes takes tensors of at least that rank", tensors)
        ws = _lengths(ws, self.ndim)
        stride = ws if stride is None else _lengths(stride, self.ndim)
        pad = constant([0] * self.ndim, dtype="int64") if pad is None else _lengths(pad, self.ndim)
        return Apply(self, [*tensors, ws, stride, pad], [like])

    def _pooled(self, x: Any) -> Any:
        """A new Variable for what has one element for each window of `x`."""
        kept = x.type.broadcastable[: x.ndim - self.ndim]
        return TensorType(x.dtype, [*kept, *[False] * self.ndim])()

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Sizes have no influence that a derivative could see."""
        return [[i < self.tensors] for i in range(len(node.inputs))]

    def _gradients(self, inputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Those by the tensors, None where it is zero; sizes are not connected."""
        found = []
        for x, g in zip(inputs, gradients, strict=False):
            found.append(x.zeros_like() if g is None else patternbroadcast(F.cast(g, x.dtype), x.type.broadcastable))
        return [*found, *(DisconnectedType()() for _ in inputs[self.tensors :])]


class Pool(_Windows):
    """One number for each window of the last `ndim` axes.

    With `ignore_border`, what is left at the end and fills no window is dropped; without, the last windows are cut.
    Sizes, steps and padding may be symbolic.
    """

    def make_node(self, x: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Raises TypeError for fewer axes than `ndim` and for sizes that are no integers."""
        x = as_tensor_variable(x)
        return self._node([x], self._pooled(x), ws, stride, pad)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """To the largest elements (all of them, where several are equal), or to all elements of the window."""
        (x, *sizes), (g,) = inputs, gradients
        if self.mode == "max":
            gradient = MaxPoolGrad(self.ignore_border, self.ndim)(x, outputs[0], g, *sizes)
        else:
            gradient = AveragePoolGrad(self.ignore_border, self.mode, self.ndim)(x, g, *sizes)
        return self._gradients(inputs, [gradient])

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The others are linear; the largest gives the sum of the directions at the largest elements."""
        x, *sizes = inputs
        if eval_points[0] is None:
            return [None]
        if self.mode != "max":
            return [self(eval_points[0], *sizes)]
        return [MaxPoolRop(self.ignore_border, self.mode, self.ndim)(x, eval_points[0], *sizes)]

    @staticmethod
    def out_shape(
        imgshape: Sequence[Any],
        ws: Any = None,
        ignore_border: bool = False,
        stride: Any = None,
        pad: Any = None,
        ndim: int = 2,
        ds: Any = None,
        st: Any = None,
        padding: Any = None,
    ) -> list[Any]:
        """The shape that pooling of `imgshape` gives: numbers, or expressions where numbers are not given."""
        ws, stride, pad = _renamed(ws, stride, pad, ds, st, padding)
        stride = ws if stride is None else stride
        pad = (0,) * ndim if pad is None else pad
        if len(imgshape) < ndim:
            raise TypeError(f"imgshape must have at least {ndim} dimensions")
        lengths = [pooled_length(*row, ignore_border) for row in zip(imgshape[-ndim:], ws, stride, pad, strict=True)]
        return [*imgshape[:-ndim], *lengths]


def pooled_length(n: Any, ws: Any, stride: Any, pad: Any, ignore_border: bool) -> Any:
    """How many windows there are along an axis of length `n`; numbers or Variables."""
    numbers = all(isinstance(v, int) for v in (n, ws, stride, pad))
    if ignore_border:
        fit = (n + 2 * pad - ws) // stride + 1
        return max(fit, 0) if numbers else F.maximum(fit, 0)
    if numbers:
        return (n - 1) // stride + 1 if stride >= ws else max(0, (n - 1 - ws + stride) // stride) + 1
    cut = F.maximum(0, (n - 1 - ws + stride) // stride) + 1
    return F.switch(F.ge(as_tensor_variable(stride), ws), (n - 1) // stride + 1, cut)


class PoolGrad(_Windows):
    """What the gradients have in common."""


class MaxPoolGrad(PoolGrad):
    """From x, its largest elements, and the gradient by these: each element that is the largest gets it."""

    tensors = 3

    def __init__(self, ignore_border: bool, ndim: int = 2, openmp: Any = None):
        super().__init__(ignore_border, "max", ndim)

    def make_node(self, x: Any, maxout: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Raises TypeError for fewer axes than `ndim` and for sizes that are no integers."""
        x, maxout, gz = map(as_tensor_variable, (x, maxout, gz))
        return self._node([x, maxout, gz], x.type(), ws, stride, pad)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Linear in the gradient; which element is the largest does not change."""
        x, maxout, _, *sizes = inputs
        back = DownsampleFactorMaxGradGrad(self.ignore_border, self.mode, self.ndim)
        return self._gradients(inputs, [None, None, back(x, maxout, gradients[0], *sizes)])


class AveragePoolGrad(PoolGrad):
    """From x (its shape only) and the gradient by the sums or means: each element of the window gets its share."""

    tensors = 2
    modes = MODES[1:]

    def __init__(self, ignore_border: bool, mode: str = "average_inc_pad", ndim: int = 2):
        super().__init__(ignore_border, mode, ndim)

    def make_node(self, x: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None, dummy: Any = None) -> Apply:
        """Raises TypeError for fewer axes than `ndim` and for sizes that are no integers."""
        x, gz = as_tensor_variable(x), as_tensor_variable(gz)
        return self._node([x, gz], x.type(), ws, stride, pad)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """Pooling."""
        _, _, *sizes = inputs
        return self._gradients(inputs, [None, Pool(self.ignore_border, self.mode, self.ndim)(gradients[0], *sizes)])


class DownsampleFactorMaxGradGrad(_Windows):
    """From x, its largest elements, and a tensor like x: the sum of that over the largest elements of each window."""

    tensors = 3
    modes = ("max",)

    def make_node(self, x: Any, maxout: Any, gz: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Raises TypeError for fewer axes than `ndim` and for sizes that are no integers."""
        x, maxout, gz = map(as_tensor_variable, (x, maxout, gz))
        return self._node([x, maxout, gz], self._pooled(x), ws, stride, pad)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """The gradient's gradient is the gradient."""
        x, maxout, _, *sizes = inputs
        return self._gradients(
            inputs, [None, None, MaxPoolGrad(self.ignore_border, self.ndim)(x, maxout, gradients[0], *sizes)]
        )


class MaxPoolRop(_Windows):
    """From x and a direction: the sum of the direction over the largest elements of each window of x."""

    tensors = 2
    modes = ("max",)

    def make_node(self, x: Any, eval_point: Any, ws: Any, stride: Any = None, pad: Any = None) -> Apply:
        """Raises TypeError for fewer axes than `ndim` and for sizes that are no integers."""
        x, eval_point = as_tensor_variable(x), as_tensor_variable(eval_point)
        return self._node([x, eval_point], self._pooled(x), ws, stride, pad)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], gradients: Sequence[Any]) -> list[Any]:
        """As that of `DownsampleFactorMaxGradGrad`."""
        x, _, *sizes = inputs
        largest = Pool(self.ignore_border, self.mode, self.ndim)(x, *sizes)
        gradient = MaxPoolGrad(self.ignore_border, self.ndim)(x, largest, gradients[0], *sizes)
        return self._gradients(inputs, [None, gradient])


def _renamed(ws: Any, stride: Any, pad: Any, ds: Any, st: Any, padding: Any) -> tuple[Any, Any, Any]:
    """The three under their new names. Raises ValueError where both names are used, or no size is given."""
    nothing = pad is None or (isinstance(pad, tuple) and not any(isinstance(n, int) and n for n in pad))
    for old, new, value, given in (
        ("ds", "ws", ds, ws is not None),
        ("st", "stride", st, stride is not None),
        ("padding", "pad", padding, not nothing),
    ):
        if value is None:
            continue
        if given:
            raise ValueError(f"You can't provide a tuple value to both '{new}' and '{old}'. Please only use '{new}'.")
        warnings.warn(f"The parameter '{old}' is called '{new}' now.", UserWarning, stacklevel=3)
    ws, stride, pad = (new if old is None else old for new, old in ((ws, ds), (stride, st), (pad, padding)))
    if ws is None:
        raise ValueError("You must provide a tuple value for the window size.")
    return ws, stride, pad


def _pool(ndim: int, input: Any, sizes: Sequence[Any], ignore_border: bool | None, mode: str) -> Any:
    ws, stride, pad = _renamed(*sizes)
    input = as_tensor_variable(input)
    if input.ndim < ndim:
        raise ValueError(f"pool_{ndim}d requires a dimension >= {ndim}")
    if ignore_border is None:
        warnings.warn(
            f"pool_{ndim}d() without ignore_border keeps the border, which costs time: say ignore_border=True, "
            "or ignore_border=False where that is meant.",
            UserWarning,
            stacklevel=3,
        )
        ignore_border = False
    return Pool(ignore_border, mode, ndim)(input, ws, stride, pad)


def pool_2d(
    input: Any,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """Windows of the last two axes, of size `ws`, each made one number: its largest, sum or mean (`mode`).

    `stride` are the steps between windows (`ws` where it is None), `pad` what is added on both sides: it counts in
    'average_inc_pad', and not in 'average_exc_pad'. `ds`, `st` and `padding` are old names.
    Raises ValueError for an unknown mode, a rank below 2, and no `ws`.
    """
    return _pool(2, input, (ws, stride, pad, ds, st, padding), ignore_border, mode)


def pool_3d(
    input: Any,
    ws: Any = None,
    ignore_border: bool | None = None,
    stride: Any = None,
    pad: Any = (0, 0, 0),
    mode: str = "max",
    ds: Any = None,
    st: Any = None,
    padding: Any = None,
) -> Any:
    """`pool_2d` over the last three axes."""
    return _pool(3, input, (ws, stride, pad, ds, st, padding), ignore_border, mode)


def max_pool_2d_same_size(input: Any, patch_size: Any) -> Any:
    """`input` (rank 4), with 0 for all but the largest elements of each patch."""
    largest = Pool(True)(input, patch_size)
    return MaxPoolGrad(True)(input, largest, largest, patch_size)


__all__ = [
    "AveragePoolGrad",
    "DownsampleFactorMaxGradGrad",
    "MaxPoolGrad",
    "MaxPoolRop",
    "Pool",
    "PoolGrad",
    "max_pool_2d_same_size",
    "pool_2d",
    "pool_3d",
]
