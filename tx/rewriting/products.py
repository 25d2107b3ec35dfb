"""Rewrites of products and quotients, taken apart into factors: what the gradients of stable functions need.

| written | computed |
| --- | --- |
| g / y * y, for y that is positive but may underflow | g |
| a * b / a | b |
| (g / y + h) * y | g + h * y, where that lets something cancel |
| exp(x) / sum(exp(x)) | exp(x - log(sum(exp(x)))) |
| exp(-x**2) / erfc(x), exp(x**2) * erfc(x) | 1 / erfcx(x), erfcx(x) |
| switch(c, g, 0) * h, switch(c, g, 0) / h | switch(c, g * h, 0), switch(c, g / h, 0) |
| a product of numbers that are whole, and other factors | one number, and the factors |

d log(y) brings 1/y, and dy of a sigmoid, a softmax or an exponential brings y: the first rows. The last but one keeps
what is infinite in a branch that was not taken out of the gradient.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.rewriting.stabilize import argument, log_sum_exp, square_of, sum_of_exp
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.elemwise import DimShuffle, constant_value, is_elemwise
from tx.tensor.nnet.basic import Softmax
from tx.tensor.subtensor import IncSubtensor, Subtensor

#: a product with more factors than this is not taken apart
_MOST_FACTORS = 24


def _may_underflow(y: Any) -> bool:
    """Whether `y` is positive by nature, and 0 only by underflow."""
    return (y.owner is not None and isinstance(y.owner.op, Softmax)) or any(
        is_elemwise(y, name) for name in ("sigmoid", "exp")
    )


class Fraction:
    """A product of factors `above`, divided by a product of factors `below`, and a sign."""

    def __init__(self, above: list[Any], below: list[Any], negative: bool = False):
        self.above, self.below, self.negative = above, below, negative

    @classmethod
    def of(cls, variable: Any) -> Fraction:
        """`variable`, taken apart."""
        self = cls([], [])
        stack = [(variable, self.above, self.below)]
        while stack:
            v, up, down = stack.pop()
            v = _pushed_in(v)
            if len(self.above) + len(self.below) + len(stack) > _MOST_FACTORS:
                up.append(v)
            elif is_elemwise(v, "mul"):
                stack.extend((i, up, down) for i in v.owner.inputs)
            elif is_elemwise(v, "true_div"):
                stack.append((v.owner.inputs[0], up, down))
                stack.append((v.owner.inputs[1], down, up))
            elif is_elemwise(v, "neg"):
                self.negative = not self.negative
                stack.append((v.owner.inputs[0], up, down))
            else:
                up.append(v)
        return self

    def expression(self, model: Any) -> Any:
        """The fraction as an expression, in the dtype of `model`; ones like it when nothing is left."""
        # Factors that are integers or truth values would otherwise be multiplied as such.
        above, below = ([F.cast(v, model.dtype) for v in factors] for factors in (self.above, self.below))
        result = _product(above) if above else F.ones_like(model)
        if below:
            result = F.true_div(result, _product(below))
        return F.neg(result) if self.negative else result

    # -- steps: each returns whether it has changed anything ----------------------------------------------------------

    def cancel(self) -> bool:
        """Drop what stands above and below. What may truly be 0 must leave something above."""
        changed = False
        for y in list(self.below):
            if any(y is a for a in self.above) and (_may_underflow(y) or len(self.above) > 1):
                self.above = _without(self.above, y)
                self.below = _without(self.below, y)
                changed = True
        return changed

    def normalise(self) -> bool:
        """exp(x) / sum(exp(x))."""
        for s in self.below:
            x = sum_of_exp(s)
            y = next((a for a in self.above if x is not None and argument(a, "exp") is x), None)
            if y is not None:
                self.above = [*_without(self.above, y), F.exp(x - log_sum_exp(s))]
                self.below = _without(self.below, s)
                return True
        return False

    def scale_tails(self) -> bool:
        """exp(-x**2) / erfc(x), and exp(x**2) * erfc(x)."""
        for tail_up, tails, bells, sign in ((True, self.above, self.above, 1), (False, self.below, self.above, -1)):
            for tail in tails:
                x = argument(tail, "erfc")
                bell = next((b for b in bells if x is not None and _is_bell(b, x, sign)), None)
                if bell is not None:
                    self.above = _without(self.above, bell)
                    if tail_up:
                        self.above = [*_without(self.above, tail), F.erfcx(x)]
                    else:
                        self.below = [*_without(self.below, tail), F.erfcx(x)]
                    return True
        return False

    def gather_numbers(self) -> bool:
        """Whole numbers above become one, 1 none."""
        numbers = [v for v in self.above if _whole(v)]
        total = 1
        for v in numbers:
            total *= int(constant_value(v))
        rest = [v for v in self.above if not _whole(v)]
        if not numbers or not rest or abs(total) > 2**20 or (len(numbers) == 1 and total != 1):
            return False
        widest = dt.upcast(*(v.dtype for v in self.above))
        self.above = rest if total == 1 else [F.constant_like(total, F.cast(rest[0], widest)), *rest]
        return True


def _pushed_in(v: Any) -> Any:
    """`v` seen as a factor: without what only stretches it, and new axes put onto its factors."""
    while is_elemwise(v, "second"):
        v = v.owner.inputs[1]
    if v.owner is None or not isinstance(v.owner.op, DimShuffle) or v.owner.op.drop:
        return v
    inner = v.owner.inputs[0]
    if v.owner.op.shuffle != list(range(inner.ndim)):
        return v
    if not any(is_elemwise(inner, name) for name in ("mul", "true_div", "neg")):
        return v
    order = v.owner.op.new_order
    moved = [DimShuffle(i.type.broadcastable, order)(i) for i in inner.owner.inputs]
    return inner.owner.op(*moved)


@rewrites(DimShuffle)
def composed(node: Any) -> Any:
    """A shuffle of a shuffle is one, or none: they stand between the factors of gradients of sums."""
    (x,) = node.inputs
    source, order = x, node.op.new_order
    if x.owner is not None and isinstance(x.owner.op, DimShuffle):
        (source,) = x.owner.inputs
        order = tuple(d if d == "x" else x.owner.op.new_order[d] for d in order)
    pattern = source.type.broadcastable
    if len(order) == len(pattern) and all(
        d == i or (d == "x" and b) for i, (d, b) in enumerate(zip(order, pattern, strict=True))
    ):
        return source
    return None if source is x else DimShuffle(pattern, order)(source)


def _product(factors: list[Any]) -> Any:
    return F.mul(*factors) if len(factors) > 1 else factors[0]


def _without(variables: list[Any], one: Any) -> list[Any]:
    """The list without the first occurrence of `one`."""
    at = next(i for i, v in enumerate(variables) if v is one)
    return variables[:at] + variables[at + 1 :]


def _whole(variable: Any) -> bool:
    """Whether `variable` is known to be one whole number (of moderate size)."""
    number = constant_value(variable)
    return number is not None and abs(number.item()) < 2**20 and number == int(number)


def _is_bell(variable: Any, x: Any, sign: int) -> bool:
    """Whether `variable` is exp(sign * x**2)."""
    power = argument(variable, "exp")
    if power is None:
        return False
    square = power if sign > 0 else argument(power, "neg")
    return square is not None and square_of(square) is x


def _like(result: Any, out: Any) -> Any:
    """`result` with the type of `out`."""
    if result.type.broadcastable != out.type.broadcastable:
        result = F.second(out, result)
    return F.cast(result, out.dtype)


@rewrites("mul", "true_div", "neg")
def dead_branches(node: Any) -> Any:
    """switch(c, g, 0) * h, switch(c, g, 0) / h, and -switch(c, g, 0)."""
    (out,) = node.outputs
    multiplied = node.inputs[:1] if node.op.scalar_op.name == "true_div" else node.inputs
    switches = [v for v in multiplied if _zero_branch(v) is not None]
    if out.dtype not in dt.float_dtypes or not switches:
        return None
    chosen = switches[0]
    zero = _zero_branch(chosen)
    condition = chosen.owner.inputs[0]
    taken = chosen.owner.inputs[2 if zero == 1 else 1]
    inputs = list(node.inputs)
    inputs[next(i for i, v in enumerate(inputs) if v is chosen)] = taken
    product = node.op(*inputs)
    nothing = F.constant_like(0, out)
    result = F.switch(condition, nothing, product) if zero == 1 else F.switch(condition, product, nothing)
    return _like(result, out)


def _zero_branch(variable: Any) -> int | None:
    """Which input of a switch is 0: 1 or 2; None when `variable` is no switch, or none of them is."""
    if not is_elemwise(variable, "switch"):
        return None
    return next((i for i in (2, 1) if constant_value(variable.owner.inputs[i]) == 0), None)


@rewrites("mul", "true_div")
def cancel(node: Any) -> Any:
    """What cancels in a product or quotient, as the table says."""
    (out,) = node.outputs
    if out.dtype not in dt.float_dtypes:
        return None
    fraction = Fraction.of(out)
    steps = [fraction.normalise(), fraction.cancel(), fraction.scale_tails(), fraction.gather_numbers()]
    if any(steps):
        return _like(fraction.expression(out), out)
    result = _distributed(fraction)
    return None if result is None else _like(result, out)


def _terms(variable: Any) -> list[Fraction]:
    """A sum or difference as fractions."""
    if is_elemwise(variable, "add"):
        return [Fraction.of(v) for v in variable.owner.inputs]
    if is_elemwise(variable, "sub"):
        first, second = map(Fraction.of, variable.owner.inputs)
        second.negative = not second.negative
        return [first, second]
    return []


def _cancels(below: list[Any], above: list[Any]) -> bool:
    return any(_may_underflow(y) and any(y is a for a in above) for y in below)


def _distributed(fraction: Fraction) -> Any:
    """The product with a sum among its factors multiplied out, where that lets something cancel, else None."""
    if not any(map(_may_underflow, fraction.above)):
        return None
    for i, factor in enumerate(fraction.above):
        terms, rest = _terms(factor), fraction.above[:i] + fraction.above[i + 1 :]
        if not any(_cancels(term.below, rest) for term in terms):
            continue
        products = []
        for term in terms:
            product = Fraction([*term.above, *rest], [*term.below, *fraction.below], term.negative != fraction.negative)
            product.cancel()
            products.append(product.expression(factor))
        return F.add(*products)
    return None


@rewrites("mul")
def cancel_picked(node: Any) -> Any:
    """inc(zeros[i], g / y[i]) * y -> inc(zeros[i], g), for a y that may underflow to 0."""
    if len(node.inputs) != 2:
        return None
    for grown, y in (node.inputs, node.inputs[::-1]):
        owner = grown.owner
        if not _may_underflow(y) or owner is None or not isinstance(owner.op, IncSubtensor):
            continue
        zeros, put, *index = owner.inputs
        fraction = Fraction.of(put)
        picked = next((b for b in fraction.below if _is_read(b, y, owner.op.pattern, index)), None)
        if picked is None or not fraction.above or constant_value(_unfilled(zeros)) != 0:
            continue
        fraction.below = _without(fraction.below, picked)
        return owner.op(zeros, fraction.expression(put), *index)
    return None


def _is_read(variable: Any, y: Any, pattern: Any, index: list[Any]) -> bool:
    """Whether `variable` is ``y[index]``."""
    owner = variable.owner
    if owner is None or not isinstance(owner.op, Subtensor) or owner.op.pattern != pattern:
        return False
    same = all(a is b or (hasattr(a, "data") and a.equals(b)) for a, b in zip(owner.inputs[1:], index, strict=True))
    return owner.inputs[0] is y and same


def _unfilled(variable: Any) -> Any:
    """What `variable` is filled with, if it is."""
    return variable.owner.inputs[1] if is_elemwise(variable, "second") else variable
