"""Every function of the tensor vocabulary, gathered from the modules of each theme. Source: theano.tensor.basic."""

from tx.graph import Apply, Constant, Op, Type, Variable
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
from tx.tensor.assertions import Assert, assert_op
from tx.tensor.choosing import *
from tx.tensor.constructors import *
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
from tx.tensor.creation import *
from tx.tensor.cumulative import *
from tx.tensor.diagonals import *
from tx.tensor.elemwise import DimShuffle, Elemwise
from tx.tensor.extra import *
from tx.tensor.facts import *
from tx.tensor.joining import *
from tx.tensor.math import *
from tx.tensor.old_names import *
from tx.tensor.positions import *
from tx.tensor.products import *
from tx.tensor.reduction import *
from tx.tensor.shapes import *
from tx.tensor.sharding import *
from tx.tensor.sort import *
from tx.tensor.subtensor import *
from tx.tensor.transfers import *
from tx.tensor.type import TensorType
from tx.tensor.type_other import (
    DisconnectedType,
    MakeSlice,
    NoneConst,
    NoneTypeT,
    SliceType,
    as_int_none_variable,
    make_slice,
    none_type_t,
    slicetype,
)
from tx.tensor.unique import Unique
from tx.tensor.variable import TensorConstant, TensorVariable, _tensor_py_operators

as_tensor = as_tensor_variable
Tensor = TensorType

__all__ = [name for name in dir() if not name.startswith("__")]
