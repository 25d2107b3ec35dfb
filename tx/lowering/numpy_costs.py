"""What a function takes by numpy, and by XLA: estimates in microseconds, of which the smaller one decides.

Measured on two cores of an Intel Xeon with AVX-512, and of an AMD EPYC, of which only proportions matter. Starting an
executable of XLA's takes jax 6 us, but what it works with has to be brought back where the arrays of the last call have
put it out of the second cache: ten times as long, from 2 MB on. numpy's operations are a few hundred instructions each.
They read and write memory one by one, though, where XLA has one kernel; and products of matrices are BLAS's, which is
quicker than what XLA has.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from functools import cache
from math import log2, prod
from typing import Any, NamedTuple

import numpy as np

from tx.lowering.jaxprs import equations, handled

# -- by numpy ---------------------------------------------------------------------------------------------------------

#: an operation on numbers, one on arrays, a reduction, and each row of one
NUMBER, CALL, REDUCTION, ROW = 0.05, 0.3, 0.8, 0.03
#: an array that is given, or returned
HANDED = 0.3
#: each line more, where what is computed with fills the first cache
_CROWDED, _FIRST = 0.4, 1 << 16
#: each row of what is stretched, along its rows and to all of them
_ALONG_ROWS, _TO_ROWS = 0.004, 0.008
#: looking at an array in another way, copying one, filling one, and choosing elements
VIEW, COPY, FILL, WHERE = 0.1, 0.3, 0.6, 0.8
#: for each byte of an array that leaves the caches, written or read, and for each that BLAS reads
_FAR, BLAS = 0.00005, 0.00002
#: what an element takes of being taken out, and of a choice between two; of more the processor learns none
TAKEN, CHOSEN, LEARNT = 0.001, 0.001, 1 << 11
#: and of finding the order, for each time that their number is halved, which is sooner of what the processor may learn
_ORDERED, _LEARNT = 0.005, 1 << 13
#: of being sorted, of being laid out otherwise, of being added to those before, or multiplied by them, and of becoming
#: a float64 that is added
SORTED, TURNED, ADDED, MULTIPLIED, WIDENED = 0.005, 0.001, 0.001, 0.0012, 0.0004
#: and of the place of the greatest being looked for along rows, besides so much for each, and across them
ALONG, EACH_ROW, ACROSS = 0.0002, 0.03, 0.001
#: No array may have more elements than this that is computed one by one: of more, kernels for several cores are
#: quicker. Those that are multiplied, or of which a part is taken, may have so many.
SMALL, LARGE = (1 << 20 if (os.cpu_count() or 1) <= 2 else 1 << 18), 1 << 24
#: a multiplication in a product of matrices, for each byte of an element, and in that of a narrow one, which has so few
#: rows or columns; so many times as long without BLAS
_MULTIPLIED, _NARROWLY, _NARROW, _PLAINLY = 3.5e-6, 7e-6, 32, 50


def written(shape: Sequence[int], dtype: Any) -> float:
    """Writing an array, by numpy."""
    return _moved(abs(prod(shape)) * np.dtype(dtype).itemsize, 0)


def read(shape: Sequence[int], dtype: Any) -> float:
    """Reading one."""
    return _moved(abs(prod(shape)) * np.dtype(dtype).itemsize, 1)


def cached() -> int:
    """The bytes of an array that stays in the caches."""
    return _machine().cached


def _moved(nbytes: int, way: int) -> float:
    machine = _machine()
    return nbytes * (machine.near[way] if nbytes <= machine.cached else _FAR)


def stretched(shapes: Collection[Sequence[int]], shape: Sequence[int]) -> float:
    """Going along arrays of some shapes, stretched to one: rows are taken one by one, where they are not all alike."""
    if all(s in ((), shape) for s in shapes):
        return 0
    along = all(len(s) == len(shape) and s[-1] == 1 for s in shapes if s not in ((), shape))
    return abs(prod(shape[:-1])) * (_ALONG_ROWS if along else _TO_ROWS)


def sides(equation: Any) -> tuple[int, int, int, int]:
    """Of products of matrices: how many there are, rows, numbers that are summed for each element, and columns."""
    (summed, _), (batched, _) = equation.params["dimension_numbers"]
    first, second = (v.aval for v in equation.invars)
    count, inner = (prod(int(first.shape[d]) for d in axes) for axes in (batched, summed))
    return count, first.size // max(count * inner, 1), inner, second.size // max(count * inner, 1)


def products(equation: Any) -> float:
    """Products of matrices, by numpy."""
    return sides(equation)[0] * CALL + _multiplied(equation) * (1 if _has_blas() else _PLAINLY)


def _multiplied(equation: Any) -> float:
    """Their multiplications, by BLAS."""
    count, rows, inner, columns = sides(equation)
    itemsize: int = equation.outvars[0].aval.dtype.itemsize
    return count * rows * inner * columns * itemsize * (_NARROWLY if min(rows, columns) <= _NARROW else _MULTIPLIED)


def crowded(jaxpr: Any, lines: int) -> float:
    """What so many lines of Python take more, where arrays have put them out of the first cache."""
    return lines * _CROWDED * min(1.0, handled(jaxpr) / _FIRST)


def ordered(size: int) -> float:
    """Finding the order of so many elements."""
    return size * _ORDERED * (log2(size + 1) - 5 if size <= _LEARNT else log2(size))


@cache
def _has_blas() -> bool:
    try:
        found: Any = np.show_config(mode="dicts")
        return bool(found["Build Dependencies"]["blas"].get("found", True))
    except (KeyError, TypeError):  # pragma: no cover - depends on numpy's version
        return True


# -- by the machine ---------------------------------------------------------------------------------------------------


class Machine(NamedTuple):
    """What differs between processors, of which only this is asked: whether numpy has vectorised functions there."""

    #: the bytes of an array that stays in the caches, and for each of them, written and read by numpy
    cached: int
    near: tuple[float, float]
    #: starting an executable of XLA's, which takes more where its arrays fill the second cache; each array in and out,
    #: each byte of them, and each element that is reduced
    start: float
    emptied: float
    array: float
    byte: float
    reduced: float
    #: and how much longer than BLAS it takes for large batches of products of float32, when there have been many calls,
    #: for which it is told to use another library
    batch: float


#: two cores of an Intel Xeon with AVX-512, and of an AMD EPYC without, of which the last cache is large
_WITH_VECTORS = Machine(
    cached=1 << 18, near=(0.00003, 0.00002),
    start=5.0, emptied=70.0, array=1.3, byte=0.00005, reduced=0.0003, batch=0.85,
)  # fmt: skip
_WITHOUT = Machine(
    cached=1 << 21, near=(0.000016, 0.000016),
    start=9.0, emptied=40.0, array=1.5, byte=0.00003, reduced=0.0001, batch=1.4,
)  # fmt: skip


def _machine() -> Machine:
    return _WITH_VECTORS if _has_vectors() else _WITHOUT


@cache
def _has_vectors() -> bool:
    try:
        from numpy._core._multiarray_umath import __cpu_features__
    except ImportError:  # pragma: no cover - depends on numpy's version
        return False
    return any(__cpu_features__.get(name, False) for name in ("X86_V4", "AVX512_SKX"))


# -- functions of numbers ---------------------------------------------------------------------------------------------

#: what an element takes besides of functions: by XLA, of 32 bits and of 64; by numpy, likewise, and where the processor
#: has what numpy's vectorised ones need (measured there for the first only, and on an AMD EPYC without)
_FUNCTIONS: dict[str, tuple[float, ...]] = {
    "exp": (0.0007, 0.002, 0.002, 0.005, 0.001), "exp2": (0.0007, 0.002, 0.004, 0.009, 0.001),
    "expm1": (0.0015, 0.004, 0.014, 0.013, 0.001), "log": (0.001, 0.0075, 0.0023, 0.0075, 0.001),
    "log1p": (0.0016, 0.005, 0.015, 0.015, 0.001), "tanh": (0.0012, 0.0017, 0.0036, 0.02, 0.001),
    "logistic": (0.001, 0.0025, 0.002, 0.005, 0.001),
    "sinh": (0.003, 0.009, 0.024, 0.024, 0.001), "cosh": (0.003, 0.009, 0.024, 0.024, 0.001),
    "sin": (0.005, 0.013, 0.0027, 0.013), "cos": (0.005, 0.013, 0.0027, 0.013), "tan": (0.018, 0.018, 0.018, 0.018),
    "asin": (0.022, 0.025, 0.012, 0.017), "acos": (0.022, 0.025, 0.012, 0.017), "atan": (0.012, 0.013, 0.013, 0.013),
    "atan2": (0.029, 0.029, 0.029, 0.029), "asinh": (0.02, 0.02, 0.02, 0.02), "acosh": (0.02, 0.02, 0.02, 0.02),
    "atanh": (0.02, 0.02, 0.02, 0.02), "cbrt": (0.027, 0.016, 0.023, 0.016), "pow": (0.01, 0.014, 0.01, 0.013),
    "rem": (0.01, 0.01, 0.01, 0.01), "erf": (0.001, 0.004, 0.01, 0.0056), "erfc": (0.002, 0.005, 0.013, 0.013),
    "erf_inv": (0.02, 0.02, 0.7, 0.7), "lgamma": (0.025, 0.025, 0.025, 0.025), "digamma": (0.03, 0.03, 0.015, 0.01),
    "bessel_i0e": (0.04, 0.04, 0.06, 0.06), "bessel_i1e": (0.04, 0.04, 0.06, 0.06),
}  # fmt: skip


def function(equation: Any, by: int) -> float:
    """What an element takes of a function that an equation computes, by XLA (0) or numpy (1)."""
    takes = _FUNCTIONS.get(equation.primitive.name)
    if takes is None or equation.outvars[0].aval.dtype.kind in "iu":
        return 0
    if by == 1 and len(takes) == 5 and _has_vectors():
        return takes[4]
    wide: bool = equation.outvars[0].aval.dtype.itemsize > 4
    return takes[2 * by + wide]


# -- by XLA -----------------------------------------------------------------------------------------------------------

#: the second cache is filled by so many bytes
_FILLED = 1 << 21
#: So many times as long as all of this, but for products: what numpy computes need not be compiled.
_AS_LONG = 1.2
#: for each operation, and each element of it
_STEP, _ELEMENT = 0.05, 0.00003
#: and each of which the place of the greatest is looked for
_COMPARED = 0.0015
#: and what else each element takes of being sorted, for each time that their number is halved, and of being written to
#: a place
_SORTED, _SCATTERED = 0.004, 0.006
#: A product takes so many times as long as BLAS, and a narrow one; so many times more if a matrix is transposed, of
#: which less remains beyond so many multiplications
_SLOWER, _NARROWLY_SLOWER, _TURNED, _HUGE = 1.15, 1.5, 0.65, 3e7
#: and this besides, if there are more than a few; products of a batch, and from how many numbers on one is large
_PRODUCT, _MANY, _BATCH, _LARGE_BATCH = 2.0, 1 << 12, 1.3, 1 << 18


def by_xla(jaxpr: Any, settled: bool = False) -> float:
    """A call that XLA computes; where it is `settled` that there will be many."""
    arrays, nbytes, machine = len(jaxpr.invars) + len(jaxpr.outvars), handled(jaxpr), _machine()
    total = machine.start + machine.emptied * min(1.0, nbytes / _FILLED)
    total += machine.array * arrays + machine.byte * nbytes
    every = [equation for equation, _ in equations(jaxpr)]
    turned = {v for equation in every if equation.primitive.name == "transpose" for v in equation.outvars}
    products = [equation for equation in every if equation.primitive.name == "dot_general"]
    total += sum(_step(equation) for equation in every if equation.primitive.name != "dot_general")
    return _AS_LONG * total + sum(_product(equation, turned, settled) for equation in products)


def _step(equation: Any) -> float:
    """An equation, as a part of a kernel."""
    name = equation.primitive.name
    given = equation.outvars if name == "slice" else equation.invars
    size = max((getattr(v.aval, "size", 0) for v in given), default=0)
    if name == "sort":
        return _STEP + size * _SORTED * log2(size + 1)
    if name.startswith("scatter"):
        written: int = equation.invars[2].aval.size
        return _STEP + _SCATTERED * written
    if name.startswith("arg"):
        return _STEP + size * _COMPARED
    each = _machine().reduced if name.startswith("reduce") else _ELEMENT + function(equation, 0)
    return _STEP + size * each


def _product(equation: Any, turned: Collection[Any], settled: bool) -> float:
    """Products of matrices, of which one may be transposed, and be among what is `turned`."""
    is_turned = any(v in turned for v in equation.invars if not hasattr(v, "val"))
    count, rows, inner, columns = sides(equation)
    many = count * rows * inner * columns
    slower = _SLOWER + _TURNED * is_turned * min(1.0, _HUGE / max(many, 1))
    if min(rows, columns) <= _NARROW:
        slower = _NARROWLY_SLOWER
    if count > 1:
        largest = max(v.aval.size for v in equation.invars)
        told = settled and largest >= _LARGE_BATCH and equation.outvars[0].aval.dtype == "float32"
        slower = _machine().batch if told else _BATCH
    return (count * CALL + _multiplied(equation)) * slower + (_PRODUCT if many > _MANY else _STEP)


__all__ = [
    "ACROSS", "ADDED", "ALONG", "BLAS", "CALL", "CHOSEN", "COPY", "EACH_ROW", "FILL", "HANDED", "LARGE", "LEARNT",
    "MULTIPLIED", "NUMBER", "REDUCTION", "ROW", "SMALL", "SORTED", "TAKEN", "TURNED", "VIEW", "WHERE", "WIDENED",
    "by_xla", "cached", "crowded", "function", "ordered", "products", "read", "stretched", "written",
]  # fmt: skip
