"""The tensor vocabulary: types, constructors, and every function that builds a tensor expression."""

from tx.scalar.dtypes import (
    all_dtypes,
    complex_dtypes,
    continuous_dtypes,
    discrete_dtypes,
    float_dtypes,
    int_dtypes,
    integer_dtypes,
    uint_dtypes,
)
from tx.tensor import extra as extra_ops
from tx.tensor import nnet
from tx.tensor.constructors import *  # noqa: F403
from tx.tensor.convert import (
    AsTensorError,
    NotScalarConstantError,
    as_tensor_variable,
    autocast_float,
    autocast_float_as,
    autocast_int,
    constant,
    get_scalar_constant_value,
)
from tx.tensor.creation import *  # noqa: F403
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.extra import *  # noqa: F403
from tx.tensor.joining import *  # noqa: F403
from tx.tensor.math import *  # noqa: F403
from tx.tensor.products import *  # noqa: F403
from tx.tensor.reduction import *  # noqa: F403
from tx.tensor.shapes import *  # noqa: F403
from tx.tensor.subtensor import *  # noqa: F403
from tx.tensor.type import TensorType
from tx.tensor.variable import TensorConstant, TensorVariable, _tensor_py_operators

as_tensor = as_tensor_variable

__all__ = [name for name in dir() if not name.startswith("__")]
