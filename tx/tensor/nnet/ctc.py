"""The cost of connectionist temporal classification (Graves et al., 2006)."""

from __future__ import annotations

from typing import Any

from tx.graph import Apply, Op
from tx.tensor.convert import as_tensor_variable
from tx.tensor.type import TensorType


def ctc_present() -> bool:
    """Whether `ctc` can be used: always, tx needs no library for it."""
    return True


def ctc_available() -> bool:
    """Whether `ctc` can be used: always."""
    return True


class ConnectionistTemporalClassification(Op):
    """-log of the probability of each labelling, over all its alignments with the time steps."""

    __props__ = ("compute_grad",)

    def __init__(self, compute_grad: bool = True, openmp: Any = None):
        """Both are accepted for the sake of old programs: a gradient costs nothing unless it is asked for."""
        self.compute_grad = compute_grad

    def make_node(self, activations: Any, labels: Any, input_lengths: Any) -> Apply:
        """Raises TypeError unless these are float32 of rank 3, int32 of rank 2, and int32 of rank 1."""
        inputs = [as_tensor_variable(v) for v in (activations, labels, input_lengths)]
        wanted = [("activations", "float32", 3), ("labels", "int32", 2), ("input_lengths", "int32", 1)]
        for variable, (name, dtype, ndim) in zip(inputs, wanted, strict=True):
            if variable.dtype != dtype or variable.ndim != ndim:
                raise TypeError(f"{name} must be a {dtype} tensor of rank {ndim}, not {variable.type}")
        return Apply(self, inputs, [TensorType("float32", (False,))()])

    def connection_pattern(self, node: Apply) -> list[list[bool]]:
        """Only the activations are continuous."""
        return [[True], [False], [False]]


def ctc(activations: Any, labels: Any, input_lengths: Any) -> Any:
    """The cost of each sequence: `activations` are (time, batch, labels), before the softmax; label 0 is the blank.

    Each row of `labels` is a labelling, filled up with negative numbers. A labelling that has no alignment costs inf.
    """
    return ConnectionistTemporalClassification()(activations, labels, input_lengths)


__all__ = ["ConnectionistTemporalClassification", "ctc", "ctc_available", "ctc_present"]
