"""``theano.scalar``: operations that are expressions of others, and shared scalars.

XLA fuses whatever is elementwise. So a Composite is for programs written for Theano alone: it is opened when a
function is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from tx.builders import OpFromGraph
from tx.graph import Apply, MissingInputError, Variable, walk
from tx.scalar import ScalarOp
from tx.scalar.basic import round_half_away_from_zero
from tx.shared import ScalarSharedVariable
from tx.tensor import math as F
from tx.tensor.elemwise import Elemwise
from tx.tensor.scalar_layer import Scalar, over_tensors


class Expressed(ScalarOp):
    """An operation that `expression` says in terms of others."""

    def expression(self, *inputs: Any) -> list[Any]:
        """The outputs, for inputs that are scalars, or tensors with as many dimensions as each other."""
        return []

    def output_dtypes(self, *dtypes: str) -> list[str]:
        """Those of the expression."""
        return [v.dtype for v in self.expression(*(Scalar(d)() for d in dtypes))]


class ElemwiseOfExpression(Elemwise):
    """An expression over tensors: a graph inside an Op, which functions open."""

    scalar_op: Any

    def _graph(self, inputs: Sequence[Any]) -> OpFromGraph:
        stand_ins = [v.type() for v in inputs]
        outputs = []
        for output in self.scalar_op.expression(*stand_ins):
            for each in stand_ins:  # an output has the shape of all inputs, whether it depends on them or not
                output = F.second(each, output)
            outputs.append(output)
        return OpFromGraph(stand_ins, outputs)

    def rewritten(self, node: Apply, rewrite: Callable[[Sequence[Any]], list[Any]]) -> list[Any]:
        """What takes the place of the outputs of `node` in a compiled function."""
        return rewrite(self._graph(node.inputs).opened(node))

    def L_op(
        self,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        gradients: Sequence[Any],
        wanted: Collection[int] | None = None,
    ) -> list[Any]:
        """The gradient of the graph."""
        return self._graph(inputs).L_op(inputs, outputs, gradients)

    def R_op(self, inputs: Sequence[Any], eval_points: Sequence[Any]) -> list[Any]:
        """The pushforward of the graph."""
        return self._graph(inputs).R_op(inputs, eval_points)


Expressed.elemwise_class = ElemwiseOfExpression


class Composite(Expressed):
    """The operation that a graph of scalars computes.

    Raises ValueError when the graph has something else in it than operations on scalars, MissingInputError when it
    depends on more than `inputs`.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]):
        super().__init__()
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.nin, self.nout = len(self.inputs), len(self.outputs)
        missing = [v for v in walk.inputs(outputs, inputs) if v not in self.inputs and not hasattr(v, "data")]
        if missing:
            raise MissingInputError(f"{missing[0]}, which the outputs of a Composite depend on, is none of its inputs")
        if any(v.ndim for v in (*inputs, *outputs)):
            raise ValueError("The graph of a Composite must be exclusively composed of scalars.")
        over_tensors(self.outputs, dict(zip(self.inputs, self.inputs, strict=True)))
        self.name = f"Composite{{{', '.join(map(self._formula, self.outputs))}}}"

    def expression(self, *inputs: Any) -> list[Any]:
        """The graph of these inputs."""
        return over_tensors(self.outputs, dict(zip(self.inputs, inputs, strict=True)))

    def _formula(self, output: Any) -> str:
        said: dict[Variable, str] = {v: f"i{n}" for n, v in enumerate(self.inputs)}
        for node in walk.toposort([output], self.inputs):
            parts = [said.get(v, str(v).replace("TensorConstant", "Constant")) for v in node.inputs]
            sign = _SIGNS.get(node.op.scalar_op.row) if isinstance(node.op, Elemwise) else None
            of = str(node.op.scalar_op) if isinstance(node.op, Elemwise) else str(node.op)
            text = f"({sign.join(parts)})" if sign else f"{of}({', '.join(parts)})"
            said.update((v, text) for v in node.outputs)
        return said.get(output, str(output))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._signature() == other._signature()

    def __hash__(self) -> int:
        return hash(self._signature())

    def _signature(self) -> Any:
        return self.name, tuple(v.type for v in self.inputs), tuple(v.type for v in self.outputs)


_SIGNS = {"add": " + ", "sub": " - ", "mul": " * ", "true_div": " / ", "int_div": " // ", "pow": " ** "}


class InRange(Expressed):
    """Whether a number lies between two others; `openlow` and `openhi` say that it may not be equal to them."""

    nin = 3

    def __init__(self, openlow: bool, openhi: bool):
        super().__init__(name=f"InRange{{openlow={openlow}, openhi={openhi}}}")
        self.openlow, self.openhi = openlow, openhi

    def expression(self, *inputs: Any) -> list[Any]:
        """Two comparisons."""
        x, low, high = inputs
        return [F.and_((F.gt if self.openlow else F.ge)(x, low), (F.lt if self.openhi else F.le)(x, high))]

    def impl(self, *inputs: Any) -> bool:
        """For numbers."""
        x, low, high = inputs
        return bool((x > low if self.openlow else x >= low) and (x < high if self.openhi else x <= high))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InRange) and (self.openlow, self.openhi) == (other.openlow, other.openhi)

    def __hash__(self) -> int:
        return hash((InRange, self.openlow, self.openhi))


inclosedrange, inopenrange = InRange(False, False), InRange(True, True)
round_half_away_from_zero_vec = round_half_away_from_zero
imported_scipy_special = True


def shared(value: Any, name: str | None = None, strict: Any = False, allow_downcast: Any = None) -> Any:
    """A shared scalar. Raises TypeError for what is no single number."""
    if isinstance(value, bool) or not isinstance(value, np.number | float | int | complex):
        raise TypeError(f"a shared scalar is a number, not {value!r:.60}")
    array = np.asarray(value)
    return ScalarSharedVariable(name, Scalar(array.dtype), np.array(value), strict, allow_downcast)
