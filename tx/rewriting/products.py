"""Rewrites of products and quotients, taken apart into factors: what the gradients of stable functions need.

| written | computed |
| --- | --- |
| g / y * y, for y that is positive but may underflow | g |
| a * b / a | b |
| (g / y + h) * y | g + h * y, where that lets something cancel |
| a share in a sum of exponentials | as `exponentials` says |
| exp(x) * sigmoid(-x) | sigmoid(x) |
| sum(g / s), for a sum of exponentials s | sum(g) / s |
| sum(g * exp(x)) / sum(exp(x)) | sum(g * softmax(x)) |
| inc(zeros[i], g / y[i]) * y, for y that may underflow | inc(zeros[i], g) |
| exp(-x**2) / erfc(x), exp(x**2) * erfc(x) | 1 / erfcx(x), erfcx(x) |
| switch(c, g, 0) * h, switch(c, g, 0) / h | switch(c, g * h, 0), switch(c, g / h, 0) |
| a product of numbers that are whole, and other factors | one number, and the factors |

d log(y) brings 1/y, and dy of a sigmoid, a softmax or an exponential brings y: the first rows. The last but one keeps
what is infinite in a branch that was not taken out of the gradient.
"""

from __future__ import annotations

from typing import Any

from tx.rewriting.engine import rewrites
from tx.rewriting.exponentials import share, sum_of_exp
from tx.rewriting.patterns import argument, is_read, negated, same, shuffled, square_of, unshuffled
from tx.scalar import dtypes as dt
from tx.tensor import math as F
from tx.tensor.elemwise import DimShuffle, constant_value, is_elemwise, unfilled
from tx.tensor.nnet.basic import Softmax
from tx.tensor.reduction import Sum
from tx.tensor.subtensor import IncSubtensor, Subtensor

#: a product with more factors than this is not taken apart
_MOST_FACTORS = 24


def _may_underflow(y: Any) -> bool:
    """Whether `y` is positive by nature, and 0 only by underflow."""
    _, y = unshuffled(y)
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
            if (_may_underflow(y) or len(self.above) > 1) and any(same(y, a) for a in self.above):
                self.above = _without(self.above, y)
                self.below = _without(self.below, y)
                changed = True
        return changed

    def find_shares(self) -> bool:
        """Shares in sums of exponentials; exp(x) * sigmoid(-x), as sigmoid(x) is the share of exp(x) in 1 + exp(x)."""
        changed = False
        while self.find_share() or self._complete_share() or self._share_inside():
            changed = True
        return changed

    def find_share(self) -> bool:
        for s in self.below:
            for y in (*self.above, None):
                found = share(y, s)
                if found is not None:
                    self.above = [*(self.above if y is None else _without(self.above, y)), found]
                    self.below = _without(self.below, s)
                    return True
        return False

    def _complete_share(self) -> bool:
        for y in self.above:
            x = argument(y, "exp")
            rest = None if x is None else F.sigmoid(negated(x))
            if rest is not None and any(same(a, rest) for a in self.above):
                self.above = [*_without(_without(self.above, y), rest), F.sigmoid(x)]
                return True
        return False

    def _share_inside(self) -> bool:
        for s in self.below:
            for k, total in enumerate(self.above):
                found = _shared_inside(total, s)
                if found is not None:
                    self.above[k] = found
                    self.below = _without(self.below, s)
                    return True
        return False

    def cancel_picked(self) -> bool:
        """inc(zeros[i], g / y[i]) * y -> inc(zeros[i], g), for a y that may underflow to 0."""
        for k, grown in enumerate(self.above):
            for y in filter(_may_underflow, self.above):
                found = _cancelled_inside(grown, y)
                if found is not None:
                    self.above = _without([*self.above[:k], found, *self.above[k + 1 :]], y)
                    return True
        return False

    def settle(self) -> bool:
        """All steps that keep infinities from meeting."""
        return any([self.find_shares(), self.cancel(), self.cancel_picked()])

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
    """`v` seen as a factor: without what only stretches it, and with a shuffle of axes put onto its factors."""
    order, inner = unshuffled(v)
    while is_elemwise(inner, "second"):
        v = shuffled(inner.owner.inputs[1], order)
        order, inner = unshuffled(v)
    if inner is v or v.owner.op.drop or not any(is_elemwise(inner, name) for name in ("mul", "true_div", "neg")):
        return v
    return inner.owner.op(*(shuffled(i, order) for i in inner.owner.inputs))


@rewrites(DimShuffle)
def composed(node: Any) -> Any:
    """A shuffle of a shuffle is one, or none: they stand between the factors of gradients of sums."""
    found = shuffled(node.inputs[0], node.op.new_order)
    return None if found.owner == node or same(found, node.outputs[0]) else found


def _new_axes(pattern: Any) -> list[Any]:
    """The order of axes that an index with new axes and nothing else makes; empty for any other index."""
    if "newaxis" not in pattern or any(e not in ("newaxis", (False, False, False)) for e in pattern):
        return []
    axes = iter(range(len(pattern)))
    return ["x" if e == "newaxis" else next(axes) for e in pattern]


@rewrites(Subtensor)
def new_axes(node: Any) -> Any:
    """x[:, None], as a shuffle of axes."""
    order = _new_axes(node.op.pattern)
    return shuffled(node.inputs[0], order) if order else None


@rewrites(IncSubtensor)
def without_new_axes(node: Any) -> Any:
    """inc(zeros[:, None], g), which the gradient of x[:, None] is: g without the axis."""
    zeros, put, *_ = node.inputs
    order = _new_axes(node.op.pattern)
    if not order or constant_value(unfilled(zeros)) != 0 or put.ndim != len(order):
        return None
    if put.broadcastable != tuple(d == "x" or zeros.broadcastable[d] for d in order):
        return None
    return shuffled(put, [order.index(d) for d in range(zeros.ndim)])


def _product(factors: list[Any]) -> Any:
    return F.mul(*factors) if len(factors) > 1 else factors[0]


def _without(variables: list[Any], one: Any) -> list[Any]:
    """The list without the first occurrence of `one`."""
    at = next(i for i, v in enumerate(variables) if same(v, one))
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
    multiplied = node.inputs[:1] if node.op.scalar_op.row == "true_div" else node.inputs
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
    steps = [fraction.settle(), fraction.scale_tails(), fraction.gather_numbers()]
    if any(steps):
        return _like(fraction.expression(out), out)
    result = _distributed(fraction)
    return None if result is None else _like(result, out)


def _terms(variable: Any) -> list[Fraction]:
    """A sum or difference as fractions, sums within it as well."""
    found: list[Fraction] = []
    stack = [Fraction([variable], [])]
    while stack:
        term = stack.pop()
        (factor, *rest), below = term.above, term.below
        plus, minus = is_elemwise(factor, "add"), is_elemwise(factor, "sub")
        if rest or below or not (plus or minus) or len(found) + len(stack) > _MOST_FACTORS:
            found.append(term)
            continue
        for k, v in reversed(list(enumerate(factor.owner.inputs))):
            part = Fraction.of(v)
            part.negative ^= term.negative ^ (minus and k == 1)
            stack.append(part)
    return found if len(found) > 1 else []


def _distributed(fraction: Fraction) -> Any:
    """The product with a sum among its factors multiplied out, where that lets something settle, else None."""
    if not any(map(_may_underflow, fraction.above + fraction.below)):
        return None
    for i, factor in enumerate(fraction.above):
        rest = fraction.above[:i] + fraction.above[i + 1 :]
        products = [
            Fraction([*term.above, *rest], [*term.below, *fraction.below], term.negative != fraction.negative)
            for term in _terms(factor)
        ]
        settled = [product.settle() for product in products]
        if any(settled):
            return F.add(*(_multiplied_out(product, factor) for product in products))
    return None


def _multiplied_out(fraction: Fraction, model: Any) -> Any:
    found = _distributed(fraction)
    return fraction.expression(model) if found is None else found


@rewrites(Sum)
def sum_of_shares(node: Any) -> Any:
    """sum(g / s), where `s` is a sum of exponentials along the same axes: sum(g) / s."""
    (x,), (out,) = node.inputs, node.outputs
    if out.dtype not in dt.float_dtypes:
        return None
    axes, fraction = node.op.axes(x.ndim), Fraction.of(x)
    outside = [s for s in fraction.below if sum_of_exp(s) is not None and all(s.broadcastable[d] for d in axes)]
    if not outside or all(x.broadcastable[d] for d in axes):
        return None
    fraction.below = [s for s in fraction.below if not any(s is o for o in outside)]
    kept = [d for d in range(x.ndim) if d not in axes]
    total = node.op(_like(fraction.expression(x), x))
    return _like(F.true_div(total, _product([shuffled(s, kept) for s in outside])), out)


def _shared_inside(total: Any, s: Any) -> Any:
    """sum(g * p), where `total` is sum(g * y), and p the share of y in `s`, a sum along the same axes, else None."""
    (order, outer), (order_of_sum, below) = unshuffled(total), unshuffled(s)
    if sum_of_exp(s) is None or outer.owner is None or not isinstance(outer.owner.op, Sum) or order != order_of_sum:
        return None
    op, (x,) = outer.owner.op, outer.owner.inputs
    if op.axes(x.ndim) != below.owner.op.axes(below.owner.inputs[0].ndim) or outer.ndim != below.ndim:
        return None
    fraction = Fraction.of(x)
    fraction.below.append(op._keep(x)(below))
    if not fraction.find_share():
        return None
    fraction.settle()
    return shuffled(op(_like(fraction.expression(x), x)), order)


def _cancelled_inside(grown: Any, y: Any) -> Any:
    """inc(zeros[i], g), where `grown` is inc(zeros[i], g / y[i]), else None."""
    owner = grown.owner
    if owner is None or not isinstance(owner.op, IncSubtensor):
        return None
    zeros, put, *index = owner.inputs
    fraction = Fraction.of(put)
    picked = next((b for b in fraction.below if is_read(b, y, owner.op.pattern, index)), None)
    if picked is None or not fraction.above or constant_value(unfilled(zeros)) != 0:
        return None
    fraction.below = _without(fraction.below, picked)
    return owner.op(zeros, fraction.expression(put), *index)
