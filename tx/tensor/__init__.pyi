# Written by .ci/make_stubs.py.
from typing import Any, Protocol, overload

from tx.tensor.elemwise import Elemwise
from tx.tensor.type import TensorType
from tx.tensor.variable import TensorConstant as TensorConstant
from tx.tensor.variable import TensorVariable as TensorVariable

from tx import scalar as scal
from tx.gradient import Lop as Lop
from tx.gradient import Rop as Rop
from tx.gradient import grad as grad
from tx.gradient import hessian as hessian
from tx.gradient import jacobian as jacobian
from tx.gradient.verify import numeric_grad as numeric_grad
from tx.graph.core import Apply as Apply
from tx.graph.core import Constant as Constant
from tx.graph.core import Op as Op
from tx.graph.core import Type as Type
from tx.graph.core import Variable as Variable
from tx.random import raw_random as raw_random
from tx.random import shared_randomstreams as shared_randomstreams
from tx.shared import TensorSharedVariable as TensorSharedVariable
from tx.shared import shared as shared
from tx.tensor import assertions as assertions
from tx.tensor import basic as basic
from tx.tensor import choosing as choosing
from tx.tensor import constructors as constructors
from tx.tensor import convert as convert
from tx.tensor import copies as copies
from tx.tensor import creation as creation
from tx.tensor import cumulative as cumulative
from tx.tensor import diagonals as diagonals
from tx.tensor import elemwise as elemwise
from tx.tensor import extra as extra
from tx.tensor import extra_ops as extra_ops
from tx.tensor import facts as facts
from tx.tensor import fft as fft
from tx.tensor import inplace as inplace
from tx.tensor import io as io
from tx.tensor import joining as joining
from tx.tensor import math as math
from tx.tensor import nlinalg as nlinalg
from tx.tensor import nnet as nnet
from tx.tensor import old_names as old_names
from tx.tensor import positions as positions
from tx.tensor import products as products
from tx.tensor import reduction as reduction
from tx.tensor import scalar_layer as scalar_layer
from tx.tensor import selections as selections
from tx.tensor import shapes as shapes
from tx.tensor import sharding as sharding
from tx.tensor import signal as signal
from tx.tensor import slinalg as slinalg
from tx.tensor import subtensor as subtensor
from tx.tensor import transfers as transfers
from tx.tensor import type as type
from tx.tensor import type_other as type_other
from tx.tensor import unique as unique
from tx.tensor import utils as utils
from tx.tensor import variable as variable
from tx.tensor import xlogx as xlogx
from tx.tensor.assertions import Assert as Assert
from tx.tensor.choosing import Choose as Choose
from tx.tensor.choosing import PermuteRowElements as PermuteRowElements
from tx.tensor.convert import AsTensorError as AsTensorError
from tx.tensor.convert import EmptyConstantError as EmptyConstantError
from tx.tensor.convert import NotScalarConstantError as NotScalarConstantError
from tx.tensor.creation import ARange as ARange
from tx.tensor.creation import Alloc as Alloc
from tx.tensor.creation import Eye as Eye
from tx.tensor.cumulative import CumOp as CumOp
from tx.tensor.diagonals import AllocDiag as AllocDiag
from tx.tensor.diagonals import ExtractDiag as ExtractDiag
from tx.tensor.elemwise import DimShuffle as DimShuffle
from tx.tensor.elemwise import Elemwise as Elemwise
from tx.tensor.extra import Repeat as Repeat
from tx.tensor.facts import ShapeError as ShapeError
from tx.tensor.io import LoadFromDisk as LoadFromDisk
from tx.tensor.joining import Join as Join
from tx.tensor.joining import JoinAt as JoinAt
from tx.tensor.joining import MakeVector as MakeVector
from tx.tensor.joining import Split as Split
from tx.tensor.joining import SplitAt as SplitAt
from tx.tensor.math import IntegerDivisionError as IntegerDivisionError
from tx.tensor.positions import FillDiagonal as FillDiagonal
from tx.tensor.positions import FillDiagonalOffset as FillDiagonalOffset
from tx.tensor.positions import RavelMultiIndex as RavelMultiIndex
from tx.tensor.positions import SearchsortedOp as SearchsortedOp
from tx.tensor.positions import UnravelIndex as UnravelIndex
from tx.tensor.products import BatchedDot as BatchedDot
from tx.tensor.products import Dot as Dot
from tx.tensor.reduction import Argmax as Argmax
from tx.tensor.reduction import CAReduce as CAReduce
from tx.tensor.reduction import Prod as Prod
from tx.tensor.reduction import ProdWithoutZeros as ProdWithoutZeros
from tx.tensor.reduction import ProductOfOthers as ProductOfOthers
from tx.tensor.reduction import Sum as Sum
from tx.tensor.shapes import Rebroadcast as Rebroadcast
from tx.tensor.shapes import Reshape as Reshape
from tx.tensor.shapes import Shape as Shape
from tx.tensor.shapes import Shape_i as Shape_i
from tx.tensor.shapes import SpecifyShape as SpecifyShape
from tx.tensor.sharding import Shard as Shard
from tx.tensor.subtensor import IncSubtensor as IncSubtensor
from tx.tensor.subtensor import Nonzero as Nonzero
from tx.tensor.subtensor import Subtensor as Subtensor
from tx.tensor.transfers import Transfer as Transfer
from tx.tensor.type import TensorType as Tensor
from tx.tensor.type_other import DisconnectedType as DisconnectedType
from tx.tensor.type_other import MakeSlice as MakeSlice
from tx.tensor.type_other import NoneTypeT as NoneTypeT
from tx.tensor.type_other import SliceType as SliceType
from tx.tensor.unique import Unique as Unique
from tx.tensor.type import TensorType as TensorType

class Unary(Elemwise):
    def __call__(self, x: Any, /, *, name: str = ...) -> TensorVariable: ...

class Binary(Elemwise):
    def __call__(self, x: Any, y: Any, /, *, name: str = ...) -> TensorVariable: ...

class Ternary(Elemwise):
    def __call__(self, x: Any, y: Any, z: Any, /, *, name: str = ...) -> TensorVariable: ...

class Several(Protocol):
    @overload
    def __call__(self, first: str, second: str, /, *names: str, **options: Any) -> list[TensorVariable]: ...
    @overload
    def __call__(self, *names: Any, **options: Any) -> Any: ...

def AdvancedBooleanIncSubtensor(inplace: bool = ..., set_instead_of_inc: bool = ...) -> Any: ...
def AdvancedBooleanSubtensor() -> Any: ...
def AdvancedIncSubtensor(inplace: bool = ..., set_instead_of_inc: bool = ...) -> Any: ...
def AdvancedIncSubtensor1(inplace: bool = ..., set_instead_of_inc: bool = ...) -> Any: ...
def AdvancedSubtensor() -> Any: ...
def AdvancedSubtensor1(sparse_grad: bool = ...) -> Any: ...
def AllocEmpty(dtype: Any) -> Any: ...
def ArgSortOp(kind: str = ..., order: Any = ...) -> Any: ...
def Bartlett() -> Any: ...
def CpuContiguous() -> Any: ...
def CumprodOp(axis: int | None = ...) -> Any: ...
def CumsumOp(axis: int | None = ...) -> Any: ...
def DiffOp(n: int = ..., axis: int = ...) -> Any: ...
def Flatten(outdim: int = ...) -> Any: ...
def MaxAndArgmax(axis: Any) -> Any: ...
def Mean(axis: Any = ...) -> Any: ...
NoneConst: Any
def ScalarFromTensor() -> Any: ...
def SortOp(kind: str = ..., order: Any = ...) -> Any: ...
def TensorFromScalar() -> Any: ...
def Tile(ndim: int) -> Any: ...
def TopKOp(axis: Any = ..., sorted: bool = ..., idx_dtype: Any = ..., return_values: bool = ..., return_indices: bool = ...) -> Any: ...
def Tri(dtype: Any = ...) -> Any: ...
abs_: Unary
absolute: Unary
add: Elemwise
def addbroadcast(x: Any, *axes: int) -> TensorVariable: ...
def advanced_boolean_inc_subtensor(x: Any, y: Any, *masks: Any) -> TensorVariable: ...
def advanced_boolean_set_subtensor(x: Any, y: Any, *masks: Any) -> TensorVariable: ...
def advanced_boolean_subtensor(x: Any, *masks: Any) -> TensorVariable: ...
def advanced_inc_subtensor(x: Any, y: Any, *indices: Any) -> TensorVariable: ...
def advanced_inc_subtensor1(x: Any, y: Any, *indices: Any) -> TensorVariable: ...
def advanced_set_subtensor(x: Any, y: Any, *indices: Any) -> TensorVariable: ...
def advanced_set_subtensor1(x: Any, y: Any, *indices: Any) -> TensorVariable: ...
def advanced_subtensor(x: Any, *indices: Any) -> TensorVariable: ...
def advanced_subtensor1(x: Any, *indices: Any) -> TensorVariable: ...
def all(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
all_dtypes: tuple[str, ...]
def allclose(a: Any, b: Any, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> TensorVariable: ...
def alloc(value: Any, *lengths: Any) -> TensorVariable: ...
def alloc_validate_shape(shape: Any) -> Any: ...
and_: Elemwise
angle: Unary
def any(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
def arange(start: Any, stop: Any = ..., step: Any = ..., dtype: Any = ...) -> TensorVariable: ...
arccos: Unary
arccosh: Unary
arcsin: Unary
arcsinh: Unary
arctan: Unary
arctan2: Binary
arctanh: Unary
def argmax(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
def argmin(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
def argsort(a: Any, axis: Any = ..., kind: str = ..., order: Any = ...) -> TensorVariable: ...
def argtopk(x: Any, kth: Any, axis: Any = ..., sorted: bool = ..., idx_dtype: Any = ...) -> TensorVariable: ...
def as_index_variable(idx: Any) -> Any: ...
def as_int_none_variable(x: Any) -> Any: ...
def as_tensor(x: Any, name: str | None = ..., ndim: int | None = ...) -> TensorVariable: ...
def as_tensor_variable(x: Any, name: str | None = ..., ndim: int | None = ...) -> TensorVariable: ...
assert_op: Any
autocast_float: Any
def autocast_float_as(*dtypes: str) -> Any: ...
autocast_int: Any
def bartlett(M: Any) -> TensorVariable: ...
def batched_dot(a: Any, b: Any) -> TensorVariable: ...
def batched_tensordot(x: Any, y: Any, axes: Any = ...) -> TensorVariable: ...
bcol: TensorType
bcols: Several
def bincount(x: Any, weights: Any = ..., minlength: Any = ..., assert_nonneg: bool = ...) -> TensorVariable: ...
bitwise_and: Elemwise
bitwise_not: Unary
bitwise_or: Elemwise
bitwise_xor: Elemwise
bmatrices: Several
bmatrix: TensorType
brow: TensorType
brows: Several
bscalar: TensorType
bscalars: Several
btensor3: TensorType
btensor3s: Several
btensor4: TensorType
btensor4s: Several
btensor5: TensorType
btensor5s: Several
btensor6: TensorType
btensor6s: Several
btensor7: TensorType
btensor7s: Several
bvector: TensorType
bvectors: Several
def cast(x: Any, dtype: Any) -> TensorVariable: ...
ccol: TensorType
ccols: Several
ceil: Unary
def ceil_intdiv(a: Any, b: Any) -> TensorVariable: ...
def check_and_normalize_axes(x: Any, axis: Any) -> Any: ...
chi2sf: Binary
def choose(a: Any, choices: Any, out: Any = ..., mode: str = ...) -> TensorVariable: ...
def clip(x: Any, min: Any, max: Any) -> TensorVariable: ...
cmatrices: Several
cmatrix: TensorType
def col(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
cols: Several
complex: Binary
complex_dtypes: tuple[str, ...]
complex_from_polar: Binary
def compress(condition: Any, x: Any, axis: int | None = ...) -> TensorVariable: ...
def concatenate(tensor_list: Any, axis: Any = ...) -> TensorVariable: ...
def conj(x: Any) -> TensorVariable: ...
def consider_constant(x: Any) -> Any: ...
def constant(x: Any, name: str | None = ..., ndim: int | None = ..., dtype: Any = ...) -> TensorConstant: ...
constant_cache: dict[Any, Any]
continuous_dtypes: tuple[str, ...]
cos: Unary
cosh: Unary
def cov(m: Any, y: Any = ..., rowvar: bool = ..., bias: bool = ..., ddof: int | None = ..., fweights: Any = ..., aweights: Any = ...) -> TensorVariable: ...
def cpu_contiguous(x: Any) -> TensorVariable: ...
crow: TensorType
crows: Several
cscalar: TensorType
cscalars: Several
ctensor3: TensorType
ctensor3s: Several
ctensor4: TensorType
ctensor4s: Several
ctensor5: TensorType
ctensor5s: Several
ctensor6: TensorType
ctensor6s: Several
ctensor7: TensorType
ctensor7s: Several
def cumprod(x: Any, axis: int | None = ...) -> TensorVariable: ...
def cumsum(x: Any, axis: int | None = ...) -> TensorVariable: ...
cvector: TensorType
cvectors: Several
dcol: TensorType
dcols: Several
def default(x: Any, default: Any) -> Any: ...
deg2rad: Unary
def diag(v: Any, k: int = ...) -> TensorVariable: ...
def diagonal(a: Any, offset: int = ..., axis1: int = ..., axis2: int = ...) -> TensorVariable: ...
def diff(x: Any, n: int = ..., axis: int = ...) -> TensorVariable: ...
def dimshuffle(x: Any, *pattern: Any) -> TensorVariable: ...
discrete_dtypes: tuple[str, ...]
def div_proxy(a: Any, b: Any) -> TensorVariable: ...
divide: Binary
def divmod(a: Any, b: Any) -> tuple[TensorVariable, TensorVariable]: ...
dmatrices: Several
dmatrix: TensorType
def dot(a: Any, b: Any) -> TensorVariable: ...
drow: TensorType
drows: Several
dscalar: TensorType
dscalars: Several
dtensor3: TensorType
dtensor3s: Several
dtensor4: TensorType
dtensor4s: Several
dtensor5: TensorType
dtensor5s: Several
dtensor6: TensorType
dtensor6s: Several
dtensor7: TensorType
dtensor7s: Several
dvector: TensorType
dvectors: Several
eq: Binary
erf: Unary
erfc: Unary
erfcinv: Unary
erfcx: Unary
erfinv: Unary
exp: Unary
exp2: Unary
expm1: Unary
def extract_constant(x: Any, elemwise: bool = ..., only_process_constants: bool = ...) -> Any: ...
def eye(n: Any, m: Any = ..., k: Any = ..., dtype: Any = ...) -> TensorVariable: ...
fcol: TensorType
fcols: Several
fill: Binary
def fill_diagonal(a: Any, val: Any) -> TensorVariable: ...
def fill_diagonal_offset(a: Any, val: Any, offset: Any) -> TensorVariable: ...
def flatnonzero(a: Any) -> TensorVariable: ...
def flatten(x: Any, ndim: int = ..., outdim: int | None = ...) -> TensorVariable: ...
float16_atol: float
float16_rtol: float
float32_atol: float
float32_rtol: float
float64_atol: float
float64_rtol: float
float_dtypes: tuple[str, ...]
floor: Unary
floor_div: Binary
floordiv: Binary
fmatrices: Several
fmatrix: TensorType
frow: TensorType
frows: Several
fscalar: TensorType
fscalars: Several
ftensor3: TensorType
ftensor3s: Several
ftensor4: TensorType
ftensor4s: Several
ftensor5: TensorType
ftensor5s: Several
ftensor6: TensorType
ftensor6s: Several
ftensor7: TensorType
ftensor7s: Several
fvector: TensorType
fvectors: Several
gamma: Unary
gammainc: Binary
gammaincc: Binary
gammal: Binary
gammaln: Unary
gammau: Binary
ge: Binary
def get_canonical_form_slice(theslice: Any, length: Any) -> Any: ...
def get_scalar_constant_value(v: Any) -> Any: ...
def get_vector_length(v: Any) -> int: ...
def grad_not_implemented(op: Any, x_pos: int, x: Any, comment: str = ...) -> Any: ...
def grad_undefined(op: Any, x_pos: int, x: Any, comment: str = ...) -> Any: ...
gt: Binary
def hash_from_ndarray(data: Any) -> str: ...
def hashtype(self: Any) -> int: ...
def horizontal_stack(*args: Any) -> TensorVariable: ...
i0: Unary
i1: Unary
icol: TensorType
icols: Several
identity: Unary
def identity_like(x: Any) -> TensorVariable: ...
imag: Unary
imatrices: Several
imatrix: TensorType
def inc_subtensor(x: Any, y: Any, inplace: bool = ..., set_instead_of_inc: bool = ..., tolerate_inplace_aliasing: bool = ...) -> TensorVariable: ...
int_div: Binary
int_dtypes: tuple[str, ...]
intdiv: Binary
integer_dtypes: tuple[str, ...]
inv: Unary
def inverse_permutation(perm: Any) -> TensorVariable: ...
invert: Unary
def iround(a: Any, mode: str | None = ...) -> TensorVariable: ...
irow: TensorType
irows: Several
def is_flat(var: Any, ndim: int | None = ..., outdim: int | None = ...) -> bool: ...
iscalar: TensorType
iscalars: Several
def isclose(a: Any, b: Any, rtol: float = ..., atol: float = ..., equal_nan: bool = ...) -> TensorVariable: ...
isinf: Unary
isinf_: Unary
isnan: Unary
isnan_: Unary
itensor3: TensorType
itensor3s: Several
itensor4: TensorType
itensor4s: Several
itensor5: TensorType
itensor5s: Several
itensor6: TensorType
itensor6s: Several
itensor7: TensorType
itensor7s: Several
iv: Binary
ivector: TensorType
ivectors: Several
j0: Unary
j1: Unary
def join(axis: Any, *tensors: Any) -> TensorVariable: ...
jv: Binary
def largest(*args: Any) -> TensorVariable: ...
lcol: TensorType
lcols: Several
le: Binary
lmatrices: Several
lmatrix: TensorType
def load(path: str, dtype: Any, broadcastable: Any, mmap_mode: str | None = ...) -> Any: ...
log: Unary
log10: Unary
log1p: Unary
log2: Unary
lrow: TensorType
lrows: Several
lscalar: TensorType
lscalars: Several
lt: Binary
ltensor3: TensorType
ltensor3s: Several
ltensor4: TensorType
ltensor4s: Several
ltensor5: TensorType
ltensor5s: Several
ltensor6: TensorType
ltensor6s: Several
ltensor7: TensorType
ltensor7s: Several
lvector: TensorType
lvectors: Several
def makeKeepDims(x: Any, y: Any, axis: Any) -> TensorVariable: ...
def make_constant(args: Any) -> Any: ...
make_slice: Any
def make_vector(*scalars: Any) -> TensorVariable: ...
matrices: Several
def matrix(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
def max(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
def max_and_argmax(a: Any, axis: Any = ..., keepdims: bool = ...) -> list[TensorVariable]: ...
maximum: Binary
def mean(input: Any, axis: Any = ..., dtype: Any = ..., op: bool = ..., keepdims: bool = ..., acc_dtype: Any = ...) -> TensorVariable: ...
mgrid: Any
def min(x: Any, axis: Any = ..., keepdims: bool = ...) -> TensorVariable: ...
minimum: Binary
mod: Binary
mod_check: Binary
mul: Elemwise
neg: Unary
neq: Binary
none_type_t: Any
def nonzero(a: Any, return_matrix: bool = ...) -> tuple[TensorVariable, ...]: ...
def nonzero_values(a: Any) -> TensorVariable: ...
def norm(x: Any, ord: Any, axis: Any = ...) -> TensorVariable: ...
def numpy_scalar(data: Any) -> Any: ...
ogrid: Any
def ones(shape: Any, dtype: Any = ...) -> TensorVariable: ...
def ones_like(model: Any, dtype: Any = ...) -> TensorVariable: ...
or_: Elemwise
def outer(x: Any, y: Any) -> TensorVariable: ...
def patternbroadcast(x: Any, broadcastable: Any) -> TensorVariable: ...
def permute_row_elements(x: Any, y: Any, inverse: int = ...) -> TensorVariable: ...
pow: Binary
power: Binary
def prod(input: Any, axis: Any = ..., dtype: Any = ..., keepdims: bool = ..., acc_dtype: Any = ..., no_zeros_in_input: bool = ...) -> TensorVariable: ...
psi: Unary
def ptp(a: Any, axis: Any = ...) -> TensorVariable: ...
rad2deg: Unary
def ravel_multi_index(multi_index: Any, dims: Any, mode: str = ..., order: str = ...) -> TensorVariable: ...
real: Unary
def register_transfer(fn: Any) -> None: ...
remainder: Binary
def repeat(x: Any, repeats: Any, axis: int | None = ...) -> TensorVariable: ...
def reshape(x: Any, newshape: Any, ndim: int | None = ...) -> TensorVariable: ...
def roll(x: Any, shift: Any, axis: int | None = ...) -> TensorVariable: ...
def round(a: Any, mode: str | None = ...) -> TensorVariable: ...
round_half_away_from_zero: Unary
round_half_to_even: Unary
def row(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
rows: Several
def scalar(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
def scalar_from_tensor(x: Any) -> Any: ...
scalars: Several
def searchsorted(x: Any, v: Any, side: str = ..., sorter: Any = ...) -> TensorVariable: ...
second: Binary
def set_subtensor(x: Any, y: Any, inplace: bool = ..., tolerate_inplace_aliasing: bool = ...) -> TensorVariable: ...
sgn: Unary
def shape(x: Any) -> TensorVariable: ...
def shape_of_variables(fgraph: Any, input_shapes: Any) -> Any: ...
def shape_padaxis(x: Any, axis: int) -> TensorVariable: ...
def shape_padleft(x: Any, n_ones: int = ...) -> TensorVariable: ...
def shape_padright(x: Any, n_ones: int = ...) -> TensorVariable: ...
def shard(x: Any, *spec: Any) -> TensorVariable: ...
sigmoid: Unary
sign: Unary
sin: Unary
sinh: Unary
slicetype: Any
def smallest(*args: Any) -> TensorVariable: ...
softplus: Unary
def sort(a: Any, axis: Any = ..., kind: str = ..., order: Any = ...) -> TensorVariable: ...
def specify_shape(x: Any, shape: Any) -> TensorVariable: ...
def split(x: Any, splits_size: Any, n_splits: int, axis: Any = ...) -> list[TensorVariable]: ...
sqr: Unary
sqrt: Unary
square: Unary
def squeeze(x: Any, axis: Any = ...) -> TensorVariable: ...
def stack(*tensors: Any, **kwargs: Any) -> TensorVariable: ...
def stacklists(arg: Any) -> TensorVariable: ...
def std(input: Any, axis: Any = ..., ddof: int = ..., keepdims: bool = ..., corrected: bool = ...) -> TensorVariable: ...
sub: Binary
def sum(input: Any, axis: Any = ..., dtype: Any = ..., keepdims: bool = ..., acc_dtype: Any = ...) -> TensorVariable: ...
def swapaxes(x: Any, axis1: int, axis2: int) -> TensorVariable: ...
switch: Ternary
def take(a: Any, indices: Any, axis: int | None = ..., mode: str = ...) -> TensorVariable: ...
tan: Unary
tanh: Unary
def tensor(*args: Any, **kwargs: Any) -> TensorVariable: ...
def tensor3(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
tensor3s: Several
def tensor4(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
tensor4s: Several
def tensor5(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
tensor5s: Several
def tensor6(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
tensor6s: Several
def tensor7(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
tensor7s: Several
def tensor_copy(x: Any) -> TensorVariable: ...
def tensor_from_scalar(x: Any) -> Any: ...
def tensordot(a: Any, b: Any, axes: Any = ...) -> TensorVariable: ...
def tile(x: Any, reps: Any, ndim: int | None = ...) -> TensorVariable: ...
def to_one_hot(y: Any, nb_class: Any, dtype: Any = ...) -> TensorVariable: ...
def topk(x: Any, kth: Any, axis: Any = ..., sorted: bool = ..., idx_dtype: Any = ...) -> TensorVariable: ...
def topk_and_argtopk(x: Any, kth: Any, axis: Any = ..., sorted: bool = ..., idx_dtype: Any = ...) -> list[TensorVariable]: ...
def transfer(var: Any, target: str | None) -> TensorVariable: ...
def transpose(x: Any, axes: Any = ...) -> TensorVariable: ...
def tri(N: Any, M: Any = ..., k: Any = ..., dtype: Any = ...) -> TensorVariable: ...
tri_gamma: Unary
def tril(m: Any, k: Any = ...) -> TensorVariable: ...
def triu(m: Any, k: Any = ...) -> TensorVariable: ...
true_div: Binary
truediv: Binary
trunc: Unary
ubcol: TensorType
ubcols: Several
ubmatrices: Several
ubmatrix: TensorType
ubrow: TensorType
ubrows: Several
ubscalar: TensorType
ubscalars: Several
ubtensor3: TensorType
ubtensor3s: Several
ubtensor4: TensorType
ubtensor4s: Several
ubtensor5: TensorType
ubtensor5s: Several
ubtensor6: TensorType
ubtensor6s: Several
ubtensor7: TensorType
ubtensor7s: Several
ubvector: TensorType
ubvectors: Several
uicol: TensorType
uicols: Several
uimatrices: Several
uimatrix: TensorType
uint_dtypes: tuple[str, ...]
uirow: TensorType
uirows: Several
uiscalar: TensorType
uiscalars: Several
uitensor3: TensorType
uitensor3s: Several
uitensor4: TensorType
uitensor4s: Several
uitensor5: TensorType
uitensor5s: Several
uitensor6: TensorType
uitensor6s: Several
uitensor7: TensorType
uitensor7s: Several
uivector: TensorType
uivectors: Several
ulcol: TensorType
ulcols: Several
ulmatrices: Several
ulmatrix: TensorType
ulrow: TensorType
ulrows: Several
ulscalar: TensorType
ulscalars: Several
ultensor3: TensorType
ultensor3s: Several
ultensor4: TensorType
ultensor4s: Several
ultensor5: TensorType
ultensor5s: Several
ultensor6: TensorType
ultensor6s: Several
ultensor7: TensorType
ultensor7s: Several
ulvector: TensorType
ulvectors: Several
def unbroadcast(x: Any, *axes: int) -> TensorVariable: ...
def unravel_index(indices: Any, dims: Any, order: str = ..., ndim: int | None = ...) -> list[TensorVariable]: ...
uwcol: TensorType
uwcols: Several
uwmatrices: Several
uwmatrix: TensorType
uwrow: TensorType
uwrows: Several
uwscalar: TensorType
uwscalars: Several
uwtensor3: TensorType
uwtensor3s: Several
uwtensor4: TensorType
uwtensor4s: Several
uwtensor5: TensorType
uwtensor5s: Several
uwtensor6: TensorType
uwtensor6s: Several
uwtensor7: TensorType
uwtensor7s: Several
uwvector: TensorType
uwvectors: Several
def values_eq_approx(a: Any, b: Any, rtol: float | None = ..., atol: float | None = ...) -> bool: ...
def values_eq_approx_always_true(a: Any, b: Any) -> bool: ...
def values_eq_approx_remove_inf(a: Any, b: Any) -> bool: ...
def values_eq_approx_remove_inf_nan(a: Any, b: Any) -> bool: ...
def values_eq_approx_remove_nan(a: Any, b: Any) -> bool: ...
def var(input: Any, axis: Any = ..., ddof: int = ..., keepdims: bool = ..., corrected: bool = ...) -> TensorVariable: ...
def vector(name: str | None = ..., dtype: Any = ...) -> TensorVariable: ...
vectors: Several
def verify_grad(fun: Any, pt: Any, n_tests: int = ..., rng: Any = ..., eps: float | None = ..., out_type: str | None = ..., abs_tol: float | None = ..., rel_tol: float | None = ..., mode: Any = ..., cast_to_output_type: bool = ..., no_debug_ref: bool = ...) -> None: ...
def vertical_stack(*args: Any) -> TensorVariable: ...
wcol: TensorType
wcols: Several
where: Ternary
wmatrices: Several
wmatrix: TensorType
wrow: TensorType
wrows: Several
wscalar: TensorType
wscalars: Several
wtensor3: TensorType
wtensor3s: Several
wtensor4: TensorType
wtensor4s: Several
wtensor5: TensorType
wtensor5s: Several
wtensor6: TensorType
wtensor6s: Several
wtensor7: TensorType
wtensor7s: Several
wvector: TensorType
wvectors: Several
xor: Elemwise
zcol: TensorType
zcols: Several
def zeros(shape: Any, dtype: Any = ...) -> TensorVariable: ...
def zeros_like(model: Any, dtype: Any = ...) -> TensorVariable: ...
zmatrices: Several
zmatrix: TensorType
zrow: TensorType
zrows: Several
zscalar: TensorType
zscalars: Several
ztensor3: TensorType
ztensor3s: Several
ztensor4: TensorType
ztensor4s: Several
ztensor5: TensorType
ztensor5s: Several
ztensor6: TensorType
ztensor6s: Several
ztensor7: TensorType
ztensor7s: Several
zvector: TensorType
zvectors: Several
