"""ScalarOp: an elementwise operation. Programs derive from it, and say in Python what it does with one number.

The rows of the table are ScalarOps, too (`tx.scalar.basic`). What this class needs to know of types and tensors is
given to it by `tx.tensor.scalar_layer`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from tx.graph.core import MethodNotDefined


def written(term: Any) -> Any:
    """A gradient that a derivative returned, which may be a function that writes it."""
    return term() if callable(term) else term


class ScalarOp:
    """An elementwise operation, made by a program.

    `nin` numbers are its input (-1: any number of them), `nout` its output. `output_types_preference` is a function
    from the types of the inputs to those of the outputs, such as `upgrade_to_float`; a class may define it as a method.
    The method ``impl(*numbers)`` computes, on the host; ``grad(inputs, gradients)`` or ``L_op(inputs, outputs,
    gradients)`` differentiate, in scalar variables. C code is not read.
    Raises TypeError when `output_types_preference` is no function.
    """

    nin = -1
    nout = 1
    #: the name of the row that it is; none for an operation of a program
    row = ""
    name: str | None = None
    numpy: Callable[..., Any] | None = None
    parameters: tuple[Any, ...] = ()
    output_types_preference: Any = None
    #: what makes an operation act on tensors, the subclass of it for such operations, and the type of a dtype's scalars
    over_tensors: ClassVar[Any] = None
    elemwise_class: ClassVar[Any] = None
    type_of: ClassVar[Any] = None

    def __init__(self, output_types_preference: Any = None, name: str | None = None):
        self.name = name
        if output_types_preference is not None:
            if not callable(output_types_preference):
                raise TypeError(
                    f"Expected a callable for the 'output_types_preference' argument to {type(self)}. "
                    f"(got: {output_types_preference})"
                )
            self.output_types_preference = output_types_preference

    def output_types(self, types: Sequence[Any]) -> Sequence[Any]:
        """The types of the outputs, by the preference. Raises TypeError when there is none, or not one an output."""
        if self.output_types_preference is None:
            raise TypeError(f"Cannot calculate the output types for {self}: it has no output_types_preference")
        found = self.output_types_preference(*types)
        if not isinstance(found, list | tuple) or any(not hasattr(t, "dtype") for t in found):
            raise TypeError("output_types_preference should return a list or a tuple of types", found)
        if len(found) != self.nout:
            raise TypeError(f"Not the right number of outputs produced for {self}: {len(found)} instead of {self.nout}")
        return found

    def output_dtypes(self, *dtypes: str) -> list[str]:
        """The dtypes of the outputs, for inputs of these dtypes. Raises TypeError for those that it does not take."""
        return [kind.dtype for kind in self.output_types([self.type_of(d) for d in dtypes])]

    def impl(self, *inputs: Any) -> Any:
        """The output for numbers; a tuple where there are several."""
        raise MethodNotDefined("impl", type(self), type(self).__name__)

    def grad(self, inputs: Sequence[Any], output_gradients: Sequence[Any]) -> Sequence[Any]:
        """The gradients of the inputs, from those of the outputs."""
        raise MethodNotDefined("grad", type(self), type(self).__name__)

    def L_op(self, inputs: Sequence[Any], outputs: Sequence[Any], output_gradients: Sequence[Any]) -> Sequence[Any]:
        """The gradients of the inputs; the outputs may be used."""
        return self.grad(inputs, output_gradients)

    def derivative(self, F: Any, *given: Any) -> Any:
        """As a row's: one gradient an input, from the inputs, the output and its gradient, all tensors."""
        *inputs, output, gradient = given
        return self.elemwise_class.terms(self, inputs, [output], [gradient])

    def __call__(self, *inputs: Any, **kwargs: Any) -> Any:
        """The operation applied to scalars, or to tensors element by element."""
        return self.over_tensors(self)(*inputs, **kwargs)

    def make_node(self, *inputs: Any) -> Any:
        """The node that applies it."""
        return self.over_tensors(self).make_node(*inputs)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.output_types_preference == other.output_types_preference

    def __hash__(self) -> int:
        return hash((type(self), getattr(self.output_types_preference, "__func__", self.output_types_preference)))

    def __str__(self) -> str:
        return self.name or type(self).__name__


class UnaryScalarOp(ScalarOp):
    """An operation on one number."""

    nin = 1


class BinaryScalarOp(ScalarOp):
    """An operation on two numbers."""

    nin = 2


__all__ = ["BinaryScalarOp", "ScalarOp", "UnaryScalarOp", "written"]
