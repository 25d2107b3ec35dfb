"""Op classes of Theano's nnet that tx expresses by functions, and helpers by their old names.

``Name(parameters)(inputs)`` gives the expression that the Op stands for.
"""

from __future__ import annotations

from typing import Any

from tx import scalar
from tx.tensor import inplace
from tx.tensor.nnet import costs
from tx.tensor.nnet.basic import softsign, ultra_fast_sigmoid

# -- Op classes -------------------------------------------------------------------------------------------------------


class SoftmaxWithBias:
    """`softmax_with_bias`."""

    __call__ = staticmethod(costs.softmax_with_bias)


class SoftmaxGrad:
    """`softmax_grad`."""

    __call__ = staticmethod(costs.softmax_grad)


class CrossentropySoftmaxArgmax1HotWithBias:
    """`crossentropy_softmax_argmax_1hot_with_bias`."""

    def __init__(self, **kwargs: Any) -> None:
        pass

    __call__ = staticmethod(costs.crossentropy_softmax_argmax_1hot_with_bias)


class CrossentropySoftmax1HotWithBiasDx:
    """`crossentropy_softmax_1hot_with_bias_dx`."""

    __call__ = staticmethod(costs.crossentropy_softmax_1hot_with_bias_dx)


class CrossentropyCategorical1Hot:
    """`crossentropy_categorical_1hot`."""

    __call__ = staticmethod(costs.crossentropy_categorical_1hot)


class CrossentropyCategorical1HotGrad:
    """`crossentropy_categorical_1hot_grad`."""

    __call__ = staticmethod(costs.crossentropy_categorical_1hot_grad)


class Prepend_scalar_to_each_row:
    """`prepend_scalar_to_each_row`."""

    __call__ = staticmethod(costs.prepend_scalar_to_each_row)


class Prepend_scalar_constant_to_each_row:
    """``Prepend_scalar_constant_to_each_row(val)(mat)`` is ``prepend_scalar_to_each_row(val, mat)``."""

    def __init__(self, val: Any = 0) -> None:
        self.val = val

    def __call__(self, mat: Any) -> Any:
        return costs.prepend_scalar_to_each_row(self.val, mat)


# -- scalar operations ------------------------------------------------------------------------------------------------

scalar_sigmoid, scalar_softplus = scalar.sigmoid, scalar.softplus
#: functions of scalars, which are 0-d tensors
scalar_softsign, ultra_fast_scalar_sigmoid = softsign, ultra_fast_sigmoid
sigmoid_inplace = inplace.INPLACE["sigmoid_inplace"]
ultra_fast_sigmoid_inplace = ultra_fast_sigmoid


def ScalarSigmoid(output_types_preference: Any = None, name: str | None = None) -> Any:
    """The scalar operation `sigmoid`."""
    return scalar_sigmoid


def ScalarSoftplus(output_types_preference: Any = None, name: str | None = None) -> Any:
    """The scalar operation `softplus`."""
    return scalar_softplus


def ScalarSoftsign(output_types_preference: Any = None, name: str | None = None) -> Any:
    """`softsign` of scalars."""
    return scalar_softsign


def UltraFastScalarSigmoid(output_types_preference: Any = None, name: str | None = None) -> Any:
    """`ultra_fast_sigmoid` of scalars."""
    return ultra_fast_scalar_sigmoid


def softmax_simplifier(numerators: list[Any], denominators: list[Any]) -> tuple[list[Any], list[Any]]:
    """Factors over factors as they are: exp(x) / sum(exp(x)) is found where a function is compiled."""
    return numerators, denominators


__all__ = [n for n in dir() if n[0] != "_" and getattr(globals()[n], "__module__", "") == __name__]
__all__ += ["scalar_sigmoid", "scalar_softplus", "scalar_softsign", "sigmoid_inplace"]
__all__ += ["ultra_fast_scalar_sigmoid", "ultra_fast_sigmoid_inplace"]
