"""What is computed with sparse matrices, as expressions of their parts, so that it runs on the device.

Without these rewrites scipy does it, on the host. Where it depends on the elements which places a result stores (the
sum of two matrices, a slice), scipy does it in any case; what comes after has its parts to compute with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

from tx.graph import Constant
from tx.rewriting.engine import rewrites
from tx.scalar import dtypes as dt
from tx.shared import SharedVariable
from tx.sparse import arithmetic, dense, indexing, parts, places, products, sums
from tx.sparse.parts import CSM, Coordinates, CSMPart
from tx.sparse.type import SparseType
from tx.tensor import math as F
from tx.tensor.convert import constant
from tx.tensor.creation import Alloc, arange
from tx.tensor.elemwise import is_elemwise
from tx.tensor.extra import tile
from tx.tensor.joining import make_vector
from tx.tensor.shapes import patternbroadcast

#: whether products of matrices that are there are scipy's, for XLA's scatter takes the CPU five times as long: the
#: answer of what knows the device
made_by_scipy: Callable[[], bool] = lambda: False


class Elements(NamedTuple):
    """The elements of a matrix with their places, in any order, and its shape. Those outside of it do not count."""

    data: Any
    rows: Any
    columns: Any
    shape: Any

    @property
    def transposed(self) -> Elements:
        """Those of the transpose."""
        return Elements(self.data, self.columns, self.rows, self.shape[::-1])


class Compressed(NamedTuple):
    """The four parts of a matrix: exactly what it stores."""

    data: Any
    indices: Any
    indptr: Any
    shape: Any

    def places(self, format: str) -> tuple[Any, Any]:
        """Row and column of each stored element."""
        majors = places.Majors()(self.indptr, self.indices)
        return (majors, self.indices) if format == "csr" else (self.indices, majors)

    def matrix(self, format: str, data: Any) -> Any:
        """A matrix with other elements at the same places."""
        return CSM(format)(data, self.indices, self.indptr, self.shape)


def compressed(x: Any) -> Compressed:
    """The parts of a sparse Variable, read off where it is made of some."""
    if x.owner is not None and isinstance(x.owner.op, CSM):
        return Compressed(*x.owner.inputs)
    return Compressed(*(_part(x, k) for k in range(4)))


def _part(x: Any, k: int) -> Any:
    if isinstance(x, Constant):
        return constant(parts._array(x.data, k))
    return CSMPart(k)(x)


def elements(x: Any) -> Elements:
    """The elements of a sparse Variable with their places."""
    if x.owner is not None and isinstance(x.owner.op, CSM):
        found = Compressed(*x.owner.inputs)
        return Elements(found.data, *found.places(x.format), found.shape)
    known = isinstance(x, Constant)
    data, rows, columns = map(constant, parts.coordinates(x.data)) if known else Coordinates()(x, return_list=True)
    return Elements(data, rows, columns, _part(x, 3))


def expands(*ops: type) -> Callable[[Any], Any]:
    """Decorator: the function gives, of the node of an Op, what takes its place (None: nothing)."""
    return rewrites(*ops)


# -- parts ------------------------------------------------------------------------------------------------------------


@expands(CSMPart)
def part(node: Any) -> Any:
    """A part of a matrix that is made of parts."""
    x, k = node.inputs[0], node.op.part
    if x.owner is not None and isinstance(x.owner.op, CSM):
        return x.owner.inputs[k]
    return _part(x, k) if isinstance(x, Constant) else None


@expands(CSM)
def whole(node: Any) -> Any:
    """All the parts of one matrix are that matrix."""
    owners = [v.owner for v in node.inputs]
    if not all(o is not None and isinstance(o.op, CSMPart) and o.op.part == k for k, o in enumerate(owners)):
        return None
    x = owners[0].inputs[0]
    same = all(o.inputs[0] is x for o in owners)
    return x if same and x.type == node.outputs[0].type else None


@expands(parts.CSMGrad)
def sampled_at_the_same_places(node: Any) -> Any:
    """A gradient that is stored where the matrix is."""
    _, indices, indptr, _, data, g_indices, g_indptr, _ = node.inputs
    return data if indices is g_indices and indptr is g_indptr else None


@expands(dense.Transpose)
def transpose(node: Any) -> Any:
    """The same parts in the other format."""
    x: Any = node.inputs[0]
    if isinstance(x, Constant):
        return node.outputs[0].type.Constant(node.outputs[0].type, x.data.T)
    p = compressed(x)
    shape = make_vector(p.shape[1], p.shape[0])
    return CSM(node.outputs[0].format)(p.data, p.indices, p.indptr, shape)


# -- the same places --------------------------------------------------------------------------------------------------


def _same_places(x: Any, data: Any) -> Any:
    return compressed(x).matrix(x.format, data)


@expands(dense.Neg)
def neg(node: Any) -> Any:
    """Minus the data."""
    return _same_places(node.inputs[0], -compressed(node.inputs[0]).data)


@expands(dense.Cast)
def cast(node: Any) -> Any:
    """The data in another dtype."""
    (x,) = node.inputs
    if x.format == "bsr" or (dt.is_complex(x.dtype) and not dt.is_complex(node.op.out_type)):
        return None
    return _same_places(x, F.cast(compressed(x).data, node.op.out_type))


@expands(arithmetic.MulSD)
def mul_s_d(node: Any) -> Any:
    """Times what the array has at the places, or times a number."""
    x, y = node.inputs
    return _times_array(node, x, y) if y.ndim else _same_places(x, _in(node, compressed(x).data * y))


def _times_array(node: Any, x: Any, array: Any) -> Any:
    p = compressed(x)
    return p.matrix(x.format, _in(node, p.data * taken_at(array, *p.places(x.format), p.shape)))


def taken_at(array: Any, rows: Any, columns: Any, shape: Any) -> Any:
    """The elements of an array at places inside of it. It need not be made if it only repeats a row, a column or a
    number."""
    if array.owner is None or not isinstance(array.owner.op, Alloc):
        return places.TakeAt()(array, rows, columns, shape)
    value = array.owner.inputs[0]
    pattern = (True,) * (2 - value.ndim) + value.type.broadcastable
    if pattern == (True, True):
        return F.second(rows, value.flatten()[0])
    if pattern == (True, False):
        return places.Take()(value.flatten(), columns, shape[1])
    if pattern == (False, True):
        return places.Take()(value.flatten(), rows, shape[0])
    return places.TakeAt()(array, rows, columns, shape)


@expands(places.TakeAt)
def take_at(node: Any) -> Any:
    """See `taken_at`."""
    found = taken_at(*node.inputs)
    return None if isinstance(found.owner.op, places.TakeAt) else found


def _in(node: Any, data: Any) -> Any:
    dtype = node.outputs[0].dtype
    return data if data.dtype == dtype else F.cast(data, dtype)


def _by_line(node: Any, axis: int, function: Callable[[Any, Any], Any]) -> Any:
    """A function of the data, and of what a vector has for the row (axis 0) or column (1) of each element."""
    x, y = node.inputs
    p = compressed(x)
    taken = places.Take()(y, p.places(x.format)[axis], p.shape[axis])
    return p.matrix(x.format, _in(node, function(p.data, taken)))


@expands(arithmetic.MulSV, sums.ColScaleCSC)
def mul_s_v(node: Any) -> Any:
    """Times the vector's element for the column."""
    return _by_line(node, 1, F.mul)


@expands(sums.RowScaleCSC)
def row_scale(node: Any) -> Any:
    """Times the vector's element for the row."""
    return _by_line(node, 0, F.mul)


@expands(arithmetic.StructuredAddSV)
def structured_add_s_v(node: Any) -> Any:
    """Plus the vector's element for the column."""
    return _by_line(node, 1, F.add)


@expands(arithmetic.AddSS)
def add_s_s(node: Any) -> Any:
    """The sum of the data, where both are known to store the same places in the same order."""
    x, y = node.inputs
    if x.format != y.format:
        return None
    p, q = compressed(x), compressed(y)
    if not all(map(_is_same, p[1:], q[1:])):
        return None
    return p.matrix(x.format, _in(node, p.data + q.data))


@expands(arithmetic.MulSS)
def mul_s_s(node: Any) -> Any:
    """Times what an array has at the places, where one of the two was made of an array."""
    for x, full in (node.inputs, node.inputs[::-1]):
        if x.format == full.format and full.owner is not None and isinstance(full.owner.op, dense.SparseFromDense):
            (array,) = full.owner.inputs
            if array.ndim == 2:
                return _times_array(node, x, array)
    return None


def _is_same(a: Any, b: Any) -> bool:
    """Whether two parts are one, or the same part of one matrix."""
    if a is b or a.owner is None or b.owner is None:
        return a is b
    return isinstance(a.owner.op, CSMPart) and a.owner.op == b.owner.op and a.owner.inputs[0] is b.owner.inputs[0]


@expands(products.SamplingDot)
def sampling_dot(node: Any) -> Any:
    """Inner products at the places."""
    x, y, pattern = node.inputs
    if pattern.format == "bsr":
        return None
    p = compressed(pattern)
    found = places.RowProducts()(x, y, *p.places(pattern.format), p.shape)
    return p.matrix(pattern.format, _in(node, p.data * found))


@expands(sums.SquareDiagonal)
def square_diagonal(node: Any) -> Any:
    """One element in each column."""
    (x,) = node.inputs
    n = x.shape[0]
    return CSM("csc")(x, arange(n, dtype="int32"), arange(n + 1, dtype="int32"), F.cast(make_vector(n, n), "int32"))


@expands(indexing.ConstructSparseFromList)
def construct_sparse_from_list(node: Any) -> Any:
    """The rows, column by column."""
    x, values, ilist = node.inputs
    rows, columns = values.shape[0], values.shape[1]
    shape = F.cast(make_vector(x.shape[0], x.shape[1]), "int32")
    numbers = F.switch(F.lt(ilist, 0), ilist + x.shape[0], ilist)
    indptr = F.cast(arange(columns + 1) * rows, "int32")
    return CSM("csc")(_in(node, values.T.flatten()), F.cast(tile(numbers, (columns,), ndim=1), "int32"), indptr, shape)


@expands(indexing.TakeRows)
def take_rows(node: Any) -> Any:
    """Indexing."""
    x, ilist = node.inputs
    return x[ilist]


# -- dense results ----------------------------------------------------------------------------------------------------


@expands(dense.DenseFromSparse)
def dense_from_sparse(node: Any) -> Any:
    """The elements, put into zeros."""
    e = elements(node.inputs[0])
    return places.AddAt()(places.zeros_of(e.shape, e.data.dtype), *e)


@expands(arithmetic.AddSD)
def add_s_d(node: Any) -> Any:
    """The elements, added to the array."""
    x, y = node.inputs
    return places.AddAt()(y, *elements(x))


@expands(sums.SpSum)
def sp_sum(node: Any) -> Any:
    """Sums of the elements."""
    e, axis, dtype = elements(node.inputs[0]), node.op.axis, node.outputs[0].dtype
    if axis is None:
        return F.cast(e.data, dtype).sum()
    numbers, length = (e.columns, e.shape[1]) if axis == 0 else (e.rows, e.shape[0])
    return places.SegmentSum()(F.cast(e.data, dtype), numbers, length)


@expands(sums.Diag)
def diag(node: Any) -> Any:
    """Those elements whose row is their column."""
    return places.Diagonal()(*elements(node.inputs[0]))


def _stored(x: Any) -> tuple[Any, bool] | None:
    """The matrix that a sparse Variable is, or is the transpose of, and which of both, if nothing has to be computed
    for it; else None. The inside of a loop is given parts, and has none."""
    parts_of = x.owner.inputs if x.owner is not None and isinstance(x.owner.op, CSM) else []
    owner = parts_of[0].owner if parts_of else None
    if owner is not None and isinstance(owner.op, CSMPart):
        matrix = owner.inputs[0]
        if all(_is_same(v, _part(matrix, k)) for k, v in enumerate(parts_of[:3])) and matrix.format != x.format:
            return matrix, True
    return None if x.owner is not None else (x, False)


def _product(node: Any) -> Any:
    """A sparse operand times a dense one, or a dense one times a sparse one."""
    x, y = node.inputs
    sparse_x, sparse_y = (isinstance(v.type, SparseType) for v in (x, y))
    if sparse_x and sparse_y:
        return None
    result = node.outputs[0]
    matrix, array = (x, y) if sparse_x else (y, x)
    if made_by_scipy() and (stored := _stored(matrix)):
        found = products.StoredDot(stored[1], left=sparse_y)(stored[0], array)
        return patternbroadcast(_in(node, found), result.type.broadcastable)
    if sparse_x:
        return _times(elements(x), y, result)
    return _times(elements(y).transposed, x.T, result.T).T


def _times(e: Elements, y: Any, like: Any) -> Any:
    result = places.PlacesDot()(e.data, e.rows, e.columns, y, e.shape)
    return patternbroadcast(result, like.type.broadcastable)


@expands(products.Dot, products.StructuredDot)
def product(node: Any) -> Any:
    """By scipy, of a matrix that is there, where that is sooner; else the elements times rows of the dense operand. Two
    sparse matrices are left to scipy."""
    return _product(node)


@rewrites("add", "sub", final=True)
def updated(node: Any) -> Any:
    """A shared matrix, plus or minus a number times a product with an argument, transposed: the gradient of what a
    minibatch is multiplied by, which has few elements, and is not made for itself then.
    """
    if len(node.inputs) != 2:
        return None
    result, minus = node.outputs[0], node.op.scalar_op.row == "sub"
    for z, term in (node.inputs, *([] if minus else [node.inputs[::-1]])):
        if not _is_shared(z):
            continue
        numbers, product = _scaled(term)
        if product.owner is None or not z.type == product.type == result.type:
            continue
        dot = product.owner.op
        if not isinstance(dot, products.StoredDot) or not dot.transposed or dot.left:
            continue
        matrix, y = product.owner.inputs
        if _is_shared(matrix) or isinstance(matrix, Constant) or not matrix.dtype == y.dtype == z.dtype:
            continue
        number = reduce(F.mul, [v.dimshuffle() for v in numbers], constant(-1 if minus else 1, dtype=z.dtype))
        chosen = products.TransposedDot()(matrix, y, return_list=True)
        return places.AddProduct()(z, F.cast(number, z.dtype), *chosen, y)
    return None


def _is_shared(variable: Any) -> bool:
    return isinstance(variable, SharedVariable)


def _scaled(term: Any) -> tuple[list[Any], Any]:
    """The numbers that something is multiplied by, and what that is."""
    numbers: list[Any] = []
    while is_elemwise(term, "mul"):
        factors = [v for v in term.owner.inputs if not all(v.type.broadcastable)]
        if len(factors) != 1:
            break
        numbers += [v for v in term.owner.inputs if v is not factors[0]]
        (term,) = factors
    return numbers, term


@expands(products.Usmm)
def usmm(node: Any) -> Any:
    """A product, scaled and added to an array."""
    alpha, x, y, z = node.inputs
    return _in(node, alpha.sum() * products.dot(x, y) + z)


@expands(products.StructuredDotGradCSR, products.StructuredDotGradCSC)
def structured_dot_grad(node: Any) -> Any:
    """Inner products at the places."""
    indices, indptr, b, g = node.inputs
    shape = F.cast(make_vector(g.shape[0], b.shape[0]), "int32")
    rows, columns = Compressed(None, indices, indptr, shape).places(node.op.format)
    return places.RowProducts()(g, b, rows, columns, shape)
